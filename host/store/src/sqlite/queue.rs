//! The queue between those who append and the disk: group commit.
//!
//! Whoever holds the *turn* (`busy`) commits all that is queued in one transaction. That is the writer thread, or, where
//! nobody else is at it, the very caller who waits for durability: so a lone run pays no change of threads, and many runs
//! share their syncs.
//!
//! # When a commit fails
//! The entries for whose durability somebody waits are withdrawn, and their callers get the error: nothing of a failed
//! `append` with [`Durability::Now`] is in the journal later. All other entries stay queued, in their order. While any stay,
//! every `append` and `flush` tries them first and reports the failure, and the writer thread tries once a second; so none is
//! lost silently, and none is written with a gap. What cannot be written when its lease ends is given up then, with a
//! logged error: the run is as after a crash.

use super::commit::{Committer, Slot};
use crate::Durability;
use crate::crypt::Sealed;
use crate::failure::failed;
use procedo_core::journal::Body;
use procedo_core::run::RunId;
use procedo_core::{Error, Kind, Result};
use std::collections::HashMap;
use std::mem;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// How long [`Durability::Soon`] waits for company.
const SOON: Duration = Duration::from_millis(5);
/// How long [`Durability::Whenever`] waits for a sync of something else; also the time between attempts after a failure.
const WHENEVER: Duration = Duration::from_secs(1);
/// So many queued entries are committed without waiting for company.
const MANY: usize = 4096;
/// So many queued entries make their callers wait.
const TOO_MANY: usize = 16 * MANY;
/// So many queued bytes of blobs make their callers wait.
const HEAVY: usize = 16 * 1024 * 1024;

/// Something to do within the transaction.
pub(super) type Act = Box<dyn Fn(&rusqlite::Connection) -> rusqlite::Result<()> + Send>;

/// What is to be written.
pub(super) enum Work {
    /// Nothing: a mark behind those before.
    Nothing,
    /// A blob.
    Blob(Sealed),
    /// Entries of a run, and the letters they tell of.
    Entries {
        slot: Arc<Slot>,
        at: i64,
        bodies: Vec<Body>,
        letters: Vec<i64>,
    },
    /// Something about locks and inboxes.
    Act(Act),
}

impl Work {
    fn slot(&self) -> Option<&Arc<Slot>> {
        match self {
            Self::Entries { slot, .. } => Some(slot),
            _ => None,
        }
    }

    fn entries(&self) -> usize {
        match self {
            Self::Entries { bodies, .. } => bodies.len(),
            _ => 0,
        }
    }

    fn bytes(&self) -> usize {
        match self {
            Self::Blob(blob) => blob.bytes.len(),
            _ => 0,
        }
    }

    /// Takes back what appending it told the run's slot.
    fn withdraw(&self) {
        if let Self::Entries { slot, bodies, .. } = self {
            slot.next.fetch_sub(bodies.len() as u64, Ordering::Relaxed);
            if bodies.iter().any(|body| matches!(body, Body::Finished { .. })) {
                slot.over.store(false, Ordering::Relaxed);
            }
        }
    }
}

/// A place in the queue.
pub(super) struct Item {
    ticket: u64,
    awaited: bool,
    pub(super) work: Work,
}

#[derive(Default)]
struct Queue {
    items: Vec<Item>,
    /// Room for the next items, so that none is made while the queue is locked.
    spare: Vec<Item>,
    /// Entries and bytes of blobs in `items`, and how many of them somebody waits for.
    entries: usize,
    bytes: usize,
    awaited: usize,
    /// When `items` must be committed though nobody waits.
    due: Option<Instant>,
    /// The last place given, and the last committed.
    ticket: u64,
    committed: u64,
    /// Failures that their callers have not fetched.
    failures: HashMap<u64, Error>,
    /// Why items stay after a commit that failed.
    trouble: Option<Error>,
    /// Whether somebody commits.
    busy: bool,
    /// The number of the commit that will take `items`.
    turn: u64,
    /// How many wait for a commit: waking nobody costs a call of the system, too.
    waiters: usize,
    /// When the writer thread looks again by itself.
    wakes: Option<Instant>,
    /// Whether the store is being closed, and whether the writer thread has ended.
    closing: bool,
    closed: bool,
    /// Runs whose lease is held.
    slots: HashMap<RunId, Arc<Slot>>,
}

impl Queue {
    fn push(&mut self, work: Work, awaited: bool, wait: Duration) -> u64 {
        self.ticket += 1;
        self.count(&work, awaited);
        if !awaited {
            let wait = if self.entries >= MANY {
                Duration::ZERO
            } else {
                wait
            };
            let due = Instant::now() + wait;
            self.due = Some(self.due.map_or(due, |earlier| earlier.min(due)));
        }
        self.items.push(Item {
            ticket: self.ticket,
            awaited,
            work,
        });
        self.ticket
    }

    fn count(&mut self, work: &Work, awaited: bool) {
        self.entries += work.entries();
        self.bytes += work.bytes();
        self.awaited += usize::from(awaited);
    }

