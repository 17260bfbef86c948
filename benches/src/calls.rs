//! What a durable call costs, and what replaying one does.

use crate::figure::{Bound, Figure, median, time};
use crate::noop;
use anyhow::{Context, Result, ensure};
use procedo_core::run::Actor;
use procedo_engine::{Progress, Taken};
use procedo_store::Store;
use rusqlite::Connection;
use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

/// A folder on a file system in memory.
pub fn tmpfs() -> Result<tempfile::TempDir> {
    tempfile::Builder::new()
        .prefix("procedo-bench")
        .tempdir_in("/dev/shm")
        .context("a folder on /dev/shm")
}

/// A folder on the disk of the build.
pub fn disk() -> Result<tempfile::TempDir> {
    let target = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target");
    std::fs::create_dir_all(&target)?;
    tempfile::Builder::new()
        .prefix("procedo-bench")
        .tempdir_in(target)
        .context("a folder on the disk")
}

/// How many syncs N durable writes in a row cost.
pub fn syncs() -> Result<Vec<Figure>> {
    const WRITES: u64 = 500;
    let dir = disk()?;
    let store = noop::store(dir.path())?;
    let engine = noop::engine(Arc::clone(&store) as Arc<dyn Store>)?;
    // Beginning and ending a run cost the same syncs however many writes are between.
    let cost = |writes| -> Result<u64> {
        let before = store.statistics().commits;
        noop::run(&engine, writes, false)?;
        Ok(store.statistics().commits - before)
    };
    let frame = cost(0)?;
    let with = cost(WRITES)?;
    let per_row = (with - frame) as f64;
    Ok(vec![Figure::new(
        format!("syncs of {WRITES} durable writes"),
        per_row,
        "syncs",
        Bound::AtMost((WRITES + 1) as f64),
    )])
}

/// A plain SQLite file, opened with what the store sets.
fn raw_file(dir: &Path) -> Result<Connection> {
    let db = Connection::open(dir.join("raw.db"))?;
    db.execute_batch(
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=1000;
        CREATE TABLE IF NOT EXISTS r(id INTEGER PRIMARY KEY, body BLOB)",
    )?;
    Ok(db)
}

/// Inserts rows of so many bytes, one commit each.
fn raw_inserts(db: &Connection, bytes: usize, rows: u64) -> Result<()> {
    let mut insert = db.prepare_cached("INSERT INTO r(body) VALUES (?1)")?;
    let body = vec![b'x'; bytes];
    for _ in 0..rows {
        insert.execute([&body])?;
    }
    Ok(())
}

/// One durable call against one raw insert of as many bytes, in rounds of both.
pub fn durable_call() -> Result<Vec<Figure>> {
    const ROUNDS: usize = 9;
    // So many that the run's own start and end weigh little.
    const WRITES: u64 = 1000;
    let dir = disk()?;
    let store = noop::store(dir.path())?;
    let engine = noop::engine(Arc::clone(&store) as Arc<dyn Store>)?;
    let bytes = bytes_per_call(&engine)?;
    let mut ratios = Vec::new();
    // Open from the first round to the last, as the store is: a log that was used before costs another sync than a new one.
    let db = raw_file(dir.path())?;
    for _ in 0..ROUNDS {
        let (raw, ()) = time(|| raw_inserts(&db, bytes, WRITES))?;
        let (calls, _) = time(|| noop::run(&engine, WRITES, false))?;
        ratios.push(Duration::from_secs_f64(calls.as_secs_f64() / raw.as_secs_f64()));
    }
    let ratio = median(ratios).as_secs_f64();
    Ok(vec![Figure::new(
        "durable call ÷ raw SQLite insert of the same bytes",
        ratio,
        "×",
        Bound::AtMost(1.2),
    )])
}

/// How many bytes the entries of one call have.
fn bytes_per_call(engine: &procedo_engine::Engine) -> Result<usize> {
    let (run, _) = noop::run(engine, 100, false)?;
    let entries = engine.store().entries(&run, 1)?;
    Ok(serde_json::to_string(&entries)?.len() / 100)
}

