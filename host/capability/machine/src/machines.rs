//! The machines of a site by name.

use crate::api::{Machine, Secrets};
use crate::local::Local;
use crate::posix::Posix;
use crate::settings::{Driver, Settings};
use crate::ssh::{Ssh, posix_greeting};
use crate::windows::{Windows, greeting};
use procedo_core::value::Value;
use procedo_core::{Error, Kind, Result};
use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;
use std::sync::Arc;

/// The machines of a site by name.
#[derive(Clone)]
pub struct Machines {
    machines: Arc<BTreeMap<String, Arc<dyn Machine>>>,
    /// Those of them that have Windows.
    windows: Arc<BTreeMap<String, Arc<Windows>>>,
    declared: Arc<BTreeMap<String, Settings>>,
}

impl fmt::Debug for Machines {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.machines.keys()).finish()
    }
}

impl Machines {
    /// Reads a site's `[resource.machine.NAME]`. Nothing is connected to yet.
    ///
    /// # Errors
    /// `P1001`, `P1002` for settings that are unknown or break a rule.
    pub fn open(
        resources: &BTreeMap<String, Value>,
        site_dir: &Path,
        secrets: &Arc<dyn Secrets>,
    ) -> Result<Self> {
        let mut machines: BTreeMap<String, Arc<dyn Machine>> = BTreeMap::new();
        let mut windows = BTreeMap::new();
        let mut declared = BTreeMap::new();
        for (name, value) in resources {
            let settings = Settings::read(name, value, site_dir)?;
            let jobs = &settings.jobs;
            let machine: Arc<dyn Machine> = match &settings.driver {
                Driver::Local => Arc::new(Posix::new(Arc::new(Local::new(name)), jobs)),
                Driver::Ssh(ssh) => {
                    let ssh = Ssh::new(name, ssh.clone(), secrets, posix_greeting);
                    Arc::new(Posix::new(Arc::new(ssh), jobs))
                }
                Driver::WindowsSsh(ssh) => {
                    let ssh = Ssh::new(name, ssh.clone(), secrets, greeting);
                    let machine = Arc::new(Windows::new(ssh, jobs));
                    windows.insert(name.clone(), Arc::clone(&machine));
                    machine
                }
            };
            machines.insert(name.clone(), machine);
            declared.insert(name.clone(), settings);
        }
        Ok(Self {
            machines: Arc::new(machines),
            windows: Arc::new(windows),
            declared: Arc::new(declared),
        })
    }

    /// What the site declares of a machine.
    pub(crate) fn settings(&self, name: &str) -> Result<&Settings> {
        self.declared
            .get(name)
            .ok_or_else(|| Error::new(Kind::NotFound, "P1003").with("machine", name.escape_debug()))
    }

    /// The machine of this name, if it has Windows.
    pub(crate) fn windows(&self, name: &str) -> Option<&Windows> {
        self.windows.get(name).map(|machine| &**machine)
    }

    /// Whether it is the machine that Procedo itself runs on.
    ///
    /// # Errors
    /// `P1003` the site has none of that name.
    pub fn is_local(&self, name: &str) -> Result<bool> {
        Ok(matches!(self.settings(name)?.driver, Driver::Local))
    }

    /// A machine by its name in the site.
    ///
    /// # Errors
    /// `P1003` the site has none of that name.
    pub fn get(&self, name: &str) -> Result<Arc<dyn Machine>> {
        self.machines
            .get(name)
            .map(Arc::clone)
            .ok_or_else(|| Error::new(Kind::NotFound, "P1003").with("machine", name.escape_debug()))
    }
}
