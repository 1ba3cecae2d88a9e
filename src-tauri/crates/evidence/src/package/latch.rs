//! Keeps the first failed write of a package to itself until somebody asks.
//!
//! The ZIP writer finishes its archive when it is dropped and prints what fails then. So it never sees a
//! failure: after the first one nothing is written any more, and the package writer asks after each step.

use std::{
    io::{self, Write},
    sync::{Arc, Mutex, PoisonError},
};

/// A writer that never fails.
pub(super) struct Latch<W> {
    out: W,
    first: FirstError,
}

/// The first failed write, if there was one.
#[derive(Clone, Default)]
pub(super) struct FirstError(Arc<Mutex<Option<io::Error>>>);

impl<W: Write> Latch<W> {
    pub(super) fn new(out: W) -> (Self, FirstError) {
        let first = FirstError::default();
        let latch = Self {
            out,
            first: first.clone(),
        };
        (latch, first)
    }

    pub(super) fn into_inner(self) -> W {
        self.out
    }

    fn unless_failed(&mut self, step: impl FnOnce(&mut W) -> io::Result<()>) {
        let mut first = self.first.0.lock().unwrap_or_else(PoisonError::into_inner);
        if first.is_none() {
            *first = step(&mut self.out).err();
        }
    }
}

impl FirstError {
    /// The failure, with its kind; further calls say that something failed.
    pub(super) fn check(&self) -> io::Result<()> {
        let mut first = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match first.take() {
            None => Ok(()),
            Some(error) => {
                *first = Some(error.kind().into());
                Err(error)
            }
        }
    }
}

impl<W: Write> Write for Latch<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.unless_failed(|out| out.write_all(bytes));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.unless_failed(Write::flush);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Takes some bytes, then is full; what comes after that would be a file with a hole.
    struct Small(Vec<u8>);

    impl Write for Small {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            if bytes.len() > 3 {
                return Err(io::ErrorKind::StorageFull.into());
            }
            self.0.extend(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn the_first_failure_is_kept_and_nothing_is_written_after_it() {
        let (mut latch, failed) = Latch::new(Small(Vec::new()));
        latch.write_all(b"abc").expect("it never fails");
        assert!(failed.check().is_ok());
        latch.write_all(b"defg").expect("it never fails");
        latch.write_all(b"hi").expect("it never fails");
        for _ in 0..2 {
            let error = failed.check().expect_err("it was full");
            assert_eq!(error.kind(), io::ErrorKind::StorageFull);
        }
        assert_eq!(latch.into_inner().0, b"abc");
    }
}
