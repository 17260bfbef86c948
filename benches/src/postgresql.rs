//! Level 0 of a PostgreSQL cluster with 1 GiB of data, verified, by the driver, against the same commands of pgBackRest alone.

use crate::backups::NoBlobs;
use crate::calls::tmpfs;
use crate::cluster::{Cluster, PASSWORD, give, programs};
use crate::figure::{Bound, Figure, median, time};
use anyhow::{Context as _, Result, bail, ensure};
use procedo_core::capability::{Capability, Context, Overlay, Stop};
use procedo_core::run::RunId;
use procedo_core::{Error, Kind};
use procedo_database::Database;
use procedo_machine::{Machine, Machines, Secrets};
use serde_json::json;
use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

/// How much data there is at least, in bytes.
const SIZE: i64 = 1 << 30;
/// How many rows that takes: eight fill a page of 8 KiB.
const ROWS: u32 = 1_100_000;
/// An odd number, so that the median is one of them.
const ROUNDS: u64 = 5;
/// How long a job that an error left behind may take to end by itself.
const GRACE: Duration = Duration::from_secs(5);

struct OnePassword;

impl Secrets for OnePassword {
    fn value(&self, _: &str) -> procedo_core::Result<String> {
        Ok(PASSWORD.to_owned())
    }
}

/// Refuses where something is missing that the cluster needs.
fn expect_installed() -> Result<()> {
    if programs().is_none() {
        bail!("PostgreSQL's programs are not in /usr/lib/postgresql (Debian: postgresql)");
    }
    let answers = |program: &str, words: &[&str]| {
        let output = Command::new(program).args(words).output();
        output.is_ok_and(|output| output.status.success())
    };
    if !answers("pgbackrest", &["version"]) {
        bail!("pgBackRest is not installed (Debian: pgbackrest)");
    }
    if !answers("runuser", &["-u", "postgres", "--", "true"]) {
        bail!("`runuser -u postgres` does not work: this needs root, and the account postgres");
    }
    Ok(())
}

/// A cluster with data and without a stanza.
fn filled(folder: &Path) -> Result<Cluster> {
    let cluster = Cluster::plain_in(folder);
    // What is loaded need not be in the archive, and nothing else shall write while it is measured.
    for setting in ["archive_command = 'true'", "autovacuum = off"] {
        cluster.sql_as_superuser(&format!("ALTER SYSTEM SET {setting}"));
    }
    cluster.sql_as_superuser("SELECT pg_reload_conf()");
    // A row's text comes five times, and has four bits to a byte: it can be made ten times smaller.
    let parts: Vec<_> = (0..6)
        .map(|part| format!("md5((i * 6 + {part})::text)"))
        .collect();
    cluster.sql(&format!(
        "CREATE TABLE item (id int, data text);
         INSERT INTO item SELECT i, repeat({}, 5) FROM generate_series(1, {ROWS}) i",
        parts.join(" || ")
    ));
    let size = cluster.count("SELECT pg_table_size('item')");
    ensure!(size >= SIZE, "{size} bytes of data are too few");
    // Stopping waits until the archive has all there is; only then does the other command hold.
    cluster.sql_as_superuser("ALTER SYSTEM RESET archive_command");
    cluster.stop();
    cluster.start();
    Ok(cluster)
}

/// Empties the repository: what is in it is read when a backup is verified, so there must be as much each time.
fn forget(cluster: &Cluster) -> Result<()> {
    let repository = cluster.dir.join("repo");
    std::fs::remove_dir_all(&repository)?;
    std::fs::create_dir(&repository)?;
    give(&repository);
    cluster.backrest(&["stanza-create"]);
    Ok(())
}

/// The peer: the two commands, as a person would give them.
fn peer(cluster: &Cluster) -> Result<Duration> {
    let (took, found) = time(|| {
        cluster.backrest(&["--type=full", "--start-fast", "--no-expire-auto", "backup"]);
        Ok(cluster.backrest(&["--output=text", "--verbose", "verify"]))
    })?;
    ensure!(found.contains("status: ok"), "pgBackRest found: {found}");
    Ok(took)
}

