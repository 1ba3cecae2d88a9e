//! The committed conversations, recordings and transcripts; part of the binary.

use std::{collections::BTreeMap, sync::OnceLock};

use jiff::Timestamp;
use serde::Deserialize;

/// Everything the generator wrote into `index.json`.
#[derive(Debug, Deserialize)]
pub(crate) struct Corpus {
    pub(crate) agents: Vec<Agent>,
    pub(crate) queues: Vec<Queue>,
    pub(crate) customers: Vec<Customer>,
    pub(crate) conversations: Vec<Conversation>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Agent {
    pub(crate) id: String,
    pub(crate) key: String,
    pub(crate) name: String,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Queue {
    pub(crate) id: String,
    pub(crate) name: String,
}

/// A person outside the organization, as its contact directory knows them.
#[derive(Debug, Deserialize)]
pub(crate) struct Customer {
    pub(crate) key: String,
    pub(crate) external_contact_id: String,
    pub(crate) name: String,
    pub(crate) customer_id: String,
    phone_a: String,
    phone_b: Option<String>,
}

/// One call as the analytics database knows it.
#[derive(Debug, Deserialize)]
pub(crate) struct Conversation {
    pub(crate) id: String,
    pub(crate) start: Timestamp,
    pub(crate) answered: Timestamp,
    pub(crate) end: Timestamp,
    pub(crate) direction: String,
    pub(crate) customer: String,
    pub(crate) agent: String,
    pub(crate) queue: String,
    pub(crate) ani: String,
    pub(crate) dnis: String,
    pub(crate) remote: String,
    pub(crate) attributes: BTreeMap<String, String>,
    pub(crate) customer_participant_id: String,
    pub(crate) agent_participant_id: String,
    pub(crate) agent_session_id: String,
    pub(crate) stem: String,
    pub(crate) recordings: Vec<Recording>,
}

/// One recording; `frames` is 0 when its media cannot be had.
#[derive(Debug, Deserialize)]
pub(crate) struct Recording {
    pub(crate) id: String,
    pub(crate) session_id: String,
    pub(crate) start: Timestamp,
    pub(crate) end: Timestamp,
    pub(crate) file_state: String,
    #[serde(default)]
    pub(crate) frames: usize,
    #[serde(default)]
    pub(crate) pauses: Vec<Pause>,
    pub(crate) delete_date: Option<Timestamp>,
    pub(crate) archive_date: Option<Timestamp>,
    pub(crate) transcript: Option<Transcript>,
}

/// A stretch that was said but not recorded.
#[derive(Debug, Deserialize)]
pub(crate) struct Pause {
    pub(crate) id: String,
    pub(crate) reason: String,
    /// Where it is cut out of the audio.
    pub(crate) audio_ms: u64,
    /// Where it began, counted from the start of the recording with earlier pauses left in.
    pub(crate) wall_ms: u64,
    pub(crate) duration_ms: u64,
}

/// What the recognizer wrote, on the audio time line.
#[derive(Debug, Deserialize)]
pub(crate) struct Transcript {
    pub(crate) id: String,
    pub(crate) phrases: Vec<Phrase>,
}

/// Channel and words.
#[derive(Debug, Deserialize)]
pub(crate) struct Phrase(pub(crate) u8, pub(crate) Vec<Word>);

/// Text, start and length in milliseconds of audio, confidence.
#[derive(Debug, Deserialize)]
pub(crate) struct Word(
    pub(crate) String,
    pub(crate) u64,
    pub(crate) u64,
    pub(crate) f64,
);

/// The two encoded files of a recording.
pub(crate) struct MediaFiles {
    pub(crate) webm: &'static [u8],
    pub(crate) mp3: &'static [u8],
}

impl Corpus {
    /// The committed corpus, parsed once.
    pub(crate) fn get() -> &'static Self {
        static CORPUS: OnceLock<Corpus> = OnceLock::new();
        CORPUS.get_or_init(|| {
            serde_json::from_str(include_str!("../corpus/index.json"))
                .expect("the committed index is written by the generator and read by a test")
        })
    }

    pub(crate) fn conversation(&self, id: &str) -> Option<&Conversation> {
        self.conversations
            .iter()
            .find(|conversation| conversation.id == id)
    }

    /// The recording with this id and the conversation it belongs to.
    pub(crate) fn recording(&self, id: &str) -> Option<(&Conversation, &Recording)> {
        self.conversations.iter().find_map(|conversation| {
            let recording = conversation
                .recordings
                .iter()
                .find(|recording| recording.id == id)?;
            Some((conversation, recording))
        })
    }

    pub(crate) fn agent(&self, key: &str) -> Option<&Agent> {
        self.agents.iter().find(|agent| agent.key == key)
    }

    pub(crate) fn queue_id(&self, name: &str) -> Option<&str> {
        self.queues
            .iter()
            .find(|queue| queue.name == name)
            .map(|queue| queue.id.as_str())
    }

    pub(crate) fn customer(&self, key: &str) -> Option<&Customer> {
        self.customers.iter().find(|customer| customer.key == key)
    }
}

impl Customer {
    /// Every number the directory has, in E.164.
    pub(crate) fn phones(&self) -> Vec<&str> {
        std::iter::once(self.phone_a.as_str())
            .chain(self.phone_b.as_deref())
            .collect()
    }

    /// `first.last@example.com`, as the directory has it.
    pub(crate) fn email(&self) -> String {
        format!("{}@example.com", self.name.to_lowercase().replace(' ', "."))
    }
}

impl Recording {
    /// Length of the audio; shorter than end minus start when pauses were cut out.
    pub(crate) const fn duration_ms(&self) -> u64 {
        self.frames as u64 * 1000 / crate::audio::RATE_HZ as u64
    }
}

/// Embeds the encoded files of every dialogue that was spoken.
macro_rules! media_files {
    ($stem:expr; $($name:literal)*) => {
        match $stem {
            $($name => Some(MediaFiles {
                webm: include_bytes!(concat!("../corpus/media/", $name, ".webm")),
                mp3: include_bytes!(concat!("../corpus/media/", $name, ".mp3")),
            }),)*
            _ => None,
        }
    };
}

/// The encoded files of the recording with this stem; none for calls whose media cannot be had.
pub(crate) fn media_files(stem: &str) -> Option<MediaFiles> {
    media_files!(stem;
        "call-01" "call-02" "call-03" "call-04" "call-05" "call-06" "call-07" "call-08"
        "call-09" "call-10" "call-12" "call-13" "call-14" "call-15")
}
