//! A job on a machine with a POSIX shell: what its folder tells, by scripts.
//!
//! The folder of jobs holds, for each key, a file with the job's random name (made by a link: it appears whole, once) and the
//! job's own folder `KEY.NAME`:
//! - `ticket`, moved to `claimed` by the keeper before it starts the program, or to `given-up` by who finds that it has not
//! - `keeper`, `pid`: process, start time and identifier of the machine's start of the keeper and of the program
//! - `out`: what the program printed; `in`: the pipe of its standard input; `sent.TAG`: what was sent once
//! - `code`: its exit code, when it has ended

use crate::api::{Job, JobState};
use crate::posix::Scripts;
use crate::sent;
use crate::sh::Script;
use procedo_core::{Error, Kind, Result};
use std::time::Duration;

/// How much of the output is fetched at a time, in bytes.
const PIECE: usize = 256 << 10;

/// A job on a machine with a POSIX shell.
pub(crate) struct PosixJob {
    scripts: Scripts,
    key: String,
    name: String,
}

impl PosixJob {
    pub(crate) fn new(scripts: Scripts, key: &str, name: String) -> Self {
        Self {
            scripts,
            key: key.to_owned(),
            name,
        }
    }

    fn script(&self) -> Script {
        self.scripts
            .jobs(&self.key)
            .set("name", &self.name)
            .then("folder=$jobs/$key.$name")
            .then(include_str!("script/process.sh"))
            .then(include_str!("script/state.sh"))
    }

    fn error(&self, kind: Kind, code: &str) -> Error {
        self.scripts.error(kind, code).with("job", &self.key)
    }

    fn deliver(&self, tag: &str, bytes: &[u8]) -> Result<bool> {
        sent::check_size(bytes, |kind, code| self.error(kind, code))?;
        let script = self.script().set("tag", tag).then(include_str!("script/send.sh"));
        let answer = self.scripts.own(script, bytes, Duration::ZERO)?;
        match answer.word.as_str() {
            "0" => Ok(true),
            "sent" => Ok(false),
            "gone" | "closed" => Err(self.error(Kind::Conflict, "P1016").with("why", &answer.word)),
            _ => Err(self.scripts.unreadable(&answer)),
        }
    }
}

impl Job for PosixJob {
    fn key(&self) -> &str {
        &self.key
    }

    fn output_from(&self, offset: u64) -> Result<(Vec<u8>, u64)> {
        let script = self
            .scripts
            .jobs(&self.key)
            .set("name", &self.name)
            .then(&format!(
                "tail -c +{} \"$jobs/$key.$name/out\" | head -c {PIECE}\nended 0",
                offset.saturating_add(1)
            ));
        let answer = self.scripts.own(script, &[], Duration::ZERO)?;
        let next = offset + answer.out.bytes.len() as u64;
        Ok((answer.out.bytes, next))
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
        let script = self
            .script()
            .set("tag", tag)
            .then("[ -d \"$folder/sent.$tag\" ] && ended yes\nended no");
        let answer = self.scripts.own(script, &[], Duration::ZERO)?;
        Ok(answer.word == "yes")
    }

    fn state(&self) -> Result<JobState> {
        let script = self.script().then("state; ended 0");
        let answer = self.scripts.own(script, &[], Duration::ZERO)?;
        let text = answer.text();
        let unreadable = || self.scripts.unreadable(&answer);
        let (word, number) = text.split_once(' ').ok_or_else(unreadable)?;
        match word {
            "running" => Ok(JobState::Running {
                pid: number.parse().map_err(|_| unreadable())?,
            }),
            "ended" => Ok(JobState::Ended {
                code: number.parse().map_err(|_| unreadable())?,
            }),
            "lost" => Ok(JobState::Lost),
            "forgotten" => Err(self.error(Kind::NotFound, "P1016").with("why", "forgotten")),
            _ => Err(unreadable()),
        }
    }

    fn end(&self, grace: Duration) -> Result<()> {
        let script = self
            .script()
            .then(include_str!("script/family.sh"))
            .set("grace", &grace.as_secs().to_string())
            .then(include_str!("script/end.sh"));
        let answer = self
            .scripts
            .own(script, &[], grace * 2 + Duration::from_secs(60))?;
        match answer.word.as_str() {
            "0" => Ok(()),
            "left" => Err(self.error(Kind::Failed, "P1017").with("processes", answer.text())),
            _ => Err(self.scripts.unreadable(&answer)),
        }
    }

    fn forget(&self) -> Result<()> {
        let script = self.script().then(include_str!("script/forget.sh"));
        let answer = self.scripts.own(script, &[], Duration::ZERO)?;
        match answer.word.as_str() {
            "0" => Ok(()),
            "running" => Err(self.error(Kind::Conflict, "P1014")),
            _ => Err(self.scripts.unreadable(&answer)),
        }
    }
}
