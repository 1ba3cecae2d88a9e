//! The use cases: what a person or a program can do with a subject access request.
//!
//! Every shell (desktop, command line, gateway) calls the functions listed by
//! [`with_commands!`](crate::with_commands). Each function checks the rule, writes the business change
//! and the audit entry in one transaction and returns; anything that takes longer than about 100 ms
//! is a job of the durable queue.
//!
//! Life of a case, and where it happens:
//!
//! ```text
//! open_case → verify_identity → search → freeze → retrieve → detect → review → approve → redact → seal → deliver
//! ```
//!
//! Reading order: [`app`], [`api`], `open_case`, `search`, `freeze`, `retrieve`, `detect`, `review`,
//! `decisions`, `approve`, `redact`, `seal`, `deliver`, `audit`.
//!
//! Invariants:
//!
//! - No step past `Identity` without verification, and no disclosure without a second person.
//! - Each found recording ends in exactly one end state; the counts add up before a package is sealed.
//! - Every job is idempotent: it looks at what is there, does the missing part, verifies, records.
//! - Nothing unredacted can leave: sealing takes only files whose verification passed and whose digest
//!   is on record.

pub mod api;
pub mod app;
pub mod gateway;
pub mod learned;
pub mod outside_decoder;
pub mod source_config;

mod accept_missing;
mod add_source;
mod advance;
mod approve;
mod audit;
mod call_places;
mod calls;
mod close_case;
mod connect;
mod corrections;
mod decisions;
mod deliver;
mod detect;
mod drill;
mod egress;
mod errors;
mod exclusion;
pub mod export;
mod freeze;
mod frozen_record;
mod get_case;
mod jobs;
mod knowledge;
mod legal_hold;
mod letter;
mod list_cases;
mod listened;
mod live_jobs;
mod locked;
mod measure_retrieval;
mod media;
mod open_case;
mod package_files;
mod phone;
mod place_record;
mod preflight;
mod preview_audio;
mod progress;
mod public_keys;
mod reconcile;
mod record;
mod recovery;
mod redact;
mod residual;
mod restore_call;
mod retrieve;
mod review;
mod review_transcript;
mod review_view;
mod run_jobs;
mod seal;
mod sealed_bytes;
mod search;
mod search_beyond;
mod search_record;
mod search_sources;
mod sign_in_source;
mod sink;
mod source_for_job;
mod source_setting;
mod sources;
mod span_reason;
mod status;
mod token_keeper;
mod transcript_record;
mod verify_identity;
mod watch_restorations;
mod witness;

pub use accept_missing::accept_missing_call;
pub use add_source::{add_any_source, add_source, remove_source};
pub use approve::{approve_call, return_call};
pub use audit::{export_audit, list_audit, rotate_log_key, verify_audit};
pub use calls::list_calls;
pub use close_case::close_case;
pub use connect::{connect_sandbox, connect_source};
pub use corrections::{list_corrections, remove_correction};
pub use decisions::{add_span, decide_span, finish_review, undo_decision};
pub use deliver::{deliver_package, get_package, list_packages, reveal_passphrase};
pub use drill::run_drill;
pub use export::{cancel_export, get_export, start_export};
pub use freeze::freeze_list;
pub use get_case::{get_case, reveal_requestor};
pub use jobs::{cancel_jobs, list_jobs, retry_jobs};
pub use legal_hold::retry_hold;
pub use list_cases::list_cases;
pub use listened::note_listened;
pub use measure_retrieval::{MeasureReq, Measured, measure_retrieval};
pub use open_case::{open_case, preview_deadline};
pub use preflight::preflight_package;
pub use preview_audio::{AudioPreview, open_preview};
pub use public_keys::{PublicKeys, public_keys};
pub use recovery::{restore_key, reveal_recovery_key};
pub use restore_call::restore_call;
pub use retrieve::start_retrieval;
pub use review_view::{get_peaks, get_review, reveal_span, reveal_transcript};
pub use seal::{seal_package, verify_package};
pub use search::{get_search, preview_range, search_recordings};
pub use sign_in_source::{cancel_sign_in, sign_in_source, sign_out_source};
pub use status::{get_status, sign_in};
pub use verify_identity::record_identity_check;

/// Files that shells write at a person's request; only `store` writes files.
pub use store::{output as files, process};

/// Transcript files that a person names.
pub use connectors::transcript_file;
