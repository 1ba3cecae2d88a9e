//! Keys, database, vault and queue on a real folder.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test stops at what it did not expect"
)]

use std::{
    fs::{self, OpenOptions},
    io::{Read, Seek, SeekFrom, Write},
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use domain::sensitive::{PersonalData, Secret};
use jiff::Timestamp;
use store::{
    JobEnd, KeySource, Next, Store, StoreError, StoreOptions, keys,
    rows::{CaseFilter, CaseRow, LogHeadRow, QueuedJob},
};
use tokio_util::sync::CancellationToken;

fn passphrase(text: &str) -> KeySource {
    KeySource::Passphrase(Secret::new(text.to_owned()))
}

async fn open(dir: &Path) -> Store {
    try_open(dir, passphrase("correct horse")).await.unwrap()
}

async fn try_open(dir: &Path, keys: KeySource) -> Result<Store, StoreError> {
    Store::open(StoreOptions {
        data_dir: dir.to_owned(),
        keys,
        retry_pause: Duration::ZERO,
    })
    .await
}

fn case(number: u32, due: &str) -> CaseRow {
    CaseRow {
        id: format!("SAR-2026-{number:06}"),
        correlation_id: "c".to_owned(),
        law: "uk_gdpr".to_owned(),
        received_on: "2026-03-01".to_owned(),
        received_by: "email".to_owned(),
        step: "identity".to_owned(),
        owner: "ann".to_owned(),
        requestor_json: PersonalData::new("{\"name\":\"Amelia Hartley\"}".to_owned()),
        initials: "A. H.".to_owned(),
        risk_tier: "normal".to_owned(),
        created_at_utc: Timestamp::UNIX_EPOCH,
        due_on: due.to_owned(),
        internal_due_on: due.to_owned(),
        due_rule: String::new(),
        calls_total: 0,
        note: String::new(),
        legal_hold: false,
        request_type: "access".to_owned(),
    }
}

async fn insert(store: &Store, row: &CaseRow) {
    let mut tx = store.begin().await.unwrap();
    tx.insert_case(row).await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn what_was_committed_is_there_after_opening_again() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path()).await;
    let secret = store.secret("audit-log-key");
    insert(&store, &case(1, "2026-04-01")).await;
    store.close().await;
    let store = open(dir.path()).await;
    assert_eq!(
        store.case("SAR-2026-000001").await.unwrap(),
        Some(case(1, "2026-04-01"))
    );
    assert!(
        secret == store.secret("audit-log-key"),
        "a secret is the same at every start"
    );
    assert!(
        secret != store.secret("package-key"),
        "each purpose has its own"
    );
    store.close().await;
}

#[tokio::test]
async fn a_dropped_transaction_leaves_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path()).await;
    let mut tx = store.begin().await.unwrap();
    tx.insert_case(&case(1, "2026-04-01")).await.unwrap();
    tx.enqueue(&job("1"), 0).await.unwrap();
    drop(tx);
    assert_eq!(store.case("SAR-2026-000001").await.unwrap(), None);
    assert_eq!(store.open_jobs().await.unwrap(), 0);
    store.close().await;
}

#[tokio::test]
async fn the_wrong_key_is_an_error_and_never_an_empty_store() {
    let dir = tempfile::tempdir().unwrap();
    open(dir.path()).await.close().await;
    let wrong = try_open(dir.path(), passphrase("wrong"))
        .await
        .err()
        .unwrap();
    assert!(matches!(wrong, StoreError::WrongPassphrase), "{wrong}");
    let keyring = KeySource::Keyring {
        namespace: "sar-portal-test".to_owned(),
    };
    let other = try_open(dir.path(), keyring).await.err().unwrap();
    assert!(
        matches!(other, StoreError::OtherKeySource { .. }),
        "{other}"
    );
    fs::remove_file(dir.path().join("keys.toml")).unwrap();
    let lost = try_open(dir.path(), passphrase("correct horse"))
        .await
        .err()
        .unwrap();
    assert!(matches!(lost, StoreError::Corrupt { .. }), "{lost}");
}

#[tokio::test]
async fn a_folder_is_used_by_one_at_a_time() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path()).await;
    let second = try_open(dir.path(), passphrase("correct horse"))
        .await
        .err()
        .unwrap();
    assert!(matches!(second, StoreError::Locked), "{second}");
    store.close().await;
    open(dir.path()).await.close().await;
}

