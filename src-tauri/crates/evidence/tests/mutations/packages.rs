//! Manipulated and clean packages.

use super::Dice;
use crate::{
    package_tampering::{Stored, repacked, stored, unpacked},
    support::{self, ProofOf, forged_package, package, package_with},
};

/// Changes the file at a place in the list.
type Change = fn(&mut Vec<(String, Vec<u8>)>, usize, &mut Dice);

/// A package that others are made of.
pub(super) struct Base {
    bytes: Vec<u8>,
    entries: Vec<Stored>,
    files: Vec<(String, Vec<u8>)>,
}

/// A manipulated package; one of `parts` must be in what is blamed.
pub(super) struct Manipulated {
    pub(super) what: &'static str,
    pub(super) bytes: Vec<u8>,
    pub(super) parts: Vec<String>,
}

impl Base {
    pub(super) fn new() -> Self {
        let bytes = package().bytes;
        Self {
            entries: stored(&bytes),
            bytes,
            files: unpacked(),
        }
    }

    pub(super) fn manipulate(&self, dice: &mut Dice) -> Manipulated {
        match dice.below(9) {
            0 => self.bit_of_content(dice),
            1 => self.bit_of_the_frame(dice),
            2 => self.cut(dice),
            3 => self.extended(dice),
            4 => self.packed_again("file changed", dice, |files, at, dice| {
                dice.flip(&mut files[at].1);
            }),
            5 => self.packed_again("file removed", dice, |files, at, _| drop(files.remove(at))),
            6 => self.packed_again("file renamed", dice, |files, at, _| files[at].0.push('0')),
            7 => self.contents_swapped(dice),
            _ => Manipulated {
                what: "made anew with other keys",
                bytes: forged_package().bytes,
                parts: vec!["allowed_signers".to_owned()],
            },
        }
    }

    fn bit_of_content(&self, dice: &mut Dice) -> Manipulated {
        let entry = dice.pick(&self.entries);
        let mut bytes = self.bytes.clone();
        dice.flip(&mut bytes[entry.range.clone()]);
        Manipulated {
            what: "bit of encrypted content",
            bytes,
            parts: vec![entry.name.clone()],
        }
    }

    fn bit_of_the_frame(&self, dice: &mut Dice) -> Manipulated {
        let in_content = |at: &usize| self.entries.iter().any(|it| it.range.contains(at));
        let frame: Vec<usize> = (0..self.bytes.len()).filter(|at| !in_content(at)).collect();
        let mut bytes = self.bytes.clone();
        bytes[*dice.pick(&frame)] ^= 1 << dice.below(8);
        Manipulated {
            what: "bit outside the contents",
            bytes,
            parts: ["header", "directory", "descriptor", "entry"]
                .map(str::to_owned)
                .to_vec(),
        }
    }

    fn cut(&self, dice: &mut Dice) -> Manipulated {
        let length = dice.below(self.bytes.len());
        Manipulated {
            what: "end cut off",
            bytes: self.bytes[..length].to_vec(),
            parts: vec!["end of central directory".to_owned()],
        }
    }

    fn extended(&self, dice: &mut Dice) -> Manipulated {
        let more = vec![dice.below(256) as u8; dice.between(1, 40)];
        Manipulated {
            what: "something added behind the end",
            bytes: [self.bytes.clone(), more].concat(),
            parts: vec!["end of central directory".to_owned()],
        }
    }

    /// Somebody who knows the passphrase packs the files again.
    fn packed_again(&self, what: &'static str, dice: &mut Dice, change: Change) -> Manipulated {
        let at = dice.below(self.files.len());
        let mut files = self.files.clone();
        change(&mut files, at, dice);
        Manipulated {
            what,
            bytes: repacked(&files),
            // A name out of order is blamed on the directory, where it stands.
            parts: vec![self.files[at].0.clone(), "central directory".to_owned()],
        }
    }

    fn contents_swapped(&self, dice: &mut Dice) -> Manipulated {
        let first = dice.below(self.files.len() - 1);
        let second = dice.between(first + 1, self.files.len());
        let mut files = self.files.clone();
        let content = files[first].1.clone();
        files[first].1 = std::mem::replace(&mut files[second].1, content);
        Manipulated {
            what: "contents of two files swapped",
            bytes: repacked(&files),
            parts: [first, second].map(|at| self.files[at].0.clone()).to_vec(),
        }
    }
}

/// A package of its own size.
pub(super) fn clean(dice: &mut Dice) -> Vec<u8> {
    let letter = vec![b'x'; dice.below(40_000)];
    let change: support::Change<'_> =
        &|files| drop(files.insert("data/letter.html".into(), letter.clone()));
    package_with(change, ProofOf::ThisPackage).bytes
}
