//! Package and delivery.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::audit::CheckView;

/// What stands in the way of sealing.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct Preflight {
    /// Whether the package can be sealed.
    pub ready: bool,
    /// Each condition and whether it holds.
    pub checks: Vec<CheckView>,
    /// What goes in.
    pub contents: Vec<ContentView>,
}

/// One kind of content.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct ContentView {
    /// Stable name: `redacted_audio`, `transcripts`, `call_list`, `redaction_schedule`, `letter`, `custody`.
    pub kind: String,
    /// Number of files.
    pub files: u32,
}

/// Seals the package of a case.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct SealReq {
    /// Case number.
    pub case_id: String,
}

/// The package of a case.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct PackageView {
    /// `none`, `sealing`, `sealed`, `delivered` or `failed`.
    pub state: String,
    /// Why sealing failed, in words.
    pub failure: Option<String>,
    /// Neutral file name.
    pub file_name: Option<String>,
    /// Digest of the file.
    pub sha256: Option<String>,
    /// Its size.
    pub size_bytes: Option<u64>,
    /// When it was sealed.
    pub sealed_at_utc: Option<String>,
    /// Whether the passphrase can still be shown.
    pub passphrase_available: bool,
    /// The delivery, once done.
    pub delivery: Option<DeliveryView>,
}

/// Shows the passphrase of a sealed package; asking for it is on record.
#[derive(Clone, Serialize, Deserialize, TS)]
pub struct PassphraseView {
    /// Seven words.
    pub passphrase: String,
}

/// Hands the package over into the delivery folder.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct DeliverReq {
    /// Case number.
    pub case_id: String,
    /// How the passphrase goes: `phone`, `sms`, `post` or `in_person`.
    pub passphrase_by: String,
}

/// A delivery.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct DeliveryView {
    /// Where the file is, for display.
    pub location: String,
    /// How the passphrase goes.
    pub passphrase_by: String,
    /// When it was handed over.
    pub delivered_at_utc: String,
    /// When the offer ends.
    pub expires_at_utc: String,
    /// Digest of the delivered file.
    pub sha256: String,
}

/// Packages of all cases.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct PackageList {
    /// Newest first.
    pub packages: Vec<PackageRowView>,
}

/// One package.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct PackageRowView {
    /// Case number.
    pub case_id: String,
    /// The package.
    pub package: PackageView,
}
