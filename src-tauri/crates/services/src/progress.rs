//! How far work is, and when it will be over. // S0-61

use std::io::{self, Write};

use jiff::Timestamp;
use store::rows::{CallRow, JobRow};

/// How much of a job is done.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Progress {
    /// Bytes handled.
    pub(crate) bytes: u64,
    /// Bytes in all; 0 when unknown.
    pub(crate) bytes_total: u64,
}

/// A writer that tells how many bytes went through it.
pub(crate) struct Watched<W, F> {
    inner: W,
    done: Progress,
    report: F,
}

impl<W: Write, F: Fn(Progress)> Watched<W, F> {
    pub(crate) fn new(inner: W, bytes_total: u64, report: F) -> Self {
        let done = Progress {
            bytes: 0,
            bytes_total,
        };
        Self {
            inner,
            done,
            report,
        }
    }

    pub(crate) fn into_inner(self) -> W {
        self.inner
    }
}

impl<W: Write, F: Fn(Progress)> Write for Watched<W, F> {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(buffer)?;
        self.done.bytes += written as u64;
        (self.report)(self.done);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

/// Work is planned at one and a half times the length of the audio until it was measured. // S0-61
const PLANNED_MS_PER_AUDIO_MS: (u64, u64) = (3, 2);

/// How long the calls that are waiting will take, in seconds: by the pace of those that were done since
/// `since_utc` or since they were queued. `None` when nothing is waiting.
pub(crate) fn seconds_left(
    jobs: &[JobRow],
    calls: &[CallRow],
    since_utc: Timestamp,
    now_utc: Timestamp,
) -> Option<u64> {
    let open =
        |job: &&JobRow| is_of_call(job) && matches!(job.state.as_str(), "waiting" | "running");
    let queued_utc = jobs
        .iter()
        .filter(open)
        .map(|job| job.created_at_utc)
        .min()?;
    let began_utc = queued_utc.max(since_utc);
    let done = |job: &&JobRow| {
        is_of_call(job)
            && job.state == "done"
            && job.created_at_utc >= queued_utc
            && job.updated_at_utc >= began_utc
    };
    let audio_ms = |job: &JobRow| {
        let call = calls.iter().find(|call| Some(call.number) == job.call);
        call.map_or(0, length_ms)
    };
    let left_ms: u64 = jobs.iter().filter(open).map(audio_ms).sum();
    let done_ms: u64 = jobs.iter().filter(done).map(audio_ms).sum();
    let spent_ms =
        u64::try_from(now_utc.as_millisecond() - began_utc.as_millisecond()).unwrap_or(0);
    let (spent, audio) = match done_ms {
        0 => PLANNED_MS_PER_AUDIO_MS,
        measured => (spent_ms, measured),
    };
    Some(
        left_ms
            .saturating_mul(spent)
            .div_ceil(audio)
            .div_ceil(1_000),
    )
}

/// Searching and sealing are not about one call; detection takes no time beside a retrieval.
fn is_of_call(job: &JobRow) -> bool {
    matches!(job.kind.as_str(), "retrieve" | "redact")
}

fn length_ms(call: &CallRow) -> u64 {
    if let Some(original) = &call.original {
        return original.duration_ms;
    }
    let end_utc = call.end_utc.unwrap_or(call.start_utc);
    u64::try_from(end_utc.as_millisecond() - call.start_utc.as_millisecond()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(seconds).unwrap()
    }

    fn job(call: u32, state: &str, created: i64, updated: i64) -> JobRow {
        JobRow {
            id: format!("{call} {state}"),
            kind: "retrieve".to_owned(),
            case_id: "SAR-2026-000001".to_owned(),
            call: Some(call),
            state: state.to_owned(),
            message: None,
            code: None,
            attempts: 1,
            created_at_utc: at(created),
            updated_at_utc: at(updated),
        }
    }

    /// Calls of 100 seconds each.
    fn calls(count: u32) -> Vec<CallRow> {
        let call = |number| CallRow {
            number,
            start_utc: at(0),
            end_utc: Some(at(100)),
            ..CallRow::default()
        };
        (1..=count).map(call).collect()
    }

    #[test]
    fn before_the_first_call_is_done_the_plan_counts() {
        let jobs = [
            job(1, "running", 1_000, 1_000),
            job(2, "waiting", 1_000, 1_000),
        ];
        assert_eq!(
            seconds_left(&jobs, &calls(2), at(0), at(1_007)),
            Some(300),
            "200 seconds of audio"
        );
    }

    #[test]
    fn then_the_measured_pace_counts() {
        let jobs = [
            job(1, "done", 1_000, 1_010),
            job(2, "running", 1_000, 1_010),
            job(3, "waiting", 1_000, 1_000),
        ];
        assert_eq!(seconds_left(&jobs, &calls(3), at(0), at(1_010)), Some(20));
    }

    #[test]
    fn time_during_which_the_app_was_closed_is_no_work() {
        let jobs = [
            job(1, "done", 1_000, 1_010),
            job(2, "done", 1_000, 9_005),
            job(3, "waiting", 1_000, 1_000),
        ];
        assert_eq!(
            seconds_left(&jobs, &calls(3), at(9_000), at(9_005)),
            Some(5)
        );
    }

    #[test]
    fn nothing_waits_nothing_is_told() {
        let jobs = [job(1, "done", 1_000, 1_010)];
        assert_eq!(seconds_left(&jobs, &calls(1), at(0), at(1_010)), None);
    }

    #[test]
    fn bytes_are_told_as_they_pass() {
        let told = RefCell::new(Vec::new());
        let mut out = Watched::new(Vec::new(), 6, |done| told.borrow_mut().push(done.bytes));
        out.write_all(b"abc").unwrap();
        out.write_all(b"def").unwrap();
        assert_eq!(out.into_inner(), b"abcdef");
        assert_eq!(told.into_inner(), [3, 6]);
    }
}
