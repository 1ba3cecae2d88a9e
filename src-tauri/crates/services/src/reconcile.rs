//! Finds at start what was begun and never ended: an INTENT in the log without the entry that ends it.
//!
//! An effect outside the database, such as a file handed over, cannot be in one transaction with its entry.
//! So its intent is written first. After a crash between the two nobody knows by the log alone whether it
//! took place: the entry written here says so, and what can be seen now.

use std::{collections::BTreeMap, io, path::PathBuf};

use domain::audit::AuditAction;
use evidence::hashing::HashingWriter;
use serde::Deserialize;
use tokio::task::spawn_blocking;

use crate::{
    api::ApiError,
    app::App,
    record::{self, Draft, broken_log},
};

/// How far the log was looked through; intents before were ended or reported.
const LOOKED_UNTIL: &str = "intents.looked_until";

/// Entries read at once.
const CHUNK: u32 = 1_000;

/// An intent, and the actions that end it.
const INTENTS: [(AuditAction, &[AuditAction]); 2] = [
    (AuditAction::PackageIntent, &[AuditAction::PackageSealed]),
    (
        AuditAction::DeliverIntent,
        &[AuditAction::PackageDelivered, AuditAction::DeliveryRefused],
    ),
];

/// What this needs of an entry.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Seen {
    seq: u64,
    action: String,
    case_id: Option<String>,
}

/// The open intents: by case and action, with the entry.
type Open = BTreeMap<(String, AuditAction), u64>;

/// Records every intent that was left open. Runs once at start, before anything else writes.
///
/// # Errors
/// When the database fails.
pub(crate) async fn run(app: &App) -> Result<(), ApiError> {
    let size = app.store().log_head().await?.map_or(0, |head| head.size);
    let looked = app.store().setting(LOOKED_UNTIL).await?;
    let from = looked.and_then(|text| text.parse().ok()).unwrap_or(0);
    if from >= size {
        return Ok(());
    }
    let open = open_intents(app, from).await?;
    let mut drafts = Vec::new();
    for ((case_id, intent), seq) in open {
        drafts.extend(unresolved(app, &case_id, intent, seq).await?);
    }
    let mut tx = app.store().begin().await?;
    let until = size + drafts.len() as u64;
    for draft in drafts {
        record::append(app, &mut tx, draft).await?;
    }
    tx.put_setting(LOOKED_UNTIL, &until.to_string()).await?;
    Ok(tx.commit().await?)
}

async fn open_intents(app: &App, from: u64) -> Result<Open, ApiError> {
    let (mut open, mut next) = (Open::new(), from);
    loop {
        let leaves = app.store().log_leaves(next, CHUNK).await?;
        if leaves.is_empty() {
            return Ok(open);
        }
        next += leaves.len() as u64;
        for leaf in leaves {
            let seen: Seen = serde_json::from_slice(&leaf).map_err(|e| broken_log(&e))?;
            take(&mut open, seen);
        }
    }
}

fn take(open: &mut Open, seen: Seen) {
    let Some(case_id) = seen.case_id else {
        return;
    };
    for (intent, ends) in INTENTS {
        if seen.action == intent.name() {
            open.insert((case_id.clone(), intent), seen.seq);
        } else if ends.iter().any(|end| end.name() == seen.action) {
            open.remove(&(case_id.clone(), intent));
        }
    }
}

/// The entry about an open intent; `None` when its case is gone.
async fn unresolved(
    app: &App,
    case_id: &str,
    intent: AuditAction,
    seq: u64,
) -> Result<Option<Draft>, ApiError> {
    let Some(case) = app.store().case(case_id).await? else {
        return Ok(None);
    };
    let found = match intent {
        AuditAction::DeliverIntent => delivered_file(app, case_id).await?,
        // A package that is not on record is in nobody's hands; the job seals it anew.
        _ => "nothing",
    };
    let draft = Draft::new(AuditAction::IntentUnresolved, app.service())
        .case(&case)
        .detail("intent", intent.name())
        .detail("entry", seq)
        .detail("found", found);
    Ok(Some(draft))
}

/// What lies where the package should have been delivered to.
async fn delivered_file(app: &App, case_id: &str) -> Result<&'static str, ApiError> {
    let Some(package) = app.store().package(case_id).await? else {
        return Ok("nothing");
    };
    let path = app.delivery_dir().join(&package.file_name);
    let digest = spawn_blocking(move || digest_of(path))
        .await
        .map_err(|error| ApiError::internal("Looking for a delivered package", &error))?;
    Ok(match digest {
        Ok(Some(digest)) if digest == package.sha256 => "the whole package",
        Ok(Some(_)) => "another file",
        Ok(None) => "nothing",
        Err(_) => "a file that cannot be read",
    })
}

