//! The driver `postgresql` against a real PostgreSQL with pgBackRest.
#![allow(
    clippy::unwrap_used,
    missing_docs,
    reason = "what a helper meets fails its test, too"
)]

mod cluster;
mod crashes;
mod damage;
mod dumps;
mod outage;
mod physical;
mod sshd;
mod statements;
mod status;
mod support;
