//! Whether a transcript belongs to an audio file, and which channel carries whom.
//!
//! Transcript times may count from the start of the conversation instead of the file, and vendors
//! disagree about which channel is the agent's. Both are decided from the audio: words must fall on
//! frames with energy, and each side's words must be louder on one channel than on the others.

use std::io::{self, Read, Seek};

use domain::transcript::{Speaker, Transcript, Word};

use crate::{pcm::PcmReader, peaks::levels};

mod rhythm;

pub use self::rhythm::Rhythm;

/// Length of a stretch whose level is looked at.
const STRETCH_MS: u32 = 20;
/// Share of words that must fall on active audio before a transcript is trusted.
pub const MIN_ACTIVE_SHARE: f32 = 0.80;
/// Words that may lie a little beyond the end, because recognizers round.
const END_TOLERANCE_MS: u64 = 100;
/// Share of a side's words that must be louder on its channel before the mapping is trusted.
pub const MIN_MAPPING_CONFIDENCE: f32 = 0.80;
/// A stretch is active above twice the noise floor (6 dB) ...
const ACTIVE_FACTOR: u32 = 2;
/// ... and above this level; digital silence has no floor.
const MIN_ACTIVE_LEVEL: u32 = 24;

/// Words with a channel below which nothing is said about the channels of a transcript.
const MIN_NAMED_WORDS: usize = 8;
/// Share of words on their own channel at or below which the channels are swapped.
const MAX_SWAPPED_SHARE: f32 = 0.2;

/// What the comparison found.
#[derive(Debug, Clone, PartialEq)]
pub struct FitReport {
    /// Words that were compared.
    pub words: usize,
    /// Share of words that fall on active audio, 0.0 to 1.0.
    pub active_share: f32,
    /// Words that begin or end beyond the audio.
    pub words_beyond_end: usize,
    /// How well speech and words go together, and whether they would do so better at another time.
    pub rhythm: Rhythm,
    /// Which channel carries whom.
    pub mapping: ChannelMapping,
}

/// Which channel carries whom, judged by energy.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ChannelMapping {
    /// Channel of the outside party.
    pub external: Option<u8>,
    /// Channel of the organization's side.
    pub internal: Option<u8>,
    /// Share of words that agree, 0.0 to 1.0; 0.0 when nothing can be told.
    pub confidence: f32,
    /// Share of the words with a channel that are loudest on it; `None` with too few of them.
    pub named_right: Option<f32>,
}

impl ChannelMapping {
    /// Whether the transcript's channels are those of the audio the other way round.
    pub fn is_swapped(&self) -> bool {
        self.named_right
            .is_some_and(|share| share <= MAX_SWAPPED_SHARE)
    }
}

impl FitReport {
    /// Whether spans made from this transcript may be trusted on this audio.
    pub fn fits(&self) -> bool {
        self.words > 0
            && self.words_beyond_end == 0
            && self.active_share > MIN_ACTIVE_SHARE
            && !self.rhythm.is_shifted()
            && !self.rhythm.is_another_call()
            && !self.mapping.is_swapped()
    }

    /// Whether the channel of each side is known well enough to act on it.
    pub fn channels_known(&self) -> bool {
        self.mapping.confidence >= MIN_MAPPING_CONFIDENCE
    }
}

/// Compares the words of a transcript with the energy of the audio.
///
/// # Errors
/// When the audio cannot be read.
pub fn check_fit<R: Read + Seek>(
    transcript: &Transcript,
    audio: &mut PcmReader<R>,
) -> io::Result<FitReport> {
    let duration_ms = audio.info().duration_ms();
    let levels = levels(audio, STRETCH_MS)?;
    let thresholds: Vec<u32> = levels
        .iter()
        .map(|channel| activity_threshold(channel))
        .collect();
    let words: Vec<&Word> = transcript
        .words
        .iter()
        .filter(|word| word.end_ms > word.start_ms)
        .collect();
    let active = words
        .iter()
        .filter(|word| is_active(word, &levels, &thresholds))
        .count();
    let beyond = |word: &&Word| word.end_ms > duration_ms.saturating_add(END_TOLERANCE_MS);
    Ok(FitReport {
        rhythm: Rhythm::of(&words, &levels, &thresholds),
        words: words.len(),
        active_share: active as f32 / words.len().max(1) as f32,
        words_beyond_end: transcript.words.iter().filter(beyond).count(),
        mapping: map_channels(&words, &levels),
    })
}

