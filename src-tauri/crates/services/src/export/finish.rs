//! What names and counts the files once every recording has come to its end: the chain of custody, the
//! exceptions, the report, the load file, the bag. Each is a pure function of list and journal, so that a
//! second run writes the same bytes.

use domain::digest::Sha256Digest;
use evidence::{
    bag::{self, Line, Oxum},
    export_csv::{CustodyLine, ExceptionLine, write_custody, write_exceptions},
    format::{
        ChangesFile, ExportCounts, ExportManifestFile, ExportReportFile, ListedRecording,
        PackageFile,
    },
    hashing::{HashingReader, sha256},
    load_file,
};
use store::ExportFolder;

use super::{
    Exported,
    compare::{self, Export, Standing},
    completeness::completeness,
    journal::{Ended, Journal, Kept},
    layout::{Layout, MANIFEST},
    routes::SecondRoute,
};
use crate::api::ApiError;

pub(super) const CUSTODY: &str = "chain_of_custody.csv";
pub(super) const EXCEPTIONS: &str = "exceptions.csv";
pub(super) const REPORT: &str = "report.json";
const COMPLETENESS: &str = "completeness.json";
const LOAD_FILE: &str = "loadfile.dat";
const CHANGES: &str = "changes.json";

/// An export whose recordings have all come to their end.
pub(super) struct Finished<'a> {
    pub(super) folder: &'a ExportFolder,
    pub(super) layout: Layout,
    pub(super) manifest: &'a ExportManifestFile,
    pub(super) journal: &'a Journal,
    /// What a second way through the sources showed when the list was made.
    pub(super) routes: &'a [SecondRoute],
    /// What to compare with.
    pub(super) earlier: Option<&'a Export>,
    pub(super) load_file: bool,
}

/// What was written.
pub(super) struct Written {
    pub(super) exported: Exported,
    pub(super) custody_digest: Sha256Digest,
    pub(super) completeness_digest: Sha256Digest,
}