    fn take(&mut self) -> Vec<Item> {
        (self.entries, self.bytes, self.awaited, self.due) = (0, 0, 0, None);
        mem::replace(&mut self.items, mem::take(&mut self.spare))
    }

    /// Whether the writer thread must be woken for something that it does not know of.
    fn wants_thread(&mut self) -> bool {
        let sooner = self
            .due
            .is_some_and(|due| self.wakes.is_none_or(|wakes| due < wakes));
        if sooner {
            self.wakes = self.due;
        }
        sooner || (!self.busy && (self.awaited > 0 || self.closing))
    }

    /// Puts back what a failed commit did not write, before what was queued since.
    fn put_back(&mut self, items: Vec<Item>, error: &Error) {
        let since = self.take();
        for item in items {
            if item.awaited {
                item.work.withdraw();
                self.failures.insert(item.ticket, error.clone());
            } else {
                self.count(&item.work, false);
                self.items.push(item);
            }
        }
        self.trouble = (!self.items.is_empty()).then(|| error.clone());
        self.due = (!self.items.is_empty() || since.iter().any(|item| !item.awaited))
            .then(|| Instant::now() + WHENEVER);
        for item in since {
            self.count(&item.work, item.awaited);
            self.items.push(item);
        }
    }
}

/// The queue with its two kinds of waiters.
pub(super) struct Shared {
    queue: Mutex<Queue>,
    committer: Mutex<Committer>,
    /// Wakes the writer thread.
    work: Condvar,
    /// Wakes those who wait for durability: by turns, so that a commit wakes its own waiters and not those of the next.
    done: [Condvar; 2],
}

impl Shared {
    pub(super) fn new(committer: Committer) -> Arc<Self> {
        Arc::new(Self {
            queue: Mutex::default(),
            committer: Mutex::new(committer),
            work: Condvar::new(),
            done: Default::default(),
        })
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Enters a run whose lease was taken.
    pub(super) fn enter(&self, slot: &Arc<Slot>) {
        self.queue().slots.insert(slot.run.clone(), Arc::clone(slot));
    }

    /// Queues entries of a run.
    pub(super) fn append(
        &self,
        run: &RunId,
        at: i64,
        bodies: Vec<Body>,
        letters: Vec<i64>,
        durability: Durability,
    ) -> Result<()> {
        let mut queue = self.queue();
        let slot = Arc::clone(slot_of(&queue, run)?);
        let ends = bodies
            .iter()
            .position(|body| matches!(body, Body::Finished { .. }));
        if slot.over.load(Ordering::Relaxed) || ends.is_some_and(|at| at + 1 < bodies.len()) {
            return Err(Error::new(Kind::Conflict, "P0206").with("run", run));
        }
        let awaited = durability == Durability::Now || queue.trouble.is_some() || queue.entries >= TOO_MANY;
        slot.next.fetch_add(bodies.len() as u64, Ordering::Relaxed);
        slot.over.store(ends.is_some(), Ordering::Relaxed);
        let wait = if durability == Durability::Soon {
            SOON
        } else {
            WHENEVER
        };
        let last = Arc::clone(&slot);
        let ticket = queue.push(
            Work::Entries {
                slot,
                at,
                bodies,
                letters,
            },
            awaited,
            wait,
        );
        last.last.store(ticket, Ordering::Relaxed);
        self.settle(queue, ticket, awaited)
    }

    /// Queues a blob.
    pub(super) fn put(&self, blob: Sealed) -> Result<()> {
        let mut queue = self.queue();
        let awaited = queue.trouble.is_some() || queue.bytes + blob.bytes.len() > HEAVY;
        let ticket = queue.push(Work::Blob(blob), awaited, WHENEVER);
        self.settle(queue, ticket, awaited)
    }

    /// Does something durably.
    pub(super) fn perform(&self, work: Work) -> Result<()> {
        let mut queue = self.queue();
        let ticket = queue.push(work, true, WHENEVER);
        self.settle(queue, ticket, true)
    }

    /// Waits until all entries of a run are durable.
    pub(super) fn flush(&self, run: &RunId) -> Result<()> {
        let queue = self.queue();
        let durable = slot_of(&queue, run)?.last.load(Ordering::Relaxed) <= queue.committed;
        drop(queue);
        if durable {
            Ok(())
        } else {
            self.perform(Work::Nothing)
        }
    }

    /// Waits until all that is queued is durable; tells whether there was something to wait for.
    pub(super) fn flush_all(&self) -> Result<bool> {
        let queue = self.queue();
        let durable = queue.items.is_empty() && !queue.busy;
        drop(queue);
        if durable {
            return Ok(false);
        }
        self.perform(Work::Nothing)?;
        Ok(true)
    }

    /// Ends a run's part in the queue.
    pub(super) fn leave(&self, run: &RunId) {
        let flushed = self.flush(run);
        let mut queue = self.queue();
        if let Err(error) = flushed {
            while queue.busy {
                let under_way = queue.turn - 1;
                queue = self.wait_for(queue, under_way);
            }
            let mut given_up = 0;
            for item in queue.take() {
                if item.work.slot().is_some_and(|slot| slot.run == *run) {
                    given_up += item.work.entries();
                } else {
                    queue.count(&item.work, item.awaited);
                    queue.items.push(item);
                }
            }
            if queue.items.is_empty() {
                queue.trouble = None;
            } else {
                queue.due = Some(Instant::now() + WHENEVER);
            }
            if given_up > 0 {
                tracing::error!(%run, given_up, %error, "the journal's last entries could not be written");
            }
        }
        queue.slots.remove(run);
    }

    /// Waits for a place to be durable, or tells the writer thread when to look.
    fn settle(&self, mut queue: MutexGuard<'_, Queue>, ticket: u64, awaited: bool) -> Result<()> {
        if awaited {
            return self.wait(queue, ticket);
        }
        let wanted = queue.wants_thread();
        drop(queue);
        if wanted {
            self.work.notify_one();
        }
        Ok(())
    }

    fn wait<'a>(&'a self, mut queue: MutexGuard<'a, Queue>, ticket: u64) -> Result<()> {
        let turn = queue.turn;
        loop {
            if let Some(error) = queue.failures.remove(&ticket) {
                return Err(error);
            }
            if queue.committed >= ticket {
                return Ok(());
            }
            if !queue.busy {
                // It is still queued, so it shares the fate of all.
                return self.commit(queue).inspect_err(|_| {
                    self.queue().failures.remove(&ticket);
                });
            }
            queue = self.wait_for(queue, turn);
        }
    }

