//! Makes what stands in each range again, from its seed and from the file itself.

use std::io::{Read, Seek};

use domain::plan::RedactionStyle;

use super::{Outcome, Subject, place};
use crate::{
    audio::AudioError,
    noise::Replacement,
    pcm::PcmReader,
    ranges::{ReplacedRange, context_pieces, excluded, fade_frames},
};

/// Makes each range again from the file itself and compares to the bit.
pub(super) fn spans_replaced(
    redacted: &mut (impl Read + Seek),
    subject: &Subject<'_>,
) -> Result<Outcome, AudioError> {
    let (info, ranges) = (&subject.info, subject.ranges);
    let zones = excluded(ranges, fade_frames(info.sample_rate_hz));
    let mut reader = PcmReader::open(redacted)?;
    for range in ranges {
        let out_of_file =
            range.end_frame > info.frames || u16::from(range.channel) >= info.channels;
        if out_of_file || range.start_frame >= range.end_frame {
            return Ok(Outcome::failed(format!(
                "range {} is not in the file",
                place(range, info)
            )));
        }
        let context = match range.style {
            RedactionStyle::Noise => {
                reader.read_channel(range.channel, &context_pieces(range, &zones, info))?
            }
            RedactionStyle::Silence | RedactionStyle::Tone => vec![],
        };
        let expected = Replacement::new(
            range.style,
            range.seed,
            range.channel,
            info.sample_rate_hz,
            &context,
        );
        if !holds_exactly(&mut reader, range, expected)? {
            let place = place(range, info);
            return Ok(Outcome::failed(format!(
                "range {place} holds something else than its {}",
                range.style.name()
            )));
        }
    }
    Ok(Outcome::Passed)
}

fn holds_exactly<R: Read + Seek>(
    reader: &mut PcmReader<R>,
    range: &ReplacedRange,
    mut expected: Replacement,
) -> Result<bool, AudioError> {
    const STEP: u64 = 64 * 1024;
    let encoding = reader.info().encoding;
    let mut stored = [0; 4];
    let mut frame = range.start_frame;
    while frame < range.end_frame {
        let to = range.end_frame.min(frame + STEP);
        let found = reader.read_channel(range.channel, &[(frame, to)])?;
        if found.len() as u64 != to - frame {
            return Ok(false);
        }
        for sample in found {
            // Through the codec, because 8-bit codes cannot hold every sample.
            encoding.encode(i32::from(expected.next_sample()) << 16, &mut stored);
            if encoding.decode_16(&stored) != sample {
                return Ok(false);
            }
        }
        frame = to;
    }
    Ok(true)
}
