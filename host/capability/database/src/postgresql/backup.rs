//! Making and verifying physical backups with pgBackRest.
//!
//! Level 0 is a full backup; level 1 a differential one (`diff`: what changed since the newest full one); level 2 an
//! incremental one (`incr`: what changed since the newest backup of any level). A backup bears the key of its call as an
//! annotation, by which it is found again. Nothing is expired on the way: what a backup removes, no plan would have said.
//!
//! Verified means: `pgbackrest verify` has read every file of the repository against the checksums of the manifests and found
//! nothing wrong in this backup and in those that it needs, and the segments of the log that it needs are in the archive.
//! pgBackRest keeps no record of that: a list of backups says `verified` only of dumps, and a restore always verifies anew.

use crate::driver::{BackupPlan, BackupRecord, is_damage, newest_sound};
use crate::postgresql::Postgresql;
use crate::postgresql::backrest::{Entry, KEY, Verdicts, progress, verdicts};
use jiff::Timestamp;
use procedo_core::capability::{Context, Stop};
use procedo_core::change::Probe;
use procedo_core::message::Message;
use procedo_core::{Kind, Result};
use procedo_machine::{JobState, Limits};
use std::time::Duration;

/// How long a plan may read the repository, and how much it may be told of it, in bytes.
const LONGEST: Duration = Duration::from_secs(12 * 3600);
const MOST_SAID: usize = 16 << 20;

/// What pgBackRest calls a level.
fn kind_of(level: u8) -> &'static str {
    match level {
        0 => "full",
        1 => "diff",
        _ => "incr",
    }
}

/// The name of what a backup will be: pgBackRest names it by when it begins.
pub(crate) fn planned_name(stanza: &str, level: u8) -> String {
    format!("{stanza}-{}", kind_of(level))
}

/// The backup upon which one of this level would build.
pub(crate) fn base_for(entries: &[Entry], level: u8) -> Option<&Entry> {
    let newest = |entry: &&Entry| level == 2 || entry.level() == 0;
    entries.iter().rev().find(newest)
}

impl Postgresql {
    /// What a physical backup would be.
    pub(crate) fn plan_physical(&self, level: u8) -> Result<BackupPlan> {
        let stop = Stop::default();
        let stanza = self.needs("stanza", self.host()?.stanza.as_ref())?;
        let entries = self.entries(&stop)?;
        let base = match level {
            0 => None,
            _ => Some(
                base_for(&entries, level)
                    .ok_or_else(|| self.server.error(Kind::Conflict, "P1212").with("level", level))?,
            ),
        };
        let base_digest = base.map(|base| self.digest(&base.label, &stop)).transpose()?;
        let mut session = self.server.open()?;
        let told = |error: postgres::Error| self.server.of_postgres(&error);
        let size = "SELECT sum(pg_database_size(oid))::int8 FROM pg_database";
        let size: i64 = session.client.query_one(size, &[]).map_err(told)?.get(0);
        Ok(BackupPlan {
            id: planned_name(stanza, level),
            level,
            base: base.map(|base| base.label.clone()),
            base_digest,
            destination: None,
            place: format!("pgBackRest, {stanza}"),
            estimate: u64::try_from(size).unwrap_or(0),
        })
    }

    /// The jobs that a call may have.
    pub(crate) fn jobs(key: &str) -> Vec<String> {
        ["", "/verify", "/former", "/restore", "/back"]
            .map(|suffix| format!("{key}{suffix}"))
            .to_vec()
    }

    /// Makes a physical backup, and verifies it.
    pub(crate) fn back_up(&self, context: &mut Context<'_>, plan: &BackupPlan) -> Result<BackupRecord> {
        let key = context.key();
        let entry = match self.made(&key, context.stop)? {
            Some(entry) => entry,
            None => {
                self.expect_base(plan, &key, context.stop)?;
                self.make(context, plan.level, &key, &key, plan.estimate)?
            }
        };
        let record = match self.verify_entry(context, &entry) {
            // What cannot be relied on is no backup; it goes, so that nobody takes it for one.
            Err(error) if is_damage(&error) => {
                self.expire(&entry.label, context.stop)?;
                self.forget(&[key])?;
                return Err(error);
            }
            other => other?,
        };
        // That of `verify` is forgotten already.
        self.forget(&[key])?;
        Ok(record)
    }

    /// The backup upon which this one builds is the one that was planned, unless it has begun already.
    fn expect_base(&self, plan: &BackupPlan, key: &str, stop: &Stop) -> Result<()> {
        if self.job(key)?.is_some() || plan.level == 0 {
            return Ok(());
        }
        let entries = self.entries(stop)?;
        let base = base_for(&entries, plan.level).map(|base| base.label.clone());
        // One that the same plan makes first has no digest yet, and not its own name.
        let planned = plan.base_digest.is_some() && plan.base.is_some();
        if planned
            && (base != plan.base
                || plan.base_digest != Some(self.digest(base.as_deref().unwrap_or(""), stop)?))
        {
            return Err(self
                .server
                .error(Kind::Conflict, "P1225")
                .with("backup", &plan.id)
                .with("base", plan.base.as_deref().unwrap_or("–")));
        }
        Ok(())
    }

    /// The finished backup that bears a key.
    pub(crate) fn made(&self, key: &str, stop: &Stop) -> Result<Option<Entry>> {
        let entries = self.entries(stop)?;
        Ok(entries.into_iter().rev().find(|entry| entry.key() == Some(key)))
    }

