//! What a person does on the page: look, click, type, press keys.

use std::time::Duration;

use fantoccini::{
    Client, Locator,
    actions::{InputSource as _, KeyAction, KeyActions},
    elements::Element,
};
use serde_json::{Value, json};

use crate::{
    screens,
    waiting::{SOON, within},
};

/// The page in the window. Things are found by their `data-testid`.
pub(crate) struct Page {
    pub(crate) client: Client,
}

impl Page {
    pub(crate) fn new(client: Client) -> Self {
        Self { client }
    }

    /// The first answer of `look`. When there is none in time, the test fails with `what`, with the errors
    /// on the screen, and leaves a picture of it.
    pub(crate) async fn until<T>(
        &self,
        what: &str,
        patience: Duration,
        look: impl AsyncFnMut() -> Option<T>,
    ) -> T {
        if let Some(found) = within(patience, look).await {
            return found;
        }
        let mut errors = Vec::new();
        for message in self.all("error-message").await {
            errors.push(message.text().await.unwrap_or_default());
        }
        let picture = screens::take_failure(self).await;
        let picture = picture.display();
        panic!("{what}: not within {patience:?}; errors {errors:?}; picture {picture}")
    }

    /// All elements with this name, now.
    pub(crate) async fn all(&self, name: &str) -> Vec<Element> {
        self.client
            .find_all(Locator::Css(&selector(name)))
            .await
            .unwrap()
    }

    /// The first element with this name, as soon as it is there and can be seen.
    pub(crate) async fn see(&self, name: &str) -> Element {
        self.see_within(name, SOON).await
    }

    pub(crate) async fn see_within(&self, name: &str, patience: Duration) -> Element {
        self.until(&format!("`{name}` on the page"), patience, async || {
            let element = self.all(name).await.into_iter().next()?;
            element
                .is_displayed()
                .await
                .unwrap_or(false)
                .then_some(element)
        })
        .await
    }

    pub(crate) async fn text(&self, name: &str) -> String {
        self.until(&format!("text of `{name}`"), SOON, async || {
            self.all(name).await.first()?.text().await.ok()
        })
        .await
    }

    /// Clicks as soon as it is there and enabled.
    pub(crate) async fn click(&self, name: &str) {
        self.click_within(name, SOON).await;
    }

    pub(crate) async fn click_within(&self, name: &str, patience: Duration) {
        self.until(&format!("a click on `{name}`"), patience, async || {
            let element = self.all(name).await.into_iter().next()?;
            let ready = element.is_enabled().await.unwrap_or(false);
            (ready && element.click().await.is_ok()).then_some(())
        })
        .await;
    }

    /// Types into a field, instead of what is in it.
    pub(crate) async fn fill(&self, name: &str, text: &str) {
        let field = self.see(name).await;
        field.clear().await.unwrap();
        field.send_keys(text).await.unwrap();
    }

    /// Sets a date or time, whose typed form depends on the language of the system.
    pub(crate) async fn set(&self, name: &str, value: &str) {
        self.see(name).await;
        let script = "const field = document.querySelector(arguments[0]);
            field.value = arguments[1];
            field.dispatchEvent(new Event('input', { bubbles: true }));
            field.dispatchEvent(new Event('change', { bubbles: true }));";
        self.run(script, vec![json!(selector(name)), json!(value)])
            .await;
    }

    /// Chooses from a list by value.
    pub(crate) async fn choose(&self, name: &str, value: &str) {
        self.see(name).await.select_by_value(value).await.unwrap();
    }

    /// Presses one key.
    pub(crate) async fn press(&self, key: char) {
        let keys = KeyActions::new("keyboard".to_owned())
            .then(KeyAction::Down { value: key })
            .then(KeyAction::Up { value: key });
        self.client.perform_actions(keys).await.unwrap();
        self.client.release_actions().await.unwrap();
    }

    /// Goes to an address within the page.
    pub(crate) async fn go(&self, hash: &str) {
        self.run("location.hash = arguments[0];", vec![json!(hash)])
            .await;
    }

    pub(crate) async fn run(&self, script: &str, arguments: Vec<Value>) -> Value {
        self.client.execute(script, arguments).await.unwrap()
    }

    /// Sends a command the way the page does; `Err` is the refusal.
    pub(crate) async fn invoke(&self, command: &str, arguments: Value) -> Result<Value, Value> {
        let script = "const done = arguments[arguments.length - 1];
            window.__TAURI_INTERNALS__.invoke(arguments[0], arguments[1]).then(
                (ok) => done({ ok: ok ?? null }),
                (err) => done({ err: err ?? null }));";
        let arguments = vec![json!(command), arguments];
        let answer = self.client.execute_async(script, arguments).await.unwrap();
        match answer.get("ok") {
            Some(ok) => Ok(ok.clone()),
            None => Err(answer["err"].clone()),
        }
    }

    /// Sends a command of ours, which must succeed.
    pub(crate) async fn ask(&self, command: &str, request: Value) -> Value {
        let answer = self.invoke(command, json!({ "request": request })).await;
        answer.unwrap_or_else(|error| panic!("`{command}` answered {error}"))
    }

    /// Fails on anything the web view reported since the page began to load: a blocked source, an error
    /// on the console, a rejection nobody handled.
    pub(crate) async fn assert_no_problems(&self, place: &str) {
        let problems = self.run("return window.__sarProblems;", vec![]).await;
        assert_eq!(problems, json!([]), "problems on the page, at `{place}`");
    }
}

fn selector(name: &str) -> String {
    if name.starts_with('[') {
        name.to_owned()
    } else {
        format!("[data-testid=\"{name}\"]")
    }
}
