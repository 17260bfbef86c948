//! The capability files on the folders of a machine that is reached by SSH: what holds on this machine holds there.
#![allow(clippy::unwrap_used, missing_docs)]

#[path = "../files/archives.rs"]
mod archives;
#[path = "../files/bench.rs"]
mod bench;
#[path = "../files/confinement.rs"]
mod confinement;
mod connection;
#[path = "../files/messages.rs"]
mod messages;
#[path = "../files/sequences.rs"]
mod sequences;
mod server;
mod site;
#[path = "../files/text.rs"]
mod text;
#[path = "../files/trees.rs"]
mod trees;
