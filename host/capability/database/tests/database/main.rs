//! The capability database on real SQLite files.
#![allow(
    clippy::unwrap_used,
    missing_docs,
    reason = "what a helper meets fails its test, too"
)]

mod backups;
mod crashes;
mod damage;
mod load;
mod restores;
mod statements;
mod support;
