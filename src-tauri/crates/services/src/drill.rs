//! The drill: planted calls and this desk's own corrections through the live configuration. // B16

use std::time::Duration;

use domain::{audit::AuditAction, policy::Policy};
use jiff::{SignedDuration, Timestamp};
use redaction::{
    corrections::Ruling,
    detect::ENGINE,
    detector::Detector,
    drill::{Alarm, Drill, Planted, drill},
    knowledge::CaseKnowledge,
    learned::LearnedError,
};
use serde::{Deserialize, Serialize};
use tokio::{task::spawn_blocking, time::sleep};

use crate::{
    advance::as_u32,
    api::{ApiError, DrillKindView, DrillView, Empty, Event},
    app::App,
    corrections::{self, Example},
    errors::{integrity, learned_failed},
    open_case::{human, to_json},
    record::{self, Draft},
};

/// Where the last result is kept.
const SETTING: &str = "drill.last";
/// How often a running desk looks whether a drill is due.
const LOOK: Duration = Duration::from_secs(10 * 60);

/// The last drill, and the best one of the same planted calls.
#[derive(Serialize, Deserialize)]
struct DrillRecord {
    view: DrillView,
    best_found: usize,
    items: usize,
}

/// Runs the drill now. The result is on record, whoever asked.
///
/// # Errors
/// When the database fails.
pub async fn run_drill(app: &App, _request: Empty) -> Result<DrillView, ApiError> {
    let before = read(app).await?;
    let (detector, examples) = corrections::with_examples(app).await?;
    let engine = detector.engine(ENGINE);
    let policy = Policy::data_subject_copy();
    let (found, failed, tried) = spawn_blocking(move || {
        let mut failed = 0;
        for example in &examples {
            failed += usize::from(!holds(&detector, example)?);
        }
        Ok::<_, LearnedError>((drill(&detector, &policy)?, failed, examples.len()))
    })
    .await
    .map_err(|error| ApiError::internal("Running the drill", &error))?
    .map_err(|error| learned_failed(&error))?;
    let best = before.as_ref().map(|it| Planted {
        items: it.items,
        found: it.best_found,
    });
    let mut alarms: Vec<String> = found.alarms(best).iter().map(sentence).collect();
    if failed > 0 {
        alarms.push(format!(
            "{failed} of {tried} corrections of this desk do not hold any more"
        ));
    }
    let record = record_of(app, &found, alarms, engine, tried, best);
    keep(app, &record).await?;
    app.emit(Event::StatusChanged);
    Ok(record.view)
}

fn record_of(
    app: &App,
    found: &Drill,
    alarms: Vec<String>,
    engine: String,
    tried: usize,
    best: Option<Planted>,
) -> DrillRecord {
    let all = found.all();
    let comparable = best.filter(|it| it.items == all.items);
    let kinds = found.kinds.iter().map(|(name, it)| DrillKindView {
        entity: (*name).to_owned(),
        items: as_u32(it.items),
        found: as_u32(it.found),
    });
    DrillRecord {
        view: DrillView {
            at_utc: app.now().to_string(),
            engine,
            calls: as_u32(found.calls),
            items: as_u32(all.items),
            found: as_u32(all.found),
            corrections: as_u32(tried),
            alarms,
            kinds: kinds.collect(),
        },
        best_found: comparable.map_or(all.found, |it| it.found.max(all.found)),
        items: all.items,
    }
}

/// Whether what a reviewer said about these words still has its effect.
fn holds(detector: &Detector, example: &Example) -> Result<bool, LearnedError> {
    let found = detector.detect(&example.transcript, &CaseKnowledge::default())?;
    let policy = Policy::data_subject_copy();
    Ok(match example.correction.ruling {
        Ruling::Marked => found.iter().any(|it| policy.decide(it).is_some()),
        // It is asked about or not shown, and nothing is asked of the rest of the words.
        Ruling::Kept => true,
    })
}

fn sentence(alarm: &Alarm) -> String {
    match alarm {
        Alarm::Floor => "Too few of the planted items were found".to_owned(),
        Alarm::Dropped(items) => format!("{items} planted items fewer were found than before"),
        Alarm::TakenAway(items) => format!(
            "{items} planted items are let pass by corrections or a learned recognizer of this desk"
        ),
        Alarm::Kind(kind) => format!("Most planted items of the kind {kind} were missed"),
    }
}

async fn read(app: &App) -> Result<Option<DrillRecord>, ApiError> {
    let Some(json) = app.store().setting(SETTING).await? else {
        return Ok(None);
    };
    serde_json::from_str(&json)
        .map(Some)
        .map_err(|error| integrity("The last drill", &error))
}

async fn keep(app: &App, record: &DrillRecord) -> Result<(), ApiError> {
    let view = &record.view;
    let worker = app.deciding_person().ok();
    let actor = worker.as_ref().map_or_else(|| app.service(), human);
    let outcome = if view.alarms.is_empty() {
        "passed"
    } else {
        "alarm"
    };
    let entry = Draft::new(AuditAction::DrillRun, actor)
        .detail("outcome", outcome)
        .detail("engine", &view.engine)
        .detail("calls", view.calls)
        .detail("items", view.items)
        .detail("found", view.found)
        .detail("corrections", view.corrections)
        .detail("alarms", view.alarms.join("; "));
    let mut tx = app.store().begin().await?;
    tx.put_setting(SETTING, &to_json(record)?).await?;
    record::append(app, &mut tx, entry).await?;
    Ok(tx.commit().await?)
}

/// What the last drill found; nothing before the first.
pub(crate) async fn last(app: &App) -> Result<Option<DrillView>, ApiError> {
    Ok(read(app).await?.map(|it| it.view))
}

/// Runs a drill whenever the last one is older than `every`, until the core closes.
pub(crate) async fn watch(app: App, every: Duration) {
    loop {
        if let Err(error) = run_if_due(&app, every).await {
            // The next look tries again.
            tracing::warn!(%error, "the drill could not be run");
        }
        tokio::select! {
            () = sleep(LOOK.min(every)) => {}
            () = app.shutdown_token().cancelled() => return,
        }
    }
}

async fn run_if_due(app: &App, every: Duration) -> Result<(), ApiError> {
    let last = read(app).await?;
    let at = last.and_then(|it| it.view.at_utc.parse::<Timestamp>().ok());
    let every = SignedDuration::try_from(every).unwrap_or(SignedDuration::MAX);
    // A clock that was set back must not put the next drill off for ever.
    let is_fresh = |at: Timestamp| app.now().duration_since(at).abs() < every;
    if !at.is_some_and(is_fresh) {
        let result = run_drill(app, Empty {}).await?;
        if !result.alarms.is_empty() {
            tracing::error!(
                alarms = result.alarms.join("; "),
                "the drill raised an alarm"
            );
        }
    }
    Ok(())
}
