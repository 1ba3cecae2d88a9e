//! Audio for listening. The only place that opens a sound device.
//!
//! Each playback is one thread that owns the device: it reads ahead, reports the position and ends
//! when the stretch is over or somebody stops it. A desk without sound (a server, a remote session)
//! gets [`ErrorCode::NoSoundDevice`] and everything else works.

mod feed;
mod resample;
mod source;

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
        mpsc::{self, RecvTimeoutError, SyncSender, TrySendError},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use rodio::{DeviceSinkBuilder, MixerDeviceSink, cpal::BufferSize};
use services::api::{ApiError, ErrorCode, PlayReq};
use tokio::{
    sync::{Mutex, oneshot},
    task::spawn_blocking,
};

use self::{
    feed::{Feed, Frames},
    source::PreviewSource,
};

/// How often the position is looked at and the buffer refilled.
const TICK: Duration = Duration::from_millis(35);
/// Reports on every second tick: 14 a second.
const TICKS_PER_REPORT: u32 = 2;
/// Pieces that are ready ahead of the device: half a second at normal speed.
const PIECES_AHEAD: usize = 25;
/// Device buffer to assume when the device does not say.
const ASSUMED_BUFFER_FRAMES: u32 = 2_048;

/// A validated stretch of a call.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Stretch {
    from_ms: u64,
    to_ms: u64,
    channel: Option<u8>,
    speed: f32,
}

impl Stretch {
    /// # Errors
    /// When the stretch is empty or the speed is not between 0.5 and 2.
    pub(crate) fn new(request: &PlayReq) -> Result<Self, ApiError> {
        if request.from_ms >= request.to_ms {
            return Err(ApiError::invalid(
                "to_ms",
                "the stretch ends before it starts",
            ));
        }
        if !(0.5..=2.0).contains(&request.speed) {
            return Err(ApiError::invalid("speed", "it is between 0.5 and 2"));
        }
        let &PlayReq {
            from_ms,
            to_ms,
            channel,
            speed,
            ..
        } = request;
        Ok(Self {
            from_ms,
            to_ms,
            channel,
            speed,
        })
    }
}

/// What is heard at the desk: nothing, or one stretch.
#[derive(Default)]
pub(crate) struct Sound {
    playing: Mutex<Option<Playing>>,
}

/// A running playback. Dropping `stop` ends it.
struct Playing {
    stop: mpsc::Sender<()>,
    thread: JoinHandle<()>,
}

impl Sound {
    /// Plays a stretch from its start, instead of what plays now. `report` gets the position in the
    /// call and whether it still plays.
    ///
    /// # Errors
    /// When there is no such channel or no sound device.
    pub(crate) async fn play<F: Frames + 'static>(
        &self,
        frames: F,
        stretch: Stretch,
        report: impl Fn(u64, bool) + Send + 'static,
    ) -> Result<(), ApiError> {
        if stretch
            .channel
            .is_some_and(|channel| u16::from(channel) >= frames.channels())
        {
            return Err(ApiError::invalid("channel", "the call has fewer channels"));
        }
        let mut playing = self.playing.lock().await;
        end(playing.take()).await;
        let (stop, stopped) = mpsc::channel();
        let (ready, opened) = oneshot::channel();
        let thread = thread::Builder::new()
            .name("playback".to_owned())
            .spawn(move || run(frames, &stretch, &stopped, ready, &report))
            .map_err(|error| ApiError::internal("Starting the playback", &error))?;
        let opened = opened
            .await
            .unwrap_or_else(|_| Err(no_device("the playback ended at once")));
        *playing = Some(Playing { stop, thread });
        opened
    }

    /// Silences the desk; returns when the device is free.
    pub(crate) async fn stop(&self) {
        end(self.playing.lock().await.take()).await;
    }
}

async fn end(playing: Option<Playing>) {
    let Some(Playing { stop, thread }) = playing else {
        return;
    };
    drop(stop);
    let ended = spawn_blocking(move || thread.join()).await;
    if !matches!(ended, Ok(Ok(()))) {
        tracing::error!("the playback thread panicked");
    }
}

fn no_device(why: impl std::fmt::Display) -> ApiError {
    ApiError::new(
        ErrorCode::NoSoundDevice,
        format!("No sound can be played: {why}"),
        "Connect headphones or a loudspeaker, then play again. Everything else works without sound.",
    )
    .retryable()
}

fn run<F: Frames>(
    frames: F,
    stretch: &Stretch,
    stopped: &mpsc::Receiver<()>,
    ready: oneshot::Sender<Result<(), ApiError>>,
    report: &impl Fn(u64, bool),
) {
    match Playback::start(frames, stretch) {
        Ok(playback) => {
            // Nobody waits any more when the window was closed meanwhile.
            let _ = ready.send(Ok(()));
            let end_ms = playback.follow(stopped, report);
            report(end_ms, false);
        }
        Err(error) => {
            let _ = ready.send(Err(error));
        }
    }
}

/// A stretch on its way to the device.
struct Playback<F> {
    feed: Feed<F>,
    /// Gone once the last piece was handed over, so that the source ends.
    pieces: Option<SyncSender<Vec<f32>>>,
    /// A piece the device had no room for.
    waiting: Option<Vec<f32>>,
    /// Samples handed over, and samples the device has taken.
    sent: u64,
    heard: Arc<AtomicU64>,
    clock: PositionClock,
    _device: MixerDeviceSink,
}

