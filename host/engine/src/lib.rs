//! The gate, replay, plan, undo, waiting, locks and child runs.
//!
//! - [`engine`]: what a program does with runs: plan, start, resume, undo, decide
//! - [`gate`]: the one place that every call of a guest goes through
//! - [`operations`]: the table of operations behind the gate
//! - [`plan`]: what a procedure would do, and its digest
//! - [`schedule`]: procedures that are started at times
//! - [`watch`]: what whoever follows a run gets to see
//!
//! The engine knows neither WASM nor Rhai nor any capability: guests implement [`procedo_core::caller::Guest`],
//! capabilities [`procedo_core::capability::Capability`], and a [`Library`] brings procedures by their identifier.

pub mod engine;
pub mod gate;
pub mod operations;
pub mod params;
pub mod plan;
pub mod schedule;
pub mod watch;

mod approval;
mod builtin;
mod children;
mod decide;
mod doubt;
mod drive;
mod failpoint;
mod forms;
mod fresh;
mod given;
mod history;
mod identity;
mod live;
mod masking;
mod planning;
mod question;
mod secrets;
mod undo;
mod undone;

pub use engine::{Engine, Library, Progress, Start, Taken};
pub use masking::check_secret;
pub use secrets::Secrets;

use procedo_core::message::{Language, Sources};

/// The engine's sentences and errors.
pub const MESSAGES: Sources = &[
    (Language::En, include_str!("../messages/en.ftl")),
    (Language::Es, include_str!("../messages/es.ftl")),
    (Language::De, include_str!("../messages/de.ftl")),
];
