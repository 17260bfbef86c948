//! What an archive looks like: on each tape a header, then a part of the pages; behind the last page a sum.

use crate::chunk::PAGE;
use crate::server::{Archived, Space};
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::{self, Read, Write};

/// The size of a tape's header in bytes.
const HEADER: usize = 8192;
const MAGIC: &str = "IFXLAB-ARCHIVE-1";
/// The number of the chunk in the record behind the last page.
const END: u32 = u32::MAX;

/// What a tape says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Header {
    magic: String,
    pub(crate) version: String,
    pub(crate) server: String,
    pub(crate) user: String,
    pub(crate) level: u8,
    pub(crate) device: String,
    pub(crate) block_kib: u64,
    pub(crate) size_kib: u64,
    pub(crate) tape: u32,
    pub(crate) archived: Archived,
    pub(crate) base: Option<Archived>,
    pub(crate) spaces: Vec<Space>,
    /// How many bytes follow the headers on all tapes together.
    pub(crate) payload: u64,
}

/// A page in an archive.
pub(crate) struct Record<'a> {
    pub(crate) chunk: u32,
    pub(crate) page: u32,
    pub(crate) bytes: &'a [u8],
}

impl Header {
    pub(crate) fn new(version: &str, server: &str, level: u8, archived: Archived) -> Self {
        Self {
            magic: MAGIC.to_owned(),
            version: version.to_owned(),
            server: server.to_owned(),
            user: "informix".to_owned(),
            level,
            device: String::new(),
            block_kib: 32,
            size_kib: 0,
            tape: 1,
            archived,
            base: None,
            spaces: Vec::new(),
            payload: 0,
        }
    }

    pub(crate) fn write(&self, to: &mut File) -> io::Result<()> {
        let mut block = serde_json::to_vec(self)?;
        block.resize(HEADER, 0);
        to.write_all(&block)
    }

    /// Reads the header of a tape.
    pub(crate) fn read(from: &mut File) -> io::Result<Self> {
        let mut block = vec![0; HEADER];
        from.read_exact(&mut block)?;
        let end = block.iter().position(|byte| *byte == 0).unwrap_or(HEADER);
        let header: Self = serde_json::from_slice(&block[..end])
            .map_err(|_| io::Error::other("this is not an archive backup tape"))?;
        if header.magic != MAGIC {
            return Err(io::Error::other("this is not an archive backup tape"));
        }
        Ok(header)
    }

    /// How many bytes of pages a tape takes; none: without limit.
    pub(crate) fn capacity(&self) -> Option<u64> {
        (self.size_kib > 0).then(|| (self.size_kib * 1024).saturating_sub(HEADER as u64).max(1024))
    }
}

/// FNV-1a.
fn sum(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |sum, byte| {
        (sum ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// Adds a page to what follows the headers.
pub(crate) fn add(payload: &mut Vec<u8>, chunk: u32, page: u32, bytes: &[u8]) {
    payload.extend_from_slice(&chunk.to_be_bytes());
    payload.extend_from_slice(&page.to_be_bytes());
    payload.extend_from_slice(bytes);
}

/// Ends what follows the headers.
pub(crate) fn conclude(payload: &mut Vec<u8>) {
    let sum = sum(payload);
    payload.extend_from_slice(&END.to_be_bytes());
    payload.extend_from_slice(&sum.to_be_bytes());
}

/// The pages, if they are all there and as they were written.
pub(crate) fn records(payload: &[u8]) -> io::Result<Vec<Record<'_>>> {
    let damaged = || io::Error::other("the archive is damaged");
    let number = |at: usize| {
        let bytes = payload.get(at..).and_then(|rest| rest.first_chunk()).copied();
        bytes.map(u32::from_be_bytes).ok_or_else(damaged)
    };
    let mut records = Vec::new();
    let mut at = 0;
    loop {
        let chunk = number(at)?;
        if chunk == END {
            let written = payload.get(at + 4..).and_then(|rest| rest.first_chunk()).copied();
            let written = written.map(u64::from_be_bytes).ok_or_else(damaged)?;
            return if written == sum(&payload[..at]) {
                Ok(records)
            } else {
                Err(damaged())
            };
        }
        let page = number(at + 4)?;
        let bytes = payload.get(at + 8..at + 8 + PAGE).ok_or_else(damaged)?;
        records.push(Record { chunk, page, bytes });
        at += 8 + PAGE;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_altered_or_missing_byte_is_found() {
        let mut payload = Vec::new();
        add(&mut payload, 1, 7, &[3; PAGE]);
        add(&mut payload, 2, 0, &[4; PAGE]);
        conclude(&mut payload);
        let found: Vec<_> = records(&payload)
            .expect("whole")
            .iter()
            .map(|record| (record.chunk, record.page, record.bytes[0]))
            .collect();
        assert_eq!(found, [(1, 7, 3), (2, 0, 4)]);
        assert!(records(&payload[..payload.len() - 1]).is_err());
        payload[100] ^= 1;
        assert!(records(&payload).is_err());
    }
}
