//! The driver `sqlite`: a database in a file of this machine.
//!
//! - `open`, `sql`: connections, and the statements of procedures
//! - `snapshot`, `still`, `flow`: reading a consistent state; from the file where that holds it; with two threads
//! - `pages`, `changes`: the formats of lists of digests and of increments
//! - `catalogue`: which backups there are; `make`: making one; `verify`: checking a chain of them
//! - `restore`: restoring one; `checksum`: what tables hold, in short

mod catalogue;
mod changes;
mod checksum;
mod flow;
mod make;
mod open;
mod pages;
mod restore;
mod snapshot;
mod sql;
mod still;
mod verify;

pub(crate) use sql::loses;

use crate::driver::{
    Affected, BackupPlan, BackupRecord, Driver, Mode, Removed, RestoreOptions, RestorePlan, Restored, Rows,
    StatusReport, TableChecksum, newest_sound,
};
use catalogue::{Catalogue, Entry, Found};
use open::Place;
use procedo_core::capability::{Context, Stop};
use procedo_core::change::{Call, Probe, Undo};
use procedo_core::effect::OperationName;
use procedo_core::message::Message;
use procedo_core::value::Value;
use procedo_core::{Error, Kind, Result};
use restore::Restoring;
use serde_json::json;
use snapshot::Snapshot;
use std::path::PathBuf;

/// An SQLite database with a folder for its backups.
#[derive(Clone, Debug)]
pub struct Sqlite {
    place: Place,
    catalogue: Catalogue,
}

impl Sqlite {
    /// The database in this file. Neither it nor the folder have to be there yet.
    pub fn new(name: &str, file: PathBuf, backups: PathBuf) -> Self {
        Self {
            place: Place {
                name: name.to_owned(),
                file,
            },
            catalogue: Catalogue {
                database: name.to_owned(),
                folder: backups,
            },
        }
    }

    fn extent(&self) -> Result<(u32, u64, String)> {
        let connection = self.place.open_to_write()?;
        let ask = |pragma: &str| format!("PRAGMA {pragma}");
        let found = || {
            let page = connection.query_row(&ask("page_size"), [], |row| row.get(0))?;
            let pages: u32 = connection.query_row(&ask("page_count"), [], |row| row.get(0))?;
            let mode = connection.query_row(&ask("journal_mode"), [], |row| row.get(0))?;
            Ok((page, u64::from(pages), mode))
        };
        found().map_err(|error: rusqlite::Error| self.place.of_sqlite(&error))
    }

    /// What is needed for level 0 of the present state, in bytes.
    fn size_of_full(&self) -> Result<u64> {
        let (page, pages, _) = self.extent()?;
        // Each page has a digest of 16 bytes, each 8 pages one of 32, and the list its head and end.
        Ok(u64::from(page) * pages + pages * 20 + 160)
    }

    fn expect(&self, entry: &Entry, expect: Option<&str>) -> Result<()> {
        match expect {
            Some(expected) if expected != entry.digest => Err(self
                .place
                .error(Kind::Conflict, "P1227")
                .with("backup", &entry.id)
                .with("expected", expected)
                .with("found", &entry.digest)),
            _ => Ok(()),
        }
    }

    /// The newest backup that can be relied on, and those left out. Its files are read: a mark tells only what was found once.
    fn newest(&self, found: &Found, stop: &Stop) -> Result<(String, Vec<String>)> {
        let name = &self.place.name;
        let mut ids: Vec<&String> = found.entries.iter().map(|entry| &entry.id).collect();
        ids.extend(found.damaged.iter().map(|(id, _)| id));
        ids.sort_by_key(|id| self.catalogue.number(id));
        let check = |id: &&String| {
            let chain = found.chain(name, id)?;
            verify::check_files(&self.place, &self.catalogue, &chain, stop)
        };
        let newest = newest_sound(ids.into_iter().rev(), |id| (*id).clone(), check)?;
        Ok(newest.map_or_else(
            || ("–".to_owned(), Vec::new()),
            |(id, skipped)| (id.clone(), skipped),
        ))
    }

    fn removable(&self, found: &Found, id: &str, expect: Option<&str>) -> Result<Option<Entry>> {
        let entry = match found.get(&self.place.name, id) {
            Ok(entry) => entry.clone(),
            Err(error) if error.kind == Kind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        self.expect(&entry, expect)?;
        let upon = found.upon(id);
        if upon.is_empty() {
            return Ok(Some(entry));
        }
        Err(self
            .place
            .error(Kind::Conflict, "P1221")
            .with("backup", id)
            .with("upon", upon.join(", ")))
    }
}

impl Driver for Sqlite {
    fn name(&self) -> &str {
        &self.place.name
    }

