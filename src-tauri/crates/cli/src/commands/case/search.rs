//! `sar case search` and `sar case freeze`.

use clap::Args;
use services::{
    api::{
        Exclusion, ExclusionGround, FoundCallView, FreezeReq, OrphanRef, OrphanView, SearchReq,
        SearchView, SearchedPlaceView, SourceCoverageView,
    },
    app::App,
};

use super::{case_ref, words};
use crate::{
    failure::Failure,
    output::{Output, clock, count},
    wait,
};

#[derive(Args)]
pub(crate) struct SearchArgs {
    /// Case number
    #[arg(value_name = "CASE")]
    case: String,
    /// First local time inside, such as 2026-03-01T00:00
    #[arg(long, value_name = "TIME")]
    from: String,
    /// First local time after
    #[arg(long, value_name = "TIME")]
    to: String,
    /// Time zone of both, such as Europe/Berlin
    #[arg(long, value_name = "ZONE")]
    zone: String,
    /// Only this agent, by the source's user id
    #[arg(long, value_name = "ID")]
    agent: Option<String>,
    /// Only this queue, by the source's queue id
    #[arg(long, value_name = "ID")]
    queue: Option<String>,
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
pub(crate) struct FreezeArgs {
    /// Case number
    #[arg(value_name = "CASE")]
    case: String,
    /// Leave a call out, on a ground: not-the-requestor, outside-the-request, rights-of-others,
    /// legal-privilege or duplicate. A note stays in the case; may be repeated
    #[arg(long, value_name = "INDEX=GROUND[:NOTE]", value_parser = exclusion)]
    exclude: Vec<Exclusion>,
    /// Take a recording without a conversation into the list, by its id; may be repeated
    #[arg(long, value_name = "ID")]
    orphan: Vec<String>,
    /// Why the list is frozen although a source was not seen completely
    #[arg(long, value_name = "REASON")]
    partial_reason: Option<String>,
    /// Print the frozen list as JSON
    #[arg(long)]
    json: bool,
}

const GROUNDS: [(&str, ExclusionGround); 5] = [
    ("not-the-requestor", ExclusionGround::NotTheRequestor),
    ("outside-the-request", ExclusionGround::OutsideTheRequest),
    ("rights-of-others", ExclusionGround::RightsOfOthers),
    ("legal-privilege", ExclusionGround::LegalPrivilege),
    ("duplicate", ExclusionGround::Duplicate),
];

fn exclusion(text: &str) -> Result<Exclusion, String> {
    let parsed = || {
        let (index, why) = text.split_once('=')?;
        let (ground, note) = why
            .split_once(':')
            .map_or((why, None), |(it, note)| (it, Some(note)));
        let (_, ground) = GROUNDS.into_iter().find(|(name, _)| *name == ground)?;
        Some(Exclusion {
            index: index.parse().ok()?,
            ground,
            note: note.map(str::to_owned),
        })
    };
    let names = GROUNDS.map(|(name, _)| name).join(", ");
    parsed().ok_or(format!(
        "write the number of the call and one of {names}: 3=not-the-requestor"
    ))
}

pub(super) async fn run(app: &App, args: &SearchArgs, output: &mut Output) -> Result<(), Failure> {
    let request = SearchReq {
        case_id: args.case.clone(),
        start: args.from.clone(),
        end: args.to.clone(),
        zone: args.zone.clone(),
        agent_id: args.agent.clone(),
        queue_id: args.queue.clone(),
    };
    let found = search(app, request).await?;
    if args.json {
        return output.json(&found);
    }
    print(&found, output)
}

/// Searches and waits for the answer.
pub(crate) async fn search(app: &App, request: SearchReq) -> Result<SearchView, Failure> {
    let case_id = request.case_id.clone();
    services::search_recordings(app, request).await?;
    wait::until_idle(app, &case_id, async || Ok(())).await?;
    let view = services::get_search(app, case_ref(&case_id)).await?;
    if view.state == "done" {
        return Ok(view);
    }
    let why = wait::failure_of(app, &case_id, "search").await?;
    let why = why.unwrap_or_else(|| "it was stopped".to_owned());
    Err(Failure::unavailable(
        format!("The search did not end: {why}"),
        "Run the same command again.",
    ))
}

fn print(view: &SearchView, output: &mut Output) -> Result<(), Failure> {
    if let Some(range) = &view.range {
        output.line(range_line(view, &range.start_utc, &range.end_utc))?;
        range
            .notices
            .iter()
            .try_for_each(|notice| output.line(notice))?;
    }
    for source in &view.sources {
        let reason = source
            .reason
            .as_deref()
            .map(|it| format!(" ({it})"))
            .unwrap_or_default();
        output.line(format_args!(
            "{}: {}{reason}",
            source.source,
            words(&source.coverage)
        ))?;
        source
            .places
            .iter()
            .try_for_each(|place| output.line(place_line(place)))?;
        source
            .orphans
            .iter()
            .try_for_each(|orphan| output.line(orphan_line(orphan)))?;
    }
    let rows: Vec<_> = view
        .found
        .iter()
        .map(|call| {
            vec![
                call.index.to_string(),
                call.start_local.clone(),
                call.start_utc.clone(),
                call.duration_ms.map(clock).unwrap_or_default(),
                words(&call.matched_by.join(", ")),
                call.media_state.clone(),
                maybe_same(call),
            ]
        })
        .collect();
    output.table(&rows)?;
    output.line(format_args!(
        "{} found.",
        count(view.found.len() as u64, "call")
    ))
}

/// A question for a person, who excludes one of them as a duplicate or keeps both.
fn maybe_same(call: &FoundCallView) -> String {
    let others: Vec<_> = call.maybe_same_as.iter().map(u32::to_string).collect();
    match others.is_empty() {
        true => String::new(),
        false => format!("maybe the same call as {}", others.join(", ")),
    }
}

/// Where else was looked, and what came of it.
fn place_line(place: &SearchedPlaceView) -> String {
    let name = words(&place.place);
    let reason = place.reason.as_deref().unwrap_or_default();
    match place.outcome.as_str() {
        "searched" => format!("  {name}: {} found", place.found),
        "cut" => format!(
            "  {name}: {} found, and there are more than the source shows",
            place.found
        ),
        "not_permitted" => format!("  {name}: not searched, the permission {reason} is missing"),
        _ => format!("  {name}: not searched, {reason}"),
    }
}

/// A recording without a conversation, to be looked for in the source.
fn orphan_line(orphan: &OrphanView) -> String {
    let made = orphan.created_utc.as_deref().unwrap_or("unknown time");
    let status = words(&orphan.status.to_lowercase());
    format!(
        "    {} made {made}, {status}, {}",
        orphan.id, orphan.media_state
    )
}

/// What was asked, in the zone it was typed in and in UTC.
pub(crate) fn range_line(view: &SearchView, start_utc: &str, end_utc: &str) -> String {
    format!(
        "{} to {} {} = {start_utc} to {end_utc}",
        view.start, view.end, view.zone
    )
}

/// The source of each chosen recording without a conversation, by the latest search.
async fn orphans(app: &App, args: &FreezeArgs) -> Result<Vec<OrphanRef>, Failure> {
    let view = services::get_search(app, case_ref(&args.case)).await?;
    let listed_by = |id: &String| {
        let has = |source: &&SourceCoverageView| source.orphans.iter().any(|it| it.id == *id);
        let source = view.sources.iter().find(has);
        let source = source.map(|it| it.source.clone());
        source.ok_or_else(|| {
            Failure::usage(
                format!("`{id}` is no recording without a conversation of the latest search"),
                "`sar case search` lists them.",
            )
        })
    };
    let named = |id: &String| {
        listed_by(id).map(|source| OrphanRef {
            source,
            id: id.clone(),
        })
    };
    args.orphan.iter().map(named).collect()
}

pub(super) async fn freeze(
    app: &App,
    args: &FreezeArgs,
    output: &mut Output,
) -> Result<(), Failure> {
    let request = FreezeReq {
        case_id: args.case.clone(),
        excluded: args.exclude.clone(),
        orphans: orphans(app, args).await?,
        partial_reason: args.partial_reason.clone(),
    };
    services::freeze_list(app, request).await?;
    let view = services::get_search(app, case_ref(&args.case)).await?;
    let Some(frozen) = view.frozen else {
        return Ok(());
    };
    if args.json {
        return output.json(&frozen);
    }
    output.line(format_args!(
        "Frozen: {}, {} left out, digest {}",
        count(frozen.calls, "call"),
        frozen.excluded,
        frozen.digest
    ))
}
