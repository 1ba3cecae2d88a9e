//! A person signs in with a browser: over real HTTP, from the login page to the first search.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use connectors::{
    genesys::{
        BeginError, BrowserSignIn, Genesys, GenesysConfig, PersonClient, PersonSession,
        PersonTokens,
    },
    http::{Http, Purpose},
    source::{SignInError, Source, SourceError},
};
use domain::sensitive::Secret;
use sandbox::{
    ClientRole, Sandbox, SandboxOptions,
    browser::{self, Decision},
};
use tokio_util::sync::CancellationToken;

use super::support::{ManualClock, demo_range, phone, quick_http};

/// Longer than any test takes.
const LONG: Duration = Duration::from_secs(60);

/// A sandbox that knows the address of one sign-in.
struct Desk {
    sandbox: Sandbox,
    http: Http,
    clock: ManualClock,
    role: ClientRole,
    /// What was put back into the keyring, newest last.
    kept: Arc<Mutex<Vec<Secret<String>>>>,
    cancel: CancellationToken,
}

async fn desk() -> Desk {
    desk_with(ClientRole::Person, SandboxOptions::default()).await
}

async fn desk_with(role: ClientRole, options: SandboxOptions) -> Desk {
    let clock = ManualClock::at("2026-05-01T12:00:00Z");
    let options = SandboxOptions {
        clock: clock.read(),
        transcode_ms: 40,
        ..options
    };
    Desk {
        sandbox: Sandbox::start(options).await.unwrap(),
        http: Http::new(quick_http()).unwrap(),
        clock,
        role,
        kept: Arc::default(),
        cancel: CancellationToken::new(),
    }
}

impl Desk {
    fn login_url(&self) -> &str {
        &self.sandbox.urls().login_url
    }

    async fn begin(&self) -> BrowserSignIn {
        let client = PersonClient {
            login_url: self.login_url().to_owned(),
            client_id: self.role.credentials().client_id.to_owned(),
            redirect_port: 0,
        };
        let begun = BrowserSignIn::begin(&client, &self.http, self.clock.read()).await;
        let begun = begun.unwrap();
        self.sandbox.register_redirect(&begun.redirect_url());
        begun
    }

    /// Signs in; the person presses a button, and their browser follows.
    async fn signed_in(&self, decision: Decision) -> Result<PersonTokens, SourceError> {
        let begun = self.begin().await;
        let link = begun.link().to_string();
        let person = async {
            let page = browser::press(&link, decision).await.unwrap();
            let closing = browser::open(&page.location.unwrap()).await.unwrap();
            assert_eq!(closing.status, 200);
            assert!(closing.text.contains("Close this page"));
        };
        let (tokens, ()) = tokio::join!(begun.finish(LONG, &self.cancel), person);
        tokens
    }

    fn source(&self, tokens: PersonTokens) -> Source {
        let kept = self.kept.clone();
        let keep = move |secret| -> futures_util::future::BoxFuture<'static, ()> {
            kept.lock().unwrap().push(secret);
            Box::pin(async {})
        };
        let config = GenesysConfig {
            api_url: self.sandbox.urls().api_url.clone(),
            login_url: self.login_url().to_owned(),
            client_id: self.role.credentials().client_id.to_owned(),
            person: Some(PersonSession {
                tokens,
                keep: Arc::new(keep),
            }),
            ..GenesysConfig::default()
        };
        let genesys = Genesys::new(config, self.http.clone(), self.clock.read());
        Source::Genesys(genesys.unwrap())
    }

    fn sign_ins(&self) -> u64 {
        let entries = self.http.egress().into_iter();
        let of_purpose = entries.filter(|it| it.purpose == Purpose::SignIn);
        of_purpose.map(|it| it.requests).sum()
    }
}