#[tokio::test]
async fn the_log_only_grows() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path()).await;
    let mut tx = store.begin().await.unwrap();
    tx.append_log(0, b"entry", [0; 32]).await.unwrap();
    assert!(tx.append_log(2, b"gap", [0; 32]).await.is_err(), "no gaps");
    tx.commit().await.unwrap();
    let head = |size| LogHeadRow {
        size,
        head: vec![],
        checkpoint: String::new(),
    };
    let mut tx = store.begin().await.unwrap();
    tx.set_log_head(&head(5)).await.unwrap();
    assert!(tx.set_log_head(&head(4)).await.is_err(), "it never shrinks");
    assert_eq!(
        store.log_leaves(0, 10).await.unwrap(),
        vec![b"entry".to_vec()]
    );
    drop(tx);
    store.close().await;
}

#[tokio::test]
async fn cases_are_filtered_by_the_database_and_ordered_by_due_date() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path()).await;
    let mut tx = store.begin().await.unwrap();
    for number in 1..=300 {
        tx.insert_case(&case(number, &format!("2026-04-{:02}", 30 - number % 28)))
            .await
            .unwrap();
    }
    tx.update_case_step("SAR-2026-000007", "closed")
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let filter = CaseFilter {
        text: "sar-2026-00000".to_owned(),
        except_step: Some("closed".to_owned()),
        limit: 3,
        ..CaseFilter::default()
    };
    let (rows, total) = store.cases(&filter).await.unwrap();
    assert_eq!(total, 8, "1 to 9 without the closed one");
    let dates: Vec<_> = rows
        .iter()
        .map(|row| row.internal_due_on.as_str())
        .collect();
    assert_eq!(dates, ["2026-04-21", "2026-04-22", "2026-04-24"]);
    let percent = CaseFilter {
        text: "%".to_owned(),
        limit: 3,
        ..CaseFilter::default()
    };
    assert_eq!(
        store.cases(&percent).await.unwrap().1,
        0,
        "a percent sign is a percent sign"
    );
    store.close().await;
}

/// Lets a file stay, as the row that refers to it would.
async fn kept(store: &Store, blob: store::LooseBlob) -> store::BlobId {
    let mut tx = store.begin().await.unwrap();
    let id = tx.keep(blob);
    tx.commit().await.unwrap();
    id
}

#[tokio::test]
async fn sealed_files_are_read_from_any_place_and_damage_is_found() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path()).await;
    let bytes: Vec<u8> = (0..300_000_u32).map(|value| (value % 251) as u8).collect();
    let mut writer = store.vault().create("SAR-2026-000001").unwrap();
    writer.write_all(&bytes).unwrap();
    let blob = kept(&store, writer.finish().unwrap()).await;
    let mut reader = store.vault().open("SAR-2026-000001", &blob).unwrap();
    for place in [0_u64, 65_535, 65_536, 200_001] {
        let mut piece = [0_u8; 16];
        reader.seek(SeekFrom::Start(place)).unwrap();
        reader.read_exact(&mut piece).unwrap();
        assert_eq!(piece, bytes[place as usize..place as usize + 16]);
    }
    assert!(
        store.vault().open("SAR-2026-000002", &blob).is_err(),
        "another case has no key"
    );

    let path = dir.path().join(format!("vault/SAR-2026-000001/{blob}.age"));
    let length = fs::metadata(&path).unwrap().len();
    OpenOptions::new()
        .write(true)
        .open(&path)
        .unwrap()
        .set_len(length - 1)
        .unwrap();
    let mut all = Vec::new();
    let mut reader = store.vault().open("SAR-2026-000001", &blob).unwrap();
    assert!(
        reader.read_to_end(&mut all).is_err(),
        "a cut file is never read as whole"
    );
    store.close().await;
}

#[tokio::test]
async fn many_writers_of_a_new_case_share_one_identity() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path()).await;
    let write = |vault: store::Vault| {
        std::thread::spawn(move || {
            let mut writer = vault.create("SAR-2026-000001").unwrap();
            writer.write_all(b"sealed").unwrap();
            writer.finish().unwrap()
        })
    };
    let writers: Vec<_> = (0..8).map(|_| write(store.vault().clone())).collect();
    for writer in writers {
        let blob = kept(&store, writer.join().unwrap()).await;
        let mut bytes = Vec::new();
        let mut reader = store.vault().open("SAR-2026-000001", &blob).unwrap();
        reader.read_to_end(&mut bytes).unwrap();
        assert_eq!(bytes, b"sealed");
    }
    store.close().await;
}

