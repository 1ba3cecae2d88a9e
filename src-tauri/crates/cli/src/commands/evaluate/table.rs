//! The figures as a table for people and as objects for programs.

use redaction::evaluate::{Evaluation, Share, Tally};
use serde::Serialize;

use super::{EvaluateArgs, other::Other};
use crate::{failure::Failure, output::Output};

/// Our own detector, where another one is beside it.
const OURS: &str = "sar";

/// One group as scripts read it.
#[derive(Serialize)]
struct GroupLine {
    /// Which detector, where there are two.
    #[serde(skip_serializing_if = "Option::is_none")]
    detector: Option<&'static str>,
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
    fn new(detector: Option<&'static str>, group: &str, it: &Tally) -> Self {
        let recall = Share::of(it.automatic, it.items);
        let share = |part, whole| rounded(Share::of(part, whole).value);
        let length = |part, whole| rounded(Share::of_length(part, whole));
        Self {
            detector,
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
        let mut row = vec![
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
        ];
        row.extend(self.detector.map(str::to_owned));
        row
    }
}

/// Four decimals: the same text on every machine.
fn rounded(share: f64) -> f64 {
    (share * 10_000.0).round() / 10_000.0
}

fn lines(detector: Option<&'static str>, evaluation: &Evaluation) -> Vec<GroupLine> {
    let entities = evaluation
        .by_entity
        .iter()
        .map(|(name, it)| GroupLine::new(detector, name, it));
    let groups = evaluation
        .by_group
        .iter()
        .map(|(name, it)| GroupLine::new(detector, name, it));
    let all = std::iter::once(GroupLine::new(detector, "all", &evaluation.all));
    entities.chain(groups).chain(all).collect()
}

/// The lines of both detectors, those of one group after one another.
fn both(ours: &Evaluation, other: Option<&Other>) -> Vec<GroupLine> {
    let Some(other) = other else {
        return lines(None, ours);
    };
    let mut theirs = match &other.outcome {
        Ok(measured) => lines(Some(other.name), &measured.evaluation),
        Err(_) => Vec::new(),
    };
    let mut all = Vec::new();
    for line in lines(Some(OURS), ours) {
        // Both measured the same items, so both have the same groups.
        let beside = theirs.iter().position(|it| it.group == line.group);
        let beside = beside.map(|at| theirs.remove(at));
        all.push(line);
        all.extend(beside);
    }
    all
}

/// Prints the figures; of the other detector too, or why there are none.
pub(super) fn print(
    args: &EvaluateArgs,
    ours: &Evaluation,
    other: Option<&Other>,
    output: &mut Output,
) -> Result<(), Failure> {
    let lines = both(ours, other);
    if let Some((name, Ok(it))) = other.map(|it| (it.name, &it.outcome)) {
        let (took, kilobytes) = (it.seconds, it.bytes as f64 / 1e3);
        output.note(format_args!(
            "{name} took {took:.1} s for {kilobytes:.0} kB, {:.1} kB/s",
            kilobytes / took.max(1e-9)
        ));
    }
    if args.json {
        lines.iter().try_for_each(|line| output.json(line))?;
        print_missing(other, |missing| output.json(&missing))?;
    } else {
        print_table(&lines, other.is_some(), output)?;
        print_missing(other, |missing| output.line(missing.not_performed))?;
    }
    if args.problems {
        print_problems(ours, args.json, output)?;
    }
    Ok(())
}

/// A comparison that was asked for and could not be made.
#[derive(Serialize)]
struct Missing {
    detector: &'static str,
    not_performed: String,
}

fn print_missing(
    other: Option<&Other>,
    print: impl FnOnce(Missing) -> Result<(), Failure>,
) -> Result<(), Failure> {
    match other.map(|it| (it.name, &it.outcome)) {
        Some((detector, Err(why))) => print(Missing {
            detector,
            not_performed: why.to_string(),
        }),
        Some((_, Ok(_))) | None => Ok(()),
    }
}

fn print_table(lines: &[GroupLine], two: bool, output: &mut Output) -> Result<(), Failure> {
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
    let mut header = header.map(str::to_owned).to_vec();
    header.extend(two.then(|| "detector".to_owned()));
    let mut rows = vec![header];
    rows.extend(lines.iter().map(GroupLine::row));
    output.table(&rows)
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

fn print_problems(evaluation: &Evaluation, json: bool, output: &mut Output) -> Result<(), Failure> {
    for it in &evaluation.problems {
        if json {
            output.json(&ProblemLine {
                problem: it.what,
                document: &it.document,
                entity: it.entity,
                start: it.start,
                end: it.end,
                found: &it.found,
            })?;
        } else {
            let found = it.found.join(", ");
            output.line(format_args!(
                "{} {} {} {}..{} {found}",
                it.what, it.document, it.entity, it.start, it.end
            ))?;
        }
    }
    Ok(())
}
