//! Measures the store against the bare disk, in rounds so that both see the same weather.
//!
//! `cargo run --release -p procedo-store --example measure [DIR]`; DIR is made and removed.

use procedo_core::effect::{Effect, OperationName};
use procedo_core::journal::{Body, CallEnd, FORMAT, Intent, Started};
use procedo_core::message::Language;
use procedo_core::run::{Actor, RunId};
use procedo_core::value::{Digest, Value};
use procedo_store::{Durability, KeySource, SqliteStore, Store};
use serde_json::json;
use std::error::Error;
use std::io::Write;
use std::path::Path;
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

fn started(id: &str) -> Result<Started, String> {
    Ok(Started {
        format: FORMAT,
        run: RunId::parse(id).ok_or("not an identifier")?,
        procedure: "measure/store".to_owned(),
        params: Value::Null,
        by: Actor::Person("measure".to_owned()),
        language: Language::En,
        pins: Vec::new(),
        site: Digest([0; 32]),
        seed: "00".repeat(32),
        parent: None,
        undoes: None,
        answers: Value::Null,
        override_reason: None,
    })
}

fn intent(call: u64) -> Body {
    Body::Intent(Box::new(Intent {
        call,
        operation: OperationName::new("files", "write"),
        args: json!({"path": "html/de/index.htm", "text": "x".repeat(80)}),
        resource: "web".to_owned(),
        effect: Effect::Write,
        change: None,
        identity: None,
    }))
}

fn outcome(call: u64) -> Body {
    Body::Outcome {
        call,
        ended: CallEnd::Reply(json!({"written": true})),
        micros: 17,
    }
}

/// Bytes of what [`intent`] and [`outcome`] become, hash and numbers included.
const RECORD: usize = 280;

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

/// One durable call after the other: the store, and a raw insert of the same bytes into SQLite.
fn one_by_one(dir: &Path) -> Result<(), Box<dyn Error>> {
    let store = SqliteStore::open(&dir.join("one"), KeySource::Site)?;
    let lease = store.begin(started("one")?)?;
    let raw = rusqlite::Connection::open(dir.join("raw.db"))?;
    raw.pragma_update(None, "journal_mode", "WAL")?;
    raw.pragma_update(None, "synchronous", "FULL")?;
    raw.pragma_update(None, "wal_autocheckpoint", 8000)?;
    raw.execute_batch("CREATE TABLE records (id INTEGER PRIMARY KEY, body BLOB NOT NULL)")?;
    let bytes = vec![7_u8; RECORD];
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for call in 0..2000 {
        let before = Instant::now();
        store.append(&*lease, vec![intent(call)], Durability::Now)?;
        store.append(&*lease, vec![outcome(call)], Durability::Soon)?;
        ours.push(before.elapsed());
        let before = Instant::now();
        raw.prepare_cached("INSERT INTO records (body) VALUES (?1)")?
            .execute([&bytes])?;
        theirs.push(before.elapsed());
    }
    let (ours, theirs) = (median(ours), median(theirs));
    let ratio = ours.as_secs_f64() / theirs.as_secs_f64();
    println!(
        "durable call            {ours:>10.1?}   raw insert {theirs:>10.1?}   ratio {ratio:.2} (at most 1.2)"
    );
    Ok(())
}

/// An append log of bare records: whoever finds nobody writing writes and syncs for all that queued.
struct Log {
    file: std::fs::File,
    state: Mutex<(Vec<u8>, u64, u64, bool)>,
    done: Condvar,
}

impl Log {
    fn append(&self, bytes: &[u8]) -> std::io::Result<()> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.0.extend_from_slice(bytes);
        state.1 += 1;
        let ticket = state.1;
        while state.2 < ticket {
            if state.3 {
                state = self.done.wait(state).unwrap_or_else(PoisonError::into_inner);
                continue;
            }
            state.3 = true;
            let (batch, last) = (std::mem::take(&mut state.0), state.1);
            drop(state);
            (&self.file).write_all(&batch)?;
            self.file.sync_data()?;
            state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
            (state.2, state.3) = (last, false);
            self.done.notify_all();
        }
        Ok(())
    }
}

fn together(dir: &Path) -> Result<(), Box<dyn Error>> {
    const RUNS: usize = 64;
    const CALLS: u64 = 200;
    let store = SqliteStore::open(&dir.join("many"), KeySource::Site)?;
    let mut leases = Vec::new();
    for at in 0..RUNS {
        leases.push(store.begin(started(&format!("r{at}"))?)?);
    }
    let log = Log {
        file: std::fs::File::create(dir.join("log"))?,
        state: Mutex::default(),
        done: Condvar::new(),
    };
    let rate = |took: Duration| (RUNS as u64 * CALLS) as f64 * 2.0 / took.as_secs_f64();
    let mut ratios = Vec::new();
    for _ in 0..5 {
        let before = Instant::now();
        std::thread::scope(|scope| {
            for lease in &leases {
                let store = &store;
                scope.spawn(move || -> procedo_core::Result<()> {
                    for call in 0..CALLS {
                        store.append(&**lease, vec![intent(call)], Durability::Now)?;
                        store.append(&**lease, vec![outcome(call)], Durability::Soon)?;
                    }
                    Ok(())
                });
            }
        });
        let ours = rate(before.elapsed());
        let before = Instant::now();
        std::thread::scope(|scope| {
            for _ in 0..RUNS {
                let log = &log;
                scope.spawn(move || -> std::io::Result<()> {
                    // An intent and the outcome before it are appended together: the log has no queue for the latter.
                    (0..CALLS).try_for_each(|_| log.append(&[7; RECORD * 2]))
                });
            }
        });
        let theirs = rate(before.elapsed());
        println!(
            "64 runs, records/s      {ours:>10.0}   bare log   {theirs:>10.0}   ratio {:.2}",
            ours / theirs
        );
        ratios.push(ours / theirs);
    }
    ratios.sort_by(f64::total_cmp);
    println!(
        "64 runs, median ratio {:.2} (at least 0.5); {:?}",
        ratios[2],
        store.statistics()
    );
    Ok(())
}

fn caller(dir: &Path) -> Result<(), Box<dyn Error>> {
    let store = SqliteStore::open(&dir.join("caller"), KeySource::Site)?;
    let lease = store.begin(started("caller")?)?;
    let mut times = Vec::new();
    for call in 0..20_000 {
        let bodies = vec![intent(call), outcome(call)];
        let before = Instant::now();
        store.append(&*lease, bodies, Durability::Whenever)?;
        times.push(before.elapsed());
    }
    println!("a read's pair, caller's share: median {:?}", median(times));
    store.flush(&*lease)?;
    let before = Instant::now();
    let entries = store.entries(lease.run(), 0)?.len();
    let rate = entries as f64 / before.elapsed().as_secs_f64();
    println!("reading back: {rate:.0} entries/s (replay needs 200,000)");
    let before = Instant::now();
    drop(lease);
    drop(store);
    drop(SqliteStore::open(&dir.join("caller"), KeySource::Site)?);
    println!("closing, opening, closing: {:?}", before.elapsed());
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    let dir = std::env::args()
        .nth(1)
        .unwrap_or_else(|| "measure-store".to_owned());
    let dir = Path::new(&dir);
    std::fs::create_dir(dir)?;
    let measured = one_by_one(dir)
        .and_then(|()| together(dir))
        .and_then(|()| caller(dir));
    std::fs::remove_dir_all(dir)?;
    measured
}
