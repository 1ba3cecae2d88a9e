//! What real recorders write into headers, and that no damage makes the readers panic.
#![expect(clippy::too_many_lines, reason = "the header matrix is one table")]

mod support;

use std::io::{self, Cursor, Read, Seek, SeekFrom};

use proptest::prelude::*;
use redaction::{
    audio::{AudioError, AudioWarning},
    pcm::PcmReader,
    render::render,
    wav::{Container, Encoding, Wav},
};
use support::{checked, file_bytes, plan_of, rendered, seeds_for, speech_like, wav_bytes};

const RATE: u32 = 8000;

// The header matrix: what real recorders write.

fn header(riff_len: u32, fmt: &[u8], before_data: &[u8], data_len: u32, data: &[u8]) -> Vec<u8> {
    let mut file = b"RIFF".to_vec();
    file.extend(riff_len.to_le_bytes());
    file.extend(b"WAVEfmt ");
    file.extend((fmt.len() as u32).to_le_bytes());
    file.extend(fmt);
    file.extend(before_data);
    file.extend(b"data");
    file.extend(data_len.to_le_bytes());
    file.extend(data);
    file
}

fn fmt(tag: u16, channels: u16, bits: u16, extra: &[u8]) -> Vec<u8> {
    let align = channels * bits / 8;
    let mut fmt = Vec::new();
    fmt.extend(tag.to_le_bytes());
    fmt.extend(channels.to_le_bytes());
    fmt.extend(RATE.to_le_bytes());
    fmt.extend((RATE * u32::from(align)).to_le_bytes());
    fmt.extend(align.to_le_bytes());
    fmt.extend(bits.to_le_bytes());
    fmt.extend(extra);
    fmt
}

fn extensible(tag: u16, channels: u16, bits: u16) -> Vec<u8> {
    let mut extra = vec![22, 0, bits as u8, 0, 3, 0, 0, 0];
    extra.extend(tag.to_le_bytes());
    extra.extend([0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0xaa, 0, 0x38, 0x9b, 0x71]);
    fmt(0xfffe, channels, bits, &extra)
}

#[test]
fn headers_of_real_recorders_are_read() {
    use AudioWarning::{
        BlockAlign, DataSizePastEnd, DataSizeUnknown, MissingPadding, PartialFrame,
    };
    let data = [7_u8; 8000];
    let pcm = || fmt(1, 1, 16, &[]);
    let list = b"LIST\x10\0\0\0INFOIART\x04\0\0\0Anna";
    let with_list = || [&data[..], list].concat();
    let odd = [&b"LIST\x03\0\0\0abc"[..]].concat();
    let mut bad_align = pcm();
    bad_align[12] = 9;
    for (name, file, encoding, frames, warnings) in [
        (
            "plain",
            header(8036, &pcm(), b"", 8000, &data),
            Encoding::Pcm16,
            4000,
            &[][..],
        ),
        (
            "mu-law, fmt 16",
            header(8036, &fmt(7, 2, 8, &[]), b"", 8000, &data),
            Encoding::MuLaw,
            4000,
            &[],
        ),
        (
            "A-law, fmt 18",
            header(8038, &fmt(6, 1, 8, &[0, 0]), b"", 8000, &data),
            Encoding::ALaw,
            8000,
            &[],
        ),
        (
            "PCM, fmt 20",
            header(8040, &fmt(1, 1, 16, &[0; 4]), b"", 8000, &data),
            Encoding::Pcm16,
            4000,
            &[],
        ),
        (
            "extensible PCM 24",
            header(8060, &extensible(1, 1, 24), b"", 7998, &data[..7998]),
            Encoding::Pcm24,
            2666,
            &[],
        ),
        (
            "extensible mu-law",
            header(8060, &extensible(7, 2, 8), b"", 8000, &data),
            Encoding::MuLaw,
            4000,
            &[],
        ),
        (
            "extensible A-law",
            header(8060, &extensible(6, 1, 8), b"", 8000, &data),
            Encoding::ALaw,
            8000,
            &[],
        ),
        (
            "RIFF 0, data 0",
            header(0, &pcm(), b"", 0, &data),
            Encoding::Pcm16,
            4000,
            &[DataSizeUnknown],
        ),
        (
            "RIFF 36, data 0",
            header(36, &pcm(), b"", 0, &data),
            Encoding::Pcm16,
            4000,
            &[DataSizeUnknown],
        ),
        (
            "data 0, then tags",
            header(36, &pcm(), b"", 0, &with_list()),
            Encoding::Pcm16,
            4000,
            &[DataSizeUnknown],
        ),
        (
            "data ffffffff",
            header(8036, &pcm(), b"", u32::MAX, &data),
            Encoding::Pcm16,
            4000,
            &[DataSizeUnknown],
        ),
        (
            "sizes 7fffffff",
            header(0x7fff_ffff, &pcm(), b"", 0x7fff_ffff, &data),
            Encoding::Pcm16,
            4000,
            &[DataSizeUnknown],
        ),
        (
            "RIFF too small",
            header(1000, &pcm(), b"", 8000, &data),
            Encoding::Pcm16,
            4000,
            &[],
        ),
        (
            "truncated",
            header(90_036, &pcm(), b"", 90_000, &data),
            Encoding::Pcm16,
            4000,
            &[DataSizePastEnd],
        ),
        (
            "half a frame",
            header(8036, &pcm(), b"", 7999, &data),
            Encoding::Pcm16,
            3999,
            &[PartialFrame],
        ),
        (
            "odd chunk, padded",
            header(8048, &pcm(), &[&odd[..], b"\0"].concat(), 8000, &data),
            Encoding::Pcm16,
            4000,
            &[],
        ),
        (
            "odd chunk, not padded",
            header(8047, &pcm(), &odd, 8000, &data),
            Encoding::Pcm16,
            4000,
            &[MissingPadding],
        ),
        (
            "wrong block align",
            header(8036, &bad_align, b"", 8000, &data),
            Encoding::Pcm16,
            4000,
            &[BlockAlign],
        ),
    ] {
        let info =
            Wav::probe(&mut Cursor::new(&file)).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(
            (info.encoding, info.frames, &info.warnings[..]),
            (encoding, frames, warnings),
            "{name}"
        );
        let plan = plan_of(info.duration_ms(), &[(100, 200)]);
        let (redacted, done) = rendered(&file, &plan);
        let report = checked(&file, &redacted, &plan, &done.ranges);
        assert!(report.passed(), "{name}: {report:?}");
        assert!(!redacted.windows(4).any(|bytes| bytes == b"Anna"), "{name}");
    }
}

