//! The command line: a closed list of tasks.

use crate::fuzz::FuzzOptions;
use std::path::PathBuf;

/// Printed by `cargo xtask help` and after a mistake.
pub(crate) const USAGE: &str = "\
Usage: cargo xtask <task>

  setup                        install what building and testing need; nothing is done twice
  demo [--headless] [--out DIR] the app on the built-in sandbox organization; without a display, or
                               with --headless, the whole case on the command line
  test                         every test: UI, crates, flows, window
  check                        format, lints, dependencies, documentation, UI lint and types
  bench [NAME [OPTIONS]]       the benchmarks, or the one called NAME; options as `sar bench` has them
  fuzz [TARGET] [--seconds N]  feed the parsers with what nobody meant, 600 s each
  evaluate [OPTIONS]           the detector beside Presidio on the held-back calls; options as
                               `sar evaluate` has them choose another set
  icons                        render icons/*.svg into the files the bundles need
  help                         this text
";

/// What the caller asked for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Task {
    Setup,
    Demo(DemoOptions),
    Test,
    Check,
    /// The words are those of `sar bench`.
    Bench {
        words: Vec<String>,
    },
    Fuzz(FuzzOptions),
    /// The words are those of `sar evaluate`.
    Evaluate {
        words: Vec<String>,
    },
    Icons,
    Help,
}

/// How to show the demo.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct DemoOptions {
    /// Never open a window.
    pub(crate) headless: bool,
    /// Where the headless demo puts its package.
    pub(crate) out: Option<PathBuf>,
}

impl Task {
    /// Reads the words after `cargo xtask`; the error says which word was not understood.
    pub(crate) fn parse(words: &[String]) -> Result<Self, String> {
        let Some((first, rest)) = words.split_first() else {
            return Err("no task given".to_owned());
        };
        match first.as_str() {
            "demo" => parse_demo(rest).map(Self::Demo),
            "bench" => parse_bench(rest),
            "fuzz" => parse_fuzz(rest).map(Self::Fuzz),
            "evaluate" => Ok(Self::Evaluate {
                words: rest.to_vec(),
            }),
            "setup" => alone(Self::Setup, rest),
            "test" => alone(Self::Test, rest),
            "check" => alone(Self::Check, rest),
            "icons" => alone(Self::Icons, rest),
            "help" | "--help" | "-h" => alone(Self::Help, rest),
            other => Err(format!("unknown task `{other}`")),
        }
    }
}

fn alone(task: Task, rest: &[String]) -> Result<Task, String> {
    match rest.first() {
        None => Ok(task),
        Some(extra) => Err(format!("`{extra}` was not expected here")),
    }
}

fn parse_bench(rest: &[String]) -> Result<Task, String> {
    match rest {
        [name, ..] if name.starts_with('-') => Err(format!("`{name}` is not a benchmark name")),
        [_, extra, ..] if !extra.starts_with('-') => {
            Err(format!("`{extra}` was not expected here"))
        }
        words => Ok(Task::Bench {
            words: words.to_vec(),
        }),
    }
}

fn parse_fuzz(rest: &[String]) -> Result<FuzzOptions, String> {
    let mut options = FuzzOptions::default();
    let mut words = rest.iter();
    while let Some(word) = words.next() {
        match word.as_str() {
            "--seconds" => options.seconds = seconds(words.next())?,
            name if !name.starts_with('-') && options.target.is_none() => {
                options.target = Some(name.to_owned());
            }
            other => return Err(format!("`{other}` is not an option of fuzz")),
        }
    }
    Ok(options)
}

fn seconds(word: Option<&String>) -> Result<u32, String> {
    word.and_then(|word| word.parse().ok())
        .filter(|&seconds| seconds > 0)
        .ok_or_else(|| "`--seconds` needs a number above 0".to_owned())
}

fn parse_demo(rest: &[String]) -> Result<DemoOptions, String> {
    let mut options = DemoOptions::default();
    let mut words = rest.iter();
    while let Some(word) = words.next() {
        match word.as_str() {
            "--headless" => options.headless = true,
            "--out" => options.out = Some(directory(words.next())?),
            other => return Err(format!("`{other}` is not an option of demo")),
        }
    }
    Ok(options)
}

fn directory(word: Option<&String>) -> Result<PathBuf, String> {
    match word {
        Some(path) if !path.is_empty() && !path.starts_with("--") => Ok(PathBuf::from(path)),
        _ => Err("`--out` needs a directory".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Task, String> {
        let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        Task::parse(&words)
    }

    fn demo(headless: bool, out: Option<&str>) -> Task {
        let out = out.map(PathBuf::from);
        Task::Demo(DemoOptions { headless, out })
    }

    fn fuzz(target: Option<&str>, seconds: u32) -> Task {
        let target = target.map(str::to_owned);
        Task::Fuzz(FuzzOptions { target, seconds })
    }

    #[test]
    fn every_task_is_understood() {
        let bench = |words: &[&str]| Task::Bench {
            words: words.iter().map(|&word| word.to_owned()).collect(),
        };
        let table = [
            ("setup", Task::Setup),
            ("test", Task::Test),
            ("check", Task::Check),
            ("icons", Task::Icons),
            ("--help", Task::Help),
            ("bench", bench(&[])),
            ("bench redact", bench(&["redact"])),
            (
                "bench faults --rounds 9",
                bench(&["faults", "--rounds", "9"]),
            ),
            ("fuzz", fuzz(None, 600)),
            ("fuzz plan --seconds 5", fuzz(Some("plan"), 5)),
            (
                "evaluate --json",
                Task::Evaluate {
                    words: vec!["--json".to_owned()],
                },
            ),
            ("demo", demo(false, None)),
            ("demo --headless", demo(true, None)),
            ("demo --out /tmp/x --headless", demo(true, Some("/tmp/x"))),
        ];
        for (line, expected) in table {
            assert_eq!(parse(line), Ok(expected), "{line}");
        }
    }

    #[test]
    fn a_mistake_names_the_word() {
        let table = [
            ("", "no task"),
            ("deploy", "`deploy`"),
            ("test --fast", "`--fast`"),
            ("demo --out", "`--out`"),
            ("demo --out --headless", "`--out`"),
            ("demo now", "`now`"),
            ("bench --all", "`--all`"),
            ("fuzz --seconds no", "`--seconds`"),
            ("fuzz plan package", "`package`"),
            ("bench a b", "`b`"),
        ];
        for (line, word) in table {
            let problem = parse(line).expect_err(line);
            assert!(problem.contains(word), "{line}: {problem}");
        }
    }
}
