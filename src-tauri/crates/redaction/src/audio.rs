//! What can be wrong with an audio file, whatever its format.

use std::io;

/// A repair that was needed to read the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AudioWarning {
    /// The header says 0 or "unknown" bytes of audio; the audio was read to the end of the file.
    DataSizeUnknown,
    /// The header says more audio than the file has: the file is probably truncated.
    DataSizePastEnd,
    /// The last frame is incomplete and was left out.
    PartialFrame,
    /// A chunk of odd length has no padding byte.
    MissingPadding,
    /// The declared byte size of a frame contradicts encoding and channels.
    BlockAlign,
    /// The stream has no end mark.
    NoEnd,
    /// Bytes that are no sound stand between frames.
    Junk,
}

impl AudioWarning {
    /// One sentence for the custody record.
    pub const fn text(self) -> &'static str {
        match self {
            Self::DataSizeUnknown => "the header gives no audio size; read to the end of the file",
            Self::DataSizePastEnd => "the header announces more audio than the file has",
            Self::PartialFrame => "the last frame is incomplete and was left out",
            Self::MissingPadding => "a chunk of odd length has no padding byte",
            Self::NoEnd => "the stream has no end mark; it may be cut off",
            Self::Junk => "bytes that are no sound stand between frames; they were left out",
            Self::BlockAlign => "the declared frame size contradicts encoding and channels",
        }
    }
}

/// Why bytes cannot be read as audio.
#[derive(Debug, thiserror::Error)]
pub enum AudioError {
    /// Nothing that is read here.
    #[error("the file is not audio in a known format; check what it is by its first bytes")]
    NotAudio,
    /// A structure that cannot be followed.
    #[error("the audio file is broken: {what}; retrieve the recording again or convert it first")]
    Malformed {
        /// What is wrong.
        what: &'static str,
    },
    /// A codec that is not read here.
    #[error("the file holds {codec}, which cannot be read here; retrieve it as PCM or G.711")]
    Unsupported {
        /// Name or tag of the codec.
        codec: String,
    },
    /// Not a single frame of audio. // S0-71
    #[error("the file holds no audio; a recording without audio can never be delivered")]
    NoAudio,
    /// The bytes could not be read.
    #[error("the audio could not be read")]
    Io(#[from] io::Error),
}
