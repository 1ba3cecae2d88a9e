//! From transcript to silence: finds personal data in what was said and removes it from the audio.
//!
//! Everything here is synchronous and deterministic, works on `Read`, `Write` and `Seek`, opens no
//! file, reads no clock and draws no random number; seeds and knowledge come in as arguments.
//!
//! Reading order, which is also the way of one recording:
//!
//! 1. [`knowledge`], [`detect`], [`text`]: words in, detections out; one recognizer per file, a
//!    reason for each score, an owner for each item.
//!    [`corrections`] are what reviewers said before, [`learned`] is a model if there
//!    is one, [`detector`] is all of it as a desk runs it.
//! 2. [`planning`], [`plan_file`]: detections and policy make a plan; the plan as a file.
//!    [`evaluate`] measures the detector, [`residual_risk`] says what it has probably missed,
//!    [`drill`] runs planted calls through it.
//! 3. [`media`], [`audio`], [`wav`], [`g711`], `packets`, `decode`, [`pcm`]: what the bytes are,
//!    where sound lies in them, and hearing it as samples.
//! 4. [`fit`]: whether transcript and audio belong together, and which channel carries whom.
//!    [`keys`]: what was keyed in, which no transcript has.
//! 5. [`ranges`], [`noise`], [`render`]: plan to frames, what replaces them, writing the result.
//! 6. [`verify`]: reads the finished file again and proves what was replaced and what was not.
//! 7. [`transcript_view`], [`peaks`]: what may be shown and shipped beside the redacted audio.
//!
//! Invariants:
//!
//! - One span model drives audio, transcript and captions.
//! - A checksum raises a score and never gates.
//! - Inside a replaced range nothing has the weight of an original sample; fades lie outside.
//! - The replacement depends only on seed, style and audio outside every replaced range, so anybody
//!   can make it again from the delivered file.
//! - Outside replaced ranges and fades every sample byte, frame or packet is the original's; codecs
//!   that cannot be written leave as 16-bit WAV, which is declared. // S0-51
//! - Audio without frames is never a success. // S0-71

pub mod audio;
pub mod corrections;
mod decode;
pub mod detect;
pub mod detector;
pub mod drill;
pub mod evaluate;
pub mod fit;
pub mod g711;
pub mod keys;
pub mod knowledge;
pub mod learned;
pub mod media;
pub mod noise;
mod packets;
pub mod pcm;
pub mod peaks;
pub mod plan_file;
pub mod planning;
pub mod ranges;
pub mod render;
pub mod residual_risk;
pub mod text;
pub mod transcript_view;
pub mod verify;
pub mod wav;
