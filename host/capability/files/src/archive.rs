//! Zip, war and jar archives as bytes: listing, reading an entry, replacing one. Pure.
//!
//! The crate `zip` reads and compresses. Replacing is done on the bytes, since a rewritten archive would differ in more
//! than the one entry: what stands before the entry and after it is taken over as it is, and in the central directory only
//! the entry's sizes and checksum and the offsets of what moved are changed. Section numbers are those of PKWARE's
//! APPNOTE.TXT 6.3.

use crate::path::is_refused;
use std::io::{Cursor, Read, Write};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

/// The central directory's record of an entry (4.3.12), without its variable parts.
const CENTRAL: usize = 46;
/// The end of central directory record (4.3.16), without the comment.
const END: usize = 22;
/// The general purpose flag that sizes and checksum follow the data (4.4.4, bit 3).
const HAS_DESCRIPTOR: u16 = 1 << 3;

/// Why an archive cannot be read or changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ArchiveError {
    /// It is not an archive, or damaged.
    Damaged(String),
    /// Two entries have the same name, or a name could lead out of a folder.
    Name {
        /// `duplicate` or `unsafe`.
        rule: &'static str,
        /// The name.
        entry: String,
    },
    /// There is no such entry.
    NoEntry,
    /// The entry is encrypted.
    Encrypted,
    /// The entry, or what it would be, is larger than the limit.
    TooLarge(u64),
    /// The archive uses something that is not supported.
    Unsupported(String),
}

type Result<T> = std::result::Result<T, ArchiveError>;

/// An archive.
pub(crate) struct Archive<'a> {
    bytes: &'a [u8],
    zip: ZipArchive<Cursor<&'a [u8]>>,
    names: Vec<String>,
}

impl<'a> Archive<'a> {
    /// Reads the list of entries.
    pub(crate) fn open(bytes: &'a [u8]) -> Result<Self> {
        let zip = ZipArchive::new(Cursor::new(bytes)).map_err(damaged)?;
        let mut names = Vec::with_capacity(zip.len());
        let mut seen = std::collections::BTreeSet::new();
        for name in zip.file_names() {
            let name = name.map_err(damaged)?.into_owned();
            if name.is_empty()
                || name.starts_with('/')
                || name.split(['/', '\\']).any(|part| part == "..")
                || name.chars().any(is_refused)
            {
                return Err(ArchiveError::Name {
                    rule: "unsafe",
                    entry: crate::path::shown(&name),
                });
            }
            if !seen.insert(name.clone()) {
                return Err(ArchiveError::Name {
                    rule: "duplicate",
                    entry: name,
                });
            }
            names.push(name);
        }
        if zip.has_duplicate_names() {
            return Err(ArchiveError::Name {
                rule: "duplicate",
                entry: duplicate_name(bytes, &zip).unwrap_or_default(),
            });
        }
        Ok(Self { bytes, zip, names })
    }

    /// The names of the entries, in the archive's order.
    pub(crate) fn names(&self) -> &[String] {
        &self.names
    }

    /// The content of an entry of at most `limit` bytes.
    pub(crate) fn read(&mut self, entry: &str, limit: u64) -> Result<Vec<u8>> {
        let index = self.find(entry)?;
        let file = self.zip.by_index(index).map_err(damaged)?;
        if file.size() > limit {
            return Err(ArchiveError::TooLarge(file.size()));
        }
        let mut content = Vec::new();
        // What the archive says of the size need not be true.
        file.take(limit + 1).read_to_end(&mut content).map_err(damaged)?;
        if content.len() as u64 > limit {
            return Err(ArchiveError::TooLarge(content.len() as u64));
        }
        Ok(content)
    }

