//! `sar sandbox`: first the connection, then it serves until stopped.

use std::process::Command;

use super::support::{sar, served::Served};

#[test]
fn the_connection_is_the_first_line() {
    let served = Served::start(&[]);
    for key in [
        "api_url",
        "login_url",
        "client_id",
        "client_secret",
        "region",
        "interval",
    ] {
        assert!(!served.text(key).is_empty(), "{key}");
    }
    assert!(served.text("api_url").starts_with("http://127.0.0.1:"));
}

#[test]
fn it_stops_when_asked_and_says_when_a_port_is_taken() {
    let mut served = Served::start(&[]);
    let port = served
        .text("login_url")
        .rsplit(':')
        .next()
        .unwrap()
        .to_owned();
    sar(["sandbox", "--port", &port]).fails(3, &[&port, "free ports"]);
    let pid = served.child.id().to_string();
    assert!(
        Command::new("kill")
            .args(["-TERM", &pid])
            .status()
            .unwrap()
            .success()
    );
    assert_eq!(served.child.wait().unwrap().code(), Some(0));
}
