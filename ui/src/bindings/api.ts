// Made from services::api by `cargo test -p services --test bindings`; never edited.

/**
 * Goes on without a call that could not be retrieved.
 */
export type AcceptMissingReq = { 
/**
 * Case number.
 */
case_id: string, 
/**
 * Number of the call.
 */
call: number, 
/**
 * Why; not empty.
 */
reason: string, };

/**
 * One line of the activity list.
 */
export type ActivityView = { 
/**
 * When, RFC 3339 in UTC.
 */
at_utc: string, 
/**
 * Who.
 */
actor: string, 
/**
 * Stable name of the action.
 */
action: string, 
/**
 * Number of the call, if it is about one.
 */
call: number | null, };

/**
 * Connects an archive beside the organization's platform. // S1-39
 */
export type AddSourceReq = { 
/**
 * Its description in TOML (docs/formats/sources.md); holds no secret.
 */
settings: string, 
/**
 * Password, token, certificate with key, or the two lines of an access key; goes to the keyring and is
 * never shown again. // S1-40
 */
secret: string | null, };

/**
 * Marks a span by hand.
 */
export type AddSpanReq = { 
/**
 * Case number.
 */
case_id: string, 
/**
 * Number of the call.
 */
call: number, 
/**
 * Start.
 */
start_ms: number, 
/**
 * End, exclusive.
 */
end_ms: number, 
/**
 * Stable name of the kind.
 */
entity: string, 
/**
 * Whose data it is.
 */
owner: string, };

/**
 * What failed, for which thing, why, and what to do next. Never holds personal data or secrets.
 */
export type ApiError = { 
/**
 * For programs.
 */
code: ErrorCode, 
/**
 * What failed, for which thing, and why; no final full stop.
 */
message: string, 
/**
 * What to do next.
 */
hint: string, 
/**
 * Whether the same call may work later.
 */
retryable: boolean, 
/**
 * To quote to support.
 */
correlation_id: string | null, };

/**
 * One entry.
 */
export type AuditEntryView = { 
/**
 * Position, from 0.
 */
seq: number, 
/**
 * When, RFC 3339 in UTC with milliseconds.
 */
at_utc: string, 
/**
 * `human` or `service`.
 */
actor_kind: string, 
/**
 * Who.
 */
actor: string, 
/**
 * Stable name of the action.
 */
action: string, 
/**
 * The case, if it is about one.
 */
case_id: string | null, 
/**
 * The call's source id, if it is about one.
 */
recording_id: string | null, 
/**
 * Digest of the file it is about.
 */
file_hash: string | null, 
/**
 * Hash of this entry in the tree.
 */
leaf_hash: string, 
/**
 * The exact entry as signed; holds no personal data.
 */
json: string, };

/**
 * A page of the log, newest first.
 */
export type AuditPage = { 
/**
 * The entries.
 */
entries: Array<AuditEntryView>, 
/**
 * Where to go on with older entries; absent when the log was searched to its start.
 */
next_before_seq?: number, 
/**
 * Number of entries of the whole log.
 */
log_size: number, 
/**
 * The signed checkpoint, as text.
 */
checkpoint: string, };

/**
 * All calls of a case.
 */
export type CallList = { 
/**
 * By number.
 */
calls: Array<CallView>, };

/**
 * Names a call of a case.
 */
export type CallRef = { 
/**
 * Case number.
 */
case_id: string, 
/**
 * Number of the call within the case, from 1.
 */
call: number, };

/**
 * One call.
 */
export type CallView = { 
/**
 * Number within the case.
 */
call: number, 
/**
 * The source.
 */
source: string, 
/**
 * Start, RFC 3339 in UTC.
 */
start_utc: string, 
/**
 * Start in the zone of the search.
 */
start_local: string, 
/**
 * Length of the audio in custody, or as the source says.
 */
duration_ms: number | null, 
/**
 * End state, or `pending`.
 */
end_state: string, 
/**
 * What goes with the end state.
 */
end_detail: string | null, 
/**
 * Where it is on its way: `waiting`, `downloading`, `stored`, `detecting`, `to_review`, `to_approve`, `approved`, `redacted`.
 */
stage: string, 
/**
 * Whether it cannot be had, so that a person may go on without it.
 */
missing: boolean, 
/**
 * Why the case goes on without it.
 */
missing_accepted: string | null, 
/**
 * Digest of the original.
 */
sha256: string | null, 
/**
 * Bytes of the original.
 */
size_bytes: number | null, 
/**
 * Such as `audio/wav`.
 */
content_type: string | null, 
/**
 * Spans of the plan.
 */
spans: number, 
/**
 * Spans that wait for a decision.
 */
open_spans: number, 
/**
 * Who reviewed it.
 */
reviewed_by: string | null, 
/**
 * Who approved it.
 */
approved_by: string | null, 
/**
 * Why it was returned to the reviewer.
 */
returned_note: string | null, 
/**
 * Whether there is a transcript.
 */
has_transcript: boolean, 
/**
 * What does not fit between transcript and audio, in words.
 */
warnings: Array<string>, 
/**
 * Bytes loaded so far, while downloading.
 */
loaded_bytes: number | null, 
/**
 * Whether it lies in the archive of its source, which can bring it out.
 */
in_archive: boolean, 
/**
 * When the source was asked to bring it out.
 */
restoration_asked_at_utc: string | null, };

/**
 * Calls of a case, counted. The end states sum up to `found`. // B14
 */
export type CaseCounts = { 
/**
 * On the frozen list.
 */
found: number, 
/**
 * In custody.
 */
retrieved: number, 
/**
 * No longer at the source.
 */
purged: number, 
/**
 * What arrived was not the recording.
 */
corrupted: number, 
/**
 * A codec this version cannot check.
 */
unsupported: number, 
/**
 * Not disclosed, on a legal ground.
 */
withheld: number, 
/**
 * The same call as another one.
 */
duplicate: number, 
/**
 * Could not be had within the limits.
 */
unavailable: number, 
/**
 * Without an end state yet.
 */
pending: number, 
/**
 * Detection is done and the review is open.
 */
to_review: number, 
/**
 * Reviewed, waiting for a second person.
 */
to_approve: number, 
/**
 * Approved.
 */
approved: number, 
/**
 * Spans that wait for a decision.
 */
open_spans: number, };

