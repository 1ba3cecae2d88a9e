//! What the credentials may do, against what this connector needs. // S0-22, S0-23

use std::collections::BTreeSet;

use super::model::Subject;

/// Any one permission of each group is needed.
// Genesys: permissions of the operations called here (API reference appendix B, checked 2026-08).
const NEEDED: [&[&str]; 4] = [
    &["analytics:conversationDetail:view"],
    &[
        "recording:recording:view",
        "recording:recordingSegment:view",
    ],
    // Without it pauses are missing from answers, and transcripts do not fit the audio.
    &["recording:annotation:view"],
    &["speechAndTextAnalytics:data:view"],
];

/// Actions that only read. An action that is not listed counts as one that changes things.
const READING: [&str; 6] = [
    "view",
    "viewSensitiveData",
    "attributesview",
    "search",
    "read",
    "viewOwn",
];

/// Gives the recording as it was made, even where the organization removes sensitive parts.
const UNREDACTED: &str = "recording:recording:viewSensitiveData";

/// OAuth scopes of a person's client without which nothing works; each may end in `:readonly`.
// Genesys: scopes of the operations called here (API reference appendix B, checked 2026-08).
const NEEDED_SCOPES: [&str; 3] = ["analytics", "recordings", "speech-and-text-analytics"];

/// A scope that opens no change, though its name does not end in `:readonly`.
// Genesys: needed for who-am-I alone (API reference section 2.3, checked 2026-08).
const WHO_AM_I_SCOPE: &str = "user-basic-info";

/// The permissions of a subject, as `domain:entity:action`.
pub(super) struct Permissions {
    names: BTreeSet<String>,
    /// What the token of a person opens at all; `None` for services, to which scopes do not apply.
    scopes: Option<BTreeSet<String>>,
}

impl Permissions {
    /// Of a person: their roles, bounded by the scopes of the client they signed in with.
    pub(super) fn of_person(subject: &Subject, scopes: &[String]) -> Self {
        Self {
            scopes: Some(scopes.iter().cloned().collect()),
            ..Self::of(subject)
        }
    }

    pub(super) fn of(subject: &Subject) -> Self {
        let policies = subject
            .grants
            .iter()
            .filter_map(|it| it.role.as_ref())
            .flat_map(|it| &it.policies);
        let mut names = BTreeSet::new();
        for policy in policies {
            let part = |part: &Option<String>| part.clone().unwrap_or_else(|| "*".to_owned());
            let (domain, entity) = (part(&policy.domain), part(&policy.entity_name));
            names.extend(
                policy
                    .actions
                    .iter()
                    .map(|action| format!("{domain}:{entity}:{action}")),
            );
        }
        Self {
            names,
            scopes: None,
        }
    }

    pub(super) fn granted(&self) -> Vec<String> {
        self.names.iter().cloned().collect()
    }

    /// The first permission of each group of which none is granted, and the scopes that are not there.
    pub(super) fn missing(&self) -> Vec<String> {
        let lacking = NEEDED
            .iter()
            .filter(|group| !group.iter().any(|name| self.covers(name)));
        let lacking = lacking.map(|group| group[0].to_owned());
        lacking.chain(self.missing_scopes()).collect()
    }

    /// As `scope recordings:readonly`. An organization that does not enforce scopes names none.
    fn missing_scopes(&self) -> Vec<String> {
        let Some(scopes) = self.scopes.as_ref().filter(|scopes| !scopes.is_empty()) else {
            return Vec::new();
        };
        let has = |name: &str| scopes.contains(name) || scopes.contains(&read_only(name));
        let lacking = NEEDED_SCOPES.iter().filter(|name| !has(name));
        lacking
            .map(|name| format!("scope {}", read_only(name)))
            .collect()
    }

    /// Whether nothing can be changed with the token, whatever the roles of the person say.
    fn only_reads(&self) -> bool {
        let reads = |scope: &String| scope.ends_with(":readonly") || scope == WHO_AM_I_SCOPE;
        let scopes = self.scopes.as_ref();
        scopes.is_some_and(|scopes| !scopes.is_empty() && scopes.iter().all(reads))
    }

