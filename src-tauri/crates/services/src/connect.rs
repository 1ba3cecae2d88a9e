//! Connects the organization's platform after checking what its credentials may do. // S0-06, S0-22, S0-23

use std::sync::Arc;

use connectors::{
    genesys::{Genesys, GenesysConfig, PersonSession, PersonTokens},
    source::{Source, SourceHealth},
};
use domain::{
    audit::AuditAction,
    ids::{ActorId, SourceId},
    requestor::Actor,
    sensitive::Secret,
};
use tokio::sync::OnceCell;
use tokio_util::sync::CancellationToken;

use crate::{
    api::{ApiError, ConnectSourceReq, ConnectedSource, ErrorCode, SourceReport},
    app::App,
    egress::Egress,
    open_case::human,
    record::{self, Draft},
    sign_in_source,
    source_setting::{
        self, SourceSetting, accepted, identified, kept, local_host, typed, unused_name,
    },
    sources::Connected,
    token_keeper::TokenKeeper,
};

/// The id of the organization's platform.
pub(crate) const SOURCE_ID: &str = "genesys";

/// Why a source of the last start cannot be used.
pub(crate) const SECRET_GONE: &str = "its secret is not in the keyring any more";

/// What a person wants to connect.
pub(crate) struct Candidate {
    pub(crate) setting: SourceSetting,
    pub(crate) account: Account,
    pub(crate) accept_excess_reason: Option<String>,
}

/// With what the source is asked.
pub(crate) enum Account {
    /// The secret of a client that acts for itself. // S0-12
    Service(Secret<String>),
    /// The tokens of somebody who signed in with a browser.
    Person(PersonTokens),
}

/// Connects a Genesys Cloud organization with a client that acts for itself.
///
/// Credentials that lack a needed permission are refused; credentials that may do more than needed
/// are refused until a person gives a reason, which is recorded. // S0-22
///
/// # Errors
/// When a field is wrong, the login is refused or the organization cannot be reached.
pub async fn connect_source(
    app: &App,
    request: ConnectSourceReq,
) -> Result<SourceReport, ApiError> {
    let worker = app.deciding_person()?;
    refuse_among_samples(app)?;
    let candidate = Candidate {
        setting: typed(&request)?,
        account: Account::Service(Secret::new(request.client_secret)),
        accept_excess_reason: request.accept_excess_reason,
    };
    connect(app, &worker, candidate).await
}

/// Checks what the credentials may do, and connects the source if that is what is needed.
pub(crate) async fn connect(
    app: &App,
    worker: &ActorId,
    candidate: Candidate,
) -> Result<SourceReport, ApiError> {
    let Candidate {
        mut setting,
        account,
        accept_excess_reason: reason,
    } = candidate;
    let reason = reason.filter(|reason| !reason.trim().is_empty());
    let old = kept(app).await?.map(|old| old.secret_name);
    unused_name(old.as_deref()).clone_into(&mut setting.secret_name);
    let credentials = credentials(app, &setting, account);
    let (source, health, egress) = ask(app, &setting, &credentials).await?;
    let mut report = report(&health);
    if !report.missing.is_empty() || (!report.excess.is_empty() && reason.is_none()) {
        refuse(app, human(worker), &health, &egress).await?;
        if let Credentials::Person(..) = credentials {
            // Nobody uses this sign-in any more.
            sign_in_source::revoke(app, &source).await;
        }
        return Ok(report);
    }
    let setting = SourceSetting {
        accepted: reason.and_then(|reason| accepted(worker, reason, &health)),
        ..identified(setting, &health)
    };
    credentials.put(app, &setting.secret_name).await?;
    save(app, human(worker), &setting, &health, &egress).await?;
    stop_keeping(app).await;
    if let Some(old) = old {
        forget_secret(app, &old).await;
    }
    app.change_sources(|it| it.put(connected(source, &setting, Some(health), credentials)));
    report.connected = true;
    Ok(report)
}

/// The tokens of the connected person are written no more, whatever still runs.
pub(crate) async fn stop_keeping(app: &App) {
    let keeper = app
        .sources()
        .get(SOURCE_ID)
        .and_then(|it| it.keeper.clone());
    if let Some(keeper) = keeper {
        keeper.stop().await;
    }
}

/// What a source is built with.
enum Credentials {
    Service(Secret<String>),
    Person(PersonTokens, Arc<TokenKeeper>),
}

fn credentials(app: &App, setting: &SourceSetting, account: Account) -> Credentials {
    match account {
        Account::Service(secret) => Credentials::Service(secret),
        Account::Person(tokens) => {
            let (name, secret) = (&setting.secret_name, tokens.to_secret());
            let keeper = TokenKeeper::waiting(app.store(), name, secret);
            Credentials::Person(tokens, keeper)
        }
    }
}

