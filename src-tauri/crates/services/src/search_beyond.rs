//! What a platform knows beside the calls themselves: contacts of the data subject to search by, and
//! recordings that no conversation leads to. // S0-25, S0-40

use connectors::{
    genesys::{Directory, Genesys, Known, Orphan, Orphans, PlaceKind, PlaceOutcome, SearchedPlace},
    source::SourceError,
};
use domain::{
    search::{Identifier, SearchCriteria, SourceResult},
    sensitive::PersonalData,
};
use tokio_util::sync::CancellationToken;

/// What was found beside the calls, and where it was looked for.
#[derive(Default)]
pub(crate) struct Beyond {
    pub(crate) places: Vec<SearchedPlace>,
    pub(crate) orphans: Vec<Orphan>,
    contacts: Vec<Identifier>,
    requests: Vec<PersonalData<String>>,
}

/// Looks up the contacts of the data subject and the orphans of the range.
///
/// An error that ends the search too is kept as a place that was not seen: the search itself says it.
pub(crate) async fn look(
    genesys: &Genesys,
    criteria: &SearchCriteria,
    emails: &[PersonalData<String>],
    cancel: &CancellationToken,
) -> Beyond {
    let known = known(&criteria.identifiers, emails);
    let directory = genesys.directory(&known, cancel).await;
    let directory = directory.unwrap_or_else(|error| Directory {
        places: [PlaceKind::DataSubjects, PlaceKind::ExternalContacts]
            .map(|kind| not_seen(kind, &error))
            .to_vec(),
        ..Directory::default()
    });
    let contacts = directory.contacts.into_iter();
    let (orphans, place) = orphans(genesys.orphans(criteria.range, cancel).await);
    let mut places = directory.places;
    places.push(place);
    Beyond {
        places,
        orphans,
        contacts: contacts.map(Identifier::ExternalContact).collect(),
        requests: directory.requests,
    }
}

fn known(identifiers: &[Identifier], emails: &[PersonalData<String>]) -> Vec<Known> {
    let known = identifiers.iter().filter_map(|it| match it {
        Identifier::Phone(number) => Some(Known::Phone(number.clone())),
        Identifier::CustomerId(id) => Some(Known::CustomerId(id.clone())),
        Identifier::ExternalContact(_) | Identifier::Conversation(_) | Identifier::Anyone => None,
    });
    known
        .chain(emails.iter().cloned().map(Known::Email))
        .collect()
}

fn orphans(listed: Result<Orphans, SourceError>) -> (Vec<Orphan>, SearchedPlace) {
    let kind = PlaceKind::Orphans;
    match listed {
        Ok(Orphans { found, is_cut }) => {
            let count = found.len();
            let outcome = match is_cut {
                true => PlaceOutcome::Cut { found: count },
                false => PlaceOutcome::Searched { found: count },
            };
            (found, SearchedPlace { kind, outcome })
        }
        Err(error) => (Vec::new(), not_seen(kind, &error)),
    }
}

fn not_seen(kind: PlaceKind, error: &SourceError) -> SearchedPlace {
    let outcome = PlaceOutcome::not_seen(error.clone());
    let reason = error.to_string();
    let outcome = outcome.unwrap_or(PlaceOutcome::Failed { reason });
    SearchedPlace { kind, outcome }
}

impl Beyond {
    /// The criteria with the contacts that were found.
    pub(crate) fn extended(&self, criteria: &SearchCriteria) -> SearchCriteria {
        let mut criteria = criteria.clone();
        criteria.identifiers.extend(self.contacts.iter().cloned());
        criteria
    }

    /// The answer of the search, with the requests that came before it.
    pub(crate) fn added_to(&self, mut result: SourceResult) -> SourceResult {
        result.queries.splice(0..0, self.requests.iter().cloned());
        result
    }
}
