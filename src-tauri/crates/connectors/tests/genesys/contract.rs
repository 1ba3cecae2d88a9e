//! Every request the client makes, and every answer the sandbox gives, against the published definition.
//!
//! The definition is not part of this project; its license does not allow that. Two checks use it, and say that
//! they were not performed where it or Prism is absent:
//!
//! - `SAR_GENESYS_DEFINITION`: the definition as a file (Swagger 2.0, JSON), cut to the operations used and closed
//!   against unknown properties; left out: `../shared/genesys/sar-core.strict.swagger.json` beside the project.
//! - `SAR_PRISM`: the program `prism` of the npm package `@stoplight/prism-cli` 5; left out: where `cargo xtask setup`
//!   put it, or `prism` on the path.
//!
//! Prism does not look at the names of query parameters. `query_parameters.txt` has those of every operation used;
//! that check needs neither.

mod prism;
mod recorder;

use std::{
    collections::{BTreeMap, BTreeSet},
    error::Error,
};

use connectors::{
    genesys::{Hold, Known, Orphan},
    source::{MediaRequest, Source},
};
use domain::{
    recording::{MediaFormat, MediaState},
    search::{Identifier, SearchCriteria},
    sensitive::PersonalData,
};
use sandbox::{ClientRole, Sandbox, SandboxOptions};
use tokio_util::sync::CancellationToken;

use self::{
    prism::{Mode, Prism},
    recorder::{Exchange, Recorder},
};
use super::{
    person,
    support::{ManualClock, MemorySink, connect, customer, demo_range, phone},
};

/// Method and path with `{}` for each id, then its query parameters, one operation a line.
const QUERY_PARAMETERS: &str = include_str!("contract/query_parameters.txt");

type Parameters = BTreeMap<String, BTreeSet<String>>;

fn committed() -> Parameters {
    let lines = QUERY_PARAMETERS.lines().filter(|it| !it.starts_with('#'));
    let operation = |line: &str| {
        let mut words = line.split(' ').map(str::to_owned);
        let name = format!("{} {}", words.next().unwrap(), words.next().unwrap());
        (name, words.collect())
    };
    lines.map(operation).collect()
}

/// The operation of a request, by the most exact template: `…/jobs/availability` before `…/jobs/{}`.
fn operation_of<'a>(exchange: &Exchange, known: &'a Parameters) -> Option<&'a String> {
    let request: Vec<_> = exchange.path.split('/').collect();
    let fits = |name: &&String| {
        let (method, path) = name.split_once(' ').unwrap();
        let template: Vec<_> = path.split('/').collect();
        method == exchange.method
            && template.len() == request.len()
            && template
                .iter()
                .zip(&request)
                .all(|(part, given)| *part == "{}" || part == given)
    };
    known
        .keys()
        .filter(fits)
        .min_by_key(|name| name.matches("{}").count())
}

/// Makes the client do everything it can do.
async fn drive(source: &Source) -> Result<(), Box<dyn Error>> {
    let cancel = CancellationToken::new();
    source.health(&cancel).await?;
    let contact = PersonalData::new("5f8ade81-999f-51f3-b860-beb223081334".to_owned());
    for identifiers in [
        vec![phone("+447700900876")],
        vec![customer("CUST-104882")],
        vec![Identifier::ExternalContact(contact)],
    ] {
        let criteria = SearchCriteria {
            identifiers,
            range: demo_range(),
            agent_id: None,
            queue_id: None,
        };
        let result = source.search(&criteria, &cancel).await;
        let coverage = format!("{:?}", result.coverage);
        let found = result.found.into_iter().next().ok_or(coverage)?;
        let mut request = MediaRequest {
            conversation: found.conversation,
            recording: found.recording,
            communication: None,
            format: MediaFormat::Wav,
        };
        let mut sink = MemorySink::default();
        let media = source.fetch_media(&request, &mut sink, &cancel).await?;
        let transcript = source.transcript(&request, &media.timeline, &cancel);
        transcript.await?;
        request.communication = found.communication;
        let transcript = source.transcript(&request, &media.timeline, &cancel);
        transcript.await?;
    }
    Ok(())
}

