//! What is disclosed to whom: policies as data.

use crate::{
    detection::{Detection, SpanDecision},
    entity::{EntityClass, EntityKind, Owner},
};

/// The score at which an item is handled without a person, and the score from which it is looked at.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Threshold {
    /// At or above: decided by the policy alone. // S0-50
    pub auto: f32,
    /// At or above, but below `auto`: a person decides. Below: only kept as a note.
    pub review: f32,
}

/// A rule set for one kind of disclosure. // S0-48, B1
#[derive(Debug, Clone, PartialEq)]
pub struct Policy {
    /// Stable name, such as `data_subject_copy`.
    pub name: &'static str,
    disclosure: Disclosure,
}

/// Who gets the recordings; decides what they may hear.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Disclosure {
    /// The data subject: their own data stays, other people's goes.
    DataSubject,
    /// Somebody else: all personal data goes.
    ThirdParty,
    /// The data subject under the CCPA, which withholds some of their own data too. // R-24
    Ccpa,
    /// A court or counsel: originals.
    EDiscovery,
}

impl Policy {
    /// Every policy, the default first.
    pub const ALL: [Self; 4] = [
        Self {
            name: "data_subject_copy",
            disclosure: Disclosure::DataSubject,
        },
        Self {
            name: "third_party_copy",
            disclosure: Disclosure::ThirdParty,
        },
        Self {
            name: "ccpa",
            disclosure: Disclosure::Ccpa,
        },
        Self {
            name: "ediscovery",
            disclosure: Disclosure::EDiscovery,
        },
    ];

    /// The default: the copy a data subject is owed (Art. 15 GDPR).
    pub const fn data_subject_copy() -> Self {
        Self {
            name: "data_subject_copy",
            disclosure: Disclosure::DataSubject,
        }
    }

    /// The policy with this stable name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|policy| policy.name == name)
    }

    /// The thresholds for a kind of data. // S0-49
    pub const fn threshold(&self, entity: EntityKind) -> Threshold {
        match entity {
            EntityKind::PersonName | EntityKind::Address | EntityKind::HealthTerm => Threshold {
                auto: 0.85,
                review: 0.50,
            },
            EntityKind::CreditCard | EntityKind::Ssn => Threshold {
                auto: 0.95,
                review: 0.45,
            },
            EntityKind::Dtmf => Threshold {
                auto: 0.95,
                review: 0.70,
            },
            EntityKind::Cvv
            | EntityKind::CardExpiry
            | EntityKind::Pin
            | EntityKind::Password
            | EntityKind::NationalInsurance
            | EntityKind::NationalId => Threshold {
                auto: 0.90,
                review: 0.45,
            },
            EntityKind::PhoneNumber
            | EntityKind::DateOfBirth
            | EntityKind::Email
            | EntityKind::AccountNumber
            | EntityKind::BankRouting
            | EntityKind::Iban
            | EntityKind::MedicalId
            | EntityKind::Passport
            | EntityKind::DriverLicense
            | EntityKind::VehicleReg
            | EntityKind::DeviceId
            | EntityKind::IpAddress
            | EntityKind::Other => Threshold {
                auto: 0.90,
                review: 0.50,
            },
        }
    }

    /// What the policy says about a detection. `None` when the score is below the review band.
    ///
    /// Sure and owned by somebody the policy names: decided. Otherwise a person decides; an item in
    /// the review band is never dropped. // S0-50
    pub fn decide(&self, detection: &Detection) -> Option<SpanDecision> {
        let threshold = self.threshold(detection.entity);
        if self.disclosure == Disclosure::EDiscovery || detection.score < threshold.review {
            return None;
        }
        let sure = detection.score >= threshold.auto;
        Some(match self.ruling(detection.entity, detection.owner) {
            SpanDecision::Redact if sure => SpanDecision::Redact,
            SpanDecision::Keep if sure => SpanDecision::Keep,
            SpanDecision::Redact | SpanDecision::Keep | SpanDecision::Review => {
                SpanDecision::Review
            }
        })
    }

    /// The ruling for a certain item of this kind and owner.
    pub fn ruling(&self, entity: EntityKind, owner: Owner) -> SpanDecision {
        if self.always_removed(entity) {
            return SpanDecision::Redact;
        }
        match (self.disclosure, owner) {
            (Disclosure::ThirdParty, _) => SpanDecision::Redact,
            (Disclosure::EDiscovery, _) => SpanDecision::Keep,
            (Disclosure::DataSubject | Disclosure::Ccpa, Owner::Requestor) => SpanDecision::Keep,
            (Disclosure::DataSubject | Disclosure::Ccpa, Owner::ThirdParty) => SpanDecision::Redact,
            // An employee's name is neither withheld nor given by rule (C-579/21 Pankki S). // R-13
            (Disclosure::DataSubject | Disclosure::Ccpa, Owner::Agent) => match entity {
                EntityKind::PersonName => SpanDecision::Keep,
                _ => SpanDecision::Redact,
            },
            (Disclosure::DataSubject | Disclosure::Ccpa, Owner::Unknown) => SpanDecision::Review,
        }
    }

    /// Whether a kind is removed whoever owns it.
    ///
    /// Payment authentication data always (PCI DSS 3.3.1, R-28); card data and credentials too,
    /// because a copy of them is a risk that the right of access does not ask for; under the
    /// CCPA the list of 11 CCR § 7024(d).
    pub fn always_removed(&self, entity: EntityKind) -> bool {
        if self.disclosure == Disclosure::EDiscovery {
            return false;
        }
        let secret = matches!(
            entity.class(),
            EntityClass::Sad | EntityClass::Pci | EntityClass::Credential
        );
        secret || (self.disclosure == Disclosure::Ccpa && withheld_by_ccpa(entity))
    }
}

