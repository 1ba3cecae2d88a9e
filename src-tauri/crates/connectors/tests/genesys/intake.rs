//! Before the search: who the data subject is to the source, what must not be deleted, what belongs to nobody.

use connectors::{
    genesys::{Hold, Known, Orphan, PlaceOutcome},
    source::{FetchError, MediaRequest, SourceError},
};
use domain::{
    ids::ConversationId,
    recording::MediaFormat,
    search::{Coverage, Identifier},
    sensitive::PersonalData,
};
use sandbox::{ClientRole, SandboxOptions, Scenario, demo_subject, scenario::Action};

use super::support::{MemorySink, demo_range, range, rig, rig_as, rig_on, rig_with, stems};

fn personal(text: &str) -> PersonalData<String> {
    PersonalData::new(text.to_owned())
}

#[tokio::test]
async fn a_number_an_address_or_a_customer_number_leads_to_the_contact_and_its_calls() {
    let rig = rig().await;
    let subject = demo_subject();
    for known in [
        Known::Phone(personal(subject.phones[1])),
        Known::Email(personal(subject.email)),
        Known::CustomerId(personal(subject.customer_id)),
    ] {
        let known = std::slice::from_ref(&known);
        let directory = rig.genesys().directory(known, &rig.cancel).await.unwrap();
        let outcomes = directory.places.iter().map(|it| it.outcome.clone());
        let once = PlaceOutcome::Searched { found: 1 };
        assert_eq!(outcomes.collect::<Vec<_>>(), [once.clone(), once]);
        assert_eq!(directory.requests.len(), 3, "two places and the merged set");
        assert!(!format!("{directory:?}").contains("5f8ade81"));
        let contacts = directory.contacts.into_iter();
        let identifiers = contacts.map(Identifier::ExternalContact);
        let result = rig.search(identifiers.collect(), demo_range()).await;
        assert_eq!(result.coverage, Coverage::Complete);
        assert_eq!(stems(&result).len(), 8, "all calls with a shown number");
    }
}

#[tokio::test]
async fn whoever_is_not_in_the_directory_has_no_contact() {
    let rig = rig().await;
    let known = [
        Known::Phone(personal("+441632960000")),
        Known::CustomerId(personal("CUST-000000")),
    ];
    let directory = rig.genesys().directory(&known, &rig.cancel).await.unwrap();
    assert!(directory.contacts.is_empty());
    let none = PlaceOutcome::Searched { found: 0 };
    assert!(directory.places.iter().all(|it| it.outcome == none));
    // S2-20
    let asked = directory.requests[0].reveal();
    assert!(
        asked.ends_with("searchType=PHONE&searchValue=%2B441632960000"),
        "{asked}"
    );
}

// The platform may want to know which system a customer number is of (`externalSource`), and refuse without it.
#[tokio::test]
async fn an_identifier_that_cannot_be_looked_up_keeps_no_other_back() {
    let refused = Action::Status {
        status: 400,
        retry_after_s: None,
        retry_after_form: Default::default(),
    };
    let path = "/api/v2/externalcontacts/identifierlookup/contacts";
    let rig = rig_with(Scenario::always(path, refused)).await;
    let subject = demo_subject();
    let known = [
        Known::CustomerId(personal(subject.customer_id)),
        Known::Phone(personal(subject.phones[0])),
    ];
    let directory = rig.genesys().directory(&known, &rig.cancel).await.unwrap();
    assert_eq!(directory.contacts.len(), 1);
    let outcome = &directory.places[1].outcome;
    assert!(
        matches!(outcome, PlaceOutcome::Failed { .. }),
        "{outcome:?}"
    );
}

