//! `icons`: renders `icons/*.svg` into the files that bundles need; the results are committed.
//!
//! `icon-small.svg` is the same drawing with fewer, heavier strokes on whole pixels for sizes at
//! which the full one would blur.

use crate::setup::{self, Purpose};
use crate::{process, workspace};
use anyhow::{Context, bail};
use std::fs::File;
use std::io::Write;
use std::path::PathBuf;
use std::process::Command;

/// Edge length in pixels up to which the small drawing is used.
const LARGEST_SMALL_PX: u32 = 32;
/// PNG files by the names Tauri's bundler documents.
const PNG_FILES: [(&str, u32); 4] = [
    ("32x32.png", 32),
    ("128x128.png", 128),
    ("128x128@2x.png", 256),
    ("icon.png", 512),
];
/// What Windows asks for between the title bar and the large tiles.
const ICO_SIZES_PX: [u32; 6] = [16, 24, 32, 48, 64, 256];
/// Apple's entry types that hold PNG data, with their edge length in pixels.
const ICNS_ENTRIES: [(&[u8; 4], u32); 8] = [
    (b"ic11", 32),
    (b"ic12", 64),
    (b"ic07", 128),
    (b"ic13", 256),
    (b"ic08", 256),
    (b"ic14", 512),
    (b"ic09", 512),
    (b"ic10", 1024),
];

/// Writes every icon file.
pub(crate) fn run() -> anyhow::Result<()> {
    setup::run(Purpose::Icons)?;
    for (name, size_px) in PNG_FILES {
        write(name, &render(size_px)?)?;
    }
    let ico = ICO_SIZES_PX.map(|size_px| Ok((size_px, render(size_px)?)));
    write("icon.ico", &ico_file(&collect(ico)?)?)?;
    let icns = ICNS_ENTRIES.map(|(kind, size_px)| Ok((kind, render(size_px)?)));
    write("icon.icns", &icns_file(&collect(icns)?)?)
}

fn collect<T, const N: usize>(rendered: [anyhow::Result<T>; N]) -> anyhow::Result<Vec<T>> {
    rendered.into_iter().collect()
}

fn dir() -> PathBuf {
    workspace::root().join("icons")
}

fn render(size_px: u32) -> anyhow::Result<Vec<u8>> {
    let drawing = if size_px <= LARGEST_SMALL_PX {
        "icon-small.svg"
    } else {
        "icon.svg"
    };
    let edge = size_px.to_string();
    let output = Command::new("rsvg-convert")
        .args(["--width", &edge, "--height", &edge])
        .arg(dir().join(drawing))
        .output()
        .context("rsvg-convert could not be started")?;
    if !output.status.success() {
        bail!(
            "rsvg-convert refused {drawing}: {}",
            String::from_utf8_lossy(&output.stderr).trim()
        );
    }
    Ok(output.stdout)
}

fn write(name: &str, bytes: &[u8]) -> anyhow::Result<()> {
    process::say(&format!("icons/{name}: {} bytes", bytes.len()));
    File::create(dir().join(name))
        .and_then(|mut file| file.write_all(bytes))
        .with_context(|| format!("icons/{name} could not be written"))
}

/// A Windows icon: a directory of 16-byte entries, then PNG files (accepted since Windows Vista).
fn ico_file(images: &[(u32, Vec<u8>)]) -> anyhow::Result<Vec<u8>> {
    let mut directory = vec![0, 0, 1, 0];
    directory.extend(u16::try_from(images.len())?.to_le_bytes());
    let mut offset = u32::try_from(6 + 16 * images.len())?;
    for (size_px, png) in images {
        // One byte a side; 0 stands for 256.
        let side = u8::try_from(size_px % 256)?;
        let length = u32::try_from(png.len())?;
        // No palette, one plane, 32 bits a pixel.
        directory.extend([side, side, 0, 0, 1, 0, 32, 0]);
        directory.extend(length.to_le_bytes());
        directory.extend(offset.to_le_bytes());
        offset += length;
    }
    let data = images.iter().flat_map(|(_, png)| png.iter().copied());
    Ok(directory.into_iter().chain(data).collect())
}

/// An Apple icon: a magic word and a length, then entries of type, length and PNG data.
fn icns_file(images: &[(&[u8; 4], Vec<u8>)]) -> anyhow::Result<Vec<u8>> {
    let mut body = Vec::new();
    for (kind, png) in images {
        body.extend(*kind);
        body.extend(length_with_header(png)?);
        body.extend(png);
    }
    let mut file = b"icns".to_vec();
    file.extend(length_with_header(&body)?);
    file.extend(body);
    Ok(file)
}

/// Lengths in this format count the eight bytes of type and length as well.
fn length_with_header(data: &[u8]) -> anyhow::Result<[u8; 4]> {
    Ok(u32::try_from(data.len() + 8)?.to_be_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_windows_icon_points_at_each_image() {
        let file = ico_file(&[(16, vec![1; 5]), (256, vec![2; 3])]).unwrap();
        assert_eq!(file[..6], [0, 0, 1, 0, 2, 0]);
        assert_eq!(file[6..8], [16, 16]);
        assert_eq!(file[22..24], [0, 0], "256 is written as 0");
        assert_eq!(
            file[14..22],
            [5, 0, 0, 0, 38, 0, 0, 0],
            "length and offset of the first"
        );
        assert_eq!(
            file[30..38],
            [3, 0, 0, 0, 43, 0, 0, 0],
            "length and offset of the second"
        );
        assert_eq!(file[38..], [1, 1, 1, 1, 1, 2, 2, 2]);
    }

    #[test]
    fn an_apple_icon_counts_its_headers() {
        let file = icns_file(&[(b"ic07", vec![9; 4])]).unwrap();
        assert_eq!(file, *b"icns\0\0\0\x14ic07\0\0\0\x0c\x09\x09\x09\x09");
    }
}
