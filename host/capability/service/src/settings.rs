//! The services that a site names: `[resource.service.NAME]`.

use crate::driver::process::{Process, ProcessSettings};
use crate::driver::systemd::{Systemd, SystemdSettings};
use crate::driver::windows::{Windows, WindowsSettings};
use crate::driver::{Driver, On, PasswordProgram};
use procedo_core::value::Value;
use procedo_core::{Error, Kind, Result};
use procedo_machine::{Machine, System};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// How long starting and stopping may take unless the site says otherwise, in seconds: what systemd allows by default.
const DEFAULT_TIMEOUT: u64 = 90;
/// The longest that a site may allow, in seconds: a day.
const LONGEST_TIMEOUT: u64 = 86_400;

/// What the settings of every service have.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Common {
    driver: Kinds,
    machine: String,
    #[serde(default = "default_timeout")]
    start_timeout: u64,
    #[serde(default = "default_timeout")]
    stop_timeout: u64,
    password_program: Option<String>,
    #[serde(default)]
    password_args: Vec<String>,
}

/// Their names; the rest belongs to the driver.
const COMMON: [&str; 6] = [
    "driver",
    "machine",
    "start-timeout",
    "stop-timeout",
    "password-program",
    "password-args",
];

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Kinds {
    Process,
    Systemd,
    Windows,
}

fn default_timeout() -> u64 {
    DEFAULT_TIMEOUT
}

/// A service of the site.
pub(crate) struct Service {
    pub(crate) name: String,
    pub(crate) driver: Box<dyn Driver>,
    pub(crate) start_timeout: Duration,
    pub(crate) stop_timeout: Duration,
}

/// The services by name.
pub(crate) struct Declared(BTreeMap<String, Service>);

type Lookup<'a> = &'a dyn Fn(&str) -> Result<Arc<dyn Machine>>;

impl Declared {
    /// Reads the settings of all services. Whether they can be reached shows when they are used.
    pub(crate) fn read(resources: &BTreeMap<String, Value>, machine: Lookup<'_>) -> Result<Self> {
        let read = |(name, value): (&String, &Value)| Ok((name.clone(), service(name, value, machine)?));
        resources.iter().map(read).collect::<Result<_>>().map(Self)
    }

    /// A service by its name.
    pub(crate) fn get(&self, name: &str) -> Result<&Service> {
        self.0.get(name).ok_or_else(|| {
            let known = self.0.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
            Error::new(Kind::NotFound, "P1101")
                .with("service", name.escape_debug())
                .with("known", known)
        })
    }

    /// What a service's name stands for.
    pub(crate) fn identity(&self, name: &str) -> Option<String> {
        self.0.get(name).and_then(|service| service.driver.identity())
    }
}

/// A setting that breaks a rule.
pub(crate) fn refused(service: &str, reason: impl std::fmt::Display) -> Error {
    Error::new(Kind::Invalid, "P1102")
        .with("service", service)
        .with("reason", reason)
}

fn service(name: &str, value: &Value, machine: Lookup<'_>) -> Result<Service> {
    let common: Common = parsed(name, value)?;
    for (setting, seconds) in [
        ("start-timeout", common.start_timeout),
        ("stop-timeout", common.stop_timeout),
    ] {
        if !(1..=LONGEST_TIMEOUT).contains(&seconds) {
            return Err(refused(
                name,
                format!("{setting} = {seconds} ∉ 1–{LONGEST_TIMEOUT}"),
            ));
        }
    }
    let mut rest = value.clone();
    if let Some(members) = rest.as_object_mut() {
        members.retain(|member, _| !COMMON.contains(&member.as_str()));
    }
    let machine = machine(&common.machine)?;
    let (driver_name, system) = match common.driver {
        Kinds::Process => ("process", System::Unix),
        Kinds::Systemd => ("systemd", System::Unix),
        Kinds::Windows => ("windows", System::Windows),
    };
    if machine.system() != system {
        return Err(Error::new(Kind::Invalid, "P1114")
            .with("service", name)
            .with("driver", driver_name)
            .with("machine", &common.machine));
    }
    if matches!(common.driver, Kinds::Windows) && common.password_program.is_some() {
        return Err(refused(name, "driver = \"windows\", password-program"));
    }
    if common.password_program.is_none() && !common.password_args.is_empty() {
        return Err(refused(name, "password-args, password-program = –"));
    }
    let on = On {
        service: name.to_owned(),
        machine,
    };
    let password = common.password_program.map(|path| PasswordProgram {
        path,
        args: common.password_args,
    });
    let driver: Box<dyn Driver> = match common.driver {
        Kinds::Process => {
            let settings: ProcessSettings = parsed(name, &rest)?;
            settings.check().map_err(|reason| refused(name, reason))?;
            Box::new(Process::new(on, settings, password))
        }
        Kinds::Systemd => {
            let settings: SystemdSettings = parsed(name, &rest)?;
            settings.check().map_err(|reason| refused(name, reason))?;
            Box::new(Systemd::new(on, settings, password))
        }
        Kinds::Windows => {
            let settings: WindowsSettings = parsed(name, &rest)?;
            settings.check().map_err(|reason| refused(name, reason))?;
            Box::new(Windows::new(on, settings))
        }
    };
    Ok(Service {
        name: name.to_owned(),
        driver,
        start_timeout: Duration::from_secs(common.start_timeout),
        stop_timeout: Duration::from_secs(common.stop_timeout),
    })
}

fn parsed<T: DeserializeOwned>(name: &str, value: &Value) -> Result<T> {
    T::deserialize(value).map_err(|error| refused(name, error))
}
