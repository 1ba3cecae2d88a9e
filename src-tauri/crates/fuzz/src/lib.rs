//! Every parser that reads bytes from outside, as a function of bytes.
//!
//! A target returns nothing: it fails by crashing, by breaking a promise it asserts, or by taking more
//! time or memory than the runner allows. It is not for inputs with a known right answer; those are
//! tests of the crate that reads them.
//!
//! Reading order:
//! - [`TARGETS`] – the closed list
//! - [`targets`] – one file for each crate whose parsers are called
//! - `main.rs` – the coverage-guided runner, only with the feature `libfuzzer`
//! - `corpus/<target>/` – inputs that reach new code or once failed; `tests/corpus.rs` runs them all

pub mod targets;

/// A parser and what must hold for every input.
#[derive(Debug, Clone, Copy)]
pub struct Target {
    /// The name on the command line and of the corpus folder.
    pub name: &'static str,
    /// Panics when a promise is broken.
    pub run: fn(&[u8]),
}

/// All targets, by crate.
pub const TARGETS: [Target; 11] = [
    target("transcript", targets::speech::transcript),
    target("text", targets::speech::text),
    target("labeled-call", targets::speech::labeled_call),
    target("audio", targets::audio::read),
    target("redaction", targets::audio::redact),
    target("plan", targets::audio::plan),
    target("audit-log", targets::evidence::audit_log),
    target("log-entry", targets::evidence::entry),
    target("log-proof", targets::evidence::proof),
    target("package", targets::evidence::package),
    target("signature", targets::evidence::signature),
];

const fn target(name: &'static str, run: fn(&[u8])) -> Target {
    Target { name, run }
}

/// The target of that name.
pub fn find(name: &str) -> Option<Target> {
    TARGETS.into_iter().find(|target| target.name == name)
}
