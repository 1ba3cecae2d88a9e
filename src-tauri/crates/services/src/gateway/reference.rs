//! A reference as callers write it, in the one form it is looked up by. // S1-11, S1-20

use super::error::{Code, GatewayError};

/// Longest reference, in characters; ids of sources are shorter.
const MAX_LENGTH: usize = 256;
/// Digits of a UUID.
const UUID_DIGITS: usize = 32;

/// A reference: trimmed, bounded, and in small letters where its form says that they do not matter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Reference(String);

impl Reference {
    /// No form is assumed: `rec_5f3a2b…`, `avaya_8923` and `2023-10-27T14:30:00Z-8923` are all references.
    pub(super) fn new(text: &str) -> Result<Self, GatewayError> {
        let text = text.trim();
        let invalid = |why| GatewayError::because(Code::InvalidRequest, why);
        if text.is_empty() {
            return Err(invalid("the reference is empty"));
        }
        if text.chars().count() > MAX_LENGTH || text.chars().any(char::is_control) {
            return Err(invalid(
                "the reference is too long or has control characters",
            ));
        }
        Ok(Self(normal(text)))
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    /// Every spelling under which a source may know it: recorders write UUIDs in small letters or capitals,
    /// and tell the two apart.
    pub(super) fn spellings(&self) -> Vec<String> {
        let mut spellings = vec![self.0.clone()];
        if is_uuid(&self.0) {
            spellings.push(self.0.to_ascii_uppercase());
        }
        spellings
    }
}

/// Some programs write the UUIDs of the platform in capitals or in braces.
fn normal(text: &str) -> String {
    let inner = text
        .strip_prefix('{')
        .and_then(|it| it.strip_suffix('}'))
        .unwrap_or(text);
    if is_uuid(inner) {
        inner.to_ascii_lowercase()
    } else {
        text.to_owned()
    }
}

fn is_uuid(text: &str) -> bool {
    let groups: Vec<_> = text.split('-').map(str::len).collect();
    let digits = text.chars().filter(char::is_ascii_hexdigit).count();
    groups == [8, 4, 4, 4, 12] && digits == UUID_DIGITS
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        assert_eq!(Reference::new(text).unwrap().as_str(), expected);
    }

    // S1-11, S1-19, S1-20
    #[test]
    fn references_of_every_form_are_kept_and_uuids_have_one_spelling() {
        check(
            " rec_5f3a2b1c9d8e7f6g5h4i3j2k1l ",
            "rec_5f3a2b1c9d8e7f6g5h4i3j2k1l",
        );
        check("2023-10-27T14:30:00Z-8923", "2023-10-27T14:30:00Z-8923");
        check("Avaya_8923", "Avaya_8923");
        let uuid = "0f8fad5b-d9cb-469f-a165-70867728950e";
        check(&format!("{{{}}}", uuid.to_uppercase()), uuid);
    }

    #[test]
    fn a_uuid_is_looked_up_in_both_spellings_and_nothing_else_is() {
        let uuid = "0f8fad5b-d9cb-469f-a165-70867728950e";
        let spellings = Reference::new(uuid).unwrap().spellings();
        assert_eq!(spellings, [uuid.to_owned(), uuid.to_uppercase()]);
        assert_eq!(
            Reference::new("Avaya_8923").unwrap().spellings(),
            ["Avaya_8923"]
        );
    }

    #[test]
    fn what_cannot_be_a_reference_is_refused_before_anybody_is_asked() {
        for bad in ["", "  ", "a\nb", &"x".repeat(257)] {
            assert_eq!(Reference::new(bad).unwrap_err().code, Code::InvalidRequest);
        }
    }
}
