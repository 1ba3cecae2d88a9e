//! From what identifies the data subject to the external contacts that calls are kept under. // S0-25
//!
//! Two places know contacts: the register of data subjects and the directory of external contacts. Both are
//! asked, because a client may be allowed to see one of them only, and neither promises to have everybody.
//! Nobody is looked up by name: people share names, and a contact found that way would bring in the calls of
//! somebody else.

use std::collections::BTreeSet;

use domain::sensitive::PersonalData;
use reqwest::Method;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use super::{
    Genesys,
    api::{Arguments, Operation, written},
    model::{Contact, ContactList, GdprSubjects},
    places::{PlaceKind, PlaceOutcome, SearchedPlace},
};
use crate::{http::Purpose, source::SourceError};

// Genesys: the quickest way from a number to external contacts (API reference section 4.1, checked 2026-08).
const SUBJECTS: Operation = Operation {
    method: Method::GET,
    path: "/api/v2/gdpr/subjects",
    name: "GET /api/v2/gdpr/subjects",
    permission: "gdpr:subject:view",
    purpose: Purpose::Search,
};

// Genesys: by e-mail address or number in E.164 form, 25 results (API reference section 4.2, checked 2026-08).
const REVERSE: Operation = Operation {
    method: Method::GET,
    path: "/api/v2/externalcontacts/reversewhitepageslookup",
    name: "GET /api/v2/externalcontacts/reversewhitepageslookup",
    permission: CONTACT_VIEW,
    purpose: Purpose::Search,
};

// Genesys: by one identifier; 404 when nobody has it (API reference section 4.2, checked 2026-08).
const BY_IDENTIFIER: Operation = Operation {
    method: Method::POST,
    path: "/api/v2/externalcontacts/identifierlookup/contacts",
    name: "POST /api/v2/externalcontacts/identifierlookup/contacts",
    permission: CONTACT_VIEW,
    purpose: Purpose::Search,
};

// Genesys: a merged contact names the others of its set (API reference section 4.2, checked 2026-08).
const CONTACT: Operation = Operation {
    method: Method::GET,
    path: "/api/v2/externalcontacts/contacts/{}",
    name: "GET /api/v2/externalcontacts/contacts/{contactId}",
    permission: CONTACT_VIEW,
    purpose: Purpose::Search,
};

const CONTACT_VIEW: &str = "externalContacts:contact:view";

/// Contacts whose merged ones are read; a request concerns one person, who rarely has more than two.
const MAX_CONTACTS: usize = 25;

/// What identifies the data subject.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Known {
    /// Phone number in E.164 form.
    Phone(PersonalData<String>),
    /// E-mail address.
    Email(PersonalData<String>),
    /// The organization's customer number.
    CustomerId(PersonalData<String>),
}

/// What the directory made of that. A case worker decides whether a call found through it is the data subject's.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Directory {
    /// External contacts, those merged with them included; search by every one.
    pub contacts: BTreeSet<PersonalData<String>>,
    /// Both places, with what came of looking there.
    pub places: Vec<SearchedPlace>,
    /// The exact requests, identifiers included. // S2-09
    pub requests: Vec<PersonalData<String>>,
}

impl Genesys {
    /// The external contacts of the data subject. A place that may not be seen is part of the answer.
    ///
    /// # Errors
    /// When the sign-in fails or the caller stops: nothing else could be asked either.
    pub async fn directory(
        &self,
        known: &[Known],
        cancel: &CancellationToken,
    ) -> Result<Directory, SourceError> {
        let mut directory = Directory::default();
        for kind in [PlaceKind::DataSubjects, PlaceKind::ExternalContacts] {
            let mut ids = BTreeSet::new();
            let looked = self.look_into(kind, known, &mut directory, &mut ids, cancel);
            let outcome = match looked.await {
                Ok(()) => PlaceOutcome::Searched { found: ids.len() },
                Err(error) => PlaceOutcome::not_seen(error)?,
            };
            directory.contacts.extend(hidden(ids));
            directory.places.push(SearchedPlace { kind, outcome });
        }
        self.add_merged(&mut directory, cancel).await?;
        Ok(directory)
    }

    /// Adds the contacts that one place knows by any of the identifiers. One that cannot be looked up does not
    /// keep the others back, and makes the whole an error.
    async fn look_into(
        &self,
        kind: PlaceKind,
        known: &[Known],
        directory: &mut Directory,
        ids: &mut BTreeSet<String>,
        cancel: &CancellationToken,
    ) -> Result<(), SourceError> {
        let mut failed = Ok(());
        for known in known {
            let found = match (kind, known) {
                (PlaceKind::DataSubjects, known) => self.subjects(known, directory, cancel).await,
                (_, Known::CustomerId(id)) => self.by_customer(id, directory, cancel).await,
                (_, Known::Phone(value) | Known::Email(value)) => {
                    self.reverse(value, directory, cancel).await
                }
            };
            match found {
                Ok(found) => ids.extend(found),
                Err(error) if ends_all(&error) => return Err(error),
                Err(error) => failed = Err(error),
            }
        }
        failed
    }

