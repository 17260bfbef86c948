//! The scheduler: looks which slots are due, claims them durably, and names the runs to be started.
//!
//! A slot is claimed by writing into its line the identifier of the run that shall be started. A process that ends between
//! claim and start leaves a claim whose run does not exist: the next one finds it at its first look and treats the slot as
//! due again, by the same rules as every other: a slot that is not late is fired, one that is late by the policy for missed
//! ones. The identifier is used again, and the store begins no run twice.

use super::turn::{Former, Turn, may_act, next, turn};
use super::{Timed, all};
use crate::engine::Start;
use crate::failpoint;
use crate::fresh::fresh_run;
use crate::gate::lock;
use jiff::Timestamp;
use procedo_core::message::Language;
use procedo_core::run::{Actor, RunId};
use procedo_core::site::Site;
use procedo_core::value::Value;
use procedo_core::{Error, Result};
use procedo_store::{Line, Serving, Store};
use serde_json::Map;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::{Arc, Mutex};

/// A run that is to be started for a slot.
#[derive(Clone, Debug)]
pub struct Firing {
    /// The schedule.
    pub schedule: String,
    /// The value of the schedule's parameter, as JSON; empty where there are no values.
    pub value: String,
    /// The slot.
    pub slot: Timestamp,
    /// Whether it makes up for missed slots.
    pub late: bool,
    /// The identifier that the run shall have.
    pub run: RunId,
    /// What to start.
    pub start: Start,
}

/// What a look found.
#[derive(Clone, Debug)]
pub enum Found {
    /// A run is to be started. Its slot is claimed.
    Fire(Box<Firing>),
    /// Slots up to this one were missed and are over.
    Missed {
        /// The schedule.
        schedule: String,
        /// The newest of them.
        slot: Timestamp,
    },
    /// A slot is skipped since the run before has not ended.
    Skipped {
        /// The schedule.
        schedule: String,
        /// The slot.
        slot: Timestamp,
        /// That run.
        by: RunId,
    },
    /// A slot waits for the end of the run before.
    Held {
        /// The schedule.
        schedule: String,
        /// The slot.
        slot: Timestamp,
        /// That run.
        by: RunId,
    },
    /// A schedule that a procedure set cannot be used.
    Refused(Error),
}

/// The schedules of a site while a process serves it. There must be only one such process.
pub struct Scheduler {
    site: Site,
    store: Arc<dyn Store>,
    serving: Arc<dyn Serving>,
    /// Runs that are claimed and not begun: this process is about to start them.
    starting: Mutex<HashSet<RunId>>,
    /// Whether claims of a process before this one were looked for.
    looked: bool,
    refused: BTreeSet<String>,
}

impl Scheduler {
    /// A scheduler of a site's schedules.
    ///
    /// # Errors
    /// Those of [`super::declared`].
    pub fn new(site: Site, store: Arc<dyn Store>, serving: Arc<dyn Serving>) -> Result<Self> {
        super::declared(&site)?;
        Ok(Self {
            site,
            store,
            serving,
            starting: Mutex::default(),
            looked: false,
            refused: BTreeSet::new(),
        })
    }

    /// Takes up new declarations; those until now stay if one of the new ones is not valid.
    pub fn reload(&mut self, site: Site) -> Result<()> {
        super::declared(&site)?;
        self.site = site;
        Ok(())
    }

    /// Looks what is due at a moment, and claims it. Also tells the next moment at which something may be due.
    pub fn look(&mut self, now: Timestamp) -> Result<(Vec<Found>, Option<Timestamp>)> {
        let (schedules, refused) = all(&self.site, &*self.serving)?;
        let mut known = BTreeMap::new();
        for line in self.serving.lines()? {
            known.insert((line.schedule.clone(), line.value.clone()), line);
        }
        let mut found = Vec::new();
        for error in refused {
            // Told once: it stays as it is until somebody sets or removes it.
            if self.refused.insert(error.to_string()) {
                found.push(Found::Refused(error));
            }
        }
        let mut changed = Vec::new();
        let mut soonest: Option<Timestamp> = None;
        for timed in schedules.values() {
            for (value, params) in timed.starts() {
                let line = known.remove(&(timed.declared.name.clone(), value.clone()));
                let fresh = || timed.line(&value, now);
                let (mut line, new) = match line {
                    None => (fresh(), true),
                    // Another time: what was due by the former one is over, and what runs stays known.
                    Some(line) if line.defined != timed.defined() => {
                        let (run, slot) = (line.run, line.slot);
                        (Line { run, slot, ..fresh() }, true)
                    }
                    Some(line) => (line, false),
                };
                let former = self.former(timed, &line, now)?;
                let turn = former
                    .as_ref()
                    .map_or(Turn::Rest, |former| turn(timed, &line, now, former));
                if former == Some(Former::Unstarted) && !keeps_claim(&line, &turn) {
                    (line.run, line.slot) = (None, None);
                }
                let claimed = |run: &RunId| {
                    let by = |line: &Line| line.run.as_ref() == Some(run);
                    changed.iter().any(by) || lock(&self.starting).contains(run)
                };
                let fresh = || fresh_run(&*self.store, now, claimed);
                let told = settle(timed, &mut line, turn, fresh, |run| Firing {
                    schedule: timed.declared.name.clone(),
                    value,
                    slot: now,
                    late: false,
                    run,
                    start: start(timed, params, self.site.language),
                })?;
                if new || told.is_some() {
                    changed.push(line.clone());
                }
                found.extend(told);
                let next = next(timed, &line, now);
                soonest = [soonest, next].into_iter().flatten().min();
            }
        }
        failpoint::reached("schedule-due", fires(&found));
        let fired = || found.iter().filter_map(fired);
        lock(&self.starting).extend(fired().map(|firing| firing.run.clone()));
        // Schedules and values that are no more.
        let gone: Vec<_> = known.into_keys().collect();
        if let Err(error) = self.serving.put_lines(&changed, &gone) {
            // Nothing is claimed: the slots are still due.
            fired().for_each(|firing| self.begun(&firing.run));
            return Err(error);
        }
        self.looked = true;
        failpoint::reached("schedule-claimed", fires(&found));
        Ok((found, soonest))
    }

