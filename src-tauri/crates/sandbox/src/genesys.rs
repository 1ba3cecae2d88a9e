//! The login host and the Platform API host.

mod analytics;
mod annotations;
mod answer;
mod batch;
mod contacts;
mod detail;
mod filter;
mod guard;
mod identity;
mod index;
mod oauth;
mod orphans;
mod person;
mod recordings;
mod restore;
mod settings;
mod transcripts;

use std::sync::Arc;

use axum::{
    Router,
    http::StatusCode,
    middleware,
    response::{IntoResponse, Response},
    routing::{get, post, put},
};

use crate::state::Organization;

pub(crate) use answer::unauthorized;
pub(crate) use guard::bearer;
pub(crate) use person::encoded;

/// An answer as a client sees it: with body and correlation id.
pub(crate) async fn identified(answer: impl IntoResponse) -> Response {
    guard::identify(answer.into_response()).await
}

/// An error the platform itself could give.
pub(crate) async fn refused(status: StatusCode) -> Response {
    identified(answer::by_status(status)).await
}

/// What handlers receive.
type Org = axum::extract::State<Arc<Organization>>;

/// `login.<domain>`.
pub(crate) fn login_router(organization: Arc<Organization>) -> Router {
    Router::new()
        .route("/oauth/authorize", get(person::page).post(person::decide))
        .route("/oauth/token", post(oauth::token))
        .route(
            "/.well-known/oauth-authorization-server",
            get(oauth::metadata),
        )
        .layer(middleware::map_response(guard::identify))
        .with_state(organization)
}

/// `api.<domain>`.
pub(crate) fn api_router(organization: Arc<Organization>) -> Router {
    let v2 = Router::new()
        .merge(people())
        .merge(search())
        .merge(recording())
        .fallback(answer::no_such_path)
        .layer(middleware::from_fn_with_state(
            Arc::clone(&organization),
            guard::admit,
        ))
        // SDKs find the login host by putting `login.` where the API host's name says `api.`; an address has
        // no such name, so that an SDK told nothing else asks here (Python SDK 269, `get_conf_url`).
        .route("/oauth/token", post(oauth::token))
        .layer(middleware::map_response(guard::identify));
    v2.with_state(organization)
}

/// Identity, contacts and settings.
fn people() -> Router<Arc<Organization>> {
    Router::new()
        .route(
            "/api/v2/tokens/me",
            get(identity::token).delete(identity::revoke),
        )
        .route("/api/v2/authorization/subjects/me", get(identity::subject))
        .route("/api/v2/authorization/divisions", get(identity::divisions))
        .route("/api/v2/organizations/me", get(identity::organization))
        .route("/api/v2/users/me", get(identity::user))
        .route("/api/v2/gdpr/subjects", get(contacts::gdpr_subjects))
        .route(
            "/api/v2/externalcontacts/reversewhitepageslookup",
            get(contacts::reverse_lookup),
        )
        .route(
            "/api/v2/externalcontacts/identifierlookup/contacts",
            post(contacts::by_identifier),
        )
        .route(
            "/api/v2/externalcontacts/contacts/{id}",
            get(contacts::by_id),
        )
        .route("/api/v2/recording/settings", get(settings::recording))
        .route(
            "/api/v2/routing/settings/transcription",
            get(settings::transcription),
        )
}

/// Analytics.
fn search() -> Router<Arc<Organization>> {
    const DETAILS: &str = "/api/v2/analytics/conversations/details";
    Router::new()
        .route(&format!("{DETAILS}/jobs"), post(analytics::submit))
        .route(
            &format!("{DETAILS}/jobs/availability"),
            get(analytics::availability),
        )
        .route(
            &format!("{DETAILS}/jobs/{{id}}"),
            get(analytics::status).delete(analytics::cancel),
        )
        .route(
            &format!("{DETAILS}/jobs/{{id}}/results"),
            get(analytics::results),
        )
        .route(&format!("{DETAILS}/query"), post(analytics::query))
        .route(
            "/api/v2/analytics/conversations/{id}/details",
            get(analytics::one),
        )
}

/// Recordings, transcripts and legal hold.
fn recording() -> Router<Arc<Organization>> {
    const ONE: &str = "/api/v2/conversations/{conversation}";
    const SPEECH: &str = "/api/v2/speechandtextanalytics/conversations/{conversation}";
    let hold = put(settings::hold).post(settings::held);
    Router::new()
        .route(
            &format!("{ONE}/recordingmetadata"),
            get(recordings::metadata_list),
        )
        .route(
            &format!("{ONE}/recordingmetadata/{{recording}}"),
            get(recordings::metadata),
        )
        .route(&format!("{ONE}/recordings"), get(recordings::list))
        .route(
            &format!("{ONE}/recordings/{{recording}}"),
            get(recordings::one).put(restore::put),
        )
        .route(
            &format!("{ONE}/recordings/{{recording}}/annotations"),
            get(annotations::list),
        )
        .route(
            &format!("{SPEECH}/communications/{{id}}/transcripturl"),
            get(transcripts::url),
        )
        .route(
            &format!("{SPEECH}/communications/{{id}}/transcripturls"),
            get(transcripts::urls),
        )
        .route("/api/v2/recording/batchrequests", post(batch::submit))
        .route("/api/v2/recording/batchrequests/{id}", get(batch::status))
        .route("/api/v2/recordings/deletionprotection", hold)
        .route("/api/v2/orphanrecordings", get(orphans::list))
        .route("/api/v2/orphanrecordings/{id}", get(orphans::one))
        .route("/api/v2/orphanrecordings/{id}/media", get(orphans::media))
}

pub(crate) use transcripts::file as transcript_file;
