//! A job on a machine with Windows.
//!
//! As on other machines, the folder of jobs holds for each key a file with the job's random name (moved there: it appears
//! whole, once) and the job's own folder `KEY.NAME`, which only the account, the system and administrators can look into:
//! - `ticket`, moved to `claimed` by the keeper before it starts the program, or to `given-up` by who finds that it has not
//! - `keeper`, `pid`: number and time of birth of the keeper and of the program
//! - `out`: what the program printed; `open`: its input takes more; `sent.TAG`: what was sent once
//! - `code`: its exit code, when it has ended
//!
//! The keeper is a PowerShell of its own that `Win32_Process.Create` starts, outside of the login. The program with its
//! variables and input, and later what is sent, reach it through a named pipe that only the account can open: none of it is in a
//! file or a command line. Output and errors come by two pipes, so that their order is that of arrival.

use crate::api::{Job, JobState};
use crate::sent;
use crate::sh::file_name;
use crate::windows::script::{self, Values};
use crate::windows::shell::{Answer, PowerShell};
use procedo_core::{Error, Kind, Result};
use std::sync::Arc;
use std::time::Duration;

/// How much of the output is fetched at a time, in bytes.
const PIECE: usize = 256 << 10;

/// The values of every script about jobs.
pub(crate) fn job_values(values: Values, jobs: &str, key: &str) -> Values {
    values.with("jobs", jobs).with("key", file_name(key))
}

/// A job on a machine with Windows.
pub(crate) struct WindowsJob {
    shell: PowerShell,
    jobs: Arc<str>,
    key: String,
    name: String,
}

impl WindowsJob {
    pub(crate) fn new(shell: PowerShell, jobs: &Arc<str>, key: &str, name: String) -> Self {
        Self {
            shell,
            jobs: Arc::clone(jobs),
            key: key.to_owned(),
            name,
        }
    }

    fn values(&self) -> Values {
        job_values(Values::default(), &self.jobs, &self.key).with("name", &self.name)
    }

    fn ask(&self, script: &str, values: Values) -> Result<Answer> {
        self.shell.own(script, values, 0, Duration::ZERO)
    }

    fn error(&self, kind: Kind, code: &str) -> Error {
        self.shell.error(kind, code).with("job", &self.key)
    }

    fn deliver(&self, tag: &str, bytes: &[u8]) -> Result<bool> {
        sent::check_size(bytes, |kind, code| self.error(kind, code))?;
        let answer = self.ask(script::SEND, self.values().with("tag", tag).with("input", bytes))?;
        match answer.word.as_str() {
            "0" => Ok(true),
            "sent" => Ok(false),
            why @ ("gone" | "closed") => Err(self.error(Kind::Conflict, "P1016").with("why", why)),
            _ => Err(self.shell.unreadable(&answer)),
        }
    }
}

impl Job for WindowsJob {
    fn key(&self) -> &str {
        &self.key
    }

    fn output_from(&self, offset: u64) -> Result<(Vec<u8>, u64)> {
        let values = self.values().number("offset", offset).number("limit", PIECE);
        let mut answer = self.shell.own(script::OUTPUT, values, PIECE, Duration::ZERO)?;
        match answer.bulk("out") {
            Some(bytes) if answer.word == "0" => {
                let next = offset + bytes.len() as u64;
                Ok((bytes, next))
            }
            _ => Err(self.shell.unreadable(&answer)),
        }
    }

    fn send(&self, bytes: &[u8]) -> Result<()> {
        self.deliver("", bytes).map(drop)
    }

    fn send_once(&self, tag: &str, bytes: &[u8]) -> Result<bool> {
        sent::check_tag(tag, |kind, code| self.error(kind, code))?;
        self.deliver(tag, bytes)
    }

    fn was_sent(&self, tag: &str) -> Result<bool> {
        sent::check_tag(tag, |kind, code| self.error(kind, code))?;
        let answer = self.ask(script::WAS_SENT, self.values().with("tag", tag))?;
        match answer.word.as_str() {
            "yes" => Ok(true),
            "no" => Ok(false),
            _ => Err(self.shell.unreadable(&answer)),
        }
    }

    fn state(&self) -> Result<JobState> {
        let answer = self.ask(script::STATE, self.values())?;
        let unreadable = || self.shell.unreadable(&answer);
        let number = answer.number("number").ok_or_else(unreadable)?;
        match answer.text("is") {
            Some("running") => Ok(JobState::Running {
                pid: u32::try_from(number).map_err(|_| unreadable())?,
            }),
            Some("ended") => Ok(JobState::Ended {
                code: i32::try_from(number).map_err(|_| unreadable())?,
            }),
            Some("lost") => Ok(JobState::Lost),
            Some("forgotten") => Err(self.error(Kind::NotFound, "P1016").with("why", "forgotten")),
            _ => Err(unreadable()),
        }
    }

    fn end(&self, grace: Duration) -> Result<()> {
        let values = self.values().number("grace", grace.as_secs_f64());
        let answer = self
            .shell
            .own(script::END, values, 0, grace + Duration::from_secs(60))?;
        match answer.left() {
            Some(left) if answer.word == "0" && left.is_empty() => Ok(()),
            Some(left) if answer.word == "0" => Err(self
                .error(Kind::Failed, "P1017")
                .with("processes", left.join(" "))),
            _ => Err(self.shell.unreadable(&answer)),
        }
    }

    fn forget(&self) -> Result<()> {
        let answer = self.ask(script::FORGET, self.values())?;
        match answer.word.as_str() {
            "0" => Ok(()),
            "running" => Err(self.error(Kind::Conflict, "P1014")),
            _ => Err(self.shell.unreadable(&answer)),
        }
    }
}
