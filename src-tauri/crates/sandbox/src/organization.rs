//! The pretend organization: who may sign in, and what each may do.

/// Organization id of every answer.
pub(crate) const ORGANIZATION_ID: &str = "7f0c5f6e-2f6b-4a0e-9d0f-0a5e5a4d1c01";
/// Organization name.
pub(crate) const ORGANIZATION_NAME: &str = "Sandbox Household Services";
/// The one division; clients see all of it.
pub(crate) const DIVISION_ID: &str = "0d9f4d5c-6c6e-4d65-8a3b-53f0a1c1d0a2";
/// The one person who signs in with a browser.
pub(crate) const USER_ID: &str = "b81c9e04-3a7d-4f26-8d15-7c0e2f9a6b80";
/// AWS region the recordings are stored in.
pub(crate) const REGION: &str = "eu-west-2";

/// What a set of credentials may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ClientRole {
    /// Exactly what the product needs.
    Standard,
    /// The same, and may place a legal hold.
    WithLegalHold,
    /// May also change and delete; a careful client warns about it.
    OverPrivileged,
    /// May also restore archived recordings and see those without a conversation.
    WithArchive,
    /// May search, but not read recordings.
    WithoutRecordings,
    /// May search and read, but not look up contacts.
    WithoutContacts,
    /// For persons who sign in with a browser; its scopes only read.
    Person,
    /// The same with scopes that also write, and the person may change and delete.
    PersonWithExcess,
}

/// Login of the sandbox; a client for persons has no secret. Not a secret: it opens only this pretend organization.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Credentials {
    /// OAuth client id.
    pub client_id: &'static str,
    /// OAuth client secret.
    pub client_secret: &'static str,
}

const BASE: [&str; 4] = [
    "analytics:conversationDetail:view",
    "conversation:communication:view",
    "routing:transcriptionSettings:view",
    "speechAndTextAnalytics:data:view",
];
const CONTACTS: [&str; 2] = ["externalContacts:contact:view", "gdpr:subject:view"];
const RECORDINGS: [&str; 2] = ["recording:recording:view", "recording:annotation:view"];
const HOLD: &str = "recording:deletionProtection:apply";
const ARCHIVE: [&str; 2] = ["recording:recording:restore", "recording:orphan:view"];
/// OAuth scopes of a client for persons; `:readonly` after each where it only reads.
const SCOPES: [&str; 8] = [
    "analytics",
    "conversations",
    "external-contacts",
    "gdpr",
    "quality",
    "recordings",
    "routing",
    "speech-and-text-analytics",
];
const EXCESS: [&str; 6] = [
    "recording:recording:editRetention",
    "recording:deletionProtection:revoke",
    "recording:job:add",
    "recording:annotation:edit",
    "gdpr:request:add",
    "oauth:client:edit",
];

impl ClientRole {
    /// Every role.
    pub const ALL: [Self; 8] = [
        Self::Standard,
        Self::WithLegalHold,
        Self::OverPrivileged,
        Self::WithArchive,
        Self::WithoutRecordings,
        Self::WithoutContacts,
        Self::Person,
        Self::PersonWithExcess,
    ];

    /// The login with this role.
    pub const fn credentials(self) -> Credentials {
        match self {
            Self::Standard => Credentials {
                client_id: "3c1f6c0e-58c3-4f0b-8f0e-6a1b7b1f5a10",
                client_secret: "sandbox-standard",
            },
            Self::WithLegalHold => Credentials {
                client_id: "c7a4e5d2-0b8f-4c38-8d7e-7b9a5f3e2d40",
                client_secret: "sandbox-with-legal-hold",
            },
            Self::OverPrivileged => Credentials {
                client_id: "9e2d1b47-1d1a-4a55-b2b5-1e6f0c9d7b20",
                client_secret: "sandbox-over-privileged",
            },
            Self::WithArchive => Credentials {
                client_id: "e4b7c0a9-6d15-4f7c-b1c2-0d8f6a2e9b60",
                client_secret: "sandbox-with-archive",
            },
            Self::WithoutRecordings => Credentials {
                client_id: "51b0a3d8-7c2e-4c8f-9a4d-2f8e3d6c5c30",
                client_secret: "sandbox-without-recordings",
            },
            Self::WithoutContacts => Credentials {
                client_id: "7b60d1f4-2a93-4e08-b5c7-9c1d3e5f7a70",
                client_secret: "sandbox-without-contacts",
            },
            Self::Person => Credentials {
                client_id: "d2f5a8b1-4c60-4e9b-a7d3-5b8c1e0f9a90",
                client_secret: "",
            },
            Self::PersonWithExcess => Credentials {
                client_id: "f6e3c7d9-8a14-4b52-9c0d-2e7f4a1b3ca0",
                client_secret: "",
            },
        }
    }

    /// Name of the OAuth client and its role.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Standard => "Subject access portal",
            Self::WithLegalHold => "Subject access portal with legal hold",
            Self::OverPrivileged => "Quality administrator",
            Self::WithArchive => "Subject access portal with archive",
            Self::WithoutRecordings => "Reporting only",
            Self::WithoutContacts => "Subject access portal without contacts",
            Self::Person => "Subject access portal for persons",
            Self::PersonWithExcess => "Quality desk for persons",
        }
    }

    /// Whether persons sign in through it with a browser.
    pub const fn is_person(self) -> bool {
        matches!(self, Self::Person | Self::PersonWithExcess)
    }

    /// Who signs in with the browser.
    pub(crate) const fn person_name(self) -> &'static str {
        "Robin Hale"
    }

    /// OAuth scopes; services have none, their roles say it all.
    pub(crate) fn scopes(self) -> Vec<String> {
        let suffix = match self {
            Self::Person => ":readonly",
            Self::PersonWithExcess => "",
            _ => return Vec::new(),
        };
        let scope = |name: &&str| format!("{name}{suffix}");
        SCOPES
            .iter()
            .map(scope)
            .chain(["user-basic-info".to_owned()])
            .collect()
    }

    /// Permissions as `domain:entity:action`.
    pub(crate) fn permissions(self) -> Vec<&'static str> {
        let mut list = BASE.to_vec();
        if self != Self::WithoutRecordings {
            list.extend(RECORDINGS);
        }
        if self != Self::WithoutContacts {
            list.extend(CONTACTS);
        }
        if matches!(self, Self::WithLegalHold | Self::OverPrivileged) {
            list.push(HOLD);
        }
        if self == Self::WithArchive {
            list.extend(ARCHIVE);
        }
        if matches!(
            self,
            Self::OverPrivileged | Self::Person | Self::PersonWithExcess
        ) {
            list.extend(EXCESS);
        }
        list
    }

    /// What a token of it opens: scopes that only read keep a person from changing what they may change elsewhere.
    pub(crate) fn opens(self) -> Vec<&'static str> {
        let mut list = self.permissions();
        if self == Self::Person {
            list.retain(|permission| !EXCESS.contains(permission));
        }
        list
    }

    /// The role of a client id, whatever its secret.
    pub(crate) fn of_client(client_id: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|role| role.credentials().client_id == client_id)
    }
}
