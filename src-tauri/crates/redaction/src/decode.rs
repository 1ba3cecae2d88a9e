//! Listening to sound that is not plain samples: packets in, 16-bit frames out.
//!
//! [`packets`](crate::packets) says where packets lie, this module what they sound like. Decoding
//! runs forward; a step back begins again at the first packet, because most codecs remember.

mod adpcm;
mod g726;
mod gsm;
mod library;
mod opus;

use std::{
    fmt,
    io::{self, Read, Seek},
};

pub(crate) use self::g726::Packing;
pub(crate) use self::opus::{OpusDecoder, timeline_rate};
use crate::{
    audio::AudioError,
    packets::{Packets, Track, UNKNOWN_FRAMES},
};

/// A packet cannot be decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Damaged;

/// Turns packets into interleaved samples; remembers what came before.
pub(crate) trait Codec: fmt::Debug + Send {
    /// Adds the frames of the next packet to `out`.
    fn decode(&mut self, packet: &[u8], out: &mut Vec<i16>) -> Result<(), Damaged>;
    /// Forgets everything, as before the first packet.
    fn reset(&mut self);
}

/// Codecs whose packets are byte blocks of one size, as WAVE and Sun audio hold them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BlockCodec {
    /// GSM 06.10, two frames in 65 bytes.
    Gsm,
    /// IMA ADPCM.
    ImaAdpcm {
        /// Bytes of a block of all channels.
        block_align: u16,
    },
    /// Microsoft ADPCM.
    MsAdpcm {
        /// Bytes of a block of all channels.
        block_align: u16,
    },
    /// Dialogic (OKI) ADPCM.
    DialogicAdpcm,
    /// G.726.
    G726 {
        /// Bits of a code: 2 to 5.
        bits: u8,
        /// Order of codes in a byte.
        packing: Packing,
    },
}

/// Bytes decoded at a time where the stream has no blocks of its own; holds whole codes of 2 to 5 bits.
const STREAM_BYTES: usize = 240;

impl BlockCodec {
    /// The name in reports.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Gsm => "GSM 06.10",
            Self::ImaAdpcm { .. } => "IMA ADPCM",
            Self::MsAdpcm { .. } => "Microsoft ADPCM",
            Self::DialogicAdpcm => "Dialogic ADPCM",
            Self::G726 { .. } => "G.726",
        }
    }

    /// # Errors
    /// When the codec cannot have so many channels or so small a block.
    pub(crate) fn checked(self, channels: u16) -> Result<Self, AudioError> {
        let room = match self {
            Self::Gsm | Self::DialogicAdpcm | Self::G726 { .. } => channels == 1,
            Self::ImaAdpcm { block_align } => {
                channels <= 2 && block_align > 4 * channels && block_align % (4 * channels) == 0
            }
            Self::MsAdpcm { block_align } => channels <= 2 && block_align > 7 * channels,
        };
        if channels == 0 || !room {
            return Err(AudioError::Malformed {
                what: "channels or block size are impossible for the codec",
            });
        }
        Ok(self)
    }

    /// Bytes of a block.
    pub(crate) fn block_bytes(self) -> usize {
        match self {
            Self::Gsm => gsm::BLOCK_BYTES,
            Self::ImaAdpcm { block_align } | Self::MsAdpcm { block_align } => block_align.into(),
            Self::DialogicAdpcm | Self::G726 { .. } => STREAM_BYTES,
        }
    }

    /// Frames that `bytes` of a block hold; of an incomplete block too, where the codec can.
    pub(crate) fn frames_in(self, bytes: u64, channels: u16) -> u64 {
        let channels = u64::from(channels);
        match self {
            Self::Gsm => bytes / gsm::BLOCK_BYTES as u64 * 320,
            Self::ImaAdpcm { .. } if bytes < 4 * channels => 0,
            Self::ImaAdpcm { .. } => (bytes - 4 * channels) / (4 * channels) * 8 + 1,
            Self::MsAdpcm { .. } if bytes < 7 * channels => 0,
            Self::MsAdpcm { .. } => (bytes - 7 * channels) * 2 / channels + 2,
            Self::DialogicAdpcm => bytes * 2,
            Self::G726 { bits, .. } => bytes * 8 / u64::from(bits),
        }
    }
}

/// What decodes a track.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum CodecKind {
    /// One of ours.
    Block(BlockCodec),
    /// MPEG layer III.
    Mp3,
    /// Opus with the output rate of the timeline.
    Opus,
    /// FLAC with its STREAMINFO block.
    Flac {
        /// The 34 bytes of the block.
        stream_info: Vec<u8>,
    },
    /// Vorbis with its identification and setup headers.
    Vorbis {
        /// Both headers, one behind the other.
        headers: Vec<u8>,
    },
    /// AAC with its AudioSpecificConfig.
    Aac {
        /// The configuration bytes.
        config: Vec<u8>,
    },
}

