//! The one form of a table: RFC 4180 with CRLF line ends, and safe to open in a spreadsheet. // S2-39

use crate::custody_csv::CustodyError;

/// Keeps a spreadsheet from running the field: an apostrophe goes before what would start a
/// formula, and before an apostrophe, so that it can be taken off again.
pub(crate) fn guard(field: &str) -> String {
    if field.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '\'']) {
        format!("'{field}")
    } else {
        field.to_owned()
    }
}

/// Takes the apostrophe of [`guard`] off again.
pub(crate) fn unguard(field: &str) -> String {
    field.strip_prefix('\'').unwrap_or(field).to_owned()
}

/// Header and rows; their fields are guarded already.
pub(crate) fn write<const N: usize>(
    header: &[&str; N],
    rows: impl Iterator<Item = [String; N]>,
) -> Vec<u8> {
    let mut writer = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer(Vec::new());
    let mut written = writer.write_record(header);
    for row in rows {
        written = written.and_then(|()| writer.write_record(row));
    }
    written.expect("every record has as many fields and memory does not refuse bytes");
    writer.into_inner().expect("memory does not refuse bytes")
}

/// Reads a table line by line, and makes sure that it is the one form that `write` gives.
///
/// # Errors
/// When it is anything else.
pub(crate) fn read<T>(
    bytes: &[u8],
    header: &[&str],
    line: fn(&[&str]) -> Result<T, &'static str>,
    write: fn(&[T]) -> Vec<u8>,
) -> Result<Vec<T>, CustodyError> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .from_reader(bytes);
    let mut records = reader.records();
    let first = records.next().and_then(Result::ok);
    if !first.is_some_and(|it| it.iter().eq(header.iter().copied())) {
        return Err(CustodyError::Header);
    }
    let mut lines = Vec::new();
    for (row, record) in (1..).zip(records) {
        let record = record.map_err(|_| "it cannot be read as CSV with these fields");
        let read = record.and_then(|it| line(&it.iter().collect::<Vec<_>>()));
        lines.push(read.map_err(|why| CustodyError::Row { row, why })?);
    }
    if write(&lines) != bytes {
        return Err(CustodyError::Form);
    }
    Ok(lines)
}
