//! The files of a package beside audio and letter: call list, search, schedule, custody, transcripts.
//!
//! Names are neutral and ASCII; nothing here repeats what was removed.

use domain::{
    custody::CustodyEntry,
    digest::Sha256Digest,
    ids::{ActorId, ConversationId, RecordingId, SourceId},
    plan::RedactionSpan,
    policy::Policy,
    recording::EndState,
    requestor::Actor,
    sensitive::PersonalData,
};
use evidence::{
    custody_csv::{self, CustodyRow},
    format::{
        Call, CallsFile, Participant, RecordingFile, RedactedFile, SearchFile, SearchedSource,
        SpanRecord,
    },
};
use redaction::{
    plan_file::PlanFile,
    render::Delivered,
    transcript_view::{self, RedactedTranscript},
};
use store::rows::CallRow;

use crate::{
    api::ApiError,
    audit::CaseEntries,
    connect::SOURCE_ID,
    errors::integrity,
    exclusion::is_disclosed,
    review_view::not_retrieved,
    search_record::{SearchRecord, SourceRecord},
    span_reason::SpanReason,
};

/// Where the search stands in a package.
pub(crate) const SEARCH: &str = "data/search.json";

/// `0003`: the stem of a call's files.
pub(crate) fn stem(call: &CallRow) -> String {
    format!("{:04}", call.number)
}

/// The call list: every found recording with its one end state. // B14
pub(crate) fn calls_file(calls: &[CallRow]) -> CallsFile {
    CallsFile::new(calls.iter().map(call_entry).collect())
}

/// Only a ground is told to the data subject: other details are error texts that name our systems.
fn call_entry(call: &CallRow) -> Call {
    let (end_state, detail) = call.end_state.clone().unwrap_or_default();
    let detail = detail.filter(|_| end_state == "withheld");
    let start = is_disclosed(call).then(|| call.start_utc.to_string());
    Call {
        number: call.number,
        source: call.source.clone(),
        conversation_id: call.conversation.clone(),
        recording_id: call.recording.clone(),
        start_time: start,
        duration_ms: call.original.as_ref().map(|original| original.duration_ms),
        end_state,
        detail,
        file: call.redacted.as_ref().map(|_| audio_name(call)),
    }
}

/// `0003.wav`; the ending is that of the format in which the redacted recording leaves. // S2-26
pub(crate) fn audio_name(call: &CallRow) -> String {
    let plan = call
        .redacted
        .as_ref()
        .map(|it| PlanFile::from_json(&it.plan_json));
    let delivered = plan.and_then(Result::ok).and_then(|it| it.delivered);
    format!(
        "{}.{}",
        stem(call),
        delivered.map_or("wav", Delivered::extension)
    )
}

/// What was searched: once for the whole package, the rows of the custody file point to it. // S2-35
pub(crate) fn search_file(search: &SearchRecord) -> SearchFile {
    let searched = |source: &SourceRecord| SearchedSource {
        source: source.source.clone(),
        coverage: source.coverage.name().to_owned(),
        complete_until_utc: source.index_complete_until_utc.map(|it| it.to_string()),
        // The searches themselves; looking up the recordings of a conversation that the platform found
        // finds no more.
        requests: source
            .queries
            .iter()
            .filter(|query| source.source != SOURCE_ID || !query.contains("/recordingmetadata"))
            .cloned()
            .collect(),
    };
    SearchFile {
        v: 1,
        from: search.local.start.clone(),
        until: search.local.end.clone(),
        zone: search.local.zone.clone(),
        from_utc: search.start_utc.to_string(),
        until_utc: search.end_utc.to_string(),
        sources: search.sources.iter().map(searched).collect(),
    }
}