/// Noise floor (the level that a tenth of the stretches stay below) plus 6 dB.
pub(crate) fn activity_threshold(levels: &[u16]) -> u32 {
    let mut sorted = levels.to_vec();
    sorted.sort_unstable();
    let floor = sorted.get(sorted.len() / 10).copied().unwrap_or(0);
    let loud = sorted.get(sorted.len() * 95 / 100).copied().unwrap_or(0);
    // In a call without pauses the lowest tenth is speech already; stay below a third of the loud.
    (u32::from(floor) * ACTIVE_FACTOR)
        .min(u32::from(loud) / 3)
        .max(MIN_ACTIVE_LEVEL)
}

fn stretch<'a>(word: &Word, levels: &'a [u16]) -> &'a [u16] {
    let at = |ms: u64| usize::try_from(ms / u64::from(STRETCH_MS)).unwrap_or(usize::MAX);
    let end = at(word.end_ms.saturating_add(u64::from(STRETCH_MS) - 1)).min(levels.len());
    levels.get(at(word.start_ms)..end).unwrap_or(&[])
}

/// At least a third of the word's stretches are active on a channel that may carry it.
fn is_active(word: &Word, levels: &[Vec<u16>], thresholds: &[u32]) -> bool {
    levels.iter().zip(thresholds).any(|(channel, &threshold)| {
        let own = stretch(word, channel);
        let active = own
            .iter()
            .filter(|&&level| u32::from(level) >= threshold)
            .count();
        active > 0 && active * 3 >= own.len()
    })
}

fn map_channels(words: &[&Word], levels: &[Vec<u16>]) -> ChannelMapping {
    let unknown = ChannelMapping {
        external: None,
        internal: None,
        confidence: 0.0,
        named_right: named_right(words, levels),
    };
    if levels.len() < 2 {
        return unknown;
    }
    let external = votes(words, Speaker::External, levels);
    let internal = votes(words, Speaker::Internal, levels);
    let best = |votes: &[usize]| (0..votes.len()).max_by_key(|&at| (votes[at], usize::MAX - at));
    let (Some(for_external), Some(for_internal)) = (best(&external), best(&internal)) else {
        return unknown;
    };
    let total: usize = external.iter().chain(&internal).sum();
    if total == 0
        || (for_external == for_internal
            && external.iter().any(|&n| n > 0)
            && internal.iter().any(|&n| n > 0))
    {
        return unknown;
    }
    let seen = |votes: &[usize], at: usize| {
        votes
            .iter()
            .any(|&n| n > 0)
            .then(|| u8::try_from(at).ok())
            .flatten()
    };
    ChannelMapping {
        external: seen(&external, for_external),
        internal: seen(&internal, for_internal),
        confidence: (external[for_external] + internal[for_internal]) as f32 / total as f32,
        named_right: unknown.named_right,
    }
}

/// Share of the words whose own channel is the loudest where they are.
fn named_right(words: &[&Word], levels: &[Vec<u16>]) -> Option<f32> {
    let energy = |word: &Word, channel: &[u16]| {
        let levels = stretch(word, channel).iter();
        levels.map(|&level| u64::from(level).pow(2)).sum::<u64>()
    };
    let (mut right, mut all) = (0_usize, 0_usize);
    for (word, channel) in words.iter().filter_map(|word| Some((word, word.channel?))) {
        let own = energy(word, levels.get(usize::from(channel))?);
        let most = levels.iter().map(|channel| energy(word, channel)).max()?;
        all += 1;
        right += usize::from(own == most);
    }
    (levels.len() > 1 && all >= MIN_NAMED_WORDS).then(|| right as f32 / all as f32)
}

/// For each channel, how many of the speaker's words are loudest on it.
fn votes(words: &[&Word], speaker: Speaker, levels: &[Vec<u16>]) -> Vec<usize> {
    let mut votes = vec![0; levels.len()];
    for word in words.iter().filter(|word| word.speaker == speaker) {
        let energy = |channel: &Vec<u16>| {
            stretch(word, channel)
                .iter()
                .map(|&level| u64::from(level).pow(2))
                .sum::<u64>()
        };
        let loudest = (0..levels.len()).max_by_key(|&at| energy(&levels[at]));
        if let Some(at) = loudest.filter(|&at| energy(&levels[at]) > 0) {
            votes[at] += 1;
        }
    }
    votes
}
