//! The WIT package bound into the wasmtime linker and into Rhai from one table.
//!
//! - [`table`]: the functions that guests can call, read from the WIT package
//! - [`types`]: the types of their arguments and replies
//! - [`shape`]: whether the handlers answer just these functions
//! - [`component`]: the functions as imports of a component
//! - [`dynamic`], [`rhai`]: the functions as modules of scripts

pub mod component;
pub mod dynamic;
pub mod rhai;
pub mod shape;
pub mod table;
pub mod types;

pub use shape::Signature;
pub use table::{Function, Interface, Table};
pub use types::Type;

use procedo_core::message::{Language, Sources};

/// The messages of this crate's codes.
pub const MESSAGES: Sources = &[
    (Language::En, include_str!("../messages/en.ftl")),
    (Language::Es, include_str!("../messages/es.ftl")),
    (Language::De, include_str!("../messages/de.ftl")),
];
