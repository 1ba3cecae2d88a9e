//! What goes wrong, and when: the scenario file.
//!
//! A scenario is a TOML file with a list of faults. For every request the first fault that matches
//! and is due happens; all others answer normally.
//!
//! ```toml
//! [[fault]]
//! host = "api"                    # login, api or media; left out: any
//! method = "GET"                  # left out: any
//! path = "/api/v2/conversations/*/recordings/*"   # `*` stands for any text, `/` included
//! first = 2                       # first K matching requests; or nth = 3, or every = 5; left out: all
//! action = { kind = "status", status = 429, retry_after_s = 2 }
//! ```
//!
//! Every kind of action and its fields: [`Action`]. Before the faults may stand `rate_limit_per_minute`,
//! `transcode_ms` and `bulk = { recordings = 10000, seconds = 8 }`.

use serde::{Deserialize, Serialize};

use crate::bulk::Bulk;

/// A list of faults, tried in order, and what else differs from the sandbox as it is.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// The faults; `[[fault]]` in the file.
    #[serde(default, rename = "fault")]
    pub faults: Vec<Fault>,
    /// Recordings beside those of the corpus.
    #[serde(default)]
    pub bulk: Option<Bulk>,
    /// Requests per minute and token; 0 means without a limit.
    #[serde(default)]
    pub rate_limit_per_minute: Option<u32>,
    /// How long the first request for a recording in a format takes to become ready.
    #[serde(default)]
    pub transcode_ms: Option<u64>,
}

/// One thing that goes wrong.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// The host it happens on; `None` for any.
    pub host: Option<FaultHost>,
    /// HTTP method in capitals; `None` for any.
    pub method: Option<String>,
    /// Path without query; `*` stands for any text, slashes included.
    pub path: String,
    /// Only the first so many matching requests.
    pub first: Option<u64>,
    /// Only this matching request, counted from 1.
    pub nth: Option<u64>,
    /// Every so many matching requests.
    pub every: Option<u64>,
    /// What happens.
    pub action: Action,
}

/// Where a fault happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum FaultHost {
    /// `login.<domain>`
    Login,
    /// `api.<domain>`
    Api,
    /// Object storage.
    Media,
    /// The recorders from before.
    Legacy,
}

/// What happens instead of, or to, the normal answer.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Action {
    /// Another status with the host's own kind of error body. 404 on a recording is "gone after
    /// listing", 404 on `transcripturl` a missing transcript, 403 on the media host an expired link.
    Status {
        /// HTTP status, 400 to 599.
        status: u16,
        /// Seconds for `Retry-After`; left out: no header.
        retry_after_s: Option<u64>,
        /// How `Retry-After` is written.
        #[serde(default)]
        retry_after_form: RetryAfterForm,
    },
    /// The connection is reset before a byte of the answer is sent.
    Reset,
    /// The head is normal; the connection breaks after so many bytes of the body.
    Truncate {
        /// Bytes of the body that arrive.
        after_bytes: u64,
    },
    /// The body ends early and `Content-Length` says so: correct HTTP, incomplete object.
    ShortBody {
        /// Bytes missing at the end.
        missing_bytes: u64,
    },
    /// `Content-Length` differs from what is sent.
    WrongContentLength {
        /// Added to the true length; positive promises more than comes.
        add: i64,
    },
    /// The object before it was replaced: another ETag, other bytes, broken off after so many.
    OldVersion {
        /// Bytes of the body that arrive.
        after_bytes: u64,
    },
    /// Storage that sends the part asked for of whatever is there now, as if `If-Range` were not there.
    IgnoreIfRange,
    /// A redirect to another place.
    Redirect {
        /// The address in `Location`.
        location: String,
    },
    /// A normal status with no bytes: a zero-length recording.
    EmptyBody,
    /// The right length and type, and after so many bytes other ones: a file that its store lost.
    OtherBytes {
        /// Bytes at the start that are right.
        after_bytes: u64,
    },
    /// The body arrives at this speed.
    Slow {
        /// Bytes per second, at least 1.
        bytes_per_second: u64,
    },
    /// The answer waits.
    Delay {
        /// Milliseconds.
        ms: u64,
    },
    /// The link has expired: 403 as object storage says it.
    ExpiredUrl,
    /// The access token of the request is revoked and answered with 401 `bad.credentials`.
    ExpireToken,
    /// An entry is missing in the list of a JSON answer, as if the index had lost it.
    LoseEntry {
        /// Name of the list; empty when the answer is the list.
        list: String,
        /// Which entry, counted from 0; of a shorter list none is lost.
        at: usize,
    },
    /// The transcript file does not fit its audio: all times are moved.
    ShiftTranscript {
        /// Milliseconds, negative for earlier.
        by_ms: i64,
    },
}

/// The two forms of `Retry-After` (RFC 9110, section 10.2.3).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RetryAfterForm {
    /// A number of seconds.
    #[default]
    Seconds,
    /// A date by the organization's clock.
    HttpDate,
}

/// Why a scenario file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ScenarioError {
    /// Not TOML, an unknown key, or a wrong type.
    #[error("The scenario is not valid: {0}; the crate's README lists every key")]
    Syntax(#[from] toml::de::Error),
    /// A fault that could never happen as written.
    #[error("Fault {number} of the scenario is not valid: {reason}")]
    Fault {
        /// Counted from 1.
        number: usize,
        /// What is wrong with it.
        reason: &'static str,
    },
}

impl Scenario {
    /// Reads a scenario file's text.
    ///
    /// # Errors
    /// When it is not TOML, has an unknown key, or a fault contradicts itself.
    pub fn from_toml(text: &str) -> Result<Self, ScenarioError> {
        let scenario: Self = toml::from_str(text)?;
        for (index, fault) in scenario.faults.iter().enumerate() {
            fault.check().map_err(|reason| ScenarioError::Fault {
                number: index + 1,
                reason,
            })?;
        }
        Ok(scenario)
    }

