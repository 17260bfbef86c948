//! Working on all pages of a snapshot with two threads, and taking the results in the order of the pages.

use crate::sqlite::catalogue::io_at;
use crate::sqlite::snapshot::Snapshot;
use procedo_core::capability::Stop;
use procedo_core::{Error, Kind, Result};
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, channel, sync_channel};
use std::sync::{Mutex, PoisonError};

/// How many threads work. The third, which takes the results, has little to do unless the pages come through SQLite.
const WORKERS: usize = 2;
/// How many pieces are between reading and taking at most: with the one that is being read, about 8 MiB.
const UNDER_WAY: usize = 7;

struct Job<I> {
    at: u64,
    bytes: Vec<u8>,
    with: I,
}

struct Done<O> {
    at: u64,
    bytes: Vec<u8>,
    of: O,
}

/// What is being worked on, and what was done out of turn.
struct Order<O> {
    results: Receiver<Result<Done<O>>>,
    early: BTreeMap<u64, Done<O>>,
    next: u64,
    under_way: usize,
    free: Vec<Vec<u8>>,
}

impl<O> Order<O> {
    /// Waits for a result, and takes those whose turn it is.
    fn advance(&mut self, stop: &Stop, take: &mut impl FnMut(&[u8], O) -> Result<()>) -> Result<()> {
        let done = self.results.recv().map_err(|_| panicked())??;
        self.early.insert(done.at, done);
        while let Some(done) = self.early.remove(&self.next) {
            self.next += done.bytes.len() as u64;
            self.under_way -= 1;
            stop.check()?;
            take(&done.bytes, done.of)?;
            self.free.push(done.bytes);
        }
        Ok(())
    }
}

/// The error for a thread that panicked.
pub(crate) fn panicked() -> Error {
    Error::new(Kind::Failed, "P0070")
}

/// Hands all pages to `work`, in pieces of whole groups, with where they begin and with what `give` gives for so many bytes;
/// `give` and `take` are called in the order of the pages, by the calling thread.
pub(crate) fn each<I: Send, O: Send>(
    snapshot: &Snapshot<'_>,
    stop: &Stop,
    mut give: impl FnMut(usize) -> Result<I>,
    work: impl Fn(u64, &[u8], I) -> Result<O> + Sync,
    mut take: impl FnMut(&[u8], O) -> Result<()>,
) -> Result<()> {
    let (still, file) = (snapshot.still.as_ref(), &snapshot.place.file);
    let one = |mut job: Job<I>| {
        if let Some(still) = still {
            still
                .fill(job.at, &mut job.bytes)
                .map_err(|error| io_at(file, &error))?;
        }
        let of = work(job.at, &job.bytes, job.with)?;
        let Job { at, bytes, .. } = job;
        Ok(Done { at, bytes, of })
    };
    let (outgoing, incoming) = sync_channel::<Job<I>>(UNDER_WAY);
    let incoming = Mutex::new(incoming);
    let (finished, results) = channel();
    std::thread::scope(|scope| {
        // Dropped at the end of this closure, also when something fails, which ends the threads.
        let outgoing = outgoing;
        for _ in 0..WORKERS {
            let (finished, incoming, one) = (finished.clone(), &incoming, &one);
            scope.spawn(move || {
                let next = || incoming.lock().unwrap_or_else(PoisonError::into_inner).recv();
                while let Ok(job) = next() {
                    let done = catch_unwind(AssertUnwindSafe(|| one(job)));
                    if finished.send(done.unwrap_or_else(|_| Err(panicked()))).is_err() {
                        return;
                    }
                }
            });
        }
        let mut order = Order {
            results,
            early: BTreeMap::new(),
            next: 0,
            under_way: 0,
            free: Vec::new(),
        };
        snapshot.read(stop, |at, bytes| {
            let with = give(bytes.len())?;
            outgoing.send(Job { at, bytes, with }).map_err(|_| panicked())?;
            order.under_way += 1;
            while order.under_way >= UNDER_WAY {
                order.advance(stop, &mut take)?;
            }
            Ok(order.free.pop().unwrap_or_default())
        })?;
        while order.under_way > 0 {
            order.advance(stop, &mut take)?;
        }
        Ok(())
    })
}
