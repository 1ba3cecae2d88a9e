//! Gives each command a permission of its own and lets tauri-build check the capability files.
//!
//! The commands are read from the list every shell shares, so that a permission can neither be missing
//! nor be left over. A capability that names a command which does not exist fails the build.

use std::{
    collections::BTreeSet,
    env, fs,
    io::Write,
    path::{Path, PathBuf},
};

use tauri_build::{AppManifest, Attributes};

/// The files that list the commands: for every shell, and for the desktop alone.
const COMMAND_LISTS: [&str; 2] = [
    "src-tauri/crates/services/src/api/mod.rs",
    "src-tauri/crates/services/src/api/playback.rs",
];

const CAPABILITIES: &str = "src-tauri/capabilities";

type Failure = Box<dyn std::error::Error>;

fn main() -> Result<(), Failure> {
    println!("cargo:rerun-if-changed={CAPABILITIES}");
    let mut commands = BTreeSet::new();
    for list in COMMAND_LISTS {
        println!("cargo:rerun-if-changed={list}");
        let found = command_names(&fs::read_to_string(list)?);
        if found.is_empty() {
            return Err(
                format!("{list} lists no command; has the form of the list changed?").into(),
            );
        }
        commands.extend(found);
    }
    let permissions = PathBuf::from(env::var("OUT_DIR")?).join("commands.toml");
    write(&permissions, &permission_file(&commands))?;
    let pattern = permissions
        .to_str()
        .ok_or("the build folder is not UTF-8")?
        .to_owned();
    let manifest = AppManifest::new().permissions_path_pattern(pattern.leak());
    let attributes = Attributes::new()
        .capabilities_path_pattern("./src-tauri/capabilities/**/*")
        .app_manifest(manifest);
    Ok(tauri_build::try_build(attributes)?)
}

/// The `name` of each line `name(Request) -> Answer,`.
fn command_names(source: &str) -> BTreeSet<String> {
    source
        .lines()
        .filter_map(command_name)
        .map(str::to_owned)
        .collect()
}

fn command_name(line: &str) -> Option<&str> {
    let (name, rest) = line.trim().split_once('(')?;
    let (request, answer) = rest.strip_suffix(',')?.split_once(") -> ")?;
    let is_type = |text: &str| text.chars().all(char::is_alphanumeric);
    let is_name = name.chars().all(|c| c.is_ascii_lowercase() || c == '_');
    (is_name && !name.is_empty() && is_type(request) && is_type(answer)).then_some(name)
}

fn permission_file(commands: &BTreeSet<String>) -> String {
    commands
        .iter()
        .map(|command| {
            let name = command.replace('_', "-");
            format!("[[permission]]\nidentifier = \"allow-{name}\"\ncommands.allow = [\"{command}\"]\n\n")
        })
        .collect()
}

fn write(path: &Path, text: &str) -> std::io::Result<()> {
    fs::File::create(path)?.write_all(text.as_bytes())
}
