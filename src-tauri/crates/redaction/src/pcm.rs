//! The sound of a file as 16-bit frames, whatever its format, with seeking: for playback, peaks and
//! checks.

use std::io::{self, Read, Seek, SeekFrom};

use crate::{
    audio::AudioError,
    decode::{CodecKind, Decoded},
    media::MediaKind,
    packets::{self, Track},
    wav::{self, Coding, Container, Encoding, WavInfo},
};

/// Most frames read in one call; keeps memory flat whatever the caller asks for.
pub const MAX_FRAMES_PER_READ: usize = 1 << 20;

/// Reads frames of an audio file from any position.
#[derive(Debug)]
pub struct PcmReader<R> {
    source: Source<R>,
    info: WavInfo,
    bytes: Vec<u8>,
}

/// Where frames come from.
#[derive(Debug)]
enum Source<R> {
    /// Samples lie in the file as they are.
    Stored(R),
    /// Packets are decoded.
    Decoded(Box<Decoded<R>>),
}

impl<R: Read + Seek> PcmReader<R> {
    /// Finds out what the file is and how long it sounds.
    ///
    /// # Errors
    /// When the bytes are not audio that can be read here.
    pub fn open(mut reader: R) -> Result<Self, AudioError> {
        if is_stored(&mut reader)? {
            let info = WavInfo::probe(&mut reader)?;
            let source = Source::Stored(reader);
            return Ok(Self {
                source,
                info,
                bytes: Vec::new(),
            });
        }
        let decoded = Decoded::open(reader)?;
        let info = heard_as(decoded.track());
        let source = Source::Decoded(Box::new(decoded));
        Ok(Self {
            source,
            info,
            bytes: Vec::new(),
        })
    }

    /// What the file holds. For a coded file: what it sounds like, as 16-bit WAV would hold it.
    pub fn info(&self) -> &WavInfo {
        &self.info
    }

    /// What codes the sound, such as `Opus`; the name of the encoding for plain samples.
    pub fn codec(&self) -> &'static str {
        match &self.source {
            Source::Stored(_) => self.info.encoding.name(),
            Source::Decoded(decoded) => decoded.track().codec.name(),
        }
    }

    /// The file itself, when its samples lie in it as they are.
    pub(crate) fn stored_bytes(&mut self) -> Option<&mut R> {
        match &mut self.source {
            Source::Stored(reader) => Some(reader),
            Source::Decoded(_) => None,
        }
    }

    pub(crate) fn codec_kind(&self) -> Option<&CodecKind> {
        match &self.source {
            Source::Stored(_) => None,
            Source::Decoded(decoded) => Some(&decoded.track().codec),
        }
    }

    /// Interleaved 16-bit samples of up to `len` frames from frame `start`; fewer at the end of the
    /// audio or beyond [`MAX_FRAMES_PER_READ`].
    ///
    /// # Errors
    /// When the bytes cannot be read, or a coded file is damaged there.
    pub fn read_frames(&mut self, start: u64, len: usize) -> io::Result<Vec<i16>> {
        let left = self.info.frames.saturating_sub(start);
        let len = len
            .min(MAX_FRAMES_PER_READ)
            .min(usize::try_from(left).unwrap_or(usize::MAX));
        if len == 0 {
            return Ok(Vec::new());
        }
        match &mut self.source {
            Source::Stored(reader) => {
                reader.seek(SeekFrom::Start(self.info.frame_offset(start)))?;
                self.bytes.resize(len * self.info.frame_bytes(), 0);
                reader.read_exact(&mut self.bytes)?;
                Ok(samples(&self.bytes, self.info.encoding))
            }
            Source::Decoded(decoded) => {
                let mut samples = Vec::with_capacity(len * usize::from(self.info.channels));
                decoded.read(start, len, &mut samples)?;
                Ok(samples)
            }
        }
    }

    /// The bytes of up to `len` frames as they are stored; of a coded file, as 16-bit samples.
    pub(crate) fn read_bytes(&mut self, start: u64, len: usize) -> io::Result<Vec<u8>> {
        let Source::Stored(reader) = &mut self.source else {
            let samples = self.read_frames(start, len)?;
            return Ok(samples
                .iter()
                .flat_map(|sample| sample.to_le_bytes())
                .collect());
        };
        reader.seek(SeekFrom::Start(self.info.frame_offset(start)))?;
        let mut bytes = vec![0; len * self.info.frame_bytes()];
        reader.read_exact(&mut bytes)?;
        Ok(bytes)
    }

    /// One channel of the given half-open frame ranges, one after the other.
    ///
    /// # Errors
    /// When the bytes cannot be read.
    pub fn read_channel(&mut self, channel: u8, pieces: &[(u64, u64)]) -> io::Result<Vec<i16>> {
        let width = usize::from(self.info.channels);
        let mut samples = Vec::new();
        for &(start, end) in pieces {
            let mut at = start;
            while at < end {
                let len = usize::try_from(end - at).unwrap_or(usize::MAX);
                let frames = self.read_frames(at, len)?;
                if frames.is_empty() {
                    break;
                }
                at += (frames.len() / width) as u64;
                samples.extend(frames.iter().skip(usize::from(channel)).step_by(width));
            }
        }
        Ok(samples)
    }
}

fn samples(bytes: &[u8], encoding: Encoding) -> Vec<i16> {
    if encoding == Encoding::Pcm16 {
        // By far the most usual one, and then nothing has to be converted.
        let pairs = bytes.chunks_exact(2);
        return pairs
            .map(|pair| i16::from_le_bytes([pair[0], pair[1]]))
            .collect();
    }
    let samples = bytes.chunks_exact(encoding.sample_bytes());
    samples.map(|bytes| encoding.decode_16(bytes)).collect()
}

/// Whether samples lie in the file as they are.
fn is_stored(reader: &mut (impl Read + Seek)) -> Result<bool, AudioError> {
    match packets::media_kind(reader)? {
        MediaKind::Wav | MediaKind::Wave64 | MediaKind::Au => {
            let layout = wav::layout(reader)?;
            Ok(matches!(layout.format.coding, Coding::Samples(_)))
        }
        _ => Ok(false),
    }
}

/// Bytes before the samples of a plain WAV file.
const PLAIN_HEADER_BYTES: u64 = 44;

fn heard_as(track: &Track) -> WavInfo {
    let frame_bytes = u64::from(track.channels) * Encoding::Pcm16.sample_bytes() as u64;
    WavInfo {
        container: Container::Wav,
        encoding: Encoding::Pcm16,
        channels: track.channels,
        sample_rate_hz: track.sample_rate_hz,
        data_offset: PLAIN_HEADER_BYTES,
        data_len: track.frames.saturating_mul(frame_bytes),
        frames: track.frames,
        warnings: track.warnings.clone(),
    }
}
