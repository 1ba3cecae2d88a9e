//! Whose recordings these are, and what the credentials may do. // S0-12, S0-22, S0-23

use std::collections::BTreeSet;

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
    source::{SignInError, SourceError, SourceHealth},
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

/// Most roles that are read one by one; a service client has one or two.
const MAX_ROLES: usize = 20;

// Genesys: the type of a client that acts for itself (API reference section 2.4, checked 2026-08).
const SERVICE_GRANT: &str = "CLIENT-CREDENTIALS";

impl Genesys {
    pub(crate) async fn health(
        &self,
        cancel: &CancellationToken,
    ) -> Result<SourceHealth, SourceError> {
        let token: TokenInfo = self.read(&WHO_AM_I, Arguments::default(), cancel).await?;
        refuse_persons(&token)?;
        let subject = self.grants(cancel).await?;
        let organization: Named = self
            .read(&MY_ORGANIZATION, Arguments::default(), cancel)
            .await?;
        let permissions = Permissions::of(&subject);
        let from_token = token.organization.unwrap_or_default();
        Ok(SourceHealth {
            organization: organization.name.or(from_token.name).unwrap_or_default(),
            organization_id: organization.id.or(from_token.id).unwrap_or_default(),
            region: region::of_api(&self.api_url),
            divisions: divisions(&subject),
            granted: permissions.granted(),
            missing: permissions.missing(),
            excess: permissions.excess(),
            token_lifetime_s: self.tokens.get(&self.http, cancel).await?.lifetime_s,
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
fn refuse_persons(token: &TokenInfo) -> Result<(), SignInError> {
    let grant = token
        .client
        .as_ref()
        .and_then(|client| client.authorized_grant_type.as_deref())
        .unwrap_or("unknown");
    // Genesys: `CLIENT-CREDENTIALS` in one place, `CLIENT_CREDENTIALS` in another (API reference, checked 2026-08).
    if grant.replace('_', "-").eq_ignore_ascii_case(SERVICE_GRANT) {
        return Ok(());
    }
    Err(SignInError::NotAServiceClient {
        grant: grant.to_owned(),
    })
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
