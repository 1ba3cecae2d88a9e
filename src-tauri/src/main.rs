//! The desktop program; everything is in the library beside it.

// No console window beside the real one.
#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

fn main() -> anyhow::Result<()> {
    sar_portal::run()
}
