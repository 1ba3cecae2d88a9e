//! `check`: everything that can be judged without running the product.

use crate::report::{Report, Verdict};
use crate::setup::{self, Purpose};
use crate::{deny, process, ui, workspace};
use anyhow::bail;

/// Files that tools write and people commit.
const GENERATED: [&str; 2] = ["Cargo.lock", "ui/src/bindings"];

/// Prepares the machine, then runs all parts and prints what came of each.
pub(crate) fn run() -> anyhow::Result<()> {
    let mut report = Report::default();
    if report.part("set-up", || setup::run(Purpose::Check)) {
        parts(&mut report);
    }
    report.finish()
}

fn parts(report: &mut Report) {
    report.part("format", || cargo(&["fmt", "--all", "--check"]));
    report.part("UI lint", || ui::script("lint"));
    report.part("UI types", || ui::script("check"));
    // The desktop shell embeds the built page, so nothing of it compiles before this.
    report.part("UI build", ui::build_if_stale);
    report.part("clippy", || {
        cargo(&[
            "clippy",
            "--workspace",
            "--all-targets",
            "--",
            "-D",
            "warnings",
        ])
    });
    report.part("documentation", documentation);
    report.part("licenses, bans, sources", deny::check_tree);
    report.part_with_verdict("advisories", deny::check_advisories);
    report.part_with_verdict("generated files", generated_files);
}

fn cargo(words: &[&str]) -> anyhow::Result<()> {
    process::run(&mut workspace::cargo(words))
}

fn documentation() -> anyhow::Result<()> {
    let mut command = workspace::cargo(&["doc", "--workspace", "--no-deps"]);
    process::run(command.env("RUSTDOCFLAGS", "-D warnings"))
}

/// Generated files must be committed, or at least staged, as the tools write them.
pub(crate) fn generated_files() -> Verdict {
    let git = |words: &[&str]| {
        let mut command = workspace::command("git");
        command.args(words).arg("--").args(GENERATED);
        command
    };
    if process::answer(workspace::command("git").args(["rev-parse", "--git-dir"])).is_none() {
        return Verdict::NotPerformed("this folder is not a git checkout".to_owned());
    }
    let outcome = process::run(&mut git(&["--no-pager", "diff", "--stat", "--exit-code"]))
        .and_then(|()| none_untracked(process::answer(&mut git(&UNTRACKED))));
    Verdict::of(outcome)
}

const UNTRACKED: [&str; 3] = ["ls-files", "--others", "--exclude-standard"];

fn none_untracked(listing: Option<String>) -> anyhow::Result<()> {
    match listing.as_deref() {
        Some("") => Ok(()),
        Some(files) => bail!("not committed: {}", files.replace('\n', ", ")),
        None => bail!("git could not list untracked files"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_generated_file_must_be_committed() {
        assert!(none_untracked(Some(String::new())).is_ok());
        let listing = Some("ui/src/bindings/A.ts\nui/src/bindings/B.ts".to_owned());
        let error = none_untracked(listing).expect_err("two files are new");
        assert!(
            error.to_string().contains("A.ts, ui/src/bindings/B.ts"),
            "{error}"
        );
        assert!(none_untracked(None).is_err());
    }
}
