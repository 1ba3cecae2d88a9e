//! From the committed Opus and MP3 files to the formats the platform offers.

use std::{
    collections::HashMap,
    io::Cursor,
    sync::{Mutex, PoisonError},
};

use bytes::Bytes;
use ropus::{Channels, DecodeMode, Decoder};
use symphonia::{
    core::{
        codecs::CodecParameters,
        formats::{FormatReader, TrackType},
        io::MediaSourceStream,
    },
    default::formats::MkvReader,
};

use crate::{
    corpus::{self, Corpus},
    ogg::{self, OpusStream},
};

/// Sample rate of every recording.
pub(crate) const RATE_HZ: u32 = 8000;

/// Opus counts its delay at 48 kHz whatever it carries (RFC 7845, section 4.2).
const OPUS_CLOCK_PER_SAMPLE: usize = 48_000 / RATE_HZ as usize;

/// The generator's encoder makes packets of 20 ms, counted at 48 kHz.
const PACKET_SAMPLES: u64 = 960;

/// Longest Opus packet, 120 ms of two channels.
const MAX_PACKET_SAMPLES: usize = RATE_HZ as usize * 120 / 1000 * 2;

/// What `formatId` may ask for and the sandbox can make.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Format {
    Wav,
    WavUlaw,
    Webm,
    OggOpus,
    Mp3,
}

/// Which part of the two-channel recording a file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Part {
    /// Both channels in one file.
    Stereo,
    /// One channel alone.
    Channel(usize),
}

impl Format {
    /// The format of a `formatId`. `NONE` is the original, which this organization's trunk records as PCMU.
    pub(crate) fn from_id(id: &str) -> Option<Self> {
        match id {
            "WAV" => Some(Self::Wav),
            "WAV_ULAW" | "NONE" => Some(Self::WavUlaw),
            "WEBM" => Some(Self::Webm),
            "OGG_OPUS" => Some(Self::OggOpus),
            "MP3" => Some(Self::Mp3),
            _ => None,
        }
    }

    /// File name ending; also the format's name in presigned paths.
    pub(crate) const fn suffix(self) -> &'static str {
        match self {
            Self::Wav => "wav",
            Self::WavUlaw => "ulaw.wav",
            Self::Webm => "webm",
            Self::OggOpus => "opus",
            Self::Mp3 => "mp3",
        }
    }

    pub(crate) const fn content_type(self) -> &'static str {
        match self {
            Self::Wav | Self::WavUlaw => "audio/wav",
            Self::Webm => "audio/webm",
            Self::OggOpus => "audio/ogg; codecs=opus",
            Self::Mp3 => "audio/mpeg",
        }
    }

    pub(crate) const ALL: [Self; 5] = [
        Self::WavUlaw,
        Self::Wav,
        Self::Webm,
        Self::OggOpus,
        Self::Mp3,
    ];
}

/// Files already made; decoding a recording takes a moment, and clients ask again.
#[derive(Default)]
pub(crate) struct Library {
    files: Mutex<HashMap<(String, Format, Part), Bytes>>,
}

