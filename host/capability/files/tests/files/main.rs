//! The capability files on real folders.
#![allow(clippy::unwrap_used, missing_docs)]

mod bench;
mod sequences;
mod text;
mod trees;
