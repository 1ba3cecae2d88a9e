//! Samples that lie in a file as they are: WAV, RF64, Wave64 and Sun audio, as recorders really write
//! them. Read with tolerance, written strictly.
//!
//! Recorders crash, stream and miscount, so sizes in headers are hints: audio reaches to the end of
//! the file where the header cannot be right, and each repair is a warning for the custody record.
//! What leaves has a header and samples and nothing else.

mod au;
mod header;
mod layout;
mod probe;
mod sample;
mod wave64;

pub use self::{
    header::{padding, write_header},
    sample::Encoding,
};
pub(crate) use self::{layout::Coding, probe::layout};
use crate::audio::AudioWarning;

/// More channels than any call recorder writes; a header that says more is broken.
pub const MAX_CHANNELS: u16 = 32;
/// No recorder samples faster; a header that says more is broken.
pub const MAX_SAMPLE_RATE_HZ: u32 = 768_000;

/// The header around samples that lie in a file as they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Container {
    /// RIFF/WAVE, or RF64 beyond 4 GiB.
    Wav,
    /// Sony Wave64.
    Wave64,
    /// Sun/NeXT audio, big endian.
    Au,
}

/// What an audio file holds and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WavInfo {
    /// What stands around the samples.
    pub container: Container,
    /// How samples are stored.
    pub encoding: Encoding,
    /// Number of interleaved channels, 1 to [`MAX_CHANNELS`].
    pub channels: u16,
    /// Frames per second.
    pub sample_rate_hz: u32,
    /// First byte of the samples.
    pub data_offset: u64,
    /// Bytes of samples, whole frames only.
    pub data_len: u64,
    /// Samples per channel; never 0.
    pub frames: u64,
    /// What had to be repaired while reading.
    pub warnings: Vec<AudioWarning>,
}

/// The name call sites use for reading: `Wav::probe`.
pub type Wav = WavInfo;

impl WavInfo {
    /// Bytes of one frame.
    pub fn frame_bytes(&self) -> usize {
        usize::from(self.channels) * self.encoding.sample_bytes()
    }

    /// Length in milliseconds, rounded up so that the last frame lies inside it.
    pub fn duration_ms(&self) -> u64 {
        self.frames_to_ms_ceil(self.frames)
    }

    fn frames_to_ms_ceil(&self, frames: u64) -> u64 {
        frames
            .saturating_mul(1000)
            .div_ceil(u64::from(self.sample_rate_hz))
    }

    /// Position of a frame in the file.
    pub fn frame_offset(&self, frame: u64) -> u64 {
        self.data_offset + frame * self.frame_bytes() as u64
    }
}
