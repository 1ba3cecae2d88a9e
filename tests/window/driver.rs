//! Starts WebKitWebDriver and, through it, the built program in folders of its own.

use std::{
    net::{Ipv4Addr, TcpListener},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use tempfile::TempDir;

use crate::{
    page::Page,
    sound::Loudspeaker,
    waiting::{SOON, within},
};

/// The program under test, built by cargo for this test.
const PROGRAM: &str = env!("CARGO_BIN_EXE_sar-portal");

/// A running window. [`Window::close`] ends it; dropping it ends the driver, which ends the program.
pub(crate) struct Window {
    pub(crate) page: Page,
    pub(crate) loudspeaker: Loudspeaker,
    dir: TempDir,
    _driver: Driver,
}

struct Driver(Child);

impl Drop for Driver {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Window {
    /// A window on empty folders.
    pub(crate) async fn open() -> Self {
        Self::open_with(|_| {}).await
    }

    /// A window whose environment `change` has adapted.
    pub(crate) async fn open_with(change: impl FnOnce(&mut Command)) -> Self {
        assert!(
            std::env::var_os("DISPLAY").is_some(),
            "the window needs a display; run `cargo xtask test`, or this under `xvfb-run`"
        );
        let dir = tempfile::tempdir().unwrap();
        let loudspeaker = Loudspeaker::new(&dir.path().join("sound"));
        let port = free_port();
        let mut command = command(port, dir.path(), &loudspeaker);
        change(&mut command);
        let child = command
            .spawn()
            .expect("WebKitWebDriver is installed by `cargo xtask setup`");
        let driver = Driver(child);
        let page = Page::new(connect(port).await);
        Self {
            page,
            loudspeaker,
            dir,
            _driver: driver,
        }
    }

    pub(crate) fn data_dir(&self) -> PathBuf {
        self.dir.path().join("data")
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// Fails when the page reported a problem, then closes the window.
    pub(crate) async fn close(self) {
        self.page.assert_no_problems("the end").await;
        self.page.client.close().await.expect("the session ends");
    }
}

fn command(port: u16, dir: &Path, loudspeaker: &Loudspeaker) -> Command {
    let mut command = Command::new("WebKitWebDriver");
    command
        .arg(format!("--port={port}"))
        .arg("--host=127.0.0.1")
        .env("TAURI_AUTOMATION", "true")
        .env("TAURI_WEBVIEW_AUTOMATION", "true")
        .env("SAR_DATA_DIR", dir.join("data"))
        .env("SAR_DELIVERY_DIR", dir.join("delivered"))
        .env("XDG_DATA_HOME", dir.join("xdg-data"))
        .env("XDG_CACHE_HOME", dir.join("xdg-cache"))
        .env("ALSA_CONFIG_PATH", loudspeaker.config())
        .stdin(Stdio::null());
    command
}

fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    listener.local_addr().unwrap().port()
}

async fn connect(port: u16) -> Client {
    let options = serde_json::json!({
        "webkitgtk:browserOptions": { "binary": PROGRAM, "args": [] }
    });
    let serde_json::Value::Object(capabilities) = options else {
        unreachable!()
    };
    within(SOON, async || {
        tokio::net::TcpStream::connect((Ipv4Addr::LOCALHOST, port))
            .await
            .ok()
    })
    .await
    .expect("WebKitWebDriver listens");
    let url = format!("http://127.0.0.1:{port}");
    let mut builder = ClientBuilder::new(HttpConnector::new());
    let session = builder.capabilities(capabilities).connect(&url).await;
    session.unwrap_or_else(|error| panic!("the window did not open: {error}"))
}
