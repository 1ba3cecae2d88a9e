//! Calls that two sources have: one result, and every place where it lies. // S1-13, S1-22

use std::collections::BTreeSet;

use domain::{
    recording::MediaState,
    search::{FoundRecording, SourceResult},
};
use jiff::Timestamp;

/// Digits that are compared; a shorter number is an extension.
const MIN_DIGITS: usize = 8;

/// Clocks of two systems differ, and each rounds in its own way.
const SAME_INSTANT_MS: i64 = 2_000;

/// A call, and where it lies.
#[derive(Debug, Clone, PartialEq)]
pub struct Located {
    /// The recording to fetch.
    pub chosen: FoundRecording,
    /// The same call in other sources, in their order.
    pub also_at: Vec<FoundRecording>,
    /// Calls of other sources, earlier in the list, that may be this one: they start and end together, and nothing else on record
    /// says whether they are. A person decides.
    pub maybe: Vec<FoundRecording>,
}

impl Located {
    /// All places, the chosen one first: when one fails, the next is asked before anything is called lost. // S1-44
    pub fn places(&self) -> impl Iterator<Item = &FoundRecording> {
        std::iter::once(&self.chosen).chain(&self.also_at)
    }
}

/// Puts the answers of several sources together; earlier sources are preferred where both have the media.
///
/// The answers must be about one data subject: one person is on one call at a time, which is what makes two
/// recordings with the same start and end the same call. Recordings of one source are never put together.
/// An id alone makes nothing the same: a transferred call has a recording for each leg, and counters of two
/// recorders meet. Nor does the time alone, where neither has a number on record. When in doubt both stay on the
/// list, and say so.
pub fn each_call_once(results: &[SourceResult]) -> Vec<Located> {
    let mut calls: Vec<Located> = Vec::new();
    for result in results {
        // What an earlier answer of the same loop added cannot be from this source.
        let known = calls.len();
        for found in &result.found {
            let earlier = calls.iter_mut().take(known);
            let same = earlier
                .filter(|call| call.places().all(|place| place.source != found.source))
                .filter(|call| call.has(found))
                .min_by_key(|call| distance_ms(&call.chosen, found));
            match same {
                Some(call) => call.add(found.clone()),
                None => calls.push(Located {
                    chosen: found.clone(),
                    also_at: Vec::new(),
                    maybe: Vec::new(),
                }),
            }
        }
    }
    calls.sort_by(|a, b| order(&a.chosen).cmp(&order(&b.chosen)));
    note_questions(&mut calls);
    calls
}

/// Notes on each call which earlier ones of the list may be the same. The list is in the order of time.
fn note_questions(calls: &mut [Located]) {
    for index in 1..calls.len() {
        let (before, rest) = calls.split_at_mut(index);
        let Some(call) = rest.first_mut() else { return };
        let is_near =
            |it: &&Located| apart_ms(it.chosen.start_utc, call.chosen.start_utc) <= SAME_INSTANT_MS;
        let near = before.iter().rev().take_while(is_near);
        let like = near.filter(|it| {
            it.chosen.source != call.chosen.source
                && Likeness::of(&it.chosen, &call.chosen) == Likeness::Maybe
        });
        call.maybe = like.map(|it| it.chosen.clone()).collect();
    }
}

impl Located {
    fn has(&self, found: &FoundRecording) -> bool {
        self.places()
            .any(|place| Likeness::of(place, found) == Likeness::Same)
    }

    /// An available copy outweighs an unavailable one; else the earlier source stays. // S1-44
    fn add(&mut self, found: FoundRecording) {
        if rank(&found) < rank(&self.chosen) {
            let old = std::mem::replace(&mut self.chosen, found);
            self.also_at.insert(0, old);
        } else {
            self.also_at.push(found);
        }
    }
}

fn order(found: &FoundRecording) -> (Timestamp, &str, &str, &str) {
    let (conversation, recording) = (found.conversation.as_str(), found.recording.as_str());
    (
        found.start_utc,
        found.source.as_str(),
        conversation,
        recording,
    )
}

/// How soon the media can be had.
const fn rank(found: &FoundRecording) -> u8 {
    match found.media_state {
        MediaState::Available => 0,
        MediaState::Pending => 1,
        MediaState::Archived => 2,
        MediaState::Faulty => 3,
        MediaState::Deleted => 4,
    }
}

