//! The connected sources: the organization's platform first, then the archives. // S1-01, S1-23

use std::sync::Arc;

use connectors::source::Source;
use tokio::sync::OnceCell;

use crate::{
    api::{ApiError, ConnectedSource, ErrorCode},
    app::App,
    egress::Egress,
    token_keeper::TokenKeeper,
};

/// A source and what is shown about it.
#[derive(Clone)]
pub(crate) struct Connected {
    pub(crate) source: Arc<Source>,
    /// The account under which recordings are fetched. // S2-37
    pub(crate) client_id: String,
    pub(crate) organization_id: String,
    /// Rights beyond the needed ones that a person accepted. // S0-22
    pub(crate) accepted_excess: Vec<String>,
    /// Set once the rights were checked since the start; holds the organization's id.
    pub(crate) rights: Arc<OnceCell<String>>,
    /// What this handle let out. // B8
    pub(crate) egress: Egress,
    /// Where the tokens are kept, if a person signed in. // S0-21
    pub(crate) keeper: Option<Arc<TokenKeeper>>,
    pub(crate) view: ConnectedSource,
}

impl Connected {
    /// The built-in organization.
    pub(crate) fn of_samples(mut self) -> Self {
        self.view.is_sandbox = true;
        self
    }
}

/// The sources of this desk.
#[derive(Clone, Default)]
pub(crate) struct Sources {
    /// In the order in which they are preferred where two have the same call. // S1-22
    connected: Vec<Connected>,
    /// Sources that were connected and cannot be used since this start; their `trouble` says why. A search
    /// has them as gaps: what was not asked was not searched. // S0-40
    broken: Vec<ConnectedSource>,
}

impl Sources {
    /// Connects a source, in the place of the one with the same id. The platform comes first.
    pub(crate) fn put(&mut self, connected: Connected) {
        let id = &connected.view.id;
        let is_platform = connected.source.genesys().is_some();
        self.broken.retain(|it| it.id != *id);
        match self.connected.iter_mut().find(|it| it.view.id == *id) {
            Some(old) => *old = connected,
            None if is_platform => self.connected.insert(0, connected),
            None => self.connected.push(connected),
        }
    }

    /// Keeps a source in mind that cannot be used.
    pub(crate) fn put_broken(&mut self, view: ConnectedSource) {
        self.remove(&view.id);
        self.broken.push(view);
    }

    /// Disconnects a source.
    pub(crate) fn remove(&mut self, id: &str) {
        self.connected.retain(|it| it.view.id != id);
        self.broken.retain(|it| it.id != id);
    }

    pub(crate) fn get(&self, id: &str) -> Option<&Connected> {
        self.connected.iter().find(|it| it.view.id == id)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Connected> {
        self.connected.iter()
    }

    pub(crate) fn broken(&self) -> impl Iterator<Item = &ConnectedSource> {
        self.broken.iter()
    }

    /// All sources as they are shown.
    pub(crate) fn views(&self) -> Vec<ConnectedSource> {
        let connected = self.connected.iter().map(|it| &it.view);
        connected.chain(&self.broken).cloned().collect()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.connected.is_empty()
    }

    /// Whether these are the sample calls.
    pub(crate) fn are_samples(&self) -> bool {
        self.connected.iter().any(|it| it.view.is_sandbox)
    }
}

/// The connected sources, or what to do when there is none.
pub(crate) fn require_sources(app: &App) -> Result<Sources, ApiError> {
    let sources = app.sources();
    if sources.is_empty() {
        return Err(ApiError::new(
            ErrorCode::SourceUnavailable,
            "No source of recordings is connected",
            "Connect your organization, or start the built-in sample organization.",
        ));
    }
    Ok(sources)
}

/// The source that has a call, or what to do when it is not connected.
pub(crate) fn require_source(app: &App, id: &str) -> Result<Connected, ApiError> {
    let sources = require_sources(app)?;
    sources.get(id).cloned().ok_or_else(|| {
        ApiError::new(
            ErrorCode::SourceUnavailable,
            format!("The source `{id}` is not connected any more"),
            "Connect it again under Settings, then retry.",
        )
    })
}
