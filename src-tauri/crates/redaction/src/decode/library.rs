//! Codecs decoded by symphonia. Only its decoders are used: packets are found by our own readers,
//! because its probes take some call recordings for something else.

use std::fmt;

use symphonia::{
    core::{
        audio::{Channels, Position},
        codecs::audio::{
            AudioCodecParameters, AudioDecoder, AudioDecoderOptions,
            well_known::{CODEC_ID_AAC, CODEC_ID_FLAC, CODEC_ID_MP3, CODEC_ID_VORBIS},
        },
        packet::PacketRef,
        units::{Duration, Timestamp},
    },
    default::codecs::{AacDecoder, FlacDecoder, MpaDecoder, VorbisDecoder},
};

use super::{Codec, CodecKind, Damaged};
use crate::{audio::AudioError, packets::Track};

/// A decoder and a place for what it decoded.
pub(super) struct LibraryCodec {
    decoder: Box<dyn AudioDecoder>,
    params: AudioCodecParameters,
    channels: usize,
    samples: Vec<i16>,
}

impl fmt::Debug for LibraryCodec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.decoder.codec_info().short_name)
    }
}

impl LibraryCodec {
    pub(super) fn new(kind: &CodecKind, track: &Track) -> Result<Self, AudioError> {
        let params = parameters(kind, track);
        let decoder = fresh(&params).ok_or_else(|| AudioError::Unsupported {
            codec: format!("{} in a form that cannot be decoded", kind.name()),
        })?;
        Ok(Self {
            decoder,
            params,
            channels: track.channels.into(),
            samples: Vec::new(),
        })
    }
}

fn parameters(kind: &CodecKind, track: &Track) -> AudioCodecParameters {
    let (id, extra) = match kind {
        CodecKind::Flac { stream_info } => (CODEC_ID_FLAC, &stream_info[..]),
        CodecKind::Vorbis { headers } => (CODEC_ID_VORBIS, &headers[..]),
        CodecKind::Aac { config } => (CODEC_ID_AAC, &config[..]),
        CodecKind::Mp3 | CodecKind::Opus | CodecKind::Block(_) => (CODEC_ID_MP3, &[][..]),
    };
    let positions = match track.channels {
        1 => Position::FRONT_LEFT,
        _ => Position::FRONT_LEFT | Position::FRONT_RIGHT,
    };
    let mut params = AudioCodecParameters::new();
    params.for_codec(id).with_sample_rate(track.sample_rate_hz);
    params.with_channels(Channels::Positioned(positions));
    if !extra.is_empty() {
        params.with_extra_data(extra.into());
    }
    params
}

fn fresh(params: &AudioCodecParameters) -> Option<Box<dyn AudioDecoder>> {
    let options = AudioDecoderOptions::default();
    let boxed: Box<dyn AudioDecoder> = match params.codec {
        CODEC_ID_FLAC => Box::new(FlacDecoder::try_new(params, &options).ok()?),
        CODEC_ID_VORBIS => Box::new(VorbisDecoder::try_new(params, &options).ok()?),
        CODEC_ID_AAC => Box::new(AacDecoder::try_new(params, &options).ok()?),
        _ => Box::new(MpaDecoder::try_new(params, &options).ok()?),
    };
    Some(boxed)
}

impl Codec for LibraryCodec {
    fn decode(&mut self, packet: &[u8], out: &mut Vec<i16>) -> Result<(), Damaged> {
        let packet = PacketRef::new(0, Timestamp::ZERO, Duration::ZERO, packet);
        let audio = self.decoder.decode_ref(&packet).map_err(|_| Damaged)?;
        if audio.frames() > 0 && audio.num_planes() != self.channels {
            return Err(Damaged);
        }
        self.samples.clear();
        audio.copy_to_vec_interleaved(&mut self.samples);
        out.extend(&self.samples);
        Ok(())
    }

    fn reset(&mut self) {
        // The decoder's own `reset` keeps the state of its noise, and a second pass would differ.
        if let Some(decoder) = fresh(&self.params) {
            self.decoder = decoder;
        }
    }
}
