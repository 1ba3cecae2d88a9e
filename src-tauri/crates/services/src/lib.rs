//! Filled in below.
pub mod api;
