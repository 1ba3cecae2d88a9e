//! The testkit of the age format: what the vault reads is what the format says.

#![expect(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

use std::{
    io::{BufReader, Read},
    path::Path,
    str::FromStr,
};

use age::{Decryptor, Identity, scrypt, secrecy::SecretString, x25519};
use sha2::{Digest, Sha256};

/// A file of the testkit: what must come of it, with which keys.
struct Case {
    expected: String,
    payload: Option<String>,
    identities: Vec<Box<dyn Identity>>,
    file: Vec<u8>,
}

impl Case {
    fn read(path: &Path) -> Self {
        let bytes = std::fs::read(path).unwrap();
        let end = bytes.windows(2).position(|two| two == b"\n\n").unwrap();
        let mut case = Self {
            expected: String::new(),
            payload: None,
            identities: Vec::new(),
            file: bytes[end + 2..].to_vec(),
        };
        for line in String::from_utf8_lossy(&bytes[..end]).lines() {
            let (name, value) = line.split_once(": ").unwrap();
            match name {
                "expect" => case.expected = value.to_owned(),
                "payload" => case.payload = Some(value.to_owned()),
                "identity" => {
                    let identity = x25519::Identity::from_str(value).unwrap();
                    case.identities.push(Box::new(identity));
                }
                "passphrase" => {
                    let mut identity = scrypt::Identity::new(SecretString::from(value.to_owned()));
                    identity.set_max_work_factor(16);
                    case.identities.push(Box::new(identity));
                }
                _ => {}
            }
        }
        case
    }

    /// What the library makes of it, and as much of the content as came before an error.
    fn run(&self) -> (&'static str, Vec<u8>) {
        let mut content = Vec::new();
        let Ok(decryptor) = Decryptor::new_buffered(BufReader::new(self.file.as_slice())) else {
            return ("refused", content);
        };
        let identities = self.identities.iter().map(AsRef::as_ref);
        let Ok(mut reader) = decryptor.decrypt(identities) else {
            return ("refused", content);
        };
        match reader.read_to_end(&mut content) {
            Ok(_) => ("success", content),
            Err(_) => ("payload failure", content),
        }
    }
}

/// Stanzas without their short last line: the library reads them on purpose, because old files have them.
/// The header is authenticated, so nothing can be slipped in this way.
const OLD_STANZAS: [&str; 2] = ["stanza_missing_body", "stanza_missing_final_line"];

#[test]
fn every_file_of_the_testkit_is_judged_as_published() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../tests/vectors/standards/age");
    let mut seen = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let case = Case::read(&path);
        let (outcome, content) = case.run();
        let is_old = OLD_STANZAS.iter().any(|name| path.ends_with(name));
        let expected = match case.expected.as_str() {
            "header failure" if is_old => "success",
            // Header, MAC and identity: which of them is at fault makes no difference to us.
            "header failure" | "HMAC failure" | "no match" => "refused",
            other => other,
        };
        assert_eq!(outcome, expected, "{}", path.display());
        if let Some(payload) = case.payload {
            let digest: String = Sha256::digest(&content)
                .iter()
                .map(|byte| format!("{byte:02x}"))
                .collect();
            assert_eq!(digest, payload, "{}", path.display());
        }
        seen += 1;
    }
    assert_eq!(seen, 73, "files of the testkit");
}