/// The driver with what it needs.
struct Ours {
    database: Database,
    machine: Arc<dyn Machine>,
}

impl Ours {
    fn of(cluster: &Cluster) -> Result<Self> {
        let secrets: Arc<dyn Secrets> = Arc::new(OnePassword);
        let local = json!({"driver": "local", "jobs": cluster.at("jobs")});
        let declared = BTreeMap::from([("here".to_owned(), local)]);
        let machines = Machines::open(&declared, &cluster.dir, &secrets)?;
        let declared = BTreeMap::from([("main".to_owned(), cluster.settings())]);
        Ok(Self {
            database: Database::open(&declared, &cluster.dir, &machines, &secrets)?,
            machine: machines.get("here")?,
        })
    }

    /// The whole operation, from its plan to its reply.
    fn back_up(&self, call: u64) -> Result<Duration> {
        let bound = self.database.operations();
        let bound = bound.iter().find(|bound| bound.function == "backup");
        let handler = &bound.context("the operation backup")?.handler;
        let run = RunId::parse("r1").context("a name of a run")?;
        let mut context = Context {
            run: &run,
            call,
            overlay: &mut Overlay::default(),
            blobs: &NoBlobs,
            stop: &Stop::default(),
            notes: &[],
            ask: &|_, _| Err(Error::new(Kind::Failed, "P0133")),
            note: &mut |_| Ok(()),
            progress: &|_, _, _| {},
        };
        let args = json!({"database": "main", "level": 0});
        let key = context.key();
        let result = time(|| {
            let planned = handler.plan(&mut context, &args)?;
            let change = planned.change.context("a backup changes something")?;
            Ok(handler.perform(&mut context, &args, &change)?)
        });
        if result.is_err() {
            self.end_jobs(&key);
        }
        let (took, record) = result?;
        ensure!(record["verified"] == true, "not verified: {record}");
        Ok(took)
    }

    /// Ends what a call that failed may have left running.
    fn end_jobs(&self, key: &str) {
        for key in [key.to_owned(), format!("{key}/verify")] {
            match self.machine.find_job(&key) {
                Ok(Some(job)) => {
                    if let Err(error) = job.end(GRACE) {
                        eprintln!("the job {key} may still run: {error}");
                    }
                }
                Ok(None) => {}
                Err(error) => eprintln!("the job {key} may still run: {error}"),
            }
        }
    }
}

/// What the driver adds to pgBackRest's own time. All is in memory, as a disk's speed varies by more than what is measured.
pub fn backup() -> Result<Vec<Figure>> {
    expect_installed()?;
    let dir = tmpfs()?;
    // The cluster's account has to get through.
    rustix::fs::chmod(dir.path(), rustix::fs::Mode::from_raw_mode(0o755))?;
    let space = rustix::fs::statvfs(dir.path())?;
    let free = space.f_bavail * space.f_frsize;
    ensure!(
        free > 3 << 30,
        "3 GiB are needed on /dev/shm, {free} bytes are free"
    );
    let cluster = filled(dir.path())?;
    let ours = Ours::of(&cluster)?;
    let mut ratios = Vec::new();
    for round in 0..ROUNDS {
        let of_peer = || {
            forget(&cluster)?;
            peer(&cluster)
        };
        let of_driver = || {
            forget(&cluster)?;
            ours.back_up(round + 1)
        };
        // Neither is always the first.
        let (theirs, took) = if round % 2 == 0 {
            let theirs = of_peer()?;
            (theirs, of_driver()?)
        } else {
            let took = of_driver()?;
            (of_peer()?, took)
        };
        ratios.push(took.div_f64(theirs.as_secs_f64()));
    }
    Ok(vec![Figure::new(
        "PostgreSQL, 1 GiB: level 0 by the driver ÷ `pgbackrest backup` and `verify`",
        median(ratios).as_secs_f64(),
        "×",
        Bound::AtMost(1.02),
    )])
}
