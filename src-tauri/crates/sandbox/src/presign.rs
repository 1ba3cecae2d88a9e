//! Links that open one object for a while, in the form object storage gives them.

use jiff::Timestamp;
use sha2::{Digest, Sha256};

/// Makes and checks links with a key that lives as long as the process.
pub(crate) struct Signer {
    key: [u8; 16],
}

/// Why a link does not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refused {
    Unsigned,
    WrongSignature,
    Expired,
}

impl Signer {
    pub(crate) fn new() -> Self {
        Self {
            key: *uuid::Uuid::new_v4().as_bytes(),
        }
    }

    /// Path and query of a link that opens `path` from `now_utc` for `ttl_s` seconds.
    pub(crate) fn sign(&self, path: &str, now_utc: Timestamp, ttl_s: i64) -> String {
        let date = now_utc.strftime("%Y%m%dT%H%M%SZ").to_string();
        let signature = self.signature(path, &date, ttl_s);
        format!(
            "{path}?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Date={date}&X-Amz-Expires={ttl_s}\
             &X-Amz-SignedHeaders=host&X-Amz-Signature={signature}"
        )
    }

    /// Whether a request for `path` with this query may be answered at `now_utc`.
    pub(crate) fn check(&self, path: &str, query: &str, now_utc: Timestamp) -> Result<(), Refused> {
        let date = parameter(query, "X-Amz-Date").ok_or(Refused::Unsigned)?;
        let expires = parameter(query, "X-Amz-Expires").ok_or(Refused::Unsigned)?;
        let signature = parameter(query, "X-Amz-Signature").ok_or(Refused::Unsigned)?;
        let ttl_s: i64 = expires.parse().map_err(|_| Refused::WrongSignature)?;
        if signature != self.signature(path, date, ttl_s) {
            return Err(Refused::WrongSignature);
        }
        let signed_utc = jiff::civil::DateTime::strptime("%Y%m%dT%H%M%SZ", date)
            .and_then(|date| date.to_zoned(jiff::tz::TimeZone::UTC))
            .map_err(|_| Refused::WrongSignature)?;
        let age_s = now_utc.as_second() - signed_utc.timestamp().as_second();
        if age_s > ttl_s {
            Err(Refused::Expired)
        } else {
            Ok(())
        }
    }

    /// A keyed digest of everything the link promises; nested, so that it cannot be extended.
    fn signature(&self, path: &str, date: &str, ttl_s: i64) -> String {
        let inner = Sha256::new()
            .chain_update(self.key)
            .chain_update(format!("{path}\n{date}\n{ttl_s}"))
            .finalize();
        let outer = Sha256::new()
            .chain_update(self.key)
            .chain_update(inner)
            .finalize();
        outer.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// The value of a query parameter that needs no unescaping.
fn parameter<'a>(query: &'a str, name: &str) -> Option<&'a str> {
    query
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .find(|(key, _)| *key == name)
        .map(|(_, v)| v)
}