/// Makes the client do what only some clients may, and everything around the search.
async fn drive_the_rest(source: &Source, holder: &Source) -> Result<(), Box<dyn Error>> {
    let cancel = CancellationToken::new();
    let genesys = source.genesys().unwrap();
    let personal = |text: &str| PersonalData::new(text.to_owned());
    let known = [
        Known::Phone(personal("+447700900876")),
        Known::CustomerId(personal("CUST-104882")),
    ];
    genesys.directory(&known, &cancel).await?;
    let orphans = genesys.orphans(demo_range(), &cancel).await?.found;
    let orphan = MediaRequest {
        conversation: Orphan::no_conversation(),
        recording: orphans.first().ok_or("there is no orphan")?.id.clone(),
        communication: None,
        format: MediaFormat::Wav,
    };
    let mut sink = MemorySink::default();
    source.fetch_media(&orphan, &mut sink, &cancel).await?;
    let priya = SearchCriteria {
        identifiers: vec![phone("+447700900345")],
        range: demo_range(),
        agent_id: None,
        queue_id: None,
    };
    let found = source.search(&priya, &cancel).await.found;
    let archived = found
        .iter()
        .find(|it| it.media_state == MediaState::Archived);
    let archived = archived.ok_or("nothing is archived")?;
    let (conversation, recording) = (&archived.conversation, &archived.recording);
    let until = "2026-05-01T00:00:00Z".parse()?;
    genesys
        .restore(conversation, recording, until, &cancel)
        .await?;
    let held = [conversation.clone()];
    let holder = holder.genesys().unwrap();
    holder.hold(Hold::Place, &held, &cancel).await?;
    holder.hold(Hold::Release, &held, &cancel).await?;
    Ok(())
}

/// A person signs in, is asked who they are, and signs out.
async fn drive_a_person(
    api_url: &str,
    sandbox: &Sandbox,
    clock: &ManualClock,
) -> Result<(), Box<dyn Error>> {
    let cancel = CancellationToken::new();
    let source = person::at(api_url, sandbox, clock).await?;
    source.health(&cancel).await?;
    source.genesys().unwrap().revoke_token(&cancel).await?;
    Ok(())
}

/// A clock shortly after the corpus, so that the synchronous query is used too.
fn clock() -> ManualClock {
    ManualClock::at("2026-04-10T22:50:00Z")
}

async fn sandbox(clock: &ManualClock) -> Sandbox {
    let options = SandboxOptions {
        clock: clock.read(),
        transcode_ms: 40,
        index_lag_s: Some(0),
        orphans: 3,
        ..Default::default()
    };
    Sandbox::start(options).await.unwrap()
}

fn client(role: ClientRole, api_url: &str, sandbox: &Sandbox, clock: &ManualClock) -> Source {
    let credentials = role.credentials();
    connect(api_url, &sandbox.urls().login_url, credentials, clock).0
}

async fn drive_everything(
    api_url: &str,
    sandbox: &Sandbox,
    clock: &ManualClock,
) -> Result<(), Box<dyn Error>> {
    let source = client(ClientRole::WithArchive, api_url, sandbox, clock);
    // Releasing takes a permission that only the quality administrator has.
    let holder = client(ClientRole::OverPrivileged, api_url, sandbox, clock);
    drive(&source).await?;
    drive_the_rest(&source, &holder).await?;
    drive_a_person(api_url, sandbox, clock).await
}

#[tokio::test]
async fn every_query_parameter_is_one_of_the_definition() {
    let clock = clock();
    let sandbox = sandbox(&clock).await;
    let recorder = Recorder::before(&sandbox.urls().api_url).await;
    drive_everything(&recorder.url, &sandbox, &clock)
        .await
        .unwrap();
    let known = committed();
    for exchange in recorder.exchanges() {
        let operation = operation_of(&exchange, &known);
        let operation = operation.unwrap_or_else(|| panic!("{exchange:?} is no known operation"));
        for name in &exchange.query_names {
            assert!(
                known[operation].contains(name),
                "{operation} has no `{name}`"
            );
        }
    }
}

