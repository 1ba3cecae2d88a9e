//! Running other programs and talking to the terminal.

use anyhow::{Context, bail};
use std::process::{Command, Stdio};

/// Prints a line to standard error, where everything but results belongs.
#[expect(
    clippy::print_stderr,
    reason = "talking to the terminal is this program's job"
)]
pub(crate) fn say(line: &str) {
    eprintln!("{line}");
}

/// Prints text to standard output.
#[expect(
    clippy::print_stdout,
    reason = "talking to the terminal is this program's job"
)]
pub(crate) fn print(text: &str) {
    print!("{text}");
}

/// Runs a command with our terminal as its own; an exit code other than 0 is an error.
pub(crate) fn run(command: &mut Command) -> anyhow::Result<()> {
    run_as(&display(command), command)
}

/// As [`run`], under a shorter name than the whole command line.
pub(crate) fn run_as(line: &str, command: &mut Command) -> anyhow::Result<()> {
    say(&format!("$ {line}"));
    let status = command.status().with_context(|| cannot_start(line))?;
    if !status.success() {
        bail!("`{line}` failed ({status})");
    }
    Ok(())
}

/// Runs a command quietly and returns what it printed; `None` if it is missing or failed.
pub(crate) fn answer(command: &mut Command) -> Option<String> {
    let output = command.stdin(Stdio::null()).output().ok()?;
    if !output.status.success() {
        return None;
    }
    Some(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// The command as a person would type it.
fn display(command: &Command) -> String {
    std::iter::once(command.get_program())
        .chain(command.get_args())
        .map(|word| quoted(&word.to_string_lossy()))
        .collect::<Vec<_>>()
        .join(" ")
}

fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_=./:,+@".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

fn cannot_start(line: &str) -> String {
    format!("`{line}` could not be started; is the program installed and on PATH?")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failing_command_is_an_error_that_names_it() {
        let mut command = Command::new("cargo");
        let command = command.arg("--no-such-option").stderr(Stdio::null());
        let error = run(command).expect_err("must fail");
        assert!(
            error.to_string().contains("cargo --no-such-option"),
            "{error}"
        );
    }

    #[test]
    fn a_missing_program_answers_nothing_and_fails_when_run() {
        let missing = || Command::new("sar-portal-no-such-program");
        assert_eq!(answer(&mut missing()), None);
        let error = run(&mut missing()).expect_err("must fail");
        assert!(error.to_string().contains("PATH"), "{error}");
    }

    #[test]
    fn words_are_quoted_only_when_a_shell_would_split_them() {
        let mut command = Command::new("sh");
        command.args(["-c", "exec \"$@\"", "it's", "a=b"]);
        assert_eq!(display(&command), r#"sh -c 'exec "$@"' 'it'\''s' a=b"#);
    }
}