    /// The archive with another content of one entry.
    pub(crate) fn replace(&mut self, entry: &str, content: &[u8]) -> Result<Vec<u8>> {
        let index = self.find(entry)?;
        if self.zip.offset() != 0 {
            return Err(ArchiveError::Unsupported("data before the archive".to_owned()));
        }
        if self.zip.has_overlapping_entries().map_err(damaged)? {
            return Err(ArchiveError::Damaged("overlapping entries".to_owned()));
        }
        let directory = Directory::read(self.bytes, &self.zip)?;
        let file = self.zip.by_index_raw(index).map_err(damaged)?;
        let (start, data) = (
            at(file.header_start())?,
            at(file.data_start().ok_or_else(|| bad("no data"))?)?,
        );
        let (packed, method) = (at(file.compressed_size())?, file.compression());
        let record = directory
            .records
            .iter()
            .copied()
            .find(|record| le32(self.bytes, record + 42) == Ok(start as u32))
            .ok_or_else(|| bad("an entry without directory record"))?;
        let new = Packed::of(content, method)?;

        let local = slice(self.bytes, start, data - start)?;
        if has_zip64(local)? {
            return Err(ArchiveError::Unsupported("zip64".to_owned()));
        }
        let end = data + packed;
        let next = directory
            .records
            .iter()
            .filter_map(|record| le32(self.bytes, record + 42).ok())
            .map(|offset| offset as usize)
            .filter(|offset| *offset > start)
            .min()
            .unwrap_or(directory.start);
        let mut out = Vec::with_capacity(self.bytes.len() + new.bytes.len());
        out.extend_from_slice(slice(self.bytes, 0, start)?);
        let mut header = local.to_vec();
        let mut tail = slice(
            self.bytes,
            end,
            next.checked_sub(end).ok_or_else(|| bad("overlapping entries"))?,
        )?
        .to_vec();
        if le16(local, 6)? & HAS_DESCRIPTOR != 0 {
            // 4.3.9: with or without a signature; the header's own fields are zero and stay so.
            let fields = if tail.starts_with(b"PK\x07\x08") { 4 } else { 0 };
            new.write(&mut tail, fields)?;
            if le32(local, 18)? != 0 {
                new.write(&mut header, 14)?;
            }
        } else {
            new.write(&mut header, 14)?;
        }
        out.extend_from_slice(&header);
        out.extend_from_slice(&new.bytes);
        out.extend_from_slice(&tail);
        out.extend_from_slice(slice(self.bytes, next, directory.start - next)?);

        let moved = out.len() as i64 - directory.start as i64;
        let shift = |offset: u32| {
            u32::try_from(i64::from(offset) + moved)
                .ok()
                .filter(|offset| *offset != u32::MAX)
                .ok_or_else(|| ArchiveError::Unsupported("zip64".to_owned()))
        };
        let new_directory = out.len();
        out.extend_from_slice(slice(
            self.bytes,
            directory.start,
            self.bytes.len() - directory.start,
        )?);
        for old in &directory.records {
            let here = old - directory.start + new_directory;
            let offset = le32(self.bytes, old + 42)?;
            if *old == record {
                new.write(&mut out, here + 16)?;
            } else if offset as usize > start {
                set32(&mut out, here + 42, shift(offset)?)?;
            }
        }
        let end_record = directory.end - directory.start + new_directory;
        set32(&mut out, end_record + 16, shift(directory.start as u32)?)?;
        Ok(out)
    }

    fn find(&self, entry: &str) -> Result<usize> {
        let index = self
            .names
            .iter()
            .position(|name| name == entry)
            .ok_or(ArchiveError::NoEntry)?;
        let data = self.zip.by_index_data(index).map_err(damaged)?;
        if data.encrypted() {
            return Err(ArchiveError::Encrypted);
        }
        if data.is_dir() || data.is_symlink() {
            return Err(ArchiveError::NoEntry);
        }
        Ok(index)
    }
}

/// Where the parts of the central directory are.
struct Directory {
    start: usize,
    records: Vec<usize>,
    end: usize,
}

impl Directory {
    fn read(bytes: &[u8], zip: &ZipArchive<Cursor<&[u8]>>) -> Result<Self> {
        let start = at(zip.central_directory_start())?;
        let end = bytes
            .len()
            .checked_sub(END + zip.comment().len())
            .ok_or_else(|| bad("too short"))?;
        if slice(bytes, end, 4)? != b"PK\x05\x06" {
            return Err(bad("data after the archive"));
        }
        // 4.4.1.4: fields of all ones say that the value stands in a zip64 record.
        if le16(bytes, end + 10)? == u16::MAX
            || le32(bytes, end + 12)? == u32::MAX
            || le32(bytes, end + 16)? == u32::MAX
        {
            return Err(ArchiveError::Unsupported("zip64".to_owned()));
        }
        if le32(bytes, end + 16)? as usize != start {
            return Err(bad("the directory is not where the end record says"));
        }
        let count = usize::from(le16(bytes, end + 10)?);
        let mut records = Vec::with_capacity(count);
        let mut next = start;
        while records.len() < count {
            if slice(bytes, next, 4)? != b"PK\x01\x02" {
                return Err(bad("the directory has fewer records than the end record says"));
            }
            if [20, 24, 42]
                .iter()
                .any(|field| le32(bytes, next + field) == Ok(u32::MAX))
            {
                return Err(ArchiveError::Unsupported("zip64".to_owned()));
            }
            records.push(next);
            let variable = [28, 30, 32]
                .iter()
                .try_fold(0, |sum, field| Ok(sum + usize::from(le16(bytes, next + field)?)))?;
            next += CENTRAL + variable;
        }
        Ok(Self { start, records, end })
    }
}

