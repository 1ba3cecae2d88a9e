//! Looks into what arrived: what it is by its own bytes, and how long. // S2-26, S2-50

use std::io::{ErrorKind, Read, Seek, SeekFrom};

use domain::recording::{EndState, check_duration};
use redaction::{
    audio::AudioError,
    media::{self, MediaKind, PROBE_BYTES},
    pcm::PcmReader,
};

/// What a file was found to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Looked {
    pub(super) extension: &'static str,
    pub(super) content_type: &'static str,
    /// Length of the decoded audio; `None` where this version cannot measure it.
    pub(super) duration_ms: Option<u64>,
    /// `passed`, `failed: …` or `not performed: …`.
    pub(super) duration_check: String,
    /// Why it is not the recording, although it is audio.
    pub(super) corrupted: Option<String>,
}

/// Why a file was not looked into.
#[derive(Debug)]
pub(super) enum Refused {
    /// It is no audio that can be told.
    Ended(EndState),
    /// The disk could not be read: says nothing about the recording.
    Unread(std::io::Error),
}

impl From<std::io::Error> for Refused {
    fn from(error: std::io::Error) -> Self {
        Self::Unread(error)
    }
}

/// Looks into a file.
///
/// # Errors
/// When it is no audio of a known kind, or cannot be read.
pub(super) fn look(
    audio: &mut (impl Read + Seek),
    reported_ms: Option<u64>,
) -> Result<Looked, Refused> {
    let mut first = Vec::with_capacity(PROBE_BYTES);
    audio
        .by_ref()
        .take(PROBE_BYTES as u64)
        .read_to_end(&mut first)?;
    audio.seek(SeekFrom::Start(0))?;
    let (extension, content_type) = match media::identify(&first) {
        MediaKind::Wav => ("wav", "audio/wav"),
        MediaKind::Mp3 => ("mp3", "audio/mpeg"),
        MediaKind::Ogg => ("ogg", "audio/ogg"),
        MediaKind::WebM => ("webm", "audio/webm"),
        MediaKind::Flac => ("flac", "audio/flac"),
        MediaKind::Mp4 => ("m4a", "audio/mp4"),
        MediaKind::Au => ("au", "audio/basic"),
        MediaKind::Wave64 => ("w64", "audio/x-w64"),
        MediaKind::Amr => ("amr", "audio/amr"),
        MediaKind::Text => {
            let reason = "a text came instead of audio".to_owned();
            return Err(Refused::Ended(EndState::Corrupted { reason }));
        }
        MediaKind::Unknown => {
            let codec = "an unknown format".to_owned();
            return Err(Refused::Ended(EndState::Unsupported { codec }));
        }
    };
    measure(audio, reported_ms, extension, content_type)
}

/// How long it sounds. An export takes what this version cannot decode as well, unmeasured.
fn measure(
    audio: &mut (impl Read + Seek),
    reported_ms: Option<u64>,
    extension: &'static str,
    content_type: &'static str,
) -> Result<Looked, Refused> {
    let looked = |duration_ms, duration_check: String, corrupted| Looked {
        extension,
        content_type,
        duration_ms,
        duration_check,
        corrupted,
    };
    let (duration_ms, checked) = match PcmReader::open(audio) {
        Ok(reader) => {
            let length = reader.info().duration_ms();
            (Some(length), check_duration(length, reported_ms))
        }
        Err(AudioError::Unsupported { codec }) if extension == "wav" => {
            return Err(Refused::Ended(EndState::Unsupported { codec }));
        }
        Err(AudioError::Unsupported { codec }) => {
            let check = format!("not performed: this version does not measure {codec}");
            return Ok(looked(None, check, None));
        }
        Err(AudioError::Io(error)) if error.kind() != ErrorKind::InvalidData => {
            return Err(error.into());
        }
        Err(other) => (None, Err(other.to_string())),
    };
    let duration_check = match (&checked, reported_ms) {
        (Err(reason), _) => format!("failed: {reason}"),
        (Ok(()), Some(_)) => "passed".to_owned(),
        (Ok(()), None) => "not performed: the source reports no length".to_owned(),
    };
    Ok(looked(duration_ms, duration_check, checked.err()))
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use redaction::wav::{Container, Encoding, WavInfo, write_header};

    use super::*;

    /// Two seconds of silence.
    fn wave() -> Vec<u8> {
        let info = WavInfo {
            container: Container::Wav,
            encoding: Encoding::Pcm16,
            channels: 1,
            sample_rate_hz: 8_000,
            data_offset: 44,
            data_len: 32_000,
            frames: 16_000,
            warnings: vec![],
        };
        let mut bytes = vec![];
        write_header(&mut bytes, &info).unwrap();
        bytes.resize(bytes.len() + 32_000, 0);
        bytes
    }

    fn looked(bytes: &[u8], reported_ms: Option<u64>) -> Looked {
        look(&mut Cursor::new(bytes), reported_ms).unwrap()
    }

    // S2-50
    #[test]
    fn the_length_is_compared_with_what_the_source_says() {
        assert_eq!(looked(&wave(), Some(3_000)).duration_check, "passed");
        let wrong = looked(&wave(), Some(300_000));
        assert!(wrong.duration_check.starts_with("failed: "));
        assert!(wrong.corrupted.is_some());
        let unsaid = looked(&wave(), None);
        assert!(unsaid.duration_check.starts_with("not performed"));
        assert_eq!(unsaid.corrupted, None);
    }

    // S2-26
    #[test]
    fn the_ending_follows_the_bytes() {
        assert_eq!(looked(&wave(), None).extension, "wav");
        assert_eq!(looked(b"\xff\xfb\x90\x00rest", None).extension, "mp3");
        assert_eq!(looked(b"OggS\0\x02", None).extension, "ogg");
    }

    #[test]
    fn what_is_no_audio_is_not_taken() {
        let page = look(&mut Cursor::new(b"<html>Sign in</html>"), None);
        assert!(matches!(
            page,
            Err(Refused::Ended(EndState::Corrupted { .. }))
        ));
        let noise = look(&mut Cursor::new([0x80_u8; 600]), None);
        assert!(matches!(
            noise,
            Err(Refused::Ended(EndState::Unsupported { .. }))
        ));
    }
}
