//! The capability service with real processes, and with scripted service managers.
#![allow(clippy::unwrap_used, missing_docs)]

mod bench;
mod messages;
mod process;
mod systemd;
mod windows;
