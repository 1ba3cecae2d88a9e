//! What reviewers corrected, and the drill.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Asks for the corrections of this desk.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct ListCorrectionsReq {
    /// Whether the words are shown; that is on record.
    pub reveal: bool,
}

/// The corrections of this desk, oldest first.
#[derive(Clone, Serialize, Deserialize, TS)]
pub struct CorrectionList {
    /// The corrections.
    pub corrections: Vec<CorrectionView>,
    /// How plans name them; empty without any.
    pub version: String,
}

/// One correction. // B17
#[derive(Clone, Serialize, Deserialize, TS)]
pub struct CorrectionView {
    /// Its id.
    pub id: String,
    /// Case in which it was said.
    pub case_id: String,
    /// Number of the call.
    pub call: u32,
    /// `marked`: personal data; `kept`: none.
    pub ruling: String,
    /// Stable name of the kind.
    pub entity: String,
    /// Who reviewed it.
    pub by: String,
    /// When, RFC 3339 in UTC.
    pub at_utc: String,
    /// The words, when they were asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub words: Option<String>,
}

/// Names a correction.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct CorrectionRef {
    /// Its id.
    pub id: String,
}

/// What the last drill found. // B16
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct DrillView {
    /// When, RFC 3339 in UTC.
    pub at_utc: String,
    /// The detector with everything that had a part in it.
    pub engine: String,
    /// Planted calls.
    pub calls: u32,
    /// Planted items.
    pub items: u32,
    /// Those that were found.
    pub found: u32,
    /// Corrections of this desk that were tried again.
    pub corrections: u32,
    /// What is wrong, a sentence each; empty when all is well.
    pub alarms: Vec<String>,
    /// By kind.
    pub kinds: Vec<DrillKindView>,
}

/// Planted items of one kind.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct DrillKindView {
    /// Stable name.
    pub entity: String,
    /// Planted items.
    pub items: u32,
    /// Those that were found.
    pub found: u32,
}
