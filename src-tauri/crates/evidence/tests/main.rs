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
mod package;
mod package_tampering;
mod support;
mod tools;
mod vectors;
