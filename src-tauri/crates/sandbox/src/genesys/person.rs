//! The sign-in of a person: the login page, the code it hands out, the tokens a code buys (RFC 6749, sections 4.1
//! and 6; RFC 7636).

use std::collections::HashMap;

use axum::{
    Form,
    extract::{Query, State},
    http::{HeaderValue, StatusCode, header},
    response::{Html, IntoResponse, Response},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::SignedDuration;
use sha2::{Digest, Sha256};

use super::{
    Org,
    oauth::{error, issued},
};
use crate::{
    organization::ClientRole,
    state::{Code, Organization},
};

/// Life of a code, in seconds; RFC 6749 recommends ten minutes at most.
const CODE_LIFETIME_S: i64 = 600;

/// What a login page was asked for. A page keeps it as hidden fields.
struct Wish {
    role: ClientRole,
    redirect_uri: String,
    challenge: String,
    state: Option<String>,
}

/// `GET /oauth/authorize`: who signs in says yes or no here.
pub(crate) async fn page(
    State(organization): Org,
    Query(query): Query<HashMap<String, String>>,
) -> Response {
    match Wish::read(&organization, &query) {
        Ok(wish) => Html(form(&wish, &query)).into_response(),
        Err(refused) => *refused,
    }
}

/// `POST /oauth/authorize`: the answer of the page, `decision=allow` or `decision=deny`.
pub(crate) async fn decide(
    State(organization): Org,
    Form(form): Form<HashMap<String, String>>,
) -> Response {
    let wish = match Wish::read(&organization, &form) {
        Ok(wish) => wish,
        Err(refused) => return *refused,
    };
    if form.get("decision").map(String::as_str) != Some("allow") {
        return wish.back(&[
            ("error", "access_denied"),
            ("error_description", "the user denied the request"),
        ]);
    }
    let code = uuid::Uuid::new_v4().simple().to_string();
    let lifetime = SignedDuration::from_secs(CODE_LIFETIME_S);
    let kept = Code {
        role: wish.role,
        redirect_uri: wish.redirect_uri.clone(),
        challenge: wish.challenge.clone(),
        expires_utc: organization.now_utc() + lifetime,
        bought: None,
    };
    organization.memory().codes.insert(code.clone(), kept);
    wish.back(&[("code", &code)])
}

impl Wish {
    /// A client or address that is not registered is told to the person, never to the address.
    fn read(
        organization: &Organization,
        fields: &HashMap<String, String>,
    ) -> Result<Self, Box<Response>> {
        let field = |name: &str| fields.get(name).cloned();
        let role = field("client_id").and_then(|id| ClientRole::of_client(&id));
        let role = role.filter(|role| role.is_person());
        let Some(role) = role else {
            return Err(Box::new(refused("This client is unknown.")));
        };
        let redirect_uri = field("redirect_uri").unwrap_or_default();
        // Genesys: `redirect_uri` must equal a registered one exactly (API reference section 2.2, checked 2026-08).
        if !organization.memory().redirect_uris.contains(&redirect_uri) {
            let why = "This redirect address is not registered for the client.";
            return Err(Box::new(refused(why)));
        }
        let wish = Self {
            role,
            redirect_uri,
            challenge: field("code_challenge").unwrap_or_default(),
            state: field("state"),
        };
        let is_s256 = fields.get("code_challenge_method").map(String::as_str) == Some("S256");
        if fields.get("response_type").map(String::as_str) != Some("code") {
            return Err(Box::new(
                wish.back(&[("error", "unsupported_response_type")]),
            ));
        }
        if !is_s256 || wish.challenge.len() != 43 {
            return Err(Box::new(wish.back(&[("error", "invalid_request")])));
        }
        Ok(wish)
    }

    /// Sends the browser back to the client.
    fn back(&self, answer: &[(&str, &str)]) -> Response {
        let state = self.state.as_deref().map(|state| ("state", state));
        let fields: Vec<_> = answer.iter().copied().chain(state).collect();
        let query = encoded(&fields);
        let location = format!("{}?{query}", self.redirect_uri);
        match HeaderValue::from_str(&location) {
            Ok(location) => (StatusCode::FOUND, [(header::LOCATION, location)]).into_response(),
            Err(_) => refused("This redirect address cannot be used."),
        }
    }
}

/// As a query or a form (RFC 3986, section 2.1).
pub(crate) fn encoded(fields: &[(&str, &str)]) -> String {
    let pair = |(name, value): &(&str, &str)| format!("{name}={}", percent_encoded(value));
    fields.iter().map(pair).collect::<Vec<_>>().join("&")
}

/// Everything that is no unreserved character (RFC 3986, section 2.3).
fn percent_encoded(text: &str) -> String {
    let one = |byte: u8| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
            char::from(byte).to_string()
        }
        other => format!("%{other:02X}"),
    };
    text.bytes().map(one).collect()
}

