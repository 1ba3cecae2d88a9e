//! Ctrl-C: stops at a safe point, so that nothing half-written stays.

use std::{
    future::Future,
    io::{self, Write},
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use tokio::{runtime::Runtime, task::spawn_blocking};
use tokio_util::sync::CancellationToken;

use crate::failure::Failure;

/// The runtime of one command.
pub(crate) fn runtime() -> Result<Runtime, Failure> {
    Runtime::new().map_err(|error| {
        Failure::unavailable(
            format!("The program could not start its threads: {}", error.kind()),
            "Close other programs, then try again.",
        )
    })
}

/// Does the work unless Ctrl-C comes first; the work is then dropped where it waits.
pub(crate) async fn or_stopped<T>(
    work: impl Future<Output = Result<T, Failure>>,
) -> Result<T, Failure> {
    tokio::select! {
        biased;
        // A system that cannot report Ctrl-C ends the process by itself.
        Ok(()) = tokio::signal::ctrl_c() => Err(Failure::interrupted()),
        done = work => done,
    }
}

/// Listens from this call on for Ctrl-C and for the signal with which service managers stop a program; ends
/// when one of them comes. Whoever is told that the program is ready may stop it at once.
#[cfg(unix)]
pub(crate) fn told_to_stop() -> impl Future<Output = ()> {
    use tokio::signal::unix::{SignalKind, signal};
    let signals = [SignalKind::interrupt(), SignalKind::terminate()].map(signal);
    async move {
        let [Ok(mut interrupt), Ok(mut terminate)] = signals else {
            // Without a way to be told, only the end of the process stops it.
            return std::future::pending().await;
        };
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    }
}

/// Ends when Ctrl-C comes.
#[cfg(not(unix))]
pub(crate) async fn told_to_stop() {
    // Without a way to be told, only the end of the process stops it.
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}

/// Does the work; Ctrl-C cancels its token, and it ends where it is safe.
pub(crate) async fn cancelling<T>(
    work: impl AsyncFnOnce(&CancellationToken) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let cancel = CancellationToken::new();
    let mut work = pin!(work(&cancel));
    tokio::select! {
        biased;
        Ok(()) = tokio::signal::ctrl_c() => cancel.cancel(),
        done = &mut work => return done,
    }
    // A second Ctrl-C does not wait for a source that hangs.
    or_stopped(work).await
}

/// Told to work on a thread of its own that Ctrl-C came.
#[derive(Clone, Default)]
pub(crate) struct Stop(Arc<AtomicBool>);

impl Stop {
    fn is_set(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// A writer that fails once Ctrl-C came, so that the half-written file is removed.
    pub(crate) fn writer<W: Write>(&self, inner: W) -> impl Write {
        StopWriter {
            inner,
            stop: self.clone(),
        }
    }
}

struct StopWriter<W> {
    inner: W,
    stop: Stop,
}

impl<W: Write> Write for StopWriter<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.stop.is_set() {
            // Not `Interrupted`: that kind means "try again".
            return Err(io::Error::other("stopped"));
        }
        self.inner.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

/// Runs work that reads and writes files; Ctrl-C lets it clean up.
pub(crate) fn run_stoppable<T: Send + 'static>(
    work: impl FnOnce(&Stop) -> Result<T, Failure> + Send + 'static,
) -> Result<T, Failure> {
    runtime()?.block_on(async {
        let stop = Stop::default();
        let seen = stop.clone();
        let mut work = spawn_blocking(move || work(&seen));
        let outcome = tokio::select! {
            outcome = &mut work => outcome,
            Ok(()) = tokio::signal::ctrl_c() => {
                stop.0.store(true, Ordering::Relaxed);
                work.await
            }
        };
        match outcome {
            Ok(Err(_)) if stop.is_set() => Err(Failure::interrupted()),
            Ok(outcome) => outcome,
            Err(panic) => std::panic::resume_unwind(panic.into_panic()),
        }
    })
}
