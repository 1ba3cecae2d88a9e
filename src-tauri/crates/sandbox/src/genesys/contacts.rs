//! The organization's contact directory: from a name or number to a person.

use axum::{
    Extension, Json,
    extract::{Path, Query},
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{answer::Refusal, guard::Caller};
use crate::corpus::{Corpus, Customer};

const CONTACT_VIEW: [&str; 2] = ["relate:contact:view", "externalContacts:contact:view"];

/// Query of `gdpr/subjects`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SubjectQuery {
    search_type: String,
    search_value: String,
}

/// Query of the reverse lookup.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LookupQuery {
    lookup_val: String,
}

/// `ContactIdentifier`.
#[derive(Debug, Deserialize)]
pub(crate) struct Identifier {
    #[serde(rename = "type")]
    kind: String,
    value: String,
}

/// `GET /api/v2/gdpr/subjects`.
pub(crate) async fn gdpr_subjects(
    Extension(caller): Extension<Caller>,
    Query(query): Query<SubjectQuery>,
) -> Result<Json<Value>, Refusal> {
    caller.need_any(&["gdpr:subject:view"])?;
    let value = query.search_value.as_str();
    let is_wanted = |customer: &&Customer| match query.search_type.as_str() {
        "NAME" => customer.name.eq_ignore_ascii_case(value),
        "PHONE" => customer.phones().contains(&value),
        "EMAIL" => customer.email().eq_ignore_ascii_case(value),
        "EXTERNAL_ID" => customer.customer_id == value,
        _ => false,
    };
    let entities: Vec<_> = Corpus::get()
        .customers
        .iter()
        .filter(is_wanted)
        .map(subject)
        .collect();
    Ok(Json(json!({
        "entities": entities,
        "pageSize": 25,
        "pageNumber": 1,
        "total": entities.len(),
        "pageCount": 1,
    })))
}

/// `GET /api/v2/externalcontacts/reversewhitepageslookup`.
pub(crate) async fn reverse_lookup(
    Extension(caller): Extension<Caller>,
    Query(query): Query<LookupQuery>,
) -> Result<Json<Value>, Refusal> {
    caller.need_any(&CONTACT_VIEW)?;
    let value = query.lookup_val.as_str();
    let contacts: Vec<_> = Corpus::get()
        .customers
        .iter()
        .filter(|customer| {
            customer.phones().contains(&value) || customer.email().eq_ignore_ascii_case(value)
        })
        .map(contact)
        .collect();
    Ok(Json(json!({ "contacts": contacts })))
}

/// `POST /api/v2/externalcontacts/identifierlookup/contacts`.
pub(crate) async fn by_identifier(
    Extension(caller): Extension<Caller>,
    Json(identifier): Json<Identifier>,
) -> Result<Json<Value>, Refusal> {
    caller.need_any(&["externalContacts:contact:view"])?;
    let value = identifier.value.as_str();
    let is_wanted = |customer: &&Customer| match identifier.kind.as_str() {
        "Phone" => customer.phones().contains(&value),
        "Email" => customer.email().eq_ignore_ascii_case(value),
        "ExternalId" => customer.customer_id == value,
        _ => false,
    };
    let found = Corpus::get().customers.iter().find(is_wanted);
    found
        .map(|customer| Json(contact(customer)))
        .ok_or_else(no_such_contact)
}

/// `GET /api/v2/externalcontacts/contacts/{contactId}`.
pub(crate) async fn by_id(
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
) -> Result<Json<Value>, Refusal> {
    caller.need_any(&CONTACT_VIEW)?;
    let found = Corpus::get()
        .customers
        .iter()
        .find(|customer| customer.external_contact_id == id);
    found
        .map(|customer| Json(contact(customer)))
        .ok_or_else(no_such_contact)
}

fn no_such_contact() -> Refusal {
    Refusal::not_found("not.found", "The requested contact was not found.")
}

/// `GDPRSubject`.
fn subject(customer: &Customer) -> Value {
    json!({
        "name": customer.name,
        "externalContactId": customer.external_contact_id,
        "externalId": customer.customer_id,
        "phoneNumbers": customer.phones(),
        "emailAddresses": [customer.email()],
    })
}

/// `ExternalContact`.
fn contact(customer: &Customer) -> Value {
    let (first, last) = customer
        .name
        .split_once(' ')
        .unwrap_or((&customer.name, ""));
    json!({
        "id": customer.external_contact_id,
        "firstName": first,
        "lastName": last,
        "personalEmail": customer.email(),
        "type": "Curated",
        "selfUri": format!("/api/v2/externalcontacts/contacts/{}", customer.external_contact_id),
    })
}
