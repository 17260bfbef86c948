//! Reading all pages of a database in the state of one moment, while others write.
//!
//! A read transaction is the snapshot. In WAL mode nobody waits for it; in the other journal modes SQLite has no snapshot,
//! and writers wait until the pages are read. The pages come through SQLite's own virtual table for them, so that what is in
//! the write-ahead log counts.

use crate::sqlite::open::Place;
use crate::sqlite::pages::{Extent, Group, ListWriter};
use procedo_core::capability::Stop;
use procedo_core::{Error, Kind, Result};
use rusqlite::Connection;

/// How many bytes are handed on at once, at least; a whole number of groups of any page size up to 64 KiB.
const PIECE: usize = 1 << 20;

/// A read transaction.
pub(crate) struct Snapshot<'a> {
    place: &'a Place,
    connection: Connection,
    pub(crate) extent: Extent,
}

impl<'a> Snapshot<'a> {
    /// Takes it. After a crash of another process this rolls its unfinished transaction back, as every opening does.
    pub(crate) fn take(place: &'a Place) -> Result<Self> {
        let connection = place.open_to_write()?;
        let begun = || {
            connection.pragma_update(None, "query_only", true)?;
            connection.execute_batch("BEGIN")?;
            // Only the first read begins the transaction in earnest.
            connection.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))?;
            let page: u32 = connection.query_row("PRAGMA page_size", [], |row| row.get(0))?;
            let pages: u32 = connection.query_row("PRAGMA page_count", [], |row| row.get(0))?;
            Ok((page, pages))
        };
        let (page, pages) = begun().map_err(|error: rusqlite::Error| place.of_sqlite(&error))?;
        let extent = Extent::check(page, u64::from(pages)).map_err(|_| {
            place
                .error(Kind::Failed, "P1210")
                .with("file", place.file.display())
                .with("reason", format!("{pages} × {page}"))
        })?;
        Ok(Self {
            place,
            connection,
            extent,
        })
    }

    /// Hands all pages on, in order, in buffers that `buffer` gives. Each holds whole groups but the last.
    pub(crate) fn read(
        &self,
        stop: &Stop,
        mut buffer: impl FnMut() -> Vec<u8>,
        mut piece: impl FnMut(Vec<u8>) -> Result<()>,
    ) -> Result<()> {
        let told = |error: rusqlite::Error| match self.place.of_sqlite(&error) {
            told if told.to_string().contains("no such table: sqlite_dbpage") => {
                Error::new(Kind::NotSupported, "P1226")
            }
            told => told,
        };
        let (page, pages) = (self.extent.page, self.extent.pages);
        let mut statement = self
            .connection
            .prepare("SELECT data FROM sqlite_dbpage")
            .map_err(told)?;
        let mut rows = statement.query([]).map_err(told)?;
        let (mut bytes, mut read) = (buffer(), 0);
        bytes.clear();
        while let Some(row) = rows.next().map_err(told)? {
            let data = row.get_ref(0).map_err(told)?;
            let data = data.as_blob().map_err(|error| told(error.into()))?;
            if data.len() != page {
                break;
            }
            bytes.extend_from_slice(data);
            read += 1;
            if bytes.len() >= PIECE {
                stop.check()?;
                piece(std::mem::replace(&mut bytes, buffer()))?;
                bytes.clear();
            }
        }
        if !bytes.is_empty() {
            piece(bytes)?;
        }
        if read == pages {
            return Ok(());
        }
        Err(self
            .place
            .error(Kind::Failed, "P1210")
            .with("file", self.place.file.display())
            .with("reason", format!("{read} ≠ {pages}")))
    }

    /// The digest of the state.
    pub(crate) fn digest(&self, stop: &Stop) -> Result<blake3::Hash> {
        let in_memory = |error: std::io::Error| Error::new(Kind::Failed, "P0115").with("reason", error);
        let mut list = ListWriter::new(std::io::sink(), self.extent).map_err(in_memory)?;
        self.read(stop, Vec::new, |bytes| {
            let mut groups = bytes.chunks(self.extent.group());
            groups.try_for_each(|bytes| list.group(&Group::of(bytes, self.extent.page)).map_err(in_memory))
        })?;
        list.finish().map(|(_, digest)| digest).map_err(in_memory)
    }
}
