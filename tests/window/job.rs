//! A subject access request from received to delivered, by mouse and keyboard in the real window.

use sandbox::demo_subject;
use serde_json::{Value, json};

use crate::{
    driver::Window,
    extract::{self, Wave},
    page::Page,
    review::{self, CallsOfCase},
    screens,
    waiting::{JOB, SOON},
};

/// S0-01, S0-02: two people take the request through every screen; the recipient opens the package.
#[tokio::test]
async fn a_request_goes_from_received_to_delivered() {
    let window = Window::open().await;
    let page = &window.page;
    start_with_sample_calls(&window).await;
    let case_id = open_case(page).await;
    verify_identity(page).await;
    search_and_freeze(page).await;
    let calls = retrieve(page, &case_id).await;
    let played = review::review_all(&window, &calls).await;
    sign_in(page, "approver.two", "approver").await;
    review::approve_all(page, &calls).await;
    let passphrase = seal(page, &case_id).await;
    let package = deliver(page).await;
    check_log(page).await;
    other_screens(page).await;

    let opened = extract::with_seven_zip(&package, &passphrase, &window.path("opened"));
    let delivered = opened.join(format!("data/recordings/{:04}.wav", played.call));
    review::assert_heard_what_is_delivered(&played, &Wave::read(&delivered));
    window.close().await;
}

async fn start_with_sample_calls(window: &Window) {
    let page = &window.page;
    page.see("first-run-sandbox").await;
    screens::take(page, "welcome").await;
    page.fill("sign-in-person", "case.worker").await;
    page.choose("sign-in-role", "case_worker").await;
    page.click("first-run-sandbox").await;
    page.see("sample-band").await;
    page.see("new-case").await;
    // Sample cases never lie beside real ones.
    assert!(window.data_dir().join("sample/sar.db").exists());
}

async fn sign_in(page: &Page, person: &str, role: &str) {
    page.click("change-person").await;
    page.fill("sign-in-person", person).await;
    page.choose("sign-in-role", role).await;
    page.click("sign-in-submit").await;
    page.until("the new person at the desk", SOON, async || {
        page.text("person-at-desk")
            .await
            .contains(person)
            .then_some(())
    })
    .await;
}

async fn open_case(page: &Page) -> String {
    let subject = demo_subject();
    page.click("new-case").await;
    page.fill("field-name", subject.name).await;
    page.fill("field-phones", &subject.phones.join(", ")).await;
    page.choose("field-phone-region", "GB").await;
    page.fill("field-emails", subject.email).await;
    page.fill("field-customer-ids", subject.customer_id).await;
    page.choose("field-law", "uk_gdpr").await;
    page.fill("field-note", "All calls since March").await;
    page.see("summary-due").await;
    screens::take(page, "new-case").await;
    page.click("start-case").await;
    page.see("identity-verdict").await;
    let hash = page.run("return location.hash;", vec![]).await;
    hash.as_str()
        .unwrap()
        .split('/')
        .nth(2)
        .expect("the address names the case")
        .to_owned()
}

async fn verify_identity(page: &Page) {
    page.click("check-account_details").await;
    page.click("check-call_back").await;
    page.see("[data-testid=identity-verdict].is-verified").await;
    screens::take(page, "identity").await;
}

async fn search_and_freeze(page: &Page) {
    let subject = demo_subject();
    page.click("tab-search").await;
    page.choose("search-zone", subject.zone).await;
    page.set("search-start", minutes(subject.from_local)).await;
    page.set("search-end", minutes(subject.to_local)).await;
    page.see("search-utc").await;
    page.click("run-search").await;
    page.see_within("found-row", JOB).await;
    screens::take(page, "search").await;
    page.click("freeze-list").await;
    screens::take(page, "freeze").await;
    page.click("confirm-freeze").await;
    page.see("start-retrieval").await;
}

/// A date and time as a field of a form holds it.
fn minutes(local: &str) -> &str {
    &local[..16]
}

async fn retrieve(page: &Page, case_id: &str) -> CallsOfCase {
    page.click("start-retrieval").await;
    let request = json!({ "case_id": case_id });
    page.until("all calls in custody and looked through", JOB, async || {
        let calls = page.ask("list_calls", request.clone()).await;
        let is_settled = |call: &Value| match call["end_state"].as_str() {
            Some("retrieved") => call["stage"] == "to_review",
            state => state != Some("pending"),
        };
        calls["calls"]
            .as_array()?
            .iter()
            .all(is_settled)
            .then_some(())
    })
    .await;
    page.see("[data-testid=call-row][data-stage=to_review]")
        .await;
    screens::take(page, "calls").await;
    visit(page, "nav-cases", "cases").await;
    visit(page, "nav-review-queue", "review-queue").await;
    let calls = page.ask("list_calls", request).await;
    let calls = calls["calls"].as_array().unwrap().iter();
    let kept = calls.filter(|call| call["end_state"] == "retrieved");
    let numbers: Vec<_> = kept.map(|call| call["call"].as_u64().unwrap()).collect();
    assert!(
        numbers.len() >= 2,
        "several calls are in custody: {numbers:?}"
    );
    CallsOfCase {
        case_id: case_id.to_owned(),
        numbers,
    }
}

async fn seal(page: &Page, case_id: &str) -> String {
    page.go(&format!("#/cases/{case_id}/package")).await;
    page.until("the package can be sealed", JOB, async || {
        page.all("seal-package")
            .await
            .first()?
            .is_enabled()
            .await
            .ok()?
            .then_some(())
    })
    .await;
    screens::take(page, "package").await;
    page.click("seal-package").await;
    page.see_within("sealed-package", JOB).await;
    page.click("verify-package").await;
    page.see_within("report-verified", JOB).await;
    page.click("show-passphrase").await;
    let passphrase = page.text("passphrase").await;
    page.click("hide-passphrase").await;
    screens::take(page, "package-sealed").await;
    passphrase
}

async fn deliver(page: &Page) -> String {
    page.choose("passphrase-by", "phone").await;
    page.click("deliver-package").await;
    screens::take(page, "deliver").await;
    page.click("confirm-deliver").await;
    page.see_within("delivered", JOB).await;
    screens::take(page, "package-delivered").await;
    page.text("delivery-location").await
}

async fn check_log(page: &Page) {
    page.click("nav-audit").await;
    page.see("audit-row").await;
    page.click("audit-check-now").await;
    page.see_within("report-verified", JOB).await;
    screens::take(page, "audit-log").await;
}

/// The screens the job does not pass through, for the pictures and for their errors.
async fn other_screens(page: &Page) {
    for (entry, name) in [
        ("nav-packages", "packages"),
        ("nav-help", "help"),
        ("nav-settings", "settings"),
    ] {
        visit(page, entry, name).await;
    }
    // Out of the samples again: own cases, with nothing connected yet.
    page.click("leave-sandbox").await;
    page.click("first-run-connect").await;
    page.see("connect-submit").await;
    screens::take(page, "connect").await;
    page.click("nav-cases").await;
    page.see("first-run-sandbox").await;
}

/// Goes to a screen by its entry in the rail and takes its picture.
async fn visit(page: &Page, entry: &str, name: &str) {
    page.click(entry).await;
    page.until("the screen", SOON, async || {
        let current = page.all("[aria-current=page][data-testid]").await;
        let name = current.first()?.attr("data-testid").await.ok()??;
        (name == entry).then_some(())
    })
    .await;
    screens::take(page, name).await;
}
