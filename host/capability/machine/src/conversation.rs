//! A conversation with an interactive tool: its prompts answered by meaning, its progress told, its end judged.
//!
//! It can be taken up after a crash: heard again from the beginning (or from an offset that was noted), every prompt is
//! answered at most once, because the answer carries the prompt's place in the output as its tag.

use crate::api::{Job, JobState};
use crate::dialogue::{Action, Dialogue, Heard, Rule};
use procedo_core::capability::Stop;
use procedo_core::{Error, Kind, Result};
use std::time::{Duration, Instant};

/// Who decides and is told during a conversation.
pub trait Partner {
    /// The answer to a prompt with [`Action::Decide`]: a line without its end. An error ends the conversation and leaves
    /// the tool waiting where it is; that of [`Context::ask`](procedo_core::capability::Context) is to be handed on so.
    fn decide(&mut self, heard: &Heard) -> Result<String>;

    /// Something was heard: every rule's match except those that `decide` gets. [`Heard::at`] is a place to note.
    fn told(&mut self, heard: &Heard) -> Result<()>;
}

/// How a conversation is held.
#[derive(Clone, Debug)]
pub struct Conversation {
    /// What to listen for.
    pub rules: Vec<Rule>,
    /// How long a line without end may stand before it counts as a prompt that nobody knows.
    pub quiet: Duration,
    /// How long the tool may say nothing at all.
    pub silence: Duration,
    /// How often to listen.
    pub poll: Duration,
    /// What ends a line of an answer.
    pub line_end: &'static str,
}

impl Conversation {
    /// A conversation by these rules: a prompt may stand unknown for 10 seconds, the tool be silent for an hour.
    pub fn new(rules: Vec<Rule>) -> Self {
        Self {
            rules,
            quiet: Duration::from_secs(10),
            silence: Duration::from_secs(3600),
            poll: Duration::from_millis(200),
            line_end: "\n",
        }
    }

    /// Holds it until the tool ends. `from` is where to begin in the output: 0, or a noted [`Heard::at`].
    ///
    /// # Errors
    /// Whatever happens, the tool is left as it is: whoever holds the conversation ends the job, or takes it up again.
    /// - `P1018` it asks something that no rule knows; the error shows it
    /// - `P1019` it has said nothing for too long
    /// - `P1023` it is gone, and nobody saw how it ended
    /// - `P0113` the run shall stop; those of the partner and of the machine
    pub fn hold(&self, job: &dyn Job, from: u64, partner: &mut dyn Partner, stop: &Stop) -> Result<Ended> {
        let mut dialogue = Dialogue::new(&self.rules, from);
        let mut offset = from;
        let mut ended = Ended::default();
        let mut last = Instant::now();
        loop {
            stop.check()?;
            // The state first: what was printed before the end is then read after it.
            let state = job.state()?;
            let running = matches!(state, JobState::Running { .. });
            let mut fresh = false;
            loop {
                let (bytes, next) = job.output_from(offset)?;
                if bytes.is_empty() {
                    break;
                }
                (fresh, offset) = (true, next);
                dialogue.feed(&bytes);
                while let Some(heard) = dialogue.next(false) {
                    self.act(job, running, heard, partner, &mut ended)?;
                }
                stop.check()?;
            }
            while let Some(heard) = (!fresh || !running).then(|| dialogue.next(true)).flatten() {
                self.act(job, running, heard, partner, &mut ended)?;
                fresh = true;
            }
            if fresh {
                last = Instant::now();
            }
            match state {
                JobState::Ended { code } => {
                    ended.code = code;
                    ended.tail = dialogue.tail();
                    return Ok(ended);
                }
                JobState::Lost => return Err(told(Kind::Failed, "P1023", job, &dialogue.tail())),
                JobState::Running { .. } => {}
            }
            if last.elapsed() >= self.quiet
                && let Some(prompt) = dialogue.unanswered()
            {
                return Err(told(Kind::Conflict, "P1018", job, &prompt));
            }
            if last.elapsed() >= self.silence {
                return Err(told(Kind::TimedOut, "P1019", job, &dialogue.tail())
                    .with("seconds", self.silence.as_secs()));
            }
            stop.wait(self.poll);
        }
    }

    fn act(
        &self,
        job: &dyn Job,
        running: bool,
        heard: Heard,
        partner: &mut dyn Partner,
        ended: &mut Ended,
    ) -> Result<()> {
        let tag = format!("at-{}", heard.at);
        match &heard.action {
            Action::Answer(line) => {
                partner.told(&heard)?;
                if running {
                    self.answer(job, &tag, line)?;
                }
            }
            Action::Decide => {
                if running && !job.was_sent(&tag)? {
                    let line = partner.decide(&heard)?;
                    self.answer(job, &tag, &line)?;
                }
            }
            Action::Tell => partner.told(&heard)?,
            Action::Done => {
                partner.told(&heard)?;
                ended.done = true;
            }
            Action::Failure => {
                partner.told(&heard)?;
                ended.failures.push(heard.line);
            }
        }
        Ok(())
    }

    fn answer(&self, job: &dyn Job, tag: &str, line: &str) -> Result<()> {
        match job.send_once(tag, format!("{line}{}", self.line_end).as_bytes()) {
            // It ended while it was asking: the next look at it tells how.
            Err(error) if error.code == "P1016" => Ok(()),
            other => other.map(drop),
        }
    }
}

fn told(kind: Kind, code: &str, job: &dyn Job, said: &str) -> Error {
    Error::new(kind, code)
        .with("job", job.key())
        .with("said", said.trim())
}

/// How a tool ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ended {
    /// Its exit code.
    pub code: i32,
    /// Whether it said that the work is done ([`Action::Done`]).
    pub done: bool,
    /// The lines in which it named failures ([`Action::Failure`]).
    pub failures: Vec<String>,
    /// What it said last, at most 2 KiB.
    pub tail: String,
}