    fn wait_for<'a>(&'a self, mut queue: MutexGuard<'a, Queue>, turn: u64) -> MutexGuard<'a, Queue> {
        queue.waiters += 1;
        let mut queue = self.done[(turn % 2) as usize]
            .wait(queue)
            .unwrap_or_else(PoisonError::into_inner);
        queue.waiters -= 1;
        queue
    }

    /// Commits all that is queued. The caller saw that nobody is busy.
    fn commit(&self, mut queue: MutexGuard<'_, Queue>) -> Result<()> {
        let mut items = queue.take();
        let (last, turn) = (queue.ticket, queue.turn);
        queue.turn += 1;
        queue.busy = true;
        drop(queue);
        let result = self
            .committer
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .commit(&items);
        if result.is_ok() {
            // Freed before others are let in.
            items.clear();
        }
        let mut queue = self.queue();
        match &result {
            Ok(()) => {
                queue.committed = last;
                queue.trouble = None;
                queue.spare = items;
            }
            Err(error) => queue.put_back(items, error),
        }
        queue.busy = false;
        let (wanted, closed, waited) = (queue.wants_thread(), queue.closed, queue.waiters > 0);
        // Released first: who is woken wants the queue.
        drop(queue);
        if waited {
            self.done[(turn % 2) as usize].notify_all();
        }
        if wanted {
            self.work.notify_one();
            if closed {
                // No thread serves those who came meanwhile: one of them must.
                self.done.iter().for_each(Condvar::notify_all);
            }
        }
        result
    }

    /// The writer thread: commits what is due and what many wait for.
    fn serve(&self) {
        let mut queue = self.queue();
        loop {
            let now = Instant::now();
            let due = queue.due.is_some_and(|due| due <= now);
            if !queue.busy && !queue.items.is_empty() && (queue.awaited > 0 || due || queue.closing) {
                // Whoever waits is told the error, and where nobody does it stays as the queue's trouble.
                let _ = self.commit(queue);
                queue = self.queue();
                if queue.closing && queue.trouble.is_some() && queue.awaited == 0 {
                    let left = queue.entries;
                    tracing::error!(left, error = ?queue.trouble, "the last entries could not be written");
                    queue.closed = true;
                    return;
                }
                continue;
            }
            if queue.closing && !queue.busy {
                queue.closed = true;
                return;
            }
            // While another commits, that one tells when somebody waits. The next look is set all the same: without one, a
            // run that makes call after call would wake this thread by each of them, and cost a change of threads.
            queue.wakes = if queue.busy { Some(now + SOON) } else { queue.due };
            queue = match queue.wakes {
                Some(wakes) => {
                    let left = wakes.saturating_duration_since(now);
                    self.work
                        .wait_timeout(queue, left)
                        .unwrap_or_else(PoisonError::into_inner)
                        .0
                }
                None => self.work.wait(queue).unwrap_or_else(PoisonError::into_inner),
            };
        }
    }
}

fn slot_of<'a>(queue: &'a Queue, run: &RunId) -> Result<&'a Arc<Slot>> {
    queue
        .slots
        .get(run)
        .ok_or_else(|| Error::new(Kind::Conflict, "P0216").with("run", run))
}

/// The writer thread; it ends, with the queue written, when this is dropped.
pub(super) struct Writer {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    pub(super) fn start(shared: &Arc<Shared>) -> Result<Self> {
        let serving = Arc::clone(shared);
        let thread = std::thread::Builder::new()
            .name("procedo-journal".to_owned())
            .spawn(move || serving.serve())
            .map_err(failed)?;
        Ok(Self {
            shared: Arc::clone(shared),
            thread: Some(thread),
        })
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.shared.queue().closing = true;
        self.shared.work.notify_one();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
