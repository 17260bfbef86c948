//! The capability database: status, queries, backups and restores of the databases that a site names.
//!
//! - [`Database`]: the capability, made from a site's `[resource.database.NAME]`
//! - [`driver`]: what a driver offers; [`Sqlite`]; `informix` and `postgresql`, servers by their own tools
//! - `catalogue`: the entries of backups that a driver keeps, and what builds upon what
//! - `outage`: work on a machine that is out of reach for a while
//! - `operation`: what the WIT offers, a file for each group of functions
//! - `settings`: the site's declarations

mod catalogue;
pub mod driver;
mod informix;
mod operation;
mod outage;
mod postgresql;
mod settings;
mod sqlite;
mod sum;

pub use sqlite::Sqlite;

use crate::operation::{backup, execute, look, online, restore};
use crate::settings::Databases;
use procedo_core::Result;
use procedo_core::capability::{Bound, Capability};
use procedo_core::message::{Language, Sources};
use procedo_core::value::Value;
use procedo_machine::{Machines, Secrets};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

/// The capability's sentences and errors (`P1201` and following) in the three languages.
pub const MESSAGES: Sources = &[
    (Language::En, include_str!("../messages/en.ftl")),
    (Language::Es, include_str!("../messages/es.ftl")),
    (Language::De, include_str!("../messages/de.ftl")),
];

/// The capability `database`.
///
/// ```
/// use procedo_core::capability::Capability;
/// use procedo_machine::{Machines, NoSecrets, Secrets};
/// use std::{collections::BTreeMap, path::Path, sync::Arc};
/// let site = Path::new("/srv/site");
/// let secrets: Arc<dyn Secrets> = Arc::new(NoSecrets);
/// let machines = Machines::open(&BTreeMap::new(), site, &secrets)?;
/// let declared = BTreeMap::from([("main".to_owned(), serde_json::json!({"file": "main.db", "backups": "backups"}))]);
/// let database = procedo_database::Database::open(&declared, site, &machines, &secrets)?;
/// assert_eq!(database.name(), "database");
/// # Ok::<(), procedo_core::Error>(())
/// ```
pub struct Database(Arc<Databases>);

impl Database {
    /// Reads a site's `[resource.database.NAME]`. The settings of a database:
    /// - `driver`: `sqlite`, which is the default
    /// - `file`: its file, absolute or from the site's folder
    /// - `backups`: the folder for its backups, absolute or from the site's folder; made when it is first needed
    /// - `machine`: `local`, which is the default
    ///
    /// An Informix server (`driver = "informix"`) is worked on by its own tools; all its paths are absolute ones of its machine:
    /// - `machine`: the machine it runs on, `[resource.machine.NAME]`, whose account may use the tools
    /// - `folder`, `server`: INFORMIXDIR and INFORMIXSERVER; `onconfig`: ONCONFIG, if it is not `onconfig`; `sqlhosts`:
    ///   INFORMIXSQLHOSTS, if it is not the one in `folder`
    /// - `dbname`: its database in which statements are made and whose tables are compared after a restore; without it, neither
    ///   is offered. It needs transactions (logging). `locale`: its DB_LOCALE, if it holds more than ASCII
    /// - `method`: what backups are written to: `directory`, `file` or `tape` (by `ontape`, to the TAPEDEV of the server's
    ///   configuration), or `onbar`
    /// - `backups`: the folder in which Procedo keeps what it knows of backups, and the archives of `directory` and `file`
    /// - `prompt-seconds`: after how long an unfinished line of a tool counts as a question nobody knows; 10, if absent
    ///
    /// A database of a PostgreSQL cluster (`driver = "postgresql"`):
    /// - `host` (a name, an address or the folder of a socket), `port` (5432), `dbname`, `user`, `password` (`secret:NAME`)
    /// - `query-user`, `query-password`: another account for queries, which should be allowed to read and nothing else: a
    ///   read-only transaction does not stop a superuser's functions that end sessions or read files
    /// - `tls`: `verify` (the default beyond this machine) or `off`; `ca-file`: who vouches for the server, else the system's
    ///
    /// and for backups and restores, which need pgBackRest on the machine of the cluster:
    /// - `machine`: `[resource.machine.NAME]`; `run-with`: what runs programs there as the cluster's account, such as
    ///   `["runuser", "-u", "postgres", "--"]`
    /// - `stanza`, `config`, `repo`: pgBackRest's stanza, its configuration file and the number of the repository;
    ///   `pgbackrest`: the program, if it is not on the `PATH`
    /// - `data`: the folder of the cluster; `bin`: that of PostgreSQL's programs, if they are not on the `PATH`
    /// - `start`, `stop`: the commands that start and stop the cluster; `stop-timeout`: how long stopping may take (300 s)
    /// - `dumps`: the folder of logical copies, which `destination = "dump"` or `"dump:FOLDER"` asks for
    ///
    /// # Errors
    /// `P1202` for settings that are unknown or not valid. A database that is missing is told by the calls that need it.
    pub fn open(
        resources: &BTreeMap<String, Value>,
        site_dir: &Path,
        machines: &Machines,
        secrets: &Arc<dyn Secrets>,
    ) -> Result<Self> {
        let site = settings::Site {
            dir: site_dir,
            machines,
            secrets,
        };
        Ok(Self(Arc::new(Databases::read(resources, &site)?)))
    }
}

impl Capability for Database {
    fn name(&self) -> &'static str {
        "database"
    }

    fn operations(&self) -> Vec<Bound> {
        let databases = || Arc::clone(&self.0);
        vec![
            Bound::reading("status", look::Status(databases())),
            Bound::reading("query", look::Query(databases())),
            Bound::operation("execute", execute::Execute(databases())),
            Bound::operation("backup", backup::Backup(databases())),
            Bound::reading("list-backups", look::ListBackups(databases())),
            Bound::reading("verify-backup", look::VerifyBackup(databases())),
            Bound::operation("remove-backup", backup::RemoveBackup(databases())),
            Bound::operation("restore", restore::Restore(databases())),
            Bound::operation("go-online", online::GoOnline(databases())),
            Bound::reading("checksums", look::Checksums(databases())),
        ]
    }

    fn messages(&self) -> Sources {
        MESSAGES
    }
}
