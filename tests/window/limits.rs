//! What the page cannot do, and what the window says when the core cannot start.

use serde_json::json;

use crate::{driver::Window, screens};

/// Only commands named in the capability answer; those of the framework itself do not.
#[tokio::test]
async fn the_page_can_do_no_more_than_its_capability_says() {
    let window = Window::open().await;
    let page = &window.page;
    page.see("first-run-sandbox").await;
    for command in [
        "plugin:event|emit",
        "plugin:window|set_title",
        "plugin:webview|print",
    ] {
        let refusal = page
            .invoke(command, json!({}))
            .await
            .unwrap_err()
            .to_string();
        assert!(refusal.contains("not allowed"), "{command}: {refusal}");
    }
    let status = page.ask("get_status", json!({})).await;
    assert_eq!(status["person"], json!(null));
    let unknown = page
        .invoke("get_status", json!({ "request": { "path": "/etc" } }))
        .await;
    assert!(
        unknown.is_err(),
        "a request with an unknown field is refused"
    );
    window.close().await;
}

/// The content policy stops script and connections that are not ours, and navigation is denied.
#[tokio::test]
async fn the_page_runs_no_foreign_code_and_goes_nowhere() {
    let window = Window::open().await;
    let page = &window.page;
    page.see("first-run-sandbox").await;
    let inline = "const script = document.createElement('script');
        try { script.textContent = 'window.__foreign = 1'; document.head.append(script); } catch {}
        return window.__foreign ?? null;";
    assert_eq!(
        page.run(inline, vec![]).await,
        json!(null),
        "no inline script"
    );
    let fetched = "const done = arguments[arguments.length - 1];
        fetch('http://127.0.0.1:9/').then(() => done('reached'), () => done('blocked'));";
    assert_eq!(
        page.client.execute_async(fetched, vec![]).await.unwrap(),
        json!("blocked")
    );
    page.run(
        "location.href = 'http://127.0.0.1:9/'; window.open('http://127.0.0.1:9/');",
        vec![],
    )
    .await;
    page.see("first-run-sandbox").await;
    let address = page.client.current_url().await.unwrap();
    assert_eq!(address.scheme(), "tauri", "{address}");
    let problems = page
        .run("return window.__sarProblems.join('\\n');", vec![])
        .await;
    let problems = problems.as_str().unwrap();
    for directive in ["require-trusted-types-for", "connect-src"] {
        assert!(
            problems.contains(directive),
            "a violation of {directive} is reported: {problems}"
        );
    }
    assert_eq!(
        page.client.windows().await.unwrap().len(),
        1,
        "no second window"
    );
}

/// Without a keyring the window opens and says so in words.
#[tokio::test]
async fn a_start_without_keyring_is_explained_and_can_be_tried_again() {
    let window = Window::open_with(|driver| {
        driver.env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/bus");
    })
    .await;
    let page = &window.page;
    let message = page.text("error-message").await;
    assert!(message.to_lowercase().contains("keyring"), "{message}");
    screens::take(page, "start-without-keyring").await;
    let again = page
        .invoke("get_status", json!({ "request": {} }))
        .await
        .unwrap_err();
    assert_eq!(again["code"], json!("keyring_unavailable"), "{again}");
    assert!(
        !window.data_dir().join("sar.db").exists(),
        "nothing half-made is left behind"
    );
}
