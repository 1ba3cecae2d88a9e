//! What the redacted file alone must be: nothing but sound, as long as the plan, every span covered.

use std::io::{self, Read, Seek, SeekFrom};

use super::{Outcome, Subject, mp3, opus};
use crate::{
    audio::AudioError,
    packets::flac,
    ranges::{ReplacedRange, channel_count},
    render::{self, Delivered},
    wav::{self, WavInfo},
};

const MORE: &str = "the file holds more than a format header and sound";

/// Tags, chunks and comments could carry what was removed.
pub(super) fn no_extra_bytes(
    redacted: &mut (impl Read + Seek),
    subject: &Subject<'_>,
) -> Result<Outcome, AudioError> {
    let only_sound = match subject.delivered {
        Delivered::Samples(_) => samples_only(redacted, &subject.info)?,
        Delivered::Flac => flac_only(redacted, &subject.info)?,
        Delivered::Opus => opus::only_packets(redacted, &subject.info)?,
        Delivered::Mp3 => mp3::only_frames(redacted)?,
        Delivered::Converted => false,
    };
    Ok(if only_sound {
        Outcome::Passed
    } else {
        Outcome::failed(MORE)
    })
}

fn samples_only(redacted: &mut (impl Read + Seek), info: &WavInfo) -> io::Result<bool> {
    let mut header = Vec::new();
    wav::write_header(&mut header, info)?;
    let expected = header.len() as u64 + info.data_len + wav::padding(info) as u64;
    Ok(starts_with(redacted, &header)? && redacted.seek(SeekFrom::End(0))? == expected)
}

fn flac_only(redacted: &mut (impl Read + Seek), info: &WavInfo) -> Result<bool, AudioError> {
    let (mut frames, _) = flac::open(&mut *redacted)?;
    let head = render::flac::stream_head(&frames.info, info.frames);
    let mut expected = head.len() as u64;
    while let Some((_, frame)) = frames.next_frame()? {
        expected += frame.len() as u64;
    }
    drop(frames);
    Ok(starts_with(redacted, &head)? && redacted.seek(SeekFrom::End(0))? == expected)
}

fn starts_with(file: &mut (impl Read + Seek), bytes: &[u8]) -> io::Result<bool> {
    let mut found = Vec::with_capacity(bytes.len());
    file.seek(SeekFrom::Start(0))?;
    file.take(bytes.len() as u64).read_to_end(&mut found)?;
    Ok(found == bytes)
}

pub(super) fn length_unchanged(subject: &Subject<'_>) -> Outcome {
    let (info, plan) = (&subject.info, subject.plan);
    let (plan_ms, audio_ms) = (plan.duration_ms, info.duration_ms());
    if plan_ms.abs_diff(audio_ms) <= 1 {
        return Outcome::Passed;
    }
    Outcome::failed(format!(
        "the plan is for {plan_ms} ms, the file has {audio_ms} ms"
    ))
}

/// Every span that is not kept lies inside replaced ranges on each of its channels.
pub(super) fn plan_covered(subject: &Subject<'_>) -> Outcome {
    let (info, plan, ranges) = (&subject.info, subject.plan, subject.ranges);
    let rate = u128::from(info.sample_rate_hz);
    for span in plan.spans.iter().filter(|span| span.is_replaced()) {
        let start = u128::from(span.start_ms) * rate / 1000;
        let end = (u128::from(span.end_ms) * rate)
            .div_ceil(1000)
            .min(u128::from(info.frames));
        for channel in 0..channel_count(info) {
            if span.channel.is_some_and(|only| only != channel) || start >= end {
                continue;
            }
            let inside = |range: &ReplacedRange| {
                range.channel == channel
                    && u128::from(range.start_frame) <= start
                    && end <= u128::from(range.end_frame)
            };
            if !ranges.iter().any(inside) {
                let id = &span.id;
                return Outcome::failed(format!(
                    "span `{id}` is not replaced on channel {channel}"
                ));
            }
        }
    }
    Outcome::Passed
}
