//! An entry of the audit log: one JSON object in RFC 8785 form. // S0-66, S0-68

use std::collections::BTreeMap;

use domain::{delivery, digest::Sha256Digest};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Format version of an entry.
const VERSION: u32 = 1;

/// The action whose entries must carry everything that S0-68 lists.
const DELIVERED: &str = "RECORDING_DELIVERED";

/// Largest number that every JSON reader keeps exactly, 2^53 - 1. // RFC 8785 section 3.2.2.3
const MAX_EXACT: u64 = (1 << 53) - 1;

/// An entry as it stands in the log. Every field is always present; what does not apply is `null`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Entry {
    /// Format version, 1.
    pub v: u32,
    /// Position in the log, from 0 without gaps.
    pub seq: u64,
    /// When, ISO 8601 UTC with milliseconds. // S0-66
    pub timestamp: String,
    /// Ties request, search, redaction job and delivery together. // S0-67
    pub correlation_id: String,
    /// The case, if there is one.
    pub case_id: Option<String>,
    /// Pseudonym of the requestor within the case; never a name.
    pub requestor_id: Option<String>,
    /// `human` or `service`. // S0-13
    pub actor_kind: String,
    /// Who acted.
    pub actor_id: String,
    /// What was done, such as `RECORDING_DELIVERED`.
    pub action: String,
    /// The recording it was done to.
    pub recording_id: Option<String>,
    /// The job that redacted it.
    pub redaction_job_id: Option<String>,
    /// Where it was offered, without query: no usable link is ever logged. // S0-72
    pub download_url: Option<String>,
    /// `sha256:` digest of the full link.
    pub url_hash: Option<String>,
    /// `sha256:` digest of the file. // S0-70
    pub file_hash: Option<String>,
    /// When the offer ends. // S0-69
    pub expires_at: Option<String>,
    /// Always `false`: a later `SIEM_ACK` entry tells what was ingested. // S0-73
    pub siem_ingested: bool,
    /// More facts, by name; no personal data.
    pub details: BTreeMap<String, String>,
    /// Leaf hash of the entry before in hex; `null` in the first one.
    pub prev: Option<String>,
}

/// What is wrong with an entry. Names the field, never its content.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EntryError {
    /// Not JSON, or not these fields.
    #[error("it is not the JSON of an audit entry")]
    NotJson,
    /// The same content in other bytes.
    #[error("its JSON is not in canonical form (RFC 8785)")]
    NotCanonical,
    /// A field breaks its rule.
    #[error("its field `{field}` {rule}")]
    Field {
        /// Name in the JSON.
        field: &'static str,
        /// What must hold.
        rule: &'static str,
    },
}

const fn broken<T>(field: &'static str, rule: &'static str) -> Result<T, EntryError> {
    Err(EntryError::Field { field, rule })
}

impl Entry {
    /// The current format version.
    pub const VERSION: u32 = VERSION;

    /// The exact bytes that go into the log. // RFC 8785
    ///
    /// # Errors
    /// When a field breaks its rule.
    pub fn to_bytes(&self) -> Result<Vec<u8>, EntryError> {
        self.check()?;
        Ok(self.canonical())
    }

    fn canonical(&self) -> Vec<u8> {
        serde_json_canonicalizer::to_vec(self).expect("the struct holds only text and numbers")
    }

