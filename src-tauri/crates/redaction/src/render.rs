//! Writes the redacted audio: a pure function of original, plan and seeds.
//!
//! The spans are overwritten while copying, block by block, so memory stays flat and an interrupted
//! file never holds personal data. Both digests come out of the same pass.

use std::{
    collections::BTreeMap,
    io::{self, Read, Seek, SeekFrom, Write},
};

use domain::{digest::Sha256Digest, ids::SpanId, plan::RedactionPlan};
use sha2::{Digest, Sha256};

pub use crate::ranges::{FADE_MS, ReplacedRange, SpanSeed};
use crate::{
    noise::Replacement,
    pcm::PcmReader,
    ranges::{
        MissingSeed, channel_count, context_pieces, excluded, fade_frames, fade_weight,
        replaced_ranges,
    },
    wav::{self, WavError, WavInfo, WavWarning},
};

/// Bytes copied at a time.
const BLOCK_BYTES: usize = 256 * 1024;

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
    pub warnings: Vec<WavWarning>,
}

/// Why nothing was rendered. What was written so far must be thrown away.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    /// The original is not audio that can be edited here.
    #[error(transparent)]
    Wav(#[from] WavError),
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
/// When the original is not editable audio, does not belong to the plan, or a seed is missing.
pub fn render(
    original: &mut (impl Read + Seek),
    out: &mut impl Write,
    plan: &RedactionPlan,
    seeds: &BTreeMap<SpanId, SpanSeed>,
) -> Result<Rendered, RenderError> {
    let info = WavInfo::probe(original)?;
    check_plan(plan, &info)?;
    let ranges = replaced_ranges(plan, &info, seeds)?;
    let mut patcher = Patcher::new(original, &info, &ranges)?;
    let mut out = HashingWriter {
        out,
        hash: Sha256::new(),
        size_bytes: 0,
    };
    wav::write_header(&mut out, &info)?;
    let original_sha256 = copy(original, &mut out, &info, &mut patcher)?;
    out.write_all(&[0; 1][..wav::padding(&info)])?;
    out.flush()?;
    Ok(Rendered {
        original_sha256,
        redacted_sha256: digest(out.hash),
        size_bytes: out.size_bytes,
        frames: info.frames,
        ranges,
        warnings: info.warnings,
    })
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

/// Copies the samples through the patcher; hashes all bytes of the original on the way.
fn copy<R: Read + Seek, W: Write>(
    original: &mut R,
    out: &mut W,
    info: &WavInfo,
    patcher: &mut Patcher,
) -> io::Result<Sha256Digest> {
    let mut hash = Sha256::new();
    original.seek(SeekFrom::Start(0))?;
    hash_bytes(&mut original.by_ref().take(info.data_offset), &mut hash)?;
    let frame_bytes = info.frame_bytes();
    let block_frames = (BLOCK_BYTES / frame_bytes).max(1) as u64;
    let mut block = Vec::new();
    let mut frame = 0;
    while frame < info.frames {
        let len = block_frames.min(info.frames - frame);
        block.resize(
            usize::try_from(len).expect("bounded by the block size") * frame_bytes,
            0,
        );
        original.read_exact(&mut block)?;
        hash.update(&block);
        patcher.patch(frame, &mut block);
        out.write_all(&block)?;
        frame += len;
    }
    // Whatever follows the samples belongs to the original and goes no further.
    hash_bytes(original, &mut hash)?;
    Ok(digest(hash))
}

fn hash_bytes(reader: &mut impl Read, hash: &mut Sha256) -> io::Result<()> {
    let mut block = vec![0; 16 * 1024];
    loop {
        match reader.read(&mut block) {
            Ok(0) => return Ok(()),
            Ok(len) => hash.update(&block[..len]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

fn digest(hash: Sha256) -> Sha256Digest {
    Sha256Digest::new(hash.finalize().into())
}

/// Overwrites ranges in blocks of frames that arrive in order.
struct Patcher {
    info: WavInfo,
    fade: u64,
    ranges: Vec<OpenRange>,
}

struct OpenRange {
    range: ReplacedRange,
    source: Replacement,
    /// End of the range before it on the same channel, or 0: the fade in between is shared.
    previous_end: Option<u64>,
    /// Start of the range after it on the same channel.
    next_start: Option<u64>,
}

impl Patcher {
    fn new(
        original: &mut (impl Read + Seek),
        info: &WavInfo,
        ranges: &[ReplacedRange],
    ) -> Result<Self, WavError> {
        let fade = fade_frames(info.sample_rate_hz);
        let zones = excluded(ranges, fade);
        let mut reader = PcmReader::open(original)?;
        let mut open = Vec::with_capacity(ranges.len());
        for channel in 0..channel_count(info) {
            let own: Vec<_> = ranges
                .iter()
                .filter(|range| range.channel == channel)
                .collect();
            for (at, range) in own.iter().enumerate() {
                let context = reader.read_channel(channel, &context_pieces(range, &zones, info))?;
                let source = Replacement::new(
                    range.style,
                    range.seed,
                    channel,
                    info.sample_rate_hz,
                    &context,
                );
                let previous_end = at
                    .checked_sub(1)
                    .and_then(|at| own.get(at))
                    .map(|range| range.end_frame);
                let next_start = own.get(at + 1).map(|range| range.start_frame);
                open.push(OpenRange {
                    range: (*range).clone(),
                    source,
                    previous_end,
                    next_start,
                });
            }
        }
        open.sort_by_key(|open| (open.range.start_frame, open.range.channel));
        Ok(Self {
            info: info.clone(),
            fade,
            ranges: open,
        })
    }

    /// Patches the frames from `first` on that `block` holds.
    fn patch(&mut self, first: u64, block: &mut [u8]) {
        let frames = (block.len() / self.info.frame_bytes()) as u64;
        let (fade, end) = (self.fade, first + frames);
        for open in &mut self.ranges {
            if open.range.start_frame.saturating_sub(fade) >= end {
                break;
            }
            open.fade_in_front(first, end, fade, &self.info, block);
            open.replace(first, end, &self.info, block);
            open.fade_behind(first, end, fade, &self.info, block);
        }
        self.ranges.retain(|open| open.range.end_frame + fade > end);
    }
}

impl OpenRange {
    fn replace(&mut self, first: u64, end: u64, info: &WavInfo, block: &mut [u8]) {
        for frame in self.range.start_frame.max(first)..self.range.end_frame.min(end) {
            let sample = i32::from(self.source.next_sample()) << 16;
            info.encoding.encode(
                sample,
                sample_bytes(block, frame - first, self.range.channel, info),
            );
        }
    }

    fn fade_in_front(&self, first: u64, end: u64, fade: u64, info: &WavInfo, block: &mut [u8]) {
        let start = self.range.start_frame;
        let from = start
            .saturating_sub(fade)
            .max(self.previous_end.unwrap_or(0));
        for frame in from.max(first)..start.min(end) {
            let near = self.previous_end.map_or(u64::MAX, |end| frame - end + 1);
            let weight = fade_weight((start - frame).min(near), fade);
            scale(
                sample_bytes(block, frame - first, self.range.channel, info),
                weight,
                info,
            );
        }
    }

    /// Leaves frames alone that the next range fades too, so that no frame is scaled twice.
    fn fade_behind(&self, first: u64, end: u64, fade: u64, info: &WavInfo, block: &mut [u8]) {
        let start = self.range.end_frame;
        let next = self
            .next_start
            .map_or(u64::MAX, |next| next.saturating_sub(fade));
        for frame in start.max(first)..(start + fade).min(end).min(info.frames).min(next) {
            let weight = fade_weight(frame - start + 1, fade);
            scale(
                sample_bytes(block, frame - first, self.range.channel, info),
                weight,
                info,
            );
        }
    }
}

fn sample_bytes<'a>(block: &'a mut [u8], frame: u64, channel: u8, info: &WavInfo) -> &'a mut [u8] {
    let width = info.encoding.sample_bytes();
    let frame = usize::try_from(frame).expect("inside the block");
    let at = frame * info.frame_bytes() + usize::from(channel) * width;
    &mut block[at..at + width]
}

fn scale(bytes: &mut [u8], weight: u32, info: &WavInfo) {
    let sample = (i64::from(info.encoding.decode(bytes)) * i64::from(weight)) >> 16;
    let sample = i32::try_from(sample).expect("a weight of at most one");
    info.encoding.encode(sample, bytes);
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