/// The page; two buttons and no script.
fn form(wish: &Wish, fields: &HashMap<String, String>) -> String {
    let hidden = |(name, value): (&String, &String)| {
        let (name, value) = (escaped(name), escaped(value));
        format!(r#"<input type="hidden" name="{name}" value="{value}">"#)
    };
    let hidden: String = fields.iter().map(hidden).collect();
    let (client, person) = (wish.role.name(), wish.role.person_name());
    format!(
        r#"<!doctype html><html lang="en"><title>Sign in</title>
<h1>Sandbox Household Services</h1>
<p>{client} asks to act as {person}.</p>
<form method="post" action="/oauth/authorize">{hidden}
<button name="decision" value="allow">Allow</button>
<button name="decision" value="deny">Deny</button></form></html>"#
    )
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('"', "&quot;")
}

fn refused(why: &str) -> Response {
    let page = format!("<!doctype html><title>Sign in</title><p>{why}</p>");
    (StatusCode::BAD_REQUEST, Html(page)).into_response()
}

/// `grant_type=authorization_code`: a code buys tokens once, by whoever knows the verifier.
pub(crate) fn exchange(organization: &Organization, form: &HashMap<String, String>) -> Response {
    let field = |name: &str| form.get(name).map(String::as_str).unwrap_or_default();
    let now_utc = organization.now_utc();
    let Some(mut code) = organization.memory().codes.remove(field("code")) else {
        return invalid_grant("the code is unknown");
    };
    if let Some(bought) = &code.bought {
        // RFC 6749, section 4.1.2: a code that is shown again ends what it bought.
        organization.revoke(&bought.clone());
        return invalid_grant("the code was used before");
    }
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(field("code_verifier").as_bytes()));
    let is_right = code.role.credentials().client_id == field("client_id")
        && code.redirect_uri == field("redirect_uri")
        && code.challenge == challenge
        && now_utc < code.expires_utc;
    if !is_right {
        return invalid_grant("the code belongs to another request, or it is too old");
    }
    let grant = organization.grant_person(code.role);
    code.bought = Some(grant.session.clone());
    organization
        .memory()
        .codes
        .insert(field("code").to_owned(), code);
    issued(organization, &grant.access_token, grant.refresh_token)
}

/// `grant_type=refresh_token`: a new pair; the old refresh token has ended.
pub(crate) fn refresh(organization: &Organization, form: &HashMap<String, String>) -> Response {
    let field = |name: &str| form.get(name).map(String::as_str).unwrap_or_default();
    let kept = organization
        .memory()
        .refresh_tokens
        .remove(field("refresh_token"));
    let now_utc = organization.now_utc();
    match kept {
        Some(kept)
            if now_utc < kept.expires_utc
                && kept.role.credentials().client_id == field("client_id") =>
        {
            let grant = organization.grant_person_in(kept.role, kept.session);
            issued(organization, &grant.access_token, grant.refresh_token)
        }
        _ => invalid_grant("the refresh token is unknown or has ended"),
    }
}

fn invalid_grant(why: &str) -> Response {
    error(StatusCode::BAD_REQUEST, "invalid_grant", why)
}
