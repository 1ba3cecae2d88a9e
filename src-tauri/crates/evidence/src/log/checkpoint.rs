//! Checkpoints: the signed statement of size and root. // C2SP tlog-checkpoint, signed-note

use base64::{Engine, prelude::BASE64_STANDARD};
use domain::digest::Sha256Digest;
use signed_note::{Note, Signature};

use super::{
    Head, LogError,
    key::{LogKey, TrustedKey, check_origin},
};

/// Signs the head. The caller makes sure that it never signs a smaller or a forked log.
///
/// # Errors
/// When `origin` cannot name a log.
pub fn sign_checkpoint(origin: &str, head: &Head, key: &LogKey) -> Result<String, LogError> {
    check_origin(origin)?;
    let checkpoint = Checkpoint {
        origin: origin.to_owned(),
        size: head.size(),
        root: head.root(),
    };
    let text = checkpoint.to_string();
    let mut signature = key.key_id(origin)?.to_be_bytes().to_vec();
    signature.extend(key.sign(text.as_bytes()));
    Ok(format!(
        "{text}\n\u{2014} {origin} {}\n",
        BASE64_STANDARD.encode(signature)
    ))
}

/// What a checkpoint says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// Name of the log.
    pub origin: String,
    /// Number of entries.
    pub size: u64,
    /// Root of the tree over them.
    pub root: Sha256Digest,
}

impl std::fmt::Display for Checkpoint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let root = BASE64_STANDARD.encode(self.root.as_bytes());
        write!(f, "{}\n{}\n{root}\n", self.origin, self.size)
    }
}

impl Checkpoint {
    /// Reads what the note says, without checking who signed it.
    ///
    /// # Errors
    /// When it is not a checkpoint in exactly the form that is written here.
    pub fn parse(note: &str) -> Result<Self, LogError> {
        let (text, _) = split(note)?;
        let mut lines = text.lines();
        let (Some(origin), Some(size), Some(root), None) =
            (lines.next(), lines.next(), lines.next(), lines.next())
        else {
            return Err(LogError::Checkpoint("it does not have three lines"));
        };
        let size = size
            .parse()
            .map_err(|_| LogError::Checkpoint("its size is not a number"))?;
        let root = decode_hash(root).ok_or(LogError::Checkpoint("its root is not a hash"))?;
        check_origin(origin)?;
        let checkpoint = Self {
            origin: origin.to_owned(),
            size,
            root,
        };
        if checkpoint.to_string() != text {
            return Err(LogError::Checkpoint(
                "its text is not in the one valid form",
            ));
        }
        Ok(checkpoint)
    }

    /// Reads the note and checks the signature of `key`.
    pub(crate) fn open(note: &str, key: &TrustedKey) -> Result<Self, LogError> {
        let checkpoint = Self::parse(note)?;
        let (text, signatures) = split(note)?;
        let ours = |it: &&Signature| it.name() == key.name() && it.id() == key.id();
        let signed = signatures.iter().find(ours);
        let good = signed.is_some_and(|it| key.verify(text.as_bytes(), it.signature()));
        if !good || checkpoint.origin != key.name() {
            return Err(LogError::Signature {
                name: key.name().to_owned(),
            });
        }
        Ok(checkpoint)
    }
}

/// Reads a checkpoint that `vkey` signed.
///
/// # Errors
/// When it is not a checkpoint, or not signed by that key.
pub fn open_checkpoint(note: &str, vkey: &str) -> Result<Checkpoint, LogError> {
    Checkpoint::open(note, &TrustedKey::parse(vkey)?)
}

/// Splits a note into its text and its signature lines.
fn split(note: &str) -> Result<(&str, Vec<Signature>), LogError> {
    const BROKEN: LogError = LogError::Checkpoint("it is not a signed note");
    Note::from_bytes(note.as_bytes()).map_err(|_| BROKEN)?;
    let (text, lines) = note.rsplit_once("\n\n").ok_or(BROKEN)?;
    let text = note.get(..=text.len()).ok_or(BROKEN)?;
    let signatures = lines
        .lines()
        .map(|line| Signature::from_bytes(line.as_bytes()))
        .collect::<Result<Vec<_>, _>>()
        .map_err(|_| BROKEN)?;
    Ok((text, signatures))
}

pub(super) fn decode_hash(base64: &str) -> Option<Sha256Digest> {
    let bytes = BASE64_STANDARD.decode(base64).ok()?;
    Some(Sha256Digest::new(bytes.try_into().ok()?))
}
