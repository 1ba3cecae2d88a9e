//! From a reference to a call: the mapping first, then every source of the tenant. // S1-42, S1-43, S1-44

use connectors::{locate::Place, source::Source};
use store::MappingRow;
use tokio_util::sync::CancellationToken;

use super::{
    Gateway,
    error::{Code, GatewayError},
    internal,
    journal::{self, OnRecord},
    mapped::MappedCall,
    reference::Reference,
    tokens::Caller,
};

/// More recordings by one reference than a caller could choose from.
const MAX_CANDIDATES: usize = 50;

impl Gateway {
    /// The one call that a reference names, with a place that was not found missing.
    ///
    /// # Errors
    /// `recording_not_found` only after every source was asked; `recording_gone` when all places are; `source_unavailable`
    /// when one could not be asked, because it may be the one.
    pub(super) async fn resolve(
        &self,
        caller: &Caller,
        reference: &Reference,
        correlation: &str,
        cancel: &CancellationToken,
    ) -> Result<MappedCall, GatewayError> {
        let known = self.known(&caller.tenant, reference).await?;
        if let Some(call) = known.as_ref().filter(|call| call.is_usable()) {
            return Ok(call.clone());
        }
        self.inner.metrics.fell_back();
        let asked = self
            .ask_all(caller, reference, known.as_ref(), correlation, cancel)
            .await?;
        if !asked.found.is_empty() {
            let tenant = &caller.tenant;
            let calls = self
                .repair(tenant, reference.as_str(), known.as_ref(), &asked.found)
                .await;
            let calls = calls.map_err(internal)?;
            let call = match calls.as_slice() {
                // A name that nobody knew; else what was found may be another recording of the same conversation.
                [one] if known.is_none() => Some(Reference::new(one)?),
                _ => None,
            };
            let repaired = self
                .known(tenant, call.as_ref().unwrap_or(reference))
                .await?;
            if let Some(call) = repaired.filter(|call| known.is_none() || call.is_usable()) {
                return Ok(call);
            }
        }
        if asked.is_partial {
            return Err(GatewayError::new(Code::SourceUnavailable));
        }
        if known.is_some() {
            return Err(GatewayError::new(Code::RecordingGone));
        }
        self.deny_if_elsewhere(caller, reference, correlation)
            .await?;
        Err(GatewayError::new(Code::RecordingNotFound))
    }

    /// What the mapping knows.
    async fn known(
        &self,
        tenant: &str,
        reference: &Reference,
    ) -> Result<Option<MappedCall>, GatewayError> {
        let mut rows = Vec::new();
        for spelling in reference.spellings() {
            let mapped = self.app().store().mapped(tenant, &spelling).await;
            let mut mapped: Vec<MappingRow> = mapped.map_err(internal)?;
            // One call can be known under both.
            mapped.retain(|row| !rows.contains(row));
            rows.extend(mapped);
        }
        let mut calls = self.calls_of(tenant, rows);
        if calls.len() > 1 {
            // A call that is gone is no choice while another one is there.
            let usable = calls.iter().filter(|call| call.is_usable()).count();
            if usable > 0 {
                calls.retain(MappedCall::is_usable);
            }
        }
        match calls.len() {
            0 | 1 => Ok(calls.pop()),
            _ => {
                let mut error = GatewayError::new(Code::AmbiguousReference);
                let ids = calls.into_iter().map(|call| call.id);
                error.candidates = ids.take(MAX_CANDIDATES).collect();
                Err(error)
            }
        }
    }

    /// Asks every source of the tenant for the reference, and for the ids under which the call was known.
    async fn ask_all(
        &self,
        caller: &Caller,
        reference: &Reference,
        known: Option<&MappedCall>,
        correlation: &str,
        cancel: &CancellationToken,
    ) -> Result<Asked, GatewayError> {
        let names = names(reference, known);
        let sources = self.sources(&caller.tenant);
        let counted: Vec<_> = sources.iter().map(|it| it.source.counted()).collect();
        let on_record = OnRecord::new(self, counted.iter().map(|(_, ledger)| ledger));
        let answers = counted.iter().map(|(it, _)| ask(it, &names, cancel));
        let answers = futures_util::future::join_all(answers).await;
        let mut asked = Asked::default();
        for answer in answers {
            asked.is_partial |= answer.is_none();
            asked.found.extend(answer.into_iter().flatten());
        }
        for egress in on_record.take() {
            journal::egress(self, &egress).await?;
        }
        let is_gone = |place: &Place| {
            known.iter().flat_map(|call| &call.places).any(|row| {
                row.missing_since_utc.is_some()
                    && row.source == place.source.as_str()
                    && row.recording_id == place.recording.as_str()
            })
        };
        // A source that lists what it no longer has would be asked for ever.
        asked.found.retain(|place| !is_gone(place));
        tracing::debug!(
            correlation,
            found = asked.found.len(),
            "fell back to the sources"
        );
        Ok(asked)
    }

    /// A reference of another tenant is answered as an unknown one, and recorded. // S1-26
    async fn deny_if_elsewhere(
        &self,
        caller: &Caller,
        reference: &Reference,
        correlation: &str,
    ) -> Result<(), GatewayError> {
        let store = self.app().store();
        for spelling in reference.spellings() {
            let elsewhere = store.is_mapped_elsewhere(&caller.tenant, &spelling).await;
            if elsewhere.map_err(internal)? {
                journal::denied(self, caller, "another_tenant", correlation).await?;
                break;
            }
        }
        Ok(())
    }
}

/// The reference, and the ids under which the call was known. Those of conversations come last: they name more than
/// the recording, and a source is asked no further once it has answered.
fn names(reference: &Reference, known: Option<&MappedCall>) -> Vec<String> {
    let places = || known.iter().flat_map(|call| &call.places);
    let recordings = places().map(|row| &row.recording_id);
    let archived = places().filter_map(|row| row.legacy_archive_id.as_ref());
    let conversations = places().map(|row| &row.call_id);
    let mut names = reference.spellings();
    for name in recordings.chain(archived).chain(conversations) {
        if !names.contains(name) {
            names.push(name.clone());
        }
    }
    names
}

#[derive(Default)]
struct Asked {
    found: Vec<Place>,
    /// Whether a source could not be asked.
    is_partial: bool,
}

/// What a source has under the first of the names that it knows; `None` when it could not be asked.
async fn ask(source: &Source, names: &[String], cancel: &CancellationToken) -> Option<Vec<Place>> {
    let mut found: Vec<Place> = Vec::new();
    for name in names {
        match source.locate(name, cancel).await {
            Ok(places) => found.extend(places),
            Err(error) => {
                tracing::warn!(source = %source.id(), %error, "a source could not be asked");
                return None;
            }
        }
        if !found.is_empty() {
            break;
        }
    }
    Some(found)
}
