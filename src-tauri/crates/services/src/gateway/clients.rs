//! Programs that may ask: registered by the operator, kept in a file beside the database. // S1-24
//!
//! The file can be changed while the gateway runs. It holds digests only: secrets are random and long,
//! so a plain digest cannot be turned back.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::Mutex,
    time::SystemTime,
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::{audit::AuditAction, sensitive::Secret};
use evidence::hashing::sha256;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Gateway, config::is_name, lock};
use crate::{
    api::{ApiError, ErrorCode},
    record::{self, Draft},
};

const FILE: &str = "gateway-clients.json";
/// Where the database remembers which clients were last on record.
const KNOWN: &str = "gateway.clients";
/// More than any organization has programs.
const MAX_CLIENTS: usize = 1_000;
/// Digits of the secret's digest in the log: enough to tell two apart.
const SECRET_DIGITS: usize = 12;

/// What a token covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Scope {
    /// Search for recordings.
    #[serde(rename = "recordings.search")]
    Search,
    /// Read what is known about a recording.
    #[serde(rename = "recordings.read")]
    Read,
    /// Get the sound of a recording.
    #[serde(rename = "recordings.media")]
    Media,
}

impl Scope {
    /// Every scope.
    pub const ALL: [Self; 3] = [Self::Search, Self::Read, Self::Media];

    /// The name in requests and files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Search => "recordings.search",
            Self::Read => "recordings.read",
            Self::Media => "recordings.media",
        }
    }

    /// The scope of a name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.name() == name)
    }
}

/// A registered program.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Client {
    /// Its id.
    pub id: String,
    /// Whose recordings it sees.
    pub tenant: String,
    /// What its tokens can cover.
    pub scopes: Vec<Scope>,
    /// Digest of its secret.
    pub(super) secret_sha256: String,
    /// Since when.
    pub registered_at: String,
}

impl Client {
    /// What the log says of it: a change of any part is a change of the clients.
    fn on_record(&self) -> String {
        let scopes: Vec<_> = self.scopes.iter().map(|it| it.name()).collect();
        let digest = self.secret_sha256.trim_start_matches("sha256:");
        let secret = digest.get(..SECRET_DIGITS).unwrap_or(digest);
        let (id, tenant, scopes) = (&self.id, &self.tenant, scopes.join(","));
        format!("{id}(tenant={tenant};scopes={scopes};secret={secret})")
    }

    pub(super) fn has_secret(&self, secret: &str) -> bool {
        // Comparing digests takes a time that says nothing about the secret.
        sha256(secret).to_string() == self.secret_sha256
    }
}

/// Registers a program and gives its secret, which nobody can read again.
///
/// # Errors
/// When the name cannot be used or is taken, or the file cannot be written.
pub fn register(
    data_dir: &Path,
    id: &str,
    tenant: &str,
    scopes: &[Scope],
    now: Timestamp,
) -> Result<Secret<String>, ApiError> {
    if !is_name(id) || !is_name(tenant) {
        return Err(ApiError::invalid(
            "client",
            "id and tenant are of letters, digits, `.`, `_` and `-`",
        ));
    }
    let mut clients = list(data_dir)?;
    if clients.iter().any(|it| it.id == id) || clients.len() >= MAX_CLIENTS {
        return Err(ApiError::invalid(
            "client",
            "this id is registered already; remove it first",
        ));
    }
    let secret = random_text()?;
    clients.push(Client {
        id: id.to_owned(),
        tenant: tenant.to_owned(),
        scopes: scopes.to_vec(),
        secret_sha256: sha256(&secret).to_string(),
        registered_at: format!("{now:.0}"),
    });
    write(data_dir, &clients)?;
    Ok(Secret::new(secret))
}

/// Takes a program's access away; its tokens end with it.
///
/// # Errors
/// When there is none, or the file cannot be written.
pub fn remove(data_dir: &Path, id: &str) -> Result<(), ApiError> {
    let mut clients = list(data_dir)?;
    let before = clients.len();
    clients.retain(|it| it.id != id);
    if clients.len() == before {
        return Err(ApiError::not_found("client", id));
    }
    write(data_dir, &clients)
}

