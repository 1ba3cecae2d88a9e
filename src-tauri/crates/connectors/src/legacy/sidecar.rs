//! Recordings with a JSON file beside each, whatever they lie on: a disk or a bucket.
//!
//! The id of such a recording is the place of its JSON file without the ending, so that it is found again.

use domain::{
    ids::{ConversationId, RecordingId, SourceId},
    search::{FoundRecording, SearchCriteria, SourceResult},
    sensitive::PersonalData,
};
use jiff::tz::TimeZone;
use serde_json::Value;

use super::{entry::Entry, fields::FieldMap, place::place_id, seen};
use crate::source::SourceHealth;

/// Ending of the file that describes a recording.
pub(super) const ENDING: &str = ".json";

/// Descriptions that are read of one archive; a larger one needs a recorder in front of it.
pub(super) const MAX_SIDECARS: usize = 200_000;

/// Largest description.
pub(super) const MAX_SIDECAR_BYTES: u64 = 1 << 20;

/// Endings of sound, in the order they are looked for.
pub(super) const SOUND_ENDINGS: [&str; 7] = ["wav", "mp3", "ogg", "opus", "webm", "g729", "gsm"];

/// How descriptions are read.
pub(super) struct Reading<'a> {
    pub(super) source: &'a SourceId,
    pub(super) fields: &'a FieldMap,
    pub(super) zone: &'a TimeZone,
}

/// What was read so far.
#[derive(Default)]
pub(super) struct Sidecars {
    found: Vec<FoundRecording>,
    unreadable: u64,
    pub(super) gaps: Vec<String>,
    pub(super) answers: u32,
}

impl Reading<'_> {
    /// The description of a recording; `place` is where its file is, without the ending.
    pub(super) fn entry(&self, place: &str, bytes: &[u8]) -> Option<Entry> {
        let value: Value = serde_json::from_slice(bytes).ok()?;
        let mut entry = Entry::read_as(&value, self.fields, self.zone, place)?;
        if self.fields.call.is_none() {
            entry.call = ConversationId::new(place).ok()?;
        }
        Some(entry)
    }

    /// Looks at one file and keeps it when it is the data subject's.
    pub(super) fn look_at(
        &self,
        sidecars: &mut Sidecars,
        criteria: &SearchCriteria,
        place: &str,
        bytes: Option<&[u8]>,
    ) {
        match bytes.and_then(|bytes| self.entry(place, bytes)) {
            Some(entry) => {
                let home = self.fields.home.as_ref();
                sidecars
                    .found
                    .extend(entry.found(self.source, criteria, home));
            }
            None => sidecars.unreadable += 1,
        }
    }
}

impl Sidecars {
    pub(super) fn into_result(mut self, source: SourceId, asked: String) -> SourceResult {
        if self.unreadable > 0 {
            let unreadable = self.unreadable;
            self.gaps
                .push(format!("{unreadable} descriptions could not be read"));
        }
        let queries = vec![PersonalData::new(asked)];
        seen::result(source, self.found, self.gaps, self.answers, queries)
    }
}

/// What there is to say about the archive at an address.
pub(super) fn health(source: &SourceId, name: &str, address: &[&str]) -> SourceHealth {
    SourceHealth {
        organization: name.to_owned(),
        organization_id: place_id(source, address),
        region: String::new(),
        divisions: Vec::new(),
        granted: Vec::new(),
        missing: Vec::new(),
        excess: Vec::new(),
        person: None,
        token_lifetime_s: 0,
        encryption_at_rest: None,
    }
}

/// Places of sound that go with a description: the one it names, or one beside it.
pub(super) fn sound_places(recording: &RecordingId, entry: &Entry) -> Vec<String> {
    let place = recording.as_str();
    if let Some(named) = &entry.media {
        let folder = place.rsplit_once('/').map_or("", |(folder, _)| folder);
        let separator = if folder.is_empty() { "" } else { "/" };
        return vec![format!("{folder}{separator}{named}")];
    }
    let stem = place.strip_suffix("_metadata").unwrap_or(place);
    SOUND_ENDINGS
        .map(|ending| format!("{stem}.{ending}"))
        .to_vec()
}

/// Whether a place stays below where it began: no part goes up or starts anew.
pub(super) fn is_inside(place: &str) -> bool {
    let part_is_plain =
        |part: &str| !matches!(part, "" | "." | "..") && !part.contains(['\\', ':']);
    !place.is_empty() && place.split('/').all(part_is_plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_that_leave_the_archive_are_known() {
        for good in ["a", "2025/10/call-1", "a b/c.wav"] {
            assert!(is_inside(good), "{good}");
        }
        for bad in [
            "", "/a", "../a", "a/../b", "a//b", "a/.", "c:/a", "a\\..\\b",
        ] {
            assert!(!is_inside(bad), "{bad}");
        }
    }
}