/**
 * Everything the case screens show, masked.
 */
export type CaseDetail = { 
/**
 * Case number.
 */
case_id: string, 
/**
 * Initials of the data subject.
 */
initials: string, 
/**
 * `eu_gdpr`, `uk_gdpr` or `ccpa`.
 */
law: string, 
/**
 * `access`, `portability`, `rectification` or `erasure`.
 */
request_type: string, 
/**
 * The provision the request rests on, such as `Art. 15 GDPR`.
 */
provision: string, 
/**
 * Stable name of the step.
 */
step: string, 
/**
 * The clock.
 */
deadline: DeadlineView, 
/**
 * Date of receipt.
 */
received_on: string, 
/**
 * How it came.
 */
received_by: string, 
/**
 * Who works on it.
 */
owner: string, 
/**
 * Whether somebody acts for the data subject.
 */
has_representative: boolean, 
/**
 * The identifiers, masked.
 */
identifiers: Array<MaskedIdentifier>, 
/**
 * `low`, `normal` or `high`.
 */
risk_tier: string, 
/**
 * How many different checks must pass.
 */
checks_needed: number, 
/**
 * Checks so far.
 */
checks: Array<IdentityCheckView>, 
/**
 * Whether enough passed.
 */
verified: boolean, 
/**
 * Calls by end state and review state.
 */
counts: CaseCounts, 
/**
 * What was probably missed in the calls together; absent before detection.
 */
risk?: CaseRiskView, 
/**
 * Days from the receipt until the answer went out; absent while the case is open. // S0-03
 */
turnaround_days?: number, 
/**
 * The legal hold, where the case asked for one.
 */
legal_hold: LegalHoldView | null, 
/**
 * How the case may end without a package, as things stand.
 */
may_close_as: Array<string>, 
/**
 * How it ended, where nothing was handed over.
 */
closing?: ClosingView, 
/**
 * What to do next: the name of a screen, `identity`, `search`, `calls`, `review`, `package`; `close`, or `closed`.
 */
next_action: string, 
/**
 * What happened, newest first, at most 50.
 */
activity: Array<ActivityView>, };

/**
 * A page of cases.
 */
export type CaseList = { 
/**
 * The cases, earliest due date first.
 */
cases: Array<CaseSummary>, 
/**
 * How many match in all.
 */
total: number, };

/**
 * A part of a case.
 */
export type CasePart = "case" | "search" | "calls" | "jobs" | "review" | "package";

/**
 * Names a case.
 */
export type CaseRef = { 
/**
 * Case number, `SAR-2026-000417`.
 */
case_id: string, };

/**
 * The same for all calls of a case.
 */
export type CaseRiskView = { 
/**
 * Calls that it is about.
 */
calls: number, 
/**
 * Expected number.
 */
expected: number, 
/**
 * Nine of ten cases like this one have at least so many.
 */
low: number, 
/**
 * And at most so many.
 */
high: number, };

/**
 * One row of the case list. Shows initials, never the name.
 */
export type CaseSummary = { 
/**
 * Case number.
 */
case_id: string, 
/**
 * Initials of the data subject.
 */
initials: string, 
/**
 * `eu_gdpr`, `uk_gdpr` or `ccpa`.
 */
law: string, 
/**
 * `access`, `portability`, `rectification` or `erasure`.
 */
request_type: string, 
/**
 * Stable name of the step.
 */
step: string, 
/**
 * The earlier of legal and internal due date, `2026-04-30`.
 */
due_on: string, 
/**
 * Days until then, negative when late.
 */
days_left: number, 
/**
 * Number of calls on the frozen list.
 */
calls: number, 
/**
 * Who works on it.
 */
owner: string, };

/**
 * Which cases to list.
 */
export type CaseViewName = "mine" | "due_soon" | "to_approve" | "open" | "closed";

/**
 * Who is on a channel.
 */
export type ChannelView = { 
/**
 * `customer`, `agent`, `mixed` or `unknown`.
 */
party: string, };

/**
 * One check.
 */
export type CheckView = { 
/**
 * Stable name.
 */
name: string, 
/**
 * `passed`, `failed` or `not_performed`.
 */
outcome: string, 
/**
 * What was seen, or why it failed.
 */
detail: string, };

/**
 * Ends a case that nothing is handed over for.
 */
export type CloseCaseReq = { 
/**
 * Case number.
 */
case_id: string, 
/**
 * `carried_out`, `refused`, `withdrawn` or `not_identified`.
 */
outcome: string, 
/**
 * The reasons, or what was done where; kept with the case.
 */
statement: string, };

/**
 * How a case ended that nothing was handed over for.
 */
export type ClosingView = { 
/**
 * `carried_out`, `refused`, `withdrawn` or `not_identified`.
 */
outcome: string, 
/**
 * The reasons, or what was done.
 */
statement: string, 
/**
 * Who closed it.
 */
by: string, 
/**
 * When, RFC 3339 in UTC.
 */
at_utc: string, };

/**
 * Connects a Genesys Cloud organization with client credentials.
 */
export type ConnectSourceReq = { 
/**
 * Region by its domain or cloud region, such as `mypurecloud.de`; not needed with explicit URLs.
 */
region: string | null, 
/**
 * API base URL, for the sandbox or a gateway.
 */
api_url: string | null, 
/**
 * Login base URL, for the sandbox or a gateway.
 */
login_url: string | null, 
/**
 * Further hosts that recordings come from, such as the storage of another region; the storage of the
 * organization's own region is known. Every other host is refused. // B8
 */
media_hosts: Array<string> | null, 
/**
 * OAuth client id.
 */
client_id: string, 
/**
 * OAuth client secret; goes to the keyring and is never shown again. // S0-21
 */
client_secret: string, 
/**
 * Accept credentials that may do more than needed, for this reason. // S0-22
 */
accept_excess_reason: string | null, };

