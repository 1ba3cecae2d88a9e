//! A pretend Genesys Cloud organization over real HTTP with real speech.
//!
//! It is the demo mode of the product and the test double of every flow: the real client signs in,
//! searches, downloads and reads transcripts here exactly as it would there. It is *not* a mock that
//! agrees with the client; every path, field, status and error comes from the published API
//! definition, and what is not imitated answers 404.
//!
//! One process, three loopback listeners, state in memory:
//!
//! | host  | serves |
//! |-------|--------|
//! | login | `/oauth/authorize` (a page for persons), `POST /oauth/token` |
//! | api   | `/api/v2/…`: identity, analytics, recordings, batch, transcripts, hold, contacts |
//! | media | presigned URLs to audio and transcript files, as object storage does |
//!
//! Modules in reading order:
//!
//! - [`mod@demo`]: whose request the demo answers
//! - [`mod@ground_truth`]: which personal data is spoken where, exact to the millisecond
//! - `corpus`, `audio`, `ogg`: the committed recordings and how they become the format asked for
//! - `bulk`: as many or as long recordings as a measurement wants
//! - `organization`: credentials and what they may do; `state`, `file_state`: what the organization remembers
//! - [`mod@browser`]: a person at the login page
//! - `genesys`: the login and API hosts; `media`, `presign`: the media host
//! - `legacy`: the recorders from before, on listeners of their own; `evidence_bucket`: where exports are copied to
//! - [`scenario`]: faults to inject, `campaign`: drawn by lot; `faults`, `connection`: how they happen
//! - `server`: listeners, start and stop
//!
//! ```no_run
//! # async fn example() -> Result<(), sandbox::SandboxError> {
//! let sandbox = sandbox::Sandbox::start(sandbox::SandboxOptions::default()).await?;
//! assert!(sandbox.urls().api_url.starts_with("http://127.0.0.1:"));
//! sandbox.stop().await;
//! # Ok(())
//! # }
//! ```
//!
//! The README beside this crate documents the scenario file and how the corpus is made.

mod audio;
pub mod browser;
mod bulk;
mod campaign;
mod connection;
mod corpus;
pub mod demo;
mod evidence_bucket;
mod faults;
mod file_state;
mod genesys;
pub mod ground_truth;
mod legacy;
mod media;
mod ogg;
mod organization;
mod presign;
pub mod scenario;
mod server;
mod state;

pub use audio::planted_media;
pub use bulk::{BULK_START, Bulk};
pub use campaign::Lot;
pub use demo::{DemoSubject, demo_subject};
pub use evidence_bucket::{EvidenceBucket, EvidenceBucketOptions};
pub use file_state::FileState;
pub use ground_truth::{GroundTruth, TruthItem, ground_truth};
pub use legacy::{LegacyCall, LegacyOptions, LegacyRecorders, LegacyUrls};
pub use organization::{ClientRole, Credentials};
pub use scenario::{Scenario, ScenarioError};
pub use server::{Clock, HostTraffic, Sandbox, SandboxError, SandboxOptions, SandboxUrls};
