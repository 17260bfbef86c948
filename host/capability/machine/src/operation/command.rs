//! `machine.command`: a named command with its four answers.
//!
//! A command that only reads is run when it is planned, in a live run as in a plan. Of the others, one that may take more than
//! a minute is a job, which a probe finds again; of a shorter one, the probe that the site declares tells what became of it.

use super::Touched;
use crate::api::{Job, JobState, Limits, Output, heard};
use crate::machines::Machines;
use crate::named::Command;
use procedo_core::capability::{Context, Operation};
use procedo_core::change::{Assumed, Call, Change, Planned, Probe, Undo};
use procedo_core::effect::{Effect, OperationName, ResourceName};
use procedo_core::message::Message;
use procedo_core::value::Value;
use procedo_core::{Error, Kind, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::time::{Duration, Instant};

/// A command that may take longer is a job.
const SHORT: Duration = Duration::from_secs(60);
/// How much output is replied, in bytes.
const MOST: usize = 1 << 20;
/// How often a job is looked at.
const LOOK: Duration = Duration::from_millis(500);
/// How long a job whose time is up may take to end by itself.
const GRACE: Duration = Duration::from_secs(10);

/// The arguments of `command`.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct Args {
    machine: String,
    name: String,
    args: Vec<(String, String)>,
}

/// What a command left.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CommandResult {
    /// Its exit code.
    pub code: i32,
    /// What it printed.
    pub stdout: String,
    /// What it printed as errors.
    pub stderr: String,
    /// Whether it printed more than is replied.
    pub truncated: bool,
}

/// The operation `command`.
pub(crate) struct RunCommand(pub(crate) Machines);

impl RunCommand {
    fn declared(&self, args: &Args) -> Result<&Command> {
        self.0
            .settings(&args.machine)?
            .commands
            .get(&args.name)
            .ok_or_else(|| failure(args, Kind::NotFound, "P1020"))
    }

    fn run(&self, context: &Context<'_>, args: &Args, command: &Command) -> Result<CommandResult> {
        let program = command.fill(&args.machine, &args.name, &args.args)?;
        let limits = Limits {
            time: command.timeout,
            bytes: MOST,
        };
        let machine = self.0.get(&args.machine)?;
        judged(args, command, machine.run(&program, &limits, context.stop)?)
    }

    fn follow(&self, context: &mut Context<'_>, args: &Args, command: &Command) -> Result<CommandResult> {
        let program = command.fill(&args.machine, &args.name, &args.args)?;
        let machine = self.0.get(&args.machine)?;
        let key = context.key();
        let found = match machine.find_job(&key) {
            // Before anything was begun, a machine out of reach is no more than that.
            found if context.notes.is_empty() => found?,
            found => heard(found)?,
        };
        if context.notes.is_empty() {
            (context.note)(json!({"job": key}))?;
        }
        let job = match found {
            // Whoever decided that it shall be made again knows that it is gone.
            Some(job) if heard(job.state())? == JobState::Lost => {
                heard(job.forget())?;
                heard(machine.start_job(&key, &program))?
            }
            Some(job) => job,
            None => heard(machine.start_job(&key, &program))?,
        };
        heard(self.attend(context, args, command, &*job))
    }

    fn attend(
        &self,
        context: &Context<'_>,
        args: &Args,
        command: &Command,
        job: &dyn Job,
    ) -> Result<CommandResult> {
        let until = Instant::now() + command.timeout;
        loop {
            match job.state()? {
                // It stays where it is until its outcome is durable: a probe may want to find it.
                JobState::Ended { code } => return judged(args, command, output(job, code)?),
                JobState::Lost => {
                    return Err(failure(args, Kind::Failed, "P1023").with("job", context.key()));
                }
                JobState::Running { .. } => {}
            }
            if Instant::now() >= until {
                job.end(GRACE)?;
                return Err(failure(args, Kind::TimedOut, "P1009").with("seconds", command.timeout.as_secs()));
            }
            context.stop.wait(LOOK);
            // The job goes on; a probe will find it.
            context.stop.check()?;
        }
    }
}

fn failure(args: &Args, kind: Kind, code: &str) -> Error {
    Error::new(kind, code)
        .with("machine", &args.machine)
        .with("command", args.name.escape_debug())
}

fn output(job: &dyn Job, code: i32) -> Result<Output> {
    let mut stdout = Vec::new();
    loop {
        let (bytes, _) = job.output_from(stdout.len() as u64)?;
        if bytes.is_empty() || stdout.len() > MOST {
            break;
        }
        stdout.extend(bytes);
    }
    let truncated = stdout.len() > MOST;
    stdout.truncate(MOST);
    Ok(Output {
        code,
        stdout,
        stderr: Vec::new(),
        truncated,
    })
}

/// What a command replies whose output says nothing.
fn quiet(command: &Command) -> CommandResult {
    CommandResult {
        code: command.success.first().copied().unwrap_or_default(),
        stdout: String::new(),
        stderr: String::new(),
        truncated: false,
    }
}

