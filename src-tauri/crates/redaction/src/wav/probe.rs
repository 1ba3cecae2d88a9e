//! Finds format and samples in RIFF/WAVE and RF64 files.

use std::io::{Read, Seek, SeekFrom};

use super::{Encoding, MAX_CHANNELS, MAX_SAMPLE_RATE_HZ, WavError, WavInfo, WavWarning};

/// Sizes from here up are placeholders of streaming writers (0x7FFFFFFF, 0xFFFFFFFF and near them).
const PLACEHOLDER_SIZE: u64 = 0x7fff_ff00;
/// More chunks before the samples than any recorder writes.
const MAX_CHUNKS: usize = 256;
/// How far from the end a trailing chunk is looked for when the audio size is unknown.
const TAIL_BYTES: u64 = 64 * 1024;
/// Chunks that recorders and editors put behind or before the samples.
const KNOWN_CHUNKS: [&[u8; 4]; 12] = [
    b"data", b"fmt ", b"LIST", b"fact", b"bext", b"cue ", b"iXML", b"id3 ", b"ID3 ", b"PEAK",
    b"JUNK", b"smpl",
];

struct Format {
    encoding: Encoding,
    channels: u16,
    sample_rate_hz: u32,
    warning: Option<WavWarning>,
}

impl WavInfo {
    /// Reads the header and checks it against the real length of the file.
    ///
    /// # Errors
    /// When the bytes are not WAV, are broken, hold another codec or hold no audio.
    pub fn probe(reader: &mut (impl Read + Seek)) -> Result<Self, WavError> {
        let file_len = reader.seek(SeekFrom::End(0))?;
        reader.seek(SeekFrom::Start(0))?;
        let head: [u8; 12] = read_array(reader)?.ok_or(WavError::NotWav)?;
        let rf64 = match (&head[..4], &head[8..]) {
            (b"RIFF", b"WAVE") => false,
            (b"RF64" | b"BW64", b"WAVE") => true,
            _ => return Err(WavError::NotWav),
        };
        Chunks {
            reader,
            file_len,
            at: 12,
            rf64_data_len: None,
            warnings: vec![],
        }
        .walk(rf64)
    }
}

struct Chunks<'a, R> {
    reader: &'a mut R,
    file_len: u64,
    at: u64,
    rf64_data_len: Option<u64>,
    warnings: Vec<WavWarning>,
}

