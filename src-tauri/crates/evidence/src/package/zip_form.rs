//! The raw form of the ZIP, byte by byte: exactly one file is valid for given entries.
//!
//! Programs that read ZIPs ignore much: unused header fields, gaps, a second directory. Here the
//! headers are made again from name, sizes and offset and must be the same bytes, so a changed byte
//! outside the authenticated content is found as well.

use std::io::{self, Read, Seek, SeekFrom};

use crate::{
    names::{PAYLOAD, is_neutral},
    package::{MAX_FILE_BYTES, MAX_FILES},
    report::Finding,
};

/// Salt, password check and authentication code around the content. // WinZip AE-2
const AES_OVERHEAD: u32 = 16 + 2 + 10;
/// Unix, ZIP 5.1: the version that brought AES.
const VERSION_MADE_BY: u16 = 0x0333;
const VERSION_NEEDED: u16 = 51;
/// Encrypted (bit 0), sizes follow the content (bit 3).
const FLAGS: u16 = 0x0009;
/// The method number that stands for AES.
const METHOD_AES: u16 = 99;
/// 1980-01-01 00:00:00, the earliest DOS time: nothing is told about when.
const TIME: u16 = 0;
const DATE: u16 = 0x0021;
/// AE-2, AES-256, stored.
const AES_EXTRA: [u8; 11] = [0x01, 0x99, 7, 0, 2, 0, b'A', b'E', 3, 0, 0];
/// A regular file, mode 644.
const ATTRIBUTES: u32 = 0o100_644 << 16;
const CENTRAL_BYTES: usize = 46;
const END_BYTES: u64 = 22;

/// Bytes that an entry named `path` takes beside its content.
pub(super) fn overhead(path: &str) -> u64 {
    let entry = RawEntry {
        name: path.to_owned(),
        size: 0,
        offset: 0,
    };
    entry.end() + entry.central().len() as u64
}

/// An entry as the headers describe it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RawEntry {
    /// Name.
    pub(crate) name: String,
    /// Number of bytes of the content.
    pub(crate) size: u32,
    /// Where its local header begins.
    offset: u32,
}

impl RawEntry {
    fn stored(&self) -> u32 {
        self.size.saturating_add(AES_OVERHEAD)
    }

    fn local(&self) -> Vec<u8> {
        Bytes::tagged(b"PK\x03\x04")
            .u16s(&[VERSION_NEEDED, FLAGS, METHOD_AES, TIME, DATE])
            .u32s(&[0, 0, 0])
            .u16s(&[self.name.len() as u16, AES_EXTRA.len() as u16])
            .bytes(self.name.as_bytes())
            .bytes(&AES_EXTRA)
            .0
    }

    fn descriptor(&self) -> Vec<u8> {
        Bytes::tagged(b"PK\x07\x08")
            .u32s(&[0, self.stored(), self.size])
            .0
    }

    fn central(&self) -> Vec<u8> {
        Bytes::tagged(b"PK\x01\x02")
            .u16s(&[
                VERSION_MADE_BY,
                VERSION_NEEDED,
                FLAGS,
                METHOD_AES,
                TIME,
                DATE,
            ])
            .u32s(&[0, self.stored(), self.size])
            .u16s(&[self.name.len() as u16, AES_EXTRA.len() as u16, 0, 0, 0])
            .u32s(&[ATTRIBUTES, self.offset])
            .bytes(self.name.as_bytes())
            .bytes(&AES_EXTRA)
            .0
    }

    /// Where the next entry begins.
    fn end(&self) -> u64 {
        let headers = self.local().len() + self.descriptor().len();
        u64::from(self.offset) + headers as u64 + u64::from(self.stored())
    }

    fn descriptor_at(&self) -> u64 {
        u64::from(self.offset) + self.local().len() as u64 + u64::from(self.stored())
    }
}

fn end_record(entries: u16, directory_bytes: u32, directory_at: u32) -> Vec<u8> {
    Bytes::tagged(b"PK\x05\x06")
        .u16s(&[0, 0, entries, entries])
        .u32s(&[directory_bytes, directory_at])
        .u16s(&[0])
        .0
}

/// Little-endian fields one after the other.
struct Bytes(Vec<u8>);

impl Bytes {
    fn tagged(tag: &[u8; 4]) -> Self {
        Self(tag.to_vec())
    }

    fn u16s(mut self, fields: &[u16]) -> Self {
        self.0
            .extend(fields.iter().flat_map(|field| field.to_le_bytes()));
        self
    }

    fn u32s(mut self, fields: &[u32]) -> Self {
        self.0
            .extend(fields.iter().flat_map(|field| field.to_le_bytes()));
        self
    }

    fn bytes(mut self, bytes: &[u8]) -> Self {
        self.0.extend(bytes);
        self
    }
}

/// Reads and checks every header. What it returns lies in the file without gap or overlap.
pub(crate) fn read(zip: &mut (impl Read + Seek)) -> Result<Vec<RawEntry>, Finding> {
    let (directory_at, directory, count) = read_directory(zip)?;
    let mut entries: Vec<RawEntry> = Vec::new();
    let mut rest = directory.as_slice();
    for number in 1..=count {
        let (entry, next) = read_central(rest, number)?;
        check_place(&entry, entries.last(), number)?;
        entries.push(entry);
        rest = next;
    }
    if !rest.is_empty() {
        return Err(Finding::new(DIRECTORY, "it is longer than its entries"));
    }
    let content_end = entries.last().map_or(0, RawEntry::end);
    if content_end != u64::from(directory_at) {
        return Err(Finding::new(
            DIRECTORY,
            "it does not begin where the last entry ends",
        ));
    }
    entries
        .iter()
        .try_for_each(|entry| check_headers(zip, entry))?;
    Ok(entries)
}

