//! The machines of a site by name.

use crate::api::{Machine, Secrets};
use procedo_core::value::Value;
use procedo_core::{Error, Kind, Result};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

/// The machines of a site by name.
#[derive(Clone)]
pub struct Machines {
    machines: Arc<BTreeMap<String, Arc<dyn Machine>>>,
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
        let _ = (site_dir, secrets);
        if let Some(name) = resources.keys().next() {
            return Err(Error::new(Kind::NotSupported, "P1013").with("machine", name));
        }
        Ok(Self {
            machines: Arc::new(BTreeMap::new()),
        })
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
