//! What is different from an earlier export of the same query. // B9
//!
//! The earlier export is read as its recipient has it: from its list and its two tables, never from our own
//! hidden folder.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use evidence::{
    export_csv::{read_custody, read_exceptions},
    format::{
        ChangeCounts, ChangedRecording, ChangesFile, ComparedExport, ComparedRecording,
        ExportManifestFile, FieldChange, ListedRecording, PackageFile, list_digest,
    },
    hashing::sha256,
};
use serde_json::{Value, json};

use super::{
    finish::{CUSTODY, EXCEPTIONS},
    layout::MANIFEST,
};
use crate::api::{ApiError, ErrorCode};

/// A recording and how it ended.
pub(super) struct Standing {
    pub(super) listed: ListedRecording,
    /// `retrieved`, `purged` …
    pub(super) state: String,
    /// Digest of the file, if it is in the set.
    pub(super) sha256: Option<String>,
}

/// Source, conversation, recording.
type Key<'a> = (&'a str, &'a str, &'a str);

impl Standing {
    fn key(&self) -> Key<'_> {
        let it = &self.listed;
        (&it.source, &it.conversation_id, &it.recording_id)
    }
}

/// An export, as far as it is compared.
pub(super) struct Export {
    pub(super) id: ComparedExport,
    /// The query that needs no options.
    query: String,
    pub(super) standings: Vec<Standing>,
}

impl Export {
    /// Of what this run knows.
    pub(super) fn new(manifest: &ExportManifestFile, standings: Vec<Standing>) -> Self {
        Self {
            id: ComparedExport {
                manifest_hash: sha256(manifest.to_bytes()).to_string(),
                listed_at_utc: manifest.listed_at_utc.clone(),
            },
            query: manifest.query.used.clone(),
            standings,
        }
    }

    /// Reads a finished export.
    ///
    /// # Errors
    /// When the folder holds none, or its files do not belong together.
    pub(super) fn read(folder: &Path) -> Result<Self, ApiError> {
        let files = Files::of(folder);
        let manifest = ExportManifestFile::from_bytes(&files.read(MANIFEST)?)
            .map_err(|error| files.unusable(MANIFEST, &error.to_string()))?;
        if manifest.list_hash != list_digest(&manifest.recordings).to_string() {
            return Err(files.unusable(MANIFEST, "the digest of its list differs"));
        }
        let standings = files.standings(&manifest.recordings)?;
        Ok(Self::new(&manifest, standings))
    }

    /// Whether both ask the same.
    ///
    /// # Errors
    /// When they do not: a difference between two questions says nothing about the answers.
    pub(super) fn require_query(&self, query: &str) -> Result<(), ApiError> {
        if self.query == query {
            return Ok(());
        }
        Err(ApiError::new(
            ErrorCode::InvalidInput,
            "The earlier export is of another query or time range",
            "Compare exports of the same query; its manifest.json has it under `query`.",
        ))
    }
}

/// The files of an export in somebody's folder.
struct Files {
    folder: PathBuf,
}

impl Files {
    /// A bag has them one folder below.
    fn of(folder: &Path) -> Self {
        let payload = folder.join(evidence::names::PAYLOAD);
        let is_bag = payload.join(MANIFEST).exists();
        let folder = if is_bag { payload } else { folder.to_owned() };
        Self { folder }
    }

    fn read(&self, name: &str) -> Result<Vec<u8>, ApiError> {
        fs::read(self.folder.join(name))
            .map_err(|error| self.unusable(name, &error.kind().to_string()))
    }

    fn unusable(&self, name: &str, why: &str) -> ApiError {
        ApiError::new(
            ErrorCode::InvalidInput,
            format!(
                "The earlier export in `{}` cannot be compared: `{name}`: {why}",
                self.folder.display()
            ),
            "Name the folder of a finished export.",
        )
    }

    /// How each recording of the list ended: in the one table or in the other.
    fn standings(&self, recordings: &[ListedRecording]) -> Result<Vec<Standing>, ApiError> {
        let custody = read_custody(&self.read(CUSTODY)?)
            .map_err(|error| self.unusable(CUSTODY, &error.to_string()))?;
        let exceptions = read_exceptions(&self.read(EXCEPTIONS)?)
            .map_err(|error| self.unusable(EXCEPTIONS, &error.to_string()))?;
        let files: BTreeMap<_, _> = custody
            .iter()
            .filter_map(|it| Some((it.file_name.rsplit_once('.')?.0, it.sha256)))
            .collect();
        // Both tables are in the order of the list, so the next line is the next recording of its table.
        let mut exceptions = exceptions.into_iter().peekable();
        let mut standings = Vec::new();
        for listed in recordings {
            let file = files.get(listed.stem.as_str());
            let is_here = |it: &evidence::export_csv::ExceptionLine| {
                let is_it =
                    (&it.recording_id, &it.source) == (&listed.recording_id, &listed.source);
                is_it && it.approval.is_some() == file.is_some()
            };
            let exception = exceptions.next_if(is_here);
            let state = match (&exception, file) {
                (Some(exception), _) => exception.status.to_lowercase(),
                (None, Some(_)) => "retrieved".to_owned(),
                (None, None) => {
                    return Err(self.unusable(EXCEPTIONS, "a recording is in neither table"));
                }
            };
            standings.push(Standing {
                listed: listed.clone(),
                state,
                sha256: file.map(|it| it.hex()),
            });
        }
        Ok(standings)
    }
}

