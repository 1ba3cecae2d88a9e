//! WAV and RF64 as recorders really write them: read with tolerance, written strictly.
//!
//! Recorders crash, stream and miscount, so sizes in headers are hints: audio reaches to the end of
//! the file where the header cannot be right, and each repair is a warning for the custody record.
//! What leaves has exactly two chunks, `fmt ` and `data` (and `ds64` beyond 4 GiB).

mod probe;
mod sample;

use std::io::{self, Write};

pub use self::sample::Encoding;

/// More channels than any call recorder writes; a header that says more is broken.
pub const MAX_CHANNELS: u16 = 32;
/// No recorder samples faster; a header that says more is broken.
pub const MAX_SAMPLE_RATE_HZ: u32 = 768_000;

/// What a WAV file holds and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WavInfo {
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
    pub warnings: Vec<WavWarning>,
}

/// The name call sites use for reading: `Wav::probe`.
pub type Wav = WavInfo;

/// A repair that was needed to read the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WavWarning {
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
}

impl WavWarning {
    /// One sentence for the custody record.
    pub const fn text(self) -> &'static str {
        match self {
            Self::DataSizeUnknown => "the header gives no audio size; read to the end of the file",
            Self::DataSizePastEnd => "the header announces more audio than the file has",
            Self::PartialFrame => "the last frame is incomplete and was left out",
            Self::MissingPadding => "a chunk of odd length has no padding byte",
            Self::BlockAlign => "the declared frame size contradicts encoding and channels",
        }
    }
}

/// Why bytes cannot be read as WAV audio.
#[derive(Debug, thiserror::Error)]
pub enum WavError {
    /// Not RIFF/WAVE or RF64 at all.
    #[error("the file is not a WAV file; check what it is by its first bytes")]
    NotWav,
    /// WAVE structure that cannot be followed.
    #[error("the WAV header is broken: {what}; retrieve the recording again or convert it first")]
    Malformed {
        /// What is wrong.
        what: &'static str,
    },
    /// A codec that is not read here.
    #[error("the WAV file holds {codec}, which cannot be edited here; retrieve it as PCM or G.711")]
    Unsupported {
        /// Name or tag of the codec.
        codec: String,
    },
    /// Not a single frame of audio. // S0-71
    #[error("the WAV file holds no audio; a recording without audio can never be delivered")]
    NoAudio,
    /// The bytes could not be read.
    #[error("the audio could not be read")]
    Io(#[from] io::Error),
}

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

/// Longest `data` chunk that a RIFF header can announce; longer ones need RF64.
const MAX_RIFF_DATA: u64 = u32::MAX as u64 - 64;

/// Writes the whole header of a file with the given audio; `data` bytes must follow, then
/// [`padding`] bytes.
///
/// # Errors
/// When `out` cannot be written.
pub fn write_header(out: &mut impl Write, info: &WavInfo) -> io::Result<()> {
    let fmt = fmt_chunk(info);
    let long = info.data_len > MAX_RIFF_DATA;
    let ds64_len = if long { 36 } else { 0 };
    let riff_len = 4 + ds64_len + fmt.len() as u64 + 8 + info.data_len + padding(info) as u64;
    let clip = |len: u64| u32::try_from(len).unwrap_or(u32::MAX).to_le_bytes();
    out.write_all(if long { b"RF64" } else { b"RIFF" })?;
    out.write_all(&if long { [0xff; 4] } else { clip(riff_len) })?;
    out.write_all(b"WAVE")?;
    if long {
        out.write_all(b"ds64")?;
        out.write_all(&28_u32.to_le_bytes())?;
        for value in [riff_len, info.data_len, info.frames] {
            out.write_all(&value.to_le_bytes())?;
        }
        out.write_all(&0_u32.to_le_bytes())?;
    }
    out.write_all(&fmt)?;
    out.write_all(b"data")?;
    out.write_all(&if long { [0xff; 4] } else { clip(info.data_len) })
}

/// Bytes to write after the samples so that the chunk ends on an even position.
pub fn padding(info: &WavInfo) -> usize {
    usize::from(info.data_len % 2 == 1)
}

fn fmt_chunk(info: &WavInfo) -> Vec<u8> {
    let frame_bytes = u16::try_from(info.frame_bytes()).expect("at most 32 channels of 4 bytes");
    let byte_rate = info.sample_rate_hz.saturating_mul(u32::from(frame_bytes));
    let bits = u16::try_from(info.encoding.sample_bytes() * 8).expect("at most 32 bits");
    let mut body = Vec::with_capacity(18);
    body.extend(info.encoding.format_tag().to_le_bytes());
    body.extend(info.channels.to_le_bytes());
    body.extend(info.sample_rate_hz.to_le_bytes());
    body.extend(byte_rate.to_le_bytes());
    body.extend(frame_bytes.to_le_bytes());
    body.extend(bits.to_le_bytes());
    if info.encoding.is_companded() {
        // Non-PCM formats carry the size of an extension, here none.
        body.extend([0, 0]);
    }
    let len = u32::try_from(body.len()).expect("16 or 18 bytes");
    let mut chunk = b"fmt ".to_vec();
    chunk.extend(len.to_le_bytes());
    chunk.extend(body);
    chunk
}