    /// Reads an entry and checks form and fields.
    ///
    /// # Errors
    /// When the bytes are not exactly what [`Entry::to_bytes`] would write.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, EntryError> {
        let entry: Self = serde_json::from_slice(bytes).map_err(|_| EntryError::NotJson)?;
        entry.check()?;
        if entry.canonical() != bytes {
            return Err(EntryError::NotCanonical);
        }
        Ok(entry)
    }

    // Invariant: checked on write and on read.
    fn check(&self) -> Result<(), EntryError> {
        if self.v != VERSION {
            return broken("v", "is not 1");
        }
        if self.seq > MAX_EXACT {
            return broken("seq", "is beyond what JSON numbers hold");
        }
        if self.siem_ingested {
            return broken(
                "siemIngested",
                "must be false: entries do not change afterwards",
            );
        }
        if !matches!(self.actor_kind.as_str(), "human" | "service") {
            return broken("actorKind", "is neither `human` nor `service`");
        }
        self.check_texts()?;
        self.check_url()?;
        self.check_digests()?;
        self.check_times()
    }

    fn check_texts(&self) -> Result<(), EntryError> {
        for (field, text) in [
            ("correlationId", Some(&self.correlation_id)),
            ("caseId", self.case_id.as_ref()),
            ("requestorId", self.requestor_id.as_ref()),
            ("actorId", Some(&self.actor_id)),
            ("action", Some(&self.action)),
            ("recordingId", self.recording_id.as_ref()),
            ("redactionJobId", self.redaction_job_id.as_ref()),
        ] {
            if text.is_some_and(|text| text.is_empty() || text.chars().any(char::is_control)) {
                return broken(field, "is empty or has control characters");
            }
        }
        let is_name = |byte: u8| byte.is_ascii_uppercase() || byte == b'_';
        if !self.action.bytes().all(is_name) {
            return broken("action", "is not a name in capitals such as `CASE_OPENED`");
        }
        Ok(())
    }

    // S0-72
    fn check_url(&self) -> Result<(), EntryError> {
        match &self.download_url {
            Some(url) if url.contains(['?', '#', '@']) => broken(
                "downloadUrl",
                "must not carry a query, a fragment or credentials",
            ),
            _ => Ok(()),
        }
    }

    fn check_digests(&self) -> Result<(), EntryError> {
        for (field, digest) in [("urlHash", &self.url_hash), ("fileHash", &self.file_hash)] {
            if !digest.as_ref().is_none_or(|text| is_digest(text)) {
                return broken(field, "is not `sha256:` and 64 lower-case hex digits");
            }
        }
        if (self.seq == 0) != self.prev.is_none() {
            return broken("prev", "must be null in the first entry and only there");
        }
        let is_hex = |prev: &String| !prev.contains(':') && Sha256Digest::parse(prev).is_ok();
        if !self.prev.as_ref().is_none_or(is_hex) {
            return broken("prev", "is not 64 lower-case hex digits");
        }
        Ok(())
    }

    fn check_times(&self) -> Result<(), EntryError> {
        let Some(at) = parse_time(&self.timestamp) else {
            return broken("timestamp", "is not ISO 8601 UTC with milliseconds");
        };
        let expires = self.expires_at.as_deref().map(parse_time);
        if expires == Some(None) {
            return broken("expiresAt", "is not ISO 8601 UTC with milliseconds");
        }
        if self.action == DELIVERED {
            self.check_delivery(at, expires.flatten())?;
        }
        Ok(())
    }

    // S0-68, S0-69, S0-71
    fn check_delivery(&self, at: Timestamp, expires: Option<Timestamp>) -> Result<(), EntryError> {
        if self.recording_id.is_none() {
            return broken("recordingId", "is missing in a delivery");
        }
        let digest = self
            .file_hash
            .as_deref()
            .and_then(|text| Sha256Digest::parse(text).ok());
        if digest.is_none_or(|digest| digest.is_of_nothing()) {
            return broken(
                "fileHash",
                "is missing in a delivery, or is that of an empty file",
            );
        }
        if expires != Some(delivery::expiry(at)) {
            return broken(
                "expiresAt",
                "must be exactly 24 hours after `timestamp` in a delivery",
            );
        }
        Ok(())
    }
}

fn is_digest(text: &str) -> bool {
    text.starts_with("sha256:") && Sha256Digest::parse(text).is_ok()
}

/// `2026-11-21T09:30:00.000Z`; what is finer than a millisecond is cut off. // S0-66
pub fn format_time(at: Timestamp) -> String {
    format!("{at:.3}")
}

/// Reads back what [`format_time`] writes, and nothing else.
pub(crate) fn parse_time(text: &str) -> Option<Timestamp> {
    let at = text.parse().ok()?;
    (format_time(at) == text).then_some(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_milliseconds_and_are_utc() {
        let at: Timestamp = "2026-11-21T09:30:00.1239Z".parse().unwrap();
        assert_eq!(format_time(at), "2026-11-21T09:30:00.123Z");
        assert!(parse_time("2026-11-21T09:30:00.123Z").is_some());
        for other in [
            "2026-11-21T09:30:00Z",
            "2026-11-21T10:30:00.123+01:00",
            "2026-11-21",
            "",
        ] {
            assert_eq!(parse_time(other), None, "{other}");
        }
    }
}
