//! `sar source sign-in`: a person connects the organization with a browser, from a machine that may have none.

use std::{
    io::{BufRead, BufReader, Read},
    process::{Child, Stdio},
};

use ::sandbox::{
    ClientRole, Sandbox, SandboxOptions,
    browser::{self, Decision},
};

use super::support::{Run, command, desk::Desk};

/// `sar source sign-in`, which prints the address to open.
fn start(desk: &Desk, sandbox: &Sandbox) -> (Child, String) {
    let urls = sandbox.urls();
    let client = ClientRole::Person.credentials();
    let args = [
        "source",
        "sign-in",
        "--no-browser",
        "--redirect-port",
        "0",
        "--api-url",
        &urls.api_url,
        "--login-url",
        &urls.login_url,
        "--client-id",
        client.client_id,
    ];
    let mut command = desk.command("ann", &args);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let stderr = BufReader::new(child.stderr.as_mut().unwrap());
    let mut lines = stderr.lines().map(Result::unwrap);
    let link = lines.find(|line| line.starts_with("http")).unwrap();
    (child, link)
}

fn ended(mut child: Child) -> Run {
    let (mut stdout, mut stderr) = (String::new(), String::new());
    let (out, err) = (child.stdout.take(), child.stderr.take());
    out.unwrap().read_to_string(&mut stdout).unwrap();
    err.unwrap().read_to_string(&mut stderr).unwrap();
    Run {
        code: child.wait().unwrap().code().unwrap_or(-1),
        stdout,
        stderr,
    }
}

async fn pressed(sandbox: &Sandbox, link: &str, decision: Decision) {
    let address = url::Url::parse(link).unwrap();
    let mut pairs = address.query_pairs();
    let (_, redirect_uri) = pairs.find(|(name, _)| name == "redirect_uri").unwrap();
    sandbox.register_redirect(&redirect_uri);
    let page = browser::press(link, decision).await.unwrap();
    browser::open(&page.location.unwrap()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_signs_in_with_the_printed_address_and_out_again() {
    let sandbox = Sandbox::start(SandboxOptions::default()).await.unwrap();
    let desk = Desk::new();
    let (child, link) = start(&desk, &sandbox);
    assert!(link.contains("code_challenge_method=S256"), "{link}");
    pressed(&sandbox, &link, Decision::Deny).await;
    ended(child).fails_after_notes(3, "denied");
    let (child, link) = start(&desk, &sandbox);
    pressed(&sandbox, &link, Decision::Allow).await;
    assert_eq!(ended(child).ok().json()["connected"], true);
    let listed = desk.sar("ann", &["source", "list"]).ok().json_lines();
    assert_eq!(listed[0]["signed_in_as"], "Robin Hale");
    let sign_out = || {
        let mut command = command();
        command
            .args(["source", "sign-out", "--as", "ann"])
            .env("SAR_DATA_DIR", desk.path("data"))
            .env("SAR_DELIVERY_DIR", desk.path("delivered"))
            .env("SAR_PASSPHRASE_FILE", desk.path("passphrase"));
        super::support::run(&mut command)
    };
    assert!(sign_out().ok().stdout.contains("Signed out"));
    sign_out().fails(1, &["Nobody is signed in"]);
    sandbox.stop().await;
}

impl Run {
    /// Ended with this code; the message comes after the notes.
    fn fails_after_notes(&self, code: i32, part: &str) {
        assert_eq!(self.code, code, "{self:?}");
        assert!(self.stderr.contains(part), "{self:?}");
    }
}
