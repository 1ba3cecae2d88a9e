//! The steps of the demo. Each looks at where the case stands, does the next thing, and says it.

use std::fmt::Display;

use sandbox::demo_subject;
use services::{
    api::{
        CaseDetail, DecisionReq, DeliverReq, FreezeReq, IdentityCheckReq, OpenCaseReq, RoleName,
        SearchReq,
    },
    app::{App, system_clock},
};

use super::{Delivered, check, folder::DemoFolder};
use crate::{
    commands::case::{
        call_ref,
        calls::{Progress, require_complete},
        case_ref, list, package,
        review::{decide, open_spans, require_redacted},
        search::{range_line, search},
        words,
    },
    desk::sign_in,
    failure::Failure,
    output::{Output, count, second, size},
    wait,
};

/// Who handles the sample case, and who approves it.
const CASE_WORKER: &str = "sample-case-worker";
const APPROVER: &str = "sample-approver";

/// Steps of a case, and a few repeats: jobs that a killed demo left behind fail once, because the
/// sample organization has other ports after a restart.
const MAX_ROUNDS: usize = 24;

/// A running demo.
pub(super) struct Demo<'a> {
    pub(super) app: &'a App,
    pub(super) folder: &'a DemoFolder,
    pub(super) output: &'a mut Output,
}

