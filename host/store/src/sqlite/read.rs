//! Reading: runs, entries, blobs, letters.
//!
//! A run's entries are found without an index: from its last entry each leads to the one before. The last one is found from
//! the run's row, which names one of the last, and what was appended to the whole journal since.

use super::commit::REFERENCE;
use super::schema::{Places, connect};
use crate::chain;
use crate::crypt::Keys;
use crate::failure::{broken, damaged, of_sqlite};
use crate::flaw::Flaw;
use crate::{Letter, Row};
use procedo_core::journal::Entry;
use procedo_core::run::{Actor, RunId, State};
use procedo_core::value::Digest;
use procedo_core::{Error, Kind, Result};
use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// So many runs' last entries are remembered between readings.
const REMEMBERED: usize = 10_000;

/// So many rows of other runs are stepped over before a run's next entry is sought.
const STEPS: u32 = 16;

/// Connections that read, and what readings found out.
pub(crate) struct Readers {
    pub(crate) places: Places,
    pub(crate) keys: Arc<Keys>,
    idle: Mutex<Vec<Connection>>,
    /// By number of the run: its last entry, and up to which row that is known.
    tails: Mutex<HashMap<i64, (i64, i64)>>,
}

/// An entry as it lies in the journal.
pub(crate) struct Raw {
    pub(crate) run: i64,
    pub(crate) seq: u64,
    pub(crate) prev: i64,
    pub(crate) hash: Digest,
    pub(crate) body: Vec<u8>,
}

/// The end of a run's journal.
#[derive(Clone, Copy, Debug)]
pub(super) struct End {
    pub(super) number: i64,
    pub(super) tail: i64,
    pub(super) seq: u64,
    pub(super) hash: Digest,
    pub(super) state: State,
}

impl Readers {
    pub(super) fn new(places: Places, keys: Arc<Keys>) -> Self {
        Self {
            places,
            keys,
            idle: Mutex::default(),
            tails: Mutex::default(),
        }
    }

    /// Reads one state of the journal, whatever is written meanwhile.
    pub(crate) fn read<T>(&self, read: impl FnOnce(&Transaction<'_>) -> Result<T>) -> Result<T> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut connection = match idle {
            Some(connection) => connection,
            None => connect(&self.places)?,
        };
        let transaction = connection
            .transaction_with_behavior(TransactionBehavior::Deferred)
            .map_err(|error| self.fail(&error))?;
        let result = read(&transaction)?;
        drop(transaction);
        self.idle
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(connection);
        Ok(result)
    }

    pub(crate) fn fail(&self, error: &rusqlite::Error) -> Error {
        of_sqlite(error, &self.places.dir)
    }

    /// A run's row in the list; [`State::Running`] as it is written there, whether or not a process holds the lease.
    pub(super) fn row(&self, run: &RunId) -> Result<Option<Row>> {
        self.read(|transaction| {
            let mut select = transaction
                .prepare_cached(&format!("{SELECT_ROW} WHERE id = ?1"))
                .map_err(|error| self.fail(&error))?;
            let row = select
                .query_row([run.as_str()], row_of)
                .optional()
                .map_err(|error| self.fail(&error))?;
            row.transpose()
        })
    }

    /// The newest rows.
    pub(super) fn rows(&self, at_most: usize, children: bool) -> Result<Vec<Row>> {
        self.read(|transaction| {
            let which = if children { "" } else { "WHERE parent IS NULL" };
            let mut select = transaction
                .prepare_cached(&format!("{SELECT_ROW} {which} ORDER BY number DESC LIMIT ?1"))
                .map_err(|error| self.fail(&error))?;
            let limit = i64::try_from(at_most).unwrap_or(i64::MAX);
            let rows = select
                .query_map([limit], row_of)
                .map_err(|error| self.fail(&error))?;
            rows.map(|row| row.map_err(|error| self.fail(&error))?).collect()
        })
    }

    /// Where a run's journal ends; none if there is no such run.
    pub(super) fn end(&self, run: &RunId) -> Result<Option<End>> {
        self.read(|transaction| {
            let Some((number, state, tail)) = self.locate(transaction, run)? else {
                return Ok(None);
            };
            let raw = self.raw(transaction, tail)?.filter(|raw| raw.run == number);
            let raw = raw.ok_or_else(|| broken(run, 0, &Flaw::Missing))?;
            Ok(Some(End {
                number,
                tail,
                seq: raw.seq,
                hash: raw.hash,
                state,
            }))
        })
    }

