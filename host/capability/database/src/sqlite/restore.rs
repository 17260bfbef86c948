//! Restoring: everything is checked and the present state backed up before the database is altered, and then it is altered in
//! one transaction of SQLite, so that a crash leaves the one state or the other.
//!
//! Programs that have the database open see the restored state with their next transaction. Only a database that SQLite
//! cannot open any more is replaced as a file: the old files are renamed and kept, so programs that have them open must be
//! stopped first.

use crate::driver::{BackupPlan, RestorePlan, Restored};
use crate::sqlite::catalogue::{Catalogue, Entry, Held, io_at};
use crate::sqlite::make::{make, progress};
use crate::sqlite::open::{PATIENCE, Place, open_still};
use crate::sqlite::snapshot::Snapshot;
use crate::sqlite::verify::assemble;
use procedo_core::capability::Context;
use procedo_core::change::Probe;
use procedo_core::message::Message;
use procedo_core::value::Value;
use procedo_core::{Kind, Result};
use rusqlite::Connection;
use rusqlite::backup::{Backup, StepResult};
use serde_json::json;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// How many pages are written between two looks at whether to stop.
const STEP: i32 = 256;
/// How long to wait between two attempts to lock the database.
const BETWEEN: Duration = Duration::from_millis(20);

/// What the notes of earlier attempts say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Former {
    /// None got as far as altering anything.
    Untouched,
    /// One was about to alter the database in a transaction; then its schema had this version.
    Swapping(i64),
    /// One was about to put a new file in its place; whether there was one.
    Replacing(bool),
}

/// What became of an earlier attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Became {
    Nothing,
    Half,
    All,
    Unclear(i64, i64),
}

fn former(notes: &[Value]) -> Former {
    let read = |note: &Value| match note.get("restore")?.as_str()? {
        "swap" => Some(Former::Swapping(note.get("schema")?.as_i64()?)),
        "replace" => Some(Former::Replacing(note.get("present")?.as_bool()?)),
        _ => None,
    };
    notes.iter().rev().find_map(read).unwrap_or(Former::Untouched)
}

/// SQLite gives a database that is overwritten by a backup the version that its schema had, plus one, in the same
/// transaction.
fn became(former: i64, present: i64) -> Became {
    match present.checked_sub(former) {
        Some(0) => Became::Nothing,
        Some(1) => Became::All,
        _ => Became::Unclear(former, present),
    }
}

/// One restore.
pub(crate) struct Restoring<'a> {
    pub(crate) place: &'a Place,
    pub(crate) catalogue: &'a Catalogue,
    pub(crate) plan: &'a RestorePlan,
    pub(crate) key: &'a str,
}

