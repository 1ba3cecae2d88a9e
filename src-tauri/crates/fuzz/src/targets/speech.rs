//! Transcripts and texts, up to what the detector finds in them.

use connectors::transcript_file::parse_any;
use redaction::{
    detect::detect,
    evaluate::{LabeledCall, LabeledText},
    knowledge::CaseKnowledge,
    text::detect_text,
};

/// A transcript file of a source or of a person, and the detector over it.
pub fn transcript(bytes: &[u8]) {
    let Ok(transcript) = parse_any(bytes) else {
        return;
    };
    for detection in detect(&transcript, &CaseKnowledge::default()) {
        assert!(
            detection.start_ms <= detection.end_ms,
            "a detection ends before it starts"
        );
        let score = detection.score;
        assert!((0.0..=1.0).contains(&score), "a score of {score}");
    }
}

/// Text of any language: spans are in order of bytes and on borders of characters.
pub fn text(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    for span in detect_text(text, &CaseKnowledge::default()) {
        assert!(span.start < span.end, "an empty span");
        assert!(span.end <= text.chars().count(), "a span beyond the text");
    }
}

/// Lines of evaluation files, which people make by hand.
pub fn labeled_call(bytes: &[u8]) {
    let Ok(line) = std::str::from_utf8(bytes) else {
        return;
    };
    // Either reading may refuse the line; neither may fail otherwise.
    LabeledCall::from_json(line).ok();
    LabeledText::from_json(line).ok();
}
