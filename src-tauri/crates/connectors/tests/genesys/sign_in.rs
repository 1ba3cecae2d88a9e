//! Signing in, and what the credentials may do.

use connectors::{
    http::Purpose,
    source::{SignInError, SourceError},
};
use sandbox::{ClientRole, Credentials, Scenario, scenario::Action};

use super::support::{demo_range, phone, rig, rig_as, rig_with};

// S0-14, S0-17, S0-23
#[tokio::test]
async fn the_right_client_may_do_what_is_needed_and_no_more() {
    let rig = rig().await;
    let health = rig.source.health(&rig.cancel).await.unwrap();
    assert_eq!(health.organization, "Sandbox Household Services");
    assert!(!health.organization_id.is_empty());
    assert_eq!(health.divisions.len(), 1);
    assert_eq!(health.missing, [""; 0]);
    assert_eq!(health.excess, [""; 0]);
    assert_eq!(health.token_lifetime_s, 86_399);
    assert!(
        health
            .granted
            .contains(&"recording:recording:view".to_owned())
    );
}

#[tokio::test]
async fn a_wrong_secret_is_refused_with_what_to_do_and_without_the_secret() {
    let right = ClientRole::Standard.credentials();
    let wrong = Credentials {
        client_secret: "not-the-secret",
        ..right
    };
    let rig = rig_as(wrong, Scenario::default()).await;
    let error = rig.source.health(&rig.cancel).await.unwrap_err();
    assert!(
        matches!(error, SourceError::SignIn(SignInError::Refused { .. })),
        "{error:?}"
    );
    let text = error.to_string();
    assert!(
        text.contains("another region") && !text.contains("not-the-secret"),
        "{text}"
    );
    assert_eq!(
        rig.requests(Purpose::SignIn),
        1,
        "a refusal is not tried again"
    );
}

// S0-22
#[tokio::test]
async fn every_permission_beyond_the_needed_ones_is_named() {
    let rig = rig_as(
        ClientRole::OverPrivileged.credentials(),
        Scenario::default(),
    )
    .await;
    let excess = rig.source.health(&rig.cancel).await.unwrap().excess;
    let expected = [
        "gdpr:request:add",
        "oauth:client:edit",
        "recording:annotation:edit",
        "recording:deletionProtection:apply",
        "recording:deletionProtection:revoke",
        "recording:job:add",
        "recording:recording:editRetention",
    ];
    assert_eq!(excess, expected);
}

#[tokio::test]
async fn a_missing_permission_is_named_at_connect_and_when_it_is_needed() {
    let rig = rig_as(
        ClientRole::WithoutRecordings.credentials(),
        Scenario::default(),
    )
    .await;
    let missing = rig.source.health(&rig.cancel).await.unwrap().missing;
    assert_eq!(
        missing,
        ["recording:recording:view", "recording:annotation:view"]
    );
    let result = rig.search(vec![phone("+447700900123")], demo_range()).await;
    let coverage = format!("{:?}", result.coverage);
    assert!(coverage.starts_with("Partial"), "{coverage}");
    assert!(coverage.contains("recording:recording:view"), "{coverage}");
    assert!(!coverage.contains("447700900123"), "{coverage}");
}

// S0-18, S0-19
#[tokio::test]
async fn a_token_is_shared_and_renewed_before_it_ends() {
    let rig = rig().await;
    for _ in 0..3 {
        rig.source.health(&rig.cancel).await.unwrap();
    }
    assert_eq!(rig.requests(Purpose::SignIn), 1);
    rig.clock.advance_s(2_999);
    rig.source.health(&rig.cancel).await.unwrap();
    assert_eq!(rig.requests(Purpose::SignIn), 1);
    rig.clock.advance_s(2);
    rig.source.health(&rig.cancel).await.unwrap();
    assert_eq!(rig.requests(Purpose::SignIn), 2);
}

#[tokio::test]
async fn many_tasks_sign_in_once() {
    let rig = rig().await;
    let (a, b, c) = tokio::join!(
        rig.source.health(&rig.cancel),
        rig.source.health(&rig.cancel),
        rig.source.health(&rig.cancel)
    );
    assert!(a.is_ok() && b.is_ok() && c.is_ok());
    assert_eq!(rig.requests(Purpose::SignIn), 1);
}

// S0-19
#[tokio::test]
async fn a_token_that_ends_early_is_replaced_once() {
    let rig = rig_with(Scenario::first(
        1,
        "/api/v2/organizations/me",
        Action::ExpireToken,
    ))
    .await;
    rig.source.health(&rig.cancel).await.unwrap();
    assert_eq!(rig.requests(Purpose::SignIn), 2);
}

#[tokio::test]
async fn a_host_that_refuses_every_token_is_not_asked_forever() {
    let rig = rig_with(Scenario::always("/api/v2/tokens/me", Action::ExpireToken)).await;
    let error = rig.source.health(&rig.cancel).await.unwrap_err();
    assert!(
        matches!(error, SourceError::SignIn(SignInError::TokenRefused { .. })),
        "{error:?}"
    );
    assert!(error.to_string().contains("same region"));
    assert_eq!(rig.requests(Purpose::SignIn), 2);
}

#[tokio::test]
async fn an_unreachable_host_is_named_after_the_last_attempt() {
    let rig = rig().await;
    rig.source.health(&rig.cancel).await.unwrap();
    rig.sandbox.stop().await;
    let error = rig.source.health(&rig.cancel).await.unwrap_err();
    assert!(error.to_string().contains("127.0.0.1"), "{error}");
    assert!(error.to_string().contains("4 attempts"), "{error}");
}
