//! Streaming SHA-256 (FIPS 180-4) over whatever passes by. // S2-22

use std::io::{self, Read, Write};

use domain::digest::Sha256Digest;
use sha2::{Digest, Sha256};

/// SHA-256 of `bytes`.
pub fn sha256(bytes: impl AsRef<[u8]>) -> Sha256Digest {
    Sha256Digest::new(Sha256::digest(bytes.as_ref()).into())
}

/// A reader that hashes and counts every byte it hands out.
pub struct HashingReader<R> {
    inner: R,
    tally: Tally,
}

impl<R: Read> HashingReader<R> {
    /// Wraps `inner`; nothing has been read yet.
    pub fn new(inner: R) -> Self {
        Self {
            inner,
            tally: Tally::default(),
        }
    }

    /// Number of bytes read so far.
    pub fn byte_count(&self) -> u64 {
        self.tally.bytes
    }

    /// Digest and number of the bytes read.
    pub fn finish(self) -> (Sha256Digest, u64) {
        self.tally.finish()
    }
}

impl<R: Read> Read for HashingReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.tally.add(buffer.get(..read).unwrap_or_default());
        Ok(read)
    }
}

/// A writer that hashes and counts every byte that the inner writer accepted.
pub struct HashingWriter<W> {
    inner: W,
    tally: Tally,
}

impl<W: Write> HashingWriter<W> {
    /// Wraps `inner`; nothing has been written yet.
    pub fn new(inner: W) -> Self {
        Self {
            inner,
            tally: Tally::default(),
        }
    }

    /// Number of bytes written so far.
    pub fn byte_count(&self) -> u64 {
        self.tally.bytes
    }

    /// The inner writer, with digest and number of the bytes it accepted.
    pub fn finish(self) -> (W, Sha256Digest, u64) {
        let (digest, bytes) = self.tally.finish();
        (self.inner, digest, bytes)
    }
}

impl<W: Write> Write for HashingWriter<W> {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(buffer)?;
        self.tally.add(buffer.get(..written).unwrap_or_default());
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

#[derive(Default)]
struct Tally {
    hasher: Sha256,
    bytes: u64,
}

impl Tally {
    fn add(&mut self, bytes: &[u8]) {
        self.hasher.update(bytes);
        self.bytes += bytes.len() as u64;
    }

    fn finish(self) -> (Sha256Digest, u64) {
        (Sha256Digest::new(self.hasher.finalize().into()), self.bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // FIPS 180-4 example: the digest of `abc`.
    const ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    // S2-22
    #[test]
    fn reader_and_writer_see_every_byte_once() {
        let mut reader = HashingReader::new(&b"abc"[..]);
        let mut copy = HashingWriter::new(Vec::new());
        io::copy(&mut reader, &mut copy).unwrap();
        assert_eq!((reader.byte_count(), copy.byte_count()), (3, 3));
        let (digest, bytes) = reader.finish();
        assert_eq!((digest.hex().as_str(), bytes), (ABC, 3));
        let (written, digest, _) = copy.finish();
        assert_eq!((written, digest), (b"abc".to_vec(), sha256("abc")));
    }

    // S0-71
    #[test]
    fn nothing_has_the_digest_of_nothing() {
        assert!(sha256([]).is_of_nothing());
    }
}
