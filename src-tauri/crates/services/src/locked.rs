//! Reads inside a write transaction: what a decision rests on cannot change before it is written.

use domain::case::CaseStep;
use store::{
    Tx,
    rows::{CallRow, CaseRow},
};

use crate::{
    api::{ApiError, ErrorCode},
    errors::require_step,
};

/// A case as it is now.
pub(crate) async fn case(tx: &mut Tx, id: &str) -> Result<CaseRow, ApiError> {
    let case = tx.case(id).await?;
    case.ok_or_else(|| ApiError::not_found("case", id))
}

/// A call as it is now.
pub(crate) async fn call(tx: &mut Tx, case_id: &str, number: u32) -> Result<CallRow, ApiError> {
    let call = tx.call(case_id, number).await?;
    call.ok_or_else(|| ApiError::not_found("call", format!("{case_id}/{number}")))
}

/// A call and its case, which must be in one of these steps and states.
pub(crate) async fn reviewed_call(
    tx: &mut Tx,
    case_id: &str,
    number: u32,
    steps: &[CaseStep],
    states: &[&str],
) -> Result<(CaseRow, CallRow), ApiError> {
    let case = case(tx, case_id).await?;
    require_step(&case, steps)?;
    let call = call(tx, case_id, number).await?;
    if states.contains(&call.review_state.as_str()) {
        return Ok((case, call));
    }
    Err(ApiError::new(
        ErrorCode::WrongStep,
        format!("The review of call {number} is `{}`", call.review_state),
        match states {
            ["open"] => "Return the call to its reviewer to change a decision.",
            _ => "A call is approved after its review is finished.",
        },
    ))
}

/// What is in a package, or on its way into one, does not change any more.
pub(crate) async fn refuse_sealed(tx: &mut Tx, case_id: &str) -> Result<(), ApiError> {
    if !tx.is_sealed_or_sealing(case_id).await? {
        return Ok(());
    }
    Err(ApiError::new(
        ErrorCode::WrongStep,
        "The package of this case is sealed or being sealed",
        "Its calls cannot be changed any more.",
    ))
}