    /// Has pgBackRest make a backup that bears a key, as a job of the machine.
    pub(crate) fn make(
        &self,
        context: &Context<'_>,
        level: u8,
        key: &str,
        job: &str,
        total: u64,
    ) -> Result<Entry> {
        let program = self.backrest(
            "backup",
            &[
                &format!("--type={}", kind_of(level)),
                &format!("--annotation={KEY}={key}"),
                "--no-expire-auto",
                "--start-fast",
                "--log-level-console=detail",
            ],
        )?;
        let ended = self.follow(context, job, &program, &mut |line| {
            tell(context, "database-progress-copy", line, total);
        })?;
        let made = self.made(key, context.stop)?;
        match made {
            // If nobody saw how it ended, the backup is the proof.
            Some(entry) if ended.code.is_none_or(|code| code == 0) => Ok(entry),
            _ => {
                self.forget(&[job.to_owned()])?;
                self.unless_done("backup", &ended)?;
                Err(self.backrest_failed("backup", ended.code, &ended.said))
            }
        }
    }

    /// What became of the physical backup of this call.
    pub(crate) fn probe_physical(&self, context: &Context<'_>) -> Result<Probe<BackupRecord>> {
        let key = context.key();
        if let Some(job) = self.job(&key)?
            && matches!(job.state()?, JobState::Running { .. })
        {
            return Ok(Probe::Running);
        }
        Ok(match self.made(&key, context.stop)? {
            // It is there and has still to be verified; whoever performs again finds it.
            Some(_) => Probe::Running,
            None => Probe::NotApplied,
        })
    }

    /// What pgBackRest finds when it reads the whole repository.
    pub(crate) fn read_all(&self, context: &Context<'_>) -> Result<Verdicts> {
        let job = format!("{}/verify", context.key());
        let program = self.backrest("verify", &["--output=text", "--verbose"])?;
        let ended = self.follow(context, &job, &program, &mut |_| {})?;
        self.forget(&[job])?;
        self.unless_done("verify", &ended)?;
        Ok(verdicts(&ended.said))
    }

    /// The same for a plan, which starts no job.
    pub(crate) fn read_all_now(&self, stop: &Stop) -> Result<Verdicts> {
        let program = self.backrest("verify", &["--output=text", "--verbose"])?;
        let limits = Limits {
            time: LONGEST,
            bytes: MOST_SAID,
        };
        let output = self.host()?.machine.run(&program, &limits, stop)?;
        match output.code {
            0 if !output.truncated => Ok(verdicts(&output.text())),
            code => {
                let said = format!("{}\n{}", output.text(), output.errors());
                Err(self.backrest_failed("verify", Some(code), &said))
            }
        }
    }

    /// The newest backup that was complete by a moment and can be relied on, and those left out. For that the whole repository
    /// is read, as it is again when the plan is carried out.
    pub(crate) fn newest(
        &self,
        entries: &[Entry],
        moment: Option<Timestamp>,
        stop: &Stop,
    ) -> Result<(String, Vec<String>)> {
        let by_then = |entry: &&Entry| moment.is_none_or(|moment| entry.stopped() <= moment);
        if !entries.iter().any(|entry| by_then(&entry)) {
            return Ok(("–".to_owned(), Vec::new()));
        }
        let found = self.read_all_now(stop)?;
        let newest = newest_sound(
            entries.iter().rev().filter(by_then),
            |entry| entry.label.clone(),
            |entry| self.expect_sound(entry, &found, stop),
        )?;
        Ok(newest.map_or_else(
            || ("–".to_owned(), Vec::new()),
            |(entry, skipped)| (entry.label.clone(), skipped),
        ))
    }

    /// Has pgBackRest remove a backup on which no other builds.
    pub(crate) fn expire(&self, label: &str, stop: &Stop) -> Result<()> {
        self.ask_backrest("expire", &[&format!("--set={label}")], &[], stop)?;
        match self.entries(stop)?.iter().any(|other| other.label == label) {
            true => Err(self.backrest_failed("expire", Some(0), label)),
            false => Ok(()),
        }
    }

    /// Whether a backup can be relied on, by what was found.
    pub(crate) fn expect_sound(&self, entry: &Entry, found: &Verdicts, stop: &Stop) -> Result<()> {
        for label in entry.chain() {
            match found.get(&label) {
                Some(Ok(())) => {}
                Some(Err(why)) => return Err(self.damaged(&entry.label, &label, why)),
                None if label == entry.label => return Err(self.damaged(&entry.label, &label, "missing")),
                None => {
                    return Err(self
                        .server
                        .error(Kind::Failed, "P1214")
                        .with("backup", &entry.label)
                        .with("base", label)
                        .with("reason", "missing"));
                }
            }
        }
        self.expect_log(entry, stop)
    }

    /// Reads a backup with all it builds upon.
    pub(crate) fn verify_physical(&self, context: &Context<'_>, label: &str) -> Result<BackupRecord> {
        let entries = self.entries(context.stop)?;
        self.verify_entry(context, self.entry(&entries, label)?)
    }

    fn verify_entry(&self, context: &Context<'_>, entry: &Entry) -> Result<BackupRecord> {
        let found = self.read_all(context)?;
        self.expect_sound(entry, &found, context.stop)?;
        let digest = self.digest(&entry.label, context.stop)?;
        Ok(entry.record(Some(digest), true))
    }
}

/// Tells how far the work is, if a line says so.
pub(crate) fn tell(context: &Context<'_>, sentence: &str, line: &str, total: u64) {
    let Some(hundredths) = progress(line) else {
        return;
    };
    let done = u128::from(total) * u128::from(hundredths) / 10_000;
    let done = u64::try_from(done).unwrap_or(total);
    let message = Message::new(sentence)
        .with("percent", hundredths / 100)
        .with("bytes", done);
    (context.progress)(done, Some(total), &message);
}
