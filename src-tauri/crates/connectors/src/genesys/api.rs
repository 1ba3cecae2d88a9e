//! One authenticated call of the Platform API, and what its errors mean.

use bytes::Bytes;
use domain::sensitive::PersonalData;
use reqwest::{
    Method, StatusCode,
    header::{self, HeaderMap, HeaderValue},
};
use serde::{Deserialize, de::DeserializeOwned};
use tokio_util::sync::CancellationToken;
use url::{Url, form_urlencoded};

use super::{Genesys, token::Token};
use crate::{
    http::{Answer, HttpError, Outgoing, Purpose, host_of},
    source::{SignInError, SourceError},
};

/// An operation of the Platform API.
pub(super) struct Operation {
    pub(super) method: Method,
    /// Path with `{}` in place of each id.
    pub(super) path: &'static str,
    /// Method and path for people.
    pub(super) name: &'static str,
    /// The permission it needs.
    pub(super) permission: &'static str,
    pub(super) purpose: Purpose,
}

/// What is filled into an operation.
#[derive(Default)]
pub(super) struct Arguments<'a> {
    pub(super) ids: &'a [&'a str],
    pub(super) query: &'a [(&'a str, &'a str)],
    pub(super) body: Option<&'a serde_json::Value>,
}

/// The parts of an error answer that we read.
// Genesys: `ErrorBody` (API reference section 3.1, checked 2026-08). Its message may repeat personal data.
#[derive(Default, Deserialize)]
#[serde(default)]
struct ErrorBody {
    code: Option<String>,
    #[serde(rename = "contextId")]
    context_id: Option<String>,
    message: Option<String>,
}

impl Genesys {
    /// Calls and reads the answer, which must have a body.
    pub(super) async fn read<T: DeserializeOwned>(
        &self,
        operation: &Operation,
        arguments: Arguments<'_>,
        cancel: &CancellationToken,
    ) -> Result<T, SourceError> {
        let answer = self.call(operation, arguments, cancel).await?;
        parse(operation, &answer.body)
    }

    /// Calls; a refused token is replaced once. // S0-19
    pub(super) async fn call(
        &self,
        operation: &Operation,
        arguments: Arguments<'_>,
        cancel: &CancellationToken,
    ) -> Result<Answer, SourceError> {
        let mut outgoing = self.outgoing(operation, &arguments)?;
        let token = self.tokens.get(&self.http, cancel).await?;
        let answer = self.send_with(&mut outgoing, &token, cancel).await?;
        if answer.status != StatusCode::UNAUTHORIZED {
            return accept(operation, answer);
        }
        // Genesys: an idle token ends early; any 401 means one new token and one more try (API reference 2.1, checked 2026-08).
        self.tokens.forget(&token);
        let token = self.tokens.get(&self.http, cancel).await?;
        let answer = self.send_with(&mut outgoing, &token, cancel).await?;
        if answer.status == StatusCode::UNAUTHORIZED {
            let host = self.api_url.host_str().unwrap_or_default().to_owned();
            return Err(SignInError::TokenRefused { host }.into());
        }
        accept(operation, answer)
    }

    async fn send_with(
        &self,
        outgoing: &mut Outgoing,
        token: &Token,
        cancel: &CancellationToken,
    ) -> Result<Answer, SourceError> {
        let mut bearer = HeaderValue::from_str(&format!("Bearer {}", token.bearer.reveal()))
            .map_err(|_| SignInError::Unreadable {
                host: self.tokens.host.clone(),
            })?;
        bearer.set_sensitive(true);
        outgoing.headers.insert(header::AUTHORIZATION, bearer);
        let answer = self
            .http
            .send(outgoing, Some(&self.limiter), cancel)
            .await?;
        self.platform_clock.note(&answer.headers, self.now());
        Ok(answer)
    }

    fn outgoing(
        &self,
        operation: &Operation,
        arguments: &Arguments<'_>,
    ) -> Result<Outgoing, SourceError> {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
        if arguments.body.is_some() {
            headers.insert(
                header::CONTENT_TYPE,
                HeaderValue::from_static("application/json"),
            );
        }
        Ok(Outgoing {
            method: operation.method.clone(),
            url: self.url(operation, arguments)?,
            headers,
            body: arguments.body.map(|body| Bytes::from(body.to_string())),
            purpose: operation.purpose,
        })
    }

    fn url(&self, operation: &Operation, arguments: &Arguments<'_>) -> Result<Url, HttpError> {
        let mut url = self.api_url.clone();
        fill(&mut url, operation.path, arguments.ids)?;
        if !arguments.query.is_empty() {
            // Percent-encodes values, `+` included. // S2-20
            url.query_pairs_mut().extend_pairs(arguments.query);
        }
        Ok(url)
    }
}

