//! Sound as old recorders keep it.

use bytes::Bytes;

use super::calls::{LegacyCall, conversation};
use crate::audio::{Format, Library, Part, RATE_HZ};

/// Bytes of the RIFF/WAVE header that the library writes before its samples.
const PCM_HEADER_BYTES: usize = 44;

/// No sound in A-law: the smallest positive value, every other bit inverted.
const A_LAW_SILENCE: u8 = 0xd5;

/// What a WAVE header says of its samples; tags from RFC 2361.
struct WaveFormat {
    tag: u16,
    channels: u16,
    bytes_per_second: u32,
    block_bytes: u16,
    block_frames: u32,
    bits: u16,
}

const A_LAW: WaveFormat = WaveFormat {
    tag: 6,
    channels: 2,
    bytes_per_second: 16_000,
    block_bytes: 2,
    block_frames: 1,
    bits: 8,
};
const G_723_1: WaveFormat = WaveFormat {
    tag: 0x42,
    channels: 1,
    bytes_per_second: 800,
    block_bytes: 24,
    block_frames: 240,
    bits: 0,
};

/// The file of a call in its codec.
pub(super) fn file(library: &Library, call: &LegacyCall) -> Option<Bytes> {
    let recording = conversation(call.stem)?.recordings.first()?;
    match call.codec {
        "G.711 u-law" => library.file(&recording.id, Format::WavUlaw, Part::Stereo),
        "G.711 A-law" => {
            let pcm = library.file(&recording.id, Format::Wav, Part::Stereo)?;
            let mut samples = a_law_all(&pcm);
            // The recorder hung up when the call ended, whatever was said until then.
            samples.resize(frames(call) * usize::from(A_LAW.block_bytes), A_LAW_SILENCE);
            Some(wave(&A_LAW, &samples))
        }
        // Frames of 24 bytes for 30 ms; silence is as good as speech to whoever cannot decode it.
        "G.723.1" => Some(wave(&G_723_1, &[0xd2; 24 * 66])),
        // Frames of 10 bytes for 10 ms and no header at all.
        _ => Some(Bytes::from(vec![0x5a; 10 * 100])),
    }
}

/// Frames of the whole call.
fn frames(call: &LegacyCall) -> usize {
    let ms = call.end_utc.duration_since(call.start_utc).as_millis();
    usize::try_from(ms).unwrap_or(0) * RATE_HZ as usize / 1_000
}

fn a_law_all(pcm: &[u8]) -> Vec<u8> {
    let samples = pcm
        .get(PCM_HEADER_BYTES..)
        .unwrap_or_default()
        .chunks_exact(2);
    samples
        .filter_map(|pair| Some(a_law(i16::from_le_bytes(pair.try_into().ok()?))))
        .collect()
}

/// One sample (ITU-T G.711, table 1a).
fn a_law(sample: i16) -> u8 {
    let sign = if sample >= 0 { 0x80 } else { 0 };
    // Thirteen bits; the negative side has one more step.
    let magnitude = if sample >= 0 { sample } else { !sample } >> 3;
    let magnitude = magnitude as u16;
    let exponent = (16 - magnitude.leading_zeros()).saturating_sub(5) as u16;
    let mantissa = if exponent == 0 {
        magnitude >> 1
    } else {
        magnitude >> exponent
    };
    (sign | (exponent << 4) as u8 | (mantissa & 0x0f) as u8) ^ 0x55
}

/// RIFF/WAVE around samples that are not linear; such a file has the length twice.
fn wave(format: &WaveFormat, data: &[u8]) -> Bytes {
    let frames = (data.len() / usize::from(format.block_bytes)) as u32 * format.block_frames;
    let length = data.len() as u32;
    let mut file = Vec::with_capacity(58 + data.len());
    file.extend(b"RIFF");
    file.extend((50 + length).to_le_bytes());
    file.extend(b"WAVEfmt ");
    file.extend(18_u32.to_le_bytes());
    file.extend(format.tag.to_le_bytes());
    file.extend(format.channels.to_le_bytes());
    file.extend(RATE_HZ.to_le_bytes());
    file.extend(format.bytes_per_second.to_le_bytes());
    file.extend(format.block_bytes.to_le_bytes());
    file.extend(format.bits.to_le_bytes());
    file.extend(0_u16.to_le_bytes());
    file.extend(b"fact");
    file.extend(4_u32.to_le_bytes());
    file.extend(frames.to_le_bytes());
    file.extend(b"data");
    file.extend(length.to_le_bytes());
    file.extend(data);
    Bytes::from(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    // Values of the standard's table: positive and negative zero, the segment ends, the largest.
    #[test]
    fn samples_become_the_codes_of_the_standard() {
        for (sample, code) in [
            (0, 0xd5),
            (-1, 0x55),
            (16, 0xd4),
            (256, 0xc5),
            (512, 0xf5),
            (32_767, 0xaa),
            (-32_768, 0x2a),
        ] {
            assert_eq!(a_law(sample), code, "{sample}");
        }
    }
}
