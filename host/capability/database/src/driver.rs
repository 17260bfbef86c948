//! What a driver of databases offers, and the types of its answers as the WIT names them.

use procedo_core::capability::{Context, Stop};
use procedo_core::change::{Probe, Undo};
use procedo_core::value::Value;
use procedo_core::{Error, Kind, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// In which mode a database is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// It serves everybody.
    Online,
    /// It runs without serving anybody, as after a restore.
    Quiescent,
    /// It serves administrators only.
    Administration,
    /// It starts.
    Starting,
    /// It recovers after a crash.
    Recovery,
    /// A backup or restore occupies it.
    Backup,
    /// It shuts down.
    ShuttingDown,
    /// It does not run, or its file is not there.
    Offline,
    /// It is there and cannot be read as a database.
    Damaged,
}

/// How a database is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StatusReport {
    /// Its mode.
    pub mode: Mode,
    /// Product and version.
    pub version: String,
    /// What else there is to know.
    pub detail: String,
}

/// What a query found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Rows {
    /// The names of the columns.
    pub columns: Vec<String>,
    /// The rows, each a JSON array with a value for each column.
    pub rows: Vec<String>,
}

/// What a statement altered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Affected {
    /// How many rows; absent only in a plan.
    pub rows: Option<u64>,
}

/// A backup that is there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BackupRecord {
    /// Its name.
    pub id: String,
    /// Its level.
    pub level: u8,
    /// The backup that it builds upon; absent for level 0.
    pub base: Option<String>,
    /// Where it is.
    pub destination: String,
    /// Its size in bytes.
    pub size: u64,
    /// The digest of the state it holds, in hexadecimal; absent in a plan, and where its record is damaged.
    pub digest: Option<String>,
    /// When it began (RFC 3339).
    pub started: String,
    /// When it was complete and verified; absent in a plan, and where its record is damaged.
    pub ended: Option<String>,
    /// Whether it was read again and found to be right.
    pub verified: bool,
}

/// What was removed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Removed {
    /// Whether there was anything to remove.
    pub removed: bool,
    /// How many bytes it held.
    pub bytes: u64,
}

/// How to restore.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct RestoreOptions {
    /// Up to which moment (RFC 3339).
    pub up_to: Option<String>,
    /// Whether to back the present state up first; absent means yes.
    pub keep_present: Option<bool>,
    /// The digest that the backup must have.
    pub expect: Option<String>,
}

/// What was restored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Restored {
    /// The backup.
    pub backup: String,
    /// The backups that were read, level 0 first.
    pub chain: Vec<String>,
    /// The backup of the state before.
    pub former: Option<String>,
    /// Where the former files are kept, if they could not be backed up because they were damaged.
    pub aside: Option<String>,
    /// The size of the database in bytes.
    pub size: u64,
    /// The digest of the restored state, in hexadecimal; absent in a plan, and where it could not be read.
    pub digest: Option<String>,
}

/// A table's content in short.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TableChecksum {
    /// The table.
    pub table: String,
    /// How many rows it has.
    pub rows: u64,
    /// The sum of the digests of its rows, in hexadecimal.
    pub digest: String,
}

/// What a backup would be. It goes into the journal, and the work follows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BackupPlan {
    /// The name it gets.
    pub id: String,
    /// Its level.
    pub level: u8,
    /// The backup it builds upon.
    pub base: Option<String>,
    /// The digest of that.
    pub base_digest: Option<String>,
    /// Where it goes, as the caller named it.
    pub destination: Option<String>,
    /// Where it goes, for people.
    pub place: String,
    /// At most how many bytes it takes.
    pub estimate: u64,
}

/// What a restore would be. It goes into the journal, and the work follows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RestorePlan {
    /// The backups to read, level 0 first, with their digests.
    pub chain: Vec<(String, String)>,
    /// The name that the backup of the present state gets; absent if there is to be none.
    pub former: Option<String>,
    /// The size of the restored database in bytes.
    pub size: u64,
    /// When the restored state was: when its backup began, or the moment asked for.
    pub state_of: String,
    /// Up to where the work goes on after the last backup of the chain, as the driver words it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// In which mode the database was.
    pub mode: Mode,
    /// Newer backups that cannot be relied on, each with the code of what is wrong. Only where no backup was named.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub skipped: Vec<String>,
}

/// Whether an error says that a backup cannot be relied on; others say that it could not be found out.
pub(crate) fn is_damage(error: &Error) -> bool {
    matches!(error.code.as_str(), "P1213" | "P1214" | "P1222" | "P1271")
}

