//! The roots that a site names.

use crate::beneath::RootFolder;
use crate::remote::Remote;
use crate::root::{Folder, Root};
use crate::settings::Settings;
use procedo_core::value::Value;
use procedo_core::{Error, Kind, Result};
use procedo_machine::Machines;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

/// The roots by name.
#[derive(Debug)]
pub(crate) struct Roots {
    declared: BTreeMap<String, Settings>,
    machines: Machines,
}

impl Roots {
    /// Reads the settings of all roots. Whether their folders exist shows when they are used.
    pub(crate) fn read(
        resources: &BTreeMap<String, Value>,
        site: &Path,
        machines: &Machines,
    ) -> Result<Self> {
        let mut declared = BTreeMap::new();
        for (name, value) in resources {
            let settings = Settings::read(name, value, site)?;
            if let Some(machine) = &settings.machine {
                machines.get(machine)?;
            }
            declared.insert(name.clone(), settings);
        }
        Ok(Self {
            declared,
            machines: machines.clone(),
        })
    }

    /// Opens a root's folder.
    pub(crate) fn open(&self, name: &str) -> Result<Arc<Root>> {
        let settings = self.settings(name)?;
        let folder: Box<dyn Folder> = match &settings.machine {
            None => Box::new(RootFolder::open(name, settings)?),
            Some(machine) => Box::new(Remote::open(name, settings, &self.machines, machine)?),
        };
        Ok(Arc::new(Root {
            name: name.to_owned(),
            settings: settings.clone(),
            folder,
        }))
    }

    /// Opens a root's folder, to alter something below it.
    pub(crate) fn open_writable(&self, name: &str) -> Result<Arc<Root>> {
        let settings = self.settings(name)?;
        if settings.read_only {
            return Err(Error::new(Kind::Denied, "P0305").with("root", settings.label(name)));
        }
        self.open(name)
    }

    /// What a root's name stands for. Connects to no machine.
    pub(crate) fn identity(&self, name: &str) -> Option<String> {
        let settings = self.declared.get(name)?;
        match &settings.machine {
            None => Some(RootFolder::identity(settings)),
            Some(machine) => {
                let identity = self.machines.get(machine).and_then(|machine| machine.identity());
                Some(format!("{} on {}", settings.path.display(), identity.ok()?))
            }
        }
    }

    fn settings(&self, name: &str) -> Result<&Settings> {
        self.declared.get(name).ok_or_else(|| {
            let known = self
                .declared
                .keys()
                .map(String::as_str)
                .collect::<Vec<_>>()
                .join(", ");
            Error::new(Kind::NotFound, "P0302")
                .with("root", crate::path::shown(name))
                .with("known", known)
        })
    }
}
