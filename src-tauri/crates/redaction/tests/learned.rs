//! A learned recognizer adds what it finds, and takes nothing away. The model is made here, byte by byte.
#![cfg(feature = "learned")]
#![expect(clippy::unwrap_used, reason = "helpers of tests may fail loudly")]
#![expect(clippy::print_stderr, reason = "says what was not performed")]

use std::{env, path::PathBuf, sync::Arc};

use domain::{
    entity::EntityKind,
    sensitive::PersonalData,
    transcript::{Speaker, Transcript, TranscriptOrigin, Word},
};
use redaction::{
    corrections::Corrections,
    detect::{ENGINE, detect},
    detector::Detector,
    knowledge::CaseKnowledge,
    learned::{Files, Model, RECOGNIZER, Recognizer},
};

const TOKENIZER: &[u8] = br###"{"normalizer":{"lowercase":true},"model":{"type":"WordPiece",
    "vocab":{"[UNK]":0,"[CLS]":1,"[SEP]":2,"heron":3,"blue":4,"##s":5}}}"###;
const LABELS: &[u8] = br#"["O","B-OTHER","I-OTHER"]"#;

/// ONNX is protobuf: a field is its number and type, then a length and bytes, or a number.
#[derive(Default)]
struct Message(Vec<u8>);

impl Message {
    fn varint(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.0.push((value as u8) | 0x80);
            value >>= 7;
        }
        self.0.push(value as u8);
    }

    fn number(mut self, field: u64, value: u64) -> Self {
        self.varint(field << 3);
        self.varint(value);
        self
    }

    fn bytes(mut self, field: u64, value: &[u8]) -> Self {
        self.varint(field << 3 | 2);
        self.varint(value.len() as u64);
        self.0.extend(value);
        self
    }

    fn text(self, field: u64, value: &str) -> Self {
        self.bytes(field, value.as_bytes())
    }

    fn message(self, field: u64, value: &Self) -> Self {
        self.bytes(field, &value.0)
    }
}

/// `name`, element type and sizes of an input or output; a size without a number may be any.
fn value(name: &str, element: u64, sizes: &[Option<u64>]) -> Message {
    let shape = sizes.iter().fold(Message::default(), |shape, size| {
        let size = match size {
            Some(size) => Message::default().number(1, *size),
            None => Message::default().text(2, "n"),
        };
        shape.message(1, &size)
    });
    let tensor = Message::default().number(1, element).message(2, &shape);
    let kind = Message::default().message(1, &tensor);
    Message::default().text(1, name).message(2, &kind)
}

/// One `Gather`: each piece has its own logits in a table.
fn model(table: &[[f32; 3]]) -> Vec<u8> {
    const FLOAT: u64 = 1;
    const INT64: u64 = 7;
    let raw: Vec<u8> = table
        .iter()
        .flatten()
        .flat_map(|it| it.to_le_bytes())
        .collect();
    let tensor = Message::default()
        .number(1, table.len() as u64)
        .number(1, 3)
        .number(2, FLOAT)
        .text(8, "table")
        .bytes(9, &raw);
    let node = Message::default()
        .text(1, "table")
        .text(1, "input_ids")
        .text(2, "logits")
        .text(4, "Gather");
    let graph = Message::default()
        .message(1, &node)
        .text(2, "tiny")
        .message(5, &tensor)
        .message(11, &value("input_ids", INT64, &[Some(1), None]))
        .message(12, &value("logits", FLOAT, &[Some(1), None, Some(3)]));
    let opset = Message::default().text(1, "").number(2, 13);
    Message::default()
        .number(1, 8)
        .message(7, &graph)
        .message(8, &opset)
        .0
}

fn library() -> Option<PathBuf> {
    let named = env::var_os("SAR_ONNXRUNTIME").map(PathBuf::from);
    let found = named.filter(|it| it.is_file());
    if found.is_none() {
        eprintln!(
            "not performed: SAR_ONNXRUNTIME names no library; `cargo xtask test` installs one"
        );
    }
    found
}

fn transcript(text: &str) -> Transcript {
    let words = text.split(' ').zip(0..).map(|(text, at)| Word {
        text: PersonalData::new(text.to_owned()),
        start_ms: at * 400,
        end_ms: at * 400 + 300,
        confidence: 0.9,
        channel: Some(0),
        speaker: Speaker::External,
        phrase: 0,
    });
    Transcript::new(words.collect(), None, TranscriptOrigin::File)
}

fn loaded(
    library: &std::path::Path,
    labels: &[u8],
) -> Result<Model, redaction::learned::LearnedError> {
    let nothing = [8.0, 0.0, 0.0];
    let table = [
        nothing,
        nothing,
        nothing,
        [0.0, 1.0, 8.0],
        [0.0, 8.0, 1.0],
        nothing,
    ];
    let files = Files {
        model: &model(&table),
        tokenizer: TOKENIZER,
        labels,
    };
    Model::load(&files, library)
}

#[test]
fn it_adds_what_no_rule_finds_and_takes_nothing_away() {
    let Some(library) = library() else { return };
    let model = loaded(&library, LABELS).unwrap();
    let call = transcript("my name is Margaret Holloway and we met at the Blue Herons today");
    let found = model.recognize(&call).unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!(
        (found[0].entity, &found[0].words[..]),
        (EntityKind::Other, &[10, 11][..])
    );
    assert!(found[0].score < 0.85, "a person decides");
    assert_eq!(
        found,
        model.recognize(&call).unwrap(),
        "the same at every run"
    );

    let rules = detect(&call, &CaseKnowledge::default());
    let detector = Detector {
        corrections: Corrections::default(),
        learned: Some(Arc::new(model)),
    };
    let all = detector.detect(&call, &CaseKnowledge::default()).unwrap();
    assert_eq!(all.len(), rules.len() + 1);
    assert!(rules.iter().all(|it| all.contains(it)));
    assert!(all.iter().any(|it| it.recognizer == RECOGNIZER));
    assert!(detector.engine(ENGINE).contains("; learned "));
}

#[test]
fn files_that_do_not_fit_are_named() {
    let Some(library) = library() else { return };
    let unknown = loaded(&library, br#"["O","NONSENSE","O"]"#).unwrap_err();
    assert!(unknown.to_string().contains("labels.json"), "{unknown}");
    let short = loaded(&library, br#"["O","OTHER"]"#).unwrap();
    let error = short.recognize(&transcript("blue heron")).unwrap_err();
    assert!(error.to_string().contains("labels.json"), "{error}");
    let files = Files {
        model: b"no model",
        tokenizer: TOKENIZER,
        labels: LABELS,
    };
    let error = Model::load(&files, &library).unwrap_err();
    assert!(error.to_string().contains("ONNX Runtime"), "{error}");
}
