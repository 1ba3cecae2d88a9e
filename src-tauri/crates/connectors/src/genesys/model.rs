//! The parts of answers we read. Every field is optional, every enum is text: the definition changes weekly.
//!
//! Genesys: field names from the published definition (API reference appendix A, checked 2026-08).

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Deserializer, de::DeserializeOwned};
use serde_json::Value;

/// A name and an id.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Named {
    pub(super) id: Option<String>,
    pub(super) name: Option<String>,
}

/// `TokenInfo`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct TokenInfo {
    pub(super) organization: Option<Named>,
    #[serde(rename = "authorizedScope", deserialize_with = "lenient_list")]
    pub(super) authorized_scope: Vec<String>,
    #[serde(rename = "OAuthClient")]
    pub(super) client: Option<OAuthClient>,
}

/// `OrgOAuthClient`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct OAuthClient {
    pub(super) authorized_grant_type: Option<String>,
    #[serde(deserialize_with = "lenient_list")]
    pub(super) role_divisions: Vec<RoleDivision>,
}

/// `RoleDivision`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct RoleDivision {
    pub(super) role_id: Option<String>,
    pub(super) division_id: Option<String>,
}

/// `AuthzSubject`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Subject {
    #[serde(deserialize_with = "lenient_list")]
    pub(super) grants: Vec<Grant>,
}

/// A role granted in a division.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Grant {
    pub(super) division: Option<Named>,
    pub(super) role: Option<Role>,
}

/// What a role allows: `policies` in a grant, `permissionPolicies` in the role itself.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Role {
    #[serde(alias = "permissionPolicies", deserialize_with = "lenient_list")]
    pub(super) policies: Vec<Policy>,
}

/// Some actions on one kind of thing.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Policy {
    pub(super) domain: Option<String>,
    pub(super) entity_name: Option<String>,
    #[serde(alias = "actionSet", deserialize_with = "lenient_list")]
    pub(super) actions: Vec<String>,
}

/// `DataAvailabilityResponse`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Availability {
    #[serde(deserialize_with = "lenient")]
    pub(super) data_availability_date: Option<Timestamp>,
}

/// `AsyncQueryResponse`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct JobCreated {
    pub(super) job_id: String,
}

/// `AsyncQueryStatus`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct JobStatus {
    pub(super) state: Option<String>,
}

/// A page of a job or of a query. Conversations are read one by one, so that one odd one does not fail the page.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct ConversationPage {
    pub(super) conversations: Option<Vec<Value>>,
    pub(super) cursor: Option<String>,
    pub(super) total_hits: Option<u64>,
}

/// `AnalyticsConversation`.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Conversation {
    pub(super) conversation_id: String,
    pub(super) conversation_start: Timestamp,
    #[serde(default, deserialize_with = "lenient")]
    pub(super) conversation_end: Option<Timestamp>,
    #[serde(default, deserialize_with = "lenient_list")]
    pub(super) participants: Vec<Participant>,
}

/// `AnalyticsParticipant`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Participant {
    pub(super) participant_id: Option<String>,
    pub(super) participant_name: Option<String>,
    pub(super) purpose: Option<String>,
    pub(super) user_id: Option<String>,
    pub(super) external_contact_id: Option<String>,
    /// Only in the answer of a job; `None` in the answer of a query.
    #[serde(deserialize_with = "lenient")]
    pub(super) attributes: Option<BTreeMap<String, Value>>,
    #[serde(deserialize_with = "lenient_list")]
    pub(super) sessions: Vec<Session>,
}

/// `AnalyticsSession`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Session {
    pub(super) session_id: Option<String>,
    pub(super) media_type: Option<String>,
    pub(super) ani: Option<String>,
    pub(super) dnis: Option<String>,
    pub(super) session_dnis: Option<String>,
    pub(super) address_from: Option<String>,
    pub(super) address_to: Option<String>,
    pub(super) address_self: Option<String>,
    pub(super) address_other: Option<String>,
    pub(super) remote: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub(super) recording: Option<bool>,
    #[serde(deserialize_with = "lenient_list")]
    pub(super) callback_numbers: Vec<String>,
    #[serde(deserialize_with = "lenient_list")]
    pub(super) segments: Vec<Segment>,
}

/// `AnalyticsConversationSegment`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Segment {
    #[serde(deserialize_with = "lenient")]
    pub(super) segment_start: Option<Timestamp>,
    #[serde(deserialize_with = "lenient")]
    pub(super) segment_end: Option<Timestamp>,
    pub(super) queue_id: Option<String>,
}

/// `RecordingMetadata` and `Recording`: the latter adds what is known once the media was asked for.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Recording {
    pub(super) id: Option<String>,
    pub(super) session_id: Option<String>,
    pub(super) media: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub(super) start_time: Option<Timestamp>,
    #[serde(deserialize_with = "lenient")]
    pub(super) end_time: Option<Timestamp>,
    #[serde(deserialize_with = "lenient")]
    pub(super) creation_time: Option<Timestamp>,
    #[serde(deserialize_with = "lenient")]
    pub(super) delete_date: Option<Timestamp>,
    #[serde(deserialize_with = "lenient")]
    pub(super) restore_expiration_time: Option<Timestamp>,
    pub(super) file_state: Option<String>,
    pub(super) recording_error_status: Option<String>,
    pub(super) region: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub(super) media_uris: Option<BTreeMap<String, MediaResult>>,
    #[serde(deserialize_with = "lenient")]
    pub(super) estimated_transcode_time_ms: Option<u64>,
    #[serde(deserialize_with = "lenient")]
    pub(super) output_duration_ms: Option<u64>,
    #[serde(deserialize_with = "lenient")]
    pub(super) output_size_in_bytes: Option<u64>,
    #[serde(deserialize_with = "lenient_list")]
    pub(super) annotations: Vec<Annotation>,
}

