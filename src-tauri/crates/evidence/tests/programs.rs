//! Runs programs that we did not write.

use std::{
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use crate::vectors::repository;

/// Runs a program in `folder` with `input` on its standard input. A missing program fails the test.
pub(crate) fn run(folder: &Path, program: &str, arguments: &[&str], input: &[u8]) -> Output {
    finish(
        Command::new(program).args(arguments).current_dir(folder),
        input,
    )
}

pub(crate) fn finish(command: &mut Command, input: &[u8]) -> Output {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| {
            panic!(
                "`{}` is needed: {error}; run `cargo xtask setup`",
                command.get_program().display()
            )
        });
    // A program that refuses does not always read to the end.
    let _ = child.stdin.take().unwrap().write_all(input);
    child.wait_with_output().unwrap()
}

#[track_caller]
pub(crate) fn succeeds(output: &Output) -> String {
    let text = said(output);
    assert!(output.status.success(), "{text}");
    text
}

#[track_caller]
pub(crate) fn refuses(output: &Output) -> String {
    let text = said(output);
    assert!(!output.status.success(), "{text}");
    text
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

pub(crate) fn write(path: &Path, content: &[u8]) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::File::create(path)
        .unwrap()
        .write_all(content)
        .unwrap();
}

/// The Python with the packages of `xtask/python-tools.txt`; says so where `module` is absent.
pub(crate) fn python_with(module: &str) -> Option<PathBuf> {
    let folder = if cfg!(windows) { "Scripts" } else { "bin" };
    let program = format!("python{}", std::env::consts::EXE_SUFFIX);
    let python = repository()
        .join("target/tools/python")
        .join(folder)
        .join(program);
    let import = format!("import {module}");
    let there = python.is_file()
        && Command::new(&python)
            .args(["-c", &import])
            .status()
            .is_ok_and(|status| status.success());
    if !there {
        not_performed(module);
    }
    there.then_some(python)
}

#[expect(
    clippy::print_stderr,
    reason = "a check that is not performed must be seen"
)]
pub(crate) fn not_performed(absent: &str) {
    eprintln!("NOT PERFORMED: {absent} is absent; `cargo xtask setup` installs it");
}
