//! Which archive it is: an id in the settings can be given to another one.

use domain::{digest::Sha256Digest, ids::SourceId};
use sha2::{Digest as _, Sha256};

/// Characters of the digest that are kept; enough to tell apart, too few to be an address.
const DIGEST_CHARS: usize = 16;

/// The id of an archive with a digest of where it is: a list that was made from one archive is not
/// fetched from another that took over its id.
pub(super) fn place_id(source: &SourceId, address: &[&str]) -> String {
    let digest = Sha256::digest(address.join("\n").as_bytes());
    let hex = Sha256Digest::new(digest.into()).hex();
    format!("{source}@{}", hex.get(..DIGEST_CHARS).unwrap_or(&hex))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_address_under_the_same_id_is_another_archive() {
        let id = SourceId::new("old").unwrap();
        let one = place_id(&id, &["https://a.example.org"]);
        assert_eq!(one, place_id(&id, &["https://a.example.org"]));
        assert_ne!(one, place_id(&id, &["https://b.example.org"]));
        assert!(one.starts_with("old@") && !one.contains("example"));
    }
}
