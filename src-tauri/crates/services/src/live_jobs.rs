//! What is known about jobs only while the app runs: progress, and what the database could not take.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use store::rows::JobRow;

use crate::{
    api::{ApiError, ErrorCode},
    progress::Progress,
};

/// Jobs as they stand in this process.
#[derive(Default)]
pub(crate) struct LiveJobs {
    /// How far running jobs are, by job.
    progress: Mutex<HashMap<String, Progress>>,
    /// Jobs that ended while the database could not be written, and why it could not.
    unwritten: Mutex<HashMap<String, ApiError>>,
    /// Why the queue delivers nothing.
    trouble: Mutex<Option<ApiError>>,
}

impl LiveJobs {
    /// Notes how far a running job is; `None` when it ended.
    pub(crate) fn note_progress(&self, job_id: &str, progress: Option<Progress>) {
        set(&self.progress, job_id, progress);
    }

    /// How far a running job is.
    pub(crate) fn progress_of(&self, job_id: &str) -> Option<Progress> {
        lock(&self.progress).get(job_id).copied()
    }

    /// Notes why the end of a job could not be written; `None` once it was.
    pub(crate) fn note_unwritten(&self, job_id: &str, error: Option<ApiError>) {
        set(&self.unwritten, job_id, error);
    }

    /// Notes why the queue delivers nothing. What passes by itself is not shown.
    pub(crate) fn note_trouble(&self, error: ApiError) {
        if matches!(
            error.code,
            ErrorCode::DiskFull | ErrorCode::IntegrityFailure
        ) {
            *lock(&self.trouble) = Some(error);
        }
    }

    /// The queue delivers again.
    pub(crate) fn note_delivery(&self) {
        *lock(&self.trouble) = None;
    }

    /// The row of a job, as failed when the database could not take how it ended or cannot start it.
    pub(crate) fn as_it_stands(&self, job: JobRow) -> JobRow {
        let error = match job.state.as_str() {
            "running" => lock(&self.unwritten).get(&job.id).cloned(),
            "waiting" => lock(&self.trouble).clone(),
            _ => None,
        };
        match error {
            None => job,
            Some(error) => JobRow {
                state: "failed".to_owned(),
                message: Some(error.to_string()),
                code: Some(error.code.name()),
                ..job
            },
        }
    }
}

fn set<T>(of_jobs: &Mutex<HashMap<String, T>>, job_id: &str, value: Option<T>) {
    match value {
        Some(value) => lock(of_jobs).insert(job_id.to_owned(), value),
        None => lock(of_jobs).remove(job_id),
    };
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use store::StoreError;

    use super::*;

    fn row(state: &str) -> JobRow {
        JobRow {
            id: "1".to_owned(),
            kind: "seal".to_owned(),
            case_id: "SAR-2026-000001".to_owned(),
            call: None,
            state: state.to_owned(),
            message: None,
            code: None,
            attempts: 1,
            created_at_utc: jiff::Timestamp::UNIX_EPOCH,
            updated_at_utc: jiff::Timestamp::UNIX_EPOCH,
        }
    }

    #[test]
    fn a_full_disk_is_shown_although_the_database_cannot_hold_it() {
        let live = LiveJobs::default();
        live.note_unwritten("1", Some(StoreError::DiskFull.into()));
        let shown = live.as_it_stands(row("running"));
        assert_eq!(shown.state, "failed");
        assert_eq!(shown.code.as_deref(), Some("disk_full"));
        assert_eq!(live.as_it_stands(row("done")), row("done"));
        live.note_unwritten("1", None);
        assert_eq!(live.as_it_stands(row("running")), row("running"));
    }

    #[test]
    fn waiting_jobs_show_why_the_queue_stands_still_and_nothing_that_passes() {
        let live = LiveJobs::default();
        live.note_trouble(StoreError::Interrupted.into());
        assert_eq!(live.as_it_stands(row("waiting")), row("waiting"));
        live.note_trouble(StoreError::DiskFull.into());
        live.note_trouble(StoreError::Interrupted.into());
        assert_eq!(live.as_it_stands(row("waiting")).state, "failed");
        live.note_delivery();
        assert_eq!(live.as_it_stands(row("waiting")), row("waiting"));
    }
}
