//! The page: its packages, its build, its scripts.

use crate::{process, workspace};
use anyhow::{Context, bail};
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::SystemTime;

/// npm is a batch file on Windows, which needs its ending.
const NPM: &str = if cfg!(windows) { "npm.cmd" } else { "npm" };
/// The oldest Node that Vite 8 runs on.
const OLDEST_NODE: (u32, u32) = (20, 19);
/// A copy of the package lock that `node_modules` was installed from.
const STAMP: &str = "node_modules/.installed-from-package-lock.json";
/// Folders below `ui` that hold results, not sources.
const RESULTS: [&str; 3] = ["node_modules", "dist", "coverage"];

/// Runs `npm ci` if the package lock changed since the last time.
pub(crate) fn install() -> anyhow::Result<()> {
    let lock_path = dir().join("package-lock.json");
    let lock = fs::read(&lock_path)
        .with_context(|| format!("the package lock {} cannot be read", lock_path.display()))?;
    if fs::read(dir().join(STAMP)).is_ok_and(|installed| installed == lock) {
        return Ok(());
    }
    require_node()?;
    process::run(npm(&["ci", "--no-audit", "--no-fund"]).stdin(Stdio::null())).context(
        "the page's packages could not be installed; \
             hint: check the network and the npm registry setting",
    )?;
    File::create(dir().join(STAMP))
        .and_then(|mut stamp| stamp.write_all(&lock))
        .context("the mark that the page's packages are installed could not be written")
}

/// Builds the page if a source is newer than the last build.
pub(crate) fn build_if_stale() -> anyhow::Result<()> {
    if is_stale(&dir())? {
        return script("build");
    }
    process::say("ui/dist is up to date");
    Ok(())
}

/// Runs one of the scripts in `ui/package.json`.
pub(crate) fn script(name: &str) -> anyhow::Result<()> {
    process::run(npm(&["run", name]).stdin(Stdio::null()))
}

fn dir() -> PathBuf {
    workspace::root().join("ui")
}

/// npm, in the folder of the page.
pub(crate) fn npm(words: &[&str]) -> Command {
    let mut command = Command::new(NPM);
    command.current_dir(dir()).args(words);
    command
}

fn require_node() -> anyhow::Result<()> {
    let answer = process::answer(Command::new("node").arg("--version"));
    let found = answer.as_deref().and_then(node_version);
    if found.is_some_and(|version| version >= OLDEST_NODE) {
        return Ok(());
    }
    let (major, minor) = OLDEST_NODE;
    bail!(
        "the page needs Node.js {major}.{minor} or newer, found: {}\n\
         hint: get it from https://nodejs.org",
        answer.as_deref().unwrap_or("none")
    )
}

/// Major and minor number from an answer such as `v20.20.2`.
fn node_version(answer: &str) -> Option<(u32, u32)> {
    let mut numbers = answer.strip_prefix('v')?.split('.');
    let major = numbers.next()?.parse().ok()?;
    let minor = numbers.next()?.parse().ok()?;
    Some((major, minor))
}

fn is_stale(ui: &Path) -> anyhow::Result<bool> {
    let Ok(built) = fs::metadata(ui.join("dist/index.html")).and_then(|page| page.modified())
    else {
        return Ok(true);
    };
    let newest =
        newest_source(ui).with_context(|| format!("looking for changes in {}", ui.display()))?;
    Ok(newest.is_some_and(|changed| changed > built))
}

/// The latest change below a folder; a folder's own time counts too, because it shows deletions.
fn newest_source(folder: &Path) -> std::io::Result<Option<SystemTime>> {
    let mut newest = None;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if is_result(&entry.file_name().to_string_lossy()) {
            continue;
        }
        newest = newest.max(Some(entry.metadata()?.modified()?));
        if entry.file_type()?.is_dir() {
            newest = newest.max(newest_source(&entry.path())?);
        }
    }
    Ok(newest)
}

fn is_result(name: &str) -> bool {
    name.starts_with('.') || RESULTS.contains(&name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::ScratchDir;
    use std::time::Duration;

    /// A page whose file `changed` lies `later_s` seconds after its build.
    fn page(name: &str, changed: &str, later_s: i64) -> ScratchDir {
        let scratch = ScratchDir::new(name);
        for file in ["dist/index.html", "src/main.ts", "node_modules/x/index.js"] {
            touch(&scratch.path().join(file), 0);
        }
        touch(&scratch.path().join(changed), later_s);
        for folder in ["dist", "src", "node_modules", "node_modules/x"] {
            set_age(&scratch.path().join(folder), 0);
        }
        scratch
    }

    fn touch(path: &Path, later_s: i64) {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        File::create(path).unwrap();
        set_age(path, later_s);
    }

    fn set_age(path: &Path, later_s: i64) {
        let seconds = u64::try_from(1_700_000_000 + later_s).unwrap();
        let time = SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
        File::open(path).unwrap().set_modified(time).unwrap();
    }

    #[test]
    fn a_page_is_stale_only_after_a_source_changed() {
        let table = [
            ("src/main.ts", 60, true),
            ("vite.config.ts", 60, true),
            ("src/main.ts", -60, false),
            ("node_modules/x/index.js", 60, false),
            (".svelte-kit", 60, false),
        ];
        for (row, (changed, later_s, expected)) in table.into_iter().enumerate() {
            let scratch = page(&format!("stale-{row}"), changed, later_s);
            assert_eq!(
                is_stale(scratch.path()).unwrap(),
                expected,
                "{changed} {later_s}"
            );
        }
    }

    #[test]
    fn a_deleted_source_makes_the_page_stale() {
        let scratch = page("deleted", "src/gone.ts", -60);
        assert!(!is_stale(scratch.path()).unwrap());
        fs::remove_file(scratch.path().join("src/gone.ts")).unwrap();
        assert!(is_stale(scratch.path()).unwrap());
    }

    #[test]
    fn a_page_never_built_is_stale() {
        let scratch = ScratchDir::new("unbuilt");
        assert!(is_stale(scratch.path()).unwrap());
    }

    #[test]
    fn node_versions_are_read_and_compared() {
        assert_eq!(node_version("v20.20.2"), Some((20, 20)));
        assert!(node_version("v18.20.4") < Some(OLDEST_NODE));
        assert!(node_version("v24.0.0") > Some(OLDEST_NODE));
        assert_eq!(node_version("20"), None);
        assert_eq!(node_version("vNext.1"), None);
    }
}