/// Content as it stands in an archive.
struct Packed {
    bytes: Vec<u8>,
    checksum: u32,
    size: u32,
}

impl Packed {
    fn of(content: &[u8], method: CompressionMethod) -> Result<Self> {
        if !matches!(method, CompressionMethod::Stored | CompressionMethod::Deflated) {
            return Err(ArchiveError::Unsupported(method.to_string()));
        }
        // An archive with this one entry, made by the crate, has it compressed and its checksum computed.
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        writer
            .start_file("entry", SimpleFileOptions::default().compression_method(method))
            .map_err(damaged)?;
        writer.write_all(content).map_err(damaged)?;
        let mut made = ZipArchive::new(writer.finish().map_err(damaged)?).map_err(damaged)?;
        let file = made.by_index_raw(0).map_err(damaged)?;
        let size = u32::try_from(content.len()).map_err(|_| ArchiveError::Unsupported("zip64".to_owned()))?;
        let (checksum, start, packed) = (
            file.crc32(),
            file.data_start().ok_or_else(|| bad("no data"))?,
            file.compressed_size(),
        );
        drop(file);
        let bytes = slice(&made.into_inner().into_inner(), at(start)?, at(packed)?)?.to_vec();
        Ok(Self {
            bytes,
            checksum,
            size,
        })
    }

    /// Writes checksum, packed size and size, which stand in this order wherever they stand (4.3.7, 4.3.9, 4.3.12).
    fn write(&self, out: &mut [u8], start: usize) -> Result<()> {
        set32(out, start, self.checksum)?;
        set32(
            out,
            start + 4,
            u32::try_from(self.bytes.len()).map_err(|_| bad("zip64"))?,
        )?;
        set32(out, start + 8, self.size)
    }
}

/// Whether a local header holds its sizes in a zip64 extra field (4.5.3), which also doubles the descriptor's fields.
fn has_zip64(local: &[u8]) -> Result<bool> {
    let mut next = 30 + usize::from(le16(local, 26)?);
    while next + 4 <= local.len() {
        if le16(local, next)? == 1 {
            return Ok(true);
        }
        next += 4 + usize::from(le16(local, next + 2)?);
    }
    Ok(false)
}

/// The name that two records of the directory share.
fn duplicate_name(bytes: &[u8], zip: &ZipArchive<Cursor<&[u8]>>) -> Option<String> {
    let directory = Directory::read(bytes, zip).ok()?;
    let mut seen = std::collections::BTreeSet::new();
    directory.records.iter().find_map(|record| {
        let length = usize::from(le16(bytes, record + 28).ok()?);
        let name = slice(bytes, record + CENTRAL, length).ok()?;
        (!seen.insert(name)).then(|| crate::path::shown(&String::from_utf8_lossy(name)))
    })
}

fn damaged(error: impl std::fmt::Display) -> ArchiveError {
    ArchiveError::Damaged(error.to_string())
}

fn bad(what: &str) -> ArchiveError {
    ArchiveError::Damaged(what.to_owned())
}

fn at(offset: u64) -> Result<usize> {
    usize::try_from(offset).map_err(damaged)
}

fn slice(bytes: &[u8], start: usize, length: usize) -> Result<&[u8]> {
    start
        .checked_add(length)
        .and_then(|end| bytes.get(start..end))
        .ok_or_else(|| bad("cut off"))
}

fn le16(bytes: &[u8], start: usize) -> Result<u16> {
    slice(bytes, start, 2).map(|field| u16::from_le_bytes([field[0], field[1]]))
}

fn le32(bytes: &[u8], start: usize) -> Result<u32> {
    slice(bytes, start, 4).map(|field| u32::from_le_bytes([field[0], field[1], field[2], field[3]]))
}

fn set32(bytes: &mut [u8], start: usize, value: u32) -> Result<()> {
    let field = bytes.get_mut(start..start + 4).ok_or_else(|| bad("cut off"))?;
    field.copy_from_slice(&value.to_le_bytes());
    Ok(())
}