    /// A run's entries from `from` on. Each is checked against its hash, so that nothing altered is ever replayed.
    pub(super) fn entries(&self, run: &RunId, from: u64) -> Result<Vec<Entry>> {
        let (raws, before) = self.read(|transaction| {
            let Some((number, _, tail)) = self.locate(transaction, run)? else {
                return Err(Error::new(Kind::NotFound, "P0202").with("run", run));
            };
            let mut raws: Vec<Raw> = Vec::new();
            let mut before = chain::ORIGIN;
            self.walk_back(transaction, run, number, tail, |raw| {
                let wanted = raw.seq >= from;
                if wanted {
                    raws.push(raw);
                } else {
                    before = raw.hash;
                }
                wanted
            })?;
            for raw in &mut raws {
                self.fetch(transaction, run, raw)?;
            }
            Ok((raws, before))
        })?;
        let mut previous = before;
        raws.into_iter()
            .rev()
            .map(|raw| {
                if chain::link(&previous, &raw.body) != raw.hash {
                    return Err(broken(run, raw.seq, &Flaw::EntryChanged));
                }
                previous = raw.hash;
                chain::decode(&raw.body).map_err(|error| {
                    broken(
                        run,
                        raw.seq,
                        &Flaw::EntryUnreadable {
                            reason: error.to_string(),
                        },
                    )
                })
            })
            .collect()
    }

