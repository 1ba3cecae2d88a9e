//! One request with the gateway's token, and what its errors mean.

use bytes::Bytes;
use reqwest::{
    Method, StatusCode,
    header::{self, HeaderMap, HeaderValue},
};
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio_util::sync::CancellationToken;
use url::Url;

use super::{Gateway, answer::ErrorBody};
use crate::{
    genesys::token::Token,
    http::{Answer, HttpError, Outgoing, Purpose, host_of},
    source::{SignInError, SourceError},
};

impl Gateway {
    /// An address below the base; each part is exactly one segment.
    pub(super) fn address(&self, parts: &[&str]) -> Result<Url, HttpError> {
        let refused = || HttpError::Address {
            host: host_of(&self.base),
            reason: "an id is no id but a path",
        };
        // The address library drops these two segments, which would address something else.
        if parts.iter().any(|part| matches!(*part, "" | "." | "..")) {
            return Err(refused());
        }
        let mut url = self.base.clone();
        let mut segments = url.path_segments_mut().map_err(|()| refused())?;
        segments.pop_if_empty().extend(parts);
        drop(segments);
        Ok(url)
    }

    /// Reads a JSON answer.
    pub(super) async fn read<T: DeserializeOwned>(
        &self,
        operation: &'static str,
        url: Url,
        purpose: Purpose,
        cancel: &CancellationToken,
    ) -> Result<T, SourceError> {
        let answer = self.send(Method::GET, url, None, purpose, cancel).await?;
        parse(operation, &accept(operation, answer)?)
    }

    /// Sends JSON and reads a JSON answer.
    pub(super) async fn ask<T: DeserializeOwned>(
        &self,
        operation: &'static str,
        url: Url,
        body: &Value,
        purpose: Purpose,
        cancel: &CancellationToken,
    ) -> Result<T, SourceError> {
        let body = Some(Bytes::from(body.to_string()));
        let answer = self.send(Method::POST, url, body, purpose, cancel).await?;
        parse(operation, &accept(operation, answer)?)
    }

    /// Sends; a refused token is replaced once. // S0-19
    pub(super) async fn send(
        &self,
        method: Method,
        url: Url,
        body: Option<Bytes>,
        purpose: Purpose,
        cancel: &CancellationToken,
    ) -> Result<Answer, SourceError> {
        let token = self.tokens.get(&self.http, cancel).await?;
        let mut headers = signed(&token, &host_of(&self.base))?;
        if body.is_some() {
            let json = HeaderValue::from_static("application/json");
            headers.insert(header::CONTENT_TYPE, json);
        }
        let mut outgoing = Outgoing {
            method,
            url,
            headers,
            body,
            purpose,
        };
        let answer = self
            .http
            .send(&outgoing, Some(&self.limiter), cancel)
            .await?;
        if answer.status != StatusCode::UNAUTHORIZED {
            return Ok(answer);
        }
        self.tokens.forget(&token);
        let token = self.tokens.get(&self.http, cancel).await?;
        outgoing
            .headers
            .extend(signed(&token, &host_of(&self.base))?);
        let answer = self
            .http
            .send(&outgoing, Some(&self.limiter), cancel)
            .await?;
        if answer.status == StatusCode::UNAUTHORIZED {
            let host = host_of(&self.base);
            return Err(SignInError::TokenRefused { host }.into());
        }
        Ok(answer)
    }

    /// The headers of a download.
    pub(super) async fn signed_in(
        &self,
        cancel: &CancellationToken,
    ) -> Result<HeaderMap, SourceError> {
        let token = self.tokens.get(&self.http, cancel).await?;
        signed(&token, &host_of(&self.base))
    }
}

fn signed(token: &Token, host: &str) -> Result<HeaderMap, SourceError> {
    let text = format!("Bearer {}", token.bearer.reveal());
    let mut value = HeaderValue::from_str(&text).map_err(|_| SignInError::Unreadable {
        host: host.to_owned(),
    })?;
    value.set_sensitive(true);
    Ok(HeaderMap::from_iter([(header::AUTHORIZATION, value)]))
}

/// The body of a success, or what the refusal means.
pub(super) fn accept(operation: &'static str, answer: Answer) -> Result<Bytes, SourceError> {
    if answer.status.is_success() {
        return Ok(answer.body);
    }
    let error: ErrorBody = serde_json::from_slice(&answer.body).unwrap_or_default();
    let correlation = error
        .correlation_id
        .map(|id| format!(" (correlation id {id})"));
    let correlation = correlation.unwrap_or_default();
    Err(match answer.status {
        // Only the gateway's own words mean that there is nothing: a proxy has its own 404.
        StatusCode::NOT_FOUND | StatusCode::GONE if is_absent(&error.code) => {
            SourceError::NotFound { operation }
        }
        status @ (StatusCode::NOT_FOUND | StatusCode::GONE) => SourceError::Unreadable {
            operation,
            reason: format!(
                "status {}, not in the words of a gateway; check its address{correlation}",
                status.as_u16()
            ),
        },
        StatusCode::FORBIDDEN => SourceError::NotPermitted {
            operation,
            code: error.code,
            permissions: "of the gateway's operator".to_owned(),
            correlation,
        },
        status => SourceError::Refused {
            operation,
            status: status.as_u16(),
            code: error.code,
            correlation,
        },
    })
}

fn is_absent(code: &str) -> bool {
    matches!(
        code,
        "recording_not_found" | "recording_gone" | "transcript_not_found"
    )
}

pub(super) fn parse<T: DeserializeOwned>(
    operation: &'static str,
    body: &[u8],
) -> Result<T, SourceError> {
    serde_json::from_slice(body).map_err(|error| SourceError::Unreadable {
        operation,
        reason: format!("{:?} error at line {}", error.classify(), error.line()),
    })
}
