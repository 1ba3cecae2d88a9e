//! The files that leave the building, as types. Versioned and frozen: a change makes a new version.
//!
//! These are the only serialized structures of this crate. `docs/formats/` describes them byte by
//! byte.

macro_rules! package_file {
    ($type:ty, $version:literal) => {
        impl crate::format::PackageFile for $type {
            const VERSION: u32 = $version;

            fn version(&self) -> u32 {
                self.v
            }
        }
    };
}

mod calls;
mod completeness;
mod entry;
mod export;
mod recording;
mod redaction_log;
mod search;

use serde::{Serialize, de::DeserializeOwned};

pub use calls::{Call, CallsFile};
pub use completeness::{
    ChangeCounts, ChangedRecording, ChangesFile, ComparedExport, ComparedRecording, ComparedRoutes,
    CompletenessFile, DayCount, ExcludedCount, FieldChange, RouteDifference,
};
pub use entry::format_time;
pub(crate) use entry::parse_time;
pub use entry::{Entry, EntryError};
pub use export::{
    ExcludedRecording, ExportBatch, ExportCounts, ExportManifestFile, ExportMetadataFile,
    ExportParticipant, ExportPause, ExportQuery, ExportReportFile, ExportSource, ListedRecording,
    list_digest,
};
pub use recording::{Participant, RecordingFile};
pub use redaction_log::{RedactedFile, RedactionLogFile, SpanRecord};
pub use search::{SearchFile, SearchedSource};

/// Why a JSON file of the package cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FormatError {
    /// Not the JSON that this version describes. Carries the place, never the content.
    #[error("not the JSON of this format: line {line}, column {column}")]
    Json {
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
    },
    /// Written by another version.
    #[error("format version {found} is unknown; this program reads version {known}")]
    Version {
        /// The version of the file.
        found: u32,
        /// The version that this program reads.
        known: u32,
    },
}

/// A JSON file of the package that carries its version.
pub trait PackageFile: Serialize + DeserializeOwned {
    /// The version that this program writes and reads.
    const VERSION: u32;

    /// The version in the file.
    fn version(&self) -> u32;

    /// The file as bytes: indented JSON and a final line feed. // S2-33
    fn to_bytes(&self) -> Vec<u8> {
        let mut bytes =
            serde_json::to_vec_pretty(self).expect("the structs hold only text, numbers and lists");
        bytes.push(b'\n');
        bytes
    }

    /// Reads the file; unknown fields are refused.
    ///
    /// # Errors
    /// When it is not this format or another version of it.
    fn from_bytes(bytes: &[u8]) -> Result<Self, FormatError> {
        let file: Self = serde_json::from_slice(bytes).map_err(|error| FormatError::Json {
            line: error.line(),
            column: error.column(),
        })?;
        if file.version() != Self::VERSION {
            return Err(FormatError::Version {
                found: file.version(),
                known: Self::VERSION,
            });
        }
        Ok(file)
    }
}