const END: &str = "end of central directory";
const DIRECTORY: &str = "central directory";

fn read_directory(zip: &mut (impl Read + Seek)) -> Result<(u32, Vec<u8>, u16), Finding> {
    let unreadable = |error: io::Error| Finding::new(END, format!("unreadable: {}", error.kind()));
    let length = zip.seek(SeekFrom::End(0)).map_err(unreadable)?;
    let end_at = length
        .checked_sub(END_BYTES)
        .ok_or_else(|| Finding::new(END, "the file is too short for a package"))?;
    let end: [u8; 22] = read_at(zip, end_at, END_BYTES)
        .ok()
        .and_then(|bytes| bytes.try_into().ok())
        .ok_or_else(|| Finding::new(END, "unreadable"))?;
    let [.., n0, n1, s0, s1, s2, s3, o0, o1, o2, o3, _, _] = end;
    let count = u16::from_le_bytes([n0, n1]);
    let bytes = u32::from_le_bytes([s0, s1, s2, s3]);
    let at = u32::from_le_bytes([o0, o1, o2, o3]);
    if end[..] != end_record(count, bytes, at) {
        return Err(Finding::new(
            END,
            "it is not as a package ends: truncated, or bytes were added",
        ));
    }
    if u64::from(at) + u64::from(bytes) != end_at || usize::from(count) > MAX_FILES {
        return Err(Finding::new(END, "its sizes do not fit the file"));
    }
    let directory = read_at(zip, u64::from(at), u64::from(bytes))
        .map_err(|error| Finding::new(DIRECTORY, format!("unreadable: {}", error.kind())))?;
    Ok((at, directory, count))
}

/// Reads one record of the directory and returns it with what follows.
fn read_central(bytes: &[u8], number: u16) -> Result<(RawEntry, &[u8]), Finding> {
    let broken = |why: &str| Finding::new(format!("{DIRECTORY}, entry {number}"), why);
    let (fixed, rest) = bytes
        .split_first_chunk::<CENTRAL_BYTES>()
        .ok_or_else(|| broken("the directory ends too early"))?;
    let field = |at: usize| fixed.get(at..at + 4).and_then(|it| it.try_into().ok());
    let u32_at = |at| field(at).map(u32::from_le_bytes).unwrap_or_default();
    let name_bytes = (u32_at(28) & 0xffff) as usize;
    let name = rest
        .get(..name_bytes)
        .and_then(|name| std::str::from_utf8(name).ok())
        .filter(|name| is_neutral(name))
        .ok_or_else(|| broken("its name is not a neutral relative name"))?;
    let entry = RawEntry {
        name: name.to_owned(),
        size: u32_at(24),
        offset: u32_at(42),
    };
    match bytes.split_at_checked(CENTRAL_BYTES + name_bytes + AES_EXTRA.len()) {
        Some((record, next)) if record == entry.central() => Ok((entry, next)),
        _ => Err(Finding::new(
            format!("{DIRECTORY}, `{}`", entry.name),
            "its fields are not those of an AES-256 entry as packages are written",
        )),
    }
}

/// Entries follow each other without gap, payload first, names ascending, none twice.
fn check_place(entry: &RawEntry, last: Option<&RawEntry>, number: u16) -> Result<(), Finding> {
    let part = || format!("{DIRECTORY}, `{}`", entry.name);
    if u64::from(entry.offset) != last.map_or(0, RawEntry::end) {
        return Err(Finding::new(
            part(),
            "it does not begin where the entry before ends",
        ));
    }
    if u64::from(entry.size) > MAX_FILE_BYTES {
        return Err(Finding::new(part(), "it is larger than a package may hold"));
    }
    let rank = |entry: &RawEntry| (!entry.name.starts_with(PAYLOAD), entry.name.clone());
    match last {
        Some(last) if rank(last) >= rank(entry) => Err(Finding::new(
            part(),
            format!("entry {number} is out of order or there twice"),
        )),
        _ => Ok(()),
    }
}

fn check_headers(zip: &mut (impl Read + Seek), entry: &RawEntry) -> Result<(), Finding> {
    let local = (u64::from(entry.offset), entry.local(), "local header");
    let descriptor = (entry.descriptor_at(), entry.descriptor(), "data descriptor");
    for (at, expected, what) in [local, descriptor] {
        let found = read_at(zip, at, expected.len() as u64);
        if found.ok().as_ref() != Some(&expected) {
            return Err(Finding::new(
                format!("{what} of `{}`", entry.name),
                "it does not say what the central directory says",
            ));
        }
    }
    Ok(())
}

/// Reads exactly `length` bytes; memory grows only with what is there.
fn read_at(zip: &mut (impl Read + Seek), at: u64, length: u64) -> io::Result<Vec<u8>> {
    zip.seek(SeekFrom::Start(at))?;
    let mut bytes = Vec::new();
    zip.by_ref().take(length).read_to_end(&mut bytes)?;
    if bytes.len() as u64 == length {
        Ok(bytes)
    } else {
        Err(io::ErrorKind::UnexpectedEof.into())
    }
}
