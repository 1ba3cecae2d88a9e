//! FLAC: frames with replaced samples are written again, uncompressed; all others stay.
//!
//! Uncompressed frames have a size that says nothing about what is in them. The digest of the
//! samples in the stream's head is that of the original and is left out, as are tags and pictures.

use std::io::{Read, Seek, Write};

use super::{RenderError, patch::Patcher};
use crate::{
    audio::AudioError,
    packets::flac::{self, FrameHeader, MAGIC, STREAM_INFO_BYTES, StreamInfo, crc8, crc16},
    pcm::PcmReader,
    ranges::{ReplacedRange, excluded, fade_frames},
    wav::WavInfo,
};

/// 16 bits a sample, in the fourth byte of a frame's header.
const SIXTEEN_BITS: u8 = 0b100 << 1;
/// A subframe that holds samples as they are.
const VERBATIM: u8 = 1 << 1;
/// The one metadata block is the last, and describes the stream.
const LAST_BLOCK: u8 = 0x80;

pub(super) fn render<R: Read + Seek>(
    original: &mut R,
    out: &mut impl Write,
    info: &WavInfo,
    ranges: &[ReplacedRange],
) -> Result<(), RenderError> {
    let mut audio = PcmReader::open(&mut *original)?;
    let mut patcher = Patcher::new(&mut audio, info, ranges)?;
    drop(audio);
    let zones = excluded(ranges, fade_frames(info.sample_rate_hz));
    let (mut frames, track) = flac::open(original)?;
    let mut codec = track.codec.codec(&track)?;
    out.write_all(&stream_head(&frames.info, info.frames))?;
    let mut at = 0;
    while let Some((header, frame)) = frames.next_frame()? {
        let end = at + header.samples;
        if zones.iter().any(|zone| zone.0 < end && at < zone.1) {
            let mut samples = Vec::new();
            codec.decode(&frame, &mut samples).map_err(|_| DAMAGED)?;
            let mut block: Vec<u8> = samples.iter().flat_map(|it| it.to_le_bytes()).collect();
            patcher.patch(at, &mut block);
            out.write_all(&verbatim(&frame, header, &block, info.channels))?;
        } else {
            out.write_all(&frame)?;
        }
        at = end;
    }
    Ok(())
}

const DAMAGED: AudioError = AudioError::Malformed {
    what: "one of its FLAC frames cannot be decoded",
};

/// The head of the stream: sizes of frames and digest of samples unknown, everything else as it was.
pub(crate) fn stream_head(info: &StreamInfo, frames: u64) -> Vec<u8> {
    let mut head = MAGIC.to_vec();
    let [_, a, b, c] = (STREAM_INFO_BYTES as u32).to_be_bytes();
    head.extend([LAST_BLOCK, a, b, c]);
    let mut block = info.bytes;
    block[4..10].fill(0);
    let [_, _, _, high, total @ ..] = frames.to_be_bytes();
    block[13] = block[13] & 0xf0 | high & 0x0f;
    block[14..18].copy_from_slice(&total);
    block[18..].fill(0);
    head.extend(block);
    head
}

/// A frame with the same header fields that holds its samples as they are, channel by channel.
fn verbatim(frame: &[u8], header: FrameHeader, samples: &[u8], channels: u16) -> Vec<u8> {
    let mut bytes = frame.get(..header.len).unwrap_or_default().to_vec();
    let independent = u8::try_from(channels - 1).expect("one or two channels") << 4;
    if let Some(layout) = bytes.get_mut(3) {
        *layout = independent | SIXTEEN_BITS;
    }
    bytes.push(crc8(&bytes));
    let width = usize::from(channels) * 2;
    for channel in 0..usize::from(channels) {
        bytes.push(VERBATIM);
        let own = samples
            .chunks_exact(width)
            .map(|frame| &frame[2 * channel..]);
        bytes.extend(own.flat_map(|sample| [sample[1], sample[0]]));
    }
    bytes.extend(crc16(&bytes).to_be_bytes());
    bytes
}
