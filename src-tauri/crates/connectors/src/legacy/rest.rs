//! A recorder with a web interface, such as those of Avaya and Cisco. // S1-05, S1-39

use domain::{
    ids::{ConversationId, RecordingId, SourceId},
    recording::MediaFormat,
    search::{Identifier, SearchCriteria, SourceResult},
    sensitive::Secret,
};
use jiff::tz::TimeZone;
use reqwest::header::{self, HeaderMap, HeaderValue};
use serde_json::Value;
use tokio_util::sync::CancellationToken;
use url::Url;

use super::{
    call::{self, Places},
    entry::Entry,
    fields,
    page::Pages,
    place::place_id,
    seen::Seen,
    settings::{AuthType, Call, LegacyConfigError, RestSettings},
    sniff::Sniffing,
};
use crate::{
    download::{Download, Outcome},
    http::{EgressLedger, Http, Outgoing, Purpose, check_address, host_of},
    limiter::{Limiter, Pace},
    locate::{Place, none_if_absent},
    numbers,
    source::{
        AudioTimeline, FetchError, FetchedMedia, MediaRequest, MediaSink, SourceError, SourceHealth,
    },
};

const SEARCH: &str = "search of the recorder";
const DESCRIBE: &str = "description of a recording";

/// One recorder.
#[derive(Clone)]
pub struct LegacyRest {
    settings: RestSettings,
    id: SourceId,
    base: Url,
    zone: TimeZone,
    signed_in: HeaderMap,
    http: Http,
    limiter: Limiter,
}

impl LegacyRest {
    /// Checks the settings; asks nobody yet. `http` was built with [`RestSettings::http_options`].
    ///
    /// # Errors
    /// When a setting is unusable, such as an address that is neither `https` nor on this machine.
    pub fn new(
        settings: RestSettings,
        secret: &Secret<String>,
        http: Http,
    ) -> Result<Self, LegacyConfigError> {
        let base =
            Url::parse(settings.api_endpoint.trim()).map_err(|_| LegacyConfigError::Address {
                field: "api_endpoint",
                example: "https://recorder.example.org/api",
            })?;
        // S1-08
        check_address(&base)?;
        call::check(&settings.search.call)?;
        call::check(&settings.media.describe)?;
        settings
            .media
            .path
            .as_deref()
            .map_or(Ok(()), call::check_text)?;
        let zone = settings.zone.as_deref().unwrap_or("UTC");
        let pace = Pace {
            per_second: settings.requests_per_second,
            max_per_second: settings.requests_per_second,
            burst: 5,
        };
        Ok(Self {
            id: settings.source_id()?,
            base,
            zone: TimeZone::get(zone).map_err(|_| LegacyConfigError::Zone)?,
            signed_in: signed_in(&settings, secret)?,
            http,
            limiter: Limiter::new(pace),
            settings,
        })
    }

    /// The configured id.
    pub fn id(&self) -> &SourceId {
        &self.id
    }

    /// The same recorder with a ledger of its own. // B8
    pub(crate) fn counted(&self) -> (Self, EgressLedger) {
        let (http, ledger) = self.http.counted();
        let counted = Self {
            http,
            ..self.clone()
        };
        (counted, ledger)
    }

    /// Whether it answers and accepts the credentials; it says no more about itself.
    pub(crate) async fn health(
        &self,
        cancel: &CancellationToken,
    ) -> Result<SourceHealth, SourceError> {
        let nothing = self.searched(jiff::Timestamp::UNIX_EPOCH, jiff::Timestamp::UNIX_EPOCH);
        let places = Pages::new(&self.settings.search.paging, SEARCH).places(nothing);
        self.ask(
            SEARCH,
            &self.settings.search.call,
            &places,
            Purpose::Health,
            cancel,
        )
        .await?;
        Ok(SourceHealth {
            organization: self.settings.provider.clone(),
            organization_id: place_id(&self.id, &[&self.settings.api_endpoint]),
            region: String::new(),
            divisions: Vec::new(),
            granted: Vec::new(),
            missing: Vec::new(),
            excess: Vec::new(),
            person: None,
            token_lifetime_s: 0,
            encryption_at_rest: None,
        })
    }

    /// Finds every recording that fits.
    pub(crate) async fn search(
        &self,
        criteria: &SearchCriteria,
        cancel: &CancellationToken,
    ) -> SourceResult {
        let mut seen = Seen::default();
        for places in self.questions(criteria) {
            if let Err(error) = self.see(&mut seen, criteria, places, cancel).await {
                seen.gaps.push(format!("the search stopped: {error}"));
                break;
            }
        }
        seen.into_result(self.id.clone())
    }

