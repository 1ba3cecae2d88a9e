//! Recordings that belong to no conversation: a search by person cannot find them, so they are shown apart.

use domain::{
    ids::{ConversationId, RecordingId},
    recording::MediaState,
    time_range::TimeRange,
};
use jiff::Timestamp;
use reqwest::Method;
use tokio_util::sync::CancellationToken;

use super::{
    Genesys,
    api::{Arguments, Operation},
    found::media_state,
    model::{OrphanEntry, OrphanPage, Recording},
};
use crate::{http::Purpose, source::SourceError};

// Genesys: `media=Call`; all orphans without `hasConversation` (API reference section 5.7, checked 2026-08).
const LIST: Operation = Operation {
    method: Method::GET,
    path: "/api/v2/orphanrecordings",
    name: "GET /api/v2/orphanrecordings",
    permission: "recording:orphan:view",
    purpose: Purpose::Metadata,
};

// Genesys: one orphan with its state (API reference appendix B, checked 2026-08).
const ONE: Operation = Operation {
    method: Method::GET,
    path: "/api/v2/orphanrecordings/{}",
    name: "GET /api/v2/orphanrecordings/{orphanId}",
    permission: "recording:orphan:view",
    purpose: Purpose::Metadata,
};

// Genesys: 202 until transcoded, then 200 with a `Recording` (API reference section 5.7, checked 2026-08).
pub(super) const MEDIA: Operation = Operation {
    method: Method::GET,
    path: "/api/v2/orphanrecordings/{}/media",
    name: "GET /api/v2/orphanrecordings/{orphanId}/media",
    permission: "recording:orphan:view",
    purpose: Purpose::Metadata,
};

/// Stands where a recording has no conversation; ids of the platform are UUIDs, so that none is this one.
const NO_CONVERSATION: &str = "no-conversation";

const PAGE_SIZE: u32 = 100;

/// Pages that are read.
// Genesys: 500 orphans are reachable (API reference section 5.7, checked 2026-08).
const MAX_PAGES: u32 = 5;

/// A call recording without a conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Orphan {
    /// Its id; it has no conversation to go with it.
    pub id: RecordingId,
    /// When it was made.
    pub created_utc: Option<Timestamp>,
    /// Why it is an orphan, in the words of the source, such as `UNKNOWN_CONVERSATION`.
    pub status: String,
    /// Size of the media, when known.
    pub size_bytes: Option<u64>,
    /// Whether the media can be had.
    pub media_state: MediaState,
    /// Where it is stored.
    pub region: Option<String>,
}

/// The orphans of a range.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Orphans {
    /// Those made in the range, and those whose time is not known; each once.
    pub found: Vec<Orphan>,
    /// Whether there are more than the source lets us see.
    pub is_cut: bool,
}

impl Orphan {
    /// What it has instead of a conversation.
    pub fn no_conversation() -> ConversationId {
        ConversationId::new(NO_CONVERSATION).expect("a fixed id is valid")
    }
}

/// Whether a recording is fetched as an orphan.
pub(super) fn is_orphan(conversation: &ConversationId) -> bool {
    conversation.as_str() == NO_CONVERSATION
}

impl Genesys {
    /// The state of an orphan, in the form of the metadata of a recording.
    pub(super) async fn orphan_metadata(
        &self,
        id: &RecordingId,
        cancel: &CancellationToken,
    ) -> Result<Recording, SourceError> {
        let arguments = Arguments {
            ids: &[id.as_str()],
            ..Arguments::default()
        };
        let orphan: OrphanEntry = self.read(&ONE, arguments, cancel).await?;
        Ok(Recording {
            file_state: orphan.file_state,
            start_time: orphan.created_time,
            region: orphan.region,
            ..Recording::default()
        })
    }

    /// Lists the orphans of a range. Whose they are, only their sound can tell.
    ///
    /// # Errors
    /// When the source cannot be asked, or `recording:orphan:view` is missing.
    pub async fn orphans(
        &self,
        range: TimeRange,
        cancel: &CancellationToken,
    ) -> Result<Orphans, SourceError> {
        let mut orphans = Orphans::default();
        for number in 1..=MAX_PAGES {
            let page = self.orphan_page(number, cancel).await?;
            let is_last =
                page.entities.is_empty() || page.page_count.is_none_or(|count| number >= count);
            let entries = page.entities.into_iter().filter_map(orphan);
            for orphan in entries.filter(|it| is_in(it, range)) {
                // Pages of a live list can repeat what the one before had.
                if !orphans.found.iter().any(|known| known.id == orphan.id) {
                    orphans.found.push(orphan);
                }
            }
            orphans.is_cut = !is_last;
            if is_last {
                break;
            }
        }
        Ok(orphans)
    }

    async fn orphan_page(
        &self,
        number: u32,
        cancel: &CancellationToken,
    ) -> Result<OrphanPage, SourceError> {
        let (size, number) = (PAGE_SIZE.to_string(), number.to_string());
        let query = [
            ("pageSize", size.as_str()),
            ("pageNumber", number.as_str()),
            ("hasConversation", "false"),
            ("media", "Call"),
        ];
        let arguments = Arguments {
            query: &query,
            ..Arguments::default()
        };
        self.read(&LIST, arguments, cancel).await
    }
}

fn orphan(entry: OrphanEntry) -> Option<Orphan> {
    Some(Orphan {
        id: RecordingId::new(entry.id?).ok()?,
        created_utc: entry.created_time,
        status: entry.orphan_status.unwrap_or_else(|| "UNKNOWN".to_owned()),
        size_bytes: entry.media_size_bytes,
        media_state: media_state(entry.file_state.as_deref()),
        region: entry.region,
    })
}

fn is_in(orphan: &Orphan, range: TimeRange) -> bool {
    orphan
        .created_utc
        .is_none_or(|at| range.start_utc <= at && at < range.end_utc)
}
