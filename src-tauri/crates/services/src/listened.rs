//! What people have listened to: speech that somebody has heard is less likely to hide something. // B4

use crate::{
    api::{ApiError, CasePart},
    app::App,
    calls::fit_of,
    locked, residual,
    retrieve::read_call,
    review,
};

/// Shorter stretches are a slip of the hand.
const SHORTEST_MS: u64 = 500;

/// Keeps that a stretch of a call was heard on every channel, by somebody who decides.
///
/// Called by the shell that played it, never by the page.
///
/// # Errors
/// When there is no such call, or nobody who decides is signed in.
pub async fn note_listened(
    app: &App,
    case_id: &str,
    number: u32,
    (from_ms, to_ms): (u64, u64),
) -> Result<(), ApiError> {
    app.deciding_person()?;
    if to_ms.saturating_sub(from_ms) < SHORTEST_MS {
        return Ok(());
    }
    let call = read_call(app, case_id, number).await?;
    let Some(basis) = residual::basis(app, &call).await? else {
        return Ok(());
    };
    let plan = review::detected_plan(app, &call).await?;
    let mut tx = app.store().begin().await?;
    let mut call = locked::call(&mut tx, case_id, number).await?;
    let rows = tx.review_events(case_id, number).await?;
    let review = review::apply(plan, fit_of(&call).unplaced, &rows)?;
    residual::add_listened(&mut call, from_ms, to_ms)?;
    residual::follow(&mut call, Some(&basis), &review.plan)?;
    tx.update_call(&call).await?;
    tx.commit().await?;
    app.emit_case(case_id, CasePart::Review, Some(number));
    Ok(())
}
