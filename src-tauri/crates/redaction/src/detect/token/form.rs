//! What the form of a written word says: masks, prices, dates, addresses of machines.

use domain::entity::EntityKind;

use crate::detect::reading::Reading;

/// Prices, percentages, clock times, grouped quantities and dates: numbers that are not digit strings.
pub(super) fn whole_number_form(text: &str) -> Option<Reading> {
    let digits = text.chars().filter(char::is_ascii_digit).count();
    if digits == 0 {
        return None;
    }
    if text.starts_with(['$', '£', '€']) || text.ends_with(['%', '€', '£']) {
        return Some(Reading::Amount);
    }
    let fields = |separator: char| -> Option<Vec<usize>> {
        let parts: Vec<&str> = text.split(separator).collect();
        let numeric = |part: &&str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        (parts.len() > 1 && parts.iter().all(numeric))
            .then(|| parts.iter().map(|part| part.len()).collect())
    };
    let is_date = |lens: &[usize]| matches!(lens, [1 | 2, 1 | 2, 2 | 4] | [4, 1 | 2, 1 | 2]);
    if fields('/').is_some_and(|lens| is_date(&lens))
        || fields('.').is_some_and(|lens| is_date(&lens))
    {
        return Some(Reading::Date);
    }
    if fields('-').is_some_and(|lens| matches!(lens[..], [1 | 2, 1 | 2, 4] | [4, 2, 2])) {
        return Some(Reading::Date);
    }
    if fields('.').is_some_and(|lens| lens.len() == 4 && lens.iter().all(|len| *len <= 3)) {
        return Some(Reading::IpAddress);
    }
    let grouped = fields(',').is_some_and(|lens| lens.iter().skip(1).all(|len| *len == 3));
    let decimal = fields('.').is_some_and(|lens| lens.len() == 2 && lens[1] <= 2 && lens[0] <= 4);
    let clock = fields(':').is_some_and(|lens| matches!(lens[..], [1 | 2, 2]));
    (grouped || decimal || clock).then_some(Reading::Amount)
}

/// The kind of data behind a mask that the source system put in place of a word.
pub(super) fn mask(core: &str) -> Option<EntityKind> {
    let stars = core.chars().filter(|c| matches!(c, '*' | '#')).count();
    if stars >= 2
        && core
            .chars()
            .all(|c| matches!(c, '*' | '#' | '-') || c.is_ascii_digit())
    {
        return Some(EntityKind::Other);
    }
    let opened = core.starts_with('[') || (core.starts_with('<') && core.ends_with('>'));
    if !opened {
        return None;
    }
    let name = core.to_lowercase();
    if [
        "silence",
        "noise",
        "music",
        "laugh",
        "inaudible",
        "crosstalk",
        "unk",
        "unintelligible",
    ]
    .iter()
    .any(|sound| name.contains(sound))
    {
        return None;
    }
    let kinds = [
        ("phone", EntityKind::PhoneNumber),
        ("card", EntityKind::CreditCard),
        ("cvv", EntityKind::Cvv),
        ("expir", EntityKind::CardExpiry),
        ("ssn", EntityKind::Ssn),
        ("social", EntityKind::Ssn),
        ("mail", EntityKind::Email),
        ("account", EntityKind::AccountNumber),
        ("birth", EntityKind::DateOfBirth),
        ("address", EntityKind::Address),
        ("zip", EntityKind::Address),
        ("name", EntityKind::PersonName),
        ("pin", EntityKind::Pin),
        ("password", EntityKind::Password),
    ];
    let found = kinds.iter().find(|(part, _)| name.contains(part));
    Some(found.map_or(EntityKind::Other, |(_, kind)| *kind))
}
