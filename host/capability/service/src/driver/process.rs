//! The driver `process`: a plain program that stays in the foreground, with a pid file.
//!
//! The pid file is not removed when the process ends: it tells the process' start, too, so that no other is taken for it.

use crate::driver::{Driver, On, PasswordProgram, one_line};
use crate::pid_file::{Meant, meant};
use crate::processes::{self, Table};
use crate::state::{Seen, ServiceState, ServiceStatus};
use procedo_core::capability::Stop;
use procedo_core::{Error, Kind, Result};
use serde::Deserialize;
use std::time::Duration;

/// How long a process has to live to count as started, and in how many parts that is looked at. A program that lacks a
/// library, its settings or its port ends within this time.
const SETTLE: Duration = Duration::from_millis(300);
const LOOKS: u32 = 3;

/// The settings of a plain program.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct ProcessSettings {
    /// The program.
    program: String,
    /// Its arguments.
    #[serde(default)]
    args: Vec<String>,
    /// The folder it starts in; else the account's own.
    folder: Option<String>,
    /// Where its process is noted.
    pid_file: String,
    /// Where its output goes.
    log_file: Option<String>,
    /// After how many seconds it is killed if it does not end.
    kill_after: Option<u64>,
}

impl ProcessSettings {
    /// The rule that they break, if they do.
    pub(crate) fn check(&self) -> Result<(), String> {
        let log = self.log_file.as_deref().unwrap_or("/");
        for (setting, path) in [("pid-file", self.pid_file.as_str()), ("log-file", log)] {
            if !path.starts_with('/') {
                return Err(format!("{setting} = \"{path}\" ≠ \"/…\""));
            }
        }
        if self.program.is_empty() || self.program.starts_with('-') {
            return Err(format!("program = \"{}\"", self.program));
        }
        Ok(())
    }
}

/// A plain program.
pub(crate) struct Process {
    on: On,
    settings: ProcessSettings,
    log: String,
    password: Option<PasswordProgram>,
}

impl Process {
    pub(crate) fn new(on: On, settings: ProcessSettings, password: Option<PasswordProgram>) -> Self {
        let log = settings.log_file.clone();
        Self {
            on,
            log: log.unwrap_or_else(|| format!("{}.log", settings.pid_file)),
            settings,
            password,
        }
    }

    fn table(&self, stop: &Stop) -> Result<Table> {
        self.on.table(&self.settings.pid_file, stop)
    }

    /// What it printed after its log file was so long, at most the end of it.
    fn printed_after(&self, length: &str, stop: &Stop) -> Result<String> {
        let script = self
            .on
            .script("tail -c +$(($2 + 1)) \"$1\" | tail -c 2000", &[&self.log, length]);
        Ok(one_line(&self.on.run(&script, stop)?.text()))
    }
}

/// What a pid file and the table of processes say of the service.
fn seen(table: &Table, pid_file: &str, family: &[processes::Process]) -> Seen {
    let mut remaining = table.left_of(family);
    let mut status = ServiceStatus::foreseen(ServiceState::Stopped);
    let mut identity = None;
    match meant(table) {
        Meant::Missing => status.detail = format!("{pid_file} does not exist"),
        Meant::Garbage => {
            let line = table.lines.first().map(String::as_str).unwrap_or_default();
            status.state = ServiceState::Unknown;
            status.detail = format!("{pid_file} names no process: “{}”", line.escape_debug());
        }
        Meant::Running(entry) => {
            status.state = ServiceState::Running;
            status.process = Some(entry.pid);
            status.since = table.since(entry);
            status.detail = entry.name.escape_debug().to_string();
            identity = Some(format!("{} {} {}", entry.pid, entry.started, table.boot));
        }
        Meant::Ended {
            remaining: left,
            recycled,
        } => {
            let pid = table.lines.first().map(|line| line.trim()).unwrap_or_default();
            let what = if recycled {
                "is another process now"
            } else {
                "has ended"
            };
            status.detail = format!("{pid_file} names {}, which {what}", pid.escape_debug());
            for entry in left {
                let process = entry.process();
                if !remaining.iter().any(|other| other.pid == process.pid) {
                    remaining.push(process);
                }
            }
        }
    }
    if status.state == ServiceState::Stopped && !remaining.is_empty() {
        status.state = ServiceState::Stopping;
    }
    Seen {
        status,
        identity,
        remaining,
    }
}

impl Driver for Process {
    fn identity(&self) -> Option<String> {
        self.on.identity(&format!("process:{}", self.settings.pid_file))
    }

    fn look(&self, family: &[processes::Process], stop: &Stop) -> Result<Seen> {
        let mut seen = seen(&self.table(stop)?, &self.settings.pid_file, family);
        seen.remaining = self.on.with_commands(seen.remaining, stop)?;
        Ok(seen)
    }

    fn family(&self, stop: &Stop) -> Result<Vec<processes::Process>> {
        let table = self.table(stop)?;
        let members = match meant(&table) {
            Meant::Running(entry) => table.family(entry.pid),
            Meant::Ended { remaining, .. } => remaining,
            Meant::Missing | Meant::Garbage => Vec::new(),
        };
        let members = members.into_iter().map(processes::Entry::process).collect();
        self.on.with_commands(members, stop)
    }

    fn start(&self, _time: Duration, stop: &Stop) -> Result<()> {
        let settings = &self.settings;
        let folder = settings.folder.as_deref().unwrap_or_default();
        let mut args = vec![settings.pid_file.as_str(), &self.log, folder, &settings.program];
        args.extend(settings.args.iter().map(String::as_str));
        let output = self
            .on
            .run(&self.on.script(include_str!("../script/start.sh"), &args), stop)?;
        match output.code {
            0 => {}
            90 => {
                return Err(self
                    .on
                    .error(Kind::NotSupported, "P1116")
                    .with("what", "setsid, flock"));
            }
            _ => return Err(self.on.failed(&settings.program, &output)),
        }
        for _ in 0..LOOKS {
            if stop.wait(SETTLE / LOOKS) {
                stop.check()?;
            }
            if self.look(&[], stop)?.state() != ServiceState::Running {
                let reason = self.printed_after(output.text().trim(), stop)?;
                return Err(self.on.error(Kind::Failed, "P1105").with("reason", reason));
            }
        }
        Ok(())
    }

    fn ask_to_stop(&self, _time: Duration, stop: &Stop) -> Result<()> {
        let table = self.table(stop)?;
        match meant(&table) {
            // The process itself only: it knows best in which order its children have to end.
            Meant::Running(entry) => self.on.signal("TERM", &[entry.process()], stop),
            _ => Ok(()),
        }
    }

    fn kill_after(&self) -> Option<Duration> {
        self.settings.kill_after.map(Duration::from_secs)
    }

    fn kill(&self, family: &[processes::Process], stop: &Stop) -> Result<()> {
        self.on.signal("KILL", family, stop)
    }

    fn sets_passwords(&self) -> bool {
        self.password.is_some()
    }

    fn set_password(&self, account: &str, password: &str, stop: &Stop) -> Result<()> {
        match &self.password {
            Some(program) => self.on.set_password(program, account, password, stop),
            None => Err(unsupported(&self.on)),
        }
    }
}

fn unsupported(on: &On) -> Error {
    on.error(Kind::NotSupported, "P1108")
}
