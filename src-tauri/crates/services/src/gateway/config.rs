//! What an operator writes. Unknown keys are refused; secrets are elsewhere. // S1-40

use std::{
    collections::BTreeSet,
    fs::File,
    io::Read,
    net::{Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
};

use domain::sensitive::Secret;
use serde::Deserialize;

use super::{issuer::IssuerConfig, walk::SyncConfig};
use crate::{api::ApiError, app::App, source_config::SourceConfig};

/// Largest secret: a certificate with its chain stays far below it.
const MAX_SECRET_BYTES: u64 = 64 << 10;

/// Genesys grants tokens of 300 s to 172,800 s; a day is enough for a gateway.
const TOKEN_LIFETIMES_S: std::ops::RangeInclusive<u32> = 60..=86_400;

/// The file of `sar serve`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GatewayConfig {
    /// Where to listen. TLS ends at a proxy in front, so other machines are refused by default.
    #[serde(default = "this_machine")]
    pub listen: SocketAddr,
    /// Why plain HTTP from other machines is acceptable here.
    pub plain_http_reason: Option<String>,
    /// Folder of database and cache; a gateway has its own.
    pub data_dir: PathBuf,
    /// File whose first line opens the folder; left out: the keyring.
    pub passphrase_file: Option<PathBuf>,
    /// Life of a token, in seconds.
    #[serde(default = "an_hour")]
    pub token_lifetime_s: u32,
    /// How long fetched media of slow sources is kept, in hours. // S0-89
    #[serde(default = "three_days")]
    pub cache_hours: u32,
    /// Whose tokens count beside our own.
    pub token_issuer: Option<IssuerConfig>,
    /// Whether and how often the mapping follows the sources by itself. // S1-42
    pub sync: Option<SyncConfig>,
    /// Whom the recordings belong to.
    #[serde(default, rename = "tenant")]
    pub tenants: Vec<Tenant>,
    /// Where recordings are; earlier ones are preferred. // S1-22
    #[serde(default, rename = "source")]
    pub sources: Vec<SourceEntry>,
}

/// A tenant.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tenant {
    /// Its name in clients, mapping and log.
    pub id: String,
}

/// A source and whose it is.
#[derive(Deserialize)]
pub struct SourceEntry {
    /// The tenant.
    pub tenant: String,
    /// Where its secret is.
    pub secret: Option<SecretPlace>,
    /// The source itself; its keys stand beside the others and unknown ones are refused.
    #[serde(flatten)]
    pub source: SourceConfig,
}

/// Where a secret is; never the secret.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum SecretPlace {
    /// A mounted file.
    File(PathBuf),
    /// An inherited file descriptor.
    Fd(u32),
    /// A name in the keyring of this installation.
    Keyring(String),
}

const fn this_machine() -> SocketAddr {
    SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 8470)
}

const fn an_hour() -> u32 {
    3_600
}

const fn three_days() -> u32 {
    72
}

impl GatewayConfig {
    /// Reads the text of a file.
    ///
    /// # Errors
    /// Which key cannot be used, and why.
    pub fn from_toml(text: &str) -> Result<Self, ApiError> {
        let config: Self = toml::from_str(text)
            // The message quotes the line; no line holds a secret.
            .map_err(|error| ApiError::invalid("configuration", error.to_string().trim_end()))?;
        config.check()?;
        Ok(config)
    }

    fn check(&self) -> Result<(), ApiError> {
        let has_reason = |reason: &String| !reason.trim().is_empty();
        if !self.listen.ip().is_loopback() && !self.plain_http_reason.iter().any(has_reason) {
            return Err(ApiError::invalid(
                "listen",
                "the gateway speaks plain HTTP, so it listens on this machine and a proxy with TLS \
                 stands in front; if other machines may read what it sends, say why in `plain_http_reason`",
            ));
        }
        if !TOKEN_LIFETIMES_S.contains(&self.token_lifetime_s) {
            return Err(ApiError::invalid(
                "token_lifetime_s",
                "it must be 60 to 86400",
            ));
        }
        if self.cache_hours == 0 {
            return Err(ApiError::invalid("cache_hours", "it must be at least 1"));
        }
        if let Some(issuer) = &self.token_issuer {
            issuer.check()?;
        }
        if let Some(sync) = &self.sync {
            sync.rules()?;
        }
        self.check_names()
    }

    fn check_names(&self) -> Result<(), ApiError> {
        let mut tenants = BTreeSet::new();
        for tenant in &self.tenants {
            if !is_name(&tenant.id) || !tenants.insert(tenant.id.as_str()) {
                return Err(ApiError::invalid(
                    "tenant",
                    "each needs an id of its own, of letters, digits, `.`, `_` and `-`",
                ));
            }
        }
        let mut sources = BTreeSet::new();
        for entry in &self.sources {
            let id = entry.source.id();
            if !tenants.contains(entry.tenant.as_str()) {
                return Err(ApiError::invalid(
                    &format!("source {id}"),
                    format!("there is no tenant `{}`", entry.tenant),
                ));
            }
            if !sources.insert(id) {
                return Err(ApiError::invalid(
                    &format!("source {id}"),
                    "its id is used twice",
                ));
            }
            if entry.secret.is_none() && entry.source.needs_secret() {
                return Err(ApiError::invalid(
                    &format!("source {id}"),
                    "say where its secret is: `secret = { file = \"…\" }`",
                ));
            }
        }
        if sources.is_empty() {
            return Err(ApiError::invalid("source", "there is none to ask"));
        }
        Ok(())
    }
}

