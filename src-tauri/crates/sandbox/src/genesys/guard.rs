//! What happens around every request: token, rate limit, correlation id.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use uuid::Uuid;

use super::answer::{self, Refusal};
use crate::{
    organization::ClientRole,
    state::{Budget, Organization},
};

/// Who is asking; present in every request that was admitted.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    pub(crate) role: ClientRole,
    pub(crate) access_token: String,
}

impl Caller {
    /// Refuses unless the caller has one of these permissions.
    pub(crate) fn need_any(&self, permissions: &[&str]) -> Result<(), Refusal> {
        let granted = self.role.opens();
        if permissions
            .iter()
            .any(|permission| granted.contains(permission))
        {
            return Ok(());
        }
        Err(Refusal::forbidden(
            "missing.any.permissions",
            format!(
                "Unable to perform the requested action. You must have at least one of the following permissions assigned: {permissions:?}"
            ),
        ))
    }

    /// Refuses unless the caller has all of these permissions.
    pub(crate) fn need_all(&self, permissions: &[&str]) -> Result<(), Refusal> {
        let granted = self.role.opens();
        let missing: Vec<_> = permissions
            .iter()
            .filter(|p| !granted.contains(p))
            .collect();
        if missing.is_empty() {
            return Ok(());
        }
        Err(Refusal::forbidden(
            "missing.permissions",
            format!(
                "Unable to perform the requested action. You are missing the following permission(s): {missing:?}"
            ),
        ))
    }

    pub(crate) fn may(&self, permission: &str) -> bool {
        self.role.opens().contains(&permission)
    }
}

/// Checks the token and the rate limit before the handler, and says the budget after it.
pub(crate) async fn admit(
    State(organization): State<Arc<Organization>>,
    mut request: Request,
    next: Next,
) -> Response {
    let Some(access_token) = bearer(request.headers()) else {
        return answer::unauthorized("authentication.required").into_response();
    };
    let Some((role, budget)) = organization.spend(&access_token) else {
        return answer::unauthorized("bad.credentials").into_response();
    };
    let mut response = if budget.used > budget.allowed {
        answer::too_many(budget.reset_s).into_response()
    } else {
        request
            .extensions_mut()
            .insert(Caller { role, access_token });
        next.run(request).await
    };
    say_budget(response.headers_mut(), budget);
    say_time(response.headers_mut(), organization.now_utc());
    response
}

pub(crate) fn bearer(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme
        .eq_ignore_ascii_case("bearer")
        .then(|| token.trim().to_owned())
}

// Genesys: `inin-ratelimit-reset` is seconds until the reset, not a moment (official trace, 2021-05).
fn say_budget(headers: &mut HeaderMap, budget: Budget) {
    headers.insert("inin-ratelimit-count", budget.used.into());
    headers.insert("inin-ratelimit-allowed", budget.allowed.into());
    headers.insert("inin-ratelimit-reset", budget.reset_s.into());
}

/// The organization's own clock, which tests set (RFC 9110, section 6.6.1).
fn say_time(headers: &mut HeaderMap, now_utc: jiff::Timestamp) {
    let text = now_utc.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
    if let Ok(value) = HeaderValue::from_str(&text) {
        headers.insert(header::DATE, value);
    }
}

/// Gives every answer a correlation id and turns a refusal into its body.
pub(crate) async fn identify(response: Response) -> Response {
    let correlation_id = Uuid::new_v4().to_string();
    let mut response = match response.extensions().get::<Refusal>().cloned() {
        Some(refusal) => {
            let body = Json(refusal.body(&correlation_id));
            let mut named = (refusal.status, response.headers().clone(), body).into_response();
            if let Some(seconds) = refusal.retry_after_s {
                named
                    .headers_mut()
                    .insert(header::RETRY_AFTER, seconds.into());
            }
            named.headers_mut().insert(
                header::CONTENT_TYPE,
                HeaderValue::from_static("application/json"),
            );
            named.headers_mut().remove(header::CONTENT_LENGTH);
            named
        }
        None => response,
    };
    if let Ok(value) = HeaderValue::from_str(&correlation_id) {
        response.headers_mut().insert("inin-correlation-id", value);
    }
    response
}