/**
 * A connected source.
 */
export type ConnectedSource = { 
/**
 * Its id in cases and logs.
 */
id: string, 
/**
 * `genesys`, `legacy_rest`, `s3_archive`, `gateway` or `folder`.
 */
kind: string, 
/**
 * Name of the organization.
 */
organization: string, 
/**
 * Region in words, such as `EU (Frankfurt)`.
 */
region: string, 
/**
 * Whether this is the built-in organization with sample calls.
 */
is_sandbox: boolean, 
/**
 * Who signed in with a browser, by their name at the source; nothing for a service.
 */
signed_in_as: string | null, 
/**
 * Why it cannot be used until it is connected again; a search counts it as not searched.
 */
trouble: string | null, };

/**
 * One kind of content.
 */
export type ContentView = { 
/**
 * Stable name: `redacted_audio`, `transcripts`, `call_list`, `redaction_schedule`, `letter`, `custody`.
 */
kind: string, 
/**
 * Number of files.
 */
files: number, };

/**
 * The corrections of this desk, oldest first.
 */
export type CorrectionList = { 
/**
 * The corrections.
 */
corrections: Array<CorrectionView>, 
/**
 * How plans name them; empty without any.
 */
version: string, };

/**
 * Names a correction.
 */
export type CorrectionRef = { 
/**
 * Its id.
 */
id: string, };

/**
 * One correction. // B17
 */
export type CorrectionView = { 
/**
 * Its id.
 */
id: string, 
/**
 * Case in which it was said.
 */
case_id: string, 
/**
 * Number of the call.
 */
call: number, 
/**
 * `marked`: personal data; `kept`: none.
 */
ruling: string, 
/**
 * Stable name of the kind.
 */
entity: string, 
/**
 * Who reviewed it.
 */
by: string, 
/**
 * When, RFC 3339 in UTC.
 */
at_utc: string, 
/**
 * The words, when they were asked for.
 */
words?: string, };

/**
 * Due dates and the rule in words.
 */
export type DeadlineView = { 
/**
 * Last day in time.
 */
legal: string, 
/**
 * Day the house aims at.
 */
internal: string, 
/**
 * How the legal date was found.
 */
rule: string, 
/**
 * Days until the earlier one, negative when late.
 */
days_left: number, };

/**
 * Rules on a span.
 */
export type DecideSpanReq = { 
/**
 * Case number.
 */
case_id: string, 
/**
 * Number of the call.
 */
call: number, 
/**
 * The span.
 */
span_id: string, 
/**
 * The ruling.
 */
decision: DecisionReq, };

/**
 * A ruling.
 */
export type DecisionReq = { "kind": "redact", 
/**
 * Why, as a stable name such as `third_party_data`.
 */
reason: string | null, } | { "kind": "keep", 
/**
 * Why; not empty.
 */
reason: string, } | { "kind": "adjust", 
/**
 * New start.
 */
start_ms: number, 
/**
 * New end, exclusive.
 */
end_ms: number, } | { "kind": "retype", 
/**
 * Stable name of the kind.
 */
entity: string, };

/**
 * Hands the package over into the delivery folder.
 */
export type DeliverReq = { 
/**
 * Case number.
 */
case_id: string, 
/**
 * How the passphrase goes: `phone`, `sms`, `post` or `in_person`.
 */
passphrase_by: string, };

/**
 * A delivery.
 */
export type DeliveryView = { 
/**
 * Where the file is, for display.
 */
location: string, 
/**
 * How the passphrase goes.
 */
passphrase_by: string, 
/**
 * When it was handed over.
 */
delivered_at_utc: string, 
/**
 * When the offer ends.
 */
expires_at_utc: string, 
/**
 * Digest of the delivered file.
 */
sha256: string, };

/**
 * An answer without fields: it was done, and an event says what changed.
 */
export type Done = Record<symbol, never>;

/**
 * Planted items of one kind.
 */
export type DrillKindView = { 
/**
 * Stable name.
 */
entity: string, 
/**
 * Planted items.
 */
items: number, 
/**
 * Those that were found.
 */
found: number, };

/**
 * What the last drill found. // B16
 */
export type DrillView = { 
/**
 * When, RFC 3339 in UTC.
 */
at_utc: string, 
/**
 * The detector with everything that had a part in it.
 */
engine: string, 
/**
 * Planted calls.
 */
calls: number, 
/**
 * Planted items.
 */
items: number, 
/**
 * Those that were found.
 */
found: number, 
/**
 * Corrections of this desk that were tried again.
 */
corrections: number, 
/**
 * What is wrong, a sentence each; empty when all is well.
 */
alarms: Array<string>, 
/**
 * By kind.
 */
kinds: Array<DrillKindView>, };

/**
 * A request without fields.
 */
export type Empty = Record<symbol, never>;

/**
 * What a consumer can act on. A variant is added only when one does.
 */
export type ErrorCode = "not_signed_in" | "not_permitted" | "requestor_not_verified" | "invalid_input" | "not_found" | "wrong_step" | "review_pending" | "source_unavailable" | "sign_in_failed" | "integrity_failure" | "keyring_unavailable" | "disk_full" | "no_sound_device" | "cancelled" | "internal";

/**
 * Something changed. Shells read the changed part again; an event carries no content.
 */
export type Event = { "kind": "case_changed", 
/**
 * Case number.
 */
case_id: string, 
/**
 * Which part.
 */
what: CasePart, 
/**
 * The call, if it is about one.
 */
call: number | null, } | { "kind": "job_progress", 
/**
 * Case number.
 */
case_id: string, 
/**
 * The call, if it is about one.
 */
call: number | null, 
/**
 * `search`, `retrieve`, `detect`, `redact`, `seal` or `deliver`.
 */
job_kind: string, 
/**
 * Bytes so far.
 */
bytes: number, 
/**
 * Bytes in all; 0 when unknown.
 */
bytes_total: number, } | { "kind": "playback", 
/**
 * Case number.
 */
case_id: string, 
/**
 * Number of the call.
 */
call: number, 
/**
 * Position in the call.
 */
position_ms: number, 
/**
 * False once at the end.
 */
playing: boolean, } | { "kind": "export_changed" } | { "kind": "status_changed" };

