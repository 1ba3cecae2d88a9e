//! Speech in which nothing was recognized: sound without a word.

use std::io::{self, Read, Seek};

use domain::{plan::merge_ranges, transcript::Transcript};

use crate::{fit::activity_threshold, pcm::PcmReader, peaks::levels};

/// Length of a stretch whose level is looked at.
const STRETCH_MS: u32 = 20;
/// Word times are up to a quarter of a second off.
const REACH_MS: u64 = 300;
/// Breaths and clicks are shorter.
const SHORTEST_MS: u64 = 600;
/// Pauses inside speech.
const PAUSE_MS: u64 = 400;

/// Stretches in which some channel is as loud as speech and no word is near. Music and noise are among
/// them: what they are nobody knows until somebody listens.
///
/// # Errors
/// When the audio cannot be read.
pub fn unrecognized_speech<R: Read + Seek>(
    transcript: Option<&Transcript>,
    audio: &mut PcmReader<R>,
) -> io::Result<Vec<(u64, u64)>> {
    let levels = levels(audio, STRETCH_MS)?;
    let words = transcript.map_or(&[][..], |it| &it.words);
    let near = words
        .iter()
        .map(|it| (it.start_ms.saturating_sub(REACH_MS), it.end_ms + REACH_MS));
    let recognized = merge_ranges(near.collect());
    let mut loud = Vec::new();
    for channel in &levels {
        let threshold = activity_threshold(channel);
        let starts = (0_u64..).step_by(STRETCH_MS as usize).zip(channel);
        let active = starts.filter(|(_, level)| u32::from(**level) >= threshold);
        loud.extend(active.map(|(start, _)| (start, start + u64::from(STRETCH_MS))));
    }
    loud.retain(|it| !is_recognized(*it, &recognized));
    let mut stretches: Vec<(u64, u64)> = Vec::new();
    for (start, end) in merge_ranges(loud) {
        match stretches.last_mut().filter(|it| start <= it.1 + PAUSE_MS) {
            Some(last) if !is_recognized((last.1, start), &recognized) => last.1 = end,
            _ => stretches.push((start, end)),
        }
    }
    stretches.retain(|it| it.1 - it.0 >= SHORTEST_MS);
    Ok(stretches)
}

/// Whether a word is near a range.
fn is_recognized(range: (u64, u64), recognized: &[(u64, u64)]) -> bool {
    let before = recognized.partition_point(|it| it.1 <= range.0);
    recognized.get(before).is_some_and(|it| it.0 < range.1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gap_with_a_word_in_it_is_recognized() {
        let words = [(0, 1_000), (3_000, 4_000)];
        assert!(is_recognized((900, 950), &words));
        assert!(!is_recognized((1_000, 3_000), &words));
        assert!(is_recognized((2_000, 3_001), &words));
        assert!(!is_recognized((5_000, 6_000), &words));
    }
}
