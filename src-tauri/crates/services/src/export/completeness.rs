//! Compares the list with what the second way showed, call by call. A pure function of what was kept, so that
//! every run writes the same bytes. // B9

use std::collections::{BTreeMap, BTreeSet};

use evidence::format::{
    ComparedRoutes, CompletenessFile, DayCount, ExcludedCount, ExportCounts, ExportManifestFile,
    ExportSource, RouteDifference,
};

use super::routes::{SecondRoute, SeenCall};

/// What an export says about its completeness.
pub(super) fn completeness(
    manifest: &ExportManifestFile,
    routes: &[SecondRoute],
    counts: ExportCounts,
) -> CompletenessFile {
    let mut compared = Vec::new();
    let mut days = Vec::new();
    let mut differences = Vec::new();
    for source in &manifest.sources {
        let route = routes.iter().find(|it| it.source == source.source);
        let comparison = Comparison::new(manifest, source, route);
        compared.push(comparison.routes());
        days.extend(comparison.days());
        differences.extend(comparison.differences());
    }
    let verdict = CompletenessFile::verdict_of(&compared, &differences);
    let excluded = excluded(manifest);
    CompletenessFile {
        v: 1,
        list_hash: manifest.list_hash.clone(),
        statement: statement(counts, &excluded, verdict, &differences),
        verdict: verdict.to_owned(),
        counts,
        excluded,
        routes: compared,
        days,
        differences,
    }
}

fn excluded(manifest: &ExportManifestFile) -> Vec<ExcludedCount> {
    let mut reasons = BTreeMap::<&str, u64>::new();
    for it in &manifest.excluded {
        *reasons.entry(&it.reason).or_default() += 1;
    }
    let counted = |(reason, count): (&str, u64)| ExcludedCount {
        reason: reason.to_owned(),
        count,
    };
    reasons.into_iter().map(counted).collect()
}

/// "Found N, excluded M because, purged K", and whether a second way agrees.
fn statement(
    counts: ExportCounts,
    excluded: &[ExcludedCount],
    verdict: &str,
    differences: &[RouteDifference],
) -> String {
    let ExportCounts {
        found,
        retrieved,
        purged,
        corrupted,
        unsupported,
        unavailable,
    } = counts;
    let left_out: Vec<_> = excluded
        .iter()
        .map(|it| format!("; excluded {} because {}", it.count, it.reason))
        .collect();
    let open = differences.iter().filter(|it| !it.explained).count();
    let second = match verdict {
        "agree" => "a second way through every source shows the same calls".to_owned(),
        "differ" => format!("a second way shows {open} differences that nothing explains"),
        _ => "no second way through every source was possible".to_owned(),
    };
    format!(
        "Found {found}: retrieved {retrieved}, purged {purged}, corrupted {corrupted}, unsupported {unsupported}, unavailable {unavailable}{}; {second}.",
        left_out.concat()
    )
}

/// A call of the list.
struct ListedCall {
    day: String,
    queues: BTreeSet<String>,
}

/// One source, both ways.
struct Comparison<'a> {
    source: &'a str,
    route: Option<&'a SecondRoute>,
    listed: BTreeMap<&'a str, ListedCall>,
    /// Recorded calls only.
    second: BTreeMap<&'a str, &'a SeenCall>,
    /// Why a conversation is not in the list.
    excluded: BTreeMap<&'a str, &'a str>,
}

impl<'a> Comparison<'a> {
    fn new(
        manifest: &'a ExportManifestFile,
        source: &'a ExportSource,
        route: Option<&'a SecondRoute>,
    ) -> Self {
        let source = source.source.as_str();
        let seen = route.into_iter().flat_map(|it| &it.calls);
        // One that is not marked as recorded may have been: only a clear no is no.
        let second: BTreeMap<_, _> = seen
            .filter(|it| it.is_recorded != Some(false))
            .map(|it| (it.conversation_id.as_str(), it))
            .collect();
        let mut listed = BTreeMap::new();
        for it in manifest.recordings.iter().filter(|it| it.source == source) {
            let id = it.conversation_id.as_str();
            // Where both ways know the call, it counts on the same day in both.
            let start = second
                .get(id)
                .map_or(&it.start_timestamp, |it| &it.start_utc);
            let call = listed.entry(id).or_insert_with(|| ListedCall {
                day: day(start),
                queues: BTreeSet::new(),
            });
            call.queues.extend(it.queues.iter().cloned());
        }
        let excluded = manifest.excluded.iter().filter(|it| it.source == source);
        let excluded = excluded
            .map(|it| (it.conversation_id.as_str(), it.reason.as_str()))
            .collect();
        Self {
            source,
            route,
            listed,
            second,
            excluded,
        }
    }

