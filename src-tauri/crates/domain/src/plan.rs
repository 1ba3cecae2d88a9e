//! The redaction plan: one span model drives audio, transcript, captions and schedule.

use crate::{
    detection::SpanDecision,
    entity::{EntityKind, Owner},
    ids::SpanId,
};

/// How a span is replaced. Nothing of the original is ever mixed in. // S0-47
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RedactionStyle {
    /// Seeded noise that anybody can regenerate; the default.
    Noise,
    /// Digital silence.
    Silence,
    /// A 1 kHz tone.
    Tone,
}

impl RedactionStyle {
    /// The stable name in files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Noise => "noise",
            Self::Silence => "silence",
            Self::Tone => "bleep",
        }
    }

    /// The style with this stable name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Noise, Self::Silence, Self::Tone]
            .into_iter()
            .find(|it| it.name() == name)
    }
}

/// Where a span comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SpanOrigin {
    /// Found by a recognizer.
    Detected,
    /// Marked by a reviewer.
    Manual,
}

/// A time range with a decision. Edges are padded; the raw word edges are kept beside them.
#[derive(Debug, Clone, PartialEq)]
pub struct RedactionSpan {
    /// Stable within the plan.
    pub id: SpanId,
    /// Padded start on the audio time line, in milliseconds.
    pub start_ms: u64,
    /// Padded end, exclusive.
    pub end_ms: u64,
    /// Start of the first covered word.
    pub raw_start_ms: u64,
    /// End of the last covered word, exclusive.
    pub raw_end_ms: u64,
    /// Channel to replace; `None` replaces all channels, which is the default. // B10
    pub channel: Option<u8>,
    /// Channel on which the words were spoken, if known; for display, never for rendering.
    pub spoken_on: Option<u8>,
    /// The kind that names the span: the highest score wins.
    pub entity: EntityKind,
    /// Highest score of the detections behind it, 0.0 to 1.0.
    pub score: f32,
    /// The recognizer of the naming detection, or `manual`.
    pub recognizer: String,
    /// Whose data it is.
    pub owner: Owner,
    /// What happens to it.
    pub decision: SpanDecision,
    /// Why it was found; never the content.
    pub explanation: Vec<String>,
    /// Indexes of the covered transcript words, ascending.
    pub words: Vec<usize>,
    /// Where it comes from.
    pub origin: SpanOrigin,
}

impl RedactionSpan {
    /// Whether the audio is replaced: decided so, or not decided yet. Fails closed.
    pub fn is_replaced(&self) -> bool {
        match self.decision {
            SpanDecision::Redact | SpanDecision::Review => true,
            SpanDecision::Keep => false,
        }
    }
}

/// All spans of one recording; rendering is a pure function of original, plan and seeds.
#[derive(Debug, Clone, PartialEq)]
pub struct RedactionPlan {
    /// Name of the policy that made the decisions.
    pub policy: String,
    /// How spans are replaced.
    pub style: RedactionStyle,
    /// Length of the audio, in milliseconds; no span reaches past it.
    pub duration_ms: u64,
    /// The spans, ordered by start, then end.
    pub spans: Vec<RedactionSpan>,
    /// Name and version of the detector, for the record.
    pub engine: String,
}

impl RedactionPlan {
    /// Spans that still wait for a person.
    pub fn open_spans(&self) -> impl Iterator<Item = &RedactionSpan> {
        self.spans
            .iter()
            .filter(|span| span.decision == SpanDecision::Review)
    }

    /// The span with this id.
    pub fn span(&self, id: &SpanId) -> Option<&RedactionSpan> {
        self.spans.iter().find(|span| &span.id == id)
    }

    /// The ranges to replace on `channel`, in milliseconds, ordered and without overlap.
    pub fn replaced_ranges(&self, channel: u8) -> Vec<(u64, u64)> {
        let ranges = self
            .spans
            .iter()
            .filter(|span| span.is_replaced())
            .filter(|span| span.channel.is_none_or(|only| only == channel))
            .map(|span| (span.start_ms, span.end_ms.min(self.duration_ms)))
            .filter(|(start, end)| start < end)
            .collect();
        merge_ranges(ranges)
    }
}

/// Orders half-open ranges and joins those that touch or overlap.
pub fn merge_ranges(mut ranges: Vec<(u64, u64)>) -> Vec<(u64, u64)> {
    ranges.sort_unstable();
    let mut merged: Vec<(u64, u64)> = Vec::with_capacity(ranges.len());
    for (start, end) in ranges {
        match merged.last_mut() {
            Some(last) if start <= last.1 => last.1 = last.1.max(end),
            _ => merged.push((start, end)),
        }
    }
    merged
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn merged_ranges_cover_the_same_points_and_do_not_touch(
            ranges in proptest::collection::vec((0_u64..200, 1_u64..30), 0..20)
        ) {
            let ranges: Vec<_> = ranges.into_iter().map(|(start, len)| (start, start + len)).collect();
            let merged = merge_ranges(ranges.clone());
            for point in 0..240 {
                let inside = |list: &[(u64, u64)]| list.iter().any(|r| r.0 <= point && point < r.1);
                prop_assert_eq!(inside(&ranges), inside(&merged));
            }
            for pair in merged.windows(2) {
                prop_assert!(pair[0].1 < pair[1].0);
            }
        }
    }
}
