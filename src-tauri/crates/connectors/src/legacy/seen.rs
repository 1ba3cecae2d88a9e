//! What a search of an old source has seen: hits, what was asked, what is missing.

use domain::{
    ids::SourceId,
    search::{Coverage, FoundRecording, SourceResult},
    sensitive::PersonalData,
};

use crate::http::Outgoing;

/// What a search has seen so far.
#[derive(Default)]
pub(super) struct Seen {
    pub(super) found: Vec<FoundRecording>,
    queries: Vec<PersonalData<String>>,
    pub(super) gaps: Vec<String>,
    pub(super) answers: u32,
    pub(super) unreadable: u64,
    pub(super) missing: u64,
}

impl Seen {
    /// Keeps the exact request. // S2-09
    pub(super) fn asked(&mut self, outgoing: &Outgoing) {
        let target = &outgoing.url[url::Position::BeforePath..];
        let body = outgoing.body.as_deref().map(String::from_utf8_lossy);
        let body = body.map(|body| format!(" {body}")).unwrap_or_default();
        let request = format!("{} {target}{body}", outgoing.method);
        self.queries.push(PersonalData::new(request));
    }

    pub(super) fn into_result(mut self, source: SourceId) -> SourceResult {
        if self.missing > 0 {
            let missing = self.missing;
            self.gaps
                .push(format!("{missing} announced recordings did not come"));
        }
        if self.unreadable > 0 {
            let unreadable = self.unreadable;
            self.gaps.push(format!(
                "{unreadable} entries of the answer could not be read"
            ));
        }
        result(source, self.found, self.gaps, self.answers, self.queries)
    }
}

/// For the coverage of every old source: nothing missing, something, or all of it.
fn coverage(gaps: &[String], answers: u32) -> Coverage {
    let reason = gaps.join("; ");
    match (gaps.is_empty(), answers) {
        (true, _) => Coverage::Complete,
        (false, 0) => Coverage::Failed { reason },
        (false, _) => Coverage::Partial { reason },
    }
}

/// The answer of an old source: each recording once, in order.
pub(super) fn result(
    source: SourceId,
    mut found: Vec<FoundRecording>,
    gaps: Vec<String>,
    answers: u32,
    queries: Vec<PersonalData<String>>,
) -> SourceResult {
    let key = |it: &FoundRecording| (it.start_utc, it.conversation.clone(), it.recording.clone());
    found.sort_by_key(key);
    found.dedup_by_key(|it| key(it));
    SourceResult {
        source,
        found,
        coverage: coverage(&gaps, answers),
        queries,
        index_complete_until_utc: None,
        divisions: Vec::new(),
    }
}