// S0-23
#[tokio::test]
async fn a_directory_that_may_not_be_seen_is_named_with_what_is_missing() {
    let role = ClientRole::WithoutContacts.credentials();
    let rig = rig_as(role, Scenario::default()).await;
    let known = [Known::Phone(personal("+447700900123"))];
    let directory = rig.genesys().directory(&known, &rig.cancel).await.unwrap();
    assert!(directory.contacts.is_empty());
    let missing = |permission: &str| PlaceOutcome::NotPermitted {
        permissions: permission.to_owned(),
    };
    let outcomes: Vec<_> = directory
        .places
        .iter()
        .map(|it| it.outcome.clone())
        .collect();
    assert_eq!(outcomes[0], missing("gdpr:subject:view"));
    let PlaceOutcome::NotPermitted { permissions } = &outcomes[1] else {
        panic!("{outcomes:?}");
    };
    assert!(permissions.contains("externalContacts:contact:view"));
}

#[tokio::test]
async fn a_hold_is_placed_and_released_for_any_number_of_calls() {
    let rig = rig_as(
        ClientRole::OverPrivileged.credentials(),
        Scenario::default(),
    )
    .await;
    let known = rig.request("call-03").await.conversation;
    let unknown = ConversationId::new("00000000-0000-0000-0000-000000000001").unwrap();
    let mut conversations = vec![known; 149];
    conversations.push(unknown.clone());
    for hold in [Hold::Place, Hold::Release] {
        let failed = rig.genesys().hold(hold, &conversations, &rig.cancel).await;
        assert_eq!(failed.unwrap(), std::slice::from_ref(&unknown), "{hold:?}");
    }
    let rig = rig_as(ClientRole::Standard.credentials(), Scenario::default()).await;
    let refused = rig.genesys().hold(Hold::Place, &conversations, &rig.cancel);
    let error = refused.await.unwrap_err();
    assert!(matches!(error, SourceError::NotPermitted { .. }), "{error}");
}

#[tokio::test]
async fn orphans_of_the_range_are_listed_over_all_pages_and_a_cut_list_says_so() {
    let role = ClientRole::WithArchive.credentials();
    for (orphans, reachable, is_cut) in [(0, 0, false), (230, 230, false), (620, 500, true)] {
        let options = SandboxOptions {
            orphans,
            ..Default::default()
        };
        let rig = rig_on(role, options, "2026-05-01T12:00:00Z").await;
        let all = range("2026-03-01T00:00:00Z", "2026-05-01T00:00:00Z");
        let listed = rig.genesys().orphans(all, &rig.cancel).await.unwrap();
        assert_eq!((listed.found.len(), listed.is_cut), (reachable, is_cut));
        let one_day = range("2026-03-02T00:00:00Z", "2026-03-03T00:00:00Z");
        let listed = rig.genesys().orphans(one_day, &rig.cancel).await.unwrap();
        assert_eq!(listed.found.len(), reachable.min(24));
    }
}

// S0-40
#[tokio::test]
async fn an_orphan_is_fetched_by_its_own_endpoint() {
    let options = SandboxOptions {
        orphans: 2,
        ..SandboxOptions::default()
    };
    let login = ClientRole::WithArchive.credentials();
    let rig = rig_on(login, options, "2026-05-01T12:00:00Z").await;
    let listed = rig.genesys().orphans(demo_range(), &rig.cancel).await;
    let orphan = listed.unwrap().found.remove(0);
    let request = MediaRequest {
        conversation: Orphan::no_conversation(),
        recording: orphan.id.clone(),
        communication: None,
        format: MediaFormat::Wav,
    };
    let mut sink = MemorySink::default();
    let media = rig.source.fetch_media(&request, &mut sink, &rig.cancel);
    let media = media.await.unwrap();
    assert_eq!(media.size_bytes, sink.bytes.len() as u64);
    assert!(sink.bytes.starts_with(b"RIFF"));
    assert_eq!(Some(media.timeline.start_utc), orphan.created_utc);
    // Transcripts are addressed by a conversation.
    let transcript = rig
        .source
        .transcript(&request, &media.timeline, &rig.cancel);
    assert_eq!(transcript.await.unwrap(), None);
    let unknown = MediaRequest {
        recording: domain::ids::RecordingId::new("4f525048-0000-0000-0000-000000000000").unwrap(),
        ..request
    };
    let mut sink = MemorySink::default();
    let gone = rig.source.fetch_media(&unknown, &mut sink, &rig.cancel);
    assert!(matches!(gone.await.unwrap_err(), FetchError::Purged));
}
