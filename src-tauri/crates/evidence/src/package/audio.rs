//! Tells an empty recording from one with sound, from the start of the file alone. // S0-71

use std::io::{self, Read};

/// How much of a file is looked at; the chunks before the audio are far shorter.
const START_BYTES: u64 = 4_096;

/// Reads the start of a file; shorter only when the file is.
pub(super) fn read_start(content: &mut dyn Read) -> io::Result<Vec<u8>> {
    let mut start = Vec::new();
    content.take(START_BYTES).read_to_end(&mut start)?;
    Ok(start)
}

/// Whether a file that begins like this has no audio: no bytes, or a RIFF file whose `data` chunk is
/// empty or missing.
pub(super) fn is_empty(start: &[u8]) -> bool {
    let more_follows = start.len() as u64 == START_BYTES;
    match start
        .strip_prefix(b"RIFF")
        .and_then(|rest| rest.split_at_checked(4))
    {
        Some((_, rest)) => rest
            .strip_prefix(b"WAVE")
            .is_some_and(|chunks| !has_samples(chunks, more_follows)),
        None => start.is_empty(),
    }
}

/// Walks the chunks to `data`. Chunks past the start of the file cannot be judged and count as audio.
fn has_samples(mut chunks: &[u8], more_follows: bool) -> bool {
    while let Some((header, rest)) = chunks.split_first_chunk::<8>() {
        let [a, b, c, d, size @ ..] = *header;
        let size = u32::from_le_bytes(size) as usize;
        if [a, b, c, d] == *b"data" {
            return size > 0 && !rest.is_empty();
        }
        match rest.get(size + size % 2..) {
            Some(next) => chunks = next,
            None => return more_follows,
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wav(samples: &[u8]) -> Vec<u8> {
        let mut bytes = b"RIFF\0\0\0\0WAVEfmt \x04\0\0\0abcddata".to_vec();
        bytes.extend((samples.len() as u32).to_le_bytes());
        bytes.extend(samples);
        bytes
    }

    // S0-71
    #[test]
    fn empty_files_and_files_without_samples_are_empty() {
        assert!(is_empty(b""));
        assert!(is_empty(&wav(b"")));
        assert!(is_empty(&wav(b"ab")[..20]), "cut before the samples");
        assert!(!is_empty(&wav(b"ab")));
        assert!(!is_empty(b"ID3 or any other container"));
    }
}
