//! `data/search.json`: what was searched, once for all calls of the package. // S2-35, S2-38

use serde::{Deserialize, Serialize};

/// The search behind a call list: with it a third party can run the same query.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SearchFile {
    /// Format version, 1.
    pub v: u32,
    /// First local time asked for.
    pub from: String,
    /// Local time at which the range ends, exclusive.
    pub until: String,
    /// IANA name of the zone of both.
    pub zone: String,
    /// The same bounds in UTC, ISO 8601.
    pub from_utc: String,
    /// The end in UTC, exclusive.
    pub until_utc: String,
    /// Where it was searched.
    pub sources: Vec<SearchedSource>,
}

/// One source that was searched.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SearchedSource {
    /// The configured source, as in the other files.
    pub source: String,
    /// `complete`, `partial` or `failed`.
    pub coverage: String,
    /// Until when its index was complete, ISO 8601 in UTC; later calls may be missing.
    pub complete_until_utc: Option<String>,
    /// The search requests exactly as sent.
    pub requests: Vec<String>,
}

impl std::fmt::Debug for SearchFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The requests name the data subject.
        f.debug_struct("SearchFile")
            .field("sources", &self.sources.len())
            .finish_non_exhaustive()
    }
}

package_file!(SearchFile, 1);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::PackageFile;

    #[test]
    fn it_reads_back_and_never_prints_the_requests() {
        let file = SearchFile {
            v: 1,
            from: "2026-03-01T00:00".into(),
            until: "2026-04-11T00:00".into(),
            zone: "Europe/London".into(),
            from_utc: "2026-03-01T00:00:00Z".into(),
            until_utc: "2026-04-10T23:00:00Z".into(),
            sources: vec![SearchedSource {
                source: "genesys".into(),
                coverage: "complete".into(),
                complete_until_utc: Some("2026-04-11T08:00:00Z".into()),
                requests: vec!["POST /x +447700900123".into()],
            }],
        };
        assert_eq!(SearchFile::from_bytes(&file.to_bytes()), Ok(file.clone()));
        assert!(!format!("{file:?}").contains("447700900123"));
    }
}