    fn why_not(&self) -> Option<&str> {
        match self.route {
            None => Some("the list was made by a version that had no second way"),
            Some(route) => route.not_performed.as_deref(),
        }
    }

    fn until(&self) -> Option<&str> {
        self.route.and_then(|it| it.until_utc.as_deref())
    }

    fn routes(&self) -> ComparedRoutes {
        let in_both = self
            .second
            .keys()
            .filter(|id| self.listed.contains_key(*id));
        ComparedRoutes {
            source: self.source.to_owned(),
            second: self.route.map_or("none", |it| &it.route).to_owned(),
            performed: match self.why_not() {
                None => "performed".to_owned(),
                Some(why) => format!("not performed: {why}"),
            },
            compared_until_utc: self.until().map(str::to_owned),
            requests: self.route.map(|it| it.requests.clone()).unwrap_or_default(),
            in_list: self.listed.len() as u64,
            in_second: self.second.len() as u64,
            in_both: in_both.count() as u64,
        }
    }

    fn days(&self) -> Vec<DayCount> {
        let is_performed = self.why_not().is_none();
        let mut counts = BTreeMap::<(String, Option<String>), (u64, u64)>::new();
        for call in self.listed.values() {
            for key in keys(&call.day, &call.queues) {
                counts.entry(key).or_default().0 += 1;
            }
        }
        for call in self.second.values() {
            for key in keys(&day(&call.start_utc), &call.queues) {
                counts.entry(key).or_default().1 += 1;
            }
        }
        let line =
            |((day, queue), (in_list, in_second)): ((String, Option<String>), (u64, u64))| {
                DayCount {
                    source: self.source.to_owned(),
                    day,
                    queue,
                    in_list,
                    in_second: is_performed.then_some(in_second),
                }
            };
        counts.into_iter().map(line).collect()
    }

    fn differences(&self) -> Vec<RouteDifference> {
        if self.why_not().is_some() {
            return Vec::new();
        }
        let only_second = self
            .second
            .iter()
            .filter(|(id, _)| !self.listed.contains_key(*id));
        let only_second = only_second.map(|(id, call)| {
            let (explanation, explained) = self.missing_in_list(id, call);
            self.difference(id, &day(&call.start_utc), "second", explanation, explained)
        });
        let only_list = self
            .listed
            .iter()
            .filter(|(id, _)| !self.second.contains_key(*id));
        let only_list = only_list.filter_map(|(id, call)| {
            // The second way ends early, where the list already comes from it.
            let is_compared = self.until().is_none_or(|until| call.day < day(until));
            let why = "the second way does not show the call, or not as recorded".to_owned();
            is_compared.then(|| self.difference(id, &call.day, "list", why, false))
        });
        only_second.chain(only_list).collect()
    }

    fn missing_in_list(&self, id: &str, call: &SeenCall) -> (String, bool) {
        if let Some(reason) = self.excluded.get(id) {
            return (format!("excluded from the list: {reason}"), true);
        }
        let why = match call.is_recorded {
            Some(true) => {
                "the call was recorded and the list has no recording of it: deleted, in a division that is not visible, or lost by the search"
            }
            _ => "the source does not say whether the call was recorded",
        };
        (why.to_owned(), false)
    }

    fn difference(
        &self,
        id: &str,
        day: &str,
        seen_by: &str,
        explanation: String,
        explained: bool,
    ) -> RouteDifference {
        RouteDifference {
            source: self.source.to_owned(),
            conversation_id: id.to_owned(),
            day: day.to_owned(),
            seen_by: seen_by.to_owned(),
            explanation,
            explained,
        }
    }
}

/// The line of the day, and one for each queue.
fn keys<'q>(
    day: &str,
    queues: impl IntoIterator<Item = &'q String>,
) -> Vec<(String, Option<String>)> {
    let queues = queues.into_iter().map(|it| Some(it.clone()));
    let all = std::iter::once(None).chain(queues);
    all.map(|queue| (day.to_owned(), queue)).collect()
}

/// `2026-03-02T09:14:05.000Z` as `2026-03-02`.
fn day(instant: &str) -> String {
    instant.get(..10).unwrap_or_default().to_owned()
}
