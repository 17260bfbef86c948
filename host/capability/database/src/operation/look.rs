//! Reading without altering: `status`, `query`, `list-backups`, `verify-backup`, `checksums`.

use crate::driver::{BackupRecord, Rows, StatusReport, TableChecksum};
use crate::operation::{Layer, altered, values};
use crate::settings::Databases;
use procedo_core::Result;
use procedo_core::capability::{Context, Reading};
use procedo_core::change::Assumed;
use procedo_core::effect::ResourceName;
use schemars::JsonSchema;
use serde::Deserialize;
use std::sync::Arc;

/// The arguments of all that need only the database's name.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct DatabaseArgs {
    pub(crate) database: String,
}

/// The arguments of `query` and `execute`.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct StatementArgs {
    pub(crate) database: String,
    pub(crate) sql: String,
    pub(crate) parameters: Vec<String>,
}

/// The arguments of `verify-backup`.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct VerifyArgs {
    database: String,
    backup: String,
}

/// Tells how a database is.
pub(crate) struct Status(pub(crate) Arc<Databases>);

/// Reads rows.
pub(crate) struct Query(pub(crate) Arc<Databases>);

/// Lists the backups.
pub(crate) struct ListBackups(pub(crate) Arc<Databases>);

/// Checks a backup with all it builds upon.
pub(crate) struct VerifyBackup(pub(crate) Arc<Databases>);

/// Tells what tables hold, in short.
pub(crate) struct Checksums(pub(crate) Arc<Databases>);

/// The answer of the world, unless the plan would have altered the database by then.
fn unless_altered<R>(
    context: &mut Context<'_>,
    database: &str,
    look: impl FnOnce(&mut Context<'_>) -> Result<R>,
) -> Result<Assumed<R>> {
    match altered(context, database) {
        Some(why) => Ok(Assumed::Unforeseeable(why)),
        None => look(context).map(Assumed::Real),
    }
}

impl Reading for Status {
    type Args = DatabaseArgs;
    type Reply = StatusReport;

    fn resource(&self, args: &DatabaseArgs) -> ResourceName {
        args.database.clone()
    }

    fn read(&self, context: &mut Context<'_>, args: &DatabaseArgs) -> Result<Assumed<StatusReport>> {
        unless_altered(context, &args.database, |context| {
            self.0.get(&args.database)?.status(context.stop)
        })
    }
}

impl Reading for Query {
    type Args = StatementArgs;
    type Reply = Rows;

    fn resource(&self, args: &StatementArgs) -> ResourceName {
        args.database.clone()
    }

    fn read(&self, context: &mut Context<'_>, args: &StatementArgs) -> Result<Assumed<Rows>> {
        unless_altered(context, &args.database, |context| {
            let parameters = values(&args.database, &args.parameters)?;
            self.0
                .get(&args.database)?
                .query(&args.sql, &parameters, context.stop)
        })
    }
}

impl Reading for ListBackups {
    type Args = DatabaseArgs;
    type Reply = Vec<BackupRecord>;

    fn resource(&self, args: &DatabaseArgs) -> ResourceName {
        args.database.clone()
    }

    fn read(&self, context: &mut Context<'_>, args: &DatabaseArgs) -> Result<Assumed<Vec<BackupRecord>>> {
        let mut backups = self.0.get(&args.database)?.backups()?;
        let layer = context.overlay.part::<Layer>();
        Ok(match layer.backups.get(&args.database) {
            Some(planned) => {
                backups.extend(planned.iter().cloned());
                Assumed::Overlaid(backups)
            }
            None => Assumed::Real(backups),
        })
    }
}

impl Reading for VerifyBackup {
    type Args = VerifyArgs;
    type Reply = BackupRecord;

    fn resource(&self, args: &VerifyArgs) -> ResourceName {
        args.database.clone()
    }

    fn read(&self, context: &mut Context<'_>, args: &VerifyArgs) -> Result<Assumed<BackupRecord>> {
        let layer = context.overlay.part::<Layer>();
        let planned = layer.backups.get(&args.database).into_iter().flatten();
        if let Some(planned) = planned.into_iter().find(|planned| planned.id == args.backup) {
            // It would be verified before it is called done.
            return Ok(Assumed::Overlaid(planned.clone()));
        }
        let verified = self.0.get(&args.database)?.verify(context, &args.backup)?;
        Ok(Assumed::Real(verified))
    }
}

impl Reading for Checksums {
    type Args = DatabaseArgs;
    type Reply = Vec<TableChecksum>;

    fn resource(&self, args: &DatabaseArgs) -> ResourceName {
        args.database.clone()
    }

    fn read(&self, context: &mut Context<'_>, args: &DatabaseArgs) -> Result<Assumed<Vec<TableChecksum>>> {
        unless_altered(context, &args.database, |context| {
            self.0.get(&args.database)?.checksums(context.stop)
        })
    }
}
