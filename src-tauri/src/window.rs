//! The one window, and what its page may not do.

use anyhow::Context as _;
use tauri::{AppHandle, Url, WebviewWindowBuilder, Wry, webview::NewWindowResponse};

/// Label of the window in `tauri.conf.json` and in its capability.
pub(crate) const MAIN: &str = "main";

/// Opens the window as configured. Its page neither leaves nor opens another window.
pub(crate) fn open(app: &AppHandle) -> anyhow::Result<()> {
    let mut windows = app.config().app.windows.iter();
    let config = windows
        .find(|it| it.label == MAIN)
        .context("`main` is not in tauri.conf.json")?;
    let window = WebviewWindowBuilder::from_config(app, config)?
        .on_navigation(is_own_page)
        .on_new_window(|_url, _features| NewWindowResponse::Deny)
        // Otherwise a browser engine offers the names of earlier requestors in the forms.
        .general_autofill_enabled(false)
        // Nothing of a case may be kept by the web view; see `for_test` for the one exception.
        .incognito(true);
    let window = if is_driven() {
        for_test(window)
    } else {
        window
    };
    window.build()?;
    Ok(())
}

/// Whether a test drives the window; the web view reads the same variable. Released programs cannot be
/// driven: a private web context takes no driver.
fn is_driven() -> bool {
    let asked = std::env::var_os("TAURI_WEBVIEW_AUTOMATION").is_some_and(|value| value == "true");
    cfg!(debug_assertions) && asked
}

/// WebKitGTK drives only a web context that is not private, and a picture of a test is a capture too.
fn for_test<'a>(
    window: WebviewWindowBuilder<'a, Wry, AppHandle>,
) -> WebviewWindowBuilder<'a, Wry, AppHandle> {
    window
        .incognito(false)
        .content_protected(false)
        .initialization_script(include_str!("driven.js"))
}

/// The page inside this program; in development also Vite's server on this machine.
fn is_own_page(url: &Url) -> bool {
    let is_bundled = url.scheme() == "tauri"
        || (matches!(url.scheme(), "http" | "https") && url.host_str() == Some("tauri.localhost"));
    let is_development = cfg!(not(feature = "custom-protocol"))
        && url.host_str() == Some("localhost")
        && url.port() == Some(5173);
    is_bundled || is_development
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_own_page_is_shown() {
        let shows = |url: &str| is_own_page(&url.parse().unwrap());
        assert!(shows("tauri://localhost/index.html"));
        assert!(shows("http://tauri.localhost/#/cases"));
        for foreign in [
            "https://example.com/",
            "https://tauri.localhost.example.com/",
            "file:///etc/passwd",
            "data:text/html,x",
            "about:blank",
            "http://127.0.0.1:5173/",
        ] {
            assert!(!shows(foreign), "{foreign}");
        }
    }
}
