//! One transaction for all that queued: numbers, stamps, chains, signs and inserts it.

use super::queue::{Item, Work};
use super::schema::Places;
use crate::chain::{self, Head, ORIGIN};
use crate::crypt::Keys;
use crate::failure::{failed, of_file, of_sqlite};
use crate::lease::Gate;
use procedo_core::journal::{Body, RunEnd, Started, Wait};
use procedo_core::run::{RunId, State};
use procedo_core::value::Digest;
use procedo_core::{Error, Kind, Result};
use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// Longer entries lie in a blob, so that the pages of the journal hold many entries each.
pub(crate) const INLINE: usize = 16 * 1024;
/// The first byte of a row that names a blob; an entry written in place begins with `{`.
pub(crate) const REFERENCE: u8 = 1;
/// SQLite takes values below 10^9 bytes; this leaves room for a whole row.
pub(crate) const LARGEST: usize = 900_000_000;
/// After so many entries a run's row learns its tail, which bounds the search for the last entries after a crash.
const TAIL_EVERY: u32 = 256;

/// Where a run's journal stands.
#[derive(Clone, Copy, Debug)]
pub(super) struct Chain {
    /// The run's number in the table of runs; 0 before its `started` entry is written.
    pub(super) number: i64,
    /// The `seq` of the next entry.
    pub(super) seq: u64,
    /// The hash of the last entry.
    pub(super) hash: Digest,
    /// The row of the last entry.
    pub(super) tail: i64,
    /// What the run's row says.
    pub(super) state: State,
    /// Entries since the run's row learnt its tail.
    pub(super) since: u32,
}

impl Chain {
    /// A run that is about to begin.
    pub(super) const START: Self = Self {
        number: 0,
        seq: 0,
        hash: ORIGIN,
        tail: 0,
        state: State::Running,
        since: 0,
    };
}

/// A run whose lease this process holds.
#[derive(Debug)]
pub(super) struct Slot {
    pub(super) run: RunId,
    /// The `seq` of the next entry that is appended, counting what is queued.
    pub(super) next: AtomicU64,
    /// The place in the queue of what was appended last.
    pub(super) last: AtomicU64,
    /// Whether `finished` was appended.
    pub(super) over: std::sync::atomic::AtomicBool,
    /// What is committed, and what the transaction under way makes of it. Only who commits locks it.
    chain: Mutex<(Chain, Option<Chain>)>,
}

impl Slot {
    pub(super) fn new(run: RunId, chain: Chain) -> Arc<Self> {
        let next = AtomicU64::new(chain.seq);
        let over = std::sync::atomic::AtomicBool::new(chain.state.is_final());
        Arc::new(Self {
            run,
            next,
            last: AtomicU64::new(0),
            over,
            chain: Mutex::new((chain, None)),
        })
    }

    fn chain(&self) -> std::sync::MutexGuard<'_, (Chain, Option<Chain>)> {
        self.chain.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What the store did since it was opened.
#[derive(Debug, Default)]
pub(super) struct Counters {
    pub(super) commits: AtomicU64,
    pub(super) entries: AtomicU64,
}

/// The one connection of this process that writes.
pub(super) struct Committer {
    pub(super) connection: Connection,
    pub(super) gate: Gate,
    pub(super) places: Places,
    pub(super) keys: Arc<Keys>,
    pub(super) counters: Arc<Counters>,
    pub(super) buffer: Vec<u8>,
    pub(super) touched: Vec<Arc<Slot>>,
}

impl Committer {
    /// Commits all items or none.
    pub(super) fn commit(&mut self, items: &[Item]) -> Result<()> {
        if items.iter().all(|item| matches!(item.work, Work::Nothing)) {
            return Ok(());
        }
        self.touched.clear();
        let written = self.write(items);
        for slot in self.touched.drain(..) {
            let mut chain = slot.chain();
            if let (Ok(_), Some(next)) = (&written, chain.1.take()) {
                chain.0 = next;
            }
        }
        let entries = written?;
        self.counters.commits.fetch_add(1, Ordering::Relaxed);
        self.counters.entries.fetch_add(entries, Ordering::Relaxed);
        Ok(())
    }

