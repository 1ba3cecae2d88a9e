//! Talks to the systems that hold recordings, and knows their quirks.
//!
//! It signs in, searches, downloads media and transcripts, and says in typed errors what went wrong
//! and what to do. It stores nothing and decides nothing: custody, redaction and policy belong to the
//! crates above it.
//!
//! Reading order:
//!
//! 1. [`source`]: the closed list of source systems and what every one of them can do; `sign_in`: why it cannot be
//!    asked; `sink`: where its bytes go.
//! 2. [`timeline`]: from the wall clock of a source to the audio, pauses cut out.
//! 3. [`http`]: the one HTTP client, the one retry policy, the ledger of what left this machine.
//! 4. [`limiter`]: the pace one organization allows, shared by all tasks; `download`, `link`, `numbers`: one file,
//!    what may be kept of its address, and one phone number in every form.
//! 5. [`genesys`]: Genesys Cloud, Platform API v2.
//! 6. [`legacy`]: recorders and archives that came before, all by configuration; [`gateway`]: a gateway of
//!    this product, in front of any of them.
//! 7. [`overlap`]: calls that two sources have; [`locate`]: where a reference leads; [`recount`]: a second
//!    way to the same calls.
//! 8. [`bucket`]: where finished exports are copied to.
//! 9. [`transcript_file`]: transcript files, from a source or named by a person.
//! 10. [`token_issuer`]: tokens of callers that somebody else issued.
//!
//! Invariants:
//!
//! - A token goes only to the host it was issued for; presigned addresses are fetched by a function
//!   that cannot send one. // S1-41
//! - Every wait has an end and can be cancelled; every loop has a limit.
//! - Errors and logs carry no personal data, no secret, and no query of an address.
//! - Unknown fields and unknown enum values of a source never fail an answer.

pub mod bucket;
mod download;
pub mod gateway;
pub mod genesys;
pub mod http;
pub mod legacy;
pub mod limiter;
pub mod link;
pub mod locate;
mod numbers;
pub mod overlap;
pub mod recount;
mod sign_in;
mod sink;
pub mod source;
pub mod timeline;
pub mod token_issuer;
pub mod transcript_file;
