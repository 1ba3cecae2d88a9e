//! Sony Wave64: WAVE with 16-byte chunk names and 64-bit sizes that count the chunk header.
// Layout: "Sony Pictures Digital Wave 64" specification, as sox and ffmpeg write it (checked 2026-11).

use super::{WavInfo, header::format_body};

/// Chunks begin at multiples of this.
pub(super) const ALIGNMENT: u64 = 8;
/// Name and size of a chunk.
pub(super) const CHUNK_HEADER: u64 = 24;
/// What follows `riff` in the name of the file itself.
const RIFF_TAIL: [u8; 12] = [
    0x2e, 0x91, 0xcf, 0x11, 0xa5, 0xd6, 0x28, 0xdb, 0x04, 0xc1, 0, 0,
];
/// What follows the four letters in every other name.
const TAIL: [u8; 12] = [
    0xf3, 0xac, 0xd3, 0x11, 0x8c, 0xd1, 0, 0xc0, 0x4f, 0x8e, 0xdb, 0x8a,
];

/// Whether a file of which these are the first 40 bytes is Wave64.
pub(super) fn is_wave64(head: &[u8; 40]) -> bool {
    head[..4] == *b"riff"
        && head[4..16] == RIFF_TAIL
        && head[24..28] == *b"wave"
        && head[28..] == TAIL
}

/// The four letters of a chunk name that follows the pattern.
pub(super) fn short_name(name: &[u8; 16]) -> Option<[u8; 4]> {
    let [a, b, c, d, tail @ ..] = *name;
    (tail == TAIL).then_some([a, b, c, d])
}

pub(super) fn header(info: &WavInfo) -> Vec<u8> {
    let mut fmt = format_body(info);
    let fmt_len = CHUNK_HEADER + fmt.len() as u64;
    fmt.resize(fmt.len().next_multiple_of(8), 0);
    let data_len = CHUNK_HEADER + info.data_len;
    let file_len =
        16 + CHUNK_HEADER + CHUNK_HEADER + fmt.len() as u64 + data_len.next_multiple_of(ALIGNMENT);
    let mut header = Vec::with_capacity(112);
    header.extend([&b"riff"[..], &RIFF_TAIL, &file_len.to_le_bytes()].concat());
    header.extend([&b"wave"[..], &TAIL].concat());
    header.extend([&b"fmt "[..], &TAIL, &fmt_len.to_le_bytes(), &fmt].concat());
    header.extend([&b"data"[..], &TAIL, &data_len.to_le_bytes()].concat());
    header
}
