//! A folder of recordings with a description beside each.

use std::{
    fs::{self, File},
    io::Write,
    path::Path,
};

use connectors::{
    legacy::{Folder, FolderSettings},
    source::{FetchError, Source},
};
use domain::search::Coverage;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::support::{AMELIA, fetch, ids, phone, search, years};

const WAV: &[u8] = b"RIFF\x26\0\0\0WAVEfmt \x12\0\0\0\x06\0\x01\0\x40\x1f\0\0\x40\x1f\0\0\x01\0\x08\0\0\0data\0\0\0\0";

fn put(root: &Path, place: &str, bytes: &[u8]) {
    let path = root.join(place);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    File::create(path).unwrap().write_all(bytes).unwrap();
}

fn describe(root: &Path, place: &str, more: Value) {
    let mut description =
        json!({"begin": "2021-03-01T09:00:00Z", "end": "2021-03-01T09:01:00Z", "who": [AMELIA]});
    for (name, value) in more.as_object().unwrap() {
        description[name] = value.clone();
    }
    put(root, place, description.to_string().as_bytes());
}

fn folder(root: &Path) -> Source {
    let settings = json!({
        "id": "old-share",
        "path": root,
        "fields": {
            "start": "/begin", "end": "/end", "numbers": ["/who/*"], "media": "/file", "codec": "/codec",
            "size_bytes": "/size",
        },
    });
    let settings: FolderSettings = serde_json::from_value(settings).unwrap();
    Source::Folder(Folder::new(settings).unwrap())
}

fn archive() -> TempDir {
    let root = TempDir::new().unwrap();
    let at = root.path();
    put(at, "2021/a.wav", WAV);
    describe(at, "2021/a.json", json!({}));
    put(at, "2021/03/b-audio.wav", WAV);
    describe(
        at,
        "2021/03/b.json",
        json!({"file": "b-audio.wav", "size": WAV.len()}),
    );
    put(at, "c.g729", &[0x5a; 40]);
    describe(at, "c.json", json!({"codec": "G.729"}));
    describe(at, "gone.json", json!({}));
    put(at, "short.wav", WAV);
    describe(at, "short.json", json!({"size": 9_999}));
    describe(at, "other.json", json!({"who": ["+15550000000"]}));
    root
}

#[tokio::test]
async fn recordings_are_found_and_each_has_its_end() {
    let root = archive();
    let source = folder(root.path());
    let result = search(&source, vec![phone(AMELIA)], years(2021, 2022)).await;
    assert_eq!(result.coverage, Coverage::Complete);
    assert_eq!(ids(&result), ["2021/03/b", "2021/a", "c", "gone", "short"]);
    for (place, found) in result.found.iter().enumerate() {
        let (media, bytes) = fetch(&source, found).await;
        let is_as_expected = match place {
            0 | 1 => media.is_ok_and(|it| it.content_type == "audio/wav") && bytes == WAV,
            2 => matches!(media, Err(FetchError::Unsupported { what }) if what == "G.729"),
            3 => matches!(media, Err(FetchError::Purged)),
            _ => matches!(media, Err(FetchError::Corrupted { .. })),
        };
        assert!(is_as_expected, "{:?}", found.recording);
    }
}

#[tokio::test]
async fn a_description_that_cannot_be_read_is_a_gap() {
    let root = archive();
    put(root.path(), "broken.json", b"{");
    put(root.path(), "timeless.json", b"{\"who\": []}");
    let source = folder(root.path());
    let result = search(&source, vec![phone(AMELIA)], years(2021, 2022)).await;
    let Coverage::Partial { reason } = &result.coverage else {
        panic!("{:?}", result.coverage)
    };
    assert!(reason.contains("2 descriptions"), "{reason}");
    assert_eq!(result.found.len(), 5);
    let nowhere = folder(&root.path().join("nowhere"));
    let result = search(&nowhere, vec![phone(AMELIA)], years(2021, 2022)).await;
    assert!(matches!(result.coverage, Coverage::Failed { .. }));
}

#[tokio::test]
async fn nothing_outside_the_folder_is_read() {
    let root = archive();
    let outside = TempDir::new().unwrap();
    put(outside.path(), "secret.wav", WAV);
    let up = outside.path().file_name().unwrap().to_str().unwrap();
    let inside = root.path().join("inside");
    fs::create_dir(&inside).unwrap();
    describe(
        &inside,
        "x.json",
        json!({"file": format!("../../{up}/secret.wav")}),
    );
    describe(
        &inside,
        "y.json",
        json!({"file": outside.path().join("secret.wav")}),
    );
    #[cfg(unix)]
    std::os::unix::fs::symlink(outside.path().join("secret.wav"), inside.join("z.wav")).unwrap();
    describe(&inside, "z.json", json!({}));
    let source = folder(&inside);
    let result = search(&source, vec![phone(AMELIA)], years(2021, 2022)).await;
    assert_eq!(result.found.len(), 3);
    for found in &result.found {
        let media = fetch(&source, found).await.0;
        assert!(matches!(media, Err(FetchError::Purged)), "{media:?}");
    }
    let mut found = result.found[0].clone();
    found.recording = domain::ids::RecordingId::new("../2021/a").unwrap();
    let media = fetch(&source, &found).await.0;
    assert!(matches!(media, Err(FetchError::Purged)), "{media:?}");
}
