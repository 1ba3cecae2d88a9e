//! Kinds of personal data and whose they are.

/// A kind of personal data that can be spoken in a call. // S0-45
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the names are the entity names of the field")]
pub enum EntityKind {
    PersonName,
    PhoneNumber,
    CreditCard,
    CardExpiry,
    Cvv,
    Ssn,
    NationalInsurance,
    NationalId,
    DateOfBirth,
    Address,
    Email,
    AccountNumber,
    BankRouting,
    Iban,
    MedicalId,
    Passport,
    DriverLicense,
    VehicleReg,
    DeviceId,
    IpAddress,
    Pin,
    Password,
    HealthTerm,
    /// Keys pressed on the telephone: they may be a card number or a PIN, and no transcript has them.
    Dtmf,
    /// Marked by a reviewer without a narrower kind.
    Other,
}

/// What the law treats alike. // S0-45
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EntityClass {
    /// Personally identifiable information.
    Pii,
    /// Cardholder data that may be shown truncated (PCI DSS 3.4).
    Pci,
    /// Sensitive authentication data: must not be kept at all after authorization (PCI DSS 3.3.1). // R-28
    Sad,
    /// Health data.
    Phi,
    /// Secrets that open accounts.
    Credential,
}

impl EntityKind {
    /// Every kind, in the order of the definition.
    pub const ALL: [Self; 25] = [
        Self::PersonName,
        Self::PhoneNumber,
        Self::CreditCard,
        Self::CardExpiry,
        Self::Cvv,
        Self::Ssn,
        Self::NationalInsurance,
        Self::NationalId,
        Self::DateOfBirth,
        Self::Address,
        Self::Email,
        Self::AccountNumber,
        Self::BankRouting,
        Self::Iban,
        Self::MedicalId,
        Self::Passport,
        Self::DriverLicense,
        Self::VehicleReg,
        Self::DeviceId,
        Self::IpAddress,
        Self::Pin,
        Self::Password,
        Self::HealthTerm,
        Self::Dtmf,
        Self::Other,
    ];

    /// The stable name in files and on the command line, `PHONE_NUMBER`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::PersonName => "PERSON_NAME",
            Self::PhoneNumber => "PHONE_NUMBER",
            Self::CreditCard => "CREDIT_CARD",
            Self::CardExpiry => "CARD_EXPIRY",
            Self::Cvv => "CVV",
            Self::Ssn => "SSN",
            Self::NationalInsurance => "NATIONAL_INSURANCE",
            Self::NationalId => "NATIONAL_ID",
            Self::DateOfBirth => "DATE_OF_BIRTH",
            Self::Address => "ADDRESS",
            Self::Email => "EMAIL",
            Self::AccountNumber => "ACCOUNT_NUMBER",
            Self::BankRouting => "BANK_ROUTING",
            Self::Iban => "IBAN",
            Self::MedicalId => "MEDICAL_ID",
            Self::Passport => "PASSPORT",
            Self::DriverLicense => "DRIVER_LICENSE",
            Self::VehicleReg => "VEHICLE_REG",
            Self::DeviceId => "DEVICE_ID",
            Self::IpAddress => "IP_ADDRESS",
            Self::Pin => "PIN",
            Self::Password => "PASSWORD",
            Self::HealthTerm => "HEALTH_TERM",
            Self::Dtmf => "DTMF",
            Self::Other => "OTHER",
        }
    }

    /// The kind with this stable name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// What the law treats alike.
    pub const fn class(self) -> EntityClass {
        match self {
            Self::CreditCard | Self::CardExpiry => EntityClass::Pci,
            Self::Cvv | Self::Pin | Self::Dtmf => EntityClass::Sad,
            Self::Password => EntityClass::Credential,
            Self::MedicalId | Self::HealthTerm => EntityClass::Phi,
            Self::PersonName
            | Self::PhoneNumber
            | Self::Ssn
            | Self::NationalInsurance
            | Self::NationalId
            | Self::DateOfBirth
            | Self::Address
            | Self::Email
            | Self::AccountNumber
            | Self::BankRouting
            | Self::Iban
            | Self::Passport
            | Self::DriverLicense
            | Self::VehicleReg
            | Self::DeviceId
            | Self::IpAddress
            | Self::Other => EntityClass::Pii,
        }
    }
}

/// Whose data a detected item is; decides with the policy whether it is disclosed. // B1
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Owner {
    /// The person the recordings are about.
    Requestor,
    /// The employee on the call.
    Agent,
    /// Anybody else.
    ThirdParty,
    /// Could not be told; a person decides.
    Unknown,
}

impl Owner {
    /// The stable name in files, `third_party`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Requestor => "requestor",
            Self::Agent => "agent",
            Self::ThirdParty => "third_party",
            Self::Unknown => "unknown",
        }
    }

    /// The owner with this stable name.
    pub fn from_name(name: &str) -> Option<Self> {
        [
            Self::Requestor,
            Self::Agent,
            Self::ThirdParty,
            Self::Unknown,
        ]
        .into_iter()
        .find(|owner| owner.name() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_its_own_name_and_is_found_by_it() {
        for kind in EntityKind::ALL {
            assert_eq!(EntityKind::from_name(kind.name()), Some(kind));
        }
        assert_eq!(EntityKind::from_name("phone_number"), None);
    }
}
