//! `docs/formats/export.md` describes what is written: its example is read, and written again.

use evidence::{
    bag,
    export_csv::{read_custody, write_exceptions},
    export_names::stem,
    format::{
        CompletenessFile, ExportManifestFile, ExportMetadataFile, ExportReportFile, PackageFile,
        list_digest,
    },
    hashing::sha256,
    load_file,
};

const DOCUMENT: &str = include_str!("../../../../docs/formats/export.md");

/// A block of the example, with a line feed at its end.
#[track_caller]
fn example(name: &str) -> String {
    let (_, after) = DOCUMENT
        .split_once(&format!("<!-- example: {name} -->\n```"))
        .unwrap();
    let (block, _) = after.split_once("\n```").unwrap();
    let (_, lines) = block.split_once('\n').unwrap();
    format!("{lines}\n")
}

fn table(name: &str) -> Vec<u8> {
    example(name).replace('\n', "\r\n").into_bytes()
}

#[test]
fn every_file_of_the_example_is_one_that_this_program_writes() {
    let manifest = example("manifest");
    let list = ExportManifestFile::from_bytes(manifest.as_bytes()).unwrap();
    assert_eq!(list.to_bytes(), manifest.as_bytes());
    assert_eq!(list.list_hash, list_digest(&list.recordings).to_string());
    let report = example("report");
    let counts = ExportReportFile::from_bytes(report.as_bytes()).unwrap();
    assert_eq!(counts.to_bytes(), report.as_bytes());
    assert_eq!(counts.manifest_hash, sha256(&manifest).to_string());
    assert!(counts.counts.add_up());
    let completeness = example("completeness");
    let told = CompletenessFile::from_bytes(completeness.as_bytes()).unwrap();
    assert_eq!(told.to_bytes(), completeness.as_bytes());
    assert_eq!(told.list_hash, list.list_hash);
    assert_eq!(told.counts, counts.counts);
    let verdict = CompletenessFile::verdict_of(&told.routes, &told.differences);
    assert_eq!(told.verdict, verdict);
    assert_eq!(table("exceptions"), write_exceptions(&[]));
}

// S2-27, S2-35, S2-38
#[test]
fn the_files_of_the_example_name_each_other() {
    let lines = read_custody(&table("custody")).unwrap();
    let [line] = lines.as_slice() else {
        panic!("one recording")
    };
    assert_eq!(
        example("sidecar"),
        bag::sidecar(&line.file_name, line.sha256)
    );
    let metadata = example("metadata");
    let known = ExportMetadataFile::from_bytes(metadata.as_bytes()).unwrap();
    assert_eq!(known.to_bytes(), metadata.as_bytes());
    assert_eq!(known.file_hash, line.sha256.to_string());
    assert_eq!(known.recording.stem, stem(&line.recording_id));
    let load = example("load");
    let header = load.lines().next().unwrap();
    let columns: Vec<_> = header.split('¶').map(|it| it.trim_matches('þ')).collect();
    assert_eq!(columns, load_file::HEADER);
    assert!(load.contains(&line.sha256.hex()));
}

#[test]
fn the_rules_for_names_are_those_of_the_program() {
    assert!(DOCUMENT.contains(&format!("`{}`", stem("2023-10-27T14:30:00Z"))));
    for column in evidence::export_csv::EXCEPTIONS_HEADER {
        assert!(DOCUMENT.contains(&format!("`{column}`")), "{column}");
    }
}