    // Genesys: `searchType` and `searchValue`, both required (API reference section 4.1, checked 2026-08).
    async fn subjects(
        &self,
        known: &Known,
        directory: &mut Directory,
        cancel: &CancellationToken,
    ) -> Result<Vec<String>, SourceError> {
        let (kind, value) = match known {
            Known::Phone(value) => ("PHONE", value),
            Known::Email(value) => ("EMAIL", value),
            Known::CustomerId(value) => ("EXTERNAL_ID", value),
        };
        let query = [("searchType", kind), ("searchValue", value.reveal())];
        let arguments = Arguments {
            query: &query,
            ..Arguments::default()
        };
        directory.requests.push(written(&SUBJECTS, &arguments));
        let answer: GdprSubjects = self.read(&SUBJECTS, arguments, cancel).await?;
        let ids = answer.entities.into_iter();
        Ok(ids.filter_map(|it| it.external_contact_id).collect())
    }

    async fn reverse(
        &self,
        value: &PersonalData<String>,
        directory: &mut Directory,
        cancel: &CancellationToken,
    ) -> Result<Vec<String>, SourceError> {
        let query = [("lookupVal", value.reveal().as_str())];
        let arguments = Arguments {
            query: &query,
            ..Arguments::default()
        };
        directory.requests.push(written(&REVERSE, &arguments));
        let answer: ContactList = self.read(&REVERSE, arguments, cancel).await?;
        Ok(answer.contacts.into_iter().flat_map(all_ids).collect())
    }

    // Genesys: type `ExternalId` (API reference section 4.2, checked 2026-08).
    async fn by_customer(
        &self,
        id: &PersonalData<String>,
        directory: &mut Directory,
        cancel: &CancellationToken,
    ) -> Result<Vec<String>, SourceError> {
        let body = json!({"type": "ExternalId", "value": id.reveal()});
        let arguments = Arguments {
            body: Some(&body),
            ..Arguments::default()
        };
        directory.requests.push(written(&BY_IDENTIFIER, &arguments));
        let answer = self
            .read::<Contact>(&BY_IDENTIFIER, arguments, cancel)
            .await;
        match answer {
            Ok(contact) => Ok(all_ids(contact)),
            Err(SourceError::NotFound { .. }) => Ok(Vec::new()),
            Err(error) => Err(error),
        }
    }

    /// Adds the contacts merged with those known: calls keep the id that they were made under.
    async fn add_merged(
        &self,
        directory: &mut Directory,
        cancel: &CancellationToken,
    ) -> Result<(), SourceError> {
        let known: Vec<_> = directory
            .contacts
            .iter()
            .take(MAX_CONTACTS)
            .cloned()
            .collect();
        for id in known {
            let ids = [id.reveal().as_str()];
            let arguments = Arguments {
                ids: &ids,
                ..Arguments::default()
            };
            directory.requests.push(written(&CONTACT, &arguments));
            match self.read::<Contact>(&CONTACT, arguments, cancel).await {
                Ok(contact) => directory.contacts.extend(hidden(all_ids(contact))),
                // The id alone finds the calls made under it.
                Err(SourceError::NotFound { .. }) => {}
                Err(error) => {
                    let outcome = PlaceOutcome::not_seen(error)?;
                    let is_directory =
                        |it: &&mut SearchedPlace| it.kind == PlaceKind::ExternalContacts;
                    if let Some(place) = directory.places.iter_mut().find(is_directory) {
                        place.outcome = outcome;
                    }
                    return Ok(());
                }
            }
        }
        Ok(())
    }
}

/// Whether the next identifier would meet the same error.
const fn ends_all(error: &SourceError) -> bool {
    matches!(
        error,
        SourceError::Cancelled | SourceError::SignIn(_) | SourceError::NotPermitted { .. }
    )
}

/// The id of a contact and of those merged with it.
fn all_ids(contact: Contact) -> Vec<String> {
    let others = contact.merge_set.iter().chain(&contact.canonical_contact);
    let others: Vec<_> = others.filter_map(contact_id).collect();
    contact.id.into_iter().chain(others).collect()
}

fn hidden(ids: impl IntoIterator<Item = String>) -> impl Iterator<Item = PersonalData<String>> {
    ids.into_iter().map(PersonalData::new)
}

/// A contact is named by an entity or by its id alone.
fn contact_id(contact: &Value) -> Option<String> {
    let id = contact.as_str().or_else(|| contact["id"].as_str())?;
    Some(id.to_owned())
}