#[test]
fn rf64_is_read() {
    let mut file = b"RF64\xff\xff\xff\xffWAVEds64\x1c\0\0\0".to_vec();
    file.extend(8072_u64.to_le_bytes());
    file.extend(8000_u64.to_le_bytes());
    file.extend(4000_u64.to_le_bytes());
    file.extend([0; 4]);
    file.extend(&header(0, &fmt(1, 1, 16, &[]), b"", u32::MAX, &[1; 8000])[12..]);
    let info = Wav::probe(&mut Cursor::new(&file)).unwrap();
    assert_eq!((info.frames, info.warnings), (4000, vec![]));
}

// S0-71
#[test]
fn other_codecs_are_named_and_empty_audio_is_an_error() {
    let probe = |file: Vec<u8>| Wav::probe(&mut Cursor::new(file)).unwrap_err();
    for (tag, name) in [
        (0x31, "GSM 06.10"),
        (0x83, "G.729"),
        (0x55, "MP3 in WAV"),
        (3, "floating point PCM"),
        (0x1234, "codec 0x1234"),
    ] {
        let error = probe(header(8036, &fmt(tag, 1, 16, &[]), b"", 8000, &[0; 8000]));
        assert!(
            matches!(&error, AudioError::Unsupported { codec } if codec == name),
            "{error}"
        );
    }
    let pcm = fmt(1, 1, 16, &[]);
    for file in [
        header(36, &pcm, b"", 0, &[]),
        header(36, &pcm, b"", 1, &[0]),
        header(36, &pcm, b"", u32::MAX, &[0]),
    ] {
        assert!(matches!(probe(file), AudioError::NoAudio));
    }
    assert!(matches!(probe(vec![]), AudioError::NotAudio));
    assert!(matches!(
        probe(b"RIFF\0\0\0\0AVI LIST".to_vec()),
        AudioError::NotAudio
    ));
    assert!(matches!(
        probe(b"RIFF\0\0\0\0WAVEfmt ".to_vec()),
        AudioError::Malformed { .. }
    ));
}

