//! Where the bytes of a recording go, and what is said about them on the way.

use std::{future::Future, io};

use bytes::Bytes;

/// Receives the bytes of a recording in order.
pub trait MediaSink: Send {
    /// Learns how many bytes will come, as soon as that is known.
    fn expect(&mut self, _bytes: u64) {}

    /// Learns how long the sound is by the word of the source, in milliseconds, before the first byte.
    fn lasts(&mut self, _duration_ms: u64) {}

    /// Learns which file the bytes are of, before the first of them, when any part of it can be asked for:
    /// the storage's own name of this version, and its length.
    fn identified(&mut self, _version: &str, _bytes: u64) {}

    /// The next byte wanted, when those before it are not. Heeded for an identified file only.
    fn wants(&self) -> Option<u64> {
        None
    }

    /// Learns that the next byte is this one.
    fn moved_to(&mut self, _byte: u64) {}

    /// Throws away what arrived so far; the next byte is the first.
    fn restart(&mut self) -> impl Future<Output = io::Result<()>> + Send;

    /// Takes the next bytes.
    fn write(&mut self, chunk: Bytes) -> impl Future<Output = io::Result<()>> + Send;
}
