//! The transcript as it may be shown and delivered: cut with the same spans as the audio.
//!
//! A hidden stretch is one mark, however many words it had, and its times are the edges of the
//! replaced audio, which are rounded; so neither words nor their number nor their lengths remain.

use domain::{
    entity::EntityKind,
    plan::{RedactionPlan, RedactionSpan},
    sensitive::PersonalData,
    transcript::{Speaker, Transcript, Word},
};

/// A transcript without what the plan removes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RedactedTranscript {
    /// Turns in order of time.
    pub turns: Vec<Turn>,
}

/// What one side says until another phrase begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Turn {
    /// Who speaks.
    pub speaker: Speaker,
    /// Channel that carries the speech.
    pub channel: Option<u8>,
    /// Start in the audio.
    pub start_ms: u64,
    /// End in the audio, exclusive.
    pub end_ms: u64,
    /// What may be read, in order.
    pub pieces: Vec<Piece>,
}

/// A word or a mark.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// A word that stays.
    Text(PersonalData<String>),
    /// One hidden stretch.
    Hidden {
        /// What kind of data was there.
        entity: EntityKind,
    },
}

/// Cuts the transcript with the spans of the plan.
pub fn redact_transcript(transcript: &Transcript, plan: &RedactionPlan) -> RedactedTranscript {
    let hiding = Hiding::new(plan);
    let mut open: Vec<(TurnKey, Turn)> = Vec::new();
    let mut turns = Vec::new();
    for (at, word) in transcript.words.iter().enumerate() {
        let key = TurnKey {
            channel: word.channel,
            speaker: word.speaker,
            phrase: word.phrase,
        };
        let side = |other: &TurnKey| other.channel == key.channel && other.speaker == key.speaker;
        let mut turn = match open.iter().position(|(other, _)| side(other)) {
            Some(found) => {
                let (other, turn) = open.swap_remove(found);
                if other == key {
                    turn
                } else {
                    turns.push(turn);
                    Turn::empty(word)
                }
            }
            None => Turn::empty(word),
        };
        turn.push(word, hiding.span_over(at, word));
        open.push((key, turn));
    }
    turns.extend(open.into_iter().map(|(_, turn)| turn));
    turns.sort_by_key(|turn| (turn.start_ms, turn.channel));
    RedactedTranscript { turns }
}

#[derive(PartialEq, Eq)]
struct TurnKey {
    channel: Option<u8>,
    speaker: Speaker,
    phrase: u32,
}

impl Turn {
    fn empty(word: &Word) -> Self {
        Self {
            speaker: word.speaker,
            channel: word.channel,
            start_ms: u64::MAX,
            end_ms: 0,
            pieces: vec![],
        }
    }

    fn push(&mut self, word: &Word, span: Option<&RedactionSpan>) {
        let (start, end, piece) = match span {
            Some(span) => (
                span.start_ms,
                span.end_ms,
                Piece::Hidden {
                    entity: span.entity,
                },
            ),
            None => (word.start_ms, word.end_ms, Piece::Text(word.text.clone())),
        };
        self.start_ms = self.start_ms.min(start);
        self.end_ms = self.end_ms.max(end);
        if span.is_none() || self.pieces.last() != Some(&piece) {
            self.pieces.push(piece);
        }
    }
}

/// The replaced spans, ready to be asked about words in order of time.
struct Hiding<'a> {
    spans: Vec<&'a RedactionSpan>,
    /// Highest end of this and all earlier spans: how far back a search has to look.
    reach: Vec<u64>,
    by_word: Vec<(usize, &'a RedactionSpan)>,
}

impl<'a> Hiding<'a> {
    fn new(plan: &'a RedactionPlan) -> Self {
        let mut spans: Vec<_> = plan
            .spans
            .iter()
            .filter(|span| span.is_replaced())
            .collect();
        spans.sort_by_key(|span| span.start_ms);
        let reach = spans.iter().scan(0, |reach, span| {
            *reach = span.end_ms.max(*reach);
            Some(*reach)
        });
        let reach = reach.collect();
        let words = |span: &&'a RedactionSpan| {
            let span: &'a RedactionSpan = span;
            span.words.iter().map(move |&word| (word, span))
        };
        let mut by_word: Vec<_> = spans.iter().flat_map(words).collect();
        by_word.sort_by_key(|(word, _)| *word);
        Self {
            spans,
            reach,
            by_word,
        }
    }

    /// The span that hides a word: it names it, or it replaces its audio.
    fn span_over(&self, at: usize, word: &Word) -> Option<&'a RedactionSpan> {
        if let Ok(found) = self.by_word.binary_search_by_key(&at, |(word, _)| *word) {
            return self.by_word.get(found).map(|(_, span)| *span);
        }
        let from = self.reach.partition_point(|&reach| reach <= word.start_ms);
        let candidates = self.spans.iter().skip(from);
        candidates
            .take_while(|span| span.start_ms < word.end_ms.max(word.start_ms + 1))
            .find(|span| hides(span, word))
            .copied()
    }
}

/// The words of the span itself overlap, or at least half of the word is replaced by the padding.
fn hides(span: &RedactionSpan, word: &Word) -> bool {
    if span.channel.is_some() && word.channel.is_some() && span.channel != word.channel {
        return false;
    }
    let shared = |start: u64, end: u64| {
        end.min(word.end_ms)
            .saturating_sub(start.max(word.start_ms))
    };
    let replaced = shared(span.start_ms, span.end_ms);
    let without_length = word.start_ms >= word.end_ms
        && span.start_ms <= word.start_ms
        && word.start_ms < span.end_ms;
    without_length
        || shared(span.raw_start_ms, span.raw_end_ms) > 0
        || (replaced > 0 && replaced * 2 >= word.end_ms - word.start_ms)
}

/// The turns as WebVTT captions.
pub fn to_vtt(transcript: &RedactedTranscript) -> String {
    let mut vtt = String::from("WEBVTT\n");
    for turn in transcript
        .turns
        .iter()
        .filter(|turn| turn.start_ms < turn.end_ms)
    {
        let voice = match turn.speaker {
            Speaker::External => "Customer",
            Speaker::Internal => "Agent",
            Speaker::Unknown => "Speaker",
        };
        let pieces: Vec<String> = turn.pieces.iter().map(caption).collect();
        let (start, end) = (clock(turn.start_ms), clock(turn.end_ms));
        vtt.push_str(&format!(
            "\n{start} --> {end}\n<v {voice}>{}\n",
            pieces.join(" ")
        ));
    }
    vtt
}

/// Text with the three characters escaped that WebVTT reads as markup, and no line breaks.
fn caption(piece: &Piece) -> String {
    match piece {
        Piece::Hidden { entity } => format!("[{}]", entity.name()),
        Piece::Text(text) => text
            .reveal()
            .replace('&', "&amp;")
            .replace('<', "&lt;")
            .replace('>', "&gt;")
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" "),
    }
}

fn clock(ms: u64) -> String {
    let (hours, minutes) = (ms / 3_600_000, ms / 60_000 % 60);
    format!(
        "{hours:02}:{minutes:02}:{:02}.{:03}",
        ms / 1000 % 60,
        ms % 1000
    )
}
