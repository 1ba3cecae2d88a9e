//! A new key for the log: an entry that the old and the new key both sign.
//!
//! The old key says who follows it, the new key says that it is held by whoever wrote the entry. Whoever
//! trusts the old key can so follow the log to the new one.

use std::collections::BTreeMap;

use base64::{Engine, prelude::BASE64_STANDARD};
use domain::audit::AuditAction;

use super::{
    EntryDraft, Head, LogError,
    key::{LogKey, TrustedKey},
};
use crate::format::Entry;

const OLD_KEY: &str = "oldKey";
const NEW_KEY: &str = "newKey";
const OLD_SIGNATURE: &str = "oldSignature";
const NEW_SIGNATURE: &str = "newSignature";

/// Makes `draft` the entry, next after `head`, by which `new` takes over from `old`. The checkpoint over it
/// is the first one that `new` signs.
///
/// # Errors
/// When `origin` cannot name a log.
pub fn rotation(
    draft: EntryDraft,
    head: &Head,
    origin: &str,
    old: &LogKey,
    new: &LogKey,
) -> Result<EntryDraft, LogError> {
    let (old_key, new_key) = (old.vkey(origin)?, new.vkey(origin)?);
    let statement = statement(head.size(), &old_key, &new_key);
    let sign = |key: &LogKey| BASE64_STANDARD.encode(key.sign(statement.as_bytes()));
    let details = [
        (OLD_SIGNATURE, sign(old)),
        (NEW_SIGNATURE, sign(new)),
        (OLD_KEY, old_key),
        (NEW_KEY, new_key),
    ];
    Ok(EntryDraft {
        action: AuditAction::LogKeyRotated,
        details: BTreeMap::from(details.map(|(name, text)| (name.to_owned(), text))),
        ..draft
    })
}

/// What both keys sign.
fn statement(seq: u64, old: &str, new: &str) -> String {
    format!("sar-portal audit log key rotation\n{seq}\n{old}\n{new}\n")
}

/// A change of keys that both keys signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Rotation {
    pub(crate) seq: u64,
    pub(crate) old: TrustedKey,
    pub(crate) new: TrustedKey,
}

impl Rotation {
    /// The change of keys that an entry records; `None` when it is about something else.
    pub(crate) fn of(entry: &Entry) -> Option<Result<Self, &'static str>> {
        let is_rotation = entry.action == AuditAction::LogKeyRotated.name();
        is_rotation.then(|| Self::read(entry).ok_or("not both keys signed the change of keys"))
    }

    fn read(entry: &Entry) -> Option<Self> {
        let text = |name: &str| entry.details.get(name).map(String::as_str);
        let old = TrustedKey::parse(text(OLD_KEY)?).ok()?;
        let new = TrustedKey::parse(text(NEW_KEY)?).ok()?;
        let statement = statement(entry.seq, text(OLD_KEY)?, text(NEW_KEY)?);
        let signed = |key: &TrustedKey, name: &str| {
            let signature = BASE64_STANDARD.decode(text(name)?).ok()?;
            key.verify(statement.as_bytes(), &signature).then_some(())
        };
        signed(&old, OLD_SIGNATURE)?;
        signed(&new, NEW_SIGNATURE)?;
        let (seq, same_log) = (entry.seq, old.name() == new.name() && old != new);
        same_log.then_some(Self { seq, old, new })
    }
}
