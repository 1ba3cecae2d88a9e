//! Tests of the evidence crate from outside: what it writes, and that tampering is found.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "helpers of tests may fail loudly"
)]

mod export_document;
mod formats;
mod log;
mod log_tampering;
mod mutations;
mod package;
mod package_tampering;
mod programs;
mod standards;
mod support;
mod time_tokens;
mod tools_log;
mod tools_package;
mod vectors;