impl<F: Frames> Playback<F> {
    fn start(frames: F, stretch: &Stretch) -> Result<Self, ApiError> {
        let mut device = DeviceSinkBuilder::open_default_sink().map_err(no_device)?;
        device.log_on_drop(false);
        let rate_hz = device.config().sample_rate();
        let buffer_frames = match device.config().buffer_size() {
            BufferSize::Fixed(frames) => *frames,
            BufferSize::Default => ASSUMED_BUFFER_FRAMES,
        };
        let (sender, receiver) = mpsc::sync_channel(PIECES_AHEAD);
        let heard = Arc::new(AtomicU64::new(0));
        let source = PreviewSource::new(receiver, rate_hz, Arc::clone(&heard));
        let mut playback = Self {
            feed: Feed::new(frames, stretch, rate_hz.get()),
            pieces: Some(sender),
            waiting: None,
            sent: 0,
            heard,
            clock: PositionClock::new(stretch, rate_hz.get(), buffer_frames),
            _device: device,
        };
        playback.fill()?;
        playback._device.mixer().add(source);
        Ok(playback)
    }

    /// Hands over pieces until the device has enough or there are no more.
    fn fill(&mut self) -> Result<(), ApiError> {
        while let Some(pieces) = &self.pieces {
            let next = match self.waiting.take() {
                Some(piece) => Some(piece),
                None => self.feed.next_piece()?,
            };
            let Some(piece) = next else {
                self.pieces = None;
                break;
            };
            let samples = piece.len() as u64;
            match pieces.try_send(piece) {
                Ok(()) => self.sent += samples,
                Err(TrySendError::Full(piece)) => {
                    self.waiting = Some(piece);
                    break;
                }
                Err(TrySendError::Disconnected(_)) => self.pieces = None,
            }
        }
        Ok(())
    }

    /// Refills and reports until the end; returns the last position.
    fn follow(mut self, stopped: &mpsc::Receiver<()>, report: &impl Fn(u64, bool)) -> u64 {
        for tick in 0_u32.. {
            let heard = self.heard.load(Ordering::Acquire);
            let is_over = self.pieces.is_none() && heard >= self.sent;
            if is_over {
                // The device still plays what is in its own buffer.
                let _ = stopped.recv_timeout(self.clock.buffer());
                return self.clock.end_ms(self.sent);
            }
            if tick.is_multiple_of(TICKS_PER_REPORT) {
                report(self.clock.position_ms(heard), true);
            }
            if stopped.recv_timeout(TICK) != Err(RecvTimeoutError::Timeout) {
                return self.clock.position_ms(heard);
            }
            if let Err(error) = self.fill() {
                tracing::error!(%error, "the playback stopped");
                return self.clock.position_ms(heard);
            }
        }
        unreachable!("a playback has fewer than 2^32 ticks")
    }
}

/// Turns samples the device has taken into a position in the call.
struct PositionClock {
    from_ms: u64,
    /// Milliseconds of the call for each output frame.
    ms_per_frame: f64,
    rate_hz: u32,
    buffer_frames: u32,
}

impl PositionClock {
    fn new(stretch: &Stretch, rate_hz: u32, buffer_frames: u32) -> Self {
        let ms_per_frame = f64::from(stretch.speed) * 1_000.0 / f64::from(rate_hz);
        Self {
            from_ms: stretch.from_ms,
            ms_per_frame,
            rate_hz,
            buffer_frames,
        }
    }

    /// What is heard now: the device is one buffer behind what it has taken.
    fn position_ms(&self, samples: u64) -> u64 {
        self.end_ms(samples.saturating_sub(2 * u64::from(self.buffer_frames)))
    }

    fn end_ms(&self, samples: u64) -> u64 {
        self.from_ms + ((samples / 2) as f64 * self.ms_per_frame).round() as u64
    }

    /// How long the device's own buffer sounds; twice, since drivers keep a second one.
    fn buffer(&self) -> Duration {
        Duration::from_secs_f64(2.0 * f64::from(self.buffer_frames) / f64::from(self.rate_hz))
    }
}

#[cfg(test)]
mod tests {
    use services::api::PlayMode;

    use super::*;

    fn request(from_ms: u64, to_ms: u64, speed: f32) -> PlayReq {
        PlayReq {
            case_id: "SAR-2026-000001".to_owned(),
            call: 1,
            from_ms,
            to_ms,
            mode: PlayMode::Redacted,
            channel: None,
            speed,
        }
    }

    #[test]
    fn a_stretch_that_cannot_be_played_is_refused() {
        assert!(Stretch::new(&request(0, 1_000, 1.0)).is_ok());
        for wrong in [
            request(1_000, 1_000, 1.0),
            request(2_000, 1_000, 1.0),
            request(0, 1_000, 0.4),
            request(0, 1_000, 2.1),
            request(0, 1_000, f32::NAN),
        ] {
            let error = Stretch::new(&wrong).unwrap_err();
            assert_eq!(error.code, ErrorCode::InvalidInput);
        }
    }

    #[test]
    fn the_position_follows_the_device_and_the_speed() {
        let stretch = Stretch::new(&request(10_000, 20_000, 2.0)).unwrap();
        let clock = PositionClock::new(&stretch, 48_000, 480);
        assert_eq!(clock.position_ms(0), 10_000);
        assert_eq!(
            clock.position_ms(2 * 480),
            10_000,
            "still in the device's buffer"
        );
        assert_eq!(clock.position_ms(2 * (480 + 24_000)), 11_000);
        assert_eq!(clock.end_ms(2 * 240_000), 20_000);
    }

    #[tokio::test]
    async fn a_channel_that_is_not_there_is_refused() {
        let call = feed::tests::Call {
            rate_hz: 8_000,
            channels: 2,
            samples: vec![0; 16],
        };
        let stretch = feed::tests::whole(Some(2), 1.0);
        let error = Sound::default()
            .play(call, stretch, |_, _| {})
            .await
            .unwrap_err();
        assert_eq!(error.code, ErrorCode::InvalidInput);
    }
}
