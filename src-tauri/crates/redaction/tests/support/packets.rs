//! Files whose packets inside ranges hold something else: for the test that it makes no difference.

use std::io::Cursor;

use redaction::{pcm::PcmReader, ranges::ReplacedRange};

/// An MP3 file with the main data of replaced frames turned upside down where no kept frame can own
/// it.
pub fn other_mp3_frames(original: &[u8], ranges: &[ReplacedRange]) -> Vec<u8> {
    let reader = PcmReader::open(Cursor::new(original)).unwrap();
    let (frames, rate) = (
        reader.info().frames,
        u64::from(reader.info().sample_rate_hz),
    );
    let samples = if rate > 24_000 { 1152 } else { 576 };
    let places = mp3_frames(original);
    // The delay of the encoder and a tag frame shift frames by less than this.
    let margin = 4;
    let mut other = original.to_vec();
    let _ = frames;
    for range in ranges.iter().filter(|range| range.channel == 0) {
        let first = usize::try_from(range.start_frame / samples).unwrap() + margin;
        let last = usize::try_from(range.end_frame / samples)
            .unwrap()
            .saturating_sub(margin + 4);
        for &(at, len) in places.get(first..last.max(first)).unwrap_or(&[]) {
            for byte in &mut other[at + 60.min(len)..at + len] {
                *byte = !*byte;
            }
        }
    }
    other
}

/// Where MPEG layer III frames lie: found by their headers.
fn mp3_frames(bytes: &[u8]) -> Vec<(usize, usize)> {
    let mut at = bytes
        .windows(2)
        .position(|it| it[0] == 0xff && it[1] & 0xe6 == 0xe2)
        .unwrap();
    let mut places = vec![];
    while let Some(&[0xff, b, c, _]) = bytes.get(at..at + 4) {
        let mpeg_1 = b & 0x18 == 0x18;
        let kbps: [usize; 15] = if mpeg_1 {
            [
                0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320,
            ]
        } else {
            [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160]
        };
        let base = [44_100, 48_000, 32_000][usize::from(c >> 2 & 3)];
        let (rate, slots) = match b & 0x18 {
            0x18 => (base, 144),
            0x10 => (base / 2, 72),
            _ => (base / 4, 72),
        };
        let len = slots * kbps[usize::from(c >> 4)] * 1000 / rate + usize::from(c >> 1 & 1);
        places.push((at, len));
        at += len;
    }
    places
}

/// A WAVE file of ADPCM blocks that are others inside ranges; the state at the head of a block stays valid.
pub fn other_blocks(original: &[u8], ranges: &[ReplacedRange]) -> Vec<u8> {
    let data = original
        .windows(4)
        .position(|it| it == b"data")
        .map(|at| at + 8)
        .unwrap();
    let word = |at: usize| u16::from_le_bytes([original[at], original[at + 1]]);
    let (channels, block) = (usize::from(word(22)), usize::from(word(32)));
    let ima = word(20) == 0x11;
    let head = if ima { 4 } else { 7 } * channels;
    let frames = (block - head) * 2 / channels + if ima { 1 } else { 2 };
    let mut other = original.to_vec();
    for range in ranges.iter().filter(|range| range.channel == 0) {
        let frame = |at: u64| usize::try_from(at).unwrap();
        let first = frame(range.start_frame).div_ceil(frames);
        for at in first..frame(range.end_frame) / frames {
            let start = data + at * block;
            for byte in &mut other[start + head..start + block] {
                *byte = !*byte;
            }
        }
    }
    other
}

/// An Ogg Opus file whose packets inside ranges are others of the same length in time.
pub fn other_opus_packets(original: &[u8], ranges: &[ReplacedRange]) -> Vec<u8> {
    let rate = u64::from(
        PcmReader::open(Cursor::new(original))
            .unwrap()
            .info()
            .sample_rate_hz,
    );
    let mut other = original.to_vec();
    let (mut at, mut packet_number, mut tick) = (0, 0, 0);
    while at < original.len() {
        let count = usize::from(original[at + 26]);
        let lacing = original[at + 27..at + 27 + count].to_vec();
        let mut body = at + 27 + count;
        let mut fresh = true;
        for lace in lacing {
            if fresh && packet_number >= 2 {
                let ticks = ticks(&original[body..body + 2]);
                // Well inside, where no packet that stays can be.
                let frame = tick * rate / 48_000;
                let inside = ranges
                    .iter()
                    .any(|it| it.start_frame + rate / 5 < frame && frame + rate / 5 < it.end_frame);
                if inside {
                    for byte in &mut other[body + 2..body + usize::from(lace).max(2)] {
                        *byte = byte.wrapping_mul(5).wrapping_add(17);
                    }
                }
                tick += ticks;
            }
            body += usize::from(lace);
            fresh = lace < 255;
            packet_number += usize::from(fresh);
        }
        fix_checksum(&mut other[at..body]);
        at = body;
    }
    other
}

fn ticks(packet: &[u8]) -> u64 {
    let (toc, count) = (packet[0], packet[1]);
    let frames = match toc & 3 {
        0 => 1,
        3 => u64::from(count & 0x3f),
        _ => 2,
    };
    let of_one = match toc >> 3 {
        config @ 0..12 => [480, 960, 1920, 2880][usize::from(config & 3)],
        config @ 12..16 => [480, 960][usize::from(config & 1)],
        config => [120, 240, 480, 960][usize::from(config & 3)],
    };
    frames * of_one
}

fn fix_checksum(page: &mut [u8]) {
    page[22..26].fill(0);
    let crc = page.iter().fold(0_u32, |crc, &byte| {
        (0..8).fold(crc ^ u32::from(byte) << 24, |crc, _| {
            if crc >> 31 == 1 {
                crc << 1 ^ 0x04c1_1db7
            } else {
                crc << 1
            }
        })
    });
    page[22..26].copy_from_slice(&crc.to_le_bytes());
}
