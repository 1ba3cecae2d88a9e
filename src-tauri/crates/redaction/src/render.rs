//! Writes the redacted audio: a pure function of original, plan and seeds.
//!
//! What is redacted stays in its own codec where that can be done exactly, and everything outside
//! the spans stays as it was: plain samples are overwritten (`samples`), MP3 frames emptied
//! (`mp3`), Opus packets exchanged (`opus`), FLAC frames written again (`flac`). Other codecs
//! are decoded and leave as 16-bit WAV, which is the declared loss.
//!
//! The spans are overwritten while copying, piece by piece, so memory stays flat and an interrupted
//! file never holds personal data.

pub(crate) mod flac;
pub(crate) mod mp3;
pub(crate) mod opus;
mod patch;
pub(crate) mod runs;
mod samples;

use std::{
    collections::BTreeMap,
    io::{self, Read, Seek, Write},
};

use domain::{digest::Sha256Digest, ids::SpanId, plan::RedactionPlan};
use sha2::{Digest, Sha256};

pub use crate::ranges::{FADE_MS, ReplacedRange, SpanSeed};
use crate::{
    audio::{AudioError, AudioWarning},
    decode::CodecKind,
    pcm::PcmReader,
    ranges::{MissingSeed, replaced_ranges},
    wav::{Container, WavInfo},
};

/// What rendering produced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// Digest of every byte of the original file.
    pub original_sha256: Sha256Digest,
    /// Digest of every byte that was written.
    pub redacted_sha256: Sha256Digest,
    /// Bytes written.
    pub size_bytes: u64,
    /// Frames in both files.
    pub frames: u64,
    /// What was replaced; verification and manifest need it.
    pub ranges: Vec<ReplacedRange>,
    /// What had to be repaired to read the original.
    pub warnings: Vec<AudioWarning>,
    /// The format that leaves.
    pub delivered: Delivered,
}

/// The format that leaves: that of the original, or WAV where its codec cannot be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Delivered {
    /// Plain samples in the original's container, every byte outside the spans the original's.
    Samples(Container),
    /// MP3 frames; those outside the spans are the original's.
    Mp3,
    /// Opus packets in Ogg; those outside the spans are the original's.
    Opus,
    /// FLAC frames; those outside the spans are the original's.
    Flac,
    /// Decoded and delivered as 16-bit WAV: the declared loss.
    Converted,
}

impl Delivered {
    /// What a file with this sound is delivered as.
    pub fn of<R: Read + Seek>(audio: &PcmReader<R>) -> Self {
        match audio.codec_kind() {
            None => Self::Samples(audio.info().container),
            Some(CodecKind::Mp3) => Self::Mp3,
            Some(CodecKind::Opus) => Self::Opus,
            Some(CodecKind::Flac { .. }) => Self::Flac,
            Some(CodecKind::Block(_) | CodecKind::Vorbis { .. } | CodecKind::Aac { .. }) => {
                Self::Converted
            }
        }
    }

    /// The name in records.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Samples(_) => "samples overwritten in place",
            Self::Mp3 => "MP3 frames emptied",
            Self::Opus => "Opus packets exchanged",
            Self::Flac => "FLAC frames written again",
            Self::Converted => "decoded and delivered as 16-bit WAV",
        }
    }

    /// What has this ending, if anything that is delivered has it.
    pub fn from_extension(extension: &str) -> Option<Self> {
        let all = [
            Self::Samples(Container::Wav),
            Self::Samples(Container::Wave64),
            Self::Samples(Container::Au),
            Self::Mp3,
            Self::Opus,
            Self::Flac,
        ];
        all.into_iter().find(|it| it.extension() == extension)
    }

    /// The ending of a file name.
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Samples(Container::Wav) | Self::Converted => "wav",
            Self::Samples(Container::Wave64) => "w64",
            Self::Samples(Container::Au) => "au",
            Self::Mp3 => "mp3",
            Self::Opus => "ogg",
            Self::Flac => "flac",
        }
    }
}

