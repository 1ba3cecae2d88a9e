//! Finds personal data in a transcript.
//!
//! No model and no network: tokens that keep their word times (`token`, `reading`), runs of
//! digits and letters across fillers, corrections and turns (`run`), the questions and
//! announcements around them (`cue`, `call`), one recognizer per kind (`recognizers`), then
//! whose data it is (`owner`), which reading stands (`link`) and where it is said again
//! (`read_back`), and how far each item reaches (`reach`). The language is data
//! (`lexicon`). The same transcript gives the same detections, in time linear in its length.

mod call;
mod candidate;
mod checksum;
mod continued;
mod cue;
mod german_number;
mod hash;
mod lexicon;
mod link;
mod owner;
mod public_number;
mod quantity;
mod reach;
mod read_back;
mod reading;
mod recognizers;
mod run;
mod shape;
mod sound;
mod spelling;
mod token;

use domain::{detection::Detection, entity::Owner, transcript::Transcript};

use self::{
    call::Call,
    candidate::{Candidate, Reason},
    lexicon::Lexicon,
    token::scan,
};
use crate::knowledge::CaseKnowledge;

/// Name and version of the detector.
pub(crate) const NAME: &str = concat!("sar-detector ", env!("CARGO_PKG_VERSION"));

/// The same with the digest of its rules and name lists, for plans and manifests: two plans with the same
/// text were made by the same rules. `build.rs` says what the digest is of.
pub const ENGINE: &str = concat!(
    "sar-detector ",
    env!("CARGO_PKG_VERSION"),
    " rules sha256:",
    env!("DETECTOR_RULES_SHA256")
);

/// Every item of personal data that was found, ordered by start; scores decide what happens to it.
pub fn detect(transcript: &Transcript, knowledge: &CaseKnowledge) -> Vec<Detection> {
    let lexicon = Lexicon::of(transcript.language.as_deref());
    let scanned = scan(transcript, lexicon);
    let call = Call::new(transcript, &scanned, lexicon, knowledge);
    let mut found = recognizers::recognize_all(&call);
    owner::assign(&call, &mut found);
    let mut found = link::resolve(&call, found);
    let mut again = read_back::read_backs(&call, &found);
    owner::assign(&call, &mut again);
    found.extend(again);
    let mut found = link::resolve(&call, found);
    public_number::drop_public(&call, &mut found);
    let parts = continued::continued(&call, &found);
    found.extend(parts);
    let mut found = link::resolve(&call, found);
    reach::extend(&call, &mut found);
    let mut detections: Vec<Detection> =
        found.iter().filter_map(|it| detection(&call, it)).collect();
    detections.sort_by_key(|it| (it.start_ms, it.end_ms, it.entity));
    detections
}

fn detection(call: &Call<'_>, it: &Candidate) -> Option<Detection> {
    let tokens = || (it.first..=it.last).filter_map(|pos| call.at(it.side, pos));
    let mut words = Vec::with_capacity(it.len());
    words.extend(tokens().map(|token| token.word));
    words.dedup();
    Some(Detection {
        entity: it.entity,
        channel: call.sides.get(it.side)?.0,
        start_ms: tokens().map(|token| token.start_ms).min()?,
        end_ms: tokens().map(|token| token.end_ms).max()?,
        words,
        score: it.score,
        recognizer: it.recognizer,
        owner: it.owner.unwrap_or(Owner::Unknown),
        explanation: it.reasons.iter().map(Reason::sentence).collect(),
    })
}
