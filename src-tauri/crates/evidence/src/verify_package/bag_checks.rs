//! The bag: declaration, manifests against the files that are there, signature.

use std::collections::BTreeMap;

use super::contents::{Contents, File};
use crate::{
    bag::{self, BAG_INFO, BAGIT, MANIFEST, TAGMANIFEST},
    names::PAYLOAD,
    package::{ALLOWED_SIGNERS, SIGNATURE},
    report::Finding,
    sshsig::{SignerKey, TrustedSigner},
};

pub(super) fn bag(contents: &Contents) -> Result<String, Finding> {
    if contents.bytes(BAGIT)? != bag::BAGIT_CONTENT.as_bytes() {
        return Err(Finding::new(BAGIT, "it does not declare a BagIt 1.0 bag"));
    }
    let case = info_value(contents, "External-Identifier")?;
    Ok(format!("case {case}"))
}

/// The value of a label in `bag-info.txt`.
pub(super) fn info_value<'a>(contents: &'a Contents, label: &str) -> Result<&'a str, Finding> {
    let fields = bag::read_info(contents.bytes(BAG_INFO)?)
        .ok_or_else(|| Finding::new(BAG_INFO, "it is not a list of labels and values"))?;
    fields
        .iter()
        .find(|(name, _)| *name == label)
        .map(|(_, value)| *value)
        .ok_or_else(|| Finding::new(BAG_INFO, format!("`{label}` is missing")))
}

pub(super) fn manifest(contents: &Contents) -> Result<String, Finding> {
    let payload = contents.below(PAYLOAD).collect();
    check_manifest(contents, MANIFEST, payload)
}

pub(super) fn tag_manifest(contents: &Contents) -> Result<String, Finding> {
    let is_tag =
        |path: &str| !path.starts_with(PAYLOAD) && path != TAGMANIFEST && path != SIGNATURE;
    let tags = contents
        .below("")
        .filter(|(path, _)| is_tag(path))
        .collect();
    check_manifest(contents, TAGMANIFEST, tags)
}

/// A manifest must list exactly the files that are there.
fn check_manifest(
    contents: &Contents,
    manifest: &str,
    mut there: BTreeMap<&str, &File>,
) -> Result<String, Finding> {
    let lines = bag::read_manifest(contents.bytes(manifest)?)
        .ok_or_else(|| Finding::new(manifest, "it is not a sorted list of digests and names"))?;
    for line in &lines {
        match there.remove(line.path.as_str()) {
            None => {
                return Err(Finding::new(
                    &line.path,
                    format!("missing, but in `{manifest}`"),
                ));
            }
            Some(file) if file.digest != line.digest => {
                let reason = format!("modified: it does not have the digest in `{manifest}`");
                return Err(Finding::new(&line.path, reason));
            }
            Some(_) => {}
        }
    }
    match there.first_key_value() {
        Some((path, _)) => Err(Finding::new(
            *path,
            format!("there, but not in `{manifest}`"),
        )),
        None => Ok(format!("{} files", lines.len())),
    }
}

pub(super) fn payload_size(contents: &Contents) -> Result<String, Finding> {
    let stated = info_value(contents, "Payload-Oxum")?;
    let counted = contents.oxum().to_string();
    if stated != counted {
        let reason = format!("`Payload-Oxum` is {stated}, the payload has {counted}");
        return Err(Finding::new(BAG_INFO, reason));
    }
    Ok(counted)
}

/// The key that the package names as its signer.
pub(super) fn named_signer(contents: &Contents) -> Result<SignerKey, Finding> {
    SignerKey::from_allowed_signers(contents.text(ALLOWED_SIGNERS)?)
        .map_err(|error| Finding::new(ALLOWED_SIGNERS, error.to_string()))
}

pub(super) fn signature(contents: &Contents) -> Result<String, Finding> {
    let named = named_signer(contents)?;
    named
        .verify(contents.bytes(TAGMANIFEST)?, contents.text(SIGNATURE)?)
        .map_err(|error| Finding::new(SIGNATURE, error.to_string()))?;
    Ok(format!(
        "by the key in the package, {}",
        named.fingerprint()
    ))
}

/// Compares the named signer with the one given from outside.
pub(super) fn signer(named: &SignerKey, trusted: &str) -> Result<String, Finding> {
    let trusted = TrustedSigner::parse(trusted)
        .map_err(|error| Finding::new("trusted signer", error.to_string()))?;
    if trusted.is(named) {
        return Ok(format!("the trusted one, {}", named.fingerprint()));
    }
    let reason = format!(
        "unknown key: the package names {}, the trusted signer is {}",
        named.fingerprint(),
        trusted.fingerprint()
    );
    Err(Finding::new(ALLOWED_SIGNERS, reason))
}
