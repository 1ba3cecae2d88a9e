//! Measures the detector on the sandbox organization's calls against their ground truth.
//!
//! The figures are floors: a change of the rules that loses items fails here.
#![expect(clippy::unwrap_used, reason = "helpers of tests may fail loudly")]

use domain::{
    detection::{Detection, SpanDecision},
    entity::{EntityKind, Owner},
    plan::{RedactionPlan, RedactionStyle},
    policy::Policy,
    sensitive::PersonalData,
    transcript::{Speaker, Transcript, TranscriptOrigin, Word},
};
use redaction::{
    detect::detect,
    fit::check_fit,
    knowledge::CaseKnowledge,
    pcm::PcmReader,
    planning::{AudioShape, plan},
};
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

/// One recording of the sandbox with what is known to be in it.
struct Recorded {
    stem: String,
    transcript: Transcript,
    knowledge: CaseKnowledge,
    items: Vec<Item>,
}

struct Item {
    entity: EntityKind,
    owner: Owner,
    start_ms: u64,
    end_ms: u64,
    words: String,
}

impl Item {
    fn of(item: &Value) -> Self {
        Self {
            entity: EntityKind::from_name(item["entity"].as_str().unwrap()).unwrap(),
            owner: Owner::from_name(item["owner"].as_str().unwrap()).unwrap(),
            start_ms: item["start_ms"].as_u64().unwrap(),
            end_ms: item["end_ms"].as_u64().unwrap(),
            words: text(&item["words"]),
        }
    }

    fn overlaps(&self, start_ms: u64, end_ms: u64) -> bool {
        start_ms < self.end_ms && self.start_ms < end_ms
    }

    fn is_hit(&self, found: &Detection) -> bool {
        self.overlaps(found.start_ms, found.end_ms)
    }

    fn describe(&self) -> String {
        let (entity, owner) = (self.entity.name(), self.owner.name());
        format!("{} {entity} {owner} `{}`", self.start_ms, self.words)
    }
}

