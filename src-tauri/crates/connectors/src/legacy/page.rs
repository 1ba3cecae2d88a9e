//! Going through an answer that comes in parts, with an end to it whatever the source does.

use std::collections::HashSet;

use serde_json::Value;

use super::{call::Places, fields, settings::Paging};
use crate::source::SourceError;

/// Parts of one answer that are read.
const MAX_PARTS: u32 = 10_000;

/// Where in an answer we are.
pub(super) struct Pages<'a> {
    paging: &'a Paging,
    operation: &'static str,
    parts: u32,
    received: u64,
    /// Recordings that came, each once: a list that shrinks or grows meanwhile repeats some.
    ids: HashSet<String>,
    cursors: HashSet<String>,
    cursor: Option<String>,
    announced: Option<u64>,
}

impl<'a> Pages<'a> {
    pub(super) fn new(paging: &'a Paging, operation: &'static str) -> Self {
        Self {
            paging,
            operation,
            parts: 0,
            received: 0,
            ids: HashSet::new(),
            cursors: HashSet::new(),
            cursor: None,
            announced: None,
        }
    }

    /// Fills in which part is wanted.
    pub(super) fn places(&self, places: Places) -> Places {
        match self.paging {
            Paging::None => places,
            Paging::Page { first, size, .. } => places
                .with("page", first.saturating_add(self.parts))
                .with("limit", size),
            Paging::Offset { size, .. } => places.with("offset", self.received).with("limit", size),
            Paging::Cursor { size, .. } => match &self.cursor {
                Some(cursor) => places.with("cursor", cursor).with("limit", size),
                None => places.with("limit", size),
            },
        }
    }

    /// Whether a recording comes for the first time.
    pub(super) fn is_new(&mut self, id: &str) -> bool {
        self.ids.insert(id.to_owned())
    }

    /// Takes note of a part, and says whether another one follows.
    ///
    /// # Errors
    /// When the source gives what it gave before, or never ends. // S0-35
    pub(super) fn next(
        &mut self,
        answer: &Value,
        entries: usize,
        new: usize,
    ) -> Result<bool, SourceError> {
        self.parts += 1;
        self.received += entries as u64;
        let more = match self.paging {
            Paging::None => false,
            Paging::Page { size, total, .. } | Paging::Offset { size, total } => {
                let total = total.as_ref().and_then(|it| fields::whole(answer, it));
                self.announced = total.or(self.announced);
                let is_full = entries as u64 >= u64::from(*size);
                self.announced
                    .map_or(is_full, |total| entries > 0 && self.received < total)
            }
            Paging::Cursor { next, .. } => {
                self.cursor = fields::text(answer, next);
                self.cursor.is_some()
            }
        };
        let is_old_cursor = self
            .cursor
            .clone()
            .is_some_and(|it| !self.cursors.insert(it));
        if is_old_cursor || (more && entries > 0 && new == 0) {
            return Err(SourceError::RepeatedPage {
                operation: self.operation,
            });
        }
        if more && self.parts >= MAX_PARTS {
            return Err(SourceError::Limit {
                operation: self.operation,
                what: "pages",
                limit: u64::from(MAX_PARTS),
            });
        }
        Ok(more)
    }

    /// How many recordings the source announced and did not give. // S0-39
    pub(super) fn missing(&self) -> u64 {
        let unique = self.ids.len() as u64;
        self.announced
            .map_or(0, |announced| announced.saturating_sub(unique))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn offset() -> Paging {
        Paging::Offset {
            size: 2,
            total: Some("/total".to_owned()),
        }
    }

    fn take(pages: &mut Pages<'_>, ids: &[&str], total: u64) -> Result<bool, SourceError> {
        let new = ids.iter().filter(|id| pages.is_new(id)).count();
        pages.next(&json!({"total": total}), ids.len(), new)
    }

    #[test]
    fn parts_follow_until_the_total_and_repeated_entries_are_missed() {
        let paging = offset();
        let mut pages = Pages::new(&paging, "search");
        assert!(take(&mut pages, &["a", "b"], 4).unwrap());
        // Somebody deleted one, so the list moved up and another came before it.
        assert!(!take(&mut pages, &["b", "c"], 4).unwrap());
        assert_eq!(pages.missing(), 1);
    }

    #[test]
    fn an_answer_that_repeats_itself_ends() {
        let paging = offset();
        let mut pages = Pages::new(&paging, "search");
        assert!(take(&mut pages, &["a", "b"], 9).unwrap());
        assert!(take(&mut pages, &["a", "b"], 9).is_err());
        let paging = Paging::Cursor {
            size: 1,
            next: "/next".to_owned(),
        };
        let mut pages = Pages::new(&paging, "search");
        let part = |pages: &mut Pages<'_>, n: usize| pages.next(&json!({"next": "again"}), 1, n);
        assert!(part(&mut pages, 1).unwrap());
        assert!(part(&mut pages, 1).is_err());
    }

    #[test]
    fn an_empty_part_ends_whatever_the_total_says() {
        let paging = offset();
        let mut pages = Pages::new(&paging, "search");
        assert!(!take(&mut pages, &[], 7).unwrap());
        assert_eq!(pages.missing(), 7);
    }
}
