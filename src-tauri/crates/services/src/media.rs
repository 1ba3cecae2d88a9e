//! Looks into retrieved media: is it audio, how long, can this version redact it?

use std::io::{ErrorKind, Read, Seek, SeekFrom};

use domain::recording::{EndState, check_duration};
use redaction::{
    audio::AudioError,
    media::{self, MediaKind},
    pcm::PcmReader,
    render::Delivered,
};

/// Bytes that tell a container apart.
const MAGIC_BYTES: usize = 64;

/// Why media is not taken.
#[derive(Debug)]
pub(crate) enum Refused {
    /// The recording has come to an end of its own. // S1-34, S2-50
    Ended(EndState),
    /// The vault could not be read: says nothing about the recording.
    Unread(std::io::Error),
}

impl From<std::io::Error> for Refused {
    fn from(error: std::io::Error) -> Self {
        Self::Unread(error)
    }
}

/// What was found in retrieved media.
pub(crate) struct Inspected {
    pub(crate) duration_ms: u64,
    pub(crate) sample_rate_hz: u32,
    pub(crate) channels: u16,
    pub(crate) warnings: Vec<String>,
}

/// Checks that the media is audio of the reported length that this version can redact exactly.
///
/// # Errors
/// The end state of a recording that is not, Corrupted or Unsupported; or that the vault could not be read.
pub(crate) fn inspect(
    audio: &mut (impl Read + Seek),
    reported_ms: Option<u64>,
) -> Result<Inspected, Refused> {
    refuse_what_is_no_audio(audio)?;
    let reader = PcmReader::open(audio).map_err(|error| match error {
        AudioError::Unsupported { codec } => Refused::Ended(EndState::Unsupported { codec }),
        AudioError::Io(error) if !is_about_content(&error) => Refused::Unread(error),
        other => corrupted(other.to_string()),
    })?;
    let info = reader.info();
    let duration_ms = info.duration_ms();
    check_duration(duration_ms, reported_ms).map_err(corrupted)?;
    let mut warnings: Vec<String> = info
        .warnings
        .iter()
        .map(|warning| warning.text().to_owned())
        .collect();
    if Delivered::of(&reader) == Delivered::Converted {
        let codec = reader.codec();
        warnings.push(format!(
            "{codec} cannot be written; the redacted copy will be 16-bit WAV"
        ));
    }
    Ok(Inspected {
        duration_ms,
        sample_rate_hz: info.sample_rate_hz,
        channels: info.channels,
        warnings,
    })
}

/// Pages, texts and unknown bytes are no recording of any kind.
fn refuse_what_is_no_audio(audio: &mut (impl Read + Seek)) -> Result<(), Refused> {
    let mut magic = [0_u8; MAGIC_BYTES];
    let count = fill(audio, &mut magic)?;
    audio.seek(SeekFrom::Start(0))?;
    match media::identify(magic.get(..count).unwrap_or_default()) {
        kind @ (MediaKind::Text | MediaKind::Unknown) => {
            let codec = kind.name().to_owned();
            Err(Refused::Ended(EndState::Unsupported { codec }))
        }
        _ => Ok(()),
    }
}

/// Damage that a decoder finds says something about the recording, not about the disk.
fn is_about_content(error: &std::io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::InvalidData | ErrorKind::UnexpectedEof
    )
}

fn corrupted(reason: String) -> Refused {
    Refused::Ended(EndState::Corrupted { reason })
}

fn fill(reader: &mut impl Read, buffer: &mut [u8]) -> std::io::Result<usize> {
    let mut count = 0;
    while let Some(rest) = buffer.get_mut(count..).filter(|rest| !rest.is_empty()) {
        match reader.read(rest)? {
            0 => break,
            read => count += read,
        }
    }
    Ok(count)
}

#[cfg(test)]
mod tests {
    use std::io::{self, Cursor};

    use redaction::wav::{Container, Encoding, WavInfo, write_header};

    use super::*;

    /// One second of silence on two channels.
    fn second() -> Vec<u8> {
        let info = WavInfo {
            container: Container::Wav,
            encoding: Encoding::Pcm16,
            channels: 2,
            sample_rate_hz: 8_000,
            data_offset: 44,
            data_len: 32_000,
            frames: 8_000,
            warnings: vec![],
        };
        let mut bytes = vec![];
        write_header(&mut bytes, &info).unwrap();
        bytes.resize(bytes.len() + 32_000, 0);
        bytes
    }

    fn end_of(bytes: &[u8], reported_ms: Option<u64>) -> EndState {
        match inspect(&mut Cursor::new(bytes), reported_ms) {
            Err(Refused::Ended(state)) => state,
            Err(Refused::Unread(error)) => panic!("{error}"),
            Ok(_) => panic!("it was taken"),
        }
    }

    #[test]
    fn audio_of_the_reported_length_is_taken() {
        let found = inspect(&mut Cursor::new(second()), Some(1_400)).unwrap();
        assert_eq!(
            (found.duration_ms, found.sample_rate_hz, found.channels),
            (1_000, 8_000, 2)
        );
    }

    // S2-50
    #[test]
    fn another_length_than_reported_is_corrupted() {
        assert!(matches!(
            end_of(&second(), Some(2_001)),
            EndState::Corrupted { .. }
        ));
    }

    // S0-71
    #[test]
    fn what_is_cut_off_or_empty_is_never_taken() {
        let whole = second();
        for kept in [0, 1, 4, 11, 12, 20, 36, 43, 44] {
            let state = end_of(&whole[..kept], None);
            assert_ne!(state, EndState::Retrieved, "{kept} bytes");
        }
    }

    // S1-34
    #[test]
    fn what_is_no_audio_is_called_what_it_is() {
        let page = b"<!DOCTYPE html><html><body>Sign in</body></html>";
        let EndState::Unsupported { codec } = end_of(page, None) else {
            panic!("a page is not audio")
        };
        assert!(codec.contains("text"), "{codec}");
        let noise: Vec<u8> = second().iter().map(|byte| !byte).collect();
        assert!(matches!(end_of(&noise, None), EndState::Unsupported { .. }));
    }

    /// Opens, and cannot be read.
    struct Torn;

    impl Read for Torn {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::other("the disk is gone"))
        }
    }

    impl Seek for Torn {
        fn seek(&mut self, _: SeekFrom) -> io::Result<u64> {
            Ok(0)
        }
    }

    #[test]
    fn a_vault_that_cannot_be_read_says_nothing_about_the_recording() {
        assert!(matches!(inspect(&mut Torn, None), Err(Refused::Unread(_))));
    }
}
