//! Who signed a log, and whether it is who was expected: two questions, two checks.

use crate::{
    log::{Checkpoint, LogError, Rotation, TrustedKey, VKEY},
    report::{Finding, Report},
};

use super::{LogFiles, blame, checks, read_text};

/// The key that signs now and those that it followed, newest first.
pub(super) struct Keys(Vec<TrustedKey>);

impl Keys {
    /// Follows the changes of keys back from the key in the folder.
    fn of(named: TrustedKey, rotations: &[Rotation]) -> Result<Self, Finding> {
        let mut keys = vec![named];
        for rotation in rotations.iter().rev() {
            if keys.last() != Some(&rotation.new) {
                let reason = "unknown key: the entry hands the log over to another one";
                return Err(Finding::new(format!("entry {}", rotation.seq), reason));
            }
            keys.push(rotation.old.clone());
        }
        Ok(Self(keys))
    }

    /// Reads a checkpoint that one of the keys signed.
    pub(super) fn open(&self, note: &str) -> Result<Checkpoint, LogError> {
        let mut opened = self.0.iter().map(|key| Checkpoint::open(note, key));
        let first = opened.next().unwrap_or(Err(LogError::VerifierKey));
        first.or_else(|error| opened.find_map(Result::ok).ok_or(error))
    }

    fn compare(&self, trusted: &str) -> Result<String, Finding> {
        let trusted = TrustedKey::parse(trusted.trim_end())
            .map_err(|error| Finding::new("trusted key", error.to_string()))?;
        match self.0.iter().position(|key| *key == trusted) {
            Some(0) => Ok(format!("the trusted one, {:08x}", trusted.id())),
            Some(changes) => Ok(format!(
                "it took over from the trusted one, {:08x}, by {changes} entries that both keys signed",
                trusted.id()
            )),
            None => Err(Finding::new(VKEY, self.unknown(&trusted))),
        }
    }

    fn unknown(&self, trusted: &TrustedKey) -> String {
        let named = self.0.first().map(ToString::to_string).unwrap_or_default();
        format!("unknown key: the folder names `{named}`, the trusted key is `{trusted}`")
    }
}

/// Checks signature and signer; returns the keys of the log, unless the folder names none.
pub(super) fn check(
    files: &impl LogFiles,
    note: &str,
    rotations: &[Rotation],
    trusted_vkey: Option<&str>,
    report: &mut Report,
) -> Option<Keys> {
    let named = match named_key(files) {
        Ok(named) => named,
        Err(finding) => {
            report.record(checks::SIGNATURE, Err(finding));
            report.not_performed(checks::SIGNER, "the folder names no key");
            return None;
        }
    };
    report.signer = Some(named.to_string());
    let signed = Checkpoint::open(note, &named).map_err(|error| blame(super::CHECKPOINT, &error));
    let keys = match Keys::of(named.clone(), rotations) {
        Ok(keys) => keys,
        Err(finding) => {
            report.record(checks::SIGNATURE, signed.and(Err(finding)));
            report.not_performed(
                checks::SIGNER,
                "the entries name another key than the folder",
            );
            return None;
        }
    };
    let by = format!("by the key in the folder, `{named}`");
    report.record(checks::SIGNATURE, signed.map(|_| by));
    match trusted_vkey {
        Some(trusted) => report.record(checks::SIGNER, keys.compare(trusted)),
        None => report.not_performed(
            checks::SIGNER,
            format!(
                "no trusted key was given: ask the sender by another channel whether `{named}` is theirs"
            ),
        ),
    }
    Some(keys)
}

/// The key that the folder names as its signer.
fn named_key(files: &impl LogFiles) -> Result<TrustedKey, Finding> {
    let text = read_text(files, VKEY)?;
    text.strip_suffix('\n')
        .ok_or(LogError::VerifierKey)
        .and_then(TrustedKey::parse)
        .map_err(|error| blame(VKEY, &error))
}
