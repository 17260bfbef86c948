//! The capability `machine`, and the machines of a site for other capabilities.
//!
//! - [`api`]: what other capabilities use a machine for: programs, jobs that outlive Procedo, files
//! - [`conversation`]: prompts of an interactive tool answered by meaning; `dialogue`: its pure part
//! - `posix`, `job`: a machine with a POSIX shell, by scripts (`sh`, `script/*.sh`) in exchanges (`exchange`) over a shell:
//!   `local` or `ssh`
//! - `settings`, `command`: what a site declares of a machine, and its named commands
//! - [`Machines`]: the machines of a site by name

pub mod api;
mod command;
pub mod conversation;
pub mod dialogue;
mod exchange;
mod job;
mod local;
mod machines;
mod posix;
mod settings;
mod sh;
mod ssh;

pub use api::{
    FileKind, FileStatus, Input, Job, JobState, Limits, Machine, NoSecrets, Output, Program, Secrets, Space,
    System,
};
pub use conversation::{Conversation, Ended, Partner};
pub use dialogue::{Action, Heard, Rule};
pub use machines::Machines;
