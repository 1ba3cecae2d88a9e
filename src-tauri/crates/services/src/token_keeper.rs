//! Keeps the tokens of a person who signed in with a browser: in the keyring, like every secret, and only while the
//! source is connected. // S0-21

use std::sync::Arc;

use connectors::genesys::KeepTokens;
use domain::sensitive::Secret;
use store::Store;
use tokio::sync::Mutex;

use crate::api::ApiError;

/// Where the tokens of one sign-in are kept.
pub(crate) struct TokenKeeper {
    store: Store,
    secret_name: String,
    state: Mutex<State>,
}

struct State {
    newest: Secret<String>,
    is_connected: bool,
}

impl TokenKeeper {
    /// For tokens that are in the keyring already.
    pub(crate) fn connected(store: &Store, secret_name: &str, tokens: Secret<String>) -> Arc<Self> {
        Self::new(store, secret_name, tokens, true)
    }

    /// For tokens that are kept once the source is connected.
    pub(crate) fn waiting(store: &Store, secret_name: &str, tokens: Secret<String>) -> Arc<Self> {
        Self::new(store, secret_name, tokens, false)
    }

    fn new(
        store: &Store,
        secret_name: &str,
        newest: Secret<String>,
        is_connected: bool,
    ) -> Arc<Self> {
        Arc::new(Self {
            store: store.clone(),
            secret_name: secret_name.to_owned(),
            state: Mutex::new(State {
                newest,
                is_connected,
            }),
        })
    }

    /// What the connector tells each time the tokens change.
    pub(crate) fn keep(self: &Arc<Self>) -> KeepTokens {
        let keeper = Arc::clone(self);
        Arc::new(move |tokens| {
            let keeper = Arc::clone(&keeper);
            Box::pin(async move { keeper.change(tokens).await })
        })
    }

    async fn change(&self, tokens: Secret<String>) {
        let mut state = self.state.lock().await;
        state.newest = tokens;
        if !state.is_connected {
            return;
        }
        let (store, name) = (&self.store, &self.secret_name);
        if let Err(error) = store.put_source_secret(name, &state.newest).await {
            // They work until the next start, which then asks to sign in again.
            tracing::warn!(%error, "the renewed sign-in could not be kept");
        }
    }

    /// Writes the newest tokens, and from now on every change of them.
    pub(crate) async fn connect(&self) -> Result<(), ApiError> {
        let mut state = self.state.lock().await;
        let (store, name) = (&self.store, &self.secret_name);
        store.put_source_secret(name, &state.newest).await?;
        state.is_connected = true;
        Ok(())
    }

    /// Writes nothing any more: a job that still runs must not bring tokens back that were forgotten.
    pub(crate) async fn stop(&self) {
        self.state.lock().await.is_connected = false;
    }
}
