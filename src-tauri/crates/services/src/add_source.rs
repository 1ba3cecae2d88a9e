//! Archives beside the organization's platform: recorders, buckets and folders that a person describes.
//! // S1-01, S1-05, S1-38, S1-39

use std::sync::Arc;

use connectors::source::{Source, SourceHealth};
use domain::{audit::AuditAction, ids::ActorId, sensitive::Secret};
use serde::{Deserialize, Serialize};
use store::Tx;
use tokio::sync::OnceCell;
use tokio_util::sync::CancellationToken;

use crate::{
    api::{AddSourceReq, ApiError, ConnectedSource, Done, ErrorCode, SourceRef, SourceReport},
    app::App,
    connect::{self, refuse_among_samples},
    egress::Egress,
    open_case::{human, to_json},
    record::{self, Draft},
    source_config::{SourceConfig, build_source},
    sources::Connected,
};

/// Where the descriptions are kept between starts; the secrets are in the keyring. // S1-40
const SETTING: &str = "source.archives";

/// Most archives of one desk; every search asks each of them.
const MAX_ARCHIVES: usize = 20;

/// Longest description, in bytes; a real one has fifty lines.
const MAX_SETTINGS_BYTES: usize = 64 << 10;

/// An archive as kept in the encrypted database; no secret.
#[derive(Clone, Serialize, Deserialize)]
struct ArchiveSetting {
    id: String,
    /// The description as the person wrote it, in TOML.
    settings: String,
    /// What the archive said it is.
    organization: String,
    /// Which archive it is, whatever its id.
    organization_id: String,
    /// The name of its secret in the keyring, if it has one.
    secret_name: Option<String>,
}

/// Connects an archive that is no folder: what a window sends must not name places on this machine.
///
/// # Errors
/// As [`add_any_source`], and for a folder.
pub async fn add_source(app: &App, request: AddSourceReq) -> Result<SourceReport, ApiError> {
    if let SourceConfig::Folder(_) = described(&request.settings)? {
        return Err(ApiError::new(
            ErrorCode::NotPermitted,
            "A folder cannot be connected from the window",
            "Connect it on the command line: sar source add FILE.",
        ));
    }
    add_any_source(app, request).await
}

/// Connects an archive, in the place of the one with the same id. Every later search asks it too.
///
/// # Errors
/// When the description or the secret cannot be used, or the archive does not answer.
pub async fn add_any_source(app: &App, request: AddSourceReq) -> Result<SourceReport, ApiError> {
    let worker = app.deciding_person()?;
    refuse_among_samples(app)?;
    let config = described(&request.settings)?;
    let secret = Secret::new(request.secret.unwrap_or_default());
    let account = account(&config, &secret)?;
    let source = build(app, config.clone(), &secret)?;
    let (counted, ledger) = source.counted();
    let egress = Egress::of_connection(ledger);
    let health = counted.health(&CancellationToken::new()).await;
    let health = health.map_err(ApiError::from);
    let health = egress.close_failed(app, health).await?;
    let mut kept = kept(app).await?;
    let setting = ArchiveSetting {
        id: config.id().to_owned(),
        settings: request.settings,
        organization: health.organization.clone(),
        organization_id: health.organization_id.clone(),
        secret_name: config.needs_secret().then(new_secret_name),
    };
    if let Some(name) = &setting.secret_name {
        app.store().put_source_secret(name, &secret).await?;
    }
    let former = replace(&mut kept, setting.clone())?;
    let mut tx = app.store().begin().await?;
    keep(&mut tx, &kept).await?;
    record::append(app, &mut tx, entry(&worker, &config, &health)).await?;
    egress.append(app, &mut tx).await?;
    tx.commit().await?;
    forget_secret(app, former).await;
    let connected = connected(source, &config, &setting, account, Some(&health));
    app.change_sources(|it| it.put(connected));
    let mut report = connect::report(&health);
    report.connected = true;
    Ok(report)
}

/// Disconnects an archive. What was fetched from it stays in custody.
///
/// # Errors
/// When there is no such archive.
pub async fn remove_source(app: &App, request: SourceRef) -> Result<Done, ApiError> {
    let worker = app.deciding_person()?;
    let mut kept = kept(app).await?;
    let position = kept
        .iter()
        .position(|it| it.id == request.source)
        .ok_or_else(|| ApiError::not_found("archive", &request.source))?;
    let removed = kept.remove(position);
    let mut tx = app.store().begin().await?;
    keep(&mut tx, &kept).await?;
    let entry = Draft::new(AuditAction::SourceRemoved, human(&worker))
        .detail("source", &request.source)
        .detail("organization", &removed.organization);
    record::append(app, &mut tx, entry).await?;
    tx.commit().await?;
    forget_secret(app, removed.secret_name).await;
    app.change_sources(|it| it.remove(&request.source));
    Ok(Done {})
}

/// Takes up the archives of the last start, without asking the network. One that cannot be used is kept in
/// mind and stops nothing.
pub(crate) async fn reconnect(app: &App) -> Result<(), ApiError> {
    for setting in kept(app).await? {
        match reconnected(app, &setting).await {
            Ok(connected) => app.change_sources(|it| it.put(connected)),
            Err(error) => {
                let view = broken(&setting, error.message);
                tracing::warn!(source = view.id, "an archive cannot be used");
                app.change_sources(|it| it.put_broken(view));
            }
        }
    }
    Ok(())
}

