//! A person at a desk: data, passphrase and delivery folder of its own.

use std::{fs, path::PathBuf, process::Command};

use super::{Run, command, run, served::Served};

/// A desk of its own: data, passphrase, delivery folder.
pub(crate) struct Desk {
    pub(crate) dir: tempfile::TempDir,
}

impl Desk {
    pub(crate) fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        fs::write(
            dir.path().join("passphrase"),
            "correct horse battery staple\n",
        )
        .unwrap();
        Self { dir }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub(crate) fn case(&self, args: &[&str]) -> Run {
        self.case_as("ann", args)
    }

    pub(crate) fn case_as(&self, person: &str, args: &[&str]) -> Run {
        self.sar(person, &[&["case"], args].concat())
    }

    pub(crate) fn sar(&self, person: &str, args: &[&str]) -> Run {
        run(&mut self.command(person, args))
    }

    /// The command, for a test that starts it in its own way.
    pub(crate) fn command(&self, person: &str, args: &[&str]) -> Command {
        let mut command = command();
        command
            .args(args)
            .args(["--json", "--as", person])
            .env("SAR_DATA_DIR", self.path("data"))
            .env("SAR_DELIVERY_DIR", self.path("delivered"))
            .env("SAR_PASSPHRASE_FILE", self.path("passphrase"));
        command
    }

    pub(crate) fn connect(&self, served: &Served) -> Run {
        let secret = self.path("secret");
        fs::write(&secret, format!("{}\n", served.text("client_secret"))).unwrap();
        self.case(&[
            "connect",
            "--api-url",
            served.text("api_url"),
            "--login-url",
            served.text("login_url"),
            "--client-id",
            served.text("client_id"),
            "--secret-file",
            secret.to_str().unwrap(),
        ])
    }
}
