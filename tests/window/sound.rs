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

/// Louder than the rounding of the filter, softer than speech; both channels together.
const LOUD: f64 = 400.0;
/// How far the first loud samples of call and recording may lie apart, in samples of the recording.
const SEARCH_SAMPLES: usize = 240;

/// What came out of the loudspeaker for one stretch, at the rate of the call, both channels together.
pub(crate) struct Heard {
    samples: Vec<f64>,
}

impl Heard {
    /// Reads a recording and finds the stretch in it. `expected` is what the call holds there; its first
    /// `alike` samples are the same in the recording and tell where the stretch begins.
    pub(crate) fn find(recording: &Path, expected: &[f64], alike: usize, call_hz: u32) -> Self {
        let wave = Wave::read(recording);
        let step = (wave.rate_hz / call_hz) as usize;
        let (heard, template) = (wave.both_channels(), &expected[..alike]);
        let at = |offset: usize, length: usize| -> Vec<f64> {
            heard[offset..]
                .iter()
                .step_by(step)
                .take(length)
                .copied()
                .collect()
        };
        let loud_call = first_loud(template).expect("somebody speaks before the span");
        let loud_heard = first_loud(&heard).expect("something was played");
        let guess = loud_heard.saturating_sub(loud_call * step);
        let offsets = guess.saturating_sub(SEARCH_SAMPLES)..guess + SEARCH_SAMPLES;
        let matches = offsets.map(|it| (correlation(&at(it, alike), template), it));
        let best = matches.max_by(|a, b| a.0.total_cmp(&b.0)).unwrap();
        assert!(best.0 > 0.98, "the stretch is heard: {}", best.0);
        Self {
            samples: at(best.1, expected.len()),
        }
    }

    pub(crate) fn samples(&self) -> &[f64] {
        &self.samples
    }
}

fn first_loud(samples: &[f64]) -> Option<usize> {
    samples.iter().position(|sample| sample.abs() > LOUD)
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
