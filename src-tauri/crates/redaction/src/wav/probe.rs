//! Finds format and sound in RIFF/WAVE, RF64, Wave64 and Sun audio files.

use std::io::{Read, Seek, SeekFrom};

use super::{
    Container, Encoding, WavInfo, au,
    layout::{Announced, Coding, Format, Layout},
    wave64,
};
use crate::{
    audio::{AudioError, AudioWarning},
    decode::{BlockCodec, Packing},
};

/// More chunks before the samples than any recorder writes.
const MAX_CHUNKS: usize = 256;
/// How far from the end a trailing chunk is looked for when the audio size is unknown.
const TAIL_BYTES: u64 = 64 * 1024;
/// Chunks that recorders and editors put behind or before the samples.
const KNOWN_CHUNKS: [&[u8; 4]; 12] = [
    b"data", b"fmt ", b"LIST", b"fact", b"bext", b"cue ", b"iXML", b"id3 ", b"ID3 ", b"PEAK",
    b"JUNK", b"smpl",
];

impl WavInfo {
    /// Reads the header and checks it against the real length of the file.
    ///
    /// # Errors
    /// When the bytes are no such file, are broken, hold another codec or hold no audio.
    pub fn probe(reader: &mut (impl Read + Seek)) -> Result<Self, AudioError> {
        layout(reader)?.into_samples()
    }
}

/// Where the sound lies and how it is coded.
pub(crate) fn layout(reader: &mut (impl Read + Seek)) -> Result<Layout, AudioError> {
    let file_len = reader.seek(SeekFrom::End(0))?;
    reader.seek(SeekFrom::Start(0))?;
    let magic: [u8; 12] = read_array(reader)?.ok_or(AudioError::NotAudio)?;
    let (container, rf64, first) = match (&magic[..4], &magic[8..]) {
        (b"RIFF", b"WAVE") => (Container::Wav, false, 12),
        (b"RF64" | b"BW64", b"WAVE") => (Container::Wav, true, 12),
        (b"riff", _) if is_wave64(reader)? => (Container::Wave64, false, 40),
        (magic, _) if magic == au::MAGIC => return read_au(reader, file_len),
        _ => return Err(AudioError::NotAudio),
    };
    Chunks {
        reader,
        file_len,
        container,
        at: first,
        rf64_data_len: None,
        announced_frames: None,
        warnings: vec![],
    }
    .walk(rf64)
}

fn is_wave64(reader: &mut (impl Read + Seek)) -> Result<bool, AudioError> {
    reader.seek(SeekFrom::Start(0))?;
    Ok(read_array(reader)?.is_some_and(|head| wave64::is_wave64(&head)))
}

fn read_au(reader: &mut (impl Read + Seek), file_len: u64) -> Result<Layout, AudioError> {
    reader.seek(SeekFrom::Start(0))?;
    let head = read_array::<{ au::HEADER_BYTES }>(reader)?.ok_or(TRUNCATED)?;
    au::read(&head, file_len)
}

struct Chunks<'a, R> {
    reader: &'a mut R,
    file_len: u64,
    container: Container,
    at: u64,
    rf64_data_len: Option<u64>,
    announced_frames: Option<u64>,
    warnings: Vec<AudioWarning>,
}

/// The head of a chunk: its name, where its body begins and how long it says it is.
struct Chunk {
    id: [u8; 4],
    body: u64,
    len: u64,
}

