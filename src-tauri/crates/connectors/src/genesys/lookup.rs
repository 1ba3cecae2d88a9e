//! From what a person knows about the data subject to the identifiers that calls are found by. // S0-25

use std::collections::BTreeSet;

use domain::sensitive::PersonalData;
use reqwest::Method;
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use super::{
    Genesys,
    api::{Arguments, Operation},
    model::{Contact, GdprSubjects},
};
use crate::{http::Purpose, source::SourceError};

// Genesys: the quickest way from a name or number to external contacts (API reference section 4.1, checked 2026-08).
const SUBJECTS: Operation = Operation {
    method: Method::GET,
    path: "/api/v2/gdpr/subjects",
    name: "GET /api/v2/gdpr/subjects",
    permission: "gdpr:subject:view",
    purpose: Purpose::Search,
};

// Genesys: a merged contact names the others of its set (API reference section 4.2, checked 2026-08).
const CONTACT: Operation = Operation {
    method: Method::GET,
    path: "/api/v2/externalcontacts/contacts/{}",
    name: "GET /api/v2/externalcontacts/contacts/{contactId}",
    permission: "externalContacts:contact:view",
    purpose: Purpose::Search,
};

/// People that are looked at more closely; a request concerns one.
const MAX_SUBJECTS: usize = 25;

/// What is known about the data subject.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Known {
    /// Full name.
    Name(PersonalData<String>),
    /// Phone number in E.164 form.
    Phone(PersonalData<String>),
    /// E-mail address.
    Email(PersonalData<String>),
    /// The organization's customer number.
    CustomerId(PersonalData<String>),
}

/// A person the organization knows. A case worker decides whether it is the data subject.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KnownPerson {
    /// Names, as the source has them.
    pub names: Vec<PersonalData<String>>,
    /// External contacts, those merged with them included; search by every one.
    pub external_contacts: Vec<PersonalData<String>>,
    /// Phone numbers, as the source has them.
    pub phones: Vec<PersonalData<String>>,
    /// E-mail addresses.
    pub emails: Vec<PersonalData<String>>,
    /// Customer numbers.
    pub customer_ids: Vec<PersonalData<String>>,
}

impl Known {
    // Genesys: `searchType` and `searchValue`, both required (API reference section 4.1, checked 2026-08).
    fn query(&self) -> [(&'static str, &str); 2] {
        let (kind, value) = match self {
            Self::Name(value) => ("NAME", value),
            Self::Phone(value) => ("PHONE", value),
            Self::Email(value) => ("EMAIL", value),
            Self::CustomerId(value) => ("EXTERNAL_ID", value),
        };
        [("searchType", kind), ("searchValue", value.reveal())]
    }
}

impl Genesys {
    /// The people the organization knows by this. Asks nothing of the platform but to look.
    ///
    /// # Errors
    /// When the source cannot be asked, or `gdpr:subject:view` is missing.
    pub async fn look_up(
        &self,
        known: &Known,
        cancel: &CancellationToken,
    ) -> Result<Vec<KnownPerson>, SourceError> {
        let query = known.query();
        let arguments = Arguments {
            query: &query,
            ..Arguments::default()
        };
        let answer: GdprSubjects = self.read(&SUBJECTS, arguments, cancel).await?;
        let mut people = Vec::new();
        for subject in answer.entities.into_iter().take(MAX_SUBJECTS) {
            let contacts = match &subject.external_contact_id {
                Some(id) => self.merged(id, cancel).await?,
                None => BTreeSet::new(),
            };
            people.push(KnownPerson {
                names: hidden(subject.name),
                external_contacts: hidden(contacts),
                phones: hidden(subject.phone_numbers),
                emails: hidden(subject.email_addresses),
                customer_ids: hidden(subject.external_id),
            });
        }
        Ok(people)
    }

    /// A contact and all that were merged with it. Calls keep the id that they were made under.
    async fn merged(
        &self,
        id: &str,
        cancel: &CancellationToken,
    ) -> Result<BTreeSet<String>, SourceError> {
        let mut ids = BTreeSet::from([id.to_owned()]);
        let arguments = Arguments {
            ids: &[id],
            ..Arguments::default()
        };
        match self.read::<Contact>(&CONTACT, arguments, cancel).await {
            Ok(contact) => {
                let others = contact.merge_set.iter().chain(&contact.canonical_contact);
                ids.extend(others.filter_map(contact_id));
            }
            // The id alone finds the calls made under it.
            Err(SourceError::NotFound { .. } | SourceError::NotPermitted { .. }) => {}
            Err(error) => return Err(error),
        }
        Ok(ids)
    }
}

/// A contact is named by an entity or by its id alone.
fn contact_id(contact: &Value) -> Option<String> {
    let id = contact.as_str().or_else(|| contact["id"].as_str())?;
    Some(id.to_owned())
}

fn hidden(values: impl IntoIterator<Item = String>) -> Vec<PersonalData<String>> {
    values.into_iter().map(PersonalData::new).collect()
}
