//! The store in SQLite: the embedded default.
//!
//! - [`schema`]: the tables, and connections to them
//! - [`queue`]: who commits when; what happens when a commit fails
//! - [`commit`]: one transaction for all that queued
//! - [`read`]: runs, entries, letters
//! - [`serving`]: schedules, and the runs that can go on

mod commit;
mod queue;
pub(crate) mod read;
pub(crate) mod schema;
mod serving;

use crate::crypt::KeySource;
use crate::failure::{failed, of_file};
use crate::lease::{self, Hold};
use crate::vault::Vault;
use crate::{Durability, Held, Lease, Letter, Row, Store};
pub(crate) use commit::after;
use commit::{Chain, Committer, Counters, LARGEST, Slot};
use procedo_core::capability::Blobs;
use procedo_core::change::BlobId;
use procedo_core::journal::{Body, Decision, Entry, Started};
use procedo_core::run::{Actor, RunId, State};
use procedo_core::{Error, Kind, Result};
use queue::{Shared, Work, Writer};
use read::Readers;
use rusqlite::OptionalExtension;
use schema::Places;
use std::path::Path;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

/// A store in a folder of the site.
///
/// The folder holds `journal.db` (runs, entries, heads, blobs, inbox, locks), `key` (unless the key lies elsewhere),
/// `secrets`, `leases/` and `writer.lock`. Any number of processes may have it open at once.
pub struct SqliteStore {
    pub(crate) readers: Readers,
    shared: Arc<Shared>,
    places: Places,
    counters: Arc<Counters>,
    vault: Vault,
    _writer: Writer,
}

/// What a store did since it was opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Statistics {
    /// Transactions committed, each with one sync of the log.
    pub commits: u64,
    /// Entries written by them.
    pub entries: u64,
}

impl SqliteStore {
    /// Opens the store in a folder (`SITE/.procedo`); makes it if there is none.
    ///
    /// # Errors
    /// `P0209` if the key is missing, `P0210` if it is another store's, `P0211` if it is no key, `P0212` if the journal is
    /// not a database of ours, `P0213` if a newer Procedo made it, `P0218` if a file or folder cannot be used.
    pub fn open(dir: &Path, key: KeySource) -> Result<Self> {
        let ready = schema::open(dir, &key)?;
        let (places, keys) = (ready.places, Arc::new(ready.keys));
        let counters = Arc::new(Counters::default());
        let shared = Shared::new(Committer {
            connection: ready.connection,
            gate: ready.gate,
            places: places.clone(),
            keys: Arc::clone(&keys),
            counters: Arc::clone(&counters),
            buffer: Vec::new(),
            touched: Vec::new(),
        });
        let writer = Writer::start(&shared)?;
        Ok(Self {
            readers: Readers::new(places.clone(), Arc::clone(&keys)),
            shared,
            vault: Vault::new(dir, keys),
            places,
            counters,
            _writer: writer,
        })
    }

    /// What the store did since it was opened.
    pub fn statistics(&self) -> Statistics {
        Statistics {
            commits: self.counters.commits.load(Ordering::Relaxed),
            entries: self.counters.entries.load(Ordering::Relaxed),
        }
    }

    fn hold(&self, run: &RunId) -> Result<Hold> {
        let dir = self.places.leases();
        let hold = lease::take(&dir, run).map_err(|error| of_file(&error, &dir))?;
        hold.ok_or_else(|| Error::new(Kind::Conflict, "P0201").with("run", run))
    }

    fn lease(&self, run: &RunId, chain: Chain, hold: Hold) -> Arc<Taken> {
        let slot = Slot::new(run.clone(), chain);
        self.shared.enter(&slot);
        Arc::new(Taken {
            slot,
            shared: Arc::clone(&self.shared),
            _hold: hold,
        })
    }

    /// Says `interrupted` where no process holds the lease of a run that is not done.
    fn seen(&self, mut row: Row) -> Result<Row> {
        if row.state == State::Running {
            let dir = self.places.leases();
            if !lease::is_held(&dir, &row.run).map_err(|error| of_file(&error, &dir))? {
                row.state = State::Interrupted;
            }
        }
        Ok(row)
    }
}

