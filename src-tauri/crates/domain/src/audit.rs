//! What is written into the audit log.

/// Something the log records. The stable names are part of the log's format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the variants are the names of the actions")]
pub enum AuditAction {
    LogStarted,
    SourceConnected,
    SourceRefused,
    CaseOpened,
    IdentityChecked,
    SearchRun,
    ListFrozen,
    RetrievalStarted,
    RecordingRetrieved,
    RecordingNotRetrieved,
    TranscriptStored,
    DetectionDone,
    SpanDecided,
    SpanAdded,
    OriginalAudioPlayed,
    TextRevealed,
    ReviewFinished,
    CallApproved,
    CallReturned,
    RecordingRedacted,
    VerificationFailed,
    PackageIntent,
    PackageSealed,
    DeliverIntent,
    RecordingDelivered,
    PackageDelivered,
    DeliveryRefused,
    CaseClosed,
    JobCancelled,
    JobsRetried,
    CallMissingAccepted,
    SiemAck,
}

impl AuditAction {
    /// The stable name in the log, `PACKAGE_DELIVERED`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::LogStarted => "LOG_STARTED",
            Self::SourceConnected => "SOURCE_CONNECTED",
            Self::SourceRefused => "SOURCE_REFUSED",
            Self::CaseOpened => "CASE_OPENED",
            Self::IdentityChecked => "IDENTITY_CHECKED",
            Self::SearchRun => "SEARCH_RUN",
            Self::ListFrozen => "LIST_FROZEN",
            Self::RetrievalStarted => "RETRIEVAL_STARTED",
            Self::RecordingRetrieved => "RECORDING_RETRIEVED",
            Self::RecordingNotRetrieved => "RECORDING_NOT_RETRIEVED",
            Self::TranscriptStored => "TRANSCRIPT_STORED",
            Self::DetectionDone => "DETECTION_DONE",
            Self::SpanDecided => "SPAN_DECIDED",
            Self::SpanAdded => "SPAN_ADDED",
            Self::OriginalAudioPlayed => "ORIGINAL_AUDIO_PLAYED",
            Self::TextRevealed => "TEXT_REVEALED",
            Self::ReviewFinished => "REVIEW_FINISHED",
            Self::CallApproved => "CALL_APPROVED",
            Self::CallReturned => "CALL_RETURNED",
            Self::RecordingRedacted => "RECORDING_REDACTED",
            Self::VerificationFailed => "VERIFICATION_FAILED",
            Self::PackageIntent => "PACKAGE_INTENT",
            Self::PackageSealed => "PACKAGE_SEALED",
            Self::DeliverIntent => "DELIVER_INTENT",
            Self::RecordingDelivered => "RECORDING_DELIVERED",
            Self::PackageDelivered => "PACKAGE_DELIVERED",
            Self::DeliveryRefused => "DELIVERY_REFUSED",
            Self::CaseClosed => "CASE_CLOSED",
            Self::JobCancelled => "JOB_CANCELLED",
            Self::JobsRetried => "JOBS_RETRIED",
            Self::CallMissingAccepted => "CALL_MISSING_ACCEPTED",
            Self::SiemAck => "SIEM_ACK",
        }
    }
}