impl<R: Read + Seek> Chunks<'_, R> {
    fn walk(mut self, rf64: bool) -> Result<Layout, AudioError> {
        let mut format = None;
        for _ in 0..MAX_CHUNKS {
            let Some(chunk) = self.chunk()? else {
                break;
            };
            match &chunk.id {
                b"fmt " => format = Some(self.read_format(chunk.len)?),
                b"ds64" if rf64 => self.read_ds64(chunk.len)?,
                b"fact" if chunk.len >= 4 => self.read_fact()?,
                b"data" => {
                    let format = format.ok_or(AudioError::Malformed {
                        what: "`data` comes before `fmt `",
                    })?;
                    return self.finish(format, &chunk);
                }
                _ => {}
            }
            self.at = self.next_chunk(&chunk)?;
        }
        Err(AudioError::Malformed {
            what: "there is no `data` chunk",
        })
    }

    fn chunk(&mut self) -> Result<Option<Chunk>, AudioError> {
        if self.at >= self.file_len {
            return Ok(None);
        }
        self.reader.seek(SeekFrom::Start(self.at))?;
        if self.container == Container::Wave64 {
            return self.wide_chunk();
        }
        let body = self.at.saturating_add(8);
        Ok(
            read_array::<8>(self.reader)?.map(|[a, b, c, d, rest @ ..]| Chunk {
                id: [a, b, c, d],
                body,
                len: u64::from(u32::from_le_bytes(rest)),
            }),
        )
    }

    fn wide_chunk(&mut self) -> Result<Option<Chunk>, AudioError> {
        let Some(name) = read_array::<16>(self.reader)? else {
            return Ok(None);
        };
        let Some(size) = read_array::<8>(self.reader)? else {
            return Ok(None);
        };
        Ok(Some(Chunk {
            id: wave64::short_name(&name).unwrap_or([0; 4]),
            body: self.at.saturating_add(wave64::CHUNK_HEADER),
            len: u64::from_le_bytes(size).saturating_sub(wave64::CHUNK_HEADER),
        }))
    }

    /// Where the next chunk begins; some writers forget to pad chunks of odd length.
    fn next_chunk(&mut self, chunk: &Chunk) -> Result<u64, AudioError> {
        let end = chunk.body.saturating_add(chunk.len);
        if self.container == Container::Wave64 {
            return Ok(end
                .checked_next_multiple_of(wave64::ALIGNMENT)
                .unwrap_or(u64::MAX));
        }
        if chunk.len.is_multiple_of(2) || !self.known_id_at(end)? || self.known_id_at(end + 1)? {
            return Ok(end.saturating_add(chunk.len % 2));
        }
        self.warnings.push(AudioWarning::MissingPadding);
        Ok(end)
    }

    fn known_id_at(&mut self, at: u64) -> Result<bool, AudioError> {
        // A header may lie about lengths, and not every reader can be moved behind its end.
        if at >= self.file_len {
            return Ok(false);
        }
        self.reader.seek(SeekFrom::Start(at))?;
        let id = read_array::<4>(self.reader)?;
        Ok(id.is_some_and(|id| KNOWN_CHUNKS.contains(&&id)))
    }

    fn read_ds64(&mut self, len: u64) -> Result<(), AudioError> {
        if len < 24 {
            return Err(AudioError::Malformed {
                what: "the `ds64` chunk is too short",
            });
        }
        let body: [u8; 16] = read_array(self.reader)?.ok_or(TRUNCATED)?;
        let [_, _, _, _, _, _, _, _, data @ ..] = body;
        self.rf64_data_len = Some(u64::from_le_bytes(data));
        Ok(())
    }

    /// The number of frames, which codecs with blocks need: their last block is filled up.
    fn read_fact(&mut self) -> Result<(), AudioError> {
        let frames: [u8; 4] = read_array(self.reader)?.ok_or(TRUNCATED)?;
        let frames = u64::from(u32::from_le_bytes(frames));
        self.announced_frames = Some(frames).filter(|&frames| frames > 0);
        Ok(())
    }

    fn read_format(&mut self, len: u64) -> Result<Format, AudioError> {
        if len < 16 {
            return Err(AudioError::Malformed {
                what: "the `fmt ` chunk is shorter than 16 bytes",
            });
        }
        let fmt: [u8; 16] = read_array(self.reader)?.ok_or(TRUNCATED)?;
        let word = |at: usize| u16::from_le_bytes([fmt[at], fmt[at + 1]]);
        let mut tag = word(0);
        if tag == EXTENSIBLE && len >= 26 {
            // The first two bytes of the sub-format GUID are the real tag.
            let extension: [u8; 10] = read_array(self.reader)?.ok_or(TRUNCATED)?;
            tag = u16::from_le_bytes([extension[8], extension[9]]);
        }
        let (channels, block_align, bits) = (word(2), word(12), word(14));
        let sample_rate_hz = u32::from_le_bytes([fmt[4], fmt[5], fmt[6], fmt[7]]);
        let coding = coding_of(tag, bits, channels, block_align)?;
        let mut format = Format::new(coding, channels.into(), sample_rate_hz)?;
        if let Coding::Samples(encoding) = coding {
            let frame_bytes = usize::from(channels) * encoding.sample_bytes();
            let differs = usize::from(block_align) != frame_bytes;
            format.warning = differs.then_some(AudioWarning::BlockAlign);
        }
        Ok(format)
    }

    fn finish(mut self, format: Format, chunk: &Chunk) -> Result<Layout, AudioError> {
        let announced = match (chunk.len, self.rf64_data_len, self.container) {
            (0xffff_ffff, Some(long), _) => Announced::Wide(long),
            (len, _, Container::Wave64) => Announced::Wide(len),
            (len, ..) => Announced::Narrow(len),
        };
        let trailing = self.trailing_chunk_len(chunk.body)?;
        let mut layout = Layout {
            container: self.container,
            format,
            data_offset: chunk.body,
            data_len: 0,
            announced_frames: self.announced_frames,
            warnings: self.warnings,
        };
        layout.measure(announced, self.file_len, trailing);
        Ok(layout)
    }

    /// Length of a metadata chunk that ends exactly with the file, or 0.
    ///
    /// Without a trustworthy audio size such a chunk would pass for samples, and tags would leave
    /// the building inside the audio.
    fn trailing_chunk_len(&mut self, data_offset: u64) -> Result<u64, AudioError> {
        let start = data_offset.max(self.file_len.saturating_sub(TAIL_BYTES));
        self.reader.seek(SeekFrom::Start(start))?;
        let mut tail = Vec::new();
        self.reader.take(TAIL_BYTES).read_to_end(&mut tail)?;
        let ends_with_file = |at: usize| {
            let Some(&[a, b, c, d, e, f, g, h]) = tail.get(at..at + 8) else {
                return false;
            };
            let len = u32::from_le_bytes([e, f, g, h]) as usize;
            let rest = tail.len() - at - 8;
            KNOWN_CHUNKS[2..].contains(&&[a, b, c, d]) && (len == rest || len + len % 2 == rest)
        };
        let at = (0..tail.len()).find(|&at| ends_with_file(at));
        Ok(at.map_or(0, |at| (tail.len() - at) as u64))
    }
}

