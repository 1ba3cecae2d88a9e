//! Proves what happened.
//!
//! A court, a regulator or a recipient must be able to check, offline and with tools we did not
//! write, that no entry of the audit log was changed and that a delivered package is complete. This
//! crate writes those files and verifies them.
//!
//! It works on `Read` and `Write` only: it opens no file, reads no clock and keeps no state. Who
//! stores what, and when, is decided in `store` and `services`.
//!
//! Reading order:
//!
//! 1. [`hashing`], [`merkle`]: digests and hash trees.
//! 2. [`mod@format`]: the files that leave the building, versioned and frozen.
//! 3. [`log`]: the audit log, its checkpoints, exports and inclusion proofs.
//! 4. [`verify_log`] with [`report`]: checks a log folder and names what is wrong; [`time_token`] when an
//!    authority saw a checkpoint.
//! 5. [`names`], [`bag`], `table`, [`custody_csv`], [`sshsig`]: the parts of a package.
//! 6. [`package`]: the encrypted package, written as a stream.
//! 7. [`export_csv`], [`export_names`], [`load_file`]: the parts of an eDiscovery export.
//! 8. [`open_package`], [`verify_package`]: reads a package and checks every byte of it.
//!
//! Invariants:
//!
//! - Entries are append-only; `seq` is contiguous from 0 and `prev` chains the leaf hashes.
//! - A check that cannot be carried out is *not performed*, never passed.
//! - Errors and reports name files, entries and fields; never their content.

#![cfg_attr(not(test), deny(clippy::indexing_slicing))]
#![deny(missing_docs)]

pub mod bag;
pub mod custody_csv;
pub mod export_csv;
pub mod export_names;
pub mod format;
pub mod hashing;
pub mod load_file;
pub mod log;
pub mod merkle;
pub mod names;
pub mod open_package;
pub mod package;
pub mod report;
pub mod sshsig;
mod table;
pub mod time_token;
pub mod verify_log;
pub mod verify_package;