impl Restoring<'_> {
    fn schema(&self, connection: &Connection) -> Result<i64> {
        connection
            .query_row("PRAGMA schema_version", [], |row| row.get(0))
            .map_err(|error| self.place.of_sqlite(&error))
    }

    /// Where damaged files are kept.
    fn aside(&self, ending: &str) -> PathBuf {
        let (id, _) = self
            .plan
            .chain
            .last()
            .map_or(("", ""), |(id, digest)| (id, digest));
        let short = blake3::hash(self.key.as_bytes()).to_hex();
        self.beside(&format!(".before-{id}-{}{ending}", &short[..8]))
    }

    /// A file beside the database.
    fn beside(&self, suffix: &str) -> PathBuf {
        let mut name = self.place.file.clone().into_os_string();
        name.push(suffix);
        PathBuf::from(name)
    }

    fn became(&self, notes: &[Value]) -> Result<Became> {
        Ok(match former(notes) {
            Former::Untouched => Became::Nothing,
            // The old file is moved before the new one gets its name, in the very end.
            Former::Replacing(present)
                if self.place.file.exists()
                    && !self.new_file().exists()
                    && (!present || self.aside("").exists()) =>
            {
                Became::All
            }
            Former::Replacing(_) => Became::Half,
            Former::Swapping(before) => became(before, self.schema(&self.place.open_to_write()?)?),
        })
    }

    /// The restored file, until it has its name.
    fn new_file(&self) -> PathBuf {
        self.beside(".restored.part")
    }

    /// What became of earlier attempts.
    pub(crate) fn probe(&self, context: &Context<'_>) -> Result<Probe<Restored>> {
        Ok(match self.became(context.notes)? {
            Became::Nothing => Probe::NotApplied,
            Became::Half => Probe::Partial,
            Became::All => Probe::Applied(self.restored(context)?),
            Became::Unclear(before, now) => Probe::Unknown(
                Message::new("database-doubt-restore")
                    .with("database", &self.place.name)
                    .with("before", before)
                    .with("now", now),
            ),
        })
    }

    /// Restores.
    pub(crate) fn perform(&self, held: &Held, context: &mut Context<'_>) -> Result<Restored> {
        let found = self.catalogue.look()?;
        let id = self.plan.chain.last().map_or("", |(id, _)| id.as_str());
        let chain = found.chain(&self.place.name, id)?;
        let same =
            |(entry, (id, digest)): (&Entry, &(String, String))| entry.id == *id && entry.digest == *digest;
        if chain.len() != self.plan.chain.len() || !chain.iter().zip(&self.plan.chain).all(same) {
            return Err(self
                .place
                .error(Kind::Conflict, "P1225")
                .with("backup", id)
                .with("base", &self.plan.chain[0].0));
        }
        if matches!(former(context.notes), Former::Replacing(_)) {
            if self.became(context.notes)? == Became::Half {
                let assembled = assemble(self.place, self.catalogue, held, context, &chain)?;
                self.replace(context, &assembled.path)?;
            }
            return self.restored(context);
        }
        let assembled = assemble(self.place, self.catalogue, held, context, &chain)?;
        match self.back_up(held, context, &found.entries) {
            Ok(()) => self.swap(context, &assembled.path)?,
            // It is not there, or SQLite cannot read it: there is nothing that a transaction could be made upon.
            Err(error) if matches!(error.code.as_str(), "P1204" | "P1210") => {
                (context.note)(json!({"restore": "replace", "present": self.place.file.exists()}))?;
                self.replace(context, &assembled.path)?;
            }
            Err(error) => return Err(error),
        }
        drop(assembled);
        self.restored(context)
    }

    /// Backs the present state up, unless it was told not to.
    fn back_up(&self, held: &Held, context: &Context<'_>, entries: &[Entry]) -> Result<()> {
        let Some(id) = &self.plan.former else {
            // Whether it can be opened at all decides how it is restored.
            self.schema(&self.place.open_to_write()?)?;
            return Ok(());
        };
        if let Some(stale) = entries
            .iter()
            .find(|entry| entry.id == *id && entry.key == self.key)
        {
            if self.became(context.notes)? != Became::Nothing {
                // It may be all that is left of the state before.
                return Ok(());
            }
            // An attempt before made it and then altered nothing: others may have written since.
            self.catalogue.remove(stale)?;
        }
        let plan = BackupPlan {
            id: id.clone(),
            level: 0,
            base: None,
            base_digest: None,
            destination: None,
            place: String::new(),
            estimate: 0,
        };
        make(self.place, self.catalogue, held, context, &plan, self.key).map(drop)
    }

    /// Overwrites the database in one transaction.
    fn swap(&self, context: &mut Context<'_>, from: &Path) -> Result<()> {
        let told = |error: rusqlite::Error| self.place.of_sqlite(&error);
        let source = open_still(from).map_err(told)?;
        let mut target = self.place.open_to_write()?;
        let size = |connection: &Connection| {
            connection
                .query_row("PRAGMA page_size", [], |row| row.get::<_, u32>(0))
                .map_err(told)
        };
        let mode: String = target
            .query_row("PRAGMA journal_mode", [], |row| row.get(0))
            .map_err(told)?;
        let (theirs, ours) = (size(&source)?, size(&target)?);
        if mode == "wal" && theirs != ours {
            return Err(self
                .place
                .error(Kind::Conflict, "P1223")
                .with("backup", self.plan.chain.last().map_or("", |(id, _)| id.as_str()))
                .with("theirs", theirs)
                .with("ours", ours));
        }
        let schema = self.schema(&target)?;
        (context.note)(json!({"restore": "swap", "schema": schema}))?;
        {
            let writing = Backup::new(&source, &mut target).map_err(told)?;
            let mut locked_since = Instant::now();
            loop {
                // Ending here leaves the database as it was: SQLite rolls the transaction back.
                context.stop.check()?;
                match writing.step(STEP).map_err(told)? {
                    StepResult::Done => break,
                    StepResult::Busy | StepResult::Locked => {
                        if locked_since.elapsed() > PATIENCE {
                            return Err(self.place.error(Kind::Unavailable, "P1209"));
                        }
                        context.stop.wait(BETWEEN);
                    }
                    _ => {
                        locked_since = Instant::now();
                        let at = writing.progress();
                        let total = u64::try_from(at.pagecount).unwrap_or(0) * u64::from(theirs);
                        let left = u64::try_from(at.remaining).unwrap_or(0) * u64::from(theirs);
                        progress(
                            context,
                            "database-progress-restore",
                            total.saturating_sub(left),
                            total,
                        );
                    }
                }
            }
        }
        // Gives the space of the log back, where no reader still needs it.
        let _ = target.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
        Ok(())
    }

    /// Puts the restored file in the place of one that cannot be read, which is kept aside. Can be repeated at any point.
    fn replace(&self, context: &mut Context<'_>, from: &Path) -> Result<()> {
        let new = self.new_file();
        let at_new = |error: std::io::Error| io_at(&new, &error);
        context.stop.check()?;
        fs::copy(from, &new).map_err(at_new)?;
        // Level 0 may be there for its owner to read only; the database is not.
        let meta = fs::metadata(&self.place.file).or_else(|_| fs::metadata(self.aside("")));
        if let Ok(meta) = meta {
            fs::set_permissions(&new, meta.permissions()).map_err(at_new)?;
        }
        File::open(&new)
            .and_then(|file| file.sync_all())
            .map_err(at_new)?;
        // A log that is left beside the new file would be replayed into it.
        for ending in ["-wal", "-journal", "-shm", ""] {
            let old = self.beside(ending);
            if old.exists() && !self.aside(ending).exists() {
                fs::rename(&old, self.aside(ending)).map_err(|error| io_at(&old, &error))?;
            }
        }
        fs::rename(&new, &self.place.file).map_err(at_new)?;
        let folder = self.place.file.parent().unwrap_or(Path::new("/"));
        File::open(folder)
            .and_then(|folder| folder.sync_all())
            .map_err(|error| io_at(folder, &error))
    }

    /// What a restore replies when it is done.
    fn restored(&self, context: &Context<'_>) -> Result<Restored> {
        let snapshot = Snapshot::take(self.place)?;
        let found = self.catalogue.look()?;
        let former = self.plan.former.clone().filter(|id| {
            let made = |entry: &&Entry| entry.id == *id && entry.key == self.key;
            found.entries.iter().any(|entry| made(&entry))
        });
        let aside = self.aside("");
        Ok(Restored {
            backup: self
                .plan
                .chain
                .last()
                .map(|(id, _)| id.clone())
                .unwrap_or_default(),
            chain: self.plan.chain.iter().map(|(id, _)| id.clone()).collect(),
            former,
            aside: aside.exists().then(|| aside.display().to_string()),
            size: snapshot.extent.bytes(),
            digest: Some(snapshot.digest(context.stop)?.to_string()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_note_tells_how_far_an_attempt_came() {
        assert_eq!(former(&[]), Former::Untouched);
        let swap = |schema: i64| json!({"restore": "swap", "schema": schema});
        assert_eq!(former(&[swap(3), swap(5)]), Former::Swapping(5));
        assert_eq!(
            former(&[swap(3), json!({"restore": "replace", "present": true})]),
            Former::Replacing(true)
        );
    }

    #[test]
    fn the_version_of_the_schema_tells_what_became_of_it() {
        assert_eq!(became(4, 4), Became::Nothing);
        assert_eq!(became(4, 5), Became::All);
        assert_eq!(became(4, 6), Became::Unclear(4, 6));
        assert_eq!(became(4, 3), Became::Unclear(4, 3));
    }
}
