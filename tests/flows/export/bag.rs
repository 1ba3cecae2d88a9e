//! An export as a bag, read by the reference reader.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use super::{super::support::Desk, assert_sound, export, files, request};

/// B19: a load file with one line for each file; a bag that the reference reader accepts.
#[tokio::test(flavor = "multi_thread")]
async fn a_bag_is_accepted_by_the_reference_reader() {
    let desk = Desk::new().await;
    let mut request = request(&desk, "*");
    (request.bag, request.load_file) = (true, true);
    let report = export(&desk, &request).await.unwrap();
    assert_sound(&request.out.join("data"), &report);
    let load_file = fs::read_to_string(request.out.join("data/loadfile.dat")).unwrap();
    assert_eq!(load_file.lines().count() as u64, report.files + 1);
    bagit_accepts(&request.out);
    let bag = files(&request.out);
    assert_eq!(export(&desk, &request).await.unwrap(), report);
    assert_eq!(bag, files(&request.out));
    desk.app.close().await;
}

/// Runs bagit-python, which `cargo xtask setup` installs; says so where it is absent.
#[expect(
    clippy::print_stderr,
    reason = "a check that is not performed must be seen"
)]
fn bagit_accepts(bag: &Path) {
    let Some(python) = python() else {
        eprintln!("NOT PERFORMED: bagit-python is absent; `cargo xtask setup` installs it");
        return;
    };
    let mut validate = Command::new(python);
    let validate = validate.args(["-m", "bagit", "--validate"]).arg(bag);
    let output = validate.output().unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

fn python() -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(3)?;
    let folder = if cfg!(windows) { "Scripts" } else { "bin" };
    let python = root.join("target/tools/python").join(folder);
    let python = python.join(format!("python{}", env::consts::EXE_SUFFIX));
    let asked = Command::new(&python).args(["-c", "import bagit"]).status();
    asked.is_ok_and(|it| it.success()).then_some(python)
}
