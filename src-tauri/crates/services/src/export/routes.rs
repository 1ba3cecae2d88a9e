//! Asks every source a second time in another way, and keeps the answer beside the journal: what a run says
//! about completeness must be the same on every later run. // B9

use connectors::recount::{Recount, RecountedCall};
use domain::search::SearchCriteria;
use evidence::format::format_time;
use serde::{Deserialize, Serialize};
use store::ExportFolder;
use tokio_util::sync::CancellationToken;

use super::{list::stopped, request::Asked, sources::Asking};
use crate::{api::ApiError, open_case::to_json};

/// In our own folder of the export.
const ROUTES: &str = "routes.json";

/// What the second way through one source gave.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct SecondRoute {
    pub(super) source: String,
    pub(super) route: String,
    pub(super) requests: Vec<String>,
    /// Why there is nothing to compare.
    pub(super) not_performed: Option<String>,
    pub(super) until_utc: Option<String>,
    pub(super) calls: Vec<SeenCall>,
}

/// A call as the second way shows it.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct SeenCall {
    pub(super) conversation_id: String,
    pub(super) start_utc: String,
    pub(super) queues: Vec<String>,
    pub(super) is_recorded: Option<bool>,
}

/// Asks all sources, one after the other.
///
/// # Errors
/// When the work was stopped. A source that gives no answer is part of the result.
pub(super) async fn ask(
    asked: &Asked,
    sources: &[Asking],
    cancel: &CancellationToken,
) -> Result<Vec<SecondRoute>, ApiError> {
    let criteria: SearchCriteria = asked.criteria(asked.range);
    let mut routes = Vec::new();
    for asking in sources {
        let recount = asking.source.recount(&criteria, cancel).await;
        if cancel.is_cancelled() {
            return Err(stopped());
        }
        routes.push(written(&asking.written.source, recount));
    }
    Ok(routes)
}

fn written(source: &str, recount: Recount) -> SecondRoute {
    let requests = recount.requests.iter().map(|it| it.reveal().clone());
    let (calls, until_utc, not_performed) = match recount.outcome {
        Ok(seen) => (seen.calls, seen.until_utc, None),
        Err(why) => (Vec::new(), None, Some(why)),
    };
    SecondRoute {
        source: source.to_owned(),
        route: recount.route.to_owned(),
        requests: requests.collect(),
        not_performed,
        until_utc: until_utc.map(format_time),
        calls: calls.into_iter().map(seen_call).collect(),
    }
}

fn seen_call(call: RecountedCall) -> SeenCall {
    SeenCall {
        conversation_id: call.conversation.to_string(),
        start_utc: format_time(call.start_utc),
        queues: call.queues,
        is_recorded: call.is_recorded,
    }
}

/// Keeps the answers. Comes before the list is written: a list without them was made by an older version.
///
/// # Errors
/// When the folder cannot be written.
pub(super) fn keep(folder: &ExportFolder, routes: &Vec<SecondRoute>) -> Result<(), ApiError> {
    Ok(folder.write_own(ROUTES, to_json(routes)?.as_bytes())?)
}

/// The answers that were kept with the list.
///
/// # Errors
/// When the folder cannot be read.
pub(super) fn kept(folder: &ExportFolder) -> Result<Vec<SecondRoute>, ApiError> {
    let Some(bytes) = folder.read_own(ROUTES)? else {
        return Ok(Vec::new());
    };
    serde_json::from_slice(&bytes)
        .map_err(|error| ApiError::internal("Reading the second routes of the export", &error))
}
