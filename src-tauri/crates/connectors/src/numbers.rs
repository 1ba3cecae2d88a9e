//! One phone number in every form that a call may show it in. // S0-25

/// How numbers of the organization's own country are written at home.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HomeNumbering {
    /// Calling code without `+`, such as `44`.
    pub calling_code: String,
    /// What is dialed before a number within the country: `0` in most, nothing in some.
    pub trunk_prefix: String,
}

/// The digits that stand for a number, the international ones first; without a home no other country's number
/// can be mistaken for it.
pub(crate) fn digit_forms(number: &str, home: Option<&HomeNumbering>) -> Vec<String> {
    let international: String = number.chars().filter(char::is_ascii_digit).collect();
    let national = home.and_then(|home| {
        let rest = international.strip_prefix(home.calling_code.as_str())?;
        Some(format!("{}{rest}", home.trunk_prefix))
    });
    let dialed = format!("00{international}");
    [Some(international), national, Some(dialed)]
        .into_iter()
        .flatten()
        .collect()
}

/// The texts to ask the source for.
// Genesys: numbers are `tel:` addresses, in some fields bare (API reference section 3, checked 2026-08).
pub(crate) fn asked_forms(number: &str, home: Option<&HomeNumbering>) -> Vec<String> {
    let mut digits = digit_forms(number, home);
    // Numbers are stored as the switch normalized them, never with the prefix dialed for abroad.
    digits.pop();
    let mut forms = vec![format!("tel:{number}"), number.to_owned()];
    for (place, digits) in digits.into_iter().enumerate() {
        if place > 0 {
            forms.push(format!("tel:{digits}"));
        }
        forms.push(digits);
    }
    forms
}

/// `tel:+1 555-1234567;ext=1` and `sip:+15551234567@edge` become `15551234567`.
pub(crate) fn bare(text: &str) -> String {
    let text = text.trim();
    let address = text
        .strip_prefix("tel:")
        .or_else(|| text.strip_prefix("sip:"))
        .unwrap_or(text);
    let number = address.split(['@', ';']).next().unwrap_or(address);
    if number.chars().any(char::is_alphabetic) {
        // A name, not a number; compared as it is.
        return number.to_owned();
    }
    number.chars().filter(char::is_ascii_digit).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn uk() -> HomeNumbering {
        HomeNumbering {
            calling_code: "44".to_owned(),
            trunk_prefix: "0".to_owned(),
        }
    }

    #[test]
    fn the_national_form_is_known_only_at_home() {
        let abroad = ["447700900123", "00447700900123"];
        assert_eq!(digit_forms("+447700900123", None), abroad);
        let home = ["447700900123", "07700900123", "00447700900123"];
        assert_eq!(digit_forms("+447700900123", Some(&uk())), home);
        let other = ["15551234567", "0015551234567"];
        assert_eq!(digit_forms("+15551234567", Some(&uk())), other);
    }

    #[test]
    fn every_form_is_asked_for_once() {
        assert_eq!(
            asked_forms("+447700900123", Some(&uk())),
            [
                "tel:+447700900123",
                "+447700900123",
                "447700900123",
                "tel:07700900123",
                "07700900123"
            ]
        );
        assert_eq!(asked_forms("+15551234567", None).len(), 3);
    }

    #[test]
    fn a_bare_number_is_its_digits_and_a_name_is_itself() {
        assert_eq!(bare("tel:+1 555-1234567;ext=1"), "15551234567");
        assert_eq!(bare("sip:+15551234567@edge"), "15551234567");
        assert_eq!(bare("(0)7700 900123"), "07700900123");
        assert_eq!(bare("sip:anonymous@anonymous.invalid"), "anonymous");
    }
}
