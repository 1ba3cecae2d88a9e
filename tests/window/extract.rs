//! Opens the delivered package the way its recipient does: with 7-Zip and the passphrase.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

/// Extracts the package and returns the folder; another passphrase must not open it.
pub(crate) fn with_seven_zip(package: &str, passphrase: &str, into: &Path) -> PathBuf {
    assert!(
        !seven_zip("t", package, "-pwrong", into),
        "7-Zip refuses another passphrase"
    );
    let opened = seven_zip("x", package, &format!("-p{passphrase}"), into);
    assert!(opened, "7-Zip opens the package");
    into.to_owned()
}

fn seven_zip(command: &str, package: &str, passphrase: &str, into: &Path) -> bool {
    let output = Command::new("7z")
        .args([
            command,
            "-y",
            passphrase,
            &format!("-o{}", into.display()),
            package,
        ])
        .output()
        .expect("7z is installed by `cargo xtask setup`");
    output.status.success()
}

/// Samples of a 16-bit PCM WAV file, interleaved, and its rate and channels.
pub(crate) struct Wave {
    pub(crate) rate_hz: u32,
    pub(crate) channels: usize,
    pub(crate) samples: Vec<i16>,
}

impl Wave {
    /// Reads chunk by chunk. The last chunk may be longer than the file says: a recorder that was cut
    /// off never wrote its length.
    pub(crate) fn read(path: &Path) -> Self {
        let bytes = std::fs::read(path).unwrap();
        assert!(
            bytes.starts_with(b"RIFF") && &bytes[8..12] == b"WAVE",
            "{}",
            path.display()
        );
        let number = |at: usize, length: usize| {
            bytes[at..at + length]
                .iter()
                .rev()
                .fold(0_usize, |sum, b| sum << 8 | usize::from(*b))
        };
        let (mut rate_hz, mut channels, mut at) = (0, 0, 12);
        loop {
            let (name, length, data) = (&bytes[at..at + 4], number(at + 4, 4), at + 8);
            if name == b"fmt " {
                assert_eq!(
                    number(data + 14, 2),
                    16,
                    "16-bit samples in {}",
                    path.display()
                );
                (channels, rate_hz) = (number(data + 2, 2), number(data + 4, 4));
            }
            if name == b"data" {
                let samples = bytes[data..].chunks_exact(2);
                let samples = samples
                    .map(|pair| i16::from_le_bytes([pair[0], pair[1]]))
                    .collect();
                let rate_hz = u32::try_from(rate_hz).unwrap();
                return Self {
                    rate_hz,
                    channels,
                    samples,
                };
            }
            at = data + length + length % 2;
        }
    }

    /// The sum of the channels.
    pub(crate) fn both_channels(&self) -> Vec<f64> {
        let frames = self.samples.chunks_exact(self.channels);
        frames
            .map(|frame| frame.iter().map(|&sample| f64::from(sample)).sum())
            .collect()
    }
}
