//! Copies samples through the patcher: as they lie in the file, or decoded into 16-bit WAV.

use std::io::{self, Read, Seek, SeekFrom, Write};

use domain::digest::Sha256Digest;
use sha2::{Digest, Sha256};

use super::{RenderError, digest, patch::Patcher};
use crate::{
    pcm::PcmReader,
    ranges::ReplacedRange,
    wav::{self, WavInfo},
};

/// Bytes copied at a time.
const BLOCK_BYTES: usize = 256 * 1024;
/// Bytes hashed at a time.
const HASH_BYTES: usize = 64 * 1024;

/// Overwrites the ranges in the samples of the file; hashes all bytes of the original on the way.
pub(super) fn in_place<R: Read + Seek>(
    audio: &mut PcmReader<R>,
    out: &mut impl Write,
    info: &WavInfo,
    ranges: &[ReplacedRange],
) -> Result<Sha256Digest, RenderError> {
    let mut patcher = Patcher::new(audio, info, ranges)?;
    wav::write_header(out, info)?;
    let original = audio.stored_bytes().ok_or_else(not_stored)?;
    let mut hash = Sha256::new();
    original.seek(SeekFrom::Start(0))?;
    hash_bytes(&mut original.by_ref().take(info.data_offset), &mut hash)?;
    let mut block = Vec::new();
    for (frame, len) in blocks(info) {
        block.resize(len * info.frame_bytes(), 0);
        original.read_exact(&mut block)?;
        hash.update(&block);
        patcher.patch(frame, &mut block);
        out.write_all(&block)?;
    }
    // Whatever follows the samples belongs to the original and goes no further.
    hash_bytes(original, &mut hash)?;
    out.write_all(&vec![0; wav::padding(info)])?;
    Ok(digest(hash))
}

fn not_stored() -> io::Error {
    io::Error::other("the samples are not stored as they are")
}

/// Decodes the file and writes it as 16-bit WAV with the ranges overwritten.
pub(super) fn converted<R: Read + Seek>(
    audio: &mut PcmReader<R>,
    out: &mut impl Write,
    info: &WavInfo,
    ranges: &[ReplacedRange],
) -> Result<(), RenderError> {
    let mut patcher = Patcher::new(audio, info, ranges)?;
    wav::write_header(out, info)?;
    for (frame, len) in blocks(info) {
        let samples = audio.read_frames(frame, len)?;
        let mut block: Vec<u8> = samples.iter().flat_map(|it| it.to_le_bytes()).collect();
        patcher.patch(frame, &mut block);
        out.write_all(&block)?;
    }
    Ok(out.write_all(&vec![0; wav::padding(info)])?)
}

/// First frame and number of frames of each block.
fn blocks(info: &WavInfo) -> impl Iterator<Item = (u64, usize)> + use<> {
    let frames = info.frames;
    let step = (BLOCK_BYTES / info.frame_bytes()).max(1);
    let starts = std::iter::successors(Some(0), move |at| Some(at + step as u64));
    starts.take_while(move |&at| at < frames).map(move |at| {
        let left = usize::try_from(frames - at).unwrap_or(usize::MAX);
        (at, step.min(left))
    })
}

/// The digest of a whole file.
pub(super) fn digest_of(file: &mut (impl Read + Seek)) -> io::Result<Sha256Digest> {
    let mut hash = Sha256::new();
    file.seek(SeekFrom::Start(0))?;
    hash_bytes(file, &mut hash)?;
    Ok(digest(hash))
}

fn hash_bytes(reader: &mut impl Read, hash: &mut Sha256) -> io::Result<()> {
    let mut block = vec![0; HASH_BYTES];
    loop {
        match reader.read(&mut block) {
            Ok(0) => return Ok(()),
            Ok(len) => hash.update(&block[..len]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}
