//! Finds personal data in a transcript.

use domain::{detection::Detection, transcript::Transcript};

use crate::knowledge::CaseKnowledge;

/// Name and version of the detector, for plans and manifests.
pub const ENGINE: &str = concat!("sar-detector ", env!("CARGO_PKG_VERSION"));

/// Finds personal data in a transcript.
pub fn detect(transcript: &Transcript, knowledge: &CaseKnowledge) -> Vec<Detection> {
    let _ = (transcript, knowledge);
    Vec::new()
}
