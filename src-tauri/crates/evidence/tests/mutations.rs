//! The campaign: random manipulations of logs and packages, all found and the right place named, and as
//! many clean logs and packages without a false alarm.
//!
//! `SAR_MUTATIONS=10000 cargo nextest run -p evidence mutations` runs the whole of it; without the variable
//! it is a short one. The same number gives the same manipulations. Packages cost a key derivation a file
//! and verification, so they get a tenth.

use evidence::verify_log::{Anchor, Given, checks, verify_with};

mod dice;
mod logs;
mod packages;

use crate::support::{self, Folder, vkey};
use dice::Dice;

/// Manipulations without the variable.
const SHORT: u64 = 400;

fn rounds() -> u64 {
    let number = std::env::var("SAR_MUTATIONS").ok();
    number.map_or(SHORT, |number| {
        number.parse().expect("SAR_MUTATIONS is a number")
    })
}

/// What the verifier must blame: at least one of these.
type Expected = Vec<(&'static str, String)>;

/// A manipulated log, the checkpoints that somebody kept, and where the fault is.
struct Manipulated {
    what: &'static str,
    folder: Folder,
    anchors: Vec<Anchor>,
    expected: Expected,
}

#[test]
fn every_random_manipulation_of_a_log_is_found_in_its_place() {
    let bases = logs::bases();
    for round in 0..rounds() {
        let mut dice = Dice::new(round);
        let made = logs::manipulate(&bases, &mut dice);
        let trusted = vkey();
        let given = Given {
            vkey: Some(&trusted),
            anchors: made.anchors.clone(),
            ..Given::default()
        };
        let report = verify_with(&made.folder, &given);
        assert!(
            !report.verified(),
            "round {round}: {} was missed",
            made.what
        );
        let blamed = support::blamed(&report);
        let named = |(check, part): &(&str, String)| blamed.contains(&(check, part.as_str()));
        assert!(
            made.expected.iter().any(named),
            "round {round}, {}: blamed {blamed:?}, not {:?}",
            made.what,
            made.expected
        );
    }
}

#[test]
fn no_clean_log_raises_an_alarm() {
    for round in 0..rounds() {
        let mut dice = Dice::new(round);
        let clean = logs::clean(&mut dice);
        let given = Given {
            vkey: Some(&clean.trusted),
            anchors: clean.anchors,
            ..Given::default()
        };
        let report = verify_with(&clean.folder, &given);
        assert!(report.verified(), "round {round}: {report:?}");
        let passed = |name| {
            report
                .checks
                .iter()
                .any(|it| it.name == name && it.detail.contains("last"))
        };
        assert!(
            passed(checks::ANCHORS),
            "round {round}: the anchors were compared"
        );
    }
}

#[test]
fn every_random_manipulation_of_a_package_is_found_in_its_place() {
    let base = packages::Base::new();
    for round in 0..rounds() / 10 {
        let made = base.manipulate(&mut Dice::new(round));
        let report = support::verify(&made.bytes);
        assert!(
            !report.verified(),
            "round {round}: {} was missed",
            made.what
        );
        let blamed = support::blamed(&report);
        let named = |part: &String| blamed.iter().any(|(_, blamed)| blamed.contains(part));
        assert!(
            made.parts.iter().any(named),
            "round {round}, {}: blamed {blamed:?}, not {:?}",
            made.what,
            made.parts
        );
    }
}

#[test]
fn no_clean_package_raises_an_alarm() {
    for round in 0..rounds() / 10 {
        let sealed = packages::clean(&mut Dice::new(round));
        let report = support::verify(&sealed);
        assert!(report.verified(), "round {round}: {report:?}");
    }
}
