//! What the requestor is told: every call found, with what became of it, and nothing that is not so.

use std::fs::File;

use domain::sensitive::Secret;
use evidence::{
    custody_csv,
    format::{CallsFile, PackageFile, RedactionLogFile, SearchFile},
    hashing::sha256,
    open_package::OpenPackage,
};
use sandbox::{ClientRole, SandboxOptions};
use services::api::*;

use super::support::{Desk, case_ref, connect_client};

/// What must not reach the requestor.
const NOTE: &str = "the call of another customer from the same number";

/// The delivered package, opened as its recipient opens it.
struct Answer(OpenPackage<File>);

impl Answer {
    /// Delivers the sealed package of a case.
    async fn of(desk: &Desk, case_id: &str) -> Self {
        let words = services::reveal_passphrase(&desk.app, case_ref(case_id)).await;
        let request = DeliverReq {
            case_id: case_id.to_owned(),
            passphrase_by: "phone".to_owned(),
        };
        let delivery = services::deliver_package(&desk.app, request).await.unwrap();
        let passphrase = Secret::new(words.unwrap().passphrase);
        let file = File::open(delivery.location).unwrap();
        Self(OpenPackage::new(file, &passphrase).unwrap())
    }

    fn bytes(&mut self, name: &str) -> Vec<u8> {
        self.0.read(&format!("data/{name}"), 1 << 26).unwrap()
    }

    fn text(&mut self, name: &str) -> String {
        String::from_utf8(self.bytes(name)).unwrap()
    }
}

/// A sealed case of which only the first two calls found are delivered.
async fn case_with_calls_left_out(desk: &Desk) -> (String, u32) {
    let case_id = desk.verified_case().await;
    let found = desk.search(&case_id).await.found.len() as u32;
    let excluded = (2..found)
        .map(|index| Exclusion {
            index,
            ground: match index {
                2 => ExclusionGround::OutsideTheRequest,
                _ => ExclusionGround::NotTheRequestor,
            },
            note: Some(NOTE.to_owned()),
        })
        .collect();
    let request = FreezeReq {
        case_id: case_id.clone(),
        excluded,
        orphans: Vec::new(),
        partial_reason: None,
    };
    services::freeze_list(&desk.app, request).await.unwrap();
    desk.retrieve(&case_id).await;
    desk.review_all(&case_id).await;
    desk.approve_all(&case_id).await;
    (case_id, found)
}

/// B14, S2-38: calls left out are withheld on their ground, in every list.
#[tokio::test(flavor = "multi_thread")]
async fn calls_left_out_are_told_with_their_ground_and_places_with_their_reason() {
    let desk = Desk::new().await;
    let (case_id, found) = case_with_calls_left_out(&desk).await;
    desk.seal(&case_id).await;
    let mut answer = Answer::of(&desk, &case_id).await;

    let calls = CallsFile::from_bytes(&answer.bytes("calls.json")).unwrap();
    assert_eq!(calls.found, u64::from(found));
    assert_eq!(calls.counts["withheld"], u64::from(found - 2));
    let withheld: Vec<_> = calls
        .calls
        .iter()
        .filter(|it| it.end_state == "withheld")
        .collect();
    let (own, others) = withheld.split_first().unwrap();
    assert_eq!(
        own.detail.as_deref(),
        Some("not part of what you asked for")
    );
    assert!(own.start_time.is_some() && own.recording_id != "not-disclosed");
    for other in others {
        assert_eq!(other.detail.as_deref(), Some("not a call of yours"));
        assert_eq!(
            other.start_time, None,
            "when somebody else called is not told"
        );
        assert_eq!(other.recording_id, "not-disclosed");
        assert_eq!(other.conversation_id, "not-disclosed");
    }

    let search = answer.bytes("search.json");
    let rows = custody_csv::read(&answer.bytes("chain_of_custody.csv")).unwrap();
    assert_eq!(rows.len(), found as usize);
    let custody = answer.text("chain_of_custody.csv");
    let hidden = custody.lines().filter(|row| row.contains("not-disclosed"));
    assert_eq!(hidden.count(), others.len(), "{custody}");
    let left_out = rows.iter().filter(|row| row.status == "Withheld");
    assert_eq!(left_out.count() as u32, found - 2);
    let digest = sha256(&search).to_string();
    assert!(
        rows.iter().all(|row| row.query.contains(&digest)),
        "{:?}",
        rows[0].query
    );
    let search = SearchFile::from_bytes(&search).unwrap();
    assert!(
        search.sources[0]
            .requests
            .iter()
            .all(|it| !it.contains("/recordingmetadata"))
    );

    assert_letter_is_true(&answer.text("letter.html"), found);
    assert_every_span_has_its_reason(&answer.bytes("redaction/redaction-log.json"));
    let case = services::get_case(&desk.app, case_ref(&case_id))
        .await
        .unwrap();
    assert_eq!(
        (case.counts.found, case.counts.withheld),
        (found, found - 2)
    );
    desk.app.close().await;
}

