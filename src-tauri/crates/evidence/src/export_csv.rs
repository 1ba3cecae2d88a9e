//! `chain_of_custody.csv` and `exceptions.csv` of an eDiscovery export. // S2-35…S2-39, S2-45
//!
//! The first names every file of the set and nothing else; the second every recording that is not in the
//! set, or is in it by approval. Both follow RFC 4180 and are safe to open in a spreadsheet.

use domain::digest::Sha256Digest;

use crate::{
    custody_csv::CustodyError,
    format::parse_time,
    table::{guard, read, unguard, write},
};

/// The columns of `chain_of_custody.csv`. // S2-35
pub const CUSTODY_HEADER: [&str; 6] = [
    "Recording_ID",
    "File_Name",
    "SHA256_Hash",
    "Download_Timestamp",
    "Query_String_Used",
    "Exporter_User_ID",
];

/// The columns of `exceptions.csv`.
pub const EXCEPTIONS_HEADER: [&str; 9] = [
    "Recording_ID",
    "Source_System",
    "Status",
    "Reason",
    "Status_Timestamp",
    "Query_String_Used",
    "Exporter_User_ID",
    "Approved_By",
    "Approval_Reason",
];

/// One file of the set.
#[derive(Clone, PartialEq, Eq)]
pub struct CustodyLine {
    /// The recording in its source.
    pub recording_id: String,
    /// The file, relative to the CSV.
    pub file_name: String,
    /// Digest of the file.
    pub sha256: Sha256Digest,
    /// When the last byte arrived, ISO 8601 UTC. // S2-36
    pub download_timestamp: String,
    /// The query to the letter.
    pub query: String,
    /// The account that downloaded it. // S2-37
    pub exporter: String,
}

/// One recording that has a story.
#[derive(Clone, PartialEq, Eq)]
pub struct ExceptionLine {
    /// The recording in its source.
    pub recording_id: String,
    /// The source.
    pub source: String,
    /// `Purged`, `Corrupted`, `Unsupported` or `Unavailable`.
    pub status: String,
    /// What was found to be wrong.
    pub reason: String,
    /// When that was known, ISO 8601 UTC.
    pub at: String,
    /// The query to the letter.
    pub query: String,
    /// The account that asked for it.
    pub exporter: String,
    /// Who approved that it is in the set all the same, and why. // S2-51
    pub approval: Option<(String, String)>,
}

macro_rules! hides_its_query {
    ($type:ty) => {
        impl std::fmt::Debug for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                // The query names people.
                f.debug_struct(stringify!($type)).finish_non_exhaustive()
            }
        }
    };
}

hides_its_query!(CustodyLine);
hides_its_query!(ExceptionLine);

/// Writes `chain_of_custody.csv`.
pub fn write_custody(lines: &[CustodyLine]) -> Vec<u8> {
    let fields = |line: &CustodyLine| {
        [
            guard(&line.recording_id),
            guard(&line.file_name),
            line.sha256.hex(),
            line.download_timestamp.clone(),
            guard(&line.query),
            guard(&line.exporter),
        ]
    };
    write(&CUSTODY_HEADER, lines.iter().map(fields))
}

/// Writes `exceptions.csv`.
pub fn write_exceptions(lines: &[ExceptionLine]) -> Vec<u8> {
    let fields = |line: &ExceptionLine| {
        let (by, why) = line.approval.clone().unwrap_or_default();
        [
            guard(&line.recording_id),
            guard(&line.source),
            guard(&line.status),
            guard(&line.reason),
            line.at.clone(),
            guard(&line.query),
            guard(&line.exporter),
            guard(&by),
            guard(&why),
        ]
    };
    write(&EXCEPTIONS_HEADER, lines.iter().map(fields))
}

/// Reads a file that [`write_custody`] wrote.
///
/// # Errors
/// When it is anything else.
pub fn read_custody(bytes: &[u8]) -> Result<Vec<CustodyLine>, CustodyError> {
    read(bytes, &CUSTODY_HEADER, custody_line, write_custody)
}

