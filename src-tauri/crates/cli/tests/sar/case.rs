//! A case by hand, command by command, against a served sandbox; and the rules on the way.

use std::{fs, path::Path};

use super::support::{
    command, desk::Desk, names, packages, run, served::Served, seven_zip_accepts,
};

impl Desk {
    fn new_case(&self) -> String {
        self.new_request("access")
    }

    fn new_request(&self, kind: &str) -> String {
        let subject = sandbox::demo_subject();
        let request = serde_json::json!({
            "name": subject.name,
            "phones": subject.phones,
            "customer_ids": [subject.customer_id],
            "law": "uk_gdpr",
            "received_on": "2026-04-13",
            "received_by": "letter",
            "request_type": kind,
        });
        let file = self.path("request.json");
        fs::write(&file, request.to_string()).unwrap();
        let case = self
            .case(&["new", "--request", file.to_str().unwrap()])
            .ok()
            .json();
        assert_eq!(case["deadline"]["legal"], "2026-05-13");
        case["case_id"].as_str().unwrap().to_owned()
    }
}

/// S0-01, S0-02, B13: every step by its command; rules that forbid a step exit with 1.
#[test]
fn a_case_goes_step_by_step_from_received_to_delivered() {
    let (desk, served) = (Desk::new(), Served::start(&[]));
    assert_eq!(desk.connect(&served).ok().json()["connected"], true);
    let case = desk.new_case();
    let subject = sandbox::demo_subject();
    let range = [
        "--from",
        subject.from_local,
        "--to",
        subject.to_local,
        "--zone",
        subject.zone,
    ];
    let search = [&["search", case.as_str()], range.as_slice()].concat();
    desk.case(&search)
        .fails(1, &["identity has not been verified"]);
    desk.case(&["verify", &case, "--check", "call-back"]).ok();
    let verified = desk
        .case(&["verify", &case, "--check", "document-seen"])
        .ok()
        .json();
    assert_eq!(verified["verified"], true);

    let found = desk.case(&search).ok().json();
    assert_eq!(found["range"]["end_utc"], "2026-04-10T23:00:00Z");
    let calls = found["found"].as_array().unwrap().len();
    assert!(calls >= 5, "{found}");
    // Leave most out: one call goes through the rest as well as ten.
    let mut freeze = vec!["freeze".to_owned(), case.clone()];
    for index in 1..calls {
        freeze.extend([
            "--exclude".to_owned(),
            format!("{index}=outside-the-request:tested elsewhere"),
        ]);
    }
    let freeze: Vec<&str> = freeze.iter().map(String::as_str).collect();
    assert_eq!(desk.case(&freeze).ok().json()["calls"], 1);
    desk.case(&freeze).fails(1, &["step"]);

    let retrieved = desk.case(&["retrieve", &case]).ok().json_lines();
    assert_eq!(retrieved[0]["end_state"], "retrieved");
    desk.case(&["package", &case]).fails(1, &[]);
    review_and_deliver(&desk, &case);
}

fn review_and_deliver(desk: &Desk, case: &str) {
    let review = ["review", case, "--call", "1"];
    desk.case_as("ben", &["approve", case, "--call", "1"])
        .fails(1, &["review"]);
    let reviewed = desk
        .case(&[&review[..], &["--redact-open", "--finish"]].concat())
        .ok()
        .json();
    assert_eq!(reviewed["review_state"], "finished");
    desk.case(&["approve", case, "--call", "1"])
        .fails(1, &["cannot be approved"]);
    let approved = desk.case_as("ben", &["approve", case]).ok().json_lines();
    assert_eq!(approved[0]["stage"], "redacted");

    let words = desk.path("words.txt");
    let package = ["package", case, "--passphrase-out", words.to_str().unwrap()];
    assert_eq!(desk.case(&package).ok().json()["state"], "sealed");
    let delivery = desk
        .case(&["deliver", case, "--passphrase-by", "phone"])
        .ok()
        .json();
    let delivered = packages(&desk.path("delivered"));
    assert_eq!(delivered.len(), 1);
    assert_eq!(
        Path::new(delivery["location"].as_str().unwrap()),
        delivered[0]
    );
    let passphrase = fs::read_to_string(&words).unwrap();
    assert!(seven_zip_accepts(&delivered[0], passphrase.trim_end()));
    assert_eq!(desk.case(&["show", case]).ok().json()["step"], "closed");
    assert!(desk.case(&["list"]).ok().json_lines().is_empty());
    assert_eq!(
        desk.case(&["list", "--view", "closed"])
            .ok()
            .json_lines()
            .len(),
        1
    );
    desk.sar("ann", &["audit", "verify"]).ok();
    prove_an_entry(desk);
}