impl Credentials {
    /// Out of the keyring; `None` when it has none.
    async fn kept(app: &App, setting: &SourceSetting) -> Result<Option<Self>, ApiError> {
        let name = &setting.secret_name;
        let secret = app.store().source_secret(name).await?;
        let Some(secret) = secret.filter(|secret| !secret.reveal().is_empty()) else {
            return Ok(None);
        };
        if setting.person.is_none() {
            return Ok(Some(Self::Service(secret)));
        }
        let tokens = PersonTokens::from_secret(&secret);
        let keeper = TokenKeeper::connected(app.store(), name, secret);
        Ok(tokens.map(|tokens| Self::Person(tokens, keeper)))
    }

    /// Into the keyring. // S0-21
    async fn put(&self, app: &App, name: &str) -> Result<(), ApiError> {
        match self {
            Self::Service(secret) => Ok(app.store().put_source_secret(name, secret).await?),
            Self::Person(_, keeper) => keeper.connect().await,
        }
    }

    fn keeper(&self) -> Option<Arc<TokenKeeper>> {
        match self {
            Self::Service(_) => None,
            Self::Person(_, keeper) => Some(Arc::clone(keeper)),
        }
    }
}

/// Cases of real people never lie in the folder of the samples.
pub(crate) fn refuse_among_samples(app: &App) -> Result<(), ApiError> {
    if !app.sources().are_samples() {
        return Ok(());
    }
    Err(ApiError::new(
        ErrorCode::WrongStep,
        "These are sample cases; a tenant is not connected among them",
        "Leave the sample calls first.",
    ))
}

/// Connects the built-in organization. Its secret lives as long as the process.
///
/// # Errors
/// When it does not answer, is not on this machine, or its client may do more or less than needed.
pub async fn connect_sandbox(
    app: &App,
    api_url: &str,
    login_url: &str,
    media_url: &str,
    client_id: &str,
    client_secret: Secret<String>,
) -> Result<SourceReport, ApiError> {
    let setting = SourceSetting {
        api_url: api_url.to_owned(),
        login_url: login_url.to_owned(),
        media_hosts: vec![local_host(media_url)?],
        client_id: client_id.to_owned(),
        ..SourceSetting::default()
    };
    local_host(api_url)?;
    local_host(login_url)?;
    let credentials = Credentials::Service(client_secret);
    let (source, health, egress) = ask(app, &setting, &credentials).await?;
    let mut report = report(&health);
    if !report.missing.is_empty() || !report.excess.is_empty() {
        refuse(app, app.service(), &health, &egress).await?;
        return Err(ApiError::new(
            ErrorCode::SourceUnavailable,
            "The client of the built-in organization has other rights than it should",
            "Install SAR Portal again. If it stays, report it to support.",
        ));
    }
    let setting = identified(setting, &health);
    let mut tx = app.store().begin().await?;
    record::append(
        app,
        &mut tx,
        connection_entry(app.service(), &setting, &health),
    )
    .await?;
    egress.append(app, &mut tx).await?;
    tx.commit().await?;
    let connected = connected(source, &setting, Some(health), credentials);
    app.change_sources(|it| it.put(connected.of_samples()));
    report.connected = true;
    Ok(report)
}

/// Takes up the connection of the last start, without asking the network: the first job checks the
/// rights again.
pub(crate) async fn reconnect(app: &App) -> Result<(), ApiError> {
    let Some(setting) = kept(app).await? else {
        return Ok(());
    };
    let Some(credentials) = Credentials::kept(app, &setting).await? else {
        let view = ConnectedSource {
            trouble: Some(SECRET_GONE.to_owned()),
            ..view(&setting)
        };
        app.change_sources(|it| it.put_broken(view));
        return Ok(());
    };
    let source = build(app, &setting, &credentials)?;
    app.change_sources(|it| it.put(connected(source, &setting, None, credentials)));
    Ok(())
}

/// Overwrites a secret that is no longer used. The connection stands without it.
pub(crate) async fn forget_secret(app: &App, name: &str) {
    if let Err(error) = app
        .store()
        .put_source_secret(name, &Secret::default())
        .await
    {
        tracing::warn!(%error, "the former secret of the source is still kept");
    }
}

fn build(
    app: &App,
    setting: &SourceSetting,
    credentials: &Credentials,
) -> Result<Source, ApiError> {
    let (client_secret, person) = match credentials {
        Credentials::Service(secret) => (secret.clone(), None),
        Credentials::Person(tokens, keeper) => {
            let (tokens, keep) = (tokens.clone(), keeper.keep());
            (Secret::default(), Some(PersonSession { tokens, keep }))
        }
    };
    let config = GenesysConfig {
        source_id: SourceId::new(SOURCE_ID).expect("a fixed id is valid"),
        api_url: setting.api_url.clone(),
        login_url: setting.login_url.clone(),
        media_hosts: setting.media_hosts.clone(),
        client_id: setting.client_id.clone(),
        client_secret,
        person,
        ..GenesysConfig::default()
    };
    Genesys::new(config, app.http().clone(), app.clock())
        .map(Source::Genesys)
        .map_err(|error| ApiError::invalid("Address", error))
}

