//! The egress ledger: which host was told how much, and what for. // B8

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use reqwest::{
    Response,
    header::{self, HeaderMap},
};
use url::Url;

use super::{Outgoing, address::host_of};

/// Why a host was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Purpose {
    /// To get an access token.
    SignIn,
    /// To check credentials and permissions.
    Health,
    /// To find conversations.
    Search,
    /// To read what a source knows about a recording.
    Metadata,
    /// To download audio.
    Media,
    /// To download a transcript.
    Transcript,
    /// To copy a finished export to a bucket.
    Upload,
}

impl Purpose {
    /// The stable name in files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::SignIn => "sign_in",
            Self::Health => "health",
            Self::Search => "search",
            Self::Metadata => "metadata",
            Self::Media => "media",
            Self::Transcript => "transcript",
            Self::Upload => "upload",
        }
    }
}

/// One line of the ledger: HTTP messages as HTTP/1.1 writes them, without TLS around them. On a
/// connection without TLS these are the bytes of the connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EgressEntry {
    /// Host, with the port when it is not the usual one.
    pub host: String,
    /// What for.
    pub purpose: Purpose,
    /// Requests sent, repeated ones included.
    pub requests: u64,
    /// Bytes sent: request line, headers, body.
    pub sent_bytes: u64,
    /// Bytes received: status line, headers, body as far as it was read.
    pub received_bytes: u64,
}

/// Counts what leaves this machine; clones share the counts.
#[derive(Clone, Default)]
pub struct EgressLedger {
    entries: Arc<Mutex<BTreeMap<(String, Purpose), EgressEntry>>>,
    /// The ledger that this one is a part of.
    whole: Option<Arc<EgressLedger>>,
}

impl EgressLedger {
    /// All lines, ordered by host and purpose.
    pub fn entries(&self) -> Vec<EgressEntry> {
        let entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        entries.values().cloned().collect()
    }

    /// An empty ledger whose lines count in this one too.
    pub(super) fn part(&self) -> Self {
        Self {
            entries: Arc::default(),
            whole: Some(Arc::new(self.clone())),
        }
    }

    pub(super) fn request(&self, outgoing: &Outgoing, user_agent: &str) {
        let target = outgoing.url[url::Position::BeforePath..url::Position::AfterQuery].len();
        let line = outgoing.method.as_str().len() + target + " HTTP/1.1\r\n ".len();
        let body = outgoing.body.as_ref().map_or(0, bytes::Bytes::len);
        let sent = line + headers_len(&outgoing.headers) + added_len(outgoing, user_agent) + body;
        self.add(&outgoing.url, outgoing.purpose, |entry| {
            entry.requests += 1;
            entry.sent_bytes += sent as u64;
        });
    }

    pub(super) fn answer_head(&self, response: &Response, purpose: Purpose) {
        let line = "HTTP/1.1 200 ".len()
            + response.status().canonical_reason().map_or(0, str::len)
            + "\r\n".len();
        self.received(
            response.url(),
            purpose,
            line + headers_len(response.headers()),
        );
    }

    pub(crate) fn received(&self, url: &Url, purpose: Purpose, bytes: usize) {
        self.add(url, purpose, |entry| entry.received_bytes += bytes as u64);
    }

    fn add(&self, url: &Url, purpose: Purpose, change: impl Fn(&mut EgressEntry)) {
        if let Some(whole) = &self.whole {
            whole.add(url, purpose, &change as &dyn Fn(&mut EgressEntry));
        }
        let host = host_of(url);
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = entries
            .entry((host.clone(), purpose))
            .or_insert_with(|| EgressEntry {
                host,
                purpose,
                requests: 0,
                sent_bytes: 0,
                received_bytes: 0,
            });
        change(entry);
    }
}

/// The headers that the HTTP library adds by itself.
fn added_len(outgoing: &Outgoing, user_agent: &str) -> usize {
    let has = |name: header::HeaderName| outgoing.headers.contains_key(name);
    let host = line_len("host", host_of(&outgoing.url).len());
    let agent = match has(header::USER_AGENT) {
        true => 0,
        false => line_len("user-agent", user_agent.len()),
    };
    let accept = match has(header::ACCEPT) {
        true => 0,
        false => line_len("accept", "*/*".len()),
    };
    let length = outgoing.body.as_ref().map(|body| body.len().to_string());
    let length = length.map_or(0, |digits| line_len("content-length", digits.len()));
    host + agent + accept + length
}

fn headers_len(headers: &HeaderMap) -> usize {
    let lines: usize = headers
        .iter()
        .map(|(name, value)| line_len(name.as_str(), value.len()))
        .sum();
    lines + "\r\n".len()
}

fn line_len(name: &str, value_len: usize) -> usize {
    name.len() + ": ".len() + value_len + "\r\n".len()
}
