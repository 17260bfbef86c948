//! Machines as other capabilities use them: this one, and the same reached through a real SSH server.

mod bench;
mod conversations;
mod jobs;
mod programs;
mod secure_shell;
