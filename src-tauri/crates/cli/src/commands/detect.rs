//! `sar detect`: finds personal data in a transcript or in texts.

use std::{
    io::{BufRead, Read},
    path::{Path, PathBuf},
};

use clap::Args;
use domain::detection::{Detection, SpanDecision};
use redaction::{
    detect::detect,
    knowledge::CaseKnowledge,
    text::{TextSpan, detect_text},
};
use serde::{Deserialize, Serialize};

use super::known::{self, KnownArgs};
use crate::{
    failure::Failure,
    input,
    output::{Output, clock},
};

/// Longest line of a text file, in bytes: a day of speech is about a megabyte.
const MAX_LINE_BYTES: u64 = 16 << 20;

#[derive(Args)]
#[group(id = "source", required = true, multiple = false, args = ["transcript", "text"])]
pub(crate) struct DetectArgs {
    /// Transcript: as Genesys Cloud writes it, or {"words":[{text,start_ms,end_ms,confidence,channel}]}
    #[arg(long, value_name = "T.json")]
    transcript: Option<PathBuf>,
    /// Texts, one object a line: {"id":…,"text":…}; offsets count characters
    #[arg(long, value_name = "FILE.jsonl")]
    text: Option<PathBuf>,
    #[command(flatten)]
    known: KnownArgs,
    /// Print one JSON object a line
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(args: &DetectArgs, output: &mut Output) -> Result<(), Failure> {
    let knowledge = args.known.knowledge()?;
    match (&args.transcript, &args.text) {
        (Some(path), _) => in_transcript(args, path, &knowledge, output),
        (None, Some(path)) => in_texts(args, path, &knowledge, output),
        (None, None) => Err(Failure::usage(
            "Nothing to read",
            "Name a transcript or a text file.",
        )),
    }
}

/// One detection as scripts read it.
#[derive(Serialize)]
struct DetectionLine {
    entity: &'static str,
    start_ms: u64,
    end_ms: u64,
    channel: Option<u8>,
    score: f64,
    recognizer: &'static str,
    owner: &'static str,
    /// `redact`, `review` or `keep`; nothing when the policy does not act on it.
    decision: Option<&'static str>,
}

impl DetectionLine {
    fn new(found: &Detection, decision: Option<SpanDecision>) -> Self {
        Self {
            entity: found.entity.name(),
            start_ms: found.start_ms,
            end_ms: found.end_ms,
            channel: found.channel,
            score: rounded(found.score),
            recognizer: found.recognizer,
            owner: found.owner.name(),
            decision: decision.map(SpanDecision::name),
        }
    }

    fn row(&self) -> Vec<String> {
        vec![
            format!("{} to {}", clock(self.start_ms), clock(self.end_ms)),
            self.channel
                .map_or("all".to_owned(), |channel| channel.to_string()),
            self.decision.unwrap_or("-").to_owned(),
            self.entity.to_owned(),
            self.owner.to_owned(),
            format!("{:.0}%", self.score * 100.0),
            self.recognizer.to_owned(),
        ]
    }
}

/// Four decimals: what a person can use, and the same text on every machine.
fn rounded(score: f32) -> f64 {
    (f64::from(score) * 10_000.0).round() / 10_000.0
}

fn in_transcript(
    args: &DetectArgs,
    path: &Path,
    knowledge: &CaseKnowledge,
    output: &mut Output,
) -> Result<(), Failure> {
    let transcript = known::transcript(path)?;
    let found = detect(&transcript, knowledge);
    let lines: Vec<_> = found
        .iter()
        .map(|found| DetectionLine::new(found, args.known.policy.decide(found)))
        .collect();
    if args.json {
        return lines.iter().try_for_each(|line| output.json(line));
    }
    if lines.is_empty() {
        output.note(format_args!(
            "No personal data found in {} words.",
            transcript.words.len()
        ));
        return Ok(());
    }
    let header = [
        "time",
        "channel",
        "decision",
        "entity",
        "owner",
        "score",
        "recognizer",
    ];
    let mut rows = vec![header.map(str::to_owned).to_vec()];
    rows.extend(lines.iter().map(DetectionLine::row));
    output.table(&rows)
}

/// One text of the file.
#[derive(Deserialize)]
struct TextLine {
    id: serde_json::Value,
    text: String,
}

#[derive(Serialize)]
struct FoundLine<'a> {
    id: &'a serde_json::Value,
    spans: Vec<SpanLine>,
}

#[derive(Serialize)]
struct SpanLine {
    entity: &'static str,
    start: usize,
    end: usize,
    score: f64,
}

impl From<&TextSpan> for SpanLine {
    fn from(span: &TextSpan) -> Self {
        Self {
            entity: span.entity.name(),
            start: span.start,
            end: span.end,
            score: rounded(span.score),
        }
    }
}

fn in_texts(
    args: &DetectArgs,
    path: &Path,
    knowledge: &CaseKnowledge,
    output: &mut Output,
) -> Result<(), Failure> {
    let mut reader = input::open(path)?;
    let mut line = String::new();
    for number in 1_u64.. {
        line.clear();
        let limited = reader.by_ref().take(MAX_LINE_BYTES).read_line(&mut line);
        let length = limited.map_err(|error| input::unreadable(path, &error))?;
        if length == 0 {
            break;
        }
        if line.trim().is_empty() {
            continue;
        }
        let text = parse(path, number, &line)?;
        let spans = detect_text(&text.text, knowledge);
        let found = FoundLine {
            id: &text.id,
            spans: spans.iter().map(SpanLine::from).collect(),
        };
        print_text(args.json, &found, output)?;
    }
    Ok(())
}

fn parse(path: &Path, number: u64, line: &str) -> Result<TextLine, Failure> {
    serde_json::from_str(line).map_err(|error| {
        let column = error.column();
        Failure::usage(
            format!(
                "`{}` is not valid: line {number}, column {column}",
                path.display()
            ),
            "Each line is an object {\"id\":…,\"text\":…}.",
        )
    })
}

fn print_text(json: bool, found: &FoundLine<'_>, output: &mut Output) -> Result<(), Failure> {
    if json {
        return output.json(found);
    }
    for span in &found.spans {
        let (start, end) = (span.start, span.end);
        let percent = span.score * 100.0;
        output.line(format_args!(
            "{}  {start}..{end}  {}  {percent:.0}%",
            found.id, span.entity
        ))?;
    }
    Ok(())
}