#[tokio::test]
async fn an_unfinished_file_leaves_nothing_and_a_shredded_case_stays_closed() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path()).await;
    let case_dir = dir.path().join("vault/SAR-2026-000001");
    let mut writer = store.vault().create("SAR-2026-000001").unwrap();
    writer.write_all(b"half").unwrap();
    drop(writer);
    let files = || fs::read_dir(&case_dir).unwrap().count();
    assert_eq!(files(), 1, "only the identity is there");

    // Whole, and nothing refers to it: it can be read, and goes with whoever made it.
    let mut writer = store.vault().create("SAR-2026-000001").unwrap();
    writer.write_all(b"whole").unwrap();
    let loose = writer.finish().unwrap();
    let mut text = String::new();
    let mut reader = store.vault().open("SAR-2026-000001", loose.id()).unwrap();
    reader.read_to_string(&mut text).unwrap();
    assert_eq!(text, "whole");
    let mut tx = store.begin().await.unwrap();
    tx.keep(loose);
    drop(tx);
    assert_eq!(files(), 1, "without the commit it does not stay either");
    let writer = store.vault().create("SAR-2026-000001").unwrap();
    let blob = kept(&store, writer.finish().unwrap()).await;
    store.vault().shred("SAR-2026-000001").unwrap();
    assert!(store.vault().open("SAR-2026-000001", &blob).is_err());
    assert!(
        store.vault().create("SAR-2026-000001").is_err(),
        "no new key over old files"
    );
    store.close().await;
}

// B14: a process is killed anywhere; found by `sar bench faults`, where two files stayed behind.
#[tokio::test]
#[expect(
    clippy::disallowed_methods,
    reason = "the test puts a file where a killed process left it"
)]
async fn after_a_kill_a_file_stays_if_a_transaction_let_it_and_else_goes() {
    let dir = tempfile::tempdir().unwrap();
    let case_dir = dir.path().join("vault/SAR-2026-000001");
    let store = open(dir.path()).await;
    let write = |text: &str| {
        let mut writer = store.vault().create("SAR-2026-000001").unwrap();
        writer.write_all(text.as_bytes()).unwrap();
        writer.finish().unwrap()
    };
    // Killed after the commit and before the file was named.
    let blob = kept(&store, write("committed")).await;
    let named = case_dir.join(format!("{blob}.age"));
    let unnamed = named.with_extension("partial");
    fs::rename(&named, &unnamed).unwrap();
    // Killed before the commit.
    let lost = write("not committed");
    let left = case_dir.join(format!("{}.partial", lost.id()));
    std::mem::forget(lost);
    assert!(left.exists());
    store.close().await;

    let store = open(dir.path()).await;
    assert!(named.exists() && !unnamed.exists() && !left.exists());
    let mut text = String::new();
    let mut reader = store.vault().open("SAR-2026-000001", &blob).unwrap();
    reader.read_to_string(&mut text).unwrap();
    assert_eq!(text, "committed");
    store.close().await;
}

fn job(id: &str) -> QueuedJob {
    QueuedJob {
        id: id.to_owned(),
        kind: "test".to_owned(),
        case_id: "SAR-2026-000001".to_owned(),
        call: Some(1),
        payload: "{}".to_owned(),
    }
}

async fn enqueue(store: &Store, id: &str) {
    let mut tx = store.begin().await.unwrap();
    tx.enqueue(&job(id), 0).await.unwrap();
    tx.commit().await.unwrap();
}