/// The source of a person who has just signed in, asked at an address before the sandbox's own.
pub(crate) async fn at(
    api_url: &str,
    sandbox: &Sandbox,
    clock: &ManualClock,
) -> Result<Source, SourceError> {
    let client_id = ClientRole::Person.credentials().client_id.to_owned();
    let login_url = sandbox.urls().login_url.clone();
    let client = PersonClient {
        login_url: login_url.clone(),
        client_id: client_id.clone(),
        redirect_port: 0,
    };
    let http = Http::new(quick_http()).unwrap();
    let begun = BrowserSignIn::begin(&client, &http, clock.read()).await;
    let begun = begun.unwrap();
    sandbox.register_redirect(&begun.redirect_url());
    let link = begun.link().to_string();
    let person = async {
        let page = browser::press(&link, Decision::Allow).await.unwrap();
        browser::open(&page.location.unwrap()).await.unwrap();
    };
    let cancel = CancellationToken::new();
    let (tokens, ()) = tokio::join!(begun.finish(LONG, &cancel), person);
    let keep = |_| -> futures_util::future::BoxFuture<'static, ()> { Box::pin(async {}) };
    let config = GenesysConfig {
        api_url: api_url.to_owned(),
        login_url,
        client_id,
        person: Some(PersonSession {
            tokens: tokens?,
            keep: Arc::new(keep),
        }),
        ..GenesysConfig::default()
    };
    let genesys = Genesys::new(config, http, clock.read());
    Ok(Source::Genesys(genesys.unwrap()))
}

fn sign_in_error(error: SourceError) -> SignInError {
    match error {
        SourceError::SignIn(error) => error,
        other => unreachable!("it is no failed sign-in: {other:?}"),
    }
}

// S0-08, S0-22, S0-23
#[tokio::test]
async fn a_person_signs_in_and_searches_as_themselves() {
    let desk = desk().await;
    let tokens = desk.signed_in(Decision::Allow).await.unwrap();
    let source = desk.source(tokens);
    let health = source.health(&desk.cancel).await.unwrap();
    let person = health.person.unwrap();
    assert_eq!(person.name.reveal(), "Robin Hale");
    assert_eq!(person.id, "b81c9e04-3a7d-4f26-8d15-7c0e2f9a6b80");
    assert_eq!(health.missing, [""; 0]);
    // The person may do more elsewhere; the scopes of this client only read.
    assert!(health.granted.contains(&"gdpr:request:add".to_owned()));
    assert_eq!(health.excess, [""; 0]);
    let criteria = domain::search::SearchCriteria {
        identifiers: vec![phone("+447700900123")],
        range: demo_range(),
        agent_id: None,
        queue_id: None,
    };
    let result = source.search(&criteria, &desk.cancel).await;
    assert!(!result.found.is_empty());
    assert_eq!(
        desk.sign_ins(),
        1,
        "the code bought the token for everything"
    );
}

// S0-22
#[tokio::test]
async fn scopes_that_write_make_the_rights_of_the_person_too_many() {
    let desk = desk_with(ClientRole::PersonWithExcess, SandboxOptions::default()).await;
    let tokens = desk.signed_in(Decision::Allow).await.unwrap();
    let health = desk.source(tokens).health(&desk.cancel).await.unwrap();
    assert!(health.excess.contains(&"gdpr:request:add".to_owned()));
}

#[tokio::test]
async fn a_person_who_says_no_is_not_signed_in() {
    let desk = desk().await;
    let error = desk.signed_in(Decision::Deny).await.unwrap_err();
    assert!(matches!(sign_in_error(error), SignInError::Denied { .. }));
    assert_eq!(desk.sign_ins(), 0, "there was nothing to ask for");
}

#[tokio::test]
async fn the_answer_to_another_sign_in_is_not_used() {
    let desk = desk().await;
    for forged in ["?code=stolen&state=guessed", "?code=stolen"] {
        let begun = desk.begin().await;
        let address = format!("{}{forged}", begun.redirect_url());
        let (tokens, page) =
            tokio::join!(begun.finish(LONG, &desk.cancel), browser::open(&address));
        assert_eq!(page.unwrap().status, 200);
        let error = sign_in_error(tokens.unwrap_err());
        assert_eq!(error, SignInError::WrongState);
    }
    assert_eq!(
        desk.sign_ins(),
        0,
        "a code of somebody else is not shown to anybody"
    );
}

