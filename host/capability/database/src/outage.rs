//! Work on a machine that is out of reach for a while: what runs there goes on, so whoever looks after it tries again.

use procedo_core::Result;
use procedo_core::capability::{Context, Stop};
use procedo_core::message::Message;
use procedo_machine::Machine;
use std::time::{Duration, Instant};

/// How long to wait between two tries.
const BETWEEN: Duration = Duration::from_secs(2);
/// Whoever was at work for longer than this had reached the machine: the longest that a try in vain takes.
const IN_VAIN: Duration = Duration::from_secs(90);

/// A machine that may go out of reach, and how to tell of it.
pub(crate) struct Outage<'a> {
    /// The machine. What its [`patience`](Machine::patience) says is how long it is tried again.
    pub(crate) machine: &'a dyn Machine,
    /// Set when the run shall end.
    pub(crate) stop: &'a Stop,
    /// Told how long it has been tried, and for how long it will be.
    pub(crate) progress: &'a dyn Fn(u64, Option<u64>, &Message),
}

impl<'a> Outage<'a> {
    /// For a call's work on a machine.
    pub(crate) fn of(machine: &'a dyn Machine, context: &'a Context<'_>) -> Self {
        Self {
            machine,
            stop: context.stop,
            progress: context.progress,
        }
    }

    /// Does something that can be begun again, until the machine was in reach for all of it, or was out of reach for longer
    /// than its patience.
    ///
    /// # Errors
    /// Those of `work`; `P1004`, `P1007` when the patience is over; `P0113` when the run shall stop.
    pub(crate) fn through<T>(&self, mut work: impl FnMut() -> Result<T>) -> Result<T> {
        let patience = self.machine.patience();
        let mut away: Option<Instant> = None;
        loop {
            let began = Instant::now();
            let error = match work() {
                // Neither a host key nor a login gets better by trying again.
                Err(error) if matches!(error.code.as_str(), "P1004" | "P1007") => error,
                other => return other,
            };
            if began.elapsed() > IN_VAIN {
                away = None;
            }
            let gone = away.get_or_insert_with(Instant::now).elapsed();
            let Some(left) = patience.checked_sub(gone).filter(|left| !left.is_zero()) else {
                return Err(error);
            };
            let message = Message::new("database-progress-away")
                .with("machine", self.machine.name())
                .with("seconds", left.as_secs());
            (self.progress)(gone.as_secs(), Some(patience.as_secs()), &message);
            if self.stop.wait(BETWEEN.min(left)) {
                self.stop.check()?;
            }
        }
    }
}
