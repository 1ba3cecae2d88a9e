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

mod case;
mod demo;
mod described;
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
mod serve_large;
mod sign_in;
mod serve_parts;
mod support;
mod tampering;
mod through_gateway;
mod usage;