#[tokio::test]
async fn a_code_is_taken_once() {
    let desk = desk().await;
    let begun = desk.begin().await;
    let link = begun.link().to_string();
    let verified = async {
        let page = browser::press(&link, Decision::Allow).await.unwrap();
        let address = page.location.unwrap();
        assert_eq!(browser::open(&address).await.unwrap().status, 200);
        address
    };
    let (tokens, address) = tokio::join!(begun.finish(LONG, &desk.cancel), verified);
    let source = desk.source(tokens.unwrap());
    source.health(&desk.cancel).await.unwrap();
    assert!(
        browser::open(&address).await.is_err(),
        "nobody listens any more"
    );
    // Whoever saw the address shows its code again: it buys nothing, and what it bought has ended.
    let code = address.split("code=").nth(1).unwrap();
    let code = code.split('&').next().unwrap();
    let token_url = format!("{}/oauth/token", desk.login_url());
    let fields = [("grant_type", "authorization_code"), ("code", code)];
    let again = browser::post(&token_url, &fields).await.unwrap();
    assert_eq!(again.status, 400);
    assert!(again.text.contains("invalid_grant"));
    let error = sign_in_error(source.health(&desk.cancel).await.unwrap_err());
    assert!(matches!(error, SignInError::SignInEnded { .. }), "{error}");
}

#[tokio::test]
async fn a_code_without_its_verifier_buys_nothing() {
    let desk = desk().await;
    let (mine, theirs) = (desk.begin().await, desk.begin().await);
    // The code of my page, brought to the other sign-in with its own state: its verifier does not fit.
    let page = browser::press(mine.link().as_str(), Decision::Allow);
    let brought = page.await.unwrap().location.unwrap();
    let code = brought
        .split("code=")
        .nth(1)
        .unwrap()
        .split('&')
        .next()
        .unwrap();
    let state = theirs
        .link()
        .query_pairs()
        .find(|(name, _)| name == "state");
    let address = format!(
        "{}?code={code}&state={}",
        theirs.redirect_url(),
        state.unwrap().1
    );
    let (tokens, page) = tokio::join!(theirs.finish(LONG, &desk.cancel), browser::open(&address));
    page.unwrap();
    let error = sign_in_error(tokens.unwrap_err());
    assert!(matches!(error, SignInError::CodeRefused { .. }), "{error}");
    assert!(!error.to_string().contains(code));
}

#[tokio::test]
async fn nobody_waits_longer_than_the_limit_or_after_cancelling() {
    let desk = desk().await;
    let begun = desk.begin().await;
    let late = begun.finish(Duration::from_millis(20), &desk.cancel).await;
    assert_eq!(sign_in_error(late.unwrap_err()), SignInError::TimedOut);
    let begun = desk.begin().await;
    let address = begun.redirect_url();
    let stop = async { desk.cancel.cancel() };
    let (stopped, ()) = tokio::join!(begun.finish(LONG, &desk.cancel), stop);
    assert!(matches!(stopped.unwrap_err(), SourceError::Cancelled));
    assert!(browser::open(&address).await.is_err(), "the port is closed");
}

#[tokio::test]
async fn a_port_that_is_taken_is_named() {
    let desk = desk().await;
    let begun = desk.begin().await;
    let port = url::Url::parse(&begun.redirect_url()).unwrap().port();
    let client = PersonClient {
        login_url: desk.login_url().to_owned(),
        client_id: String::new(),
        redirect_port: port.unwrap(),
    };
    let second = BrowserSignIn::begin(&client, &desk.http, desk.clock.read()).await;
    let Err(BeginError::SignIn(SignInError::PortTaken { port: named })) = second else {
        panic!("two sign-ins listen at one port");
    };
    assert_eq!(Some(named), port);
}

#[tokio::test]
async fn a_login_host_that_is_away_is_said_so() {
    let desk = desk().await;
    let begun = desk.begin().await;
    let page = browser::press(begun.link().as_str(), Decision::Allow)
        .await
        .unwrap();
    let Desk {
        sandbox, cancel, ..
    } = desk;
    sandbox.stop().await;
    let follow = async { browser::open(&page.location.unwrap()).await.unwrap() };
    let (tokens, _) = tokio::join!(begun.finish(LONG, &cancel), follow);
    assert!(matches!(tokens.unwrap_err(), SourceError::Http(_)));
}

