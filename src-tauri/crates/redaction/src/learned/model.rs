//! The model: token classification in ONNX, run by a library that the organization installed.

use std::{
    fmt,
    path::Path,
    sync::{Mutex, PoisonError},
};

use domain::{
    detection::Detection,
    entity::{EntityKind, Owner},
    transcript::{Transcript, Word},
};
use ort::{environment::Environment, session::Session, value::Tensor};
use sha2::{Digest as _, Sha256};

use super::{LearnedError, RECOGNIZER, Recognizer, word_piece::WordPiece};

/// Pieces in one run of the model; models of this kind take 512.
const MAX_PIECES: usize = 510;
/// What the model must be sure of before a person is asked.
const LEAST: f32 = 0.5;
/// A score that no rule measured decides nothing alone: below every threshold at which a policy does.
const MOST: f32 = 0.8;
/// Characters of the digest that plans name.
const DIGEST_CHARS: usize = 12;

/// The files of a model.
#[derive(Debug)]
pub struct Files<'a> {
    /// `model.onnx`.
    pub model: &'a [u8],
    /// `tokenizer.json` of the type WordPiece.
    pub tokenizer: &'a [u8],
    /// `labels.json`: for each output of the model in order `O`, or one of our kinds such as `PERSON_NAME`,
    /// with or without `B-` and `I-`.
    pub labels: &'a [u8],
}

/// A loaded model.
pub struct Model {
    session: Mutex<Session>,
    pieces: WordPiece,
    labels: Vec<Option<EntityKind>>,
    inputs: Vec<String>,
    version: String,
}

impl fmt::Debug for Model {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Model")
            .field("version", &self.version)
            .finish_non_exhaustive()
    }
}

fn runtime(error: impl fmt::Display) -> LearnedError {
    LearnedError::Runtime(error.to_string())
}

/// The library, loaded once for the process; it reports nothing to anybody.
fn environment(library: &Path) -> Result<Environment, LearnedError> {
    static LOADED: Mutex<Option<Environment>> = Mutex::new(None);
    let mut loaded = LOADED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(environment) = &*loaded {
        return Ok(environment.clone());
    }
    let builder = ort::init_from(library).map_err(runtime)?;
    let made = builder.with_telemetry(false).build().map_err(runtime)?;
    Ok(loaded.insert(made).clone())
}

impl Model {
    /// Loads a model; `library` is `libonnxruntime`. The first library that is loaded stays for the process.
    ///
    /// # Errors
    /// When the library or a file cannot be used.
    pub fn load(files: &Files<'_>, library: &Path) -> Result<Self, LearnedError> {
        let pieces = WordPiece::from_json(files.tokenizer)?;
        let labels = labels(files.labels)?;
        let environment = environment(library)?;
        // One thread: the same sums in the same order, so the same bytes at every run.
        let session = Session::builder(&environment)
            .map_err(runtime)?
            .with_intra_threads(1)
            .map_err(runtime)?
            .commit_from_memory(files.model)
            .map_err(runtime)?;
        let inputs = session.inputs().iter().map(|it| it.name().to_owned());
        let mut digest = Sha256::new();
        for part in [files.model, files.tokenizer, files.labels] {
            digest.update(Sha256::digest(part));
        }
        let digest = digest.finalize();
        let mut hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        hex.truncate(DIGEST_CHARS);
        Ok(Self {
            inputs: inputs.collect(),
            session: Mutex::new(session),
            pieces,
            labels,
            version: format!("learned {hex}"),
        })
    }

