//! What became of each recording, kept from run to run: nothing is downloaded twice, and no time of an
//! earlier download is ever renewed.

use std::{collections::BTreeMap, io};

use domain::recording::EndState;
use evidence::{format::ListedRecording, hashing::HashingReader};
use serde::{Deserialize, Serialize};
use store::ExportFolder;

use super::{Approval, layout::Layout};
use crate::api::{ApiError, ErrorCode};

/// The end of one recording, as a line of the journal.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Ended {
    pub(super) number: u64,
    /// `retrieved`, `purged` …, as [`EndState::name`] has it.
    pub(super) state: String,
    pub(super) detail: Option<String>,
    /// When the last byte arrived or the outcome was known.
    pub(super) at_utc: String,
    /// The file, if it is in the set.
    pub(super) file: Option<Kept>,
    /// Who approved that it is, although it is corrupted.
    pub(super) approval: Option<Approval>,
}

/// A file of the set.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Kept {
    pub(super) name: String,
    pub(super) sha256: String,
    pub(super) bytes: u64,
    /// Digest of the file with the metadata.
    pub(super) metadata_sha256: String,
}

impl Ended {
    pub(super) fn without_file(number: u64, state: &EndState, at_utc: String) -> Self {
        Self {
            number,
            state: state.name().to_owned(),
            detail: state.detail().map(str::to_owned),
            at_utc,
            file: None,
            approval: None,
        }
    }

    /// Whether it says the same about a recording that is not in the set.
    pub(super) fn is_same_end(&self, other: &Self) -> bool {
        let no_file = self.file.is_none() && other.file.is_none();
        no_file && (&self.state, &self.detail) == (&other.state, &other.detail)
    }

    /// Whether another attempt may end differently.
    fn is_open(&self, approval: Option<&Approval>) -> bool {
        match self.state.as_str() {
            "unavailable" => true,
            "corrupted" => self.file.is_none() && approval.is_some(),
            _ => false,
        }
    }
}

/// The journal of an export, by number; the latest line of a recording counts.
pub(super) type Journal = BTreeMap<u64, Ended>;

/// Reads the journal and checks that every file it speaks of is what was downloaded.
///
/// # Errors
/// When a file was changed, or the folder cannot be read.
pub(super) fn read(folder: &ExportFolder, layout: Layout) -> Result<Journal, ApiError> {
    let mut journal = Journal::new();
    for line in folder.journal()? {
        let ended: Ended = serde_json::from_str(&line)
            .map_err(|error| ApiError::internal("Reading the journal of the export", &error))?;
        journal.insert(ended.number, ended);
    }
    let mut missing = Vec::new();
    for ended in journal.values() {
        if let Some(kept) = &ended.file
            && !is_there(folder, layout, kept)?
        {
            missing.push(ended.number);
        }
    }
    // A file that somebody removed is downloaded again.
    journal.retain(|number, _| !missing.contains(number));
    Ok(journal)
}

/// What is still to be done, in the order of the list.
pub(super) fn open<'a>(
    journal: &'a Journal,
    recordings: &'a [ListedRecording],
    approval: Option<&'a Approval>,
) -> impl Iterator<Item = &'a ListedRecording> {
    recordings.iter().filter(move |listed| {
        let ended = journal.get(&listed.number);
        ended.is_none_or(|it| it.is_open(approval))
    })
}

/// Whether all three files of a recording are there, unchanged.
fn is_there(folder: &ExportFolder, layout: Layout, kept: &Kept) -> Result<bool, ApiError> {
    let stem = kept.name.rsplit_once('.').map_or("", |(stem, _)| stem);
    let metadata = format!("{stem}.json");
    let sidecar = folder.read(&layout.path(&format!("{stem}.sha256")))?;
    let expected = [
        (&kept.name, &kept.sha256),
        (&metadata, &kept.metadata_sha256),
    ];
    for (name, digest) in expected {
        let Some(file) = folder.open_file(&layout.path(name))? else {
            return Ok(false);
        };
        let mut reader = HashingReader::new(file);
        io::copy(&mut reader, &mut io::sink())
            .map_err(|error| ApiError::from_io("Checking a file of the export", &error))?;
        if reader.finish().0.to_string() != *digest {
            return Err(changed(name));
        }
    }
    Ok(sidecar.is_some())
}

fn changed(name: &str) -> ApiError {
    ApiError::new(
        ErrorCode::IntegrityFailure,
        format!(
            "`{name}` in the folder of the export is not what was downloaded: its digest differs"
        ),
        "Nothing was overwritten. Find out who changed it, or export into a new folder.",
    )
}
