//! Recordings and what became of them.

use crate::digest::Sha256Digest;

/// Whether a source still has the media of a recording.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MediaState {
    /// It can be fetched.
    Available,
    /// It is still being written; ask again later.
    Pending,
    /// It must be restored from an archive first, which takes hours.
    Archived,
    /// The source deleted it.
    Deleted,
    /// The source reports a fault.
    Faulty,
}

/// The audio format that is asked of a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MediaFormat {
    /// Linear PCM in RIFF/WAVE: redacted bit-exactly outside the spans.
    Wav,
    /// G.711 µ-law in RIFF/WAVE.
    WavUlaw,
    /// MPEG layer III.
    Mp3,
    /// Opus in WebM.
    WebmOpus,
    /// Opus in Ogg.
    OggOpus,
}

impl MediaFormat {
    /// The file extension that fits the content. // S2-26
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Wav | Self::WavUlaw => "wav",
            Self::Mp3 => "mp3",
            Self::WebmOpus => "webm",
            Self::OggOpus => "ogg",
        }
    }
}

/// The one end state of a found recording. Their counts sum up to the number found. // B14
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum EndState {
    /// In custody.
    Retrieved,
    /// The source no longer has it. // S2-45
    Purged,
    /// What arrived is not the recording: empty, too short, too long, or not audio. // S2-50
    Corrupted {
        /// What was found to be wrong.
        reason: String,
    },
    /// The audio uses a codec that this version cannot check.
    Unsupported {
        /// The codec's name.
        codec: String,
    },
    /// Not disclosed, on a legal ground.
    Withheld {
        /// The ground.
        ground: String,
    },
    /// The same call as another one of the list.
    Duplicate,
    /// The source could not deliver it within the limits.
    Unavailable {
        /// Why.
        reason: String,
    },
}

impl EndState {
    /// The stable name in files.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Retrieved => "retrieved",
            Self::Purged => "purged",
            Self::Corrupted { .. } => "corrupted",
            Self::Unsupported { .. } => "unsupported",
            Self::Withheld { .. } => "withheld",
            Self::Duplicate => "duplicate",
            Self::Unavailable { .. } => "unavailable",
        }
    }

    /// The detail that goes with the state, if any.
    pub fn detail(&self) -> Option<&str> {
        match self {
            Self::Corrupted { reason } | Self::Unavailable { reason } => Some(reason),
            Self::Unsupported { codec } => Some(codec),
            Self::Withheld { ground } => Some(ground),
            Self::Retrieved | Self::Purged | Self::Duplicate => None,
        }
    }

    /// Puts name and detail together again.
    pub fn from_parts(name: &str, detail: Option<String>) -> Option<Self> {
        let detail = detail.unwrap_or_default();
        Some(match name {
            "retrieved" => Self::Retrieved,
            "purged" => Self::Purged,
            "corrupted" => Self::Corrupted { reason: detail },
            "unsupported" => Self::Unsupported { codec: detail },
            "withheld" => Self::Withheld { ground: detail },
            "duplicate" => Self::Duplicate,
            "unavailable" => Self::Unavailable { reason: detail },
            _ => return None,
        })
    }
}

/// An original in custody: bytes as received, never changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Original {
    /// Digest of the bytes as received.
    pub sha256: Sha256Digest,
    /// Number of bytes.
    pub size_bytes: u64,
    /// Length of the decoded audio, in milliseconds.
    pub duration_ms: u64,
    /// Frames per second.
    pub sample_rate_hz: u32,
    /// Number of channels.
    pub channels: u16,
    /// Content type as received, without parameters.
    pub content_type: String,
}

/// Largest difference between decoded and reported length that is still the same recording. // S2-50
pub const DURATION_TOLERANCE_MS: u64 = 1_000;

/// Compares the decoded length with what the source reported. // S2-50
///
/// # Errors
/// The reason, when the audio is empty or the lengths differ by more than [`DURATION_TOLERANCE_MS`].
pub fn check_duration(decoded_ms: u64, reported_ms: Option<u64>) -> Result<(), String> {
    if decoded_ms == 0 {
        return Err("the audio has no samples".to_owned());
    }
    match reported_ms {
        Some(reported) if reported.abs_diff(decoded_ms) > DURATION_TOLERANCE_MS => Err(format!(
            "the audio lasts {decoded_ms} ms, the source reported {reported} ms"
        )),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn end_states_survive_the_round_trip_through_names() {
        let states = [
            EndState::Retrieved,
            EndState::Purged,
            EndState::Corrupted { reason: "r".into() },
            EndState::Unsupported {
                codec: "G.729".into(),
            },
            EndState::Withheld { ground: "g".into() },
            EndState::Duplicate,
            EndState::Unavailable { reason: "u".into() },
        ];
        for state in states {
            let detail = state.detail().map(str::to_owned);
            assert_eq!(EndState::from_parts(state.name(), detail), Some(state));
        }
        assert_eq!(EndState::from_parts("lost", None), None);
    }

    // S0-71, S2-50
    #[test]
    fn empty_and_wrong_lengths_are_refused() {
        assert!(check_duration(0, None).is_err());
        assert!(check_duration(0, Some(0)).is_err());
        assert!(check_duration(300_000, Some(301_000)).is_ok());
        assert!(check_duration(30_000, Some(300_000)).is_err());
        assert!(check_duration(30_000, None).is_ok());
    }
}
