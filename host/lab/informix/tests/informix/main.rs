//! The driver `informix` on simulated tools.
#![allow(
    clippy::unwrap_used,
    missing_docs,
    reason = "what a helper meets fails its test, too"
)]

mod backups;
mod crashes;
mod restores;
mod secure_shell;
mod statements;
mod support;
mod tapes;
mod tools;
