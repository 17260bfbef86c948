//! The capability `http`: requests to the origins that a site names, and to nowhere else.
//!
//! - [`settings`]: what `[resource.http.NAME]` may say
//! - [`origin`], [`address`], [`names`]: where a request may go, before and after name resolution
//! - [`trust`]: which certificate authorities count
//! - [`request`]: a request and its rules
//! - [`redirect`]: where a redirect may lead
//! - [`text`]: from bytes to text
//! - [`wire`]: one request and its response
//! - [`seen`]: the state of a target, as a GET shows it
//! - [`send`]: the operation `http.send` with its four answers
//!
//! The settings of `[resource.http.NAME]`:
//! - `origin`: `http://` or `https://`, host and perhaps port; nothing more
//! - `addresses`: IP addresses or blocks (`10.1.0.0/16`) that the host's name may stand for. Without it, `localhost` stands
//!   for loopback only, and any other name for anything but loopback, link-local, multicast and the metadata services of
//!   clouds. An origin written with an address needs none.
//! - `ca`: a file of the site's folder `trust`, if only the authorities in it may vouch for this origin; else all do
//! - `system-trust`: whether the operating system's authorities may vouch for it, too (default false)
//! - `redirects`: names of other resources that it may redirect reads to; within itself it always may
//! - `idempotency-header`: the header that carries the key of a call, if the server acts once per key
//! - `probe`: the path to GET to learn whether a POST or PATCH was carried out; `{path}` and `{key}` are filled in
//!
//! ```
//! use procedo_http::{Http, TrustStore};
//! let resources = serde_json::from_str(r#"{"web": {"origin": "https://contact.example"}}"#)?;
//! let http = Http::open(&resources, TrustStore::empty())?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod address;
pub mod names;
pub mod origin;
pub mod redirect;
pub mod request;
pub mod seen;
pub mod send;
pub mod settings;
pub mod text;
pub mod trust;
pub mod wire;

pub use names::{Names, SystemNames};
pub use trust::TrustStore;

use procedo_core::Result;
use procedo_core::capability::{Bound, Capability};
use procedo_core::message::{Language, Sources};
use procedo_core::value::Value;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The sentences of the capability and its errors (P04xx).
pub const MESSAGES: Sources = &[
    (Language::En, include_str!("../messages/en.ftl")),
    (Language::Es, include_str!("../messages/es.ftl")),
    (Language::De, include_str!("../messages/de.ftl")),
];

/// The capability `http`.
pub struct Http {
    resources: Arc<BTreeMap<String, Arc<settings::Resource>>>,
    wire: wire::Wire,
}

impl Http {
    /// Checks the settings of `[resource.http.NAME]`. Nothing is resolved or connected to yet.
    pub fn open(resources: &BTreeMap<String, Value>, trust: TrustStore) -> Result<Self> {
        Self::open_with_names(resources, trust, Arc::new(SystemNames))
    }

    /// The same with another resolver of host names than the operating system's.
    pub fn open_with_names(
        resources: &BTreeMap<String, Value>,
        trust: TrustStore,
        names: Arc<dyn Names>,
    ) -> Result<Self> {
        let read = settings::read(resources, &trust)?;
        let resources = read
            .into_iter()
            .map(|(name, resource)| (name, Arc::new(resource)))
            .collect();
        Ok(Self {
            resources: Arc::new(resources),
            wire: wire::Wire::new(names),
        })
    }
}

impl Capability for Http {
    fn name(&self) -> &'static str {
        "http"
    }

    fn operations(&self) -> Vec<Bound> {
        vec![Bound::operation(
            "send",
            send::Send::new(Arc::clone(&self.resources), self.wire.clone()),
        )]
    }

    fn messages(&self) -> Sources {
        MESSAGES
    }
}