/// A lease of this process.
struct Taken {
    slot: Arc<Slot>,
    shared: Arc<Shared>,
    // The last member: the file is unlocked after the queue was written.
    _hold: Hold,
}

impl Lease for Taken {
    fn run(&self) -> &RunId {
        &self.slot.run
    }

    fn next_seq(&self) -> u64 {
        self.slot.next.load(Ordering::Relaxed)
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        self.shared.leave(&self.slot.run);
    }
}

/// Milliseconds since 1970.
fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

impl Blobs for SqliteStore {
    fn put(&self, bytes: &[u8]) -> Result<BlobId> {
        if bytes.len() > LARGEST {
            return Err(Error::new(Kind::TooLarge, "P0214").with("size", bytes.len()));
        }
        let sealed = self.readers.keys.seal(bytes)?;
        let id = self.readers.keys.written(&sealed.digest);
        self.shared.put(sealed)?;
        Ok(id)
    }

    fn get(&self, id: &BlobId) -> Result<Vec<u8>> {
        let missing = || Error::new(Kind::NotFound, "P0208").with("blob", id);
        let digest = self.readers.keys.read_name(id).ok_or_else(missing)?;
        let find = || {
            self.readers
                .read(|transaction| self.readers.sealed(transaction, &digest))
        };
        let mut sealed = find()?;
        // It may still be in the queue.
        if sealed.is_none() && self.shared.flush_all()? {
            sealed = find()?;
        }
        let sealed = sealed.ok_or_else(missing)?;
        self.readers
            .keys
            .open(&digest, &sealed)
            .ok_or_else(|| Error::new(Kind::Failed, "P0205").with("blob", id))
    }
}

impl Store for SqliteStore {
    fn begin(&self, started: Started) -> Result<Arc<dyn Lease>> {
        let run = started.run.clone();
        let hold = self.hold(&run)?;
        // Nobody else can begin it meanwhile: the lease is ours.
        if self.readers.row(&run)?.is_some() {
            return Err(Error::new(Kind::Conflict, "P0217").with("run", &run));
        }
        let lease = self.lease(&run, Chain::START, hold);
        self.append(&*lease, vec![Body::Started(Box::new(started))], Durability::Now)?;
        Ok(lease)
    }

    fn take(&self, run: &RunId) -> Result<Arc<dyn Lease>> {
        let missing = || Error::new(Kind::NotFound, "P0202").with("run", run);
        self.readers.row(run)?.ok_or_else(missing)?;
        let hold = self.hold(run)?;
        // Read with the lease in hand: nobody appends any more.
        let end = self.readers.end(run)?.ok_or_else(missing)?;
        let chain = Chain {
            number: end.number,
            seq: end.seq + 1,
            hash: end.hash,
            tail: end.tail,
            state: end.state,
            since: 0,
        };
        Ok(self.lease(run, chain, hold))
    }

    fn append(&self, lease: &dyn Lease, bodies: Vec<Body>, durability: Durability) -> Result<()> {
        self.shared
            .append(lease.run(), now(), bodies, Vec::new(), durability)
    }

    fn flush(&self, lease: &dyn Lease) -> Result<()> {
        self.shared.flush(lease.run())
    }

    fn entries(&self, run: &RunId, from: u64) -> Result<Vec<Entry>> {
        self.readers.entries(run, from)
    }

    fn row(&self, run: &RunId) -> Result<Option<Row>> {
        self.readers.row(run)?.map(|row| self.seen(row)).transpose()
    }

    fn rows(&self, at_most: usize, children: bool) -> Result<Vec<Row>> {
        self.readers
            .rows(at_most, children)?
            .into_iter()
            .map(|row| self.seen(row))
            .collect()
    }