/// Whether two recordings are of one call.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Likeness {
    Same,
    Maybe,
    Other,
}

impl Likeness {
    fn of(a: &FoundRecording, b: &FoundRecording) -> Self {
        let near = |a: Timestamp, b: Timestamp| apart_ms(a, b) <= SAME_INSTANT_MS;
        let is_one_id = a.conversation == b.conversation;
        let starts_together = near(a.start_utc, b.start_utc);
        match a.end_utc.zip(b.end_utc) {
            Some((a_end, b_end)) if starts_together && near(a_end, b_end) => match is_one_id {
                true => Self::Same,
                false => Self::by_numbers(&numbers(a), &numbers(b)),
            },
            Some(_) if starts_together => Self::Other,
            Some((a_end, b_end)) => {
                let covers = covers_most((a.start_utc, a_end), (b.start_utc, b_end));
                Self::same_if(is_one_id && covers)
            }
            None => Self::same_if(is_one_id && starts_together),
        }
    }

    /// What the numbers on two calls of the same time say. They are two when each has a number that the other
    /// lacks: both may name the number that was called, so sharing one is not enough. No number says nothing.
    fn by_numbers(a: &BTreeSet<String>, b: &BTreeSet<String>) -> Self {
        match (
            a.is_empty() && b.is_empty(),
            a.is_subset(b) || b.is_subset(a),
        ) {
            (true, _) => Self::Maybe,
            (false, true) => Self::Same,
            (false, false) => Self::Other,
        }
    }

    const fn same_if(is_same: bool) -> Self {
        if is_same { Self::Same } else { Self::Other }
    }
}

/// The numbers on a call by their last digits, which are the same in national and international form.
fn numbers(found: &FoundRecording) -> BTreeSet<String> {
    let addresses = found.participants.iter().flat_map(|it| &it.addresses);
    let digits = addresses.map(|it| it.reveal().chars().filter(char::is_ascii_digit).collect());
    let outside = digits.filter(|digits: &String| digits.len() >= MIN_DIGITS);
    outside
        .map(|digits| digits[digits.len() - MIN_DIGITS..].to_owned())
        .collect()
}

/// Whether what two stretches share is most of what they cover together.
fn covers_most(a: (Timestamp, Timestamp), b: (Timestamp, Timestamp)) -> bool {
    let ms = Timestamp::as_millisecond;
    let shared = ms(a.1.min(b.1)) - ms(a.0.max(b.0));
    let together = ms(a.1.max(b.1)) - ms(a.0.min(b.0));
    shared > 0 && shared * 10 >= together * 8
}

/// How far two recordings are apart, at their starts and ends.
fn distance_ms(a: &FoundRecording, b: &FoundRecording) -> i64 {
    let ends = a.end_utc.zip(b.end_utc);
    apart_ms(a.start_utc, b.start_utc) + ends.map_or(0, |(a, b)| apart_ms(a, b))
}

fn apart_ms(a: Timestamp, b: Timestamp) -> i64 {
    (a.as_millisecond() - b.as_millisecond()).abs()
}

#[cfg(test)]
mod tests {
    use domain::{
        ids::{ConversationId, RecordingId, SourceId},
        search::{Coverage, FoundParticipant},
        sensitive::PersonalData,
    };

    use super::*;

    fn found(source: &str, call: &str, start_s: i64, state: MediaState) -> FoundRecording {
        let at = |second| jiff::Timestamp::from_second(second).unwrap();
        FoundRecording {
            source: SourceId::new(source).unwrap(),
            conversation: ConversationId::new(call).unwrap(),
            recording: RecordingId::new(format!("r-{call}")).unwrap(),
            communication: None,
            start_utc: at(start_s),
            end_utc: Some(at(start_s + 60)),
            agents: Vec::new(),
            participants: Vec::new(),
            queues: Vec::new(),
            media_state: state,
            retention_ends_utc: None,
            region: None,
            matched_by: vec!["phone"],
        }
    }

    /// With a number on record.
    fn numbered(source: &str, call: &str, start_s: i64, state: MediaState) -> FoundRecording {
        let address = PersonalData::new("+447700900123".to_owned());
        FoundRecording {
            participants: vec![FoundParticipant {
                addresses: vec![address],
                ..FoundParticipant::default()
            }],
            ..found(source, call, start_s, state)
        }
    }

