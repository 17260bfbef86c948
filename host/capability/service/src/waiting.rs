//! Bringing a service up or down, and waiting until it has a state.

use crate::processes::{Process, told};
use crate::settings::Service;
use crate::state::{Seen, ServiceState};
use procedo_core::capability::{Context, Stop};
use procedo_core::message::Message;
use procedo_core::value::Value;
use procedo_core::{Error, Kind, Result};
use std::time::{Duration, Instant};

/// How long to wait between two looks: at first, and at most.
const SHORTEST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// Whoever waits for a service.
pub(crate) struct Waiting<'a> {
    pub(crate) stop: &'a Stop,
    progress: &'a dyn Fn(u64, Option<u64>, &Message),
    service: &'a Service,
    began: Instant,
    time: Duration,
    pause: Duration,
}

impl<'a> Waiting<'a> {
    /// Waits for at most so long from now on.
    pub(crate) fn begin(context: &'a Context<'_>, service: &'a Service, time: Duration) -> Self {
        Self {
            stop: context.stop,
            progress: context.progress,
            service,
            began: Instant::now(),
            time,
            pause: SHORTEST_PAUSE,
        }
    }

    /// How much is left of the time.
    pub(crate) fn left(&self) -> Duration {
        self.time.saturating_sub(self.began.elapsed())
    }

    /// Pauses; tells whether there is time for another look.
    ///
    /// # Errors
    /// `P0113` the run shall stop.
    pub(crate) fn pause(&mut self, state: ServiceState) -> Result<bool> {
        let left = self.left();
        if left.is_zero() {
            return Ok(false);
        }
        let message = Message::new("service-waiting")
            .with("service", &self.service.name)
            .with("state", state.name());
        (self.progress)(
            self.began.elapsed().as_secs(),
            Some(self.time.as_secs()),
            &message,
        );
        if self.stop.wait(self.pause.min(left)) {
            self.stop.check()?;
        }
        self.pause = (self.pause * 3 / 2).min(LONGEST_PAUSE);
        Ok(true)
    }
}

/// Starts a service that is down, or waits for one that is starting.
///
/// # Errors
/// `P1105` it ended; `P1106` it does not run in time.
pub(crate) fn bring_up(context: &Context<'_>, service: &Service, now: &Seen) -> Result<Seen> {
    let mut waiting = Waiting::begin(context, service, service.start_timeout);
    if now.state().is_down() {
        service.driver.start(waiting.left(), waiting.stop)?;
    }
    until_up(&mut waiting)
}

/// Waits until a service that was told to start runs.
pub(crate) fn until_up(waiting: &mut Waiting<'_>) -> Result<Seen> {
    let service = waiting.service;
    loop {
        let seen = service.driver.look(&[], waiting.stop)?;
        match seen.state() {
            ServiceState::Running => return Ok(seen),
            state if state.is_down() => {
                return Err(Error::new(Kind::Failed, "P1105")
                    .with("service", &service.name)
                    .with("reason", &seen.status.detail));
            }
            state if !waiting.pause(state)? => {
                return Err(Error::new(Kind::TimedOut, "P1106")
                    .with("service", &service.name)
                    .with("seconds", service.start_timeout.as_secs())
                    .with("state", state.name())
                    .with("detail", &seen.status.detail));
            }
            _ => {}
        }
    }
}

/// The processes of a service that is about to be stopped, with those that earlier attempts noted: made durable, so that
/// none is forgotten that loses its parent.
pub(crate) fn noted_family(context: &mut Context<'_>, service: &Service) -> Result<Vec<Process>> {
    let mut family = service.driver.family(context.stop)?;
    let known = family.len();
    for note in context.notes {
        let former = note.get("family").cloned().unwrap_or(Value::Null);
        for process in serde_json::from_value::<Vec<Process>>(former).unwrap_or_default() {
            let is_new = |other: &Process| other.pid != process.pid || other.started != process.started;
            if family.iter().all(is_new) {
                family.push(process);
            }
        }
    }
    if known > 0 {
        (context.note)(serde_json::json!({ "family": family }))?;
    }
    Ok(family)
}

/// Stops a service and waits until it and its processes have really ended.
///
/// # Errors
/// `P1104` some still run, named.
pub(crate) fn bring_down(context: &Context<'_>, service: &Service, family: &[Process]) -> Result<Seen> {
    let mut waiting = Waiting::begin(context, service, service.stop_timeout);
    let mut kill = service.driver.kill_after();
    service.driver.ask_to_stop(
        kill.map_or(waiting.left(), |kill| kill.min(waiting.left())),
        waiting.stop,
    )?;
    loop {
        let seen = service.driver.look(family, waiting.stop)?;
        if seen.state().is_down() {
            return Ok(seen);
        }
        if kill.is_some_and(|after| waiting.began.elapsed() >= after) {
            kill = None;
            let mut all = service.driver.family(waiting.stop)?;
            all.extend_from_slice(family);
            service.driver.kill(&all, waiting.stop)?;
        }
        if !waiting.pause(seen.state())? {
            let processes = match seen.remaining.as_slice() {
                [] => seen.status.detail.clone(),
                remaining => told(remaining),
            };
            return Err(Error::new(Kind::TimedOut, "P1104")
                .with("service", &service.name)
                .with("seconds", service.stop_timeout.as_secs())
                .with("processes", processes));
        }
    }
}

/// A service about which nothing can be done, since it is not known what it does.
pub(crate) fn refuse_unknown(service: &Service, seen: &Seen) -> Result<()> {
    if seen.state() == ServiceState::Unknown {
        return Err(Error::new(Kind::Conflict, "P1103")
            .with("service", &service.name)
            .with("detail", &seen.status.detail));
    }
    Ok(())
}
