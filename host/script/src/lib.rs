//! Rhai scripts as procedures: engine, limits, steps.
//!
//! - [`host`]: what all scripts share; loads them
//! - [`script`]: a script, ready to run
//! - [`manifest`], [`texts`]: its header
//! - [`imports`]: the modules it imports
//! - [`helpers`]: `step`, `verify`, `text`, `fail`
//! - `closures`: the functions of arrays and maps that call one
//! - [`limits`], [`growth`]: how much it may use
//! - [`fault`], [`place`]: errors with file, line and column
//! - [`check`]: what can be said of a script without running it

pub mod check;
mod closures;
pub mod fault;
pub mod growth;
pub mod helpers;
pub mod host;
pub mod imports;
pub mod limits;
pub mod manifest;
pub mod place;
pub mod script;
pub mod texts;

pub use check::{Finding, Severity, check};
pub use host::ScriptHost;
pub use limits::Limits;
pub use script::Script;

use procedo_core::message::{Language, Sources};

/// The messages of this crate's codes.
pub const MESSAGES: Sources = &[
    (Language::En, include_str!("../messages/en.ftl")),
    (Language::Es, include_str!("../messages/es.ftl")),
    (Language::De, include_str!("../messages/de.ftl")),
];