    /// Shows a run's entries from the row `tail` backwards, until the first was shown or `go_on` says no.
    ///
    /// Rows are read in the order of the table, since most entries of a run lie side by side; where many rows of other runs
    /// lie between, the next entry is sought by its number.
    fn walk_back(
        &self,
        transaction: &Transaction<'_>,
        run: &RunId,
        number: i64,
        tail: i64,
        mut go_on: impl FnMut(Raw) -> bool,
    ) -> Result<()> {
        let fail = |error| self.fail(&error);
        let mut select = transaction
            .prepare_cached(
                "SELECT run, seq, prev, hash, body, id FROM entries WHERE id <= ?1 ORDER BY id DESC",
            )
            .map_err(fail)?;
        let mut at = tail;
        let mut expected = None;
        while at != 0 {
            let mut rows = select.query([at]).map_err(fail)?;
            let mut stepped_over = 0;
            while stepped_over < STEPS {
                let row = rows.next().map_err(fail)?;
                let id = row.map_or(Ok(0), |row| row.get::<_, i64>(5)).map_err(fail)?;
                if id > at {
                    stepped_over += 1;
                    continue;
                }
                let raw = row.filter(|_| id == at).map(raw_of).transpose().map_err(fail)?;
                // Each entry lies before the one that led to it, so this ends.
                let raw = raw
                    .filter(|raw| raw.run == number && raw.prev < at)
                    .ok_or_else(|| broken(run, expected.unwrap_or(0), &Flaw::Missing))?;
                let (found, first) = (raw.seq, raw.prev == 0);
                if let Some(expected) = expected.filter(|expected| *expected != found) {
                    return Err(broken(run, expected, &Flaw::OutOfOrder { expected, found }));
                }
                if first && found != 0 {
                    return Err(broken(run, 0, &Flaw::OutOfOrder { expected: 0, found }));
                }
                (at, expected, stepped_over) = (raw.prev, Some(found.saturating_sub(1)), 0);
                if !go_on(raw) || first {
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    /// Number, written state and last entry of a run.
    fn locate(&self, transaction: &Transaction<'_>, run: &RunId) -> Result<Option<(i64, State, i64)>> {
        let found: Option<(i64, String, i64)> = transaction
            .prepare_cached("SELECT number, state, tail FROM runs WHERE id = ?1")
            .and_then(|mut select| {
                select
                    .query_row([run.as_str()], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
                    .optional()
            })
            .map_err(|error| self.fail(&error))?;
        let Some((number, state, named)) = found else {
            return Ok(None);
        };
        let state = state_of(&state)?;
        let remembered = self
            .tails
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(&number)
            .copied();
        let (tail, known) = remembered
            .filter(|(tail, _)| *tail >= named)
            .unwrap_or((named, named));
        let (last, found): (i64, Option<i64>) = transaction
            .prepare_cached("SELECT coalesce(max(id), 0) FROM entries")
            .and_then(|mut select| select.query_row([], |row| row.get(0)))
            .and_then(|last| {
                let mut select = transaction.prepare_cached(
                    "SELECT id FROM entries WHERE id > ?1 AND id <= ?2 AND run = ?3 ORDER BY id DESC LIMIT 1",
                )?;
                Ok((
                    last,
                    select
                        .query_row((known, last, number), |row| row.get(0))
                        .optional()?,
                ))
            })
            .map_err(|error| self.fail(&error))?;
        let tail = found.unwrap_or(tail);
        let mut tails = self.tails.lock().unwrap_or_else(PoisonError::into_inner);
        if tails.len() >= REMEMBERED {
            tails.clear();
        }
        tails.insert(number, (tail, last));
        Ok(Some((number, state, tail)))
    }

    fn raw(&self, transaction: &Transaction<'_>, id: i64) -> Result<Option<Raw>> {
        transaction
            .prepare_cached("SELECT run, seq, prev, hash, body FROM entries WHERE id = ?1")
            .and_then(|mut select| select.query_row([id], raw_of).optional())
            .map_err(|error| self.fail(&error))
    }

    /// Brings an entry that lies in a blob back into its place.
    fn fetch(&self, transaction: &Transaction<'_>, run: &RunId, raw: &mut Raw) -> Result<()> {
        let Some(digest) = reference(&raw.body) else {
            return Ok(());
        };
        let id = self.keys.written(&digest);
        let sealed = self.sealed(transaction, &digest)?;
        let sealed = sealed.ok_or_else(|| broken(run, raw.seq, &Flaw::BlobLost { blob: id.to_string() }))?;
        let body = self.keys.open(&digest, &sealed);
        raw.body = body.ok_or_else(|| broken(run, raw.seq, &Flaw::BlobChanged { blob: id.to_string() }))?;
        Ok(())
    }

    /// An encrypted blob.
    pub(crate) fn sealed(&self, transaction: &Transaction<'_>, digest: &[u8; 32]) -> Result<Option<Vec<u8>>> {
        transaction
            .prepare_cached("SELECT body FROM blobs WHERE id = ?1")
            .and_then(|mut select| select.query_row([&digest[..]], |row| row.get(0)).optional())
            .map_err(|error| self.fail(&error))
    }

    /// A run's letters, oldest first.
    pub(super) fn inbox(&self, run: &RunId) -> Result<Vec<Letter>> {
        type Columns = (i64, String, Option<i64>, String);
        let letters: Vec<Columns> = self.read(|transaction| {
            let mut select = transaction
                .prepare_cached(
                    "SELECT number, actor, call, decision FROM inbox WHERE run = ?1 ORDER BY number",
                )
                .map_err(|error| self.fail(&error))?;
            let columns = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?));
            let letters = select
                .query_map([run.as_str()], columns)
                .map_err(|error| self.fail(&error))?;
            letters
                .collect::<Result<_, _>>()
                .map_err(|error| self.fail(&error))
        })?;
        letters
            .into_iter()
            .map(|(number, by, call, decision)| {
                Ok(Letter {
                    number,
                    by: serde_json::from_str(&by).map_err(damaged)?,
                    call: call.map(|call| call as u64),
                    decision: serde_json::from_str(&decision).map_err(damaged)?,
                })
            })
            .collect()
    }

    /// Whether a run holds any lock.
    pub(super) fn holds_locks(&self, root: &RunId) -> Result<bool> {
        self.read(|transaction| {
            transaction
                .prepare_cached("SELECT EXISTS (SELECT 1 FROM locks WHERE holder = ?1)")
                .and_then(|mut select| select.query_row([root.as_str()], |row| row.get(0)))
                .map_err(|error| self.fail(&error))
        })
    }
}

/// The columns of an entry.
pub(crate) fn raw_of(row: &rusqlite::Row<'_>) -> rusqlite::Result<Raw> {
    Ok(Raw {
        run: row.get(0)?,
        seq: row.get::<_, i64>(1)? as u64,
        prev: row.get(2)?,
        hash: Digest(row.get(3)?),
        body: row.get(4)?,
    })
}

/// The blob that a body names in an entry's stead.
pub(crate) fn reference(body: &[u8]) -> Option<[u8; 32]> {
    body.strip_prefix(&[REFERENCE])?.try_into().ok()
}

pub(crate) const SELECT_ROW: &str =
    "SELECT id, procedure, actor, started, finished, state, parent, undoes FROM runs";

pub(crate) fn row_of(row: &rusqlite::Row<'_>) -> rusqlite::Result<Result<Row>> {
    let (id, by, state): (String, String, String) = (row.get(0)?, row.get(2)?, row.get(5)?);
    let (parent, undoes): (Option<String>, Option<String>) = (row.get(6)?, row.get(7)?);
    let (procedure, started, finished) = (row.get(1)?, row.get(3)?, row.get(4)?);
    let read = || -> Result<Row> {
        let run_id =
            |text: String| RunId::parse(&text).ok_or_else(|| damaged(format!("“{text}” names no run")));
        let by: Actor = serde_json::from_str(&by).map_err(damaged)?;
        Ok(Row {
            run: run_id(id)?,
            procedure,
            by,
            started,
            finished,
            state: state_of(&state)?,
            parent: parent.map(run_id).transpose()?,
            undoes: undoes.map(run_id).transpose()?,
        })
    };
    Ok(read())
}

fn state_of(name: &str) -> Result<State> {
    use State::{Cancelled, Diverged, Failed, InDoubt, Interrupted, Running, Succeeded, Waiting};
    [
        Running,
        Waiting,
        Interrupted,
        InDoubt,
        Diverged,
        Succeeded,
        Failed,
        Cancelled,
    ]
    .into_iter()
    .find(|state| state.name() == name)
    .ok_or_else(|| damaged(format!("“{name}” is no state of a run")))
}