/**
 * A recording that is left out.
 */
export type Exclusion = { 
/**
 * Its position in the search result.
 */
index: number, 
/**
 * What the requestor is told.
 */
ground: ExclusionGround, 
/**
 * What the case remembers about it; the requestor is not told.
 */
note: string | null, };

/**
 * Why a recording is left out. A closed list: free words could tell the requestor about somebody else.
 */
export type ExclusionGround = "not_the_requestor" | "outside_the_request" | "rights_of_others" | "legal_privilege" | "duplicate";

/**
 * A recording that is not in the set.
 */
export type ExportException = { 
/**
 * The recording in its source.
 */
recording_id: string, 
/**
 * The source.
 */
source: string, 
/**
 * `Purged`, `Corrupted`, `Unsupported` or `Unavailable`.
 */
status: string, 
/**
 * What was found.
 */
reason: string, };

/**
 * How far an export is.
 */
export type ExportProgress = { 
/**
 * `searching`, `recounting` or `downloading`.
 */
phase: string, 
/**
 * Days or recordings that are done.
 */
done: number, 
/**
 * How many there are; 0 when unknown.
 */
total: number, 
/**
 * Bytes downloaded by this run.
 */
bytes: number, };

/**
 * What an export ended with.
 */
export type ExportResult = { 
/**
 * Recordings on the list.
 */
found: number, 
/**
 * In the set.
 */
retrieved: number, 
/**
 * The source no longer has them.
 */
purged: number, 
/**
 * What came is not the recording.
 */
corrupted: number, 
/**
 * Not in a form that can be checked.
 */
unsupported: number, 
/**
 * Could not be had; the same order tries again.
 */
unavailable: number, 
/**
 * Returned by a source, but not what the query asks.
 */
excluded: number, 
/**
 * Bytes of the audio.
 */
bytes: number, 
/**
 * `agree`, `differ` or `notPerformed`: what a second way through the sources shows.
 */
completeness: string, 
/**
 * The same in one sentence.
 */
statement: string, 
/**
 * The first recordings that are not in the set.
 */
exceptions: Array<ExportException>, 
/**
 * All of them.
 */
exceptions_total: number, };

/**
 * The export of this desk.
 */
export type ExportView = { 
/**
 * `none`, `running`, `finished`, `stopped` or `failed`.
 */
state: string, 
/**
 * What was ordered; the same order goes on with it.
 */
request: StartExportReq | null, 
/**
 * Where the folder is.
 */
folder: string | null, 
/**
 * How far it is, while it runs.
 */
progress: ExportProgress | null, 
/**
 * What it ended with.
 */
result: ExportResult | null, 
/**
 * Why it failed.
 */
error: ApiError | null, };

/**
 * A folder that was written.
 */
export type ExportedFolder = { 
/**
 * Where, for display.
 */
location: string, 
/**
 * Number of files.
 */
files: number, };

/**
 * One found recording.
 */
export type FoundCallView = { 
/**
 * Position in the result, from 0; names the recording in [`FreezeReq`].
 */
index: number, 
/**
 * The source.
 */
source: string, 
/**
 * Other sources that have the same call. // S1-22
 */
also_at: Array<string>, 
/**
 * Positions of calls of other sources that may be the same: a person decides, and excludes one.
 */
maybe_same_as: Array<number>, 
/**
 * Start, RFC 3339 in UTC.
 */
start_utc: string, 
/**
 * Start in the zone of the search, `2026-03-03 09:12`.
 */
start_local: string, 
/**
 * Length in milliseconds, as far as known.
 */
duration_ms: number | null, 
/**
 * Kinds of identifier that matched.
 */
matched_by: Array<string>, 
/**
 * Names of the agents.
 */
agents: Array<string>, 
/**
 * Where the media is stored.
 */
region: string | null, 
/**
 * `available`, `pending`, `archived`, `deleted` or `faulty`.
 */
media_state: string, };

/**
 * Freezes the list; it cannot change afterwards. // S2-18
 */
export type FreezeReq = { 
/**
 * Case number.
 */
case_id: string, 
/**
 * Recordings left out, each on a ground.
 */
excluded: Array<Exclusion>, 
/**
 * Recordings without a conversation that belong to the requestor all the same, as a person has found.
 */
orphans: Array<OrphanRef>, 
/**
 * Why the list is frozen although a source was not seen completely.
 */
partial_reason: string | null, };

/**
 * A frozen list.
 */
export type FrozenView = { 
/**
 * When.
 */
frozen_at_utc: string, 
/**
 * By whom.
 */
by: string, 
/**
 * Number of recordings on it.
 */
calls: number, 
/**
 * Number of recordings left out.
 */
excluded: number, 
/**
 * Digest of the list.
 */
digest: string, };

/**
 * A recording whose hold could not be changed.
 */
export type HoldFailureView = { 
/**
 * `place` or `release`.
 */
what: string, 
/**
 * The source.
 */
source: string, 
/**
 * The recording there.
 */
recording: string, 
/**
 * Why.
 */
reason: string, };

/**
 * Records a check.
 */
export type IdentityCheckReq = { 
/**
 * Case number.
 */
case_id: string, 
/**
 * `account_details`, `call_back`, `one_time_code` or `document_seen`.
 */
method: string, 
/**
 * Whether it passed.
 */
passed: boolean, };

/**
 * One identity check.
 */
export type IdentityCheckView = { 
/**
 * Stable name of the method.
 */
method: string, 
/**
 * Whether it passed.
 */
passed: boolean, 
/**
 * Who checked.
 */
checked_by: string, 
/**
 * When, RFC 3339 in UTC.
 */
checked_at_utc: string, };

/**
 * Jobs of a case.
 */
export type JobList = { 
/**
 * Unfinished and failed ones first, then the newest.
 */
jobs: Array<JobView>, 
/**
 * How long the calls that wait will take, in seconds: measured, or planned before the first is done.
 */
seconds_left: number | null, };

