//! The roots that a site names.

use crate::beneath::RootFolder;
use crate::settings::Settings;
use procedo_core::value::Value;
use procedo_core::{Error, Kind, Result};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

/// The roots by name.
#[derive(Debug)]
pub(crate) struct Roots(BTreeMap<String, Settings>);

impl Roots {
    /// Reads the settings of all roots. Whether their folders exist shows when they are used.
    pub(crate) fn read(resources: &BTreeMap<String, Value>, site: &Path) -> Result<Self> {
        let read = |(name, value): (&String, &Value)| Ok((name.clone(), Settings::read(name, value, site)?));
        resources.iter().map(read).collect::<Result<_>>().map(Self)
    }

    /// Opens a root's folder.
    pub(crate) fn open(&self, name: &str) -> Result<Arc<RootFolder>> {
        RootFolder::open(name, self.settings(name)?)
    }

    /// Opens a root's folder, to alter something below it.
    pub(crate) fn open_writable(&self, name: &str) -> Result<Arc<RootFolder>> {
        if self.settings(name)?.read_only {
            return Err(Error::new(Kind::Denied, "P0305").with("root", name));
        }
        self.open(name)
    }

    /// What a root's name stands for.
    pub(crate) fn identity(&self, name: &str) -> Option<String> {
        self.0.get(name).map(RootFolder::identity)
    }

    fn settings(&self, name: &str) -> Result<&Settings> {
        self.0.get(name).ok_or_else(|| {
            let known = self.0.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
            Error::new(Kind::NotFound, "P0302")
                .with("root", crate::path::shown(name))
                .with("known", known)
        })
    }
}
