//! `sar sandbox` as a process, and a small client for recordings and transcripts.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Child, Stdio},
    sync::mpsc,
    time::Duration,
};

use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::Value;

use super::command;

/// A running sandbox; dropping it ends the process.
pub(crate) struct Served {
    pub(crate) child: Child,
    pub(crate) connection: Value,
}

impl Drop for Served {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Served {
    pub(crate) fn start(args: &[&str]) -> Self {
        let mut child = command()
            .args(["sandbox", "--json"])
            .args(args)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the binary starts");
        let stdout = child.stdout.take().expect("stdout is piped");
        let mut line = String::new();
        BufReader::new(stdout)
            .read_line(&mut line)
            .expect("it prints its connection");
        let connection = serde_json::from_str(&line).unwrap_or_else(|_| panic!("{line}"));
        Self { child, connection }
    }

    pub(crate) fn text(&self, key: &str) -> &str {
        self.connection[key]
            .as_str()
            .unwrap_or_else(|| panic!("`{key}` is missing"))
    }

    /// Saves recording and transcript of a dialogue; returns their paths.
    pub(crate) fn save_call(&self, stem: &str, folder: &Path) -> (PathBuf, PathBuf) {
        let truth = sandbox::ground_truth();
        let call = truth.recordings.iter().find(|it| it.stem == stem);
        let call = call.expect("the dialogue is in the corpus");
        let (conversation, recording) = (&call.conversation_id, &call.recording_id);
        let token = self.token();
        let path = format!(
            "/api/v2/conversations/{conversation}/recordings/{recording}?formatId=WAV&download=true"
        );
        let found = self.get_when_ready(&path, &token);
        let audio = fetch(text_of(&found["mediaUris"]["S"]["mediaUri"]));
        let communication = text_of(&found["sessionId"]);
        let path = format!(
            "/api/v2/speechandtextanalytics/conversations/{conversation}/communications/{communication}/transcripturl"
        );
        let transcript = fetch(text_of(&self.get_when_ready(&path, &token)["url"]));
        let paths = (
            folder.join(format!("{stem}.wav")),
            folder.join(format!("{stem}.json")),
        );
        std::fs::write(&paths.0, audio).expect("the recording is saved");
        std::fs::write(&paths.1, transcript).expect("the transcript is saved");
        paths
    }

    fn token(&self) -> String {
        let login = format!("{}:{}", self.text("client_id"), self.text("client_secret"));
        let head = format!(
            "Authorization: Basic {}\r\nContent-Type: application/x-www-form-urlencoded\r\n",
            BASE64_STANDARD.encode(login)
        );
        let url = format!("{}/oauth/token", self.text("login_url"));
        let (status, body) = send("POST", &url, &head, "grant_type=client_credentials");
        assert_eq!(status, 200);
        let answer: Value = serde_json::from_slice(&body).expect("a token is JSON");
        text_of(&answer["access_token"]).to_owned()
    }

    fn get_when_ready(&self, path: &str, token: &str) -> Value {
        let url = format!("{}{path}", self.text("api_url"));
        for _ in 0..100 {
            let (status, body) = send(
                "GET",
                &url,
                &format!("Authorization: Bearer {token}\r\n"),
                "",
            );
            match status {
                200 => return serde_json::from_slice(&body).expect("an answer is JSON"),
                202 => pause(Duration::from_millis(50)),
                other => panic!("{path}: {other} {}", String::from_utf8_lossy(&body)),
            }
        }
        panic!("{path} never became ready");
    }
}

/// Waits without a sleeping call: nobody ever sends.
pub(crate) fn pause(time: Duration) {
    let (_sender, receiver) = mpsc::channel::<()>();
    let _ = receiver.recv_timeout(time);
}

fn text_of(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}"))
}

fn fetch(url: &str) -> Vec<u8> {
    let (status, body) = send("GET", url, "", "");
    assert_eq!(status, 200, "{url}");
    body
}

/// One request on its own connection.
fn send(method: &str, url: &str, head: &str, body: &str) -> (u16, Vec<u8>) {
    let rest = url.strip_prefix("http://").expect("loopback is plain HTTP");
    let (host, path) = rest.split_at(rest.find('/').expect("a path"));
    let length = body.len();
    let request = format!(
        "{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{head}Content-Length: {length}\r\n\r\n{body}"
    );
    let mut stream = TcpStream::connect(host).expect("the sandbox listens");
    stream
        .write_all(request.as_bytes())
        .expect("the request is sent");
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).expect("an answer comes");
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n");
    let end = end.expect("the answer has a head");
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let status = head.split(' ').nth(1).and_then(|code| code.parse().ok());
    (
        status.expect("the answer has a status"),
        bytes.split_off(end + 4),
    )
}
