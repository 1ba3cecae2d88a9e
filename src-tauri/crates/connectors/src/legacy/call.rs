//! A configured request: its places filled in, and what its errors mean.

use std::collections::BTreeMap;

use bytes::Bytes;
use reqwest::{
    StatusCode,
    header::{self, HeaderMap, HeaderValue},
};
use serde_json::Value;
use url::Url;

use super::settings::{Call, LegacyConfigError, Method};
use crate::{
    http::{Answer, HttpError, Outgoing, Purpose, host_of},
    source::{SignInError, SourceError},
};

/// What is filled into the places of a request, by name.
#[derive(Debug, Clone, Default)]
pub(super) struct Places(BTreeMap<&'static str, String>);

/// Every place there is.
const NAMES: [&str; 9] = [
    "from",
    "to",
    "number",
    "page",
    "offset",
    "limit",
    "cursor",
    "recording",
    "call",
];

impl Places {
    /// Fills one more place.
    #[must_use]
    pub(super) fn with(mut self, name: &'static str, value: impl ToString) -> Self {
        self.0.insert(name, value.to_string());
        self
    }

    /// A text with its places filled; `None` when one of them has nothing to fill in.
    pub(super) fn fill(&self, template: &str) -> Option<String> {
        let mut filled = String::new();
        let mut rest = template;
        while let Some((before, after)) = rest.split_once('{') {
            let (name, behind) = after.split_once('}')?;
            filled.push_str(before);
            filled.push_str(self.0.get(name)?);
            rest = behind;
        }
        filled.push_str(rest);
        Some(filled)
    }

    fn fill_body(&self, template: &Value) -> Option<Value> {
        match template {
            Value::String(text) => {
                let filled = self.fill(text)?;
                let is_place = text.starts_with('{') && text.ends_with('}');
                let is_count = ["{page}", "{offset}", "{limit}", "{from}", "{to}"];
                let number = filled.parse::<i64>().ok();
                match number.filter(|_| is_place && is_count.contains(&text.as_str())) {
                    Some(number) => Some(number.into()),
                    None => Some(filled.into()),
                }
            }
            // What has nothing to fill in is left out, and what is then empty stays.
            Value::Array(values) => {
                Some(values.iter().filter_map(|it| self.fill_body(it)).collect())
            }
            Value::Object(fields) => {
                let filled = fields
                    .iter()
                    .filter_map(|(name, it)| Some((name.clone(), self.fill_body(it)?)));
                Some(Value::Object(filled.collect()))
            }
            other => Some(other.clone()),
        }
    }
}

/// Refuses places that nothing fills, before the first request. // S0-32
pub(super) fn check(call: &Call) -> Result<(), LegacyConfigError> {
    let body = call.body.as_ref().map(texts_of).unwrap_or_default();
    let texts = std::iter::once(&call.path)
        .chain(call.query.values())
        .chain(&body);
    for text in texts {
        check_text(text)?;
    }
    Ok(())
}

pub(super) fn check_text(text: &str) -> Result<(), LegacyConfigError> {
    let every = NAMES
        .into_iter()
        .fold(Places::default(), |places, name| places.with(name, "x"));
    match every.fill(text) {
        Some(_) => Ok(()),
        None => Err(LegacyConfigError::Place {
            text: text.to_owned(),
        }),
    }
}

fn texts_of(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![text.clone()],
        Value::Array(values) => values.iter().flat_map(texts_of).collect(),
        Value::Object(fields) => fields.values().flat_map(texts_of).collect(),
        _ => Vec::new(),
    }
}

/// Whether a place occurs in a request.
pub(super) fn has_place(call: &Call, name: &str) -> bool {
    let place = format!("{{{name}}}");
    let body = call.body.as_ref().map(texts_of).unwrap_or_default();
    let mut texts = std::iter::once(&call.path)
        .chain(call.query.values())
        .chain(&body);
    texts.any(|text| text.contains(&place))
}

/// The address of a path below the base; whatever is filled in stays one segment.
pub(super) fn address(base: &Url, path: &str, places: &Places) -> Result<Url, HttpError> {
    let refused = || HttpError::Address {
        host: host_of(base),
        reason: "the configured path cannot be filled",
    };
    let mut url = base.clone();
    let mut segments = url.path_segments_mut().map_err(|()| refused())?;
    segments.pop_if_empty();
    for segment in path.split('/').filter(|segment| !segment.is_empty()) {
        let filled = places.fill(segment).ok_or_else(refused)?;
        // The address library drops these two segments, which would address something else.
        if matches!(filled.as_str(), "." | "..") {
            return Err(refused());
        }
        segments.push(&filled);
    }
    drop(segments);
    Ok(url)
}

