//! The S3 library over our own HTTP client, and what its errors mean.

use std::{error::Error, future::Future, pin::Pin};

use http_body_util::BodyExt;
use object_store::{
    ClientOptions,
    client::{
        HttpClient, HttpConnector, HttpError as StoreHttpError, HttpErrorKind, HttpRequest,
        HttpResponse, HttpService,
    },
};
use reqwest::StatusCode;
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::{
    http::{Http, HttpError, Outgoing, Purpose},
    source::SourceError,
};

/// What the library says, without what it may quote: an answer can name objects after people.
pub(super) fn explain(operation: &'static str, error: &object_store::Error) -> SourceError {
    if let Some(error) = cause::<HttpError>(error) {
        return error.clone().into();
    }
    if cause::<Denied>(error).is_some() {
        return denied(operation);
    }
    match error {
        object_store::Error::NotFound { .. } => SourceError::NotFound { operation },
        other => SourceError::Unreadable {
            operation,
            reason: other
                .to_string()
                .split(':')
                .next()
                .unwrap_or_default()
                .to_owned(),
        },
    }
}

/// The key does not open it.
pub(super) fn denied(operation: &'static str) -> SourceError {
    SourceError::NotPermitted {
        operation,
        code: "access denied".to_owned(),
        permissions: "s3:ListBucket, s3:GetObject".to_owned(),
        correlation: String::new(),
    }
}

/// The first cause of a kind.
pub(crate) fn cause<'e, T: Error + 'static>(error: &'e (dyn Error + 'static)) -> Option<&'e T> {
    let mut current = Some(error);
    while let Some(error) = current {
        if let Some(found) = error.downcast_ref() {
            return Some(found);
        }
        current = error.source();
    }
    None
}

/// The store refused the key or its permissions.
#[derive(Debug, thiserror::Error)]
#[error("access denied")]
pub(crate) struct Denied;

/// Gives the library our client.
#[derive(Clone)]
pub(crate) struct Connector {
    http: Http,
    purpose: Purpose,
}

impl Connector {
    /// For lists.
    pub(super) const fn listing(http: Http) -> Self {
        Self {
            http,
            purpose: Purpose::Search,
        }
    }

    /// For copying files to the store.
    pub(crate) const fn sending(http: Http) -> Self {
        Self {
            http,
            purpose: Purpose::Upload,
        }
    }
}

impl std::fmt::Debug for Connector {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Connector")
    }
}

impl HttpConnector for Connector {
    fn connect(&self, _: &ClientOptions) -> object_store::Result<HttpClient> {
        Ok(HttpClient::new(self.clone()))
    }
}

type Answering<'a> =
    Pin<Box<dyn Future<Output = Result<HttpResponse, StoreHttpError>> + Send + 'a>>;

impl HttpService for Connector {
    // Written out: the trait's macro makes this of an `async fn`.
    fn call<'life0, 'async_trait>(&'life0 self, request: HttpRequest) -> Answering<'async_trait>
    where
        'life0: 'async_trait,
        Self: 'async_trait,
    {
        Box::pin(carry(self, request))
    }
}

async fn carry(
    connector: &Connector,
    request: HttpRequest,
) -> Result<HttpResponse, StoreHttpError> {
    let (head, body) = request.into_parts();
    // A payload is in memory already; only then can it be sent again.
    let body = body.collect().await?.to_bytes();
    let unusable = |error| StoreHttpError::new(HttpErrorKind::Unknown, error);
    let outgoing = Outgoing {
        method: head.method,
        url: Url::parse(&head.uri.to_string()).map_err(unusable)?,
        headers: head.headers,
        body: Some(body).filter(|bytes| !bytes.is_empty()),
        purpose: connector.purpose,
    };
    // The list can be cancelled as a whole; between its parts there is nothing to stop.
    let sent = connector
        .http
        .send(&outgoing, None, &CancellationToken::new())
        .await;
    let answer = sent.map_err(|error| StoreHttpError::new(HttpErrorKind::Unknown, error))?;
    if matches!(
        answer.status,
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN
    ) {
        return Err(StoreHttpError::new(HttpErrorKind::Unknown, Denied));
    }
    let mut response = HttpResponse::new(answer.body.into());
    *response.status_mut() = answer.status;
    *response.headers_mut() = answer.headers;
    Ok(response)
}
