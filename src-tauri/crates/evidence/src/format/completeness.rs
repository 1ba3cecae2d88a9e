//! How complete an export is, and what changed since an earlier one.

use serde::{Deserialize, Serialize};

use super::ExportCounts;

/// `completeness.json`: what a second way to the same calls says about the list. // B9
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CompletenessFile {
    /// Format version, 1.
    pub v: u32,
    /// `sha256:` digest of the list, as in the manifest.
    pub list_hash: String,
    /// What was found, left out and gone, in one sentence.
    pub statement: String,
    /// `agree`, `differ` or `notPerformed`; see [`CompletenessFile::verdict_of`].
    pub verdict: String,
    /// How the recordings ended.
    pub counts: ExportCounts,
    /// Recordings that a search returned and that do not fit the whole query, by reason.
    pub excluded: Vec<ExcludedCount>,
    /// The two ways, source by source.
    pub routes: Vec<ComparedRoutes>,
    /// Calls by day, and by day and queue.
    pub days: Vec<DayCount>,
    /// Calls that one way shows and the other does not.
    pub differences: Vec<RouteDifference>,
}

/// Recordings that were left out for one reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ExcludedCount {
    /// Why.
    pub reason: String,
    /// How many.
    pub count: u64,
}

/// The two ways through one source.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ComparedRoutes {
    /// The source.
    pub source: String,
    /// The second way, in words; the first is in the manifest.
    pub second: String,
    /// `performed` or `not performed: …`.
    pub performed: String,
    /// Calls that began from here on were not compared; absent when all were.
    pub compared_until_utc: Option<String>,
    /// The requests of the second way exactly as sent.
    pub requests: Vec<String>,
    /// Calls of which the list has a recording.
    pub in_list: u64,
    /// Recorded calls that the second way shows.
    pub in_second: u64,
    /// Calls that both show.
    pub in_both: u64,
}

/// Calls of one day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DayCount {
    /// The source.
    pub source: String,
    /// The UTC day on which they began.
    pub day: String,
    /// The queue; absent in the line of the whole day. A call that passed two queues is in both.
    pub queue: Option<String>,
    /// Calls of which the list has a recording.
    pub in_list: u64,
    /// Recorded calls that the second way shows; absent where it was not performed.
    pub in_second: Option<u64>,
}

/// A call that one way shows and the other does not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RouteDifference {
    /// The source.
    pub source: String,
    /// The conversation.
    pub conversation_id: String,
    /// The UTC day on which it began.
    pub day: String,
    /// `list` or `second`.
    pub seen_by: String,
    /// What is known about the reason.
    pub explanation: String,
    /// Whether the reason is known for certain.
    pub explained: bool,
}

impl CompletenessFile {
    /// `agree` when every source has a second way and no difference is without a reason.
    pub fn verdict_of(routes: &[ComparedRoutes], differences: &[RouteDifference]) -> &'static str {
        if differences.iter().any(|it| !it.explained) {
            "differ"
        } else if routes.is_empty() || routes.iter().any(|it| it.performed != "performed") {
            "notPerformed"
        } else {
            "agree"
        }
    }
}

impl std::fmt::Debug for ComparedRoutes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The requests name people.
        f.debug_struct("ComparedRoutes").finish_non_exhaustive()
    }
}

/// `changes.json`: what is different from an earlier export of the same query. // B9
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ChangesFile {
    /// Format version, 1.
    pub v: u32,
    /// The earlier export.
    pub earlier: ComparedExport,
    /// This export.
    pub later: ComparedExport,
    /// How many recordings are in each list below, and how many are as they were.
    pub counts: ChangeCounts,
    /// Recordings that only this export lists.
    pub added: Vec<ComparedRecording>,
    /// Recordings that only the earlier export lists.
    pub removed: Vec<ComparedRecording>,
    /// Recordings that both list, and of which something is different.
    pub changed: Vec<ChangedRecording>,
}

/// Which export.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ComparedExport {
    /// `sha256:` digest of its `manifest.json`.
    pub manifest_hash: String,
    /// When its list was made, ISO 8601 UTC.
    pub listed_at_utc: String,
}

/// How many recordings changed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ChangeCounts {
    /// Only in this export.
    pub added: u64,
    /// Only in the earlier export.
    pub removed: u64,
    /// In both, and different.
    pub changed: u64,
    /// In both, and the same.
    pub unchanged: u64,
}

/// A recording that only one export lists.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ComparedRecording {
    /// The source.
    pub source: String,
    /// The conversation.
    pub conversation_id: String,
    /// The recording.
    pub recording_id: String,
    /// How it ended there: `retrieved`, `purged` …
    pub state: String,
}

/// A recording that both exports list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ChangedRecording {
    /// The source.
    pub source: String,
    /// The conversation.
    pub conversation_id: String,
    /// The recording.
    pub recording_id: String,
    /// What is different.
    pub changes: Vec<FieldChange>,
}

/// One field.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FieldChange {
    /// `state`, `sha256`, or a field of the list.
    pub field: String,
    /// What the earlier export has.
    pub earlier: serde_json::Value,
    /// What this export has.
    pub later: serde_json::Value,
}

impl std::fmt::Debug for FieldChange {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Its values may name people.
        f.debug_struct("FieldChange")
            .field("field", &self.field)
            .finish_non_exhaustive()
    }
}

package_file!(CompletenessFile, 1);
package_file!(ChangesFile, 1);
