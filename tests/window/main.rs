//! The real window, driven as a person would: built program, real web view, real core, real sound path.
//!
//! Needs a display, a message bus and an unlocked keyring: `cargo xtask test` provides all three. A tool
//! that is missing fails the test and says so; nothing is skipped.

#![expect(
    clippy::disallowed_methods,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking, and writes its pictures and configuration itself"
)]

mod archives;
mod driver;
mod extract;
mod job;
mod limits;
mod page;
mod review;
mod screens;
mod sound;
mod waiting;
