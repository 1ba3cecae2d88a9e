//! Where the media of a recording is: as the corpus has it, or as a test or a restoration changed it.

use jiff::Timestamp;

use crate::{corpus::Recording, state::Organization};

/// `fileState` of a recording.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileState {
    /// It can be fetched.
    Available,
    /// In the archive.
    Archived,
    /// On its way out of the archive.
    Restoring,
    /// Out of the archive for a while.
    Restored,
    /// The call has just ended.
    Uploading,
    /// Retention deleted it.
    Deleted,
    /// The platform cannot give it.
    Error,
}

/// A state that differs from the corpus.
pub(crate) struct Changed {
    state: FileState,
    /// Until when it is restored.
    until_utc: Option<Timestamp>,
    /// How often somebody asked since the restoration began.
    asked: u32,
}

/// Times the metadata says RESTORING; the platform takes hours.
const RESTORING_ANSWERS: u32 = 2;

impl FileState {
    // Genesys: `fileState` of the definition of 2026-07-19.
    const fn name(self) -> &'static str {
        match self {
            Self::Available => "AVAILABLE",
            Self::Archived => "ARCHIVED",
            Self::Restoring => "RESTORING",
            Self::Restored => "RESTORED",
            Self::Uploading => "UPLOADING",
            Self::Deleted => "DELETED",
            Self::Error => "ERROR",
        }
    }
}

impl Organization {
    pub(crate) fn change_file_state(&self, recording_id: &str, state: FileState) {
        self.change(recording_id, state, None);
    }

    /// Begins to bring a recording out of the archive.
    pub(crate) fn restore(&self, recording_id: &str, until_utc: Timestamp) {
        self.change(recording_id, FileState::Restoring, Some(until_utc));
    }

    fn change(&self, recording_id: &str, state: FileState, until_utc: Option<Timestamp>) {
        let changed = Changed {
            state,
            until_utc,
            asked: 0,
        };
        let mut memory = self.memory();
        memory.file_states.insert(recording_id.to_owned(), changed);
    }

    /// The state, and until when it is restored.
    pub(crate) fn file_state(&self, recording: &Recording) -> (String, Option<Timestamp>) {
        match self.memory().file_states.get(&recording.id) {
            Some(changed) => (changed.state.name().to_owned(), changed.until_utc),
            None => (recording.file_state.clone(), None),
        }
    }

    /// Whether the media can be had now.
    pub(crate) fn has_media(&self, recording: &Recording) -> bool {
        let state = self.file_state(recording).0;
        recording.frames > 0 && matches!(state.as_str(), "AVAILABLE" | "RESTORED")
    }

    /// Somebody asked for the metadata: restorations move on, and what is restored for too long goes back.
    pub(crate) fn advance_restoration(&self, recording_id: &str) {
        let now_utc = self.now_utc();
        let mut memory = self.memory();
        let Some(changed) = memory.file_states.get_mut(recording_id) else {
            return;
        };
        changed.asked = changed.asked.saturating_add(1);
        let is_over = changed.until_utc.is_some_and(|until| until <= now_utc);
        match changed.state {
            FileState::Restoring
                if changed.until_utc.is_some() && changed.asked > RESTORING_ANSWERS =>
            {
                changed.state = FileState::Restored;
            }
            FileState::Restored if is_over => {
                changed.state = FileState::Archived;
                changed.until_utc = None;
            }
            _ => {}
        }
    }
}