/// The output as a reply, or as an error if its code does not mean success.
fn judged(args: &Args, command: &Command, output: Output) -> Result<CommandResult> {
    if command.success.contains(&output.code) && command.quiet {
        return Ok(quiet(command));
    }
    if command.success.contains(&output.code) {
        return Ok(CommandResult {
            code: output.code,
            stdout: output.text(),
            stderr: output.errors(),
            truncated: output.truncated,
        });
    }
    let (errors, text) = (output.errors(), output.text());
    let said = if errors.trim().is_empty() { &text } else { &errors };
    let last = said.trim().lines().last().unwrap_or_default();
    Err(failure(args, Kind::Failed, "P1022")
        .with("code", output.code)
        .with("said", last.chars().take(300).collect::<String>()))
}

impl Operation for RunCommand {
    type Args = Args;
    type Reply = CommandResult;

    fn resource(&self, args: &Args) -> ResourceName {
        args.machine.clone()
    }

    fn effect(&self, args: &Args) -> Effect {
        // A command that nobody has declared does nothing but fail.
        self.declared(args).map_or(Effect::Read, |command| command.effect)
    }

    fn identity(&self, args: &Args) -> Option<String> {
        self.0.get(&args.machine).ok()?.identity().ok()
    }

    fn plan(&self, context: &mut Context<'_>, args: &Args) -> Result<Planned<CommandResult>> {
        let command = self.declared(args)?;
        let program = command.fill(&args.machine, &args.name, &args.args)?;
        if command.effect == Effect::Read {
            return Ok(Planned::unchanged(match Touched::why(context, &args.machine) {
                Some(why) => Assumed::Unforeseeable(why),
                None => Assumed::Real(self.run(context, args, command)?),
            }));
        }
        Touched::note(context, &args.machine, &args.name);
        let about = |id: &str| {
            Message::new(id)
                .with("machine", &args.machine)
                .with("command", &args.name)
        };
        Ok(Planned {
            reply: if command.quiet {
                Assumed::Overlaid(quiet(command))
            } else {
                Assumed::Unforeseeable(about("machine-unforeseeable"))
            },
            change: Some(Change {
                target: args.name.clone(),
                summary: match command.told(&args.args) {
                    Some(sentence) => about("machine-change-sentence").with("sentence", sentence),
                    None => about("machine-change-command"),
                },
                before: Value::Null,
                after: Value::Null,
                bound: json!({"program": program.path, "args": args.args}),
                diff: None,
            }),
        })
    }

    fn perform(&self, context: &mut Context<'_>, args: &Args, _change: &Change) -> Result<CommandResult> {
        let command = self.declared(args)?;
        if command.timeout > SHORT {
            self.follow(context, args, command)
        } else {
            // Where looking cannot tell what became of it, the procedure gets the error and decides.
            self.run(context, args, command).map_err(|error| {
                let cut = error.code == "P1007" && error.kind == Kind::Unavailable;
                if cut && command.probe.is_some() {
                    error.in_doubt()
                } else {
                    error
                }
            })
        }
    }

    fn probe(
        &self,
        context: &mut Context<'_>,
        args: &Args,
        _change: &Change,
    ) -> Result<Probe<CommandResult>> {
        let command = self.declared(args)?;
        if command.timeout > SHORT {
            match self.0.get(&args.machine)?.find_job(&context.key())? {
                None => return Ok(Probe::NotApplied),
                Some(job) => match job.state()? {
                    // Attaching to one that has ended brings its reply, or its error.
                    JobState::Running { .. } | JobState::Ended { .. } => return Ok(Probe::Running),
                    JobState::Lost => {}
                },
            }
        }
        let Some((name, expect)) = &command.probe else {
            return Ok(Probe::Unknown(
                Message::new("machine-probe-none")
                    .with("machine", &args.machine)
                    .with("command", &args.name),
            ));
        };
        let mut asked = Args {
            machine: args.machine.clone(),
            name: name.clone(),
            args: Vec::new(),
        };
        let probe = self.declared(&asked)?;
        asked.args = probe.own_args(&args.args);
        let found = self.run(context, &asked, probe)?;
        Ok(if !expect.is_match(found.stdout.trim_end()) {
            Probe::NotApplied
        } else if command.quiet {
            Probe::Applied(quiet(command))
        } else {
            Probe::Applied(CommandResult {
                code: command.success.first().copied().unwrap_or_default(),
                ..found
            })
        })
    }

    fn undo(
        &self,
        _context: &mut Context<'_>,
        args: &Args,
        _change: &Change,
        _reply: &CommandResult,
    ) -> Result<Undo> {
        Ok(match &self.declared(args)?.undo {
            Some(name) => Undo::Calls {
                calls: vec![Call {
                    operation: OperationName::new("machine", "command"),
                    args: json!({"machine": args.machine, "name": name, "args": args.args}),
                }],
            },
            None => Undo::Irreversible {
                reason: Message::new("machine-undo-none")
                    .with("machine", &args.machine)
                    .with("command", &args.name),
            },
        })
    }
}
