//! A Concordance load file (`.dat`), which review platforms such as Relativity take. // B19
//!
//! Every value stands between two thorns (`þ`, U+00FE), values are separated by U+0014, which is shown as
//! `¶` in the settings of those programs, and a line break within a value becomes `®`. UTF-8 with a byte
//! order mark, because older programs take a file without one for Windows-1252.

/// Around each value.
const QUOTE: char = '\u{fe}';
/// Between values: ASCII 20, shown as `¶`.
const SEPARATOR: char = '\u{14}';
/// A line break inside a value.
const LINE_BREAK: char = '\u{ae}';

/// The columns.
pub const HEADER: [&str; 13] = [
    "BEGDOC",
    "ENDDOC",
    "RECORDING_ID",
    "CONVERSATION_ID",
    "SOURCE",
    "STARTTIME_UTC",
    "ENDTIME_UTC",
    "PARTICIPANTS",
    "QUEUES",
    "FILEEXT",
    "FILESIZE",
    "SHA256HASH",
    "NATIVEFILE",
];

/// Values of one recording, in the order of [`HEADER`].
pub type Row = [String; 13];

/// Writes the file. CRLF line ends.
pub fn write(rows: &[Row]) -> Vec<u8> {
    let mut text = String::from('\u{feff}');
    push_line(&mut text, HEADER);
    for row in rows {
        push_line(&mut text, row.iter().map(String::as_str));
    }
    text.into_bytes()
}

fn push_line<'a>(text: &mut String, values: impl IntoIterator<Item = &'a str>) {
    for (at, value) in values.into_iter().enumerate() {
        if at > 0 {
            text.push(SEPARATOR);
        }
        text.push(QUOTE);
        text.extend(clean(value).chars().map(as_written));
        text.push(QUOTE);
    }
    text.push_str("\r\n");
}

/// One line break for both ways to write it.
fn clean(value: &str) -> String {
    value.replace("\r\n", "\n")
}

/// The format has no escape: what would end a value is replaced by what looks like it.
fn as_written(letter: char) -> char {
    match letter {
        '\r' | '\n' => LINE_BREAK,
        QUOTE => 'p',
        SEPARATOR => ' ',
        other => other,
    }
}

/// The control number of a recording: `SAR00000001`.
pub fn control_number(number: u64) -> String {
    format!("SAR{number:08}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_cannot_break_out_of_their_column() {
        let mut row = Row::default();
        row[0] = control_number(1);
        row[7] = "Ann\u{fe}\u{14}x\r\ny".to_owned();
        let bytes = write(&[row]);
        assert_eq!(bytes.get(..3), Some(&b"\xef\xbb\xbf"[..]));
        let text = String::from_utf8(bytes).unwrap();
        let lines: Vec<_> = text.split("\r\n").collect();
        assert_eq!(lines.len(), 3, "{lines:?}");
        for line in &lines[..2] {
            assert_eq!(line.matches(SEPARATOR).count(), 12);
            assert_eq!(line.matches(QUOTE).count(), 26);
        }
        assert!(
            lines[1].starts_with("þSAR00000001þ\u{14}þþ"),
            "{}",
            lines[1]
        );
        assert!(lines[1].contains("Annp x®y"));
    }
}
