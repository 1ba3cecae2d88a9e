//! The command line as scripts and people use it: the real binary, its output, its exit codes.
#![expect(
    clippy::disallowed_methods,
    reason = "tests write the files that they damage"
)]
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test stops at what it did not expect"
)]

mod bad_redactions;
mod case;
mod decoder;
mod demo;
mod described;
mod desk_of_gateway;
mod detect;
mod evaluate;
mod export;
mod forgery;
mod full_disk;
mod help;
mod interrupted;
mod leaks;
mod redact;
mod sandbox;
mod serve;
mod serve_issuer;
mod serve_large;
mod serve_parts;
mod serve_sync;
mod sign_in;
mod support;
mod tampering;
mod through_gateway;
mod usage;