// Sun audio and Wave64 are redacted in place like WAV.
#[test]
fn other_containers_of_plain_samples_keep_every_byte_outside_spans() {
    for (container, encodings) in [
        (Container::Au, Encoding::AU),
        (Container::Wave64, Encoding::ALL),
    ] {
        for encoding in encodings {
            let samples = speech_like(5, 2 * 6 * RATE as usize + 2);
            let original = file_bytes(container, encoding, 2, RATE, &samples);
            let plan = plan_of(6001, &[(1000, 2000), (5900, 6001)]);
            let (redacted, done) = rendered(&original, &plan);
            assert_eq!(original.len(), redacted.len(), "{}", encoding.name());
            let report = checked(&original, &redacted, &plan, &done.ranges);
            assert!(
                report.passed(),
                "{container:?} {}: {report:?}",
                encoding.name()
            );
            let frame = encoding.sample_bytes() * 2;
            let head = original.len()
                - (samples.len() / 2 * frame)
                    .next_multiple_of(8)
                    .min(original.len());
            assert_eq!(
                original[..head + 7900 * frame],
                redacted[..head + 7900 * frame]
            );
            let mut tagged = redacted.clone();
            tagged.extend(b"Anna");
            assert!(!checked(&original, &tagged, &plan, &done.ranges).passed());
        }
    }
}

#[test]
fn sun_audio_with_a_text_and_without_a_length_is_read() {
    let mut file =
        b".snd\0\0\0\x20\xff\xff\xff\xff\0\0\0\x01\0\0\x1f\x40\0\0\0\x01Anna\0\0\0\0".to_vec();
    file.extend([0x5a; 8000]);
    let info = Wav::probe(&mut Cursor::new(&file)).unwrap();
    assert_eq!((info.frames, info.encoding), (8000, Encoding::MuLaw));
    assert_eq!(info.warnings, [AudioWarning::DataSizeUnknown]);
    let (redacted, _) = rendered(&file, &plan_of(1000, &[(100, 200)]));
    assert!(!redacted.windows(4).any(|bytes| bytes == b"Anna"));
}

// S0-71: nothing that opens has no frames, whatever the bytes.
#[test]
fn short_and_empty_files_of_every_kind_are_errors() {
    for magic in [
        &b".snd"[..],
        b"riff",
        b"RF64",
        b"OggS",
        b"fLaC",
        b"ID3\x04",
        b"\xff\xfb\x90\x00",
        b"\x1a\x45\xdf\xa3",
        b"\0\0\0\x1cftypM4A ",
    ] {
        for len in [0, 8, 40, 5000] {
            let mut file = magic.to_vec();
            file.resize(magic.len() + len, 0);
            assert!(
                PcmReader::open(Cursor::new(&file)).is_err(),
                "{magic:?} {len}"
            );
        }
    }
}

/// A reader like that of an encrypted file: it cannot be moved behind its end.
struct Sealed(Cursor<Vec<u8>>);

impl Read for Sealed {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer)
    }
}

impl Seek for Sealed {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let at = self.0.seek(to)?;
        if at > self.0.get_ref().len() as u64 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(at)
    }
}

proptest! {
    #[test]
    fn no_bytes_make_the_reader_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300), as_wav in any::<bool>()) {
        let mut file = if as_wav { b"RIFF\0\0\0\0WAVE".to_vec() } else { vec![] };
        file.extend(bytes);
        let seen = Wav::probe(&mut Sealed(Cursor::new(file)));
        prop_assert!(!matches!(seen, Err(AudioError::Io(_))), "it looked behind the end");
    }

    #[test]
    fn no_damaged_header_makes_rendering_panic(at in 0_usize..60, byte in any::<u8>(), cut in 0_usize..2000) {
        let mut file = wav_bytes(Encoding::Pcm16, 1, RATE, &speech_like(5, 1600));
        file[at] = byte;
        file.truncate(file.len() - cut);
        let seen = Wav::probe(&mut Sealed(Cursor::new(file.clone())));
        prop_assert!(!matches!(seen, Err(AudioError::Io(_))), "it looked behind the end");
        if let Ok(info) = Wav::probe(&mut Cursor::new(&file)) {
            prop_assert!(info.frames > 0 && info.data_offset + info.data_len <= file.len() as u64);
            let plan = plan_of(info.duration_ms(), &[(0, 1)]);
            let _ = render(&mut Cursor::new(&file), &mut Vec::new(), &plan, &seeds_for(&plan, 1));
        }
    }

    #[test]
    fn no_bytes_make_any_reader_panic(kind in 0_usize..8, bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        let magic = [
            &b".snd"[..], b"riff\x2e\x91\xcf\x11", b"OggS\0\x02", b"fLaC\x80\0\0\x22", b"ID3\x04\0\0\0\0\0\0",
            b"\xff\xfb\x90\x00", b"\x1a\x45\xdf\xa3", b"\0\0\0\x1cftypM4A ",
        ][kind];
        let file = [magic, &bytes].concat();
        if let Ok(mut reader) = PcmReader::open(Sealed(Cursor::new(file))) {
            prop_assert!(reader.info().frames > 0);
            let _ = reader.read_frames(0, 100_000);
        }
    }
}