fn recordings() -> Vec<Recorded> {
    let (index, truth) = (read("index.json"), read("ground_truth.json"));
    let mut recordings = Vec::new();
    for conversation in index["conversations"].as_array().unwrap() {
        for recording in conversation["recordings"].as_array().unwrap() {
            let phrases = &recording["transcript"]["phrases"];
            let known = truth["recordings"].as_array().unwrap().iter();
            let known = known
                .clone()
                .find(|it| it["recording_id"] == recording["id"]);
            let (Some(known), true) = (known, phrases.is_array()) else {
                continue;
            };
            recordings.push(Recorded {
                stem: text(&known["stem"]),
                transcript: transcript(phrases),
                knowledge: knowledge(&index, conversation),
                items: known["items"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(Item::of)
                    .collect(),
            });
        }
    }
    recordings
}

impl Recorded {
    fn planned(&self, policy: &Policy) -> RedactionPlan {
        let last = self.transcript.words.iter().map(|word| word.end_ms).max();
        let shape = AudioShape {
            duration_ms: last.unwrap() + 5_000,
            channels: 2,
        };
        let found = detect(&self.transcript, &self.knowledge);
        plan(
            &found,
            &self.transcript,
            policy,
            shape,
            RedactionStyle::Noise,
        )
    }

    /// Detections that some policy acts on.
    fn found(&self) -> Vec<Detection> {
        let policy = Policy::from_name("third_party_copy").unwrap();
        let mut found = detect(&self.transcript, &self.knowledge);
        found.retain(|it| policy.decide(it).is_some());
        found
    }
}

/// Whether replaced spans cover the item to the millisecond.
fn is_replaced(plan: &RedactionPlan, item: &Item) -> bool {
    (item.start_ms..item.end_ms).all(|ms| {
        let mut replaced = plan.spans.iter().filter(|span| span.is_replaced());
        replaced.any(|span| span.start_ms <= ms && ms < span.end_ms)
    })
}

/// The bar of the data subject's copy, without a margin: nothing that the policy withholds is audible
/// before a person has looked, and nothing of their own is withheld without one.
#[test]
fn the_copy_of_the_data_subject_withholds_exactly_what_the_policy_says() {
    let policy = Policy::data_subject_copy();
    let mut problems = Vec::new();
    let mut withheld = 0;
    for recorded in recordings() {
        let plan = recorded.planned(&policy);
        for item in &recorded.items {
            let ruling = policy.ruling(item.entity, item.owner);
            withheld += usize::from(ruling == SpanDecision::Redact);
            if ruling == SpanDecision::Redact && !is_replaced(&plan, item) {
                problems.push(format!("{} audible: {}", recorded.stem, item.describe()));
            }
            let taken = plan.spans.iter().find(|span| {
                let inside = item.overlaps(span.raw_start_ms, span.raw_end_ms);
                inside && span.decision == SpanDecision::Redact && span.entity == item.entity
            });
            if ruling == SpanDecision::Keep && taken.is_some() {
                problems.push(format!("{} withheld: {}", recorded.stem, item.describe()));
            }
        }
    }
    assert!(problems.is_empty(), "\n{}", problems.join("\n"));
    assert!(
        withheld >= 40,
        "the corpus has enough to withhold: {withheld}"
    );
}

/// Whether the detections cover the item's time, but for the jitter of word times.
fn covers(found: &[Detection], item: &Item) -> bool {
    let hit = |at: u64| {
        found
            .iter()
            .any(|it| it.start_ms <= at + 150 && at < it.end_ms + 250)
    };
    (item.start_ms + 60..item.end_ms.saturating_sub(60))
        .step_by(40)
        .all(hit)
}

#[derive(Default)]
struct Tally {
    items: usize,
    covered: usize,
    owner: usize,
    detections: usize,
    needless: usize,
}

#[test]
fn items_of_the_sandbox_calls_are_found() {
    let mut all = Tally::default();
    for recorded in recordings() {
        let found = recorded.found();
        for item in &recorded.items {
            let mut same = found
                .iter()
                .filter(|it| it.entity == item.entity && item.is_hit(it));
            let (covered, owner) = (covers(&found, item), same.any(|it| it.owner == item.owner));
            if !covered || !owner {
                let found = found.iter().filter(|it| item.is_hit(it));
                let found: Vec<_> = found
                    .map(|it| (it.entity.name(), it.owner.name(), it.score))
                    .collect();
                println!(
                    "{} covered {covered}: {} {found:?}",
                    recorded.stem,
                    item.describe()
                );
            }
            all.items += 1;
            all.covered += usize::from(covered);
            all.owner += usize::from(owner);
        }
        all.detections += found.len();
        let needless = |it: &&Detection| !recorded.items.iter().any(|item| item.is_hit(it));
        for it in found.iter().filter(needless) {
            println!(
                "{} {} needless {} {}",
                recorded.stem,
                it.start_ms,
                it.entity.name(),
                it.score
            );
            all.needless += 1;
        }
    }
    let Tally {
        items,
        covered,
        owner,
        detections,
        needless,
    } = all;
    println!(
        "items {items} covered {covered} owner {owner} detections {detections} needless {needless}"
    );
    assert!(items > 50, "the corpus has items");
    assert!(covered * 100 >= items * 97, "{covered} of {items} covered");
    assert!(
        owner * 100 >= items * 85,
        "{owner} of {items} with the right owner"
    );
    assert!(
        needless * 100 <= detections * 4,
        "{needless} of {detections} where nothing is"
    );
}

/// The audio of the calls, as the platform delivers it, goes with their transcripts and no others.
#[test]
fn transcripts_fit_their_own_calls_and_no_others() {
    let recordings = recordings();
    let with_audio: Vec<_> = recordings
        .iter()
        .filter_map(|it| {
            Some((
                it,
                std::fs::File::open(format!("{CORPUS}/media/{}.webm", it.stem)).ok()?,
            ))
        })
        .collect();
    assert!(
        with_audio.len() >= 12,
        "{} calls with sound",
        with_audio.len()
    );
    for (at, (recording, file)) in with_audio.iter().enumerate() {
        let mut audio = PcmReader::open(file).unwrap();
        let own = check_fit(&recording.transcript, &mut audio).unwrap();
        assert!(
            own.fits() && own.rhythm.is_known,
            "{}: {own:?}",
            recording.stem
        );
        let other = &with_audio[(at + 1) % with_audio.len()].0.transcript;
        let other = check_fit(other, &mut audio).unwrap();
        assert!(!other.fits(), "{}: {other:?}", recording.stem);
        let mut late = recording.transcript.clone();
        for word in &mut late.words {
            (word.start_ms, word.end_ms) = (word.start_ms + 300, word.end_ms + 300);
        }
        let late = check_fit(&late, &mut audio).unwrap();
        assert!(!late.fits(), "{}: {late:?}", recording.stem);
    }
}
