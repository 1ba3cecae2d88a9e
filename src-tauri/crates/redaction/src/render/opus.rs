//! Opus: packets of a span are exchanged for packets that were made from a seed alone.
//!
//! The exchanged packets have one size, because sizes tell what was said. The packet behind a span
//! goes too: it may hold a copy of the one before it (RFC 6716, section 2.1.7). What is outside
//! stays to the bit; what leaves is Ogg, whatever the packets came in.

use std::io::{Read, Seek, Write};

use ropus::{Application, Bitrate, Channels, Encoder, InbandFec};

use super::{
    RenderError,
    runs::{Clock, Reach, Run, as_ranges, choose},
};
use crate::{
    audio::AudioError,
    noise::Replacement,
    packets::{
        Packets,
        ogg::Writer,
        opus::{self, CLOCK_HZ, Head},
    },
    ranges::ReplacedRange,
    wav::WavInfo,
};

/// Lengths of the packets that we make, in ticks, longest first: 20, 10, 5 and 2.5 ms.
const PACKET_TICKS: [u64; 4] = [960, 480, 240, 120];
/// Bits a second of one channel in replaced packets.
const BITS_PER_SECOND: u32 = 24_000;
/// Low enough that the encoder computes in integers only: the same packets on every machine.
const COMPLEXITY: u8 = 5;
/// Largest packet (RFC 6716, section 3.4).
const MAX_PACKET_BYTES: usize = 1275;
/// Who wrote the stream, for the comment header; nothing else is in it.
const VENDOR: &[u8] = b"SAR Portal";

/// The shape of an Opus stream and the lengths of its packets.
pub(crate) struct Stream {
    pub(crate) head: Head,
    pub(crate) clock: Clock,
    /// Ticks of each packet; 120 ms are 5,760.
    pub(crate) ticks: Vec<u16>,
}

impl Stream {
    /// Reads the whole file once.
    pub(crate) fn measure<R: Read + Seek>(
        packets: &mut Packets<R>,
        info: &WavInfo,
    ) -> Result<Self, AudioError> {
        let head = packets.opus_head()?;
        let mut ticks = Vec::new();
        packets.rewind()?;
        while let Some(packet) = packets.next()? {
            ticks.push(u16::try_from(opus::duration(&packet)?).unwrap_or(u16::MAX));
        }
        packets.rewind()?;
        let ticks_per_frame = CLOCK_HZ / u64::from(info.sample_rate_hz);
        let clock = Clock {
            ticks_per_frame,
            skipped_frames: u64::from(head.pre_skip) / ticks_per_frame,
            frames: info.frames,
        };
        Ok(Self { head, clock, ticks })
    }
}

pub(super) fn render<R: Read + Seek>(
    original: &mut R,
    out: &mut impl Write,
    info: &WavInfo,
    wanted: &[ReplacedRange],
) -> Result<Vec<ReplacedRange>, RenderError> {
    let (mut packets, _) = Packets::open(original)?;
    let stream = Stream::measure(&mut packets, info)?;
    let reach = Reach {
        before: u64::from(info.sample_rate_hz) / 50,
        behind: 0,
        copies: true,
    };
    let (flags, runs) = choose(&stream.clock, &stream.ticks, wanted, reach);
    let mut exchange = Exchange {
        out,
        writer: Writer::new(),
        at: 0,
    };
    exchange.headers(&stream.head)?;
    let (mut pending, mut next_run) = (0, runs.iter());
    for (goes, &ticks) in flags.iter().zip(&stream.ticks) {
        let Some(packet) = packets.next()? else {
            break;
        };
        if *goes {
            pending += u64::from(ticks);
            continue;
        }
        exchange.replace(std::mem::take(&mut pending), &mut next_run, info)?;
        exchange.keep(packet, ticks.into())?;
    }
    exchange.replace(pending, &mut next_run, info)?;
    exchange.finish(&stream, info)?;
    Ok(as_ranges(&runs, info))
}

/// The stream that is being written.
struct Exchange<'a, W> {
    out: &'a mut W,
    writer: Writer,
    /// Ticks written.
    at: u64,
}

