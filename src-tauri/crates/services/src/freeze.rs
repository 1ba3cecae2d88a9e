//! Freezes the list of calls: from here on it cannot change. // S2-16, S2-18

use std::collections::{BTreeSet, HashMap};

use domain::{audit::AuditAction, case::CaseStep, sensitive::PersonalData};
use serde::Serialize;
use store::rows::{CallRow, CaseRow, FrozenRow, PlaceRow};

use crate::{
    advance::as_u32,
    api::{ApiError, CasePart, Done, ErrorCode, Exclusion, FreezeReq, OrphanRef},
    app::App,
    errors::require_step,
    frozen_record::LeftOut,
    get_case::load_case,
    open_case::{human, to_json},
    record::{self, Draft},
    search,
    search_record::{FoundRecord, SearchRecord},
    verify_identity::require_verified,
};

/// Most calls of one case; a case beyond that is narrowed or split.
const MAX_CALLS: usize = 5_000;

/// The frozen list as it is kept and hashed.
#[derive(Serialize)]
struct FrozenList<'a> {
    version: u8,
    case_id: &'a str,
    search: &'a SearchRecord,
    included: Vec<(&'a str, &'a str, &'a str)>,
    excluded: Vec<LeftOut>,
    partial_reason: Option<&'a str>,
}

/// Freezes the result of the latest search.
///
/// # Errors
/// When there is no search, a source was not seen completely and no reason is given, an exclusion is
/// not on the list, or the list is frozen already.
pub async fn freeze_list(app: &App, request: FreezeReq) -> Result<Done, ApiError> {
    let worker = app.deciding_person()?;
    let mut case = load_case(app, &request.case_id).await?;
    require_verified(app, &case).await?;
    require_step(&case, &[CaseStep::Search])?;
    let record = search::latest(app, &case.id).await?.ok_or_else(|| {
        ApiError::new(
            ErrorCode::WrongStep,
            "There is no search to freeze",
            "Search first.",
        )
    })?;
    check_coverage(&record, request.partial_reason.as_deref())?;
    let exclusions = exclusions(&record, &request.excluded)?;
    let orphans = chosen_orphans(&record, &request.orphans)?;
    let (mut included, excluded) = split(&record, &exclusions);
    included.extend(&orphans);
    included.sort_by_key(|found| found.start_utc);
    check_size(&record, included.len())?;

    let manifest = to_json(&manifest(&case, &record, &included, &excluded, &request))?;
    let digest = evidence::hashing::sha256(manifest.as_bytes());
    let frozen = FrozenRow {
        case_id: case.id.clone(),
        supplement: 1,
        digest: digest.to_string(),
        manifest_json: PersonalData::new(manifest),
        frozen_at_utc: app.now(),
        by: worker.to_string(),
        calls: as_u32(included.len()),
        excluded: as_u32(excluded.len()),
    };
    let mut tx = app.store().begin().await?;
    tx.insert_frozen(&frozen).await?;
    for (found, number) in included.iter().zip(1..) {
        let call = CallRow {
            also_at: record.also_at(found).map(place).collect(),
            ..call_row(&case, number, found)?
        };
        tx.insert_call(&call).await?;
    }
    step_after(&included).name().clone_into(&mut case.step);
    tx.update_case_step(&case.id, &case.step).await?;
    tx.set_calls_total(&case.id, frozen.calls).await?;
    let entry = Draft::new(AuditAction::ListFrozen, human(&worker))
        .case(&case)
        .file(digest)
        .detail("calls", frozen.calls)
        .detail("excluded", frozen.excluded)
        .detail("orphans", orphans.len())
        .detail("complete", record.is_complete())
        .detail("limitations", record.limitations())
        .detail("coverage", record.coverage_names())
        .detail("organizationId", record.organization_ids());
    record::append(app, &mut tx, entry).await?;
    tx.commit().await?;
    app.emit_case(&case.id, CasePart::Search, None);
    app.emit_case(&case.id, CasePart::Case, None);
    Ok(Done {})
}

/// A source that was not seen completely needs a reason. // S0-40
fn check_coverage(record: &SearchRecord, reason: Option<&str>) -> Result<(), ApiError> {
    if record.is_complete() || reason.is_some_and(|reason| !reason.trim().is_empty()) {
        return Ok(());
    }
    Err(ApiError::invalid(
        "Reason",
        "a source was not searched completely; say why the list is frozen all the same",
    ))
}

