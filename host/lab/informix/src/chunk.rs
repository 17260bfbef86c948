//! Chunk files and their pages. A page begins with the stamp of its last change, so that an archive of level 1 or 2 can
//! take those that changed since another archive.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;

/// The size of a page in bytes.
pub const PAGE: usize = 2048;

/// A page with its number in its chunk.
pub(crate) struct Page {
    pub(crate) number: u32,
    pub(crate) bytes: Vec<u8>,
}

/// The stamp of a page; 0 for one that was never written.
fn stamp(bytes: &[u8]) -> u64 {
    let head = bytes.first_chunk().copied().unwrap_or_default();
    u64::from_be_bytes(head)
}

/// The pages of a chunk that were changed after a stamp.
pub(crate) fn changed_after(path: &Path, since: u64) -> io::Result<Vec<Page>> {
    let mut file = File::open(path)?;
    let mut pages = Vec::new();
    let mut number = 0;
    loop {
        let mut bytes = vec![0; PAGE];
        match file.read_exact(&mut bytes) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(pages),
            Err(error) => return Err(error),
        }
        if stamp(&bytes) > since {
            pages.push(Page { number, bytes });
        }
        number += 1;
    }
}

/// Writes what is known of a page behind its stamp; the rest becomes zero.
pub(crate) fn write(path: &Path, number: u32, stamp: u64, content: &[u8]) -> io::Result<()> {
    let mut bytes = stamp.to_be_bytes().to_vec();
    bytes.extend_from_slice(&content[..content.len().min(PAGE - 8)]);
    bytes.resize(PAGE, 0);
    put(&mut open(path)?, number, &bytes)
}

/// Puts a page back as it was.
pub(crate) fn put(file: &mut File, number: u32, bytes: &[u8]) -> io::Result<()> {
    file.seek(SeekFrom::Start(u64::from(number) * PAGE as u64))?;
    file.write_all(bytes)
}

/// Opens a chunk that must be there.
pub(crate) fn open(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).write(true).open(path)
}

/// Makes a chunk empty.
pub(crate) fn clear(path: &Path, pages: u32) -> io::Result<()> {
    let file = open(path)?;
    file.set_len(0)?;
    file.set_len(u64::from(pages) * PAGE as u64)
}
