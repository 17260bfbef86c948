//! Making a database serve everybody again: `go-online`.

use crate::driver::{Mode, StatusReport};
use crate::operation::look::DatabaseArgs;
use crate::settings::Databases;
use procedo_core::Result;
use procedo_core::capability::{Context, Operation};
use procedo_core::change::{Assumed, Change, Planned, Probe, Undo};
use procedo_core::effect::{Effect, ResourceName};
use procedo_core::message::Message;
use procedo_machine::heard;
use serde_json::json;
use std::sync::Arc;

/// Makes a database serve everybody.
pub(crate) struct GoOnline(pub(crate) Arc<Databases>);

impl Operation for GoOnline {
    type Args = DatabaseArgs;
    type Reply = StatusReport;

    fn resource(&self, args: &DatabaseArgs) -> ResourceName {
        args.database.clone()
    }

    fn effect(&self, _args: &DatabaseArgs) -> Effect {
        Effect::Write
    }

    /// One that is on-line stays so.
    fn repeatable(&self) -> bool {
        true
    }

    fn identity(&self, args: &DatabaseArgs) -> Option<String> {
        self.0.get(&args.database).ok()?.identity()
    }

    fn plan(&self, context: &mut Context<'_>, args: &DatabaseArgs) -> Result<Planned<StatusReport>> {
        let status = self.0.get(&args.database)?.status(context.stop)?;
        if status.mode == Mode::Online {
            return Ok(Planned::unchanged(Assumed::Real(status)));
        }
        let change = Change {
            target: args.database.clone(),
            summary: Message::new("database-change-go-online").with("database", &args.database),
            before: json!(status.mode),
            after: json!(Mode::Online),
            bound: serde_json::Value::Null,
            diff: None,
        };
        let reply = StatusReport {
            mode: Mode::Online,
            ..status
        };
        Ok(Planned {
            reply: Assumed::Overlaid(reply),
            change: Some(change),
        })
    }

    fn perform(
        &self,
        context: &mut Context<'_>,
        args: &DatabaseArgs,
        _change: &Change,
    ) -> Result<StatusReport> {
        heard(self.0.get(&args.database)?.go_online(context))
    }

    fn probe(
        &self,
        context: &mut Context<'_>,
        args: &DatabaseArgs,
        _change: &Change,
    ) -> Result<Probe<StatusReport>> {
        let status = self.0.get(&args.database)?.status(context.stop)?;
        Ok(match status.mode {
            Mode::Online => Probe::Applied(status),
            _ => Probe::NotApplied,
        })
    }

    fn undo(
        &self,
        _context: &mut Context<'_>,
        args: &DatabaseArgs,
        _change: &Change,
        _reply: &StatusReport,
    ) -> Result<Undo> {
        Ok(Undo::Irreversible {
            reason: Message::new("database-undo-online").with("database", &args.database),
        })
    }
}
