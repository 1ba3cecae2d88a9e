//! What an operator writes to connect a recorder. Unknown keys are refused; the password is not among them. // S1-39, S1-40

use std::{collections::BTreeMap, time::Duration};

use domain::{
    ids::{IdError, SourceId},
    sensitive::Secret,
};
use serde::Deserialize;
use serde_json::Value;

use super::fields::FieldMap;
use crate::http::{HttpError, HttpOptions, RetryPolicy};

/// A recorder with a web interface.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RestSettings {
    /// The id of this source in cases and logs.
    pub id: String,
    /// The product, such as `avaya_aura`; for people.
    pub provider: String,
    /// Base address; `https`, or `http` on this machine. // S1-08
    pub api_endpoint: String,
    /// How to sign in.
    pub auth_type: AuthType,
    /// The name of the service account, for `basic`.
    #[serde(default)]
    pub username: String,
    /// Longest silence of the recorder, in milliseconds.
    #[serde(default = "default_timeout_ms")]
    pub timeout_ms: u64,
    /// Times a failed request is tried again.
    #[serde(default = "default_max_retries")]
    pub max_retries: u32,
    /// Requests a second; old recorders do other work too.
    #[serde(default = "default_pace")]
    pub requests_per_second: f64,
    /// Zone of times without one, as an IANA name.
    pub zone: Option<String>,
    /// How to search.
    pub search: SearchCall,
    /// How to get one recording.
    pub media: MediaCall,
    /// Where in an answer things are.
    pub fields: FieldMap,
}

const fn default_timeout_ms() -> u64 {
    30_000
}

const fn default_max_retries() -> u32 {
    3
}

const fn default_pace() -> f64 {
    5.0
}

/// How to sign in to a recorder. The secret itself comes from the keyring. // S1-09, S1-40
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AuthType {
    /// User name and password.
    Basic,
    /// A token that does not change.
    Bearer,
    /// A certificate and its key, both in PEM form.
    ClientCertificate,
}

/// The method of a call.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Method {
    /// Parameters in the address.
    #[default]
    Get,
    /// A body.
    Post,
}

/// A request with places to fill in: `{from}`, `{to}`, `{number}`, `{page}`, `{offset}`, `{limit}`, `{cursor}`,
/// `{recording}`, `{call}`. A parameter whose place has nothing to fill in is left out.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Call {
    /// Which method.
    #[serde(default)]
    pub method: Method,
    /// Path below the base address; each place is exactly one segment.
    pub path: String,
    /// Parameters of the address.
    #[serde(default)]
    pub query: BTreeMap<String, String>,
    /// The body, sent as JSON; a text that is nothing but a place for a number becomes a number.
    #[serde(default)]
    pub body: Option<Value>,
}

/// How a recorder is searched.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SearchCall {
    /// The request. One with `{number}` is sent for each number; one without is sent once, and matched on our side.
    pub call: Call,
    /// Whether `{from}` and `{to}` are milliseconds since 1970 instead of ISO 8601.
    #[serde(default)]
    pub epoch_ms: bool,
    /// How a number is written, with `{number}` in place of its digits.
    #[serde(default = "plain_number")]
    pub number_form: String,
    /// How long answers come in parts.
    #[serde(default)]
    pub paging: Paging,
}

fn plain_number() -> String {
    "{number}".to_owned()
}

/// How long answers come in parts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Paging {
    /// All at once.
    #[default]
    None,
    /// Pages by number.
    Page {
        /// Number of the first page.
        first: u32,
        /// Recordings of a page.
        size: u32,
        /// Where the number of all recordings is, if anywhere.
        total: Option<String>,
    },
    /// So many from there.
    Offset {
        /// Recordings of a part.
        size: u32,
        /// Where the number of all recordings is, if anywhere.
        total: Option<String>,
    },
    /// A text that leads to the next part.
    Cursor {
        /// Recordings of a part.
        size: u32,
        /// Where the text is; nothing there is the end.
        next: String,
    },
}

/// How one recording is fetched: first what it is, then its sound. // S1-14, S1-35
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MediaCall {
    /// Asks for the description of one recording, with the fields of a search.
    pub describe: Call,
    /// Path of the sound; left out: the address that the description names.
    pub path: Option<String>,
}

/// Why a source cannot be configured like this.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LegacyConfigError {
    /// The id is none.
    #[error("`id`: {0}")]
    Id(#[from] IdError),
    /// The address is none.
    #[error("`{field}` is not an address or path such as `{example}`")]
    Address {
        /// Which key.
        field: &'static str,
        /// A good one.
        example: &'static str,
    },
    /// The address may not be used. // S1-08
    #[error(transparent)]
    Refused(#[from] HttpError),
    /// The zone is unknown.
    #[error("`zone` is not in the IANA database")]
    Zone,
    /// A place to fill in that does not exist.
    #[error(
        "`{text}` has a place that nothing fills; the places are {{from}}, {{to}}, {{number}}, {{page}}, {{offset}}, \
         {{limit}}, {{cursor}}, {{recording}} and {{call}}"
    )]
    Place {
        /// The text.
        text: String,
    },
    /// A secret that cannot be sent.
    #[error("the secret has characters that cannot be sent; enter it again")]
    Secret,
}

impl RestSettings {
    /// The client that this recorder needs: its silence, its retries, and the certificate if that signs in.
    ///
    /// The policy's waits are kept; `HttpOptions` of a test may shorten them.
    pub fn http_options(&self, base: HttpOptions, secret: &Secret<String>) -> HttpOptions {
        let is_certificate = self.auth_type == AuthType::ClientCertificate;
        let pem = || Secret::new(secret.reveal().clone().into_bytes());
        HttpOptions {
            read_timeout: Duration::from_millis(self.timeout_ms.max(1)),
            retry: RetryPolicy {
                max_attempts: self.max_retries.saturating_add(1),
                ..base.retry
            },
            client_certificate: is_certificate.then(pem),
            ..base
        }
    }

    pub(super) fn source_id(&self) -> Result<SourceId, LegacyConfigError> {
        Ok(SourceId::new(self.id.clone())?)
    }
}