    fn write(&mut self, items: &[Item]) -> Result<u64> {
        let turn = self
            .gate
            .enter()
            .map_err(|error| of_file(&error, &self.places.gate()))?;
        let mut entries = 0;
        let dir = self.places.dir.as_path();
        let fail = |error: rusqlite::Error| of_sqlite(&error, dir);
        let transaction = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(fail)?;
        let mut page = Page {
            transaction: &transaction,
            keys: &self.keys,
            buffer: &mut self.buffer,
            touched: &mut self.touched,
            fail: &fail,
        };
        for item in items {
            match &item.work {
                Work::Nothing => {}
                Work::Blob(blob) => page.blob(&blob.digest, &blob.bytes)?,
                Work::Act(act) => act(&transaction).map_err(fail)?,
                Work::Entries {
                    slot,
                    at,
                    bodies,
                    letters,
                } => {
                    page.receive(slot, letters)?;
                    page.append(slot, *at, bodies)?;
                    entries += bodies.len() as u64;
                }
            }
        }
        transaction.commit().map_err(fail)?;
        drop(turn);
        Ok(entries)
    }
}

/// A transaction being written.
struct Page<'a> {
    transaction: &'a Transaction<'a>,
    keys: &'a Keys,
    buffer: &'a mut Vec<u8>,
    touched: &'a mut Vec<Arc<Slot>>,
    fail: &'a dyn Fn(rusqlite::Error) -> Error,
}

