//! Reading all pages of a database in the state of one moment, while others write.
//!
//! A read transaction is the snapshot. In WAL mode nobody waits for it but for a moment when it begins; in the other journal
//! modes SQLite has no snapshot, and writers wait until the pages are read. They come from the file itself where that holds
//! the whole state (`still`), and else through SQLite's own virtual table for them, so that what is in the write-ahead log
//! counts.

use crate::sqlite::flow::each;
use crate::sqlite::make::check_structure;
use crate::sqlite::open::Place;
use crate::sqlite::pages::{Extent, Group, ListWriter};
use crate::sqlite::still::{Still, quiet};
use procedo_core::capability::Stop;
use procedo_core::{Error, Kind, Result};
use rusqlite::Connection;

/// How many bytes are handed on at once, at least; a whole number of groups of any page size up to 64 KiB.
const PIECE: usize = 1 << 20;

/// A read transaction.
pub(crate) struct Snapshot<'a> {
    pub(crate) place: &'a Place,
    connection: Connection,
    pub(crate) extent: Extent,
    /// The file, if it holds the whole state.
    pub(crate) still: Option<Still>,
}

/// Begins the transaction; whether the file then holds all that it reads.
fn begin(place: &Place, connection: &Connection) -> rusqlite::Result<bool> {
    let logs = || -> rusqlite::Result<bool> {
        let mode: String = connection.query_row("PRAGMA journal_mode", [], |row| row.get(0))?;
        Ok(mode == "wal")
    };
    let logged = logs()?;
    let quiet = logged.then(|| quiet(place, connection)).flatten();
    connection.execute_batch("BEGIN")?;
    // Only the first read begins the transaction in earnest.
    connection.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))?;
    // The mode may have become another until then.
    Ok(logs()? == logged && quiet.is_some() == logged)
}

impl<'a> Snapshot<'a> {
    /// Takes it. After a crash of another process this rolls its unfinished transaction back, as every opening does.
    pub(crate) fn take(place: &'a Place) -> Result<Self> {
        let connection = place.open_to_write()?;
        let begun = || {
            let whole = begin(place, &connection)?;
            connection.pragma_update(None, "query_only", true)?;
            let page: u32 = connection.query_row("PRAGMA page_size", [], |row| row.get(0))?;
            let pages: u32 = connection.query_row("PRAGMA page_count", [], |row| row.get(0))?;
            Ok((whole, page, pages))
        };
        let (whole, page, pages) = begun().map_err(|error: rusqlite::Error| place.of_sqlite(&error))?;
        let extent = Extent::check(page, u64::from(pages)).map_err(|_| {
            place
                .error(Kind::Failed, "P1210")
                .with("file", place.file.display())
                .with("reason", format!("{pages} × {page}"))
        })?;
        let still = whole.then(|| Still::of(place, &connection, extent)).flatten();
        Ok(Self {
            place,
            connection,
            extent,
            still,
        })
    }

    /// Hands all pages on, in order, each time with where they begin, in exchange for a buffer for the next. Each but the
    /// last holds whole groups. What is to be read from the file has its size only.
    pub(crate) fn read(
        &self,
        stop: &Stop,
        mut piece: impl FnMut(u64, Vec<u8>) -> Result<Vec<u8>>,
    ) -> Result<()> {
        if self.still.is_none() {
            return self.read_through_sqlite(stop, piece);
        }
        let (mut at, mut bytes) = (0, Vec::new());
        while at < self.extent.bytes() {
            stop.check()?;
            let size = (self.extent.bytes() - at).min(PIECE as u64);
            bytes.resize(size as usize, 0);
            bytes = piece(at, bytes)?;
            at += size;
        }
        Ok(())
    }

    fn read_through_sqlite(
        &self,
        stop: &Stop,
        mut piece: impl FnMut(u64, Vec<u8>) -> Result<Vec<u8>>,
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
        let (mut at, mut bytes, mut read) = (0, Vec::new(), 0);
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
                let size = bytes.len() as u64;
                bytes = piece(at, bytes)?;
                bytes.clear();
                at += size;
            }
        }
        if !bytes.is_empty() {
            piece(at, bytes)?;
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

    /// Looks at the structure of the state; what is wrong with it, if anything.
    pub(crate) fn check_structure(&self, stop: &Stop) -> Result<Option<String>> {
        check_structure(self.place, &self.connection, "quick_check", stop)
    }

    /// The digest of the state.
    pub(crate) fn digest(&self, stop: &Stop) -> Result<blake3::Hash> {
        let in_memory = |error: std::io::Error| Error::new(Kind::Failed, "P0115").with("reason", error);
        let extent = self.extent;
        let mut list = ListWriter::new(std::io::sink(), extent).map_err(in_memory)?;
        each(
            self,
            stop,
            |_| Ok(()),
            |_, bytes, ()| Ok(Group::all_of(bytes, extent)),
            |_, groups| {
                groups
                    .iter()
                    .try_for_each(|group| list.group(group).map_err(in_memory))
            },
        )?;
        list.finish().map(|(_, digest)| digest).map_err(in_memory)
    }
}