/// Whether a text can name a tenant or client in files, addresses and the log.
pub(super) fn is_name(text: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    (1..=64).contains(&text.len()) && text.chars().all(allowed)
}

impl SourceEntry {
    pub(super) async fn secret(&self, app: &App) -> Result<Secret<String>, ApiError> {
        let id = self.source.id();
        let wrong = |why: String| ApiError::invalid(&format!("secret of source {id}"), why);
        let read = |path: &Path| {
            read(path).map_err(|error| wrong(format!("`{}`: {}", path.display(), error.kind())))
        };
        let secret = match &self.secret {
            None => Secret::new(String::new()),
            Some(SecretPlace::File(path)) => read(path)?,
            Some(SecretPlace::Fd(number)) => read(Path::new(&format!("/dev/fd/{number}")))?,
            Some(SecretPlace::Keyring(name)) => {
                let kept = app.store().source_secret(name).await?;
                kept.ok_or_else(|| wrong(format!("the keyring has no `{name}`")))?
            }
        };
        if secret.reveal().is_empty() && self.source.needs_secret() {
            return Err(wrong("it is empty".to_owned()));
        }
        Ok(secret)
    }
}

fn read(path: &Path) -> std::io::Result<Secret<String>> {
    let mut text = String::new();
    File::open(path)?
        .take(MAX_SECRET_BYTES)
        .read_to_string(&mut text)?;
    Ok(Secret::new(text.trim_end().to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"
        data_dir = "/srv/gateway"
        [[tenant]]
        id = "household"
        [[source]]
        tenant = "household"
        secret = { file = "/run/secrets/genesys" }
        kind = "genesys"
        id = "cloud"
        region = "mypurecloud.de"
        client_id = "c"
    "#;

    fn refused(text: &str) -> String {
        GatewayConfig::from_toml(text).err().unwrap().message
    }

    #[test]
    fn a_short_file_is_enough_and_this_machine_is_the_default() {
        let config = GatewayConfig::from_toml(GOOD).unwrap();
        assert!(config.listen.ip().is_loopback());
        assert_eq!((config.cache_hours, config.token_lifetime_s), (72, 3_600));
    }

    #[test]
    fn the_example_of_the_document_can_be_used() {
        let document = include_str!("../../../../../docs/gateway.md");
        let examples = document.split("```toml").skip(1);
        let examples: String = examples.map(|it| it.split("```").next().unwrap()).collect();
        let config = GatewayConfig::from_toml(&examples).unwrap();
        assert_eq!(config.sources.len(), 2);
        assert!(config.token_issuer.is_some() && config.sync.is_some());
    }

    // S1-40
    #[test]
    fn unknown_keys_are_refused_at_every_level() {
        let with = |key: &str| format!("{key} = \"x\"\n{GOOD}");
        assert!(refused(&with("lissten")).contains("lissten"));
        let inside = format!("{GOOD}\npassword = \"x\"");
        assert!(refused(&inside).contains("password"));
    }

    #[test]
    fn plain_http_to_other_machines_needs_a_reason() {
        let open = format!("listen = \"0.0.0.0:80\"\n{GOOD}");
        assert!(refused(&open).contains("plain_http_reason"));
        let reasoned = format!("plain_http_reason = \"TLS ends in the pod\"\n{open}");
        assert!(GatewayConfig::from_toml(&reasoned).is_ok());
    }

    #[test]
    fn a_sync_or_an_issuer_that_cannot_work_is_refused_with_its_key() {
        let with = |table: &str| refused(&format!("{GOOD}\n{table}"));
        for (table, key) in [
            ("[sync]\nevery = \"often\"", "sync.every"),
            ("[sync]\nevery = \"0s\"", "sync.every"),
            (
                "[sync]\nevery = \"15m\"\noverlap = \"99999h\"",
                "sync.overlap",
            ),
            ("[sync]\nevery = \"15m\"\nuntil = \"x\"", "until"),
        ] {
            assert!(with(table).contains(key), "{table}");
        }
        let issuer = "[token_issuer]\nissuer = \"i\"\naudience = \"\"\nkeys = { file = \"k\" }";
        assert!(with(issuer).contains("token_issuer.audience"));
        let secret = "[token_issuer]\nissuer = \"i\"\naudience = \"a\"\nkeys = { secret = \"k\" }";
        assert!(with(secret).contains("secret"));
    }

    #[test]
    fn tenants_and_sources_must_fit_together() {
        let no_tenant = GOOD.replace("tenant = \"household\"", "tenant = \"other\"");
        assert!(refused(&no_tenant).contains("`other`"));
        let no_secret = GOOD.replace("secret = { file = \"/run/secrets/genesys\" }", "");
        assert!(refused(&no_secret).contains("secret"));
        assert!(refused("data_dir = \"x\"").contains("source"));
    }
}
