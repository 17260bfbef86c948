//! The tables, and connections to them.

use crate::crypt::{self, KeySource, Keys};
use crate::failure::{damaged, of_file, of_sqlite};
use crate::lease::Gate;
use procedo_core::{Error, Kind, Result};
use rusqlite::{Connection, OptionalExtension};
use std::io::Read;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The version of the tables, kept as `user_version`.
const VERSION: i64 = 2;
/// “PRCD”, kept as `application_id`, so that another program's database is not taken for ours.
const APPLICATION: i64 = 0x5052_4344;

/// What every SQLite database begins with (“Database File Format”, section 1.3).
const HEADER: &[u8] = b"SQLite format 3\0";

/// `entries` has no index but its rowid: a second one costs a third of the throughput. `prev` leads from an entry to the one
/// before it in the same run; `runs.tail` leads to one of the run's last, and later ones lie behind it.
const TABLES: &str = "
CREATE TABLE site (public_key BLOB NOT NULL) STRICT;
CREATE TABLE entries (
    id INTEGER PRIMARY KEY,
    run INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    prev INTEGER NOT NULL,
    hash BLOB NOT NULL,
    body BLOB NOT NULL
) STRICT;
CREATE TABLE runs (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    procedure TEXT NOT NULL,
    actor TEXT NOT NULL,
    started INTEGER NOT NULL,
    finished INTEGER,
    state TEXT NOT NULL,
    parent TEXT,
    undoes TEXT,
    tail INTEGER NOT NULL,
    wakes INTEGER,
    awaits TEXT
) STRICT;
CREATE TABLE heads (
    number INTEGER PRIMARY KEY,
    run TEXT NOT NULL,
    seq INTEGER NOT NULL,
    run_hash BLOB NOT NULL,
    previous BLOB NOT NULL,
    hash BLOB NOT NULL,
    signature BLOB NOT NULL
) STRICT;
CREATE TABLE blobs (id BLOB NOT NULL UNIQUE, body BLOB NOT NULL) STRICT;
CREATE TABLE inbox (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    run TEXT NOT NULL,
    actor TEXT NOT NULL,
    call INTEGER,
    decision TEXT NOT NULL
) STRICT;
CREATE TABLE locks (name TEXT PRIMARY KEY, holder TEXT NOT NULL) STRICT;
";

/// What version 2 brought: schedules, and what the runs that rest wait for. `runs.wakes` is the moment from which a run can go
/// on, `runs.awaits` the run whose end it waits for; the index keeps a serving process from reading all that ever ran.
const SERVING: &str = "
CREATE TABLE schedules (name TEXT PRIMARY KEY, declared TEXT NOT NULL, since INTEGER NOT NULL) STRICT;
CREATE TABLE lines (
    schedule TEXT NOT NULL,
    value TEXT NOT NULL,
    defined TEXT NOT NULL,
    settled INTEGER NOT NULL,
    held INTEGER,
    run TEXT,
    slot INTEGER,
    failed TEXT,
    PRIMARY KEY (schedule, value)
) STRICT;
CREATE INDEX unfinished ON runs (state) WHERE finished IS NULL;
";

/// From version 1 to 2. What the runs that rest wait for is in their journals alone: they are all looked at once.
const FROM_1: &str = "
ALTER TABLE runs ADD COLUMN wakes INTEGER;
ALTER TABLE runs ADD COLUMN awaits TEXT;
UPDATE runs SET wakes = 0 WHERE state = 'waiting';
";

/// Where the parts of a store lie.
#[derive(Clone, Debug)]
pub(crate) struct Places {
    pub(crate) dir: PathBuf,
}

impl Places {
    pub(crate) fn journal(&self) -> PathBuf {
        self.dir.join("journal.db")
    }
    pub(crate) fn leases(&self) -> PathBuf {
        self.dir.join("leases")
    }
    pub(crate) fn gate(&self) -> PathBuf {
        self.dir.join("writer.lock")
    }
}

/// A store whose tables and key are ready.
pub(super) struct Ready {
    pub(super) places: Places,
    pub(super) keys: Keys,
    pub(super) gate: Gate,
    pub(super) connection: Connection,
}

