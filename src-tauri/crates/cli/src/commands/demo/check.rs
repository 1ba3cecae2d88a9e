//! The last step: checks what was delivered with the verifiers that anybody can use.

use std::path::PathBuf;

use evidence::verify_log::Given;
use services::api::{Empty, ListAuditReq};

use super::{Delivered, steps::Demo};
use crate::{
    commands::{
        audit,
        case::{case_ref, show},
        package,
    },
    failure::Failure,
    output::{count, size},
    secret,
};

/// Checks package and log of a closed case and says what was found.
pub(super) async fn delivered(demo: &mut Demo<'_>, case_id: &str) -> Result<Delivered, Failure> {
    let package = services::get_package(demo.app, case_ref(case_id)).await?;
    let delivery = package.delivery.ok_or_else(|| {
        Failure::failed_check(
            "The case is closed without a delivery",
            "Name a new folder with --out.",
        )
    })?;
    let location = PathBuf::from(delivery.location);
    check_package(demo, &location).await?;
    let log_entries = check_log(demo).await?;
    let case = services::get_case(demo.app, case_ref(case_id)).await?;
    demo.say("Calls", show::calls(&case.counts))?;
    let package_bytes = package.size_bytes.unwrap_or_default();
    demo.say(
        "Package",
        format_args!("{}, {}", location.display(), size(package_bytes)),
    )?;
    Ok(Delivered {
        package: location,
        package_bytes,
        log_entries,
        calls: case.counts.retrieved,
    })
}

async fn check_package(demo: &mut Demo<'_>, location: &std::path::Path) -> Result<(), Failure> {
    let keys = services::public_keys(demo.app).await?;
    demo.folder.write_keys(&keys)?;
    let passphrase_file = demo.folder.passphrase_file();
    let passphrase = secret::first_line(&passphrase_file)?;
    let report = package::check(location, &passphrase, Some(&keys.package_key))?;
    report.require("The delivered package")?;
    demo.say(
        "Check",
        format_args!("package: {} passed", count(report.passed(), "check")),
    )?;
    let path = passphrase_file.display();
    demo.say(
        "",
        format_args!("passphrase in {path}: sample data only, real ones go another way"),
    )
}

async fn check_log(demo: &mut Demo<'_>) -> Result<u64, Failure> {
    let exported = services::export_audit(demo.app, Empty {}).await?;
    let key = services::public_keys(demo.app).await?.log_key;
    let given = Given {
        vkey: Some(&key),
        ..Given::default()
    };
    let report = audit::check_folder(&PathBuf::from(&exported.location), &given)?;
    report.require("The exported audit log")?;
    let newest = ListAuditReq {
        before_seq: None,
        limit: 1,
        case_id: None,
        correlation_id: None,
    };
    let entries = services::list_audit(demo.app, newest).await?.log_size;
    let checks = count(report.passed(), "check");
    demo.say(
        "",
        format_args!(
            "audit log: {entries} entries, {checks} passed, in {}",
            exported.location
        ),
    )?;
    Ok(entries)
}
