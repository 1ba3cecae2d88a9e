//! Recorders, folders, buckets and gateways beside the platform, over real HTTP.
#![expect(clippy::unwrap_used, reason = "a helper of a test fails the test")]

mod buckets;
mod folders;
mod gateways;
mod recorders;
mod refusals;
mod support;
