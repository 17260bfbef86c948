//! Machines as other capabilities use them: this one, and the same reached through a real SSH server.
#![allow(clippy::unwrap_used, missing_docs)]

mod bench;
mod capability;
mod conversations;
mod jobs;
mod messages;
mod programs;
mod secure_shell;
mod windows;
mod windows_peer;
