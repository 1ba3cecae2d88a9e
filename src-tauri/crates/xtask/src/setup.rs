//! Brings a machine to the point where a task can run; does nothing that is done already.

use crate::packages::{self, Group};
use crate::report::Verdict;
use crate::{deny, prism, process, python, ui};

/// What the machine is being prepared for; each purpose installs only what it needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// The case on the command line: no web view, no page.
    HeadlessDemo,
    /// The window on the sandbox.
    WindowDemo,
    /// Everything `check` runs.
    Check,
    /// Everything `test` runs.
    Test,
    /// The benchmarks and the programs they compare with.
    Bench,
    /// Rendering the icons.
    Icons,
}

/// Installs what is missing for any task; `cargo xtask setup` itself.
pub(crate) fn everything() -> anyhow::Result<()> {
    for purpose in [Purpose::Check, Purpose::Test] {
        run(purpose)?;
    }
    for installed in [python::TOOLS.install(), prism::install()] {
        if let Verdict::NotPerformed(reason) = installed {
            process::say(&format!("not performed: {reason}"));
        }
    }
    process::say("Everything that building, testing, checking and benchmarks need is installed");
    Ok(())
}

/// Installs what is missing for `purpose`.
pub(crate) fn run(purpose: Purpose) -> anyhow::Result<()> {
    packages::ensure(groups(purpose))?;
    if needs_page(purpose) {
        ui::install()?;
    }
    if purpose == Purpose::Check {
        deny::install()?;
    }
    Ok(())
}

const fn groups(purpose: Purpose) -> &'static [Group] {
    match purpose {
        Purpose::HeadlessDemo => &[Group::Compile],
        Purpose::WindowDemo | Purpose::Check => &[Group::Compile, Group::Window],
        Purpose::Test => &[
            Group::Compile,
            Group::Window,
            Group::WindowTests,
            Group::OutsideTools,
        ],
        Purpose::Bench => &[Group::Compile, Group::OutsideTools],
        Purpose::Icons => &[Group::Icons],
    }
}

const fn needs_page(purpose: Purpose) -> bool {
    match purpose {
        Purpose::WindowDemo | Purpose::Check | Purpose::Test => true,
        Purpose::HeadlessDemo | Purpose::Bench | Purpose::Icons => false,
    }
}
