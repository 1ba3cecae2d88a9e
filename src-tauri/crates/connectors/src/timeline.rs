//! From wall-clock time to the time line of the audio. Paused stretches are cut out of the audio.

use jiff::Timestamp;

/// A stretch of the call that is not in the audio.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Pause {
    /// Start, in milliseconds of wall-clock time after the start of the recording.
    pub start_ms: u64,
    /// Length, in milliseconds.
    pub duration_ms: u64,
}

impl Pause {
    fn end_ms(self) -> u64 {
        self.start_ms.saturating_add(self.duration_ms)
    }
}

/// Where the audio starts on the wall clock, and what was cut out of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AudioTimeline {
    /// The instant of the first sample.
    pub start_utc: Timestamp,
    /// The pauses, ordered and without overlap when made by [`AudioTimeline::new`].
    pub pauses: Vec<Pause>,
    /// Length of the audio in milliseconds, when the source reports it.
    pub duration_ms: Option<u64>,
}

impl AudioTimeline {
    /// Orders the pauses and joins overlapping ones, so that no stretch is subtracted twice.
    pub fn new(start_utc: Timestamp, mut pauses: Vec<Pause>) -> Self {
        pauses.retain(|pause| pause.duration_ms > 0);
        pauses.sort_unstable();
        let mut joined: Vec<Pause> = Vec::with_capacity(pauses.len());
        for pause in pauses {
            match joined.last_mut() {
                Some(last) if pause.start_ms <= last.end_ms() => {
                    last.duration_ms = last.end_ms().max(pause.end_ms()) - last.start_ms;
                }
                _ => joined.push(pause),
            }
        }
        Self {
            start_utc,
            pauses: joined,
            duration_ms: None,
        }
    }

    /// The same with the length of the audio.
    #[must_use]
    pub fn lasting(self, duration_ms: Option<u64>) -> Self {
        Self {
            duration_ms,
            ..self
        }
    }

    /// The place of an instant in the audio; `None` when it is before the start or inside a pause.
    pub fn offset_ms(&self, wall_utc: Timestamp) -> Option<u64> {
        let wall_ms = self.since_start_ms(wall_utc);
        let wall_ms = u64::try_from(wall_ms).ok()?;
        let paused = |pause: &Pause| pause.start_ms <= wall_ms && wall_ms < pause.end_ms();
        if self.pauses.iter().any(paused) {
            return None;
        }
        Some(self.clamped_ms(wall_utc))
    }

    /// The place in the audio that is nearest to an instant: the start when it is earlier, the cut
    /// when it is inside a pause.
    pub fn clamped_ms(&self, wall_utc: Timestamp) -> u64 {
        let wall_ms = u64::try_from(self.since_start_ms(wall_utc)).unwrap_or(0);
        let cut_ms: u64 = self
            .pauses
            .iter()
            .map(|pause| {
                wall_ms
                    .saturating_sub(pause.start_ms)
                    .min(pause.duration_ms)
            })
            .sum();
        wall_ms.saturating_sub(cut_ms)
    }

    /// How much was cut out, in milliseconds.
    pub fn paused_ms(&self) -> u64 {
        self.pauses.iter().map(|pause| pause.duration_ms).sum()
    }

    fn since_start_ms(&self, wall_utc: Timestamp) -> i64 {
        wall_utc
            .as_millisecond()
            .saturating_sub(self.start_utc.as_millisecond())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: i64) -> Timestamp {
        Timestamp::from_millisecond(1_772_000_000_000 + ms).unwrap()
    }

    fn line(pauses: &[(u64, u64)]) -> AudioTimeline {
        let pauses = pauses.iter().map(|&(start_ms, duration_ms)| Pause {
            start_ms,
            duration_ms,
        });
        AudioTimeline::new(at(0), pauses.collect())
    }

    #[test]
    fn pauses_before_an_instant_are_subtracted() {
        let line = line(&[(30_000, 5_000), (10_000, 2_000)]);
        assert_eq!(line.offset_ms(at(9_999)), Some(9_999));
        assert_eq!(line.offset_ms(at(12_000)), Some(10_000));
        assert_eq!(line.offset_ms(at(40_000)), Some(33_000));
        assert_eq!(line.paused_ms(), 7_000);
    }

    #[test]
    fn instants_outside_the_audio_have_no_place_but_a_nearest_one() {
        let line = line(&[(10_000, 2_000)]);
        assert_eq!(line.offset_ms(at(-1)), None);
        assert_eq!(line.clamped_ms(at(-1)), 0);
        assert_eq!(line.offset_ms(at(10_000)), None);
        assert_eq!(line.offset_ms(at(11_999)), None);
        assert_eq!(line.clamped_ms(at(11_500)), 10_000);
    }

    #[test]
    fn overlapping_pauses_are_subtracted_once() {
        let line = line(&[
            (10_000, 4_000),
            (12_000, 1_000),
            (13_000, 3_000),
            (20_000, 0),
        ]);
        assert_eq!(
            line.pauses,
            [Pause {
                start_ms: 10_000,
                duration_ms: 6_000
            }]
        );
        assert_eq!(line.offset_ms(at(20_000)), Some(14_000));
    }
}
