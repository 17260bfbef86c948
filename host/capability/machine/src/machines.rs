//! The machines of a site by name.

use crate::api::{Machine, Secrets};
use crate::local::Local;
use crate::posix::{Posix, Shell};
use crate::settings::{Driver, Settings};
use crate::ssh::Ssh;
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
        let mut declared = BTreeMap::new();
        for (name, value) in resources {
            let settings = Settings::read(name, value, site_dir)?;
            let shell: Arc<dyn Shell> = match &settings.driver {
                Driver::Local => Arc::new(Local::new(name)),
                Driver::Ssh(ssh) => Arc::new(Ssh::new(name, ssh.clone(), secrets)),
            };
            machines.insert(name.clone(), Arc::new(Posix::new(shell, &settings.jobs)));
            declared.insert(name.clone(), settings);
        }
        Ok(Self {
            machines: Arc::new(machines),
            declared: Arc::new(declared),
        })
    }

    /// What the site declares of a machine.
    pub(crate) fn settings(&self, name: &str) -> Result<&Settings> {
        self.declared
            .get(name)
            .ok_or_else(|| Error::new(Kind::NotFound, "P1003").with("machine", name.escape_debug()))
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
