//! 16-bit PCM WAV files, read without the code under test.

use std::{fs, path::Path};

/// Bytes before the samples in the sandbox's WAV files: RIFF, `fmt ` and the head of `data`.
const HEAD: usize = 44;

/// Samples of a stereo file, interleaved.
pub(crate) fn samples(path: &Path) -> Vec<i16> {
    let bytes = fs::read(path).expect("the file is there");
    assert_eq!(&bytes[36..40], b"data", "a plain WAV file");
    bytes[HEAD..]
        .chunks_exact(2)
        .map(|pair| i16::from_le_bytes([pair[0], pair[1]]))
        .collect()
}

/// Writes a file like `like` with other samples.
pub(crate) fn write(path: &Path, like: &Path, samples: &[i16]) {
    let mut bytes = fs::read(like).expect("the file is there");
    bytes.truncate(HEAD);
    bytes.extend(samples.iter().flat_map(|sample| sample.to_le_bytes()));
    fs::write(path, bytes).expect("the file is written");
}