impl Demo<'_> {
    /// One line of progress.
    pub(super) fn say(&mut self, step: &str, what: impl Display) -> Result<(), Failure> {
        self.output.line(format_args!("{step:<10}{what}"))
    }

    /// From wherever the case stands to the checked package.
    pub(super) async fn run(&mut self) -> Result<Delivered, Failure> {
        sign_in(self.app, CASE_WORKER, RoleName::CaseWorker).await?;
        let case_id = self.case().await?;
        for _ in 0..MAX_ROUNDS {
            let case = services::get_case(self.app, case_ref(&case_id)).await?;
            match case.step.as_str() {
                "new" | "identity" => self.verify(&case).await?,
                "search" => self.search_and_freeze(&case_id).await?,
                "retrieve" => self.retrieve(&case_id).await?,
                "review" => self.review(&case_id).await?,
                "second_review" => self.approve(&case_id).await?,
                "deliver" => self.package_and_deliver(&case_id).await?,
                "closed" => return check::delivered(self, &case_id).await,
                other => return Err(stuck(other)),
            }
        }
        Err(stuck("repeating"))
    }

    /// The case of this folder: the one that is there, or a new one.
    async fn case(&mut self) -> Result<String, Failure> {
        for view in super::VIEWS {
            if let Some(case) = list::all(self.app, view, "").await?.into_iter().next() {
                let step = words(&case.step);
                self.say(
                    "Case",
                    format_args!("{} goes on at the step: {step}", case.case_id),
                )?;
                return Ok(case.case_id);
            }
        }
        let case = services::open_case(self.app, request()).await?;
        self.say(
            "Case",
            format_args!("{} opened for {}", case.case_id, case.initials),
        )?;
        let due = &case.deadline;
        self.say("", format_args!("due {}: {}", due.legal, due.rule))?;
        Ok(case.case_id)
    }

    async fn verify(&mut self, case: &CaseDetail) -> Result<(), Failure> {
        for method in ["account_details", "call_back"] {
            if case
                .checks
                .iter()
                .any(|check| check.method == method && check.passed)
            {
                continue;
            }
            let request = IdentityCheckReq {
                case_id: case.case_id.clone(),
                method: method.to_owned(),
                passed: true,
            };
            services::record_identity_check(self.app, request).await?;
        }
        let case = services::get_case(self.app, case_ref(&case.case_id)).await?;
        let passed = case.checks.iter().filter(|check| check.passed).count();
        self.say(
            "Identity",
            format_args!("{passed} of {} checks passed", case.checks_needed),
        )
    }

    async fn search_and_freeze(&mut self, case_id: &str) -> Result<(), Failure> {
        // A search that a killed demo left in the queue ends first; its answer is not used.
        wait::until_idle(self.app, case_id, async || Ok(())).await?;
        let subject = demo_subject();
        let request = SearchReq {
            case_id: case_id.to_owned(),
            start: subject.from_local.to_owned(),
            end: subject.to_local.to_owned(),
            zone: subject.zone.to_owned(),
            agent_id: None,
            queue_id: None,
        };
        let found = search(self.app, request).await?;
        if let Some(range) = &found.range {
            self.say(
                "Search",
                range_line(&found, &range.start_utc, &range.end_utc),
            )?;
            range
                .notices
                .iter()
                .try_for_each(|notice| self.say("", notice))?;
        }
        for source in &found.sources {
            let calls = count(source.found, "call");
            let requests = count(source.queries, "request");
            let coverage = words(&source.coverage);
            self.say(
                "",
                format_args!("{calls} in {}, {coverage}, {requests}", source.source),
            )?;
        }
        let freeze = FreezeReq {
            case_id: case_id.to_owned(),
            excluded: vec![],
            orphans: Vec::new(),
            partial_reason: None,
        };
        services::freeze_list(self.app, freeze).await?;
        let frozen = services::get_search(self.app, case_ref(case_id))
            .await?
            .frozen;
        let digest = frozen.map(|frozen| frozen.digest).unwrap_or_default();
        self.say(
            "Freeze",
            format_args!(
                "{}, list {}",
                count(found.found.len() as u64, "call"),
                digest
            ),
        )
    }

    async fn retrieve(&mut self, case_id: &str) -> Result<(), Failure> {
        // What a killed demo left in the queue may be all there is to do.
        wait::until_idle(self.app, case_id, async || Ok(())).await?;
        let case = services::get_case(self.app, case_ref(case_id)).await?;
        if case.step == "retrieve" {
            services::start_retrieval(self.app, case_ref(case_id)).await?;
        }
        let mut progress = Progress::default();
        wait::until_idle(self.app, case_id, async || {
            match progress.next(self.app, case_id).await? {
                Some(line) => self.say("Retrieve", line),
                None => Ok(()),
            }
        })
        .await?;
        require_complete(self.app, case_id, &progress.counts).await?;
        let (calls, spans) = self.spans(case_id).await?;
        self.say("Detect", format_args!("{spans} in {calls}"))
    }

    async fn spans(&self, case_id: &str) -> Result<(String, String), Failure> {
        let calls = services::list_calls(self.app, case_ref(case_id))
            .await?
            .calls;
        let spans: u32 = calls.iter().map(|call| call.spans).sum();
        let open: u32 = calls.iter().map(|call| call.open_spans).sum();
        let reviewable = calls
            .iter()
            .filter(|call| call.end_state == "retrieved")
            .count();
        Ok((
            count(reviewable as u64, "call"),
            format!("{}, {open} to decide", count(spans, "span")),
        ))
    }

    /// The scripted case worker redacts whatever the policy leaves open, and keeps nothing by itself.
    async fn review(&mut self, case_id: &str) -> Result<(), Failure> {
        for call in services::list_calls(self.app, case_ref(case_id))
            .await?
            .calls
        {
            if call.stage != "to_review" {
                continue;
            }
            let open = open_spans(self.app, case_id, call.call).await?;
            let decided = open.len();
            for span in open {
                let reason = Some("third_party_data".to_owned());
                let decision = DecisionReq::Redact { reason };
                decide(self.app, case_id, call.call, span, decision).await?;
            }
            services::finish_review(self.app, call_ref(case_id, call.call)).await?;
            let spans = count(call.spans, "span");
            self.say(
                "Review",
                format_args!("call {}: {spans}, {decided} decided", call.call),
            )?;
        }
        Ok(())
    }

    async fn approve(&mut self, case_id: &str) -> Result<(), Failure> {
        sign_in(self.app, APPROVER, RoleName::Approver).await?;
        let mut approved = 0_u32;
        for call in services::list_calls(self.app, case_ref(case_id))
            .await?
            .calls
        {
            if call.stage == "to_approve" {
                services::approve_call(self.app, call_ref(case_id, call.call)).await?;
                approved += 1;
            }
        }
        sign_in(self.app, CASE_WORKER, RoleName::CaseWorker).await?;
        self.say(
            "Approve",
            format_args!("{} by {APPROVER}", count(approved, "call")),
        )
    }

    async fn package_and_deliver(&mut self, case_id: &str) -> Result<(), Failure> {
        wait::until_idle(self.app, case_id, async || Ok(())).await?;
        let preflight = services::preflight_package(self.app, case_ref(case_id)).await?;
        if !preflight.ready {
            // A rendering that was interrupted; the next round looks again.
            services::retry_jobs(self.app, case_ref(case_id)).await?;
            wait::until_idle(self.app, case_id, async || Ok(())).await?;
            let calls = services::list_calls(self.app, case_ref(case_id)).await?;
            return require_redacted(self.app, case_id, &calls.calls).await;
        }
        let redacted = services::list_calls(self.app, case_ref(case_id))
            .await?
            .calls;
        let redacted = redacted
            .iter()
            .filter(|call| call.stage == "redacted")
            .count();
        self.say(
            "Redact",
            format_args!("{}, every file checked", count(redacted as u64, "call")),
        )?;
        let sealed = package::seal(self.app, case_id).await?;
        let bytes = size(sealed.size_bytes.unwrap_or_default());
        self.say(
            "Seal",
            format_args!("{}, {bytes}", sealed.file_name.unwrap_or_default()),
        )?;
        package::write_passphrase(self.app, case_id, &self.folder.passphrase_file()).await?;
        let request = DeliverReq {
            case_id: case_id.to_owned(),
            passphrase_by: "phone".to_owned(),
        };
        let delivery = services::deliver_package(self.app, request).await?;
        self.say(
            "Deliver",
            format_args!("the offer ends {}", second(&delivery.expires_at_utc)),
        )
    }
}

/// The request of the sample organization's data subject, received today.
fn request() -> OpenCaseReq {
    let subject = demo_subject();
    OpenCaseReq {
        name: subject.name.to_owned(),
        phones: subject.phones.map(str::to_owned).to_vec(),
        phone_region: "GB".to_owned(),
        emails: vec![subject.email.to_owned()],
        customer_ids: vec![subject.customer_id.to_owned()],
        representative: None,
        law: "uk_gdpr".to_owned(),
        received_on: system_clock()().strftime("%Y-%m-%d").to_string(),
        received_by: "email".to_owned(),
        risk_tier: "normal".to_owned(),
        note: "All recordings of my calls in March".to_owned(),
        legal_hold: false,
        request_type: "access".to_owned(),
    }
}

fn stuck(step: &str) -> Failure {
    Failure::unavailable(
        format!("The demo does not get on at the step: {}", words(step)),
        "Run it again with SAR_LOG=info, or name a new folder with --out.",
    )
}
