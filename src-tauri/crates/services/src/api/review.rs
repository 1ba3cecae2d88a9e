//! Review: spans, transcript, decisions.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Everything the review screen needs for one call, masked.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct ReviewView {
    /// Case number.
    pub case_id: String,
    /// Number of the call.
    pub call: u32,
    /// Calls of the case that can be reviewed.
    pub calls: Vec<u32>,
    /// Start in the zone of the search.
    pub start_local: String,
    /// IANA zone of the search.
    pub zone: String,
    /// Length of the audio.
    pub duration_ms: u64,
    /// Frames per second.
    pub sample_rate_hz: u32,
    /// What is on each channel, by channel.
    pub channels: Vec<ChannelView>,
    /// All spans by start.
    pub spans: Vec<SpanView>,
    /// The transcript with every span hidden; empty when there is none.
    pub transcript: TranscriptView,
    /// `none`, `open`, `finished` or `approved`.
    pub review_state: String,
    /// Who reviewed it.
    pub reviewed_by: Option<String>,
    /// Who approved it.
    pub approved_by: Option<String>,
    /// Why it was returned.
    pub returned_note: Option<String>,
    /// Whether there is a decision to undo.
    pub can_undo: bool,
    /// Found items that could not be placed in time; they block finishing.
    pub unplaced: u32,
    /// What does not fit between transcript and audio, in words.
    pub warnings: Vec<String>,
    /// What was probably missed; absent where it was not measured.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub risk: Option<RiskView>,
    /// Whether the person at the desk may hear the original.
    pub may_hear_original: bool,
    /// Due date of the case.
    pub due_on: String,
    /// Days until then.
    pub days_left: i32,
}

/// How many items detection has probably missed in a call, and where to listen for them. // B4
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct RiskView {
    /// Expected number that would be disclosed as things stand.
    pub expected: f64,
    /// Nine of ten calls like this one have at least so many.
    pub low: u32,
    /// And at most so many.
    pub high: u32,
    /// Speech in which nothing was recognized.
    pub unrecognized_ms: u64,
    /// What somebody has listened to.
    pub listened_ms: u64,
    /// By time; together they hold about half of what is expected.
    pub listen: Vec<StretchView>,
}

/// A stretch to listen to.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, TS)]
pub struct StretchView {
    /// Start.
    pub start_ms: u64,
    /// End, exclusive.
    pub end_ms: u64,
}

/// The same for all calls of a case.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct CaseRiskView {
    /// Calls that it is about.
    pub calls: u32,
    /// Expected number.
    pub expected: f64,
    /// Nine of ten cases like this one have at least so many.
    pub low: u32,
    /// And at most so many.
    pub high: u32,
}

/// Who is on a channel.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct ChannelView {
    /// `customer`, `agent`, `mixed` or `unknown`.
    pub party: String,
}

/// One span.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct SpanView {
    /// Id within the plan.
    pub id: String,
    /// Padded start.
    pub start_ms: u64,
    /// Padded end, exclusive.
    pub end_ms: u64,
    /// Start of the first word.
    pub raw_start_ms: u64,
    /// End of the last word, exclusive.
    pub raw_end_ms: u64,
    /// Channel that is replaced; all when empty.
    pub channel: Option<u8>,
    /// Channel on which it was spoken.
    pub spoken_on: Option<u8>,
    /// Stable name of the kind.
    pub entity: String,
    /// 0.0 to 1.0.
    pub score: f32,
    /// Score at which the policy decides alone.
    pub threshold: f32,
    /// `requestor`, `agent`, `third_party` or `unknown`.
    pub owner: String,
    /// `redact`, `review` or `keep`.
    pub decision: String,
    /// Name of the recognizer.
    pub recognizer: String,
    /// Why it was found.
    pub explanation: Vec<String>,
    /// `policy`, or the id of the person who decided.
    pub decided_by: String,
    /// Reason of the last decision, if one was given.
    pub reason: Option<String>,
    /// `detected` or `manual`.
    pub origin: String,
}

/// A transcript in turns.
#[derive(Debug, Clone, Default, Serialize, Deserialize, TS)]
pub struct TranscriptView {
    /// By start.
    pub turns: Vec<TurnView>,
}

/// One turn.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct TurnView {
    /// `customer`, `agent`, `mixed` or `unknown`.
    pub party: String,
    /// Start.
    pub start_ms: u64,
    /// End, exclusive.
    pub end_ms: u64,
    /// Words and hidden spans in order.
    pub pieces: Vec<PieceView>,
}

/// A run of words, or a hidden span.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum PieceView {
    /// Words that may be shown.
    Text {
        /// The words.
        text: String,
        /// Start.
        start_ms: u64,
        /// Lowest confidence among the words, 0.0 to 1.0.
        confidence: f32,
    },
    /// A hidden span; its content stays in the core.
    Hidden {
        /// Id of the span.
        span_id: String,
        /// Stable name of the kind.
        entity: String,
        /// `redact`, `review` or `keep`.
        decision: String,
    },
}

/// The words under one span. // reveal level 1
#[derive(Clone, Serialize, Deserialize, TS)]
pub struct RevealedText {
    /// The words.
    pub text: String,
}

/// Rules on a span.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct DecideSpanReq {
    /// Case number.
    pub case_id: String,
    /// Number of the call.
    pub call: u32,
    /// The span.
    pub span_id: String,
    /// The ruling.
    pub decision: DecisionReq,
}

/// A ruling.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum DecisionReq {
    /// Replace it.
    Redact {
        /// Why, as a stable name such as `third_party_data`.
        reason: Option<String>,
    },
    /// Leave it.
    Keep {
        /// Why; not empty.
        reason: String,
    },
    /// Move its edges; it is replaced then.
    Adjust {
        /// New start.
        start_ms: u64,
        /// New end, exclusive.
        end_ms: u64,
    },
    /// Say that it is another kind of data; whether it is replaced stays open.
    Retype {
        /// Stable name of the kind.
        entity: String,
    },
}

/// Marks a span by hand.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct AddSpanReq {
    /// Case number.
    pub case_id: String,
    /// Number of the call.
    pub call: u32,
    /// Start.
    pub start_ms: u64,
    /// End, exclusive.
    pub end_ms: u64,
    /// Stable name of the kind.
    pub entity: String,
    /// Whose data it is.
    pub owner: String,
}

/// Goes on without a call that could not be retrieved.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct AcceptMissingReq {
    /// Case number.
    pub case_id: String,
    /// Number of the call.
    pub call: u32,
    /// Why; not empty.
    pub reason: String,
}

/// Returns a call to the reviewer.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct ReturnCallReq {
    /// Case number.
    pub case_id: String,
    /// Number of the call.
    pub call: u32,
    /// What to look at again; not empty.
    pub note: String,
}

/// Asks for a stretch of the waveform.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct PeaksReq {
    /// Case number.
    pub case_id: String,
    /// Number of the call.
    pub call: u32,
    /// Zoom level: 0 has 200 points a second, each further level a quarter of that.
    pub level: u8,
    /// Number of the tile; each has 4,096 points.
    pub tile: u32,
}

/// A stretch of the waveform.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct PeaksView {
    /// Points a second at this level.
    pub points_per_second: f64,
    /// Number of points of the whole call at this level.
    pub points_total: u32,
    /// First point of this tile.
    pub first_point: u32,
    /// Base64 of signed bytes by channel: for each channel all points of the tile as min, max pairs.
    pub channels: Vec<String>,
}
