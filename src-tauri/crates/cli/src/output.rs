//! The only way to print: data to stdout, messages to stderr.

use std::{
    fmt::Display,
    io::{self, ErrorKind, Write},
    process::ExitCode,
};

use serde::Serialize;

use crate::failure::Failure;

/// Where a command prints to.
pub(crate) struct Output {
    out: Box<dyn Write + Send>,
    err: Box<dyn Write + Send>,
}

impl Output {
    pub(crate) fn standard() -> Self {
        Self {
            out: Box::new(io::stdout()),
            err: Box::new(io::stderr()),
        }
    }

    /// Prints nothing; for measuring.
    pub(crate) fn silent() -> Self {
        Self {
            out: Box::new(io::sink()),
            err: Box::new(io::sink()),
        }
    }

    /// A line of data for people.
    pub(crate) fn line(&mut self, text: impl Display) -> Result<(), Failure> {
        let written = writeln!(self.out, "{text}").and_then(|()| self.out.flush());
        written.map_err(|error| print_failure(&error))
    }

    /// An object on a line of its own, for programs.
    pub(crate) fn json(&mut self, value: &impl Serialize) -> Result<(), Failure> {
        let text = serde_json::to_string(value).expect("our own types have string keys");
        self.line(text)
    }

    /// Rows in aligned columns. The last column is not padded.
    pub(crate) fn table(&mut self, rows: &[Vec<String>]) -> Result<(), Failure> {
        for row in aligned(rows) {
            self.line(row)?;
        }
        Ok(())
    }

    /// A message beside the data.
    pub(crate) fn note(&mut self, text: impl Display) {
        // When stderr is gone there is nobody to tell.
        let _ = writeln!(self.err, "{text}");
    }

    /// Says how it ended, and turns it into the exit code.
    pub(crate) fn finish(&mut self, outcome: Result<(), Failure>) -> ExitCode {
        let Err(failure) = outcome else {
            return ExitCode::SUCCESS;
        };
        if !failure.message.is_empty() {
            self.note(format_args!("sar: {}", failure.message));
        }
        if !failure.hint.is_empty() {
            self.note(format_args!("  {}", failure.hint));
        }
        if let Some(id) = &failure.correlation_id {
            self.note(format_args!("  Reference for support: {id}"));
        }
        ExitCode::from(failure.exit as u8)
    }
}

fn print_failure(error: &io::Error) -> Failure {
    match error.kind() {
        ErrorKind::BrokenPipe => Failure::reader_gone(),
        kind => Failure::unavailable(
            format!("The output could not be written: {kind}"),
            "Check the disk or the program that reads it.",
        ),
    }
}

fn aligned(rows: &[Vec<String>]) -> Vec<String> {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let line = |row: &Vec<String>| {
        let padded = row
            .iter()
            .zip(&widths)
            .map(|(cell, &width)| format!("{cell:<width$}"));
        padded.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    rows.iter().map(line).collect()
}

/// Bytes in the unit people use.
pub(crate) fn size(bytes: u64) -> String {
    const UNITS: [(&str, u64); 3] = [("GB", 1_000_000_000), ("MB", 1_000_000), ("kB", 1_000)];
    match UNITS.iter().find(|(_, unit)| bytes >= *unit) {
        Some((name, unit)) => format!("{:.1} {name}", bytes as f64 / *unit as f64),
        None => format!("{bytes} bytes"),
    }
}

/// A time on the audio, such as `2:05.250`.
pub(crate) fn clock(ms: u64) -> String {
    format!("{}:{:02}.{:03}", ms / 60_000, ms / 1_000 % 60, ms % 1_000)
}

/// A UTC time to the second: `2026-03-01T00:00:00.123Z` without the fraction.
pub(crate) fn second(utc: &str) -> String {
    let (time, _) = utc
        .split_once('.')
        .unwrap_or((utc.trim_end_matches('Z'), ""));
    format!("{time}Z")
}

/// `1 call`, `2 calls`.
pub(crate) fn count(number: impl Into<u64>, thing: &str) -> String {
    match number.into() {
        1 => format!("1 {thing}"),
        number => format!("{number} {thing}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::Exit;

    #[test]
    fn columns_line_up_and_have_no_trailing_blanks() {
        let rows = [vec!["a", "bb", "c"], vec!["aaa", "b", ""]]
            .map(|row| row.into_iter().map(String::from).collect());
        assert_eq!(aligned(&rows), ["a    bb  c", "aaa  b"]);
    }

    #[test]
    fn numbers_are_written_as_people_read_them() {
        assert_eq!(size(999), "999 bytes");
        assert_eq!(size(2_560_000), "2.6 MB");
        assert_eq!(clock(125_250), "2:05.250");
        assert_eq!(
            second("2026-11-22T05:05:31.75680976Z"),
            "2026-11-22T05:05:31Z"
        );
        assert_eq!(second("2026-11-22T05:05:31Z"), "2026-11-22T05:05:31Z");
        assert_eq!(
            (count(1_u32, "call"), count(0_u32, "call")),
            ("1 call".into(), "0 calls".into())
        );
    }

    #[test]
    fn a_gone_reader_is_no_error() {
        let gone = print_failure(&ErrorKind::BrokenPipe.into());
        assert_eq!(gone.exit, Exit::ReaderGone);
        assert_eq!(
            print_failure(&ErrorKind::StorageFull.into()).exit,
            Exit::Unavailable
        );
    }
}