/**
 * Work was queued; events and [`JobList`] tell how it goes. // S0-62
 */
export type JobStarted = { 
/**
 * How many jobs were queued; 0 when everything was done already.
 */
jobs: number, };

/**
 * One job.
 */
export type JobView = { 
/**
 * Its id.
 */
id: string, 
/**
 * `search`, `retrieve`, `detect`, `redact`, `seal` or `deliver`.
 */
kind: string, 
/**
 * The call it is about, if any.
 */
call: number | null, 
/**
 * `waiting`, `running`, `done`, `failed`, `cancelled`, or `superseded`: failed, and done by a later
 * job.
 */
state: string, 
/**
 * What it does now, as a stable name.
 */
stage: string, 
/**
 * Bytes handled so far.
 */
bytes: number, 
/**
 * Bytes in all; 0 when unknown.
 */
bytes_total: number, 
/**
 * Why it failed, or why its last attempt did, in words.
 */
message: string | null, 
/**
 * The same for programs.
 */
code: ErrorCode | null, 
/**
 * How often it was tried.
 */
attempts: number, };

/**
 * How the legal hold of a case stands, in recordings.
 */
export type LegalHoldView = { 
/**
 * Asked for and not answered yet.
 */
waiting: number, 
/**
 * Under hold.
 */
placed: number, 
/**
 * Released when the case closed.
 */
released: number, 
/**
 * Still under hold for another case.
 */
kept: number, 
/**
 * Those that could not be placed or released.
 */
failed: Array<HoldFailureView>, };

/**
 * Asks for a page of the log.
 */
export type ListAuditReq = { 
/**
 * Entries before this one; from the newest when empty.
 */
before_seq: number | null, 
/**
 * At most this many, 1 to 500.
 */
limit: number, 
/**
 * Only this case.
 */
case_id: string | null, 
/**
 * Only what belongs together under this correlation id. // S0-67
 */
correlation_id?: string, };

/**
 * Asks for a page of cases, ordered by due date.
 */
export type ListCasesReq = { 
/**
 * Which ones.
 */
view: CaseViewName, 
/**
 * Part of a case number, the initials or the owner; empty for all.
 */
text: string, 
/**
 * How many to skip.
 */
offset: number, 
/**
 * At most this many, 1 to 200.
 */
limit: number, };

/**
 * Asks for the corrections of this desk.
 */
export type ListCorrectionsReq = { 
/**
 * Whether the words are shown; that is on record.
 */
reveal: boolean, };

/**
 * An identifier as lists show it.
 */
export type MaskedIdentifier = { 
/**
 * `phone`, `email` or `customer_id`.
 */
kind: string, 
/**
 * Such as `···4567`.
 */
masked: string, };

/**
 * Opens a case.
 */
export type OpenCaseReq = { 
/**
 * Full name of the data subject.
 */
name: string, 
/**
 * Phone numbers in any common form, with country code or with `phone_region`.
 */
phones: Array<string>, 
/**
 * Country of national phone numbers, such as `GB`.
 */
phone_region: string, 
/**
 * E-mail addresses.
 */
emails: Array<string>, 
/**
 * Customer numbers.
 */
customer_ids: Array<string>, 
/**
 * Who acts for the data subject, if somebody does.
 */
representative: RepresentativeReq | null, 
/**
 * `eu_gdpr`, `uk_gdpr` or `ccpa`.
 */
law: string, 
/**
 * Date of receipt, `2026-03-30`.
 */
received_on: string, 
/**
 * How it came: `email`, `letter`, `phone`, `form`, `in_person`.
 */
received_by: string, 
/**
 * `low`, `normal` or `high`.
 */
risk_tier: string, 
/**
 * What they ask for, in their words.
 */
note: string, 
/**
 * Whether the source is to delete nothing of this case before it closes.
 */
legal_hold: boolean, 
/**
 * `access`, `portability`, `rectification` or `erasure`; `access` when left out. // S3-33
 */
request_type: string, };

/**
 * Names a recording without a conversation.
 */
export type OrphanRef = { 
/**
 * The source that lists it.
 */
source: string, 
/**
 * Its id there.
 */
id: string, };

/**
 * A recording without a conversation.
 */
export type OrphanView = { 
/**
 * Its id in the source.
 */
id: string, 
/**
 * When it was made, RFC 3339 in UTC.
 */
created_utc: string | null, 
/**
 * Why it has none, in the words of the source.
 */
status: string, 
/**
 * `available`, `pending`, `archived`, `deleted` or `faulty`.
 */
media_state: string, };

/**
 * Packages of all cases.
 */
export type PackageList = { 
/**
 * Newest first.
 */
packages: Array<PackageRowView>, };

/**
 * One package.
 */
export type PackageRowView = { 
/**
 * Case number.
 */
case_id: string, 
/**
 * The package.
 */
package: PackageView, };

/**
 * The package of a case.
 */
export type PackageView = { 
/**
 * `none`, `sealing`, `sealed`, `delivered` or `failed`.
 */
state: string, 
/**
 * Why sealing failed, in words.
 */
failure: string | null, 
/**
 * Neutral file name.
 */
file_name: string | null, 
/**
 * Digest of the file.
 */
sha256: string | null, 
/**
 * Its size.
 */
size_bytes: number | null, 
/**
 * When it was sealed.
 */
sealed_at_utc: string | null, 
/**
 * Whether the passphrase can still be shown.
 */
passphrase_available: boolean, 
/**
 * The delivery, once done.
 */
delivery: DeliveryView | null, };

/**
 * Shows the passphrase of a sealed package; asking for it is on record.
 */
export type PassphraseView = { 
/**
 * Seven words.
 */
passphrase: string, };

/**
 * Asks for a stretch of the waveform.
 */
export type PeaksReq = { 
/**
 * Case number.
 */
case_id: string, 
/**
 * Number of the call.
 */
call: number, 
/**
 * Zoom level: 0 has 200 points a second, each further level a quarter of that.
 */
level: number, 
/**
 * Number of the tile; each has 4,096 points.
 */
tile: number, };

/**
 * A stretch of the waveform.
 */
