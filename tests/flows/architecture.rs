//! The dependency rule of docs/ARCHITECTURE.md as a test: arrows point down, heavy crates have one owner.

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, Package};

/// Each crate and which of our crates it may name. A new edge is a decision, not an accident.
const ALLOWED: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("evidence", &["domain"]),
    ("redaction", &["domain"]),
    ("connectors", &["domain"]),
    ("store", &["domain"]),
    (
        "services",
        &["domain", "evidence", "redaction", "connectors", "store"],
    ),
    ("sandbox", &["domain"]),
    (
        "cli",
        &["services", "evidence", "redaction", "domain", "sandbox"],
    ),
    ("sar-portal", &["services", "domain", "sandbox"]),
    ("fuzz", &["connectors", "evidence", "redaction", "domain"]),
    ("xtask", &[]),
];

/// Heavy dependencies and the one crate that owns each.
const OWNERS: &[(&str, &str)] = &[
    ("tauri", "sar-portal"),
    ("rodio", "sar-portal"),
    ("reqwest", "connectors"),
    ("oauth2", "connectors"),
    ("sqlx", "store"),
    ("libsqlite3-sys", "store"),
    ("keyring", "store"),
    ("age", "store"),
    ("apalis", "store"),
    ("apalis-sqlite", "store"),
    ("zip", "evidence"),
    ("tlog_tiles", "evidence"),
    ("signed_note", "evidence"),
    ("ssh-key", "evidence"),
    ("clap", "cli"),
];

fn metadata() -> Metadata {
    MetadataCommand::new()
        .no_deps()
        .exec()
        .expect("cargo metadata runs in the workspace")
}

fn normal_dependencies(package: &Package) -> impl Iterator<Item = &str> {
    package
        .dependencies
        .iter()
        .filter(|dependency| dependency.kind == DependencyKind::Normal)
        .map(|dependency| dependency.name.as_str())
}

#[test]
fn arrows_point_to_a_lower_ring_only() {
    let metadata = metadata();
    let ours: Vec<_> = metadata
        .packages
        .iter()
        .map(|package| package.name.to_string())
        .collect();
    for package in &metadata.packages {
        let allowed = ALLOWED
            .iter()
            .find(|(name, _)| package.name.as_str() == *name);
        let (_, allowed) = allowed
            .unwrap_or_else(|| panic!("`{}` has no place in docs/ARCHITECTURE.md", package.name));
        for dependency in normal_dependencies(package) {
            let is_ours = ours.iter().any(|name| name == dependency);
            assert!(
                !is_ours || allowed.contains(&dependency),
                "`{}` must not depend on `{dependency}`",
                package.name
            );
        }
    }
}

#[test]
fn every_heavy_dependency_has_one_owner() {
    for package in &metadata().packages {
        for dependency in normal_dependencies(package) {
            let owner = OWNERS.iter().find(|(name, _)| *name == dependency);
            assert!(
                owner.is_none_or(|(_, owner)| package.name.as_str() == *owner),
                "`{}` must not use `{dependency}`: it belongs to one crate",
                package.name
            );
        }
    }
}

#[test]
fn the_rule_sees_a_forbidden_edge() {
    let services = ALLOWED
        .iter()
        .find(|(name, _)| *name == "services")
        .unwrap()
        .1;
    assert!(
        !services.contains(&"sandbox"),
        "the core must not know the pretend organization"
    );
    let metadata = metadata();
    let services = metadata
        .packages
        .iter()
        .find(|it| it.name.as_str() == "services")
        .unwrap();
    assert!(normal_dependencies(services).any(|name| name == "connectors"));
}
