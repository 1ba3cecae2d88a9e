//! A source as an operator describes it, and the one way from there to a connected one.
//!
//! The description holds no secret: that comes from a keyring, a mounted file or a descriptor. // S1-40

use connectors::{
    bucket,
    gateway::{Gateway, GatewayConfig},
    genesys::{self, Genesys, GenesysConfig, HomeNumbering, Polling},
    http::{Http, HttpOptions},
    legacy::{
        Folder, FolderSettings, LegacyConfigError, LegacyRest, RestSettings, S3Archive, S3Settings,
    },
    source::Source,
};
use domain::{ids::SourceId, sensitive::Secret};
use serde::Deserialize;

use crate::{api::ApiError, app::Clock};

/// One source of recordings; `kind` says which. Unknown keys are refused.
#[derive(Clone, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[expect(
    clippy::large_enum_variant,
    reason = "there are a handful, read once at the start"
)]
pub enum SourceConfig {
    /// An organization in Genesys Cloud.
    Genesys(GenesysSettings),
    /// A recorder with a web interface.
    LegacyRest(RestSettings),
    /// A bucket of objects.
    S3Archive(S3Settings),
    /// A folder of files.
    Folder(FolderSettings),
    /// A gateway of this product.
    Gateway(GatewaySettings),
}

/// How to reach a gateway.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GatewaySettings {
    /// The id of this source in cases and logs.
    pub id: String,
    /// Its address.
    pub url: String,
    /// The id under which it knows this desk.
    pub client_id: String,
}

/// How to reach an organization in Genesys Cloud.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GenesysSettings {
    /// The id of this source in cases and logs.
    pub id: String,
    /// Region by its domain or its name at Amazon Web Services; stands for both addresses.
    pub region: Option<String>,
    /// Address of the Platform API, where no region is named.
    pub api_url: Option<String>,
    /// Address of the login host, where no region is named.
    pub login_url: Option<String>,
    /// Further hosts that media may come from. // B8
    #[serde(default)]
    pub media_hosts: Vec<String>,
    /// Id of the OAuth client.
    pub client_id: String,
    /// How numbers of the organization's own country are written.
    pub home: Option<HomeNumbering>,
}

impl SourceConfig {
    /// The id of the source in cases and logs.
    pub fn id(&self) -> &str {
        match self {
            Self::Genesys(settings) => &settings.id,
            Self::LegacyRest(settings) => &settings.id,
            Self::S3Archive(settings) => &settings.id,
            Self::Folder(settings) => &settings.id,
            Self::Gateway(settings) => &settings.id,
        }
    }

    /// Which kind of source, as the description names it.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Genesys(_) => "genesys",
            Self::LegacyRest(_) => "legacy_rest",
            Self::S3Archive(_) => "s3_archive",
            Self::Folder(_) => "folder",
            Self::Gateway(_) => "gateway",
        }
    }

    /// Whether it signs in with a secret.
    pub const fn needs_secret(&self) -> bool {
        !matches!(self, Self::Folder(_))
    }
}

/// Makes the source that a description names; asks nobody yet.
///
/// The `secret` is a client secret (`genesys`); a password, a token, or certificate and key in PEM form
/// (`legacy_rest`); key id, key and, if there is one, session token on lines of their own (`s3_archive`);
/// nothing (`folder`). Each source gets an HTTP client of its own, so no two share credentials. // S1-09, S1-41
///
/// # Errors
/// When a field cannot be used; the error names the source and the field.
pub fn build_source(
    config: SourceConfig,
    secret: &Secret<String>,
    http: &HttpOptions,
    clock: &Clock,
) -> Result<Source, ApiError> {
    let id = config.id().to_owned();
    let wrong = |why: &dyn std::fmt::Display| ApiError::invalid(&format!("source {id}"), why);
    let refused = |error: LegacyConfigError| wrong(&error);
    let client = |options| Http::new(options).map_err(|error| wrong(&error));
    match config {
        SourceConfig::Genesys(settings) => {
            let config = genesys_config(settings, secret).map_err(|why| wrong(&why))?;
            let genesys = Genesys::new(config, client(http.clone())?, clock.clone());
            Ok(Source::Genesys(genesys.map_err(|error| wrong(&error))?))
        }
        SourceConfig::LegacyRest(settings) => {
            let client = client(settings.http_options(http.clone(), secret))?;
            let recorder = LegacyRest::new(settings, secret, client).map_err(refused)?;
            Ok(Source::Rest(recorder))
        }
        SourceConfig::S3Archive(settings) => {
            let keys = bucket::keys(secret).ok_or_else(|| {
                wrong(&"its secret must be the key id and the key, each on a line of its own")
            })?;
            let archive = S3Archive::new(settings, &keys, client(http.clone())?);
            Ok(Source::S3(archive.map_err(refused)?))
        }
        SourceConfig::Folder(settings) => {
            Ok(Source::Folder(Folder::new(settings).map_err(refused)?))
        }
        SourceConfig::Gateway(settings) => {
            let config = GatewayConfig {
                source_id: SourceId::new(settings.id).map_err(|error| wrong(&error))?,
                url: settings.url,
                client_id: settings.client_id,
                client_secret: secret.clone(),
                polling: Polling::default(),
            };
            let gateway = Gateway::new(config, &client(http.clone())?, clock.clone());
            Ok(Source::Gateway(gateway.map_err(|error| wrong(&error))?))
        }
    }
}