/// The newest of these backups that can be relied on, and the newer ones that cannot, each with the code of what is wrong.
/// None can: what is wrong with the newest. There is none: none.
pub(crate) fn newest_sound<E>(
    newest_first: impl Iterator<Item = E>,
    id: impl Fn(&E) -> String,
    mut check: impl FnMut(&E) -> Result<()>,
) -> Result<Option<(E, Vec<String>)>> {
    let (mut skipped, mut wrong) = (Vec::new(), None);
    for entry in newest_first {
        match check(&entry) {
            Ok(()) => return Ok(Some((entry, skipped))),
            Err(error) if is_damage(&error) => {
                skipped.push(format!("{} ({})", id(&entry), error.code));
                wrong.get_or_insert(error);
            }
            Err(error) => return Err(error),
        }
    }
    wrong.map_or(Ok(None), Err)
}

/// A database, as its driver serves it. What a driver does not offer, it answers with `P1203`.
///
/// Work that takes long asks [`Stop`] often, tells its progress, and notes what a probe will want to know, all through the
/// [`Context`]; [`Context::key`] goes into whatever it leaves behind.
pub trait Driver: Send + Sync {
    /// The name of the database in the site.
    fn name(&self) -> &str;

    /// The driver's name.
    fn driver(&self) -> &'static str;

    /// What the name stands for. Does not connect.
    fn identity(&self) -> Option<String>;

    /// How the database is. A database that does not run is an answer, not an error.
    fn status(&self, stop: &Stop) -> Result<StatusReport>;

    /// Reads, and can do nothing else.
    fn query(&self, sql: &str, parameters: &[Value], stop: &Stop) -> Result<Rows>;

    /// Whether the statement could be executed; alters nothing.
    fn check(&self, sql: &str, parameters: &[Value]) -> Result<()>;

    /// Executes one statement in a transaction that a probe will find: by the key in it, or by what is noted before it is
    /// committed.
    fn execute(&self, context: &mut Context<'_>, sql: &str, parameters: &[Value]) -> Result<Affected>;

    /// What became of the statement of this call.
    fn probe_execute(&self, context: &mut Context<'_>) -> Result<Probe<Affected>>;

    /// The backups there are, oldest first.
    fn backups(&self) -> Result<Vec<BackupRecord>>;

    /// What a backup would be, and whether there is space for it.
    fn plan_backup(&self, level: u8, destination: Option<&str>) -> Result<BackupPlan>;

    /// Makes a backup, and verifies it.
    fn backup(&self, context: &mut Context<'_>, plan: &BackupPlan) -> Result<BackupRecord>;

    /// What became of the backup of this call.
    fn probe_backup(&self, context: &mut Context<'_>, plan: &BackupPlan) -> Result<Probe<BackupRecord>>;

    /// Removes a backup on which no other builds.
    fn remove_backup(&self, id: &str, expect: Option<&str>) -> Result<Removed>;

    /// Whether removing would work, and what it would remove; none if it is not there.
    fn plan_remove(&self, id: &str, expect: Option<&str>) -> Result<Option<BackupRecord>>;

    /// Reads a backup with all it builds upon, and checks everything that can be checked.
    fn verify(&self, context: &mut Context<'_>, id: &str) -> Result<BackupRecord>;

    /// What a restore would be, and whether there is space for it. Without a name: the newest backup that can be relied on.
    fn plan_restore(&self, id: Option<&str>, options: &RestoreOptions, stop: &Stop) -> Result<RestorePlan>;

    /// Restores: checks everything, backs the present state up, and only then alters the database.
    fn restore(&self, context: &mut Context<'_>, plan: &RestorePlan) -> Result<Restored>;

    /// What became of the restore of this call.
    fn probe_restore(&self, context: &mut Context<'_>, plan: &RestorePlan) -> Result<Probe<Restored>>;

    /// Whether the database still is as the restore left it.
    fn undo_restore(&self, context: &mut Context<'_>, restored: &Restored) -> Result<Undo>;

    /// Makes a database that runs without serving anybody serve everybody.
    fn go_online(&self, context: &mut Context<'_>) -> Result<StatusReport>;

    /// Row counts and checksums of all tables.
    fn checksums(&self, stop: &Stop) -> Result<Vec<TableChecksum>>;

    /// The error for what this driver does not offer.
    fn not_offered(&self, what: &str) -> Error {
        Error::new(Kind::NotSupported, "P1203")
            .with("database", self.name())
            .with("driver", self.driver())
            .with("what", what)
    }
}
