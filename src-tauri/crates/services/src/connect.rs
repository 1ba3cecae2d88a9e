//! Connects a source after checking what its credentials may do. // S0-06, S0-22, S0-23

use std::sync::Arc;

use connectors::{
    genesys::{self, Genesys, GenesysConfig},
    source::{Source, SourceError, SourceHealth},
};
use domain::{audit::AuditAction, ids::SourceId, sensitive::Secret};
use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;

use crate::{
    api::{ApiError, ConnectSourceReq, ConnectedSource, ErrorCode, Event, SourceReport},
    app::{App, Connected},
    open_case::to_json,
    record::{self, Draft},
};

/// Where the connection is kept between starts; the secret is in the keyring. // S0-21
const SETTING: &str = "source.genesys";

/// The id of the one source of this version.
const SOURCE_ID: &str = "genesys";

/// The connection as kept in the database; no secret.
#[derive(Clone, Serialize, Deserialize)]
struct SourceSetting {
    api_url: String,
    login_url: String,
    client_id: String,
    organization: String,
    region: String,
}

/// Connects a Genesys Cloud organization.
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
    app.deciding_person()?;
    let setting = setting(&request)?;
    let secret = Secret::new(request.client_secret);
    let source = build(app, &setting, secret.clone())?;
    let (mut report, health) = check(&source).await?;
    let reason = request
        .accept_excess_reason
        .filter(|reason| !reason.trim().is_empty());
    let acceptable = report.missing.is_empty() && (report.excess.is_empty() || reason.is_some());
    if !acceptable {
        refuse(app, &report).await?;
        return Ok(report);
    }
    let setting = SourceSetting {
        organization: health.organization,
        region: health.region,
        ..setting
    };
    app.store().put_source_secret(SOURCE_ID, &secret).await?;
    save(app, &setting, &report, reason.as_deref()).await?;
    app.set_source(connected(source, &setting, false));
    app.emit(Event::StatusChanged);
    report.connected = true;
    Ok(report)
}

/// Connects the built-in organization. Its secret lives as long as the process.
///
/// # Errors
/// When it does not answer.
pub async fn connect_sandbox(
    app: &App,
    api_url: &str,
    login_url: &str,
    client_id: &str,
    client_secret: Secret<String>,
) -> Result<SourceReport, ApiError> {
    let setting = SourceSetting {
        api_url: api_url.to_owned(),
        login_url: login_url.to_owned(),
        client_id: client_id.to_owned(),
        organization: String::new(),
        region: String::new(),
    };
    let source = build(app, &setting, client_secret)?;
    let (mut report, health) = check(&source).await?;
    let setting = SourceSetting {
        organization: health.organization,
        region: health.region,
        ..setting
    };
    record_connection(app, &report, None).await?;
    app.set_source(connected(source, &setting, true));
    app.emit(Event::StatusChanged);
    report.connected = true;
    Ok(report)
}

/// Takes up the connection of the last start, without asking the network.
pub(crate) async fn reconnect(app: &App) -> Result<(), ApiError> {
    let Some(json) = app.store().setting(SETTING).await? else {
        return Ok(());
    };
    let setting: SourceSetting = serde_json::from_str(&json)
        .map_err(|error| ApiError::internal("Reading the connection", &error))?;
    let Some(secret) = app.store().source_secret(SOURCE_ID).await? else {
        return Ok(());
    };
    let source = build(app, &setting, secret)?;
    app.set_source(connected(source, &setting, false));
    Ok(())
}

fn setting(request: &ConnectSourceReq) -> Result<SourceSetting, ApiError> {
    let (api_url, login_url) = match (&request.api_url, &request.login_url, &request.region) {
        (Some(api), Some(login), _) => (api.clone(), login.clone()),
        (_, _, Some(name)) => {
            let region = genesys::region(name)
                .ok_or_else(|| ApiError::invalid("Region", "this region is unknown"))?;
            (region.api_url(), region.login_url())
        }
        _ => return Err(ApiError::invalid("Region", "choose one")),
    };
    if request.client_id.trim().is_empty() || request.client_secret.is_empty() {
        return Err(ApiError::invalid(
            "Client id and secret",
            "one of them is empty",
        ));
    }
    Ok(SourceSetting {
        api_url,
        login_url,
        client_id: request.client_id.trim().to_owned(),
        organization: String::new(),
        region: request.region.clone().unwrap_or_default(),
    })
}

