//! Which personal data is spoken where: what detection and redaction are measured against.

use std::sync::OnceLock;

use serde::{Deserialize, Serialize};

/// All recordings of the corpus that have audio.
#[derive(Debug, Clone, Deserialize, Serialize)]
pub struct GroundTruth {
    /// One entry per recording, in the order of the corpus.
    pub recordings: Vec<RecordingTruth>,
}

/// The personal data spoken in one recording.
#[derive(Debug, Clone, Deserialize, Serialize)]
pub struct RecordingTruth {
    /// The conversation it belongs to.
    pub conversation_id: String,
    /// The recording.
    pub recording_id: String,
    /// Name of the dialogue file it was spoken from, for instance `call-03`.
    pub stem: String,
    /// Items by start time.
    pub items: Vec<TruthItem>,
}

/// One stretch of personal data.
#[derive(Debug, Clone, Deserialize, Serialize)]
pub struct TruthItem {
    /// The entity's stable name, for instance `PHONE_NUMBER`.
    pub entity: String,
    /// Whose data it is.
    pub owner: TruthOwner,
    /// Channel of the audio it is spoken on: 0 the customer's, 1 the agent's.
    pub channel: u8,
    /// First audible millisecond of the first word, on the audio time line.
    pub start_ms: u64,
    /// End of the last word, exclusive.
    pub end_ms: u64,
    /// What was really said, which the transcript may have wrong.
    pub words: String,
}

/// Whose personal data an item is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TruthOwner {
    /// The customer of the call, who is owed it.
    Requestor,
    /// Somebody who works for the organization.
    Agent,
    /// Anybody else, who must be protected.
    ThirdParty,
}

impl GroundTruth {
    /// The truth about one recording.
    pub fn recording(&self, recording_id: &str) -> Option<&RecordingTruth> {
        self.recordings
            .iter()
            .find(|truth| truth.recording_id == recording_id)
    }
}

/// The ground truth of the committed corpus.
pub fn ground_truth() -> &'static GroundTruth {
    static TRUTH: OnceLock<GroundTruth> = OnceLock::new();
    TRUTH.get_or_init(|| {
        serde_json::from_str(include_str!("../corpus/ground_truth.json"))
            .expect("the committed file is written by the generator and read by a test")
    })
}
