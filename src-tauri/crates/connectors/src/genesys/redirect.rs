//! Where the browser comes back to: one address of this machine, one answer, then nobody listens there any more.
//! (RFC 8252, section 7.3)

use std::{
    io,
    net::Ipv4Addr,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use axum::{
    Router,
    extract::{Query, State},
    http::{StatusCode, header},
    response::{Html, IntoResponse, Response},
    routing::get,
};
use serde::Deserialize;
use tokio::{net::TcpListener, sync::oneshot};
use tokio_util::sync::CancellationToken;

use crate::source::SignInError;

const PATH: &str = "/signed-in";

/// How long the browser gets to take the page.
const GRACE: Duration = Duration::from_secs(2);

/// Says nothing about how it went: that is decided, and shown, in the portal.
const PAGE: &str = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>SAR Portal</title>\
    <p>SAR Portal has the answer. Close this page and go back to SAR Portal.</p></html>";

/// What the browser brings back. Not printable: it holds secrets.
#[derive(Deserialize)]
pub(super) struct Returned {
    pub(super) code: Option<String>,
    pub(super) state: Option<String>,
    pub(super) error: Option<String>,
}

/// A listener that waits for one browser.
pub(super) struct Redirect {
    listener: TcpListener,
    port: u16,
}

type Waiting = Arc<Mutex<Option<oneshot::Sender<Returned>>>>;

impl Redirect {
    /// Opens the port; 0 takes a free one.
    pub(super) async fn open(port: u16) -> Result<Self, SignInError> {
        let taken = |_: io::Error| SignInError::PortTaken { port };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await;
        let listener = listener.map_err(taken)?;
        let port = listener.local_addr().map_err(taken)?.port();
        Ok(Self { listener, port })
    }

    // Genesys: plain http is accepted for `localhost` (official blog on the login of the CLI, 2022-02-11); an address
    // of numbers is not mentioned.
    pub(super) fn url(&self) -> String {
        format!("http://localhost:{}{PATH}", self.port)
    }

    /// Waits for the browser. Later requests are sent away.
    pub(super) async fn answer(self) -> Result<Returned, SignInError> {
        let (sender, mut receiver) = oneshot::channel();
        let waiting: Waiting = Arc::new(Mutex::new(Some(sender)));
        let router = Router::new().route(PATH, get(take)).with_state(waiting);
        let done = CancellationToken::new();
        let serving = axum::serve(self.listener, router)
            .with_graceful_shutdown(done.clone().cancelled_owned());
        let mut serving = std::pin::pin!(serving.into_future());
        let lost = SignInError::PortTaken { port: self.port };
        let returned = tokio::select! {
            returned = &mut receiver => returned.map_err(|_| lost),
            _ = &mut serving => return Err(lost),
        };
        done.cancel();
        // A browser that does not take the page keeps nobody waiting.
        let _ = tokio::time::timeout(GRACE, serving).await;
        returned
    }
}

/// Takes the first answer.
async fn take(State(waiting): State<Waiting>, Query(returned): Query<Returned>) -> Response {
    let sender = waiting
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .take();
    let Some(sender) = sender else {
        return StatusCode::GONE.into_response();
    };
    // Whoever stopped waiting does not want it.
    let _ = sender.send(returned);
    let headers = [
        (header::CACHE_CONTROL, "no-store"),
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'"),
        (header::REFERRER_POLICY, "no-referrer"),
    ];
    (headers, Html(PAGE)).into_response()
}
