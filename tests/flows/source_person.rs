//! The organization connected as a person who signs in with a browser: kept, renewed, recorded, signed out.

use sandbox::{
    ClientRole, Sandbox, SandboxOptions,
    browser::{self, Decision},
};
use services::api::*;
use store::Store;
use tokio::task::JoinSet;

use super::{egress::details, source::reopened, support::Desk};

fn request(desk: &Desk, role: ClientRole, reason: Option<&str>) -> SignInSourceReq {
    let urls = desk.sandbox.urls();
    SignInSourceReq {
        region: None,
        api_url: Some(urls.api_url.clone()),
        login_url: Some(urls.login_url.clone()),
        media_hosts: None,
        client_id: role.credentials().client_id.to_owned(),
        redirect_port: Some(0),
        accept_excess_reason: reason.map(str::to_owned),
    }
}

/// Registers the redirect address of a link, as an administrator did before.
fn register(sandbox: &Sandbox, link: &str) {
    let link = url::Url::parse(link).unwrap();
    let mut pairs = link.query_pairs();
    let (_, redirect_uri) = pairs.find(|(name, _)| name == "redirect_uri").unwrap();
    sandbox.register_redirect(&redirect_uri);
}

/// Signs in; a person presses a button in a browser.
async fn sign_in(
    desk: &Desk,
    request: SignInSourceReq,
    decision: Decision,
) -> Result<SourceReport, ApiError> {
    let mut browsers = JoinSet::new();
    let open = |link: &str| {
        register(&desk.sandbox, link);
        let link = link.to_owned();
        browsers.spawn(async move {
            let page = browser::press(&link, decision).await.unwrap();
            browser::open(&page.location.unwrap()).await.unwrap();
        });
        Ok(())
    };
    let report = services::sign_in_source(&desk.app, request, open).await;
    browsers.join_all().await;
    report
}

async fn signed_in(options: SandboxOptions) -> Desk {
    let desk = Desk::unconnected_with(options).await;
    let request = request(&desk, ClientRole::Person, None);
    let report = sign_in(&desk, request, Decision::Allow).await.unwrap();
    assert!(report.connected, "{report:?}");
    desk
}

async fn source(desk: &Desk) -> Option<ConnectedSource> {
    let status = services::get_status(&desk.app, Empty {}).await.unwrap();
    status.sources.into_iter().next()
}

/// What the closed desk keeps as the secret of the source, under both of its names.
async fn secrets(store: &Store) -> Vec<String> {
    let mut kept = Vec::new();
    for name in ["genesys", "genesys-2"] {
        let secret = store.source_secret(name).await.unwrap();
        kept.extend(secret.map(|it| it.into_inner()).filter(|it| !it.is_empty()));
    }
    kept
}

/// S0-08, S0-13, S0-21: who connected and how is on record; the tokens are kept like a secret and nowhere else.
#[tokio::test(flavor = "multi_thread")]
async fn a_person_connects_searches_and_stays_connected_after_a_restart() {
    let desk = signed_in(SandboxOptions::default()).await;
    let connected = source(&desk).await.unwrap();
    assert_eq!(connected.signed_in_as.as_deref(), Some("Robin Hale"));
    let log = desk.log().await;
    let entry = log
        .iter()
        .find(|it| it.action == "SOURCE_CONNECTED")
        .unwrap();
    assert_eq!(
        (entry.actor_kind.as_str(), entry.actor.as_str()),
        ("human", "ann")
    );
    assert_eq!(details(entry)["signIn"], "person");
    assert_eq!(
        details(entry)["platformUserId"],
        "b81c9e04-3a7d-4f26-8d15-7c0e2f9a6b80"
    );
    let case_id = desk.verified_case().await;
    let mut tokens = Vec::new();
    let desk = reopened(desk, async |store| tokens = secrets(store).await).await;
    assert_eq!(tokens.len(), 1);
    let tokens: serde_json::Value = serde_json::from_str(&tokens[0]).unwrap();
    let found = desk.search(&case_id).await;
    assert_eq!(found.state, "done", "{:?}", found.failure);
    for entry in desk.log().await {
        for token in ["access_token", "refresh_token"] {
            let token = tokens[token].as_str().unwrap();
            assert!(!entry.json.contains(token), "{}", entry.json);
        }
        assert!(!entry.json.contains("Robin"), "{}", entry.json);
    }
    desk.app.close().await;
}