fn genesys_config(
    settings: GenesysSettings,
    secret: &Secret<String>,
) -> Result<GenesysConfig, String> {
    let (api_url, login_url) = match (settings.region, settings.api_url, settings.login_url) {
        (None, Some(api), Some(login)) => (api, login),
        (Some(name), None, None) => {
            let region = genesys::region(&name);
            let region = region.ok_or_else(|| format!("the region `{name}` is unknown"))?;
            (region.api_url(), region.login_url())
        }
        _ => return Err("name either `region`, or `api_url` and `login_url`".to_owned()),
    };
    if secret.reveal().is_empty() {
        return Err("the client secret is empty".to_owned());
    }
    Ok(GenesysConfig {
        source_id: SourceId::new(settings.id).map_err(|error| error.to_string())?,
        api_url,
        login_url,
        media_hosts: settings.media_hosts,
        client_id: settings.client_id,
        client_secret: secret.clone(),
        home: settings.home,
        ..GenesysConfig::default()
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::app::system_clock;

    fn built(config: Value, secret: &str) -> Result<Source, String> {
        let config: SourceConfig = serde_json::from_value(config).map_err(|it| it.to_string())?;
        let secret = Secret::new(secret.to_owned());
        build_source(config, &secret, &HttpOptions::default(), &system_clock())
            .map_err(|error| error.message)
    }

    fn examples() -> [(Value, &'static str); 5] {
        let fields = json!({"start": "/start"});
        let call = json!({"path": "/calls"});
        [
            (
                json!({"kind": "genesys", "id": "cloud", "region": "mypurecloud.de", "client_id": "c"}),
                "s",
            ),
            (
                json!({"kind": "legacy_rest", "id": "avaya", "provider": "avaya_aura",
                       "api_endpoint": "https://recorder.example.org", "auth_type": "basic",
                       "search": {"call": call}, "media": {"describe": call}, "fields": fields}),
                "s",
            ),
            (
                json!({"kind": "s3_archive", "id": "bucket", "bucket": "b", "region": "eu-west-2",
                       "fields": fields}),
                "KEYID\nkey\n",
            ),
            (
                json!({"kind": "folder", "id": "share", "path": "/srv/calls", "fields": fields}),
                "",
            ),
            (
                json!({"kind": "gateway", "id": "all", "url": "https://gateway.example.org", "client_id": "c"}),
                "s",
            ),
        ]
    }

    #[test]
    fn every_kind_of_source_is_made_from_its_description() {
        for (config, secret) in examples() {
            let id = config["id"].clone();
            let source = built(config, secret).unwrap();
            assert_eq!(id, source.id().as_str());
        }
    }

    // S1-40: a password in the file is an unknown key like any other.
    #[test]
    fn unknown_keys_are_refused_in_every_kind() {
        for (mut config, secret) in examples() {
            config["password"] = json!("x");
            let refused = built(config, secret).err().unwrap();
            assert!(refused.contains("password"), "{refused}");
        }
    }

    #[test]
    fn what_cannot_work_is_refused_with_the_name_of_the_source() {
        let genesys = json!({"kind": "genesys", "id": "cloud", "client_id": "c"});
        let mut unknown = genesys.clone();
        unknown["region"] = json!("mars");
        let [_, (mut plain, _), (bucket, _), _, _] = examples();
        // S1-08
        plain["api_endpoint"] = json!("http://recorder.example.org");
        for config in [genesys, unknown, plain, bucket] {
            let id = config["id"].as_str().unwrap().to_owned();
            let refused = built(config, "one line").err().unwrap();
            assert!(refused.contains(&format!("source {id}")), "{refused}");
        }
    }
}
