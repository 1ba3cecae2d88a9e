//! Recorders and archives that came before: no two are alike, so all is configuration.
//!
//! - `settings`: what an operator writes: address, sign-in, calls, paging, fields. // S1-39
//! - `fields`, `entry`: from any JSON to a recording in our terms, and whether it is the data subject's.
//! - `rest`, `page`, `call`: a recorder with a web interface; `seen`: what a search has seen of it.
//! - `sidecar`: recordings with a JSON file beside each; `folder`: on a disk; `s3`, `s3_client`: in a
//!   bucket.
//! - `place`: which archive it is, whatever its id says.
//! - `sniff`: what the bytes are, whatever their name says. // S1-33, S1-34
//!
//! Invariant: credentials of one source are sent to the host they were given for, and to no other. // S1-41

mod call;
mod entry;
mod fields;
mod folder;
mod page;
mod place;
mod rest;
mod s3;
mod s3_client;
mod seen;
mod settings;
mod sidecar;
mod sniff;

pub use self::{
    fields::{Duration, FieldMap, Unit},
    folder::{Folder, FolderSettings},
    rest::LegacyRest,
    s3::{S3Archive, S3Keys, S3Settings},
    settings::{
        AuthType, Call, LegacyConfigError, MediaCall, Method, Paging, RestSettings, SearchCall,
    },
    sniff::Seen,
};
pub(crate) use self::{
    s3_client::{Connector, Denied, cause},
    sniff::Sniffing,
};