    /// One question for each number where the recorder can be asked for one, else one for all.
    fn questions(&self, criteria: &SearchCriteria) -> Vec<Places> {
        let range = criteria.range;
        let places = self.searched(range.start_utc, range.end_utc);
        let number = |identifier: &Identifier| match identifier {
            Identifier::Phone(number) => Some(number.reveal().clone()),
            Identifier::CustomerId(_)
            | Identifier::ExternalContact(_)
            | Identifier::Conversation(_)
            | Identifier::Anyone => None,
        };
        let numbers: Option<Vec<_>> = criteria.identifiers.iter().map(number).collect();
        let can_ask = call::has_place(&self.settings.search.call, "number");
        match numbers.filter(|numbers| can_ask && !numbers.is_empty()) {
            Some(numbers) => {
                let form = |number: String| {
                    let digits = numbers::bare(&number);
                    let written = Places::default().with("number", digits);
                    let written = written.fill(&self.settings.search.number_form);
                    places.clone().with("number", written.unwrap_or(number))
                };
                numbers.into_iter().map(form).collect()
            }
            // Without a number the recorder gives every call of the range, and we choose.
            None => vec![places],
        }
    }

    fn searched(&self, from: jiff::Timestamp, to: jiff::Timestamp) -> Places {
        if self.settings.search.epoch_ms {
            let places = Places::default().with("from", from.as_millisecond());
            return places.with("to", to.as_millisecond());
        }
        let places = Places::default().with("from", format!("{from:.3}"));
        places.with("to", format!("{to:.3}"))
    }

    async fn see(
        &self,
        seen: &mut Seen,
        criteria: &SearchCriteria,
        question: Places,
        cancel: &CancellationToken,
    ) -> Result<(), SourceError> {
        let mut pages = Pages::new(&self.settings.search.paging, SEARCH);
        loop {
            let places = pages.places(question.clone());
            let call = &self.settings.search.call;
            let outgoing = self.outgoing(call, &places, Purpose::Search)?;
            seen.asked(&outgoing);
            let answer = self.send(SEARCH, &outgoing, cancel).await?;
            let entries = self.entries(&answer);
            let mut new = 0;
            for value in &entries {
                match Entry::read(value, &self.settings.fields, &self.zone) {
                    Some(entry) => {
                        new += usize::from(pages.is_new(entry.recording.as_str()));
                        let home = self.settings.fields.home.as_ref();
                        seen.found.extend(entry.found(&self.id, criteria, home));
                    }
                    None => seen.unreadable += 1,
                }
            }
            if !pages.next(&answer, entries.len(), new)? {
                break;
            }
        }
        seen.answers += 1;
        seen.missing += pages.missing();
        Ok(())
    }

