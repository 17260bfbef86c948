//! The capability `machine`, and the machines of a site for other capabilities.
//!
//! - [`api`]: what other capabilities use a machine for: programs, jobs that outlive Procedo, files
//! - [`conversation`]: prompts of an interactive tool answered by meaning; `dialogue`: its pure part
//! - `posix`, `job`: a machine with a POSIX shell, by scripts (`sh`, `script/*.sh`) in exchanges (`exchange`) over a shell:
//!   `local` or `ssh`
//! - `windows`: a machine with Windows, by PowerShell over `ssh`; `program`: what no machine can be asked to start
//! - `settings`, `named`: what a site declares of a machine, and its named commands
//! - `operation`: what the WIT offers
//! - [`Machines`]: the machines of a site by name

pub mod api;
pub mod conversation;
pub mod dialogue;
mod exchange;
mod job;
mod local;
mod machines;
mod named;
mod operation;
mod posix;
mod program;
mod sent;
mod settings;
mod sh;
mod ssh;
mod windows;

pub use api::{
    FileKind, FileStatus, Input, Job, JobState, Limits, Machine, NoSecrets, Output, Program, Secrets, Space,
    System, heard, unheard,
};
pub use conversation::{Conversation, Ended, Partner};
pub use dialogue::{Action, Heard, Rule};
pub use machines::Machines;
pub use operation::clock::Clock;
pub use operation::command::CommandResult;
pub use operation::look::{Facts, FreeSpace, ReachMethod, Reachability, Resolved};

use crate::operation::{clock, command, look};
use procedo_core::capability::{Bound, Capability};
use procedo_core::message::{Language, Sources};

/// The capability's sentences and errors (`P1001` to `P1028`) in the three languages.
pub const MESSAGES: Sources = &[
    (Language::En, include_str!("../messages/en.ftl")),
    (Language::Es, include_str!("../messages/es.ftl")),
    (Language::De, include_str!("../messages/de.ftl")),
];

/// The capability `machine`, over the machines of a site.
pub struct MachineCapability(pub Machines);

impl Capability for MachineCapability {
    fn name(&self) -> &'static str {
        "machine"
    }

    fn operations(&self) -> Vec<Bound> {
        let machines = || self.0.clone();
        vec![
            Bound::operation("command", command::RunCommand(machines())),
            Bound::reading("environment", look::Environment(machines())),
            Bound::reading("clock-offset", clock::ClockOffset(machines())),
            Bound::reading("resolve", look::Resolve(machines())),
            Bound::reading("reachable", look::Reachable(machines())),
            Bound::reading("free-space", look::SpaceOf(machines())),
            Bound::reading("system-facts", look::SystemFacts(machines())),
        ]
    }

    fn messages(&self) -> Sources {
        MESSAGES
    }
}
