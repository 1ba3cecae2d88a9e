//! What Ogg and WebM say about the Opus packets in them (RFC 6716, RFC 7845).

use super::Track;
use crate::{
    audio::AudioError,
    decode::{CodecKind, timeline_rate},
};

/// Every position in an Opus stream counts at this rate.
pub(crate) const CLOCK_HZ: u64 = 48_000;
pub(crate) const HEAD_MAGIC: &[u8; 8] = b"OpusHead";
/// Sound before the beginning that players do not play but anybody can decode: 0.5 s. More of it
/// would be a call hidden from redaction.
const MAX_PRE_SKIP: u64 = 24_000;
/// The same behind the end: the last packet of 120 ms at most.
const MAX_END_TRIM: u64 = 5_760;

/// The identification header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Head {
    pub(crate) channels: u16,
    pub(crate) pre_skip: u16,
    pub(crate) input_rate_hz: u32,
    gain: [u8; 2],
}

impl Head {
    pub(crate) fn read(packet: &[u8]) -> Result<Self, AudioError> {
        let [
            magic @ ..,
            version,
            channels,
            a,
            b,
            c,
            d,
            e,
            f,
            g,
            h,
            family,
        ] = packet.get(..19).unwrap_or_default()
        else {
            return Err(BROKEN);
        };
        if magic != HEAD_MAGIC || version >> 4 != 0 {
            return Err(BROKEN);
        }
        if *family != 0 || !matches!(channels, 1 | 2) {
            let codec = format!("Opus with {channels} channels");
            return Err(AudioError::Unsupported { codec });
        }
        Ok(Self {
            channels: u16::from(*channels),
            pre_skip: u16::from_le_bytes([*a, *b]),
            input_rate_hz: u32::from_le_bytes([*c, *d, *e, *f]),
            gain: [*g, *h],
        })
    }

    /// The header as we write it.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let mut bytes = HEAD_MAGIC.to_vec();
        bytes.extend([1, u8::try_from(self.channels).expect("one or two")]);
        bytes.extend(self.pre_skip.to_le_bytes());
        bytes.extend(self.input_rate_hz.to_le_bytes());
        bytes.extend(self.gain);
        bytes.push(0);
        bytes
    }

    /// Clock ticks of one frame of the timeline.
    pub(crate) fn ticks_per_frame(&self) -> u64 {
        CLOCK_HZ / u64::from(timeline_rate(self.input_rate_hz))
    }
}

const BROKEN: AudioError = AudioError::Malformed {
    what: "its Opus header cannot be read",
};

/// A track of packets that last `total` ticks, of which the last `end_trim` are not played.
pub(super) fn track(head: &Head, total: u64, end_trim: u64) -> Result<Track, AudioError> {
    let pre_skip = u64::from(head.pre_skip);
    if pre_skip > MAX_PRE_SKIP || end_trim > MAX_END_TRIM {
        return Err(AudioError::Malformed {
            what: "sound lies before its beginning or behind its end, where nobody would look for it",
        });
    }
    let ticks = head.ticks_per_frame();
    let skipped_frames = pre_skip / ticks;
    Ok(Track {
        codec: CodecKind::Opus,
        channels: head.channels,
        sample_rate_hz: timeline_rate(head.input_rate_hz),
        skipped_frames,
        frames: (total.saturating_sub(end_trim) / ticks).saturating_sub(skipped_frames),
        warnings: vec![],
    })
}

/// How long a packet sounds, in ticks of [`CLOCK_HZ`].
pub(crate) fn duration(packet: &[u8]) -> Result<u64, AudioError> {
    let frames = match packet {
        [] => 0,
        [toc, ..] if toc & 3 == 0 => 1,
        [toc, count, ..] if toc & 3 == 3 => u64::from(count & 0x3f),
        [toc] if toc & 3 == 3 => 0,
        _ => 2,
    };
    let ticks = frames * packet.first().map_or(0, |&toc| frame_ticks(toc >> 3));
    if ticks == 0 || ticks > MAX_END_TRIM {
        return Err(AudioError::Malformed {
            what: "an Opus packet has an impossible length",
        });
    }
    Ok(ticks)
}

/// RFC 6716, table 2.
const fn frame_ticks(config: u8) -> u64 {
    match config {
        0..12 => [480, 960, 1920, 2880][(config & 3) as usize],
        12..16 => [480, 960][(config & 1) as usize],
        _ => [120, 240, 480, 960][(config & 3) as usize],
    }
}
