//! The capability `secrets`: references to the site's secrets.

use crate::masking;
use procedo_core::capability::{Bound, Capability, Context, Reading};
use procedo_core::change::Assumed;
use procedo_core::effect::ResourceName;
use procedo_core::message::Sources;
use procedo_core::{Error, Kind, Result};
use procedo_store::Store;
use schemars::JsonSchema;
use serde::Deserialize;
use std::sync::Arc;

/// The name of the capability.
pub(crate) const NAME: &str = "secrets";

/// The capability `secrets`.
pub struct Secrets {
    store: Arc<dyn Store>,
}

impl Secrets {
    /// The secrets that a store keeps.
    pub fn new(store: Arc<dyn Store>) -> Self {
        Self { store }
    }
}

impl Capability for Secrets {
    fn name(&self) -> &'static str {
        NAME
    }

    fn operations(&self) -> Vec<Bound> {
        vec![Bound::reading(
            "get",
            Get {
                store: Arc::clone(&self.store),
            },
        )]
    }

    fn messages(&self) -> Sources {
        &[]
    }
}

struct Get {
    store: Arc<dyn Store>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
struct GetArgs {
    name: String,
}

impl Reading for Get {
    type Args = GetArgs;
    type Reply = String;

    fn resource(&self, args: &GetArgs) -> ResourceName {
        args.name.clone()
    }

    fn read(&self, _context: &mut Context<'_>, args: &GetArgs) -> Result<Assumed<String>> {
        let version = self
            .store
            .secret_version(&args.name)?
            .ok_or_else(|| Error::new(Kind::NotFound, "P0502").with("name", &args.name))?;
        Ok(Assumed::Real(masking::reference(&args.name, version)))
    }
}
