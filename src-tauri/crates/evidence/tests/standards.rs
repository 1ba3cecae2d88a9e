//! Vectors that others published: what our code takes for true is what the standards say.

use base64::{Engine, prelude::BASE64_STANDARD};
use domain::digest::Sha256Digest;
use evidence::merkle::{is_consistent, root_from_path};
use serde::{Deserialize, de::DeserializeOwned};

use crate::vectors::repository;

fn vectors<T: DeserializeOwned>(name: &str) -> T {
    let path = repository().join("tests/vectors/standards").join(name);
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

/// A hash of the vectors; those that must be refused hold other things too.
fn hash(base64: &str) -> Option<Sha256Digest> {
    let bytes = BASE64_STANDARD.decode(base64).ok()?;
    Some(Sha256Digest::new(bytes.try_into().ok()?))
}

fn hashes(path: Option<Vec<String>>) -> Option<Vec<Sha256Digest>> {
    path.unwrap_or_default()
        .iter()
        .map(|text| hash(text))
        .collect()
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Inclusion {
    name: String,
    leaf_idx: u64,
    tree_size: u64,
    root: String,
    leaf_hash: String,
    proof: Option<Vec<String>>,
    want_err: bool,
}

impl Inclusion {
    fn holds(&self) -> Option<bool> {
        let path = hashes(self.proof.clone())?;
        let (leaf, root) = (hash(&self.leaf_hash)?, hash(&self.root)?);
        Some(root_from_path(leaf, self.leaf_idx, self.tree_size, &path)? == root)
    }
}

#[test]
fn inclusion_proofs_are_judged_as_published() {
    let vectors: Vec<Inclusion> = vectors("rfc6962/inclusion.json");
    assert_eq!(vectors.len(), 98);
    for vector in vectors {
        let held = vector.holds().unwrap_or(false);
        assert_eq!(held, !vector.want_err, "{}", vector.name);
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Consistency {
    name: String,
    size1: u64,
    size2: u64,
    root1: Option<String>,
    root2: Option<String>,
    proof: Option<Vec<String>>,
    want_err: bool,
}

impl Consistency {
    fn holds(&self) -> Option<bool> {
        let path = hashes(self.proof.clone())?;
        let earlier = (self.size1, hash(self.root1.as_deref()?)?);
        let later = (self.size2, hash(self.root2.as_deref()?)?);
        Some(is_consistent(earlier, later, &path))
    }
}

/// Its roots are words and not hashes, which no digest of ours can be.
const WITHOUT_ROOTS: &str = "consistency/additional/sizes-are-equal-one-and-proof-is-empty";

#[test]
fn consistency_proofs_are_judged_as_published() {
    let vectors: Vec<Consistency> = vectors("rfc6962/consistency.json");
    assert_eq!(vectors.len(), 98);
    for vector in vectors {
        let held = vector.holds().unwrap_or(false);
        let expected = !vector.want_err && vector.name != WITHOUT_ROOTS;
        assert_eq!(held, expected, "{}", vector.name);
    }
}

// RFC 8785: the six pairs of its reference implementation.
#[test]
fn canonical_json_is_as_published() {
    for name in [
        "arrays",
        "french",
        "structures",
        "unicode",
        "values",
        "weird",
    ] {
        let input: serde_json::Value = vectors(&format!("rfc8785/input/{name}.json"));
        let path = format!("tests/vectors/standards/rfc8785/output/{name}.json");
        let expected = std::fs::read(repository().join(path)).unwrap();
        let made = serde_json_canonicalizer::to_vec(&input).unwrap();
        assert!(made == expected, "{name}");
    }
}
