//! Recorders, folders and buckets from before the platform, against the sandbox's, over real HTTP.
#![expect(clippy::unwrap_used, reason = "a helper of a test fails the test")]

mod buckets;
mod folders;
mod recorders;
mod refusals;
mod support;
