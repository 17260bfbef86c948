//! What each command does.

mod decide;
mod explain;
mod init;
mod procedures;
mod run;
mod runs;

use crate::args::{Command, Globals};
use crate::exit::Exit;
use crate::output::{Output, err};
use crate::site::Opened;
use procedo_core::Result;

impl Command {
    /// Whether the command works on a site.
    pub fn needs_site(&self) -> bool {
        !matches!(self, Self::Init(_) | Self::Explain { .. })
    }
}

/// Commands that need no site.
pub fn without_site(command: Command, _globals: &Globals, output: &Output) -> Result<Exit> {
    match command {
        Command::Init(args) => init::init(&args, output),
        Command::Explain { code } => explain::explain(&code, output),
        _ => Err(err!(Failed, "P0070")),
    }
}

/// Commands on a site.
pub fn with_site(command: Command, opened: &Opened, output: &Output) -> Result<Exit> {
    match command {
        Command::Procedures => procedures::list(opened, output),
        Command::Describe { id } => procedures::describe(opened, output, &id),
        Command::Plan(args) => run::plan(opened, output, &args),
        Command::Run(args) => run::run(opened, output, &args),
        Command::Resume(args) => run::resume(opened, output, &args),
        Command::Undo(args) => run::undo(opened, output, &args),
        Command::Runs(args) => runs::list(opened, output, &args),
        Command::Show(args) => runs::show(opened, output, &args),
        Command::Follow { run } => runs::follow(opened, output, &run),
        Command::Approve(args) => decide::approve(opened, output, &args),
        Command::Reject(args) => decide::reject(opened, output, &args),
        Command::Answer(args) => decide::answer(opened, output, &args),
        Command::Cancel(args) => decide::cancel(opened, output, &args),
        _ => Err(err!(Failed, "P0070")),
    }
}
