//! Why a host gave no answer.

use std::error::Error;

use url::Url;

use super::address::host_of;

/// The caller stopped the work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("stopped on request")]
pub struct Cancelled;

/// Why a host gave no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HttpError {
    /// The caller stopped the work.
    #[error("stopped on request")]
    Cancelled,
    /// The client could not be built.
    #[error("the HTTP client cannot start: {reason}")]
    Setup {
        /// Why.
        reason: String,
    },
    /// The address may not be asked.
    #[error("`{host}` was not asked: {reason}; correct the address")]
    Address {
        /// The host.
        host: String,
        /// Why not.
        reason: &'static str,
    },
    /// The host is none of those that the source is known to use. // B8
    #[error(
        "`{host}` was not asked: it is none of the hosts of this source, and nothing was sent; if it \
         belongs to the organization, add it to the media hosts when connecting"
    )]
    UnknownHost {
        /// The host.
        host: String,
    },
    /// No connection, or it broke.
    #[error(
        "`{host}` could not be reached in {attempts} attempts: {reason}; check the network and the address"
    )]
    Unreachable {
        /// The host.
        host: String,
        /// What the operating system said.
        reason: String,
        /// How often it was tried.
        attempts: u32,
    },
    /// The certificate is not trusted, or TLS failed otherwise.
    #[error(
        "`{host}` has no trusted TLS certificate: {reason}; ask the network team, do not bypass it"
    )]
    Tls {
        /// The host.
        host: String,
        /// What rustls said.
        reason: String,
    },
    /// No answer in time.
    #[error("`{host}` did not answer in time in {attempts} attempts; try again later")]
    TimedOut {
        /// The host.
        host: String,
        /// How often it was tried.
        attempts: u32,
    },
    /// The host asks for a longer wait than allowed.
    #[error("`{host}` is limiting requests and asks to wait {wait_s} s; try again after that")]
    RateLimited {
        /// The host.
        host: String,
        /// How long it asks to wait, in seconds.
        wait_s: u64,
        /// How often it was tried.
        attempts: u32,
    },
    /// The host failed.
    #[error("`{host}` failed with status {status} in {attempts} attempts; try again later")]
    Server {
        /// The host.
        host: String,
        /// The status.
        status: u16,
        /// How often it was tried.
        attempts: u32,
    },
    /// The host failed so often that it is left alone for a while.
    #[error(
        "`{host}` failed again and again and is left alone for {wait_s} s; try again after that"
    )]
    Resting {
        /// The host.
        host: String,
        /// For how long, in seconds.
        wait_s: u64,
        /// How often it was tried.
        attempts: u32,
    },
    /// The answer is larger than any expected one.
    #[error("the answer of `{host}` is larger than {limit_bytes} bytes and was not read")]
    TooLarge {
        /// The host.
        host: String,
        /// The limit.
        limit_bytes: usize,
    },
}

impl From<Cancelled> for HttpError {
    fn from(_: Cancelled) -> Self {
        Self::Cancelled
    }
}

impl HttpError {
    pub(crate) fn setup(error: &reqwest::Error) -> Self {
        Self::Setup {
            reason: innermost(error),
        }
    }

    pub(crate) fn too_large(url: &Url, limit_bytes: usize) -> Self {
        Self::TooLarge {
            host: host_of(url),
            limit_bytes,
        }
    }

    /// Puts in how often it was tried.
    pub(crate) fn after(mut self, count: u32) -> Self {
        match &mut self {
            Self::Unreachable { attempts, .. }
            | Self::TimedOut { attempts, .. }
            | Self::RateLimited { attempts, .. }
            | Self::Server { attempts, .. }
            | Self::Resting { attempts, .. } => *attempts = count,
            Self::Cancelled
            | Self::Setup { .. }
            | Self::Address { .. }
            | Self::UnknownHost { .. }
            | Self::Tls { .. }
            | Self::TooLarge { .. } => {}
        }
        self
    }
}

/// The text of the last cause; outer ones may contain the address with its query.
pub(crate) fn innermost(error: &(dyn Error + 'static)) -> String {
    let mut cause = error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    match cause.downcast_ref::<reqwest::Error>() {
        Some(_) => "the connection failed".to_owned(),
        None => cause.to_string(),
    }
}
