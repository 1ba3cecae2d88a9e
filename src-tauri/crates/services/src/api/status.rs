//! Who is at the desk, what is connected.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::DrillView;

/// What the status bar and the first screen show.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct Status {
    /// The person at this desk, if signed in.
    pub person: Option<Person>,
    /// The connected sources; the organization's platform comes first.
    pub sources: Vec<ConnectedSource>,
    /// Number of entries of the audit log.
    pub log_size: u64,
    /// Jobs that run or wait, over all cases.
    pub jobs_open: u32,
    /// Where delivered packages are put, for display.
    pub delivery_folder: String,
    /// Cases that are not closed.
    pub cases_open: u32,
    /// Version of the product.
    pub version: String,
    /// What the last drill of the detector found; absent before the first. // B16
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub drill: Option<DrillView>,
}

/// A person at the desk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Person {
    /// Account id.
    pub id: String,
    /// What they may do.
    pub role: RoleName,
}

/// What a person may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum RoleName {
    /// Handles cases.
    CaseWorker,
    /// Approves what somebody else decided; may also handle cases.
    Approver,
    /// Hears redacted audio only and checks the log.
    Auditor,
}

/// Signs a person in at this desk.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct SignInReq {
    /// Account id: letters, digits, `.`, `-`, `_`, `@`.
    pub person_id: String,
    /// What they may do.
    pub role: RoleName,
}

/// A connected source.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct ConnectedSource {
    /// Its id in cases and logs.
    pub id: String,
    /// `genesys`, `legacy_rest`, `s3_archive`, `gateway` or `folder`.
    pub kind: String,
    /// Name of the organization.
    pub organization: String,
    /// Region in words, such as `EU (Frankfurt)`.
    pub region: String,
    /// Whether this is the built-in organization with sample calls.
    pub is_sandbox: bool,
    /// Who signed in with a browser, by their name at the source; nothing for a service.
    pub signed_in_as: Option<String>,
    /// Why it cannot be used until it is connected again; a search counts it as not searched.
    pub trouble: Option<String>,
}

/// Connects a Genesys Cloud organization with client credentials.
#[derive(Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct ConnectSourceReq {
    /// Region by its domain or cloud region, such as `mypurecloud.de`; not needed with explicit URLs.
    pub region: Option<String>,
    /// API base URL, for the sandbox or a gateway.
    pub api_url: Option<String>,
    /// Login base URL, for the sandbox or a gateway.
    pub login_url: Option<String>,
    /// Further hosts that recordings come from, such as the storage of another region; the storage of the
    /// organization's own region is known. Every other host is refused. // B8
    pub media_hosts: Option<Vec<String>>,
    /// OAuth client id.
    pub client_id: String,
    /// OAuth client secret; goes to the keyring and is never shown again. // S0-21
    pub client_secret: String,
    /// Accept credentials that may do more than needed, for this reason. // S0-22
    pub accept_excess_reason: Option<String>,
}

impl std::fmt::Debug for ConnectSourceReq {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ConnectSourceReq")
            .field("region", &self.region)
            .field("client_secret", &"<redacted>")
            .finish_non_exhaustive()
    }
}

/// Connects a Genesys Cloud organization as the person who signs in with the browser.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct SignInSourceReq {
    /// Region by its domain or cloud region, such as `mypurecloud.de`; not needed with explicit URLs.
    pub region: Option<String>,
    /// API base URL, for the sandbox or a gateway.
    pub api_url: Option<String>,
    /// Login base URL, for the sandbox or a gateway.
    pub login_url: Option<String>,
    /// Further hosts that recordings come from, as in [`ConnectSourceReq`]. // B8
    pub media_hosts: Option<Vec<String>>,
    /// Id of an OAuth client for persons, with PKCE; it has no secret.
    pub client_id: String,
    /// Port of the redirect address that is registered with the client; left out: 28147.
    pub redirect_port: Option<u16>,
    /// Accept a person who may do more than needed, for this reason. // S0-22
    pub accept_excess_reason: Option<String>,
}

/// Connects an archive beside the organization's platform. // S1-39
#[derive(Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct AddSourceReq {
    /// Its description in TOML (docs/formats/sources.md); holds no secret.
    pub settings: String,
    /// Password, token, certificate with key, or the two lines of an access key; goes to the keyring and is
    /// never shown again. // S1-40
    pub secret: Option<String>,
}

impl std::fmt::Debug for AddSourceReq {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AddSourceReq").finish_non_exhaustive()
    }
}

/// Names a source.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct SourceRef {
    /// Its id.
    pub source: String,
}

/// What the check of a source found. // S0-06, S0-22
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct SourceReport {
    /// Whether it is connected now.
    pub connected: bool,
    /// Name of the organization.
    pub organization: String,
    /// Region in words.
    pub region: String,
    /// Divisions the credentials can see.
    pub divisions: Vec<String>,
    /// Permissions that are there and needed.
    pub granted: Vec<String>,
    /// Permissions that are needed and not there.
    pub missing: Vec<String>,
    /// Permissions that are there and not needed.
    pub excess: Vec<String>,
}