async fn reconnected(app: &App, setting: &ArchiveSetting) -> Result<Connected, ApiError> {
    let config = described(&setting.settings)?;
    let secret = match &setting.secret_name {
        Some(name) => app.store().source_secret(name).await?,
        None => Some(Secret::default()),
    };
    let secret = secret.filter(|it| setting.secret_name.is_none() || !it.reveal().is_empty());
    let secret = secret.ok_or_else(|| ApiError::invalid("Secret", connect::SECRET_GONE))?;
    let account = account(&config, &secret)?;
    let source = build(app, config.clone(), &secret)?;
    Ok(connected(source, &config, setting, account, None))
}

fn broken(setting: &ArchiveSetting, why: String) -> ConnectedSource {
    let config = described(&setting.settings).ok();
    ConnectedSource {
        id: setting.id.clone(),
        kind: config.map(|it| it.kind().to_owned()).unwrap_or_default(),
        organization: setting.organization.clone(),
        region: String::new(),
        is_sandbox: false,
        signed_in_as: None,
        trouble: Some(why),
    }
}

/// A description as a person wrote it.
fn described(settings: &str) -> Result<SourceConfig, ApiError> {
    let invalid = |why: &dyn std::fmt::Display| ApiError::invalid("Description", why);
    if settings.len() > MAX_SETTINGS_BYTES {
        return Err(invalid(&"it is longer than 64 kB"));
    }
    let config: SourceConfig =
        toml::from_str(settings).map_err(|error| invalid(&error.message()))?;
    match config {
        SourceConfig::Genesys(_) => Err(invalid(
            &"an organization of Genesys Cloud is connected with its region and its client instead",
        )),
        other if other.id() == connect::SOURCE_ID => Err(invalid(
            &"the id `genesys` belongs to the organization's platform; choose another",
        )),
        other => Ok(other),
    }
}

fn build(app: &App, config: SourceConfig, secret: &Secret<String>) -> Result<Source, ApiError> {
    build_source(config, secret, app.http_options(), &app.clock())
}

/// Under which account recordings are fetched. // S1-38, S2-37
fn account(config: &SourceConfig, secret: &Secret<String>) -> Result<String, ApiError> {
    if config.needs_secret() && secret.reveal().trim().is_empty() {
        return Err(ApiError::invalid("Secret", "this kind of source needs one"));
    }
    let named = match config {
        SourceConfig::Genesys(settings) => Some(settings.client_id.clone()),
        SourceConfig::LegacyRest(settings) => Some(settings.username.clone()),
        SourceConfig::S3Archive(_) => secret.reveal().lines().next().map(str::to_owned),
        SourceConfig::Folder(_) => None,
        SourceConfig::Gateway(settings) => Some(settings.client_id.clone()),
    };
    let named = named.filter(|name| ActorId::new(name.as_str()).is_ok());
    Ok(named.unwrap_or_else(|| config.id().to_owned()))
}

/// A name that no other secret has, so that the old one works until the new one is written.
fn new_secret_name() -> String {
    format!("archive-{}", uuid::Uuid::new_v4())
}

/// Puts an archive in the place of its former self; gives the name of the secret that is not used any more.
fn replace(
    kept: &mut Vec<ArchiveSetting>,
    setting: ArchiveSetting,
) -> Result<Option<String>, ApiError> {
    if let Some(old) = kept.iter_mut().find(|it| it.id == setting.id) {
        return Ok(std::mem::replace(old, setting).secret_name);
    }
    if kept.len() >= MAX_ARCHIVES {
        return Err(ApiError::invalid(
            "Description",
            format!("there are {MAX_ARCHIVES} archives already; remove one first"),
        ));
    }
    kept.push(setting);
    Ok(None)
}

async fn kept(app: &App) -> Result<Vec<ArchiveSetting>, ApiError> {
    let Some(json) = app.store().setting(SETTING).await? else {
        return Ok(Vec::new());
    };
    serde_json::from_str(&json).map_err(|error| ApiError::internal("Reading the archives", &error))
}

async fn keep(tx: &mut Tx, kept: &[ArchiveSetting]) -> Result<(), ApiError> {
    Ok(tx.put_setting(SETTING, &to_json(&kept)?).await?)
}

/// Overwrites a secret that is no longer used. The archives stand without it.
async fn forget_secret(app: &App, name: Option<String>) {
    let Some(name) = name else {
        return;
    };
    connect::forget_secret(app, &name).await;
}

fn entry(worker: &ActorId, config: &SourceConfig, health: &SourceHealth) -> Draft {
    Draft::new(AuditAction::SourceConnected, human(worker))
        .detail("source", config.id())
        .detail("kind", config.kind())
        .detail("organization", &health.organization)
        .detail("organizationId", &health.organization_id)
        .detail("region", &health.region)
        .detail(
            "encryptionAtRest",
            health.encryption_at_rest.as_deref().unwrap_or("not stated"),
        )
}

/// The archive as jobs get it; `checked` is what it answered just now, if it was asked.
fn connected(
    source: Source,
    config: &SourceConfig,
    setting: &ArchiveSetting,
    account: String,
    checked: Option<&SourceHealth>,
) -> Connected {
    Connected {
        view: ConnectedSource {
            id: source.id().to_string(),
            kind: config.kind().to_owned(),
            organization: setting.organization.clone(),
            region: checked.map(|it| it.region.clone()).unwrap_or_default(),
            is_sandbox: false,
            signed_in_as: None,
            trouble: None,
        },
        source: Arc::new(source),
        client_id: account,
        organization_id: setting.organization_id.clone(),
        accepted_excess: Vec::new(),
        rights: Arc::new(OnceCell::new_with(
            checked.map(|it| it.organization_id.clone()),
        )),
        egress: Egress::default(),
        keeper: None,
    }
}
