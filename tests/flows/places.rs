//! Where a search looks beside the calls themselves, and what it leaves to a person: contacts to search by,
//! recordings without a conversation, calls that may be the same.

use sandbox::{ClientRole, SandboxOptions};
use services::api::*;

use super::{
    egress::details,
    support::{Desk, case_ref, connect_client, demo_request},
};

fn place<'a>(view: &'a SearchView, name: &str) -> &'a SearchedPlaceView {
    let places = &view.sources[0].places;
    places.iter().find(|it| it.place == name).unwrap()
}

async fn search_run(desk: &Desk) -> serde_json::Value {
    let log = desk.log().await;
    details(log.iter().rfind(|it| it.action == "SEARCH_RUN").unwrap())
}

// S0-25
#[tokio::test(flavor = "multi_thread")]
async fn contacts_of_the_data_subject_are_looked_up_and_searched_by() {
    let desk = Desk::new().await;
    let case_id = desk.verified_case().await;
    let view = desk.search(&case_id).await;
    for name in ["data_subjects", "external_contacts"] {
        assert_eq!(
            (
                place(&view, name).outcome.as_str(),
                place(&view, name).found
            ),
            ("searched", 1)
        );
    }
    let by_contact =
        |call: &&FoundCallView| call.matched_by.contains(&"external_contact".to_owned());
    assert_eq!(view.found.iter().filter(by_contact).count(), 8);
    let entry = search_run(&desk).await;
    let places = "data_subjects:searched external_contacts:searched orphans:not_permitted";
    assert_eq!(entry["places"], places);
    assert_eq!(entry["limitations"], "0", "orphans lead to nobody");
    desk.app.close().await;
}

/// A number that the requestor did not name: the e-mail address leads to the contact, and that to the calls.
#[tokio::test(flavor = "multi_thread")]
async fn an_address_alone_finds_calls_through_the_contact() {
    let desk = Desk::new().await;
    let request = OpenCaseReq {
        phones: vec!["+441632960000".to_owned()],
        customer_ids: vec![],
        ..demo_request()
    };
    let case = services::open_case(&desk.app, request).await.unwrap();
    for method in ["account_details", "call_back"] {
        let request = IdentityCheckReq {
            case_id: case.case_id.clone(),
            method: method.to_owned(),
            passed: true,
        };
        let checked = services::record_identity_check(&desk.app, request).await;
        checked.unwrap();
    }
    let view = desk.search(&case.case_id).await;
    assert_eq!(view.found.len(), 8);
    assert!(
        view.found
            .iter()
            .all(|it| it.matched_by == ["external_contact"])
    );
    desk.app.close().await;
}

