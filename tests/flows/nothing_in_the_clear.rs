//! S0-55: nothing of a person and no secret is on the disk in the clear.

use std::{fs, path::Path};

use super::support::{Desk, case_ref};

/// Everything that must not be found, in the forms in which it could be written.
fn forbidden(desk: &Desk) -> Vec<String> {
    let subject = sandbox::demo_subject();
    let mut texts = vec![
        subject.name.to_owned(),
        subject.email.to_owned(),
        subject.customer_id.to_owned(),
        desk.sandbox.credentials().client_secret.to_owned(),
        "correct horse battery staple".to_owned(),
    ];
    for phone in subject.phones {
        texts.push(phone.trim_start_matches('+').to_owned());
    }
    // Long enough not to occur by chance in encrypted bytes.
    let words = sandbox::ground_truth()
        .recordings
        .iter()
        .flat_map(|it| &it.items);
    texts.extend(
        words
            .map(|item| item.words.clone())
            .filter(|words| words.len() >= 12),
    );
    texts
}

/// Files under `folder` that hold one of the texts, whatever the case of their letters.
fn hits(folder: &Path, texts: &[String]) -> Vec<String> {
    let needles = Needles::new(texts);
    let mut found = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                open.push(path);
                continue;
            }
            let name = path.display().to_string();
            let bytes = fs::read(&path).unwrap_or_default();
            if needles.are_in(bytes) || needles.are_in(name.clone().into_bytes()) {
                found.push(name);
            }
        }
    }
    found
}

/// Texts by their first byte, so that a large file is read through once.
struct Needles(Vec<Vec<Vec<u8>>>);

impl Needles {
    fn new(texts: &[String]) -> Self {
        let mut by_first = vec![Vec::new(); 256];
        for text in texts {
            let text = text.to_ascii_lowercase().into_bytes();
            by_first[usize::from(text[0])].push(text);
        }
        Self(by_first)
    }

    fn are_in(&self, mut bytes: Vec<u8>) -> bool {
        bytes.make_ascii_lowercase();
        bytes.iter().enumerate().any(|(at, first)| {
            let texts = &self.0[usize::from(*first)];
            texts.iter().any(|text| bytes[at..].starts_with(text))
        })
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_whole_case_leaves_no_name_number_or_secret_on_the_disk() {
    let desk = Desk::new().await;
    let texts = forbidden(&desk);
    let (case_id, _) = desk.sealed_case().await;
    let words = services::reveal_passphrase(&desk.app, case_ref(&case_id))
        .await
        .unwrap();
    let mut texts_and_passphrase = texts.clone();
    texts_and_passphrase.push(words.passphrase);

    // While the core runs, so that the write-ahead log and open files are there too.
    let found = hits(&desk.dir.path().join("data"), &texts_and_passphrase);
    assert!(found.is_empty(), "in the clear while running: {found:?}");
    desk.app.close().await;
    let found = hits(&desk.dir.path().join("data"), &texts_and_passphrase);
    assert!(found.is_empty(), "in the clear after closing: {found:?}");
}

#[test]
fn the_search_for_plain_text_finds_it_when_it_is_there() {
    let dir = tempfile::tempdir().unwrap();
    let mut file = fs::File::create(dir.path().join("leak.bin")).unwrap();
    std::io::Write::write_all(&mut file, b"\x00\x01AMELIA hartley\xff").unwrap();
    assert_eq!(hits(dir.path(), &["Amelia Hartley".to_owned()]).len(), 1);
    assert!(hits(dir.path(), &["Somebody Else".to_owned()]).is_empty());
}
