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

/// Takes the screen in both themes.
pub(crate) async fn take(page: &Page, name: &str) {
    let folder = folder();
    fs::create_dir_all(&folder).unwrap();
    for theme in ["dark", "light"] {
        let script = "document.documentElement.dataset.theme = arguments[0];
            return getComputedStyle(document.body).backgroundColor;";
        page.run(script, vec![json!(theme)]).await;
        let picture = page.client.screenshot().await.unwrap();
        assert!(picture.starts_with(b"\x89PNG"), "{name} is a picture");
        fs::write(folder.join(format!("{name}-{theme}.png")), picture).unwrap();
    }
}
