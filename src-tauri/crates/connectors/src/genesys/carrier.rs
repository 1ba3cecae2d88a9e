//! Carries the requests of the OAuth library over our client, with its retries and its ledger.

use bytes::Bytes;
use futures_util::future::BoxFuture;
use oauth2::{AsyncHttpClient, HttpRequest, HttpResponse, http};
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::http::{Http, HttpError, Outgoing, Purpose};

/// What the OAuth library sends through.
pub(super) struct Carrier<'a> {
    pub(super) http: &'a Http,
    pub(super) cancel: &'a CancellationToken,
}

impl<'c> AsyncHttpClient<'c> for Carrier<'_> {
    type Error = HttpError;
    type Future = BoxFuture<'c, Result<HttpResponse, HttpError>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(post(self.http, request, self.cancel))
    }
}

/// Carries a request of the OAuth library over our client, with its retries and its ledger.
async fn post(
    http: &Http,
    request: HttpRequest,
    cancel: &CancellationToken,
) -> Result<HttpResponse, HttpError> {
    let (head, body) = request.into_parts();
    let url = Url::parse(&head.uri.to_string()).map_err(|_| HttpError::Address {
        host: "login".to_owned(),
        reason: "it is malformed",
    })?;
    let outgoing = Outgoing {
        method: head.method,
        url,
        headers: head.headers,
        body: Some(Bytes::from(body)),
        purpose: Purpose::SignIn,
    };
    let answer = http.send(&outgoing, None, cancel).await?;
    let mut response = http::Response::new(answer.body.to_vec());
    *response.status_mut() = answer.status;
    *response.headers_mut() = answer.headers;
    Ok(response)
}
