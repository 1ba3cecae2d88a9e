//! From what a person typed in their time zone to half-open UTC bounds.

use jiff::{
    Timestamp,
    civil::DateTime,
    tz::{AmbiguousOffset, TimeZone},
};

/// A half-open range of instants, `[start_utc, end_utc)`. // X-13
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TimeRange {
    /// First instant inside.
    pub start_utc: Timestamp,
    /// First instant after.
    pub end_utc: Timestamp,
}

/// Why no range could be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TimeRangeError {
    /// The zone is not in the IANA database.
    #[error("`{zone}` is not a time zone of the IANA database")]
    UnknownZone {
        /// What was given.
        zone: String,
    },
    /// The end is not after the start.
    #[error("the end of the range is not after its start")]
    Empty,
    /// The time is outside the supported years.
    #[error("the time is outside the supported range of years")]
    OutOfRange,
}

/// What a person typed: local bounds and the zone they meant. Kept beside the UTC bounds. // S0-86
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocalRange {
    /// First local date and time inside.
    pub start: DateTime,
    /// First local date and time after.
    pub end: DateTime,
    /// IANA zone name, such as `Europe/Berlin`.
    pub zone: String,
}

/// The UTC bounds and what a person should know about them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResolvedRange {
    /// The bounds.
    pub range: TimeRange,
    /// Clock changes that touch a bound, in words; empty most of the time.
    pub notices: Vec<String>,
}

impl LocalRange {
    /// Resolves the bounds with the bundled IANA database. // S0-83
    ///
    /// A bound inside a skipped hour moves outward, and a bound that exists twice takes the reading
    /// that makes the range longer, so that no call is lost on a clock-change day. // S0-84, S0-87
    ///
    /// # Errors
    /// When the zone is unknown, the range is empty, or a bound is outside the supported years.
    pub fn resolve(&self) -> Result<ResolvedRange, TimeRangeError> {
        let zone = TimeZone::get(&self.zone).map_err(|_| TimeRangeError::UnknownZone {
            zone: self.zone.clone(),
        })?;
        let mut notices = Vec::new();
        let start_utc = instant(&zone, self.start, Edge::Start, &mut notices)?;
        let end_utc = instant(&zone, self.end, Edge::End, &mut notices)?;
        if start_utc >= end_utc {
            return Err(TimeRangeError::Empty);
        }
        Ok(ResolvedRange {
            range: TimeRange { start_utc, end_utc },
            notices,
        })
    }
}

#[derive(Clone, Copy)]
enum Edge {
    Start,
    End,
}

fn instant(
    zone: &TimeZone,
    local: DateTime,
    edge: Edge,
    notices: &mut Vec<String>,
) -> Result<Timestamp, TimeRangeError> {
    let ambiguous = zone.to_ambiguous_timestamp(local);
    match ambiguous.offset() {
        AmbiguousOffset::Unambiguous { .. } => {}
        AmbiguousOffset::Gap { .. } => {
            notices.push(format!(
                "{local} does not exist there: the clocks go forward"
            ));
        }
        AmbiguousOffset::Fold { .. } => {
            notices.push(format!("{local} exists twice there: the clocks go back"));
        }
    }
    let resolved = match edge {
        Edge::Start => ambiguous.earlier(),
        Edge::End => ambiguous.later(),
    };
    resolved.map_err(|_| TimeRangeError::OutOfRange)
}

impl TimeRange {
    /// Whether an activity `[start, end)` touches the range.
    pub fn touches(&self, start_utc: Timestamp, end_utc: Timestamp) -> bool {
        start_utc < self.end_utc && (end_utc > self.start_utc || start_utc >= self.start_utc)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::datetime;

    fn check(zone: &str, start: DateTime, end: DateTime, expected: (&str, &str), notices: usize) {
        let local = LocalRange {
            start,
            end,
            zone: zone.to_owned(),
        };
        let resolved = local.resolve().unwrap();
        let bounds = (
            resolved.range.start_utc.to_string(),
            resolved.range.end_utc.to_string(),
        );
        assert_eq!((bounds.0.as_str(), bounds.1.as_str()), expected);
        assert_eq!(resolved.notices.len(), notices, "{:?}", resolved.notices);
    }

    // S0-83, S0-85
    #[test]
    fn an_ordinary_month_has_half_open_bounds() {
        check(
            "Europe/Berlin",
            datetime(2024, 4, 1, 0, 0, 0, 0),
            datetime(2024, 5, 1, 0, 0, 0, 0),
            ("2024-03-31T22:00:00Z", "2024-04-30T22:00:00Z"),
            0,
        );
    }

    // S0-84
    #[test]
    fn bounds_on_clock_change_days_lose_no_call() {
        check(
            "Europe/Berlin",
            datetime(2026, 3, 29, 2, 30, 0, 0),
            datetime(2026, 3, 30, 0, 0, 0, 0),
            ("2026-03-29T00:30:00Z", "2026-03-29T22:00:00Z"),
            1,
        );
        check(
            "Europe/Berlin",
            datetime(2026, 10, 25, 2, 30, 0, 0),
            datetime(2026, 10, 25, 2, 30, 0, 0),
            ("2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z"),
            2,
        );
    }

    #[test]
    fn unknown_zones_and_empty_ranges_are_refused() {
        let noon = datetime(2026, 1, 1, 12, 0, 0, 0);
        let range = |zone: &str| LocalRange {
            start: noon,
            end: noon,
            zone: zone.to_owned(),
        };
        assert_eq!(range("Europe/London").resolve(), Err(TimeRangeError::Empty));
        assert!(matches!(
            range("Mars/Base").resolve(),
            Err(TimeRangeError::UnknownZone { .. })
        ));
    }

    // S0-87
    #[test]
    fn a_call_touches_the_range_half_open() {
        let at = |s: &str| s.parse::<Timestamp>().unwrap();
        let range = TimeRange {
            start_utc: at("2026-03-01T00:00:00Z"),
            end_utc: at("2026-03-02T00:00:00Z"),
        };
        assert!(range.touches(at("2026-02-28T23:58:00Z"), at("2026-03-01T00:01:00Z")));
        assert!(!range.touches(at("2026-02-28T23:58:00Z"), at("2026-03-01T00:00:00Z")));
        assert!(range.touches(at("2026-03-01T23:59:59.999Z"), at("2026-03-02T00:10:00Z")));
        assert!(!range.touches(at("2026-03-02T00:00:00Z"), at("2026-03-02T00:10:00Z")));
    }
}
