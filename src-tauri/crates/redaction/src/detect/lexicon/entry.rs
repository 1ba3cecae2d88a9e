//! What is known about one word, looked up once for every place where it is said.

use std::borrow::Cow;

use super::{Classes, Roles, phrases::Ids};
use crate::detect::reading::Reading;

/// The id of words that no phrase has.
pub(super) const NO_ID: u32 = u32::MAX;

/// A word with everything that rules ask about it.
#[derive(Debug, Clone)]
pub(in crate::detect) struct Entry {
    /// Lower case.
    pub(in crate::detect) text: Cow<'static, str>,
    /// What it may stand for.
    pub(in crate::detect) reading: Reading,
    /// Roles of which the word alone is a phrase.
    pub(in crate::detect) roles: Roles,
    /// The same without a possessive ending.
    pub(in crate::detect) stem_roles: Roles,
    /// Roles of which a phrase begins with the word.
    pub(super) reachable: Roles,
    /// Whether a cue begins with it.
    pub(super) begins_cue: bool,
    /// What may begin at it.
    pub(in crate::detect) classes: Classes,
    /// The id of the word that was meant if this one is a slip.
    pub(super) meant: u32,
    /// Cue sets of which the word, or the word without a possessive ending, is a phrase.
    pub(super) stem_cues: u64,
    /// Which lists have it, without a possessive ending.
    pub(super) lists: Lists,
    /// Its own id, [`NO_ID`] when no list of phrases has it.
    pub(super) id: u32,
    /// The id without a possessive ending.
    pub(super) stem: u32,
    /// Where phrases that begin with it go on; 0 when none does.
    pub(super) node: u32,
    /// The words that such phrases go on with.
    pub(super) goes_on: Ids,
}

/// The word lists that have a word.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(in crate::detect) struct Lists(u8);

impl Lists {
    pub(super) const FIRST_NAME: Self = Self(1);
    pub(super) const SURNAME: Self = Self(2);
    pub(super) const COMMON: Self = Self(4);
    /// In the list of ordinary words itself, rather than a plural of one.
    pub(super) const LISTED: Self = Self(8);
    pub(super) const UNHEARD_OF: Self = Self(16);
    /// Ends as medical words do.
    pub(super) const MEDICAL: Self = Self(32);

    pub(super) fn has(self, list: Self) -> bool {
        self.0 & list.0 != 0
    }

    pub(super) fn insert(&mut self, list: Self) {
        self.0 |= list.0;
    }
}

impl Entry {
    pub(super) fn new(text: Cow<'static, str>, id: u32) -> Self {
        Self {
            text,
            reading: Reading::Word,
            roles: Roles::default(),
            stem_roles: Roles::default(),
            reachable: Roles::default(),
            begins_cue: false,
            classes: Classes::default(),
            meant: NO_ID,
            stem_cues: 0,
            lists: Lists::default(),
            id,
            stem: id,
            node: 0,
            goes_on: Ids::default(),
        }
    }

    /// Its place in the lexicon.
    pub(in crate::detect) fn id(&self) -> u32 {
        self.id
    }

    /// Whether a phrase of one of the roles begins with it.
    pub(in crate::detect) fn begins(&self, roles: Roles) -> bool {
        self.reachable.has_any(roles)
    }

    /// Whether a phrase that begins with it may go on with the next word.
    pub(super) fn may_go_on(&self, next: Option<&Self>) -> bool {
        next.is_some_and(|it| self.goes_on.may_have(it.id) || self.goes_on.may_have(it.stem))
    }

    /// Whether it is a first name.
    pub(in crate::detect) fn is_first_name(&self) -> bool {
        self.lists.has(Lists::FIRST_NAME)
    }

    /// Whether it is a surname.
    pub(in crate::detect) fn is_surname(&self) -> bool {
        self.lists.has(Lists::SURNAME)
    }

    /// Whether it is an ordinary word.
    pub(in crate::detect) fn is_common(&self) -> bool {
        self.lists.has(Lists::COMMON)
    }

    /// Whether it is in no list of ordinary words: then it is a name, a brand or misheard.
    pub(in crate::detect) fn is_unheard_of(&self) -> bool {
        self.lists.has(Lists::UNHEARD_OF)
    }

    /// Whether it ends as the names of diseases, operations and remedies do.
    pub(in crate::detect) fn is_medical(&self) -> bool {
        self.lists.has(Lists::MEDICAL)
    }
}
