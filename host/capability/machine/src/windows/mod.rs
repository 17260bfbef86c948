//! A machine with Windows, reached by OpenSSH, where PowerShell does the work.
//!
//! **This driver has never run against a real Windows.** It follows what Microsoft documents of PowerShell 5.1, .NET Framework,
//! WMI and OpenSSH for Windows; its tests answer in the place of Windows by the same documents.
//!
//! - `script`: the scripts, each always the same text, and their values; `shell`: exchanges
//! - `command_line`, `path`: the rules of Windows for arguments and paths
//! - `job`: jobs that outlive Procedo; `look`: what `machine`'s reads ask
//!
//! What is not supported and says so with `P1013`: programs other than `.exe` and `.com` (a shell would take their arguments
//! apart), permission bits, links where they would have to be followed, the space of shares and of mounted volumes.

mod command_line;
mod job;
mod look;
mod path;
mod script;
mod shell;

pub(crate) use look::SAMPLES;
pub(crate) use script::greeting;

use crate::api::{FileKind, FileStatus, Input, Job, Limits, Machine, Output, Program, Space, System};
use crate::posix::Shell;
use crate::program;
use crate::ssh::Ssh;
use crate::windows::job::{WindowsJob, job_values};
use crate::windows::script::Values;
use crate::windows::shell::{Answer, PowerShell};
use procedo_core::capability::Stop;
use procedo_core::{Error, Kind, Result};
use std::sync::Arc;
use std::time::Duration;

/// How long a big file may take.
const TRANSFER: Duration = Duration::from_secs(600);
/// How much longer than its program an exchange may take: PowerShell's start, and ending what is late.
const MARGIN: Duration = Duration::from_secs(60);
/// The largest input of a job, which goes through its keeper.
const LARGEST_JOB_INPUT: usize = 32 << 10;

/// A machine with Windows.
#[derive(Clone)]
pub(crate) struct Windows {
    shell: PowerShell,
    /// The folder of the jobs: absolute, or below the account's profile.
    jobs: Arc<str>,
}

/// The kind of a file that Windows would start by a shell or a host of scripts.
fn is_script(path: &str) -> bool {
    let name = path.rsplit(['\\', '/']).next().unwrap_or_default();
    let kind = name
        .trim_end_matches(['.', ' '])
        .rsplit_once('.')
        .map(|(_, kind)| kind);
    kind.is_some_and(|kind| {
        [
            "bat", "cmd", "ps1", "vbs", "vbe", "js", "jse", "wsf", "wsh", "msc", "lnk",
        ]
        .iter()
        .any(|script| kind.eq_ignore_ascii_case(script))
    })
}

impl Windows {
    pub(crate) fn new(ssh: Ssh, jobs: &str) -> Self {
        Self {
            shell: PowerShell { ssh: Arc::new(ssh) },
            jobs: jobs.into(),
        }
    }

    /// The values of a program, when it can be passed on.
    fn program(&self, program: &Program) -> Result<Values> {
        program::check(self.name(), program)?;
        if is_script(&program.path) {
            return Err(self.shell.unsupported("programs other than .exe and .com"));
        }
        let line = command_line::line(&program.args);
        if line.encode_utf16().count() > command_line::LONGEST {
            return Err(self
                .shell
                .error(Kind::Invalid, "P1027")
                .with("path", &program.path)
                .with("what", "line"));
        }
        let mut values = Values::default()
            .with("path", &program.path)
            .with("folder", program.folder.as_deref().unwrap_or_default())
            .with("arguments", line);
        for (name, value) in &program.env {
            values = values.with("variable", name).with("value", value);
        }
        Ok(values)
    }

    /// What a word other than the expected ones means for a program.
    fn refused(&self, answer: &Answer, program: &Program) -> Error {
        let missing = |path: &str| self.shell.error(Kind::NotFound, "P1008").with("path", path);
        match answer.word.as_str() {
            "missing" => missing(&program.path),
            "folder" => missing(program.folder.as_deref().unwrap_or_default()),
            _ => self
                .shell
                .error(Kind::Failed, "P1015")
                .with("reason", answer.said()),
        }
    }