/// Never disclosed under 11 CCR § 7024(d). // R-24
const fn withheld_by_ccpa(entity: EntityKind) -> bool {
    matches!(
        entity,
        EntityKind::Ssn
            | EntityKind::NationalId
            | EntityKind::NationalInsurance
            | EntityKind::DriverLicense
            | EntityKind::Passport
            | EntityKind::AccountNumber
            | EntityKind::BankRouting
            | EntityKind::Iban
            | EntityKind::MedicalId
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(policy: &str, entity: EntityKind, owner: Owner, score: f32) -> Option<SpanDecision> {
        let detection = Detection {
            entity,
            channel: Some(0),
            start_ms: 0,
            end_ms: 1,
            words: vec![0],
            score,
            recognizer: "test",
            owner,
            explanation: vec![],
        };
        Policy::from_name(policy).unwrap().decide(&detection)
    }

    #[test]
    fn the_requestor_keeps_their_own_data_and_others_are_protected() {
        let own = |owner| check("data_subject_copy", EntityKind::PhoneNumber, owner, 0.99);
        assert_eq!(own(Owner::Requestor), Some(SpanDecision::Keep));
        assert_eq!(own(Owner::ThirdParty), Some(SpanDecision::Redact));
        assert_eq!(own(Owner::Agent), Some(SpanDecision::Redact));
        assert_eq!(own(Owner::Unknown), Some(SpanDecision::Review));
    }

    #[test]
    fn card_data_goes_whoever_owns_it() {
        for policy in ["data_subject_copy", "third_party_copy", "ccpa"] {
            for entity in [
                EntityKind::Cvv,
                EntityKind::CreditCard,
                EntityKind::CardExpiry,
            ] {
                let decision = check(policy, entity, Owner::Requestor, 0.99);
                assert_eq!(
                    decision,
                    Some(SpanDecision::Redact),
                    "{policy} {}",
                    entity.name()
                );
            }
        }
    }

    // S0-49, S0-50
    #[test]
    fn below_the_threshold_a_person_decides_and_nothing_is_dropped() {
        let name = |score| {
            check(
                "third_party_copy",
                EntityKind::PersonName,
                Owner::Unknown,
                score,
            )
        };
        assert_eq!(name(0.85), Some(SpanDecision::Redact));
        assert_eq!(name(0.8499), Some(SpanDecision::Review));
        assert_eq!(name(0.50), Some(SpanDecision::Review));
        assert_eq!(name(0.49), None);
        assert_eq!(
            check(
                "data_subject_copy",
                EntityKind::PersonName,
                Owner::Requestor,
                0.6
            ),
            Some(SpanDecision::Review),
            "an unsure item is not kept by rule either"
        );
    }

    #[test]
    fn the_ccpa_withholds_some_of_the_requestors_own_data() {
        let own = |entity| check("ccpa", entity, Owner::Requestor, 0.99);
        assert_eq!(own(EntityKind::Ssn), Some(SpanDecision::Redact));
        assert_eq!(own(EntityKind::Email), Some(SpanDecision::Keep));
    }

    #[test]
    fn ediscovery_redacts_nothing() {
        assert_eq!(
            check("ediscovery", EntityKind::Cvv, Owner::ThirdParty, 1.0),
            None
        );
    }
}
