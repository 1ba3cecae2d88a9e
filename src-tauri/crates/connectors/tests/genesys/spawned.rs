//! The work can be moved to another thread, by a caller that itself only borrows.

use std::{pin::Pin, sync::Arc};

use connectors::source::{FetchError, MediaRequest, Source};
use domain::search::{SearchCriteria, SourceResult};
use tokio_util::sync::CancellationToken;

use super::support::{MemorySink, demo_range, phone, rig};

type Sending<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

struct Job {
    source: Arc<Source>,
    criteria: SearchCriteria,
    cancel: CancellationToken,
}

async fn run(job: &Job) -> (SourceResult, Result<(), FetchError>) {
    let result = job.source.search(&job.criteria, &job.cancel).await;
    let found = &result.found[0];
    let request = MediaRequest {
        conversation: found.conversation.clone(),
        recording: found.recording.clone(),
        communication: found.communication.clone(),
        format: domain::recording::MediaFormat::Wav,
    };
    let mut sink = MemorySink::default();
    let fetched = job
        .source
        .fetch_media(&request, &mut sink, &job.cancel)
        .await;
    let media = match fetched {
        Ok(media) => media,
        Err(error) => return (result, Err(error)),
    };
    let transcript = job
        .source
        .transcript(&request, &media.timeline, &job.cancel)
        .await;
    (result, transcript.map(|_| ()).map_err(FetchError::from))
}

fn boxed(job: &Job) -> Sending<'_, (SourceResult, Result<(), FetchError>)> {
    Box::pin(run(job))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_spawned_job_searches_and_fetches() {
    let rig = rig().await;
    let criteria = SearchCriteria {
        identifiers: vec![phone("+447700900876")],
        range: demo_range(),
        agent_id: None,
        queue_id: None,
    };
    let job = Job {
        source: Arc::new(rig.source),
        criteria,
        cancel: rig.cancel,
    };
    let (result, fetched) = tokio::spawn(async move { boxed(&job).await })
        .await
        .unwrap();
    assert_eq!(result.found.len(), 3);
    fetched.unwrap();
}
