//! Counts, and shares with their confidence intervals.

/// Counts of one group. Lengths are milliseconds of calls or characters of texts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Labeled items.
    pub items: usize,
    /// Items that are redacted without a person.
    pub automatic: usize,
    /// Items that are redacted or wait for a person.
    pub review: usize,
    /// Items that were found as what they are.
    pub kind: usize,
    /// Length of all items.
    pub length: u64,
    /// Length of items that is redacted without a person.
    pub length_automatic: u64,
    /// Length of items that is redacted or waits for a person.
    pub length_review: u64,
    /// Length of everything else that was said.
    pub other: u64,
    /// Length of everything else that is redacted without a person.
    pub other_automatic: u64,
    /// Length of everything else that is redacted or waits for a person.
    pub other_review: u64,
    /// Calls or texts.
    pub documents: usize,
    /// Those in which every item is redacted without a person.
    pub documents_automatic: usize,
    /// Those in which every item is redacted or waits for a person.
    pub documents_review: usize,
}

impl Tally {
    pub(super) fn of_item(length: u64) -> Self {
        Self {
            items: 1,
            length,
            ..Self::default()
        }
    }

    pub(super) fn add(&mut self, other: &Self) {
        self.items += other.items;
        self.automatic += other.automatic;
        self.review += other.review;
        self.kind += other.kind;
        self.length += other.length;
        self.length_automatic += other.length_automatic;
        self.length_review += other.length_review;
        self.other += other.other;
        self.other_automatic += other.other_automatic;
        self.other_review += other.other_review;
        self.documents += other.documents;
        self.documents_automatic += other.documents_automatic;
        self.documents_review += other.documents_review;
    }
}

/// A share of counted things with its 95 % confidence interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Share {
    /// The share itself; 0 of nothing is 1.
    pub value: f64,
    /// Lower end of the interval.
    pub low: f64,
    /// Upper end of the interval.
    pub high: f64,
}

impl Share {
    /// `part` of `whole`, with the interval of Wilson (1927), which holds for shares near 1 and small
    /// counts too.
    pub fn of(part: usize, whole: usize) -> Self {
        /// The 97.5 % point of the normal distribution.
        const Z: f64 = 1.959_964;
        if whole == 0 {
            return Self {
                value: 1.0,
                low: 0.0,
                high: 1.0,
            };
        }
        let (n, p) = (whole as f64, part as f64 / whole as f64);
        let scale = 1.0 + Z * Z / n;
        let middle = (p + Z * Z / (2.0 * n)) / scale;
        let half = Z * (p * (1.0 - p) / n + Z * Z / (4.0 * n * n)).sqrt() / scale;
        Self {
            value: p,
            low: (middle - half).max(0.0),
            high: (middle + half).min(1.0),
        }
    }

    /// A share of lengths; they are not independent counts, so there is no interval.
    pub fn of_length(part: u64, whole: u64) -> f64 {
        if whole == 0 {
            0.0
        } else {
            part as f64 / whole as f64
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_interval_is_wilson_s() {
        // Worked example: 81 of 263, from Newcombe (1998), table I.
        let share = Share::of(81, 263);
        assert!((share.low - 0.2553).abs() < 0.0001 && (share.high - 0.3662).abs() < 0.0001);
        let all = Share::of(20, 20);
        assert!(all.value == 1.0 && all.high == 1.0 && all.low < 0.85);
        assert_eq!(Share::of(0, 0).low, 0.0);
    }
}
