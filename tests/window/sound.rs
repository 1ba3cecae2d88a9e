//! A loudspeaker that writes down what it was given, and comparisons of what it heard.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use crate::extract::Wave;

/// An ALSA device of a file instead of a membrane. Each playback makes a new file.
pub(crate) struct Loudspeaker {
    folder: PathBuf,
}

impl Loudspeaker {
    pub(crate) fn new(folder: &Path) -> Self {
        fs::create_dir_all(folder).unwrap();
        let loudspeaker = Self {
            folder: folder.to_owned(),
        };
        let file = folder.join("heard.wav");
        let config = format!(
            r#"pcm.!default {{ type plug; slave {{ pcm "recorder"; format S16_LE; rate 48000; channels 2 }} }}
pcm.recorder {{ type file; slave.pcm "silent"; file "{}"; format "wav"; truncate false }}
pcm.silent {{ type null }}
ctl.!default {{ type null }}
"#,
            file.display()
        );
        fs::write(loudspeaker.config(), config).unwrap();
        loudspeaker
    }

    pub(crate) fn config(&self) -> PathBuf {
        self.folder.join("asound.conf")
    }

    /// The files so far.
    pub(crate) fn recordings(&self) -> BTreeSet<PathBuf> {
        let entries = fs::read_dir(&self.folder)
            .unwrap()
            .map(|entry| entry.unwrap().path());
        entries.filter(|path| *path != self.config()).collect()
    }
}

/// What came out of the loudspeaker for one stretch, at the rate of the call.
pub(crate) struct Heard {
    left: Vec<f64>,
}

impl Heard {
    /// Reads a recording and finds the stretch in it by its first part, which must be the same.
    /// `expected` is the left channel of the call over the stretch.
    pub(crate) fn find(recording: &Path, expected: &[f64], call_hz: u32) -> Self {
        let wave = Wave::read(recording);
        let step = (wave.rate_hz / call_hz) as usize;
        let left = wave.channel(0);
        let template = &expected[..expected.len().min(call_hz as usize)];
        let last = left.len().saturating_sub(expected.len() * step);
        let at = |offset: usize, length: usize| -> Vec<f64> {
            left[offset..]
                .iter()
                .step_by(step)
                .take(length)
                .copied()
                .collect()
        };
        let match_at = |offset: usize| correlation(&at(offset, template.len()), template);
        let best = (0..=last)
            .max_by(|&a, &b| match_at(a).total_cmp(&match_at(b)))
            .unwrap_or(0);
        assert!(
            match_at(best) > 0.98,
            "the stretch is heard: {}",
            match_at(best)
        );
        Self {
            left: at(best, expected.len()),
        }
    }

    pub(crate) fn samples(&self) -> &[f64] {
        &self.left
    }
}

/// Pearson's coefficient without the mean: sound has none.
pub(crate) fn correlation(a: &[f64], b: &[f64]) -> f64 {
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(x, y)| x * y).sum::<f64>();
    dot(a, b) / (dot(a, a) * dot(b, b)).sqrt().max(1e-9)
}

/// Root of the mean square.
pub(crate) fn level(samples: &[f64]) -> f64 {
    (samples.iter().map(|it| it * it).sum::<f64>() / samples.len().max(1) as f64).sqrt()
}