/// With nothing to retrieve the answer is that nothing was found. // S0-02
fn step_after(included: &[&FoundRecord]) -> CaseStep {
    if included.is_empty() {
        CaseStep::Deliver
    } else {
        CaseStep::Retrieve
    }
}

/// An empty list says that there is nothing, which only a complete search can say.
fn check_size(record: &SearchRecord, calls: usize) -> Result<(), ApiError> {
    if calls == 0 && !(record.is_complete() && record.found().is_empty()) {
        return Err(ApiError::invalid(
            "Calls",
            "the list is empty, and the search does not say that there is nothing: search every source \
             completely, or leave fewer calls out",
        ));
    }
    if calls > MAX_CALLS {
        return Err(ApiError::invalid(
            "Calls",
            format!("at most {MAX_CALLS} fit into one case"),
        ));
    }
    Ok(())
}

fn exclusions<'a>(
    record: &SearchRecord,
    excluded: &'a [Exclusion],
) -> Result<HashMap<usize, &'a Exclusion>, ApiError> {
    let count = record.found().len();
    let mut exclusions = HashMap::new();
    for exclusion in excluded {
        let index = exclusion.index as usize;
        if index >= count {
            return Err(ApiError::invalid(
                "Excluded call",
                format!("number {index} is not on the list, which has {count} calls from number 0"),
            ));
        }
        exclusions.insert(index, exclusion);
    }
    Ok(exclusions)
}

/// The recordings without a conversation that a person takes into the list, each once. Whose they are only their sound
/// tells, so none is in it by itself.
fn chosen_orphans(
    record: &SearchRecord,
    chosen: &[OrphanRef],
) -> Result<Vec<FoundRecord>, ApiError> {
    let chosen: BTreeSet<_> = chosen.iter().map(|it| (&it.source, &it.id)).collect();
    let one = |(source, id): (&String, &String)| {
        record.orphan(source, id).ok_or_else(|| {
            ApiError::invalid(
                "Recording without a conversation",
                "the latest search did not list it with its time; choose one of its list",
            )
        })
    };
    chosen.into_iter().map(one).collect()
}

type Excluded<'a> = (&'a FoundRecord, &'a Exclusion);

fn split<'a>(
    record: &'a SearchRecord,
    exclusions: &HashMap<usize, &'a Exclusion>,
) -> (Vec<&'a FoundRecord>, Vec<Excluded<'a>>) {
    let mut included = Vec::new();
    let mut excluded = Vec::new();
    for (index, found) in record.found().into_iter().enumerate() {
        match exclusions.get(&index) {
            Some(exclusion) => excluded.push((found, *exclusion)),
            None => included.push(found),
        }
    }
    (included, excluded)
}

fn manifest<'a>(
    case: &'a CaseRow,
    record: &'a SearchRecord,
    included: &[&'a FoundRecord],
    excluded: &[Excluded<'a>],
    request: &'a FreezeReq,
) -> FrozenList<'a> {
    FrozenList {
        version: 1,
        case_id: &case.id,
        search: record,
        included: included
            .iter()
            .map(|it| {
                (
                    it.source.as_str(),
                    it.conversation.as_str(),
                    it.recording.as_str(),
                )
            })
            .collect(),
        excluded: excluded
            .iter()
            .map(|(it, exclusion)| LeftOut {
                conversation: it.conversation.clone(),
                recording: it.recording.clone(),
                ground: exclusion.ground,
                note: exclusion.note.clone(),
            })
            .collect(),
        partial_reason: request.partial_reason.as_deref(),
    }
}

fn call_row(case: &CaseRow, number: u32, found: &FoundRecord) -> Result<CallRow, ApiError> {
    Ok(CallRow {
        case_id: case.id.clone(),
        number,
        source: found.source.clone(),
        conversation: found.conversation.clone(),
        recording: found.recording.clone(),
        communication: found.communication.clone(),
        start_utc: found.start_utc,
        end_utc: found.end_utc,
        agents_json: PersonalData::new(to_json(&found.agents)?),
        queues_json: to_json(&found.queues)?,
        region: found.region.clone(),
        matched_by: found.matched_by.join(" "),
        review_state: "none".to_owned(),
        ..CallRow::default()
    })
}

fn place(found: &FoundRecord) -> PlaceRow {
    PlaceRow {
        source: found.source.clone(),
        conversation: found.conversation.clone(),
        recording: found.recording.clone(),
        communication: found.communication.clone(),
    }
}
