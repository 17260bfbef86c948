//! The driver `informix`: a server on a machine of the site, by its own tools `onstat`, `onmode`, `oninit`, `ontape` and `onbar`.
//!
//! - `settings`, `server`: what the site and the server's configuration say; the server's mode
//! - `onstat`, `dialogue`, `bar`: what the tools say, read; pure
//! - `files`, `medium`, `catalogue`: files of the machine; archives laid out for `ontape`; the backups that are kept
//! - `backup`, `restore`: the work, as jobs that outlive Procedo; `broken`: how a restore ends that did not come about
//! - `access`: SQL by `dbaccess`; `statement`: what may be said to it; `unload`: what it says; pure
//!
//! What a backup's `verified` means here: the tool, and the server after it, say that the archive was made, and its file was
//! read once more for its digest, so that every later change of a byte is found before it is restored. It does not mean that
//! somebody restored it: `archecker` is not used. A tape or a storage manager is not read again, and not called verified.

mod access;
mod backup;
mod bar;
mod broken;
mod catalogue;
mod dialogue;
mod files;
mod medium;
mod onstat;
mod reader;
mod restore;
mod server;
mod session;
pub(crate) mod settings;
mod statement;
mod steps;
mod unload;

use crate::driver::{
    Affected, BackupPlan, BackupRecord, Driver, Mode, Removed, RestoreOptions, RestorePlan, Restored, Rows,
    StatusReport, TableChecksum,
};
use backup::Making;
use catalogue::{Catalogue, Entry, Found};
use procedo_core::capability::{Context, Stop};
use procedo_core::change::{Call, Probe, Undo};
use procedo_core::effect::OperationName;
use procedo_core::message::Message;
use procedo_core::value::Value;
use procedo_core::{Error, Kind, Result};
use procedo_machine::{JobState, Machine};
use restore::Restoring;
use serde_json::json;
use server::Server;
use settings::{Method, Settings};
use std::sync::Arc;

/// The job of a backup that a procedure asked for.
const BACKUP: &str = "backup";

/// An Informix server of the site.
pub(crate) struct Informix {
    server: Server,
}

impl Informix {
    /// The server of these settings. Nothing is connected to yet.
    pub(crate) fn new(name: &str, machine: Arc<dyn Machine>, settings: Settings) -> Self {
        Self {
            server: Server {
                name: name.to_owned(),
                machine,
                settings,
            },
        }
    }

    fn catalogue(&self) -> Catalogue<'_> {
        Catalogue { server: &self.server }
    }

    fn error(&self, kind: Kind, code: &str) -> Error {
        self.server.error(kind, code)
    }

    fn making<'a>(&'a self, plan: &'a BackupPlan, key: &'a str) -> Making<'a> {
        Making {
            server: &self.server,
            plan,
            key,
            job: BACKUP,
        }
    }

    /// How much the server holds, and whether there is space for an archive of it.
    fn estimate(&self, folder: &str) -> Result<u64> {
        let chunks = self.server.chunks(&Stop::default())?;
        let used = chunks.iter().map(|chunk| chunk.used).sum();
        if self.server.settings.method.keeps_files() {
            let device = self.server.onconfig()?.tapedev;
            self.server.expect_space(&device, used)?;
            // The folder may not be there yet.
            let mut there = folder;
            while self.server.machine.stat(there)?.is_none() {
                there = there.rsplit_once('/').map_or("", |(above, _)| above);
                if there.is_empty() {
                    there = "/";
                }
            }
            self.server.expect_space(there, used)?;
        }
        Ok(used)
    }

    /// What a backup of this level builds upon: the backup that the server itself remembers as the archive one level below.
    fn base(&self, found: &Found, level: u8) -> Result<Option<Entry>> {
        let Some(lower) = level.checked_sub(1) else {
            return Ok(None);
        };
        let archives = self.server.archives(&Stop::default())?;
        let archived = onstat::of_level(&archives, lower);
        let unknown = |date: &str| {
            self.error(Kind::Conflict, "P1236")
                .with("level", level)
                .with("lower", lower)
                .with("date", date)
        };
        let archived = archived.ok_or_else(|| unknown("–"))?;
        let base = found
            .of_archive(archived)
            .ok_or_else(|| unknown(&archived.date))?;
        found.chain(&self.server.name, &base.id)?;
        Ok(Some(base.clone()))
    }

    fn expect(&self, entry: &Entry, expect: Option<&str>) -> Result<()> {
        match expect {
            Some(expected) if expected != entry.digest => Err(self
                .error(Kind::Conflict, "P1227")
                .with("backup", &entry.id)
                .with("expected", expected)
                .with("found", &entry.digest)),
            _ => Ok(()),
        }
    }

    fn removable(&self, id: &str, expect: Option<&str>) -> Result<Option<Entry>> {
        let found = self.catalogue().look()?;
        let entry = match found.get(&self.server.name, id) {
            Ok(entry) => entry.clone(),
            Err(error) if error.code == "P1211" => return Ok(None),
            Err(error) => return Err(error),
        };
        self.expect(&entry, expect)?;
        let upon = found.upon(id);
        if !upon.is_empty() {
            return Err(self
                .error(Kind::Conflict, "P1221")
                .with("backup", id)
                .with("upon", upon.join(", ")));
        }
        self.server.expect_unclaimed()?;
        Ok(Some(entry))
    }

    /// Checks of a chain what can be checked without reading it whole or altering anything.
    fn check_chain(&self, found: &Found, chain: &[Entry]) -> Result<()> {
        let method = self.server.settings.method;
        for entry in chain {
            if entry.method != method.name() {
                return Err(self.not_offered(&format!("method = {} ({})", entry.method, entry.id)));
            }
            self.catalogue().check_size(entry)?;
        }
        let newest = found.entries.last().map(|entry| entry.id.as_str());
        let last = chain.last().map(|entry| entry.id.as_str());
        if method == Method::Onbar && newest != last {
            return Err(self.not_offered(&format!(
                "onbar -r: {} ≠ {}",
                last.unwrap_or("–"),
                newest.unwrap_or("–")
            )));
        }
        self.server.expect_chunks(chain)
    }
}

