//! Runs Presidio, a detector of others, in a process of its own, so that ours can be held against it.

use std::{
    env,
    ffi::OsString,
    fmt,
    io::Write,
    process::{Command, Stdio},
    thread,
};

use serde::{Deserialize, Serialize};

/// Set by `cargo xtask`: the Python in which Presidio is installed.
const PYTHON: &str = "SAR_PRESIDIO_PYTHON";
/// Handed over as an argument, so that an installed `sar` needs no file for it.
const SCRIPT: &str = include_str!("../../../../../benches/presidio.py");

/// Why there are no figures of Presidio.
#[derive(Debug)]
pub(crate) struct NotPerformed(String);

impl fmt::Display for NotPerformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "not performed: Presidio: {}. `cargo xtask evaluate` and `cargo xtask bench detect` install it",
            self.0
        )
    }
}

/// A text to look at.
#[derive(Serialize)]
pub(crate) struct Document<'a> {
    /// Its number, from 0.
    pub(crate) id: usize,
    pub(crate) text: &'a str,
}

/// What it found, in characters.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub(crate) struct FoundSpan {
    pub(crate) entity: String,
    pub(crate) start: u64,
    pub(crate) end: u64,
    pub(crate) score: f32,
}

/// What Presidio answered.
#[derive(Debug)]
pub(crate) struct Answer {
    /// For each text in order.
    pub(crate) found: Vec<Vec<FoundSpan>>,
    /// Time of the analysis alone, without the start.
    pub(crate) seconds: f64,
    /// The part of it that it spent on a processor.
    pub(crate) cpu_seconds: f64,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Line {
    Found { id: usize, spans: Vec<FoundSpan> },
    Took { seconds: f64, cpu_seconds: f64 },
}

/// Looks at every text with Presidio's pattern recognizers.
///
/// # Errors
/// When there is no Python with Presidio; that is no failure, and has to be said.
pub(crate) fn run(documents: &[Document<'_>]) -> Result<Answer, NotPerformed> {
    let python = env::var_os(PYTHON).unwrap_or_else(|| OsString::from("python3"));
    let mut input = Vec::new();
    for document in documents {
        serde_json::to_writer(&mut input, document).map_err(|why| NotPerformed(why.to_string()))?;
        input.push(b'\n');
    }
    answer(&asked(python, input)?, documents.len())
}

/// Its output, whole. The input is written beside the reading, so that neither side waits for the other.
fn asked(python: OsString, input: Vec<u8>) -> Result<String, NotPerformed> {
    let failed = |error: std::io::Error| NotPerformed(error.kind().to_string());
    let mut process = Command::new(python)
        .args(["-c", SCRIPT])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(failed)?;
    let stdin = process.stdin.take();
    let writer = thread::spawn(move || {
        // A process that ended early says why on its own.
        stdin.map(|mut stdin| stdin.write_all(&input))
    });
    let output = process.wait_with_output().map_err(failed)?;
    drop(writer.join());
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        let last = said.lines().last().unwrap_or("it ended without a word");
        return Err(NotPerformed(last.to_owned()));
    }
    String::from_utf8(output.stdout).map_err(|_| NotPerformed("its answer is no text".to_owned()))
}

fn answer(output: &str, documents: usize) -> Result<Answer, NotPerformed> {
    let mut answer = Answer {
        found: vec![Vec::new(); documents],
        seconds: 0.0,
        cpu_seconds: 0.0,
    };
    let mut answered = 0;
    for line in output.lines() {
        let line = serde_json::from_str(line);
        match line.map_err(|_| NotPerformed("its answer is not understood".to_owned()))? {
            Line::Took {
                seconds,
                cpu_seconds,
            } => (answer.seconds, answer.cpu_seconds) = (seconds, cpu_seconds),
            Line::Found { id, spans } => {
                let place = answer.found.get_mut(id);
                *place.ok_or_else(|| NotPerformed("it answered another question".to_owned()))? =
                    spans;
                answered += 1;
            }
        }
    }
    if answered != documents {
        let why = format!("it answered {answered} of {documents} texts");
        return Err(NotPerformed(why));
    }
    Ok(answer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_answer_is_not_a_result() {
        let line = r#"{"id":0,"spans":[{"entity":"IBAN_CODE","start":1,"end":5,"score":1.0}]}"#;
        let took = r#"{"start_seconds":1.0,"seconds":0.5,"cpu_seconds":0.4}"#;
        let whole = answer(&format!("{line}\n{took}\n"), 1).unwrap();
        assert_eq!((whole.found[0][0].end, whole.seconds), (5, 0.5));
        assert_eq!(whole.cpu_seconds, 0.4);
        assert!(answer(took, 1).is_err(), "no answer");
        assert!(
            answer(&line.replace(":0,", ":7,"), 1).is_err(),
            "another text"
        );
        assert!(answer("Traceback", 0).is_err());
    }

    #[test]
    fn without_python_it_says_so() {
        let why = asked(OsString::from("/nowhere/python"), vec![]).unwrap_err();
        assert!(
            why.to_string().starts_with("not performed: Presidio"),
            "{why}"
        );
    }
}
