//! Keeps the memory of this process out of files.

use std::io;

/// What a crash may leave behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CoreDumps {
    /// No core file is written.
    NoFile,
    /// No core file is written, and other processes of this account cannot read the memory either. Not for a
    /// program with a window: portals of the desktop look into `/proc` to see who asks them.
    Closed,
}

/// Makes sure that keys and names in memory do not end in a core file. The first thing a program does.
///
/// # Errors
/// When the system refuses.
#[cfg(unix)]
pub fn deny_core_dumps(how: CoreDumps) -> io::Result<()> {
    use rustix::process::{Resource, Rlimit, setrlimit};
    let none = Rlimit {
        current: Some(0),
        maximum: Some(0),
    };
    setrlimit(Resource::Core, none)?;
    if how == CoreDumps::Closed {
        close_memory()?;
    }
    Ok(())
}

#[cfg(target_os = "linux")]
fn close_memory() -> io::Result<()> {
    use rustix::process::{DumpableBehavior, set_dumpable_behavior};
    Ok(set_dumpable_behavior(DumpableBehavior::NotDumpable)?)
}

#[cfg(all(unix, not(target_os = "linux")))]
fn close_memory() -> io::Result<()> {
    Ok(())
}

/// Windows writes memory to a file only where an administrator set that up for a program by name.
///
/// # Errors
/// None there.
#[cfg(not(unix))]
pub fn deny_core_dumps(_how: CoreDumps) -> io::Result<()> {
    Ok(())
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    // Each test is a process of its own, so this one alone can be closed.
    #[test]
    fn a_closed_process_writes_no_core_file_and_is_not_read_by_others() {
        deny_core_dumps(CoreDumps::Closed).unwrap();
        let limits = std::fs::read_to_string("/proc/self/limits").unwrap();
        let line = limits
            .lines()
            .find(|line| line.starts_with("Max core file size"));
        let numbers: Vec<_> = line.unwrap().split_whitespace().collect();
        assert_eq!(numbers[4..6], ["0", "0"], "{line:?}");
        use rustix::process::{DumpableBehavior, dumpable_behavior};
        assert_eq!(dumpable_behavior().unwrap(), DumpableBehavior::NotDumpable);
    }
}
