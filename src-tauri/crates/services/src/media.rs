//! Looks into retrieved media: is it audio, how long, can this version redact it?

use std::io::{Read, Seek, SeekFrom};

use domain::recording::{EndState, check_duration};
use redaction::{
    media::{self, MediaKind},
    wav::{Wav, WavError},
};

/// Bytes that tell a container apart.
const MAGIC_BYTES: usize = 64;

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
/// The end state of a recording that is not: Corrupted or Unsupported. // S1-34, S2-50
pub(crate) fn inspect(
    audio: &mut (impl Read + Seek),
    reported_ms: Option<u64>,
) -> Result<Inspected, EndState> {
    let corrupted = |reason: String| EndState::Corrupted { reason };
    let mut magic = [0_u8; MAGIC_BYTES];
    let count = fill(audio, &mut magic).map_err(|e| corrupted(e.to_string()))?;
    let kind = media::identify(magic.get(..count).unwrap_or_default());
    if kind != MediaKind::Wav {
        return Err(EndState::Unsupported {
            codec: name(kind).to_owned(),
        });
    }
    audio
        .seek(SeekFrom::Start(0))
        .map_err(|e| corrupted(e.to_string()))?;
    let info = Wav::probe(audio).map_err(|error| match error {
        WavError::Unsupported { codec, .. } => EndState::Unsupported { codec },
        other => corrupted(other.to_string()),
    })?;
    let duration_ms = info.duration_ms();
    check_duration(duration_ms, reported_ms).map_err(corrupted)?;
    Ok(Inspected {
        duration_ms,
        sample_rate_hz: info.sample_rate_hz,
        channels: info.channels,
        warnings: info
            .warnings
            .iter()
            .map(|warning| warning.text().to_owned())
            .collect(),
    })
}

/// The format's name for people.
const fn name(kind: MediaKind) -> &'static str {
    match kind {
        MediaKind::Wav => "WAV",
        MediaKind::Mp3 => "MP3",
        MediaKind::Ogg => "Ogg",
        MediaKind::WebM => "WebM",
        MediaKind::Flac => "FLAC",
        MediaKind::Mp4 => "MP4",
        MediaKind::Au => "Sun audio",
        MediaKind::Wave64 => "Wave64",
        MediaKind::Amr => "AMR",
        MediaKind::Text => "text, not audio",
        MediaKind::Unknown => "an unknown format",
    }
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
