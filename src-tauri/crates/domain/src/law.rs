//! Which law sets the clock, and until when. No legal advice: each rule names its source.

use jiff::{
    ToSpan,
    civil::{Date, Weekday},
};

/// The law under which a request is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Law {
    /// Regulation (EU) 2016/679, with the day count of Regulation (EEC, Euratom) 1182/71.
    EuGdpr,
    /// UK GDPR, with the day count of the ICO's guidance.
    UkGdpr,
    /// California Consumer Privacy Act, 11 CCR § 7021.
    Ccpa,
}

impl Law {
    /// Every law.
    pub const ALL: [Self; 3] = [Self::EuGdpr, Self::UkGdpr, Self::Ccpa];

    /// The stable name in files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::EuGdpr => "eu_gdpr",
            Self::UkGdpr => "uk_gdpr",
            Self::Ccpa => "ccpa",
        }
    }

    /// The law with this stable name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|law| law.name() == name)
    }
}

/// Days after receipt at which a case should be done inside the house; the ICO suggests 28,
/// which is never later than a calendar month. // R-04
const INTERNAL_DAYS: i32 = 28;

/// 11 CCR § 7021(b): 45 calendar days from receipt. // R-22
const CCPA_DAYS: i32 = 45;

/// Two dates and the rule in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deadline {
    /// The last day on which the answer is in time.
    pub legal: Date,
    /// The day the house aims at; never after `legal`.
    pub internal: Date,
    /// How `legal` was found, for a reader who wants to check it.
    pub rule: String,
}

/// The deadline for a request received on `received`. `holidays` are public holidays at the
/// controller's place, in any order.
///
/// GDPR: one month from receipt, Art. 12(3); the period ends on the same-numbered day of the next
/// month, or on that month's last day; an end on a Saturday, Sunday or public holiday moves to the
/// next working day (Reg. 1182/71 Art. 3(2)(c), (4); ICO guidance for the UK). // R-01, R-02, R-17
pub fn deadline(law: Law, received: Date, holidays: &[Date]) -> Deadline {
    let (end, mut rule) = match law {
        Law::EuGdpr => (
            one_month(received),
            "Art. 12(3) GDPR: one month from receipt".to_owned(),
        ),
        Law::UkGdpr => (
            one_month(received),
            "Art. 12(3) UK GDPR: one calendar month from receipt".to_owned(),
        ),
        Law::Ccpa => (
            received.saturating_add(CCPA_DAYS.days()),
            format!("11 CCR § 7021(b): {CCPA_DAYS} calendar days from receipt"),
        ),
    };
    rule.push_str(&format!(" on {received} ends on {end}"));
    let legal = match law {
        Law::EuGdpr | Law::UkGdpr => next_working_day(end, holidays),
        // The 45 days are calendar days and are not moved.
        Law::Ccpa => end,
    };
    if legal != end {
        rule.push_str(&format!(", not a working day, so on {legal}"));
    }
    let internal = received.saturating_add(INTERNAL_DAYS.days()).min(legal);
    Deadline {
        legal,
        internal,
        rule,
    }
}

/// The same-numbered day of the next month, or that month's last day.
fn one_month(received: Date) -> Date {
    received.saturating_add(1.month())
}

fn next_working_day(mut day: Date, holidays: &[Date]) -> Date {
    // Invariant: ends within the list of holidays plus one weekend.
    while matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday) || holidays.contains(&day) {
        day = day.saturating_add(1.day());
    }
    day
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn check(law: Law, received: Date, legal: Date) {
        assert_eq!(
            deadline(law, received, &[]).legal,
            legal,
            "received {received}"
        );
    }

    // the examples of the requirement.
    #[test]
    fn a_month_ends_on_the_same_day_or_the_last_and_moves_to_a_working_day() {
        check(Law::EuGdpr, date(2026, 1, 31), date(2026, 3, 2));
        check(Law::EuGdpr, date(2026, 3, 15), date(2026, 4, 15));
        check(Law::EuGdpr, date(2026, 1, 30), date(2026, 3, 2));
        check(Law::UkGdpr, date(2026, 9, 3), date(2026, 10, 5));
        check(Law::EuGdpr, date(2024, 1, 31), date(2024, 2, 29));
    }

    #[test]
    fn holidays_move_the_end_and_the_rule_says_so() {
        let easter_monday = date(2026, 4, 6);
        let found = deadline(Law::UkGdpr, date(2026, 3, 6), &[easter_monday]);
        assert_eq!(found.legal, date(2026, 4, 7));
        assert!(
            found.rule.contains("2026-04-06") && found.rule.contains("2026-04-07"),
            "{}",
            found.rule
        );
    }

    #[test]
    fn the_ccpa_counts_calendar_days() {
        check(Law::Ccpa, date(2026, 1, 1), date(2026, 2, 15));
    }

    #[test]
    fn the_internal_date_is_never_after_the_legal_one() {
        let mut day = date(2026, 1, 1);
        while day.year() == 2026 {
            for law in Law::ALL {
                let found = deadline(law, day, &[]);
                assert!(found.internal <= found.legal, "{day}");
            }
            day = day.saturating_add(1.day());
        }
    }
}
