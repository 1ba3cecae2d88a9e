//! Where the sound of a file lies and how it is coded, before anything is said about editing it.

use super::{Container, Encoding, MAX_CHANNELS, MAX_SAMPLE_RATE_HZ, WavInfo};
use crate::{
    audio::{AudioError, AudioWarning},
    decode::BlockCodec,
};

/// Sizes from here up are placeholders of streaming writers (0x7FFFFFFF, 0xFFFFFFFF and near them).
const PLACEHOLDER_SIZE: u64 = 0x7fff_ff00;

/// How sound is coded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Coding {
    /// One sample after the other: can be edited in place.
    Samples(Encoding),
    /// Blocks that must be decoded.
    Blocks(BlockCodec),
    /// A whole MPEG audio stream inside the file.
    Mp3,
}

/// What a header says about the sound, checked for sense.
#[derive(Debug, Clone)]
pub(crate) struct Format {
    pub(crate) coding: Coding,
    pub(crate) channels: u16,
    pub(crate) sample_rate_hz: u32,
    pub(crate) warning: Option<AudioWarning>,
}

impl Format {
    /// # Errors
    /// When number of channels or sample rate cannot be.
    pub(super) fn new(
        coding: Coding,
        channels: u32,
        sample_rate_hz: u32,
    ) -> Result<Self, AudioError> {
        let channels = u16::try_from(channels).unwrap_or(0);
        if channels == 0 || channels > MAX_CHANNELS {
            return Err(AudioError::Malformed {
                what: "the number of channels is not 1 to 32",
            });
        }
        if sample_rate_hz == 0 || sample_rate_hz > MAX_SAMPLE_RATE_HZ {
            return Err(AudioError::Malformed {
                what: "the sample rate is not 1 to 768000 Hz",
            });
        }
        Ok(Self {
            coding,
            channels,
            sample_rate_hz,
            warning: None,
        })
    }
}

/// How many bytes of sound a header announces.
#[derive(Debug, Clone, Copy)]
pub(super) enum Announced {
    /// This many; a placeholder of a 32-bit field counts as unknown.
    Narrow(u64),
    /// This many, from a 64-bit field.
    Wide(u64),
}

/// A file's sound: what it is and where it lies.
#[derive(Debug, Clone)]
pub(crate) struct Layout {
    pub(crate) container: Container,
    pub(crate) format: Format,
    pub(crate) data_offset: u64,
    pub(crate) data_len: u64,
    /// Number of frames by the `fact` chunk, for codecs whose last block is filled up.
    pub(crate) announced_frames: Option<u64>,
    pub(crate) warnings: Vec<AudioWarning>,
}

impl Layout {
    /// Sets the length, by the header where it can be right and by the file where it cannot.
    /// `trailing` is the length of what stands behind the sound when the header does not tell.
    pub(super) fn measure(&mut self, announced: Announced, file_len: u64, trailing: u64) {
        let available = file_len.saturating_sub(self.data_offset);
        let (len, is_unknown) = match announced {
            Announced::Narrow(len) => (
                len,
                len == 0 || (len >= PLACEHOLDER_SIZE && len > available),
            ),
            Announced::Wide(len) => (len, len == 0),
        };
        self.data_len = if is_unknown {
            self.warnings.push(AudioWarning::DataSizeUnknown);
            available.saturating_sub(trailing)
        } else if len > available {
            self.warnings.push(AudioWarning::DataSizePastEnd);
            available
        } else {
            len
        };
        self.warnings.extend(self.format.warning);
    }

    /// The same as samples that can be edited in place.
    ///
    /// # Errors
    /// When the sound is coded in blocks, or there is none.
    pub(crate) fn into_samples(mut self) -> Result<WavInfo, AudioError> {
        let Coding::Samples(encoding) = self.format.coding else {
            let codec = match self.format.coding {
                Coding::Blocks(codec) => codec.name(),
                Coding::Samples(_) | Coding::Mp3 => "MP3 in WAV",
            };
            let codec = codec.to_owned();
            return Err(AudioError::Unsupported { codec });
        };
        let frame_bytes = u64::from(self.format.channels) * encoding.sample_bytes() as u64;
        if !self.data_len.is_multiple_of(frame_bytes) {
            self.warnings.push(AudioWarning::PartialFrame);
        }
        let frames = self.data_len / frame_bytes;
        if frames == 0 {
            return Err(AudioError::NoAudio);
        }
        Ok(WavInfo {
            container: self.container,
            encoding,
            channels: self.format.channels,
            sample_rate_hz: self.format.sample_rate_hz,
            data_offset: self.data_offset,
            data_len: frames * frame_bytes,
            frames,
            warnings: self.warnings,
        })
    }
}
