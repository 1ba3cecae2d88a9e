//! A recording that a person names: the file itself, or what the administrator's own decoder makes of it.

use std::{
    fs::File,
    io::{self, Cursor, Read, Seek},
    path::{Path, PathBuf},
};

use clap::Args;
use evidence::hashing::HashingReader;
use redaction::{audio::AudioError, pcm::PcmReader};
use serde::Serialize;
use services::outside_decoder::OutsideDecoder;

use crate::{failure::Failure, input};

/// Most sound that is decoded into memory: nine hours of one channel at 8 kHz.
const MAX_DECODED_BYTES: u64 = 512 << 20;
/// Longest wait for the decoder.
const MAX_DECODING: std::time::Duration = std::time::Duration::from_secs(600);

/// Which decoder may be asked.
#[derive(Args)]
pub(crate) struct DecoderArgs {
    /// Your own ffmpeg, by its whole path, for codecs that are not decoded here, such as G.729 [default: SAR_DECODER]
    #[arg(long, value_name = "FFMPEG")]
    decoder: Option<PathBuf>,
}

impl DecoderArgs {
    fn program(&self) -> Result<Option<OutsideDecoder>, Failure> {
        Ok(match &self.decoder {
            Some(path) => Some(OutsideDecoder::at(path)?),
            None => OutsideDecoder::from_env()?,
        })
    }
}

/// Bytes that can be read from any place.
pub(crate) trait Bytes: Read + Seek {}

impl<T: Read + Seek> Bytes for T {}

/// A recording, ready to be read.
pub(crate) struct Recording {
    pub(crate) bytes: Box<dyn Bytes>,
    /// Set where the bytes are not those of the file.
    pub(crate) decoded: Option<Decoded>,
}

/// What decoded a recording that is not decoded here.
#[derive(Serialize)]
pub(crate) struct Decoded {
    /// The codec of the file.
    pub(crate) codec: String,
    /// What the program says of itself.
    pub(crate) program: String,
    pub(crate) program_sha256: String,
    /// Digest of the file that was decoded.
    #[serde(skip)]
    pub(crate) original_sha256: String,
}

/// Opens a recording; asks the decoder only for what is not decoded here.
pub(crate) fn open(path: &Path, decoder: &DecoderArgs) -> Result<Recording, Failure> {
    let mut file = input::open(path)?;
    let decoder = decoder.program()?;
    let unknown = match PcmReader::open(&mut file) {
        Err(AudioError::Unsupported { codec }) => Some(codec),
        // Every other problem is named by whoever reads it.
        _ => None,
    };
    match unknown.zip(decoder) {
        Some((codec, decoder)) => decode(path, codec, decoder),
        None => Ok(Recording {
            bytes: Box::new(file),
            decoded: None,
        }),
    }
}

fn decode(path: &Path, codec: String, decoder: OutsideDecoder) -> Result<Recording, Failure> {
    let decoder = decoder.within(MAX_DECODING, MAX_DECODED_BYTES);
    let (original_sha256, mut file) =
        digest(path).map_err(|error| input::unreadable(path, &error))?;
    let mut sound = Vec::new();
    let by = decoder.decode(&mut file, &mut sound).map_err(|error| {
        Failure::failed_check(
            format!("`{}` holds {codec}: {error}", path.display()),
            "Nothing was written. Convert the recording first, or name another decoder.",
        )
    })?;
    Ok(Recording {
        bytes: Box::new(Cursor::new(sound)),
        decoded: Some(Decoded {
            codec,
            program: by.version,
            program_sha256: by.sha256.to_string(),
            original_sha256,
        }),
    })
}

fn digest(path: &Path) -> io::Result<(String, File)> {
    let mut read = HashingReader::new(File::open(path)?);
    io::copy(&mut read, &mut io::sink())?;
    Ok((read.finish().0.to_string(), File::open(path)?))
}