fn build(
    app: &App,
    setting: &SourceSetting,
    client_secret: Secret<String>,
) -> Result<Source, ApiError> {
    let config = GenesysConfig {
        source_id: SourceId::new(SOURCE_ID).expect("a fixed id is valid"),
        api_url: setting.api_url.clone(),
        login_url: setting.login_url.clone(),
        client_id: setting.client_id.clone(),
        client_secret,
        ..GenesysConfig::default()
    };
    Genesys::new(config, app.http().clone(), app.clock())
        .map(Source::Genesys)
        .map_err(|error| ApiError::invalid("Address", error))
}

async fn check(source: &Source) -> Result<(SourceReport, SourceHealth), ApiError> {
    let health = source.health(&CancellationToken::new()).await?;
    let report = SourceReport {
        connected: false,
        organization: health.organization.clone(),
        region: health.region.clone(),
        divisions: health.divisions.clone(),
        granted: health.granted.clone(),
        missing: health.missing.clone(),
        excess: health.excess.clone(),
    };
    Ok((report, health))
}

fn connected(source: Source, setting: &SourceSetting, is_sandbox: bool) -> Connected {
    Connected {
        view: ConnectedSource {
            id: source.id().to_string(),
            organization: setting.organization.clone(),
            region: setting.region.clone(),
            is_sandbox,
        },
        source: Arc::new(source),
        client_id: setting.client_id.clone(),
    }
}

async fn save(
    app: &App,
    setting: &SourceSetting,
    report: &SourceReport,
    reason: Option<&str>,
) -> Result<(), ApiError> {
    let mut tx = app.store().begin().await?;
    tx.put_setting(SETTING, &to_json(setting)?).await?;
    tx.commit().await?;
    record_connection(app, report, reason).await
}

async fn record_connection(
    app: &App,
    report: &SourceReport,
    reason: Option<&str>,
) -> Result<(), ApiError> {
    let mut entry = Draft::new(AuditAction::SourceConnected, app.service())
        .detail("organization", &report.organization)
        .detail("region", &report.region)
        .detail("excessPermissions", report.excess.join(" "));
    if let Some(reason) = reason {
        entry = entry.detail("excessAcceptedBecause", reason);
    }
    let mut tx = app.store().begin().await?;
    record::append(app, &mut tx, entry).await?;
    Ok(tx.commit().await?)
}

async fn refuse(app: &App, report: &SourceReport) -> Result<(), ApiError> {
    let entry = Draft::new(AuditAction::SourceRefused, app.service())
        .detail("missingPermissions", report.missing.join(" "))
        .detail("excessPermissions", report.excess.join(" "));
    let mut tx = app.store().begin().await?;
    record::append(app, &mut tx, entry).await?;
    Ok(tx.commit().await?)
}

/// The connected source, or what to do when there is none.
pub(crate) fn require_source(app: &App) -> Result<Connected, ApiError> {
    app.source().ok_or_else(|| {
        ApiError::new(
            ErrorCode::SourceUnavailable,
            "No source of recordings is connected",
            "Connect your organization, or start the built-in sample organization.",
        )
    })
}

impl From<SourceError> for ApiError {
    fn from(error: SourceError) -> Self {
        let of = |hint: &str| Self::new(ErrorCode::SourceUnavailable, error.to_string(), hint);
        match &error {
            SourceError::Cancelled => Self::new(
                ErrorCode::Cancelled,
                "Stopped on request",
                "Start it again when you want.",
            ),
            SourceError::Http(_) | SourceError::SearchJob { .. } => {
                of("Check the network and the address of the source, then try again.").retryable()
            }
            SourceError::SignIn(_) => {
                of("Check the client id and secret, and that the region is the right one.")
            }
            SourceError::NotPermitted { .. } | SourceError::NotFound { .. } => {
                of("Ask the administrator of the source to grant what is missing.")
            }
            SourceError::Refused { .. }
            | SourceError::Unreadable { .. }
            | SourceError::RepeatedPage { .. }
            | SourceError::Limit { .. } => {
                of("Try again with a narrower range. If it stays, report it to support.")
            }
        }
    }
}
