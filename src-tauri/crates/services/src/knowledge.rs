//! What a case knows: values that are searched for in every call.

use domain::sensitive::PersonalData;
use redaction::knowledge::CaseKnowledge;
use store::rows::{CallRow, CaseRow};

use crate::{api::ApiError, open_case::RequestorRecord};

/// The known values of the data subject and the agents of one call.
pub(crate) fn knowledge(case: &CaseRow, call: &CallRow) -> Result<CaseKnowledge, ApiError> {
    let requestor = RequestorRecord::of(case)?;
    let agents: Vec<String> = serde_json::from_str(call.agents_json.reveal())
        .map_err(|error| ApiError::internal("Reading the agents of a call", &error))?;
    Ok(CaseKnowledge {
        names: vec![PersonalData::new(requestor.name)],
        phones: hidden(requestor.phones),
        emails: hidden(requestor.emails),
        ids: hidden(requestor.customer_ids),
        agents: hidden(agents),
    })
}

fn hidden(texts: Vec<String>) -> Vec<PersonalData<String>> {
    texts.into_iter().map(PersonalData::new).collect()
}