/// Reads a file that [`write_exceptions`] wrote.
///
/// # Errors
/// When it is anything else.
pub fn read_exceptions(bytes: &[u8]) -> Result<Vec<ExceptionLine>, CustodyError> {
    read(bytes, &EXCEPTIONS_HEADER, exception_line, write_exceptions)
}

fn exception_line(fields: &[&str]) -> Result<ExceptionLine, &'static str> {
    let &[id, source, status, reason, at, query, exporter, by, why] = fields else {
        return Err("it does not have nine fields");
    };
    parse_time(at).ok_or("its time is not ISO 8601 UTC with milliseconds")?;
    Ok(ExceptionLine {
        recording_id: unguard(id),
        source: unguard(source),
        status: unguard(status),
        reason: unguard(reason),
        at: at.to_owned(),
        query: unguard(query),
        exporter: unguard(exporter),
        approval: (!by.is_empty()).then(|| (unguard(by), unguard(why))),
    })
}

fn custody_line(fields: &[&str]) -> Result<CustodyLine, &'static str> {
    let &[id, name, hash, at, query, exporter] = fields else {
        return Err("it does not have six fields");
    };
    parse_time(at).ok_or("its time is not ISO 8601 UTC with milliseconds")?;
    Ok(CustodyLine {
        recording_id: unguard(id),
        file_name: unguard(name),
        sha256: Sha256Digest::parse(hash).map_err(|_| "its hash is not a SHA-256 digest")?,
        download_timestamp: at.to_owned(),
        query: unguard(query),
        exporter: unguard(exporter),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hashing::sha256;
    use proptest::prelude::*;

    fn line(query: &str) -> CustodyLine {
        CustodyLine {
            recording_id: "r-1".into(),
            file_name: "r-1.wav".into(),
            sha256: sha256("audio"),
            download_timestamp: "2026-11-21T09:30:00.000Z".into(),
            query: query.into(),
            exporter: "oauth-client-7".into(),
        }
    }

    // S2-35, S2-39
    #[test]
    fn the_columns_are_those_that_were_asked_for_and_quotes_are_doubled() {
        let text = String::from_utf8(write_custody(&[line(r#"phone:"+1""#)])).unwrap();
        let digest = sha256("audio").hex();
        assert_eq!(
            text,
            format!(
                "Recording_ID,File_Name,SHA256_Hash,Download_Timestamp,Query_String_Used,Exporter_User_ID\r\n\
                 r-1,r-1.wav,{digest},2026-11-21T09:30:00.000Z,\"phone:\"\"+1\"\"\",oauth-client-7\r\n"
            )
        );
    }

    #[test]
    fn a_reason_cannot_start_a_formula() {
        let exception = ExceptionLine {
            recording_id: "=r".into(),
            source: "s".into(),
            status: "Corrupted".into(),
            reason: "-1".into(),
            at: "2026-11-21T09:30:00.000Z".into(),
            query: "*".into(),
            exporter: "x".into(),
            approval: Some(("@counsel".into(), "+ok".into())),
        };
        let bytes = write_exceptions(std::slice::from_ref(&exception));
        assert!(read_exceptions(&bytes).unwrap() == [exception]);
        let text = String::from_utf8(bytes).unwrap();
        let row = text.lines().nth(1).unwrap();
        assert_eq!(
            row,
            "'=r,s,Corrupted,'-1,2026-11-21T09:30:00.000Z,*,x,'@counsel,'+ok"
        );
    }

    #[test]
    fn other_forms_are_refused() {
        let good = String::from_utf8(write_custody(&[line("q")])).unwrap();
        for bad in [
            good.replace("\r\n", "\n"),
            good.replace("File_Name", "File"),
            good.replace(".000Z", "Z"),
            good.replace(",q,", ",\"q\","),
            good.clone() + "x\r\n",
        ] {
            assert!(read_custody(bad.as_bytes()).is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn every_query_survives(query in "\\PC*|['=+@\\-\t\r\n\",a]{0,8}") {
            let lines = [line(&query)];
            prop_assert_eq!(&read_custody(&write_custody(&lines)).unwrap()[..], &lines[..]);
        }
    }
}