export type PeaksView = { 
/**
 * Points a second at this level.
 */
points_per_second: number, 
/**
 * Number of points of the whole call at this level.
 */
points_total: number, 
/**
 * First point of this tile.
 */
first_point: number, 
/**
 * Base64 of signed bytes by channel: for each channel all points of the tile as min, max pairs.
 */
channels: Array<string>, };

/**
 * A person at the desk.
 */
export type Person = { 
/**
 * Account id.
 */
id: string, 
/**
 * What they may do.
 */
role: RoleName, };

/**
 * A run of words, or a hidden span.
 */
export type PieceView = { "kind": "text", 
/**
 * The words.
 */
text: string, 
/**
 * Start.
 */
start_ms: number, 
/**
 * Lowest confidence among the words, 0.0 to 1.0.
 */
confidence: number, } | { "kind": "hidden", 
/**
 * Id of the span.
 */
span_id: string, 
/**
 * Stable name of the kind.
 */
entity: string, 
/**
 * `redact`, `review` or `keep`.
 */
decision: string, };

/**
 * What is heard in the spans.
 */
export type PlayMode = "redacted" | "original";

/**
 * Plays a stretch of a call.
 */
export type PlayReq = { 
/**
 * Case number.
 */
case_id: string, 
/**
 * Number of the call.
 */
call: number, 
/**
 * Start.
 */
from_ms: number, 
/**
 * End, exclusive.
 */
to_ms: number, 
/**
 * What is heard in the spans.
 */
mode: PlayMode, 
/**
 * Only this channel; all when empty.
 */
channel: number | null, 
/**
 * 0.5 to 2.0; the pitch moves with it.
 */
speed: number, };

/**
 * What stands in the way of sealing.
 */
export type Preflight = { 
/**
 * Whether the package can be sealed.
 */
ready: boolean, 
/**
 * Each condition and whether it holds.
 */
checks: Array<CheckView>, 
/**
 * What goes in.
 */
contents: Array<ContentView>, };

/**
 * Asks for the due date before a case is opened.
 */
export type PreviewDeadlineReq = { 
/**
 * `eu_gdpr`, `uk_gdpr` or `ccpa`.
 */
law: string, 
/**
 * Date of receipt, `2026-03-30`.
 */
received_on: string, };

/**
 * Asks what a local range means in UTC. // S0-83
 */
export type PreviewRangeReq = { 
/**
 * First local date and time inside, `2026-03-01T00:00`.
 */
start: string, 
/**
 * First local date and time after.
 */
end: string, 
/**
 * IANA zone, `Europe/Berlin`.
 */
zone: string, };

/**
 * The UTC bounds of a local range.
 */
export type RangeView = { 
/**
 * First instant inside.
 */
start_utc: string, 
/**
 * First instant after.
 */
end_utc: string, 
/**
 * Clock changes that touch a bound.
 */
notices: Array<string>, };

/**
 * The outcome of a verification.
 */
export type ReportView = { 
/**
 * Whether every check passed.
 */
verified: boolean, 
/**
 * The checks in order.
 */
checks: Array<CheckView>, };

/**
 * Somebody acting for the data subject. // R-21
 */
export type RepresentativeReq = { 
/**
 * Their name.
 */
name: string, 
/**
 * What shows the authority.
 */
authority: string, };

/**
 * The requestor in the clear; asking for it is on record.
 */
export type RequestorView = { 
/**
 * Full name.
 */
name: string, 
/**
 * Phone numbers in E.164 form.
 */
phones: Array<string>, 
/**
 * E-mail addresses.
 */
emails: Array<string>, 
/**
 * Customer numbers.
 */
customer_ids: Array<string>, 
/**
 * Name of the representative, if any.
 */
representative: string | null, 
/**
 * What they ask for.
 */
note: string, };

/**
 * Returns a call to the reviewer.
 */
export type ReturnCallReq = { 
/**
 * Case number.
 */
case_id: string, 
/**
 * Number of the call.
 */
call: number, 
/**
 * What to look at again; not empty.
 */
note: string, };

/**
 * The words under one span. // reveal level 1
 */
export type RevealedText = { 
/**
 * The words.
 */
text: string, };

/**
 * Everything the review screen needs for one call, masked.
 */
export type ReviewView = { 
/**
 * Case number.
 */
case_id: string, 
/**
 * Number of the call.
 */
call: number, 
/**
 * Calls of the case that can be reviewed.
 */
calls: Array<number>, 
/**
 * Start in the zone of the search.
 */
start_local: string, 
/**
 * IANA zone of the search.
 */
zone: string, 
/**
 * Length of the audio.
 */
duration_ms: number, 
/**
 * Frames per second.
 */
sample_rate_hz: number, 
/**
 * What is on each channel, by channel.
 */
channels: Array<ChannelView>, 
/**
 * All spans by start.
 */
spans: Array<SpanView>, 
/**
 * The transcript with every span hidden; empty when there is none.
 */
transcript: TranscriptView, 
/**
 * `none`, `open`, `finished` or `approved`.
 */
review_state: string, 
/**
 * Who reviewed it.
 */
reviewed_by: string | null, 
/**
 * Who approved it.
 */
approved_by: string | null, 
/**
 * Why it was returned.
 */
returned_note: string | null, 
/**
 * Whether there is a decision to undo.
 */
can_undo: boolean, 
/**
 * Found items that could not be placed in time; they block finishing.
 */
unplaced: number, 
/**
 * What does not fit between transcript and audio, in words.
 */
warnings: Array<string>, 
/**
 * What was probably missed; absent where it was not measured.
 */
risk?: RiskView, 
/**
 * Whether the person at the desk may hear the original.
 */
may_hear_original: boolean, 
/**
 * Due date of the case.
 */
due_on: string, 
/**
 * Days until then.
 */
days_left: number, };

/**
 * How many items detection has probably missed in a call, and where to listen for them. // B4
 */