/// S0-40, B14: a recording without a conversation goes the whole way, as one more call.
#[tokio::test(flavor = "multi_thread")]
async fn a_recording_without_a_conversation_reaches_the_package_and_the_letter() {
    let options = SandboxOptions {
        orphans: 1,
        ..Default::default()
    };
    let desk = Desk::unconnected_with(options).await;
    connect_client(&desk, ClientRole::WithArchive.credentials()).await;
    let case_id = desk.verified_case().await;
    let view = desk.search(&case_id).await;
    let excluded = view.found.iter().map(|it| Exclusion {
        index: it.index,
        ground: ExclusionGround::OutsideTheRequest,
        note: None,
    });
    let request = FreezeReq {
        case_id: case_id.clone(),
        excluded: excluded.collect(),
        orphans: vec![OrphanRef {
            source: "genesys".to_owned(),
            id: view.sources[0].orphans[0].id.clone(),
        }],
        partial_reason: None,
    };
    services::freeze_list(&desk.app, request).await.unwrap();
    let list = desk.retrieve(&case_id).await;
    assert_eq!(list.calls[0].end_state, "retrieved");
    desk.review_all(&case_id).await;
    desk.approve_all(&case_id).await;
    desk.seal(&case_id).await;
    let mut answer = Answer::of(&desk, &case_id).await;

    let calls = CallsFile::from_bytes(&answer.bytes("calls.json")).unwrap();
    assert_eq!(calls.counts["retrieved"], 1);
    let orphan = calls.calls.iter().find(|it| it.end_state == "retrieved");
    assert_eq!(orphan.unwrap().recording_id, view.sources[0].orphans[0].id);
    let letter = answer.text("letter.html");
    assert!(letter.contains("<td>recordings/"), "{letter}");
    assert!(letter.contains("(Art. 15 UK GDPR)"), "{letter}");
    desk.app.close().await;
}

fn assert_letter_is_true(letter: &str, found: u32) {
    let rows = letter.matches("<tr><td>").count();
    assert_eq!(rows as u32, found, "{letter}");
    assert!(letter.contains("not a call of yours"), "{letter}");
    assert!(!letter.contains(NOTE), "{letter}");
    assert!(letter.contains("<code>readme.txt</code>"), "{letter}");
    assert!(letter.contains("may see was searched."), "{letter}");
    assert!(letter.contains("about another person: "), "{letter}");
    assert!(!letter.contains("127.0.0.1"), "{letter}");
}

fn assert_every_span_has_its_reason(log: &[u8]) {
    let log = RedactionLogFile::from_bytes(log).unwrap();
    let spans: Vec<_> = log.recordings.iter().flat_map(|it| &it.spans).collect();
    assert!(!spans.is_empty());
    for span in spans {
        let reason = span.reason.as_deref().unwrap();
        assert_eq!(
            reason.starts_with("kept"),
            span.decision == "keep",
            "{reason}"
        );
    }
}

/// S0-03, S0-67, S0-68: the entries of the delivery join request, redaction and answer.
#[tokio::test(flavor = "multi_thread")]
async fn a_delivery_names_its_redaction_jobs_and_how_long_it_took() {
    let desk = Desk::new().await;
    let (case_id, _) = case_with_calls_left_out(&desk).await;
    let seal = || async {
        let case_id = case_id.clone();
        services::seal_package(&desk.app, SealReq { case_id }).await
    };
    let (first, second) = (seal().await.unwrap(), seal().await.unwrap());
    assert_eq!((first.jobs, second.jobs), (1, 0), "asking twice seals once");
    desk.idle(&case_id).await;
    Answer::of(&desk, &case_id).await;

    let log = desk.log().await;
    let json = |entry: &AuditEntryView| -> serde_json::Value {
        serde_json::from_str(&entry.json).unwrap()
    };
    let of = |action: &str| -> Vec<serde_json::Value> {
        log.iter()
            .filter(|it| it.action == action)
            .map(json)
            .collect()
    };
    let redacted = of("RECORDING_REDACTED");
    for delivered in of("RECORDING_DELIVERED") {
        let job = &delivered["redactionJobId"];
        assert!(job.is_string(), "{delivered}");
        assert!(redacted.iter().any(
            |it| it["redactionJobId"] == *job && it["recordingId"] == delivered["recordingId"]
        ));
    }
    let closed = &of("CASE_CLOSED")[0];
    let case = services::get_case(&desk.app, case_ref(&case_id))
        .await
        .unwrap();
    let days = case.turnaround_days.unwrap().to_string();
    assert_eq!(closed["details"]["turnaroundDays"], days.as_str());

    let correlation_id = closed["correlationId"].as_str().map(str::to_owned);
    let request = ListAuditReq {
        before_seq: None,
        limit: 500,
        case_id: None,
        correlation_id,
    };
    let joined = services::list_audit(&desk.app, request).await.unwrap();
    let of_case = log
        .iter()
        .filter(|it| it.case_id.as_deref() == Some(&case_id));
    assert_eq!(joined.entries.len(), of_case.count());
    assert_eq!(joined.next_before_seq, None, "the whole log was searched");
    desk.app.close().await;
}
