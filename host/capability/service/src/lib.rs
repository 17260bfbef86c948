//! The capability service: status, start, stop, restart and account of the services that a site names.
//!
//! - [`Services`]: the capability, made from a site's `[resource.service.NAME]`
//! - `operation`: what the WIT offers: `look` alters nothing; `power` starts and stops; `restart`; `password`
//! - `waiting`: bringing a service up or down, and waiting until it has a state
//! - `driver`: what a driver answers; `process`, `systemd`, `windows`: the drivers
//! - `processes`, `pid_file`: pure: what runs on a machine with `/proc`, and which process a file means
//! - `state`, `settings`: what is known about a service, and the site's declarations

mod driver;
mod operation;
mod pid_file;
mod processes;
mod settings;
mod state;
mod waiting;

pub use state::{ServiceState, ServiceStatus};

use crate::operation::{look, password, power, restart};
use crate::settings::Declared;
use procedo_core::Result;
use procedo_core::capability::{Bound, Capability};
use procedo_core::message::{Language, Sources};
use procedo_core::value::Value;
use procedo_machine::{Machine, Machines};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The capability's sentences and errors (`P1101` to `P1118`) in the three languages.
pub const MESSAGES: Sources = &[
    (Language::En, include_str!("../messages/en.ftl")),
    (Language::Es, include_str!("../messages/es.ftl")),
    (Language::De, include_str!("../messages/de.ftl")),
];

/// The capability `service`.
pub struct Services(Arc<Declared>);

impl Services {
    /// Reads a site's `[resource.service.NAME]`. Nothing is connected to yet. The settings of every service:
    /// - `driver`: `systemd`, `windows` or `process`
    /// - `machine`: the name of its machine in the site
    /// - `start-timeout`, `stop-timeout`: how long starting and stopping may take, in seconds (default 90)
    /// - `password-program`, `password-args`: the program that sets an account's password; it reads one line
    ///   `ACCOUNT:PASSWORD`, as `chpasswd` does, which is the default with `systemd`; not with `windows`
    ///
    /// With `systemd`: `unit`. With `windows`: `service-name`. With `process`, a program that stays in the foreground:
    /// - `program`, `args`, `folder`: what to start, with which arguments, in which folder
    /// - `pid-file`: where its process is noted, an absolute path in a folder that exists
    /// - `log-file`: what it prints is appended to this file (default: the pid file's path with `.log`)
    /// - `kill-after`: after how many seconds its processes are killed if they ignore that they shall end; without it
    ///   they never are
    ///
    /// # Errors
    /// `P1102` for settings that are unknown or break a rule, `P1114` for a driver that its machine's system does not have,
    /// and what `machines` says of a machine that the site does not have.
    pub fn open(resources: &BTreeMap<String, Value>, machines: &Machines) -> Result<Self> {
        Self::open_on(resources, |name| machines.get(name))
    }

    /// The same, with machines from elsewhere.
    ///
    /// # Errors
    /// Those of [`open`](Self::open).
    pub fn open_on(
        resources: &BTreeMap<String, Value>,
        machine: impl Fn(&str) -> Result<Arc<dyn Machine>>,
    ) -> Result<Self> {
        Ok(Self(Arc::new(Declared::read(resources, &machine)?)))
    }
}

impl Capability for Services {
    fn name(&self) -> &'static str {
        "service"
    }

    fn operations(&self) -> Vec<Bound> {
        let declared = &self.0;
        vec![
            Bound::reading("status", look::Status(Arc::clone(declared))),
            Bound::operation("start", power::Start(Arc::clone(declared))),
            Bound::operation("stop", power::Stop(Arc::clone(declared))),
            Bound::operation("restart", restart::Restart(Arc::clone(declared))),
            Bound::operation("set-password", password::SetPassword(Arc::clone(declared))),
            Bound::reading("wait-for", look::WaitFor(Arc::clone(declared))),
        ]
    }

    fn messages(&self) -> Sources {
        MESSAGES
    }
}
