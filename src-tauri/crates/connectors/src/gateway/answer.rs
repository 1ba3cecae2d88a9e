//! The parts of the gateway's answers that are read. Unknown fields are ignored.

use domain::recording::MediaState;
use jiff::Timestamp;
use serde::Deserialize;

/// A page of a search.
#[derive(Deserialize)]
pub(super) struct Page {
    #[serde(default)]
    pub(super) recordings: Vec<Found>,
    pub(super) total: Option<u64>,
    pub(super) after: Option<String>,
    #[serde(default)]
    pub(super) coverage: Vec<CoverageOf>,
}

/// A recording as found.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Found {
    pub(super) id: String,
    pub(super) conversation_id: String,
    pub(super) start_time: Timestamp,
    pub(super) end_time: Option<Timestamp>,
    pub(super) media_state: String,
    pub(super) retention_expiry: Option<Timestamp>,
    pub(super) region: Option<String>,
    #[serde(default)]
    pub(super) agents: Vec<String>,
    #[serde(default)]
    pub(super) queues: Vec<String>,
}

/// How much a source behind the gateway has seen.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CoverageOf {
    pub(super) source: String,
    pub(super) state: String,
    pub(super) reason: Option<String>,
    pub(super) index_complete_until: Option<Timestamp>,
}

/// A recording without its sound.
#[derive(Deserialize)]
pub(super) struct About {
    pub(super) id: String,
    pub(super) media_state: String,
    pub(super) start_time: Option<Timestamp>,
    pub(super) end_time: Option<Timestamp>,
    #[serde(default)]
    pub(super) locations: Vec<LocationOf>,
}

/// One place of it.
#[derive(Deserialize)]
pub(super) struct LocationOf {
    pub(super) call_id: String,
    pub(super) retention_expiry: Option<Timestamp>,
}

/// The words of a recording, on the time line of its sound.
#[derive(Deserialize)]
pub(super) struct Words {
    pub(super) language: Option<String>,
    pub(super) duration_ms: Option<u64>,
    pub(super) words: Vec<WordOf>,
}

/// One of them.
#[derive(Deserialize)]
pub(super) struct WordOf {
    pub(super) text: String,
    pub(super) start_ms: u64,
    pub(super) end_ms: u64,
    pub(super) confidence: f32,
    pub(super) channel: Option<u8>,
    pub(super) speaker: String,
    pub(super) phrase: u32,
}

/// A retrieval that takes longer.
#[derive(Deserialize)]
pub(super) struct Job {
    pub(super) status: u16,
    pub(super) error: Option<ErrorBody>,
}

/// A refusal.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct ErrorBody {
    pub(super) code: String,
    pub(super) codec: Option<String>,
    pub(super) correlation_id: Option<String>,
}

pub(super) fn media_state(name: &str) -> MediaState {
    match name {
        "pending" => MediaState::Pending,
        "archived" => MediaState::Archived,
        "deleted" => MediaState::Deleted,
        "faulty" => MediaState::Faulty,
        // Whatever is invented next: asking for it tells.
        _ => MediaState::Available,
    }
}
