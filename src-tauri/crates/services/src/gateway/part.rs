//! What of a recording is asked for: all of it, a part, or only what is said before it. // RFC 9110, sections 13 and 14
//!
//! A part needs a file that can be told from every other one (a strong `ETag`) and whose length is known.
//! Where the source cannot say both, the whole recording is the answer, as the standard allows.

use evidence::hashing::sha256;

/// Digits of our `ETag`: 160 bits.
const TAG_DIGITS: usize = 40;

/// What is asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Wish {
    /// All of it.
    #[default]
    Whole,
    /// What is said before the sound, without the sound.
    Head,
    /// One part, if it is still the version that the caller has a part of.
    Part(PartWish),
}

/// A part that is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartWish {
    span: Span,
    /// The version that it must be a part of; any other one is sent whole.
    only_of: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Span {
    From { first: u64, last: Option<u64> },
    Last(u64),
}

impl Wish {
    /// Reads `Range` and `If-Range`. What is not one range of bytes is ignored, as the standard wants it.
    pub fn of_headers(range: Option<&str>, if_range: Option<&str>) -> Self {
        let Some(span) = range.and_then(Span::parse) else {
            return Self::Whole;
        };
        let only_of = if_range.map(|it| it.trim().to_owned());
        Self::Part(PartWish { span, only_of })
    }

    /// What of a file is sent.
    pub(super) fn of(&self, file: Option<&FileVersion>) -> Given {
        let (Self::Part(wish), Some(file)) = (self, file) else {
            return Given::Whole;
        };
        // Section 13.1.5: a strong comparison; a date is none, because we know of none.
        if wish.only_of.as_ref().is_some_and(|tag| *tag != file.tag) {
            return Given::Whole;
        }
        match wish.span.within(file.bytes) {
            Some(part) => Given::Part(part),
            None => Given::Nothing { bytes: file.bytes },
        }
    }
}

impl Span {
    fn parse(range: &str) -> Option<Self> {
        let (unit, span) = range.split_once('=')?;
        if !unit.trim().eq_ignore_ascii_case("bytes") {
            return None;
        }
        let (first, last) = span.trim().split_once('-')?;
        match (first, last) {
            ("", last) => Some(Self::Last(number(last)?)),
            (first, "") => Some(Self::From {
                first: number(first)?,
                last: None,
            }),
            (first, last) => {
                let (first, last) = (number(first)?, number(last)?);
                (first <= last).then_some(Self::From {
                    first,
                    last: Some(last),
                })
            }
        }
    }

    /// The part of a file of this length; `None` when it has no byte of it.
    fn within(self, bytes: u64) -> Option<Part> {
        let end = bytes.checked_sub(1)?;
        let (first, last) = match self {
            Self::From { first, last } => (first, last.unwrap_or(end).min(end)),
            Self::Last(0) => return None,
            Self::Last(count) => (bytes.saturating_sub(count), end),
        };
        let part = Part { first, last, bytes };
        (first <= end).then_some(part)
    }
}

/// Digits only: the library would take a sign too.
fn number(text: &str) -> Option<u64> {
    let is_number = !text.is_empty() && text.bytes().all(|it| it.is_ascii_digit());
    is_number.then(|| text.parse().unwrap_or(u64::MAX))
}

/// One version of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileVersion {
    /// The value of `ETag`, in its quotes.
    pub tag: String,
    /// Length of the whole file.
    pub bytes: u64,
}

impl FileVersion {
    /// The version that `parts` tell from all others. Says nothing about where the file lies.
    pub(super) fn of(parts: &[&str], bytes: u64) -> Self {
        let text: String = parts
            .iter()
            .map(|it| format!("{}:{it}", it.len()))
            .collect();
        let digest = sha256(format!("{text}{bytes}")).to_string();
        let digits = digest.trim_start_matches("sha256:");
        let tag = format!("\"{}\"", digits.get(..TAG_DIGITS).unwrap_or(digits));
        Self { tag, bytes }
    }
}

/// A part of a file; both ends are in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    /// Its first byte.
    pub first: u64,
    /// Its last byte.
    pub last: u64,
    /// Length of the whole file.
    pub bytes: u64,
}

impl Part {
    /// Its length.
    pub const fn length(self) -> u64 {
        self.last - self.first + 1
    }

    /// The value of `Content-Range`.
    pub fn content_range(self) -> String {
        format!("bytes {}-{}/{}", self.first, self.last, self.bytes)
    }
}

/// What is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Given {
    Whole,
    Part(Part),
    /// No byte of it is in the part that was asked for.
    Nothing {
        bytes: u64,
    },
}

impl Given {
    pub(super) const fn part(self) -> Option<Part> {
        match self {
            Self::Part(part) => Some(part),
            Self::Whole | Self::Nothing { .. } => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(range: &str, only_of: Option<&str>) -> Given {
        let file = FileVersion {
            tag: "\"a\"".to_owned(),
            bytes: 1_000,
        };
        Wish::of_headers(Some(range), only_of).of(Some(&file))
    }

    fn part(first: u64, last: u64) -> Given {
        Given::Part(Part {
            first,
            last,
            bytes: 1_000,
        })
    }

    #[test]
    fn one_range_of_bytes_is_a_part_and_anything_else_is_the_whole() {
        for (range, expected) in [
            ("bytes=0-0", part(0, 0)),
            ("bytes=10-19", part(10, 19)),
            ("Bytes=990-", part(990, 999)),
            ("bytes=990-5000", part(990, 999)),
            ("bytes=-1", part(999, 999)),
            ("bytes=-5000", part(0, 999)),
            ("bytes=0-99999999999999999999999", part(0, 999)),
            ("bytes=1000-", Given::Nothing { bytes: 1_000 }),
            ("bytes=-0", Given::Nothing { bytes: 1_000 }),
            (
                "bytes=99999999999999999999-",
                Given::Nothing { bytes: 1_000 },
            ),
            ("bytes=19-10", Given::Whole),
            ("bytes=0-1,5-6", Given::Whole),
            ("bytes=+1-2", Given::Whole),
            ("bytes=-", Given::Whole),
            ("bytes=a-b", Given::Whole),
            ("seconds=1-2", Given::Whole),
            ("", Given::Whole),
        ] {
            assert_eq!(given(range, None), expected, "{range}");
        }
    }

    #[test]
    fn a_part_of_another_version_is_not_sent() {
        assert_eq!(given("bytes=1-2", Some("\"a\"")), part(1, 2));
        for other in ["\"b\"", "W/\"a\"", "Sat, 21 Nov 2026 10:00:00 GMT", "a"] {
            assert_eq!(given("bytes=1-2", Some(other)), Given::Whole, "{other}");
        }
        let wish = Wish::of_headers(Some("bytes=1-2"), None);
        assert_eq!(wish.of(None), Given::Whole, "a file that nobody can tell");
    }

    #[test]
    fn a_tag_differs_with_everything_that_tells_a_file() {
        let tag = |parts: &[&str], bytes| FileVersion::of(parts, bytes).tag;
        let one = tag(&["ab", "c"], 1);
        assert_eq!(one, tag(&["ab", "c"], 1));
        assert!(one != tag(&["a", "bc"], 1) && one != tag(&["ab", "c"], 2));
    }
}
