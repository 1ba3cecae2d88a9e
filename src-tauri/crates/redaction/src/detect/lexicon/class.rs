//! What may begin at a word, as bits: a rule passes over a call by them and looks at nothing else.

use super::{Entry, Role, Roles};

/// Introductions of a name: "my name is", "speaking with".
pub(in crate::detect) const INTRODUCTIONS: Roles = Roles::of(&[
    Role::NameIntro,
    Role::NameSure,
    Role::NameGreeting,
    Role::NameHint,
    Role::NameWeak,
]);
/// Words before a name: "Mrs", "my husband".
pub(in crate::detect) const ADDRESSING: Roles = Roles::of(&[Role::Honorific, Role::Relation]);
/// Words behind a name: "speaking", "here".
pub(in crate::detect) const BEHIND: Roles = Roles::of(&[Role::NameAfter, Role::NameAfterWeak]);
/// Words behind which a name is said, whatever it is heard as.
pub(in crate::detect) const FRAMES: Roles = Roles::of(&[
    Role::NameGreeting,
    Role::Honorific,
    Role::NameSure,
    Role::NameIntro,
]);
/// Words that say whose something is.
const POSSESSIVES: Roles = Roles::of(&[Role::Others, Role::Own, Role::Yours]);
/// Words that make numbers a quantity.
const MEASURES: Roles = Roles::of(&[Role::YearLead, Role::Clock, Role::Measure, Role::Dial]);
/// Phrases with which items begin, or which join their parts.
const MARKED: Roles = Roles::of(&[
    Role::Condition,
    Role::Procedure,
    Role::Drug,
    Role::HealthHead,
    Role::HealthAsk,
    Role::Dose,
    Role::StreetStrong,
    Role::Dwelling,
    Role::At,
    Role::Casing,
]);

/// A set of such bits.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(in crate::detect) struct Classes(u8);

impl Classes {
    /// A cue begins.
    pub(in crate::detect) const CUE: Self = Self(1);
    /// It may make numbers a quantity.
    pub(in crate::detect) const MEASURE: Self = Self(2);
    /// A recognizer begins.
    pub(in crate::detect) const MARKED: Self = Self(4);
    /// A name may stand here or beside it.
    pub(in crate::detect) const NAME: Self = Self(8);
    /// A name follows.
    pub(in crate::detect) const FRAME: Self = Self(16);
    /// It says whose something is.
    pub(in crate::detect) const POSSESSIVE: Self = Self(32);
    /// It may be a digit or letter.
    pub(in crate::detect) const CHARACTER: Self = Self(64);

    /// What the word itself tells, wherever it stands.
    pub(super) fn of(entry: &Entry) -> Self {
        let name = entry.begins(INTRODUCTIONS)
            || entry.stem_roles.has_any(ADDRESSING)
            || entry.is_first_name()
            || entry.begins(BEHIND);
        let all = [
            (entry.begins_cue, Self::CUE),
            (entry.begins(MEASURES), Self::MEASURE),
            (entry.begins(MARKED) || entry.is_medical(), Self::MARKED),
            (name, Self::NAME),
            (entry.begins(FRAMES), Self::FRAME),
            (entry.begins(POSSESSIVES), Self::POSSESSIVE),
        ];
        let own = all.into_iter().filter(|it| it.0);
        own.fold(Self::default(), |classes, it| classes.with(it.1))
    }

    /// Both together.
    pub(in crate::detect) fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether one of the others is among them.
    pub(in crate::detect) fn has(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }
}
