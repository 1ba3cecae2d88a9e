//! Values that must not be printed: personal data and secrets.

use std::fmt;

macro_rules! hidden {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
        pub struct $name<T>(T);

        impl<T> $name<T> {
            /// Hides `value` from every log and error text.
            pub const fn new(value: T) -> Self {
                Self(value)
            }

            /// The value itself. Each call site is a place where it may leave; keep them few.
            pub const fn reveal(&self) -> &T {
                &self.0
            }

            /// Takes the value out.
            pub fn into_inner(self) -> T {
                self.0
            }
        }

        impl<T> fmt::Debug for $name<T> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("<redacted>")
            }
        }

        impl<T> fmt::Display for $name<T> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("<redacted>")
            }
        }
    };
}

hidden!(
    /// A name, number, address or transcript text of a person.
    PersonalData
);
hidden!(
    /// A password, token, key or presigned URL. // S0-20
    Secret
);

impl PersonalData<String> {
    /// The initials, `A. H.`, for lists that are shown to anyone.
    pub fn initials(&self) -> String {
        self.0
            .split_whitespace()
            .filter_map(|part| part.chars().next())
            .map(|first| format!("{}.", first.to_uppercase()))
            .collect::<Vec<_>>()
            .join(" ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hidden_values_do_not_print() {
        let name = PersonalData::new("amelia hartley".to_owned());
        assert_eq!(format!("{name} {name:?}"), "<redacted> <redacted>");
        assert_eq!(format!("{:?}", Secret::new(7)), "<redacted>");
        assert_eq!(name.initials(), "A. H.");
    }
}
