use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use jiff::Timestamp;
use sandbox::{ClientRole, Sandbox, SandboxOptions};

use crate::client::{Session, ask_token, send};

#[tokio::test]
async fn a_wrong_secret_is_refused_as_rfc_6749_says() {
    let sandbox = Sandbox::start(SandboxOptions::default()).await.unwrap();
    let answer = ask_token(&sandbox, sandbox.credentials().client_id, "wrong").await;
    assert_eq!(answer.status, 401);
    assert_eq!(answer.json()["error"], "invalid_client");
    sandbox.stop().await;
}

#[tokio::test]
async fn a_client_learns_who_it_is_and_what_it_may_do() {
    let session = Session::start(SandboxOptions::default()).await;
    let token = session.get("/api/v2/tokens/me").await;
    assert_eq!(
        token.json()["OAuthClient"]["id"],
        session.sandbox.credentials().client_id
    );
    let head = session.call("HEAD", "/api/v2/tokens/me", "").await.unwrap();
    assert_eq!((head.status, head.body.len()), (200, 0));
    assert_eq!(
        session.get("/api/v2/organizations/me").await.json()["state"],
        "active"
    );
    assert_eq!(
        session.get("/api/v2/users/me").await.json()["code"],
        "not.a.user"
    );
    let divisions = session.get("/api/v2/authorization/divisions").await.json();
    assert_eq!(divisions["entities"][0]["homeDivision"], true);
}

#[tokio::test]
async fn permissions_differ_by_role() {
    for (role, permission, expected) in [
        (ClientRole::Standard, "recording:recording:view", true),
        (ClientRole::Standard, "gdpr:request:add", false),
        (ClientRole::OverPrivileged, "gdpr:request:add", true),
        (
            ClientRole::WithoutRecordings,
            "recording:recording:view",
            false,
        ),
    ] {
        let session = Session::start_as(SandboxOptions::default(), role).await;
        let subject = session
            .get("/api/v2/authorization/subjects/me")
            .await
            .json();
        let policies = subject["grants"][0]["role"]["policies"]
            .as_array()
            .unwrap()
            .clone();
        let granted = policies.iter().any(|policy| {
            let text = |key: &str| policy[key].as_str().unwrap().to_owned();
            let action = policy["actions"][0].as_str().unwrap();
            format!("{}:{}:{action}", text("domain"), text("entityName")) == permission
        });
        assert_eq!(granted, expected, "{role:?} {permission}");
    }
}

#[tokio::test]
async fn without_the_recording_permission_media_is_forbidden() {
    let session = Session::start_as(SandboxOptions::default(), ClientRole::WithoutRecordings).await;
    let (conversation, recording) = Session::ids("call-01");
    let metadata = session
        .get(&format!(
            "/api/v2/conversations/{conversation}/recordingmetadata"
        ))
        .await;
    assert_eq!(
        (metadata.status, metadata.json()["code"].as_str()),
        (403, Some("missing.any.permissions"))
    );
    let one = session
        .get(&format!(
            "/api/v2/conversations/{conversation}/recordings/{recording}"
        ))
        .await;
    assert_eq!(
        one.json()["code"],
        "recording.recording.view.permission.check.failed"
    );
}

#[tokio::test]
async fn a_request_without_a_valid_token_is_401_with_a_correlation_id() {
    let session = Session::start(SandboxOptions::default()).await;
    let url = format!("{}/api/v2/tokens/me", session.sandbox.urls().api_url);
    let none = send("GET", &url, &[], "").await.unwrap();
    assert_eq!(
        (none.status, none.json()["code"].as_str()),
        (401, Some("authentication.required"))
    );
    let wrong = send("GET", &url, &[("Authorization", "Bearer no")], "")
        .await
        .unwrap();
    assert_eq!(
        (wrong.status, wrong.json()["code"].as_str()),
        (401, Some("bad.credentials"))
    );
    assert_eq!(
        wrong.json()["contextId"].as_str(),
        wrong.header("inin-correlation-id")
    );
}

#[tokio::test]
async fn a_token_ends_with_its_lifetime_or_when_it_is_revoked() {
    let now_s = Arc::new(AtomicI64::new(1_780_000_000));
    let shared = Arc::clone(&now_s);
    let clock = Arc::new(move || Timestamp::from_second(shared.load(Ordering::Relaxed)).unwrap());
    let session = Session::start(SandboxOptions {
        clock,
        token_lifetime_s: 300,
        ..SandboxOptions::default()
    })
    .await;
    now_s.fetch_add(299, Ordering::Relaxed);
    assert_eq!(session.get("/api/v2/tokens/me").await.status, 200);
    now_s.fetch_add(1, Ordering::Relaxed);
    assert_eq!(
        session.get("/api/v2/tokens/me").await.json()["code"],
        "bad.credentials"
    );
    let fresh = crate::client::sign_in(&session.sandbox, ClientRole::Standard).await;
    let session = Session {
        token: fresh,
        ..session
    };
    assert_eq!(
        session
            .call("DELETE", "/api/v2/tokens/me", "")
            .await
            .unwrap()
            .status,
        200
    );
    assert_eq!(session.get("/api/v2/tokens/me").await.status, 401);
}
