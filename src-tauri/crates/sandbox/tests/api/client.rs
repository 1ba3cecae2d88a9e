//! A small HTTP client that shows exactly what came over the wire.

use std::io;

use sandbox::{ClientRole, Sandbox, SandboxOptions, Scenario};
use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// An answer as received; the body may be shorter than its `content-length`.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("{}", self.text()))
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// Sends one request on its own connection and reads until the other side closes.
pub(crate) async fn send(
    method: &str,
    url: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> io::Result<Answer> {
    let rest = url.strip_prefix("http://").unwrap();
    let (host, path) = rest.split_at(rest.find('/').unwrap());
    let mut request = format!("{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n");
    for (name, value) in headers {
        request += &format!("{name}: {value}\r\n");
    }
    if !body.is_empty() {
        request += &format!("Content-Length: {}\r\n", body.len());
    }
    let mut stream = TcpStream::connect(host).await?;
    stream
        .write_all(format!("{request}\r\n{body}").as_bytes())
        .await?;
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).await?;
    parse(&bytes).ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
}

fn parse(bytes: &[u8]) -> Option<Answer> {
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n")?;
    let head = std::str::from_utf8(&bytes[..end]).ok()?;
    let mut lines = head.split("\r\n");
    let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
    let headers = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(k, v)| (k.to_lowercase(), v.to_owned()));
    Some(Answer {
        status,
        headers: headers.collect(),
        body: bytes[end + 4..].to_vec(),
    })
}

/// A sandbox and a signed-in client.
pub(crate) struct Session {
    pub(crate) sandbox: Sandbox,
    pub(crate) token: String,
}

impl Session {
    pub(crate) async fn start(options: SandboxOptions) -> Self {
        Self::start_as(options, ClientRole::Standard).await
    }

    pub(crate) async fn start_as(options: SandboxOptions, role: ClientRole) -> Self {
        let sandbox = Sandbox::start(options).await.unwrap();
        let token = sign_in(&sandbox, role).await;
        Self { sandbox, token }
    }

    pub(crate) async fn with(scenario: Scenario) -> Self {
        Self::start(SandboxOptions {
            scenario,
            transcode_ms: 0,
            ..SandboxOptions::default()
        })
        .await
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.try_get(path).await.unwrap()
    }

    pub(crate) async fn try_get(&self, path: &str) -> io::Result<Answer> {
        self.call("GET", path, "").await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        self.call("POST", path, &body.to_string()).await.unwrap()
    }

    pub(crate) async fn call(&self, method: &str, path: &str, body: &str) -> io::Result<Answer> {
        let url = format!("{}{path}", self.sandbox.urls().api_url);
        let bearer = format!("Bearer {}", self.token);
        let headers = [
            ("Authorization", bearer.as_str()),
            ("Content-Type", "application/json"),
        ];
        send(method, &url, &headers, body).await
    }

    /// Asks until the answer is not 202, as a client does while something is being made.
    pub(crate) async fn get_when_ready(&self, path: &str) -> Answer {
        for _ in 0..50 {
            let answer = self.get(path).await;
            if answer.status != 202 {
                return answer;
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        panic!("{path} never became ready");
    }

    /// Runs a search to its end and returns the conversations.
    pub(crate) async fn search(&self, query: &Value) -> Vec<Value> {
        let jobs = "/api/v2/analytics/conversations/details/jobs";
        let submitted = self.post(jobs, query).await;
        assert_eq!(submitted.status, 202, "{}", submitted.text());
        let job = format!("{jobs}/{}", submitted.json()["jobId"].as_str().unwrap());
        assert_eq!(self.get_when_ready(&job).await.json()["state"], "FULFILLED");
        let (mut found, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = self
                .get(&format!("{job}/results?pageSize=2{cursor}"))
                .await
                .json();
            found.extend(page["conversations"].as_array().unwrap().iter().cloned());
            match page["cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={}", next.replace('=', "%3D")),
                None => return found,
            }
        }
    }

    /// The link to a recording in a format.
    pub(crate) async fn media_uri(
        &self,
        conversation: &str,
        recording: &str,
        format: &str,
    ) -> String {
        let path = format!(
            "/api/v2/conversations/{conversation}/recordings/{recording}?formatId={format}&download=true"
        );
        let answer = self.get_when_ready(&path).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()["mediaUris"]["S"]["mediaUri"]
            .as_str()
            .unwrap()
            .to_owned()
    }

    /// The conversation and recording spoken from a dialogue file.
    pub(crate) fn ids(stem: &str) -> (String, String) {
        let truth = sandbox::ground_truth()
            .recordings
            .iter()
            .find(|truth| truth.stem == stem)
            .unwrap();
        (truth.conversation_id.clone(), truth.recording_id.clone())
    }
}

pub(crate) async fn sign_in(sandbox: &Sandbox, role: ClientRole) -> String {
    let answer = ask_token(
        sandbox,
        role.credentials().client_id,
        role.credentials().client_secret,
    )
    .await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()["access_token"].as_str().unwrap().to_owned()
}

pub(crate) async fn ask_token(sandbox: &Sandbox, client_id: &str, secret: &str) -> Answer {
    use base64::{Engine, engine::general_purpose::STANDARD};
    let basic = format!("Basic {}", STANDARD.encode(format!("{client_id}:{secret}")));
    let headers = [
        ("Authorization", basic.as_str()),
        ("Content-Type", "application/x-www-form-urlencoded"),
    ];
    let url = format!("{}/oauth/token", sandbox.urls().login_url);
    send("POST", &url, &headers, "grant_type=client_credentials")
        .await
        .unwrap()
}