// S0-19
#[tokio::test]
async fn the_token_of_a_person_is_renewed_and_the_new_one_is_kept() {
    let desk = desk().await;
    let source = desk.source(desk.signed_in(Decision::Allow).await.unwrap());
    source.health(&desk.cancel).await.unwrap();
    assert_eq!(desk.kept.lock().unwrap().len(), 0, "nothing changed yet");
    desk.clock.advance_s(3_001);
    source.health(&desk.cancel).await.unwrap();
    let kept = desk.kept.lock().unwrap().last().cloned().unwrap();
    assert_eq!(desk.sign_ins(), 2);
    // What was kept works after a restart.
    let tokens = PersonTokens::from_secret(&kept).unwrap();
    let again = desk.source(tokens);
    again.health(&desk.cancel).await.unwrap();
    assert_eq!(desk.sign_ins(), 2);
}

// S0-19
#[tokio::test]
async fn a_refused_token_of_a_person_is_renewed_once() {
    let scenario = sandbox::Scenario::first(
        1,
        "/api/v2/organizations/me",
        sandbox::scenario::Action::ExpireToken,
    );
    let options = SandboxOptions {
        scenario,
        ..Default::default()
    };
    let desk = desk_with(ClientRole::Person, options).await;
    let source = desk.source(desk.signed_in(Decision::Allow).await.unwrap());
    source.health(&desk.cancel).await.unwrap();
    assert_eq!(desk.sign_ins(), 2);
}

#[tokio::test]
async fn a_sign_in_that_has_ended_asks_to_sign_in_again() {
    let short = SandboxOptions {
        token_lifetime_s: 300,
        refresh_lifetime_s: Some(1_000),
        ..Default::default()
    };
    let none = SandboxOptions {
        refresh_lifetime_s: None,
        ..short.clone()
    };
    for options in [short, none] {
        let desk = desk_with(ClientRole::Person, options).await;
        let source = desk.source(desk.signed_in(Decision::Allow).await.unwrap());
        desk.clock.advance_s(230);
        source.health(&desk.cancel).await.unwrap();
        desk.clock.advance_s(1_001);
        let error = sign_in_error(source.health(&desk.cancel).await.unwrap_err());
        assert!(matches!(error, SignInError::SignInEnded { .. }), "{error}");
        assert!(error.to_string().contains("sign in again"));
    }
}

// S0-12
#[tokio::test]
async fn a_service_is_no_person_and_a_person_no_service() {
    let desk = desk().await;
    let tokens = desk.signed_in(Decision::Allow).await.unwrap();
    let text = tokens.to_secret();
    let access = serde_json::from_str::<serde_json::Value>(text.reveal()).unwrap();
    let access = access["access_token"].as_str().unwrap();
    let service = super::support::rig().await;
    assert!(
        service
            .source
            .health(&service.cancel)
            .await
            .unwrap()
            .person
            .is_none()
    );
    // The token of a service, brought as a person's.
    let token_url = format!("{}/oauth/token", desk.login_url());
    let login = ClientRole::Standard.credentials();
    let fields = [
        ("grant_type", "client_credentials"),
        ("client_id", login.client_id),
        ("client_secret", login.client_secret),
    ];
    let page = browser::post(&token_url, &fields).await.unwrap();
    let body = page.text.split("\r\n\r\n").nth(1).unwrap();
    let issued: serde_json::Value = serde_json::from_str(body).unwrap();
    let replaced = text
        .reveal()
        .replace(access, issued["access_token"].as_str().unwrap());
    let tokens = PersonTokens::from_secret(&Secret::new(replaced)).unwrap();
    let error = sign_in_error(desk.source(tokens).health(&desk.cancel).await.unwrap_err());
    assert_eq!(error, SignInError::NotAPerson);
}

// S0-21
#[tokio::test]
async fn a_person_who_signs_out_leaves_a_token_that_opens_nothing() {
    let options = SandboxOptions {
        refresh_lifetime_s: None,
        ..Default::default()
    };
    let desk = desk_with(ClientRole::Person, options).await;
    let tokens = desk.signed_in(Decision::Allow).await.unwrap();
    let source = desk.source(tokens);
    source
        .genesys()
        .unwrap()
        .revoke_token(&desk.cancel)
        .await
        .unwrap();
    let error = sign_in_error(source.health(&desk.cancel).await.unwrap_err());
    assert!(matches!(error, SignInError::SignInEnded { .. }), "{error}");
}
