//! What may be kept of an address that gave a file to whoever had it.

use std::time::Duration;

use domain::digest::Sha256Digest;
use jiff::{Timestamp, civil::DateTime, tz::TimeZone};
use sha2::{Digest as _, Sha256};
use url::Url;

/// A presigned address without the parts that made it work. // S0-64, S0-72
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MediaLink {
    /// Scheme, host, port and path.
    pub place: String,
    /// Digest of the whole address, to recognize it again.
    pub digest: Sha256Digest,
    /// When it stopped working; `None` when the address does not say.
    pub expires_at_utc: Option<Timestamp>,
}

impl MediaLink {
    pub(crate) fn of(url: &Url) -> Self {
        let mut place = url.clone();
        place.set_query(None);
        place.set_fragment(None);
        // Only addresses without a host cannot carry credentials, and those have none to remove.
        let _ = place.set_username("");
        let _ = place.set_password(None);
        let digest = Sha256::digest(url.as_str().as_bytes());
        Self {
            place: place.into(),
            digest: Sha256Digest::new(digest.into()),
            expires_at_utc: expiry(url),
        }
    }
}

/// Signature version 4: when it was signed, and for how many seconds (AWS, "Authenticating Requests: Using Query
/// Parameters").
fn expiry(url: &Url) -> Option<Timestamp> {
    let value = |wanted: &str| {
        let found = url.query_pairs().find(|(name, _)| name == wanted);
        found.map(|(_, value)| value.into_owned())
    };
    let signed = DateTime::strptime("%Y%m%dT%H%M%SZ", value("X-Amz-Date")?).ok()?;
    let seconds = value("X-Amz-Expires")?.parse().ok()?;
    let signed_utc = signed.to_zoned(TimeZone::UTC).ok()?.timestamp();
    signed_utc.checked_add(Duration::from_secs(seconds)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link(text: &str) -> MediaLink {
        MediaLink::of(&Url::parse(text).unwrap())
    }

    // S0-72
    #[test]
    fn nothing_that_works_is_kept() {
        let link = link(
            "https://key:secret@media.example.org/a/b.wav?X-Amz-Date=20261121T093001Z&X-Amz-Expires=900&X-Amz-Signature=abc#x",
        );
        assert_eq!(link.place, "https://media.example.org/a/b.wav");
        assert_eq!(
            link.expires_at_utc,
            Some("2026-11-21T09:45:01Z".parse().unwrap())
        );
    }

    #[test]
    fn the_digest_is_that_of_the_whole_address() {
        let (one, other) = (
            link("https://m.example.org/a?X-Amz-Signature=1"),
            link("https://m.example.org/a?X-Amz-Signature=2"),
        );
        assert_eq!(one.place, other.place);
        assert_ne!(one.digest, other.digest);
        // printf 'https://m.example.org/a?X-Amz-Signature=1' | sha256sum
        assert_eq!(
            one.digest.hex(),
            "b4c6e6cb818d9865462c17af6cbe9d8b672bab6c6cdf9d641ba32908dc522bd0"
        );
    }

    #[test]
    fn an_address_that_says_no_end_or_lies_has_none() {
        for query in [
            "",
            "X-Amz-Date=20261121T093001Z",
            "X-Amz-Date=yesterday&X-Amz-Expires=900",
            "X-Amz-Date=20261121T093001Z&X-Amz-Expires=99999999999999999999",
            "X-Amz-Date=20261121T093001Z&X-Amz-Expires=18446744073709551615",
        ] {
            let link = link(&format!("https://m.example.org/a?{query}"));
            assert_eq!(link.expires_at_utc, None, "{query}");
        }
    }
}