fn digest_of(path: PathBuf) -> io::Result<Option<String>> {
    let mut file = match std::fs::File::open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        opened => opened?,
    };
    let mut hash = HashingWriter::new(io::sink());
    io::copy(&mut file, &mut hash)?;
    let (_, digest, _) = hash.finish();
    Ok(Some(digest.to_string()))
}

#[cfg(test)]
mod tests {
    use domain::sensitive::{PersonalData, Secret};
    use store::rows::CaseRow;

    use super::*;
    use crate::app::{AppOptions, HttpOptions, KeySource, RETRY_PAUSE, system_clock};

    fn open_after(actions: &[(AuditAction, &str)]) -> Vec<(String, &'static str, u64)> {
        let mut open = Open::new();
        for (seq, (action, case)) in (0..).zip(actions) {
            let seen = Seen {
                seq,
                action: action.name().to_owned(),
                case_id: Some((*case).to_owned()),
            };
            take(&mut open, seen);
        }
        open.into_iter()
            .map(|((case, intent), seq)| (case, intent.name(), seq))
            .collect()
    }

    #[test]
    fn an_intent_is_open_until_its_own_case_ends_it() {
        use AuditAction::{
            DeliverIntent, DeliveryRefused, PackageDelivered, PackageIntent, PackageSealed,
        };
        let both = [
            (PackageIntent, "a"),
            (PackageSealed, "a"),
            (DeliverIntent, "a"),
        ];
        assert_eq!(open_after(&both), [("a".to_owned(), "DELIVER_INTENT", 2)]);
        for end in [PackageDelivered, DeliveryRefused] {
            assert_eq!(open_after(&[(DeliverIntent, "a"), (end, "a")]), []);
        }
        let other_case = [(DeliverIntent, "a"), (PackageDelivered, "b")];
        assert_eq!(open_after(&other_case).len(), 1);
        // Tried again: the second one counts.
        let again = [(PackageIntent, "a"), (PackageIntent, "a")];
        assert_eq!(open_after(&again), [("a".to_owned(), "PACKAGE_INTENT", 1)]);
    }

    async fn open(dir: &std::path::Path) -> App {
        App::open(AppOptions {
            data_dir: dir.join("data"),
            keys: KeySource::Passphrase(Secret::new("of a test".to_owned())),
            delivery_dir: dir.join("delivered"),
            clock: system_clock(),
            workers: 1,
            retry_pause: RETRY_PAUSE,
            http: HttpOptions::default(),
            drill_every: None,
            learned: None,
            restoration_look: None,
            witness: None,
        })
        .await
        .unwrap()
    }

    fn case() -> CaseRow {
        CaseRow {
            id: "SAR-2026-000001".to_owned(),
            correlation_id: "c-1".to_owned(),
            law: "uk_gdpr".to_owned(),
            received_on: "2026-03-01".to_owned(),
            received_by: "email".to_owned(),
            step: "deliver".to_owned(),
            owner: "ann".to_owned(),
            requestor_json: PersonalData::new("{}".to_owned()),
            initials: String::new(),
            risk_tier: "normal".to_owned(),
            request_type: "access".to_owned(),
            created_at_utc: jiff::Timestamp::UNIX_EPOCH,
            due_on: "2026-04-01".to_owned(),
            internal_due_on: "2026-04-01".to_owned(),
            due_rule: String::new(),
            calls_total: 0,
            note: String::new(),
            legal_hold: false,
        }
    }

    /// The texts of all entries.
    async fn entries(app: &App) -> Vec<String> {
        let leaves = app.store().log_leaves(0, CHUNK).await.unwrap();
        let text = |leaf: &Vec<u8>| String::from_utf8_lossy(leaf).into_owned();
        leaves.iter().map(text).collect()
    }

    // A kill between the intent and its end: the core was closed, so nothing ended it.
    #[tokio::test]
    async fn an_open_intent_is_recorded_once_at_the_next_start() {
        let dir = tempfile::tempdir().unwrap();
        let app = open(dir.path()).await;
        let mut tx = app.store().begin().await.unwrap();
        tx.insert_case(&case()).await.unwrap();
        let intent = Draft::new(AuditAction::DeliverIntent, app.service()).case(&case());
        let seq = record::append(&app, &mut tx, intent).await.unwrap();
        tx.commit().await.unwrap();
        app.close().await;
        for _ in 0..2 {
            let app = open(dir.path()).await;
            let entries = entries(&app).await;
            assert_eq!(entries.len() as u64, seq + 2, "{entries:?}");
            let last = entries.last().unwrap();
            for part in [
                "INTENT_UNRESOLVED",
                &format!("\"entry\":\"{seq}\""),
                "\"intent\":\"DELIVER_INTENT\"",
                "\"found\":\"nothing\"",
                "\"caseId\":\"SAR-2026-000001\"",
            ] {
                assert!(last.contains(part), "{part} in {last}");
            }
            app.close().await;
        }
    }
}
