//! Pictures of every screen, light and dark.

use std::{fs, path::PathBuf};

use serde_json::json;

use crate::page::Page;

/// The folder of the pictures; those of the documentation are only rewritten when asked to, since each
/// run differs in times and digests.
fn folder() -> PathBuf {
    let writes = std::env::var_os("SAR_WRITE_SCREENS").is_some_and(|value| value == "1");
    let folder = if writes {
        "docs/screens"
    } else {
        "target/screens"
    };
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(folder)
}

/// Takes the screen in both themes; a screen that reported a problem fails here, where it can be named.
pub(crate) async fn take(page: &Page, name: &str) {
    page.assert_no_problems(name).await;
    let folder = folder();
    fs::create_dir_all(&folder).unwrap();
    for theme in ["dark", "light"] {
        show(page, theme).await;
        let picture = page.client.screenshot().await.unwrap();
        assert!(picture.starts_with(b"\x89PNG"), "{name} is a picture");
        fs::write(folder.join(format!("{name}-{theme}.png")), picture).unwrap();
    }
}

/// Takes the screen on which a test failed.
pub(crate) async fn take_failure(page: &Page) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("target/screens");
    fs::create_dir_all(&folder).unwrap();
    let path = folder.join("failed.png");
    fs::write(&path, page.client.screenshot().await.unwrap()).unwrap();
    path
}

/// Lets the desktop prefer the theme and waits until every color has arrived and was painted.
async fn show(page: &Page, theme: &str) {
    let script = "const done = arguments[arguments.length - 1];
        window.__sarPreferDark(arguments[0] === 'dark');
        const painted = () => requestAnimationFrame(() => requestAnimationFrame(() => done()));
        requestAnimationFrame(() => {
            const changes = document.getAnimations().filter((it) => it instanceof CSSTransition);
            Promise.allSettled(changes.map((it) => it.finished)).then(painted);
        });";
    page.client
        .execute_async(script, vec![json!(theme)])
        .await
        .unwrap();
}
