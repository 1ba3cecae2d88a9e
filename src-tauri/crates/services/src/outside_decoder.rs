//! The administrator's own ffmpeg, for codecs that this program does not decode, such as G.729.
//!
//! It is used only where `SAR_DECODER` names it, and never looked for. It gets the recording on its standard
//! input and gives 16-bit WAV on its standard output, so nothing is written to a disk; it may open no file and no
//! connection, has a time and a size to keep, and what it is (version and digest) goes into the result.

use std::{
    fs::File,
    io::{self, Read, Write},
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

use domain::digest::Sha256Digest;
use evidence::hashing::HashingReader;

use crate::api::ApiError;

/// Names the program.
const SETTING: &str = "SAR_DECODER";
/// One stream of sound, no pictures, no tags, no file and no connection beside the pipes; the first error ends it.
const DECODE: &str = "-nostdin -hide_banner -v error -xerror -protocol_whitelist pipe -i pipe:0 -map 0:a -vn -sn \
                      -dn -map_metadata -1 -fflags +bitexact -c:a pcm_s16le -f wav pipe:1";
/// A call of twelve hours in G.729 takes some seconds.
const MAX_TIME: Duration = Duration::from_secs(600);
/// More than a WAV file can hold; twelve hours of two channels at 8 kHz are 1.4 GB.
const MAX_BYTES: u64 = 4 << 30;
/// How much of what it says is kept.
const MAX_TEXT_BYTES: u64 = 4 * 1024;
/// How long the name of a version may be.
const MAX_VERSION_CHARS: usize = 120;
/// How often is looked whether the program has ended.
const LOOK_EVERY: Duration = Duration::from_millis(5);

/// A program that decodes what we do not.
#[derive(Debug, Clone)]
pub struct OutsideDecoder {
    program: PathBuf,
    max_time: Duration,
    max_bytes: u64,
}

/// Exactly which program decoded a recording.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecodedBy {
    /// What it says of itself, such as `ffmpeg version 7.1.1`.
    pub version: String,
    /// Digest of the program's file.
    pub sha256: Sha256Digest,
}

/// Why a recording was not decoded.
#[derive(Debug, thiserror::Error)]
pub enum DecoderError {
    /// The program is not there any more, or cannot be started.
    #[error("the decoder cannot be started: {0}")]
    NotStarted(io::ErrorKind),
    /// It could not decode the recording.
    #[error("the decoder could not decode the recording without an error")]
    Refused,
    /// It took too long.
    #[error("the decoder took longer than {} s and was stopped", .0.as_secs())]
    TooSlow(Duration),
    /// It wrote too much.
    #[error("the decoder wrote more than {0} bytes and was stopped")]
    TooLarge(u64),
    /// The recording could not be read or the sound not be kept.
    #[error("what the decoder reads or writes could not be moved")]
    Io(#[from] io::Error),
}

impl OutsideDecoder {
    /// The program that the environment names, if it names one.
    ///
    /// # Errors
    /// When what it names cannot be a decoder.
    pub fn from_env() -> Result<Option<Self>, ApiError> {
        let named = std::env::var_os(SETTING).filter(|name| !name.is_empty());
        named.map(|path| Self::at(Path::new(&path))).transpose()
    }

    /// A program by its whole path.
    ///
    /// # Errors
    /// When it is no program, or one that only starts another: the digest of a script says nothing about what
    /// decodes.
    pub fn at(program: &Path) -> Result<Self, ApiError> {
        let problem =
            |why: &str| ApiError::invalid(SETTING, format!("`{}` {why}", program.display()));
        if !program.is_absolute() {
            return Err(problem(
                "is not a whole path, and programs are not searched for",
            ));
        }
        let mut first = [0; 2];
        File::open(program)
            .and_then(|mut file| file.read_exact(&mut first))
            .map_err(|_| problem("cannot be read"))?;
        if &first == b"#!" {
            return Err(problem(
                "is a script; name the program itself, such as ffmpeg",
            ));
        }
        Ok(Self {
            program: program.to_owned(),
            max_time: MAX_TIME,
            max_bytes: MAX_BYTES,
        })
    }

    /// The same program with less time and room.
    #[must_use]
    pub fn within(self, max_time: Duration, max_bytes: u64) -> Self {
        Self {
            max_time,
            max_bytes,
            ..self
        }
    }

    /// Writes the sound of a recording as 16-bit WAV and says what decoded it.
    ///
    /// # Errors
    /// When it cannot be decoded whole within the limits; what was written by then must be thrown away.
    pub fn decode(
        &self,
        recording: &mut (impl Read + Send),
        out: &mut (impl Write + Send),
    ) -> Result<DecodedBy, DecoderError> {
        let by = self.identify()?;
        self.run(DECODE, recording, out)?;
        Ok(by)
    }

    /// What the program is right now.
    fn identify(&self) -> Result<DecodedBy, DecoderError> {
        let file = File::open(&self.program).map_err(|it| DecoderError::NotStarted(it.kind()))?;
        let mut file = HashingReader::new(file);
        io::copy(&mut file, &mut io::sink())?;
        let mut said = Vec::new();
        self.run("-version", &mut io::empty(), &mut said)?;
        let said = String::from_utf8_lossy(&said);
        let line = said.lines().next().unwrap_or_default();
        let name = line.split(" Copyright").next().unwrap_or_default();
        let printable = name.chars().filter(|it| !it.is_control());
        Ok(DecodedBy {
            version: printable.take(MAX_VERSION_CHARS).collect(),
            sha256: file.finish().0,
        })
    }

