//! Parts of a recording, and what is said before it: players that jump, downloads that go on. // RFC 9110

use serde_json::Value;

use super::support::{
    gateway::Gateway,
    http::{Reply, open},
};

const AMELIA: &str = "+447700900123";
const TENANT: &str = "household";
/// A call that only an old recorder has.
const OLD: &str = "avaya_8923";

/// One recording, and who asks for it.
struct Sound<'g> {
    gateway: &'g Gateway,
    path: String,
    token: String,
}

impl Sound<'_> {
    fn ask(&self, method: &str, more: &[(&str, &str)]) -> Reply {
        let bearer = format!("Bearer {}", self.token);
        let mut headers = vec![("Authorization", bearer.as_str())];
        headers.extend(more);
        let url = format!("{}{}", self.gateway.url, self.path);
        open(method, &url, &headers, b"").finish()
    }

    fn part(&self, range: &str) -> Reply {
        self.ask("GET", &[("Range", range)])
    }

    /// Whatever is asked for, it is of the same bytes.
    fn is_given_in_parts(&self) {
        let whole = self.ask("GET", &[]);
        assert_eq!((whole.status, whole.is_whole), (200, true));
        assert_eq!(whole.header("accept-ranges"), "bytes");
        // S1-27
        assert_eq!(whole.header("transfer-encoding"), "chunked");
        let (tag, length) = (whole.header("etag"), whole.body.len());
        assert!(tag.starts_with('"') && tag.len() > 30, "{tag}");
        let middle = length / 2;
        for (range, from, to) in [
            ("bytes=0-99".to_owned(), 0, 100),
            (
                format!("bytes={middle}-{}", middle + 9),
                middle,
                middle + 10,
            ),
            (format!("bytes={middle}-"), middle, length),
            ("bytes=-77".to_owned(), length - 77, length),
        ] {
            let part = self.part(&range);
            assert_eq!((part.status, part.is_whole), (206, true), "{range}");
            assert!(part.body == whole.body[from..to], "{range}");
            let expected = format!("bytes {from}-{}/{length}", to - 1);
            assert_eq!(part.header("content-range"), expected);
            assert_eq!(part.header("content-length"), (to - from).to_string());
            for name in [
                "etag",
                "content-type",
                "x-recording-origin",
                "x-recording-id",
            ] {
                assert_eq!(part.header(name), whole.header(name), "{name}");
            }
        }
        self.is_given_whole_or_refused(&whole);
    }

    fn is_given_whole_or_refused(&self, whole: &Reply) {
        let (tag, length) = (whole.header("etag"), whole.body.len());
        let same = self.ask("GET", &[("Range", "bytes=5-9"), ("If-Range", tag)]);
        assert_eq!((same.status, same.body.len()), (206, 5));
        for (range, only_of) in [
            ("bytes=5-9", "\"another version\""),
            ("bytes=0-1,5-9", tag),
            ("lines=1-2", tag),
        ] {
            let reply = self.ask("GET", &[("Range", range), ("If-Range", only_of)]);
            assert_eq!(reply.status, 200, "{range}");
            assert!(reply.body == whole.body, "{range}");
        }
        let beyond = self.part(&format!("bytes={length}-"));
        assert_eq!(beyond.status, 416);
        assert_eq!(beyond.header("content-range"), format!("bytes */{length}"));
        assert_eq!(beyond.json()["size_bytes"], length);
        let head = self.ask("HEAD", &[("Range", "bytes=5-9")]);
        assert_eq!((head.status, head.body.len()), (200, 0));
        assert_eq!(head.header("content-length"), length.to_string());
        for name in [
            "etag",
            "accept-ranges",
            "content-type",
            "content-disposition",
        ] {
            assert_eq!(head.header(name), whole.header(name), "{name}");
        }
    }
}

/// A recording of the platform, by our id.
fn of_the_platform(gateway: &Gateway, token: &str) -> String {
    let found = gateway.search(AMELIA, token);
    let is_it = |it: &&Value| it["origin"] == "GENESYS_CLOUD" && it["mediaState"] == "available";
    let found = found.iter().find(is_it).expect("the platform has one");
    format!("/api/v2/recordings/{}/media", found["id"].as_str().unwrap())
}

// S1-15, S1-27, S1-36, S1-37
#[test]
fn a_stream_from_the_platform_is_given_in_parts_too() {
    let mut gateway = Gateway::start();
    let token = gateway.token("tool", TENANT, &[]);
    let path = of_the_platform(&gateway, &token);
    Sound {
        gateway: &gateway,
        path,
        token,
    }
    .is_given_in_parts();
    let log = gateway.stop_and_read_log();
    let with = |action: &str, name: &str, text: &str| {
        log.iter()
            .filter(|it| it["action"] == action && it["details"][name] == text)
            .count()
    };
    // Every part is on record with its place, and is no copy of the file.
    assert_eq!(with("GATEWAY_RETRIEVAL_ENDED", "outcome", "part"), 5);
    let is_first = |it: &&Value| {
        let range = it["details"]["range"].as_str();
        range.is_some_and(|it| it.starts_with("bytes 0-99/"))
    };
    let part = log.iter().find(is_first).unwrap();
    assert_eq!(part["fileHash"], Value::Null, "{part}");
    assert!(with("GATEWAY_METADATA_READ", "source", "cloud") > 0);
}

// S0-89
#[test]
fn what_a_slow_source_brought_is_given_in_parts() {
    let gateway = Gateway::start();
    let token = gateway.token("tool", TENANT, &[]);
    // Who asks for the head of what is not there yet learns where to wait.
    let path = format!("/api/v2/recordings/{OLD}/media");
    let sound = Sound {
        gateway: &gateway,
        path,
        token: token.clone(),
    };
    let head = sound.ask("HEAD", &[]);
    assert_eq!((head.status, head.body.len()), (202, 0));
    assert!(
        head.header("location")
            .starts_with("/api/v1/recordings/status/job-")
    );
    let job = gateway.wait(&gateway.retrieve(OLD, &token), &token);
    assert_eq!(job["status"], 200, "{job}");
    sound.is_given_in_parts();
    let path = format!("/api/v2/recordings/{OLD}/download");
    Sound { path, ..sound }.is_given_in_parts();
}
