//! `data/redaction/redaction-log.json`: which spans were decided how; never the removed text.

use serde::{Deserialize, Serialize};

/// The redaction log of a package: one element per delivered recording, in the order of their names.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RedactionLogFile {
    /// Format version, 1.
    pub v: u32,
    /// The recordings.
    pub recordings: Vec<RedactedFile>,
}

/// What was done to one recording.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RedactedFile {
    /// Name of the file under `data/recordings/`.
    pub file: String,
    /// Policy that made the decisions.
    pub policy: String,
    /// Name and version of the detector.
    pub engine: String,
    /// Length of the audio, in milliseconds.
    pub duration_ms: u64,
    /// The spans, by start.
    pub spans: Vec<SpanRecord>,
}

/// One span.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SpanRecord {
    /// Number within the recording, from 1.
    pub number: u32,
    /// Start, in milliseconds.
    pub start_ms: u64,
    /// Length, in milliseconds.
    pub length_ms: u64,
    /// Channel index in the file; `null` means every channel.
    pub channel: Option<u8>,
    /// Kind of personal data, such as `PHONE_NUMBER`.
    pub category: String,
    /// `redact` or `keep`.
    pub decision: String,
    /// `noise`, `silence` or `bleep`; `null` for a kept span.
    pub method: Option<String>,
    /// Seed of the replacement noise in hex, from which anybody can regenerate it.
    pub seed: Option<String>,
    /// How sure the recognizer was, 0.0 to 1.0.
    pub confidence: f32,
    /// Pseudonym of the reviewer; `null` when no person had to decide.
    pub reviewer: Option<String>,
    /// Why it was removed or kept, as a stable name such as `other_person`; absent in the first packages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

package_file!(RedactionLogFile, 1);

impl RedactionLogFile {
    /// Checks what can be checked without the audio: numbers, bounds, decisions, methods.
    ///
    /// # Errors
    /// What does not fit, in words.
    pub fn check(&self) -> Result<(), String> {
        for recording in &self.recordings {
            for (expected, span) in (1..).zip(&recording.spans) {
                span.check(expected, recording.duration_ms)
                    .map_err(|why| format!("`{}`, span {expected}: {why}", recording.file))?;
            }
        }
        Ok(())
    }
}

impl SpanRecord {
    fn check(&self, expected: u32, duration_ms: u64) -> Result<(), &'static str> {
        let end_ms = self.start_ms.checked_add(self.length_ms);
        if self.number != expected {
            return Err("the numbers do not run from 1");
        }
        if self.length_ms == 0 || end_ms.is_none_or(|end_ms| end_ms > duration_ms) {
            return Err("it does not lie within the recording");
        }
        match (self.decision.as_str(), self.method.as_deref()) {
            ("redact", Some("noise" | "silence" | "bleep")) | ("keep", None) => Ok(()),
            ("redact" | "keep", _) => Err("the method does not fit the decision"),
            _ => Err("a delivered span is decided: `redact` or `keep`"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::{FormatError, PackageFile};

    fn log(change: impl Fn(&mut SpanRecord)) -> RedactionLogFile {
        let mut span = SpanRecord {
            number: 1,
            start_ms: 500,
            length_ms: 500,
            channel: None,
            category: "PERSON_NAME".into(),
            decision: "redact".into(),
            method: Some("noise".into()),
            seed: Some("00ff".into()),
            confidence: 0.5,
            reviewer: None,
            reason: Some("other_person".into()),
        };
        change(&mut span);
        let file = RedactedFile {
            file: "0001.wav".into(),
            policy: "data_subject_copy".into(),
            engine: "rules 1".into(),
            duration_ms: 1_000,
            spans: vec![span],
        };
        RedactionLogFile {
            v: 1,
            recordings: vec![file],
        }
    }

    #[test]
    fn spans_lie_inside_and_are_decided() {
        assert_eq!(log(|_| ()).check(), Ok(()));
        assert!(log(|span| span.number = 2).check().is_err());
        assert!(log(|span| span.length_ms = 501).check().is_err());
        assert!(log(|span| span.length_ms = u64::MAX).check().is_err());
        assert!(log(|span| span.decision = "review".into()).check().is_err());
        assert!(log(|span| span.method = None).check().is_err());
    }

    #[test]
    fn other_versions_and_unknown_fields_are_refused() {
        let mut newer = log(|_| ());
        newer.v = 2;
        let error = RedactionLogFile::from_bytes(&newer.to_bytes()).unwrap_err();
        assert_eq!(error, FormatError::Version { found: 2, known: 1 });
        let with_text = r#"{"v":1,"recordings":[],"text":"secret"}"#;
        assert!(RedactionLogFile::from_bytes(with_text.as_bytes()).is_err());
    }
}
