//! What the end-to-end tests share. They start the real programs on real sites in temporary folders, and know nothing of the
//! host's code: what they see is what a person sees.
//!
//! - [`program`]: the programs under test, and what one of them did
//! - [`site`]: a site in a temporary folder
//! - [`tree`]: a folder, byte for byte
//! - [`journal`]: a run's journal as `show --json` tells it
//! - [`web`]: a web server that writes down what it is asked
//! - [`kill`]: runs that are killed at a chosen point of a call, and gone on with
//! - [`servers`]: a simulated server with its services and its database; [`rehearsal`]: runs that change it, killed as above
//! - [`remote`]: a server that is reached through a real [`sshd`], with services as real processes ([`process`]) and a real
//!   PostgreSQL ([`roles`]) whose roles are its accounts; [`secrecy`]: looks for their passwords where they must not be
//! - [`postgres`]: a cluster of PostgreSQL with pgBackRest; [`informix`]: a simulated Informix

#![allow(clippy::unwrap_used, reason = "what a fixture meets fails its test, too")]

pub mod informix;
pub mod journal;
pub mod kill;
pub mod postgres;
pub mod process;
pub mod program;
pub mod rehearsal;
pub mod remote;
pub mod roles;
pub mod secrecy;
pub mod servers;
pub mod site;
pub mod sshd;
pub mod tree;
pub mod web;

pub use program::{Done, Program};
pub use site::Site;

/// The command that puts the pages of the lab's web server into German.
pub const LOCALIZE: [&str; 8] = [
    "run",
    "web/localize-components",
    "-p",
    "language=deutsch",
    "-p",
    "lang=de",
    "-p",
    "catalogue=deutsch.po",
];