impl Finished<'_> {
    /// Writes all of it.
    ///
    /// # Errors
    /// When the folder cannot be written, or the counts do not add up.
    pub(super) fn write(&self) -> Result<Written, ApiError> {
        let manifest = self.manifest.to_bytes();
        let report = self.report(sha256(&manifest));
        // Invariant: every recording found has come to exactly one end. // B14
        assert!(report.counts.add_up(), "each recording has one end state");
        let custody = write_custody(&self.custody());
        let custody_digest = sha256(&custody);
        let completeness = completeness(self.manifest, self.routes, report.counts);
        let completeness_bytes = completeness.to_bytes();
        let completeness_digest = sha256(&completeness_bytes);
        let changes = self.changes();
        let mut small = vec![
            (CUSTODY, custody),
            (EXCEPTIONS, write_exceptions(&self.exceptions())),
            (MANIFEST, manifest),
            (REPORT, report.to_bytes()),
            (COMPLETENESS, completeness_bytes),
        ];
        if self.load_file {
            small.push((LOAD_FILE, load_file::write(&self.load_rows())));
        }
        if let Some(changes) = &changes {
            small.push((CHANGES, changes.to_bytes()));
        }
        self.put(&small)?;
        let exported = Exported {
            report,
            completeness,
            changes,
        };
        Ok(Written {
            exported,
            custody_digest,
            completeness_digest,
        })
    }

    /// Writes the small files; those that only an earlier run wanted go, so that nothing lies there that no list
    /// names.
    fn put(&self, small: &[(&str, Vec<u8>)]) -> Result<(), ApiError> {
        for name in [LOAD_FILE, CHANGES] {
            if !small.iter().any(|(wanted, _)| *wanted == name) {
                self.folder.remove(&self.layout.path(name))?;
            }
        }
        for (name, bytes) in small {
            self.folder.write(&self.layout.path(name), bytes)?;
        }
        if self.layout == Layout::Bag {
            self.write_bag(small)?;
        }
        Ok(())
    }

    /// What is different from the earlier export. // B9
    fn changes(&self) -> Option<ChangesFile> {
        let earlier = self.earlier?;
        let standing = |(listed, ended): (&ListedRecording, &Ended)| Standing {
            listed: listed.clone(),
            state: ended.state.clone(),
            sha256: ended.file.as_ref().map(|it| digest(&it.sha256).hex()),
        };
        let later = Export::new(self.manifest, self.ended().map(standing).collect());
        Some(compare::changes(earlier, &later))
    }

    /// Every recording with its end, in the order of the list.
    fn ended(&self) -> impl Iterator<Item = (&ListedRecording, &Ended)> {
        let recordings = self.manifest.recordings.iter();
        recordings.filter_map(|it| Some((it, self.journal.get(&it.number)?)))
    }

    fn files(&self) -> impl Iterator<Item = (&ListedRecording, &Ended, &Kept)> {
        self.ended()
            .filter_map(|(listed, ended)| Some((listed, ended, ended.file.as_ref()?)))
    }

    /// The account that downloads from a source. // S2-37
    fn exporter(&self, source: &str) -> String {
        let sources = &self.manifest.sources;
        let found = sources.iter().find(|it| it.source == source);
        found.map(|it| it.exporter.clone()).unwrap_or_default()
    }

    // S2-38
    fn custody(&self) -> Vec<CustodyLine> {
        let line = |(listed, ended, kept): (&ListedRecording, &Ended, &Kept)| CustodyLine {
            recording_id: listed.recording_id.clone(),
            file_name: kept.name.clone(),
            sha256: digest(&kept.sha256),
            download_timestamp: ended.at_utc.clone(),
            query: self.manifest.query.text.clone(),
            exporter: self.exporter(&listed.source),
        };
        self.files().map(line).collect()
    }

    fn exceptions(&self) -> Vec<ExceptionLine> {
        let line = |(listed, ended): (&ListedRecording, &Ended)| ExceptionLine {
            recording_id: listed.recording_id.clone(),
            source: listed.source.clone(),
            status: capital(&ended.state),
            reason: ended.detail.clone().unwrap_or_default(),
            at: ended.at_utc.clone(),
            query: self.manifest.query.text.clone(),
            exporter: self.exporter(&listed.source),
            approval: ended.approval.clone().map(|it| (it.by, it.reason)),
        };
        let exceptions = self.ended().filter(|(_, ended)| ended.state != "retrieved");
        exceptions.map(line).collect()
    }

    fn report(&self, manifest: Sha256Digest) -> ExportReportFile {
        let count = |state: &str| self.ended().filter(|(_, it)| it.state == state).count() as u64;
        let approved = self.ended().filter(|(_, it)| it.approval.is_some());
        let batches = &self.manifest.batches;
        ExportReportFile {
            v: 1,
            manifest_hash: manifest.to_string(),
            query: self.manifest.query.text.clone(),
            counts: ExportCounts {
                found: self.manifest.recordings.len() as u64,
                retrieved: count("retrieved"),
                purged: count("purged"),
                corrupted: count("corrupted"),
                unsupported: count("unsupported"),
                unavailable: count("unavailable"),
            },
            files: self.files().count() as u64,
            bytes: self.files().map(|(_, _, kept)| kept.bytes).sum(),
            corrupted_approved: approved.count() as u64,
            excluded: self.manifest.excluded.len() as u64,
            search_complete: batches.iter().all(|it| it.coverage == "complete"),
            last_end_utc: self.ended().map(|(_, it)| it.at_utc.clone()).max(),
        }
    }

    fn load_rows(&self) -> Vec<load_file::Row> {
        self.files()
            .map(|(listed, _, kept)| load_row(listed, kept))
            .collect()
    }

    /// Payload and tag files of the bag. // RFC 8493
    fn write_bag(&self, small: &[(&str, Vec<u8>)]) -> Result<(), ApiError> {
        let mut lines: Vec<Line> = small
            .iter()
            .map(|(name, bytes)| self.line(name, sha256(bytes)))
            .collect();
        let mut bytes: u64 = small.iter().map(|(_, bytes)| bytes.len() as u64).sum();
        for (listed, _, kept) in self.files() {
            lines.push(self.line(&kept.name, digest(&kept.sha256)));
            bytes += kept.bytes;
            for ending in ["sha256", "json"] {
                let name = format!("{}.{ending}", listed.stem);
                let (digest, size) = self.hashed(&name)?;
                lines.push(self.line(&name, digest));
                bytes += size;
            }
        }
        lines.sort();
        let files = lines.len() as u64;
        let tags = [
            (bag::BAGIT, bag::BAGIT_CONTENT.to_owned()),
            (bag::BAG_INFO, self.info(Oxum { bytes, files })),
            (bag::MANIFEST, bag::write_manifest(&lines)),
        ];
        let mut tag_lines: Vec<Line> = tags
            .iter()
            .map(|(name, text)| Line {
                path: (*name).to_owned(),
                digest: sha256(text),
            })
            .collect();
        tag_lines.sort();
        for (name, text) in &tags {
            self.folder.write(name, text.as_bytes())?;
        }
        let text = bag::write_manifest(&tag_lines);
        Ok(self.folder.write(bag::TAGMANIFEST, text.as_bytes())?)
    }

    fn line(&self, name: &str, digest: Sha256Digest) -> Line {
        Line {
            path: self.layout.path(name),
            digest,
        }
    }

    fn hashed(&self, name: &str) -> Result<(Sha256Digest, u64), ApiError> {
        let file = self.folder.open_file(&self.layout.path(name))?;
        let file = file.ok_or_else(|| ApiError::not_found("file", name))?;
        let mut reader = HashingReader::new(file);
        std::io::copy(&mut reader, &mut std::io::sink())
            .map_err(|error| ApiError::from_io("Reading a file of the export", &error))?;
        Ok(reader.finish())
    }

    fn info(&self, oxum: Oxum) -> String {
        // The day of the list: the same on every run.
        let date = self.manifest.listed_at_utc.get(..10).unwrap_or_default();
        let oxum = oxum.to_string();
        let fields = [
            ("Bag-Software-Agent", "SAR Portal"),
            ("Bagging-Date", date),
            ("External-Identifier", &self.manifest.list_hash),
            ("Payload-Oxum", &oxum),
        ];
        bag::write_info(&fields)
    }
}