/// Signs in and asks what the credentials may do.
async fn ask(
    app: &App,
    setting: &SourceSetting,
    credentials: &Credentials,
) -> Result<(Source, SourceHealth, Egress), ApiError> {
    let source = build(app, setting, credentials)?;
    let (counted, ledger) = source.counted();
    let egress = Egress::of_connection(ledger);
    let health = counted.health(&CancellationToken::new()).await;
    let health = egress
        .close_failed(app, health.map_err(ApiError::from))
        .await?;
    Ok((source, health, egress))
}

/// What the check found; not connected yet.
pub(crate) fn report(health: &SourceHealth) -> SourceReport {
    SourceReport {
        connected: false,
        organization: health.organization.clone(),
        region: health.region.clone(),
        divisions: health.divisions.clone(),
        granted: health.granted.clone(),
        missing: health.missing.clone(),
        excess: health.excess.clone(),
    }
}

/// The source as jobs get it; `checked` is what it answered just now, if it was asked.
fn connected(
    source: Source,
    setting: &SourceSetting,
    checked: Option<SourceHealth>,
    credentials: Credentials,
) -> Connected {
    let accepted = setting.accepted.clone();
    Connected {
        view: view(setting),
        source: Arc::new(source),
        client_id: sign_in_source::account_of(setting),
        organization_id: setting.organization_id.clone(),
        accepted_excess: accepted.map(|it| it.permissions).unwrap_or_default(),
        rights: Arc::new(OnceCell::new_with(checked.map(|it| it.organization_id))),
        egress: Egress::default(),
        keeper: credentials.keeper(),
    }
}

fn view(setting: &SourceSetting) -> ConnectedSource {
    ConnectedSource {
        id: SOURCE_ID.to_owned(),
        kind: "genesys".to_owned(),
        organization: setting.organization.clone(),
        region: setting.region.clone(),
        is_sandbox: false,
        signed_in_as: setting.person.as_ref().map(|person| person.name.clone()),
        trouble: None,
    }
}

/// Writes connection, entry and traffic together.
async fn save(
    app: &App,
    actor: Actor,
    setting: &SourceSetting,
    health: &SourceHealth,
    egress: &Egress,
) -> Result<(), ApiError> {
    let mut tx = app.store().begin().await?;
    source_setting::keep(&mut tx, setting).await?;
    record::append(app, &mut tx, connection_entry(actor, setting, health)).await?;
    egress.append(app, &mut tx).await?;
    Ok(tx.commit().await?)
}

/// The reason is a person's free text: the log, which leaves the house, has only its digest. // S0-13, S0-22
fn connection_entry(actor: Actor, setting: &SourceSetting, health: &SourceHealth) -> Draft {
    let entry = Draft::new(AuditAction::SourceConnected, actor)
        .detail("organization", &setting.organization)
        .detail("organizationId", &setting.organization_id)
        .detail("region", &setting.region)
        .detail("mediaHosts", setting.media_hosts.join(" "))
        .detail("excessPermissions", health.excess.join(" "));
    let entry = sign_in_source::how(setting, entry);
    match &setting.accepted {
        Some(accepted) => entry.detail("excessAcceptedBy", &accepted.by).detail(
            "excessReasonDigest",
            evidence::hashing::sha256(accepted.reason.as_bytes()),
        ),
        None => entry,
    }
}

async fn refuse(
    app: &App,
    actor: Actor,
    health: &SourceHealth,
    egress: &Egress,
) -> Result<(), ApiError> {
    let mut tx = app.store().begin().await?;
    record::append(app, &mut tx, refusal(actor, health)).await?;
    egress.append(app, &mut tx).await?;
    Ok(tx.commit().await?)
}

/// Records that a job found other rights than those that were accepted.
pub(crate) async fn record_refusal(app: &App, health: &SourceHealth) -> Result<(), ApiError> {
    let mut tx = app.store().begin().await?;
    record::append(app, &mut tx, refusal(app.service(), health)).await?;
    Ok(tx.commit().await?)
}

fn refusal(actor: Actor, health: &SourceHealth) -> Draft {
    Draft::new(AuditAction::SourceRefused, actor)
        .detail("organizationId", &health.organization_id)
        .detail("missingPermissions", health.missing.join(" "))
        .detail("excessPermissions", health.excess.join(" "))
}
