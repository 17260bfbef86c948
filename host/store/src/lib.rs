//! Journals and runs: the store's promises, and SQLite as the embedded default.
//!
//! # The ordering promise
//! Entries of one run become durable in the order in which they were appended, never with a gap. When [`Store::append`] with
//! [`Durability::Now`] or [`Store::flush`] returns, every entry of that run appended before is durable. Blobs put before an
//! entry are durable no later than it.
//!
//! # Where things are
//! - [`SqliteStore`]: the store; [`KeySource`] says where its key is
//! - [`Serving`]: schedules, and the runs that can go on: what a process that serves a site needs
//! - [`chain`]: how entries become bytes and hashes, and heads are signed
//! - [`audit`]: checking a store, exporting journals, checking an export

pub mod audit;
pub mod chain;
mod crypt;
mod failure;
mod flaw;
mod lease;
mod serving;
mod sqlite;
mod vault;

pub use crypt::KeySource;
pub use flaw::Flaw;
pub use lease::Hold;
pub use serving::{Line, Scheduled, Serving};
pub use sqlite::{SqliteStore, Statistics};

use procedo_core::Result;
use procedo_core::capability::Blobs;
use procedo_core::journal::{Body, Decision, Entry, Started};
use procedo_core::message::{Language, Sources};
use procedo_core::run::{Actor, RunId, State};
use std::sync::Arc;

/// The store's errors and what an audit finds, in the three languages.
pub const MESSAGES: Sources = &[
    (Language::En, include_str!("../messages/en.ftl")),
    (Language::Es, include_str!("../messages/es.ftl")),
    (Language::De, include_str!("../messages/de.ftl")),
];

/// How soon an entry must be durable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durability {
    /// Before `append` returns.
    Now,
    /// With the next sync, or after 5 ms alone.
    Soon,
    /// With the next sync of anything; no sync of its own.
    Whenever,
}

/// A run as lists show it.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// The run.
    pub run: RunId,
    /// Its procedure.
    pub procedure: String,
    /// Who started it.
    pub by: Actor,
    /// When, in milliseconds since 1970.
    pub started: i64,
    /// When it finished, in milliseconds since 1970.
    pub finished: Option<i64>,
    /// Where it is; [`State::Running`] is said only while a process holds the lease, else [`State::Interrupted`].
    pub state: State,
    /// The run that started it, for a child.
    pub parent: Option<RunId>,
    /// The run it undoes, for an undo.
    pub undoes: Option<RunId>,
}

/// A message of a person to a run that another process may hold.
#[derive(Clone, Debug, PartialEq)]
pub struct Letter {
    /// Its number in the inbox.
    pub number: i64,
    /// Who sent it.
    pub by: Actor,
    /// The call it is about, if any.
    pub call: Option<u64>,
    /// What was decided.
    pub decision: Decision,
}

/// A lock that is held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// Its name.
    pub lock: String,
    /// The root run that holds it.
    pub holder: RunId,
}

/// The right to append to a run's journal. It is a kernel file lock: it ends with the process that holds it, however that
/// ends.
pub trait Lease: Send + Sync {
    /// The run.
    fn run(&self) -> &RunId;
    /// The `seq` that the next entry will get.
    fn next_seq(&self) -> u64;
}

/// Where journals, runs, locks and inboxes are kept.
pub trait Store: Blobs {
    /// Begins a run: takes its lease and makes its `started` entry durable.
    fn begin(&self, started: Started) -> Result<Arc<dyn Lease>>;

    /// Takes the lease of a run that exists. `P0201` if another process holds it, `P0202` if there is no such run.
    fn take(&self, run: &RunId) -> Result<Arc<dyn Lease>>;

    /// Appends entries. The store numbers them, stamps them with the time, chains and (for `started`, `waiting`,
    /// `finished`) signs them.
    ///
    /// An error means that none of `bodies` is in the journal or will be (unless the power fails in that very moment).
    /// Without one and without [`Durability::Now`] they are queued: a failure to write them is told by the next `append` or
    /// `flush`, and they stay queued, before whatever is appended later. `P0204` if the disk is full, `P0206` after
    /// `finished`.
    fn append(&self, lease: &dyn Lease, bodies: Vec<Body>, durability: Durability) -> Result<()>;

    /// Waits until all entries of the run are durable.
    fn flush(&self, lease: &dyn Lease) -> Result<()>;

    /// The run's entries from `seq` on that are durable, in order.
    fn entries(&self, run: &RunId, from: u64) -> Result<Vec<Entry>>;

    /// A run, if it exists.
    fn row(&self, run: &RunId) -> Result<Option<Row>>;

    /// The newest runs, newest first, at most so many; children only if asked for.
    fn rows(&self, at_most: usize, children: bool) -> Result<Vec<Row>>;

    /// Puts a message into a run's inbox.
    fn send(&self, run: &RunId, by: Actor, call: Option<u64>, decision: Decision) -> Result<()>;

    /// The messages in a run's inbox, oldest first. They stay until [`Store::receive`].
    fn inbox(&self, run: &RunId) -> Result<Vec<Letter>>;

    /// Takes messages out of the inbox, in the same transaction as the entries that tell of them.
    fn receive(&self, lease: &dyn Lease, letters: &[Letter], bodies: Vec<Body>) -> Result<()>;

    /// Takes locks for a root run, all or none, in name order. Locks it holds already are taken again. `Some`: another run
    /// holds one of them.
    fn lock(&self, root: &RunId, names: &[String]) -> Result<Option<Held>>;

    /// Releases all locks of a root run.
    fn unlock(&self, root: &RunId) -> Result<()>;

    /// The value of a secret's version, if the site has it.
    fn secret(&self, name: &str, version: u32) -> Result<Option<String>>;

    /// The newest version of a secret.
    fn secret_version(&self, name: &str) -> Result<Option<u32>>;

    /// Sets a secret and tells its version. Earlier versions stay while a run may need them.
    fn set_secret(&self, name: &str, value: &str) -> Result<u32>;

    /// Removes a secret with all its versions; tells whether there was one.
    fn remove_secret(&self, name: &str) -> Result<bool>;

    /// All secrets with all versions: name, version, value. For masking.
    fn secrets(&self) -> Result<Vec<(String, u32, String)>>;
}
