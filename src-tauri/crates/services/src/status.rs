//! Who is at the desk, what is connected.

use crate::{
    api::{ApiError, Empty, Event, Person, SignInReq, Status},
    app::App,
};

/// What the status bar shows.
///
/// # Errors
/// When the database cannot be read.
pub async fn get_status(app: &App, _request: Empty) -> Result<Status, ApiError> {
    let store = app.store();
    Ok(Status {
        person: app.person(),
        source: app.source().map(|connected| connected.view),
        log_size: store.log_head().await?.map_or(0, |head| head.size),
        jobs_open: store.open_jobs().await?,
        delivery_folder: app.delivery_dir().display().to_string(),
        cases_open: store.open_cases().await?,
        version: env!("CARGO_PKG_VERSION").to_owned(),
    })
}

/// Says who is at the desk. Decisions are recorded under this id.
///
/// # Errors
/// When the id has other characters than letters, digits, `.`, `-`, `_`, `@`.
pub async fn sign_in(app: &App, request: SignInReq) -> Result<Status, ApiError> {
    let id = request.person_id.trim().to_owned();
    let allowed = |c: char| c.is_alphanumeric() || ".-_@".contains(c);
    if id.is_empty() || id.len() > 64 || !id.chars().all(allowed) {
        return Err(ApiError::invalid(
            "Your name",
            "use 1 to 64 letters, digits, or one of `.`, `-`, `_`, `@`",
        ));
    }
    app.set_person(Person {
        id,
        role: request.role,
    });
    app.emit(Event::StatusChanged);
    get_status(app, Empty {}).await
}
