//! A clock that is wrong, here or there, and answers that lead astray.

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use connectors::http::Purpose;
use domain::search::Coverage;
use sandbox::{ClientRole, Sandbox, SandboxOptions, Scenario, scenario::Action};
use tokio_util::sync::CancellationToken;

use super::support::{ManualClock, Rig, connect, demo_range, instant, phone, rig_with, stems};

/// A sandbox and a client whose clocks differ.
async fn apart(platform: &str, ours: &str) -> (Rig, ManualClock) {
    let (platform, ours) = (ManualClock::at(platform), ManualClock::at(ours));
    let options = SandboxOptions {
        clock: platform.read(),
        index_lag_s: Some(60),
        transcode_ms: 0,
        ..Default::default()
    };
    let sandbox = Sandbox::start(options).await.unwrap();
    let (api, login) = (&sandbox.urls().api_url, &sandbox.urls().login_url);
    let (source, http) = connect(api, login, ClientRole::Standard.credentials(), &ours);
    let rig = Rig {
        sandbox,
        source,
        http,
        clock: ours,
        cancel: CancellationToken::new(),
    };
    (rig, platform)
}

// S0-41: two hours that the platform has not lived through are not complete.
#[tokio::test]
async fn a_clock_that_is_ahead_promises_nothing_the_platform_has_not_seen() {
    let (rig, _) = apart("2026-04-10T21:00:00Z", "2026-04-10T23:00:00Z").await;
    let result = rig.search(vec![phone("+447700900876")], demo_range()).await;
    assert_eq!(result.coverage, Coverage::Complete);
    let until = result.index_complete_until_utc.unwrap();
    assert!(until <= instant("2026-04-10T21:00:00Z"), "{until}");
    assert!(until >= instant("2026-04-10T20:50:00Z"), "{until}");
}

// S0-17, S0-19: a lifetime counts from when the token came, not from what time it is there.
#[tokio::test]
async fn a_token_lives_as_long_as_it_should_whatever_the_clocks_say() {
    for ours in ["2026-05-01T10:00:00Z", "2026-05-01T14:00:00Z"] {
        let (rig, platform) = apart("2026-05-01T12:00:00Z", ours).await;
        let search = async || rig.search(vec![phone("+447700900876")], demo_range()).await;
        assert_eq!(stems(&search().await), ["call-03", "call-06", "call-09"]);
        assert!(rig.fetch("call-03").await.0.is_ok());
        assert_eq!(rig.requests(Purpose::SignIn), 1, "{ours}");
        // Only the platform's clock runs: it refuses the token, and one new one is enough.
        platform.advance_s(86_400);
        assert_eq!(search().await.coverage, Coverage::Complete);
        assert_eq!(rig.requests(Purpose::SignIn), 2, "{ours}");
    }
}

// S1-41: the secret stays with the login host, the token with the API host.
#[tokio::test]
async fn no_host_is_followed_to_another_one_with_secret_or_token() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let elsewhere = format!("http://{}/", listener.local_addr().unwrap());
    let visits = Arc::new(AtomicU32::new(0));
    let counted = visits.clone();
    tokio::spawn(async move {
        while listener.accept().await.is_ok() {
            counted.fetch_add(1, Ordering::SeqCst);
        }
    });
    for path in [
        "/oauth/token",
        "/api/v2/analytics/*",
        "/api/v2/conversations/*",
    ] {
        let redirect = Action::Redirect {
            location: elsewhere.clone(),
        };
        let rig = rig_with(Scenario::always(path, redirect)).await;
        let result = rig.search(vec![phone("+447700900876")], demo_range()).await;
        assert_ne!(result.coverage, Coverage::Complete, "{path}");
        assert!(result.found.is_empty(), "{path}");
    }
    assert_eq!(visits.load(Ordering::SeqCst), 0);
}
