//! `data/calls.json`: every call found, each with its one end state. // B14

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The list of all calls found for a case. The counts add up to `found`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CallsFile {
    /// Format version, 1.
    pub v: u32,
    /// Number of calls found.
    pub found: u64,
    /// How many ended in which state; states without a call may be left out.
    pub counts: BTreeMap<String, u64>,
    /// The calls, by number from 1.
    pub calls: Vec<Call>,
}

/// One call found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Call {
    /// Number within the case, from 1.
    pub number: u32,
    /// The source system.
    pub source: String,
    /// The conversation in the source.
    pub conversation_id: String,
    /// The recording in the source.
    pub recording_id: String,
    /// When the call began, ISO 8601 UTC, if the source says so.
    pub start_time: Option<String>,
    /// Length in milliseconds, if known.
    pub duration_ms: Option<u64>,
    /// The one end state, such as `retrieved` or `purged`.
    pub end_state: String,
    /// The reason that goes with the end state, if any.
    pub detail: Option<String>,
    /// Name of the file under `data/recordings/`, if the call was delivered.
    pub file: Option<String>,
}

package_file!(CallsFile, 1);

impl CallsFile {
    /// Builds the file and its counts from the calls.
    pub fn new(calls: Vec<Call>) -> Self {
        let mut counts = BTreeMap::new();
        for call in &calls {
            *counts.entry(call.end_state.clone()).or_insert(0) += 1;
        }
        Self {
            v: 1,
            found: calls.len() as u64,
            counts,
            calls,
        }
    }

    /// Checks that nothing is lost: numbers run from 1, counts fit the calls and add up. // B14
    ///
    /// # Errors
    /// What does not fit, in words.
    pub fn check(&self) -> Result<(), String> {
        if let Some((expected, call)) = (1..).zip(&self.calls).find(|(n, call)| *n != call.number) {
            return Err(format!(
                "call {} stands where call {expected} must stand",
                call.number
            ));
        }
        let recounted = Self::new(self.calls.clone());
        let nonzero: BTreeMap<_, _> = self
            .counts
            .iter()
            .filter(|(_, count)| **count > 0)
            .collect();
        if nonzero != recounted.counts.iter().collect() || self.found != recounted.found {
            return Err("the counts do not add up to the calls listed".to_owned());
        }
        self.calls.iter().try_for_each(Call::check)
    }
}

impl Call {
    fn check(&self) -> Result<(), String> {
        let number = self.number;
        if domain::recording::EndState::from_parts(&self.end_state, None).is_none() {
            return Err(format!(
                "call {number} has the unknown end state `{}`",
                self.end_state
            ));
        }
        if self.file.is_some() && self.end_state != "retrieved" {
            return Err(format!(
                "call {number} has a file but ended as `{}`",
                self.end_state
            ));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::PackageFile;

    fn call(number: u32, end_state: &str) -> Call {
        Call {
            number,
            source: "genesys-eu".into(),
            conversation_id: "c".into(),
            recording_id: "r".into(),
            start_time: None,
            duration_ms: None,
            end_state: end_state.into(),
            detail: None,
            file: None,
        }
    }

    // B14
    #[test]
    fn counts_must_add_up() {
        let good = CallsFile::new(vec![call(1, "retrieved"), call(2, "purged")]);
        assert_eq!(good.check(), Ok(()));
        assert_eq!(CallsFile::from_bytes(&good.to_bytes()), Ok(good.clone()));
        let mut lost = good.clone();
        lost.calls.pop();
        assert!(lost.check().is_err());
        let mut wrong = good.clone();
        wrong.counts.insert("purged".into(), 2);
        assert!(wrong.check().is_err());
        assert!(CallsFile::new(vec![call(2, "purged")]).check().is_err());
        assert!(CallsFile::new(vec![call(1, "lost")]).check().is_err());
        let mut withheld = call(1, "withheld");
        withheld.file = Some("0001.wav".into());
        assert!(CallsFile::new(vec![withheld]).check().is_err());
    }
}