    fn answer(found: Vec<FoundRecording>) -> SourceResult {
        SourceResult {
            source: found[0].source.clone(),
            found,
            coverage: Coverage::Complete,
            queries: Vec::new(),
            index_complete_until_utc: None,
            divisions: Vec::new(),
        }
    }

    fn shape(calls: &[Located]) -> Vec<Vec<String>> {
        let name = |it: &FoundRecording| format!("{}/{}", it.source, it.conversation);
        let places = |call: &Located| call.places().map(name).collect();
        calls.iter().map(places).collect()
    }

    #[test]
    fn a_call_in_both_is_one_result_with_both_places() {
        use MediaState::{Available, Deleted};
        let cloud = answer(vec![
            numbered("cloud", "a", 100, Available),
            numbered("cloud", "b", 500, Deleted),
            numbered("cloud", "b2", 501, Available),
        ]);
        let old = answer(vec![
            numbered("old", "x", 101, Available),
            numbered("old", "y", 499, Available),
            numbered("old", "z", 900, Available),
        ]);
        let expected = [
            vec!["cloud/a", "old/x"],
            vec!["old/y", "cloud/b"],
            vec!["cloud/b2"],
            vec!["old/z"],
        ];
        assert_eq!(
            shape(&each_call_once(&[cloud.clone(), old.clone()])),
            expected
        );
        // The other way round the old source is preferred, and the same calls are found.
        let reversed = each_call_once(&[old, cloud]);
        assert_eq!(reversed.len(), 4);
        assert_eq!(shape(&reversed)[0], ["old/x", "cloud/a"]);
    }

    #[test]
    fn the_same_id_is_the_same_call_when_the_clocks_roughly_agree() {
        let a = answer(vec![found("cloud", "a", 100, MediaState::Available)]);
        let at = |start_s| answer(vec![found("old", "a", start_s, MediaState::Available)]);
        assert_eq!(each_call_once(&[a.clone(), at(104)]).len(), 1);
        // Counters of two recorders that meet, or the next leg of a transferred call.
        assert_eq!(each_call_once(&[a.clone(), at(9_000)]).len(), 2);
        assert_eq!(each_call_once(&[a, at(160)]).len(), 2);
    }

    #[test]
    fn calls_of_the_same_time_without_any_number_are_a_question() {
        use MediaState::Available;
        let cloud = answer(vec![found("cloud", "a", 100, Available)]);
        let old = answer(vec![
            found("old", "x", 101, Available),
            found("old", "y", 300, Available),
        ]);
        let calls = each_call_once(&[cloud, old]);
        let maybe = |call: &Located| {
            call.maybe
                .iter()
                .map(|it| it.conversation.to_string())
                .collect()
        };
        let maybes: Vec<Vec<String>> = calls.iter().map(maybe).collect();
        assert_eq!(maybes, [vec![], vec!["a".to_owned()], vec![]]);
        assert!(calls.iter().all(|call| call.also_at.is_empty()));
    }

    #[test]
    fn numbers_that_differ_are_two_calls_though_both_called_the_same_line() {
        let on = |source: &str, numbers: &[&str]| {
            let address = |it: &&str| PersonalData::new((*it).to_owned());
            let mut found = found(source, source, 100, MediaState::Available);
            found.participants = vec![FoundParticipant {
                addresses: numbers.iter().map(address).collect(),
                ..FoundParticipant::default()
            }];
            answer(vec![found])
        };
        let cloud = on("cloud", &["tel:+447700900123", "tel:+442071838750"]);
        for (numbers, calls) in [
            (&["07700900123"][..], 1),
            (&["07700900123", "4711"], 1),
            (&["07700900999", "02071838750"], 2),
            (&[], 1),
        ] {
            let both = [cloud.clone(), on("old", numbers)];
            assert_eq!(each_call_once(&both).len(), calls, "{numbers:?}");
        }
    }

    #[test]
    fn legs_in_another_order_meet_their_own_copies() {
        let legs = |source: &str, starts: [i64; 2]| {
            answer(
                starts
                    .map(|it| found(source, "a", it, MediaState::Available))
                    .to_vec(),
            )
        };
        let calls = each_call_once(&[legs("cloud", [100, 101]), legs("old", [101, 100])]);
        let starts = |call: &Located| call.places().map(|it| it.start_utc.as_second()).collect();
        let starts: Vec<Vec<_>> = calls.iter().map(starts).collect();
        assert_eq!(starts, [[100, 100], [101, 101]]);
    }
}
