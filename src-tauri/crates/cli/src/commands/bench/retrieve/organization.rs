//! The pretend organization as a process of its own, so that its memory and its threads are not ours.

use std::{
    env,
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
};

use sandbox::Bulk;
use serde::Deserialize;

use super::Login;
use crate::{failure::Failure, files};

pub(super) struct Organization {
    process: Child,
    login: Login,
}

/// The line that `sar sandbox --json` prints first.
#[derive(Deserialize)]
struct Connection {
    api_url: String,
    login_url: String,
    media_url: String,
    client_id: String,
    client_secret: String,
}

impl Organization {
    /// Without a rate limit, and with recordings that are ready at once.
    pub(super) fn start(bulk: Bulk, folder: &Path) -> Result<Self, Failure> {
        let scenario = folder.join("scenario.toml");
        let Bulk {
            recordings,
            seconds,
        } = bulk;
        let text = format!(
            "rate_limit_per_minute = 0\ntranscode_ms = 0\n\
             bulk = {{ recordings = {recordings}, seconds = {seconds} }}\n"
        );
        files::write_text(&scenario, &text)?;
        let mut process = env::current_exe()
            .and_then(|program| {
                Command::new(program)
                    .args(["sandbox", "--json", "--scenario"])
                    .arg(&scenario)
                    .stdin(Stdio::null())
                    .stdout(Stdio::piped())
                    .stderr(Stdio::null())
                    .spawn()
            })
            .map_err(|error| not_started(&error.kind().to_string()))?;
        let mut line = String::new();
        if let Some(output) = process.stdout.take() {
            // What cannot be read is no connection either.
            let _ = BufReader::new(output).read_line(&mut line);
        }
        let login = serde_json::from_str::<Connection>(&line);
        let connection = login.map_err(|error| {
            let _ = process.kill();
            not_started(&error.to_string())
        })?;
        Ok(Self {
            process,
            login: connection.into(),
        })
    }

    pub(super) fn login(&self) -> &Login {
        &self.login
    }
}

impl Drop for Organization {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl From<Connection> for Login {
    fn from(connection: Connection) -> Self {
        Self {
            api_url: connection.api_url,
            login_url: connection.login_url,
            media_url: connection.media_url,
            client_id: connection.client_id,
            client_secret: connection.client_secret,
        }
    }
}

fn not_started(why: &str) -> Failure {
    Failure::unavailable(
        format!("The built-in organization could not be started: {why}"),
        "Close other programs, then try again.",
    )
}
