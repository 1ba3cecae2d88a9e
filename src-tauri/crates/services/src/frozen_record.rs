//! The frozen list as it is read back: what was searched, and what was left out on which ground.

use domain::recording::EndState;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use store::rows::CallRow;

use crate::{
    api::{ApiError, ExclusionGround},
    app::App,
    errors::integrity,
    exclusion,
    open_case::to_json,
    search_record::SearchRecord,
};

/// What freezing wrote (`freeze.rs`), as far as the answer to the requestor needs it.
#[derive(Deserialize)]
pub(crate) struct FrozenRecord {
    pub(crate) search: SearchRecord,
    /// The calls that were left out.
    excluded: Vec<LeftOut>,
    #[serde(skip)]
    frozen_at_utc: Timestamp,
}

/// A call that was left out.
#[derive(Serialize, Deserialize)]
pub(crate) struct LeftOut {
    pub(crate) conversation: String,
    pub(crate) recording: String,
    pub(crate) ground: ExclusionGround,
    /// Stays in the sealed case.
    pub(crate) note: Option<String>,
}

/// The frozen list of a case and its moment.
pub(crate) async fn load(app: &App, case_id: &str) -> Result<FrozenRecord, ApiError> {
    let row = app.store().frozen(case_id).await?;
    let row = row.ok_or_else(|| ApiError::not_found("frozen list of case", case_id))?;
    let record: FrozenRecord = serde_json::from_str(row.manifest_json.reveal())
        .map_err(|error| integrity("The frozen list", &error))?;
    Ok(FrozenRecord {
        frozen_at_utc: row.frozen_at_utc,
        ..record
    })
}

impl FrozenRecord {
    /// The calls that were left out, each withheld on its ground, numbered after the `listed` ones. // B14
    pub(crate) fn withheld(&self, case_id: &str, listed: usize) -> Result<Vec<CallRow>, ApiError> {
        let found = self.search.found();
        let numbers = (1..).skip(listed);
        let withheld = self.excluded.iter().zip(numbers);
        withheld
            .map(|(left_out, number)| {
                let it = found
                    .iter()
                    .find(|it| {
                        it.conversation == left_out.conversation
                            && it.recording == left_out.recording
                    })
                    .ok_or_else(|| ApiError::not_found("call left out", number))?;
                let ground = left_out.ground.words().to_owned();
                let state = EndState::Withheld { ground };
                let detail = state.detail().map(str::to_owned);
                let mut call = CallRow {
                    case_id: case_id.to_owned(),
                    number,
                    source: it.source.clone(),
                    conversation: it.conversation.clone(),
                    recording: it.recording.clone(),
                    start_utc: it.start_utc,
                    end_utc: it.end_utc,
                    queues_json: to_json(&it.queues)?,
                    end_state_at_utc: Some(self.frozen_at_utc),
                    end_state: Some((state.name().to_owned(), detail)),
                    ..CallRow::default()
                };
                exclusion::hide(&mut call, left_out.ground);
                Ok(call)
            })
            .collect()
    }
}