impl CodecKind {
    /// The name in reports.
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::Block(codec) => codec.name(),
            Self::Mp3 => "MP3",
            Self::Opus => "Opus",
            Self::Flac { .. } => "FLAC",
            Self::Vorbis { .. } => "Vorbis",
            Self::Aac { .. } => "AAC",
        }
    }

    /// A decoder for the track.
    ///
    /// # Errors
    /// When the codec's own header is broken.
    pub(crate) fn codec(&self, track: &Track) -> Result<Box<dyn Codec>, AudioError> {
        let channels = usize::from(track.channels);
        Ok(match self {
            Self::Block(BlockCodec::Gsm) => Box::new(gsm::Gsm::new()),
            Self::Block(BlockCodec::ImaAdpcm { .. }) => Box::new(adpcm::Ima { channels }),
            Self::Block(BlockCodec::MsAdpcm { .. }) => Box::new(adpcm::Ms { channels }),
            Self::Block(BlockCodec::DialogicAdpcm) => Box::new(adpcm::Dialogic::default()),
            Self::Block(BlockCodec::G726 { bits, packing }) => {
                Box::new(g726::G726::new(*bits, *packing))
            }
            Self::Opus => Box::new(OpusDecoder::new(track.sample_rate_hz, track.channels)?),
            Self::Mp3 | Self::Flac { .. } | Self::Vorbis { .. } | Self::Aac { .. } => {
                Box::new(library::LibraryCodec::new(self, track)?)
            }
        })
    }
}

/// A file's sound, decoded piece by piece.
#[derive(Debug)]
pub(crate) struct Decoded<R> {
    packets: Packets<R>,
    track: Track,
    codec: Box<dyn Codec>,
    /// Decoded frames that were not asked for yet, and the number of the first of them.
    buffer: Vec<i16>,
    first: u64,
}

impl<R: Read + Seek> Decoded<R> {
    /// Opens a file that is not plain samples.
    ///
    /// # Errors
    /// When the format is not known or broken, or there is no audio.
    pub(crate) fn open(reader: R) -> Result<Self, AudioError> {
        let (packets, track) = Packets::open(reader)?;
        let codec = track.codec.codec(&track)?;
        let mut decoded = Self {
            packets,
            track,
            codec,
            buffer: Vec::new(),
            first: 0,
        };
        if decoded.track.frames == UNKNOWN_FRAMES {
            decoded.count()?;
        }
        if decoded.track.frames == 0 {
            return Err(AudioError::NoAudio);
        }
        Ok(decoded)
    }

    /// Counts frames where only decoding tells how many there are.
    fn count(&mut self) -> Result<(), AudioError> {
        while self.advance()? {}
        let width = usize::from(self.track.channels);
        let held = (self.buffer.len() / width) as u64;
        self.track.frames = (self.first + held).saturating_sub(self.track.skipped_frames);
        Ok(self.rewind()?)
    }

    pub(crate) fn track(&self) -> &Track {
        &self.track
    }

    /// Adds exactly `len` frames from frame `start` to `out`.
    ///
    /// # Errors
    /// When the file cannot be read, or holds less than its headers promise.
    pub(crate) fn read(&mut self, start: u64, len: usize, out: &mut Vec<i16>) -> io::Result<()> {
        let width = usize::from(self.track.channels);
        let mut at = self.track.skipped_frames.saturating_add(start);
        let end = at.saturating_add(len as u64);
        if at < self.first {
            self.rewind()?;
        }
        while at < end {
            let held = self.first + (self.buffer.len() / width) as u64;
            if at >= held {
                if !self.advance()? {
                    return Err(damaged("the file ends before the audio it announces"));
                }
                continue;
            }
            let index = |frame: u64| usize::try_from(frame - self.first).unwrap_or(0) * width;
            let to = end.min(held);
            out.extend(&self.buffer[index(at)..index(to)]);
            at = to;
        }
        Ok(())
    }

    fn rewind(&mut self) -> io::Result<()> {
        self.packets.rewind().map_err(broken)?;
        self.codec.reset();
        self.buffer.clear();
        self.first = 0;
        Ok(())
    }

    /// Decodes the next packet; `false` at the end.
    fn advance(&mut self) -> io::Result<bool> {
        let width = usize::from(self.track.channels);
        let Some(packet) = self.packets.next().map_err(broken)? else {
            return Ok(false);
        };
        self.first += (self.buffer.len() / width) as u64;
        self.buffer.clear();
        let decoded = self.codec.decode(&packet, &mut self.buffer);
        decoded.map_err(|Damaged| damaged("a piece of the audio cannot be decoded"))?;
        if !self.buffer.len().is_multiple_of(width) {
            return Err(damaged(
                "a piece of the audio has another number of channels",
            ));
        }
        Ok(true)
    }
}

fn damaged(what: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

fn broken(error: AudioError) -> io::Error {
    match error {
        AudioError::Io(error) => error,
        other => io::Error::new(io::ErrorKind::InvalidData, other),
    }
}
