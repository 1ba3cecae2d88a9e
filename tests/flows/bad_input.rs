//! Bad input gets a message that says what to do, and leaves nothing half-written.

use domain::sensitive::Secret;
use services::api::*;

use super::support::{Desk, case_ref, demo_request, open_app, try_open_app};

fn assert_says(error: &ApiError, code: ErrorCode, words: &[&str]) {
    assert_eq!(error.code, code, "{error}");
    for word in words {
        assert!(
            error.to_string().to_lowercase().contains(word),
            "`{word}` is not in: {error}"
        );
    }
    assert!(!error.hint.is_empty(), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_secret_is_named_and_nothing_is_connected() {
    let dir = tempfile::tempdir().unwrap();
    let sandbox = sandbox::Sandbox::start(sandbox::SandboxOptions::default())
        .await
        .unwrap();
    let app = open_app(dir.path().to_owned()).await;
    let wrong = Secret::new("not the secret".to_owned());
    let urls = sandbox.urls();
    let id = sandbox.credentials().client_id;
    let (api, login, media) = (&urls.api_url, &urls.login_url, &urls.media_url);
    let error = services::connect_sandbox(&app, api, login, media, id, wrong)
        .await
        .unwrap_err();
    assert_says(&error, ErrorCode::SourceUnavailable, &["secret"]);
    assert!(!error.to_string().contains("not the secret"));
    assert!(
        services::get_status(&app, Empty {})
            .await
            .unwrap()
            .sources
            .is_empty()
    );
    app.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_source_is_a_clear_message() {
    let desk = Desk::new().await;
    let case_id = desk.verified_case().await;
    desk.app.close().await;
    let app = open_app(desk.dir.path().to_owned()).await;
    let request = SignInReq {
        person_id: "ann".to_owned(),
        role: RoleName::CaseWorker,
    };
    services::sign_in(&app, request).await.unwrap();
    let request = SearchReq {
        case_id,
        start: "2026-03-01T00:00".to_owned(),
        end: "2026-04-01T00:00".to_owned(),
        zone: "Europe/London".to_owned(),
        agent_id: None,
        queue_id: None,
    };
    let error = services::search_recordings(&app, request)
        .await
        .unwrap_err();
    assert_says(&error, ErrorCode::SourceUnavailable, &["connect"]);
    app.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_search_that_finds_nothing_says_what_was_searched() {
    let desk = Desk::new().await;
    let mut request = demo_request();
    request.phones = vec!["+44 20 7946 0999".to_owned()];
    // An address that the platform knows would lead to a contact, and that to calls.
    request.emails = vec![];
    request.customer_ids = vec![];
    request.risk_tier = "low".to_owned();
    let case = services::open_case(&desk.app, request).await.unwrap();
    let check = IdentityCheckReq {
        case_id: case.case_id.clone(),
        method: "call_back".to_owned(),
        passed: true,
    };
    services::record_identity_check(&desk.app, check)
        .await
        .unwrap();
    let search = desk.search(&case.case_id).await;
    assert_eq!((search.state.as_str(), search.found.len()), ("done", 0));
    assert_eq!(
        search.sources[0].coverage, "complete",
        "{:?}",
        search.sources[0].reason
    );
    desk.app.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn forms_name_the_wrong_field() {
    let desk = Desk::new().await;
    let open = async |change: fn(&mut OpenCaseReq)| {
        let mut request = demo_request();
        change(&mut request);
        services::open_case(&desk.app, request).await.unwrap_err()
    };
    let invalid = ErrorCode::InvalidInput;
    assert_says(&open(|it| it.name.clear()).await, invalid, &["name"]);
    assert_says(
        &open(|it| it.phones = vec!["call me".into()]).await,
        invalid,
        &["phone"],
    );
    assert_says(
        &open(|it| it.received_on = "2999-01-01".into()).await,
        invalid,
        &["future"],
    );
    assert_says(&open(|it| it.law = "lgpd".into()).await, invalid, &["law"]);
    let list = ListCasesReq {
        view: CaseViewName::Open,
        text: String::new(),
        offset: 0,
        limit: 10,
    };
    assert_eq!(
        services::list_cases(&desk.app, list).await.unwrap().total,
        0,
        "nothing was written"
    );
    desk.app.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_program_on_the_same_folder_is_refused() {
    let desk = Desk::new().await;
    let error = try_open_app(desk.dir.path().to_owned())
        .await
        .err()
        .unwrap();
    assert!(
        error.to_string().to_lowercase().contains("another"),
        "{error}"
    );
    desk.app.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_auditor_looks_but_does_not_decide_or_hear_originals() {
    let desk = Desk::new().await;
    let case_id = desk.verified_case().await;
    desk.search(&case_id).await;
    desk.freeze(&case_id).await;
    desk.retrieve(&case_id).await;
    let call = desk.reviewable(&case_id).await[0];
    desk.sign_in("cleo", RoleName::Auditor).await;
    let listen = async |mode| {
        let play = PlayReq {
            case_id: case_id.clone(),
            call,
            from_ms: 0,
            to_ms: 1_000,
            mode,
            channel: None,
            speed: 1.0,
        };
        services::open_preview(&desk.app, &play)
            .await
            .err()
            .map(|error| error.code)
    };
    assert_eq!(
        listen(PlayMode::Original).await,
        Some(ErrorCode::NotPermitted)
    );
    let unreviewed = listen(PlayMode::Redacted).await;
    assert_eq!(
        unreviewed,
        Some(ErrorCode::NotPermitted),
        "nobody listened yet"
    );
    let reveal = services::reveal_requestor(&desk.app, case_ref(&case_id)).await;
    assert_eq!(reveal.err().unwrap().code, ErrorCode::NotPermitted);
    desk.sign_in("ann", RoleName::CaseWorker).await;
    desk.review_all(&case_id).await;
    desk.approve_all(&case_id).await;
    desk.sign_in("cleo", RoleName::Auditor).await;
    assert_eq!(listen(PlayMode::Redacted).await, None, "what is delivered");
    desk.app.close().await;
}
