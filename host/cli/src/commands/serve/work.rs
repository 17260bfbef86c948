//! The runs that a serving process works on, each in a thread of its own.

use super::tell::{SUBJECT, Teller};
use crate::output::entry;
use crate::site::Opened;
use procedo_core::capability::Stop;
use procedo_core::run::{Actor, RunId};
use procedo_core::{Error, Kind, Result};
use procedo_engine::schedule::scheduler::{Firing, Scheduler};
use procedo_engine::{Progress, Taken};
use procedo_store::Store;
use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How many runs are worked on at once before others that could go on have to wait: each has a thread and a guest in memory.
const MOST: usize = 256;
/// A run that can go on again so soon after it rested is given a pause, each time twice as long.
const SOON: Duration = Duration::from_secs(2);
/// The longest of these pauses.
const LONGEST_PAUSE: Duration = Duration::from_secs(600);

/// The runs that are worked on.
#[derive(Default)]
pub struct Work {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    live: HashMap<RunId, Arc<Stop>>,
    rested: HashMap<RunId, Rest>,
}

/// When a run rested, and how long it is left alone.
#[derive(Clone, Copy)]
struct Rest {
    since: Instant,
    pause: Duration,
}

impl Rest {
    fn is_over(self) -> bool {
        self.since.elapsed() >= self.pause
    }
}

/// How long a run that rests now is left alone: not at all, unless it was taken up at once after it rested before.
fn pause(before: Option<Rest>, taken_up: Instant) -> Duration {
    match before {
        Some(rest) if taken_up.duration_since(rest.since) < rest.pause + SOON => {
            (rest.pause * 2).clamp(Duration::from_secs(1), LONGEST_PAUSE)
        }
        _ => Duration::ZERO,
    }
}

impl Work {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether a run may be taken up now.
    fn may_take_up(&self, run: &RunId) -> bool {
        let state = self.state();
        state.live.len() < MOST
            && !state.live.contains_key(run)
            && state.rested.get(run).is_none_or(|rest| rest.is_over())
    }

    fn enter(&self, run: &RunId) -> Taken {
        let taken = Taken::default();
        self.state().live.insert(run.clone(), Arc::clone(&taken.stop));
        taken
    }

    fn leave(&self, run: &RunId, taken_up: Instant, over: bool) {
        let mut state = self.state();
        state.live.remove(run);
        let before = state.rested.remove(run);
        if !over {
            let pause = pause(before, taken_up);
            let since = Instant::now();
            state.rested.insert(run.clone(), Rest { since, pause });
        }
        self.changed.notify_all();
    }

    /// Starts a run for a slot.
    pub fn fire(
        self: &Arc<Self>,
        opened: Opened,
        teller: &Teller,
        scheduler: &Arc<Mutex<Scheduler>>,
        firing: Firing,
    ) {
        let (work, teller, scheduler) = (Arc::clone(self), teller.clone(), Arc::clone(scheduler));
        let taken = self.enter(&firing.run);
        let run = firing.run.clone();
        let body = move || {
            let began = Instant::now();
            let mut begun = false;
            let progress = guarded(|| {
                opened
                    .engine()?
                    .start_as(firing.run.clone(), &firing.start, &taken, &mut |run| {
                        begun = true;
                        lock(&scheduler).begun(run);
                        let event = if firing.late { "made-up" } else { "fired" };
                        teller.event(event, &about(&teller, &firing));
                    })
            });
            match &progress {
                Err(error) if !begun => {
                    let settled = lock(&scheduler).failed(&firing, error);
                    teller.failure("not-fired", &about(&teller, &firing), error);
                    if let Err(error) = settled {
                        teller.failure("trouble", &[], &error);
                    }
                }
                progress => told(&opened, &teller, &firing.run, progress),
            }
            work.leave(&firing.run, began, is_over(&progress) || !begun);
        };
        self.spawn(&run, body);
    }

    /// Goes on with a run, if it may be taken up now.
    pub fn resume(self: &Arc<Self>, opened: Opened, teller: &Teller, run: &RunId, by: Actor) {
        if !self.may_take_up(run) {
            return;
        }
        let (work, teller, own) = (Arc::clone(self), teller.clone(), run.clone());
        let taken = self.enter(run);
        let body = move || {
            let began = Instant::now();
            let progress = guarded(|| opened.engine()?.resume(&own, &by, &taken));
            // Somebody else was faster, and goes on with it.
            let elsewhere = matches!(&progress, Err(error) if error.code == "P0201");
            if !elsewhere {
                teller.event("resumed", &[("run", own.to_string())]);
                told(&opened, &teller, &own, &progress);
            }
            work.leave(&own, began, is_over(&progress));
        };
        self.spawn(run, body);
    }

