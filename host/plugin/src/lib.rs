//! WASM components as procedures: compile, cache, instantiate, limit.
//!
//! - [`host`]: the plugins of a process: what they share, and how one is loaded
//! - [`limits`]: what a guest may use, each with its reason
//! - `cache`: compiled components on disk, which only their owner can alter unnoticed
//! - `engine`: wasmtime, configured once; the clock that interrupts guests
//! - `guest`: a run of a procedure in an instance of its own
//! - `manifest`: what a plugin says about its procedures
//! - `wasi`: the WASI that guests in other languages expect, empty and deterministic
//! - `refusal`: why a plugin cannot be loaded, and why a guest ended
//!
//! # Threads and stacks
//! A guest runs on the thread that calls [`Guest::run`](procedo_core::caller::Guest::run), which needs a stack of at least
//! 2 MiB: a guest may use 512 KiB of it, and the host's side of a call the rest.

mod cache;
mod engine;
mod guest;
pub mod host;
pub mod limits;
mod manifest;
mod refusal;
mod wasi;

pub use host::PluginHost;
pub use limits::Limits;

use procedo_core::message::{Language, Sources};

/// The errors of this crate in the three languages.
pub const MESSAGES: Sources = &[
    (Language::En, include_str!("../messages/en.ftl")),
    (Language::Es, include_str!("../messages/es.ftl")),
    (Language::De, include_str!("../messages/de.ftl")),
];
