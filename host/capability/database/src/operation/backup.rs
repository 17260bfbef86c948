//! Making and removing backups: `backup`, `remove-backup`.

use crate::driver::{BackupPlan, BackupRecord, Removed};
use crate::operation::{Layer, kept, read};
use crate::settings::Databases;
use procedo_core::capability::{Context, Operation};
use procedo_core::change::{Assumed, Call, Change, Planned, Probe, Undo};
use procedo_core::effect::{Effect, OperationName, ResourceName};
use procedo_core::message::Message;
use procedo_core::value::Value;
use procedo_core::{Kind, Result};
use procedo_machine::heard;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use std::sync::Arc;

/// The arguments of `backup`.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct BackupArgs {
    database: String,
    level: u8,
    destination: Option<String>,
}

/// The arguments of `remove-backup`.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct RemoveArgs {
    database: String,
    backup: String,
    expect: Option<String>,
}

/// Makes a backup.
pub(crate) struct Backup(pub(crate) Arc<Databases>);

/// Removes a backup.
pub(crate) struct RemoveBackup(pub(crate) Arc<Databases>);

impl Operation for Backup {
    type Args = BackupArgs;
    type Reply = BackupRecord;

    fn resource(&self, args: &BackupArgs) -> ResourceName {
        args.database.clone()
    }

    fn effect(&self, _args: &BackupArgs) -> Effect {
        Effect::Write
    }

    fn identity(&self, args: &BackupArgs) -> Option<String> {
        self.0.get(&args.database).ok()?.identity()
    }

    fn plan(&self, context: &mut Context<'_>, args: &BackupArgs) -> Result<Planned<BackupRecord>> {
        let driver = self.0.get(&args.database)?;
        let layer = context.overlay.part::<Layer>();
        let earlier = layer.backups.entry(args.database.clone()).or_default();
        let below = earlier
            .iter()
            .rev()
            .find(|planned| planned.level < args.level)
            .cloned();
        let mut plan = match &below {
            // Its base would be there by then, so the plan counts as if it were level 0, and names the base.
            Some(base) => BackupPlan {
                level: args.level,
                base: Some(base.id.clone()),
                ..driver.plan_backup(0, args.destination.as_deref())?
            },
            None => driver.plan_backup(args.level, args.destination.as_deref())?,
        };
        if !earlier.is_empty() {
            plan.id = format!("{}+{}", plan.id, earlier.len());
        }
        let record = BackupRecord {
            id: plan.id.clone(),
            level: plan.level,
            base: plan.base.clone(),
            destination: plan.destination.clone().unwrap_or_default(),
            size: plan.estimate,
            digest: None,
            started: String::new(),
            ended: None,
            verified: true,
        };
        earlier.push(record.clone());
        let change = Change {
            target: format!("{}, level {}", plan.place, plan.level),
            summary: Message::new("database-change-backup")
                .with("database", &args.database)
                .with("level", plan.level)
                .with("place", &plan.place)
                .with("backup", &plan.id)
                .with("bytes", plan.estimate),
            before: Value::Null,
            after: kept(&plan)?,
            bound: Value::Null,
            diff: None,
        };
        Ok(Planned {
            reply: Assumed::Overlaid(record),
            change: Some(change),
        })
    }

    fn perform(&self, context: &mut Context<'_>, args: &BackupArgs, change: &Change) -> Result<BackupRecord> {
        let plan = read(&change.after)?;
        heard(self.0.get(&args.database)?.backup(context, &plan))
    }

    fn probe(
        &self,
        context: &mut Context<'_>,
        args: &BackupArgs,
        change: &Change,
    ) -> Result<Probe<BackupRecord>> {
        let driver = self.0.get(&args.database)?;
        driver.probe_backup(context, &read(&change.after)?)
    }

    fn undo(
        &self,
        _context: &mut Context<'_>,
        args: &BackupArgs,
        _change: &Change,
        reply: &BackupRecord,
    ) -> Result<Undo> {
        let driver = self.0.get(&args.database)?;
        match driver.plan_remove(&reply.id, reply.digest.as_deref()) {
            Ok(None) => Ok(Undo::Nothing),
            Ok(Some(_)) => Ok(Undo::Calls {
                calls: vec![Call {
                    operation: OperationName::new("database", "remove-backup"),
                    args: json!({"database": args.database, "backup": reply.id, "expect": reply.digest}),
                }],
            }),
            // Another was made since that needs it, or it is another backup by now.
            Err(error) if error.kind == Kind::Conflict => Ok(Undo::Irreversible {
                reason: error.message,
            }),
            Err(error) => Err(error),
        }
    }
}

impl Operation for RemoveBackup {
    type Args = RemoveArgs;
    type Reply = Removed;

    fn resource(&self, args: &RemoveArgs) -> ResourceName {
        args.database.clone()
    }

    fn effect(&self, _args: &RemoveArgs) -> Effect {
        Effect::Destructive
    }

    /// Its second time finds nothing to remove.
    fn repeatable(&self) -> bool {
        true
    }

    fn identity(&self, args: &RemoveArgs) -> Option<String> {
        self.0.get(&args.database).ok()?.identity()
    }

    fn plan(&self, context: &mut Context<'_>, args: &RemoveArgs) -> Result<Planned<Removed>> {
        let driver = self.0.get(&args.database)?;
        let layer = context.overlay.part::<Layer>();
        if let Some(planned) = layer.backups.get_mut(&args.database) {
            planned.retain(|planned| planned.id != args.backup);
        }
        let Some(record) = driver.plan_remove(&args.backup, args.expect.as_deref())? else {
            return Ok(Planned::unchanged(Assumed::Real(Removed {
                removed: false,
                bytes: 0,
            })));
        };
        Ok(Planned {
            reply: Assumed::Overlaid(Removed {
                removed: true,
                bytes: record.size,
            }),
            change: Some(Change {
                target: args.backup.clone(),
                summary: Message::new("database-change-remove-backup")
                    .with("database", &args.database)
                    .with("backup", &args.backup)
                    .with("bytes", record.size),
                before: kept(&record)?,
                after: Value::Null,
                bound: json!(record.digest),
                diff: None,
            }),
        })
    }

    fn perform(&self, _context: &mut Context<'_>, args: &RemoveArgs, change: &Change) -> Result<Removed> {
        let record: BackupRecord = read(&change.before)?;
        // What was planned is removed, not another backup that has got its name.
        let expect = record.digest.as_deref();
        let driver = self.0.get(&args.database)?;
        heard(driver.remove_backup(&args.backup, expect))
    }

    fn probe(
        &self,
        _context: &mut Context<'_>,
        _args: &RemoveArgs,
        _change: &Change,
    ) -> Result<Probe<Removed>> {
        Ok(Probe::NotApplied)
    }

    fn undo(
        &self,
        _context: &mut Context<'_>,
        args: &RemoveArgs,
        _change: &Change,
        _reply: &Removed,
    ) -> Result<Undo> {
        Ok(Undo::Irreversible {
            reason: Message::new("database-undo-removed")
                .with("database", &args.database)
                .with("backup", &args.backup),
        })
    }
}
