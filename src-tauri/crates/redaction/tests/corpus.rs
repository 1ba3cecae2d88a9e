//! Measures the detector on the sandbox organization's calls against their ground truth.
//!
//! The figures are floors: a change of the rules that loses items fails here.
#![expect(clippy::unwrap_used, reason = "helpers of tests may fail loudly")]
#![expect(clippy::too_many_lines, reason = "one table, one pass")]

use std::collections::BTreeMap;

use domain::{
    detection::{Detection, SpanDecision},
    policy::Policy,
    sensitive::PersonalData,
    transcript::{Speaker, Transcript, TranscriptOrigin, Word},
};
use redaction::{detect::detect, knowledge::CaseKnowledge};
use serde_json::Value;

const CORPUS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../sandbox/corpus");

fn read(name: &str) -> Value {
    serde_json::from_str(&std::fs::read_to_string(format!("{CORPUS}/{name}")).unwrap()).unwrap()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// Channel 0 is the outside party in the corpus.
fn transcript(phrases: &Value) -> Transcript {
    let mut words = Vec::new();
    for (phrase, entry) in (0..).zip(phrases.as_array().unwrap()) {
        let channel = u8::try_from(entry[0].as_u64().unwrap()).unwrap();
        for word in entry[1].as_array().unwrap() {
            let start_ms = word[1].as_u64().unwrap();
            words.push(Word {
                text: PersonalData::new(text(&word[0])),
                start_ms,
                end_ms: start_ms + word[2].as_u64().unwrap(),
                confidence: word[3].as_f64().unwrap() as f32,
                channel: Some(channel),
                speaker: if channel == 0 {
                    Speaker::External
                } else {
                    Speaker::Internal
                },
                phrase,
            });
        }
    }
    Transcript::new(words, None, TranscriptOrigin::SourceSystem)
}

fn knowledge(index: &Value, conversation: &Value) -> CaseKnowledge {
    let customer = index["customers"]
        .as_array()
        .unwrap()
        .iter()
        .find(|it| it["key"] == conversation["customer"]);
    let hidden = |value: &Value| PersonalData::new(text(value));
    let Some(customer) = customer else {
        return CaseKnowledge::default();
    };
    CaseKnowledge {
        names: vec![hidden(&customer["name"])],
        phones: ["phone_a", "phone_b"]
            .iter()
            .map(|key| hidden(&customer[*key]))
            .filter(|it| !it.reveal().is_empty())
            .collect(),
        emails: vec![],
        ids: vec![hidden(&customer["customer_id"])],
        agents: index["agents"]
            .as_array()
            .unwrap()
            .iter()
            .map(|it| hidden(&it["name"]))
            .collect(),
    }
}

#[derive(Default)]
struct Tally {
    items: usize,
    covered: usize,
    kind: usize,
    owner: usize,
}

/// Whether the detections cover the item's time, but for the jitter of word times.
fn covers(found: &[Detection], start: u64, end: u64) -> bool {
    let mut at = start + 60;
    while at + 60 < end {
        if !found
            .iter()
            .any(|it| it.start_ms <= at + 150 && at < it.end_ms + 250)
        {
            return false;
        }
        at += 40;
    }
    true
}

#[test]
fn items_of_the_sandbox_calls_are_found() {
    let (index, truth) = (read("index.json"), read("ground_truth.json"));
    let policy = Policy::from_name("third_party_copy").unwrap();
    let mut tallies: BTreeMap<String, Tally> = BTreeMap::new();
    let (mut needless, mut detections, mut missed) = (0, 0, Vec::new());
    for conversation in index["conversations"].as_array().unwrap() {
        let knowledge = knowledge(&index, conversation);
        for recording in conversation["recordings"].as_array().unwrap() {
            let Some(phrases) = recording["transcript"]["phrases"].as_array() else {
                continue;
            };
            let transcript = transcript(&Value::Array(phrases.clone()));
            let found: Vec<Detection> = detect(&transcript, &knowledge)
                .into_iter()
                .filter(|it| policy.decide(it).is_some())
                .collect();
            let known = truth["recordings"]
                .as_array()
                .unwrap()
                .iter()
                .find(|it| it["recording_id"] == recording["id"])
                .unwrap();
            let items = known["items"].as_array().unwrap();
            for item in items {
                let (start, end) = (
                    item["start_ms"].as_u64().unwrap(),
                    item["end_ms"].as_u64().unwrap(),
                );
                let tally = tallies.entry(text(&item["entity"])).or_default();
                tally.items += 1;
                let over = |it: &&Detection| it.start_ms < end && start < it.end_ms;
                let same = found
                    .iter()
                    .filter(over)
                    .find(|it| it.entity.name() == item["entity"]);
                tally.covered += usize::from(covers(&found, start, end));
                tally.kind += usize::from(same.is_some());
                tally.owner += usize::from(same.is_some_and(|it| it.owner.name() == item["owner"]));
                if !covers(&found, start, end)
                    || same.is_none_or(|it| it.owner.name() != item["owner"])
                {
                    let got: Vec<String> = found
                        .iter()
                        .filter(over)
                        .map(|it| format!("{}/{} {}", it.entity.name(), it.owner.name(), it.score))
                        .collect();
                    missed.push(format!(
                        "{} {start}: {} {} `{}` got {got:?} covered {}",
                        text(&known["stem"]),
                        text(&item["entity"]),
                        text(&item["owner"]),
                        text(&item["words"]),
                        covers(&found, start, end)
                    ));
                }
            }
            for it in &found {
                detections += 1;
                let hit = items.iter().any(|item| {
                    it.start_ms < item["end_ms"].as_u64().unwrap()
                        && item["start_ms"].as_u64().unwrap() < it.end_ms
                });
                if !hit {
                    needless += 1;
                    let said: Vec<&str> = it
                        .words
                        .iter()
                        .map(|&at| transcript.words[at].text.reveal().as_str())
                        .collect();
                    let sure = policy.decide(it) == Some(SpanDecision::Redact);
                    missed.push(format!(
                        "{} {}: needless {} {} sure {sure} `{}`",
                        text(&known["stem"]),
                        it.start_ms,
                        it.entity.name(),
                        it.score,
                        said.join(" ")
                    ));
                }
            }
        }
    }
    for line in &missed {
        println!("{line}");
    }
    let (mut items, mut covered, mut owners) = (0, 0, 0);
    for (kind, tally) in &tallies {
        println!(
            "{kind:20} items {:3} covered {:3} kind {:3} owner {:3}",
            tally.items, tally.covered, tally.kind, tally.owner
        );
        (items, covered, owners) = (
            items + tally.items,
            covered + tally.covered,
            owners + tally.owner,
        );
    }
    println!(
        "items {items} covered {covered} owner {owners} detections {detections} needless {needless}"
    );
    assert!(items > 50, "the corpus has items");
    assert!(covered * 100 >= items * 96, "{covered} of {items} covered");
    assert!(
        owners * 100 >= items * 84,
        "{owners} of {items} with the right owner"
    );
    assert!(
        needless * 100 <= detections * 6,
        "{needless} of {detections} where nothing is"
    );
}
