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

/// The permissions of a subject, as `domain:entity:action`.
pub(super) struct Permissions(BTreeSet<String>);

impl Permissions {
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
        Self(names)
    }

    pub(super) fn granted(&self) -> Vec<String> {
        self.0.iter().cloned().collect()
    }

    /// The first permission of each group of which none is granted.
    pub(super) fn missing(&self) -> Vec<String> {
        let lacking = NEEDED
            .iter()
            .filter(|group| !group.iter().any(|name| self.covers(name)));
        lacking.map(|group| group[0].to_owned()).collect()
    }

    /// Everything that can change something; this connector only reads.
    pub(super) fn excess(&self) -> Vec<String> {
        let changes = |name: &&String| {
            let action = name.rsplit(':').next().unwrap_or_default();
            !READING
                .iter()
                .any(|reading| reading.eq_ignore_ascii_case(action))
        };
        self.0.iter().filter(changes).cloned().collect()
    }

    /// Whether audio arrives without redaction by the platform.
    pub(super) fn sees_unredacted(&self) -> bool {
        self.covers(UNREDACTED)
    }

    /// A star in any part stands for everything.
    fn covers(&self, wanted: &str) -> bool {
        self.0.iter().any(|granted| {
            let same = |(a, b): (&str, &str)| a == "*" || a.eq_ignore_ascii_case(b);
            granted.split(':').zip(wanted.split(':')).all(same)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(names: &[&str]) -> Permissions {
        Permissions(names.iter().map(|&name| name.to_owned()).collect())
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
