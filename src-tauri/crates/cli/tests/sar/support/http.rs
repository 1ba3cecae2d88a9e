//! A small HTTP client that shows what a library hides: whether a body was whole.

use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    time::Duration,
};

use serde_json::Value;

/// An answer that does not come fails the test instead of stopping it.
const PATIENCE: Duration = Duration::from_secs(120);

/// An answer.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: Vec<u8>,
    /// Whether the body ended as the protocol wants it.
    pub(crate) is_whole: bool,
}

impl Reply {
    pub(crate) fn json(&self) -> Value {
        let text = String::from_utf8_lossy(&self.body);
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("{} {text}", self.status))
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }
}

/// A request on a connection of its own, its answer read up to the head.
pub(crate) struct Open {
    reader: BufReader<TcpStream>,
    status: u16,
    headers: BTreeMap<String, String>,
}

/// Sends a request and reads the head of the answer.
pub(crate) fn open(method: &str, url: &str, headers: &[(&str, &str)], body: &[u8]) -> Open {
    let rest = url.strip_prefix("http://").expect("loopback is plain HTTP");
    let (host, path) = rest.split_at(rest.find('/').expect("a path"));
    let mut stream = TcpStream::connect(host).expect("it listens");
    stream
        .set_read_timeout(Some(PATIENCE))
        .expect("a limit can be set");
    let mut head = format!(
        "{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nContent-Length: {}\r\n",
        body.len()
    );
    for (name, value) in headers {
        head += &format!("{name}: {value}\r\n");
    }
    stream
        .write_all(format!("{head}\r\n").as_bytes())
        .expect("the request is sent");
    // A server that has seen enough answers without reading the rest.
    let _ = stream.write_all(body);
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).expect("an answer comes");
    let status = line.split(' ').nth(1).and_then(|it| it.parse().ok());
    let mut headers = BTreeMap::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).expect("the head is whole");
        let Some((name, value)) = line.trim_end().split_once(": ") else {
            break;
        };
        headers.insert(name.to_ascii_lowercase(), value.to_owned());
    }
    Open {
        reader,
        status: status.unwrap_or_else(|| panic!("no status: {line}")),
        headers,
    }
}

impl Open {
    /// Reads the rest.
    pub(crate) fn finish(mut self) -> Reply {
        let mut body = Vec::new();
        let is_whole = if self.headers.contains_key("transfer-encoding") {
            chunks(&mut self.reader, &mut |part| body.extend_from_slice(part))
        } else {
            let length = self
                .headers
                .get("content-length")
                .and_then(|it| it.parse().ok());
            // A reset after the last byte is as good as an end.
            let _ = self.reader.read_to_end(&mut body);
            length.is_none_or(|length: usize| length == body.len())
        };
        Reply {
            status: self.status,
            headers: self.headers,
            body,
            is_whole,
        }
    }

    /// Reads the rest without keeping it: its length, if it was whole.
    pub(crate) fn count(mut self) -> Option<u64> {
        let mut length = 0;
        chunks(&mut self.reader, &mut |part| length += part.len() as u64).then_some(length)
    }
}

fn chunks(reader: &mut BufReader<TcpStream>, each: &mut dyn FnMut(&[u8])) -> bool {
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap_or(0) == 0 {
            return false;
        }
        let Ok(length) = usize::from_str_radix(line.trim(), 16) else {
            return false;
        };
        let mut chunk = vec![0; length + 2];
        if reader.read_exact(&mut chunk).is_err() {
            return false;
        }
        if length == 0 {
            return true;
        }
        each(&chunk[..length]);
    }
}
