//! Stands between the client and a host, passes everything on, and keeps what was asked.

use std::sync::{Arc, Mutex};

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::{Request, State},
    http::header,
    response::Response,
};

const MAX_BODY_BYTES: usize = 64 << 20;

/// One request and how it was answered.
#[derive(Debug, Clone)]
pub(crate) struct Exchange {
    pub(crate) method: String,
    pub(crate) path: String,
    /// As it was sent.
    pub(crate) query: String,
    pub(crate) query_names: Vec<String>,
    pub(crate) status: u16,
    /// What Prism found.
    pub(crate) violations: Option<String>,
}

pub(crate) struct Recorder {
    pub(crate) url: String,
    exchanges: Arc<Mutex<Vec<Exchange>>>,
}

#[derive(Clone)]
struct Passing {
    target: String,
    client: reqwest::Client,
    exchanges: Arc<Mutex<Vec<Exchange>>>,
}

impl Recorder {
    pub(crate) async fn before(target: &str) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let exchanges = Arc::<Mutex<Vec<Exchange>>>::default();
        let passing = Passing {
            target: target.to_owned(),
            client,
            exchanges: Arc::clone(&exchanges),
        };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let router = Router::new().fallback(pass).with_state(passing);
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url, exchanges }
    }

    pub(crate) fn exchanges(&self) -> Vec<Exchange> {
        self.exchanges.lock().unwrap().clone()
    }
}

async fn pass(State(passing): State<Passing>, request: Request) -> Response {
    let (mut head, body) = request.into_parts();
    let body = to_bytes(body, MAX_BODY_BYTES).await.unwrap();
    head.headers.remove(header::HOST);
    let target = head.uri.path_and_query().unwrap();
    let answer = passing
        .client
        .request(head.method.clone(), format!("{}{target}", passing.target))
        .headers(head.headers)
        .body(body)
        .send()
        .await
        .unwrap();
    let query = head.uri.query().unwrap_or_default();
    let names = url::form_urlencoded::parse(query.as_bytes());
    let violations = answer.headers().get("sl-violations").cloned();
    let (status, headers) = (answer.status(), answer.headers().clone());
    let body = answer.bytes().await.unwrap();
    passing.exchanges.lock().unwrap().push(Exchange {
        method: head.method.to_string(),
        path: head.uri.path().to_owned(),
        query: query.to_owned(),
        query_names: names.map(|(name, _)| name.into_owned()).collect(),
        status: status.as_u16(),
        violations: violations.map(|it| text(it.as_bytes())),
    });
    let mut response = Response::builder().status(status);
    for (name, value) in &headers {
        if name != header::TRANSFER_ENCODING && name != header::CONTENT_LENGTH {
            response = response.header(name, value);
        }
    }
    response.body(Body::from(body)).unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