    fn run(
        &self,
        words: &str,
        input: &mut (impl Read + Send),
        out: &mut (impl Write + Send),
    ) -> Result<(), DecoderError> {
        let mut child = Command::new(&self.program)
            .args(words.split_whitespace())
            .env_clear()
            // Without it programs do not start on Windows; elsewhere it is not there.
            .envs(std::env::var_os("SystemRoot").map(|folder| ("SystemRoot", folder)))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| DecoderError::NotStarted(error.kind()))?;
        let pipes = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let (Some(mut stdin), Some(stdout), Some(stderr)) = pipes else {
            return Err(DecoderError::NotStarted(io::ErrorKind::BrokenPipe));
        };
        let (ended, has_ended) = mpsc::channel();
        let has_copied = ended.clone();
        let max_bytes = self.max_bytes;
        let (status, fed, copied, complained) = thread::scope(|scope| {
            let feeding = scope.spawn(move || io::copy(input, &mut stdin).map(drop));
            let listening = scope.spawn(move || complains(stderr));
            let copying = scope.spawn(move || {
                let copied = io::copy(&mut stdout.take(max_bytes + 1), out);
                // Fails when the program has ended already and nobody waits.
                let _ = has_copied.send(matches!(copied, Ok(bytes) if bytes <= max_bytes));
                copied
            });
            let status = self.wait(&mut child, &has_ended);
            (status, feeding.join(), copying.join(), listening.join())
        });
        drop(ended);
        let panicked = |_| io::Error::other("a thread of the decoder panicked");
        let (fed, copied) = (fed.map_err(panicked)?, copied.map_err(panicked)??);
        if copied > max_bytes {
            return Err(DecoderError::TooLarge(max_bytes));
        }
        // A program that has read enough closes its input; everything else is a recording that cannot be read.
        if let Err(error) = fed
            && error.kind() != io::ErrorKind::BrokenPipe
        {
            return Err(error.into());
        }
        if !status?.success() || complained.map_err(panicked)? {
            return Err(DecoderError::Refused);
        }
        Ok(())
    }

    /// Waits for the end, which comes by force when the time is over or the output cannot be taken. The channel
    /// tells whether it was taken, and stays open.
    fn wait(
        &self,
        child: &mut Child,
        copied: &mpsc::Receiver<bool>,
    ) -> Result<ExitStatus, DecoderError> {
        let start = Instant::now();
        let mut outcome = Ok(());
        loop {
            if let Some(status) = child.try_wait()? {
                return outcome.map(|()| status);
            }
            let can_go_on = copied.recv_timeout(LOOK_EVERY).unwrap_or(true);
            if start.elapsed() > self.max_time {
                outcome = Err(DecoderError::TooSlow(self.max_time));
            }
            if !can_go_on || outcome.is_err() {
                child.kill()?;
            }
        }
    }
}

/// Whether a program says anything at all: it is told to speak of errors only.
fn complains(stderr: impl Read) -> bool {
    let mut said = Vec::new();
    let mut stderr = stderr.take(MAX_TEXT_BYTES);
    let read = stderr.read_to_end(&mut said);
    // The rest is read so that the program does not wait for a reader.
    let drained = io::copy(&mut stderr.into_inner(), &mut io::sink());
    read.is_err() || drained.is_err() || !said.is_empty()
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    /// G.729 without end: the length says that nobody knows it.
    fn endless() -> impl Read + Send {
        let mut head = b"RIFF\xff\xff\xff\xffWAVEfmt \x12\0\0\0\x83\0\x01\0".to_vec();
        head.extend(8_000_u32.to_le_bytes());
        head.extend(1_000_u32.to_le_bytes());
        head.extend(b"\x0a\0\0\0\0\0data\xff\xff\xff\xff");
        Cursor::new(head).chain(io::repeat(0x5a))
    }

    fn decoder() -> Option<OutsideDecoder> {
        let ffmpeg = Path::new("/usr/bin/ffmpeg");
        if !ffmpeg.is_file() {
            eprintln!("not performed: ffmpeg is not installed; `cargo xtask setup` installs it");
            return None;
        }
        Some(OutsideDecoder::at(ffmpeg).unwrap())
    }

    #[test]
    fn a_decoder_that_takes_too_long_or_writes_too_much_is_stopped() {
        let Some(decoder) = decoder() else { return };
        let hasty = decoder
            .clone()
            .within(Duration::from_millis(500), u64::MAX - 1);
        let slow = hasty.decode(&mut endless(), &mut io::sink());
        assert!(matches!(slow, Err(DecoderError::TooSlow(_))), "{slow:?}");
        let small = decoder.within(Duration::from_secs(60), 100_000);
        let mut kept = vec![];
        let large = small.decode(&mut endless(), &mut kept);
        assert!(
            matches!(large, Err(DecoderError::TooLarge(100_000))),
            "{large:?}"
        );
        assert!(kept.len() <= 100_001);
    }

    #[test]
    fn what_cannot_be_read_or_written_is_no_decoding() {
        struct Torn;
        impl Read for Torn {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                Err(io::Error::other("the disk is gone"))
            }
        }
        struct Full;
        impl Write for Full {
            fn write(&mut self, _: &[u8]) -> io::Result<usize> {
                Err(io::ErrorKind::StorageFull.into())
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let Some(decoder) = decoder() else { return };
        let torn = decoder.decode(&mut Torn, &mut io::sink());
        assert!(matches!(torn, Err(DecoderError::Io(_))), "{torn:?}");
        let full = decoder.decode(&mut endless(), &mut Full);
        assert!(matches!(full, Err(DecoderError::Io(_))), "{full:?}");
    }

    #[test]
    fn only_a_program_by_its_whole_path_is_a_decoder() {
        for path in ["ffmpeg", "./ffmpeg", "/nowhere/ffmpeg"] {
            assert!(OutsideDecoder::at(Path::new(path)).is_err(), "{path}");
        }
    }
}