    fn entries<'v>(&self, answer: &'v Value) -> Vec<&'v Value> {
        let lists = fields::at(answer, &self.settings.fields.entries).into_iter();
        let entries = lists.flat_map(|list| match list {
            Value::Array(values) => values.iter().collect(),
            Value::Object(_) => vec![list],
            _ => Vec::new(),
        });
        entries.collect()
    }

    /// Streams one recording: first what it is, then its sound. // S1-14
    pub(crate) async fn fetch_media(
        &self,
        request: &MediaRequest,
        sink: &mut impl MediaSink,
        cancel: &CancellationToken,
    ) -> Result<FetchedMedia, FetchError> {
        let entry = self.described(request, cancel).await?;
        if entry.is_deleted() {
            return Err(FetchError::Purged);
        }
        let url = self.media_url(request, &entry)?;
        let mut sniffing = Sniffing::new(sink);
        let mut download = Download::new(&self.http, None, cancel)
            .signed_in(self.signed_in.clone())
            .any_type();
        let Outcome::Complete(arrived) =
            download.run(&url, entry.size_bytes, &mut sniffing).await?
        else {
            return Err(FetchError::NotPermitted {
                reason: "the recorder refuses the sound of the recording (status 403)".to_owned(),
            });
        };
        let codec = entry.codec.as_deref().filter(|codec| !is_decodable(codec));
        let seen = sniffing.finish(codec).await?;
        let duration_ms = entry.duration_ms();
        Ok(FetchedMedia {
            // What it is, not what it is called. // S1-33
            content_type: seen
                .content_type()
                .unwrap_or(&arrived.content_type)
                .to_owned(),
            size_bytes: arrived.size_bytes,
            reported_duration_ms: duration_ms,
            attempts: arrived.attempts,
            timeline: AudioTimeline::new(entry.start_utc, Vec::new()).lasting(duration_ms),
            already_redacted: None,
            host: arrived.host,
            link: None,
        })
    }

    async fn described(
        &self,
        request: &MediaRequest,
        cancel: &CancellationToken,
    ) -> Result<Entry, SourceError> {
        let call = &self.settings.media.describe;
        let places = places_of(request);
        let answer = self
            .ask(DESCRIBE, call, &places, Purpose::Metadata, cancel)
            .await?;
        let read = |value| Entry::read(value, &self.settings.fields, &self.zone);
        let mut entries = self.entries(&answer).into_iter().filter_map(read);
        let entry = entries.find(|it| it.recording == request.recording);
        entry.ok_or(SourceError::NotFound {
            operation: DESCRIBE,
        })
    }

    /// The address of the sound; credentials go to no other host than the recorder's. // S1-41
    /// The recording of this id; `None` when the recorder does not know it.
    pub(crate) async fn locate(
        &self,
        reference: &str,
        cancel: &CancellationToken,
    ) -> Result<Option<Place>, SourceError> {
        let (Ok(conversation), Ok(recording)) =
            (ConversationId::new(reference), RecordingId::new(reference))
        else {
            return Ok(None);
        };
        let request = MediaRequest {
            conversation,
            recording,
            communication: None,
            format: MediaFormat::Wav,
        };
        let described = none_if_absent(self.described(&request, cancel).await)?;
        Ok(described.map(|entry| entry.place(&self.id)))
    }

    fn media_url(&self, request: &MediaRequest, entry: &Entry) -> Result<Url, FetchError> {
        if let Some(path) = &self.settings.media.path {
            return Ok(call::address(&self.base, path, &places_of(request))?);
        }
        let refused = |reason: &str| FetchError::Unavailable {
            reason: reason.to_owned(),
            retry: false,
        };
        let media = entry.media.as_deref();
        let media = media.ok_or_else(|| refused("its description names no address"))?;
        let url = self.base.join(media);
        let url = url.map_err(|_| refused("its media address is malformed"))?;
        if url.origin() != self.base.origin() {
            return Err(refused("its media address is on another host"));
        }
        Ok(url)
    }

    fn outgoing(
        &self,
        call: &Call,
        places: &Places,
        purpose: Purpose,
    ) -> Result<Outgoing, SourceError> {
        Ok(call::outgoing(
            &self.base,
            call,
            places,
            &self.signed_in,
            purpose,
        )?)
    }

    async fn ask(
        &self,
        operation: &'static str,
        call: &Call,
        places: &Places,
        purpose: Purpose,
        cancel: &CancellationToken,
    ) -> Result<Value, SourceError> {
        let outgoing = self.outgoing(call, places, purpose)?;
        self.send(operation, &outgoing, cancel).await
    }

    async fn send(
        &self,
        operation: &'static str,
        outgoing: &Outgoing,
        cancel: &CancellationToken,
    ) -> Result<Value, SourceError> {
        let answer = self
            .http
            .send(outgoing, Some(&self.limiter), cancel)
            .await?;
        call::accept(operation, &host_of(&self.base), &answer)
    }
}

fn places_of(request: &MediaRequest) -> Places {
    let places = Places::default().with("recording", &request.recording);
    places.with("call", &request.conversation)
}

/// Codecs whose files have no need of a header to be known: none; these at least are decoded when they have one.
fn is_decodable(codec: &str) -> bool {
    let name = codec.to_ascii_uppercase().replace(['.', '-', '_', ' '], "");
    ["G711", "PCM", "ULAW", "MULAW", "ALAW", "MP3", "OPUS"]
        .iter()
        .any(|known| name.contains(known))
}

fn signed_in(
    settings: &RestSettings,
    secret: &Secret<String>,
) -> Result<HeaderMap, LegacyConfigError> {
    let text = match settings.auth_type {
        AuthType::Basic => {
            let pair = format!("{}:{}", settings.username, secret.reveal());
            Some(format!("Basic {}", base64(pair.as_bytes())))
        }
        AuthType::Bearer => Some(format!("Bearer {}", secret.reveal())),
        AuthType::ClientCertificate => None,
    };
    let mut headers = HeaderMap::new();
    if let Some(text) = text {
        let mut value = HeaderValue::from_str(&text).map_err(|_| LegacyConfigError::Secret)?;
        value.set_sensitive(true);
        headers.insert(header::AUTHORIZATION, value);
    }
    Ok(headers)
}

fn base64(bytes: &[u8]) -> String {
    use ::base64::{Engine, engine::general_purpose::STANDARD};
    STANDARD.encode(bytes)
}