fn load_row(listed: &ListedRecording, kept: &Kept) -> load_file::Row {
    let number = load_file::control_number(listed.number);
    let people = listed.participants.iter().map(|it| {
        let name = it.name.as_deref().unwrap_or("");
        format!("{} {name} {}", it.role, it.addresses.join(" "))
    });
    let people: Vec<_> = people.map(|it| it.trim().replace("  ", " ")).collect();
    let ending = kept.name.rsplit_once('.').map_or("", |(_, ending)| ending);
    [
        number.clone(),
        number,
        listed.recording_id.clone(),
        listed.conversation_id.clone(),
        listed.source.clone(),
        listed.start_timestamp.clone(),
        listed.end_timestamp.clone().unwrap_or_default(),
        people.join("; "),
        listed.queues.join("; "),
        ending.to_owned(),
        kept.bytes.to_string(),
        digest(&kept.sha256).hex(),
        kept.name.clone(),
    ]
}

fn digest(text: &str) -> Sha256Digest {
    Sha256Digest::parse(text).expect("the journal holds digests that this program wrote")
}

/// `purged` as `Purged`.
fn capital(word: &str) -> String {
    let mut letters = word.chars();
    let first = letters.next().map(|it| it.to_ascii_uppercase());
    first.into_iter().chain(letters).collect()
}
