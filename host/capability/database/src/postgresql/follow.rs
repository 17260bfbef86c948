//! Following a job of the machine until it ends: started once, attached to afterwards.

use crate::postgresql::Postgresql;
use procedo_core::Result;
use procedo_core::capability::Context;
use procedo_machine::{Job, JobState, Program};
use std::time::{Duration, Instant};

/// The shortest and the longest time between two looks at a job. In between it is a part of how long the job has taken, so
/// that looking costs little of it, and its end is not noticed late.
const LOOKS: (Duration, Duration) = (Duration::from_millis(20), Duration::from_secs(1));
/// Which part that is.
const PART: u32 = 64;
/// How much of what a job printed is kept: its end.
const KEPT: usize = 1 << 20;

/// How a job ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Ended {
    /// Its exit code; none if nobody saw it end.
    pub(crate) code: Option<i32>,
    /// The end of what it printed.
    pub(crate) said: String,
}

impl Postgresql {
    /// The job of a key, if there is one.
    pub(crate) fn job(&self, key: &str) -> Result<Option<Box<dyn Job>>> {
        self.host()?.machine.find_job(key)
    }

    /// Whether one of these jobs runs.
    pub(crate) fn any_runs(&self, keys: &[String]) -> Result<bool> {
        for key in keys {
            if let Some(job) = self.job(key)?
                && matches!(job.state()?, JobState::Running { .. })
            {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Forgets what jobs left that do not run any more.
    pub(crate) fn forget(&self, keys: &[String]) -> Result<()> {
        for key in keys {
            if let Some(job) = self.job(key)? {
                job.forget()?;
            }
        }
        Ok(())
    }

    /// Attaches to the job of this key, or starts it, and follows it to its end. A job that failed before anybody looked
    /// is started again. `heard` gets what it prints, line by line.
    pub(crate) fn follow(
        &self,
        context: &Context<'_>,
        key: &str,
        program: &Program,
        heard: &mut dyn FnMut(&str),
    ) -> Result<Ended> {
        let job = match self.job(key)? {
            Some(job) => match job.state()? {
                JobState::Running { .. } | JobState::Ended { code: 0 } => job,
                JobState::Ended { .. } | JobState::Lost => {
                    job.forget()?;
                    self.host()?.machine.start_job(key, program)?
                }
            },
            None => self.host()?.machine.start_job(key, program)?,
        };
        let began = Instant::now();
        let (mut offset, mut said, mut line) = (0, Vec::new(), Vec::new());
        loop {
            let state = job.state()?;
            loop {
                let (bytes, next) = job.output_from(offset)?;
                if bytes.is_empty() {
                    break;
                }
                offset = next;
                said.extend_from_slice(&bytes);
                if said.len() > 2 * KEPT {
                    said.drain(..said.len() - KEPT);
                }
                for byte in bytes {
                    if byte == b'\n' {
                        heard(&String::from_utf8_lossy(&line));
                        line.clear();
                    } else {
                        line.push(byte);
                    }
                }
            }
            let code = match state {
                JobState::Running { .. } => None,
                JobState::Ended { code } => Some(Some(code)),
                JobState::Lost => Some(None),
            };
            if let Some(code) = code {
                return Ok(Ended {
                    code,
                    said: String::from_utf8_lossy(&said).into_owned(),
                });
            }
            // Whoever stops the run leaves the job: it is attached to when the run goes on.
            context
                .stop
                .wait((began.elapsed() / PART).clamp(LOOKS.0, LOOKS.1));
            context.stop.check()?;
        }
    }
}
