//! A desk for tests: the real core on a temporary folder, connected to a running sandbox.

use std::{path::PathBuf, time::Duration};

use domain::sensitive::Secret;
use sandbox::{Credentials, Sandbox, SandboxOptions};
use services::{
    api::*,
    app::{App, AppOptions, HttpOptions, system_clock},
};
use store::KeySource;
use tempfile::TempDir;

/// How long a background step may take before a test gives up.
const PATIENCE: Duration = Duration::from_secs(120);

/// A desk with everything it needs. Dropping it removes the folder.
pub(crate) struct Desk {
    pub(crate) app: App,
    pub(crate) sandbox: Sandbox,
    pub(crate) dir: TempDir,
}

impl Desk {
    /// A desk with a case worker signed in and the sandbox connected.
    pub(crate) async fn new() -> Self {
        Self::with(SandboxOptions::default()).await
    }

    pub(crate) async fn with(options: SandboxOptions) -> Self {
        let desk = Self::unconnected_with(options).await;
        desk.connect().await;
        desk
    }

    /// A desk with a case worker signed in and no source.
    pub(crate) async fn unconnected() -> Self {
        Self::unconnected_with(SandboxOptions::default()).await
    }

    pub(crate) async fn unconnected_with(options: SandboxOptions) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let sandbox = Sandbox::start(options).await.expect("the sandbox starts");
        let app = open_app(dir.path().to_owned()).await;
        let desk = Self { app, sandbox, dir };
        desk.sign_in("ann", RoleName::CaseWorker).await;
        desk
    }

    pub(crate) async fn connect(&self) {
        let urls = self.sandbox.urls();
        services::connect_sandbox(
            &self.app,
            &urls.api_url,
            &urls.login_url,
            &urls.media_url,
            self.sandbox.credentials().client_id,
            Secret::new(self.sandbox.credentials().client_secret.to_owned()),
        )
        .await
        .expect("the sandbox accepts its own client");
    }

    pub(crate) async fn sign_in(&self, person: &str, role: RoleName) {
        let request = SignInReq {
            person_id: person.to_owned(),
            role,
        };
        services::sign_in(&self.app, request).await.unwrap();
    }

    /// A verified case of the demo subject, ready to search.
    pub(crate) async fn verified_case(&self) -> String {
        let case = services::open_case(&self.app, demo_request())
            .await
            .unwrap();
        for method in ["account_details", "call_back"] {
            let request = IdentityCheckReq {
                case_id: case.case_id.clone(),
                method: method.to_owned(),
                passed: true,
            };
            services::record_identity_check(&self.app, request)
                .await
                .unwrap();
        }
        case.case_id
    }

    /// Searches the demo range and waits for the answer.
    pub(crate) async fn search(&self, case_id: &str) -> SearchView {
        services::search_recordings(&self.app, self.demo_search(case_id))
            .await
            .unwrap();
        self.idle(case_id).await;
        services::get_search(&self.app, case_ref(case_id))
            .await
            .unwrap()
    }

    /// The search of the demo range.
    pub(crate) fn demo_search(&self, case_id: &str) -> SearchReq {
        let subject = sandbox::demo_subject();
        SearchReq {
            case_id: case_id.to_owned(),
            start: subject.from_local.to_owned(),
            end: subject.to_local.to_owned(),
            zone: subject.zone.to_owned(),
            agent_id: None,
            queue_id: None,
        }
    }

    /// Waits until a job of the kind runs.
    pub(crate) async fn running(&self, case_id: &str, kind: &str) {
        let waited = tokio::time::timeout(PATIENCE, async {
            loop {
                let jobs = services::list_jobs(&self.app, case_ref(case_id))
                    .await
                    .unwrap()
                    .jobs;
                if jobs
                    .iter()
                    .any(|job| job.kind == kind && job.state == "running")
                {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        });
        waited.await.expect("the job starts");
    }

    /// Freezes everything that was found.
    pub(crate) async fn freeze(&self, case_id: &str) {
        let request = FreezeReq {
            case_id: case_id.to_owned(),
            excluded: vec![],
            orphans: Vec::new(),
            partial_reason: None,
        };
        services::freeze_list(&self.app, request).await.unwrap();
    }

    /// Retrieves, detects and waits until no job is open.
    pub(crate) async fn retrieve(&self, case_id: &str) -> CallList {
        services::start_retrieval(&self.app, case_ref(case_id))
            .await
            .unwrap();
        self.idle(case_id).await;
        services::list_calls(&self.app, case_ref(case_id))
            .await
            .unwrap()
    }

    /// Redacts every open span and finishes every review.
    pub(crate) async fn review_all(&self, case_id: &str) {
        for call in self.reviewable(case_id).await {
            let view = services::get_review(&self.app, call_ref(case_id, call))
                .await
                .unwrap();
            for span in view.spans.iter().filter(|span| span.decision == "review") {
                let request = DecideSpanReq {
                    case_id: case_id.to_owned(),
                    call,
                    span_id: span.id.clone(),
                    decision: DecisionReq::Redact {
                        reason: Some("third_party_data".to_owned()),
                    },
                };
                services::decide_span(&self.app, request).await.unwrap();
            }
            services::finish_review(&self.app, call_ref(case_id, call))
                .await
                .unwrap();
        }
    }

    /// A second person approves every call; waits for the rendering.
    pub(crate) async fn approve_all(&self, case_id: &str) {
        self.sign_in("ben", RoleName::Approver).await;
        for call in self.reviewable(case_id).await {
            services::approve_call(&self.app, call_ref(case_id, call))
                .await
                .unwrap();
        }
        self.idle(case_id).await;
    }

    /// Seals the package and waits for it.
    pub(crate) async fn seal(&self, case_id: &str) -> PackageView {
        services::seal_package(
            &self.app,
            SealReq {
                case_id: case_id.to_owned(),
            },
        )
        .await
        .unwrap();
        self.idle(case_id).await;
        services::get_package(&self.app, case_ref(case_id))
            .await
            .unwrap()
    }

    /// A case up to the sealed package.
    pub(crate) async fn sealed_case(&self) -> (String, PackageView) {
        let case_id = self.verified_case().await;
        self.search(&case_id).await;
        self.freeze(&case_id).await;
        self.retrieve(&case_id).await;
        self.review_all(&case_id).await;
        self.approve_all(&case_id).await;
        let package = self.seal(&case_id).await;
        (case_id, package)
    }

    /// A verified case with all its calls retrieved and detected.
    pub(crate) async fn retrieved_case(&self) -> String {
        let case_id = self.verified_case().await;
        self.search(&case_id).await;
        self.freeze(&case_id).await;
        self.retrieve(&case_id).await;
        case_id
    }

    pub(crate) async fn call(&self, case_id: &str, call: u32) -> CallView {
        let calls = services::list_calls(&self.app, case_ref(case_id)).await;
        let calls = calls.unwrap().calls;
        calls.into_iter().find(|it| it.call == call).unwrap()
    }

    pub(crate) async fn reviewable(&self, case_id: &str) -> Vec<u32> {
        let calls = services::list_calls(&self.app, case_ref(case_id))
            .await
            .unwrap()
            .calls;
        calls
            .into_iter()
            .filter(|call| call.end_state == "retrieved")
            .map(|it| it.call)
            .collect()
    }

    /// Waits until no job of the case waits or runs.
    pub(crate) async fn idle(&self, case_id: &str) {
        let waited = tokio::time::timeout(PATIENCE, async {
            loop {
                let jobs = services::list_jobs(&self.app, case_ref(case_id))
                    .await
                    .unwrap()
                    .jobs;
                if !jobs
                    .iter()
                    .any(|job| matches!(job.state.as_str(), "waiting" | "running"))
                {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        });
        waited.await.expect("the jobs of the case end");
    }

    /// The exact entries of the log, oldest first.
    pub(crate) async fn log(&self) -> Vec<AuditEntryView> {
        let request = ListAuditReq {
            before_seq: None,
            limit: 500,
            case_id: None,
            correlation_id: None,
        };
        let mut entries = services::list_audit(&self.app, request)
            .await
            .unwrap()
            .entries;
        entries.reverse();
        entries
    }
}

/// Connects the sandbox as an organization of one's own, not as the samples.
pub(crate) async fn connect_as_own(desk: &Desk) {
    connect_client(desk, desk.sandbox.credentials()).await;
}

/// Connects with a client of the sandbox, whatever more it may do.
pub(crate) async fn connect_client(desk: &Desk, login: Credentials) {
    let urls = desk.sandbox.urls();
    let request = ConnectSourceReq {
        region: None,
        api_url: Some(urls.api_url.clone()),
        login_url: Some(urls.login_url.clone()),
        media_hosts: None,
        client_id: login.client_id.to_owned(),
        client_secret: login.client_secret.to_owned(),
        accept_excess_reason: Some("Agreed with the owner of the tenant".to_owned()),
    };
    let report = services::connect_source(&desk.app, request).await.unwrap();
    assert!(report.connected);
}

/// The core on a folder, with a passphrase instead of a keyring.
pub(crate) async fn open_app(dir: PathBuf) -> App {
    try_open_app(dir).await.expect("the core opens")
}

pub(crate) async fn try_open_app(dir: PathBuf) -> Result<App, ApiError> {
    App::open(AppOptions {
        data_dir: dir.join("data"),
        keys: keys(),
        delivery_dir: dir.join("delivered"),
        clock: system_clock(),
        workers: 2,
        retry_pause: Duration::ZERO,
        http: quick_retries(),
        drill_every: None,
        learned: None,
        restoration_look: Some(Duration::from_millis(100)),
        witness: None,
    })
    .await
}

/// The passphrase of all tests.
pub(crate) fn keys() -> KeySource {
    KeySource::Passphrase(Secret::new("correct horse battery staple".to_owned()))
}

/// The real client with short waits, so that a fault test takes no longer than the fault.
fn quick_retries() -> HttpOptions {
    let mut options = HttpOptions::default();
    options.retry.base = Duration::from_millis(10);
    options.retry.cap = Duration::from_millis(200);
    options
}

pub(crate) fn case_ref(case_id: &str) -> CaseRef {
    CaseRef {
        case_id: case_id.to_owned(),
    }
}

pub(crate) fn call_ref(case_id: &str, call: u32) -> CallRef {
    CallRef {
        case_id: case_id.to_owned(),
        call,
    }
}

/// The request of the sandbox's data subject.
pub(crate) fn demo_request() -> OpenCaseReq {
    let subject = sandbox::demo_subject();
    OpenCaseReq {
        name: subject.name.to_owned(),
        phones: subject.phones.iter().map(ToString::to_string).collect(),
        phone_region: "GB".to_owned(),
        emails: vec![subject.email.to_owned()],
        customer_ids: vec![subject.customer_id.to_owned()],
        representative: None,
        law: "uk_gdpr".to_owned(),
        received_on: today(),
        received_by: "email".to_owned(),
        risk_tier: "normal".to_owned(),
        note: "All calls of March".to_owned(),
        legal_hold: false,
        request_type: "access".to_owned(),
    }
}

fn today() -> String {
    system_clock()()
        .to_zoned(jiff::tz::TimeZone::UTC)
        .date()
        .to_string()
}
