//! Audio for listening: the original, or the call as it would be delivered now.
//!
//! Samples are decrypted in memory and handed to the shell's sound device; nothing is written.

use domain::{audit::AuditAction, plan::RedactionPlan};
use redaction::pcm::PcmReader;
use store::{BlobId, BlobReader};
use tokio::task::spawn_blocking;

use crate::{
    api::{ApiError, ErrorCode, PlayMode, PlayReq},
    app::{App, not_signed_in},
    errors::integrity,
    get_case::load_case,
    open_case::human,
    record::{self, Draft},
    retrieve::read_call,
    review,
    review_view::{may_hear_original, not_retrieved},
};

/// Decoded audio of one call, read in pieces. `read` may block on the disk.
pub struct AudioPreview {
    /// Frames per second.
    pub sample_rate_hz: u32,
    /// Number of channels.
    pub channels: u16,
    /// Number of frames.
    pub frames: u64,
    reader: PcmReader<BlobReader>,
    /// Frame ranges that are silenced, by channel; empty for the original.
    silenced: Vec<Vec<(u64, u64)>>,
}

impl AudioPreview {
    /// Interleaved samples of at most `frames` frames from `first_frame`; fewer at the end.
    ///
    /// # Errors
    /// When the sealed file cannot be read.
    pub fn read(&mut self, first_frame: u64, frames: usize) -> Result<Vec<i16>, ApiError> {
        let mut samples = self
            .reader
            .read_frames(first_frame, frames)
            .map_err(|error| integrity("The audio of a call", &error))?;
        for (channel, ranges) in self.silenced.iter().enumerate() {
            silence(
                &mut samples,
                first_frame,
                usize::from(self.channels),
                channel,
                ranges,
            );
        }
        Ok(samples)
    }
}

fn silence(
    samples: &mut [i16],
    first_frame: u64,
    channels: usize,
    channel: usize,
    ranges: &[(u64, u64)],
) {
    let frames = (first_frame..).zip(samples.chunks_exact_mut(channels));
    for (frame, samples) in frames {
        let hidden = ranges
            .iter()
            .any(|&(start, end)| start <= frame && frame < end);
        if let Some(sample) = samples.get_mut(channel).filter(|_| hidden) {
            *sample = 0;
        }
    }
}

/// Opens the audio of a call for listening. Listening to an original is on record.
///
/// # Errors
/// When the call is not in custody, or the person may not hear the original.
pub async fn open_preview(app: &App, request: &PlayReq) -> Result<AudioPreview, ApiError> {
    app.person().ok_or_else(not_signed_in)?;
    let call = read_call(app, &request.case_id, request.call).await?;
    let original = call.original.clone().ok_or_else(|| not_retrieved(&call))?;
    let (blob, plan) = match (request.mode, &call.redacted) {
        (PlayMode::Original, _) => {
            record_listening(app, request).await?;
            (original.blob, None)
        }
        // The rendered file itself, once there is one.
        (PlayMode::Redacted, Some(redacted)) => (redacted.blob.clone(), None),
        // What nobody has reviewed yet may still hold what detection missed: not for auditors.
        (PlayMode::Redacted, None) => {
            app.deciding_person()?;
            (original.blob, Some(review::load(app, &call).await?.plan))
        }
    };
    open(app, &call.case_id, blob, plan).await
}

async fn open(
    app: &App,
    case_id: &str,
    blob: BlobId,
    plan: Option<RedactionPlan>,
) -> Result<AudioPreview, ApiError> {
    let (vault, case_id) = (app.store().vault().clone(), case_id.to_owned());
    let reader = spawn_blocking(move || {
        let sealed = vault.open(&case_id, &blob).map_err(std::io::Error::other)?;
        PcmReader::open(sealed).map_err(std::io::Error::other)
    })
    .await
    .map_err(|error| ApiError::internal("Opening the audio", &error))?
    .map_err(|error| integrity("The audio of a call", &error))?;
    let info = reader.info();
    let (rate, channels, frames) = (info.sample_rate_hz, info.channels, info.frames);
    Ok(AudioPreview {
        sample_rate_hz: rate,
        channels,
        frames,
        silenced: plan
            .map(|plan| silenced(&plan, channels, rate))
            .unwrap_or_default(),
        reader,
    })
}

fn silenced(plan: &RedactionPlan, channels: u16, rate_hz: u32) -> Vec<Vec<(u64, u64)>> {
    let frame = |ms: u64| ms * u64::from(rate_hz) / 1_000;
    (0..channels)
        .map(|channel| {
            let channel = u8::try_from(channel).unwrap_or(u8::MAX);
            let ranges = plan.replaced_ranges(channel).into_iter();
            ranges
                .map(|(start, end)| (frame(start), frame(end) + 1))
                .collect()
        })
        .collect()
}

async fn record_listening(app: &App, request: &PlayReq) -> Result<(), ApiError> {
    if !may_hear_original(app) {
        return Err(ApiError::new(
            ErrorCode::NotPermitted,
            "This role hears redacted audio only",
            "Switch to the redacted audio.",
        ));
    }
    let worker = app.deciding_person()?;
    let case = load_case(app, &request.case_id).await?;
    let call = read_call(app, &case.id, request.call).await?;
    let entry = Draft::new(AuditAction::OriginalAudioPlayed, human(&worker))
        .case(&case)
        .call(&call)
        .detail("fromMs", request.from_ms)
        .detail("toMs", request.to_ms);
    let mut tx = app.store().begin().await?;
    record::append(app, &mut tx, entry).await?;
    Ok(tx.commit().await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_hidden_frames_of_the_channel_fall_silent() {
        let mut samples = vec![1_i16; 8];
        silence(&mut samples, 10, 2, 1, &[(11, 13)]);
        assert_eq!(samples, [1, 1, 1, 0, 1, 0, 1, 1]);
    }
}