/// What is known about one delivered recording. The agents are named: the policy keeps their names,
/// the numbers of others are not in it. // S2-31, S0-51, R-13
pub(crate) fn recording_file(
    call: &CallRow,
    redacted: Sha256Digest,
) -> Result<RecordingFile, ApiError> {
    let original = call.original.as_ref().ok_or_else(|| not_retrieved(call))?;
    let agents: Vec<String> = list(call.agents_json.reveal())?;
    let agent = |name| Participant {
        role: "agent".to_owned(),
        name: Some(name),
        phone: None,
    };
    let customer = Participant {
        role: "customer".to_owned(),
        name: None,
        phone: None,
    };
    Ok(RecordingFile {
        v: 1,
        number: call.number,
        file: audio_name(call),
        file_hash: redacted.to_string(),
        original_hash: original.sha256.clone(),
        source: call.source.clone(),
        conversation_id: call.conversation.clone(),
        recording_id: call.recording.clone(),
        start_time: Some(call.start_utc.to_string()),
        end_time: call.end_utc.map(|end| end.to_string()),
        duration_ms: original.duration_ms,
        sample_rate_hz: original.sample_rate_hz,
        channels: original.channels,
        participants: agents.into_iter().map(agent).chain([customer]).collect(),
        queues: list(&call.queues_json)?,
        tags: Vec::new(),
    })
}

fn list(json: &str) -> Result<Vec<String>, ApiError> {
    serde_json::from_str(json).map_err(|error| ApiError::internal("Reading a call", &error))
}

/// The redaction log of one call: what was removed, when and how, never what it was. // B12, R-10
pub(crate) fn redacted_file(
    call: &CallRow,
    rendered: &PlanFile,
    sample_rate_hz: u32,
    is_decided: impl Fn(&str) -> bool,
) -> RedactedFile {
    let plan = &rendered.plan;
    let policy = Policy::from_name(&plan.policy).unwrap_or_else(Policy::data_subject_copy);
    let seeds = rendered.seeds(sample_rate_hz);
    let spans = plan
        .spans
        .iter()
        .filter(|span| span.start_ms < plan.duration_ms)
        .zip(1..);
    let record = |(span, number): (&RedactionSpan, u32)| SpanRecord {
        number,
        start_ms: span.start_ms,
        length_ms: span.end_ms.min(plan.duration_ms) - span.start_ms,
        channel: span.channel,
        category: span.entity.name().to_owned(),
        decision: if span.is_replaced() { "redact" } else { "keep" }.to_owned(),
        method: span.is_replaced().then(|| plan.style.name().to_owned()),
        seed: seeds
            .get(&span.id)
            .filter(|_| span.is_replaced())
            .map(|seed| seed.hex()),
        confidence: span.score,
        reviewer: is_decided(span.id.as_str()).then(|| "reviewer".to_owned()),
        reason: Some(SpanReason::of(span, &policy).name().to_owned()),
    };
    RedactedFile {
        file: audio_name(call),
        policy: plan.policy.clone(),
        engine: plan.engine.clone(),
        duration_ms: plan.duration_ms,
        spans: spans.map(record).collect(),
    }
}

/// The chain of custody of a case, one row a found recording. `search` is the digest of the search
/// file. // S2-35, S2-38
pub(crate) fn custody(
    calls: &[CallRow],
    entries: &CaseEntries,
    search: Sha256Digest,
) -> Result<Vec<u8>, ApiError> {
    let row = |call: &CallRow| {
        let position = entries
            .of(call)
            .ok_or_else(|| ApiError::not_found("log entry of call", call.number))?;
        let file = call
            .redacted
            .as_ref()
            .map(|redacted| Ok::<_, ApiError>((audio_name(call), digest(&redacted.sha256)?)));
        let query = format!("{SEARCH}, source {}, {search}", call.source);
        Ok(CustodyRow::new(
            &custody_entry(call, query)?,
            file.transpose()?,
            position,
        ))
    };
    let rows: Result<Vec<_>, ApiError> = calls.iter().map(row).collect();
    Ok(custody_csv::write(&rows?))
}

fn digest(text: &str) -> Result<Sha256Digest, ApiError> {
    Sha256Digest::parse(text).map_err(|error| integrity("The digest of a call", &error))
}

