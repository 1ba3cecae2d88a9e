//! A recording of the sample organization, to redact and to check.

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde_json::Value;

use super::{Run, sar, served::Served};

/// A recording of the sample organization, its transcript, and a folder to work in.
pub(crate) struct Bench {
    pub(crate) dir: tempfile::TempDir,
    pub(crate) audio: PathBuf,
    pub(crate) transcript: PathBuf,
}

impl Bench {
    pub(crate) fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let (audio, transcript) = Served::start(&[]).save_call("call-01", dir.path());
        Self {
            dir,
            audio,
            transcript,
        }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub(crate) fn redact(&self, out: &str, extra: &[&str]) -> Run {
        let (audio, out) = (text(&self.audio), self.path(out));
        let mut args = vec!["redact", "--json", "--audio", audio, "--out", text(&out)];
        if !extra.contains(&"--plan") {
            args.extend(["--transcript", text(&self.transcript)]);
        }
        args.extend(extra);
        sar(args)
    }

    pub(crate) fn verify(&self, redacted: &Path, plan: &Path) -> Run {
        sar([
            "verify-redaction",
            "--json",
            "--original",
            text(&self.audio),
            "--redacted",
            text(redacted),
            "--plan",
            text(plan),
        ])
    }

    pub(crate) fn plan(&self, name: &str) -> Value {
        serde_json::from_slice(&fs::read(self.path(name)).unwrap()).unwrap()
    }
}

pub(crate) fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}
