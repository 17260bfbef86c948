//! Going back to a backup: `restore`.

use crate::driver::{RestoreOptions, RestorePlan, Restored};
use crate::operation::{Layer, kept, read};
use crate::settings::Databases;
use procedo_core::Result;
use procedo_core::capability::{Context, Operation};
use procedo_core::change::{Assumed, Change, Planned, Probe, Undo};
use procedo_core::effect::{Effect, ResourceName};
use procedo_core::message::Message;
use procedo_machine::heard;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use std::sync::Arc;

/// The arguments of `restore`.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct RestoreArgs {
    database: String,
    backup: Option<String>,
    options: Option<RestoreOptions>,
}

/// Restores a database.
pub(crate) struct Restore(pub(crate) Arc<Databases>);

impl Operation for Restore {
    type Args = RestoreArgs;
    type Reply = Restored;

    fn resource(&self, args: &RestoreArgs) -> ResourceName {
        args.database.clone()
    }

    fn effect(&self, _args: &RestoreArgs) -> Effect {
        Effect::Destructive
    }

    fn identity(&self, args: &RestoreArgs) -> Option<String> {
        self.0.get(&args.database).ok()?.identity()
    }

    fn plan(&self, context: &mut Context<'_>, args: &RestoreArgs) -> Result<Planned<Restored>> {
        let driver = self.0.get(&args.database)?;
        let layer = context.overlay.part::<Layer>();
        let planned = layer.backups.get(&args.database).into_iter().flatten().last();
        let would_be = match (&args.backup, planned) {
            (None, Some(newest)) => Some(newest),
            (Some(id), _) => layer
                .backups
                .get(&args.database)
                .into_iter()
                .flatten()
                .find(|planned| planned.id == *id),
            (None, None) => None,
        };
        if let Some(record) = would_be {
            let why = Message::new("database-unforeseeable-backup").with("backup", &record.id);
            return Ok(Planned::unchanged(Assumed::Unforeseeable(why)));
        }
        let options = args.options.clone().unwrap_or_default();
        let plan = driver.plan_restore(args.backup.as_deref(), &options, context.stop)?;
        layer.altered.insert(args.database.clone());
        let chain: Vec<_> = plan.chain.iter().map(|(id, _)| id.clone()).collect();
        let backup = chain.last().cloned().unwrap_or_default();
        let summary = match &plan.former {
            Some(former) => Message::new("database-change-restore").with("former", former),
            None => Message::new("database-change-restore-for-good"),
        };
        let skipped = match plan.skipped.is_empty() {
            true => "none".to_owned(),
            false => plan.skipped.join(", "),
        };
        let reply = Restored {
            backup: backup.clone(),
            chain,
            former: plan.former.clone(),
            aside: None,
            size: plan.size,
            digest: None,
        };
        Ok(Planned {
            reply: Assumed::Overlaid(reply),
            change: Some(Change {
                target: backup.clone(),
                summary: summary
                    .with("database", &args.database)
                    .with("backup", &backup)
                    .with("state", &plan.state_of)
                    .with("bytes", plan.size)
                    .with("skipped", skipped),
                before: json!({"mode": plan.mode}),
                bound: json!({"chain": plan.chain, "kept": plan.former.is_some(), "target": plan.target}),
                after: kept(&plan)?,
                diff: None,
            }),
        })
    }

    fn perform(&self, context: &mut Context<'_>, args: &RestoreArgs, change: &Change) -> Result<Restored> {
        let plan: RestorePlan = read(&change.after)?;
        heard(self.0.get(&args.database)?.restore(context, &plan))
    }

    fn probe(
        &self,
        context: &mut Context<'_>,
        args: &RestoreArgs,
        change: &Change,
    ) -> Result<Probe<Restored>> {
        let plan: RestorePlan = read(&change.after)?;
        self.0.get(&args.database)?.probe_restore(context, &plan)
    }

    fn undo(
        &self,
        context: &mut Context<'_>,
        args: &RestoreArgs,
        _change: &Change,
        reply: &Restored,
    ) -> Result<Undo> {
        self.0.get(&args.database)?.undo_restore(context, reply)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use procedo_core::value::Value;

    #[test]
    fn a_plan_can_be_kept_in_a_journal() {
        let plan = RestorePlan {
            chain: vec![("a".to_owned(), "d".to_owned())],
            former: None,
            size: 1,
            state_of: "t".to_owned(),
            target: None,
            mode: crate::driver::Mode::Online,
            skipped: Vec::new(),
        };
        let value: Value = kept(&plan).expect("plain");
        assert_eq!(read::<RestorePlan>(&value).expect("the same"), plan);
    }
}