    fn about(&self, kind: Kind, path: &str, reason: impl std::fmt::Display) -> Error {
        self.shell
            .error(kind, "P1011")
            .with("path", path.escape_debug())
            .with("reason", reason)
    }

    /// The values of a script about a path, which is refused if it may mean something else than it says.
    fn path(&self, path: &str) -> Result<Values> {
        match path::fault(path) {
            Some(fault) => Err(self.about(Kind::Invalid, path, fault)),
            None => Ok(Values::default().with("path", path)),
        }
    }

    fn job(&self, key: &str, name: String) -> Box<dyn Job> {
        Box::new(WindowsJob::new(self.shell.clone(), &self.jobs, key, name))
    }
}

impl Machine for Windows {
    fn name(&self) -> &str {
        self.shell.ssh.name()
    }

    fn identity(&self) -> Result<String> {
        self.shell.ssh.identity()
    }

    fn patience(&self) -> Duration {
        self.shell.ssh.patience()
    }

    fn system(&self) -> System {
        System::Windows
    }

    fn run(&self, program: &Program, limits: &Limits, stop: &Stop) -> Result<Output> {
        stop.check()?;
        let input: &[u8] = match &program.input {
            Input::Nothing => &[],
            Input::Bytes(bytes) => bytes,
            Input::Open => {
                return Err(self
                    .shell
                    .error(Kind::Invalid, "P1027")
                    .with("path", &program.path)
                    .with("what", "open"));
            }
        };
        let values = self
            .program(program)?
            .with("input", input)
            .number("seconds", limits.time.as_secs_f64())
            .number("limit", limits.bytes.min(1 << 30));
        let bytes = limits.bytes.saturating_mul(2);
        let mut answer = self
            .shell
            .ask(script::RUN, values, bytes, limits.time + MARGIN, Some(stop))?;
        match answer.word.as_str() {
            "0" => {}
            "late" => {
                let gone = answer.left().is_some_and(|left| left.is_empty());
                let code = if gone { "P1009" } else { "P1010" };
                return Err(self
                    .shell
                    .error(Kind::TimedOut, code)
                    .with("seconds", limits.time.as_secs()));
            }
            _ => return Err(self.refused(&answer, program)),
        }
        let code = answer.number("code").and_then(|code| i32::try_from(code).ok());
        let truncated = answer.told["truncated"].as_bool();
        let (Some(code), Some(truncated), Some(stdout), Some(stderr)) =
            (code, truncated, answer.bulk("out"), answer.bulk("err"))
        else {
            return Err(self.shell.unreadable(&answer));
        };
        Ok(Output {
            code,
            stdout,
            stderr,
            truncated,
        })
    }

    fn start_job(&self, key: &str, program: &Program) -> Result<Box<dyn Job>> {
        let (input, open): (&[u8], _) = match &program.input {
            Input::Nothing => (&[], "no"),
            Input::Open => (&[], "yes"),
            Input::Bytes(bytes) if bytes.len() > LARGEST_JOB_INPUT => {
                return Err(self
                    .shell
                    .error(Kind::TooLarge, "P1026")
                    .with("bytes", bytes.len())
                    .with("limit", LARGEST_JOB_INPUT));
            }
            Input::Bytes(bytes) => (bytes, "no"),
        };
        let name = crate::exchange::random_name()?;
        let values = job_values(self.program(program)?, &self.jobs, key)
            .with("name", &name)
            .with("input", input)
            .with("open", open)
            .with("keeper", script::KEEPER);
        let answer = self.shell.own(script::START, values, 0, MARGIN)?;
        match answer.word.as_str() {
            "0" => Ok(self.job(key, name)),
            "exists" => Err(self.shell.error(Kind::Conflict, "P1014").with("job", key)),
            _ => Err(self.refused(&answer, program)),
        }
    }