    fn spawn(&self, run: &RunId, body: impl FnOnce() + Send + 'static) {
        // A run that finds no thread is interrupted, and taken up later.
        if std::thread::Builder::new().spawn(body).is_err() {
            self.leave(run, Instant::now(), false);
        }
    }

    /// Has all runs come to rest, and waits for it at most so long; tells which did not.
    pub fn stop(&self, at_most: Duration) -> Vec<RunId> {
        let until = Instant::now() + at_most;
        let mut state = self.state();
        state.live.values().for_each(|stop| stop.set());
        while !state.live.is_empty() {
            let Some(left) = until.checked_duration_since(Instant::now()) else {
                break;
            };
            state = self
                .changed
                .wait_timeout(state, left)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
        }
        state.live.keys().cloned().collect()
    }
}

fn lock(scheduler: &Mutex<Scheduler>) -> MutexGuard<'_, Scheduler> {
    // It changes the store first and itself last: a panic leaves nothing half done.
    scheduler.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A panic in one run ends that run's thread, not the process that serves all others.
fn guarded(work: impl FnOnce() -> Result<Progress>) -> Result<Progress> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| Err(Error::new(Kind::Failed, "P0070")))
}

fn is_over(progress: &Result<Progress>) -> bool {
    matches!(
        progress,
        Ok(Progress::Succeeded(_) | Progress::Failed(_) | Progress::Cancelled(_))
    )
}

fn about(teller: &Teller, firing: &Firing) -> [(&'static str, String); 6] {
    let (schedule, value) = (firing.schedule.clone(), firing.value.clone());
    let subject = if value.is_empty() {
        schedule.clone()
    } else {
        format!("{schedule} ({value})")
    };
    [
        (SUBJECT, subject),
        ("schedule", schedule),
        ("value", value),
        ("slot", teller.moment(firing.slot)),
        ("run", firing.run.to_string()),
        ("procedure", firing.start.procedure.clone()),
    ]
}

/// Tells how far a run came.
fn told(opened: &Opened, teller: &Teller, run: &RunId, progress: &Result<Progress>) {
    let name = ("run", run.to_string());
    match progress {
        Ok(Progress::Succeeded(_)) => teller.event("succeeded", &[name]),
        Ok(Progress::Failed(error)) => teller.failure("failed", &[name], error),
        Ok(Progress::Cancelled(reason)) => teller.event("cancelled", &[name, ("reason", reason.clone())]),
        Ok(Progress::Interrupted) => teller.event("interrupted", &[name]),
        Ok(Progress::Waiting(wait)) => {
            let row = opened
                .store()
                .ok()
                .and_then(|store| store.row(run).ok())
                .flatten();
            let own = row.and_then(|row| opened.texts_of(&row.procedure));
            let why = entry::waits_for(&teller.output, own.as_ref(), wait);
            teller.event("waiting", &[name, ("why", why)]);
        }
        Err(error) => teller.failure("run-trouble", &[name], error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_that_is_ready_again_and_again_is_left_alone_ever_longer_and_one_that_rested_is_not() {
        let start = Instant::now();
        let mut rest = None;
        let mut at = start;
        let mut pauses = Vec::new();
        for _ in 0..13 {
            let pause = pause(rest, at);
            rest = Some(Rest { since: at, pause });
            at += pause + Duration::from_millis(500);
            pauses.push(pause.as_secs());
        }
        assert_eq!(pauses, [0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 600, 600]);
        let minute = Some(Rest {
            since: start,
            pause: Duration::ZERO,
        });
        assert_eq!(pause(minute, start + Duration::from_secs(60)), Duration::ZERO);
    }

    #[test]
    fn a_run_is_taken_up_once_at_a_time() {
        let work = Work::default();
        let run = RunId::parse("a").expect("valid");
        assert!(work.may_take_up(&run));
        let taken = work.enter(&run);
        assert!(!work.may_take_up(&run));
        assert_eq!(work.stop(Duration::ZERO), std::slice::from_ref(&run));
        assert!(taken.stop.is_set());
        work.leave(&run, Instant::now(), true);
        assert!(work.may_take_up(&run));
        assert!(work.stop(Duration::ZERO).is_empty());
    }
}
