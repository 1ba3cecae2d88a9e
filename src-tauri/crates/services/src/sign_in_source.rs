//! Connects the organization's platform as a person who signs in with a browser, and signs them out.
//! // S0-08, S0-12, S0-21, S0-22

use std::time::Duration;

use connectors::{
    genesys::{BeginError, BrowserSignIn, PersonClient, REDIRECT_PORT},
    source::{Source, SourceError},
};
use domain::{audit::AuditAction, ids::ActorId};
use tokio_util::sync::CancellationToken;

use crate::{
    api::{ApiError, Done, Empty, ErrorCode, SignInSourceReq, SourceReport},
    app::App,
    connect::{self, Account, Candidate, SOURCE_ID, refuse_among_samples},
    egress::Egress,
    open_case::human,
    record::{self, Draft},
    source_setting::{self, kept, typed_person},
};

/// How long a person may take in the browser.
const PERSON_LIMIT: Duration = Duration::from_secs(5 * 60);

/// How long the source may take to hear that a token is not used any more.
const REVOKE_LIMIT: Duration = Duration::from_secs(10);

/// Connects a Genesys Cloud organization as the person who signs in with the browser. `open` opens it; the address is
/// always one of the login host. A sign-in that still waits is stopped first.
///
/// # Errors
/// When a field is wrong, the person says no or takes too long, or the organization cannot be reached.
pub async fn sign_in_source(
    app: &App,
    request: SignInSourceReq,
    open: impl FnOnce(&str) -> Result<(), ApiError>,
) -> Result<SourceReport, ApiError> {
    let worker = app.deciding_person()?;
    refuse_among_samples(app)?;
    let setting = typed_person(&request)?;
    let client = PersonClient {
        login_url: setting.login_url.clone(),
        client_id: setting.client_id.clone(),
        redirect_port: request.redirect_port.unwrap_or(REDIRECT_PORT),
    };
    let (cancel, _turn) = app.sign_in_turn().await;
    let (http, ledger) = app.http().counted();
    let egress = Egress::of_connection(ledger);
    let begun = BrowserSignIn::begin(&client, &http, app.clock()).await?;
    if cancel.is_cancelled() {
        return Err(SourceError::Cancelled.into());
    }
    open(begun.link().as_str())?;
    let tokens = begun.finish(PERSON_LIMIT, &cancel).await;
    let tokens = egress.close(app, tokens.map_err(ApiError::from)).await?;
    let candidate = Candidate {
        setting,
        account: Account::Person(tokens),
        accept_excess_reason: request.accept_excess_reason,
    };
    connect::connect(app, &worker, candidate).await
}

/// Stops waiting for the browser.
///
/// # Errors
/// Never; nothing waits afterwards.
pub async fn cancel_sign_in(app: &App, _request: Empty) -> Result<Done, ApiError> {
    app.cancel_sign_in();
    Ok(Done {})
}

/// Signs the person out: their tokens are revoked and forgotten, and the source is disconnected.
///
/// # Errors
/// When nobody signed in with a browser.
pub async fn sign_out_source(app: &App, _request: Empty) -> Result<Done, ApiError> {
    let worker = app.deciding_person()?;
    let setting = kept(app).await?.filter(|setting| setting.person.is_some());
    let setting = setting.ok_or_else(|| {
        ApiError::new(
            ErrorCode::WrongStep,
            "Nobody is signed in at the source with a browser",
            "A service is connected with its client id and secret; connect another one in its place.",
        )
    })?;
    let is_revoked = match app.sources().get(SOURCE_ID) {
        Some(connected) => revoke(app, &connected.source).await,
        None => false,
    };
    let mut tx = app.store().begin().await?;
    source_setting::forget(&mut tx).await?;
    let entry = Draft::new(AuditAction::SourceRemoved, human(&worker))
        .detail("source", SOURCE_ID)
        .detail("organization", &setting.organization)
        .detail("tokenRevoked", is_revoked.to_string());
    record::append(app, &mut tx, entry).await?;
    tx.commit().await?;
    connect::stop_keeping(app).await;
    connect::forget_secret(app, &setting.secret_name).await;
    app.change_sources(|it| it.remove(SOURCE_ID));
    Ok(Done {})
}

/// Asks the source to end the token. It ends by itself too, so a source that is away stops nobody.
pub(crate) async fn revoke(app: &App, source: &Source) -> bool {
    let (source, ledger) = source.counted();
    let Some(genesys) = source.genesys() else {
        return false;
    };
    let cancel = CancellationToken::new();
    let asked = tokio::time::timeout(REVOKE_LIMIT, genesys.revoke_token(&cancel)).await;
    let outcome = match asked {
        Ok(answer) => answer.map_err(ApiError::from),
        Err(_) => Err(SourceError::Cancelled.into()),
    };
    let closed = Egress::of_connection(ledger).close(app, outcome).await;
    if let Err(error) = &closed {
        tracing::warn!(%error, "the token of the source was not revoked; it ends by itself");
    }
    closed.is_ok()
}

impl From<BeginError> for ApiError {
    fn from(error: BeginError) -> Self {
        match error {
            BeginError::Address(error) => Self::invalid("Address", error),
            BeginError::SignIn(error) => SourceError::SignIn(error).into(),
        }
    }
}

/// For the log: who connected, and how.
pub(crate) fn how(setting: &source_setting::SourceSetting, entry: Draft) -> Draft {
    match &setting.person {
        Some(person) => entry
            .detail("signIn", "person")
            .detail("platformUserId", &person.id),
        None => entry.detail("signIn", "service"),
    }
}

/// Under which account recordings are fetched. // S2-37
pub(crate) fn account_of(setting: &source_setting::SourceSetting) -> String {
    let person = setting.person.as_ref().map(|person| person.id.clone());
    let person = person.filter(|id| ActorId::new(id.as_str()).is_ok());
    person.unwrap_or_else(|| setting.client_id.clone())
}