    fn find_job(&self, key: &str) -> Result<Option<Box<dyn Job>>> {
        let values = job_values(Values::default(), &self.jobs, key);
        let answer = self.shell.own(script::FIND, values, 0, Duration::ZERO)?;
        match (answer.word.as_str(), answer.text("name")) {
            ("none", _) => Ok(None),
            ("0", Some(name)) => Ok(Some(self.job(key, name.to_owned()))),
            _ => Err(self.shell.unreadable(&answer)),
        }
    }

    fn read_file(&self, path: &str, limit: usize) -> Result<Vec<u8>> {
        let values = self.path(path)?.number("limit", limit.min(1 << 30));
        let mut answer = self.shell.own(script::READ, values, limit, TRANSFER)?;
        match answer.word.as_str() {
            "0" => answer.bulk("out").ok_or_else(|| self.shell.unreadable(&answer)),
            "long" => Err(self
                .shell
                .error(Kind::TooLarge, "P1012")
                .with("path", path.escape_debug())
                .with("limit", limit)),
            _ => Err(self.about(Kind::Failed, path, answer.said())),
        }
    }

    fn write_file(&self, path: &str, bytes: &[u8], mode: Option<u32>) -> Result<()> {
        if mode.is_some() {
            return Err(self.shell.unsupported("permission bits (mode)"));
        }
        let values = self.path(path)?.with("content", bytes);
        let answer = self.shell.own(script::WRITE, values, 0, TRANSFER)?;
        match answer.word.as_str() {
            "0" => Ok(()),
            "folder" => Err(self.about(Kind::Failed, path, "it is a folder")),
            _ => Err(self.about(Kind::Failed, path, answer.said())),
        }
    }

    fn stat(&self, path: &str) -> Result<Option<FileStatus>> {
        let answer = self
            .shell
            .own(script::STAT, self.path(path)?, 0, Duration::ZERO)?;
        match answer.word.as_str() {
            "0" => {}
            "none" => return Ok(None),
            "link" => return Err(self.shell.unsupported("following links")),
            _ => return Err(self.about(Kind::Failed, path, answer.said())),
        }
        let size = answer.number("size").and_then(|size| u64::try_from(size).ok());
        let (Some(folder), Some(size), Some(modified)) =
            (answer.told["folder"].as_bool(), size, answer.number("modified"))
        else {
            return Err(self.shell.unreadable(&answer));
        };
        Ok(Some(FileStatus {
            kind: if folder {
                FileKind::Folder
            } else {
                FileKind::Regular
            },
            size,
            modified,
            mode: 0,
        }))
    }

    fn free_space(&self, path: &str) -> Result<Space> {
        let values = self.path(path)?;
        if path::is_share(path) {
            return Err(self.shell.unsupported("the space of a share"));
        }
        let answer = self.shell.own(script::SPACE, values, 0, Duration::ZERO)?;
        let bytes = |name: &str| answer.number(name).and_then(|bytes| u64::try_from(bytes).ok());
        match (answer.word.as_str(), bytes("total"), bytes("available")) {
            ("0", Some(total), Some(available)) => Ok(Space { total, available }),
            ("0", ..) => Err(self.shell.unreadable(&answer)),
            ("link", ..) => Err(self
                .shell
                .unsupported("the space behind a link or a mounted volume")),
            ("none", ..) => Err(self.about(Kind::NotFound, path, "it does not exist")),
            _ => Err(self.about(Kind::Failed, path, answer.said())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_shell_would_start_is_told_from_a_program() {
        for path in ["a.bat", r"C:\x y\A.CMD", "a.ps1", "a.cmd. ", r"a.exe\b.vbs"] {
            assert!(is_script(path), "{path}");
        }
        for path in ["a.exe", "bat", r"C:\x.bat\tool", "dbaccess", "a.com"] {
            assert!(!is_script(path), "{path}");
        }
    }
}