/// The request, with the headers that sign in.
pub(super) fn outgoing(
    base: &Url,
    call: &Call,
    places: &Places,
    signed_in: &HeaderMap,
    purpose: Purpose,
) -> Result<Outgoing, HttpError> {
    let mut url = address(base, &call.path, places)?;
    let query = call.query.iter();
    let query: Vec<_> = query
        .filter_map(|(name, template)| Some((name, places.fill(template)?)))
        .collect();
    if !query.is_empty() {
        // Percent-encodes values, `+` included. // S2-20
        url.query_pairs_mut().extend_pairs(query);
    }
    let body = call.body.as_ref().and_then(|it| places.fill_body(it));
    let mut headers = signed_in.clone();
    headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
    if body.is_some() {
        let json = HeaderValue::from_static("application/json");
        headers.insert(header::CONTENT_TYPE, json);
    }
    Ok(Outgoing {
        method: match call.method {
            Method::Get => reqwest::Method::GET,
            Method::Post => reqwest::Method::POST,
        },
        url,
        headers,
        body: body.map(|body| Bytes::from(body.to_string())),
        purpose,
    })
}

/// Reads an answer, or says what its status means.
pub(super) fn accept(
    operation: &'static str,
    host: &str,
    answer: &Answer,
) -> Result<Value, SourceError> {
    match answer.status {
        status if status.is_success() => {
            serde_json::from_slice(&answer.body).map_err(|error| SourceError::Unreadable {
                operation,
                reason: format!("{:?} error at line {}", error.classify(), error.line()),
            })
        }
        StatusCode::UNAUTHORIZED => Err(SignInError::AccountRefused {
            host: host.to_owned(),
        }
        .into()),
        StatusCode::FORBIDDEN => Err(SourceError::NotPermitted {
            operation,
            code: "status 403".to_owned(),
            permissions: "to read recordings".to_owned(),
            correlation: String::new(),
        }),
        // S2-45
        StatusCode::NOT_FOUND | StatusCode::GONE => Err(SourceError::NotFound { operation }),
        status => Err(SourceError::Refused {
            operation,
            status: status.as_u16(),
            code: format!("status {}", status.as_u16()),
            correlation: String::new(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn places_are_filled_and_what_has_nothing_is_left_out() {
        let places = Places::default().with("offset", 20).with("number", "+44 1");
        let call = Call {
            method: Method::Post,
            path: "/calls/{number}".to_owned(),
            query: BTreeMap::from([
                ("n".to_owned(), "tel:{number}".to_owned()),
                ("c".to_owned(), "{cursor}".to_owned()),
            ]),
            body: Some(
                json!({"skip": "{offset}", "who": ["{number}"], "next": "{cursor}", "all": true}),
            ),
        };
        let base = Url::parse("https://recorder.example.org/api/").unwrap();
        let outgoing = outgoing(&base, &call, &places, &HeaderMap::new(), Purpose::Search).unwrap();
        assert_eq!(
            outgoing.url.as_str(),
            "https://recorder.example.org/api/calls/+44%201?n=tel%3A%2B44+1"
        );
        let body: Value = serde_json::from_slice(&outgoing.body.unwrap()).unwrap();
        assert_eq!(body, json!({"skip": 20, "who": ["+44 1"], "all": true}));
    }

    #[test]
    fn an_id_is_one_segment_and_an_unknown_place_is_refused() {
        let base = Url::parse("https://recorder.example.org").unwrap();
        let places = Places::default().with("recording", "2023-10-27T14:30:00Z-8923/../x");
        let url = address(&base, "/media/{recording}", &places).unwrap();
        assert_eq!(url.path(), "/media/2023-10-27T14:30:00Z-8923%2F..%2Fx");
        let up = Places::default().with("recording", "..");
        assert!(address(&base, "/media/{recording}", &up).is_err());
        assert!(check_text("/media/{recordng}").is_err());
        assert!(check_text("/media/{recording").is_err());
        assert!(check_text("/media/{recording}").is_ok());
    }
}
