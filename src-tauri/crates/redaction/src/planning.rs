//! Detections and policy make a plan: which milliseconds go, which stay, which a person decides.
//!
//! Order: decide, place, pad, join, round, clamp. Kept spans have the exact edges of their words;
//! replaced ones are padded, because word times are up to a quarter of a second off, and rounded,
//! because the length of a gap says how many digits were spoken.

use domain::{
    detection::{Detection, SpanDecision},
    entity::Owner,
    ids::SpanId,
    plan::{RedactionPlan, RedactionSpan, RedactionStyle, SpanOrigin},
    policy::Policy,
    transcript::Transcript,
};

use crate::{detect::ENGINE, wav::WavInfo};

/// Added before the first word: recognizers begin words up to 127 ms late (measured).
pub const PAD_BEFORE_MS: u64 = 150;
/// Added after the last word: recognizers end words up to 148 ms early, and tails carry (measured).
pub const PAD_AFTER_MS: u64 = 250;
/// Padding that even the nearness of kept words does not shorten.
pub const MIN_PAD_MS: u64 = 80;
/// Replaced spans of the same item nearer than this become one: the rhythm of groups tells much.
pub const JOIN_GAP_MS: u64 = 700;
/// Lengths are rounded up to a multiple of this.
pub const LENGTH_STEP_MS: u64 = 250;
/// Recognizers round; a word may end this much after the audio and is still inside it.
const END_TOLERANCE_MS: u64 = 100;
/// How far a word without length may reach to its neighbor.
const MAX_NEIGHBOR_MS: u64 = 500;

/// Length and channels of the audio that a plan is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AudioShape {
    /// Length in milliseconds, rounded up.
    pub duration_ms: u64,
    /// Number of channels.
    pub channels: u16,
}

impl From<&WavInfo> for AudioShape {
    fn from(info: &WavInfo) -> Self {
        Self {
            duration_ms: info.duration_ms(),
            channels: info.channels,
        }
    }
}

/// Makes the plan. Spans replace all channels; narrowing one to a channel takes a check. // B10
///
/// Detections that [`unplaced`] names are not in the plan and must block finishing.
pub fn plan(
    detections: &[Detection],
    transcript: &Transcript,
    policy: &Policy,
    shape: AudioShape,
    style: RedactionStyle,
) -> RedactionPlan {
    let placed = detections
        .iter()
        .filter(|it| !is_unplaced(it, transcript, shape));
    let mut spans: Vec<Draft> = placed
        .filter_map(|it| {
            let mut draft = Draft::new(it, transcript, policy.decide(it)?, shape);
            draft.always_removed = policy.always_removed(it.entity);
            Some(draft)
        })
        .collect();
    spans.sort_by(|a, b| {
        a.key()
            .cmp(&b.key())
            .then(b.span.score.total_cmp(&a.span.score))
    });
    let kept: Vec<(u64, u64)> = kept_ranges(&spans);
    for draft in &mut spans {
        draft.pad(&kept, shape);
    }
    let mut spans = joined(spans);
    for draft in &mut spans {
        draft.round_length(&kept, shape);
    }
    RedactionPlan {
        policy: policy.name.to_owned(),
        style,
        duration_ms: shape.duration_ms,
        spans: numbered(spans),
        engine: ENGINE.to_owned(),
    }
}

/// Detections that the policy acts on but that have no place in the audio. They block finishing.
pub fn unplaced<'a>(
    detections: &'a [Detection],
    transcript: &Transcript,
    policy: &Policy,
    shape: AudioShape,
) -> Vec<&'a Detection> {
    let acted_on = detections.iter().filter(|it| policy.decide(it).is_some());
    acted_on
        .filter(|it| is_unplaced(it, transcript, shape))
        .collect()
}

fn is_unplaced(detection: &Detection, transcript: &Transcript, shape: AudioShape) -> bool {
    let (start, end) = word_edges(detection, transcript);
    start >= end || start >= shape.duration_ms || end > shape.duration_ms + END_TOLERANCE_MS
}

/// First and last moment of the words; a word without length reaches to its neighbors on its side.
fn word_edges(detection: &Detection, transcript: &Transcript) -> (u64, u64) {
    let (mut start, mut end) = (detection.start_ms, detection.end_ms);
    let word = |at: Option<&usize>| at.and_then(|&at| Some((at, transcript.words.get(at)?)));
    let Some((first, first_word)) = word(detection.words.first()) else {
        return (start, end);
    };
    let Some((last, last_word)) = word(detection.words.last()) else {
        return (start, end);
    };
    if start >= end {
        // All its words lack length: nothing says where they are.
        return (start, end);
    }
    if first_word.start_ms >= first_word.end_ms {
        let before = transcript
            .words
            .iter()
            .take(first)
            .rev()
            .find(|it| it.channel == first_word.channel);
        let edge = before.map_or(0, |it| it.end_ms).min(start);
        start = edge.max(start.saturating_sub(MAX_NEIGHBOR_MS));
    }
    if last_word.start_ms >= last_word.end_ms {
        let after = transcript
            .words
            .iter()
            .skip(last + 1)
            .find(|it| it.channel == last_word.channel);
        let edge = after.map_or(u64::MAX, |it| it.start_ms).max(end);
        end = edge.min(end + MAX_NEIGHBOR_MS);
    }
    (start, end)
}

/// A span on its way into the plan.
struct Draft {
    span: RedactionSpan,
    owners_differ: bool,
    /// Whether the kind that names it is removed from every copy.
    always_removed: bool,
}