/// `MediaResult`. The address is a secret: whoever has it can read the media.
#[derive(Clone, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct MediaResult {
    pub(super) media_uri: Option<String>,
}

impl std::fmt::Debug for MediaResult {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MediaResult(<redacted>)")
    }
}

/// `Annotation`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Annotation {
    #[serde(rename = "type")]
    pub(super) kind: Option<String>,
    pub(super) reason: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub(super) duration_ms: Option<u64>,
    #[serde(deserialize_with = "lenient")]
    pub(super) absolute_location: Option<u64>,
    #[serde(deserialize_with = "lenient")]
    pub(super) realtime_location: Option<u64>,
}

/// `GDPRSubjectEntityListing`.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct GdprSubjects {
    #[serde(deserialize_with = "lenient_list")]
    pub(super) entities: Vec<GdprSubject>,
}

/// `GDPRSubject`.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct GdprSubject {
    pub(super) external_contact_id: Option<String>,
}

/// `ReverseWhitepagesLookupResult`.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct ContactList {
    #[serde(deserialize_with = "lenient_list")]
    pub(super) contacts: Vec<Contact>,
}

/// `ExternalContact`, as far as merging goes.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Contact {
    pub(super) id: Option<String>,
    pub(super) canonical_contact: Option<Value>,
    #[serde(deserialize_with = "lenient_list")]
    pub(super) merge_set: Vec<Value>,
}

/// `OrphanRecordingListing`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct OrphanPage {
    #[serde(deserialize_with = "lenient_list")]
    pub(super) entities: Vec<OrphanEntry>,
    pub(super) page_count: Option<u32>,
}

/// `OrphanRecording`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct OrphanEntry {
    pub(super) id: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub(super) created_time: Option<Timestamp>,
    pub(super) orphan_status: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub(super) media_size_bytes: Option<u64>,
    pub(super) file_state: Option<String>,
    pub(super) region: Option<String>,
}

/// What a legal hold could not be placed on, in whatever shape the conversation is named.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct HoldFailures {
    #[serde(deserialize_with = "lenient_list")]
    failed_updates: Vec<HoldFailure>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct HoldFailure {
    conversation: Value,
}

impl HoldFailures {
    /// Whether the conversation is among them.
    pub(super) fn name(&self, conversation: &str) -> bool {
        let named = self.failed_updates.iter().map(|it| &it.conversation);
        let mut ids = named.filter_map(|it| it.as_str().or_else(|| it["id"].as_str()));
        ids.any(|id| id == conversation)
    }
}

/// `TranscriptUrl`.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct TranscriptUrl {
    pub(super) url: Option<String>,
}

/// A field of an unexpected shape counts as absent.
fn lenient<'de, D: Deserializer<'de>, T: DeserializeOwned>(from: D) -> Result<Option<T>, D::Error> {
    let value = Option::<Value>::deserialize(from)?;
    Ok(value.and_then(|value| serde_json::from_value(value).ok()))
}

/// Elements of an unexpected shape are left out, the others stay.
fn lenient_list<'de, D: Deserializer<'de>, T: DeserializeOwned>(
    from: D,
) -> Result<Vec<T>, D::Error> {
    let values = Option::<Value>::deserialize(from)?;
    let Some(Value::Array(values)) = values else {
        return Ok(Vec::new());
    };
    Ok(values
        .into_iter()
        .filter_map(|value| serde_json::from_value(value).ok())
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn odd_fields_do_not_fail_an_answer() {
        let text = r#"{"id":"r","media":"hologram","fileState":"FROZEN","startTime":"noon",
            "mediaUris":{"S":{"mediaUri":"https://x/","waveformData":[1.5]}},"outputSizeInBytes":-1,
            "annotations":[{"type":"Pause","durationMs":5,"realtimeLocation":"?"},7],"newField":{}}"#;
        let recording: Recording = serde_json::from_str(text).unwrap();
        assert_eq!(recording.start_time, None);
        assert_eq!(recording.output_size_in_bytes, None);
        assert_eq!(recording.annotations.len(), 1);
        assert!(!format!("{recording:?}").contains("https"));
    }

    #[test]
    fn one_odd_participant_does_not_hide_the_others() {
        let text = r#"{"conversationId":"c","conversationStart":"2026-03-01T10:00:00.000Z",
            "conversationEnd":null,"participants":["?",{"purpose":"hologram","attributes":{"n":1}}]}"#;
        let conversation: Conversation = serde_json::from_str(text).unwrap();
        assert_eq!(conversation.participants.len(), 1);
    }
}
