//! What predictions of missed items are made from, and how well they hold.

use std::path::Path;

use domain::policy::Policy;
use redaction::{
    evaluate::LabeledCall,
    residual_risk::{Calibration, CalibrationRow, RecallTable, calibrate},
};
use serde::Serialize;

use crate::{
    failure::Failure,
    files,
    output::{Output, count},
};

/// Measures recall at every quality of recognition and writes the table.
pub(super) fn write_table(
    calls: &[LabeledCall],
    policy: &Policy,
    path: &Path,
    output: &mut Output,
) -> Result<(), Failure> {
    let table = RecallTable::measure(calls, policy);
    files::write_text(path, &table.to_json())?;
    output.note(format_args!(
        "Measured on {}: {} at every quality together.",
        count(calls.len() as u64, "call"),
        count(table.missed_items() as u64, "missed item"),
    ));
    Ok(())
}

#[derive(Serialize)]
struct RowLine<'a> {
    group: &'a str,
    calls: usize,
    predicted: f64,
    missed: usize,
    inside_interval: f64,
}

impl<'a> RowLine<'a> {
    fn new(row: &'a CalibrationRow) -> Self {
        let inside = row.inside as f64 / row.calls.max(1) as f64;
        Self {
            group: &row.group,
            calls: row.calls,
            predicted: (row.predicted * 10.0).round() / 10.0,
            missed: row.missed,
            inside_interval: (inside * 1_000.0).round() / 1_000.0,
        }
    }

    fn row(&self) -> Vec<String> {
        vec![
            self.group.to_owned(),
            self.calls.to_string(),
            format!("{:.1}", self.predicted),
            self.missed.to_string(),
            format!("{:.1}%", self.inside_interval * 100.0),
        ]
    }
}

#[derive(Serialize)]
struct ListeningLine {
    proposed_share: f64,
    reached_share: f64,
}

/// Predicts every call with what was measured on the others, and prints how that compares.
pub(super) fn print_calibration(
    calls: &[LabeledCall],
    policy: &Policy,
    json: bool,
    output: &mut Output,
) -> Result<(), Failure> {
    let made = calibrate(calls, policy);
    let lines: Vec<RowLine<'_>> = rows(&made).map(RowLine::new).collect();
    let listening = &made.listening;
    let share = |part: u64, whole: u64| (part * 1_000 / whole.max(1)) as f64 / 1_000.0;
    let listening = ListeningLine {
        proposed_share: share(listening.proposed_ms, listening.length_ms),
        reached_share: share(listening.reached as u64, listening.missed as u64),
    };
    if json {
        lines.iter().try_for_each(|line| output.json(line))?;
        return output.json(&listening);
    }
    let header = ["group", "calls", "predicted", "missed", "inside interval"];
    let mut table = vec![header.map(str::to_owned).to_vec()];
    table.extend(lines.iter().map(RowLine::row));
    output.table(&table)?;
    output.line(format_args!(
        "The proposed stretches are {:.1}% of the length and touch {:.1}% of the missed items.",
        listening.proposed_share * 100.0,
        listening.reached_share * 100.0,
    ))
}

fn rows(made: &Calibration) -> impl Iterator<Item = &CalibrationRow> {
    made.by_damage
        .iter()
        .chain(&made.by_prediction)
        .chain([&made.all])
}
