//! `test`: every test there is.

use crate::report::{Report, Verdict};
use crate::setup::{self, Purpose};
use crate::{check, fuzz, prism, process, python, session, ui, workspace};

/// Prepares the machine, then runs all parts and prints what came of each.
pub(crate) fn run() -> anyhow::Result<()> {
    let mut report = Report::default();
    if report.part("set-up", || setup::run(Purpose::Test)) {
        report.part_with_verdict("Python packages of tests", || python::TOOLS.install());
        report.part_with_verdict("Prism of the contract test", prism::install);
        parts(&mut report);
    }
    report.finish()
}

fn parts(report: &mut Report) {
    report.part("UI build", ui::build_if_stale);
    report.part("UI unit tests", || ui::script("test"));
    // One selection of packages for everything: leaving one out would change the features of shared
    // dependencies and compile them a second time.
    let built = report.part("Rust build", || {
        process::run(&mut workspace::cargo(&["test", "--workspace", "--no-run"]))
    });
    if built {
        rust_tests(report);
    } else {
        let reason = || Verdict::NotPerformed("the Rust build failed".to_owned());
        report.part_with_verdict("Rust tests", reason);
    }
    report.part("fuzzing, a short run of each parser", fuzz::run_short);
    report.part_with_verdict("learned recognizer", learned_recognizer);
    // Tests write the bindings; a difference means that somebody forgot to commit them.
    report.part_with_verdict("generated files", check::generated_files);
}

/// The optional feature, with the library that organizations install themselves.
fn learned_recognizer() -> Verdict {
    let installed = python::LEARNED.install();
    if installed != Verdict::Passed {
        return installed;
    }
    let Some(library) = python::LEARNED.find("libonnxruntime.") else {
        return Verdict::NotPerformed("there is no libonnxruntime for this system".to_owned());
    };
    let words = ["test", "--package", "redaction", "--features", "learned"];
    let mut command = workspace::cargo(&words);
    command.args(["--test", "learned"]);
    Verdict::of(process::run(command.env("SAR_ONNXRUNTIME", library)))
}

/// Unit tests, flows and the window, all in a private session; nextest where there is one.
fn rust_tests(report: &mut Report) {
    if !has_nextest() {
        report.part("Rust and window tests", || {
            session::run(&["cargo", "test", "--workspace", "--no-fail-fast"])
        });
        return;
    }
    let nextest = |filter: &str| {
        let words = ["cargo", "nextest", "run", "--workspace", "--no-fail-fast"];
        let filter = ["--no-tests=pass", "--filterset", filter];
        session::run(&[&words[..], &filter].concat())
    };
    report.part("Rust tests", || nextest("not package(sar-portal)"));
    report.part("window tests", || nextest("package(sar-portal)"));
    report.part("documentation tests", || {
        session::run(&["cargo", "test", "--workspace", "--doc", "--no-fail-fast"])
    });
}

fn has_nextest() -> bool {
    process::answer(&mut workspace::cargo(&["nextest", "--version"])).is_some()
}
