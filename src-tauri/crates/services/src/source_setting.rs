//! The connection of the source as it is typed, checked and kept. // S0-21, S0-22

use connectors::{genesys, http::is_loopback, source::SourceHealth};
use domain::ids::ActorId;
use serde::{Deserialize, Serialize};
use store::Tx;
use url::Url;

use crate::{
    api::{ApiError, ConnectSourceReq, SignInSourceReq},
    app::App,
    open_case::to_json,
};

/// Where the connection is kept between starts; the secret is in the keyring. // S0-21
const SETTING: &str = "source.genesys";

/// Names of the secret, used in turn: the old one stays until the new connection is written.
const SECRET_NAMES: [&str; 2] = ["genesys", "genesys-2"];

/// Most hosts that can be named; an organization stores in a handful of regions.
const MAX_MEDIA_HOSTS: usize = 20;

/// The connection as kept in the encrypted database; no secret.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct SourceSetting {
    pub(crate) api_url: String,
    pub(crate) login_url: String,
    pub(crate) media_hosts: Vec<String>,
    pub(crate) client_id: String,
    pub(crate) organization: String,
    pub(crate) organization_id: String,
    pub(crate) region: String,
    pub(crate) secret_name: String,
    pub(crate) accepted: Option<AcceptedExcess>,
    /// Who signed in with a browser; `None` for a client that acts for itself.
    pub(crate) person: Option<PersonSetting>,
}

/// A person as the source knows them.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct PersonSetting {
    pub(crate) id: String,
    pub(crate) name: String,
}

/// Rights beyond the needed ones that a person accepted. // S0-22
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct AcceptedExcess {
    pub(crate) permissions: Vec<String>,
    pub(crate) by: String,
    pub(crate) reason: String,
}

/// Writes the connection in the transaction that records it.
pub(crate) async fn keep(tx: &mut Tx, setting: &SourceSetting) -> Result<(), ApiError> {
    Ok(tx.put_setting(SETTING, &to_json(setting)?).await?)
}

/// Forgets the connection, in the transaction that records it.
pub(crate) async fn forget(tx: &mut Tx) -> Result<(), ApiError> {
    Ok(tx.put_setting(SETTING, "null").await?)
}

/// The connection of the last start.
pub(crate) async fn kept(app: &App) -> Result<Option<SourceSetting>, ApiError> {
    let Some(json) = app.store().setting(SETTING).await? else {
        return Ok(None);
    };
    let setting: Option<SourceSetting> = serde_json::from_str(&json)
        .map_err(|error| ApiError::internal("Reading the connection", &error))?;
    let Some(mut setting) = setting else {
        return Ok(None);
    };
    if setting.secret_name.is_empty() {
        SECRET_NAMES[0].clone_into(&mut setting.secret_name);
    }
    Ok(Some(setting))
}

pub(crate) fn unused_name(used: Option<&str>) -> &'static str {
    let [first, second] = SECRET_NAMES;
    if used == Some(first) { second } else { first }
}

pub(crate) fn typed(request: &ConnectSourceReq) -> Result<SourceSetting, ApiError> {
    if request.client_id.trim().is_empty() || request.client_secret.is_empty() {
        return Err(ApiError::invalid(
            "Client id and secret",
            "one of them is empty",
        ));
    }
    at(Place {
        region: request.region.as_deref(),
        api_url: request.api_url.as_deref(),
        login_url: request.login_url.as_deref(),
        media_hosts: request.media_hosts.as_deref(),
        client_id: &request.client_id,
    })
}

pub(crate) fn typed_person(request: &SignInSourceReq) -> Result<SourceSetting, ApiError> {
    if request.client_id.trim().is_empty() {
        return Err(ApiError::invalid("Client id", "it is empty"));
    }
    at(Place {
        region: request.region.as_deref(),
        api_url: request.api_url.as_deref(),
        login_url: request.login_url.as_deref(),
        media_hosts: request.media_hosts.as_deref(),
        client_id: &request.client_id,
    })
}

/// Where an organization lives, and which client asks.
struct Place<'a> {
    region: Option<&'a str>,
    api_url: Option<&'a str>,
    login_url: Option<&'a str>,
    media_hosts: Option<&'a [String]>,
    client_id: &'a str,
}

fn at(place: Place<'_>) -> Result<SourceSetting, ApiError> {
    let (api_url, login_url) = match (place.api_url, place.login_url, place.region) {
        (Some(api), Some(login), _) => (api.to_owned(), login.to_owned()),
        (_, _, Some(name)) => {
            let region = genesys::region(name)
                .ok_or_else(|| ApiError::invalid("Region", "this region is unknown"))?;
            (region.api_url(), region.login_url())
        }
        _ => return Err(ApiError::invalid("Region", "choose one")),
    };
    Ok(SourceSetting {
        media_hosts: media_hosts(&api_url, place.media_hosts.unwrap_or_default())?,
        api_url,
        login_url,
        client_id: place.client_id.trim().to_owned(),
        region: place.region.unwrap_or_default().to_owned(),
        ..SourceSetting::default()
    })
}

