//! The settings of `[resource.machine.NAME]`, checked when the site is opened.

use crate::named::{Command, Written as WrittenCommand};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use procedo_core::value::Value;
use procedo_core::{Error, Kind, Result};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Where the jobs of a machine reached by SSH live unless the site says otherwise, below the account's home folder.
const REMOTE_JOBS: &str = ".procedo/jobs";
/// Where those of a machine with Windows live, below the account's profile.
const WINDOWS_JOBS: &str = ".procedo\\jobs";
/// Where those of this machine live, below the site's folder.
const LOCAL_JOBS: &str = ".procedo/jobs";
/// For how long a machine is tried again unless the site says otherwise, in seconds: a restart takes no longer.
const RECONNECT: u64 = 600;

/// The settings as they stand in `procedo.toml`.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Written {
    driver: String,
    address: Option<String>,
    port: Option<u16>,
    user: Option<String>,
    host_key: Option<String>,
    key_file: Option<PathBuf>,
    passphrase: Option<String>,
    password: Option<String>,
    #[serde(default)]
    agent: bool,
    reconnect: Option<u64>,
    jobs: Option<String>,
    patch_level_file: Option<String>,
    #[serde(default)]
    command: BTreeMap<String, WrittenCommand>,
}

/// A machine as the site declares it.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) driver: Driver,
    /// The folder of its jobs.
    pub(crate) jobs: String,
    /// The file whose first line is its patch level.
    pub(crate) patch_level_file: Option<String>,
    /// Its named commands.
    pub(crate) commands: BTreeMap<String, Command>,
}

/// How it is reached.
#[derive(Clone, Debug)]
pub(crate) enum Driver {
    /// It is this machine.
    Local,
    /// By SSH, with a POSIX shell.
    Ssh(SshSettings),
    /// By SSH, with Windows and PowerShell.
    WindowsSsh(SshSettings),
}

/// How a machine is reached by SSH.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SshSettings {
    pub(crate) address: String,
    pub(crate) port: u16,
    pub(crate) user: String,
    /// Its public key, as in a `known_hosts` file: algorithm and base64.
    pub(crate) host_key: String,
    /// The key's fingerprint: `SHA256:…`, as `ssh-keygen -l` shows it.
    pub(crate) fingerprint: String,
    pub(crate) login: Login,
    /// For how long it is tried again where it went out of reach while something works there.
    pub(crate) reconnect: Duration,
}

impl SshSettings {
    /// Account, address and port.
    pub(crate) fn place(&self) -> String {
        format!("{}@{}:{}", self.user, self.address, self.port)
    }
}

/// How to log in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Login {
    /// With a private key.
    Key {
        /// Its file.
        file: PathBuf,
        /// The name of the secret that unlocks it.
        passphrase: Option<String>,
    },
    /// With the keys of the agent that runs where Procedo runs.
    Agent,
    /// With a password: the secret of this name.
    Password(String),
}

impl Login {
    /// The name of the secret that `ssh` will ask for.
    pub(crate) fn secret(&self) -> Option<&str> {
        match self {
            Self::Key { passphrase, .. } => passphrase.as_deref(),
            Self::Agent => None,
            Self::Password(name) => Some(name),
        }
    }
}

/// A setting that breaks a rule.
pub(crate) fn refused(machine: &str, setting: &str, value: &str, rule: &str) -> Error {
    Error::new(Kind::Invalid, "P1001")
        .with("machine", machine)
        .with("setting", setting)
        .with("value", value.escape_debug())
        .with("rule", rule)
}

