//! What was measured on the held-back calls: how often each kind is missed at which doubt, and what the
//! words look like among which missed items are.

use std::{collections::BTreeMap, sync::LazyLock};

use domain::entity::EntityKind;
use serde::{Deserialize, Serialize};

use super::place::Sign;

/// Made by `sar evaluate --calls … --split held-back --recall-table FILE`.
const COMMITTED: &str = include_str!("recall.json");
/// The version that is written; others are refused.
const VERSION: u32 = 1;
/// A kind with few items leans on all kinds as if it had this many more.
const LEAN: f64 = 20.0;
/// Half an item missed: what the rate of something never seen is (Jeffreys).
const UNSEEN: f64 = 0.5;
/// No set of calls is so even that nothing but chance is between them.
const LEAST_SPREAD: f64 = 0.05;

/// Why a text is not a table.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    /// Not the expected JSON.
    #[error("the recall table is not valid: line {0}, column {1}")]
    Json(usize, usize),
    /// Another version, or values that cannot be.
    #[error("the recall table is not valid: {0}; make it again with `sar evaluate --recall-table`")]
    Value(&'static str),
}

/// Recall by kind and doubt. // B4
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RecallTable {
    version: u32,
    /// The detector that was measured.
    pub(super) detector: String,
    /// Calls it was measured on.
    pub(super) calls: usize,
    /// Items in a minute of speech.
    pub(super) items_per_minute: f64,
    /// How much more calls differ than by chance: the square of the relative deviation of their rates.
    pub(super) spread: f64,
    /// By doubt, ascending.
    pub(super) levels: Vec<Level>,
    /// Share of words that belong to a missed item, by what the word looks like.
    pub(super) signs: BTreeMap<Sign, Count>,
}

/// One quality of recognition.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Level {
    /// Mean of 1 − confidence.
    pub(super) doubt: f64,
    /// By kind.
    pub(super) kinds: BTreeMap<String, Count>,
}

/// Of `all`, so many were missed. For kinds `all` counts detections: what a recording shows of itself.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Count {
    pub(super) all: usize,
    pub(super) missed: usize,
}

impl Count {
    pub(super) fn add(&mut self, other: Self) {
        self.all += other.all;
        self.missed += other.missed;
    }

    /// Missed ones for each one found.
    fn odds(self) -> f64 {
        (self.missed as f64 + UNSEEN) / (self.all as f64 + UNSEEN)
    }
}

impl Level {
    pub(super) fn whole(&self) -> Count {
        let mut whole = Count::default();
        self.kinds.values().for_each(|it| whole.add(*it));
        whole
    }

    fn odds(&self, kind: Option<EntityKind>) -> f64 {
        let whole = self.whole().odds();
        let Some(own) = kind.and_then(|it| self.kinds.get(it.name())) else {
            return whole;
        };
        (own.missed as f64 + LEAN * whole) / (own.all as f64 + LEAN)
    }
}

impl RecallTable {
    pub(super) fn new(detector: &str, calls: usize, items_per_minute: f64) -> Self {
        Self {
            version: VERSION,
            detector: detector.to_owned(),
            calls,
            items_per_minute,
            spread: LEAST_SPREAD,
            levels: Vec::new(),
            signs: BTreeMap::new(),
        }
    }

    /// The table that was measured on the held-back calls.
    pub fn committed() -> &'static Self {
        static TABLE: LazyLock<RecallTable> = LazyLock::new(|| {
            RecallTable::from_json(COMMITTED).expect("a test reads the committed table")
        });
        &TABLE
    }

    /// Reads a table.
    ///
    /// # Errors
    /// When it is no table of this version.
    pub fn from_json(text: &str) -> Result<Self, TableError> {
        let table: Self = serde_json::from_str(text)
            .map_err(|error| TableError::Json(error.line(), error.column()))?;
        if table.version != VERSION {
            return Err(TableError::Value("it has another version"));
        }
        if table.levels.is_empty() || !table.levels.is_sorted_by(|a, b| a.doubt < b.doubt) {
            return Err(TableError::Value("its levels are not in order"));
        }
        Ok(table)
    }

    /// The table as indented JSON with a final line break.
    pub fn to_json(&self) -> String {
        let text = serde_json::to_string_pretty(self).expect("our own types have string keys");
        text + "\n"
    }

    /// Items that were missed when it was measured, at every doubt together.
    pub fn missed_items(&self) -> usize {
        self.levels.iter().map(|it| it.whole().missed).sum()
    }

    /// Missed items for each found one of a kind; of all kinds together without one.
    pub(super) fn odds(&self, kind: Option<EntityKind>, doubt: f64) -> f64 {
        self.between(doubt, |level| level.odds(kind))
    }

    /// How uncertain the expected number of a recording is, relative and squared: recordings differ, and
    /// few misses were seen.
    pub(super) fn spread(&self, doubt: f64) -> f64 {
        let few = self.between(doubt, |level| 1.0 / (level.whole().missed as f64 + UNSEEN));
        self.spread.max(LEAST_SPREAD) + few
    }

    /// How likely a word that looks like this belongs to a missed item.
    pub(super) fn rate(&self, sign: Sign) -> f64 {
        self.signs.get(&sign).copied().unwrap_or_default().odds()
    }

    /// Between two levels on the straight line; before the first and after the last as there.
    fn between(&self, doubt: f64, value: impl Fn(&Level) -> f64) -> f64 {
        let after = self.levels.partition_point(|it| it.doubt <= doubt);
        let (low, high) = (
            self.levels.get(after.wrapping_sub(1)),
            self.levels.get(after),
        );
        match (low, high) {
            (Some(low), Some(high)) => {
                let part = (doubt - low.doubt) / (high.doubt - low.doubt);
                value(low) + part * (value(high) - value(low))
            }
            (Some(only), None) | (None, Some(only)) => value(only),
            (None, None) => 1.0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> RecallTable {
        let level = |doubt, missed| Level {
            doubt,
            kinds: BTreeMap::from([
                ("PERSON_NAME".to_owned(), Count { all: 1_000, missed }),
                ("IBAN".to_owned(), Count { all: 2, missed: 0 }),
            ]),
        };
        let mut table = RecallTable::new("test", 10, 6.0);
        table.levels = vec![level(0.1, 10), level(0.3, 100)];
        table
    }

    #[test]
    fn the_committed_table_is_valid() {
        let table = RecallTable::committed();
        assert!(table.calls >= 90 && table.levels.len() >= 4);
        assert_eq!(RecallTable::from_json(&table.to_json()).unwrap(), *table);
    }

    #[test]
    fn between_two_levels_it_is_between_their_values() {
        let (table, name) = (table(), Some(EntityKind::PersonName));
        let odds = |doubt| table.odds(name, doubt);
        assert!((odds(0.2) - f64::midpoint(odds(0.1), odds(0.3))).abs() < 1e-9);
        assert!(odds(0.0) == odds(0.1) && odds(0.9) == odds(0.3));
    }

    #[test]
    fn a_kind_with_few_items_leans_on_all() {
        let table = table();
        let rare = table.odds(Some(EntityKind::Iban), 0.3);
        assert!(rare > 0.05 && rare < 0.1, "{rare}");
    }

    #[test]
    fn another_version_is_refused() {
        let text = table().to_json();
        assert!(RecallTable::from_json(&text.replace("\"version\": 1", "\"version\": 2")).is_err());
        assert!(RecallTable::from_json("{").is_err());
    }
}