/// Runs the queue until `done` says so.
async fn run(
    store: &Store,
    worker: &str,
    handled: &Arc<AtomicUsize>,
    end: JobEnd,
    done: impl Fn(usize) -> bool,
) {
    let shutdown = CancellationToken::new();
    let (count, settling) = (handled.clone(), store.clone());
    let handler = move |job: QueuedJob| {
        let (count, settling, end) = (count.clone(), settling.clone(), end.clone());
        async move {
            if !settling.start_job(&job.id, 0).await.unwrap() {
                return Next::Over;
            }
            count.fetch_add(1, Ordering::SeqCst);
            settling.settle_job(&job.id, &end, 0).await.unwrap()
        }
    };
    let (queue, stop, worker) = (store.clone(), shutdown.clone(), worker.to_owned());
    let task = tokio::spawn(async move {
        let trouble = |error| panic!("the queue stopped: {error}");
        queue.run_queue(&worker, 2, handler, trouble, stop).await;
    });
    for _ in 0..150 {
        if done(handled.load(Ordering::SeqCst)) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    shutdown.cancel();
    task.await.unwrap();
}

fn failed(retry: bool) -> JobEnd {
    JobEnd::Failed {
        message: "busy".to_owned(),
        code: "source_unavailable".to_owned(),
        retry,
    }
}

async fn state_of(store: &Store, id: &str) -> (String, u32) {
    let row = store.job(id).await.unwrap().unwrap();
    (row.state, row.attempts)
}

#[tokio::test(flavor = "multi_thread")]
async fn jobs_run_once_and_passing_failures_are_tried_three_times() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path()).await;
    for id in ["1", "2", "3"] {
        enqueue(&store, id).await;
    }
    let handled = Arc::new(AtomicUsize::new(0));
    run(&store, "a", &handled, JobEnd::Done, |count| count >= 3).await;
    assert_eq!(handled.load(Ordering::SeqCst), 3);

    enqueue(&store, "4").await;
    let tries = Arc::new(AtomicUsize::new(0));
    run(&store, "b", &tries, failed(true), |count| count >= 4).await;
    assert_eq!(
        tries.load(Ordering::SeqCst),
        3,
        "three attempts, then it rests"
    );
    assert_eq!(state_of(&store, "4").await, ("failed".to_owned(), 3));

    enqueue(&store, "5").await;
    let once = Arc::new(AtomicUsize::new(0));
    run(&store, "c", &once, failed(false), |count| count >= 2).await;
    assert_eq!(
        once.load(Ordering::SeqCst),
        1,
        "a hopeless job is not repeated"
    );
    let row = store.job("5").await.unwrap().unwrap();
    assert_eq!(row.code.as_deref(), Some("source_unavailable"));
    assert_eq!(row.message.as_deref(), Some("busy"));
    store.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_is_history_once_a_later_job_did_it() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path()).await;
    enqueue(&store, "1").await;
    let handled = Arc::new(AtomicUsize::new(0));
    run(&store, "a", &handled, failed(false), |count| count >= 1).await;
    assert_eq!(state_of(&store, "1").await.0, "failed");
    let elsewhere = QueuedJob {
        call: Some(2),
        ..job("other call")
    };
    let mut tx = store.begin().await.unwrap();
    tx.enqueue(&elsewhere, 0).await.unwrap();
    tx.commit().await.unwrap();
    run(&store, "b", &handled, JobEnd::Done, |count| count >= 2).await;
    assert_eq!(state_of(&store, "1").await.0, "failed", "of another call");
    enqueue(&store, "2").await;
    run(&store, "c", &handled, JobEnd::Done, |count| count >= 3).await;
    assert_eq!(state_of(&store, "1").await.0, "superseded");
    assert_eq!(state_of(&store, "2").await.0, "done");
    store.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn closing_uses_up_no_attempt() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path()).await;
    enqueue(&store, "1").await;
    store.close().await;
    for worker in ["a", "b", "c", "d", "e"] {
        let store = open_soon(dir.path()).await;
        let handled = Arc::new(AtomicUsize::new(0));
        run(&store, worker, &handled, JobEnd::GivenBack, |count| {
            count >= 1
        })
        .await;
        assert!(handled.load(Ordering::SeqCst) >= 1, "{worker}");
        assert_eq!(state_of(&store, "1").await, ("waiting".to_owned(), 0));
        store.close().await;
    }
    let store = open_soon(dir.path()).await;
    let handled = Arc::new(AtomicUsize::new(0));
    run(&store, "last", &handled, JobEnd::Done, |count| count >= 1).await;
    assert_eq!(state_of(&store, "1").await, ("done".to_owned(), 1));
    store.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_job_is_not_started() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path()).await;
    enqueue(&store, "1").await;
    let mut tx = store.begin().await.unwrap();
    assert_eq!(tx.cancel_waiting_jobs("SAR-2026-000001").await.unwrap(), 1);
    tx.commit().await.unwrap();
    enqueue(&store, "2").await;
    let handled = Arc::new(AtomicUsize::new(0));
    run(&store, "a", &handled, JobEnd::Done, |count| count >= 1).await;
    assert_eq!(state_of(&store, "1").await, ("cancelled".to_owned(), 0));
    assert_eq!(state_of(&store, "2").await, ("done".to_owned(), 1));
    store.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_of_a_dead_process_is_picked_up_at_once() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path()).await;
    enqueue(&store, "1").await;
    let (queue, starting) = (store.clone(), store.clone());
    let handler = move |job: QueuedJob| {
        let starting = starting.clone();
        async move {
            assert!(starting.start_job(&job.id, 0).await.unwrap());
            std::future::pending::<Next>().await
        }
    };
    // The handler stays behind and holds the folder's lock, so the next start is on a copy.
    let shutdown = CancellationToken::new();
    let dying = tokio::spawn(async move {
        queue.run_queue("dying", 1, handler, |_| {}, shutdown).await;
    });
    while state_of(&store, "1").await.0 != "running" {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    dying.abort();
    let _ = dying.await;
    store.close().await;

    let copy = tempfile::tempdir().unwrap();
    copy_folder(dir.path(), copy.path());
    let store = open_soon(copy.path()).await;
    let handled = Arc::new(AtomicUsize::new(0));
    run(&store, "next", &handled, JobEnd::Done, |count| count >= 1).await;
    assert_eq!(handled.load(Ordering::SeqCst), 1);
    store.close().await;
}