/// Why nothing was rendered. What was written so far must be thrown away.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    /// The original is not audio that can be edited here.
    #[error(transparent)]
    Audio(#[from] AudioError),
    /// The plan was made for audio of another length.
    #[error(
        "the redaction plan is for {plan_ms} ms of audio, but the recording has {audio_ms} ms; \
         make a new plan for this recording"
    )]
    OtherLength {
        /// Length in the plan.
        plan_ms: u64,
        /// Length of the audio.
        audio_ms: u64,
    },
    /// The plan names a channel that is not there.
    #[error("span `{span}` is on channel {channel}, but the recording has {channels} channels")]
    NoSuchChannel {
        /// The span.
        span: SpanId,
        /// Its channel.
        channel: u8,
        /// Channels of the recording.
        channels: u16,
    },
    /// A replaced span has no seed.
    #[error("span `{span}` has no seed; draw one random seed for each replaced span")]
    MissingSeed {
        /// The span.
        span: SpanId,
    },
    /// The original could not be read or the output could not be written.
    #[error("the audio could not be copied")]
    Io(#[from] io::Error),
}

impl From<MissingSeed> for RenderError {
    fn from(MissingSeed(span): MissingSeed) -> Self {
        Self::MissingSeed { span }
    }
}

/// The spans of a plan that need a seed: all that are replaced.
pub fn spans_to_seed(plan: &RedactionPlan) -> impl Iterator<Item = &SpanId> {
    plan.spans
        .iter()
        .filter(|span| span.is_replaced())
        .map(|span| &span.id)
}

/// Copies `original` to `out` with every replaced span of `plan` overwritten. // S0-47, S0-51
///
/// # Errors
/// When the original is not audio that can be redacted here, does not belong to the plan, or a seed
/// is missing.
pub fn render(
    original: &mut (impl Read + Seek),
    out: &mut impl Write,
    plan: &RedactionPlan,
    seeds: &BTreeMap<SpanId, SpanSeed>,
) -> Result<Rendered, RenderError> {
    let mut audio = PcmReader::open(&mut *original)?;
    let (info, delivered) = (audio.info().clone(), Delivered::of(&audio));
    check_plan(plan, &info)?;
    let wanted = replaced_ranges(plan, &info, seeds)?;
    let mut out = HashingWriter {
        out,
        hash: Sha256::new(),
        size_bytes: 0,
    };
    let (ranges, seen) = match delivered {
        Delivered::Samples(_) => {
            let seen = samples::in_place(&mut audio, &mut out, &info, &wanted)?;
            (wanted, Some(seen))
        }
        Delivered::Converted => {
            samples::converted(&mut audio, &mut out, &info, &wanted)?;
            (wanted, None)
        }
        Delivered::Flac => {
            drop(audio);
            flac::render(original, &mut out, &info, &wanted)?;
            (wanted, None)
        }
        Delivered::Opus => (opus::render(original, &mut out, &info, &wanted)?, None),
        Delivered::Mp3 => (mp3::render(original, &mut out, &info, &wanted)?, None),
    };
    out.flush()?;
    let original_sha256 = match seen {
        Some(digest) => digest,
        None => samples::digest_of(original)?,
    };
    Ok(Rendered {
        original_sha256,
        redacted_sha256: digest(out.hash),
        size_bytes: out.size_bytes,
        frames: info.frames,
        ranges,
        warnings: info.warnings,
        delivered,
    })
}

fn digest(hash: Sha256) -> Sha256Digest {
    Sha256Digest::new(hash.finalize().into())
}

fn check_plan(plan: &RedactionPlan, info: &WavInfo) -> Result<(), RenderError> {
    let (plan_ms, audio_ms) = (plan.duration_ms, info.duration_ms());
    // One millisecond of tolerance for plans that rounded the length down.
    if plan_ms.abs_diff(audio_ms) > 1 {
        return Err(RenderError::OtherLength { plan_ms, audio_ms });
    }
    for span in plan.spans.iter().filter(|span| span.is_replaced()) {
        if let Some(channel) = span
            .channel
            .filter(|&channel| u16::from(channel) >= info.channels)
        {
            let (span, channels) = (span.id.clone(), info.channels);
            return Err(RenderError::NoSuchChannel {
                span,
                channel,
                channels,
            });
        }
    }
    Ok(())
}

struct HashingWriter<'a, W> {
    out: &'a mut W,
    hash: Sha256,
    size_bytes: u64,
}

impl<W: Write> Write for HashingWriter<'_, W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.out.write(bytes)?;
        self.hash.update(&bytes[..written]);
        self.size_bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
