//! What the log tells about itself: open intents, changed keys, and that it is the newest one.

use std::path::Path;

use services::{
    api::{ApiError, Empty, ErrorCode, ListAuditReq, RoleName, SignInReq},
    app::{App, AppOptions, HttpOptions, system_clock},
};

use super::support::{keys, open_app};

async fn open_with(dir: &Path, witness: &Path) -> Result<App, ApiError> {
    App::open(AppOptions {
        data_dir: dir.join("data"),
        keys: keys(),
        delivery_dir: dir.join("delivered"),
        clock: system_clock(),
        workers: 1,
        retry_pause: std::time::Duration::ZERO,
        http: HttpOptions::default(),
        drill_every: None,
        learned: None,
        restoration_look: None,
        witness: Some(witness.to_owned()),
    })
    .await
}

async fn sign_in(app: &App) {
    sign_in_as(app, "ann").await;
}

async fn sign_in_as(app: &App, name: &str) {
    let person = SignInReq {
        person_id: name.to_owned(),
        role: RoleName::CaseWorker,
    };
    services::sign_in(app, person).await.unwrap();
}

async fn actions(app: &App) -> Vec<String> {
    let request = ListAuditReq {
        before_seq: None,
        limit: 100,
        case_id: None,
        correlation_id: None,
    };
    let page = services::list_audit(app, request).await.unwrap();
    page.entries.into_iter().map(|entry| entry.action).collect()
}

async fn is_verified(app: &App) -> bool {
    services::verify_audit(app, Empty {})
        .await
        .unwrap()
        .verified
}

/// Copies a folder, as a backup does.
fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let (path, name) = entry.map(|it| (it.path(), it.file_name())).unwrap();
        if path.is_dir() {
            copy(&path, &to.join(name));
        } else {
            std::fs::copy(&path, to.join(name)).unwrap();
        }
    }
}

#[tokio::test]
async fn a_database_older_than_the_witness_is_refused_and_the_newest_one_opens() {
    let (dir, backup, witness) = three_folders();
    let app = open_with(dir.path(), witness.path()).await.unwrap();
    app.close().await;
    copy(&dir.path().join("data"), &backup.path().join("data"));
    let app = open_with(dir.path(), witness.path()).await.unwrap();
    sign_in(&app).await;
    app.close().await;
    let refused = open_with(backup.path(), witness.path())
        .await
        .err()
        .unwrap();
    assert_eq!(refused.code, ErrorCode::IntegrityFailure, "{refused:?}");
    assert!(refused.message.contains("rolled back"), "{refused:?}");
    let newest = open_with(dir.path(), witness.path()).await.unwrap();
    newest.close().await;
}

#[tokio::test]
async fn another_history_than_the_witness_has_is_refused() {
    let (dir, backup, witness) = three_folders();
    let elsewhere = tempfile::tempdir().unwrap();
    let app = open_with(dir.path(), witness.path()).await.unwrap();
    app.close().await;
    copy(&dir.path().join("data"), &backup.path().join("data"));
    for (folder, witness) in [(&dir, &witness), (&backup, &elsewhere)] {
        let app = open_with(folder.path(), witness.path()).await.unwrap();
        sign_in(&app).await;
        app.close().await;
    }
    let refused = open_with(backup.path(), witness.path())
        .await
        .err()
        .unwrap();
    assert!(refused.message.contains("forked"), "{refused:?}");
}

fn three_folders() -> (tempfile::TempDir, tempfile::TempDir, tempfile::TempDir) {
    let folder = || tempfile::tempdir().unwrap();
    (folder(), folder(), folder())
}

#[tokio::test]
async fn a_missing_witness_folder_is_no_witness_and_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let refused = open_with(dir.path(), &dir.path().join("none"))
        .await
        .err()
        .unwrap();
    assert_eq!(refused.code, ErrorCode::SourceUnavailable, "{refused:?}");
}

#[tokio::test]
async fn a_new_key_signs_and_the_log_with_both_is_verified() {
    let (dir, _, witness) = three_folders();
    let app = open_with(dir.path(), witness.path()).await.unwrap();
    sign_in(&app).await;
    let before = services::public_keys(&app).await.unwrap().log_key;
    let after = services::rotate_log_key(&app, Empty {}).await.unwrap();
    assert_ne!(before, after);
    assert_eq!(services::public_keys(&app).await.unwrap().log_key, after);
    assert_eq!(actions(&app).await[0], "LOG_KEY_ROTATED");
    sign_in_as(&app, "bob").await;
    assert!(is_verified(&app).await);
    app.close().await;
    // The witness still holds what the old key signed.
    let again = open_with(dir.path(), witness.path()).await.unwrap();
    assert!(is_verified(&again).await);
    again.close().await;
}

#[tokio::test]
async fn showing_the_recovery_key_is_on_record() {
    let dir = tempfile::tempdir().unwrap();
    let app = open_app(dir.path().to_owned()).await;
    let refused = services::reveal_recovery_key(&app).await.err().unwrap();
    assert_eq!(refused.code, ErrorCode::NotSignedIn);
    sign_in(&app).await;
    let key = services::reveal_recovery_key(&app).await.unwrap();
    assert_eq!(key.reveal().split('-').count(), 14);
    assert_eq!(actions(&app).await[0], "RECOVERY_KEY_SHOWN");
    app.close().await;
}
