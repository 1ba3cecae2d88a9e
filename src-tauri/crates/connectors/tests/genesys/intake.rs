//! Before the search: who the data subject is to the source, what must not be deleted, what belongs to nobody.

use connectors::{
    genesys::{Hold, Known},
    source::SourceError,
};
use domain::{
    ids::ConversationId,
    search::{Coverage, Identifier},
    sensitive::PersonalData,
};
use sandbox::{ClientRole, SandboxOptions, Scenario, demo_subject};

use super::support::{demo_range, range, rig, rig_as, rig_on, stems};

fn personal(text: &str) -> PersonalData<String> {
    PersonalData::new(text.to_owned())
}

#[tokio::test]
async fn a_name_a_number_or_an_address_leads_to_the_contact_and_its_calls() {
    let rig = rig().await;
    let subject = demo_subject();
    for known in [
        Known::Name(personal(subject.name)),
        Known::Phone(personal(subject.phones[1])),
        Known::Email(personal(subject.email)),
        Known::CustomerId(personal(subject.customer_id)),
    ] {
        let people = rig.genesys().look_up(&known, &rig.cancel).await.unwrap();
        assert_eq!(people.len(), 1, "{known:?}");
        assert_eq!(people[0].phones, subject.phones.map(personal));
        assert_eq!(people[0].customer_ids, [personal(subject.customer_id)]);
        let contacts = people[0].external_contacts.clone();
        let identifiers = contacts.into_iter().map(Identifier::ExternalContact);
        let result = rig.search(identifiers.collect(), demo_range()).await;
        assert_eq!(result.coverage, Coverage::Complete);
        assert_eq!(stems(&result).len(), 8, "all calls with a shown number");
        assert!(!format!("{people:?}").contains("Hartley"));
    }
    let nobody = Known::Name(personal("Nobody At All"));
    let people = rig.genesys().look_up(&nobody, &rig.cancel).await.unwrap();
    assert!(people.is_empty());
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
