//! What a file is, judged by its first bytes and never by its name. // S0-57

/// A container or stream format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MediaKind {
    /// RIFF/WAVE or RF64.
    Wav,
    /// MPEG audio layer III, with or without an ID3 tag.
    Mp3,
    /// Ogg, whatever it carries (Opus, Vorbis).
    Ogg,
    /// Matroska or WebM.
    WebM,
    /// Free Lossless Audio Codec.
    Flac,
    /// ISO base media (MP4, M4A).
    Mp4,
    /// Sun/NeXT audio.
    Au,
    /// Sony Wave64.
    Wave64,
    /// Adaptive Multi-Rate.
    Amr,
    /// A text such as an error page or a JSON answer, not audio.
    Text,
    /// Nothing known.
    Unknown,
}

impl MediaKind {
    /// The name for people.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Wav => "WAV",
            Self::Mp3 => "MP3",
            Self::Ogg => "Ogg",
            Self::WebM => "WebM",
            Self::Flac => "FLAC",
            Self::Mp4 => "MP4",
            Self::Au => "Sun audio",
            Self::Wave64 => "Wave64",
            Self::Amr => "AMR",
            Self::Text => "text, not audio",
            Self::Unknown => "an unknown format",
        }
    }
}

/// How many bytes [`identify`] looks at.
pub const PROBE_BYTES: usize = 512;

/// Names the format of a file from its first bytes ([`PROBE_BYTES`] are enough).
pub fn identify(first_bytes: &[u8]) -> MediaKind {
    match first_bytes {
        [
            b'R',
            b'I',
            b'F',
            b'F',
            _,
            _,
            _,
            _,
            b'W',
            b'A',
            b'V',
            b'E',
            ..,
        ] => MediaKind::Wav,
        [
            b'R',
            b'F',
            b'6',
            b'4',
            _,
            _,
            _,
            _,
            b'W',
            b'A',
            b'V',
            b'E',
            ..,
        ] => MediaKind::Wav,
        [b'r', b'i', b'f', b'f', 0x2e, 0x91, ..] => MediaKind::Wave64,
        [b'O', b'g', b'g', b'S', ..] => MediaKind::Ogg,
        [0x1a, 0x45, 0xdf, 0xa3, ..] => MediaKind::WebM,
        [b'f', b'L', b'a', b'C', ..] => MediaKind::Flac,
        [b'.', b's', b'n', b'd', ..] => MediaKind::Au,
        [b'#', b'!', b'A', b'M', b'R', ..] => MediaKind::Amr,
        [b'I', b'D', b'3', ..] => MediaKind::Mp3,
        [_, _, _, _, b'f', b't', b'y', b'p', ..] => MediaKind::Mp4,
        [0xff, second, third, ..] if is_mp3_header(*second, *third) => MediaKind::Mp3,
        bytes if looks_like_text(bytes) => MediaKind::Text,
        _ => MediaKind::Unknown,
    }
}

/// Frame sync, a valid version, layer III, a valid bit rate and a valid sampling rate.
fn is_mp3_header(second: u8, third: u8) -> bool {
    second & 0xe0 == 0xe0
        && second & 0x18 != 0x08
        && second & 0x06 == 0x02
        && !matches!(third >> 4, 0x0 | 0xf)
        && third & 0x0c != 0x0c
}

fn looks_like_text(bytes: &[u8]) -> bool {
    let head = &bytes[..bytes.len().min(PROBE_BYTES)];
    !head.is_empty()
        && head
            .iter()
            .all(|&byte| byte >= 0x20 || matches!(byte, b'\n' | b'\r' | b'\t'))
        && head.is_ascii()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_are_told_apart_by_content() {
        for (bytes, kind) in [
            (&b"RIFF\0\0\0\0WAVEfmt "[..], MediaKind::Wav),
            (b"RF64\xff\xff\xff\xffWAVEds64", MediaKind::Wav),
            (b"RIFF\0\0\0\0AVI LIST", MediaKind::Unknown),
            (b"OggS\0\x02", MediaKind::Ogg),
            (b"\x1a\x45\xdf\xa3\x01", MediaKind::WebM),
            (b"fLaC\0\0\0\x22", MediaKind::Flac),
            (b"ID3\x04\0", MediaKind::Mp3),
            (b"\xff\xfb\x90\x00", MediaKind::Mp3),
            (b"\xff\xe3\x18\xc4", MediaKind::Mp3),
            (b"\xff\xff\xff\xff", MediaKind::Unknown),
            (b"\0\0\0\x1cftypM4A ", MediaKind::Mp4),
            (b"{\"message\":\"not found\"}", MediaKind::Text),
            (b"<html>", MediaKind::Text),
            (b"", MediaKind::Unknown),
        ] {
            assert_eq!(identify(bytes), kind, "{bytes:?}");
        }
    }
}