export type RiskView = { 
/**
 * Expected number that would be disclosed as things stand.
 */
expected: number, 
/**
 * Nine of ten calls like this one have at least so many.
 */
low: number, 
/**
 * And at most so many.
 */
high: number, 
/**
 * Speech in which nothing was recognized.
 */
unrecognized_ms: number, 
/**
 * What somebody has listened to.
 */
listened_ms: number, 
/**
 * By time; together they hold about half of what is expected.
 */
listen: Array<StretchView>, };

/**
 * What a person may do.
 */
export type RoleName = "case_worker" | "approver" | "auditor";

/**
 * Seals the package of a case.
 */
export type SealReq = { 
/**
 * Case number.
 */
case_id: string, };

/**
 * Searches every connected source for the case's identifiers.
 */
export type SearchReq = { 
/**
 * Case number.
 */
case_id: string, 
/**
 * First local date and time inside.
 */
start: string, 
/**
 * First local date and time after.
 */
end: string, 
/**
 * IANA zone.
 */
zone: string, 
/**
 * Only this agent, by the source's user id. // S0-25
 */
agent_id: string | null, 
/**
 * Only this queue, by the source's queue id. // S0-25
 */
queue_id: string | null, };

/**
 * The latest search of a case.
 */
export type SearchView = { 
/**
 * `none`, `running`, `done` or `failed`.
 */
state: string, 
/**
 * Why it failed, in words.
 */
failure: string | null, 
/**
 * What was typed.
 */
start: string, 
/**
 * What was typed.
 */
end: string, 
/**
 * What was typed.
 */
zone: string, 
/**
 * The bounds, once resolved.
 */
range: RangeView | null, 
/**
 * When it ran.
 */
ran_at_utc: string | null, 
/**
 * Each source's coverage.
 */
sources: Array<SourceCoverageView>, 
/**
 * What was found, by start.
 */
found: Array<FoundCallView>, 
/**
 * Whether the list is frozen.
 */
frozen: FrozenView | null, };

/**
 * A place that was looked into beside the calls themselves.
 */
export type SearchedPlaceView = { 
/**
 * `data_subjects`, `external_contacts` or `orphans`.
 */
place: string, 
/**
 * `searched`, `cut`, `not_permitted` or `failed`.
 */
outcome: string, 
/**
 * How many entries fit.
 */
found: number, 
/**
 * The missing permission, or why it failed.
 */
reason: string | null, };

/**
 * Signs a person in at this desk.
 */
export type SignInReq = { 
/**
 * Account id: letters, digits, `.`, `-`, `_`, `@`.
 */
person_id: string, 
/**
 * What they may do.
 */
role: RoleName, };

/**
 * Connects a Genesys Cloud organization as the person who signs in with the browser.
 */
export type SignInSourceReq = { 
/**
 * Region by its domain or cloud region, such as `mypurecloud.de`; not needed with explicit URLs.
 */
region: string | null, 
/**
 * API base URL, for the sandbox or a gateway.
 */
api_url: string | null, 
/**
 * Login base URL, for the sandbox or a gateway.
 */
login_url: string | null, 
/**
 * Further hosts that recordings come from, as in [`ConnectSourceReq`]. // B8
 */
media_hosts: Array<string> | null, 
/**
 * Id of an OAuth client for persons, with PKCE; it has no secret.
 */
client_id: string, 
/**
 * Port of the redirect address that is registered with the client; left out: 28147.
 */
redirect_port: number | null, 
/**
 * Accept a person who may do more than needed, for this reason. // S0-22
 */
accept_excess_reason: string | null, };

/**
 * How much of a source was seen. // S0-40
 */
export type SourceCoverageView = { 
/**
 * The source.
 */
source: string, 
/**
 * `complete`, `partial` or `failed`.
 */
coverage: string, 
/**
 * Why it is not complete.
 */
reason: string | null, 
/**
 * How many it found.
 */
found: number, 
/**
 * Calls after this instant may be missing.
 */
index_complete_until_utc: string | null, 
/**
 * Divisions that were searched.
 */
divisions: Array<string>, 
/**
 * How many requests were sent.
 */
queries: number, 
/**
 * Where else was looked: contacts to search by, recordings without a conversation.
 */
places: Array<SearchedPlaceView>, 
/**
 * Recordings of the range that no conversation leads to; only their sound tells whose they are.
 */
orphans: Array<OrphanView>, };

/**
 * Names a source.
 */
export type SourceRef = { 
/**
 * Its id.
 */
source: string, };

/**
 * What the check of a source found. // S0-06, S0-22
 */
export type SourceReport = { 
/**
 * Whether it is connected now.
 */
connected: boolean, 
/**
 * Name of the organization.
 */
organization: string, 
/**
 * Region in words.
 */
region: string, 
/**
 * Divisions the credentials can see.
 */
divisions: Array<string>, 
/**
 * Permissions that are there and needed.
 */
granted: Array<string>, 
/**
 * Permissions that are needed and not there.
 */
missing: Array<string>, 
/**
 * Permissions that are there and not needed.
 */
excess: Array<string>, };

/**
 * Names a span of a call.
 */
export type SpanRef = { 
/**
 * Case number.
 */
case_id: string, 
/**
 * Number of the call within the case, from 1.
 */
call: number, 
/**
 * Id of the span within the call's plan.
 */
span_id: string, };

/**
 * One span.
 */
export type SpanView = { 
/**
 * Id within the plan.
 */
id: string, 
/**
 * Padded start.
 */
start_ms: number, 
/**
 * Padded end, exclusive.
 */
end_ms: number, 
/**
 * Start of the first word.
 */
raw_start_ms: number, 
/**
 * End of the last word, exclusive.
 */
raw_end_ms: number, 
/**
 * Channel that is replaced; all when empty.
 */
channel: number | null, 
/**
 * Channel on which it was spoken.
 */
spoken_on: number | null, 
/**
 * Stable name of the kind.
 */
entity: string, 
/**
 * 0.0 to 1.0.
 */
score: number, 
/**
 * Score at which the policy decides alone.
 */
threshold: number, 
/**
 * `requestor`, `agent`, `third_party` or `unknown`.
 */
owner: string, 
/**
 * `redact`, `review` or `keep`.
 */
decision: string, 
/**
 * Name of the recognizer.
 */
recognizer: string, 
/**
 * Why it was found.
 */
explanation: Array<string>, 
/**
 * `policy`, or the id of the person who decided.
 */
decided_by: string, 
/**
 * Reason of the last decision, if one was given.
 */
reason: string | null, 
/**
 * `detected` or `manual`.
 */
origin: string, };