    /// For each word of a run, the kind it belongs to and how sure the model is.
    fn classify(
        &self,
        words: &[(usize, &Word)],
    ) -> Result<Vec<Option<(EntityKind, f32)>>, LearnedError> {
        let mut ids = vec![self.pieces.start];
        let mut firsts = Vec::new();
        for (_, word) in words {
            firsts.push(ids.len());
            ids.extend(self.pieces.pieces(word.text.reveal()));
        }
        ids.truncate(MAX_PIECES + 1);
        ids.push(self.pieces.end);
        let length = ids.len();
        let mut session = self.session.lock().unwrap_or_else(PoisonError::into_inner);
        let mut inputs = Vec::new();
        for name in &self.inputs {
            let values = match name.as_str() {
                "input_ids" => ids.clone(),
                "attention_mask" => vec![1; length],
                _ => vec![0; length],
            };
            let tensor = Tensor::from_array(([1, length], values)).map_err(runtime)?;
            inputs.push((name.clone(), tensor));
        }
        let outputs = session.run(inputs).map_err(runtime)?;
        let (_, logits) = outputs[0].try_extract_tensor::<f32>().map_err(runtime)?;
        if logits.len() != length * self.labels.len() {
            let problem = "it does not have as many entries as the model has outputs".to_owned();
            let file = "labels.json";
            return Err(LearnedError::File { file, problem });
        }
        let of = |first: &usize| {
            let own = logits.chunks(self.labels.len()).nth(*first)?;
            (*first < length - 1).then(|| self.best(own)).flatten()
        };
        Ok(firsts.iter().map(of).collect())
    }

    fn best(&self, logits: &[f32]) -> Option<(EntityKind, f32)> {
        let highest = logits.iter().copied().fold(f32::MIN, f32::max);
        let sum: f32 = logits.iter().map(|it| (it - highest).exp()).sum();
        let pairs = logits.iter().zip(&self.labels);
        let (logit, label) = pairs.max_by(|a, b| a.0.total_cmp(b.0))?;
        let sure = (logit - highest).exp() / sum;
        (sure >= LEAST).then(|| (*label).map(|kind| (kind, sure)))?
    }
}

fn labels(json: &[u8]) -> Result<Vec<Option<EntityKind>>, LearnedError> {
    let wrong = |problem: String| LearnedError::File {
        file: "labels.json",
        problem,
    };
    let names: Vec<String> =
        serde_json::from_slice(json).map_err(|_| wrong("it is no list of texts".to_owned()))?;
    let label = |name: &String| {
        let bare = name.trim_start_matches("B-").trim_start_matches("I-");
        match (bare, EntityKind::from_name(bare)) {
            ("O", _) => Ok(None),
            (_, Some(kind)) => Ok(Some(kind)),
            (_, None) => Err(wrong(format!("`{name}` is no kind of data"))),
        }
    };
    names.iter().map(label).collect()
}

impl Recognizer for Model {
    fn version(&self) -> &str {
        &self.version
    }

    fn recognize(&self, transcript: &Transcript) -> Result<Vec<Detection>, LearnedError> {
        let words: Vec<(usize, &Word)> = transcript.words.iter().enumerate().collect();
        let mut found: Vec<Detection> = Vec::new();
        for turn in words.chunk_by(|a, b| a.1.phrase == b.1.phrase && a.1.channel == b.1.channel) {
            // Half as many words as pieces: most words are one piece, few are many.
            for run in turn.chunks(MAX_PIECES / 2) {
                let kinds = self.classify(run)?;
                let mut last = None;
                for ((at, word), kind) in run.iter().zip(kinds) {
                    match (kind, found.last_mut()) {
                        (Some((kind, sure)), Some(it)) if last == Some(kind) => {
                            extend(it, *at, word, sure)
                        }
                        (Some((kind, sure)), _) => found.push(detection(kind, *at, word, sure)),
                        (None, _) => {}
                    }
                    last = kind.map(|it| it.0);
                }
            }
        }
        Ok(found)
    }
}

fn detection(entity: EntityKind, at: usize, word: &Word, sure: f32) -> Detection {
    Detection {
        entity,
        channel: word.channel,
        start_ms: word.start_ms,
        end_ms: word.end_ms,
        words: vec![at],
        score: rounded(sure),
        recognizer: RECOGNIZER,
        owner: Owner::Unknown,
        explanation: vec!["+ a learned recognizer found it, no rule did".to_owned()],
    }
}

fn extend(it: &mut Detection, at: usize, word: &Word, sure: f32) {
    it.end_ms = it.end_ms.max(word.end_ms);
    it.words.push(at);
    it.score = it.score.max(rounded(sure));
}

/// Three decimals, as rules have, and never certain.
fn rounded(sure: f32) -> f32 {
    (sure.min(MOST) * 1_000.0).round() / 1_000.0
}
