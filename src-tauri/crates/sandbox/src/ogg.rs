//! Ogg around the same Opus packets (RFC 3533, RFC 7845): nothing is encoded again.

use bytes::Bytes;

/// Any number will do for a file with one stream; fixed, so that the same recording is the same bytes.
const SERIAL: u32 = 0x5a4d_0001;
/// A second of 20 ms packets on each page.
const PACKETS_PER_PAGE: usize = 50;
const FIRST: u8 = 2;
const LAST: u8 = 4;

/// An Opus stream as a WebM file holds it.
pub(crate) struct OpusStream {
    /// `OpusHead`, WebM's codec private data.
    pub(crate) head: Box<[u8]>,
    /// Packets with their length in samples at 48 kHz.
    pub(crate) packets: Vec<(Box<[u8]>, u64)>,
    /// Where the audio ends, in samples at 48 kHz, encoder delay included.
    pub(crate) end: u64,
}

/// An Ogg Opus file.
pub(crate) fn mux(stream: &OpusStream) -> Bytes {
    let mut file = Vec::new();
    page(&mut file, FIRST, 0, 0, &[&stream.head]);
    page(&mut file, 0, 0, 1, &[&tags()]);
    let pages = stream.packets.chunks(PACKETS_PER_PAGE);
    let last = pages.len().saturating_sub(1);
    let mut position = 0;
    for (number, packets) in pages.enumerate() {
        position += packets.iter().map(|(_, samples)| samples).sum::<u64>();
        let (flags, granule) = if number == last {
            (LAST, stream.end)
        } else {
            (0, position)
        };
        let data: Vec<&[u8]> = packets.iter().map(|(packet, _)| &**packet).collect();
        page(&mut file, flags, granule, number as u32 + 2, &data);
    }
    file.into()
}

/// `OpusTags` with a vendor and no comments.
fn tags() -> Vec<u8> {
    let vendor = b"sandbox";
    let mut tags = b"OpusTags".to_vec();
    tags.extend_from_slice(&(vendor.len() as u32).to_le_bytes());
    tags.extend_from_slice(vendor);
    tags.extend_from_slice(&0_u32.to_le_bytes());
    tags
}

fn page(file: &mut Vec<u8>, flags: u8, granule: u64, sequence: u32, packets: &[&[u8]]) {
    // A packet's length in units of 255; a last value below 255 ends it.
    let lacing: Vec<u8> = packets
        .iter()
        .flat_map(|packet| {
            let full = std::iter::repeat_n(255, packet.len() / 255);
            full.chain(std::iter::once((packet.len() % 255) as u8))
        })
        .collect();
    let start = file.len();
    file.extend_from_slice(b"OggS\0");
    file.push(flags);
    file.extend_from_slice(&granule.to_le_bytes());
    file.extend_from_slice(&SERIAL.to_le_bytes());
    file.extend_from_slice(&sequence.to_le_bytes());
    file.extend_from_slice(&[0; 4]);
    file.push(lacing.len() as u8);
    file.extend_from_slice(&lacing);
    packets
        .iter()
        .for_each(|packet| file.extend_from_slice(packet));
    let checksum = crc(&file[start..]);
    file[start + 22..start + 26].copy_from_slice(&checksum.to_le_bytes());
}

/// CRC-32 with the polynomial 0x04c11db7, not reflected, starting from 0.
fn crc(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0, |crc, &byte| {
        (0..8).fold(crc ^ (u32::from(byte) << 24), |crc, _| {
            (crc << 1)
                ^ if crc & 0x8000_0000 == 0 {
                    0
                } else {
                    0x04c1_1db7
                }
        })
    })
}
