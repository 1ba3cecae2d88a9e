//! `sar serve` as a process, in front of the pretend organization and its old recorders.

use std::{
    fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use sandbox::{LegacyOptions, LegacyRecorders, Sandbox, SandboxOptions};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::runtime::Runtime;

use super::{
    Run, command,
    http::{Open, Reply, open},
    sar,
    served::pause,
};

/// Times a job is asked for before a test gives up; each time a tenth of a second.
const ASKED_AT_MOST: usize = 600;

/// A running gateway. Dropping it ends the process.
pub(crate) struct Gateway {
    pub(crate) child: Child,
    pub(crate) url: String,
    pub(crate) dir: TempDir,
    pub(crate) sandbox: Sandbox,
    _recorders: LegacyRecorders,
    // After the sandbox, which runs on it.
    _runtime: Runtime,
}

impl Drop for Gateway {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Id and secret of a registered program.
pub(crate) struct Login {
    pub(crate) id: String,
    pub(crate) secret: String,
}

impl Gateway {
    pub(crate) fn start() -> Self {
        Self::with(SandboxOptions::default(), LegacyOptions::default())
    }

    pub(crate) fn with(sandbox: SandboxOptions, legacy: LegacyOptions) -> Self {
        Self::configured(sandbox, legacy, "")
    }

    /// With these tables at the end of its configuration, where `DIR` is its folder.
    pub(crate) fn configured(sandbox: SandboxOptions, legacy: LegacyOptions, more: &str) -> Self {
        let runtime = Runtime::new().unwrap();
        let (sandbox, recorders) = runtime.block_on(async {
            let sandbox = Sandbox::start(sandbox).await.expect("the sandbox starts");
            let recorders = LegacyRecorders::start(legacy).await;
            (sandbox, recorders.expect("the recorders start"))
        });
        let dir = TempDir::new().unwrap();
        write_config(dir.path(), &sandbox, &recorders, more);
        let (child, url) = serve(dir.path());
        Self {
            child,
            url,
            dir,
            sandbox,
            _recorders: recorders,
            _runtime: runtime,
        }
    }

    /// Registers a program of a tenant with all scopes, or these.
    pub(crate) fn register(&self, id: &str, tenant: &str, scopes: &[&str]) -> Login {
        let config = config(self.dir.path());
        let mut args = vec!["gateway", "client", "add", id, "--tenant", tenant, "--json"];
        for scope in scopes {
            args.extend(["--scope", scope]);
        }
        args.extend(["--config", config.to_str().unwrap()]);
        let registered = sar(args).ok().json();
        let text = |key: &str| registered[key].as_str().unwrap().to_owned();
        Login {
            id: text("client_id"),
            secret: text("client_secret"),
        }
    }

    /// A token for a fresh program of this tenant.
    pub(crate) fn token(&self, id: &str, tenant: &str, scopes: &[&str]) -> String {
        let login = self.register(id, tenant, scopes);
        let form = format!(
            "grant_type=client_credentials&client_id={}&client_secret={}",
            login.id, login.secret
        );
        let kind = [("Content-Type", "application/x-www-form-urlencoded")];
        let url = format!("{}/oauth/token", self.url);
        let reply = open("POST", &url, &kind, form.as_bytes()).finish();
        assert_eq!(reply.status, 200, "{reply:?}");
        reply.json()["access_token"].as_str().unwrap().to_owned()
    }

    pub(crate) fn open(&self, method: &str, path: &str, token: &str, body: Option<&Value>) -> Open {
        let bearer = format!("Bearer {token}");
        let mut headers = vec![("Authorization", bearer.as_str())];
        headers.extend(body.map(|_| ("Content-Type", "application/json")));
        let body = body.map(Value::to_string).unwrap_or_default();
        open(
            method,
            &format!("{}{path}", self.url),
            &headers,
            body.as_bytes(),
        )
    }

    pub(crate) fn get(&self, path: &str, token: &str) -> Reply {
        self.open("GET", path, token, None).finish()
    }

    pub(crate) fn post(&self, path: &str, token: &str, body: &Value) -> Reply {
        self.open("POST", path, token, Some(body)).finish()
    }

    /// Asks for the sound behind a reference, as compliance tools do. // S1-29
    pub(crate) fn retrieve(&self, reference: &str, token: &str) -> Reply {
        self.post("/api/v1/recordings/retrieve", token, &retrieval(reference))
    }

    /// Searches the calls of a number in the spring that the pretend organization remembers.
    pub(crate) fn search(&self, number: &str, token: &str) -> Vec<Value> {
        let query = json!({"pageSize": 100, "query": {
            "dateRange": {"startDate": "2026-03-01T00:00:00Z", "endDate": "2026-04-11T00:00:00Z"},
            "filter": {"type": "AND", "clauses": [
                {"field": "callFrom", "op": "EQUALS", "value": number},
            ]},
        }});
        let reply = self.post("/api/v2/recordings/recordings/search", token, &query);
        assert_eq!(
            reply.status,
            200,
            "{}",
            String::from_utf8_lossy(&reply.body)
        );
        reply.json()["recordings"].as_array().unwrap().clone()
    }

    /// Asks for a job until it is over.
    pub(crate) fn wait(&self, accepted: &Reply, token: &str) -> Value {
        assert_eq!(
            accepted.status,
            202,
            "{}",
            String::from_utf8_lossy(&accepted.body)
        );
        let place = accepted.json()["poll_endpoint"]
            .as_str()
            .unwrap()
            .to_owned();
        for _ in 0..ASKED_AT_MOST {
            let job = self.get(&place, token).json();
            if job["status"] != 202 {
                return job;
            }
            pause(Duration::from_millis(100));
        }
        panic!("the job never ended");
    }

    /// Asks the process to stop, as a service manager does.
    pub(crate) fn terminate(&self) {
        let pid = self.child.id().to_string();
        assert!(
            Command::new("kill")
                .args(["-TERM", &pid])
                .status()
                .unwrap()
                .success()
        );
    }

    /// Stops the gateway.
    pub(crate) fn stop(&mut self) {
        self.terminate();
        assert_eq!(self.child.wait().unwrap().code(), Some(0));
    }

    /// Ends the process at once, as a loss of power does.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// The value of a line of `/metrics`, once it is there.
    pub(crate) fn metric(&self, line: &str) -> u64 {
        let text = String::from_utf8(self.get("/metrics", "").body).unwrap();
        let value = text.lines().find_map(|it| it.strip_prefix(line));
        value.map_or(0, |it| it.trim().parse().unwrap())
    }

    /// Waits until a line of `/metrics` has at least this value.
    pub(crate) fn wait_for(&self, line: &str, value: u64) {
        for _ in 0..ASKED_AT_MOST {
            if self.metric(line) >= value {
                return;
            }
            pause(Duration::from_millis(100));
        }
        panic!("`{line}` never became {value}");
    }

    /// Starts it again in the same folder.
    pub(crate) fn start_again(&mut self) {
        (self.child, self.url) = serve(self.dir.path());
    }

    /// Takes over entries of the mapping.
    pub(crate) fn import(&self, source: &str, entries: &str) -> Run {
        let file = self.dir.path().join("entries.jsonl");
        fs::write(&file, entries).unwrap();
        let config = config(self.dir.path());
        sar([
            "gateway",
            "import",
            file.to_str().unwrap(),
            "--source",
            source,
            "--config",
            config.to_str().unwrap(),
        ])
    }

    /// Stops the gateway and gives its log.
    pub(crate) fn stop_and_read_log(&mut self) -> Vec<Value> {
        self.stop();
        let data = self.dir.path().join("data");
        let words = self.dir.path().join("passphrase");
        let args = [
            "audit",
            "list",
            "--json",
            "--data-dir",
            data.to_str().unwrap(),
            "--passphrase-file",
            words.to_str().unwrap(),
        ];
        sar(args).ok().json_lines()
    }
}

pub(crate) fn retrieval(reference: &str) -> Value {
    json!({
        "request_id": "audit_req_9928374",
        "caller_id": "compliance_tool_user_01",
        "target_recording_ref": reference,
        "format_preference": "wav",
        "include_metadata": true,
        "audit_log_id": "log_20231027_001",
    })
}

fn config(dir: &Path) -> PathBuf {
    dir.join("gateway.toml")
}

/// Starts the process and reads where it listens.
pub(crate) fn serve(dir: &Path) -> (Child, String) {
    let mut child = command()
        .args(["serve", "--json", "--config"])
        .arg(config(dir))
        .stdout(Stdio::piped())
        .spawn()
        .expect("the binary starts");
    let mut line = String::new();
    let stdout = child.stdout.take().expect("stdout is piped");
    BufReader::new(stdout)
        .read_line(&mut line)
        .expect("it prints where it listens");
    let listening: Value = serde_json::from_str(&line).unwrap_or_else(|_| panic!("`{line}`"));
    (child, listening["url"].as_str().unwrap().to_owned())
}

fn write_config(dir: &Path, sandbox: &Sandbox, recorders: &LegacyRecorders, more: &str) {
    let (urls, old) = (sandbox.urls(), recorders.urls());
    let (key_id, key) = LegacyRecorders::BUCKET_KEY;
    for (name, text) in [
        ("passphrase", "a passphrase of a test".to_owned()),
        ("genesys", sandbox.credentials().client_secret.to_owned()),
        ("avaya", LegacyRecorders::AVAYA_ACCOUNT.1.to_owned()),
        ("cisco", LegacyRecorders::CISCO_TOKEN.to_owned()),
        ("bucket", format!("{key_id}\n{key}\n")),
    ] {
        fs::write(dir.join(name), text).unwrap();
    }
    fs::create_dir_all(dir.join("share")).unwrap();
    fs::create_dir_all(dir.join("other-share")).unwrap();
    let text = [include_str!("gateway.toml"), more]
        .concat()
        .replace("DIR", dir.to_str().unwrap())
        .replace("API_URL", &urls.api_url)
        .replace("LOGIN_URL", &urls.login_url)
        .replace("MEDIA_HOST", urls.media_url.trim_start_matches("http://"))
        .replace("CLIENT_ID", sandbox.credentials().client_id)
        .replace("AVAYA_URL", &old.avaya)
        .replace("AVAYA_USER", LegacyRecorders::AVAYA_ACCOUNT.0)
        .replace("CISCO_URL", &old.cisco)
        .replace("BUCKET_URL", &old.bucket);
    fs::write(config(dir), text).unwrap();
}
