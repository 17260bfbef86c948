//! The WIT package bound into the wasmtime linker and into Rhai from one table.
