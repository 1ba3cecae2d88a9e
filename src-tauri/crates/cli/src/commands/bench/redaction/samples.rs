//! A call of plain samples: our redaction beside ffmpeg, sox, openssl and `cp`.

use std::path::{Path, PathBuf};

use super::{
    Case, IN_A_ROW, QUICK_ROUNDS, digest,
    material::{RATE, Recording},
    mute,
    programs::run,
    programs_are_here, race, ratio, redact, rows, sha256_by_openssl,
};
use crate::{commands::bench::Value, failure::Failure, output::Output};

/// What the others are told to do.
struct Orders {
    ours: PathBuf,
    /// The usual filter, which looks at the time once in 128 ms of a call.
    usual: String,
    /// The same filter on frames of 10 ms.
    right: String,
    /// The pieces that sox joins.
    pieces: Vec<String>,
}

pub(super) fn values(
    folder: &Path,
    call: &Recording,
    output: &mut Output,
) -> Result<Vec<Value>, Failure> {
    let usual = mute(call);
    let orders = Orders {
        ours: folder.join("ours.wav"),
        right: format!("asetnsamples=n={},{usual}", RATE / 100),
        usual,
        pieces: pieces(call),
    };
    let mut cases = our_cases(call, &orders);
    if programs_are_here(&["cp", "ffmpeg", "openssl", "sox"], output) {
        cases.extend(their_cases(folder, &orders));
    }
    let took = race(QUICK_ROUNDS, &mut cases)?;
    let mut values = rows(&cases, &took);
    if let [ours, digest, copy, _, hashed, right, sox, openssl] = &took[..] {
        let writing = (ours.cpu - 2.0 * digest.cpu).max(0.0);
        values.extend([
            ratio(
                "WAV, ours to ffmpeg mute and two openssl (0.45)",
                ours.cpu,
                hashed,
            ),
            ratio(
                "WAV, ours to ffmpeg with right edges (0.15)",
                ours.cpu,
                right,
            ),
            ratio(
                "WAV, ours without both digests to `cp` (1.6)",
                writing,
                copy,
            ),
            ratio("WAV, ours to sox", ours.cpu, sox),
            ratio("WAV, our digest to openssl (1.05)", digest.cpu, openssl),
        ]);
    }
    Ok(values)
}

fn our_cases<'a>(call: &'a Recording, orders: &'a Orders) -> Vec<Case<'a>> {
    vec![
        Case::new("WAV, ours, noise and both digests", || {
            redact(call, &call.path, &orders.ours)
        }),
        Case::new("WAV, one digest of ours", || digest(&call.path)),
    ]
}

fn their_cases<'a>(folder: &'a Path, orders: &'a Orders) -> Vec<Case<'a>> {
    let ffmpeg = move |filter: &str| {
        let words = ["-v", "error", "-y", "-i", "call.wav", "-af", filter];
        let out = ["-c:a", "pcm_s16le", "muted.wav"];
        run(folder, "ffmpeg", &[&words[..], &out].concat())
    };
    vec![
        Case {
            in_a_row: IN_A_ROW,
            ..Case::new("WAV, `cp`", move || {
                run(folder, "cp", &["call.wav", "copy.wav"])
            })
        },
        Case::new("WAV, ffmpeg mute", move || ffmpeg(&orders.usual)),
        Case::new("WAV, ffmpeg mute and two openssl", move || {
            ffmpeg(&orders.usual)?;
            sha256_by_openssl(folder, "call.wav")?;
            sha256_by_openssl(folder, "muted.wav")
        }),
        Case::new("WAV, ffmpeg with right edges", move || {
            ffmpeg(&orders.right)
        }),
        Case::new("WAV, sox, pieces joined", move || {
            let mut words: Vec<&str> = orders.pieces.iter().map(String::as_str).collect();
            words.extend(["-b", "16", "joined.wav"]);
            run(folder, "sox", &words)
        }),
        Case::new("WAV, openssl, one digest", move || {
            sha256_by_openssl(folder, "call.wav")
        }),
    ]
}

/// The call in pieces as sox takes them, with silence in place of the spans.
fn pieces(call: &Recording) -> Vec<String> {
    let seconds = |ms: u64| format!("{}.{:03}", ms / 1_000, ms % 1_000);
    let kept =
        |from: u64, to: u64| format!("|sox call.wav -p trim {} ={}", seconds(from), seconds(to));
    let mut at = 0;
    let mut pieces = vec![];
    for (start, end) in call.spans() {
        pieces.push(kept(at, start));
        let length = seconds(end - start);
        pieces.push(format!("|sox -n -r {RATE} -c 2 -b 16 -p trim 0 {length}"));
        at = end;
    }
    pieces.push(kept(at, call.duration_ms));
    pieces
}
