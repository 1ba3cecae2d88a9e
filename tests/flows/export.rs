//! The eDiscovery export against the sandbox: what a court is handed, and what trouble leaves of it.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
    process::Command,
};

use evidence::{
    export_csv::{CustodyLine, read_custody},
    export_names::id_of,
    format::{ExportManifestFile, ExportMetadataFile, ExportReportFile, PackageFile, list_digest},
    hashing::sha256,
};
use sandbox::{SandboxOptions, scenario::Scenario};
use services::{
    api::*,
    export::{ExportRequest, ExportStep, Exported, LocalTimes, export_recordings},
};
use tokio_util::sync::CancellationToken;

use super::{egress::details, support::Desk};

mod again;
mod at_desk;
mod bag;
mod completeness;
mod trouble;
mod upload;

/// Two of the sandbox's days with calls, so that a test searches no longer than it must.
const DAYS: (&str, &str) = ("2026-03-02T00:00", "2026-03-06T00:00");

fn request(desk: &Desk, query: &str) -> ExportRequest {
    ExportRequest {
        query: query.to_owned(),
        local: Some(LocalTimes {
            from: DAYS.0.to_owned(),
            until: DAYS.1.to_owned(),
            zone: "Europe/London".to_owned(),
        }),
        out: desk.dir.path().join("set"),
        load_file: false,
        bag: false,
        approval: None,
        accept_partial: None,
        compare: None,
        at_once: 4,
    }
}

async fn exported(desk: &Desk, request: &ExportRequest) -> Result<Exported, ApiError> {
    export_recordings(&desk.app, request, &|_| (), &CancellationToken::new()).await
}

async fn export(desk: &Desk, request: &ExportRequest) -> Result<ExportReportFile, ApiError> {
    exported(desk, request).await.map(|it| it.report)
}

async fn desk_under(scenario: Scenario) -> Desk {
    Desk::with(SandboxOptions {
        scenario,
        ..SandboxOptions::default()
    })
    .await
}

/// Every file of the set with its bytes; our own folder is not part of it.
fn files(set: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = fs::read_dir(set).unwrap().map(Result::unwrap);
    let files = entries.filter(|it| it.path().is_file());
    files
        .map(|it| {
            (
                it.file_name().into_string().unwrap(),
                fs::read(it.path()).unwrap(),
            )
        })
        .collect()
}

fn custody(set: &Path) -> Vec<CustodyLine> {
    read_custody(&fs::read(set.join("chain_of_custody.csv")).unwrap()).unwrap()
}

fn manifest(set: &Path) -> ExportManifestFile {
    ExportManifestFile::from_bytes(&fs::read(set.join("manifest.json")).unwrap()).unwrap()
}

/// What must hold of every export, however it went: files and CSV name each other, digests are right, the
/// counts add up, nothing half-written is there.
fn assert_sound(set: &Path, report: &ExportReportFile) {
    let (files, lines) = (files(set), custody(set));
    let audio = |name: &&String| {
        Path::new(name).extension().is_some_and(|it| {
            ["wav", "mp3", "ogg", "webm"]
                .iter()
                .any(|known| it == *known)
        })
    };
    // S2-38
    let named: BTreeSet<_> = lines.iter().map(|it| &it.file_name).collect();
    assert_eq!(named, files.keys().filter(audio).collect());
    assert_eq!(named.len(), lines.len());
    for line in &lines {
        let bytes = &files[&line.file_name];
        assert_eq!(sha256(bytes), line.sha256);
        let (stem, _) = line.file_name.rsplit_once('.').unwrap();
        assert_eq!(id_of(stem).as_deref(), Some(line.recording_id.as_str()));
        let metadata = ExportMetadataFile::from_bytes(&files[&format!("{stem}.json")]).unwrap();
        assert_eq!(metadata.file_hash, line.sha256.to_string());
        assert_eq!(metadata.downloaded_at_utc, line.download_timestamp);
        assert_eq!(metadata.size_bytes, bytes.len() as u64);
    }
    let manifest = manifest(set);
    assert!(report.counts.add_up(), "{report:?}");
    assert_eq!(report.counts.found, manifest.recordings.len() as u64);
    assert_eq!(
        manifest.list_hash,
        list_digest(&manifest.recordings).to_string()
    );
    assert!(!files.keys().any(|name| name.ends_with(".partial")));
    sha256sum_accepts(set, lines.len());
}