impl<R: Read + Seek> Chunks<'_, R> {
    fn walk(mut self, rf64: bool) -> Result<WavInfo, WavError> {
        let mut format = None;
        for _ in 0..MAX_CHUNKS {
            let Some((id, len)) = self.chunk_header()? else {
                break;
            };
            let body = self.at + 8;
            match &id {
                b"fmt " => format = Some(self.read_format(len)?),
                b"ds64" if rf64 => self.read_ds64(len)?,
                b"data" => {
                    let format = format.ok_or(WavError::Malformed {
                        what: "`data` comes before `fmt `",
                    })?;
                    return self.finish(format, body, len);
                }
                _ => {}
            }
            self.at = self.next_chunk(body, len)?;
        }
        Err(WavError::Malformed {
            what: "there is no `data` chunk",
        })
    }

    fn chunk_header(&mut self) -> Result<Option<([u8; 4], u64)>, WavError> {
        if self.at >= self.file_len {
            return Ok(None);
        }
        self.reader.seek(SeekFrom::Start(self.at))?;
        Ok(read_array::<8>(self.reader)?
            .map(|[a, b, c, d, rest @ ..]| ([a, b, c, d], u64::from(u32::from_le_bytes(rest)))))
    }

    /// Where the next chunk begins; some writers forget to pad chunks of odd length.
    fn next_chunk(&mut self, body: u64, len: u64) -> Result<u64, WavError> {
        let end = body.saturating_add(len);
        if len.is_multiple_of(2) || !self.known_id_at(end)? || self.known_id_at(end + 1)? {
            return Ok(end.saturating_add(len % 2));
        }
        self.warnings.push(WavWarning::MissingPadding);
        Ok(end)
    }

    fn known_id_at(&mut self, at: u64) -> Result<bool, WavError> {
        // A header may lie about lengths, and not every reader can be moved behind its end.
        if at >= self.file_len {
            return Ok(false);
        }
        self.reader.seek(SeekFrom::Start(at))?;
        let id = read_array::<4>(self.reader)?;
        Ok(id.is_some_and(|id| KNOWN_CHUNKS.contains(&&id)))
    }

    fn read_ds64(&mut self, len: u64) -> Result<(), WavError> {
        if len < 24 {
            return Err(WavError::Malformed {
                what: "the `ds64` chunk is too short",
            });
        }
        let body: [u8; 16] = read_array(self.reader)?.ok_or(TRUNCATED)?;
        let [_, _, _, _, _, _, _, _, data @ ..] = body;
        self.rf64_data_len = Some(u64::from_le_bytes(data));
        Ok(())
    }

    fn read_format(&mut self, len: u64) -> Result<Format, WavError> {
        if len < 16 {
            return Err(WavError::Malformed {
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
        let (channels, bits) = (word(2), word(14));
        let sample_rate_hz = u32::from_le_bytes([fmt[4], fmt[5], fmt[6], fmt[7]]);
        let encoding = encoding_of(tag, bits)?;
        if channels == 0 || channels > MAX_CHANNELS {
            return Err(WavError::Malformed {
                what: "the number of channels is not 1 to 32",
            });
        }
        if sample_rate_hz == 0 || sample_rate_hz > MAX_SAMPLE_RATE_HZ {
            return Err(WavError::Malformed {
                what: "the sample rate is not 1 to 768000 Hz",
            });
        }
        let frame_bytes = usize::from(channels) * encoding.sample_bytes();
        let warning = (usize::from(word(12)) != frame_bytes).then_some(WavWarning::BlockAlign);
        Ok(Format {
            encoding,
            channels,
            sample_rate_hz,
            warning,
        })
    }

    fn finish(mut self, format: Format, data_offset: u64, len: u64) -> Result<WavInfo, WavError> {
        let declared = match (len, self.rf64_data_len) {
            (0xffff_ffff, Some(long)) => long,
            _ => len,
        };
        let available = self.file_len.saturating_sub(data_offset);
        let placeholder = self.rf64_data_len.is_none() && declared >= PLACEHOLDER_SIZE;
        let len = if declared == 0 || (placeholder && declared > available) {
            self.warnings.push(WavWarning::DataSizeUnknown);
            available - self.trailing_chunk_len(data_offset)?
        } else if declared > available {
            self.warnings.push(WavWarning::DataSizePastEnd);
            available
        } else {
            declared
        };
        self.warnings.extend(format.warning);
        let frame_bytes = u64::from(format.channels) * format.encoding.sample_bytes() as u64;
        if len % frame_bytes != 0 {
            self.warnings.push(WavWarning::PartialFrame);
        }
        let frames = len / frame_bytes;
        if frames == 0 {
            return Err(WavError::NoAudio);
        }
        Ok(WavInfo {
            encoding: format.encoding,
            channels: format.channels,
            sample_rate_hz: format.sample_rate_hz,
            data_offset,
            data_len: frames * frame_bytes,
            frames,
            warnings: self.warnings,
        })
    }

    /// Length of a metadata chunk that ends exactly with the file, or 0.
    ///
    /// Without a trustworthy audio size such a chunk would pass for samples, and tags would leave
    /// the building inside the audio.
    fn trailing_chunk_len(&mut self, data_offset: u64) -> Result<u64, WavError> {
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
const TRUNCATED: WavError = WavError::Malformed {
    what: "the file ends inside the header",
};

fn encoding_of(tag: u16, bits: u16) -> Result<Encoding, WavError> {
    let codec = match (tag, bits) {
        (1, 8) => return Ok(Encoding::Pcm8),
        (1, 16) => return Ok(Encoding::Pcm16),
        (1, 24) => return Ok(Encoding::Pcm24),
        (1, 32) => return Ok(Encoding::Pcm32),
        // Telephony writers leave the bit count of companded audio at anything.
        (6, _) => return Ok(Encoding::ALaw),
        (7, _) => return Ok(Encoding::MuLaw),
        (1, _) => format!("PCM with {bits} bits"),
        (2, _) => "Microsoft ADPCM".to_owned(),
        (3, _) => "floating point PCM".to_owned(),
        (0x11, _) => "IMA ADPCM".to_owned(),
        (0x22, _) => "TrueSpeech".to_owned(),
        (0x31, _) => "GSM 06.10".to_owned(),
        (0x42, _) => "G.723.1".to_owned(),
        (0x40 | 0x45 | 0x64, _) => "G.726 ADPCM".to_owned(),
        (0x55, _) => "MP3 in WAV".to_owned(),
        (0x83, _) => "G.729".to_owned(),
        (0x161, _) => "Windows Media Audio".to_owned(),
        (other, _) => format!("codec {other:#06x}"),
    };
    Err(WavError::Unsupported { codec })
}

/// The next `N` bytes, or `None` when the file ends before.
fn read_array<const N: usize>(reader: &mut impl Read) -> Result<Option<[u8; N]>, WavError> {
    let mut bytes = [0; N];
    match reader.read_exact(&mut bytes) {
        Ok(()) => Ok(Some(bytes)),
        Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => Ok(None),
        Err(error) => Err(error.into()),
    }
}