const EXTENSIBLE: u16 = 0xfffe;
const TRUNCATED: AudioError = AudioError::Malformed {
    what: "the file ends inside the header",
};

// RFC 2361 and the registry of WAVE format tags.
fn coding_of(tag: u16, bits: u16, channels: u16, block_align: u16) -> Result<Coding, AudioError> {
    let block = |codec: BlockCodec| codec.checked(channels).map(Coding::Blocks);
    let codec = match (tag, bits) {
        (1, 8) => return Ok(Coding::Samples(Encoding::Pcm8)),
        (1, 16) => return Ok(Coding::Samples(Encoding::Pcm16)),
        (1, 24) => return Ok(Coding::Samples(Encoding::Pcm24)),
        (1, 32) => return Ok(Coding::Samples(Encoding::Pcm32)),
        // Telephony writers leave the bit count of companded audio at anything.
        (6, _) => return Ok(Coding::Samples(Encoding::ALaw)),
        (7, _) => return Ok(Coding::Samples(Encoding::MuLaw)),
        (2, 4) => return block(BlockCodec::MsAdpcm { block_align }),
        (0x11, 4) => return block(BlockCodec::ImaAdpcm { block_align }),
        (0x10 | 0x17, 4) => return block(BlockCodec::DialogicAdpcm),
        (0x31, _) => return block(BlockCodec::Gsm),
        (0x40 | 0x45 | 0x64, 2..=5) => {
            let bits = u8::try_from(bits).unwrap_or(0);
            return block(BlockCodec::G726 {
                bits,
                packing: Packing::HighFirst,
            });
        }
        (0x55, _) => return Ok(Coding::Mp3),
        (1, _) => format!("PCM with {bits} bits"),
        (2 | 0x10 | 0x11 | 0x17, _) => format!("ADPCM with {bits} bits"),
        (3, _) => "floating point PCM".to_owned(),
        (0x22, _) => "TrueSpeech".to_owned(),
        (0x40 | 0x45 | 0x64, _) => "G.726 at an unknown rate".to_owned(),
        (0x42, _) => "G.723.1".to_owned(),
        (0x65, _) => "G.722".to_owned(),
        (0x83 | 0x133 | 0x134, _) => "G.729".to_owned(),
        (0x161, _) => "Windows Media Audio".to_owned(),
        (other, _) => format!("codec {other:#06x}"),
    };
    Err(AudioError::Unsupported { codec })
}

/// The next `N` bytes, or `None` when the file ends before.
fn read_array<const N: usize>(reader: &mut impl Read) -> Result<Option<[u8; N]>, AudioError> {
    let mut bytes = [0; N];
    match reader.read_exact(&mut bytes) {
        Ok(()) => Ok(Some(bytes)),
        Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => Ok(None),
        Err(error) => Err(error.into()),
    }
}