    /// Where the newest run of a line is; none where it does not matter now.
    fn former(&self, timed: &Timed, line: &Line, now: Timestamp) -> Result<Option<Former>> {
        if self.looked && !may_act(timed, line, now) {
            return Ok(None);
        }
        Ok(Some(match &line.run {
            None => Former::Free,
            Some(run) => match self.store.row(run)? {
                Some(row) if row.state.is_final() => Former::Free,
                Some(_) => Former::Busy(run.clone()),
                None if lock(&self.starting).contains(run) => Former::Busy(run.clone()),
                None if line.failed.is_some() => Former::Free,
                None => Former::Unstarted,
            },
        }))
    }

    /// A run that was claimed has begun: from now on its own row tells where it is.
    pub fn begun(&self, run: &RunId) {
        lock(&self.starting).remove(run);
    }

    /// A run that was claimed could not be started. The slot is settled; the error is kept for whoever asks.
    pub fn failed(&self, firing: &Firing, error: &Error) -> Result<()> {
        let lines = self.serving.lines()?;
        let own = lines.into_iter().find(|line| {
            line.schedule == firing.schedule
                && line.value == firing.value
                && line.run.as_ref() == Some(&firing.run)
        });
        if let Some(line) = own {
            let failed = serde_json::to_string(error).ok();
            self.serving.put_lines(&[Line { failed, ..line }], &[])?;
        }
        self.begun(&firing.run);
        Ok(())
    }
}

fn fired(found: &Found) -> Option<&Firing> {
    match found {
        Found::Fire(firing) => Some(firing),
        _ => None,
    }
}

/// Whether a claim that was never started is started now.
fn keeps_claim(line: &Line, turn: &Turn) -> bool {
    matches!(turn, Turn::Fire { slot, .. } if line.slot == Some(slot.as_millisecond()))
}

fn fires(found: &[Found]) -> bool {
    found.iter().any(|each| fired(each).is_some())
}

/// Writes a decision into the line, and tells what was found. `fresh` gives an identifier for a run, `firing` makes its start.
fn settle(
    timed: &Timed,
    line: &mut Line,
    turn: Turn,
    fresh: impl FnOnce() -> Result<RunId>,
    firing: impl FnOnce(RunId) -> Firing,
) -> Result<Option<Found>> {
    let schedule = timed.declared.name.clone();
    let mut settled = |slot: Timestamp, held: Option<Timestamp>| {
        line.settled = line.settled.max(slot.as_millisecond());
        line.held = held.map(Timestamp::as_millisecond);
    };
    Ok(Some(match turn {
        Turn::Rest => return Ok(None),
        Turn::Missed { slot } => {
            settled(slot, None);
            Found::Missed { schedule, slot }
        }
        Turn::Skipped { slot, by } => {
            settled(slot, None);
            Found::Skipped { schedule, slot, by }
        }
        Turn::Held { slot, by } => {
            settled(slot, Some(slot));
            Found::Held { schedule, slot, by }
        }
        Turn::Fire { slot, late } => {
            settled(slot, None);
            let again = line.slot == Some(slot.as_millisecond()) && line.failed.is_none();
            let run = match line.run.take().filter(|_| again) {
                Some(run) => run,
                None => fresh()?,
            };
            line.failed = None;
            (line.run, line.slot) = (Some(run.clone()), Some(slot.as_millisecond()));
            Found::Fire(Box::new(Firing {
                slot,
                late,
                ..firing(run)
            }))
        }
    }))
}

fn start(timed: &Timed, params: Value, language: Language) -> Start {
    Start {
        procedure: timed.declared.procedure.clone(),
        params,
        by: Actor::Schedule(timed.declared.name.clone()),
        language,
        answers: Map::new(),
        override_reason: None,
    }
}
