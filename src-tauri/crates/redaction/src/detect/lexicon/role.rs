//! The roles that words and phrases have for the rules; the phrases themselves are data.

/// Defines the roles with their names in the data files.
macro_rules! roles {
    ($($role:ident $name:literal,)*) => {
        /// What a phrase is good for.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(in crate::detect) enum Role { $($role,)* }

        impl Role {
            const ALL: &'static [(&'static str, Self)] = &[$(($name, Self::$role),)*];
        }
    };
}

roles! {
    Filler "filler",
    Bridge "bridge",
    Wait "wait",
    Measure "measure",
    Clock "clock",
    Currency "currency",
    Fails "fails",
    Suffers "suffers",
    Correction "correction",
    Backchannel "backchannel",
    Question "question",
    NameIntro "name_intro",
    NameSure "name_sure",
    NameLead "name_lead",
    Organization "organization",
    NameAfter "name_after",
    NameAfterWeak "name_after_weak",
    NameHint "name_hint",
    NameGreeting "name_greeting",
    NameBefore "name_before",
    NameThen "name_then",
    NameWeak "name_weak",
    OwnIntro "own_intro",
    Met "met",
    Honorific "honorific",
    Relation "relation",
    Coworker "coworker",
    Others "others",
    Stop "stop",
    Street "street",
    StreetStrong "street_strong",
    Unit "unit",
    Dwelling "dwelling",
    State "state",
    Place "place",
    EmailProvider "email_provider",
    Tld "tld",
    EmailLead "email_lead",
    Lead "lead",
    Condition "condition",
    Procedure "procedure",
    Drug "drug",
    HealthHead "health_head",
    HealthPart "health_part",
    HealthAsk "health_ask",
    Dose "dose",
    Links "links",
    At "at",
    Abbreviation "abbreviation",
    Particle "particle",
    Profession "profession",
    NounLead "noun_lead",
    Dial "dial",
    Casing "casing",
    ServiceNumber "service_number",
    Own "own",
    Yours "yours",
    YearLead "year_lead",
    NamedDay "named_day",
    InDate "in_date",
    RelativeDate "relative_date",
    Ends "ends",
    StreetLead "street_lead",
}

impl Role {
    /// The role with this name in the data files.
    pub(super) fn from_name(name: &str) -> Option<Self> {
        let found = Self::ALL.iter().find(|(known, _)| *known == name);
        found.map(|(_, role)| *role)
    }

    /// All roles, for the test of the data files.
    #[cfg(test)]
    pub(super) fn all() -> impl Iterator<Item = (&'static str, Self)> {
        Self::ALL.iter().copied()
    }
}

/// A set of roles.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(in crate::detect) struct Roles(u64);

impl Roles {
    pub(in crate::detect) const fn of(roles: &[Role]) -> Self {
        let (mut bits, mut at) = (0, 0);
        while at < roles.len() {
            bits |= 1 << roles[at] as u64;
            at += 1;
        }
        Self(bits)
    }

    pub(in crate::detect) fn has(self, role: Role) -> bool {
        self.0 & (1 << role as u64) != 0
    }

    pub(in crate::detect) fn has_any(self, roles: Self) -> bool {
        self.0 & roles.0 != 0
    }

    pub(super) fn insert(&mut self, roles: Self) {
        self.0 |= roles.0;
    }
}