    /// A scenario with one fault on all matching requests of any host.
    pub fn always(path: &str, action: Action) -> Self {
        Self {
            faults: vec![Fault::new(path, action)],
            ..Self::default()
        }
    }

    /// A scenario with one fault on the first `count` matching requests.
    pub fn first(count: u64, path: &str, action: Action) -> Self {
        Self {
            faults: vec![Fault {
                first: Some(count),
                ..Fault::new(path, action)
            }],
            ..Self::default()
        }
    }

    /// The same scenario with another one's faults after its own.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.faults.extend(other.faults);
        self
    }

    /// A busy afternoon: a limit reached, a server error, a cut download, a token that ends early.
    pub fn rough_day() -> Self {
        let limited = Action::Status {
            status: 429,
            retry_after_s: Some(1),
            retry_after_form: RetryAfterForm::Seconds,
        };
        let unavailable = Action::Status {
            status: 503,
            retry_after_s: None,
            retry_after_form: RetryAfterForm::Seconds,
        };
        Self::first(1, "/api/v2/conversations/*/recordingmetadata", limited)
            .and(Self::first(
                1,
                "/api/v2/analytics/conversations/details/jobs/*",
                unavailable,
            ))
            .and(Self::first(
                1,
                "/recordings/*",
                Action::Truncate {
                    after_bytes: 40_000,
                },
            ))
            .and(Self {
                faults: vec![Fault {
                    nth: Some(5),
                    ..Fault::new("/api/v2/conversations/*/recordings/*", Action::ExpireToken)
                }],
                ..Self::default()
            })
    }
}

impl Fault {
    /// A fault on every request for `path`, on any host and with any method.
    pub fn new(path: &str, action: Action) -> Self {
        Self {
            host: None,
            method: None,
            path: path.to_owned(),
            first: None,
            nth: None,
            every: None,
            action,
        }
    }

    fn check(&self) -> Result<(), &'static str> {
        let rules = [self.first, self.nth, self.every];
        if rules.iter().flatten().count() > 1 {
            return Err("give at most one of `first`, `nth` and `every`");
        }
        if rules.contains(&Some(0)) {
            return Err("`first`, `nth` and `every` count from 1");
        }
        match self.action {
            Action::Status { status, .. } if !(400..600).contains(&status) => {
                Err("`status` must be 400 to 599")
            }
            Action::Slow {
                bytes_per_second: 0,
            } => Err("`bytes_per_second` must be at least 1"),
            _ => Ok(()),
        }
    }

    /// Whether the fault happens at the `count`-th matching request.
    pub(crate) fn is_due(&self, count: u64) -> bool {
        self.first.is_none_or(|first| count <= first)
            && self.nth.is_none_or(|nth| count == nth)
            && self.every.is_none_or(|every| count.is_multiple_of(every))
    }
}

/// Whether `text` has the form of `pattern`, in which `*` stands for any text.
pub(crate) fn fits(pattern: &str, text: &str) -> bool {
    let Some((head, rest)) = pattern.split_once('*') else {
        return pattern == text;
    };
    let Some(text) = text.strip_prefix(head) else {
        return false;
    };
    (0..=text.len())
        .filter(|at| text.is_char_boundary(*at))
        .any(|at| fits(rest, &text[at..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_any_text() {
        for (pattern, text, expected) in [
            ("/a/*/b", "/a/x/b", true),
            ("/a/*/b", "/a/x/y/b", true),
            ("/a/*", "/a/", true),
            ("/a/*/b", "/a/b", false),
            ("/a", "/a/b", false),
        ] {
            assert_eq!(fits(pattern, text), expected, "{pattern} {text}");
        }
    }

    #[test]
    fn an_unknown_key_or_a_contradiction_is_refused() {
        for text in [
            "[[fault]]\npath = \"/\"\nonce = true\naction = { kind = \"reset\" }",
            "[[fault]]\npath = \"/\"\naction = { kind = \"explode\" }",
            "[[fault]]\npath = \"/\"\nfirst = 1\nnth = 2\naction = { kind = \"reset\" }",
            "[[fault]]\npath = \"/\"\naction = { kind = \"status\", status = 200 }",
            "[[fault]]\npath = \"/\"\naction = { kind = \"slow\", bytes_per_second = 0 }",
        ] {
            assert!(Scenario::from_toml(text).is_err(), "{text}");
        }
    }

    #[test]
    fn the_example_of_the_readme_can_be_used() {
        let readme = include_str!("../README.md");
        let example = readme
            .split("```toml")
            .nth(1)
            .unwrap()
            .split("```")
            .next()
            .unwrap();
        let scenario = Scenario::from_toml(example).unwrap();
        assert_eq!(
            scenario.faults[0].action,
            Action::Truncate {
                after_bytes: 40_000
            }
        );
        assert_eq!(scenario.faults[0].host, Some(FaultHost::Media));
    }

    #[test]
    fn due_requests_are_counted_from_one() {
        let due = |fault: Fault| {
            (1..=6)
                .filter(|&count| fault.is_due(count))
                .collect::<Vec<_>>()
        };
        let fault = || Fault::new("/", Action::Reset);
        assert_eq!(
            due(Fault {
                first: Some(2),
                ..fault()
            }),
            [1, 2]
        );
        assert_eq!(
            due(Fault {
                nth: Some(3),
                ..fault()
            }),
            [3]
        );
        assert_eq!(
            due(Fault {
                every: Some(2),
                ..fault()
            }),
            [2, 4, 6]
        );
        assert_eq!(due(fault()), [1, 2, 3, 4, 5, 6]);
    }
}
