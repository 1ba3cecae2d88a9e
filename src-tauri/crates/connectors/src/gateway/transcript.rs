//! The words that the source behind the gateway recognized.

use domain::{
    sensitive::PersonalData,
    transcript::{Speaker, Transcript, TranscriptOrigin, Word},
};
use tokio_util::sync::CancellationToken;

use super::{
    Gateway,
    answer::{WordOf, Words},
    media::format_name,
};
use crate::{
    http::Purpose,
    locate::none_if_absent,
    source::{MediaRequest, SourceError},
};

impl Gateway {
    /// The transcript on the time line of the audio, and the length of the audio; `None` when there is none.
    pub(crate) async fn transcript(
        &self,
        request: &MediaRequest,
        cancel: &CancellationToken,
    ) -> Result<Option<(Transcript, Option<u64>)>, SourceError> {
        let id = request.recording.as_str();
        let mut url = self.address(&["api", "v2", "recordings", id, "transcript"])?;
        url.query_pairs_mut()
            .append_pair("format", format_name(request.format));
        let asked = self.read(
            "transcript of a recording",
            url,
            Purpose::Transcript,
            cancel,
        );
        let words: Option<Words> = none_if_absent(asked.await)?;
        Ok(words.map(|it| (transcript(it.words, it.language), it.duration_ms)))
    }
}

fn transcript(words: Vec<WordOf>, language: Option<String>) -> Transcript {
    let words = words.into_iter().map(word).collect();
    Transcript::new(words, language, TranscriptOrigin::SourceSystem)
}

fn word(word: WordOf) -> Word {
    Word {
        text: PersonalData::new(word.text),
        start_ms: word.start_ms,
        end_ms: word.end_ms.max(word.start_ms),
        confidence: word.confidence.clamp(0.0, 1.0),
        channel: word.channel,
        speaker: match word.speaker.as_str() {
            "external" => Speaker::External,
            "internal" => Speaker::Internal,
            _ => Speaker::Unknown,
        },
        phrase: word.phrase,
    }
}
