//! An archive beside the tenant: connected, searched and disconnected in the real window. // S1-01, S1-22

use sandbox::{LegacyOptions, LegacyRecorders, Sandbox, SandboxOptions, demo_subject};
use serde_json::json;

use crate::{
    driver::Window,
    page::Page,
    screens,
    waiting::{JOB, SOON},
};

#[tokio::test]
async fn an_archive_is_connected_searched_and_disconnected() {
    let tenant = Sandbox::start(SandboxOptions::default()).await.unwrap();
    let recorders = LegacyRecorders::start(LegacyOptions::default())
        .await
        .unwrap();
    let window = Window::open().await;
    let page = &window.page;
    page.see("first-run-connect").await;
    connect_tenant(page, &tenant).await;
    connect_archive(page, &recorders.urls().avaya).await;
    search(page).await;
    disconnect(page).await;
    window.close().await;
}

async fn connect_tenant(page: &Page, tenant: &Sandbox) {
    let person = json!({"person_id": "case.worker", "role": "case_worker"});
    page.ask("sign_in", person).await;
    let (urls, client) = (tenant.urls(), tenant.credentials());
    let request = json!({
        "region": null,
        "api_url": urls.api_url,
        "login_url": urls.login_url,
        "media_hosts": null,
        "client_id": client.client_id,
        "client_secret": client.client_secret,
        "accept_excess_reason": null,
    });
    let report = page.ask("connect_source", request).await;
    assert_eq!(report["connected"], true, "{report}");
    page.see("new-case").await;
}

async fn connect_archive(page: &Page, recorder: &str) {
    page.click("nav-settings").await;
    page.click("archive-add").await;
    let description = page.see("archive-description").await;
    let example = description.prop("value").await.unwrap().unwrap();
    let described = example.replace("https://recorder.example.org", recorder);
    assert_ne!(example, described);
    screens::take(page, "archive").await;

    page.set("archive-description", &described).await;
    page.fill("archive-secret", "wrong").await;
    page.click("archive-submit").await;
    let refused = page.text("error-message").await;
    assert!(refused.contains("service account"), "{refused}");
    // The tenant answers, whatever the archive says.
    assert!(page.all("source-lost").await.is_empty());
    screens::take(page, "archive-refused").await;

    let (_, secret) = LegacyRecorders::AVAYA_ACCOUNT;
    page.fill("archive-secret", secret).await;
    page.click("archive-submit").await;
    page.see("archive-result").await;
    page.click("archive-back").await;
    assert!(page.text("archive").await.contains("old-avaya"));
    screens::take(page, "settings-archives").await;
}

/// Calls that both have are on the list once, with both places.
async fn search(page: &Page) {
    let subject = demo_subject();
    let case = page
        .ask(
            "open_case",
            json!({
                "name": subject.name,
                "phones": subject.phones,
                "phone_region": "GB",
                "emails": [],
                "customer_ids": [subject.customer_id],
                "representative": null,
                "law": "uk_gdpr",
                "received_on": "2026-04-07",
                "received_by": "email",
                "risk_tier": "normal",
                "note": "",
            }),
        )
        .await;
    let case_id = case["case_id"].as_str().unwrap().to_owned();
    for method in ["account_details", "call_back"] {
        let check = json!({"case_id": case_id, "method": method, "passed": true});
        page.ask("record_identity_check", check).await;
    }
    let request = json!({
        "case_id": case_id,
        "start": subject.from_local,
        "end": subject.to_local,
        "zone": subject.zone,
        "agent_id": null,
        "queue_id": null,
    });
    page.ask("search_recordings", request).await;
    page.go(&format!("#/cases/{case_id}/search")).await;
    page.see_within("found-row", JOB).await;
    let rows = page.all("found-row").await;
    let mut both = 0;
    for row in &rows {
        both += u32::from(row.text().await.unwrap().contains("also in"));
    }
    assert_eq!(both, 2, "of {} rows", rows.len());
    screens::take(page, "search-archives").await;
}

async fn disconnect(page: &Page) {
    page.click("nav-settings").await;
    page.click("archive-remove").await;
    page.see("archive-remove-confirm").await;
    screens::take(page, "archive-disconnect").await;
    page.click("archive-remove-confirm").await;
    page.until("the archive to be gone", SOON, async || {
        page.all("archive").await.is_empty().then_some(())
    })
    .await;
}
