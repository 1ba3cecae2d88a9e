//! The pretend organization: who may sign in, and what each may do.

/// Organization id of every answer.
pub(crate) const ORGANIZATION_ID: &str = "7f0c5f6e-2f6b-4a0e-9d0f-0a5e5a4d1c01";
/// Organization name.
pub(crate) const ORGANIZATION_NAME: &str = "Sandbox Household Services";
/// The one division; clients see all of it.
pub(crate) const DIVISION_ID: &str = "0d9f4d5c-6c6e-4d65-8a3b-53f0a1c1d0a2";
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
}

/// Client-credentials login of the sandbox. Not a secret: it opens only this pretend organization.
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
    pub const ALL: [Self; 6] = [
        Self::Standard,
        Self::WithLegalHold,
        Self::OverPrivileged,
        Self::WithArchive,
        Self::WithoutRecordings,
        Self::WithoutContacts,
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
        }
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
        if self == Self::OverPrivileged {
            list.extend(EXCESS);
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