/// S0-21: nothing of a sign-in is left, here or at the source.
#[tokio::test(flavor = "multi_thread")]
async fn signing_out_revokes_and_forgets_the_tokens() {
    let desk = signed_in(SandboxOptions::default()).await;
    services::sign_out_source(&desk.app, Empty {})
        .await
        .unwrap();
    assert!(source(&desk).await.is_none());
    let log = desk.log().await;
    let entry = log.iter().find(|it| it.action == "SOURCE_REMOVED").unwrap();
    assert_eq!(details(entry)["tokenRevoked"], "true");
    let again = services::sign_out_source(&desk.app, Empty {})
        .await
        .unwrap_err();
    assert_eq!(again.code, ErrorCode::WrongStep);
    let mut kept = Vec::new();
    let desk = reopened(desk, async |store| kept = secrets(store).await).await;
    assert_eq!(kept, [""; 0]);
    assert!(
        source(&desk).await.is_none(),
        "a restart does not bring it back"
    );
    desk.app.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_who_says_no_connects_nothing() {
    let desk = Desk::unconnected().await;
    let wanted = request(&desk, ClientRole::Person, None);
    let error = sign_in(&desk, wanted, Decision::Deny).await.unwrap_err();
    assert_eq!(error.code, ErrorCode::SignInFailed);
    assert!(error.message.contains("denied"), "{error}");
    assert!(source(&desk).await.is_none());
    desk.app.close().await;
}

/// S0-22: a person who may do more than needed says why, and that is on record.
#[tokio::test(flavor = "multi_thread")]
async fn a_person_with_too_many_rights_needs_a_reason() {
    let desk = Desk::unconnected().await;
    let wanted = request(&desk, ClientRole::PersonWithExcess, None);
    let report = sign_in(&desk, wanted, Decision::Allow).await.unwrap();
    assert!(!report.connected && report.excess.contains(&"gdpr:request:add".to_owned()));
    assert!(source(&desk).await.is_none());
    let wanted = request(
        &desk,
        ClientRole::PersonWithExcess,
        Some("until the client is narrowed"),
    );
    let report = sign_in(&desk, wanted, Decision::Allow).await.unwrap();
    assert!(report.connected);
    let log = desk.log().await;
    let entry = log
        .iter()
        .find(|it| it.action == "SOURCE_CONNECTED")
        .unwrap();
    assert_eq!(details(entry)["excessAcceptedBy"], "ann");
    desk.app.close().await;
}

/// A second sign-in takes the place of the one that waits; what waits can be stopped.
#[tokio::test(flavor = "multi_thread")]
async fn a_sign_in_that_waits_is_stopped_by_a_person_or_by_the_next_one() {
    let desk = Desk::unconnected().await;
    let waiting = async |port| {
        let wanted = SignInSourceReq {
            redirect_port: Some(port),
            ..request(&desk, ClientRole::Person, None)
        };
        let (sender, opened) = tokio::sync::oneshot::channel();
        let open = |link: &str| {
            let _ = sender.send(link.to_owned());
            Ok(())
        };
        let signing_in = services::sign_in_source(&desk.app, wanted, open);
        (signing_in.await, opened.await.ok())
    };
    let stop = async {
        // Stopping is tried until there is something to stop.
        loop {
            services::cancel_sign_in(&desk.app, Empty {}).await.unwrap();
            tokio::task::yield_now().await;
        }
    };
    let (stopped, _) = tokio::select! {
        outcome = waiting(0) => outcome,
        () = stop => unreachable!("it never ends"),
    };
    assert_eq!(stopped.unwrap_err().code, ErrorCode::Cancelled);
    let second = async {
        tokio::task::yield_now().await;
        sign_in(
            &desk,
            request(&desk, ClientRole::Person, None),
            Decision::Allow,
        )
        .await
    };
    let ((first, _), second) = tokio::join!(waiting(0), second);
    assert_eq!(first.unwrap_err().code, ErrorCode::Cancelled);
    assert!(second.unwrap().connected);
    desk.app.close().await;
}

/// A job whose sign-in has ended says what to do.
#[tokio::test(flavor = "multi_thread")]
async fn an_ended_sign_in_asks_to_sign_in_again() {
    let options = SandboxOptions {
        refresh_lifetime_s: None,
        ..SandboxOptions::default()
    };
    let desk = signed_in(options).await;
    let case_id = desk.verified_case().await;
    // As if the token's time had passed while the desk was closed.
    let desk = reopened(desk, async |store| {
        let tokens = secrets(store).await.remove(0);
        let mut tokens: serde_json::Value = serde_json::from_str(&tokens).unwrap();
        tokens["expires_utc"] = "2026-01-01T00:00:00Z".into();
        let secret = domain::sensitive::Secret::new(tokens.to_string());
        for name in ["genesys", "genesys-2"] {
            store.put_source_secret(name, &secret).await.unwrap();
        }
    })
    .await;
    let found = desk.search(&case_id).await;
    let failure = found.failure.unwrap();
    assert!(failure.contains("sign in again"), "{failure}");
    desk.app.close().await;
}