impl Driver for Informix {
    fn name(&self) -> &str {
        &self.server.name
    }

    fn driver(&self) -> &'static str {
        "informix"
    }

    fn identity(&self) -> Option<String> {
        let machine = self.server.machine.identity().ok()?;
        let settings = &self.server.settings;
        Some(format!(
            "informix:{}:{}@{machine}",
            settings.server, settings.folder
        ))
    }

    fn status(&self, stop: &Stop) -> Result<StatusReport> {
        self.server.status(stop)
    }

    fn query(&self, sql: &str, parameters: &[Value], stop: &Stop) -> Result<Rows> {
        self.server.query(sql, parameters, stop)
    }

    fn check(&self, sql: &str, parameters: &[Value]) -> Result<()> {
        self.server.check(sql, parameters)
    }

    fn execute(&self, context: &mut Context<'_>, sql: &str, parameters: &[Value]) -> Result<Affected> {
        self.server.execute(context, sql, parameters)
    }

    fn probe_execute(&self, context: &mut Context<'_>) -> Result<Probe<Affected>> {
        Ok(self.server.probe_execute(context))
    }

    fn backups(&self) -> Result<Vec<BackupRecord>> {
        Ok(self.catalogue().look()?.records(Entry::record))
    }

    fn plan_backup(&self, level: u8, destination: Option<&str>) -> Result<BackupPlan> {
        if level > 2 {
            return Err(self.error(Kind::Invalid, "P1219").with("level", level));
        }
        let method = self.server.settings.method;
        if destination.is_some() && !method.keeps_files() {
            return Err(self.not_offered("destination"));
        }
        let catalogue = self.catalogue();
        let folder = catalogue.folder(catalogue.destination(destination)?);
        let report = self.server.report(&Stop::default())?;
        if !matches!(report.mode, Mode::Online | Mode::Quiescent | Mode::Administration) {
            return Err(self.server.not_running(&report.words));
        }
        let onconfig = self.server.onconfig()?;
        self.server.check_medium(&onconfig)?;
        let found = catalogue.look()?;
        let base = self.base(&found, level)?;
        Ok(BackupPlan {
            id: catalogue.id(found.next(), level),
            level,
            base: base.as_ref().map(|base| base.id.clone()),
            base_digest: base.map(|base| base.digest),
            destination: destination.map(str::to_owned),
            estimate: self.estimate(&folder)?,
            place: match method {
                Method::Directory | Method::File => folder,
                Method::Tape => onconfig.tapedev,
                Method::Onbar => "onbar".to_owned(),
            },
        })
    }

    fn backup(&self, context: &mut Context<'_>, plan: &BackupPlan) -> Result<BackupRecord> {
        let key = context.key();
        let making = self.making(plan, &key);
        self.server.claim(&key)?;
        let made = making.make(context);
        // As long as there is a job, nobody else may touch what it writes to.
        if made.is_ok() || matches!(self.server.machine.find_job(&making.job_key()), Ok(None)) {
            self.server.release(&key)?;
        }
        made.map(|entry| entry.record())
    }

    fn probe_backup(&self, context: &mut Context<'_>, plan: &BackupPlan) -> Result<Probe<BackupRecord>> {
        let key = context.key();
        let making = self.making(plan, &key);
        let job = self.server.machine.find_job(&making.job_key())?;
        let running = match &job {
            Some(job) => matches!(job.state()?, JobState::Running { .. }),
            None => false,
        };
        if running {
            return Ok(Probe::Running);
        }
        let entry = making.made(&self.catalogue().look()?);
        // What is left of the work besides the backup itself is done by performing again.
        let left = job.is_some() || self.server.holds(&key)?;
        Ok(match entry {
            Some(entry) if !left => Probe::Applied(entry.record()),
            None if job.is_none() => Probe::NotApplied,
            _ => Probe::Partial,
        })
    }

    fn remove_backup(&self, id: &str, expect: Option<&str>) -> Result<Removed> {
        let entry = self.removable(id, expect)?;
        if let Some(entry) = &entry {
            self.catalogue().remove(entry)?;
        }
        Ok(Removed {
            removed: entry.is_some(),
            bytes: entry.map_or(0, |entry| if entry.is_file() { entry.bytes } else { 0 }),
        })
    }

    fn plan_remove(&self, id: &str, expect: Option<&str>) -> Result<Option<BackupRecord>> {
        Ok(self.removable(id, expect)?.as_ref().map(Entry::record))
    }

    fn verify(&self, context: &mut Context<'_>, id: &str) -> Result<BackupRecord> {
        let catalogue = self.catalogue();
        let chain = catalogue.look()?.chain(&self.server.name, id)?;
        for entry in &chain {
            catalogue.check(entry, context.stop)?;
        }
        let last = chain.last().map(Entry::record);
        last.ok_or_else(|| {
            self.error(Kind::NotFound, "P1211")
                .with("backup", id)
                .with("known", "")
        })
    }

    fn plan_restore(&self, id: Option<&str>, options: &RestoreOptions, stop: &Stop) -> Result<RestorePlan> {
        if options.up_to.is_some() {
            return Err(self.not_offered("up-to"));
        }
        let name = &self.server.name;
        let catalogue = self.catalogue();
        let found = catalogue.look()?;
        let newest = found.entries.last().map(|entry| entry.id.as_str());
        let chain = found.chain(name, id.or(newest).unwrap_or("–"))?;
        let last = &chain[chain.len() - 1];
        self.expect(last, options.expect.as_deref())?;
        self.check_chain(&found, &chain)?;
        self.server.expect_unclaimed()?;
        let onconfig = self.server.onconfig()?;
        let report = self.server.report(stop)?;
        if report.mode != Mode::Offline && report.version != last.version {
            return Err(self
                .error(Kind::Conflict, "P1249")
                .with("backup", &last.id)
                .with("theirs", &last.version)
                .with("ours", report.version));
        }
        let keep = options.keep_present.unwrap_or(true);
        if keep && self.server.settings.method == Method::Onbar {
            // It restores its newest backup, which would then be the present state.
            return Err(self.not_offered("onbar: keep-present ≠ false"));
        }
        if keep {
            if !matches!(report.mode, Mode::Online | Mode::Quiescent | Mode::Administration) {
                return Err(self.error(Kind::Unavailable, "P1242").with("words", report.words));
            }
            self.server.check_medium(&onconfig)?;
            self.estimate(&catalogue.folder(""))?;
        }
        Ok(RestorePlan {
            former: keep.then(|| catalogue.id(found.next(), 0)),
            size: chain.iter().map(|entry| entry.bytes).sum(),
            state_of: last.started.clone(),
            mode: report.mode,
            target: None,
            skipped: Vec::new(),
            chain: chain.into_iter().map(|entry| (entry.id, entry.digest)).collect(),
        })
    }

    fn restore(&self, context: &mut Context<'_>, plan: &RestorePlan) -> Result<Restored> {
        let key = context.key();
        Restoring::new(&self.server, plan, &key, context.notes).perform(context)
    }

    fn probe_restore(&self, context: &mut Context<'_>, plan: &RestorePlan) -> Result<Probe<Restored>> {
        let key = context.key();
        Restoring::new(&self.server, plan, &key, context.notes).probe(context)
    }

    fn undo_restore(&self, _context: &mut Context<'_>, restored: &Restored) -> Result<Undo> {
        let database = &self.server.name;
        let Some(former) = &restored.former else {
            return Ok(Undo::Irreversible {
                reason: Message::new("database-undo-not-kept").with("database", database),
            });
        };
        let found = self.catalogue().look()?;
        let entry = found.get(database, former)?;
        // The server does not tell whether its content was altered since.
        Ok(Undo::Conflict {
            reason: Message::new("database-undo-informix").with("database", database),
            calls: vec![Call {
                operation: OperationName::new("database", "restore"),
                args: json!({
                    "database": database,
                    "backup": former,
                    "options": {"expect": entry.digest},
                }),
            }],
        })
    }

    fn go_online(&self, context: &mut Context<'_>) -> Result<StatusReport> {
        self.server.bring_up(context.stop)?;
        self.server.status(context.stop)
    }

    fn checksums(&self, stop: &Stop) -> Result<Vec<TableChecksum>> {
        self.server.checksums(stop)
    }
}
