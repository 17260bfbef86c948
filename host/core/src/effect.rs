//! How much a call alters, and what it alters.

use serde::{Deserialize, Serialize};
use std::fmt;

/// How much a call alters. Each level includes those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Effect {
    /// Nothing is altered.
    Read,
    /// Something is altered that can be put back.
    Write,
    /// Something is lost.
    Destructive,
}

impl Effect {
    /// The word used in manifests, grants and journals.
    pub fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::Destructive => "destructive",
        }
    }
}

impl fmt::Display for Effect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// An operation of a capability: `files.write`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OperationName {
    /// The capability, an interface of the WIT package.
    pub capability: String,
    /// The function in it.
    pub function: String,
}

impl OperationName {
    /// The operation `function` of `capability`.
    pub fn new(capability: impl Into<String>, function: impl Into<String>) -> Self {
        Self {
            capability: capability.into(),
            function: function.into(),
        }
    }
}

impl fmt::Display for OperationName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.capability, self.function)
    }
}

impl Serialize for OperationName {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for OperationName {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Dotted;
        impl serde::de::Visitor<'_> for Dotted {
            type Value = OperationName;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an operation, written capability.function")
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<OperationName, E> {
                let (capability, function) = text
                    .split_once('.')
                    .ok_or_else(|| E::invalid_value(serde::de::Unexpected::Str(text), &self))?;
                Ok(OperationName::new(capability, function))
            }
        }
        deserializer.deserialize_str(Dotted)
    }
}

/// A named thing of the site that a driver serves, without the capability's name: `web` of `files/web`.
pub type ResourceName = String;
