//! Review and approval in the window, and what is heard meanwhile.

use std::path::PathBuf;

use serde_json::{Value, json};

use crate::{
    driver::Window,
    extract::Wave,
    page::Page,
    screens,
    sound::{Heard, correlation, level},
    waiting::SOON,
};

/// Sound before and after the span that is listened to; the first part finds the stretch again.
const AROUND_MS: u64 = 2_000;
/// Fades lie outside a span and are this long at most; the filter of the playback needs a little too.
const EDGE_MS: u64 = 25;

/// The case and the numbers of its calls.
pub(crate) struct CallsOfCase {
    pub(crate) case_id: String,
    pub(crate) numbers: Vec<u64>,
}

/// A stretch around a redacted span, as the loudspeaker got it.
pub(crate) struct Played {
    pub(crate) call: u64,
    from_ms: u64,
    to_ms: u64,
    /// All spans of the call that are replaced.
    replaced: Vec<(u64, u64)>,
    redacted: PathBuf,
    original: PathBuf,
}

/// Decides every span of every call; listens to one of the first call.
pub(crate) async fn review_all(window: &Window, calls: &CallsOfCase) -> Played {
    let page = &window.page;
    for &call in &calls.numbers {
        page.go(&format!("#/review/{}/{call}", calls.case_id)).await;
        page.see("play-span").await;
        if call == calls.numbers[0] {
            screens::take(page, "review").await;
            keep_one_with_a_reason(page).await;
        }
        redact_what_is_open(page).await;
        page.assert_no_problems(&format!("decisions of call {call}"))
            .await;
        page.click("finish-call").await;
        page.until("the review is finished", SOON, async || {
            page.all("finish-call").await.is_empty().then_some(())
        })
        .await;
    }
    listen(window, calls).await
}

/// What can never be kept, so that K is pressed on something else.
const ALWAYS_REMOVED: [&str; 5] = ["CREDIT_CARD", "CARD_EXPIRY", "CVV", "PIN", "PASSWORD"];

/// Key K keeps the span in hand for the chosen reason.
async fn keep_one_with_a_reason(page: &Page) {
    let not = ALWAYS_REMOVED
        .map(|entity| format!(":not([data-entity={entity}])"))
        .concat();
    page.click("queue-review").await;
    page.click(&format!("[data-testid=span-row]{not}")).await;
    page.choose("keep-reason", "requestor_own_data").await;
    let kept = count(page, "queue-keep").await;
    press_in_review(page, 'k').await;
    page.until("the span is kept", SOON, async || {
        (count(page, "queue-keep").await == kept + 1).then_some(())
    })
    .await;
    page.click("queue-keep").await;
    screens::take(page, "review-kept").await;
}

/// The keys of the review act while the focus is inside.
async fn press_in_review(page: &Page, key: char) {
    page.run("document.querySelector('section.review').focus();", vec![])
        .await;
    page.press(key).await;
}

/// Key R redacts the span in hand and goes on to the next, until nothing is open.
async fn redact_what_is_open(page: &Page) {
    loop {
        let open = count(page, "queue-review").await;
        if open == 0 {
            return;
        }
        page.click("queue-review").await;
        page.click("span-row").await;
        press_in_review(page, 'r').await;
        page.until("the span is decided", SOON, async || {
            (count(page, "queue-review").await < open).then_some(())
        })
        .await;
    }
}

/// How many spans a tab of the queue has.
async fn count(page: &Page, tab: &str) -> usize {
    let text = page.text(tab).await;
    let number = text
        .split_whitespace()
        .last()
        .and_then(|word| word.parse().ok());
    number.unwrap_or_else(|| panic!("the tab counts its spans: {text}"))
}

/// A second person approves every call.
pub(crate) async fn approve_all(page: &Page, calls: &CallsOfCase) {
    for &call in &calls.numbers {
        page.go(&format!("#/review/{}/{call}", calls.case_id)).await;
        page.see("approve-call").await;
        if call == calls.numbers[0] {
            screens::take(page, "approve").await;
        }
        page.click("approve-call").await;
        page.until("the call is approved", SOON, async || {
            page.all("approve-call").await.is_empty().then_some(())
        })
        .await;
    }
}

/// Plays a redacted span with its surroundings, redacted and original.
async fn listen(window: &Window, calls: &CallsOfCase) -> Played {
    let (page, call) = (&window.page, calls.numbers[0]);
    let request = json!({ "case_id": calls.case_id, "call": call });
    let view = page.ask("get_review", request).await;
    let spans = view["spans"].as_array().unwrap();
    let replaced: Vec<_> = spans
        .iter()
        .filter(|it| it["decision"] != "keep")
        .map(range)
        .collect();
    let target = replaced.iter().find(|span| has_room(span, &replaced));
    let &(start_ms, end_ms) = target.expect("a span with speech before it");
    let (from_ms, to_ms) = (start_ms - AROUND_MS, end_ms + AROUND_MS);
    follow_playback(page).await;
    let play = async |mode: &str| {
        let request = json!({
            "case_id": calls.case_id, "call": call, "from_ms": from_ms, "to_ms": to_ms,
            "mode": mode, "channel": null, "speed": 1.0,
        });
        record(window, request).await
    };
    let redacted = play("redacted").await;
    let original = play("original").await;
    Played {
        call,
        from_ms,
        to_ms,
        replaced,
        redacted,
        original,
    }
}

