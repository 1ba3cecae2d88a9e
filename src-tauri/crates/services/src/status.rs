//! Who is at the desk, what is connected.

use domain::{audit::AuditAction, ids::ActorId};

use crate::{
    api::{ApiError, Empty, Event, Person, SignInReq, Status},
    app::App,
    drill,
    open_case::{human, to_json},
    record::{self, Draft},
};

/// What the status bar shows.
///
/// # Errors
/// When the database cannot be read.
pub async fn get_status(app: &App, _request: Empty) -> Result<Status, ApiError> {
    let store = app.store();
    Ok(Status {
        person: app.person(),
        sources: app.sources().views(),
        log_size: store.log_head().await?.map_or(0, |head| head.size),
        jobs_open: store.open_jobs().await?,
        delivery_folder: app.delivery_dir().display().to_string(),
        cases_open: store.open_cases().await?,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        drill: drill::last(app).await?,
    })
}

/// Says who is at the desk. Decisions are recorded under this id, in small letters: `Ann` and `ann` are
/// one person, who cannot be her own second pair of eyes.
///
/// # Errors
/// When the id has other characters than letters, digits, `.`, `-`, `_`, `@`.
pub async fn sign_in(app: &App, request: SignInReq) -> Result<Status, ApiError> {
    let id = request.person_id.trim().to_lowercase();
    let allowed = |c: char| c.is_alphanumeric() || ".-_@".contains(c);
    if id.is_empty() || id.len() > 64 || !id.chars().all(allowed) {
        return Err(ApiError::invalid(
            "Your name",
            "use 1 to 64 letters, digits, or one of `.`, `-`, `_`, `@`",
        ));
    }
    let person = Person {
        id,
        role: request.role,
    };
    if app.person().as_ref() != Some(&person) {
        record_sign_in(app, &person).await?;
        app.set_person(person);
    }
    app.emit(Event::StatusChanged);
    get_status(app, Empty {}).await
}

/// Who came to the desk, and as what: later entries carry the name only.
async fn record_sign_in(app: &App, person: &Person) -> Result<(), ApiError> {
    let id =
        ActorId::new(person.id.clone()).map_err(|error| ApiError::invalid("Your name", error))?;
    let role = to_json(&person.role)?.replace('"', "");
    let entry = Draft::new(AuditAction::SignedIn, human(&id)).detail("role", role);
    let mut tx = app.store().begin().await?;
    record::append(app, &mut tx, entry).await?;
    Ok(tx.commit().await?)
}
