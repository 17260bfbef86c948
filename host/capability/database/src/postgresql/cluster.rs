//! The cluster on its machine: programs that run as its account, its control file, stopping and starting it.

use crate::driver::{Mode, StatusReport};
use crate::postgresql::Postgresql;
use crate::postgresql::settings::Host;
use procedo_core::capability::Stop;
use procedo_core::{Error, Kind, Result};
use procedo_machine::{Limits, Output, Program};
use std::time::{Duration, Instant};

/// How long to wait between two looks at a cluster that starts or stops.
const BETWEEN: Duration = Duration::from_millis(200);
/// How long programs may take that only look.
const LOOK: u64 = 60;
/// For how long a cluster may show no sign of life after it was started.
const GRACE: Duration = Duration::from_secs(5);

/// What the control file tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct State {
    /// The cluster's state, in English.
    pub(crate) state: String,
    /// How many bytes a segment of the log has; 0 if it does not tell.
    pub(crate) segment: u64,
}

/// What there is of a control file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Control {
    State(State),
    /// It is missing or cannot be read; what is said about it.
    Unreadable(String),
}

impl Postgresql {
    /// The machine, for what needs it.
    pub(crate) fn host(&self) -> Result<&Host> {
        self.needs("machine", self.host.as_ref())
    }

    /// A setting, for what needs it.
    pub(crate) fn needs<'a, T>(&self, setting: &str, value: Option<&'a T>) -> Result<&'a T> {
        value.ok_or_else(|| self.missing(setting))
    }

    /// The error for a setting that is missing.
    pub(crate) fn missing(&self, setting: &str) -> Error {
        self.server.error(Kind::Invalid, "P1264").with("setting", setting)
    }

    /// A program that runs as the cluster's account and speaks English.
    pub(crate) fn program(&self, words: impl IntoIterator<Item = impl Into<String>>) -> Result<Program> {
        let english = ["env", "LC_ALL=C"].map(str::to_owned);
        let mut all = self.host()?.run_with.clone();
        all.extend(english);
        all.extend(words.into_iter().map(Into::into));
        let path = all.remove(0);
        // The account may not be allowed to enter the folder in which Procedo's own begins.
        Ok(Program::new(path).args(all).folder("/"))
    }

    /// Runs a program as the cluster's account.
    pub(crate) fn run<S: Into<String>>(
        &self,
        words: impl IntoIterator<Item = S>,
        seconds: u64,
        stop: &Stop,
    ) -> Result<Output> {
        let program = self.program(words)?;
        self.host()?
            .machine
            .run(&program, &Limits::seconds(seconds), stop)
    }

    /// The path of a program of PostgreSQL.
    pub(crate) fn tool(&self, name: &str) -> Result<String> {
        let bin = self.host()?.bin.as_ref();
        Ok(bin.map_or_else(|| name.to_owned(), |bin| format!("{bin}/{name}")))
    }

    /// The folder of the cluster's data.
    pub(crate) fn data(&self) -> Result<&String> {
        self.needs("data", self.host()?.data.as_ref())
    }

    /// What the control file tells; none where the site does not say where it is.
    pub(crate) fn control(&self, stop: &Stop) -> Result<Option<Control>> {
        let Some(data) = self.host.as_ref().and_then(|host| host.data.as_ref()) else {
            return Ok(None);
        };
        let output = self.run([self.tool("pg_controldata")?.as_str(), data], LOOK, stop)?;
        Ok(Some(read_control(output.code, &output.text(), &output.errors())))
    }

    /// Whether its postmaster runs, whatever a crash has left in its folder.
    pub(crate) fn has_process(&self, stop: &Stop) -> Result<bool> {
        let output = self.run(
            [self.tool("pg_ctl")?.as_str(), "status", "-D", self.data()?],
            LOOK,
            stop,
        )?;
        // 3: it does not run; 4: its folder is not that of a cluster (pg_ctl(1)).
        match output.code {
            0 => Ok(true),
            3 | 4 => Ok(false),
            _ => Err(self.not_stopped(output.errors().trim())),
        }
    }

    /// Removes the mark of a postmaster that was killed, which would keep pgBackRest from restoring.
    pub(crate) fn clear_mark(&self, stop: &Stop) -> Result<()> {
        if !self.has_process(stop)? {
            let file = format!("{}/postmaster.pid", self.data()?);
            self.run(["rm", "-f", &file], LOOK, stop)?;
        }
        Ok(())
    }

    /// Stops the cluster and waits until it is really down, cleanly. One that is down already is left alone.
    pub(crate) fn stop_cluster(&self, stop: &Stop) -> Result<()> {
        let command = self.needs("stop", self.host()?.stop.as_ref())?;
        let limit = self.host()?.stop_timeout;
        let mut said = String::new();
        if self.has_process(stop)? {
            let output = self.run(command, limit.as_secs(), stop)?;
            said = told(command, &output);
        }
        let began = Instant::now();
        loop {
            let down = !self.has_process(stop)?;
            if down {
                return match self.control(stop)? {
                    Some(Control::State(state)) if state.state.starts_with("shut down") => Ok(()),
                    Some(Control::State(state)) => Err(self.not_stopped(&state.state)),
                    Some(Control::Unreadable(why)) => Err(self.not_stopped(&why)),
                    None => Err(self.missing("data")),
                };
            }
            if began.elapsed() > limit {
                return Err(self.not_stopped(&said));
            }
            stop.wait(BETWEEN);
            stop.check()?;
        }
    }

    fn not_stopped(&self, reason: &str) -> Error {
        self.server
            .error(Kind::Failed, "P1268")
            .with("what", "stop")
            .with("reason", reason)
    }

    /// Starts the cluster and waits until it takes connections and its recovery has ended, however long that takes.
    pub(crate) fn start_cluster(&self, stop: &Stop) -> Result<StatusReport> {
        let command = self.needs("start", self.host()?.start.as_ref())?;
        let mut said = String::new();
        if !self.has_process(stop)? {
            // It may wait for the end of a recovery and be given up; whether the cluster then runs is looked at.
            match self.run(command, 120, stop) {
                Ok(output) => said = told(command, &output),
                Err(error) if error.kind == Kind::TimedOut => {}
                Err(error) => return Err(error),
            }
        }
        let mut dead_since = None;
        loop {
            let status = self.look(stop)?;
            match status.mode {
                Mode::Online => return Ok(status),
                Mode::Offline | Mode::Damaged => {
                    let since = *dead_since.get_or_insert_with(Instant::now);
                    // Without a process there is nothing to wait for.
                    if since.elapsed() > GRACE || !self.has_process(stop)? && since.elapsed() > GRACE / 5 {
                        return Err(self
                            .server
                            .error(Kind::Failed, "P1268")
                            .with("what", "start")
                            .with("reason", format!("{} {said}", status.detail).trim()));
                    }
                }
                _ => dead_since = None,
            }
            stop.wait(BETWEEN);
            stop.check()?;
        }
    }

    /// What has been written and is not in the archive, while the cluster is down.
    pub(crate) fn not_archived(&self, stop: &Stop) -> Result<Vec<String>> {
        let folder = format!("{}/pg_wal/archive_status", self.data()?);
        let output = self.run(["find", &folder, "-name", "*.ready"], LOOK, stop)?;
        if output.code != 0 {
            return Err(self.not_stopped(output.errors().trim()));
        }
        let text = output.text();
        let names = text.lines().filter_map(|line| line.rsplit('/').next());
        Ok(names
            .map(|name| name.trim_end_matches(".ready").to_owned())
            .collect())
    }

    /// How many bytes the cluster's folder takes now; 0 if it is not there.
    pub(crate) fn present_size(&self, stop: &Stop) -> Result<u64> {
        let output = self.run(["du", "-sk", self.data()?], 600, stop)?;
        let text = output.text();
        let kibibytes = text
            .split_whitespace()
            .next()
            .and_then(|word| word.parse::<u64>().ok());
        Ok(kibibytes.unwrap_or(0) * 1024)
    }
}