/// S2-28: the sidecars are checked by the tool that everybody has.
fn sha256sum_accepts(set: &Path, count: usize) {
    let names = files(set).into_keys();
    let sidecars: Vec<_> = names.filter(|name| name.ends_with(".sha256")).collect();
    assert_eq!(sidecars.len(), count);
    if sidecars.is_empty() {
        return;
    }
    let mut check = Command::new("sha256sum");
    let checked = check.args(["-c", "--strict", "--"]).args(&sidecars);
    let output = checked.current_dir(set).output().unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

/// S2-10, S2-14, S2-18, S2-31, S2-35: the set of a query, from the list to the last column.
#[tokio::test(flavor = "multi_thread")]
async fn a_query_becomes_a_set_that_anybody_can_check() {
    let desk = Desk::new().await;
    let request = request(&desk, "*");
    let report = export(&desk, &request).await.unwrap();
    assert_sound(&request.out, &report);
    assert!(report.counts.retrieved > 0, "{report:?}");
    let manifest = manifest(&request.out);
    assert_eq!(manifest.query.text, "*");
    assert_eq!(
        manifest.query.used,
        "timestamp:[2026-03-02T00:00:00.000Z TO 2026-03-05T23:59:59.999Z]"
    );
    // S3-43
    assert_eq!(manifest.batches.len(), 4);
    assert!(manifest.batches.iter().all(|it| !it.requests.is_empty()));
    let order: Vec<_> = manifest
        .recordings
        .iter()
        .map(|it| &it.start_timestamp)
        .collect();
    assert!(order.is_sorted());
    let someone = manifest
        .recordings
        .iter()
        .all(|it| !it.participants.is_empty());
    assert!(someone, "the source names who was on a call");
    let exporter = desk.sandbox.credentials().client_id;
    for line in custody(&request.out) {
        assert_eq!(
            (line.query.as_str(), line.exporter.as_str()),
            ("*", exporter)
        );
    }
    desk.app.close().await;
}

/// S2-09, S2-13: each field narrows what is found, and AND means both.
#[tokio::test(flavor = "multi_thread")]
async fn clauses_narrow_what_is_found() {
    let desk = Desk::new().await;
    let all = request(&desk, "*");
    export(&desk, &all).await.unwrap();
    let everything = manifest(&all.out).recordings;
    let one = &everything[0];
    let agent = one
        .participants
        .iter()
        .find(|it| it.role == "agent")
        .unwrap();
    let (agent_id, part) = (
        agent.id.clone().unwrap(),
        agent.participant_id.clone().unwrap(),
    );
    let fits = |test: &dyn Fn(&evidence::format::ListedRecording) -> bool| {
        everything.iter().filter(|it| test(it)).count()
    };
    let cases = [
        (
            format!(r#"conversationId:"{}""#, one.conversation_id),
            fits(&|it| it.conversation_id == one.conversation_id),
        ),
        (
            format!(r#"queueId:"{}""#, one.queues[0]),
            fits(&|it| it.queues.contains(&one.queues[0])),
        ),
        (
            format!(r#"agentId:"{agent_id}""#),
            fits(&|it| {
                it.participants
                    .iter()
                    .any(|p| p.id.as_ref() == Some(&agent_id))
            }),
        ),
        (format!(r#"participantId:"{part}""#), 1),
        (
            format!(
                r#"conversationId:"{}" AND phone:"+15550001111""#,
                one.conversation_id
            ),
            0,
        ),
    ];
    for (at, (query, expected)) in cases.into_iter().enumerate() {
        let mut narrow = request(&desk, &query);
        narrow.out = desk.dir.path().join(format!("narrow-{at}"));
        let report = export(&desk, &narrow).await.unwrap();
        assert_eq!(report.counts.found, expected as u64, "{query}");
        assert_sound(&narrow.out, &report);
        if expected == 0 {
            // What was returned and does not fit is counted, never dropped.
            assert!(report.excluded > 0);
        }
    }
    desk.app.close().await;
}

/// S2-18: when the first byte comes, the list is on the disk.
#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_downloaded_before_the_list_is_kept() {
    let desk = Desk::new().await;
    let request = request(&desk, "*");
    let cancel = CancellationToken::new();
    let set = request.out.clone();
    let step = |step| {
        if let ExportStep::Listed { found, .. } = step {
            assert_eq!(manifest(&set).recordings.len() as u64, found);
            assert_eq!(files(&set).len(), 1);
            cancel.cancel();
        }
    };
    let stopped = export_recordings(&desk.app, &request, &step, &cancel).await;
    assert_eq!(stopped.unwrap_err().code, ErrorCode::Cancelled);
    assert_eq!(files(&request.out).len(), 1);
    let log = desk.log().await;
    assert!(log.iter().any(|it| it.action == "EXPORT_LISTED"));
    assert_eq!(log.last().unwrap().action, "EGRESS");
    assert!(log.iter().any(|it| it.action == "EXPORT_STOPPED"));
    desk.app.close().await;
}

fn report_of(set: &Path) -> ExportReportFile {
    ExportReportFile::from_bytes(&fs::read(set.join("report.json")).unwrap()).unwrap()
}

fn write(path: &Path, bytes: &[u8]) {
    use std::io::Write;
    fs::File::create(path).unwrap().write_all(bytes).unwrap();
}

/// A folder belongs to one query, and to exports alone.
#[tokio::test(flavor = "multi_thread")]
async fn a_folder_of_something_else_is_refused() {
    let desk = Desk::new().await;
    let first = request(&desk, "*");
    export(&desk, &first).await.unwrap();
    for other in [
        request(&desk, r#"queueId:"q""#),
        ExportRequest {
            bag: true,
            ..first.clone()
        },
    ] {
        let refused = export(&desk, &other).await.unwrap_err();
        assert_eq!(refused.code, ErrorCode::InvalidInput, "{refused}");
    }
    let mut elsewhere = first.clone();
    elsewhere.out = desk.dir.path().join("letters");
    fs::create_dir(&elsewhere.out).unwrap();
    write(&elsewhere.out.join("letter.txt"), b"Dear Madam");
    let refused = export(&desk, &elsewhere).await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::InvalidInput, "{refused}");
    assert_eq!(files(&elsewhere.out).len(), 1);
    desk.app.close().await;
}

/// S0-22, S0-64: the log tells who exported how much, and never by which words.
#[tokio::test(flavor = "multi_thread")]
async fn the_log_has_counts_and_no_words() {
    let desk = Desk::new().await;
    let request = request(&desk, r#"phone:"+447700900123""#);
    let report = export(&desk, &request).await.unwrap();
    let log = desk.log().await;
    let entry = |action: &str| log.iter().find(|it| it.action == action).unwrap();
    assert_eq!(entry("EXPORT_STARTED").actor, "ann");
    let finished = details(entry("EXPORT_FINISHED"));
    assert_eq!(finished["found"], report.counts.found.to_string());
    assert!(log.iter().any(|it| details(it)["work"] == "export"));
    for entry in &log {
        assert!(!entry.json.contains("447700900123"), "{}", entry.json);
    }
    desk.sign_in("eve", RoleName::Auditor).await;
    let refused = export(&desk, &request).await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::NotPermitted);
    desk.app.close().await;
}