// S0-40
#[tokio::test(flavor = "multi_thread")]
async fn a_directory_that_may_not_be_seen_is_said_and_counted() {
    let desk = Desk::unconnected().await;
    connect_client(&desk, ClientRole::WithoutContacts.credentials()).await;
    let case_id = desk.verified_case().await;
    let view = desk.search(&case_id).await;
    assert_eq!(view.found.len(), 10, "numbers still find their calls");
    let subjects = place(&view, "data_subjects");
    assert_eq!(subjects.outcome, "not_permitted");
    assert_eq!(subjects.reason.as_deref(), Some("gdpr:subject:view"));
    assert_eq!(search_run(&desk).await["limitations"], "2");
    desk.freeze(&case_id).await;
    let log = desk.log().await;
    let frozen = log.iter().find(|it| it.action == "LIST_FROZEN").unwrap();
    assert_eq!(details(frozen)["limitations"], "2");
    desk.app.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn recordings_without_a_conversation_are_listed_where_they_may_be_seen() {
    let options = SandboxOptions {
        orphans: 3,
        ..Default::default()
    };
    let desk = Desk::unconnected_with(options).await;
    connect_client(&desk, ClientRole::WithArchive.credentials()).await;
    let case_id = desk.verified_case().await;
    let view = desk.search(&case_id).await;
    assert_eq!(
        (
            place(&view, "orphans").outcome.as_str(),
            place(&view, "orphans").found
        ),
        ("searched", 3)
    );
    let source = &view.sources[0];
    assert_eq!(source.coverage, "complete");
    assert_eq!(source.orphans.len(), 3);
    assert_eq!(source.orphans[0].status, "UNKNOWN_CONVERSATION");
    // They are kept with the search, also after a restart.
    let again = services::get_search(&desk.app, case_ref(&case_id))
        .await
        .unwrap();
    assert_eq!(again.sources[0].orphans.len(), 3);
    desk.app.close().await;
}

/// What a person finds to be the requestor's becomes a call like every other: frozen, retrieved, in custody. // S0-40
#[tokio::test(flavor = "multi_thread")]
async fn a_chosen_recording_without_a_conversation_becomes_a_call_of_the_case() {
    let options = SandboxOptions {
        orphans: 3,
        ..Default::default()
    };
    let desk = Desk::unconnected_with(options).await;
    connect_client(&desk, ClientRole::WithArchive.credentials()).await;
    let case_id = desk.verified_case().await;
    let view = desk.search(&case_id).await;
    let orphan = |id: &str| OrphanRef {
        source: "genesys".to_owned(),
        id: id.to_owned(),
    };
    let freeze = |orphans| FreezeReq {
        case_id: case_id.clone(),
        excluded: Vec::new(),
        orphans,
        partial_reason: None,
    };
    let unknown = services::freeze_list(&desk.app, freeze(vec![orphan("somebody")])).await;
    assert_eq!(unknown.unwrap_err().code, ErrorCode::InvalidInput);
    let id = &view.sources[0].orphans[1].id;
    // Named twice, it is taken once.
    let chosen = vec![orphan(id), orphan(id)];
    services::freeze_list(&desk.app, freeze(chosen))
        .await
        .unwrap();
    let log = desk.log().await;
    let frozen = log.iter().find(|it| it.action == "LIST_FROZEN").unwrap();
    assert_eq!(details(frozen)["orphans"], "1");
    assert_eq!(details(frozen)["calls"], (view.found.len() + 1).to_string());
    services::start_retrieval(&desk.app, case_ref(&case_id))
        .await
        .unwrap();
    desk.idle(&case_id).await;
    let calls = services::list_calls(&desk.app, case_ref(&case_id))
        .await
        .unwrap();
    let calls = calls.calls;
    assert_eq!(calls.len(), view.found.len() + 1);
    let log = desk.log().await;
    let mut kept = log.iter().filter(|it| it.json.contains(id.as_str()));
    let kept = kept.find(|it| it.action == "RECORDING_RETRIEVED");
    let kept = kept.unwrap_or_else(|| panic!("no custody entry names the orphan: {calls:?}"));
    assert!(kept.json.contains("sha256:"), "{}", kept.json);
    desk.app.close().await;
}

/// A folder with one recording that names a customer, and nobody's number.
async fn folder_of(desk: &Desk, id: &str, call: &str) {
    let at = desk.dir.path().join(id);
    std::fs::create_dir_all(&at).unwrap();
    let customer = sandbox::demo_subject().customer_id;
    let described = serde_json::json!({
        "call": call, "customer": customer,
        "started": "2026-03-05T09:00:00Z", "ended": "2026-03-05T09:04:00Z",
    });
    for (name, bytes) in [
        ("a.wav", b"RIFF".to_vec()),
        ("a.json", described.to_string().into()),
    ] {
        let mut file = std::fs::File::create(at.join(name)).unwrap();
        std::io::Write::write_all(&mut file, &bytes).unwrap();
    }
    let settings = format!(
        "kind = \"folder\"\nid = \"{id}\"\npath = {:?}\n\n[fields]\ncall = \"/call\"\n\
         start = \"/started\"\nend = \"/ended\"\ncustomer = \"/customer\"\n",
        at.display().to_string()
    );
    let request = AddSourceReq {
        settings,
        secret: None,
    };
    assert!(
        services::add_any_source(&desk.app, request)
            .await
            .unwrap()
            .connected
    );
}

/// Two sources have a call of the same four minutes, and no number says whether it is one.
#[tokio::test(flavor = "multi_thread")]
async fn calls_that_only_their_time_has_in_common_are_a_question_for_a_person() {
    let desk = Desk::unconnected().await;
    folder_of(&desk, "share-a", "a-1").await;
    folder_of(&desk, "share-b", "b-7").await;
    let case_id = desk.verified_case().await;
    let view = desk.search(&case_id).await;
    let questions: Vec<_> = view
        .found
        .iter()
        .map(|it| it.maybe_same_as.clone())
        .collect();
    assert_eq!(questions, [vec![1], vec![0]], "each points to the other");
    assert!(view.found.iter().all(|it| it.also_at.is_empty()));
    desk.app.close().await;
}