/// A thousand durable writes one after the other, as a whole process, its store in memory.
pub fn thousand_writes() -> Result<Vec<Figure>> {
    let program = std::env::current_exe()?;
    let mut times = Vec::new();
    for _ in 0..5 {
        let dir = tmpfs()?;
        let (took, status) = time(|| {
            Ok(std::process::Command::new(&program)
                .arg(noop::CHILD)
                .arg(dir.path())
                .arg("1000")
                .status()?)
        })?;
        ensure!(status.success(), "the child failed");
        times.push(took);
    }
    Ok(vec![Figure::new(
        "1,000 durable writes, whole process, tmpfs",
        median(times).as_secs_f64(),
        "s",
        Bound::AtMost(0.15),
    )])
}

/// A bare log: whoever comes while a sync is on shares the next.
struct GroupedLog {
    state: Mutex<LogState>,
    done: Condvar,
}

struct LogState {
    file: Option<File>,
    waiting: Vec<u8>,
    written: u64,
    queued: u64,
}

impl GroupedLog {
    fn append(&self, bytes: &[u8]) -> Result<()> {
        let mut state = self.state.lock().map_err(|_| anyhow::anyhow!("poisoned"))?;
        state.waiting.extend_from_slice(bytes);
        state.queued += 1;
        let mine = state.queued;
        while state.written < mine {
            if let Some(mut file) = state.file.take() {
                let batch = std::mem::take(&mut state.waiting);
                let upto = state.queued;
                drop(state);
                file.write_all(&batch)?;
                file.sync_data()?;
                state = self.state.lock().map_err(|_| anyhow::anyhow!("poisoned"))?;
                state.file = Some(file);
                state.written = upto;
                self.done.notify_all();
            } else {
                state = self.done.wait(state).map_err(|_| anyhow::anyhow!("poisoned"))?;
            }
        }
        Ok(())
    }
}

/// 64 runs at once against a bare group-committed log of as many records with the same bytes, each of them durable before the
/// next: a call is two records, its intent and its outcome.
pub fn sixty_four_runs() -> Result<Vec<Figure>> {
    const RUNS: usize = 64;
    const WRITES: u64 = 100;
    let mut ratios = Vec::new();
    for _ in 0..5 {
        let dir = disk()?;
        let engine = noop::engine(noop::store(dir.path())? as Arc<dyn Store>)?;
        let bytes = bytes_per_call(&engine)?;
        let log = GroupedLog {
            state: Mutex::new(LogState {
                file: Some(File::create(dir.path().join("bare.log"))?),
                waiting: Vec::new(),
                written: 0,
                queued: 0,
            }),
            done: Condvar::new(),
        };
        let at_once = |work: &(dyn Fn() -> Result<()> + Sync)| -> Result<Duration> {
            let (took, ()) = time(|| {
                std::thread::scope(|scope| {
                    let threads: Vec<_> = (0..RUNS).map(|_| scope.spawn(work)).collect();
                    threads
                        .into_iter()
                        .try_for_each(|t| t.join().map_err(|_| anyhow::anyhow!("a thread failed"))?)
                })
            })?;
            Ok(took)
        };
        let body = vec![b'x'; bytes / 2];
        let bare = at_once(&|| (0..2 * WRITES).try_for_each(|_| log.append(&body)))?;
        let runs = at_once(&|| noop::run(&engine, WRITES, false).map(|_| ()))?;
        ratios.push(Duration::from_secs_f64(bare.as_secs_f64() / runs.as_secs_f64()));
    }
    let ratio = median(ratios).as_secs_f64();
    Ok(vec![Figure::new(
        "journal records/s of 64 runs ÷ those of a bare grouped log",
        ratio,
        "×",
        Bound::AtLeast(0.5),
    )])
}

/// How many journaled calls are replayed in a second.
pub fn replay() -> Result<Vec<Figure>> {
    const WRITES: u64 = 20_000;
    let dir = tmpfs()?;
    let engine = noop::engine(noop::store(dir.path())? as Arc<dyn Store>)?;
    let (run, progress) = noop::run(&engine, WRITES, true)?;
    ensure!(matches!(progress, Progress::Waiting(_)), "it should wait");
    let by = Actor::Person("bench".to_owned());
    engine.answer(&run, &by, &serde_json::json!(true))?;
    let (took, progress) = time(|| Ok(engine.resume(&run, &by, &Taken::default())?))?;
    ensure!(
        matches!(progress, Progress::Succeeded(_)),
        "it should end: {progress:?}"
    );
    let rate = WRITES as f64 / took.as_secs_f64();
    Ok(vec![Figure::new(
        "replayed calls per second",
        rate,
        "calls/s",
        Bound::AtLeast(100_000.0),
    )])
}