impl Page<'_> {
    fn blob(&self, digest: &[u8; 32], bytes: &[u8]) -> Result<()> {
        self.execute(
            "INSERT OR IGNORE INTO blobs (id, body) VALUES (?1, ?2)",
            (&digest[..], bytes),
        )
    }

    fn receive(&self, slot: &Slot, letters: &[i64]) -> Result<()> {
        letters.iter().try_for_each(|number| {
            self.execute(
                "DELETE FROM inbox WHERE number = ?1 AND run = ?2",
                (number, slot.run.as_str()),
            )
        })
    }

    fn append(&mut self, slot: &Arc<Slot>, at: i64, bodies: &[Body]) -> Result<()> {
        let mut chain = self.chain_of(slot);
        for body in bodies {
            self.buffer.clear();
            chain::encode(chain.seq, at, body, self.buffer).map_err(failed)?;
            let hash = chain::link(&chain.hash, self.buffer);
            if self.buffer.len() > INLINE {
                self.put_aside()?;
            }
            if let Body::Started(started) = body {
                chain.number = self.enlist(started, at)?;
            }
            {
                let mut insert = self
                    .transaction
                    .prepare_cached(
                        "INSERT INTO entries (run, seq, prev, hash, body) VALUES (?1, ?2, ?3, ?4, ?5)",
                    )
                    .map_err(self.fail)?;
                insert
                    .execute(params![
                        chain.number,
                        chain.seq as i64,
                        chain.tail,
                        &hash.0[..],
                        &self.buffer[..]
                    ])
                    .map_err(self.fail)?;
            }
            chain.tail = self.transaction.last_insert_rowid();
            chain.hash = hash;
            chain.since += 1;
            if chain::seals(body) {
                self.seal(&slot.run, chain.seq, hash)?;
            }
            chain.seq += 1;
            let state = after(chain.state, body);
            if state != chain.state || chain::seals(body) || chain.since >= TAIL_EVERY {
                chain.state = state;
                self.learn(&mut chain, body, at)?;
            }
            if matches!(body, Body::Finished { .. }) {
                self.execute("DELETE FROM locks WHERE holder = ?1", [slot.run.as_str()])?;
            }
        }
        self.set_chain(slot, chain);
        Ok(())
    }

    /// Puts the entry in the buffer into a blob, and the blob's name into the buffer.
    fn put_aside(&mut self) -> Result<()> {
        if self.buffer.len() > LARGEST {
            return Err(Error::new(Kind::TooLarge, "P0214").with("size", self.buffer.len()));
        }
        let sealed = self.keys.seal(self.buffer)?;
        self.blob(&sealed.digest, &sealed.bytes)?;
        self.buffer.clear();
        self.buffer.push(REFERENCE);
        self.buffer.extend_from_slice(&sealed.digest);
        // One large entry must not keep its memory for ever.
        self.buffer.shrink_to(INLINE * 2);
        Ok(())
    }

    /// Enters a run into the list.
    fn enlist(&self, started: &Started, at: i64) -> Result<i64> {
        self.execute(
            "INSERT INTO runs (id, procedure, actor, started, state, parent, undoes, tail)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 0)",
            params![
                started.run.as_str(),
                started.procedure,
                serde_json::to_string(&started.by).map_err(failed)?,
                at,
                State::Running.name(),
                started.parent.as_ref().map(RunId::as_str),
                started.undoes.as_ref().map(RunId::as_str),
            ],
        )?;
        Ok(self.transaction.last_insert_rowid())
    }

    /// Has the run's row learn its state and tail, and what it waits for.
    fn learn(&self, chain: &mut Chain, body: &Body, at: i64) -> Result<()> {
        chain.since = 0;
        let finished = matches!(body, Body::Finished { .. }).then_some(at);
        let (wakes, awaits) = match body {
            Body::Waiting { wait, .. } => match &**wait {
                Wait::Moment { until } => (Some(*until), None),
                Wait::Window { opens, .. } => (Some(*opens), None),
                Wait::Lock { holder, .. } => (None, Some(holder.as_str())),
                // A child has a row of its own; for all others a person has to decide something.
                _ => (None, None),
            },
            _ => (None, None),
        };
        self.execute(
            "UPDATE runs SET state = ?2, tail = ?3, finished = coalesce(?4, finished), wakes = ?5, awaits = ?6
             WHERE number = ?1",
            params![chain.number, chain.state.name(), chain.tail, finished, wakes, awaits],
        )
    }

    /// Puts a run's head into the site's chain. The head before is read here, inside the transaction, since another process
    /// may have put it there.
    fn seal(&self, run: &RunId, seq: u64, hash: Digest) -> Result<()> {
        let last: Option<(i64, [u8; 32])> = self
            .transaction
            .prepare_cached("SELECT number, hash FROM heads ORDER BY number DESC LIMIT 1")
            .and_then(|mut select| {
                select
                    .query_row([], |row| Ok((row.get(0)?, row.get(1)?)))
                    .optional()
            })
            .map_err(self.fail)?;
        let before = last.map_or((0, ORIGIN), |(number, hash)| (number as u64, Digest(hash)));
        let head = Head::sign(self.keys.signing(), before, run.clone(), seq, hash);
        let signature: [u8; 64] =
            chain::unhex(&head.signature).ok_or_else(|| failed("a signature without 64 bytes"))?;
        self.execute(
            "INSERT INTO heads (number, run, seq, run_hash, previous, hash, signature) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            params![
                head.number as i64,
                run.as_str(),
                seq as i64,
                &head.run_hash.0[..],
                &head.previous.0[..],
                &head.hash.0[..],
                &signature[..]
            ],
        )
    }

    fn execute(&self, sql: &str, params: impl rusqlite::Params) -> Result<()> {
        self.transaction
            .prepare_cached(sql)
            .and_then(|mut statement| statement.execute(params))
            .map(|_| ())
            .map_err(self.fail)
    }

    fn chain_of(&mut self, slot: &Arc<Slot>) -> Chain {
        let mut chain = slot.chain();
        if let Some(next) = chain.1 {
            return next;
        }
        chain.1 = Some(chain.0);
        self.touched.push(Arc::clone(slot));
        chain.0
    }

    fn set_chain(&self, slot: &Slot, next: Chain) {
        slot.chain().1 = Some(next);
    }
}

/// The state that a run's row tells after an entry.
pub(crate) fn after(state: State, body: &Body) -> State {
    match body {
        Body::Started(_)
        | Body::Resumed { .. }
        | Body::Intent(_)
        | Body::Outcome { .. }
        | Body::Step { .. } => State::Running,
        Body::Waiting { wait, .. } => wait.state(),
        Body::Finished {
            ended: RunEnd::Succeeded(_),
        } => State::Succeeded,
        Body::Finished {
            ended: RunEnd::Failed(_),
        } => State::Failed,
        Body::Finished {
            ended: RunEnd::Cancelled(_),
        } => State::Cancelled,
        Body::Note { .. } | Body::Probe { .. } | Body::Decided { .. } => state,
    }
}
