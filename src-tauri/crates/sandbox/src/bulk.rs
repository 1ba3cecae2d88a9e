//! Many recordings, or long ones, made while they are read: for measuring, not for listening.
//!
//! Their sound is noise, computed from the number of the recording and the place in the file, so that nothing is
//! held in memory and everybody who knows the numbers knows the bytes.

use std::{ops::Range, sync::OnceLock};

use axum::body::Body;
use bytes::Bytes;
use futures_util::stream;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    audio::{Format, RATE_HZ},
    corpus::{Conversation, Recording},
};

/// How many recordings there are beside the corpus, and how long each is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Bulk {
    /// Conversations, each with one recording; one begins every half minute from [`BULK_START`].
    pub recordings: u32,
    /// Seconds of two channels; one in PCM takes 32,000 bytes.
    pub seconds: u32,
}

/// When the first of them begins.
pub const BULK_START: &str = "2026-05-01T00:00:00Z";

/// Ids are this plus the number of the recording.
const CONVERSATIONS: u128 = 0xb01c_0000_0000_4000_8000_0000_0000_0000;
const RECORDINGS: u128 = 0xb01c_0001_0000_4000_8000_0000_0000_0000;
const SESSIONS: u128 = 0xb01c_0002_0000_4000_8000_0000_0000_0000;
const PARTICIPANTS: u128 = 0xb01c_0003_0000_4000_8000_0000_0000_0000;

const APART: SignedDuration = SignedDuration::from_secs(30);
/// The noise is cut from a table in pieces of this size.
const PIECE: usize = 64 * 1024;
const TABLE: usize = 1024 * 1024;
const HEADER: u64 = 44;
const CHANNELS: u64 = 2;

/// The conversations, and how to make their media.
pub(crate) struct Planted {
    bulk: Bulk,
    conversations: Vec<Conversation>,
}

/// A file that is made while it is read.
#[derive(Clone, Copy)]
pub(crate) struct Made {
    number: u32,
    seconds: u32,
    bytes_per_sample: u64,
}

impl Planted {
    /// They stay until the process ends, as the corpus does.
    pub(crate) fn plant(bulk: Bulk) -> &'static Self {
        let conversations = (0..bulk.recordings).map(|number| conversation(number, bulk.seconds));
        Box::leak(Box::new(Self {
            bulk,
            conversations: conversations.collect(),
        }))
    }

    pub(crate) fn all(&'static self) -> &'static [Conversation] {
        &self.conversations
    }

    pub(crate) fn conversation(&'static self, id: &str) -> Option<&'static Conversation> {
        self.conversations.get(number(CONVERSATIONS, id)? as usize)
    }

    /// The file of a recording, if it is one of these in a format that can be made on the way.
    pub(crate) fn file(&self, recording_id: &str, format: Format) -> Option<Made> {
        let number = number(RECORDINGS, recording_id)?;
        (number < self.bulk.recordings).then_some(())?;
        Made::new(number, self.bulk.seconds, format)
    }
}

impl Bulk {
    /// The id of a recording, counted from 0.
    pub fn recording_id(number: u32) -> String {
        id(RECORDINGS, number)
    }

    /// The id of its conversation.
    pub fn conversation_id(number: u32) -> String {
        id(CONVERSATIONS, number)
    }

    /// The bytes of a recording as linear PCM, in order.
    pub fn pcm(&self, number: u32) -> impl Iterator<Item = Bytes> + use<> {
        let made = Made::new(number, self.seconds, Format::Wav).expect("PCM can be made");
        made.pieces(0..made.len())
    }
}

impl Made {
    fn new(number: u32, seconds: u32, format: Format) -> Option<Self> {
        let bytes_per_sample = match format {
            Format::Wav => 2,
            Format::WavUlaw => 1,
            Format::Webm | Format::OggOpus | Format::Mp3 => return None,
        };
        Some(Self {
            number,
            seconds,
            bytes_per_sample,
        })
    }

    pub(crate) fn len(self) -> u64 {
        HEADER + self.sound_bytes()
    }

    fn sound_bytes(self) -> u64 {
        u64::from(self.seconds) * u64::from(RATE_HZ) * CHANNELS * self.bytes_per_sample
    }

    pub(crate) fn etag(self) -> String {
        let Self {
            number,
            seconds,
            bytes_per_sample,
        } = self;
        format!("\"bulk-{number}-{seconds}-{bytes_per_sample}\"")
    }

    /// A part of the file, made as it is sent.
    pub(crate) fn body(self, range: Range<u64>) -> Body {
        let pieces = self.pieces(range).map(Ok::<_, std::convert::Infallible>);
        Body::from_stream(stream::iter(pieces))
    }

    fn pieces(self, range: Range<u64>) -> impl Iterator<Item = Bytes> + use<> {
        let header = Bytes::from(self.header());
        let head = part(&header, 0, &range);
        let sound = range.start.max(HEADER) - HEADER..range.end.max(HEADER) - HEADER;
        let piece = PIECE as u64;
        let pieces = sound.start / piece..sound.end.div_ceil(piece);
        let noise = pieces.map(move |index| part(&self.noise(index), index * piece, &sound));
        std::iter::once(head)
            .chain(noise)
            .filter(|piece| !piece.is_empty())
    }

    fn noise(self, index: u64) -> Bytes {
        let mixed = (u64::from(self.number) << 32 | index).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let at = (mixed >> 40) as usize % (TABLE - PIECE);
        table().slice(at..at + PIECE)
    }

    fn header(self) -> Vec<u8> {
        let format: u16 = if self.bytes_per_sample == 2 { 1 } else { 7 };
        let frame = (CHANNELS * self.bytes_per_sample) as u16;
        // A RIFF chunk counts to 4 GiB.
        let sound_bytes = u32::try_from(self.sound_bytes()).unwrap_or(u32::MAX - 36);
        let mut header = Vec::with_capacity(HEADER as usize);
        header.extend_from_slice(b"RIFF");
        header.extend_from_slice(&(sound_bytes + 36).to_le_bytes());
        header.extend_from_slice(b"WAVEfmt \x10\0\0\0");
        header.extend_from_slice(&format.to_le_bytes());
        header.extend_from_slice(&(CHANNELS as u16).to_le_bytes());
        header.extend_from_slice(&RATE_HZ.to_le_bytes());
        header.extend_from_slice(&(RATE_HZ * u32::from(frame)).to_le_bytes());
        header.extend_from_slice(&frame.to_le_bytes());
        header.extend_from_slice(&(self.bytes_per_sample as u16 * 8).to_le_bytes());
        header.extend_from_slice(b"data");
        header.extend_from_slice(&sound_bytes.to_le_bytes());
        header
    }
}

/// What of a piece that begins at `begin` lies in the range.
fn part(piece: &Bytes, begin: u64, range: &Range<u64>) -> Bytes {
    let length = piece.len() as u64;
    let from = range.start.saturating_sub(begin).min(length);
    let to = range.end.saturating_sub(begin).clamp(from, length);
    piece.slice(from as usize..to as usize)
}

fn table() -> &'static Bytes {
    static NOISE: OnceLock<Bytes> = OnceLock::new();
    NOISE.get_or_init(|| {
        let mut state = 0x2545_f491_4f6c_dd1d_u64;
        let mut next = move || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state
        };
        (0..TABLE / 8).flat_map(|_| next().to_le_bytes()).collect()
    })
}

