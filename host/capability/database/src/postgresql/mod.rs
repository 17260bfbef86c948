//! The driver `postgresql`: a cluster of PostgreSQL, with its backups by pgBackRest.
//!
//! - `settings`: what the site says; `connect`: connections
//! - `sql`, `lexer`, `values`: the statements of procedures; `checksum`: what tables hold, in short
//! - `status`, `cluster`: how the cluster is, stopping and starting it
//! - `dump`: logical copies
//! - `backrest`: what pgBackRest says; `follow`: its jobs; `backup`: making and verifying; `restore`: going back
//!
//! A backup's name is pgBackRest's label. `LABEL+` means: that backup, and all that its timeline has in the archive; so the
//! state before a restore is named, for no transaction that was committed before the cluster was stopped is missing in it.

mod backrest;
mod backup;
mod checksum;
mod cluster;
mod connect;
mod dump;
mod follow;
mod lexer;
mod restore;
pub(crate) mod settings;
mod sql;
mod status;
mod values;

use crate::driver::{
    Affected, BackupPlan, BackupRecord, Driver, Mode, Removed, RestoreOptions, RestorePlan, Restored, Rows,
    StatusReport, TableChecksum,
};
use backrest::Entry;
use connect::Server;
use dump::Dump;
use procedo_core::capability::{Context, Stop};
use procedo_core::change::{Call, Probe, Undo};
use procedo_core::effect::OperationName;
use procedo_core::message::Message;
use procedo_core::value::Value;
use procedo_core::{Kind, Result};
use serde_json::json;
use settings::Host;

/// A database of a cluster of PostgreSQL.
pub(crate) struct Postgresql {
    pub(crate) server: Server,
    /// The machine with the cluster and its backups, where the site names it.
    pub(crate) host: Option<Host>,
}

/// A backup's label, and whether its timeline is meant up to its end.
pub(crate) fn label_of(id: &str) -> (&str, bool) {
    match id.strip_suffix('+') {
        Some(label) => (label, true),
        None => (id, false),
    }
}

impl Postgresql {
    fn expect_digest(&self, label: &str, expect: Option<&str>, stop: &Stop) -> Result<String> {
        let found = self.digest(label, stop)?;
        match expect {
            Some(expected) if expected != found => Err(self
                .server
                .error(Kind::Conflict, "P1227")
                .with("backup", label)
                .with("expected", expected)
                .with("found", &found)),
            _ => Ok(found),
        }
    }

    /// The dump of this name, if there is one; it has to be the expected one.
    fn expected_dump(&self, id: &str, expect: Option<&str>) -> Result<Option<Dump>> {
        let Some(dump) = self.dump(id, &Stop::default())? else {
            return Ok(None);
        };
        match (expect, dump.record.digest.as_deref()) {
            (Some(expected), found) if found != Some(expected) => Err(self
                .server
                .error(Kind::Conflict, "P1227")
                .with("backup", id)
                .with("expected", expected)
                .with("found", found.unwrap_or_default())),
            _ => Ok(Some(dump)),
        }
    }

    /// The dump that a plan means, if it means one.
    fn planned_dump(&self, plan: &RestorePlan, stop: &Stop) -> Result<Option<Dump>> {
        match plan.chain.last() {
            Some((id, _)) => self.dump(id, stop),
            None => Ok(None),
        }
    }

    /// A backup that can be removed, if it is there: none builds upon it.
    fn removable(&self, id: &str, expect: Option<&str>) -> Result<Option<(Entry, String)>> {
        if self.host()?.stanza.is_none() {
            return Ok(None);
        }
        let stop = Stop::default();
        let (label, _) = label_of(id);
        let entries = self.entries(&stop)?;
        let Some(entry) = entries.iter().find(|entry| entry.label == label) else {
            return Ok(None);
        };
        let upon = entries.iter().filter(|other| {
            let chain = other.chain();
            chain[..chain.len() - 1].iter().any(|needed| needed == label)
        });
        let upon: Vec<&str> = upon.map(|other| other.label.as_str()).collect();
        if !upon.is_empty() {
            return Err(self
                .server
                .error(Kind::Conflict, "P1221")
                .with("backup", label)
                .with("upon", upon.join(", ")));
        }
        let digest = self.expect_digest(label, expect, &stop)?;
        Ok(Some((entry.clone(), digest)))
    }
}

impl Driver for Postgresql {
    fn name(&self) -> &str {
        &self.server.name
    }

