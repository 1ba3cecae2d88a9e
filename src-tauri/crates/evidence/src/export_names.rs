//! File names of an eDiscovery export: the id of the recording, made safe for every file system, and back.
//!
//! Ids of other systems hold `:`, `/`, `?` and worse. What is unsafe becomes `~` and two hex digits for
//! each byte, so that the id can be read off the name again. BagIt forbids itself no such character, and
//! a percent sign would have to be escaped a second time there. // RFC 8493 section 2.1.3

use std::collections::BTreeMap;

use crate::hashing::sha256;

/// Longest stem; with the longest ending it stays far below the 255 bytes of common file systems.
const MAX_STEM_BYTES: usize = 160;

/// Names that Windows keeps for devices, whatever the ending.
const DEVICES: [&str; 4] = ["con", "prn", "aux", "nul"];

/// Names of the other files of an export, without ending: no recording may take them.
const TAKEN: [&str; 6] = [
    "manifest",
    "chain_of_custody",
    "exceptions",
    "report",
    "completeness",
    "loadfile",
];

/// Whether letters are kept as they are, or capitals are escaped to tell `a` from `A` on every system.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Capitals {
    Kept,
    Escaped,
}

/// A recording of an export, as far as its name goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Named<'a> {
    /// The source.
    pub source: &'a str,
    /// The conversation; ids of recordings are unique only within one.
    pub conversation: &'a str,
    /// The recording.
    pub recording: &'a str,
}

/// The stems of all recordings of an export, in their order, no two the same on any file system.
///
/// A recording is called by its id. Where two would be called the same, each carries source and
/// conversation too, and escaped capitals.
pub fn stems(recordings: &[Named<'_>]) -> Vec<String> {
    let short: Vec<_> = recordings.iter().map(|it| stem(it.recording)).collect();
    let mut times = BTreeMap::<String, u32>::new();
    for name in &short {
        *times.entry(name.to_lowercase()).or_default() += 1;
    }
    let is_only = |name: &str| times.get(&name.to_lowercase()) == Some(&1);
    let named = recordings.iter().zip(short);
    named
        .map(|(it, name)| if is_only(&name) { name } else { long_stem(it) })
        .collect()
}

/// The stem of an id that no other recording has.
pub fn stem(id: &str) -> String {
    bounded(protected(escaped(id, Capitals::Kept)))
}

fn long_stem(named: &Named<'_>) -> String {
    let parts = [named.source, named.conversation, named.recording];
    bounded(parts.map(|it| escaped(it, Capitals::Escaped)).join("~~"))
}

/// The id behind a stem that [`stem`] made; `None` for one that was too long and was cut.
pub fn id_of(stem: &str) -> Option<String> {
    let mut bytes = Vec::new();
    let mut parts = stem.split('~');
    bytes.extend(parts.next()?.bytes());
    for part in parts {
        let (hex, rest) = part.split_at_checked(2)?;
        bytes.push(u8::from_str_radix(hex, 16).ok()?);
        bytes.extend(rest.bytes());
    }
    String::from_utf8(bytes).ok()
}

fn escaped(id: &str, capitals: Capitals) -> String {
    let last = id.len().saturating_sub(1);
    let mut stem = String::with_capacity(id.len());
    for (at, byte) in id.bytes().enumerate() {
        let is_edge = at == 0 || at == last;
        let is_kept = match byte {
            b'A'..=b'Z' => capitals == Capitals::Kept,
            b'a'..=b'z' | b'0'..=b'9' | b'_' => true,
            // A first hyphen is an option to shells, a first or last dot is lost or hidden.
            b'-' | b'.' => !is_edge,
            _ => false,
        };
        if is_kept {
            stem.push(char::from(byte));
        } else {
            stem.push_str(&format!("~{byte:02X}"));
        }
    }
    stem
}

/// Escapes the first letter of a name that means something else.
fn protected(stem: String) -> String {
    let lower = stem.to_lowercase();
    let (before_dot, _) = lower.split_once('.').unwrap_or((&lower, ""));
    let numbered = ["com", "lpt"].iter().any(|device| {
        let number = before_dot.strip_prefix(device);
        number.is_some_and(|it| it.len() == 1 && it.bytes().all(|byte| byte.is_ascii_digit()))
    });
    if !numbered && !DEVICES.contains(&before_dot) && !TAKEN.contains(&lower.as_str()) {
        return stem;
    }
    let mut letters = stem.chars();
    let first = letters.next().map_or(0, u32::from);
    format!("~{first:02X}{}", letters.as_str())
}

/// Cuts what is too long and adds a digest, which keeps it different from every other.
fn bounded(stem: String) -> String {
    if stem.len() <= MAX_STEM_BYTES {
        return stem;
    }
    let digest = sha256(&stem).hex();
    // Everything that is kept or put in is ASCII.
    let (head, _) = stem.split_at(MAX_STEM_BYTES - 20);
    let (tail, _) = digest.split_at(16);
    format!("{head}~~~{tail}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check(id: &str, expected: &str) {
        assert_eq!(stem(id), expected);
        assert_eq!(id_of(expected).as_deref(), Some(id));
    }

    #[test]
    fn ids_become_names_that_every_system_takes() {
        check(
            "9f0c1d2e-0001-4000-8000-00000000000a",
            "9f0c1d2e-0001-4000-8000-00000000000a",
        );
        check("2023-10-27T14:30:00Z", "2023-10-27T14~3A30~3A00Z");
        check("../../etc/passwd", "~2E.~2F..~2Fetc~2Fpasswd");
        check("-rf", "~2Drf");
        check("a b~%\\", "a~20b~7E~25~5C");
        check("ü", "~C3~BC");
        check("nul", "~6Eul");
        check("Com1.x", "~43om1.x");
        check("manifest", "~6Danifest");
        check("conference", "conference");
        check(".", "~2E");
    }

    #[test]
    fn two_recordings_never_share_a_name() {
        let of = |conversation, recording| Named {
            source: "s",
            conversation,
            recording,
        };
        let names = stems(&[of("c1", "r"), of("c2", "r"), of("c1", "R"), of("c1", "q")]);
        assert_eq!(names, ["s~~c1~~r", "s~~c2~~r", "s~~c1~~~52", "q"]);
    }

    proptest! {
        #[test]
        fn every_id_can_be_read_off_its_name(id in "[^\\p{C}]{1,10}") {
            let name = stem(&id);
            prop_assert_eq!(id_of(&name), Some(id));
            let is_safe = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte);
            prop_assert!(name.bytes().all(is_safe), "{}", name);
        }

        #[test]
        fn no_name_is_too_long(id in "[:a]{1,256}") {
            prop_assert!(stem(&id).len() <= MAX_STEM_BYTES);
        }
    }
}
