//! Backups of an SQLite database of 1 GiB in WAL mode, each as a whole process, against `sqlite3 … .backup`.

use crate::calls::disk;
use crate::figure::{Bound, Figure, median, time};
use anyhow::{Context as _, Result, bail, ensure};
use procedo_core::capability::{Blobs, Context, Overlay, Stop};
use procedo_core::change::BlobId;
use procedo_core::run::RunId;
use procedo_core::{Error, Kind};
use procedo_database::Sqlite;
use procedo_database::driver::Driver;
use rusqlite::Connection;
use serde::{Deserialize, Serialize};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

/// The argument with which this program runs as a child of itself.
pub const CHILD: &str = "--backup";

/// How many bytes a row holds beside its number.
const ROW: i64 = 1000;
/// How large the database is at least, in bytes.
const SIZE: u64 = 1 << 30;
/// One row of so many is altered, and with it about every hundredth page: four rows lie on one.
const ALTERED: i64 = 380;
const PAGE: u64 = 4096;

/// What a child found.
#[derive(Serialize, Deserialize)]
struct Made {
    id: String,
    bytes: u64,
    /// The most memory that it ever held, in KiB.
    peak: u64,
}

/// A backup keeps nothing in the store.
pub struct NoBlobs;

impl Blobs for NoBlobs {
    fn put(&self, _: &[u8]) -> procedo_core::Result<BlobId> {
        Err(Error::new(Kind::NotSupported, "P0115"))
    }
    fn get(&self, _: &BlobId) -> procedo_core::Result<Vec<u8>> {
        Err(Error::new(Kind::NotSupported, "P0115"))
    }
}

/// Backs a database up: `FILE FOLDER LEVEL`.
pub fn child(arguments: &[String]) -> Result<()> {
    let [file, folder, level] = arguments else {
        bail!("{CHILD} FILE FOLDER LEVEL");
    };
    let run = RunId::parse("r1").context("a name of a run")?;
    let database = Sqlite::new("bench", file.into(), folder.into());
    let mut context = Context {
        run: &run,
        call: 1,
        overlay: &mut Overlay::default(),
        blobs: &NoBlobs,
        stop: &Stop::default(),
        notes: &[],
        ask: &|_, _| Err(Error::new(Kind::Failed, "P0133")),
        note: &mut |_| Ok(()),
        progress: &|_, _, _| {},
    };
    let plan = database.plan_backup(level.parse()?, None)?;
    let made = database.backup(&mut context, &plan)?;
    let status = std::fs::read_to_string("/proc/self/status")?;
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let peak = peak.context("VmHWM")?.trim().trim_end_matches(" kB").parse()?;
    let (id, bytes) = (made.id, made.size);
    println!("{}", serde_json::to_string(&Made { id, bytes, peak })?);
    Ok(())
}

/// A database with rows of random bytes.
fn fill(file: &Path) -> Result<Connection> {
    let database = Connection::open(file)?;
    database.execute_batch(&format!(
        "PRAGMA page_size = {PAGE}; PRAGMA journal_mode = wal;
         CREATE TABLE item (id INTEGER PRIMARY KEY, data BLOB);"
    ))?;
    let rows = SIZE as i64 / ROW;
    // In several transactions, so that the log stays small.
    for from in (0..rows).step_by(20_000) {
        database.execute(
            "WITH RECURSIVE n(i) AS (SELECT ?1 UNION ALL SELECT i + 1 FROM n WHERE i < ?2)
             INSERT INTO item SELECT i, randomblob(?3) FROM n",
            (from, (from + 20_000).min(rows) - 1, ROW),
        )?;
    }
    ensure!(file.metadata()?.len() >= SIZE, "the database is too small");
    Ok(database)
}

/// What is written must not be paid by who comes next.
fn settle() {
    rustix::fs::sync();
}

/// Makes a backup in a process of its own.
fn back_up(file: &Path, folder: &Path, level: u8) -> Result<(Duration, Made)> {
    let program = std::env::current_exe()?;
    settle();
    let (took, output) = time(|| {
        let mut child = Command::new(&program);
        child.arg(CHILD).arg(file).arg(folder).arg(level.to_string());
        Ok(child.output()?)
    })?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "level {level}: {said}");
    Ok((took, serde_json::from_slice(&output.stdout)?))
}

/// The peer: SQLite's own program, which neither verifies nor hashes.
fn peer(file: &Path, copy: &Path) -> Result<Duration> {
    settle();
    let (took, output) = time(|| {
        let mut child = Command::new("sqlite3");
        child.arg(file).arg(format!(".backup '{}'", copy.display()));
        child.output().context("the program sqlite3 (Debian: sqlite3)")
    })?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success() && said.is_empty(), "sqlite3: {said}");
    ensure!(copy.metadata()?.len() >= SIZE, "sqlite3 copied less");
    std::fs::remove_file(copy)?;
    Ok(took)
}

/// Level 0 against SQLite's own program, level 1 after one page of a hundred was altered, and memory.
pub fn sqlite() -> Result<Vec<Figure>> {
    const ROUNDS: i64 = 5;
    let dir = disk()?;
    let space = rustix::fs::statvfs(dir.path())?;
    ensure!(
        space.f_bavail * space.f_frsize > 4 * SIZE,
        "4 GiB are needed on the disk of the build"
    );
    let (file, folder) = (dir.path().join("bench.db"), dir.path().join("backups"));
    // Stays open, as that of a program that uses it.
    let database = fill(&file)?;
    let (mut full, mut changes) = (Vec::new(), Vec::new());
    let (mut bytes, mut peak) = (0_f64, 0);
    for round in 0..ROUNDS {
        let of_peer = || peer(&file, &dir.path().join("copy.db"));
        // Neither is always the first.
        let (theirs, (ours, zero)) = if round % 2 == 0 {
            let theirs = of_peer()?;
            (theirs, back_up(&file, &folder, 0)?)
        } else {
            let ours = back_up(&file, &folder, 0)?;
            (of_peer()?, ours)
        };
        let sql = "UPDATE item SET data = randomblob(?1) WHERE id % ?2 = ?3";
        database.execute(sql, (ROW, ALTERED, round))?;
        let (took, one) = back_up(&file, &folder, 1)?;
        let share = one.bytes as f64 / zero.bytes as f64;
        ensure!(
            share > 0.01 && one.id != zero.id,
            "one page of a hundred was to be altered, not {share}"
        );
        full.push(ours.div_f64(theirs.as_secs_f64()));
        changes.push(took.div_f64(ours.as_secs_f64()));
        bytes = bytes.max(share);
        peak = peak.max(zero.peak).max(one.peak);
        std::fs::remove_dir_all(&folder)?;
    }
    let seconds = |times| median(times).as_secs_f64();
    Ok(vec![
        Figure::new(
            "SQLite, 1 GiB: level 0 ÷ `sqlite3 .backup`",
            seconds(full),
            "×",
            Bound::AtMost(1.15),
        ),
        Figure::new(
            "SQLite, 1 GiB, 1 % of pages altered: bytes of level 1 ÷ those of level 0",
            100.0 * bytes,
            "%",
            Bound::AtMost(5.0),
        ),
        Figure::new(
            "SQLite, 1 GiB, 1 % of pages altered: time of level 1 ÷ that of level 0",
            100.0 * seconds(changes),
            "%",
            Bound::AtMost(15.0),
        ),
        Figure::new(
            "SQLite, 1 GiB: memory of a backup",
            peak as f64 / 1024.0,
            "MiB",
            Bound::AtMost(64.0),
        ),
    ])
}
