//! The WIT package bound into the wasmtime linker and into Rhai from one table.
//!
//! - [`table`]: the functions that guests can call, read from the WIT package
//! - [`types`]: the types of their arguments and replies

pub mod table;
pub mod types;

pub use table::{Function, Interface, Table};
pub use types::Type;
