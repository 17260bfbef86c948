//! Following a job of the machine until it ends: started once, attached to afterwards. Where the machine goes out of reach,
//! the job goes on, and is listened to from where it was left.

use crate::outage::Outage;
use crate::postgresql::Postgresql;
use procedo_core::Result;
use procedo_core::capability::{Context, Stop};
use procedo_machine::{Job, JobState, Limits, Program};
use std::time::{Duration, Instant};

/// The shortest and the longest time between two looks at a job that runs, for its progress. In between it is a part of how
/// long the job has taken: a look starts several processes on the machine, which the job has to share it with.
const LOOKS: (Duration, Duration) = (Duration::from_millis(250), Duration::from_secs(2));
/// Which part that is.
const PART: u32 = 8;
/// How often the machine itself looks whether the job has ended, in seconds: one system call each time, in one process.
const NOTICED: &str = "0.02";
/// What `timeout` answers when the time was up (coreutils manual, “timeout invocation”).
const TIME_UP: i32 = 124;
/// How long a machine without those programs is left alone between two looks.
const BLIND: Duration = Duration::from_millis(100);
/// How much longer than that a wait may take to begin and to end.
const SLACK: Duration = Duration::from_secs(60);
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
        let machine = &*self.host()?.machine;
        let outage = Outage::of(machine, context);
        let job = outage.through(|| match machine.find_job(key)? {
            Some(job) => match job.state()? {
                JobState::Running { .. } | JobState::Ended { code: 0 } => Ok(job),
                JobState::Ended { .. } | JobState::Lost => {
                    job.forget()?;
                    machine.start_job(key, program)
                }
            },
            None => machine.start_job(key, program),
        })?;
        let began = Instant::now();
        let (mut offset, mut said, mut line) = (0, Vec::new(), Vec::new());
        loop {
            let state = outage.through(|| job.state())?;
            loop {
                let (bytes, next) = outage.through(|| job.output_from(offset))?;
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
                JobState::Running { pid } => {
                    // Whoever stops the run leaves the job: it is attached to when the run goes on.
                    let at_most = (began.elapsed() / PART).clamp(LOOKS.0, LOOKS.1);
                    outage.through(|| self.wait(pid, at_most, context.stop))?;
                    context.stop.check()?;
                    continue;
                }
                JobState::Ended { code } => Some(code),
                JobState::Lost => None,
            };
            return Ok(Ended {
                code,
                said: String::from_utf8_lossy(&said).into_owned(),
            });
        }
    }

    /// Waits until a process has ended, but not longer than this. The machine does it (`tail --pid` of GNU, a process that it
    /// may not signal included), so that the end is noticed at once; where it cannot, some time passes.
    fn wait(&self, pid: u32, at_most: Duration, stop: &Stop) -> Result<()> {
        let words = [
            format!("{:.3}", at_most.as_secs_f64()),
            "tail".to_owned(),
            format!("--pid={pid}"),
            format!("--sleep-interval={NOTICED}"),
            "--follow".to_owned(),
            "/dev/null".to_owned(),
        ];
        let limits = Limits {
            time: at_most + SLACK,
            bytes: 4 << 10,
        };
        let program = Program::new("timeout").args(words);
        match self.host()?.machine.run(&program, &limits, stop) {
            Ok(output) if matches!(output.code, 0 | TIME_UP) => Ok(()),
            Err(error) if error.code != "P1008" => Err(error),
            // Other programs of these names, or none.
            _ => {
                stop.wait(BLIND);
                Ok(())
            }
        }
    }
}
