//! Background work.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::ErrorCode;

/// Work was queued; events and [`JobList`] tell how it goes. // S0-62
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct JobStarted {
    /// How many jobs were queued; 0 when everything was done already.
    pub jobs: u32,
}

/// Jobs of a case.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct JobList {
    /// Unfinished and failed ones first, then the newest.
    pub jobs: Vec<JobView>,
    /// How long the calls that wait will take, in seconds: measured, or planned before the first is done.
    pub seconds_left: Option<u64>,
}

/// One job.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct JobView {
    /// Its id.
    pub id: String,
    /// `search`, `retrieve`, `detect`, `redact`, `seal` or `deliver`.
    pub kind: String,
    /// The call it is about, if any.
    pub call: Option<u32>,
    /// `waiting`, `running`, `done`, `failed`, `cancelled`, or `superseded`: failed, and done by a later
    /// job.
    pub state: String,
    /// What it does now, as a stable name.
    pub stage: String,
    /// Bytes handled so far.
    pub bytes: u64,
    /// Bytes in all; 0 when unknown.
    pub bytes_total: u64,
    /// Why it failed, or why its last attempt did, in words.
    pub message: Option<String>,
    /// The same for programs.
    pub code: Option<ErrorCode>,
    /// How often it was tried.
    pub attempts: u32,
}
