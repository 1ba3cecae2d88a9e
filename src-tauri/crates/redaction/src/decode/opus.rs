//! Opus (RFC 6716), decoded by ropus at the rate that its content was made from.

use std::fmt;

use ropus::{Channels, DecodeMode, Decoder};

use super::{Codec, Damaged};
use crate::audio::AudioError;

/// Longest packet: 120 ms.
const MAX_PACKET_MS: usize = 120;

/// The rate at which an Opus stream is heard: that of its source where the decoder can make it.
pub(crate) const fn timeline_rate(input_rate_hz: u32) -> u32 {
    match input_rate_hz {
        8_000 | 12_000 | 16_000 | 24_000 => input_rate_hz,
        _ => 48_000,
    }
}

/// A decoder that can begin again.
pub(crate) struct OpusDecoder {
    decoder: Decoder,
    rate_hz: u32,
    channels: u16,
    samples: Vec<i16>,
}

impl fmt::Debug for OpusDecoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("opus")
    }
}

fn fresh(rate_hz: u32, channels: u16) -> Option<Decoder> {
    let layout = if channels == 1 {
        Channels::Mono
    } else {
        Channels::Stereo
    };
    Decoder::new(rate_hz, layout).ok()
}

impl OpusDecoder {
    pub(crate) fn new(rate_hz: u32, channels: u16) -> Result<Self, AudioError> {
        let decoder = fresh(rate_hz, channels).ok_or(AudioError::Malformed {
            what: "its Opus header names an impossible rate",
        })?;
        let most = rate_hz as usize * MAX_PACKET_MS / 1000 * usize::from(channels);
        Ok(Self {
            decoder,
            rate_hz,
            channels,
            samples: vec![0; most],
        })
    }
}

impl Codec for OpusDecoder {
    fn decode(&mut self, packet: &[u8], out: &mut Vec<i16>) -> Result<(), Damaged> {
        let frames = self
            .decoder
            .decode(packet, &mut self.samples, DecodeMode::Normal)
            .map_err(|_| Damaged)?;
        out.extend(&self.samples[..frames * usize::from(self.channels)]);
        Ok(())
    }

    fn reset(&mut self) {
        if let Some(decoder) = fresh(self.rate_hz, self.channels) {
            self.decoder = decoder;
        }
    }
}
