//! The settings of a PostgreSQL database, as they stand in `procedo.toml`, and the rules they obey.

use crate::postgresql::connect::{Login, Server, Tls};
use procedo_core::Result;
use procedo_machine::{Machine, Secrets};
use serde::Deserialize;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// The settings as they are written.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Settings {
    host: String,
    #[serde(default = "default_port")]
    port: u16,
    dbname: String,
    user: String,
    password: Option<String>,
    query_user: Option<String>,
    query_password: Option<String>,
    tls: Option<TlsMode>,
    ca_file: Option<PathBuf>,
    pub(crate) machine: Option<String>,
    #[serde(default)]
    run_with: Vec<String>,
    #[serde(default = "default_pgbackrest")]
    pgbackrest: String,
    config: Option<String>,
    stanza: Option<String>,
    repo: Option<u8>,
    data: Option<String>,
    bin: Option<String>,
    start: Option<Vec<String>>,
    stop: Option<Vec<String>>,
    #[serde(default = "default_stop_timeout")]
    stop_timeout: u64,
    dumps: Option<String>,
}

/// Whether connections are encrypted and the server has to prove who it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum TlsMode {
    Off,
    Verify,
}

fn default_port() -> u16 {
    5432
}

fn default_pgbackrest() -> String {
    "pgbackrest".to_owned()
}

fn default_stop_timeout() -> u64 {
    300
}

/// What the site says about the machine on which the cluster and its backups are.
#[derive(Clone)]
pub(crate) struct Host {
    pub(crate) machine: Arc<dyn Machine>,
    /// What stands before every program, to run it as the account of the cluster.
    pub(crate) run_with: Vec<String>,
    pub(crate) pgbackrest: String,
    pub(crate) config: Option<String>,
    pub(crate) stanza: Option<String>,
    pub(crate) repo: Option<u8>,
    pub(crate) data: Option<String>,
    pub(crate) bin: Option<String>,
    pub(crate) start: Option<Vec<String>>,
    pub(crate) stop: Option<Vec<String>>,
    pub(crate) stop_timeout: Duration,
    /// The folder of logical copies.
    pub(crate) dumps: Option<String>,
}

/// A setting that breaks a rule, in words that need no language.
pub(crate) type Refused = String;

/// The name of a secret, of `secret:NAME`.
fn secret(setting: &str, value: &str) -> Result<String, Refused> {
    let is_name = |text: &str| {
        let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'/');
        !text.is_empty() && text.bytes().all(plain)
    };
    match value.strip_prefix("secret:") {
        Some(name) if is_name(name) => Ok(name.to_owned()),
        // What stands there instead may be the secret itself: it is not repeated.
        _ => Err(format!("{setting} ≠ \"secret:NAME\"")),
    }
}

/// Whether what is sent to a host stays on this machine.
fn stays_here(host: &str) -> bool {
    let loopback = host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
    host.starts_with('/') || host == "localhost" || loopback
}

impl Settings {
    /// The name of a password's secret, where one is needed.
    fn login(user: &str, setting: &str, password: Option<&str>) -> Result<Login, Refused> {
        Ok(Login {
            user: user.to_owned(),
            password: password.map(|value| secret(setting, value)).transpose()?,
        })
    }

    /// How to reach the server.
    pub(crate) fn server(
        &self,
        name: &str,
        site: &Path,
        secrets: &Arc<dyn Secrets>,
    ) -> Result<Server, Refused> {
        for (setting, value) in [
            ("host", &self.host),
            ("dbname", &self.dbname),
            ("user", &self.user),
        ] {
            if value.is_empty() || value.contains('\0') {
                return Err(format!("{setting} = \"\""));
            }
        }
        if self.port == 0 {
            return Err("port = 0".to_owned());
        }
        let query = match (&self.query_user, &self.query_password) {
            (Some(user), password) => Some(Self::login(user, "query-password", password.as_deref())?),
            (None, None) => None,
            (None, Some(_)) => return Err("query-password, query-user = –".to_owned()),
        };
        let verify = match self.tls {
            Some(mode) => mode == TlsMode::Verify,
            None => !stays_here(&self.host),
        };
        if verify && self.host.starts_with('/') {
            return Err(format!("tls = \"verify\", host = \"{}\"", self.host));
        }
        if !verify && self.ca_file.is_some() {
            return Err("ca-file, tls = \"off\"".to_owned());
        }
        let ca_file = self.ca_file.as_ref().map(|file| site.join(file));
        Ok(Server {
            name: name.to_owned(),
            host: self.host.clone(),
            port: self.port,
            dbname: self.dbname.clone(),
            login: Self::login(&self.user, "password", self.password.as_deref())?,
            query,
            tls: if verify { Tls::Verify { ca_file } } else { Tls::Off },
            secrets: Arc::clone(secrets),
        })
    }

