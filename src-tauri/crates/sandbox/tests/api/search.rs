use sandbox::{SandboxOptions, demo_subject};
use serde_json::{Value, json};

use crate::client::Session;

/// A query for what any of these numbers took part in.
fn by_phones(interval: &str, phones: &[&str]) -> Value {
    let mut predicates = Vec::new();
    for phone in phones {
        for dimension in ["ani", "dnis", "remote"] {
            predicates.push(json!({ "type": "dimension", "dimension": dimension, "operator": "matches", "value": format!("tel:{phone}") }));
        }
    }
    json!({
        "interval": interval,
        "order": "asc",
        "orderBy": "conversationStart",
        "segmentFilters": [
            { "type": "or", "predicates": predicates },
            { "type": "and", "predicates": [{ "type": "dimension", "dimension": "mediaType", "operator": "matches", "value": "voice" }] },
        ],
    })
}

fn ids(conversations: &[Value]) -> Vec<&str> {
    conversations
        .iter()
        .map(|found| found["conversationId"].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn two_numbers_and_a_customer_id_find_different_calls_of_one_person() {
    let session = Session::start(SandboxOptions::default()).await;
    let subject = demo_subject();
    let a = session
        .search(&by_phones(subject.interval, &subject.phones[..1]))
        .await;
    let b = session
        .search(&by_phones(subject.interval, &subject.phones[1..]))
        .await;
    let everything = session
        .search(&json!({ "interval": subject.interval }))
        .await;
    let by_customer_id: Vec<_> = everything
        .iter()
        .filter(|found| {
            found["participants"][0]["attributes"]["customer_id"] == subject.customer_id
        })
        .cloned()
        .collect();
    let only_by_customer_id = ids(&by_customer_id)
        .into_iter()
        .filter(|id| !ids(&a).contains(id) && !ids(&b).contains(id))
        .count();
    assert_eq!((a.len(), b.len(), only_by_customer_id), (5, 3, 2));
    assert!(ids(&a).iter().all(|id| !ids(&b).contains(id)));
    assert!(
        everything.len() > a.len() + b.len() + only_by_customer_id,
        "there are other people"
    );
}

#[tokio::test]
async fn the_job_selects_by_activity_and_the_query_by_start_day() {
    let session = Session::start(SandboxOptions::default()).await;
    // A call from 22:40 to 22:43 on 10 April; the interval begins while it goes on.
    let mut query = by_phones(
        "2026-04-10T22:41:00.000Z/2026-04-10T23:00:00.000Z",
        &demo_subject().phones,
    );
    assert_eq!(session.search(&query).await.len(), 1);
    query["paging"] = json!({ "pageSize": 100, "pageNumber": 1 });
    let answer = session
        .post("/api/v2/analytics/conversations/details/query", &query)
        .await
        .json();
    assert_eq!(answer["totalHits"], 2, "both calls of the UTC day");
    assert!(
        answer["conversations"][0]["participants"][0]
            .get("attributes")
            .is_none()
    );
    query["paging"]["pageNumber"] = 2.into();
    let beyond = session
        .post("/api/v2/analytics/conversations/details/query", &query)
        .await
        .json();
    assert!(beyond.get("conversations").is_none());
}

#[tokio::test]
async fn results_come_when_fulfilled_and_end_with_the_job() {
    let session = Session::start(SandboxOptions::default()).await;
    let jobs = "/api/v2/analytics/conversations/details/jobs";
    let id = session
        .post(jobs, &json!({ "interval": demo_subject().interval }))
        .await
        .json()["jobId"]
        .as_str()
        .unwrap()
        .to_owned();
    let job = format!("{jobs}/{id}");
    assert_eq!(session.get(&format!("{job}/results")).await.status, 400);
    let states: Vec<_> = [
        session.get(&job).await,
        session.get(&job).await,
        session.get(&job).await,
    ]
    .iter()
    .map(|answer| {
        (
            answer.status,
            answer.json()["state"].as_str().unwrap().to_owned(),
        )
    })
    .collect();
    assert_eq!(
        states,
        [
            (202, "QUEUED".into()),
            (202, "PENDING".into()),
            (200, "FULFILLED".into())
        ]
    );
    assert_eq!(
        session
            .get(&format!("{job}/results?cursor=abc"))
            .await
            .status,
        400
    );
    let deleted = session.call("DELETE", &job, "").await.unwrap();
    assert_eq!(
        (deleted.status, deleted.header("content-type")),
        (204, None)
    );
    assert_eq!(session.get(&job).await.status, 404);
}

#[tokio::test]
async fn a_query_that_the_definition_does_not_know_is_refused() {
    let session = Session::start(SandboxOptions::default()).await;
    let jobs = "/api/v2/analytics/conversations/details/jobs";
    let unknown_dimension = json!({ "type": "dimension", "dimension": "callFrom", "value": "x" });
    for body in [
        json!({ "pageSize": 100, "query": {} }),
        json!({ "interval": "yesterday" }),
        json!({ "interval": "2026-04-01T00:00:00Z/2026-03-01T00:00:00Z" }),
        json!({ "interval": demo_subject().interval, "segmentFilters": [{ "type": "and", "predicates": [unknown_dimension] }] }),
    ] {
        let answer = session.post(jobs, &body).await;
        assert_eq!(answer.status, 400, "{body}");
        assert!(answer.json()["code"].is_string());
    }
    let too_long = json!({ "interval": "2026-03-01T00:00:00Z/2026-03-09T00:00:00Z" });
    assert_eq!(
        session
            .post("/api/v2/analytics/conversations/details/query", &too_long)
            .await
            .status,
        400
    );
}

#[tokio::test]
async fn contacts_lead_from_a_number_to_a_person() {
    let session = Session::start(SandboxOptions::default()).await;
    let phone = demo_subject().phones[1].replace('+', "%2B");
    let subjects = session
        .get(&format!(
            "/api/v2/gdpr/subjects?searchType=PHONE&searchValue={phone}"
        ))
        .await
        .json();
    assert_eq!(
        subjects["entities"][0]["externalId"],
        demo_subject().customer_id
    );
    let contacts = session
        .get(&format!(
            "/api/v2/externalcontacts/reversewhitepageslookup?lookupVal={phone}"
        ))
        .await
        .json();
    assert_eq!(
        contacts["contacts"][0]["id"],
        subjects["entities"][0]["externalContactId"]
    );
    let identifier = json!({ "type": "Phone", "value": "+447700900999" });
    assert_eq!(
        session
            .post(
                "/api/v2/externalcontacts/identifierlookup/contacts",
                &identifier
            )
            .await
            .status,
        404
    );
}
