//! The nouns and rules of subject access requests for call recordings.
//!
//! This crate says what a case, a recording, a detection or a redaction plan *is* and which state
//! changes are allowed. It performs no I/O, reads no clock, draws no random number and knows no
//! file format: those belong to the crates above it (see `docs/ARCHITECTURE.md`).
//!
//! Reading order:
//!
//! 1. [`ids`], [`digest`], [`sensitive`]: values that must not be mixed up or printed.
//! 2. [`case`], [`request_type`], [`requestor`], [`verification`], [`law`]: who asks for what, and until when.
//! 3. [`time_range`], [`search`], [`recording`], [`custody`]: what was found and brought in.
//! 4. [`transcript`], [`entity`], [`detection`], [`policy`], [`plan`]: what has to go.
//! 5. [`review`], [`delivery`], [`closing`], [`audit`]: who decided, what left, what is on record.
//!
//! Invariants:
//!
//! - Time ranges are half-open, `[start, end)`; instants are UTC and end in `_utc`.
//! - Types holding personal data or secrets never print their content.
//! - Domain types are not serialized; each outer world has its own structs and a conversion.

pub mod audit;
pub mod case;
pub mod closing;
pub mod custody;
pub mod delivery;
pub mod detection;
pub mod digest;
pub mod entity;
pub mod ids;
pub mod law;
pub mod plan;
pub mod policy;
pub mod recording;
pub mod request_type;
pub mod requestor;
pub mod review;
pub mod search;
pub mod sensitive;
pub mod time_range;
pub mod transcript;
pub mod verification;
