//! `sar evaluate`: how well the detector does on labeled calls or texts, alone or beside another one.

mod other;
mod risk;
mod table;

use std::{
    io::{BufRead, Read},
    path::{Path, PathBuf},
};

use clap::{Args, ValueEnum};
use domain::policy::Policy;
use redaction::evaluate::{Evaluation, LabeledCall, LabeledError, LabeledText, Split};

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
    /// Measure another detector on the same set too; `presidio` needs the Python that SAR_PRESIDIO_PYTHON
    /// names, with presidio-analyzer installed
    #[arg(long, value_enum, value_name = "DETECTOR")]
    compare: Option<OtherDetector>,
    /// Measure instead how well the predictions of missed items hold (`sar case review` shows them)
    #[arg(long, requires = "calls", conflicts_with_all = ["compare", "problems"])]
    calibration: bool,
    /// Write what the predictions of missed items are made from into this file
    #[arg(long, value_name = "FILE", requires = "calls", conflicts_with_all = ["compare", "problems", "json"])]
    recall_table: Option<PathBuf>,
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

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum OtherDetector {
    Presidio,
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

/// What is measured.
#[derive(Default)]
struct Set {
    calls: Vec<LabeledCall>,
    texts: Vec<LabeledText>,
}

pub(crate) fn run(args: &EvaluateArgs, output: &mut Output) -> Result<(), Failure> {
    let set = args.read()?;
    // Whoever the data belongs to: the copy for a third party discloses nothing.
    let policy = Policy::from_name("third_party_copy").unwrap_or_else(Policy::data_subject_copy);
    if let Some(path) = &args.recall_table {
        return risk::write_table(&set.calls, &policy, path, output);
    }
    if args.calibration {
        return risk::print_calibration(&set.calls, &policy, args.json, output);
    }
    let mut evaluation = Evaluation::default();
    set.calls
        .iter()
        .for_each(|call| evaluation.add_call(call, &policy));
    set.texts
        .iter()
        .for_each(|text| evaluation.add_text(text, &policy));
    let other = args
        .compare
        .map(|OtherDetector::Presidio| other::measure(&set));
    table::print(args, &evaluation, other.as_ref(), output)
}

impl EvaluateArgs {
    fn read(&self) -> Result<Set, Failure> {
        let mut set = Set::default();
        if let Some(path) = &self.set.calls {
            each_line(path, |line| {
                let call = LabeledCall::from_json(line)?;
                if self.split.takes(call.split) {
                    set.calls.push(call);
                }
                Ok(())
            })?;
        }
        if let Some(path) = &self.set.text {
            each_line(path, |line| {
                set.texts.push(LabeledText::from_json(line)?);
                Ok(())
            })?;
        }
        Ok(set)
    }
}

fn each_line(
    path: &Path,
    mut take: impl FnMut(&str) -> Result<(), LabeledError>,
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
