//! A private desktop session for tests: own home, own message bus, unlocked keyring, own display.
//!
//! Tests write keys into the keyring and open windows; none of that may reach the developer's own.

use crate::{process, workspace};
use anyhow::Context;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Unlocks the secret service of the bus we are on, then becomes the command it was given.
const WITH_KEYRING: &str = "\
printf %s test-run | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1 \
|| { echo 'error: gnome-keyring-daemon did not start, so keyring tests cannot run' >&2; exit 1; }; \
exec \"$@\"";
/// Large enough for the window at its default size.
const SCREEN: &str = "-screen 0 1600x1000x24 -nolisten tcp";

/// Runs a command inside a private session; elsewhere than on Linux the system's own is used.
pub(crate) fn run(words: &[&str]) -> anyhow::Result<()> {
    if !cfg!(target_os = "linux") {
        return process::run(workspace::command(words[0]).args(&words[1..]));
    }
    let dir = std::env::temp_dir().join(format!("sar-session-{}", std::process::id()));
    let session = Session::open(dir).context("a private folder for the test session")?;
    let line = format!("{} (private session)", words.join(" "));
    process::run_as(&line, &mut session.command(words)?)
}

struct Session {
    dir: PathBuf,
}

impl Session {
    fn open(dir: PathBuf) -> std::io::Result<Self> {
        let session = Self { dir };
        for folder in [session.home(), session.runtime()] {
            create_private(&folder)?;
        }
        Ok(session)
    }

    fn home(&self) -> PathBuf {
        self.dir.join("home")
    }

    /// Sockets live here, and a socket's path is limited to 108 bytes: keep it short.
    fn runtime(&self) -> PathBuf {
        self.dir.join("run")
    }

    fn command(&self, words: &[&str]) -> anyhow::Result<Command> {
        let mut command = workspace::command("xvfb-run");
        command
            .args([
                "-a",
                "-s",
                SCREEN,
                "dbus-run-session",
                "--",
                "sh",
                "-c",
                WITH_KEYRING,
                "sh",
            ])
            .args(words)
            .stdin(Stdio::null())
            .env("HOME", self.home())
            .env("XDG_RUNTIME_DIR", self.runtime())
            .env("GDK_BACKEND", "x11");
        for name in [
            "XDG_CACHE_HOME",
            "XDG_CONFIG_HOME",
            "XDG_DATA_HOME",
            "XDG_STATE_HOME",
        ] {
            command.env_remove(name);
        }
        command.env_remove("WAYLAND_DISPLAY");
        keep_cargo_home(&mut command)?;
        Ok(command)
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        // Left-overs are test data in the temp folder; nothing depends on their removal.
        let _ = fs::remove_dir_all(&self.dir);
    }
}

/// Cargo and rustup live in the real home, which the session hides.
fn keep_cargo_home(command: &mut Command) -> anyhow::Result<()> {
    let home = std::env::home_dir().context("the home folder is not known")?;
    for (name, folder) in [("CARGO_HOME", ".cargo"), ("RUSTUP_HOME", ".rustup")] {
        let path = std::env::var_os(name).map_or_else(|| home.join(folder), PathBuf::from);
        if path.is_dir() {
            command.env(name, path);
        }
    }
    Ok(())
}

#[cfg(unix)]
fn create_private(folder: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    // The XDG base directory specification asks for mode 0700, and the web view insists on it.
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
}

#[cfg(not(unix))]
fn create_private(folder: &Path) -> std::io::Result<()> {
    fs::create_dir_all(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn session(name: &str) -> Session {
        let name = format!("sar-session-{name}-{}", std::process::id());
        Session::open(std::env::temp_dir().join(name)).unwrap()
    }

    #[cfg(unix)]
    #[test]
    fn the_session_is_private_and_leaves_nothing_behind() {
        use std::os::unix::fs::PermissionsExt;
        let session = session("private");
        let dir = session.dir.clone();
        for folder in [dir.clone(), session.home(), session.runtime()] {
            let mode = fs::metadata(&folder).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o700, "{}", folder.display());
        }
        drop(session);
        assert!(!dir.exists());
    }

    #[test]
    fn the_command_sees_the_private_home_but_the_real_cargo() {
        let session = session("environment");
        let command = session.command(&["cargo", "test"]).unwrap();
        let value = |name: &str| {
            let found = command.get_envs().find(|(key, _)| *key == name);
            found.and_then(|(_, value)| value).map(PathBuf::from)
        };
        assert_eq!(value("HOME"), Some(session.home()));
        assert_eq!(value("XDG_RUNTIME_DIR"), Some(session.runtime()));
        assert!(!value("CARGO_HOME").is_some_and(|path| path.starts_with(session.home())));
        assert_eq!(value("WAYLAND_DISPLAY"), None);
    }
}
