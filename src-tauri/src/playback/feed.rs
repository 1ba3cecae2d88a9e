//! Reads a stretch of a call in pieces and makes it sound for the device.

use services::api::ApiError;

use super::{
    Stretch,
    resample::{Frame, Resampler},
};

/// Input frames read at a time: a fiftieth of a second of telephone audio.
const PIECE_FRAMES: usize = 160;

/// Full scale of 16-bit samples.
const FULL_SCALE: f32 = 32_768.0;

/// Where decoded frames come from: interleaved samples of at most `count` frames from `first`.
pub(crate) trait Frames: Send {
    fn rate_hz(&self) -> u32;
    fn channels(&self) -> u16;
    fn count(&self) -> u64;
    fn read(&mut self, first: u64, count: usize) -> Result<Vec<i16>, ApiError>;
}

impl Frames for services::AudioPreview {
    fn rate_hz(&self) -> u32 {
        self.sample_rate_hz
    }

    fn channels(&self) -> u16 {
        self.channels
    }

    fn count(&self) -> u64 {
        self.frames
    }

    fn read(&mut self, first: u64, count: usize) -> Result<Vec<i16>, ApiError> {
        Self::read(self, first, count)
    }
}

/// A stretch of a call as interleaved left and right samples at the device's rate.
pub(crate) struct Feed<F> {
    frames: F,
    next: u64,
    end: u64,
    channel: Option<u8>,
    resampler: Resampler,
    is_finished: bool,
}

impl<F: Frames> Feed<F> {
    pub(crate) fn new(frames: F, stretch: &Stretch, device_hz: u32) -> Self {
        let rate_hz = frames.rate_hz();
        let frame = |ms: u64| (ms.saturating_mul(u64::from(rate_hz)) / 1_000).min(frames.count());
        let input_hz = f64::from(rate_hz) * f64::from(stretch.speed);
        Self {
            next: frame(stretch.from_ms),
            end: frame(stretch.to_ms),
            channel: stretch.channel,
            resampler: Resampler::new(input_hz, f64::from(device_hz)),
            is_finished: false,
            frames,
        }
    }

    /// The next piece; nothing after the end. May wait for the disk.
    ///
    /// # Errors
    /// When the sealed file cannot be read.
    pub(crate) fn next_piece(&mut self) -> Result<Option<Vec<f32>>, ApiError> {
        if self.is_finished {
            return Ok(None);
        }
        let left = usize::try_from(self.end - self.next).unwrap_or(usize::MAX);
        let samples = match left.min(PIECE_FRAMES) {
            0 => Vec::new(),
            count => self.frames.read(self.next, count)?,
        };
        let frames = self.mix(&samples);
        self.next += frames.len() as u64;
        if frames.is_empty() {
            self.is_finished = true;
            return Ok(Some(self.resampler.finish().into_flattened()));
        }
        Ok(Some(self.resampler.push(&frames).into_flattened()))
    }

    /// Left and right of each frame: one chosen channel on both ears, a single one too.
    fn mix(&self, samples: &[i16]) -> Vec<Frame> {
        let channels = usize::from(self.frames.channels());
        let (left, right) = match self.channel {
            Some(channel) => (usize::from(channel), usize::from(channel)),
            None => (0, channels.min(2) - 1),
        };
        let level = |frame: &[i16], channel: usize| f32::from(frame[channel]) / FULL_SCALE;
        let frames = samples.chunks_exact(channels);
        frames
            .map(|frame| [level(frame, left), level(frame, right)])
            .collect()
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A call in memory.
    pub(crate) struct Call {
        pub(crate) rate_hz: u32,
        pub(crate) channels: u16,
        pub(crate) samples: Vec<i16>,
    }

    impl Frames for Call {
        fn rate_hz(&self) -> u32 {
            self.rate_hz
        }

        fn channels(&self) -> u16 {
            self.channels
        }

        fn count(&self) -> u64 {
            self.samples.len() as u64 / u64::from(self.channels)
        }

        fn read(&mut self, first: u64, count: usize) -> Result<Vec<i16>, ApiError> {
            let channels = usize::from(self.channels);
            let start = first as usize * channels;
            let end = (start + count * channels).min(self.samples.len());
            Ok(self.samples[start..end].to_vec())
        }
    }

    pub(crate) fn whole(channel: Option<u8>, speed: f32) -> Stretch {
        Stretch {
            from_ms: 0,
            to_ms: u64::MAX,
            channel,
            speed,
        }
    }

    fn all(mut feed: Feed<Call>) -> Vec<f32> {
        std::iter::from_fn(|| feed.next_piece().unwrap())
            .flatten()
            .collect()
    }

    /// One second of stereo: the left is +1/4 of full scale, the right -1/2.
    fn stereo() -> Call {
        Call {
            rate_hz: 8_000,
            channels: 2,
            samples: [8_192, -16_384].repeat(8_000),
        }
    }

    /// The middle of the sound, away from the edges of the filter.
    fn middle(samples: &[f32]) -> (f32, f32) {
        let at = samples.len() / 4 * 2;
        (samples[at], samples[at + 1])
    }

    #[test]
    fn channels_are_heard_where_they_belong() {
        let near = |(left, right): (f32, f32), expected: (f32, f32)| {
            assert!((left - expected.0).abs() < 1e-3 && (right - expected.1).abs() < 1e-3);
        };
        let heard = |channel| middle(&all(Feed::new(stereo(), &whole(channel, 1.0), 48_000)));
        near(heard(None), (0.25, -0.5));
        near(heard(Some(0)), (0.25, 0.25));
        near(heard(Some(1)), (-0.5, -0.5));
        let mono = Call {
            rate_hz: 8_000,
            channels: 1,
            samples: vec![8_192; 8_000],
        };
        near(
            middle(&all(Feed::new(mono, &whole(None, 1.0), 48_000))),
            (0.25, 0.25),
        );
    }

    #[test]
    fn length_follows_stretch_and_speed() {
        let frames = |stretch: Stretch| all(Feed::new(stereo(), &stretch, 48_000)).len() / 2;
        assert_eq!(frames(whole(None, 1.0)), 48_000);
        assert_eq!(frames(whole(None, 2.0)), 24_000);
        assert_eq!(frames(whole(None, 0.5)), 96_000);
        assert_eq!(
            frames(Stretch {
                from_ms: 250,
                to_ms: 750,
                ..whole(None, 1.0)
            }),
            24_000
        );
        assert_eq!(
            frames(Stretch {
                from_ms: 2_000,
                to_ms: 3_000,
                ..whole(None, 1.0)
            }),
            0
        );
    }

    #[test]
    fn a_stretch_starts_at_its_frame() {
        let mut call = stereo();
        call.samples[..8_000].fill(0);
        let stretch = Stretch {
            from_ms: 500,
            ..whole(None, 1.0)
        };
        let heard = all(Feed::new(call, &stretch, 8_000));
        assert!(heard[0] > 0.2 && heard[1] < -0.4, "{:?}", &heard[..2]);
    }
}
