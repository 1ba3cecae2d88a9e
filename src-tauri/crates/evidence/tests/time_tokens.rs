//! Time tokens of an authority that `openssl ts` plays.

use std::path::{Path, PathBuf};

use evidence::{
    report::Verdict,
    time_token::{TimeError, TimeRoots, check_answer, request, verify},
    verify_log::{Anchor, Given, checks, verify_with},
};

use crate::{
    programs::{refuses, run, succeeds, write},
    support::{Log, blamed, vkey},
};

const CONFIGURATION: &str = "\
[tsa]\ndefault_tsa = authority\n\
[authority]\nserial = serial\nsigner_digest = sha256\ndefault_policy = 1.2.3.4.1\n\
digests = sha256\naccuracy = secs:1\ness_cert_id_alg = sha256\n";

/// A root, and an authority below it with a key of its own.
struct Authority(tempfile::TempDir);

impl Authority {
    fn new(algorithm: &[&str]) -> Self {
        let authority = Self(tempfile::tempdir().unwrap());
        authority.put("tsa.cnf", CONFIGURATION.as_bytes());
        authority.put("serial", b"01\n");
        authority.put("usage", b"extendedKeyUsage=critical,timeStamping\n");
        let new = |name: &str| {
            let (key, subject) = (format!("{name}.key"), format!("/CN={name}"));
            let front = [
                "req", "-nodes", "-subj", &subject, "-keyout", &key, "-newkey",
            ];
            [&front, algorithm]
                .concat()
                .iter()
                .map(|it| (*it).to_owned())
                .collect::<Vec<_>>()
        };
        authority.openssl(&with(
            new("root"),
            &["-x509", "-out", "root.pem", "-days", "3650"],
        ));
        authority.openssl(&with(new("signer"), &["-out", "signer.csr"]));
        authority.openssl(&with(
            Vec::new(),
            &[
                "x509",
                "-req",
                "-in",
                "signer.csr",
                "-CA",
                "root.pem",
                "-CAkey",
                "root.key",
                "-CAcreateserial",
                "-extfile",
                "usage",
                "-out",
                "signer.pem",
                "-days",
                "3650",
            ],
        ));
        authority
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn put(&self, name: &str, content: &[u8]) -> PathBuf {
        let path = self.path().join(name);
        write(&path, content);
        path
    }

    fn openssl(&self, words: &[String]) {
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        succeeds(&run(self.path(), "openssl", &words, b""));
    }

    fn answer(&self, request: &[u8]) -> Vec<u8> {
        self.put("query", request);
        self.openssl(&with(
            Vec::new(),
            &[
                "ts",
                "-reply",
                "-config",
                "tsa.cnf",
                "-queryfile",
                "query",
                "-signer",
                "signer.pem",
                "-inkey",
                "signer.key",
                "-out",
                "answer",
            ],
        ));
        std::fs::read(self.path().join("answer")).unwrap()
    }

    fn roots(&self) -> TimeRoots {
        TimeRoots::from_pem(&std::fs::read(self.path().join("root.pem")).unwrap()).unwrap()
    }
}

fn with(mut words: Vec<String>, more: &[&str]) -> Vec<String> {
    words.extend(more.iter().map(|it| (*it).to_owned()));
    words
}

const P256: [&str; 3] = ["ec", "-pkeyopt", "ec_paramgen_curve:P-256"];

#[test]
fn tokens_of_rsa_and_ecdsa_authorities_hold_for_their_text_and_root_only() {
    for algorithm in [&P256[..], &["rsa:2048"]] {
        let authority = Authority::new(algorithm);
        let answer = authority.answer(&request(b"checkpoint", 7));
        let at = check_answer(&answer, b"checkpoint", 7).unwrap();
        assert_eq!(verify(&answer, b"checkpoint", &authority.roots()), Ok(at));
        assert_eq!(
            check_answer(&answer, b"checkpoint", 8),
            Err(TimeError::OtherRequest)
        );
        assert_eq!(
            verify(&answer, b"other", &authority.roots()),
            Err(TimeError::OtherText)
        );
        let stranger = Authority::new(algorithm).roots();
        let untrusted = verify(&answer, b"checkpoint", &stranger);
        assert!(
            matches!(untrusted, Err(TimeError::Untrusted(_))),
            "{untrusted:?}"
        );
    }
}

#[test]
fn a_certificate_that_is_not_for_time_stamps_does_not_count() {
    let authority = Authority::new(&P256);
    let answer = authority.answer(&request(b"checkpoint", 7));
    // The same certificate as its own root is no authority: roots are what somebody chose to trust.
    assert_eq!(
        TimeRoots::from_pem(b"nothing").unwrap_err(),
        TimeError::Roots
    );
    assert_eq!(TimeRoots::from_pem(b"").unwrap_err(), TimeError::Roots);
    assert!(verify(&answer, b"checkpoint", &authority.roots()).is_ok());
    assert_eq!(
        verify(b"", b"checkpoint", &authority.roots()).unwrap_err(),
        unreadable()
    );
}

fn unreadable() -> TimeError {
    TimeError::Unreadable("it is not RFC 3161")
}

#[test]
fn no_flipped_bit_of_a_token_changes_what_it_tells() {
    let authority = Authority::new(&P256);
    let answer = authority.answer(&request(b"checkpoint", 7));
    let (roots, at) = (
        authority.roots(),
        check_answer(&answer, b"checkpoint", 7).unwrap(),
    );
    let mut harmless = 0;
    for place in 0..answer.len() {
        let mut changed = answer.clone();
        changed[place] ^= 1;
        // A few bits say nothing: the version of the container, the name of a policy that nobody checks.
        match verify(&changed, b"checkpoint", &roots) {
            Ok(told) => {
                assert_eq!(told, at, "byte {place}");
                harmless += 1;
            }
            Err(_) => continue,
        }
    }
    assert!(
        harmless < answer.len() / 20,
        "{harmless} of {}",
        answer.len()
    );
}

// The file that we keep is the file that openssl reads.
#[test]
fn openssl_verifies_the_kept_answer_and_refuses_another_text() {
    let authority = Authority::new(&P256);
    let checkpoint = Log::with_entries(5).checkpoint();
    authority.put(
        "5.tsr",
        &authority.answer(&request(checkpoint.as_bytes(), 7)),
    );
    authority.put("5.checkpoint", checkpoint.as_bytes());
    let verify = || {
        let words = [
            "ts",
            "-verify",
            "-in",
            "5.tsr",
            "-data",
            "5.checkpoint",
            "-CAfile",
            "root.pem",
        ];
        run(authority.path(), "openssl", &words, b"")
    };
    succeeds(&verify());
    authority.put("5.checkpoint", Log::with_entries(6).checkpoint().as_bytes());
    refuses(&verify());
}

#[test]
fn a_log_with_time_tokens_is_verified_with_the_authority_and_consistent_without() {
    let authority = Authority::new(&P256);
    let (older, log) = (Log::with_entries(5), Log::with_entries(9));
    let token = authority.answer(&request(older.checkpoint().as_bytes(), 7));
    let mut folder = log.folder();
    folder.insert(
        "anchors/5.checkpoint".into(),
        older.checkpoint().into_bytes(),
    );
    folder.insert("anchors/5.tsr".into(), token.clone());
    let (trusted, roots) = (vkey(), authority.roots());
    let judge = |folder: &crate::support::Folder, time_roots| {
        let given = Given {
            vkey: Some(&trusted),
            time_roots,
            anchors: Vec::new(),
        };
        verify_with(folder, &given)
    };
    assert!(judge(&folder, Some(&roots)).verified());
    assert_eq!(judge(&folder, None).verdict(), Verdict::Consistent);

    // The token of another checkpoint proves nothing about this one.
    folder.insert(
        "anchors/5.checkpoint".into(),
        Log::with_entries(4).checkpoint().into_bytes(),
    );
    let report = judge(&folder, Some(&roots));
    assert_eq!(
        blamed(&report),
        [(checks::TIME, "time token of anchors/5.checkpoint")]
    );

    // The same through a folder that was kept elsewhere.
    let kept = Anchor {
        name: "kept".into(),
        checkpoint: older.checkpoint(),
        token: Some(token[..token.len() - 1].to_vec()),
    };
    let given = Given {
        vkey: Some(&trusted),
        anchors: vec![kept],
        time_roots: Some(&roots),
    };
    let report = verify_with(&log.folder(), &given);
    assert_eq!(blamed(&report), [(checks::TIME, "time token of kept")]);
}
