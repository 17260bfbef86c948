//! The capability files on real folders.
#![allow(clippy::unwrap_used, missing_docs)]

mod archives;
mod bench;
mod confinement;
mod messages;
mod sequences;
mod text;
mod trees;