fn range(span: &Value) -> (u64, u64) {
    (
        span["start_ms"].as_u64().unwrap(),
        span["end_ms"].as_u64().unwrap(),
    )
}

/// Whether nothing else is replaced shortly before, by which the stretch is found again.
fn has_room(&(start_ms, _): &(u64, u64), replaced: &[(u64, u64)]) -> bool {
    start_ms > AROUND_MS
        && replaced
            .iter()
            .all(|&(start, end)| start >= start_ms || end + AROUND_MS + EDGE_MS < start_ms)
}

/// Keeps the playback events of the core.
async fn follow_playback(page: &Page) {
    let script = "const done = arguments[arguments.length - 1];
        window.__played = [];
        const inner = window.__TAURI_INTERNALS__;
        const handler = inner.transformCallback(({ payload }) => {
            if (payload.kind === 'playback') window.__played.push(payload);
        });
        inner.invoke('plugin:event|listen', { event: 'sar-event', target: { kind: 'Any' }, handler })
            .then(done, done);";
    page.client.execute_async(script, vec![]).await.unwrap();
}

/// Plays and returns what the loudspeaker wrote, once the core says that it ended.
async fn record(window: &Window, request: Value) -> PathBuf {
    let (page, loudspeaker) = (&window.page, &window.loudspeaker);
    page.ask("stop_audio", json!({})).await;
    page.run("window.__played.length = 0;", vec![]).await;
    let before = loudspeaker.recordings();
    let (from_ms, to_ms) = (
        request["from_ms"].as_u64(),
        request["to_ms"].as_u64().unwrap(),
    );
    page.ask("play_audio", request).await;
    let last = page
        .until("the end of the playback", SOON, async || {
            let events = page.run("return window.__played;", vec![]).await;
            let last = events.as_array()?.last()?.clone();
            assert!(
                events
                    .as_array()?
                    .iter()
                    .all(|it| it["position_ms"].as_u64() >= from_ms)
            );
            (last["playing"] == false).then_some(last)
        })
        .await;
    let position_ms = last["position_ms"].as_u64().unwrap();
    assert!(
        position_ms.abs_diff(to_ms) <= 1,
        "ends at {to_ms} ms, not at {position_ms} ms"
    );
    page.ask("stop_audio", json!({})).await;
    let new = &loudspeaker.recordings() - &before;
    new.into_iter()
        .max_by_key(|path| path.metadata().unwrap().len())
        .expect("something was played")
}

/// Outside spans, both playbacks sound like the delivered call; inside, the redacted one is silent and
/// the original one is speech that is not in the delivered call.
pub(crate) fn assert_heard_what_is_delivered(played: &Played, delivered: &Wave) {
    let rate = u64::from(delivered.rate_hz);
    let frame = |ms: u64| usize::try_from(ms * rate / 1_000).unwrap();
    let whole = delivered.both_channels();
    let expected = &whole[frame(played.from_ms)..frame(played.to_ms)];
    let alike = frame(AROUND_MS - EDGE_MS);
    let redacted = Heard::find(&played.redacted, expected, alike, delivered.rate_hz);
    let original = Heard::find(&played.original, expected, alike, delivered.rate_hz);
    let part = |samples: &[f64], is_inside: bool| -> Vec<f64> {
        let edge = if is_inside { 0 } else { EDGE_MS };
        let is_replaced = |ms: u64| {
            played
                .replaced
                .iter()
                .any(|&(start, end)| start <= ms + edge && ms < end + edge)
        };
        let at = |index: usize| played.from_ms + index as u64 * 1_000 / rate;
        let samples = samples.iter().enumerate();
        samples
            .filter(|(index, _)| is_replaced(at(*index)) == is_inside)
            .map(|(_, it)| *it)
            .collect()
    };
    for heard in [&redacted, &original] {
        let same = correlation(&part(heard.samples(), false), &part(expected, false));
        assert!(
            same > 0.99,
            "outside spans it sounds like the delivered call: {same}"
        );
    }
    let (hidden, spoken) = (
        part(redacted.samples(), true),
        part(original.samples(), true),
    );
    assert!(
        level(&spoken) > 50.0,
        "the original speaks in the span: {}",
        level(&spoken)
    );
    assert!(
        level(&hidden) < level(&spoken) / 20.0,
        "nothing of it is heard: {}",
        level(&hidden)
    );
    let leaked = correlation(&part(expected, true), &spoken).abs();
    assert!(
        leaked < 0.2,
        "the delivered call holds none of it: {leaked}"
    );
}
