//! Altering data: `execute`.

use crate::driver::Affected;
use crate::operation::look::StatementArgs;
use crate::operation::{Layer, values};
use crate::settings::Databases;
use crate::sqlite::loses;
use procedo_core::Result;
use procedo_core::capability::{Context, Operation};
use procedo_core::change::{Assumed, Change, Planned, Probe, Undo};
use procedo_core::effect::{Effect, ResourceName};
use procedo_core::message::Message;
use procedo_core::value::Value;
use serde_json::json;
use std::sync::Arc;

/// How much of a statement a sentence quotes, in characters.
const QUOTED: usize = 120;

/// Executes a statement, with a note of the call's key in the same transaction.
pub(crate) struct Execute(pub(crate) Arc<Databases>);

fn quoted(sql: &str) -> String {
    let line = sql.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(QUOTED) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

impl Operation for Execute {
    type Args = StatementArgs;
    type Reply = Affected;

    fn resource(&self, args: &StatementArgs) -> ResourceName {
        args.database.clone()
    }

    fn effect(&self, args: &StatementArgs) -> Effect {
        if loses(&args.sql) {
            Effect::Destructive
        } else {
            Effect::Write
        }
    }

    fn identity(&self, args: &StatementArgs) -> Option<String> {
        self.0.get(&args.database).ok()?.identity()
    }

    fn plan(&self, context: &mut Context<'_>, args: &StatementArgs) -> Result<Planned<Affected>> {
        let driver = self.0.get(&args.database)?;
        let parameters = values(&args.database, &args.parameters)?;
        let layer = context.overlay.part::<Layer>();
        // A statement may need what an earlier one of the plan would have made.
        if layer.altered.insert(args.database.clone()) {
            driver.check(&args.sql, &parameters)?;
        }
        Ok(Planned {
            reply: Assumed::Overlaid(Affected { rows: None }),
            change: Some(Change {
                target: quoted(&args.sql),
                summary: Message::new("database-change-execute")
                    .with("database", &args.database)
                    .with("sql", quoted(&args.sql)),
                before: Value::Null,
                after: Value::Null,
                bound: json!({"sql": args.sql, "parameters": args.parameters}),
                diff: None,
            }),
        })
    }

    fn perform(&self, context: &mut Context<'_>, args: &StatementArgs, _change: &Change) -> Result<Affected> {
        let parameters = values(&args.database, &args.parameters)?;
        self.0
            .get(&args.database)?
            .execute(context, &args.sql, &parameters)
    }

    fn probe(
        &self,
        context: &mut Context<'_>,
        args: &StatementArgs,
        _change: &Change,
    ) -> Result<Probe<Affected>> {
        self.0.get(&args.database)?.probe_execute(context)
    }

    fn undo(
        &self,
        _context: &mut Context<'_>,
        args: &StatementArgs,
        _change: &Change,
        _reply: &Affected,
    ) -> Result<Undo> {
        Ok(Undo::Irreversible {
            reason: Message::new("database-undo-execute").with("database", &args.database),
        })
    }
}