/// Opens a store; makes it if there is none.
pub(super) fn open(dir: &Path, source: &KeySource) -> Result<Ready> {
    let places = Places { dir: dir.to_owned() };
    for folder in [places.dir.clone(), places.leases()] {
        let made = std::fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&folder);
        made.map_err(|error| of_file(&error, &folder))?;
    }
    let gate = Gate::open(&places.gate()).map_err(|error| of_file(&error, &places.gate()))?;
    // Two processes must not make the store at once.
    let turn = gate.enter().map_err(|error| of_file(&error, &places.gate()))?;
    let journal = places.journal();
    let empty = prepare_file(&journal)?;
    let mut connection = connect(&places)?;
    let making = empty || pragma(&connection, &places, "user_version")? == 0;
    let keys = Keys::derive(&crypt::key(source, dir, making)?);
    let public = keys.signing().verifying_key().to_bytes();
    let fail = |error: rusqlite::Error| of_sqlite(&error, dir);
    if making {
        if pragma(&connection, &places, "application_id")? != 0 {
            return Err(damaged("another program's database"));
        }
        let transaction = connection.transaction().map_err(fail)?;
        transaction.execute_batch(TABLES).map_err(fail)?;
        transaction.execute_batch(SERVING).map_err(fail)?;
        transaction
            .execute("INSERT INTO site (public_key) VALUES (?1)", [&public[..]])
            .map_err(fail)?;
        transaction
            .pragma_update(None, "user_version", VERSION)
            .map_err(fail)?;
        transaction
            .pragma_update(None, "application_id", APPLICATION)
            .map_err(fail)?;
        transaction.commit().map_err(fail)?;
    } else {
        check(&mut connection, &places, &public)?;
    }
    drop(turn);
    Ok(Ready {
        places,
        keys,
        gate,
        connection,
    })
}

/// Makes the database's file if there is none, so that it and the files that SQLite puts beside it are the owner's alone.
/// Tells whether it is empty, which is a new database. SQLite would also take a file shorter than a page for one and
/// overwrite it; that is refused here, unless SQLite itself left it in the middle of making it.
fn prepare_file(journal: &Path) -> Result<bool> {
    let fail = |error: std::io::Error| of_file(&error, journal);
    let mut file = std::fs::OpenOptions::new()
        .create(true)
        .truncate(false)
        .read(true)
        .write(true)
        .mode(0o600)
        .open(journal)
        .map_err(fail)?;
    let mut start = Vec::new();
    file.by_ref()
        .take(HEADER.len() as u64)
        .read_to_end(&mut start)
        .map_err(fail)?;
    if start != HEADER && !start.is_empty() && !journal.with_extension("db-journal").exists() {
        return Err(damaged(format!("{} is not a database", journal.display())));
    }
    Ok(start.is_empty())
}

fn check(connection: &mut Connection, places: &Places, public: &[u8; 32]) -> Result<()> {
    let version = pragma(connection, places, "user_version")?;
    if pragma(connection, places, "application_id")? != APPLICATION {
        return Err(damaged("another program's database"));
    }
    if !(1..=VERSION).contains(&version) {
        return Err(Error::new(Kind::NotSupported, "P0213")
            .with("found", version)
            .with("known", VERSION));
    }
    let known: Option<Vec<u8>> = connection
        .query_row("SELECT public_key FROM site", [], |row| row.get(0))
        .optional()
        .map_err(|error| of_sqlite(&error, &places.dir))?;
    match known {
        Some(known) if known == public && version == VERSION => Ok(()),
        Some(known) if known == public => upgrade(connection).map_err(|error| of_sqlite(&error, &places.dir)),
        Some(_) => Err(Error::new(Kind::Denied, "P0210").with("path", places.dir.display())),
        None => Err(damaged("the table “site” is empty")),
    }
}

/// Brings a store of version 1 to the present one, wholly or not at all.
fn upgrade(connection: &mut Connection) -> rusqlite::Result<()> {
    let transaction = connection.transaction()?;
    transaction.execute_batch(FROM_1)?;
    transaction.execute_batch(SERVING)?;
    transaction.pragma_update(None, "user_version", VERSION)?;
    transaction.commit()
}

fn pragma(connection: &Connection, places: &Places, name: &str) -> Result<i64> {
    connection
        .pragma_query_value(None, name, |row| row.get(0))
        .map_err(|error| of_sqlite(&error, &places.dir))
}

/// A connection with the settings that the store's promises need.
pub(super) fn connect(places: &Places) -> Result<Connection> {
    let prepare = || -> rusqlite::Result<Connection> {
        let connection = Connection::open(places.journal())?;
        // Writers take turns at the gate, so this bounds only the wait for a checkpoint or another program.
        connection.busy_timeout(Duration::from_secs(10))?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        // FULL: a commit returns after the log is on disk.
        connection.pragma_update(None, "synchronous", "FULL")?;
        // 4 MiB of log between checkpoints: a log that starts over syncs faster than one that grows.
        connection.pragma_update(None, "wal_autocheckpoint", 1000)?;
        connection.pragma_update(None, "temp_store", "MEMORY")?;
        // A damaged page is found when it is read, and before it is acted upon.
        connection.pragma_update(None, "cell_size_check", true)?;
        connection.pragma_update(None, "trusted_schema", false)?;
        connection.set_prepared_statement_cache_capacity(32);
        Ok(connection)
    };
    prepare().map_err(|error| of_sqlite(&error, &places.dir))
}
