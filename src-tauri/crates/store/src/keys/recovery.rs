//! The recovery key: the master key on paper, for the day on which the keyring is gone.

use std::{path::Path, sync::Arc};

use domain::sensitive::Secret;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::{
    KEY_FILE, KeySource, MasterKey, corrupt_key_file, place_for, read_key_file, write_key_file,
};
use crate::StoreError;

/// Crockford's base 32: no I, L, O and U, which people misread.
const LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// 256 bits of key and 24 of a checksum, which tells a misread letter from a wrong key.
const BYTES: usize = 32 + 3;

/// Letters between hyphens.
const GROUP: usize = 4;

impl MasterKey {
    /// The key as 14 groups of four letters.
    pub(crate) fn recovery_text(&self) -> Secret<String> {
        let mut bytes = Zeroizing::new(self.0.to_vec());
        bytes.extend(checksum(self.0.as_slice()));
        let mut text = String::with_capacity(BYTES * 2);
        for (number, letter) in letters(&bytes).enumerate() {
            if number > 0 && number % GROUP == 0 {
                text.push('-');
            }
            text.push(letter);
        }
        Secret::new(text)
    }

    /// Reads what [`MasterKey::recovery_text`] wrote, in either case and however it is spaced.
    fn from_recovery_text(text: &Secret<String>) -> Option<Self> {
        let mut bytes = Zeroizing::new(Vec::with_capacity(BYTES));
        let (mut pending, mut bits) = (0_u32, 0);
        for letter in text
            .reveal()
            .chars()
            .filter(|c| !c.is_whitespace() && *c != '-')
        {
            let value = LETTERS
                .iter()
                .position(|it| char::from(*it) == unmistaken(letter))?;
            pending = (pending << 5 | u32::try_from(value).ok()?) & 0xfff;
            bits += 5;
            if bits >= 8 {
                bits -= 8;
                bytes.push(u8::try_from(pending >> bits & 0xff).ok()?);
            }
        }
        let (key, sum) = bytes.split_at_checked(32)?;
        let key: [u8; 32] = key.try_into().ok()?;
        (sum == checksum(&key)).then(|| Self(Arc::new(Zeroizing::new(key))))
    }
}

fn letters(bytes: &[u8]) -> impl Iterator<Item = char> + '_ {
    let bit = |at: usize| {
        let byte = bytes.get(at / 8).copied().unwrap_or_default();
        usize::from(byte >> (7 - at % 8) & 1)
    };
    (0..bytes.len() * 8 / 5).map(move |number| {
        let value = (number * 5..number * 5 + 5).fold(0, |value, at| value << 1 | bit(at));
        LETTERS.get(value).map_or('?', |letter| char::from(*letter))
    })
}

/// The letter that was meant. // Crockford: I and L are 1, O is 0.
fn unmistaken(letter: char) -> char {
    match letter.to_ascii_uppercase() {
        'I' | 'L' => '1',
        'O' => '0',
        other => other,
    }
}

fn checksum(key: &[u8]) -> [u8; 3] {
    let digest = Sha256::new()
        .chain_update(b"sar-portal recovery key v1\0")
        .chain_update(key)
        .finalize();
    [digest[0], digest[1], digest[2]]
}

/// Puts the key of a data folder where `source` says, from its recovery key. The data stays as it is.
///
/// # Errors
/// When the text is misread, belongs to another folder, or the keyring refuses.
pub fn restore(
    source: &KeySource,
    dir: &Path,
    recovery: &Secret<String>,
) -> Result<(), StoreError> {
    let path = dir.join(KEY_FILE);
    if !path.exists() && !dir.join("sar.db").exists() {
        return Err(StoreError::Missing {
            what: "sar.db".to_owned(),
        });
    }
    let key = MasterKey::from_recovery_text(recovery).ok_or(StoreError::WrongRecoveryKey)?;
    if path.exists() {
        let known = read_key_file(&path)?;
        if known.version != super::VERSION {
            return Err(corrupt_key_file());
        }
        if known.check != key.check() {
            return Err(StoreError::WrongRecoveryKey);
        }
    }
    write_key_file(&path, place_for(source, &key)?, &key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recovery_key_is_read_back_however_it_is_written() {
        let key = MasterKey::random().unwrap();
        let text = key.recovery_text();
        assert_eq!(text.reveal().len(), 56 + 13);
        let spoken = text
            .reveal()
            .to_lowercase()
            .replace('-', " ")
            .replace('0', "o");
        for written in [text.reveal().clone(), spoken] {
            let read = MasterKey::from_recovery_text(&Secret::new(written)).unwrap();
            assert_eq!(read.derive("x"), key.derive("x"));
        }
    }

    #[test]
    fn every_misread_letter_is_noticed() {
        let text = MasterKey::random().unwrap().recovery_text();
        for at in 0..text.reveal().len() {
            let mut letters: Vec<u8> = text.reveal().bytes().collect();
            if letters[at] == b'-' {
                continue;
            }
            letters[at] = if letters[at] == b'7' { b'8' } else { b'7' };
            let misread = Secret::new(String::from_utf8(letters).unwrap());
            assert!(
                MasterKey::from_recovery_text(&misread).is_none(),
                "letter {at}"
            );
        }
        let short = Secret::new(text.reveal()[..40].to_owned());
        assert!(MasterKey::from_recovery_text(&short).is_none());
    }
}
