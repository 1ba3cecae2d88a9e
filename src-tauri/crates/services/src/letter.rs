//! The covering letter: what was searched, what became of each call, what was removed and why.
//!
//! It says nothing that this very package does not bear out: counts come from its redaction log, the
//! rest from the policy. It repeats no identifier; the package is addressed by its case number.

use std::collections::BTreeMap;

use domain::law::Law;
use evidence::format::RedactedFile;
use jiff::{civil::Date, tz::TimeZone};
use store::rows::{CallRow, CaseRow};

use crate::{
    close_case,
    exclusion::is_disclosed,
    package_files::{audio_name, escape, page},
    search::local_text,
    search_record::SearchRecord,
    span_reason::SpanReason,
};

/// What the letter is made of.
pub(crate) struct Letter<'a> {
    pub(crate) case: &'a CaseRow,
    pub(crate) search: &'a SearchRecord,
    /// Every call found, the withheld ones too.
    pub(crate) calls: &'a [CallRow],
    /// What was done to each delivered recording.
    pub(crate) schedule: &'a [RedactedFile],
    pub(crate) zone: &'a TimeZone,
    pub(crate) today: Date,
}

impl Letter<'_> {
    /// The letter as a page.
    pub(crate) fn html(&self) -> String {
        let parts = [
            self.searched(),
            self.list(),
            self.removed(),
            self.rights(),
            self.check(),
        ];
        page("Your call recordings", &parts.concat())
    }

    /// What was asked, where it was looked for, and whether all of it was seen. // S0-40
    fn searched(&self) -> String {
        let local = &self.search.local;
        let places = match self.search.sources.len() {
            1 => "one recording system".to_owned(),
            number => format!("{number} recording systems"),
        };
        let coverage = if self.search.is_complete() {
            "Everything that the account we search with may see was searched."
        } else {
            "Part of it could not be searched: there may be calls that are not on this list."
        };
        format!(
            "<p>Reference {case}. You asked on {received} for the recordings of your calls ({provision}); this \
             answer was made on {today}{turnaround}.</p>\n\
             <p>We searched {places} for calls from {start} until before {end} ({zone}). {coverage}{limits}{newest}</p>\n",
            case = escape(&self.case.id),
            received = escape(&self.case.received_on),
            provision = close_case::provision(self.case),
            today = self.today,
            turnaround = self.turnaround(),
            start = escape(&local.start.replace('T', " ")),
            end = escape(&local.end.replace('T', " ")),
            zone = escape(&local.zone),
            limits = self.limits(),
            newest = self.newest(),
        )
    }

    /// Where nobody could look. // S0-40
    fn limits(&self) -> &'static str {
        match self.search.limitations() {
            0 => "",
            _ => {
                " A directory of contacts could not be searched; calls that only an entry there leads to may be missing."
            }
        }
    }

    /// What may have been too new to be found. // S0-40
    fn newest(&self) -> String {
        match self.search.unsettled_from() {
            Some(from) => format!(
                " Calls after {} may not have been in the index of the recording system yet.",
                local_text(from, self.zone)
            ),
            None => String::new(),
        }
    }

    /// `, 4 days later`. // S0-03
    fn turnaround(&self) -> String {
        match days_since(&self.case.received_on, self.today) {
            Some(1) => ", 1 day later".to_owned(),
            Some(days) if days > 1 => format!(", {days} days later"),
            _ => String::new(),
        }
    }

    fn list(&self) -> String {
        if self.calls.is_empty() {
            return "<p>No call of yours was found.</p>\n".to_owned();
        }
        let rows: String = self.calls.iter().map(|call| self.row(call)).collect();
        format!(
            "<p>These are all calls that the search found, with what became of each.</p>\n\
             <table><tr><th>Call</th><th>Start ({zone})</th><th>Result</th></tr>\n{rows}</table>\n",
            zone = escape(self.zone.iana_name().unwrap_or("UTC")),
        )
    }

    fn row(&self, call: &CallRow) -> String {
        format!(
            "<tr><td>{}</td><td>{}</td><td>{}</td></tr>\n",
            call.number,
            self.start(call),
            escape(&result(call))
        )
    }

    /// When a call was, unless it is somebody else's.
    fn start(&self, call: &CallRow) -> String {
        if is_disclosed(call) {
            local_text(call.start_utc, self.zone)
        } else {
            "–".to_owned()
        }
    }

    /// The reasons that occur in this package, with how often. // R-10
    fn removed(&self) -> String {
        let mut reasons: BTreeMap<&str, usize> = BTreeMap::new();
        let spans = self.schedule.iter().flat_map(|file| &file.spans);
        for span in spans.filter(|span| span.decision == "redact") {
            *reasons
                .entry(span.reason.as_deref().unwrap_or_default())
                .or_default() += 1;
        }
        if self.schedule.is_empty() {
            return String::new();
        }
        if reasons.is_empty() {
            return "<p>Nothing was removed from the recordings.</p>\n".to_owned();
        }
        let items: String = reasons
            .iter()
            .filter_map(|(name, count)| Some((SpanReason::from_name(name)?, count)))
            .map(|(reason, count)| format!("<li>{}: {count}</li>\n", reason.words()))
            .collect();
        format!(
            "<p>Places of the recordings were made inaudible, and left out of the transcripts, for \
             these reasons:</p>\n<ul>\n{items}</ul>\n\
             <p><code>redaction/redaction-log.json</code> lists every such place with its time, its \
             kind and the reason. The rest of each recording is unchanged.</p>\n"
        )
    }

    fn rights(&self) -> String {
        let authority = match Law::from_name(&self.case.law) {
            Some(Law::Ccpa) => {
                "the California Privacy Protection Agency or the California Attorney General"
            }
            Some(Law::EuGdpr | Law::UkGdpr) | None => {
                "your data protection authority, and you can go to court"
            }
        };
        format!(
            "<p>If you think that something is missing or was removed wrongly, tell us, quoting the \
             reference. You can also complain to {authority}.</p>\n"
        )
    }

    fn check(&self) -> String {
        "<p>To check that nothing was changed after sealing, and by whom it was sealed, see \
         <code>readme.txt</code> beside this letter.</p>"
            .to_owned()
    }
}

/// What became of a call, in words for the data subject: no names of our systems, no error texts. // S0-91
fn result(call: &CallRow) -> String {
    let (state, detail) = call.end_state.clone().unwrap_or_default();
    match state.as_str() {
        "retrieved" if call.redacted.is_some() => format!("recordings/{}", audio_name(call)),
        "purged" => "not included: the recording system no longer has it".to_owned(),
        "corrupted" => "not included: what the recording system has of it is damaged".to_owned(),
        "unsupported" => "not included: it is stored in a format we cannot process".to_owned(),
        "withheld" => format!("withheld: {}", detail.unwrap_or_default()),
        "duplicate" => "the same call as another one of this list".to_owned(),
        "unavailable" => {
            "not included: it could not be obtained from the recording system".to_owned()
        }
        _ => "not included".to_owned(),
    }
}

/// Days from the receipt until a date. // S0-03
pub(crate) fn days_since(received_on: &str, date: Date) -> Option<i32> {
    let received: Date = received_on.parse().ok()?;
    received.until(date).ok().map(|span| span.get_days())
}
