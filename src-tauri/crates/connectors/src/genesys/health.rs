//! Whose recordings these are, and what the credentials may do. // S0-12, S0-22, S0-23

use std::collections::BTreeSet;

use domain::sensitive::PersonalData;
use reqwest::Method;
use tokio_util::sync::CancellationToken;

use super::{
    Genesys,
    api::{Arguments, Operation},
    model::{Grant, Named, Role, RoleDivision, Subject, TokenInfo},
    permissions::Permissions,
    region,
};
use crate::{
    http::Purpose,
    source::{SignInError, SignedInPerson, SourceError, SourceHealth},
};

// Genesys: needs no permission (API reference section 2.4, checked 2026-08).
pub(super) const WHO_AM_I: Operation = Operation {
    method: Method::GET,
    path: "/api/v2/tokens/me",
    name: "GET /api/v2/tokens/me",
    permission: "of any role",
    purpose: Purpose::Health,
};

// Genesys: needs no permission; grants with roles and divisions (API reference section 2.4, checked 2026-08).
const MY_GRANTS: Operation = Operation {
    method: Method::GET,
    path: "/api/v2/authorization/subjects/me",
    name: "GET /api/v2/authorization/subjects/me",
    permission: "of any role",
    purpose: Purpose::Health,
};

// Genesys: needs no permission (API reference section 2.4, checked 2026-08).
const MY_ORGANIZATION: Operation = Operation {
    method: Method::GET,
    path: "/api/v2/organizations/me",
    name: "GET /api/v2/organizations/me",
    permission: "of any role",
    purpose: Purpose::Health,
};

// Genesys: one role with its policies (API reference section 2.4, checked 2026-08).
const ROLE: Operation = Operation {
    method: Method::GET,
    path: "/api/v2/authorization/roles/{}",
    name: "GET /api/v2/authorization/roles/{roleId}",
    permission: "authorization:role:view",
    purpose: Purpose::Health,
};

// Genesys: `UserMe` of the person behind a user token, needs no permission (API reference section 2.4, checked 2026-08).
const MYSELF: Operation = Operation {
    method: Method::GET,
    path: "/api/v2/users/me",
    name: "GET /api/v2/users/me",
    permission: "of any role",
    purpose: Purpose::Health,
};

// Genesys: the token itself is revoked, needs no permission (API reference section 2.4, checked 2026-08).
const REVOKE: Operation = Operation {
    method: Method::DELETE,
    path: "/api/v2/tokens/me",
    name: "DELETE /api/v2/tokens/me",
    permission: "of any role",
    purpose: Purpose::SignIn,
};

/// Most roles that are read one by one; a service client has one or two.
const MAX_ROLES: usize = 20;

// Genesys: the type of a client that acts for itself (API reference section 2.4, checked 2026-08).
const SERVICE_GRANT: &str = "CLIENT-CREDENTIALS";

impl Genesys {
    /// Makes the token in use worthless. // S0-21
    ///
    /// # Errors
    /// When the organization cannot be reached, or the token has ended before.
    pub async fn revoke_token(&self, cancel: &CancellationToken) -> Result<(), SourceError> {
        let answer = self.call(&REVOKE, Arguments::default(), cancel).await;
        answer.map(drop)
    }

    pub(crate) async fn health(
        &self,
        cancel: &CancellationToken,
    ) -> Result<SourceHealth, SourceError> {
        let token: TokenInfo = self.read(&WHO_AM_I, Arguments::default(), cancel).await?;
        let person = match self.tokens.is_person() {
            true => Some(self.person(&token, cancel).await?),
            false => {
                refuse_persons(&token)?;
                None
            }
        };
        let subject = self.grants(cancel).await?;
        let organization: Named = self
            .read(&MY_ORGANIZATION, Arguments::default(), cancel)
            .await?;
        let permissions = match person.is_some() {
            true => Permissions::of_person(&subject, &token.authorized_scope),
            false => Permissions::of(&subject),
        };
        let from_token = token.organization.unwrap_or_default();
        Ok(SourceHealth {
            organization: organization.name.or(from_token.name).unwrap_or_default(),
            organization_id: organization.id.or(from_token.id).unwrap_or_default(),
            region: region::of_api(&self.api_url),
            divisions: divisions(&subject),
            granted: permissions.granted(),
            missing: permissions.missing(),
            excess: permissions.excess(),
            person,
            token_lifetime_s: self.tokens.get(&self.http, cancel).await?.lifetime_s,
            encryption_at_rest: None,
        })
    }