fn custody_entry(call: &CallRow, query: String) -> Result<CustodyEntry, ApiError> {
    let broken =
        |error: &dyn std::error::Error| ApiError::internal("Reading the custody of a call", error);
    let (name, detail) = call.end_state.clone().unwrap_or_default();
    let end_state = EndState::from_parts(&name, detail)
        .ok_or_else(|| ApiError::not_found("end state", &name))?;
    let original = call.original.as_ref();
    Ok(CustodyEntry {
        source: SourceId::new(call.source.clone()).map_err(|e| broken(&e))?,
        conversation: ConversationId::new(call.conversation.clone()).map_err(|e| broken(&e))?,
        recording: RecordingId::new(call.recording.clone()).map_err(|e| broken(&e))?,
        file_name: original.map(|_| audio_name(call)),
        sha256: original.map(|it| digest(&it.sha256)).transpose()?,
        size_bytes: original.map(|it| it.size_bytes),
        at_utc: call.end_state_at_utc.unwrap_or(call.start_utc),
        query: PersonalData::new(query),
        actor: Actor::Service(
            ActorId::new(
                call.exporter
                    .clone()
                    .unwrap_or_else(|| "sar-portal".to_owned()),
            )
            .map_err(|e| broken(&e))?,
        ),
        end_state,
    })
}

/// The transcript as a page: turns with times, hidden places named by their kind only.
pub(crate) fn transcript_html(call: &CallRow, transcript: &RedactedTranscript) -> String {
    let mut rows = String::new();
    for turn in &transcript.turns {
        let text: Vec<String> = turn.pieces.iter().map(piece_html).collect();
        rows.push_str(&format!(
            "<tr><td>{}</td><td>{}</td></tr>\n",
            clock(turn.start_ms),
            text.join(" ")
        ));
    }
    page(
        &format!("Call {}", call.number),
        &format!("<table>\n{rows}</table>"),
    )
}

fn piece_html(piece: &transcript_view::Piece) -> String {
    match piece {
        transcript_view::Piece::Text(text) => escape(text.reveal()),
        transcript_view::Piece::Hidden { entity } => {
            format!(
                "<mark>[{}]</mark>",
                entity.name().to_lowercase().replace('_', " ")
            )
        }
    }
}

/// `01:02.3` for 62,300 ms.
fn clock(ms: u64) -> String {
    format!(
        "{:02}:{:02}.{}",
        ms / 60_000,
        ms / 1_000 % 60,
        ms / 100 % 10
    )
}

/// A page that needs no network and runs no script.
pub(crate) fn page(title: &str, body: &str) -> String {
    format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <title>{title}</title>\n\
         <style>body{{font:16px/1.5 system-ui;max-width:50rem;margin:2rem auto;padding:0 1rem}}\
         table{{border-collapse:collapse}}td,th{{padding:.3rem .8rem;text-align:left;vertical-align:top;\
         border-bottom:1px solid #ccc}}mark{{background:#1d242a;color:#fff;padding:0 .3rem}}</style>\n\
         </head><body><h1>{title}</h1>\n{body}\n</body></html>\n",
        title = escape(title)
    )
}

pub(crate) fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

/// How to open and check the package with tools that everybody has.
pub(crate) const README: &str = "\
How to open: use 7-Zip (Windows), Keka (macOS) or `7z x FILE` (Linux), and the passphrase you were given.
Start with data/letter.html.

How to check, in the unpacked folder:
  sha256sum -c manifest-sha256.txt
  ssh-keygen -Y verify -f allowed_signers -I sar-portal -n sar-package -s tagmanifest-sha256.txt.sig < tagmanifest-sha256.txt

The second check shows that the key in allowed_signers sealed the package, not whose key that is. Print its
fingerprint (ssh-keygen -l -f allowed_signers) and ask the organization, in another way than it sent you the
package, whether it is theirs.
";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_escape_what_was_said_and_show_times_in_minutes() {
        assert_eq!(escape("<b>\"R&D\""), "&lt;b&gt;&quot;R&amp;D&quot;");
        assert_eq!(clock(62_345), "01:02.3");
    }
}
