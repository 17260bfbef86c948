//! What a driver answers, and what drivers have in common: programs and scripts on the service's machine.

pub(crate) mod process;
pub(crate) mod systemd;
pub(crate) mod windows;

use crate::processes::{Process, Table};
use crate::state::Seen;
use procedo_core::capability::Stop;
use procedo_core::{Error, Kind, Result};
use procedo_machine::{Input, Limits, Machine, Output, Program};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// The system of a machine that runs a service. Drivers ask for things; whoever waits until they are so is `waiting`.
pub(crate) trait Driver: Send + Sync {
    /// What the service's name stands for: its machine and its name there. None if the machine cannot tell who it is.
    fn identity(&self) -> Option<String>;

    /// The present state. A service with a process of `family` that still runs is not stopped.
    fn look(&self, family: &[Process], stop: &Stop) -> Result<Seen>;

    /// The processes that belong to the service now.
    fn family(&self, stop: &Stop) -> Result<Vec<Process>>;

    /// Starts it; returns when it runs, or `time` is up, or it is under way.
    fn start(&self, time: Duration, stop: &Stop) -> Result<()>;

    /// Asks it to end; returns when it has ended, or `time` is up, or at once.
    fn ask_to_stop(&self, time: Duration, stop: &Stop) -> Result<()>;

    /// After which time its processes are ended against their will, if the site wants that.
    fn kill_after(&self) -> Option<Duration> {
        None
    }

    /// Ends these against their will.
    fn kill(&self, _family: &[Process], _stop: &Stop) -> Result<()> {
        Ok(())
    }

    /// Restarts it, if the system can do that better than by a stop and a start; tells whether it can.
    fn restart(&self, _time: Duration, _stop: &Stop) -> Result<bool> {
        Ok(false)
    }

    /// Whether it can set passwords at all.
    fn sets_passwords(&self) -> bool;

    /// Sets the password of an account, which `status` said the service runs under if it said anything.
    fn set_password(&self, account: &str, password: &str, stop: &Stop) -> Result<()>;
}

/// A program that sets passwords: it reads one line, `ACCOUNT:PASSWORD`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PasswordProgram {
    pub(crate) path: String,
    pub(crate) args: Vec<String>,
}

/// A service's machine.
pub(crate) struct On {
    pub(crate) service: String,
    pub(crate) machine: Arc<dyn Machine>,
}

impl On {
    /// Identifies something on the machine.
    pub(crate) fn identity(&self, what: &str) -> Option<String> {
        self.machine
            .identity()
            .ok()
            .map(|machine| format!("{machine} {what}"))
    }

    pub(crate) fn error(&self, kind: Kind, code: &str) -> Error {
        Error::new(kind, code)
            .with("service", &self.service)
            .with("machine", self.machine.name())
    }

    /// Runs a program that answers soon.
    pub(crate) fn run(&self, program: &Program, stop: &Stop) -> Result<Output> {
        self.machine.run(program, &Limits::default(), stop)
    }

    /// Runs a program for at most so long; none if the time was up.
    pub(crate) fn run_for(&self, program: &Program, time: Duration, stop: &Stop) -> Result<Option<Output>> {
        let limits = Limits {
            time,
            ..Limits::default()
        };
        match self.machine.run(program, &limits, stop) {
            // The tool was ended; what it asked for goes on, and whoever waits looks for it.
            Err(error) if matches!(error.code.as_str(), "P1009" | "P1010") => Ok(None),
            other => other.map(Some),
        }
    }

    /// Runs a program that has to succeed.
    pub(crate) fn succeed(&self, program: &Program, tool: &str, stop: &Stop) -> Result<String> {
        let output = self.run(program, stop)?;
        if output.code == 0 {
            Ok(output.text())
        } else {
            Err(self.failed(tool, &output))
        }
    }

    /// A tool that failed.
    pub(crate) fn failed(&self, tool: &str, output: &Output) -> Error {
        self.error(Kind::Failed, "P1109")
            .with("tool", tool)
            .with("exit", output.code)
            .with("reason", said(output))
    }

    /// A tool that answered something else than it should.
    pub(crate) fn unreadable(&self, tool: &str, answer: &str) -> Error {
        self.error(Kind::Failed, "P1110").with("tool", tool).with(
            "answer",
            answer.chars().take(300).collect::<String>().escape_debug(),
        )
    }

    /// One of our own scripts for a POSIX shell.
    pub(crate) fn script(&self, text: &str, args: &[&str]) -> Program {
        Program::new("/bin/sh")
            .args(["-c", text, "procedo-service"])
            .args(args.iter().copied())
    }

    /// What runs on the machine, and what a pid file says.
    pub(crate) fn table(&self, pid_file: &str, stop: &Stop) -> Result<Table> {
        let script = self.script(include_str!("../script/look.sh"), &[pid_file]);
        let output = self.run(&script, stop)?;
        if output.code != 0 {
            return Err(self.failed("/proc", &output));
        }
        if output.truncated {
            return Err(self.unreadable("/proc", "…"));
        }
        Table::parse(&output.text())
            .ok_or_else(|| self.error(Kind::NotSupported, "P1116").with("what", "/proc"))
    }

    /// Gives processes their whole commands, as far as they still run.
    pub(crate) fn with_commands(&self, mut processes: Vec<Process>, stop: &Stop) -> Result<Vec<Process>> {
        if processes.is_empty() {
            return Ok(processes);
        }
        let pids: Vec<String> = processes.iter().map(|process| process.pid.to_string()).collect();
        let pids: Vec<&str> = pids.iter().map(String::as_str).collect();
        let script = self.script(include_str!("../script/commands.sh"), &pids);
        let told = self.run(&script, stop)?.text();
        let commands: BTreeMap<&str, &str> = told.lines().filter_map(|line| line.split_once(' ')).collect();
        for process in &mut processes {
            if let Some(command) = commands.get(process.pid.to_string().as_str()) {
                command.trim().clone_into(&mut process.command);
            }
        }
        Ok(processes)
    }

    /// Sends a signal to those processes that still are the ones meant.
    pub(crate) fn signal(&self, signal: &str, processes: &[Process], stop: &Stop) -> Result<()> {
        let mut args = vec![signal.to_owned()];
        for process in processes {
            args.extend([process.pid.to_string(), process.started.clone()]);
        }
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        let script = self.script(include_str!("../script/signal.sh"), &args);
        self.succeed(&script, "kill", stop).map(drop)
    }

    /// Sets a password by a program.
    pub(crate) fn set_password(
        &self,
        program: &PasswordProgram,
        account: &str,
        password: &str,
        stop: &Stop,
    ) -> Result<()> {
        let line = format!("{account}:{password}\n").into_bytes();
        let run = Program::new(&program.path)
            .args(program.args.iter().cloned())
            .input(Input::Bytes(line));
        self.succeed(&run, &program.path, stop).map(drop)
    }
}

/// What a tool said, errors first, in one line that is not too long.
pub(crate) fn said(output: &Output) -> String {
    let both = format!("{}\n{}", output.errors().trim(), output.text().trim());
    one_line(&both)
}

/// Some text as a part of a sentence: at most its last 1,000 characters; a dash for nothing.
pub(crate) fn one_line(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    let line = words.join(" ");
    let skip = line.chars().count().saturating_sub(1000);
    let end: String = line.chars().skip(skip).filter(|c| !c.is_control()).collect();
    if end.is_empty() { "–".to_owned() } else { end }
}