impl<W: Write> Exchange<'_, W> {
    fn headers(&mut self, head: &Head) -> Result<(), RenderError> {
        let page = self.writer.header(head.bytes());
        self.out.write_all(&page)?;
        let page = self.writer.header(comment_header());
        Ok(self.out.write_all(&page)?)
    }

    fn keep(&mut self, packet: Vec<u8>, ticks: u64) -> Result<(), RenderError> {
        self.at += ticks;
        match self.writer.packet(packet, self.at) {
            Some(page) => Ok(self.out.write_all(&page)?),
            None => Ok(()),
        }
    }

    /// Writes what stands for `ticks` of original packets.
    fn replace<'r>(
        &mut self,
        ticks: u64,
        runs: &mut impl Iterator<Item = &'r Run>,
        info: &WavInfo,
    ) -> Result<(), RenderError> {
        if ticks == 0 {
            return Ok(());
        }
        let run = runs.next().ok_or(NO_PACKET)?;
        for made in Replaced::new(run, ticks, info).ok_or(NO_PACKET)? {
            let (packet, ticks) = made.ok_or(NO_PACKET)?;
            self.keep(packet, ticks)?;
        }
        Ok(())
    }

    /// The end of the stream says where the sound ends, as the original's did.
    fn finish(mut self, stream: &Stream, info: &WavInfo) -> Result<(), RenderError> {
        let clock = &stream.clock;
        let end = u64::from(stream.head.pre_skip) + info.frames * clock.ticks_per_frame;
        let page = self.writer.finish(end.min(self.at));
        Ok(self.out.write_all(&page)?)
    }
}

const NO_PACKET: AudioError = AudioError::Malformed {
    what: "no Opus packet can be made for its rate and channels",
};

/// The comment header, without comments.
pub(crate) fn comment_header() -> Vec<u8> {
    let len = u32::try_from(VENDOR.len())
        .expect("a short name")
        .to_le_bytes();
    [&b"OpusTags"[..], &len, VENDOR, &[0; 4]].concat()
}

/// The packets that stand for a run: made from seed and style, and from nothing else.
pub(crate) struct Replaced {
    encoder: Encoder,
    sources: Vec<Replacement>,
    rate_hz: u64,
    ticks_left: u64,
}

impl Replaced {
    pub(crate) fn new(run: &Run, ticks: u64, info: &WavInfo) -> Option<Self> {
        let layout = if info.channels == 1 {
            Channels::Mono
        } else {
            Channels::Stereo
        };
        let bits = BITS_PER_SECOND * u32::from(info.channels);
        let encoder = Encoder::builder(info.sample_rate_hz, layout, Application::Voip)
            .bitrate(Bitrate::Bits(bits))
            .complexity(COMPLEXITY)
            .vbr(false)
            .inband_fec(InbandFec::Disabled)
            .dtx(false)
            .build()
            .ok()?;
        // Without context, so that nothing but seed and style decides: decoders need not agree.
        let source =
            |channel| Replacement::new(run.style, run.seed, channel, info.sample_rate_hz, &[]);
        Some(Self {
            encoder,
            sources: (0..u8::try_from(info.channels).ok()?).map(source).collect(),
            rate_hz: info.sample_rate_hz.into(),
            ticks_left: ticks,
        })
    }

    fn packet(&mut self, ticks: u64) -> Option<Vec<u8>> {
        let frames = usize::try_from(ticks * self.rate_hz / CLOCK_HZ).ok()?;
        let mut samples = Vec::with_capacity(frames * self.sources.len());
        for _ in 0..frames {
            samples.extend(self.sources.iter_mut().map(Replacement::next_sample));
        }
        let mut packet = vec![0; MAX_PACKET_BYTES];
        let len = self.encoder.encode(&samples, &mut packet).ok()?;
        packet.truncate(len);
        Some(packet)
    }
}

impl Iterator for Replaced {
    type Item = Option<(Vec<u8>, u64)>;

    /// The next packet and its ticks; `None` inside when it cannot be made.
    fn next(&mut self) -> Option<Self::Item> {
        let ticks = *PACKET_TICKS
            .iter()
            .find(|&&ticks| ticks <= self.ticks_left)?;
        self.ticks_left -= ticks;
        Some(self.packet(ticks).map(|packet| (packet, ticks)))
    }
}
