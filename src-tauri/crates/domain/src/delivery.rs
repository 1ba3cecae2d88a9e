//! Handing the package over.

use jiff::{Timestamp, ToSpan};

use crate::digest::Sha256Digest;

/// How a package reaches the recipient.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DeliveryChannel {
    /// A file in a folder the case worker chose.
    File,
}

/// How the passphrase reaches the recipient; never the way the package goes. // R-16
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PassphraseChannel {
    /// Read out on the phone.
    Phone,
    /// By text message.
    Sms,
    /// By letter.
    Post,
    /// Face to face.
    InPerson,
}

impl PassphraseChannel {
    /// Every channel.
    pub const ALL: [Self; 4] = [Self::Phone, Self::Sms, Self::Post, Self::InPerson];

    /// The stable name in files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Phone => "phone",
            Self::Sms => "sms",
            Self::Post => "post",
            Self::InPerson => "in_person",
        }
    }

    /// The channel with this stable name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|channel| channel.name() == name)
    }
}

/// A delivery on record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// How the package went.
    pub channel: DeliveryChannel,
    /// How the passphrase goes.
    pub passphrase_by: PassphraseChannel,
    /// Digest of the delivered file.
    pub package_sha256: Sha256Digest,
    /// When it was handed over.
    pub delivered_at_utc: Timestamp,
    /// When the offer ends.
    pub expires_at_utc: Timestamp,
}

/// Hours a delivery stays on offer. // S0-54, S0-69
pub const DELIVERY_HOURS: i64 = 24;

/// When a delivery of `delivered_at_utc` ends: exactly 24 hours later. // S0-69
pub fn expiry(delivered_at_utc: Timestamp) -> Timestamp {
    delivered_at_utc
        .saturating_add(DELIVERY_HOURS.hours())
        .unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    // S0-69
    #[test]
    fn a_delivery_ends_exactly_one_day_later() {
        let at: Timestamp = "2026-03-28T12:00:00Z".parse().unwrap();
        assert_eq!(expiry(at).to_string(), "2026-03-29T12:00:00Z");
    }
}