    fn send(&self, run: &RunId, by: Actor, call: Option<u64>, decision: Decision) -> Result<()> {
        let row = self
            .readers
            .row(run)?
            .ok_or_else(|| Error::new(Kind::NotFound, "P0202").with("run", run))?;
        if row.state.is_final() {
            return Err(Error::new(Kind::Conflict, "P0206").with("run", run));
        }
        let run = run.as_str().to_owned();
        let by = serde_json::to_string(&by).map_err(failed)?;
        let decision = serde_json::to_string(&decision).map_err(failed)?;
        let call = call.map(|call| call as i64);
        self.shared.perform(Work::Act(Box::new(move |connection| {
            let mut insert = connection
                .prepare_cached("INSERT INTO inbox (run, actor, call, decision) VALUES (?1, ?2, ?3, ?4)")?;
            insert.execute((&run, &by, call, &decision)).map(|_| ())
        })))
    }

    fn inbox(&self, run: &RunId) -> Result<Vec<Letter>> {
        self.readers.inbox(run)
    }

    fn receive(&self, lease: &dyn Lease, letters: &[Letter], bodies: Vec<Body>) -> Result<()> {
        let letters = letters.iter().map(|letter| letter.number).collect();
        self.shared
            .append(lease.run(), now(), bodies, letters, Durability::Now)
    }

    fn lock(&self, root: &RunId, names: &[String]) -> Result<Option<Held>> {
        if names.is_empty() {
            return Ok(None);
        }
        let mut names = names.to_vec();
        names.sort();
        names.dedup();
        let root = root.root();
        let held = Arc::new(Mutex::new(None));
        let found = Arc::clone(&held);
        self.shared.perform(Work::Act(Box::new(move |connection| {
            let conflict = conflict(connection, &root, &names)?;
            if conflict.is_none() {
                for name in &names {
                    connection
                        .prepare_cached("INSERT OR REPLACE INTO locks (name, holder) VALUES (?1, ?2)")?
                        .execute((name, root.as_str()))?;
                }
            }
            *found.lock().unwrap_or_else(PoisonError::into_inner) = conflict;
            Ok(())
        })))?;
        Ok(held.lock().unwrap_or_else(PoisonError::into_inner).take())
    }

    fn unlock(&self, root: &RunId) -> Result<()> {
        // `finished` has released them already, as a rule; then there is nothing to sync.
        if !self.readers.holds_locks(root)? {
            return Ok(());
        }
        let root = root.clone();
        self.shared.perform(Work::Act(Box::new(move |connection| {
            connection
                .prepare_cached("DELETE FROM locks WHERE holder = ?1")?
                .execute([root.as_str()])
                .map(|_| ())
        })))
    }

    fn secret(&self, name: &str, version: u32) -> Result<Option<String>> {
        self.vault.get(name, version)
    }

    fn secret_version(&self, name: &str) -> Result<Option<u32>> {
        self.vault.newest(name)
    }

    fn set_secret(&self, name: &str, value: &str) -> Result<u32> {
        self.vault.set(name, value)
    }

    fn remove_secret(&self, name: &str) -> Result<bool> {
        self.vault.remove(name)
    }

    fn secrets(&self) -> Result<Vec<(String, u32, String)>> {
        self.vault.all()
    }
}

/// The first of the locks, in name order, that another run holds which has not finished.
fn conflict(
    connection: &rusqlite::Connection,
    root: &RunId,
    names: &[String],
) -> rusqlite::Result<Option<Held>> {
    for name in names {
        let mut select = connection.prepare_cached(
            "SELECT holder, state FROM locks LEFT JOIN runs ON runs.id = holder WHERE name = ?1 AND holder <> ?2",
        )?;
        let other: Option<(String, Option<String>)> = select
            .query_row((name, root.as_str()), |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        let Some((holder, state)) = other else { continue };
        let over = state.is_some_and(|state| matches!(state.as_str(), "succeeded" | "failed" | "cancelled"));
        if let Some(holder) = RunId::parse(&holder).filter(|_| !over) {
            return Ok(Some(Held {
                lock: name.clone(),
                holder,
            }));
        }
    }
    Ok(None)
}
