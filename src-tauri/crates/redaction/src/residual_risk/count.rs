//! How many there may be, when only the expected number is known, and that not exactly.

/// Counts past this are not told apart.
const MAX_COUNT: u32 = 10_000;

/// The smallest count that is reached with this probability, for counts around `mean` that vary more than
/// chance alone: negative binomial with variance `mean + spread · mean²`.
pub(super) fn quantile(mean: f64, spread: f64, probability: f64) -> u32 {
    if mean <= 0.0 {
        return 0;
    }
    // Without any spread it is Poisson, which a shape this large cannot be told from.
    let shape = 1.0 / spread.max(1e-6);
    let success = mean / (mean + shape);
    let mut chance = (shape * (-success).ln_1p()).exp();
    let mut reached = chance;
    let mut count = 0;
    while reached < probability && count < MAX_COUNT {
        count += 1;
        chance *= (shape + f64::from(count) - 1.0) / f64::from(count) * success;
        reached += chance;
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_spread_it_is_poisson() {
        // Poisson with mean 2: P(≤ 4) = 0.947, P(≤ 5) = 0.983.
        assert_eq!(quantile(2.0, 0.0, 0.94), 4);
        assert_eq!(quantile(2.0, 0.0, 0.95), 5);
        assert_eq!(quantile(0.0, 0.0, 0.95), 0);
    }

    #[test]
    fn spread_makes_the_interval_wider() {
        // Geometric with mean 1 (spread 1): P(≤ n) = 1 − 0.5^(n+1).
        assert_eq!(quantile(1.0, 1.0, 0.93), 3);
        assert_eq!(quantile(1.0, 1.0, 0.96), 4);
        assert!(quantile(1.0, 1.0, 0.99) > quantile(1.0, 0.0, 0.99));
    }
}
