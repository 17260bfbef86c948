//! The databases that a site names: `[resource.database.NAME]`.

use crate::driver::Driver;
use crate::informix::{self, Informix};
use crate::postgresql::{self, Postgresql};
use crate::sqlite::Sqlite;
use procedo_core::value::Value;
use procedo_core::{Error, Kind, Result};
use procedo_machine::{Machines, Secrets};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The settings of a database, by driver.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(tag = "driver", rename_all = "kebab-case")]
enum Settings {
    Sqlite(SqliteSettings),
    Informix(Box<informix::settings::Settings>),
    Postgresql(Box<postgresql::settings::Settings>),
}

/// The settings of an SQLite database.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct SqliteSettings {
    /// The database's file: absolute, or relative to the site's folder.
    file: PathBuf,
    /// The folder for its backups: absolute, or relative to the site's folder.
    backups: PathBuf,
    /// The machine; only `local` is served.
    machine: Option<String>,
}

/// What a driver may need of the site.
pub(crate) struct Site<'a> {
    /// Its folder.
    pub(crate) dir: &'a Path,
    /// Its machines.
    pub(crate) machines: &'a Machines,
    /// Where passwords come from.
    pub(crate) secrets: &'a Arc<dyn Secrets>,
}

/// The databases by name.
pub(crate) struct Databases(BTreeMap<String, Arc<dyn Driver>>);

impl Databases {
    /// Reads the settings of all databases. Whether they can be reached shows when they are used.
    pub(crate) fn read(resources: &BTreeMap<String, Value>, site: &Site<'_>) -> Result<Self> {
        let read = |(name, value): (&String, &Value)| Ok((name.clone(), open(name, value, site)?));
        resources.iter().map(read).collect::<Result<_>>().map(Self)
    }

    /// A database by its name.
    pub(crate) fn get(&self, name: &str) -> Result<&Arc<dyn Driver>> {
        self.0.get(name).ok_or_else(|| {
            let known = self.0.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
            Error::new(Kind::NotFound, "P1201")
                .with("database", name)
                .with("known", known)
        })
    }
}

fn open(name: &str, value: &Value, site: &Site<'_>) -> Result<Arc<dyn Driver>> {
    let refuse = |reason: String| {
        Error::new(Kind::Invalid, "P1202")
            .with("database", name)
            .with("reason", reason)
    };
    let mut value = value.clone();
    if let Some(members) = value.as_object_mut() {
        members.entry("driver").or_insert_with(|| "sqlite".into());
    }
    let usable = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    if name.is_empty() || !name.chars().all(usable) {
        // It becomes part of the names of files.
        return Err(refuse(format!("“{name}” ∉ [A-Za-z0-9_-]+")));
    }
    let settings = match Settings::deserialize(&value).map_err(|error| refuse(error.to_string()))? {
        Settings::Sqlite(settings) => settings,
        Settings::Informix(settings) => {
            if let Some(reason) = settings.refusal() {
                return Err(refuse(reason));
            }
            let machine = site.machines.get(&settings.machine)?;
            return Ok(Arc::new(Informix::new(name, machine, *settings)));
        }
        Settings::Postgresql(settings) => {
            let machine = settings
                .machine
                .as_deref()
                .map(|machine| site.machines.get(machine))
                .transpose()?;
            let server = settings.server(name, site.dir, site.secrets).map_err(refuse)?;
            let host = settings.host(machine).map_err(refuse)?;
            return Ok(Arc::new(Postgresql { server, host }));
        }
    };
    if let Some(machine) = settings.machine.filter(|machine| machine != "local") {
        return Err(refuse(format!("machine = \"{machine}\" ≠ \"local\"")));
    }
    for (member, path) in [("file", &settings.file), ("backups", &settings.backups)] {
        if path.as_os_str().is_empty() {
            return Err(refuse(format!("{member} = \"\"")));
        }
    }
    Ok(Arc::new(Sqlite::new(
        name,
        site.dir.join(settings.file),
        site.dir.join(settings.backups),
    )))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(declared: &BTreeMap<String, Value>, dir: &str) -> Result<Databases> {
        let dir = Path::new(dir);
        let secrets: Arc<dyn Secrets> = Arc::new(procedo_machine::NoSecrets);
        let machine = BTreeMap::from([("here".to_owned(), json!({"driver": "local"}))]);
        let machines = Machines::open(&machine, dir, &secrets).expect("valid");
        let site = Site {
            dir,
            machines: &machines,
            secrets: &secrets,
        };
        Databases::read(declared, &site)
    }

    fn refused(name: &str, value: Value) -> String {
        let error = read(&BTreeMap::from([(name.to_owned(), value)]), "/")
            .err()
            .expect("refused");
        assert_eq!(error.code, "P1202");
        error.message.args["reason"].clone()
    }

    #[test]
    fn an_unknown_or_wrong_setting_is_refused_by_name() {
        assert!(refused("a", json!({"file": "a", "backups": "b", "fiel": 1})).contains("fiel"));
        assert!(refused("a", json!({"file": "a"})).contains("backups"));
        assert!(refused("a", json!({"driver": "oracle", "file": "a"})).contains("oracle"));
        assert!(refused("a", json!({"file": "a", "backups": "b", "machine": "far"})).contains("far"));
        assert!(refused("a/b", json!({"file": "a", "backups": "b"})).contains("a/b"));
        assert!(refused("a", json!({"file": "", "backups": "b"})).contains("file"));
    }

    #[test]
    fn a_relative_path_is_meant_from_the_site_folder() {
        let declared = BTreeMap::from([("main".to_owned(), json!({"file": "m.db", "backups": "b"}))]);
        let databases = read(&declared, "/srv").expect("valid");
        let identity = databases.get("main").expect("there").identity();
        assert_eq!(identity.as_deref(), Some("sqlite:/srv/m.db"));
        assert_eq!(
            databases.get("other").err().map(|error| error.code).as_deref(),
            Some("P1201")
        );
    }
}
