//! Nothing of a person and no secret in the clear: not on disk, not in what is printed or logged.

use std::{fs, path::Path};

use super::support::{finished_demo, names};

/// Every form in which the data subject and the secrets could show up, in lower case.
fn texts() -> Vec<String> {
    let subject = sandbox::demo_subject();
    let mut texts = vec![
        subject.name.to_owned(),
        subject.email.to_owned(),
        subject.customer_id.to_owned(),
        sandbox::ClientRole::Standard
            .credentials()
            .client_secret
            .to_owned(),
    ];
    texts.extend(subject.name.split(' ').map(str::to_owned));
    for phone in subject.phones {
        texts.push(phone.to_owned());
        texts.push(format!("0{}", phone.trim_start_matches("+44")));
        texts.push(phone.trim_start_matches('+').to_owned());
    }
    // Spoken items such as card numbers; short ones occur in encrypted bytes by chance.
    let spoken = sandbox::ground_truth()
        .recordings
        .iter()
        .flat_map(|it| &it.items);
    texts.extend(
        spoken
            .map(|item| item.words.clone())
            .filter(|words| words.len() >= 12),
    );
    texts.iter().map(|text| text.to_lowercase()).collect()
}

/// The forbidden texts by their first two bytes: a demo leaves many megabytes to look through.
struct Forbidden(Vec<Vec<String>>);

impl Forbidden {
    fn new(texts: impl IntoIterator<Item = String>) -> Self {
        let mut by_start = vec![Vec::new(); 1 << 16];
        for text in texts {
            let start = text.as_bytes().first_chunk().expect("long enough");
            by_start[usize::from(u16::from_be_bytes(*start))].push(text);
        }
        Self(by_start)
    }

    fn hit(&self, bytes: &[u8]) -> Option<String> {
        let bytes = bytes.to_ascii_lowercase();
        let places = bytes.windows(2).enumerate();
        places
            .flat_map(|(at, start)| {
                let texts = &self.0[usize::from(start[0]) << 8 | usize::from(start[1])];
                texts.iter().map(move |text| (at, text))
            })
            .find(|(at, text)| bytes[*at..].starts_with(text.as_bytes()))
            .map(|(_, text)| text.clone())
    }
}

/// Files below `folder` that hold a forbidden text; `passed` are not looked at.
fn search(folder: &Path, passed: &[&Path], forbidden: &Forbidden, hits: &mut Vec<String>) -> usize {
    let mut seen = 0;
    for name in names(folder) {
        let path = folder.join(&name);
        if passed.contains(&path.as_path()) {
            continue;
        }
        if path.is_dir() {
            seen += search(&path, passed, forbidden, hits);
            continue;
        }
        seen += 1;
        let bytes = fs::read(&path).unwrap();
        let found = forbidden
            .hit(&bytes)
            .or_else(|| forbidden.hit(name.as_bytes()));
        hits.extend(found.map(|text| format!("`{text}` in {}", path.display())));
    }
    seen
}

/// S0-55, with the log at `debug`.
#[test]
fn a_demo_leaves_no_name_number_or_secret_in_the_clear() {
    let demo = finished_demo();
    let forbidden = Forbidden::new(texts().into_iter().chain([demo.passphrase()]));
    let (package, passphrase) = (demo.package(), demo.passphrase_file());
    let mut hits = Vec::new();
    let seen = search(&demo.world, &[&package, &passphrase], &forbidden, &mut hits);
    assert!(seen > 20, "only {seen} files were looked at");
    for (name, text) in [("stdout", &demo.run.stdout), ("stderr", &demo.run.stderr)] {
        hits.extend(
            forbidden
                .hit(text.as_bytes())
                .map(|text| format!("`{text}` in {name}")),
        );
    }
    assert!(demo.run.stderr.contains("DEBUG"), "the log was on");
    assert!(hits.is_empty(), "{hits:#?}");
}

#[test]
fn the_search_finds_what_is_there() {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir(dir.path().join("deep")).unwrap();
    fs::write(dir.path().join("deep/file"), b"\xffAMELIA hartley\0").unwrap();
    fs::write(dir.path().join("07700900123.wav"), b"").unwrap();
    let mut hits = Vec::new();
    search(dir.path(), &[], &Forbidden::new(texts()), &mut hits);
    assert_eq!(hits.len(), 2, "{hits:?}");
}