    fn driver(&self) -> &'static str {
        "sqlite"
    }

    fn identity(&self) -> Option<String> {
        Some(format!("sqlite:{}", self.place.file.display()))
    }

    fn status(&self, _stop: &Stop) -> Result<StatusReport> {
        let report = |mode, detail| StatusReport {
            mode,
            version: format!("SQLite {}", rusqlite::version()),
            detail,
        };
        match self.extent() {
            Ok((page, pages, mode)) => Ok(report(
                Mode::Online,
                format!("{pages} × {page} B, journal_mode = {mode}"),
            )),
            Err(error) if error.code == "P1204" => {
                Ok(report(Mode::Offline, self.place.file.display().to_string()))
            }
            Err(error) if error.code == "P1210" => {
                let reason = error.message.args.get("reason").cloned();
                Ok(report(Mode::Damaged, reason.unwrap_or_default()))
            }
            Err(error) => Err(error),
        }
    }

    fn query(&self, sql: &str, parameters: &[Value], stop: &Stop) -> Result<Rows> {
        sql::query(&self.place, sql, parameters, stop)
    }

    fn check(&self, sql: &str, parameters: &[Value]) -> Result<()> {
        sql::check(&self.place, sql, parameters)
    }

    fn execute(&self, context: &mut Context<'_>, sql: &str, parameters: &[Value]) -> Result<Affected> {
        sql::execute(&self.place, &context.key(), sql, parameters, context.stop)
    }

    fn probe_execute(&self, context: &mut Context<'_>) -> Result<Probe<Affected>> {
        let done = sql::executed(&self.place, &context.key())?;
        Ok(done.map_or(Probe::NotApplied, Probe::Applied))
    }

    fn backups(&self) -> Result<Vec<BackupRecord>> {
        let found = self.catalogue.look()?;
        let told = |entry: &Entry| entry.record(found.is_well(&self.place.name, &entry.id));
        Ok(found.records(told))
    }

    fn plan_backup(&self, level: u8, destination: Option<&str>) -> Result<BackupPlan> {
        if level > 2 {
            return Err(self.place.error(Kind::Invalid, "P1219").with("level", level));
        }
        let place = self.catalogue.place(self.catalogue.destination(destination)?);
        let full = self.size_of_full()?;
        let found = self.catalogue.look()?;
        let base = match level {
            0 => None,
            _ => Some(
                found
                    .base_for(&self.place.name, level)
                    .ok_or_else(|| self.place.error(Kind::Conflict, "P1212").with("level", level))?,
            ),
        };
        if let Some(base) = base {
            for entry in &found.chain(&self.place.name, &base.id)? {
                verify::check_sizes(&self.place, &self.catalogue, entry)?;
            }
        } else {
            Catalogue::expect_space(&place, full)?;
        }
        Ok(BackupPlan {
            id: self.catalogue.id(found.next(), level),
            level,
            base: base.map(|base| base.id.clone()),
            base_digest: base.map(|base| base.digest.clone()),
            destination: destination.map(str::to_owned),
            place: place.display().to_string(),
            estimate: full,
        })
    }

    fn backup(&self, context: &mut Context<'_>, plan: &BackupPlan) -> Result<BackupRecord> {
        let destination = self.catalogue.destination(plan.destination.as_deref())?;
        let held = self.catalogue.hold(destination)?;
        let key = context.key();
        make::make(&self.place, &self.catalogue, &held, context, plan, &key).map(|entry| entry.record(true))
    }

    fn probe_backup(&self, context: &mut Context<'_>, plan: &BackupPlan) -> Result<Probe<BackupRecord>> {
        let found = self.catalogue.look()?;
        let ours = |entry: &&Entry| entry.id == plan.id && entry.key == context.key();
        Ok(match found.entries.iter().find(ours) {
            Some(entry) => Probe::Applied(entry.record(true)),
            // What it wrote so far has no name of a backup, or no entry, and is swept by the next attempt.
            None => Probe::NotApplied,
        })
    }

    fn remove_backup(&self, id: &str, expect: Option<&str>) -> Result<Removed> {
        let _held = self.catalogue.hold("")?;
        let entry = self.removable(&self.catalogue.look()?, id, expect)?;
        if let Some(entry) = &entry {
            self.catalogue.remove(entry)?;
        }
        Ok(Removed {
            removed: entry.is_some(),
            bytes: entry.map_or(0, |entry| entry.bytes),
        })
    }