/// What is different.
pub(super) fn changes(earlier: &Export, later: &Export) -> ChangesFile {
    let before: BTreeMap<_, _> = earlier.standings.iter().map(|it| (it.key(), it)).collect();
    let after: BTreeMap<_, _> = later.standings.iter().map(|it| (it.key(), it)).collect();
    let only = |these: &BTreeMap<Key<'_>, &Standing>, those: &BTreeMap<Key<'_>, &Standing>| {
        let only = these.iter().filter(|(key, _)| !those.contains_key(*key));
        only.map(|(_, it)| compared(it)).collect::<Vec<_>>()
    };
    let both = after
        .iter()
        .filter_map(|(key, it)| Some((before.get(key)?, it)));
    let changed: Vec<_> = both
        .map(|(before, after)| changed(before, after))
        .filter(|it| !it.changes.is_empty())
        .collect();
    let (added, removed) = (only(&after, &before), only(&before, &after));
    let count = |list: usize| list as u64;
    ChangesFile {
        v: 1,
        earlier: earlier.id.clone(),
        later: later.id.clone(),
        counts: ChangeCounts {
            added: count(added.len()),
            removed: count(removed.len()),
            changed: count(changed.len()),
            unchanged: count(after.len() - added.len() - changed.len()),
        },
        added,
        removed,
        changed,
    }
}

fn compared(it: &Standing) -> ComparedRecording {
    ComparedRecording {
        source: it.listed.source.clone(),
        conversation_id: it.listed.conversation_id.clone(),
        recording_id: it.listed.recording_id.clone(),
        state: it.state.clone(),
    }
}

fn changed(before: &Standing, after: &Standing) -> ChangedRecording {
    let fields = facts(before).into_iter().zip(facts(after));
    let changes = fields.filter(|(before, after)| before.1 != after.1).map(
        |((field, earlier), (_, later))| FieldChange {
            field: field.to_owned(),
            earlier,
            later,
        },
    );
    ChangedRecording {
        source: after.listed.source.clone(),
        conversation_id: after.listed.conversation_id.clone(),
        recording_id: after.listed.recording_id.clone(),
        changes: changes.collect(),
    }
}

/// Everything that may change, in a fixed order. Number and stem follow from the rest of the list.
fn facts(it: &Standing) -> [(&'static str, Value); 10] {
    let listed = &it.listed;
    [
        ("state", json!(it.state)),
        ("sha256", json!(it.sha256)),
        ("communicationId", json!(listed.communication_id)),
        ("startTimestamp", json!(listed.start_timestamp)),
        ("endTimestamp", json!(listed.end_timestamp)),
        ("participants", json!(listed.participants)),
        ("agents", json!(listed.agents)),
        ("queues", json!(listed.queues)),
        ("region", json!(listed.region)),
        ("matchedBy", json!(listed.matched_by)),
    ]
}

#[cfg(test)]
mod tests {
    use evidence::format::format_time;
    use jiff::Timestamp;

    use super::*;

    fn standing(recording: &str, state: &str, sha256: Option<&str>) -> Standing {
        Standing {
            listed: ListedRecording {
                number: 1,
                stem: recording.to_owned(),
                source: "s".to_owned(),
                conversation_id: "c".to_owned(),
                recording_id: recording.to_owned(),
                communication_id: None,
                start_timestamp: format_time(Timestamp::UNIX_EPOCH),
                end_timestamp: None,
                participants: Vec::new(),
                agents: Vec::new(),
                queues: Vec::new(),
                region: None,
                matched_by: Vec::new(),
            },
            state: state.to_owned(),
            sha256: sha256.map(str::to_owned),
        }
    }

    fn export(standings: Vec<Standing>) -> Export {
        Export {
            id: ComparedExport {
                manifest_hash: String::new(),
                listed_at_utc: String::new(),
            },
            query: "*".to_owned(),
            standings,
        }
    }

    // B9
    #[test]
    fn each_recording_is_added_removed_changed_or_as_it_was() {
        let before = export(vec![
            standing("same", "retrieved", Some("1")),
            standing("purged-since", "retrieved", Some("2")),
            standing("gone", "unavailable", None),
        ]);
        let after = export(vec![
            standing("same", "retrieved", Some("1")),
            standing("purged-since", "purged", None),
            standing("new", "retrieved", Some("3")),
        ]);
        let changes = changes(&before, &after);
        let counts = ChangeCounts {
            added: 1,
            removed: 1,
            changed: 1,
            unchanged: 1,
        };
        assert_eq!(changes.counts, counts);
        assert_eq!(changes.added[0].recording_id, "new");
        assert_eq!(changes.removed[0].state, "unavailable");
        let fields: Vec<_> = changes.changed[0].changes.iter().collect();
        assert_eq!(fields.len(), 2, "{fields:?}");
        assert_eq!(
            (&fields[0].earlier, &fields[0].later),
            (&json!("retrieved"), &json!("purged"))
        );
        assert_eq!(fields[1].later, Value::Null);
    }
}
