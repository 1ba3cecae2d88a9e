//! What stands in the way of sealing, and what would go in. // S0-57

use store::rows::{CallRow, CaseRow};

use crate::{
    advance::{as_u32, count},
    api::{ApiError, CaseCounts, CaseRef, CheckView, ContentView, ErrorCode, Preflight},
    app::App,
    get_case::load_case,
    verify_identity::require_verified,
};

/// What stands in the way of sealing, and what would go in.
///
/// # Errors
/// When there is no such case.
pub async fn preflight_package(app: &App, request: CaseRef) -> Result<Preflight, ApiError> {
    let case = load_case(app, &request.case_id).await?;
    let calls = app.store().calls(&case.id).await?;
    let frozen = app.store().frozen(&case.id).await?;
    let verified = require_verified(app, &case).await.is_ok();
    let mut checks = vec![
        check("identity", verified, "The requestor is verified".to_owned()),
        accounted(frozen.is_some(), &count(&calls)),
        missing(&calls),
    ];
    checks.extend(reviewed(&calls));
    Ok(Preflight {
        ready: checks.iter().all(|check| check.outcome == "passed"),
        checks,
        contents: contents(&calls),
    })
}

/// Every call of the list has its end. A list without a call is answered too: nothing was found. // B14
fn accounted(is_frozen: bool, counts: &CaseCounts) -> CheckView {
    let detail = match (is_frozen, counts.found) {
        (false, _) => "The list of calls is not frozen".to_owned(),
        (true, 0) => "No call was found".to_owned(),
        (true, found) => format!(
            "{} of {found} found calls have an end state",
            found - counts.pending
        ),
    };
    check("accounted", is_frozen && counts.pending == 0, detail)
}

/// Calls that could not be had, and nobody decided to answer without. // S0-71
fn missing(calls: &[CallRow]) -> CheckView {
    let is_open = |call: &&CallRow| {
        let state = call.end_state.as_ref().map(|(name, _)| name.as_str());
        matches!(state, Some("unavailable" | "corrupted" | "unsupported"))
            && call.missing_accepted.is_none()
    };
    let open: Vec<String> = calls
        .iter()
        .filter(is_open)
        .map(|call| call.number.to_string())
        .collect();
    let detail = if open.is_empty() {
        "No call is missing without a reason".to_owned()
    } else {
        let list = open.join(", ");
        format!(
            "Missing without a reason: call {list}. Retry it, or say why the answer goes without it"
        )
    };
    check("missing", open.is_empty(), detail)
}

/// A second person approved every retrieved call, and every one passed its checks.
fn reviewed(calls: &[CallRow]) -> [CheckView; 2] {
    let counts = count(calls);
    let (retrieved, approved) = (counts.retrieved, counts.approved);
    let ready = redacted(calls);
    [
        check(
            "approved",
            approved == retrieved,
            format!("{approved} of {retrieved} calls are approved by a second person"),
        ),
        check(
            "verified",
            ready == retrieved,
            format!("{ready} of {retrieved} calls are redacted and passed every check"),
        ),
    ]
}

fn redacted(calls: &[CallRow]) -> u32 {
    as_u32(calls.iter().filter(|call| call.redacted.is_some()).count())
}

fn contents(calls: &[CallRow]) -> Vec<ContentView> {
    let transcripts = calls
        .iter()
        .filter(|call| call.transcript_blob.is_some())
        .count();
    let content = |kind: &str, files: u32| ContentView {
        kind: kind.to_owned(),
        files,
    };
    vec![
        content("redacted_audio", redacted(calls)),
        content("transcripts", as_u32(transcripts)),
        content("call_list", 1),
        content("redaction_schedule", 1),
        content("letter", 1),
        content("custody", 1),
    ]
}

fn check(name: &str, passed: bool, detail: String) -> CheckView {
    let outcome = if passed { "passed" } else { "failed" };
    CheckView {
        name: name.to_owned(),
        outcome: outcome.to_owned(),
        detail,
    }
}

/// Refuses to go on while a check fails.
pub(crate) async fn require_ready(app: &App, case: &CaseRow) -> Result<(), ApiError> {
    require_verified(app, case).await?;
    let preflight = preflight_package(
        app,
        CaseRef {
            case_id: case.id.clone(),
        },
    )
    .await?;
    let failed = preflight
        .checks
        .iter()
        .find(|check| check.outcome != "passed");
    match failed {
        None => Ok(()),
        Some(check) => Err(ApiError::new(
            ErrorCode::ReviewPending,
            format!("The package cannot be sealed: {}", check.detail),
            "Finish what is missing; the package page links to it.",
        )),
    }
}
