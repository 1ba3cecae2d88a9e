//! Every plan names the rules and name lists exactly: by a digest that anybody can make again.

#![expect(clippy::unwrap_used, reason = "helpers of tests may fail loudly")]

use std::path::{Path, PathBuf};

use domain::{
    policy::Policy,
    transcript::{Transcript, TranscriptOrigin},
};
use redaction::{
    detect::ENGINE,
    planning::{AudioShape, plan},
};
use sha2::{Digest, Sha256};

/// All files below a folder of this crate.
fn files(path: &Path) -> Vec<PathBuf> {
    if path.is_file() {
        return vec![path.to_owned()];
    }
    let entries = std::fs::read_dir(path).unwrap();
    entries.flat_map(|it| files(&it.unwrap().path())).collect()
}

/// The digest as `build.rs` describes it.
fn digest_of_rules() -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let all = ["data", "src/detect", "src/detect.rs"].map(|it| files(&root.join(it)));
    let name = |it: &PathBuf| {
        let path = it.strip_prefix(root).unwrap().to_str().unwrap();
        path.replace('\\', "/")
    };
    let mut named: Vec<(String, PathBuf)> = all
        .concat()
        .iter()
        .map(|it| (name(it), it.clone()))
        .collect();
    named.sort();
    let mut digest = Sha256::new();
    for (name, path) in named {
        let text = std::fs::read_to_string(path).unwrap().replace("\r\n", "\n");
        digest.update(name.as_bytes());
        digest.update(format!("\n{}\n", text.len()));
        digest.update(text);
    }
    let bytes = digest.finalize();
    bytes.iter().map(|it| format!("{it:02x}")).collect()
}

#[test]
fn a_plan_names_the_digest_of_the_rules_and_name_lists() {
    let version = env!("CARGO_PKG_VERSION");
    let expected = format!("sar-detector {version} rules sha256:{}", digest_of_rules());
    assert_eq!(ENGINE, expected);
    let shape = AudioShape {
        channels: 2,
        duration_ms: 1_000,
    };
    let silent = Transcript::new(vec![], None, TranscriptOrigin::File);
    let policy = Policy::from_name("third_party_copy").unwrap();
    let plan = plan(
        &[],
        &silent,
        &policy,
        shape,
        domain::plan::RedactionStyle::Noise,
    );
    assert_eq!(plan.engine, expected);
}
