//! What a person asks for. // S3-33

use crate::law::Law;

/// The right that a request makes use of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RequestType {
    /// A copy of what is held.
    Access,
    /// A copy in a form that a program can read.
    Portability,
    /// What is wrong is put right.
    Rectification,
    /// What is held is erased.
    Erasure,
}

impl RequestType {
    /// Every type.
    pub const ALL: [Self; 4] = [
        Self::Access,
        Self::Portability,
        Self::Rectification,
        Self::Erasure,
    ];

    /// The stable name in files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Access => "access",
            Self::Portability => "portability",
            Self::Rectification => "rectification",
            Self::Erasure => "erasure",
        }
    }

    /// The type with this stable name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// The provision the right rests on, as a letter quotes it.
    ///
    /// The Californian ones are sections of the Civil Code.
    pub const fn provision(self, law: Law) -> &'static str {
        match (law, self) {
            (Law::EuGdpr, Self::Access) => "Art. 15 GDPR",
            (Law::EuGdpr, Self::Portability) => "Art. 20 GDPR",
            (Law::EuGdpr, Self::Rectification) => "Art. 16 GDPR",
            (Law::EuGdpr, Self::Erasure) => "Art. 17 GDPR",
            (Law::UkGdpr, Self::Access) => "Art. 15 UK GDPR",
            (Law::UkGdpr, Self::Portability) => "Art. 20 UK GDPR",
            (Law::UkGdpr, Self::Rectification) => "Art. 16 UK GDPR",
            (Law::UkGdpr, Self::Erasure) => "Art. 17 UK GDPR",
            (Law::Ccpa, Self::Access) => "Cal. Civ. Code § 1798.110",
            (Law::Ccpa, Self::Portability) => "Cal. Civ. Code § 1798.130(a)(3)(B)(iii)",
            (Law::Ccpa, Self::Rectification) => "Cal. Civ. Code § 1798.106",
            (Law::Ccpa, Self::Erasure) => "Cal. Civ. Code § 1798.105",
        }
    }

    /// Whether the answer is a copy of the recordings. Where it is not, none is made: the frozen list says which
    /// calls are meant, and the recording system is where something is done about them.
    pub const fn is_answered_by_copy(self) -> bool {
        matches!(self, Self::Access | Self::Portability)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    // S3-33
    #[test]
    fn every_right_has_a_provision_of_its_own_under_every_law() {
        for law in Law::ALL {
            let provisions = RequestType::ALL.map(|kind| kind.provision(law));
            let different: BTreeSet<_> = provisions.into_iter().collect();
            assert_eq!(different.len(), provisions.len(), "{law:?}");
        }
        for kind in RequestType::ALL {
            assert_eq!(RequestType::from_name(kind.name()), Some(kind));
        }
        assert_eq!(RequestType::from_name("copy"), None);
    }
}