    /// Who signed in with the browser.
    async fn person(
        &self,
        token: &TokenInfo,
        cancel: &CancellationToken,
    ) -> Result<SignedInPerson, SourceError> {
        if is_service(token) {
            return Err(SignInError::NotAPerson.into());
        }
        let user: Named = self.read(&MYSELF, Arguments::default(), cancel).await?;
        Ok(SignedInPerson {
            id: user.id.unwrap_or_default(),
            name: PersonalData::new(user.name.unwrap_or_default()),
        })
    }

    /// What the credentials were granted, and where.
    pub(super) async fn grants(&self, cancel: &CancellationToken) -> Result<Subject, SourceError> {
        match self.read(&MY_GRANTS, Arguments::default(), cancel).await {
            // Whether it answers for a service client is not documented; the roles say the same.
            Err(
                SourceError::NotFound { .. }
                | SourceError::NotPermitted { .. }
                | SourceError::Refused { .. },
            ) => self.grants_by_role(cancel).await,
            answer => answer,
        }
    }

    // Genesys: `roleDivisions` of the client, then each role (API reference section 2.4, checked 2026-08).
    async fn grants_by_role(&self, cancel: &CancellationToken) -> Result<Subject, SourceError> {
        let token: TokenInfo = self.read(&WHO_AM_I, Arguments::default(), cancel).await?;
        let given = token.client.unwrap_or_default().role_divisions;
        let mut read = BTreeSet::new();
        let mut grants = Vec::new();
        for RoleDivision {
            role_id,
            division_id,
        } in &given
        {
            let Some(role_id) = role_id.as_deref() else {
                continue;
            };
            // A role in several divisions is read once.
            let role = match read.insert(role_id) {
                true => Some(self.role(role_id, read.len(), cancel).await?),
                false => None,
            };
            let division = Some(Named {
                id: division_id.clone(),
                name: None,
            });
            grants.push(Grant { division, role });
        }
        Ok(Subject { grants })
    }

    /// Reads the `nth` role. One that is not read may grant anything, so too many are an error.
    async fn role(
        &self,
        id: &str,
        nth: usize,
        cancel: &CancellationToken,
    ) -> Result<Role, SourceError> {
        if nth > MAX_ROLES {
            return Err(SourceError::Limit {
                operation: ROLE.name,
                what: "roles of one client",
                limit: MAX_ROLES as u64,
            });
        }
        let arguments = Arguments {
            ids: &[id],
            ..Arguments::default()
        };
        self.read(&ROLE, arguments, cancel).await
    }
}

/// Lets only clients through that say they act for themselves; one that does not say is a person's for all we know.
/// // S0-12
fn refuse_persons(token: &TokenInfo) -> Result<(), SignInError> {
    if is_service(token) {
        return Ok(());
    }
    Err(SignInError::NotAServiceClient {
        grant: grant_type(token).to_owned(),
    })
}

fn is_service(token: &TokenInfo) -> bool {
    // Genesys: `CLIENT-CREDENTIALS` in one place, `CLIENT_CREDENTIALS` in another (API reference, checked 2026-08).
    let grant = grant_type(token).replace('_', "-");
    grant.eq_ignore_ascii_case(SERVICE_GRANT)
}

fn grant_type(token: &TokenInfo) -> &str {
    let client = token.client.as_ref();
    let grant = client.and_then(|client| client.authorized_grant_type.as_deref());
    grant.unwrap_or("unknown")
}

/// The divisions of all grants; recordings elsewhere are invisible, not absent.
pub(super) fn divisions(subject: &Subject) -> Vec<String> {
    let named = subject
        .grants
        .iter()
        .filter_map(|grant| grant.division.as_ref());
    let names: BTreeSet<_> = named
        .filter_map(|it| it.name.clone().or_else(|| it.id.clone()))
        .collect();
    names.into_iter().collect()
}