fn copy_folder(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            fs::create_dir_all(&target).unwrap();
            copy_folder(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// The lock goes with the last clone of the store, which an aborted task may hold for a moment.
async fn open_soon(dir: &Path) -> Store {
    for _ in 0..100 {
        match try_open(dir, passphrase("correct horse")).await {
            Ok(store) => return store,
            Err(StoreError::Locked) => tokio::time::sleep(Duration::from_millis(20)).await,
            Err(other) => panic!("{other}"),
        }
    }
    panic!("the folder stays locked");
}

/// With a session bus (as `cargo xtask test` provides) the key is kept and lost with the keyring;
/// without one the error says what to do.
#[tokio::test]
async fn the_keyring_keeps_the_key_or_says_that_it_cannot() {
    let dir = tempfile::tempdir().unwrap();
    let namespace = format!("sar-portal-test-{}", std::process::id());
    let keys = || KeySource::Keyring {
        namespace: namespace.clone(),
    };
    let store = match try_open(dir.path(), keys()).await {
        Ok(store) => store,
        Err(error) => {
            assert!(
                matches!(error, StoreError::KeyringUnavailable { .. }),
                "{error}"
            );
            assert!(error.to_string().contains("passphrase"), "{error}");
            assert!(
                !dir.path().join("sar.db").exists(),
                "nothing half-made stays"
            );
            return;
        }
    };
    insert(&store, &case(1, "2026-04-01")).await;
    let secret = Secret::new("client secret".to_owned());
    store.put_source_secret("genesys", &secret).await.unwrap();
    store.close().await;
    let store = try_open(dir.path(), keys()).await.unwrap();
    assert!(store.case("SAR-2026-000001").await.unwrap().is_some());
    assert_eq!(store.source_secret("genesys").await.unwrap(), Some(secret));
    store.close().await;
    let elsewhere = KeySource::Keyring {
        namespace: format!("{namespace}-emptied"),
    };
    let lost = try_open(dir.path(), elsewhere).await.err().unwrap();
    assert!(matches!(lost, StoreError::KeyringLost { .. }), "{lost}");
}

// A keyring that is gone: the key comes back from paper, and nothing else does.
#[tokio::test]
async fn the_recovery_key_opens_the_folder_under_another_passphrase() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path()).await;
    let paper = store.recovery_key();
    let secret = store.secret("package-key");
    store.close().await;
    let other = || passphrase("another passphrase");
    let stranger = tempfile::tempdir().unwrap();
    let foreign = open(stranger.path()).await;
    let wrong = foreign.recovery_key();
    foreign.close().await;
    let refused = keys::restore(&other(), dir.path(), &wrong);
    assert!(matches!(refused, Err(StoreError::WrongRecoveryKey)));
    keys::restore(&other(), dir.path(), &paper).unwrap();
    let again = try_open(dir.path(), other()).await.unwrap();
    assert_eq!(again.secret("package-key"), secret);
    again.close().await;
}

#[tokio::test]
async fn a_missing_database_is_told_and_no_empty_one_is_made() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path()).await;
    drop(store.vault().create("SAR-2026-000001").unwrap());
    store.close().await;
    fs::remove_file(dir.path().join("sar.db")).unwrap();
    let refused = try_open(dir.path(), passphrase("correct horse"))
        .await
        .err();
    assert!(matches!(refused, Some(StoreError::Missing { what }) if what == "sar.db"));
    assert!(!dir.path().join("sar.db").exists());
}
