//! Runs the binary, and what several tests share.

pub(crate) mod bench;
pub(crate) mod desk;
pub(crate) mod gateway;
pub(crate) mod http;
pub(crate) mod served;
pub(crate) mod wav;

use std::{
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
    sync::LazyLock,
};

use serde_json::{Value, json};

/// How a call ended.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Run {
    fn new(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8(output.stdout).expect("stdout is text"),
            stderr: String::from_utf8(output.stderr).expect("stderr is text"),
        }
    }

    /// The run, which must have succeeded.
    pub(crate) fn ok(self) -> Self {
        assert_eq!(self.code, 0, "{self:?}");
        self
    }

    /// The run, which must have ended with this code and a message with all these parts.
    pub(crate) fn fails(self, code: i32, parts: &[&str]) -> Self {
        assert_eq!(self.code, code, "{self:?}");
        assert!(self.stderr.starts_with("sar: "), "{self:?}");
        for part in parts {
            assert!(self.stderr.contains(part), "`{part}` is missing: {self:?}");
        }
        for trace in ["panicked", "RUST_BACKTRACE", "Error {", "Some("] {
            assert!(!self.stderr.contains(trace), "{self:?}");
        }
        self
    }

    /// The one JSON object on stdout.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|_| panic!("{self:?}"))
    }

    /// The JSON objects on stdout, one a line.
    pub(crate) fn json_lines(&self) -> Vec<Value> {
        let parse = |line| serde_json::from_str(line).unwrap_or_else(|_| panic!("{self:?}"));
        self.stdout.lines().map(parse).collect()
    }
}

/// The binary without anything of the machine's own settings.
pub(crate) fn command() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sar"));
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("SAR_") {
            command.env_remove(name);
        }
    }
    command
        .env("USER", "tester")
        .env_remove("DBUS_SESSION_BUS_ADDRESS")
        .env_remove("XDG_RUNTIME_DIR");
    command
}

/// Runs `sar` with these arguments.
pub(crate) fn sar<S: AsRef<OsStr>>(args: impl IntoIterator<Item = S>) -> Run {
    run(command().args(args))
}

pub(crate) fn run(command: &mut Command) -> Run {
    Run::new(command.output().expect("the binary starts"))
}

/// A file of this crate's `tests/data`.
pub(crate) fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/data")
        .join(name)
}

/// Whether 7-Zip accepts a package with this passphrase.
pub(crate) fn seven_zip_accepts(package: &Path, passphrase: &str) -> bool {
    let mut command = Command::new("7z");
    command.arg("t").arg(format!("-p{passphrase}")).arg(package);
    let output = command
        .output()
        .expect("7z is installed by `cargo xtask setup`");
    output.status.success()
}

/// A finished demo, made once for all tests that only look at it.
pub(crate) struct FinishedDemo {
    /// Everything the demo could write to: its folder, its home, its place for temporary files.
    pub(crate) world: PathBuf,
    pub(crate) out: PathBuf,
    pub(crate) run: Run,
}

static DEMO: LazyLock<FinishedDemo> = LazyLock::new(|| {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    // Each test may be a process of its own: the first one makes the demo, the others wait for it.
    let lock = fs::File::create(folder.join("finished-demo.lock")).expect("a file to lock");
    lock.lock().expect("the lock is had");
    let made = folder.join("finished-demo.json");
    let world = folder.join("finished-demo");
    let out = world.join("out");
    let run = demo_of_this_run(&made).unwrap_or_else(|| {
        if world.exists() {
            fs::remove_dir_all(&world).expect("the last demo is removed");
        }
        let run = run(demo_command(&world, &out).env("SAR_LOG", "debug"));
        let record = json!([test_run(), run.code, run.stdout, run.stderr]);
        fs::write(&made, record.to_string()).expect("the demo is remembered");
        run
    });
    FinishedDemo { world, out, run }
});

/// What this run of the tests is called; nextest gives all its processes one name.
fn test_run() -> String {
    std::env::var("NEXTEST_RUN_ID").unwrap_or_else(|_| format!("process {}", std::process::id()))
}

/// The demo that another process of this run made.
fn demo_of_this_run(made: &Path) -> Option<Run> {
    let record = fs::read_to_string(made).ok()?;
    let (test_run_of_it, code, stdout, stderr): (String, i32, String, String) =
        serde_json::from_str(&record).ok()?;
    (test_run_of_it == test_run()).then_some(Run {
        code,
        stdout,
        stderr,
    })
}

pub(crate) fn finished_demo() -> &'static FinishedDemo {
    &DEMO
}

/// `sar demo` that can write nowhere but below `world`.
pub(crate) fn demo_command(world: &Path, out: &Path) -> Command {
    for folder in ["home", "tmp", "cwd"] {
        fs::create_dir_all(world.join(folder)).expect("the folders are made");
    }
    let mut command = command();
    command
        .arg("demo")
        .arg("--out")
        .arg(out)
        .current_dir(world.join("cwd"))
        .env("HOME", world.join("home"))
        .env("TMPDIR", world.join("tmp"))
        .env_remove("XDG_DATA_HOME");
    command
}

impl FinishedDemo {
    pub(crate) fn package(&self) -> PathBuf {
        let packages = packages(&self.out);
        assert_eq!(packages.len(), 1, "{packages:?}");
        packages[0].clone()
    }

    pub(crate) fn passphrase_file(&self) -> PathBuf {
        self.out.join("passphrase.txt")
    }

    pub(crate) fn passphrase(&self) -> String {
        let text = fs::read_to_string(self.passphrase_file()).expect("the passphrase is there");
        text.trim_end().to_owned()
    }
}

/// The packages in a folder.
pub(crate) fn packages(folder: &Path) -> Vec<PathBuf> {
    let names = names(folder);
    let zips = names.iter().filter(|name| name.ends_with(".zip"));
    zips.map(|name| folder.join(name)).collect()
}

/// Names of everything in a folder, sorted.
pub(crate) fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("the folder is there");
    let name = |entry: std::io::Result<fs::DirEntry>| {
        entry
            .expect("the folder can be read")
            .file_name()
            .to_string_lossy()
            .into_owned()
    };
    let mut names: Vec<String> = entries.map(name).collect();
    names.sort();
    names
}

/// Actions of a demo folder's log, by number of entries.
pub(crate) fn log_entries(out: &Path) -> Vec<Value> {
    let parse = |line: String| serde_json::from_str(&line).unwrap();
    log_lines(out).into_iter().map(parse).collect()
}

/// The same, exactly as signed.
pub(crate) fn log_lines(out: &Path) -> Vec<String> {
    let hidden = out.join(".sample-data");
    let list = sar([
        OsStr::new("audit"),
        "list".as_ref(),
        "--json".as_ref(),
        "--limit".as_ref(),
        "100000".as_ref(),
        "--data-dir".as_ref(),
        hidden.join("store").as_ref(),
        "--passphrase-file".as_ref(),
        hidden.join("passphrase-of-sample-data.txt").as_ref(),
    ]);
    list.ok().stdout.lines().map(str::to_owned).collect()
}
