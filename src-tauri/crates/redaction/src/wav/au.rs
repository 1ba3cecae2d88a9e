//! Sun/NeXT audio (`.au`, `.snd`): a header of at least 24 bytes, everything big endian.
// Layout: the `au(4)` manual page of SunOS 4, as sox and libsndfile write it (checked 2026-11).

use super::{
    Container, Encoding, WavInfo,
    layout::{Announced, Coding, Format, Layout},
};
use crate::{
    audio::AudioError,
    decode::{BlockCodec, Packing},
};

pub(super) const MAGIC: &[u8; 4] = b".snd";
/// Bytes of the header without its free text.
pub(super) const HEADER_BYTES: usize = 24;

/// Reads the first [`HEADER_BYTES`] of a file.
pub(super) fn read(head: &[u8; HEADER_BYTES], file_len: u64) -> Result<Layout, AudioError> {
    let word = |at: usize| u32::from_be_bytes([head[at], head[at + 1], head[at + 2], head[at + 3]]);
    let data_offset = u64::from(word(4));
    if data_offset < HEADER_BYTES as u64 || data_offset > file_len {
        return Err(AudioError::Malformed {
            what: "the samples of the Sun audio file would not be inside it",
        });
    }
    let format = Format::new(coding(word(12))?, word(20), word(16))?;
    let mut layout = Layout {
        container: Container::Au,
        format,
        data_offset,
        data_len: 0,
        announced_frames: None,
        warnings: vec![],
    };
    layout.measure(Announced::Narrow(u64::from(word(8))), file_len, 0);
    Ok(layout)
}

fn coding(code: u32) -> Result<Coding, AudioError> {
    let g726 = |bits| {
        Coding::Blocks(BlockCodec::G726 {
            bits,
            packing: Packing::LowFirst,
        })
    };
    Ok(match code {
        1 => Coding::Samples(Encoding::MuLaw),
        2 => Coding::Samples(Encoding::PcmSigned8),
        3 => Coding::Samples(Encoding::Pcm16Be),
        4 => Coding::Samples(Encoding::Pcm24Be),
        5 => Coding::Samples(Encoding::Pcm32Be),
        27 => Coding::Samples(Encoding::ALaw),
        // G.721 and G.723 as they were called before G.726 took them in.
        23 => g726(4),
        25 => g726(3),
        26 => g726(5),
        other => {
            let codec = match other {
                6 | 7 => "floating point samples".to_owned(),
                24 => "G.722".to_owned(),
                other => format!("Sun audio encoding {other}"),
            };
            return Err(AudioError::Unsupported { codec });
        }
    })
}

pub(super) fn header(info: &WavInfo) -> Vec<u8> {
    let code = match info.encoding {
        Encoding::MuLaw => 1_u32,
        Encoding::PcmSigned8 | Encoding::Pcm8 => 2,
        Encoding::Pcm16Be | Encoding::Pcm16 => 3,
        Encoding::Pcm24Be | Encoding::Pcm24 => 4,
        Encoding::Pcm32Be | Encoding::Pcm32 => 5,
        Encoding::ALaw => 27,
    };
    let size = u32::try_from(info.data_len).unwrap_or(u32::MAX);
    let mut header = MAGIC.to_vec();
    for value in [
        HEADER_BYTES as u32,
        size,
        code,
        info.sample_rate_hz,
        info.channels.into(),
    ] {
        header.extend(value.to_be_bytes());
    }
    header
}