fn id(base: u128, number: u32) -> String {
    Uuid::from_u128(base + u128::from(number)).to_string()
}

fn number(base: u128, id: &str) -> Option<u32> {
    let number = Uuid::try_parse(id).ok()?.as_u128().checked_sub(base)?;
    u32::try_from(number).ok()
}

fn conversation(number: u32, seconds: u32) -> Conversation {
    let first: Timestamp = BULK_START.parse().expect("a fixed moment is valid");
    let start = first + APART * i32::try_from(number).unwrap_or(i32::MAX);
    let end = start + SignedDuration::from_secs(i64::from(seconds));
    let caller = format!("tel:+44770090{:04}", number % 1_000);
    Conversation {
        id: id(CONVERSATIONS, number),
        start,
        answered: start,
        end,
        direction: "inbound".to_owned(),
        customer: String::new(),
        agent: "helen".to_owned(),
        queue: "Cards".to_owned(),
        ani: caller.clone(),
        dnis: "tel:+442079460100".to_owned(),
        remote: caller,
        attributes: std::collections::BTreeMap::new(),
        customer_participant_id: id(PARTICIPANTS, number * 2),
        agent_participant_id: id(PARTICIPANTS, number * 2 + 1),
        agent_session_id: id(SESSIONS, number * 2 + 1),
        stem: String::new(),
        recordings: vec![Recording {
            id: id(RECORDINGS, number),
            session_id: id(SESSIONS, number * 2),
            start,
            end,
            file_state: "AVAILABLE".to_owned(),
            frames: seconds as usize * RATE_HZ as usize,
            pauses: Vec::new(),
            delete_date: None,
            archive_date: None,
            transcript: None,
        }],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_of_a_file_is_the_same_part_of_the_whole() {
        let made = Made::new(7, 3, Format::Wav).unwrap();
        let bytes = |range| made.pieces(range).collect::<Vec<_>>().concat();
        let whole = bytes(0..made.len());
        assert_eq!(whole.len() as u64, made.len());
        for range in [0..10, 40..50, 44..45, 65_000..70_000, 65_580..made.len()] {
            let (from, to) = (range.start as usize, range.end as usize);
            assert!(bytes(range) == whole[from..to], "{from}..{to}");
        }
        let other = Made::new(8, 3, Format::Wav).unwrap();
        assert!(other.pieces(0..other.len()).collect::<Vec<_>>().concat() != whole);
    }
}
