//! The ledger of what leaves this machine, against what the other side counted. // B8

use std::collections::BTreeMap;

use connectors::http::EgressEntry;
use sandbox::Sandbox;

use super::support::{MemorySink, rig};

/// Bytes to and from each host.
type PerHost = BTreeMap<String, (u64, u64)>;

fn from_ledger(entries: &[EgressEntry]) -> PerHost {
    let mut hosts = PerHost::new();
    for entry in entries {
        let sums = hosts.entry(entry.host.clone()).or_default();
        sums.0 += entry.sent_bytes;
        sums.1 += entry.received_bytes;
    }
    hosts
}

fn on_the_wire(sandbox: &Sandbox) -> PerHost {
    let host = |url: &str| url.trim_start_matches("http://").to_owned();
    let traffic = sandbox.traffic().into_iter();
    traffic
        .map(|it| (host(&it.url), (it.received_bytes, it.sent_bytes)))
        .collect()
}

#[tokio::test]
async fn the_ledger_has_every_byte_of_the_wire() {
    let rig = rig().await;
    rig.source.health(&rig.cancel).await.unwrap();
    let (media, sink) = rig.fetch("call-03").await;
    let timeline = media.unwrap().timeline;
    let request = rig.request("call-03").await;
    let transcript = rig.source.transcript(&request, &timeline, &rig.cancel);
    assert!(transcript.await.unwrap().is_some());
    let ledger = from_ledger(&rig.http.egress());
    assert_eq!(ledger, on_the_wire(&rig.sandbox));
    assert_eq!(ledger.len(), 3, "login, API and storage");
    assert!(ledger.values().any(|it| it.1 > sink.bytes.len() as u64));
}

#[tokio::test]
async fn each_job_counts_its_own_and_the_whole_counts_all() {
    let rig = rig().await;
    let request = rig.request("call-03").await;
    let before = from_ledger(&rig.http.egress());
    let (first, of_first) = rig.source.counted();
    let (second, of_second) = rig.source.counted();
    let mut sink = MemorySink::default();
    let (first, second) = tokio::join!(
        first.fetch_media(&request, &mut sink, &rig.cancel),
        second.health(&rig.cancel),
    );
    let hosts = from_ledger(&of_first.entries()).len();
    assert_eq!(hosts, 2, "API and storage: the token is shared");
    first.unwrap();
    second.unwrap();
    let mut sum = before;
    for part in [of_first, of_second] {
        for (host, (sent, received)) in from_ledger(&part.entries()) {
            let entry = sum.entry(host).or_default();
            *entry = (entry.0 + sent, entry.1 + received);
        }
    }
    assert_eq!(sum, from_ledger(&rig.http.egress()));
}
