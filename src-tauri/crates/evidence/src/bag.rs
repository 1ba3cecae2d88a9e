//! The text files of a BagIt 1.0 bag (RFC 8493), in the one form that is written here.

use std::fmt::Write;

use domain::digest::Sha256Digest;

use crate::names::is_neutral;

/// `bagit.txt`: declares the bag.
pub const BAGIT: &str = "bagit.txt";
/// `bag-info.txt`: metadata.
pub const BAG_INFO: &str = "bag-info.txt";
/// Digests of the payload.
pub const MANIFEST: &str = "manifest-sha256.txt";
/// Digests of all other files except itself and its signature.
pub const TAGMANIFEST: &str = "tagmanifest-sha256.txt";

/// Content of `bagit.txt`.
pub const BAGIT_CONTENT: &str = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n";

/// A file and its digest.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Line {
    /// Path in the bag.
    pub path: String,
    /// Digest of the content.
    pub digest: Sha256Digest,
}

/// Writes a manifest that `sha256sum -c` reads: hex digest, two spaces, path, line feed. // S2-28
pub fn write_manifest<'a>(lines: impl IntoIterator<Item = &'a Line>) -> String {
    let mut text = String::new();
    for line in lines {
        let _ = writeln!(text, "{}  {}", line.digest.hex(), line.path);
    }
    text
}

/// Reads a manifest; `None` when it is not exactly what [`write_manifest`] writes, paths ascending.
pub fn read_manifest(bytes: &[u8]) -> Option<Vec<Line>> {
    let text = std::str::from_utf8(bytes).ok()?;
    let lines = text.lines().map(read_line).collect::<Option<Vec<_>>>()?;
    let ascending = lines.is_sorted_by(|a, b| a.path < b.path);
    (ascending && write_manifest(&lines) == text).then_some(lines)
}

fn read_line(line: &str) -> Option<Line> {
    let (hex, path) = line.split_once("  ")?;
    let digest = Sha256Digest::parse(hex)
        .ok()
        .filter(|_| !hex.contains(':'))?;
    is_neutral(path).then(|| Line {
        path: path.to_owned(),
        digest,
    })
}

/// Writes the sidecar of one file: a manifest of one line with the bare name. // S2-27, S2-28
pub fn sidecar(name: &str, digest: Sha256Digest) -> String {
    write_manifest(&[Line {
        path: name.to_owned(),
        digest,
    }])
}

/// Size of the payload as BagIt states it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Oxum {
    /// Number of bytes.
    pub bytes: u64,
    /// Number of files.
    pub files: u64,
}

impl std::fmt::Display for Oxum {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.bytes, self.files)
    }
}

/// Whether `value` fits on one line of `bag-info.txt`.
pub fn is_info_value(value: &str) -> bool {
    !value.trim().is_empty() && value.trim() == value && !value.chars().any(char::is_control)
}

/// Writes `bag-info.txt`.
pub fn write_info(fields: &[(&str, &str)]) -> String {
    fields
        .iter()
        .fold(String::new(), |mut text, (label, value)| {
            let _ = writeln!(text, "{label}: {value}");
            text
        })
}

/// Reads `bag-info.txt` as written here: one line per label, none folded.
pub fn read_info(bytes: &[u8]) -> Option<Vec<(&str, &str)>> {
    let text = std::str::from_utf8(bytes).ok()?;
    let fields = text
        .lines()
        .map(|line| line.split_once(": "))
        .collect::<Option<Vec<_>>>()?;
    (write_info(&fields) == text && fields.iter().all(|(_, it)| is_info_value(it)))
        .then_some(fields)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hashing::sha256;

    #[test]
    fn manifests_are_read_in_one_form_only() {
        let line = |path: &str| Line {
            path: path.into(),
            digest: sha256(path),
        };
        let text = write_manifest(&[line("a"), line("b")]);
        assert_eq!(
            read_manifest(text.as_bytes()),
            Some(vec![line("a"), line("b")])
        );
        let swapped = write_manifest(&[line("b"), line("a")]);
        let twice = write_manifest(&[line("a"), line("a")]);
        let outside = write_manifest(&[line("../a")]);
        let one_space = text.replace("  ", " ");
        for bad in [
            swapped,
            twice,
            outside,
            one_space,
            text.to_uppercase(),
            format!("{text}\n"),
        ] {
            assert_eq!(read_manifest(bad.as_bytes()), None, "{bad}");
        }
    }

    #[test]
    fn info_has_one_line_per_label() {
        let text = write_info(&[
            ("Payload-Oxum", "5.1"),
            ("External-Identifier", "SAR-2026-1"),
        ]);
        assert_eq!(
            read_info(text.as_bytes()).unwrap()[0],
            ("Payload-Oxum", "5.1")
        );
        assert_eq!(read_info(b"a: b\n folded\n"), None);
        assert!(!is_info_value("two\nlines"));
        assert_eq!(Oxum { bytes: 5, files: 1 }.to_string(), "5.1");
    }
}
