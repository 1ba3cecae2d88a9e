//! `sar evaluate`: how well the detector does on labeled calls or texts.

use std::{
    io::{BufRead, Read},
    path::{Path, PathBuf},
};

use clap::{Args, ValueEnum};
use domain::policy::Policy;
use redaction::evaluate::{Evaluation, LabeledCall, LabeledText, Share, Split, Tally};
use serde::Serialize;

use crate::{failure::Failure, input, output::Output};

/// Longest line of a set.
const MAX_LINE_BYTES: u64 = 16 << 20;

#[derive(Args)]
pub(crate) struct EvaluateArgs {
    #[command(flatten)]
    set: SetArgs,
    /// Only this split of the calls
    #[arg(long, value_enum, value_name = "SPLIT", default_value = "all")]
    split: SplitArg,
    /// List every place where detector and labels disagree; never what was said there
    #[arg(long)]
    problems: bool,
    /// Print one JSON object a line
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
#[group(required = true, multiple = false)]
struct SetArgs {
    /// Labeled calls, one object a line, as docs/evaluation.md describes them
    #[arg(long, value_name = "FILE.jsonl")]
    calls: Option<PathBuf>,
    /// Labeled texts, one object a line: {"id":…,"text":…,"spans":[{"entity","start","end"}]}
    #[arg(long, value_name = "FILE.jsonl")]
    text: Option<PathBuf>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum SplitArg {
    Development,
    HeldBack,
    All,
}

impl SplitArg {
    fn takes(self, split: Split) -> bool {
        match self {
            Self::All => true,
            Self::Development => split == Split::Development,
            Self::HeldBack => split == Split::HeldBack,
        }
    }
}

pub(crate) fn run(args: &EvaluateArgs, output: &mut Output) -> Result<(), Failure> {
    // Whoever the data belongs to: the copy for a third party discloses nothing.
    let policy = Policy::from_name("third_party_copy").unwrap_or_else(Policy::data_subject_copy);
    let mut evaluation = Evaluation::default();
    match (&args.set.calls, &args.set.text) {
        (Some(path), _) => each_line(path, |line| {
            let call = LabeledCall::from_json(line)?;
            if args.split.takes(call.split) {
                evaluation.add_call(&call, &policy);
            }
            Ok(())
        })?,
        (None, Some(path)) => each_line(path, |line| {
            evaluation.add_text(&LabeledText::from_json(line)?, &policy);
            Ok(())
        })?,
        (None, None) => {}
    }
    if args.json {
        print_json(&evaluation, args.problems, output)
    } else {
        print_tables(&evaluation, args.problems, output)
    }
}

fn each_line(
    path: &Path,
    mut take: impl FnMut(&str) -> Result<(), redaction::evaluate::LabeledError>,
) -> Result<(), Failure> {
    let mut reader = input::open(path)?;
    let mut line = String::new();
    for number in 1_u64.. {
        line.clear();
        let read = reader.by_ref().take(MAX_LINE_BYTES).read_line(&mut line);
        if read.map_err(|error| input::unreadable(path, &error))? == 0 {
            break;
        }
        if !line.trim().is_empty() {
            take(line.trim()).map_err(|error| {
                let name = path.display();
                Failure::usage(
                    format!("`{name}` is not valid: line {number}, {error}"),
                    "docs/evaluation.md describes the format.",
                )
            })?;
        }
    }
    Ok(())
}

/// One group as scripts read it.
#[derive(Serialize)]
struct GroupLine {
    group: String,
    items: usize,
    recall: f64,
    recall_low: f64,
    recall_high: f64,
    recall_with_review: f64,
    right_kind: f64,
    length_recall: f64,
    length_recall_with_review: f64,
    over_redaction: f64,
    over_redaction_with_review: f64,
    documents: usize,
    documents_covered: f64,
    documents_covered_with_review: f64,
}

impl GroupLine {
    fn new(group: &str, it: &Tally) -> Self {
        let recall = Share::of(it.automatic, it.items);
        let share = |part, whole| rounded(Share::of(part, whole).value);
        let length = |part, whole| rounded(Share::of_length(part, whole));
        Self {
            group: group.to_owned(),
            items: it.items,
            recall: rounded(recall.value),
            recall_low: rounded(recall.low),
            recall_high: rounded(recall.high),
            recall_with_review: share(it.review, it.items),
            right_kind: share(it.kind, it.items),
            length_recall: length(it.length_automatic, it.length),
            length_recall_with_review: length(it.length_review, it.length),
            over_redaction: length(it.other_automatic, it.other),
            over_redaction_with_review: length(it.other_review, it.other),
            documents: it.documents,
            documents_covered: share(it.documents_automatic, it.documents),
            documents_covered_with_review: share(it.documents_review, it.documents),
        }
    }

    fn row(&self) -> Vec<String> {
        let percent = |share: f64| format!("{:.1}%", share * 100.0);
        let interval = format!(
            "{} to {}",
            percent(self.recall_low),
            percent(self.recall_high)
        );
        let of_documents = |text: String| {
            if self.documents == 0 {
                "-".to_owned()
            } else {
                text
            }
        };
        vec![
            self.group.clone(),
            self.items.to_string(),
            percent(self.recall),
            interval,
            percent(self.recall_with_review),
            percent(self.right_kind),
            percent(self.length_recall),
            of_documents(percent(self.over_redaction)),
            of_documents(percent(self.over_redaction_with_review)),
            of_documents(percent(self.documents_covered)),
            of_documents(percent(self.documents_covered_with_review)),
        ]
    }
}

/// Four decimals: the same text on every machine.
fn rounded(share: f64) -> f64 {
    (share * 10_000.0).round() / 10_000.0
}

fn lines(evaluation: &Evaluation) -> Vec<GroupLine> {
    let entities = evaluation
        .by_entity
        .iter()
        .map(|(name, it)| GroupLine::new(name, it));
    let groups = evaluation
        .by_group
        .iter()
        .map(|(name, it)| GroupLine::new(name, it));
    let all = std::iter::once(GroupLine::new("all", &evaluation.all));
    entities.chain(groups).chain(all).collect()
}

fn print_tables(
    evaluation: &Evaluation,
    problems: bool,
    output: &mut Output,
) -> Result<(), Failure> {
    let header = [
        "group",
        "items",
        "recall",
        "95% interval",
        "with review",
        "right kind",
        "of length",
        "over",
        "over (review)",
        "covered",
        "covered (review)",
    ];
    let mut rows = vec![header.map(str::to_owned).to_vec()];
    rows.extend(lines(evaluation).iter().map(GroupLine::row));
    output.table(&rows)?;
    for it in evaluation.problems.iter().filter(|_| problems) {
        let found = it.found.join(", ");
        output.line(format_args!(
            "{} {} {} {}..{} {found}",
            it.what, it.document, it.entity, it.start, it.end
        ))?;
    }
    Ok(())
}

#[derive(Serialize)]
struct ProblemLine<'a> {
    problem: &'static str,
    document: &'a str,
    entity: &'static str,
    start: u64,
    end: u64,
    found: &'a [String],
}

fn print_json(evaluation: &Evaluation, problems: bool, output: &mut Output) -> Result<(), Failure> {
    lines(evaluation)
        .iter()
        .try_for_each(|line| output.json(line))?;
    evaluation
        .problems
        .iter()
        .filter(|_| problems)
        .try_for_each(|it| {
            output.json(&ProblemLine {
                problem: it.what,
                document: &it.document,
                entity: it.entity,
                start: it.start,
                end: it.end,
                found: &it.found,
            })
        })
}