/// S2-20: a `+` that is not percent-encoded arrives as a space, and another number is looked up.
#[tokio::test]
async fn the_plus_of_a_number_is_percent_encoded_in_every_query() {
    let clock = clock();
    let sandbox = sandbox(&clock).await;
    let recorder = Recorder::before(&sandbox.urls().api_url).await;
    drive_everything(&recorder.url, &sandbox, &clock)
        .await
        .unwrap();
    let exchanges = recorder.exchanges();
    let mut numbers = exchanges.iter().filter(|it| it.query.contains("447700900"));
    assert!(numbers.all(|it| it.query.contains("=%2B447700900")));
    let asked = |path: &str| {
        let mut of_path = exchanges.iter().filter(|it| it.path == path);
        of_path.any(|it| it.query.contains("=%2B447700900876"))
    };
    assert!(asked("/api/v2/gdpr/subjects"));
    assert!(asked("/api/v2/externalcontacts/reversewhitepageslookup"));
    assert!(exchanges.iter().all(|it| !it.query.contains('+')));
}

#[tokio::test]
async fn the_committed_query_parameters_are_those_of_the_definition() {
    let Some(definition) = prism::definition() else {
        return prism::not_performed("the definition is absent");
    };
    let text = std::fs::read(definition).unwrap();
    let definition: serde_json::Value = serde_json::from_slice(&text).unwrap();
    let mut published = Parameters::new();
    for (path, operations) in definition["paths"].as_object().unwrap() {
        let parts = path.split('/');
        let parts = parts.map(|part| if part.starts_with('{') { "{}" } else { part });
        let path = parts.collect::<Vec<_>>().join("/");
        for (method, operation) in operations.as_object().unwrap() {
            let parameters = operation["parameters"].as_array().into_iter().flatten();
            let names = parameters
                .filter(|it| it["in"] == "query")
                .map(|it| it["name"].as_str().unwrap().to_owned());
            published.insert(format!("{} {path}", method.to_uppercase()), names.collect());
        }
    }
    for (operation, names) in committed() {
        let publishes = published.get(&operation);
        assert_eq!(publishes, Some(&names), "{operation}");
    }
}

#[tokio::test]
async fn requests_and_answers_follow_the_definition() {
    let clock = clock();
    let sandbox = sandbox(&clock).await;
    let Some(prism) = Prism::start(Mode::ProxyOf(sandbox.urls().api_url.clone())).await else {
        return;
    };
    let recorder = Recorder::before(&prism.url).await;
    let driven = drive_everything(&recorder.url, &sandbox, &clock).await;
    assert_no_violation(&recorder);
    driven.unwrap();
    assert!(recorder.exchanges().len() > 30);
}

/// Prism answers a wrong request with 422 and a wrong answer with 500.
fn assert_no_violation(recorder: &Recorder) {
    let is_wrong = |it: &Exchange| it.status >= 400 || it.violations.is_some();
    let wrong: Vec<_> = recorder.exchanges().into_iter().filter(is_wrong).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// The definition's own answers: every field present, the largest and smallest numbers, any of the enum values.
#[tokio::test]
async fn answers_made_up_from_the_definition_break_nothing() {
    let clock = clock();
    let sandbox = sandbox(&clock).await;
    let Some(prism) = Prism::start(Mode::Mock).await else {
        return;
    };
    let recorder = Recorder::before(&prism.url).await;
    let source = client(ClientRole::Standard, &recorder.url, &sandbox, &clock);
    let cancel = CancellationToken::new();
    // Whether it works depends on what was made up; that it ends, and what it asks, does not.
    let _ = source.health(&cancel).await;
    let criteria = SearchCriteria {
        identifiers: vec![phone("+447700900876")],
        range: demo_range(),
        agent_id: None,
        queue_id: None,
    };
    let stop = async {
        tokio::time::sleep(std::time::Duration::from_secs(3)).await;
        cancel.cancel();
    };
    tokio::join!(source.search(&criteria, &cancel), stop);
    assert_no_violation(&recorder);
    assert!(recorder.exchanges().len() > 3);
}
