//! Starts Prism on the published definition, where both are there.

use std::{
    ffi::OsString,
    io::Write,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use serde_json::Value;
use tempfile::NamedTempFile;
use tokio::{
    net::{TcpListener, TcpStream},
    process::{Child, Command},
};

const DEFINITION: &str = "SAR_GENESYS_DEFINITION";
const PROGRAM: &str = "SAR_PRISM";
/// Prism reads the definition for some seconds before it listens.
const STARTS_WITHIN: Duration = Duration::from_secs(60);

/// What Prism does with a request that is right.
pub(crate) enum Mode {
    /// Answers from the definition.
    Mock,
    /// Passes it on, and checks the answer too.
    ProxyOf(String),
}

/// A running Prism; it ends with the test.
pub(crate) struct Prism {
    pub(crate) url: String,
    _process: Child,
    _definition: NamedTempFile,
}

/// The published definition, where somebody put it: where the variable says, or beside the project.
pub(crate) fn definition() -> Option<PathBuf> {
    let Some(path) = std::env::var_os(DEFINITION).map(PathBuf::from) else {
        let beside = top_folder().join("../shared/genesys/sar-core.strict.swagger.json");
        return beside.is_file().then_some(beside);
    };
    assert!(
        path.is_file(),
        "`{DEFINITION}` names no file: {}",
        path.display()
    );
    Some(path)
}

fn top_folder() -> &'static Path {
    let folders = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors();
    folders.into_iter().nth(3).unwrap()
}

/// Prism where the set-up put it, else wherever the system finds it.
fn installed() -> OsString {
    let file = if cfg!(windows) { "prism.cmd" } else { "prism" };
    let ours = top_folder()
        .join("target/tools/prism/node_modules/.bin")
        .join(file);
    if ours.is_file() {
        return ours.into();
    }
    file.into()
}

/// The definition without a claim that the platform itself does not keep.
// Genesys: addresses of entities are relative, though the definition calls them `uri` (API reference section 3).
fn with_relative_addresses(definition: &Path) -> NamedTempFile {
    let bytes = std::fs::read(definition).unwrap();
    let mut definition: Value = serde_json::from_slice(&bytes).unwrap();
    drop_uri_formats(&mut definition);
    let mut file = tempfile::Builder::new().suffix(".json").tempfile().unwrap();
    file.write_all(definition.to_string().as_bytes()).unwrap();
    file
}

fn drop_uri_formats(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            for name in ["selfUri", "firstUri", "nextUri", "previousUri", "lastUri"] {
                if let Some(Value::Object(field)) = fields.get_mut(name) {
                    field.remove("format");
                }
            }
            fields.values_mut().for_each(drop_uri_formats);
        }
        Value::Array(values) => values.iter_mut().for_each(drop_uri_formats),
        _ => {}
    }
}

/// Says that a check was left out, and how to have it done.
#[expect(clippy::print_stderr, reason = "whoever runs the tests reads it")]
pub(crate) fn not_performed(why: &str) {
    eprintln!(
        "NOT PERFORMED: {why}; set `{DEFINITION}` and `{PROGRAM}`, see tests/genesys/contract.rs"
    );
}

impl Prism {
    /// `None` when the definition or Prism is absent, and then it was said.
    pub(crate) async fn start(mode: Mode) -> Option<Self> {
        let Some(definition) = definition() else {
            not_performed("the definition is absent");
            return None;
        };
        let definition = with_relative_addresses(&definition);
        let port = free_port().await;
        let named = std::env::var_os(PROGRAM);
        let mut command = Command::new(named.clone().unwrap_or_else(installed));
        let is_mock = matches!(mode, Mode::Mock);
        command.arg(if is_mock { "mock" } else { "proxy" });
        command.args([
            "--errors",
            "--host",
            "127.0.0.1",
            "--port",
            &port.to_string(),
        ]);
        command.arg(definition.path());
        if let Mode::ProxyOf(target) = mode {
            command.arg(target);
        }
        command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true);
        match command.spawn() {
            Ok(process) => {
                wait_for(port).await;
                let url = format!("http://127.0.0.1:{port}");
                Some(Self {
                    url,
                    _process: process,
                    _definition: definition,
                })
            }
            Err(error) => {
                assert!(named.is_none(), "`{PROGRAM}` cannot be started: {error}");
                not_performed("Prism is absent");
                None
            }
        }
    }
}

async fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    listener.local_addr().unwrap().port()
}

async fn wait_for(port: u16) {
    let listens = async {
        while TcpStream::connect(("127.0.0.1", port)).await.is_err() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    let started = tokio::time::timeout(STARTS_WITHIN, listens).await;
    started.expect("Prism did not start in time");
}