    fn driver(&self) -> &'static str {
        "postgresql"
    }

    fn identity(&self) -> Option<String> {
        let host = self.host.as_ref();
        let machine = host.map_or("", |host| host.machine.name());
        let stanza = host.and_then(|host| host.stanza.as_deref()).unwrap_or_default();
        Some(format!("postgresql:{} {machine} {stanza}", self.server.place()))
    }

    fn status(&self, stop: &Stop) -> Result<StatusReport> {
        self.look(stop)
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
        self.server.probe_execute(context)
    }

    fn backups(&self) -> Result<Vec<BackupRecord>> {
        let stop = Stop::default();
        let told = |entry: &Entry| match self.digest(&entry.label, &stop) {
            Ok(digest) => Ok(entry.record(Some(digest), false)),
            // It is listed, and whoever uses it is told what is wrong.
            Err(error) if error.code == "P1213" => Ok(entry.record(None, false)),
            Err(error) => Err(error),
        };
        let mut records: Vec<_> = self.dumps(&stop)?.into_iter().map(|dump| dump.record).collect();
        if self.host()?.stanza.is_some() || self.host()?.dumps.is_none() {
            let physical: Result<Vec<_>> = self.entries(&stop)?.iter().map(told).collect();
            records.extend(physical?);
        }
        // Both are told to the second, in the same form.
        records.sort_by(|one, other| one.started.cmp(&other.started));
        Ok(records)
    }

    fn plan_backup(&self, level: u8, destination: Option<&str>) -> Result<BackupPlan> {
        if level > 2 {
            return Err(self.server.error(Kind::Invalid, "P1219").with("level", level));
        }
        match destination {
            None | Some("") => self.plan_physical(level),
            Some(destination) => match dump::folder_of(destination) {
                Some(_) if level > 0 => Err(self.not_offered(&format!("level {level}, {destination}"))),
                Some(folder) => self.plan_dump(folder, destination),
                None => Err(self
                    .server
                    .error(Kind::Invalid, "P1273")
                    .with("destination", destination)),
            },
        }
    }

    fn backup(&self, context: &mut Context<'_>, plan: &BackupPlan) -> Result<BackupRecord> {
        let destination = plan.destination.as_deref().unwrap_or_default();
        match dump::folder_of(destination) {
            Some(folder) => self.make_dump(context, &context.key(), &plan.id, folder, destination),
            None => self.back_up(context, plan),
        }
    }

    fn probe_backup(&self, context: &mut Context<'_>, plan: &BackupPlan) -> Result<Probe<BackupRecord>> {
        match plan.destination.as_deref().and_then(dump::folder_of) {
            Some(_) => self.probe_dump(context),
            None => self.probe_physical(context),
        }
    }

    fn remove_backup(&self, id: &str, expect: Option<&str>) -> Result<Removed> {
        if let Some(dump) = self.expected_dump(id, expect)? {
            return self.remove_dump(&dump, &Stop::default());
        }
        let Some((entry, _)) = self.removable(id, expect)? else {
            return Ok(Removed {
                removed: false,
                bytes: 0,
            });
        };
        self.expire(&entry.label, &Stop::default())?;
        Ok(Removed {
            removed: true,
            bytes: entry.record(None, false).size,
        })
    }

    fn plan_remove(&self, id: &str, expect: Option<&str>) -> Result<Option<BackupRecord>> {
        if let Some(dump) = self.expected_dump(id, expect)? {
            return Ok(Some(dump.record));
        }
        let found = self.removable(id, expect)?;
        Ok(found.map(|(entry, digest)| entry.record(Some(digest), false)))
    }

    fn verify(&self, context: &mut Context<'_>, id: &str) -> Result<BackupRecord> {
        match self.dump(id, context.stop)? {
            Some(dump) => self.verify_dump(&dump, context.stop),
            None => self.verify_physical(context, label_of(id).0),
        }
    }

    fn plan_restore(&self, id: Option<&str>, options: &RestoreOptions, stop: &Stop) -> Result<RestorePlan> {
        match id.map(|id| self.dump(id, stop)).transpose()?.flatten() {
            Some(_) if options.up_to.is_some() => Err(self.not_offered("up-to, pg_dump")),
            Some(dump) => self.plan_undump(&dump, options),
            None => self.plan_going_back(id, options, stop),
        }
    }

    fn restore(&self, context: &mut Context<'_>, plan: &RestorePlan) -> Result<Restored> {
        match self.planned_dump(plan, context.stop)? {
            Some(dump) => self.undump(context, &dump, plan),
            None => self.go_back(context, plan),
        }
    }

    fn probe_restore(&self, context: &mut Context<'_>, plan: &RestorePlan) -> Result<Probe<Restored>> {
        match self.planned_dump(plan, context.stop)? {
            Some(_) => self.probe_undump(context),
            None => self.probe_going_back(context),
        }
    }

    fn undo_restore(&self, context: &mut Context<'_>, restored: &Restored) -> Result<Undo> {
        let database = &self.server.name;
        let Some(former) = &restored.former else {
            let reason = Message::new("database-undo-not-kept").with("database", database);
            return Ok(Undo::Irreversible { reason });
        };
        let digest = match self.dump(former, context.stop)? {
            Some(dump) => dump.record.digest.unwrap_or_default(),
            None => self.digest(label_of(former).0, context.stop)?,
        };
        let calls = vec![Call {
            operation: OperationName::new("database", "restore"),
            args: json!({"database": database, "backup": former, "options": {"expect": digest}}),
        }];
        let present = self.state_digest(context.stop)?;
        Ok(if restored.digest.as_deref() == Some(present.as_str()) {
            Undo::Calls { calls }
        } else {
            Undo::Conflict {
                reason: Message::new("database-undo-changed").with("database", database),
                calls,
            }
        })
    }

    fn go_online(&self, context: &mut Context<'_>) -> Result<StatusReport> {
        let status = self.look(context.stop)?;
        match status.mode {
            Mode::Online => Ok(status),
            Mode::Offline | Mode::Starting => self.start_cluster(context.stop),
            // A standby, a recovery that is paused, or files that were not restored whole: not to be forced from here.
            _ => Err(self
                .server
                .error(Kind::Unavailable, "P1228")
                .with("detail", &status.detail)),
        }
    }

    fn checksums(&self, stop: &Stop) -> Result<Vec<TableChecksum>> {
        self.server.checksums(stop)
    }
}
