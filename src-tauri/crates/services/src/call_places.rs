//! Where a call lies, and what the places had that did not have it. // S1-22, S1-44

use domain::recording::EndState;
use store::rows::{CallRow, PlaceRow};

/// A place that does not have the call, and what it has instead.
pub(crate) struct Missed {
    pub(crate) source: String,
    pub(crate) client_id: String,
    pub(crate) ended: Ended,
}

/// Why a recording cannot be had.
pub(crate) struct Ended {
    pub(crate) end_state: EndState,
    /// Whether its source can bring it out of an archive.
    pub(crate) in_archive: bool,
}

impl From<EndState> for Ended {
    fn from(end_state: EndState) -> Self {
        Self {
            end_state,
            in_archive: false,
        }
    }
}

/// The call as each of its places has it, the preferred one first.
pub(crate) fn at_each_place(call: &CallRow) -> Vec<CallRow> {
    let here = PlaceRow {
        source: call.source.clone(),
        conversation: call.conversation.clone(),
        recording: call.recording.clone(),
        communication: call.communication.clone(),
    };
    let places: Vec<_> = std::iter::once(here)
        .chain(call.also_at.iter().cloned())
        .collect();
    let at = |position: usize| {
        let mut others = places.clone();
        let mut call = call.clone();
        move_to(&mut call, others.remove(position), others);
        call
    };
    (0..places.len()).map(at).collect()
}

fn move_to(call: &mut CallRow, place: PlaceRow, others: Vec<PlaceRow>) {
    call.source = place.source;
    call.conversation = place.conversation;
    call.recording = place.recording;
    call.communication = place.communication;
    call.also_at = others;
}

/// How much hope an end leaves; gone is only what is gone everywhere.
pub(crate) fn hope(missed: &Missed) -> u8 {
    match missed.ended.end_state {
        EndState::Unavailable { .. } => 3,
        EndState::Corrupted { .. } => 2,
        EndState::Unsupported { .. } => 1,
        EndState::Retrieved
        | EndState::Purged
        | EndState::Withheld { .. }
        | EndState::Duplicate => 0,
    }
}

/// Where the call was asked for before, `genesys purged`.
pub(crate) fn missed_at(missed: &[Missed]) -> String {
    let names = missed
        .iter()
        .map(|it| format!("{} {}", it.source, it.ended.end_state.name()));
    names.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn missed(end_state: EndState) -> Missed {
        Missed {
            source: end_state.name().to_owned(),
            client_id: String::new(),
            ended: end_state.into(),
        }
    }

    /// A call is gone only when it is gone everywhere.
    #[test]
    fn an_end_that_can_change_outweighs_one_that_cannot() {
        let reason = || "why".to_owned();
        let ends = [
            EndState::Purged,
            EndState::Unsupported { codec: reason() },
            EndState::Corrupted { reason: reason() },
            EndState::Unavailable { reason: reason() },
        ];
        let hopes: Vec<_> = ends.into_iter().map(|it| hope(&missed(it))).collect();
        assert!(hopes.is_sorted_by(|a, b| a < b), "{hopes:?}");
    }

    #[test]
    fn a_call_is_asked_for_at_every_place_and_remembers_the_others() {
        let place = |source: &str| PlaceRow {
            source: source.to_owned(),
            conversation: "c".to_owned(),
            recording: "r".to_owned(),
            communication: None,
        };
        let call = CallRow {
            source: "one".to_owned(),
            also_at: vec![place("two"), place("three")],
            ..CallRow::default()
        };
        let names = |call: &CallRow| {
            let others = call.also_at.iter().map(|it| it.source.clone());
            (call.source.clone(), others.collect::<Vec<_>>().join(" "))
        };
        let asked: Vec<_> = at_each_place(&call).iter().map(names).collect();
        let expected = [
            ("one", "two three"),
            ("two", "one three"),
            ("three", "one two"),
        ];
        assert_eq!(asked, expected.map(|(a, b)| (a.to_owned(), b.to_owned())));
    }
}