impl Library {
    /// The whole file, or `None` when there is no such recording or it has no media.
    pub(crate) fn file(&self, recording_id: &str, format: Format, part: Part) -> Option<Bytes> {
        let key = (recording_id.to_owned(), format, part);
        if let Some(bytes) = self.lock().get(&key) {
            return Some(bytes.clone());
        }
        let bytes = make(recording_id, format, part)?;
        self.lock().insert(key, bytes.clone());
        Some(bytes)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<(String, Format, Part), Bytes>> {
        self.files.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The bytes of a recording in a format, as every sandbox gives them: what a correct client must end up with.
///
/// `format_id` is the platform's: `NONE` is the original. `None` when there is no such recording or format, or
/// the recording has no media.
pub fn planted_media(recording_id: &str, format_id: &str) -> Option<Bytes> {
    make(recording_id, Format::from_id(format_id)?, Part::Stereo)
}

fn make(recording_id: &str, format: Format, part: Part) -> Option<Bytes> {
    let (conversation, recording) = Corpus::get().recording(recording_id)?;
    let files = corpus::media_files(&conversation.stem)?;
    Some(match format {
        Format::Webm => Bytes::from_static(files.webm),
        Format::Mp3 => Bytes::from_static(files.mp3),
        Format::OggOpus => ogg::mux(&demux(files.webm, recording.frames)),
        Format::Wav => wav(&pick(decode(files.webm, recording.frames), part), part),
        Format::WavUlaw => wav_ulaw(&pick(decode(files.webm, recording.frames), part), part),
    })
}

/// Interleaved samples of the committed file, exactly as many frames as were encoded.
fn decode(webm: &'static [u8], frames: usize) -> Vec<i16> {
    let stream = demux(webm, frames);
    let mut samples = Vec::with_capacity((frames + RATE_HZ as usize) * 2);
    let mut decoder = Decoder::new(RATE_HZ, Channels::Stereo).expect("8 kHz is an Opus rate");
    let mut decoded = [0_i16; MAX_PACKET_SAMPLES];
    for (packet, _) in &stream.packets {
        let count = decoder
            .decode(packet, &mut decoded, DecodeMode::Normal)
            .expect("the committed packets are Opus; a test decodes each");
        samples.extend_from_slice(&decoded[..count * 2]);
    }
    samples.drain(..pre_skip(&stream.head) / OPUS_CLOCK_PER_SAMPLE * 2);
    samples.resize(frames * 2, 0);
    samples
}

/// The Opus packets of a committed file, without the container.
fn demux(webm: &'static [u8], frames: usize) -> OpusStream {
    let source = MediaSourceStream::new(Box::new(Cursor::new(webm)), Default::default());
    let mut reader = MkvReader::try_new(source, Default::default())
        .expect("the committed files are WebM; a test decodes each");
    let head = opus_head(&reader).expect("the committed files say how Opus starts");
    let mut packets = Vec::new();
    while let Ok(Some(packet)) = reader.next_packet() {
        packets.push((packet.data, PACKET_SAMPLES));
    }
    let end = (pre_skip(&head) + frames * OPUS_CLOCK_PER_SAMPLE) as u64;
    OpusStream { head, packets, end }
}

fn opus_head(reader: &MkvReader<'_>) -> Option<Box<[u8]>> {
    match reader
        .default_track(TrackType::Audio)?
        .codec_params
        .as_ref()?
    {
        CodecParameters::Audio(params) => params.extra_data.clone(),
        _ => None,
    }
}

/// Encoder delay in samples at 48 kHz (RFC 7845, section 5.1).
fn pre_skip(head: &[u8]) -> usize {
    head.get(10..12).map_or(0, |bytes| {
        usize::from(u16::from_le_bytes([bytes[0], bytes[1]]))
    })
}

fn pick(samples: Vec<i16>, part: Part) -> Vec<i16> {
    match part {
        Part::Stereo => samples,
        Part::Channel(channel) => samples.into_iter().skip(channel).step_by(2).collect(),
    }
}

const fn channels(part: Part) -> u16 {
    match part {
        Part::Stereo => 2,
        Part::Channel(_) => 1,
    }
}

/// RIFF/WAVE with 16-bit samples.
fn wav(samples: &[i16], part: Part) -> Bytes {
    let data: Vec<u8> = samples
        .iter()
        .flat_map(|sample| sample.to_le_bytes())
        .collect();
    riff(&[(b"fmt ", &fmt_chunk(1, part, 2)), (b"data", &data)])
}

/// RIFF/WAVE with G.711 μ-law; other than PCM, so with the extension size and a `fact` chunk.
fn wav_ulaw(samples: &[i16], part: Part) -> Bytes {
    let data: Vec<u8> = samples.iter().map(|&sample| ulaw(sample)).collect();
    let mut fmt = fmt_chunk(7, part, 1);
    fmt.extend_from_slice(&0_u16.to_le_bytes());
    let frames = (samples.len() / usize::from(channels(part))) as u32;
    riff(&[
        (b"fmt ", &fmt),
        (b"fact", &frames.to_le_bytes()),
        (b"data", &data),
    ])
}

fn fmt_chunk(tag: u16, part: Part, bytes_per_sample: u16) -> Vec<u8> {
    let align = channels(part) * bytes_per_sample;
    let mut chunk = Vec::with_capacity(18);
    chunk.extend_from_slice(&tag.to_le_bytes());
    chunk.extend_from_slice(&channels(part).to_le_bytes());
    chunk.extend_from_slice(&RATE_HZ.to_le_bytes());
    chunk.extend_from_slice(&(RATE_HZ * u32::from(align)).to_le_bytes());
    chunk.extend_from_slice(&align.to_le_bytes());
    chunk.extend_from_slice(&(bytes_per_sample * 8).to_le_bytes());
    chunk
}

fn riff(chunks: &[(&[u8; 4], &[u8])]) -> Bytes {
    let mut body = b"WAVE".to_vec();
    for (id, data) in chunks {
        body.extend_from_slice(*id);
        body.extend_from_slice(&(data.len() as u32).to_le_bytes());
        body.extend_from_slice(data);
        body.resize(body.len() + data.len() % 2, 0);
    }
    let mut file = b"RIFF".to_vec();
    file.extend_from_slice(&(body.len() as u32).to_le_bytes());
    file.append(&mut body);
    file.into()
}

/// One sample in G.711 μ-law (ITU-T G.711).
fn ulaw(sample: i16) -> u8 {
    const BIAS: i32 = 0x84;
    const CLIP: i32 = 32_635;
    let sign = if sample < 0 { 0x80 } else { 0 };
    let magnitude = i32::from(sample).abs().min(CLIP) + BIAS;
    let exponent = magnitude.ilog2() as i32 - 7;
    let mantissa = (magnitude >> (exponent + 3)) & 0x0f;
    !(sign | (exponent << 4) | mantissa) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ulaw_matches_the_table_of_the_standard() {
        for (sample, code) in [
            (0, 0xff),
            (-1, 0x7f),
            (32_767, 0x80),
            (-32_768, 0x00),
            (1000, 0xce),
        ] {
            assert_eq!(ulaw(sample), code, "{sample}");
        }
    }
}
