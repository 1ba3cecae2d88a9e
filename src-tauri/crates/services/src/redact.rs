//! Renders the redacted audio of an approved call and proves that it is right. Fails closed.

use std::{collections::BTreeMap, io::Write};

use domain::{audit::AuditAction, ids::SpanId, plan::RedactionPlan};
use evidence::hashing::HashingWriter;
use redaction::{
    plan_file::PlanFile,
    render::{self, Rendered, SpanSeed},
    verify::{self, VerificationReport},
};
use store::{
    LooseBlob, Vault,
    rows::{CallRow, CaseRow, OriginalRow, QueuedJob, RedactedRow},
};
use tokio::task::spawn_blocking;

use crate::{
    advance::advance,
    api::{ApiError, CasePart, ErrorCode},
    app::App,
    get_case::load_case,
    jobs::{JobContext, JobError},
    locked,
    progress::{Progress, Watched},
    record::{self, Draft},
    retrieve::load_call,
    review,
};

/// The job: renders and verifies one call.
pub(crate) async fn run(app: &App, context: &JobContext, job: &QueuedJob) -> Result<(), JobError> {
    let case = load_case(app, &job.case_id).await?;
    let call = load_call(app, job).await?;
    if call.review_state != "approved" || call.redacted.is_some() {
        // Returned meanwhile, or rendered by an earlier run.
        return Ok(());
    }
    let Some(original) = call.original.clone() else {
        return Ok(());
    };
    let plan = review::load(app, &call).await?.plan;
    review::check_always_removed(&plan)?;
    let vault = app.store().vault().clone();
    let case_id = case.id.clone();
    let progress = context.progress();
    let rendered =
        spawn_blocking(move || render_and_verify(&vault, &case_id, &original, plan, progress))
            .await
            .map_err(|error| ApiError::internal("Redacting a call", &error))??;
    context.check_cancelled()?;
    keep(app, &case, call, rendered, &job.id).await
}

struct Outcome {
    plan: RedactionPlan,
    blob: LooseBlob,
    rendered: Rendered,
    report: VerificationReport,
    passed: bool,
}

fn render_and_verify(
    vault: &Vault,
    case_id: &str,
    original: &OriginalRow,
    plan: RedactionPlan,
    progress: impl Fn(Progress),
) -> Result<Outcome, ApiError> {
    let seeds = seeds(&plan)?;
    let mut source = vault.open(case_id, &original.blob)?;
    let out = HashingWriter::new(vault.create(case_id)?);
    let mut out = Watched::new(out, original.size_bytes, progress);
    let rendered = render::render(&mut source, &mut out, &plan, &seeds).map_err(|error| {
        ApiError::new(
            ErrorCode::IntegrityFailure,
            format!("The call could not be redacted: {error}"),
            "Nothing was released. Check the original, then retry.",
        )
        .unless_disk_full("Redacting a call", &error)
    })?;
    out.flush()
        .map_err(|error| ApiError::from_io("Storing the redacted call", &error))?;
    let (writer, sha256, _) = out.into_inner().finish();
    let blob = writer.finish()?;
    // The file is read back from the vault: what is checked is what will be delivered.
    let mut original = vault.open(case_id, &original.blob)?;
    let mut redacted = vault.open(case_id, blob.id())?;
    let report = verify::verify(&mut original, &mut redacted, &plan, &rendered.ranges);
    let unchanged = sha256 == rendered.redacted_sha256;
    Ok(Outcome {
        plan,
        blob,
        rendered,
        passed: report.passed() && unchanged,
        report,
    })
}

/// One random seed for each replaced span, from the operating system.
fn seeds(plan: &RedactionPlan) -> Result<BTreeMap<SpanId, SpanSeed>, ApiError> {
    let draw = |id: &SpanId| {
        let mut seed = [0_u8; 32];
        getrandom::fill(&mut seed)
            .map_err(|error| ApiError::internal("Drawing random numbers", &error))?;
        Ok((id.clone(), SpanSeed::new(seed)))
    };
    render::spans_to_seed(plan).map(draw).collect()
}

async fn keep(
    app: &App,
    case: &CaseRow,
    call: CallRow,
    outcome: Outcome,
    job_id: &str,
) -> Result<(), JobError> {
    if !outcome.passed {
        return refuse(app, case, call, outcome, job_id).await;
    }
    let mut tx = app.store().begin().await?;
    let mut case = locked::case(&mut tx, &case.id).await?;
    let mut call = locked::call(&mut tx, &case.id, call.number).await?;
    if call.review_state != "approved" || call.redacted.is_some() {
        // Returned while it was rendered, or another run was faster.
        return Ok(());
    }
    let digest = outcome.rendered.redacted_sha256;
    call.redacted = Some(RedactedRow {
        blob: tx.keep(outcome.blob),
        sha256: digest.to_string(),
        size_bytes: outcome.rendered.size_bytes,
        checks: crate::advance::as_u32(outcome.report.checks.len()),
        plan_json: PlanFile {
            plan: outcome.plan,
            ranges: outcome.rendered.ranges.clone(),
            delivered: Some(outcome.rendered.delivered),
        }
        .to_json(),
    });
    let entry = Draft::new(AuditAction::RecordingRedacted, app.service())
        .case(&case)
        .call(&call)
        .job(job_id)
        .file(digest)
        .detail("original", outcome.rendered.original_sha256)
        .detail("ranges", outcome.rendered.ranges.len())
        .detail("checks", outcome.report.checks.len())
        .detail("delivered", outcome.rendered.delivered.name());
    tx.update_call(&call).await?;
    advance(&mut tx, &mut case).await?;
    record::append(app, &mut tx, entry).await?;
    tx.commit().await?;
    app.emit_case(&case.id, CasePart::Calls, Some(call.number));
    app.emit_case(&case.id, CasePart::Case, None);
    Ok(())
}

/// A file that failed a check is not kept; the call stays approved and unrendered, which blocks sealing.
async fn refuse(
    app: &App,
    case: &CaseRow,
    call: CallRow,
    outcome: Outcome,
    job_id: &str,
) -> Result<(), JobError> {
    let problems: Vec<_> = outcome.report.problems().map(|check| check.name).collect();
    let failed = if problems.is_empty() {
        "digest".to_owned()
    } else {
        problems.join(", ")
    };
    let entry = Draft::new(AuditAction::VerificationFailed, app.service())
        .case(case)
        .call(&call)
        .job(job_id)
        .detail("failed", &failed);
    let mut tx = app.store().begin().await?;
    record::append(app, &mut tx, entry).await?;
    tx.commit().await?;
    Err(ApiError::new(
        ErrorCode::IntegrityFailure,
        format!(
            "The redacted call {} failed its checks: {failed}",
            call.number
        ),
        "Nothing was released. Return the call to its reviewer or report this to support.",
    )
    .into())
}