fn prove_an_entry(desk: &Desk) {
    let out = desk.path("proof");
    let proof = desk.sar(
        "ann",
        &["audit", "prove", "2", "--out", out.to_str().unwrap()],
    );
    assert_eq!(proof.ok().json()["seq"], 2);
    assert_eq!(names(&out), ["entry.json", "entry.tlog-proof"]);
    desk.sar(
        "ann",
        &["audit", "prove", "99999", "--out", out.to_str().unwrap()],
    )
    .fails(2, &["no entry"]);
    desk.sar("ann", &["audit", "export"]).ok();
    let key = desk.path("delivered/audit-log/log.vkey");
    let mut check = command();
    check
        .args(["audit", "check-proof", "--json", "--entry"])
        .arg(out.join("entry.json"));
    check
        .arg("--proof")
        .arg(out.join("entry.tlog-proof"))
        .arg("--key")
        .arg(key);
    assert_eq!(run(&mut check).ok().json()["seq"], 2);
}

#[test]
fn a_source_that_is_gone_or_refuses_is_named() {
    let desk = Desk::new();
    let case = desk.new_case();
    desk.case(&["verify", &case, "--check", "call-back"]).ok();
    desk.case(&["verify", &case, "--check", "account-details"])
        .ok();
    let range = [
        "--from",
        "2026-03-01T00:00",
        "--to",
        "2026-03-02T00:00",
        "--zone",
        "UTC",
    ];
    let search = [&["search", case.as_str()], range.as_slice()].concat();
    desk.case(&search).fails(3, &["No source"]);

    let served = Served::start(&[]);
    let secret = desk.path("wrong");
    fs::write(&secret, "not-the-secret\n").unwrap();
    let (api, login) = (served.text("api_url"), served.text("login_url"));
    let connect = |client: &str, secret: &Path| {
        let secret = secret.to_str().unwrap();
        desk.case(&[
            "connect",
            "--api-url",
            api,
            "--login-url",
            login,
            "--client-id",
            client,
            "--secret-file",
            secret,
        ])
    };
    let run = connect(served.text("client_id"), &secret).fails(3, &[]);
    assert!(!run.stderr.contains("not-the-secret"), "{run:?}");
    let login_of = |role: sandbox::ClientRole| role.credentials();
    for (role, part) in [
        (
            sandbox::ClientRole::WithoutRecordings,
            "recording:recording:view",
        ),
        (sandbox::ClientRole::OverPrivileged, "more than needed"),
    ] {
        fs::write(&secret, login_of(role).client_secret).unwrap();
        connect(login_of(role).client_id, &secret).fails(1, &[part]);
    }
}

#[test]
fn a_request_file_with_a_mistake_is_not_quoted() {
    let desk = Desk::new();
    let file = desk.path("request.json");
    fs::write(&file, "{\"name\": \"Amelia Hartley\", \"phone\": \"+44\"}").unwrap();
    let run = desk.case(&["new", "--request", file.to_str().unwrap()]);
    let run = run.fails(2, &["line 1", "--help"]);
    assert!(!run.stderr.contains("Amelia"), "{run:?}");
}

// B16, B17
#[test]
fn a_drill_is_run_from_the_command_line_and_a_new_desk_has_no_corrections() {
    let desk = Desk::new();
    let found = desk.sar("ann", &["drill"]).ok().json_lines().remove(0);
    assert_eq!(found["alarms"], serde_json::json!([]));
    assert!(found["found"].as_u64().unwrap() > 100);
    assert!(
        desk.sar("ann", &["corrections", "list"])
            .ok()
            .json_lines()
            .is_empty()
    );
}

/// S3-33: what is asked for decides what is done; erasure makes no copy, and ends with what somebody did.
#[test]
fn an_erasure_ends_without_a_copy_and_with_a_statement() {
    let (desk, served) = (Desk::new(), Served::start(&[]));
    desk.connect(&served).ok();
    let case = desk.new_request("erasure");
    let statement = desk.path("done.txt");
    let statement = statement.to_str().unwrap();
    fs::write(
        statement,
        "Deleted in the recording system on 20 April 2026.",
    )
    .unwrap();
    let close = |outcome| {
        desk.case(&[
            "close",
            &case,
            "--outcome",
            outcome,
            "--statement-file",
            statement,
        ])
    };
    close("carried-out").fails(1, &["erasure", "cannot end"]);
    for check in ["call-back", "document-seen"] {
        desk.case(&["verify", &case, "--check", check]).ok();
    }
    close("not-identified").fails(1, &["refused, withdrawn"]);
    let subject = sandbox::demo_subject();
    let (from, to) = (subject.from_local, subject.to_local);
    desk.case(&[
        "search",
        &case,
        "--from",
        from,
        "--to",
        to,
        "--zone",
        subject.zone,
    ])
    .ok();
    desk.case(&["freeze", &case]).ok();
    desk.case(&["retrieve", &case])
        .fails(1, &["no copies are made"]);
    let shown = desk.case(&["show", &case]).ok().json();
    assert_eq!(shown["provision"], "Art. 17 UK GDPR");
    assert_eq!(shown["next_action"], "close");
    let closed = close("carried-out").ok().json();
    assert_eq!(closed["step"], "closed");
    assert_eq!(closed["closing"]["outcome"], "carried_out");
    close("withdrawn").fails(1, &["it has ended already"]);
}