/// A command with its exit code and the end of what it said.
fn told(command: &[String], output: &Output) -> String {
    let said = format!("{} {}", output.text(), output.errors());
    let last: Vec<&str> = said
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect();
    let last = last[last.len().saturating_sub(3)..].join("; ");
    format!("{} → {}: {last}", command.join(" "), output.code)
}

/// What `pg_controldata` says.
fn read_control(code: i32, text: &str, errors: &str) -> Control {
    let field = |name: &str| {
        text.lines()
            .find_map(|line| line.strip_prefix(name))
            .map(str::trim)
    };
    match field("Database cluster state:") {
        Some(state) if code == 0 => Control::State(State {
            state: state.to_owned(),
            segment: field("Bytes per WAL segment:")
                .and_then(|bytes| bytes.parse().ok())
                .unwrap_or(0),
        }),
        _ => Control::Unreadable(errors.trim().to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_control_file_tells_the_state_or_why_it_cannot() {
        let text = "pg_control version number:            1300\nDatabase cluster state:               shut down\n\
                    Bytes per WAL segment:                16777216\n";
        let state = State {
            state: "shut down".to_owned(),
            segment: 16 << 20,
        };
        assert_eq!(read_control(0, text, ""), Control::State(state));
        let why = "could not open file".to_owned();
        assert_eq!(
            read_control(1, "", "could not open file\n"),
            Control::Unreadable(why)
        );
    }
}
