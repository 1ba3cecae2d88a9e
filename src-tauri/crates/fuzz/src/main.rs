//! libFuzzer around one target, which `SAR_FUZZ_TARGET` names; `cargo xtask fuzz` starts it.
#![no_main]

use std::sync::OnceLock;

static TARGET: OnceLock<fuzz::Target> = OnceLock::new();

fn chosen() -> fuzz::Target {
    let name = std::env::var("SAR_FUZZ_TARGET").expect("SAR_FUZZ_TARGET names the target");
    fuzz::find(&name).expect("SAR_FUZZ_TARGET is one of the names in fuzz::TARGETS")
}

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| (TARGET.get_or_init(chosen).run)(bytes));
