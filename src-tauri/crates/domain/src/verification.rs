//! How a requestor was checked.

use jiff::Timestamp;

use crate::ids::ActorId;

/// How much checking a request needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RiskTier {
    /// One check: for example a request from the signed-in account. // R-05
    Low,
    /// Two checks.
    Normal,
    /// Three checks. // R-26
    High,
}

impl RiskTier {
    /// How many different methods must have passed.
    pub const fn checks_needed(self) -> usize {
        match self {
            Self::Low => 1,
            Self::Normal => 2,
            Self::High => 3,
        }
    }

    /// The stable name in files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Normal => "normal",
            Self::High => "high",
        }
    }

    /// The tier with this stable name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Low, Self::Normal, Self::High]
            .into_iter()
            .find(|tier| tier.name() == name)
    }
}

/// How one check was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum CheckMethod {
    /// Details of the account match.
    AccountDetails,
    /// Called back on a number known before the request.
    CallBack,
    /// A one-time code was returned.
    OneTimeCode,
    /// A document was seen, and not kept.
    DocumentSeen,
}

impl CheckMethod {
    /// Every method.
    pub const ALL: [Self; 4] = [
        Self::AccountDetails,
        Self::CallBack,
        Self::OneTimeCode,
        Self::DocumentSeen,
    ];

    /// The stable name in files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::AccountDetails => "account_details",
            Self::CallBack => "call_back",
            Self::OneTimeCode => "one_time_code",
            Self::DocumentSeen => "document_seen",
        }
    }

    /// The method with this stable name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|method| method.name() == name)
    }
}

/// One recorded check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdentityCheck {
    /// How it was made.
    pub method: CheckMethod,
    /// Whether it passed; a failed check stays on record.
    pub passed: bool,
    /// Who made it.
    pub checked_by: ActorId,
    /// When.
    pub checked_at_utc: Timestamp,
}

/// All checks of a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verification {
    /// How much is needed.
    pub tier: RiskTier,
    /// What was done, in order.
    pub checks: Vec<IdentityCheck>,
}

impl Verification {
    /// No check yet.
    pub const fn none(tier: RiskTier) -> Self {
        Self {
            tier,
            checks: Vec::new(),
        }
    }

    /// Whether enough *different* methods passed. The last outcome of a method counts.
    pub fn is_verified(&self) -> bool {
        let passed = CheckMethod::ALL
            .into_iter()
            .filter(|method| self.last_outcome(*method));
        passed.count() >= self.tier.checks_needed()
    }

    fn last_outcome(&self, method: CheckMethod) -> bool {
        let last = self
            .checks
            .iter()
            .rev()
            .find(|check| check.method == method);
        last.is_some_and(|check| check.passed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verification(tier: RiskTier, checks: &[(CheckMethod, bool)]) -> Verification {
        let checks = checks
            .iter()
            .map(|&(method, passed)| IdentityCheck {
                method,
                passed,
                checked_by: ActorId::new("worker").unwrap(),
                checked_at_utc: Timestamp::UNIX_EPOCH,
            })
            .collect();
        Verification { tier, checks }
    }

    #[test]
    fn the_same_check_twice_counts_once() {
        use CheckMethod::{AccountDetails, CallBack};
        let twice = [(AccountDetails, true), (AccountDetails, true)];
        assert!(!verification(RiskTier::Normal, &twice).is_verified());
        let both = [(AccountDetails, true), (CallBack, true)];
        assert!(verification(RiskTier::Normal, &both).is_verified());
        assert!(!verification(RiskTier::High, &both).is_verified());
    }

    #[test]
    fn a_later_failure_takes_a_pass_back() {
        let checks = [
            (CheckMethod::OneTimeCode, true),
            (CheckMethod::OneTimeCode, false),
        ];
        assert!(!verification(RiskTier::Low, &checks).is_verified());
    }
}
