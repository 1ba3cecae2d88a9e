//! Writes headers: format and samples, nothing that could carry what was removed.

use std::io::{self, Write};

use super::{Container, WavInfo, au, wave64};

/// Longest `data` chunk that a RIFF header can announce; longer ones need RF64.
const MAX_RIFF_DATA: u64 = u32::MAX as u64 - 64;

/// Writes the whole header of a file with the given audio; `data` bytes must follow, then
/// [`padding`] bytes.
///
/// # Errors
/// When `out` cannot be written.
pub fn write_header(out: &mut impl Write, info: &WavInfo) -> io::Result<()> {
    match info.container {
        Container::Wav => write_wav(out, info),
        Container::Wave64 => out.write_all(&wave64::header(info)),
        Container::Au => out.write_all(&au::header(info)),
    }
}

/// Bytes to write after the samples so that the chunk ends where its format wants it.
pub fn padding(info: &WavInfo) -> usize {
    let unit = match info.container {
        Container::Wav => 2,
        Container::Wave64 => wave64::ALIGNMENT,
        Container::Au => 1,
    };
    let missing = info.data_len.next_multiple_of(unit) - info.data_len;
    usize::try_from(missing).expect("less than the alignment")
}

fn write_wav(out: &mut impl Write, info: &WavInfo) -> io::Result<()> {
    let fmt = format_body(info);
    let long = info.data_len > MAX_RIFF_DATA;
    let ds64_len = if long { 36 } else { 0 };
    let riff_len = 4 + ds64_len + 8 + fmt.len() as u64 + 8 + info.data_len + padding(info) as u64;
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
    out.write_all(b"fmt ")?;
    out.write_all(&clip(fmt.len() as u64))?;
    out.write_all(&fmt)?;
    out.write_all(b"data")?;
    out.write_all(&if long { [0xff; 4] } else { clip(info.data_len) })
}

/// `WAVEFORMAT` of PCM, `WAVEFORMATEX` of companded audio.
pub(super) fn format_body(info: &WavInfo) -> Vec<u8> {
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
    body
}
