//! The state of what a PUT or DELETE is about, as a GET shows it and a journal records it.

use procedo_core::change::BlobId;
use procedo_core::value::Value;
use procedo_core::{Error, Kind, Result};
use serde::{Deserialize, Serialize};

/// What a GET of the target tells about its state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "kebab-case")]
pub enum Seen {
    /// There is something.
    Present {
        /// Its bytes, as a blob. The blob's name is a digest, so equal names are equal bytes.
        body: BlobId,
        /// Its size in bytes.
        size: usize,
        /// Its media type.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        content_type: Option<String>,
    },
    /// There is nothing (404 or 410).
    Absent,
    /// The server does not show it to a GET.
    Unknown {
        /// What it answered: a status, or the code of the error.
        answer: String,
    },
}

impl Seen {
    /// The form for the journal.
    pub fn to_value(&self) -> Value {
        // A tagged enum of texts and numbers always has a JSON form.
        serde_json::to_value(self).unwrap_or_default()
    }

    /// Reads what the journal has.
    pub fn of_value(value: &Value) -> Result<Self> {
        Self::deserialize(value).map_err(|error| Error::new(Kind::Failed, "P0426").with("reason", error))
    }

    /// Whether both are known and the same; the media type does not count.
    pub fn equals(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Present { body: a, .. }, Self::Present { body: b, .. }) => a == b,
            (Self::Absent, Self::Absent) => true,
            _ => false,
        }
    }
}
