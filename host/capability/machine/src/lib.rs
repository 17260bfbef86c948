//! The capability `machine`, and the machines of a site for other capabilities.
//!
//! - [`api`]: what other capabilities use a machine for: programs, jobs that outlive Procedo, files
//! - [`conversation`]: prompts of an interactive tool answered by meaning; `dialogue`: its pure part
//! - [`Machines`]: the machines of a site by name

pub mod api;
pub mod conversation;
pub mod dialogue;
mod machines;

pub use api::{
    FileKind, FileStatus, Input, Job, JobState, Limits, Machine, NoSecrets, Output, Program, Secrets, Space,
    System,
};
pub use conversation::{Conversation, Ended, Partner};
pub use dialogue::{Action, Heard, Rule};
pub use machines::Machines;
