//! `chain_of_custody.csv`: RFC 4180, safe to open in a spreadsheet. // S2-35…S2-39

use domain::{custody::CustodyEntry, digest::Sha256Digest, recording::EndState};

use crate::{
    format::{format_time, parse_time},
    table::{self, guard, unguard},
};

/// The columns; the first six are those of S2-35 in their order.
pub const HEADER: [&str; 9] = [
    "Recording_ID",
    "File_Name",
    "SHA256_Hash",
    "Download_Timestamp",
    "Query_String_Used",
    "Exporter_User_ID",
    "Source_System",
    "Status",
    "Log_Index",
];

/// `Status` of a recording whose file is in the package.
pub const STATUS_OK: &str = "OK";

/// One recording found: delivered, or not and why.
#[derive(Clone, PartialEq, Eq)]
pub struct CustodyRow {
    /// The recording in its source.
    pub recording_id: String,
    /// Name and digest of the delivered file, if there is one.
    pub file: Option<(String, Sha256Digest)>,
    /// When the last byte arrived or the outcome was known, ISO 8601 UTC. // S2-36
    pub download_timestamp: String,
    /// The query that found it.
    pub query: String,
    /// The account that retrieved it. // S2-37
    pub exporter: String,
    /// The source system.
    pub source: String,
    /// `OK`, or the end state such as `Purged`.
    pub status: String,
    /// Number of the entry in the audit log that records it.
    pub log_index: u64,
}

impl std::fmt::Debug for CustodyRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The query names the data subject.
        f.debug_struct("CustodyRow")
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}

/// Why a chain of custody cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CustodyError {
    /// The first line is another one.
    #[error("the first line is not the header of a chain of custody")]
    Header,
    /// A row cannot be read.
    #[error("row {row}: {why}")]
    Row {
        /// Row number, from 1, without the header.
        row: usize,
        /// What is wrong with it.
        why: &'static str,
    },
    /// Same content, other bytes.
    #[error("it is not in the one valid form: quotes, line ends or guards differ")]
    Form,
}

impl CustodyRow {
    /// The row of a custody entry. `file` is the delivered file: a redacted copy has another digest
    /// than the original in `entry`, and the recipient can only check what was delivered. // S2-38
    pub fn new(entry: &CustodyEntry, file: Option<(String, Sha256Digest)>, log_index: u64) -> Self {
        let status = match (&file, &entry.end_state) {
            (Some(_), _) => STATUS_OK.to_owned(),
            (None, state) => status(state).to_owned(),
        };
        Self {
            recording_id: entry.recording.to_string(),
            file,
            download_timestamp: format_time(entry.at_utc),
            query: entry.query.reveal().clone(),
            exporter: entry.actor.id().to_string(),
            source: entry.source.to_string(),
            status,
            log_index,
        }
    }

    fn fields(&self) -> [String; 9] {
        let (name, digest) = match &self.file {
            Some((name, digest)) => (name.clone(), digest.hex()),
            None => (String::new(), String::new()),
        };
        [
            guard(&self.recording_id),
            guard(&name),
            digest,
            self.download_timestamp.clone(),
            guard(&self.query),
            guard(&self.exporter),
            guard(&self.source),
            guard(&self.status),
            self.log_index.to_string(),
        ]
    }
}

/// The status of a recording that was not delivered.
fn status(state: &EndState) -> &'static str {
    match state {
        EndState::Retrieved => "Retrieved",
        EndState::Purged => "Purged",
        EndState::Corrupted { .. } => "Corrupted",
        EndState::Unsupported { .. } => "Unsupported",
        EndState::Withheld { .. } => "Withheld",
        EndState::Duplicate => "Duplicate",
        EndState::Unavailable { .. } => "Unavailable",
    }
}

/// Writes the file: header and rows, CRLF line ends.
pub fn write(rows: &[CustodyRow]) -> Vec<u8> {
    table::write(&HEADER, rows.iter().map(CustodyRow::fields))
}

/// Reads a file that [`write()`] wrote.
///
/// # Errors
/// When it is anything else.
pub fn read(bytes: &[u8]) -> Result<Vec<CustodyRow>, CustodyError> {
    table::read(bytes, &HEADER, read_row, write)
}

fn read_row(fields: &[&str]) -> Result<CustodyRow, &'static str> {
    let &[id, name, hash, at, query, exporter, source, status, index] = fields else {
        return Err("it does not have nine fields");
    };
    let file = match (name, hash) {
        ("", "") => None,
        (name, hash) => {
            let digest =
                Sha256Digest::parse(hash).map_err(|_| "its hash is not a SHA-256 digest")?;
            Some((unguard(name), digest))
        }
    };
    parse_time(at).ok_or("its time is not ISO 8601 UTC with milliseconds")?;
    if file.is_some() != (status == STATUS_OK) {
        return Err("a file goes with the status `OK` and only with it");
    }
    Ok(CustodyRow {
        recording_id: unguard(id),
        file,
        download_timestamp: at.to_owned(),
        query: unguard(query),
        exporter: unguard(exporter),
        source: unguard(source),
        status: unguard(status),
        log_index: index.parse().map_err(|_| "its log index is not a number")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hashing::sha256;
    use proptest::prelude::*;

    fn row(query: &str) -> CustodyRow {
        CustodyRow {
            recording_id: "rec-1".into(),
            file: Some(("0001.wav".into(), sha256("audio"))),
            download_timestamp: "2026-11-21T09:30:00.000Z".into(),
            query: query.into(),
            exporter: "oauth-client-7".into(),
            source: "genesys-eu".into(),
            status: STATUS_OK.into(),
            log_index: 4,
        }
    }

    // S2-39
    #[test]
    fn no_field_starts_a_formula() {
        for attack in [
            "=1+1",
            "+44770",
            "-2",
            "@SUM(A1)",
            "\t=1",
            "\r=1",
            "\n=1",
            "=cmd|' /C calc'!A0",
        ] {
            let text = String::from_utf8(write(&[row(attack)])).unwrap();
            assert!(
                text.contains(&format!("'{}", attack.replace('"', "\"\""))),
                "{text}"
            );
            assert_eq!(read(text.as_bytes()).unwrap()[0].query, attack);
        }
    }

    // S2-35, S2-39
    #[test]
    fn quotes_and_commas_follow_rfc_4180() {
        let text = String::from_utf8(write(&[row(r#"{"phone":"1","x":2}"#)])).unwrap();
        assert!(text.starts_with(
            "Recording_ID,File_Name,SHA256_Hash,Download_Timestamp,Query_String_Used,Exporter_User_ID,"
        ));
        assert!(text.contains(r#","{""phone"":""1"",""x"":2}","#));
        assert!(text.ends_with(",OK,4\r\n"));
    }

    #[test]
    fn other_forms_are_refused() {
        let good = String::from_utf8(write(&[row("q")])).unwrap();
        for bad in [
            good.replace("\r\n", "\n"),
            good.replace("OK", "Purged"),
            good.replace("File_Name", "File"),
            good.replace(".000Z", "Z"),
            good.replace(",q,", ",\"q\","),
            good.replace(",4", ",04"),
            good.clone() + "x\r\n",
        ] {
            assert!(read(bad.as_bytes()).is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn every_text_survives(query in "\\PC*|['=+@\\-\t\r\n\",a]{0,8}") {
            let rows = [row(&query)];
            prop_assert_eq!(&read(&write(&rows)).unwrap()[..], &rows[..]);
        }
    }
}
