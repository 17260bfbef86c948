//! The capability files on real folders.
#![allow(clippy::unwrap_used, missing_docs)]

mod archives;
mod bench;
mod confinement;
mod here;
mod messages;
mod sequences;
mod site;
mod text;
mod trees;