    fn plan_remove(&self, id: &str, expect: Option<&str>) -> Result<Option<BackupRecord>> {
        let found = self.catalogue.look()?;
        let entry = self.removable(&found, id, expect)?;
        Ok(entry.map(|entry| entry.record(found.is_well(&self.place.name, &entry.id))))
    }

    fn verify(&self, context: &mut Context<'_>, id: &str) -> Result<BackupRecord> {
        let held = self.catalogue.hold("")?;
        let chain = self.catalogue.look()?.chain(&self.place.name, id)?;
        verify::assemble(&self.place, &self.catalogue, &held, context, &chain)?;
        let last = chain.last().map(|entry| entry.record(true));
        last.ok_or_else(|| {
            self.place
                .error(Kind::NotFound, "P1211")
                .with("backup", id)
                .with("known", "")
        })
    }

    fn plan_restore(&self, id: Option<&str>, options: &RestoreOptions, stop: &Stop) -> Result<RestorePlan> {
        if options.up_to.is_some() {
            return Err(self.not_offered("up-to"));
        }
        let found = self.catalogue.look()?;
        let (id, skipped) = match id {
            Some(id) => (id.to_owned(), Vec::new()),
            None => self.newest(&found, stop)?,
        };
        let chain = found.chain(&self.place.name, &id)?;
        for entry in &chain {
            verify::check_sizes(&self.place, &self.catalogue, entry)?;
        }
        let last = &chain[chain.len() - 1];
        self.expect(last, options.expect.as_deref())?;
        let size = last.pages * u64::from(last.page);
        let mode = self.status(stop)?.mode;
        let keep = options.keep_present.unwrap_or(true) && mode == Mode::Online;
        let mut needed = if keep { self.size_of_full()? } else { 0 };
        if chain.len() > 1 {
            needed += verify::size_of(&chain);
        }
        Catalogue::expect_space(&self.catalogue.folder, needed)?;
        // What is overwritten, or what overwrites it, lies in SQLite's log beside the database until it is committed.
        Catalogue::expect_space(self.place.file.parent().unwrap_or(&self.place.file), size)?;
        Ok(RestorePlan {
            former: keep.then(|| self.catalogue.id(found.next(), 0)),
            size,
            state_of: last.started.clone(),
            target: None,
            mode,
            skipped,
            chain: chain.into_iter().map(|entry| (entry.id, entry.digest)).collect(),
        })
    }

    fn restore(&self, context: &mut Context<'_>, plan: &RestorePlan) -> Result<Restored> {
        let key = context.key();
        let held = self.catalogue.hold("")?;
        self.restoring(plan, &key).perform(&held, context)
    }

    fn probe_restore(&self, context: &mut Context<'_>, plan: &RestorePlan) -> Result<Probe<Restored>> {
        let key = context.key();
        self.restoring(plan, &key).probe(context)
    }

    fn undo_restore(&self, context: &mut Context<'_>, restored: &Restored) -> Result<Undo> {
        let Some(former) = &restored.former else {
            let why = match &restored.aside {
                Some(aside) => Message::new("database-undo-aside").with("aside", aside),
                None => Message::new("database-undo-not-kept"),
            };
            return Ok(Undo::Irreversible {
                reason: why.with("database", &self.place.name),
            });
        };
        let found = self.catalogue.look()?;
        let entry = found.get(&self.place.name, former)?;
        let calls = vec![Call {
            operation: OperationName::new("database", "restore"),
            args: json!({
                "database": self.place.name,
                "backup": former,
                "options": {"expect": entry.digest},
            }),
        }];
        let present = Snapshot::take(&self.place)?.digest(context.stop)?.to_string();
        Ok(if restored.digest.as_deref() == Some(present.as_str()) {
            Undo::Calls { calls }
        } else {
            Undo::Conflict {
                reason: Message::new("database-undo-changed").with("database", &self.place.name),
                calls,
            }
        })
    }

    fn go_online(&self, context: &mut Context<'_>) -> Result<StatusReport> {
        let status = self.status(context.stop)?;
        match status.mode {
            Mode::Online => Ok(status),
            _ => Err(self.not_online(&status)),
        }
    }

    fn checksums(&self, stop: &Stop) -> Result<Vec<TableChecksum>> {
        checksum::checksums(&self.place, stop)
    }
}

impl Sqlite {
    fn restoring<'a>(&'a self, plan: &'a RestorePlan, key: &'a str) -> Restoring<'a> {
        Restoring {
            place: &self.place,
            catalogue: &self.catalogue,
            plan,
            key,
        }
    }

    /// A file is a database or it is not; there is nothing to start.
    fn not_online(&self, status: &StatusReport) -> Error {
        self.place
            .error(Kind::Unavailable, "P1228")
            .with("detail", &status.detail)
    }
}
