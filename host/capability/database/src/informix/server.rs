//! The server as its tools show it: its mode, what it remembers, its configuration; and taking it off-line and on-line.

use crate::driver::{Mode, StatusReport};
use crate::informix::onstat::{self, Archived, Chunk, Report};
use crate::informix::settings::{Onconfig, Settings};
use procedo_core::capability::Stop;
use procedo_core::{Error, Kind, Result};
use procedo_machine::{Limits, Machine, Output, Program};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How long the server may take to come to another mode: recovery after a restore takes its time.
const PATIENCE: Duration = Duration::from_secs(1800);
/// How often to look at it meanwhile.
const BETWEEN: Duration = Duration::from_millis(500);
/// How long `onmode` and `oninit` may take.
const CHANGE: u64 = 900;
/// How much of a configuration file is read, in bytes.
const LONGEST_FILE: usize = 1 << 20;

/// An Informix server on a machine.
#[derive(Clone)]
pub(crate) struct Server {
    pub(crate) name: String,
    pub(crate) machine: Arc<dyn Machine>,
    pub(crate) settings: Settings,
}

impl Server {
    pub(crate) fn error(&self, kind: Kind, code: &str) -> Error {
        Error::new(kind, code).with("database", &self.name)
    }

    /// One of the server's tools, in the environment that it needs.
    pub(crate) fn tool(&self, name: &str) -> Program {
        let settings = &self.settings;
        let mut program = Program::new(format!("{}/bin/{name}", settings.folder))
            .env("INFORMIXDIR", &settings.folder)
            .env("INFORMIXSERVER", &settings.server)
            .env("ONCONFIG", &settings.onconfig);
        if let Some(sqlhosts) = &settings.sqlhosts {
            program = program.env("INFORMIXSQLHOSTS", sqlhosts);
        }
        program
    }

    fn onstat(&self, args: &[&str], stop: &Stop) -> Result<Output> {
        let program = self.tool("onstat").args(args.iter().copied());
        self.machine.run(&program, &Limits::default(), stop)
    }

    /// How the server is: code and words of `onstat -` have to agree.
    pub(crate) fn report(&self, stop: &Stop) -> Result<Report> {
        let output = self.onstat(&["-"], stop)?;
        let text = format!("{}\n{}", output.text(), output.errors());
        onstat::report(output.code, &text).ok_or_else(|| {
            self.error(Kind::Failed, "P1230")
                .with("code", output.code)
                .with("said", text.trim())
        })
    }

    pub(crate) fn status(&self, stop: &Stop) -> Result<StatusReport> {
        let report = self.report(stop)?;
        Ok(StatusReport {
            mode: report.mode,
            version: report.version,
            detail: report.words,
        })
    }

    /// The archives that the server remembers.
    pub(crate) fn archives(&self, stop: &Stop) -> Result<Vec<Archived>> {
        Ok(onstat::archives(&self.onstat(&["-g", "arc"], stop)?.text()))
    }

    /// The chunks of the server.
    pub(crate) fn chunks(&self, stop: &Stop) -> Result<Vec<Chunk>> {
        let output = self.onstat(&["-d"], stop)?;
        let chunks = onstat::chunks(&output.text());
        if chunks.is_empty() {
            return Err(self
                .error(Kind::Failed, "P1230")
                .with("code", output.code)
                .with("said", output.text().trim()));
        }
        Ok(chunks)
    }

    /// The parameters of the server that the driver goes by.
    pub(crate) fn onconfig(&self) -> Result<Onconfig> {
        let path = self.onconfig_path();
        let bytes = self.machine.read_file(&path, LONGEST_FILE)?;
        let onconfig = Onconfig::parse(&String::from_utf8_lossy(&bytes));
        if self.settings.method != crate::informix::settings::Method::Onbar
            && !onconfig.tapedev.starts_with('/')
        {
            return Err(self.misconfigured("TAPEDEV", &onconfig.tapedev, "path"));
        }
        Ok(onconfig)
    }

    fn onconfig_path(&self) -> String {
        format!("{}/etc/{}", self.settings.folder, self.settings.onconfig)
    }

    /// A parameter of the configuration file that breaks a rule.
    pub(crate) fn misconfigured(&self, parameter: &str, value: &str, rule: &str) -> Error {
        self.error(Kind::Invalid, "P1231")
            .with("file", self.onconfig_path())
            .with("parameter", parameter)
            .with("value", value)
            .with("rule", rule)
    }

    /// Waits until the server is in one of these modes.
    pub(crate) fn wait_for(&self, wanted: &[Mode], stop: &Stop) -> Result<Report> {
        let until = Instant::now() + PATIENCE;
        loop {
            let report = self.report(stop)?;
            if wanted.contains(&report.mode) {
                return Ok(report);
            }
            if Instant::now() >= until {
                return Err(self
                    .error(Kind::TimedOut, "P1245")
                    .with("seconds", PATIENCE.as_secs())
                    .with("words", report.words));
            }
            if stop.wait(BETWEEN) {
                stop.check()?;
            }
        }
    }

    fn change(&self, tool: &str, args: &[&str], stop: &Stop) -> Result<()> {
        let program = self.tool(tool).args(args.iter().copied());
        let output = self.machine.run(&program, &Limits::seconds(CHANGE), stop)?;
        if output.code == 0 {
            return Ok(());
        }
        let said = format!("{}\n{}", output.text(), output.errors());
        Err(self
            .error(Kind::Failed, "P1237")
            .with("tool", format!("{tool} {}", args.join(" ")).trim())
            .with("code", output.code)
            .with("said", said.trim()))
    }

    /// Takes the server off-line, and returns when it is.
    pub(crate) fn take_down(&self, stop: &Stop) -> Result<()> {
        if self.report(stop)?.mode != Mode::Offline {
            self.change("onmode", &["-ky"], stop)?;
            self.wait_for(&[Mode::Offline], stop)?;
        }
        Ok(())
    }

    /// Brings the server on-line, whether it is quiescent or off-line, and returns when it is.
    pub(crate) fn bring_up(&self, stop: &Stop) -> Result<Report> {
        match self.report(stop)?.mode {
            Mode::Online => {}
            Mode::Offline => self.change("oninit", &[], stop)?,
            Mode::Quiescent | Mode::Administration => self.change("onmode", &["-m"], stop)?,
            // It is on its way.
            Mode::Starting | Mode::Recovery | Mode::Backup | Mode::ShuttingDown | Mode::Damaged => {
                let settled = [Mode::Online, Mode::Quiescent, Mode::Administration, Mode::Offline];
                if self.wait_for(&settled, stop)?.mode != Mode::Online {
                    return self.bring_up(stop);
                }
            }
        }
        self.wait_for(&[Mode::Online], stop)
    }

    /// Brings the server to one of the two modes that a restore can leave it in.
    pub(crate) fn bring_back_to(&self, mode: Mode, stop: &Stop) -> Result<()> {
        if mode == Mode::Online {
            return self.bring_up(stop).map(drop);
        }
        if self.report(stop)?.mode == Mode::Offline {
            self.change("oninit", &["-s"], stop)?;
            self.wait_for(&[Mode::Quiescent, Mode::Administration], stop)?;
        }
        Ok(())
    }
}