/// Further hosts of recordings. A gateway must name them: nothing else says where its media lies. // B8
fn media_hosts(api_url: &str, named: &[String]) -> Result<Vec<String>, ApiError> {
    let invalid = |why: &str| ApiError::invalid("Media hosts", why);
    let hosts: Vec<_> = named
        .iter()
        .map(|host| host.trim().to_ascii_lowercase())
        .filter(|host| !host.is_empty())
        .collect();
    let is_host = |host: &String| {
        let allowed = |c: char| c.is_ascii_alphanumeric() || ".-:".contains(c);
        host.len() <= 253 && host.contains('.') && host.chars().all(allowed)
    };
    if hosts.len() > MAX_MEDIA_HOSTS || !hosts.iter().all(is_host) {
        return Err(invalid(
            "name at most 20 hosts or domains, such as `s3.eu-west-2.amazonaws.com`",
        ));
    }
    let url = Url::parse(api_url).map_err(|_| invalid("the address of the API is none"))?;
    let is_region = genesys::region(url.host_str().unwrap_or_default()).is_some();
    if hosts.is_empty() && !is_region && !is_loopback(&url) {
        return Err(invalid(
            "this address is no region of Genesys Cloud; name the hosts its recordings come from",
        ));
    }
    Ok(hosts)
}

/// Host and port of an address that must be on this machine.
pub(crate) fn local_host(address: &str) -> Result<String, ApiError> {
    let url = Url::parse(address).ok().filter(is_loopback);
    let host = url.as_ref().and_then(|url| {
        let port = url.port_or_known_default()?;
        Some(format!("{}:{port}", url.host_str()?))
    });
    host.ok_or_else(|| {
        ApiError::invalid(
            "Address",
            "the built-in organization is on this machine only",
        )
    })
}

pub(crate) fn identified(setting: SourceSetting, health: &SourceHealth) -> SourceSetting {
    SourceSetting {
        organization: health.organization.clone(),
        organization_id: health.organization_id.clone(),
        region: health.region.clone(),
        person: health.person.as_ref().map(|person| PersonSetting {
            id: person.id.clone(),
            name: person.name.reveal().clone(),
        }),
        ..setting
    }
}

pub(crate) fn accepted(
    worker: &ActorId,
    reason: String,
    health: &SourceHealth,
) -> Option<AcceptedExcess> {
    (!health.excess.is_empty()).then(|| AcceptedExcess {
        permissions: health.excess.clone(),
        by: worker.to_string(),
        reason,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hosts(api_url: &str, named: &[&str]) -> Option<Vec<String>> {
        let named: Vec<_> = named.iter().map(ToString::to_string).collect();
        media_hosts(api_url, &named).ok()
    }

    // B8
    #[test]
    fn a_gateway_names_the_hosts_of_its_media_and_a_region_need_not() {
        assert_eq!(hosts("https://api.mypurecloud.de", &[]), Some(vec![]));
        assert_eq!(hosts("http://127.0.0.1:8081", &[]), Some(vec![]));
        assert_eq!(hosts("https://genesys.example.org", &[]), None);
        let named = hosts("https://genesys.example.org", &[" Media.example.org ", ""]);
        assert_eq!(named, Some(vec!["media.example.org".to_owned()]));
    }

    #[test]
    fn what_is_no_host_is_refused() {
        for bad in [
            "com",
            "https://media.example.org",
            "media.example.org/a",
            "a b.org",
            "*.org",
        ] {
            assert_eq!(hosts("https://api.mypurecloud.de", &[bad]), None, "{bad}");
        }
    }

    #[test]
    fn the_sample_organization_is_on_this_machine() {
        assert_eq!(
            local_host("http://127.0.0.1:8082").ok().as_deref(),
            Some("127.0.0.1:8082")
        );
        for bad in [
            "https://api.mypurecloud.de",
            "http://127.0.0.1.example.org:80",
            "",
        ] {
            assert!(local_host(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn the_two_names_of_the_secret_take_turns() {
        assert_eq!(unused_name(None), SECRET_NAMES[0]);
        assert_eq!(unused_name(Some(SECRET_NAMES[0])), SECRET_NAMES[1]);
        assert_eq!(unused_name(Some(SECRET_NAMES[1])), SECRET_NAMES[0]);
    }
}
