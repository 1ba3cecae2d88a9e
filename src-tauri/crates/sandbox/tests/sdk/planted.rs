//! What the corpus says, compared with what the SDK read.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use sandbox::{Sandbox, planted_media};
use serde_json::Value;
use sha2::{Digest, Sha256};

pub(crate) fn signed_in(read: &Value, sandbox: &Sandbox) {
    let lengths = read["token_lengths"].as_array().unwrap();
    assert!(lengths.iter().all(|length| length.as_u64() > Some(20)));
    assert_eq!(
        lengths.len(),
        2,
        "from the API host and from the login host"
    );
    assert_eq!(read["organization"]["name"], "Sandbox Household Services");
    assert_eq!(read["metadata"][0]["region"], sandbox.region());
}

/// Query and job agree with the corpus on who called when, for whom, in which queue.
pub(crate) fn found(read: &Value) {
    let planted: BTreeMap<_, _> = corpus()
        .into_iter()
        .map(|call| (text(&call["id"]), call))
        .collect();
    let query = array(&read["query"]);
    assert_eq!(ids(query), planted.keys().cloned().collect());
    assert_eq!(query.len(), planted.len(), "nothing twice");
    for conversation in query.iter().chain(array(&read["job"])) {
        agrees(
            conversation,
            &planted[&text(&conversation["conversationId"])],
        );
    }
    // The interval ends at 23:00 UTC; the job leaves out what began after it, the query goes by days.
    let interval = sandbox::demo_subject().interval;
    let end: Timestamp = interval.split_once('/').unwrap().1.parse().unwrap();
    let within = planted
        .values()
        .filter(|call| moment(&call["start"]) < end)
        .map(|call| text(&call["id"]));
    assert_eq!(ids(array(&read["job"])), within.collect());
}

fn agrees(conversation: &Value, call: &Value) {
    for (of_sdk, of_corpus) in [("conversationStart", "start"), ("conversationEnd", "end")] {
        assert_eq!(moment(&conversation[of_sdk]), moment(&call[of_corpus]));
    }
    assert_eq!(conversation["originatingDirection"], call["direction"]);
    let customer = &conversation["participants"][0];
    assert_eq!(customer["purpose"], "customer");
    let session = &customer["sessions"][0];
    for field in ["ani", "dnis", "remote"] {
        assert_eq!(session[field], call[field], "{field}");
    }
    assert_eq!(session["sessionId"], call["recordings"][0]["session_id"]);
}

/// Every recording with its state.
pub(crate) fn listed(read: &Value, sandbox: &Sandbox) {
    let of_sdk = array(&read["metadata"]).iter().map(|recording| {
        assert_eq!(recording["region"], sandbox.region());
        (text(&recording["id"]), text(&recording["fileState"]))
    });
    let calls = corpus();
    let of_corpus = recordings(&calls)
        .map(|(_, recording)| (text(&recording["id"]), text(&recording["file_state"])));
    assert_eq!(of_sdk.collect::<BTreeSet<_>>(), of_corpus.collect());
}

/// A link to the original or a reason for each recording.
pub(crate) fn batched(read: &Value, sandbox: &Sandbox) {
    let batch = &read["batch"];
    let results = array(&batch["results"]);
    let calls = corpus();
    let all: Vec<_> = recordings(&calls).collect();
    assert_eq!(batch["status"], "Completed");
    assert_eq!(batch["expectedResultCount"], all.len());
    assert_eq!(results.len(), all.len());
    let mut refused = 0;
    for (_, recording) in all {
        let id = text(&recording["id"]);
        let result = results
            .iter()
            .find(|result| result["recordingId"] == id.as_str())
            .unwrap();
        match planted_media(&id, "NONE") {
            Some(bytes) => {
                assert_eq!(result["sha256"], digest(&bytes), "{id}");
                let url = result["resultUrl"].as_str().unwrap();
                assert!(url.starts_with(&sandbox.urls().media_url));
            }
            None => {
                assert!(result["errorMsg"].is_string(), "{result}");
                refused += 1;
            }
        }
    }
    assert_eq!(batch["errorCount"], refused);
    assert!(refused > 0);
}

/// The single recording in another format: right length, right bytes.
pub(crate) fn one(read: &Value, sandbox: &Sandbox) {
    let recording = &read["recording"];
    let bytes = planted_media(&text(&recording["id"]), "WAV").unwrap();
    assert_eq!(recording["outputSizeInBytes"], bytes.len());
    assert_eq!(recording["sha256"], digest(&bytes));
    let link = recording["mediaUris"]["S"]["mediaUri"].as_str().unwrap();
    assert!(link.starts_with(&sandbox.urls().media_url));
}

/// Every word of the transcript, in order.
pub(crate) fn transcribed(read: &Value) {
    let calls = corpus();
    let (_, recording) = recordings(&calls)
        .find(|(_, recording)| recording["id"] == read["recording"]["id"])
        .unwrap();
    let planted = array(&recording["transcript"]["phrases"])
        .iter()
        .flat_map(|phrase| array(&phrase[1]))
        .map(|word| text(&word[0]));
    let of_sdk = array(&read["transcript"]["transcripts"][0]["phrases"])
        .iter()
        .flat_map(|phrase| array(&phrase["words"]))
        .map(|word| text(&word["word"]));
    assert_eq!(of_sdk.collect::<Vec<_>>(), planted.collect::<Vec<_>>());
}

/// An error has the platform's body.
pub(crate) fn refused(read: &Value) {
    let expected = serde_json::json!({ "status": 404, "code": "conversation.not.found" });
    assert_eq!(read["refusal"], expected);
}

fn corpus() -> Vec<Value> {
    let index: Value = serde_json::from_str(include_str!("../../corpus/index.json")).unwrap();
    array(&index["conversations"]).clone()
}

fn recordings(calls: &[Value]) -> impl Iterator<Item = (&Value, &Value)> {
    calls.iter().flat_map(|call| {
        array(&call["recordings"])
            .iter()
            .map(move |recording| (call, recording))
    })
}

fn ids(conversations: &[Value]) -> BTreeSet<String> {
    let id = |conversation: &Value| text(&conversation["conversationId"]);
    conversations.iter().map(id).collect()
}

fn array(value: &Value) -> &Vec<Value> {
    value.as_array().unwrap()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

fn moment(value: &Value) -> Timestamp {
    value.as_str().unwrap().parse().unwrap()
}

fn digest(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}
