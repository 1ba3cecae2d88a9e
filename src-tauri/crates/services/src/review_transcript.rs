//! The transcript on the review screen: turns whose hidden words are replaced by their span.

use domain::{
    detection::SpanDecision,
    plan::{RedactionPlan, RedactionSpan},
    transcript::{Transcript, Word},
};

use crate::api::{PieceView, TranscriptView, TurnView};

/// Builds the turns. `parties` names who is on each channel. Words under any span stay in the core,
/// kept ones too: the person who decides asks for them one span at a time.
pub(crate) fn masked(
    transcript: &Transcript,
    plan: &RedactionPlan,
    parties: &[String],
) -> TranscriptView {
    let mut turns: Vec<TurnView> = Vec::new();
    for word in &transcript.words {
        let party = party(word, parties);
        let continues = turns.last().is_some_and(|turn| turn.party == party);
        if !continues {
            turns.push(TurnView {
                party,
                start_ms: word.start_ms,
                end_ms: word.end_ms,
                pieces: Vec::new(),
            });
        }
        if let Some(turn) = turns.last_mut() {
            turn.end_ms = turn.end_ms.max(word.end_ms);
            add(&mut turn.pieces, word, span_over(word, plan));
        }
    }
    TranscriptView { turns }
}

fn party(word: &Word, parties: &[String]) -> String {
    word.channel
        .and_then(|channel| parties.get(usize::from(channel)))
        .cloned()
        .unwrap_or_else(|| "unknown".to_owned())
}

/// The span that hides a word: one that is replaced before one that is kept.
fn span_over<'a>(word: &Word, plan: &'a RedactionPlan) -> Option<&'a RedactionSpan> {
    let over = |span: &&RedactionSpan| {
        let (start, end) = match span.decision {
            // Padding included: what is not heard is not read either.
            SpanDecision::Redact | SpanDecision::Review => (span.start_ms, span.end_ms),
            SpanDecision::Keep => (span.raw_start_ms, span.raw_end_ms),
        };
        let on_channel = span.decision != SpanDecision::Keep || span.spoken_on == word.channel;
        on_channel && word.start_ms < end && word.end_ms > start
    };
    let spans = plan.spans.iter().filter(over);
    spans.max_by_key(|span| {
        (
            span.is_replaced(),
            std::cmp::Reverse(span.end_ms - span.start_ms),
        )
    })
}

fn add(pieces: &mut Vec<PieceView>, word: &Word, span: Option<&RedactionSpan>) {
    match span {
        Some(span) => add_hidden(pieces, span),
        None => add_text(pieces, word),
    }
}

fn add_hidden(pieces: &mut Vec<PieceView>, span: &RedactionSpan) {
    if let Some(PieceView::Hidden { span_id, .. }) = pieces.last()
        && span_id == span.id.as_str()
    {
        return;
    }
    pieces.push(PieceView::Hidden {
        span_id: span.id.to_string(),
        entity: span.entity.name().to_owned(),
        decision: span.decision.name().to_owned(),
    });
}

fn add_text(pieces: &mut Vec<PieceView>, word: &Word) {
    if let Some(PieceView::Text {
        text, confidence, ..
    }) = pieces.last_mut()
    {
        text.push(' ');
        text.push_str(word.text.reveal());
        *confidence = confidence.min(word.confidence);
        return;
    }
    pieces.push(PieceView::Text {
        text: word.text.reveal().clone(),
        start_ms: word.start_ms,
        confidence: word.confidence,
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{
        entity::{EntityKind, Owner},
        ids::SpanId,
        plan::{RedactionStyle, SpanOrigin},
        sensitive::PersonalData,
        transcript::{Speaker, TranscriptOrigin},
    };

    fn word(text: &str, start_ms: u64, channel: u8) -> Word {
        Word {
            text: PersonalData::new(text.to_owned()),
            start_ms,
            end_ms: start_ms + 90,
            confidence: 0.9,
            channel: Some(channel),
            speaker: Speaker::Unknown,
            phrase: 0,
        }
    }

    fn plan(decision: SpanDecision) -> RedactionPlan {
        let span = RedactionSpan {
            id: SpanId::new("s001").unwrap(),
            start_ms: 100,
            end_ms: 300,
            raw_start_ms: 100,
            raw_end_ms: 290,
            channel: None,
            spoken_on: Some(0),
            entity: EntityKind::PersonName,
            score: 0.9,
            recognizer: "test".to_owned(),
            owner: Owner::ThirdParty,
            decision,
            explanation: vec![],
            words: vec![1, 2],
            origin: SpanOrigin::Detected,
        };
        RedactionPlan {
            policy: String::new(),
            style: RedactionStyle::Noise,
            duration_ms: 1_000,
            spans: vec![span],
            engine: String::new(),
        }
    }

    #[test]
    fn hidden_words_become_one_piece_whatever_was_decided() {
        let words = vec![
            word("ask", 0, 0),
            word("may", 100, 0),
            word("west", 200, 0),
            word("ok", 400, 1),
        ];
        let transcript = Transcript::new(words, None, TranscriptOrigin::File);
        let parties = ["customer".to_owned(), "agent".to_owned()];
        for decision in [
            SpanDecision::Redact,
            SpanDecision::Review,
            SpanDecision::Keep,
        ] {
            let view = masked(&transcript, &plan(decision), &parties);
            assert_eq!(view.turns.len(), 2);
            assert_eq!(view.turns[0].pieces.len(), 2, "{decision:?}");
            let json = serde_json::to_string(&view).unwrap();
            assert!(!json.contains("may") && !json.contains("west"), "{json}");
        }
    }
}