    /// What is on the machine.
    pub(crate) fn host(&self, machine: Option<Arc<dyn Machine>>) -> Result<Option<Host>, Refused> {
        let Some(machine) = machine else {
            let given = [
                ("stanza", self.stanza.is_some()),
                ("config", self.config.is_some()),
                ("repo", self.repo.is_some()),
                ("data", self.data.is_some()),
                ("bin", self.bin.is_some()),
                ("start", self.start.is_some()),
                ("stop", self.stop.is_some()),
                ("dumps", self.dumps.is_some()),
                ("run-with", !self.run_with.is_empty()),
            ];
            return match given.iter().find(|(_, given)| *given) {
                Some((setting, _)) => Err(format!("{setting}, machine = –")),
                None => Ok(None),
            };
        };
        for (setting, command) in [("start", &self.start), ("stop", &self.stop)] {
            if command.as_ref().is_some_and(Vec::is_empty) {
                return Err(format!("{setting} = []"));
            }
        }
        for (setting, path) in [("data", &self.data), ("dumps", &self.dumps), ("bin", &self.bin)] {
            if let Some(path) = path.as_ref().filter(|path| !path.starts_with('/')) {
                return Err(format!("{setting} = \"{path}\" ≠ \"/…\""));
            }
        }
        Ok(Some(Host {
            machine,
            run_with: self.run_with.clone(),
            pgbackrest: self.pgbackrest.clone(),
            config: self.config.clone(),
            stanza: self.stanza.clone(),
            repo: self.repo,
            data: self.data.clone(),
            bin: self.bin.clone(),
            start: self.start.clone(),
            stop: self.stop.clone(),
            stop_timeout: Duration::from_secs(self.stop_timeout),
            dumps: self.dumps.clone(),
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn read(more: Value) -> Result<Server, Refused> {
        let mut value = json!({"host": "127.0.0.1", "dbname": "d", "user": "u"});
        if let (Some(members), Value::Object(more)) = (value.as_object_mut(), more) {
            members.extend(more);
        }
        let secrets: Arc<dyn Secrets> = Arc::new(procedo_machine::NoSecrets);
        let settings = Settings::deserialize(&value).map_err(|error| error.to_string())?;
        settings.host(None)?;
        settings.server("main", Path::new("/site"), &secrets)
    }

    #[test]
    fn what_leaves_this_machine_is_encrypted_unless_the_site_says_otherwise() {
        let tls = |more: Value| read(more).expect("valid").tls;
        assert_eq!(tls(json!({})), Tls::Off);
        assert_eq!(tls(json!({"host": "/run/postgresql"})), Tls::Off);
        assert_eq!(tls(json!({"host": "db.example"})), Tls::Verify { ca_file: None });
        assert_eq!(tls(json!({"host": "db.example", "tls": "off"})), Tls::Off);
        let ca_file = Some("/site/ca.pem".into());
        assert_eq!(
            tls(json!({"tls": "verify", "ca-file": "ca.pem"})),
            Tls::Verify { ca_file }
        );
    }

    #[test]
    fn a_password_is_a_reference_and_anything_else_is_refused_without_repeating_it() {
        assert!(read(json!({"password": "secret:database/main"})).is_ok());
        let refused = read(json!({"password": "hunter2"})).err().expect("refused");
        assert!(refused.contains("password") && !refused.contains("hunter2"));
    }

    #[test]
    fn settings_that_cannot_go_together_are_refused_by_name() {
        let refused = |more| read(more).err().expect("refused");
        assert!(refused(json!({"stanza": "main"})).contains("stanza"));
        assert!(refused(json!({"stanzza": "main"})).contains("stanzza"));
        assert!(refused(json!({"host": "/run", "tls": "verify"})).contains("tls"));
        assert!(refused(json!({"ca-file": "ca.pem"})).contains("ca-file"));
        assert!(refused(json!({"query-password": "secret:a"})).contains("query-user"));
    }
}
