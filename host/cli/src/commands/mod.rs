//! What each command does.

mod audit;
mod capabilities;
mod check;
mod decide;
mod explain;
mod grants;
mod init;
mod lab;
mod people;
mod plugins;
mod procedures;
mod run;
mod runs;
mod schedules;
mod secrets;
mod serve;

use crate::args::{Command, Lab};
use crate::exit::Exit;
use crate::output::{Output, err, msg};
use crate::site::Opened;
use procedo_core::Result;

impl Command {
    /// Whether the command works on a site.
    pub fn needs_site(&self) -> bool {
        !matches!(
            self,
            Self::Init(_) | Self::Explain { .. } | Self::Capabilities(_) | Self::Lab(Lab::Program { .. })
        )
    }
}

/// Commands that need no site.
pub fn without_site(command: Command, output: &Output) -> Result<Exit> {
    match command {
        Command::Init(args) => init::init(&args, output),
        Command::Explain { code } => explain::explain(&code, output),
        Command::Capabilities(args) => capabilities::capabilities(output, &args),
        Command::Lab(Lab::Program { words }) => Ok(lab::program(&words)),
        // `needs_site` sends all others to `with_site`.
        _ => Err(err!(Failed, "P0070")),
    }
}

/// Commands on a site.
pub fn with_site(command: Command, opened: &Opened, output: &Output) -> Result<Exit> {
    // What needs the schedules refuses to go on without them; everybody else is only told.
    if !matches!(
        command,
        Command::Serve | Command::Schedules(_) | Command::Check { .. }
    ) {
        for error in procedo_engine::schedule::faults(opened.site()) {
            let reason = output.sentence(&error);
            output.remark(&msg!("schedules-fault", code = error.code, reason = reason));
        }
    }
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
        Command::Check { paths } => check::check(opened, output, &paths),
        Command::Grants => grants::list(opened, output),
        Command::Grant(args) => grants::grant(opened, output, &args),
        Command::Revoke(args) => grants::revoke(opened, output, &args),
        Command::Secret(args) => secrets::secret(opened, output, &args),
        Command::Plugin(args) => plugins::plugin(opened, output, &args),
        Command::Audit(args) => audit::audit(opened, output, &args),
        Command::User(args) => people::user(opened, output, &args),
        Command::Schedules(args) => schedules::list(opened, output, &args),
        Command::Serve => serve::serve(opened, output),
        Command::Lab(args) => lab::lab(opened, output, &args),
        // `needs_site` sends these to `without_site`.
        Command::Init(_) | Command::Explain { .. } | Command::Capabilities(_) => Err(err!(Failed, "P0070")),
    }
}
