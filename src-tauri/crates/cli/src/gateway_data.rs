//! The gateway's configuration file, and how to open the folder it names.

use std::{fs::File, io::Read, path::Path};

use services::{
    app::{AppOptions, HttpOptions, KeySource, RETRY_PAUSE, system_clock},
    gateway::config::GatewayConfig,
};

use crate::{failure::Failure, input, secret};

/// A gateway must not share keys with the desk of the same account.
const KEYRING_SERVICE: &str = if cfg!(debug_assertions) {
    "sar-portal-dev-gateway"
} else {
    "sar-portal-gateway"
};

/// Far longer than any configuration.
const MAX_CONFIG: u64 = 1 << 20;

pub(crate) fn read_config(path: &Path) -> Result<GatewayConfig, Failure> {
    let mut text = String::new();
    let read = File::open(path).and_then(|file| file.take(MAX_CONFIG).read_to_string(&mut text));
    read.map_err(|error| input::unreadable(path, &error))?;
    GatewayConfig::from_toml(&text).map_err(|error| {
        Failure::usage(
            format!("`{}`: {}", path.display(), error.message),
            "docs/gateway.md describes every key.",
        )
    })
}

/// How the folder of a gateway is opened.
pub(crate) fn options(config: &GatewayConfig) -> Result<AppOptions, Failure> {
    let passphrase = secret::passphrase(config.passphrase_file.as_deref())?;
    let keyring = KeySource::Keyring {
        namespace: KEYRING_SERVICE.to_owned(),
    };
    Ok(AppOptions {
        data_dir: config.data_dir.clone(),
        keys: passphrase.map_or(keyring, KeySource::Passphrase),
        delivery_dir: config.data_dir.clone(),
        clock: system_clock(),
        workers: 1,
        retry_pause: RETRY_PAUSE,
        http: HttpOptions::default(),
        drill_every: None,
        learned: None,
        restoration_look: None,
    })
}
