//! What the sound device pulls from.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
        mpsc::{Receiver, RecvTimeoutError},
    },
    time::Duration,
    vec,
};

use rodio::{ChannelCount, Sample, SampleRate, Source};

/// Left and right.
const CHANNELS: ChannelCount = ChannelCount::new(2).expect("two is not zero");

/// How long the device waits for a late piece. Waiting keeps position and sound together, where
/// silence in between would let them drift apart; after this the disk is taken to have stalled.
const LATE_LIMIT: Duration = Duration::from_millis(250);

/// Interleaved left and right samples that another thread supplies in pieces.
pub(crate) struct PreviewSource {
    pieces: Receiver<Vec<f32>>,
    piece: vec::IntoIter<f32>,
    rate_hz: SampleRate,
    /// Samples of the piece that is being played.
    taken: u64,
    /// Samples of all pieces that the device has taken whole.
    heard: Arc<AtomicU64>,
}

impl PreviewSource {
    pub(crate) fn new(
        pieces: Receiver<Vec<f32>>,
        rate_hz: SampleRate,
        heard: Arc<AtomicU64>,
    ) -> Self {
        Self {
            pieces,
            piece: Vec::new().into_iter(),
            rate_hz,
            taken: 0,
            heard,
        }
    }

    /// Makes the next piece current; false after the last.
    fn advance(&mut self) -> bool {
        self.heard.fetch_add(self.taken, Ordering::Release);
        self.taken = 0;
        match self.pieces.recv_timeout(LATE_LIMIT) {
            Ok(piece) => {
                self.taken = piece.len() as u64;
                self.piece = piece.into_iter();
                true
            }
            Err(RecvTimeoutError::Timeout) => {
                // One frame of silence, not counted as heard.
                self.piece = vec![0.0; usize::from(CHANNELS.get())].into_iter();
                true
            }
            Err(RecvTimeoutError::Disconnected) => false,
        }
    }
}

impl Iterator for PreviewSource {
    type Item = Sample;

    fn next(&mut self) -> Option<Sample> {
        loop {
            if let Some(sample) = self.piece.next() {
                return Some(sample);
            }
            if !self.advance() {
                return None;
            }
        }
    }
}

impl Source for PreviewSource {
    fn current_span_len(&self) -> Option<usize> {
        None
    }

    fn channels(&self) -> ChannelCount {
        CHANNELS
    }

    fn sample_rate(&self) -> SampleRate {
        self.rate_hz
    }

    fn total_duration(&self) -> Option<Duration> {
        None
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    const RATE_HZ: SampleRate = SampleRate::new(48_000).unwrap();

    #[test]
    fn pieces_become_one_sound_and_are_counted_when_they_were_taken() {
        let (sender, pieces) = mpsc::sync_channel(4);
        let heard = Arc::new(AtomicU64::new(0));
        let mut source = PreviewSource::new(pieces, RATE_HZ, Arc::clone(&heard));
        sender.send(vec![0.1, 0.2]).unwrap();
        sender.send(Vec::new()).unwrap();
        sender.send(vec![0.3, 0.4]).unwrap();
        drop(sender);
        assert_eq!([source.next(), source.next()], [Some(0.1), Some(0.2)]);
        assert_eq!(
            heard.load(Ordering::Acquire),
            0,
            "the piece is still with the device"
        );
        assert_eq!(source.next(), Some(0.3));
        assert_eq!(heard.load(Ordering::Acquire), 2);
        assert_eq!(
            [source.next(), source.next(), source.next()],
            [Some(0.4), None, None]
        );
        assert_eq!(heard.load(Ordering::Acquire), 4);
    }

    #[test]
    fn a_stalled_disk_is_silence_that_does_not_count() {
        let (sender, pieces) = mpsc::sync_channel(1);
        let heard = Arc::new(AtomicU64::new(0));
        let mut source = PreviewSource::new(pieces, RATE_HZ, Arc::clone(&heard));
        assert_eq!([source.next(), source.next()], [Some(0.0), Some(0.0)]);
        sender.send(vec![0.5, 0.6]).unwrap();
        assert_eq!(
            [source.next(), source.next()],
            [Some(0.5), Some(0.6)],
            "still aligned"
        );
        assert_eq!(heard.load(Ordering::Acquire), 0);
    }
}
