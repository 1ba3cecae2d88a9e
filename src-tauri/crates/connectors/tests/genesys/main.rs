//! The Genesys connector against the sandbox organization, over real HTTP, faults included.
#![expect(clippy::unwrap_used, reason = "a helper of a test fails the test")]

mod archive;
mod contract;
mod egress;
mod intake;
mod intervals;
mod media;
mod odd_answers;
mod person;
mod recent;
mod resting;
mod scripted;
mod search;
mod sign_in;
mod skewed;
mod spawned;
mod support;
mod transcripts;
mod years;
