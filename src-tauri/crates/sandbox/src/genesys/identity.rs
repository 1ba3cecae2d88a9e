//! Who the token belongs to and what it may do.

use axum::{
    Extension, Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};

use super::{Org, answer::Refusal, guard::Caller};
use crate::organization::{self, ClientRole};

/// `GET` and `HEAD /api/v2/tokens/me`.
pub(crate) async fn token(Extension(caller): Extension<Caller>) -> Json<Value> {
    let organization = json!({
        "id": organization::ORGANIZATION_ID,
        "name": organization::ORGANIZATION_NAME,
    });
    let is_person = caller.role.is_person();
    let grant_type = if is_person {
        "CODE"
    } else {
        "CLIENT-CREDENTIALS"
    };
    // A client for persons has no roles of its own; theirs count.
    let role_divisions = match is_person {
        true => json!([]),
        false => {
            json!([{ "roleId": role_id(caller.role), "divisionId": organization::DIVISION_ID }])
        }
    };
    Json(json!({
        "organization": organization,
        "homeOrganization": organization,
        "authorizedScope": caller.role.scopes(),
        "OAuthClient": {
            "id": caller.role.credentials().client_id,
            "name": caller.role.name(),
            "authorizedGrantType": grant_type,
            "scope": caller.role.scopes(),
            "roleDivisions": role_divisions,
            "state": "active",
            "organization": organization,
        },
    }))
}

/// `DELETE /api/v2/tokens/me`: the token is not valid any more.
pub(crate) async fn revoke(
    State(organization): Org,
    Extension(caller): Extension<Caller>,
) -> StatusCode {
    organization.memory().tokens.remove(&caller.access_token);
    StatusCode::OK
}

/// `GET /api/v2/authorization/subjects/me`.
pub(crate) async fn subject(Extension(caller): Extension<Caller>) -> Json<Value> {
    let (subject_id, name) = match caller.role.is_person() {
        true => (organization::USER_ID, caller.role.person_name()),
        false => (caller.role.credentials().client_id, caller.role.name()),
    };
    Json(json!({
        "id": subject_id,
        "name": name,
        "grants": [{
            "subjectId": subject_id,
            "division": division(),
            "role": {
                "id": role_id(caller.role),
                "name": caller.role.name(),
                "default": false,
                "policies": policies(caller.role),
            },
            "grantMadeAt": "2026-01-05T08:00:00.000Z",
        }],
        "version": 1,
    }))
}

/// `GET /api/v2/authorization/divisions`.
pub(crate) async fn divisions() -> Json<Value> {
    Json(json!({
        "entities": [division()],
        "pageSize": 25,
        "pageNumber": 1,
        "total": 1,
        "pageCount": 1,
        "selfUri": "/api/v2/authorization/divisions?pageSize=25&pageNumber=1",
    }))
}

/// `GET /api/v2/organizations/me`. There is no data-residency field in the definition.
pub(crate) async fn organization() -> Json<Value> {
    Json(json!({
        "id": organization::ORGANIZATION_ID,
        "name": organization::ORGANIZATION_NAME,
        "defaultLanguage": "en-GB",
        "defaultCountryCode": "GB",
        "thirdPartyOrgName": "sandbox-household",
        "domain": "sandbox-household",
        "version": 7,
        "state": "active",
        "voicemailEnabled": true,
        "productPlatform": "PureCloud",
        "selfUri": "/api/v2/organizations/me",
    }))
}

/// `GET /api/v2/users/me`: a client is not a user.
pub(crate) async fn user(Extension(caller): Extension<Caller>) -> Response {
    if !caller.role.is_person() {
        return Refusal::bad_request("not.a.user", "This request requires a user context. Client credentials cannot be used for requests that require a user context.").into_response();
    }
    Json(json!({
        "id": organization::USER_ID,
        "name": caller.role.person_name(),
        "email": "robin.hale@household.example",
        "username": "robin.hale@household.example",
        "state": "active",
        "version": 3,
        "selfUri": format!("/api/v2/users/{}", organization::USER_ID),
    }))
    .into_response()
}

fn division() -> Value {
    json!({
        "id": organization::DIVISION_ID,
        "name": "Home",
        "description": "",
        "homeDivision": true,
        "selfUri": format!("/api/v2/authorization/divisions/{}", organization::DIVISION_ID),
    })
}

fn role_id(role: ClientRole) -> String {
    let space = uuid::Uuid::from_u128(0x5a1d_0c3e_6f0b_4c51_9a37_1d7c_64b0_a2f4);
    uuid::Uuid::from_u128(space.as_u128() ^ role as u128).to_string()
}

/// One policy per permission, as `domain:entity:action`.
fn policies(role: ClientRole) -> Vec<Value> {
    let split = |permission: &str| {
        let mut parts = permission.splitn(3, ':').map(str::to_owned);
        json!({ "domain": parts.next(), "entityName": parts.next(), "actions": [parts.next()] })
    };
    role.permissions().into_iter().map(split).collect()
}
