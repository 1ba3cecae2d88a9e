//! Commands that only a desktop can carry out: sound, and the built-in organization.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Calls `$callback!` with the commands that need a desktop. The window's adapters implement them.
#[macro_export]
macro_rules! with_desktop_commands {
    ($callback:ident) => {
        $callback! {
            start_sandbox(Empty) -> SourceReport,
            leave_sandbox(Empty) -> Done,
            sign_in_source(SignInSourceReq) -> SourceReport,
            play_audio(PlayReq) -> Done,
            stop_audio(Empty) -> Done,
        }
    };
}

/// Plays a stretch of a call.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct PlayReq {
    /// Case number.
    pub case_id: String,
    /// Number of the call.
    pub call: u32,
    /// Start.
    pub from_ms: u64,
    /// End, exclusive.
    pub to_ms: u64,
    /// What is heard in the spans.
    pub mode: PlayMode,
    /// Only this channel; all when empty.
    pub channel: Option<u8>,
    /// 0.5 to 2.0; the pitch moves with it.
    pub speed: f32,
}

/// What is heard in the spans.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum PlayMode {
    /// The call as it would be delivered now.
    Redacted,
    /// The original; only for those who decide, and on record.
    Original,
}
