//! Neutral file names inside a package: they say nothing about the person and suit every system.

/// Longest path inside a package; the shortest limit among common file systems is 255.
pub const MAX_NAME_BYTES: usize = 200;

/// Folder of the payload of a bag. // RFC 8493 section 2.1.2
pub const PAYLOAD: &str = "data/";

/// Folder of the delivered recordings.
pub const RECORDINGS: &str = "data/recordings/";

/// Extensions of the audio that is delivered. // S2-26
const AUDIO_EXTENSIONS: [&str; 7] = ["wav", "mp3", "webm", "ogg", "flac", "au", "w64"];

/// Whether `name` may stand in a package: relative, lower-case ASCII letters, digits, `.`, `_`, `-`
/// and `/`, no empty, dotted or hidden part.
pub fn is_neutral(name: &str) -> bool {
    name.len() <= MAX_NAME_BYTES && name.split('/').all(is_neutral_part)
}

fn is_neutral_part(part: &str) -> bool {
    let allowed =
        |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"._-".contains(&byte);
    // Windows drops a final dot, shells take a first hyphen for an option, Unix hides a first dot.
    let clear = !part.starts_with(['.', '-']) && !part.ends_with('.');
    !part.is_empty() && clear && part.bytes().all(allowed)
}

/// The file name of a recording if `path` is the audio of one: `data/recordings/0001.wav`.
pub fn recording_name(path: &str) -> Option<&str> {
    let name = path.strip_prefix(RECORDINGS)?;
    let (_, extension) = name.rsplit_once('.')?;
    (AUDIO_EXTENSIONS.contains(&extension) && !name.contains('/')).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_neutral_relative_names_are_allowed() {
        for good in [
            "bagit.txt",
            "data/recordings/0001.wav.sha256",
            "a_b-c/0.json",
        ] {
            assert!(is_neutral(good), "{good}");
        }
        let long = "a".repeat(MAX_NAME_BYTES + 1);
        for bad in [
            "",
            "/etc/passwd",
            "../x",
            "a/../b",
            "a//b",
            "a/",
            "./a",
            "C:/x",
            "a\\b",
            "A.wav",
            "ü",
            "a b",
            "-rf",
            ".hidden",
            "a.",
            "a\n",
            "a\0",
            &long,
        ] {
            assert!(!is_neutral(bad), "{bad}");
        }
    }

    #[test]
    fn audio_files_are_told_from_their_companions() {
        assert_eq!(recording_name("data/recordings/0001.wav"), Some("0001.wav"));
        for other in [
            "data/recordings/0001.json",
            "data/recordings/0001.wav.sha256",
            "data/x.wav",
        ] {
            assert_eq!(recording_name(other), None, "{other}");
        }
    }
}
