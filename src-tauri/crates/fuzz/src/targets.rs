//! The targets, one file for each crate.

pub mod audio;
pub mod evidence;
pub mod speech;