/// A request as a search keeps it: method, path, query and body. // S2-09
pub(super) fn written(operation: &Operation, arguments: &Arguments<'_>) -> PersonalData<String> {
    let ids = arguments.ids.iter();
    let path = ids.fold(operation.path.to_owned(), |path, id| {
        path.replacen("{}", id, 1)
    });
    let mut query = form_urlencoded::Serializer::new(String::new());
    let query = query.extend_pairs(arguments.query).finish();
    let query = if query.is_empty() {
        query
    } else {
        format!("?{query}")
    };
    let body = arguments.body.map(|body| format!(" {body}"));
    let body = body.unwrap_or_default();
    PersonalData::new(format!("{} {path}{query}{body}", operation.method))
}

/// Appends a path to the base address, each id as exactly one segment.
fn fill(url: &mut Url, path: &str, ids: &[&str]) -> Result<(), HttpError> {
    let host = host_of(url);
    let refused = |reason| HttpError::Address {
        host: host.clone(),
        reason,
    };
    // The address library drops these two segments, which would address something else.
    if ids.iter().any(|id| matches!(*id, "." | "..")) {
        return Err(refused("an id is no id but a path"));
    }
    let mut ids = ids.iter();
    let mut segments = url
        .path_segments_mut()
        .map_err(|()| refused("it has no path"))?;
    segments.pop_if_empty();
    for segment in path.split('/').filter(|segment| !segment.is_empty()) {
        let id = if segment == "{}" { ids.next() } else { None };
        segments.push(id.unwrap_or(&segment));
    }
    Ok(())
}

/// Reads a body; the reason of a failure never repeats its content.
pub(super) fn parse<T: DeserializeOwned>(
    operation: &Operation,
    body: &[u8],
) -> Result<T, SourceError> {
    serde_json::from_slice(body).map_err(|error| SourceError::Unreadable {
        operation: operation.name,
        reason: format!(
            "{:?} error at byte {} of line {}",
            error.classify(),
            error.column(),
            error.line()
        ),
    })
}

fn accept(operation: &Operation, answer: Answer) -> Result<Answer, SourceError> {
    let status = answer.status;
    if status.is_success() {
        return Ok(answer);
    }
    let error: ErrorBody = serde_json::from_slice(&answer.body).unwrap_or_default();
    let correlation = error
        .context_id
        .as_deref()
        .or_else(|| correlation_id(&answer.headers));
    let correlation = correlation
        .map(|id| format!(" (correlation id {id})"))
        .unwrap_or_default();
    let code = error
        .code
        .clone()
        .unwrap_or_else(|| format!("status {}", status.as_u16()));
    let operation_name = operation.name;
    Err(match status {
        StatusCode::FORBIDDEN => SourceError::NotPermitted {
            operation: operation_name,
            code,
            permissions: named_permissions(&error, operation),
            correlation,
        },
        StatusCode::NOT_FOUND | StatusCode::GONE => SourceError::NotFound {
            operation: operation_name,
        },
        _ => SourceError::Refused {
            operation: operation_name,
            status: status.as_u16(),
            code,
            correlation,
        },
    })
}

// Genesys: every answer carries `ININ-Correlation-Id` (API reference section 3, checked 2026-08).
fn correlation_id(headers: &HeaderMap) -> Option<&str> {
    headers.get("inin-correlation-id")?.to_str().ok()
}

/// The permissions that the source names, else the one we know. Only words shaped like permissions are taken over.
fn named_permissions(error: &ErrorBody, operation: &Operation) -> String {
    let shaped = |word: &&str| {
        let letters =
            |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_alphabetic());
        word.split(':').count() == 3 && word.split(':').all(letters)
    };
    let message = error.message.as_deref().unwrap_or_default();
    let named: Vec<_> = message
        .split(|c: char| !c.is_ascii_alphabetic() && c != ':')
        .filter(shaped)
        .collect();
    if named.is_empty() {
        operation.permission.to_owned()
    } else {
        named.join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(path: &str, ids: &[&str]) -> String {
        let mut url = Url::parse("https://gateway.example.org/platform").unwrap();
        fill(&mut url, path, ids).unwrap();
        url.path().to_owned()
    }

    #[test]
    fn an_id_is_one_segment_whatever_it_contains() {
        assert_eq!(filled("/api/v2/a/{}/b", &["x"]), "/platform/api/v2/a/x/b");
        assert_eq!(
            filled("/a/{}", &["../../oauth?x=1#y"]),
            "/platform/a/..%2F..%2Foauth%3Fx=1%23y"
        );
        let mut url = Url::parse("https://api.example.org").unwrap();
        assert!(fill(&mut url, "/a/{}/b", &[".."]).is_err());
    }

    #[test]
    fn only_permissions_are_taken_from_an_error_text() {
        let operation = super::super::health::WHO_AM_I;
        let error = |message: &str| ErrorBody {
            message: Some(message.to_owned()),
            ..Default::default()
        };
        let text = "Missing: [recording:recording:view, tel:+15551234567, a:b:c:d]";
        assert_eq!(
            named_permissions(&error(text), &operation),
            "recording:recording:view"
        );
        assert_eq!(
            named_permissions(&error("no"), &operation),
            operation.permission
        );
    }
}