/**
 * Starts an export, or goes on with the one of the same name.
 */
export type StartExportReq = { 
/**
 * Name of its folder in the delivery folder: letters, digits, `-` and `_`.
 */
name: string, 
/**
 * The query to the letter.
 */
query: string, 
/**
 * First local date and time inside, `2026-03-01T00:00`.
 */
start: string, 
/**
 * First local date and time after.
 */
end: string, 
/**
 * IANA zone.
 */
zone: string, 
/**
 * Whether to write a load file for review platforms.
 */
load_file: boolean, 
/**
 * Whether to lay the folder out as a BagIt bag.
 */
bag: boolean, 
/**
 * Why to go on although a source does not show everything.
 */
partial_reason: string | null, };

/**
 * What the status bar and the first screen show.
 */
export type Status = { 
/**
 * The person at this desk, if signed in.
 */
person: Person | null, 
/**
 * The connected sources; the organization's platform comes first.
 */
sources: Array<ConnectedSource>, 
/**
 * Number of entries of the audit log.
 */
log_size: number, 
/**
 * Jobs that run or wait, over all cases.
 */
jobs_open: number, 
/**
 * Where delivered packages are put, for display.
 */
delivery_folder: string, 
/**
 * Cases that are not closed.
 */
cases_open: number, 
/**
 * Version of the product.
 */
version: string, 
/**
 * What the last drill of the detector found; absent before the first. // B16
 */
drill?: DrillView, };

/**
 * A stretch to listen to.
 */
export type StretchView = { 
/**
 * Start.
 */
start_ms: number, 
/**
 * End, exclusive.
 */
end_ms: number, };

/**
 * A transcript in turns.
 */
export type TranscriptView = { 
/**
 * By start.
 */
turns: Array<TurnView>, };

/**
 * One turn.
 */
export type TurnView = { 
/**
 * `customer`, `agent`, `mixed` or `unknown`.
 */
party: string, 
/**
 * Start.
 */
start_ms: number, 
/**
 * End, exclusive.
 */
end_ms: number, 
/**
 * Words and hidden spans in order.
 */
pieces: Array<PieceView>, };

/** Every command: its request and its answer. */
export interface Commands {
  get_status: { request: Empty; answer: Status };
  sign_in: { request: SignInReq; answer: Status };
  connect_source: { request: ConnectSourceReq; answer: SourceReport };
  cancel_sign_in: { request: Empty; answer: Done };
  sign_out_source: { request: Empty; answer: Done };
  add_source: { request: AddSourceReq; answer: SourceReport };
  remove_source: { request: SourceRef; answer: Done };
  list_cases: { request: ListCasesReq; answer: CaseList };
  preview_deadline: { request: PreviewDeadlineReq; answer: DeadlineView };
  open_case: { request: OpenCaseReq; answer: CaseDetail };
  get_case: { request: CaseRef; answer: CaseDetail };
  reveal_requestor: { request: CaseRef; answer: RequestorView };
  record_identity_check: { request: IdentityCheckReq; answer: Done };
  preview_range: { request: PreviewRangeReq; answer: RangeView };
  search_recordings: { request: SearchReq; answer: JobStarted };
  get_search: { request: CaseRef; answer: SearchView };
  freeze_list: { request: FreezeReq; answer: Done };
  start_retrieval: { request: CaseRef; answer: JobStarted };
  list_calls: { request: CaseRef; answer: CallList };
  list_jobs: { request: CaseRef; answer: JobList };
  cancel_jobs: { request: CaseRef; answer: Done };
  retry_jobs: { request: CaseRef; answer: JobStarted };
  retry_hold: { request: CaseRef; answer: JobStarted };
  get_review: { request: CallRef; answer: ReviewView };
  get_peaks: { request: PeaksReq; answer: PeaksView };
  reveal_span: { request: SpanRef; answer: RevealedText };
  reveal_transcript: { request: CallRef; answer: TranscriptView };
  decide_span: { request: DecideSpanReq; answer: Done };
  accept_missing_call: { request: AcceptMissingReq; answer: Done };
  close_case: { request: CloseCaseReq; answer: CaseDetail };
  restore_call: { request: CallRef; answer: Done };
  add_span: { request: AddSpanReq; answer: Done };
  undo_decision: { request: CallRef; answer: Done };
  list_corrections: { request: ListCorrectionsReq; answer: CorrectionList };
  remove_correction: { request: CorrectionRef; answer: Done };
  run_drill: { request: Empty; answer: DrillView };
  finish_review: { request: CallRef; answer: Done };
  approve_call: { request: CallRef; answer: Done };
  return_call: { request: ReturnCallReq; answer: Done };
  preflight_package: { request: CaseRef; answer: Preflight };
  seal_package: { request: SealReq; answer: JobStarted };
  get_package: { request: CaseRef; answer: PackageView };
  list_packages: { request: Empty; answer: PackageList };
  reveal_passphrase: { request: CaseRef; answer: PassphraseView };
  deliver_package: { request: DeliverReq; answer: DeliveryView };
  verify_package: { request: CaseRef; answer: ReportView };
  list_audit: { request: ListAuditReq; answer: AuditPage };
  verify_audit: { request: Empty; answer: ReportView };
  export_audit: { request: Empty; answer: ExportedFolder };
  start_export: { request: StartExportReq; answer: Done };
  get_export: { request: Empty; answer: ExportView };
  cancel_export: { request: Empty; answer: Done };
  start_sandbox: { request: Empty; answer: SourceReport };
  leave_sandbox: { request: Empty; answer: Done };
  sign_in_source: { request: SignInSourceReq; answer: SourceReport };
  play_audio: { request: PlayReq; answer: Done };
  stop_audio: { request: Empty; answer: Done };
}
