//! The bytes of a database's file, read past SQLite while a read transaction keeps them as they are.
//!
//! Reading megabytes at once costs a fraction of what SQLite's reading page by page does. It is right only while the file
//! alone holds the state and nobody may alter it, which a read transaction sees to:
//! - Without a write-ahead log, it holds the shared lock, and nobody writes into the file without the exclusive one
//!   (*File Locking And Concurrency In SQLite Version 3*, section 3).
//! - With one, its mark keeps checkpoints from writing anything newer into the file (*WAL-mode File Format*, section 2.3). So
//!   if all of the log had been written into the file when the transaction began, the file stays as it is until it ends.

use crate::sqlite::open::Place;
use crate::sqlite::pages::Extent;
use rusqlite::Connection;
use std::fs::File;
use std::io;
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// How long to wait for a moment in which nobody writes. Without one, the pages come through SQLite.
const BRIEF: Duration = Duration::from_secs(2);
/// Where the page begins on which SQLite keeps its locks. It has no content.
const LOCKS: u64 = 0x4000_0000;

/// Files that were opened here, which are never closed: closing one would release all locks that this process has on it,
/// those of SQLite's connections as well (POSIX `fcntl`). One for each database that was ever backed up.
static OPENED: Mutex<Vec<(Which, Arc<File>)>> = Mutex::new(Vec::new());

/// A file by its device and its number there.
type Which = (u64, u64);

fn opened(path: &Path) -> io::Result<Arc<File>> {
    let which = |meta: &std::fs::Metadata| -> Which { (meta.dev(), meta.ino()) };
    let wanted = which(&std::fs::metadata(path)?);
    // Only whole entries are ever in it.
    let mut opened = OPENED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((_, file)) = opened.iter().find(|(which, _)| *which == wanted) {
        return Ok(Arc::clone(file));
    }
    let file = Arc::new(File::open(path)?);
    // Kept before anything can fail, and even if there is one already: the path may have got another file just now.
    opened.push((wanted, Arc::clone(&file)));
    let last = opened.len() - 1;
    opened[last].0 = which(&file.metadata()?);
    Ok(file)
}

/// A database's file that holds the state of a read transaction.
#[derive(Clone, Debug)]
pub(crate) struct Still {
    file: Arc<File>,
    extent: Extent,
}

impl Still {
    /// The file, if it is the one that the connection reads, whose read transaction keeps it as it is.
    pub(crate) fn of(place: &Place, connection: &Connection, extent: Extent) -> Option<Self> {
        let file = opened(&place.file).ok()?;
        let still = Self { file, extent };
        if still.file.metadata().ok()?.len() < extent.bytes() {
            return None;
        }
        let sql = "SELECT data FROM sqlite_dbpage WHERE pgno = 1";
        let theirs: Vec<u8> = connection.query_row(sql, [], |row| row.get(0)).ok()?;
        let mut ours = vec![0; extent.page];
        still.fill(0, &mut ours).ok()?;
        (ours == theirs).then_some(still)
    }

    /// Reads what begins at this byte.
    pub(crate) fn fill(&self, at: u64, bytes: &mut [u8]) -> io::Result<()> {
        self.file.read_exact_at(bytes, at)?;
        blank(bytes, at, self.extent.page);
        Ok(())
    }
}

/// Clears what may lie on the page of the locks, as SQLite does when it is asked for it.
fn blank(bytes: &mut [u8], at: u64, page: usize) {
    let end = at + bytes.len() as u64;
    if (at..end).contains(&LOCKS) {
        let from = (LOCKS - at) as usize;
        bytes[from..from + page].fill(0);
    }
}

/// Writes the log into the file as far as nobody has to wait for it; whether that was all.
fn checkpoint(connection: &Connection) -> rusqlite::Result<bool> {
    connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |row| {
        let (busy, log, written): (i64, i64, i64) = (row.get(0)?, row.get(1)?, row.get(2)?);
        Ok(busy == 0 && log >= 0 && log == written)
    })
}

/// Keeps others from writing for a moment in which the file holds all of the log. None if there is no such moment soon,
/// because of a long transaction of somebody else. A transaction that begins while this is held has all it reads in the file.
pub(crate) fn quiet(place: &Place, connection: &Connection) -> Option<Connection> {
    // Most of it, before anybody has to wait.
    checkpoint(connection).ok()?;
    let writer = place.open_to_write().ok()?;
    writer.busy_timeout(BRIEF).ok()?;
    writer.execute_batch("BEGIN IMMEDIATE").ok()?;
    checkpoint(connection).ok()?.then_some(writer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_of_the_locks_is_blank_wherever_it_lies_in_what_was_read() {
        for (at, blanked) in [
            (LOCKS - 8192, 8192..12_288),
            (LOCKS, 0..4096),
            (LOCKS - 16_384 + 4096, 12_288..16_384),
            (LOCKS - 16_384, 0..0),
            (LOCKS + 4096, 0..0),
            (0, 0..0),
        ] {
            let mut bytes = vec![1; 16_384];
            blank(&mut bytes, at, 4096);
            let found: Vec<_> = (0..bytes.len()).filter(|&i| bytes[i] == 0).collect();
            assert_eq!(found, blanked.collect::<Vec<_>>(), "read at {at}");
        }
    }

    #[test]
    fn a_file_is_opened_once() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        let first = opened(file.path()).expect("there");
        assert!(Arc::ptr_eq(&first, &opened(file.path()).expect("there")));
        let other = tempfile::NamedTempFile::new().expect("a file");
        assert!(!Arc::ptr_eq(&first, &opened(other.path()).expect("there")));
    }
}