impl Settings {
    /// Reads the settings of the machine `name` of a site.
    pub(crate) fn read(name: &str, value: &Value, site: &Path) -> Result<Self> {
        let written = Written::deserialize(value).map_err(|error| {
            Error::new(Kind::Invalid, "P1002")
                .with("machine", name)
                .with("reason", error)
        })?;
        let refuse = |setting: &str, value: &str, rule: &str| refused(name, setting, value, rule);
        let remote = [
            ("address", written.address.is_some()),
            ("port", written.port.is_some()),
            ("user", written.user.is_some()),
            ("host-key", written.host_key.is_some()),
            ("key-file", written.key_file.is_some()),
            ("passphrase", written.passphrase.is_some()),
            ("password", written.password.is_some()),
            ("agent", written.agent),
            ("reconnect", written.reconnect.is_some()),
        ];
        let (driver, jobs) = match written.driver.as_str() {
            "local" => {
                if let Some((setting, _)) = remote.iter().find(|(_, given)| *given) {
                    return Err(refuse(setting, "local", "remote-only"));
                }
                (Driver::Local, site.join(LOCAL_JOBS).display().to_string())
            }
            "ssh" => (Driver::Ssh(ssh(name, &written, site)?), REMOTE_JOBS.to_owned()),
            "windows-ssh" => (
                Driver::WindowsSsh(ssh(name, &written, site)?),
                WINDOWS_JOBS.to_owned(),
            ),
            other => return Err(refuse("driver", other, "driver")),
        };
        let jobs = match written.jobs {
            Some(folder) if folder.is_empty() || folder.contains('\0') => {
                return Err(refuse("jobs", &folder, "folder"));
            }
            Some(folder) => folder,
            None => jobs,
        };
        Ok(Self {
            driver,
            jobs,
            patch_level_file: written.patch_level_file,
            commands: crate::named::read(name, written.command)?,
        })
    }
}

fn ssh(name: &str, written: &Written, site: &Path) -> Result<SshSettings> {
    let refuse = |setting: &str, value: &str, rule: &str| refused(name, setting, value, rule);
    let required =
        |setting: &str, value: &Option<String>| value.clone().ok_or_else(|| refuse(setting, "", "missing"));
    // Neither can be mistaken for an option of `ssh`, nor for a part of something else.
    let word = |setting: &str, value: String| {
        let plain =
            |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ':' | '%' | '\\' | '@');
        if value.is_empty() || value.starts_with('-') || !value.chars().all(plain) {
            Err(refuse(setting, &value, "word"))
        } else {
            Ok(value)
        }
    };
    let host_key = required("host-key", &written.host_key)?;
    let (host_key, fingerprint) =
        fingerprint(&host_key).ok_or_else(|| refuse("host-key", &host_key, "host-key"))?;
    let secret = |setting: &str, value: &str| {
        let is_name = |text: &str| {
            !text.is_empty()
                && text
                    .bytes()
                    .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'/'))
        };
        match value.strip_prefix("secret:") {
            Some(secret) if is_name(secret) => Ok(secret.to_owned()),
            // What stands there instead may be the secret itself: it is not repeated.
            _ => Err(refuse(setting, "…", "secret")),
        }
    };
    let login = match (&written.key_file, &written.password, written.agent) {
        (Some(file), None, false) => Login::Key {
            file: site.join(file),
            passphrase: written
                .passphrase
                .as_ref()
                .map(|value| secret("passphrase", value))
                .transpose()?,
        },
        (None, Some(password), false) => Login::Password(secret("password", password)?),
        (None, None, true) => Login::Agent,
        _ => return Err(refuse("key-file", "", "login")),
    };
    if written.passphrase.is_some() && written.key_file.is_none() {
        return Err(refuse("passphrase", "…", "login"));
    }
    Ok(SshSettings {
        address: word("address", required("address", &written.address)?)?,
        port: written.port.filter(|port| *port > 0).unwrap_or(22),
        user: word("user", required("user", &written.user)?)?,
        host_key,
        fingerprint,
        login,
        reconnect: Duration::from_secs(written.reconnect.unwrap_or(RECONNECT)),
    })
}

/// The public key without its comment, and its fingerprint. The encoded key repeats its algorithm (RFC 4253 §6.6).
fn fingerprint(key: &str) -> Option<(String, String)> {
    let mut words = key.split_whitespace();
    let (algorithm, encoded) = (words.next()?, words.next()?);
    let bytes = STANDARD.decode(encoded).ok()?;
    let length = u32::from_be_bytes(bytes.get(..4)?.try_into().ok()?) as usize;
    let repeated = bytes.get(4..)?.get(..length)?;
    (repeated == algorithm.as_bytes()).then(|| {
        (
            format!("{algorithm} {encoded}"),
            format!("SHA256:{}", STANDARD_NO_PAD.encode(Sha256::digest(&bytes))),
        )
    })
}
