//! Following a job of the machine until it ends: started once, attached to afterwards. Where the machine goes out of reach,
//! the job goes on, and is listened to from where it was left.

use crate::outage::Outage;
use crate::postgresql::Postgresql;
use procedo_core::Result;
use procedo_core::capability::{Context, Stop};
use procedo_machine::{Job, JobState, Limits, Machine, Program};
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
                    outage.through(|| wait(machine, "timeout", pid, at_most, context.stop))?;
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
}

/// Waits until a process has ended, but not longer than this. The machine does it (`tail --pid` of GNU, a process that it may
/// not signal included), so that the end is noticed at once; where it cannot, some time passes. `timeout` is the program of
/// that name.
fn wait(machine: &dyn Machine, timeout: &str, pid: u32, at_most: Duration, stop: &Stop) -> Result<()> {
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
    match machine.run(&Program::new(timeout).args(words), &limits, stop) {
        Ok(output) if matches!(output.code, 0 | TIME_UP) => Ok(()),
        Err(error) if error.code != "P1008" => Err(error),
        // Other programs of these names, or none.
        _ => {
            stop.wait(BLIND);
            Ok(())
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "what a helper meets fails its test, too")]
mod tests {
    use super::*;
    use procedo_machine::{Machines, NoSecrets, Secrets};
    use std::collections::BTreeMap;
    use std::path::Path;
    use std::process::{Child, Command, Stdio};
    use std::sync::Arc;
    use std::thread;

    /// Longer than any test may take.
    const LONG: Duration = Duration::from_secs(60);

    fn here() -> Arc<dyn Machine> {
        let declared = BTreeMap::from([("here".to_owned(), serde_json::json!({"driver": "local"}))]);
        let secrets: Arc<dyn Secrets> = Arc::new(NoSecrets);
        let machines = Machines::open(&declared, Path::new("/"), &secrets).unwrap();
        machines.get("here").unwrap()
    }

    /// A process that ends when it is let go.
    fn held() -> Child {
        let mut cat = Command::new("cat");
        cat.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap()
    }

    fn let_go(mut child: Child) {
        drop(child.stdin.take());
        child.wait().unwrap();
    }

    /// Whether a program waits for this process.
    fn is_waited_for(pid: u32) -> bool {
        let word = format!("--pid={pid}");
        let processes = std::fs::read_dir("/proc").unwrap().flatten();
        processes
            .filter_map(|process| std::fs::read(process.path().join("cmdline")).ok())
            .any(|line| line.split(|byte| *byte == 0).any(|each| each == word.as_bytes()))
    }

    /// Waits for a process on a thread of its own, and does something as soon as the machine waits.
    fn while_waiting(pid: u32, stop: &Stop, work: impl FnOnce()) -> (Result<()>, Duration) {
        thread::scope(|scope| {
            let began = Instant::now();
            let waiting = scope.spawn(move || wait(&*here(), "timeout", pid, LONG, stop));
            while !is_waited_for(pid) {
                assert!(!waiting.is_finished(), "it does not wait");
                thread::yield_now();
            }
            work();
            (waiting.join().unwrap(), began.elapsed())
        })
    }

    #[test]
    fn the_end_of_a_process_is_noticed_when_it_comes() {
        let child = held();
        let (waited, took) = while_waiting(child.id(), &Stop::default(), || let_go(child));
        assert_eq!(waited, Ok(()));
        assert!(took < LONG / 2, "{took:?}");
    }

    #[test]
    fn a_process_that_goes_on_is_waited_for_as_long_as_was_said() {
        let (began, at_most) = (Instant::now(), Duration::from_millis(300));
        wait(&*here(), "timeout", std::process::id(), at_most, &Stop::default()).unwrap();
        let took = began.elapsed();
        assert!(took >= at_most && took < LONG / 2, "{took:?}");
    }

    #[test]
    fn whoever_stops_the_run_is_not_kept_waiting_and_nothing_stays_behind() {
        let (child, stop) = (held(), Stop::default());
        let pid = child.id();
        let (waited, took) = while_waiting(pid, &stop, || stop.set());
        assert_eq!(waited.unwrap_err().code, "P0113");
        assert!(took < LONG / 2, "{took:?}");
        assert!(!is_waited_for(pid));
        let_go(child);
    }

    #[test]
    fn a_machine_without_these_programs_is_left_alone_for_a_while() {
        let began = Instant::now();
        wait(
            &*here(),
            "no-such-timeout",
            std::process::id(),
            LONG,
            &Stop::default(),
        )
        .unwrap();
        let took = began.elapsed();
        assert!(took >= BLIND && took < LONG / 2, "{took:?}");
    }
}
