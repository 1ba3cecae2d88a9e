//! Scenarios drawn by lot: faults of every kind at moments nobody chose, the same ones for the same seed.

use crate::scenario::{Action, Fault, RetryAfterForm, Scenario};

/// A row of numbers that look random and follow from a seed (SplitMix64).
#[derive(Debug, Clone)]
pub struct Lot(u64);

impl Lot {
    /// The row of a seed.
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A number from 0 up to, and without, `end`.
    pub fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % end.max(1)
    }
}

/// Requests for recordings and what is known of them.
const API: &str = "/api/v2/conversations/*";
const RECORDING: &str = "/api/v2/conversations/*/recordings/*";
const TRANSCRIPT_URL: &str = "*transcripturl";
const MEDIA: &str = "/recordings/*";
const TRANSCRIPTS: &str = "/transcripts/*";
const TOKEN: &str = "/oauth/token";

/// Faults happen within so many requests for the same thing.
const WITHIN: u64 = 14;

impl Scenario {
    /// Three to eight passing faults of the seed. After them the organization is as it should be, so that whoever
    /// tries again ends with everything.
    pub fn drawn(seed: u64) -> Self {
        let mut lot = Lot::new(seed);
        let count = 3 + lot.below(6);
        let faults = (0..count).map(|_| drawn(&mut lot)).collect();
        Self {
            faults,
            transcode_ms: Some(0),
            ..Self::default()
        }
    }

    /// The same without the faults that only a person's decision heals: a file that arrives whole and is no sound
    /// ends its call as corrupted until somebody asks for it again.
    #[must_use]
    pub fn healing_alone(mut self) -> Self {
        let heals = |action: &Action| !matches!(action, Action::OtherBytes { .. });
        self.faults.retain(|fault| heals(&fault.action));
        self
    }
}

fn drawn(lot: &mut Lot) -> Fault {
    let (path, action) = kind(lot);
    let fault = Fault::new(path, action);
    match lot.below(4) {
        0 => Fault {
            first: Some(1 + lot.below(2)),
            ..fault
        },
        _ => Fault {
            nth: Some(1 + lot.below(WITHIN)),
            ..fault
        },
    }
}

fn kind(lot: &mut Lot) -> (&'static str, Action) {
    let anywhere = [API, RECORDING, MEDIA, TRANSCRIPT_URL, TRANSCRIPTS, TOKEN];
    let any = anywhere[lot.below(anywhere.len() as u64) as usize];
    let api = [API, RECORDING, TRANSCRIPT_URL][lot.below(3) as usize];
    match lot.below(15) {
        0 => (api, refusal(429, Some(1), RetryAfterForm::Seconds)),
        1 => (api, refusal(429, Some(1), RetryAfterForm::HttpDate)),
        2 => (api, refusal(429, None, RetryAfterForm::Seconds)),
        3 => (any, refusal(500, None, RetryAfterForm::Seconds)),
        4 => (any, refusal(503, Some(1), RetryAfterForm::HttpDate)),
        5 => (any, Action::Reset),
        6 => (MEDIA, truncated(lot)),
        7 => (
            MEDIA,
            Action::ShortBody {
                missing_bytes: 1 + lot.below(100_000),
            },
        ),
        8 => (MEDIA, lying(lot)),
        9 => (
            MEDIA,
            Action::Slow {
                bytes_per_second: 4_000_000,
            },
        ),
        10 => (MEDIA, Action::ExpiredUrl),
        11 => (api, Action::ExpireToken),
        12 => (MEDIA, Action::EmptyBody),
        13 => (
            MEDIA,
            // The head of the file: other sound of the right length cannot be told without a digest.
            Action::OtherBytes {
                after_bytes: lot.below(12),
            },
        ),
        _ => (
            MEDIA,
            Action::OldVersion {
                after_bytes: 1_000 + lot.below(500_000),
            },
        ),
    }
}

fn refusal(status: u16, retry_after_s: Option<u64>, retry_after_form: RetryAfterForm) -> Action {
    Action::Status {
        status,
        retry_after_s,
        retry_after_form,
    }
}

fn truncated(lot: &mut Lot) -> Action {
    Action::Truncate {
        after_bytes: lot.below(1_000_000),
    }
}

fn lying(lot: &mut Lot) -> Action {
    let by = 1 + i64::try_from(lot.below(50_000)).unwrap_or(1);
    let add = if lot.below(2) == 0 { by } else { -by };
    Action::WrongContentLength { add }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn a_seed_always_draws_the_same_and_many_draw_every_kind() {
        assert_eq!(Scenario::drawn(7), Scenario::drawn(7));
        assert_ne!(Scenario::drawn(7), Scenario::drawn(8));
        let kinds: BTreeSet<_> = (0..100)
            .flat_map(|seed| Scenario::drawn(seed).faults)
            .map(|fault| std::mem::discriminant(&fault.action))
            .map(|kind| format!("{kind:?}"))
            .collect();
        assert_eq!(kinds.len(), 11, "{kinds:?}");
    }
}
