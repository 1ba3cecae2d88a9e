//! Where things are.

use std::path::{Path, PathBuf};
use std::process::Command;

/// The top folder of the repository.
pub(crate) fn root() -> &'static Path {
    // This crate lies at src-tauri/crates/xtask; a moved checkout recompiles it.
    let crate_dir = Path::new(env!("CARGO_MANIFEST_DIR"));
    crate_dir
        .ancestors()
        .nth(3)
        .expect("the crate lies three levels below the top folder")
}

/// Build results of this program's own tools; `cargo clean` removes them.
pub(crate) fn tools_dir() -> PathBuf {
    root().join("target").join("tools")
}

/// `program` with the top folder as its working directory.
pub(crate) fn command(program: &str) -> Command {
    let mut command = Command::new(program);
    command.current_dir(root());
    command
}

/// The cargo that runs us, at the top folder.
pub(crate) fn cargo(words: &[&str]) -> Command {
    let mut command = command("cargo");
    command.args(words);
    command
}

/// An empty folder that disappears with the value.
#[cfg(test)]
pub(crate) struct ScratchDir(PathBuf);

#[cfg(test)]
impl ScratchDir {
    pub(crate) fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("sar-xtask-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&path).expect("the temp folder is writable");
        Self(path)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

#[cfg(test)]
impl Drop for ScratchDir {
    fn drop(&mut self) {
        // Left-overs of a failed removal are only clutter in the temp folder.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_top_folder_holds_the_window_configuration_and_the_crates() {
        assert!(super::root().join("Cargo.lock").is_file());
        assert!(super::root().join("src-tauri/crates/xtask").is_dir());
    }
}
