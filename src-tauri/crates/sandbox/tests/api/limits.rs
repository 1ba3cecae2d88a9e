use sandbox::SandboxOptions;

use crate::client::Session;

#[tokio::test]
async fn the_rate_limit_counts_down_and_then_says_when_to_come_back() {
    let session = Session::start(SandboxOptions {
        rate_limit_per_minute: 3,
        ..SandboxOptions::default()
    })
    .await;
    for used in 1..=3 {
        let answer = session.get("/api/v2/recording/settings").await;
        assert_eq!(answer.status, 200);
        assert_eq!(
            answer.header("inin-ratelimit-count"),
            Some(used.to_string().as_str())
        );
        assert_eq!(answer.header("inin-ratelimit-allowed"), Some("3"));
    }
    let refused = session.get("/api/v2/recording/settings").await;
    assert_eq!(
        (refused.status, refused.json()["code"].as_str()),
        (429, Some("too.many.requests.retry.after"))
    );
    let wait_s: u64 = refused.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=60).contains(&wait_s));
    assert_eq!(
        refused.header("inin-ratelimit-reset"),
        refused.header("retry-after")
    );
}

#[tokio::test]
async fn what_is_not_imitated_is_404_in_the_platforms_form() {
    let session = Session::start(SandboxOptions::default()).await;
    // A seed's invention; the definition has no such path.
    let answer = session.get("/api/v2/recordings/recordings/search").await;
    assert_eq!(
        (answer.status, answer.json()["status"].as_u64()),
        (404, Some(404))
    );
    assert_eq!(
        answer.json()["contextId"].as_str(),
        answer.header("inin-correlation-id")
    );
}

#[tokio::test]
async fn three_ports_in_a_row_and_a_clear_error_when_one_is_taken() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = free.local_addr().unwrap().port();
    let options = SandboxOptions {
        base_port: Some(taken),
        ..SandboxOptions::default()
    };
    let error = sandbox::Sandbox::start(options).await.err().unwrap();
    assert!(error.to_string().contains(&taken.to_string()), "{error}");
    let options = SandboxOptions {
        base_port: Some(65_534),
        ..SandboxOptions::default()
    };
    assert!(matches!(
        sandbox::Sandbox::start(options).await,
        Err(sandbox::SandboxError::PortRange(65_534))
    ));
}

#[tokio::test]
async fn after_stop_nothing_listens() {
    let session = Session::start(SandboxOptions::default()).await;
    let address = session
        .sandbox
        .urls()
        .api_url
        .trim_start_matches("http://")
        .to_owned();
    session.sandbox.stop().await;
    assert!(tokio::net::TcpStream::connect(address).await.is_err());
}
