//! Phone numbers as people write them.

use phonenumber::{Mode, country};

use crate::api::ApiError;

/// Brings a number into E.164 form. `region` is the ISO 3166 country of a national number, such as
/// `GB`; a number with a country code needs none.
///
/// Only the number's form is checked, not whether it is assigned: numbers are retired and a request
/// may name an old one.
///
/// # Errors
/// When the text is not a phone number of any country.
pub(crate) fn to_e164(text: &str, region: &str) -> Result<String, ApiError> {
    let country = region.parse::<country::Id>().ok();
    let number = phonenumber::parse(country, text.trim()).map_err(|_| {
        ApiError::invalid(
            "Phone",
            "it is not a phone number; write it with the country code, such as `+44 …`",
        )
    })?;
    Ok(number.format().mode(Mode::E164).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, region: &str, expected: Option<&str>) {
        assert_eq!(
            to_e164(text, region).ok().as_deref(),
            expected,
            "{text} {region}"
        );
    }

    #[test]
    fn numbers_in_every_common_form_become_e164() {
        check("+44 7700 900123", "", Some("+447700900123"));
        check("07700 900-123", "GB", Some("+447700900123"));
        check("(555) 555-0123", "US", Some("+15555550123"));
        check("0151 23456789", "DE", Some("+4915123456789"));
    }

    #[test]
    fn other_texts_are_refused() {
        check("07700 900123", "", None);
        check("call me", "GB", None);
        check("", "GB", None);
    }
}
