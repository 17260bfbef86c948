//! What the WIT offers, a file for each group of functions.

pub(crate) mod backup;
pub(crate) mod execute;
pub(crate) mod look;
pub(crate) mod online;
pub(crate) mod restore;

use procedo_core::capability::Context;
use procedo_core::message::Message;
use procedo_core::value::Value;
use procedo_core::{Error, Kind, Result};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::{BTreeMap, BTreeSet};

/// What a plan has changed so far.
#[derive(Default)]
pub(crate) struct Layer {
    /// Databases whose content would be another.
    pub(crate) altered: BTreeSet<String>,
    /// Backups that would be there, by database.
    pub(crate) backups: BTreeMap<String, Vec<crate::driver::BackupRecord>>,
}

/// Why a reply cannot be known in a plan: the database would be another by then.
pub(crate) fn altered(context: &mut Context<'_>, database: &str) -> Option<Message> {
    let layer = context.overlay.part::<Layer>();
    let altered = layer.altered.contains(database);
    altered.then(|| Message::new("database-unforeseeable").with("database", database))
}

/// Keeps something in a change.
pub(crate) fn kept(value: &impl Serialize) -> Result<Value> {
    serde_json::to_value(value).map_err(|error| Error::new(Kind::Failed, "P0115").with("reason", error))
}

/// Reads what a change kept.
pub(crate) fn read<T: DeserializeOwned>(value: &Value) -> Result<T> {
    T::deserialize(value).map_err(|error| Error::new(Kind::Failed, "P0115").with("reason", error))
}

/// The values of `list<json>`, which cross the gate as texts.
pub(crate) fn values(database: &str, texts: &[String]) -> Result<Vec<Value>> {
    let read = |(index, text): (usize, &String)| {
        serde_json::from_str(text).map_err(|_| {
            Error::new(Kind::Invalid, "P1208")
                .with("database", database)
                .with("number", index + 1)
                .with("value", text)
        })
    };
    texts.iter().enumerate().map(read).collect()
}
