//! Samples of a WAV file as 16-bit frames, with seeking: for playback, peaks and checks.

use std::io::{self, Read, Seek, SeekFrom};

use crate::wav::{WavError, WavInfo};

/// Most frames read in one call; keeps memory flat whatever the caller asks for.
pub const MAX_FRAMES_PER_READ: usize = 1 << 20;

/// Reads frames of a WAV file from any position.
#[derive(Debug)]
pub struct PcmReader<R> {
    reader: R,
    info: WavInfo,
    bytes: Vec<u8>,
}

impl<R: Read + Seek> PcmReader<R> {
    /// Reads the header.
    ///
    /// # Errors
    /// When the bytes are not WAV audio that can be read here.
    pub fn open(mut reader: R) -> Result<Self, WavError> {
        let info = WavInfo::probe(&mut reader)?;
        Ok(Self {
            reader,
            info,
            bytes: Vec::new(),
        })
    }

    /// What the file holds.
    pub fn info(&self) -> &WavInfo {
        &self.info
    }

    /// Interleaved 16-bit samples of up to `len` frames from frame `start`; fewer at the end of the
    /// audio or beyond [`MAX_FRAMES_PER_READ`].
    ///
    /// # Errors
    /// When the bytes cannot be read.
    pub fn read_frames(&mut self, start: u64, len: usize) -> io::Result<Vec<i16>> {
        let left = self.info.frames.saturating_sub(start);
        let len = len
            .min(MAX_FRAMES_PER_READ)
            .min(usize::try_from(left).unwrap_or(usize::MAX));
        if len == 0 {
            return Ok(Vec::new());
        }
        self.reader
            .seek(SeekFrom::Start(self.info.frame_offset(start)))?;
        self.bytes.resize(len * self.info.frame_bytes(), 0);
        self.reader.read_exact(&mut self.bytes)?;
        let encoding = self.info.encoding;
        let samples = self.bytes.chunks_exact(encoding.sample_bytes());
        Ok(samples.map(|bytes| encoding.decode_16(bytes)).collect())
    }

    /// One channel of the given half-open frame ranges, one after the other.
    ///
    /// # Errors
    /// When the bytes cannot be read.
    pub fn read_channel(&mut self, channel: u8, pieces: &[(u64, u64)]) -> io::Result<Vec<i16>> {
        let width = usize::from(self.info.channels);
        let mut samples = Vec::new();
        for &(start, end) in pieces {
            let len = usize::try_from(end.saturating_sub(start)).unwrap_or(usize::MAX);
            let frames = self.read_frames(start, len)?;
            samples.extend(frames.iter().skip(usize::from(channel)).step_by(width));
        }
        Ok(samples)
    }
}