/// Every registered program.
///
/// # Errors
/// When the file cannot be read.
pub fn list(data_dir: &Path) -> Result<Vec<Client>, ApiError> {
    let bytes = match fs::read(data_dir.join(FILE)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        read => read.map_err(|error| ApiError::from_io("Reading the list of clients", &error))?,
    };
    serde_json::from_slice(&bytes).map_err(|error| {
        ApiError::new(
            ErrorCode::IntegrityFailure,
            format!("The list of clients is damaged at line {}", error.line()),
            "Restore it from a backup, or remove it and register the clients again.",
        )
    })
}

fn write(data_dir: &Path, clients: &[Client]) -> Result<(), ApiError> {
    let text = serde_json::to_string_pretty(clients)
        .map_err(|error| ApiError::internal("Writing the list of clients", &error))?;
    store::output::write_file(&data_dir.join(FILE), |out| writeln!(out, "{text}"))?;
    Ok(())
}

/// 256 random bits, in letters that need no quoting.
pub(super) fn random_text() -> Result<String, ApiError> {
    let mut bytes = [0_u8; 32];
    getrandom::fill(&mut bytes).map_err(|error| ApiError::internal("Drawing a secret", &error))?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

/// The list as last read; read again when the file changed.
pub(super) struct ClientBook {
    data_dir: PathBuf,
    read: Mutex<(Version, Vec<Client>)>,
}

type Version = Option<(SystemTime, u64)>;

impl ClientBook {
    pub(super) fn at(data_dir: &Path) -> Result<Self, ApiError> {
        let version = version(data_dir);
        Ok(Self {
            read: Mutex::new((version, list(data_dir)?)),
            data_dir: data_dir.to_owned(),
        })
    }

    /// A client by its id, and whether the list has changed since the last question.
    fn find(&self, id: &str) -> (Option<Client>, bool) {
        let mut read = lock(&self.read);
        let current = version(&self.data_dir);
        let is_new = current != read.0;
        if is_new {
            match list(&self.data_dir) {
                Ok(clients) => *read = (current, clients),
                Err(error) => {
                    // Nobody is let in by a list that cannot be read.
                    tracing::error!(error = %error.message, "clients");
                    *read = (current, Vec::new());
                }
            }
        }
        (read.1.iter().find(|it| it.id == id).cloned(), is_new)
    }

    fn known(&self) -> String {
        let clients: Vec<_> = lock(&self.read).1.iter().map(Client::on_record).collect();
        clients.join(" ")
    }
}

fn version(data_dir: &Path) -> Version {
    let metadata = fs::metadata(data_dir.join(FILE)).ok()?;
    Some((metadata.modified().ok()?, metadata.len()))
}

impl Gateway {
    /// A client by its id; a changed list is put on record first.
    pub(super) async fn client(&self, id: &str) -> Result<Option<Client>, ApiError> {
        let (client, is_new) = self.inner.clients.find(id);
        if is_new {
            self.note_clients().await?;
        }
        Ok(client)
    }

    /// Records which clients there are, when they are not those that were last on record.
    pub(super) async fn note_clients(&self) -> Result<(), ApiError> {
        let (store, known) = (self.app().store(), self.inner.clients.known());
        if store.setting(KNOWN).await?.unwrap_or_default() == known {
            return Ok(());
        }
        let mut tx = store.begin().await?;
        tx.put_setting(KNOWN, &known).await?;
        let entry = Draft::new(AuditAction::GatewayClientsChanged, self.app().service());
        record::append(self.app(), &mut tx, entry.detail("clients", &known)).await?;
        Ok(tx.commit().await?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_is_registered_once_and_its_secret_is_not_kept() {
        let dir = tempfile::tempdir().unwrap();
        let register = |id: &str| register(dir.path(), id, "t", &Scope::ALL, Timestamp::UNIX_EPOCH);
        let secret = register("audit-tool").unwrap();
        assert!(register("audit-tool").is_err());
        assert!(register("a b").is_err());
        let kept = fs::read_to_string(dir.path().join(FILE)).unwrap();
        assert!(!kept.contains(secret.reveal()));
        let client = list(dir.path()).unwrap().remove(0);
        assert!(client.has_secret(secret.reveal()) && !client.has_secret("x"));
        remove(dir.path(), "audit-tool").unwrap();
        assert!(remove(dir.path(), "audit-tool").is_err());
    }
}
