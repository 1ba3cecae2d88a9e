//! The raw form of the ZIP, byte by byte, as this crate writes it.

/// Bytes that an entry named `path` takes beside its content, headers of both kinds included.
pub(super) fn overhead(path: &str) -> u64 {
    256 + 2 * path.len() as u64
}