    /// Everything that can change something; this connector only reads.
    pub(super) fn excess(&self) -> Vec<String> {
        if self.only_reads() {
            return Vec::new();
        }
        let changes = |name: &&String| {
            let action = name.rsplit(':').next().unwrap_or_default();
            !READING
                .iter()
                .any(|reading| reading.eq_ignore_ascii_case(action))
        };
        self.names.iter().filter(changes).cloned().collect()
    }

    /// Whether audio arrives without redaction by the platform.
    pub(super) fn sees_unredacted(&self) -> bool {
        self.covers(UNREDACTED)
    }

    /// A star in any part stands for everything.
    fn covers(&self, wanted: &str) -> bool {
        self.names.iter().any(|granted| {
            let same = |(a, b): (&str, &str)| a == "*" || a.eq_ignore_ascii_case(b);
            granted.split(':').zip(wanted.split(':')).all(same)
        })
    }
}

fn read_only(scope: &str) -> String {
    format!("{scope}:readonly")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(names: &[&str]) -> BTreeSet<String> {
        names.iter().map(|&name| name.to_owned()).collect()
    }

    fn of(names: &[&str]) -> Permissions {
        Permissions {
            names: set(names),
            scopes: None,
        }
    }

    fn of_person(names: &[&str], scopes: &[&str]) -> Permissions {
        Permissions {
            scopes: Some(set(scopes)),
            ..of(names)
        }
    }

    const ENOUGH: [&str; 4] = [
        "analytics:conversationDetail:view",
        "recording:recordingSegment:view",
        "recording:annotation:view",
        "speechAndTextAnalytics:data:view",
    ];

    #[test]
    fn the_needed_permissions_are_enough_and_not_too_much() {
        assert!(of(&ENOUGH).missing().is_empty());
        assert!(of(&ENOUGH).excess().is_empty());
        assert_eq!(
            of(&ENOUGH[1..]).missing(),
            ["analytics:conversationDetail:view"]
        );
        assert_eq!(of(&[]).missing().len(), NEEDED.len());
    }

    // S0-22
    #[test]
    fn permissions_that_change_things_are_named() {
        let dangerous = [
            "gdpr:request:add",
            "organization:user:edit",
            "recording:*:*",
            "recording:deletionProtection:apply",
            "recording:recording:shred",
            "telephony:recordings:edit",
        ];
        let mut names = dangerous.to_vec();
        names.extend(ENOUGH);
        assert_eq!(of(&names).excess(), dangerous);
    }

    // S0-22
    #[test]
    fn scopes_that_only_read_bind_the_rights_of_a_person() {
        let mut names = ENOUGH.to_vec();
        names.push("gdpr:request:add");
        let needed = NEEDED_SCOPES.map(read_only);
        let mut scopes: Vec<_> = needed.iter().map(String::as_str).collect();
        scopes.push(WHO_AM_I_SCOPE);
        assert!(of_person(&names, &scopes).excess().is_empty());
        assert!(of_person(&names, &scopes).missing().is_empty());
        scopes.push("gdpr");
        assert_eq!(of_person(&names, &scopes).excess(), ["gdpr:request:add"]);
        // Without scopes the organization does not enforce them: the roles alone say what can be done.
        assert_eq!(of_person(&names, &[]).excess(), ["gdpr:request:add"]);
        assert!(of_person(&names, &[]).missing().is_empty());
    }

    #[test]
    fn a_scope_that_is_not_there_is_named() {
        let person = of_person(&ENOUGH, &["analytics", "recordings:readonly"]);
        assert_eq!(
            person.missing(),
            ["scope speech-and-text-analytics:readonly"]
        );
    }

    #[test]
    fn a_star_covers_what_is_needed() {
        let all = of(&[
            "analytics:*:view",
            "recording:*:*",
            "speechAndTextAnalytics:data:*",
        ]);
        assert!(all.missing().is_empty());
        assert!(all.sees_unredacted());
        assert!(!of(&ENOUGH).sees_unredacted());
    }
}