impl Draft {
    fn new(
        detection: &Detection,
        transcript: &Transcript,
        decision: SpanDecision,
        shape: AudioShape,
    ) -> Self {
        let (start, end) = word_edges(detection, transcript);
        let end = end.min(shape.duration_ms);
        let span = RedactionSpan {
            id: span_id(0),
            start_ms: start,
            end_ms: end,
            raw_start_ms: start,
            raw_end_ms: end,
            channel: None,
            spoken_on: detection.channel,
            entity: detection.entity,
            score: detection.score,
            recognizer: detection.recognizer.to_owned(),
            owner: detection.owner,
            decision,
            explanation: detection.explanation.clone(),
            words: detection.words.clone(),
            origin: SpanOrigin::Detected,
        };
        Self {
            span,
            owners_differ: false,
            always_removed: false,
        }
    }

    fn key(&self) -> (u64, u64, &'static str) {
        (
            self.span.raw_start_ms,
            self.span.raw_end_ms,
            self.span.entity.name(),
        )
    }

    fn pad(&mut self, kept: &[(u64, u64)], shape: AudioShape) {
        let span = &mut self.span;
        if !span.is_replaced() {
            return;
        }
        let (start, end) = (span.raw_start_ms, span.raw_end_ms);
        let kept_before = kept
            .iter()
            .filter(|it| it.1 <= start)
            .map(|it| it.1)
            .max()
            .unwrap_or(0);
        let kept_after = kept
            .iter()
            .filter(|it| it.0 >= end)
            .map(|it| it.0)
            .min()
            .unwrap_or(u64::MAX);
        let wish = start.saturating_sub(PAD_BEFORE_MS).max(kept_before);
        span.start_ms = wish.min(start.saturating_sub(MIN_PAD_MS));
        let wish = (end + PAD_AFTER_MS).min(kept_after);
        span.end_ms = wish.max(end + MIN_PAD_MS).min(shape.duration_ms);
    }

    /// Whether `next`, which starts later, is part of the same removal.
    fn takes(&self, next: &Self) -> bool {
        let (a, b) = (&self.span, &next.span);
        if a.decision != b.decision {
            return false;
        }
        let overlap = b.raw_start_ms < a.raw_end_ms;
        let same_item = a.entity == b.entity && a.owner == b.owner;
        let near = b.start_ms < a.end_ms.saturating_add(JOIN_GAP_MS);
        overlap || (same_item && near && a.is_replaced())
    }

    fn absorb(&mut self, next: Self) {
        let (a, b) = (&mut self.span, next.span);
        self.owners_differ |= next.owners_differ || a.owner != b.owner;
        a.start_ms = a.start_ms.min(b.start_ms);
        a.end_ms = a.end_ms.max(b.end_ms);
        a.raw_start_ms = a.raw_start_ms.min(b.raw_start_ms);
        a.raw_end_ms = a.raw_end_ms.max(b.raw_end_ms);
        a.spoken_on = a.spoken_on.filter(|_| a.spoken_on == b.spoken_on);
        // What must never be disclosed names the span, however weak: a reviewer goes by the name. // R-28
        let names = match (self.always_removed, next.always_removed) {
            (false, true) => true,
            (true, false) => false,
            _ => b.score > a.score,
        };
        self.always_removed |= next.always_removed;
        if names {
            (a.score, a.entity, a.recognizer, a.owner) = (b.score, b.entity, b.recognizer, b.owner);
        }
        for reason in b.explanation {
            if !a.explanation.contains(&reason) {
                a.explanation.push(reason);
            }
        }
        a.words.extend(b.words);
        a.words.sort_unstable();
        a.words.dedup();
    }

    /// Grows to a multiple of [`LENGTH_STEP_MS`], later if possible, else earlier, else not.
    fn round_length(&mut self, kept: &[(u64, u64)], shape: AudioShape) {
        let span = &mut self.span;
        if self.owners_differ {
            span.owner = Owner::Unknown;
        }
        if !span.is_replaced() {
            return;
        }
        let missing = (span.end_ms - span.start_ms).next_multiple_of(LENGTH_STEP_MS)
            - (span.end_ms - span.start_ms);
        let free = |from: u64, to: u64| !kept.iter().any(|it| it.0 < to && from < it.1);
        if span.end_ms + missing <= shape.duration_ms && free(span.end_ms, span.end_ms + missing) {
            span.end_ms += missing;
        } else if missing <= span.start_ms && free(span.start_ms - missing, span.start_ms) {
            span.start_ms -= missing;
        }
    }
}

/// Joins what belongs together; kept and replaced spans never join.
fn joined(drafts: Vec<Draft>) -> Vec<Draft> {
    let mut joined: Vec<Draft> = Vec::with_capacity(drafts.len());
    for next in drafts {
        // Nearly sorted, so the span it belongs to is among the last few.
        match joined
            .iter_mut()
            .rev()
            .take(JOIN_WINDOW)
            .find(|it| it.takes(&next))
        {
            Some(earlier) => earlier.absorb(next),
            None => joined.push(next),
        }
    }
    joined
}

/// Spans looked back at when joining; bounds the work for any number of detections.
const JOIN_WINDOW: usize = 16;

fn kept_ranges(drafts: &[Draft]) -> Vec<(u64, u64)> {
    let kept = drafts.iter().filter(|draft| !draft.span.is_replaced());
    kept.map(|draft| (draft.span.raw_start_ms, draft.span.raw_end_ms))
        .collect()
}

fn numbered(drafts: Vec<Draft>) -> Vec<RedactionSpan> {
    let mut spans: Vec<_> = drafts.into_iter().map(|draft| draft.span).collect();
    spans.sort_by_key(|span| (span.start_ms, span.end_ms));
    for (number, span) in (1..).zip(&mut spans) {
        span.id = span_id(number);
    }
    spans
}

fn span_id(number: usize) -> SpanId {
    SpanId::new(format!("s{number:03}")).expect("short and printable")
}
