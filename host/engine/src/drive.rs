//! Driving a run: from a held lease to its end, its wait, or its interruption.

use crate::engine::{Library, Progress, Taken};
use crate::gate::{Ending, Gate, Mode, lock};
use crate::given;
use crate::history::History;
use crate::live::Live;
use crate::operations::Operations;
use crate::plan::{Plan, PlanEnd};
use crate::planning::Planning;
use crate::undo::{self, Target};
use crate::watch::{Nobody, Watch};
use crate::{approval, identity, live};
use procedo_core::caller::{Caller, Ended, Guest};
use procedo_core::capability::Stop;
use procedo_core::journal::{Body, Decision, FORMAT, RunEnd, Started, StepMark, Wait};
use procedo_core::manifest::Manifest;
use procedo_core::message::{Language, Texts};
use procedo_core::run::{Actor, RunId};
use procedo_core::site::{Policy, Site};
use procedo_core::value::{Digest, Value};
use procedo_core::{Error, Kind, Result};
use procedo_store::{Durability, Lease, Store};
use serde_json::{Map, json};
use std::collections::HashMap;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// How often a live run looks for a cancellation in its inbox.
const INBOX_INTERVAL: Duration = Duration::from_millis(250);

pub(crate) struct Shared {
    pub site: Site,
    pub store: Arc<dyn Store>,
    pub operations: Operations,
    pub library: Box<dyn Library>,
    pub texts: Arc<Texts>,
}

impl Shared {
    pub fn now(&self) -> jiff::Timestamp {
        jiff::Timestamp::now()
    }

    pub fn find(&self, id: &str) -> Result<Arc<dyn Guest>> {
        self.library
            .find(id)?
            .ok_or_else(|| Error::new(Kind::NotFound, "P0101").with("procedure", id))
    }

    /// Who started the run, through however many parents: for a hook, whoever started the run that it hooks.
    pub fn starter(&self, run: &RunId) -> Result<Actor> {
        let root = run.root();
        let row = self.store.row(&root)?;
        row.map(|row| row.by)
            .ok_or_else(|| Error::new(Kind::NotFound, "P0202").with("run", root))
    }

    /// When the window opens next, in milliseconds since 1970; none while it is open.
    pub fn window_opens(&self, name: &str) -> Result<Option<i64>> {
        let fail = |reason: String| {
            Error::new(Kind::Failed, "P0143")
                .with("window", name)
                .with("reason", reason)
        };
        let window = self.site.window.get(name).ok_or_else(|| fail("?".to_owned()))?;
        let zone = jiff::tz::TimeZone::get(&self.site.time_zone).map_err(|error| fail(error.to_string()))?;
        let opens = window
            .opens(&self.now().to_zoned(zone))
            .map_err(|error| fail(error.to_string()))?;
        Ok(opens.map(jiff::Timestamp::as_millisecond))
    }
}

/// What is known of a run before its first call.
#[derive(Clone)]
pub(crate) struct Facts {
    pub run: RunId,
    pub by: Actor,
    pub language: Language,
    pub params: Value,
    pub seed: [u8; 32],
    pub answers: Map<String, Value>,
    pub override_reason: Option<String>,
    pub moment: i64,
}

impl Facts {
    fn of(store: &dyn Store, history: &History) -> Result<Self> {
        let started = &history.started;
        Ok(Self {
            run: started.run.clone(),
            by: started.by.clone(),
            language: started.language,
            params: started.params.clone(),
            seed: Digest::parse(&started.seed).map_or([0; 32], |digest| digest.0),
            answers: given::opened(store, &started.run, &started.answers)?,
            override_reason: started.override_reason.clone(),
            moment: history.last_moment,
        })
    }
}

/// What is run: a procedure, or the undo of a run.
pub(crate) enum Work {
    Guest(Arc<dyn Guest>),
    Undo(Target),
}

impl Work {
    fn manifest(&self) -> Arc<Manifest> {
        match self {
            Self::Guest(guest) => Arc::new(guest.manifest().clone()),
            Self::Undo(target) => Arc::clone(&target.manifest),
        }
    }

    fn pins(&self) -> Vec<(String, Digest)> {
        match self {
            Self::Guest(guest) => guest.pins(),
            Self::Undo(target) => target.pins(),
        }
    }

    /// What must be so before it changes something. An undo is under the rules of every procedure whose effects it
    /// reverses.
    fn policy(&self, site: &Site) -> Policy {
        match self {
            Self::Guest(guest) => site.policy_for(guest.manifest()),
            Self::Undo(target) => target.policy(site),
        }
    }

    fn go(&self, gate: &Arc<Gate>) -> Result<Value, Ended> {
        match self {
            Self::Guest(guest) => guest.run(Arc::clone(gate) as Arc<dyn Caller>, &gate.facts.params),
            Self::Undo(target) => undo::run(gate, target),
        }
    }
}

pub(crate) struct Beginning {
    pub run: RunId,
    pub procedure: String,
    pub params: Value,
    pub by: Actor,
    pub language: Language,
    pub pins: Vec<(String, Digest)>,
    pub parent: Option<RunId>,
    pub undoes: Option<RunId>,
    pub answers: Value,
    pub override_reason: Option<String>,
}

pub(crate) fn random_bytes<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|error| Error::new(Kind::Failed, "P0144").with("reason", error))?;
    Ok(bytes)
}

pub(crate) fn started(shared: &Shared, beginning: Beginning) -> Result<Started> {
    let answers = given::sealed(&*shared.store, &beginning.run, beginning.answers)?;
    Ok(Started {
        format: FORMAT,
        run: beginning.run,
        procedure: beginning.procedure,
        params: beginning.params,
        by: beginning.by,
        language: beginning.language,
        pins: beginning.pins,
        site: shared.site.digest(),
        seed: Digest(random_bytes()?).to_string(),
        parent: beginning.parent,
        undoes: beginning.undoes,
        answers,
        override_reason: beginning.override_reason,
    })
}

/// Runs a guest in a plan; tells how it ended and its gate's plan.
pub(crate) fn plan_guest(
    shared: &Arc<Shared>,
    facts: Facts,
    work: &Work,
    planning: Planning,
    stop: Arc<Stop>,
    watch: Arc<dyn Watch>,
) -> Result<(PlanEnd, Planning)> {
    let kept = planning.clone();
    let gate = Gate::new(
        Arc::clone(shared),
        facts,
        work.manifest(),
        Mode::Plan(planning),
        stop,
        watch,
    )?;
    let gate = Arc::new(gate);
    let result = work.go(&gate);
    let ended = match (gate.ending(), result) {
        (Some(Ending::Partial(why)), _) => PlanEnd::Partial { why },
        (Some(Ending::Failed(error) | Ending::Broken(error)), _) => PlanEnd::Fails { error },
        (Some(Ending::Stopped | Ending::Waiting(_)), _) | (None, Err(Ended::Stopped)) => PlanEnd::Fails {
            error: Error::new(Kind::Cancelled, "P0113").with("reason", "–"),
        },
        (None, Ok(result)) => PlanEnd::Complete { result },
        (None, Err(Ended::Failed(error))) => PlanEnd::Fails {
            error: live::masked(&gate, error),
        },
    };
    Ok((ended, kept))
}

pub(crate) fn plan_work(shared: &Arc<Shared>, facts: Facts, work: &Work, drive: &Taken) -> Result<Plan> {
    let planning = Planning::new(&shared.store, shared.now());
    let manifest = work.manifest();
    let (params, watch) = (facts.params.clone(), Arc::clone(&drive.watch));
    let (ended, planning) = plan_guest(shared, facts, work, planning, Arc::clone(&drive.stop), watch)?;
    let changes = std::mem::take(&mut *lock(&planning.changes));
    let steps = std::mem::take(&mut *lock(&planning.steps));
    let digest = Plan::digest_of(&manifest.id, &params, &pins(shared, work), &changes, &ended);
    Ok(Plan {
        procedure: manifest.id.clone(),
        params,
        digest,
        changes,
        steps,
        ended,
    })
}

/// Runs, or goes on with, a run whose lease is held.
pub(crate) fn drive(
    shared: &Arc<Shared>,
    lease: Arc<dyn Lease>,
    history: History,
    work: &Work,
    drive: &Taken,
) -> Result<Progress> {
    let store = &shared.store;
    let run = lease.run().clone();
    // A process may have died between the decision and the end.
    let cancelled = match history.cancelled() {
        Some(reason) => Some(reason.to_owned()),
        None => cancellation(shared, &*lease)?,
    };
    if let Some(reason) = cancelled {
        cancel_children(shared, &run, &reason)?;
        return finish(shared, &*lease, &history.open, RunEnd::Cancelled(reason));
    }
    let pins = pins(shared, work);
    if history.started.pins != pins {
        let wait = Wait::Diverged {
            expected: json!(history.started.pins),
            found: json!(pins),
        };
        store.append(
            &*lease,
            vec![Body::Waiting {
                call: None,
                wait: Box::new(wait.clone()),
            }],
            Durability::Now,
        )?;
        return Ok(Progress::Waiting(wait));
    }
    let facts = Facts::of(&*shared.store, &history)?;
    let manifest = work.manifest();
    let policy = work.policy(&shared.site);
    let proposed = match (policy.approvals, history.has_effects()) {
        (0, _) => None,
        // The plan that was agreed to stands, whatever the world looks like in the middle of it.
        (_, true) => {
            let starter = shared.starter(&run)?;
            let agreed = |digest| {
                let standing = approval::standing(
                    &history.decided,
                    digest,
                    policy.approvals,
                    policy.second_person,
                    &starter,
                );
                standing == approval::Standing::Enough
            };
            let proposed = history.proposed.clone().filter(|(digest, _)| agreed(*digest));
            proposed.and_then(|(_, plan)| serde_json::from_value::<Plan>(plan).ok())
        }
        (_, false) => Some(plan_work(
            shared,
            facts.clone(),
            work,
            &Taken {
                watch: Arc::new(Nobody),
                ..drive.clone()
            },
        )?),
    };
    let begins = !history.has_effects();
    let mode = Live {
        lease: Arc::clone(&lease),
        approved: Mutex::new(match (policy.approvals, &proposed) {
            (0, _) => None,
            (_, None) => Some(HashMap::new()),
            (_, Some(plan)) => Some(approval::agreed(plan)),
        }),
        approver: drive.approver.clone(),
        admitted: AtomicBool::new(false),
        meant: Mutex::new(identity::meant(&history)),
        history,
    };
    let mode = Mode::Live(Box::new(mode));
    let gate = Gate::new(
        Arc::clone(shared),
        facts,
        manifest,
        mode,
        Arc::clone(&drive.stop),
        Arc::clone(&drive.watch),
    )?;
    let gate = Arc::new(gate);
    let Mode::Live(mode) = &gate.mode else {
        return Err(Error::new(Kind::Failed, "P0145").with("run", &run));
    };
    let result = match &proposed {
        Some(plan) if begins && !plan.changes.is_empty() => {
            approval::of_plan(&gate, mode, plan, &policy).map_err(|_| Ended::Stopped)
        }
        _ => Ok(()),
    };
    let result = result.and_then(|()| watched(shared, &run, drive, || work.go(&gate)));
    conclude(shared, &gate, mode, result)
}

/// Works while a second thread looks for a cancellation. Only root runs need one: children share their stop.
fn watched<T>(shared: &Arc<Shared>, run: &RunId, drive: &Taken, work: impl FnOnce() -> T) -> T {
    if *run != run.root() {
        return work();
    }
    let done = Stop::default();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !done.wait(INBOX_INTERVAL) {
                let letters = shared.store.inbox(run).unwrap_or_default();
                if letters
                    .iter()
                    .any(|letter| matches!(letter.decision, Decision::Cancel { .. }))
                {
                    drive.stop.set();
                    return;
                }
            }
        });
        let result = work();
        done.set();
        result
    })
}

fn conclude(
    shared: &Shared,
    gate: &Arc<Gate>,
    mode: &Live,
    result: Result<Value, Ended>,
) -> Result<Progress> {
    let lease = &*mode.lease;
    let open = if gate.calls_made() < mode.history.last_call {
        // Cut short in replay: the steps of the journal are open, not those that replay has come to.
        mode.history.open.clone()
    } else {
        lock(&gate.steps).clone()
    };
    match gate.ending() {
        Some(Ending::Waiting(wait)) => Ok(Progress::Waiting(wait)),
        Some(Ending::Broken(error)) => Err(error),
        Some(Ending::Failed(error)) => finish(shared, lease, &open, RunEnd::Failed(error)),
        Some(Ending::Partial(why)) => {
            let error = Error::new(Kind::Failed, "P0116").with("reason", gate.tell(&why));
            finish(shared, lease, &open, RunEnd::Failed(error))
        }
        Some(Ending::Stopped) => match cancellation(shared, lease)? {
            Some(reason) => {
                cancel_children(shared, lease.run(), &reason)?;
                finish(shared, lease, &open, RunEnd::Cancelled(reason))
            }
            None => {
                shared.store.flush(lease)?;
                Ok(Progress::Interrupted)
            }
        },
        None if gate.calls_made() < mode.history.last_call => {
            let call = gate.calls_made() + 1;
            let known = mode
                .history
                .calls
                .get(&call)
                .and_then(|record| record.intent.as_ref());
            let expected = known.map_or(
                json!({"call": call}),
                |i| json!({"operation": i.operation, "args": i.args}),
            );
            live::diverged(gate, mode, call, expected, json!("the procedure ended"));
            match gate.ending() {
                Some(Ending::Waiting(wait)) => Ok(Progress::Waiting(wait)),
                _ => Err(Error::new(Kind::Failed, "P0145").with("run", lease.run())),
            }
        }
        None => match result {
            Ok(result) => finish(shared, lease, &open, RunEnd::Succeeded(result)),
            Err(Ended::Failed(error)) => {
                finish(shared, lease, &open, RunEnd::Failed(live::masked(gate, error)))
            }
            Err(Ended::Stopped) => finish(
                shared,
                lease,
                &open,
                RunEnd::Failed(Error::new(Kind::Failed, "P0137")),
            ),
        },
    }
}

/// Takes a cancellation out of the inbox; tells its reason.
pub(crate) fn cancellation(shared: &Shared, lease: &dyn Lease) -> Result<Option<String>> {
    let letters = shared.store.inbox(lease.run())?;
    let found = letters
        .into_iter()
        .find_map(|letter| match letter.decision.clone() {
            Decision::Cancel { reason } => Some((letter, reason)),
            _ => None,
        });
    let Some((letter, reason)) = found else {
        return Ok(None);
    };
    let decided = Body::Decided {
        call: None,
        by: letter.by.clone(),
        decision: letter.decision.clone(),
    };
    shared
        .store
        .receive(lease, std::slice::from_ref(&letter), vec![decided])?;
    Ok(Some(reason))
}

/// Ends the descendants of a run that is cancelled: nobody would ever go on with them.
pub(crate) fn cancel_children(shared: &Shared, run: &RunId, reason: &str) -> Result<()> {
    let prefix = format!("{run}/");
    let rows = shared.store.rows(usize::MAX, true)?;
    for row in rows
        .iter()
        .filter(|row| row.run.as_str().starts_with(&prefix) && !row.state.is_final())
    {
        let lease = shared.store.take(&row.run)?;
        let history = read(&*shared.store, &row.run)?;
        finish(
            shared,
            &*lease,
            &history.open,
            RunEnd::Cancelled(reason.to_owned()),
        )?;
    }
    Ok(())
}

/// Closes what is open and ends the run. Its locks are free once its end is durable.
pub(crate) fn finish(shared: &Shared, lease: &dyn Lease, open: &[String], ended: RunEnd) -> Result<Progress> {
    let mut bodies: Vec<Body> = open
        .iter()
        .rev()
        .map(|name| Body::Step {
            call: 0,
            mark: StepMark::Closed,
            name: name.clone(),
        })
        .collect();
    bodies.push(Body::Finished { ended: ended.clone() });
    shared.store.append(lease, bodies, Durability::Now)?;
    if *lease.run() == lease.run().root() {
        shared.store.unlock(lease.run())?;
    }
    Ok(match ended {
        RunEnd::Succeeded(result) => Progress::Succeeded(result),
        RunEnd::Failed(error) => Progress::Failed(error),
        RunEnd::Cancelled(reason) => Progress::Cancelled(reason),
    })
}

/// Reads a run's journal.
pub(crate) fn read(store: &dyn Store, run: &RunId) -> Result<History> {
    History::of(store.entries(run, 0)?).ok_or_else(|| Error::new(Kind::Failed, "P0145").with("run", run))
}

/// What a run is bound to: its guest, and the hooks of the site on it.
fn pins(shared: &Shared, work: &Work) -> Vec<(String, Digest)> {
    let mut pins = work.pins();
    if let Work::Guest(guest) = work {
        let id = &guest.manifest().id;
        let hooks: Vec<_> = shared
            .site
            .hook
            .iter()
            .filter(|hook| hook.procedure == *id)
            .collect();
        if !hooks.is_empty() {
            pins.push(("hooks".to_owned(), Digest::of_value(&json!(hooks))));
        }
    }
    pins
}

/// Begins a run and drives it.
pub(crate) fn begin(
    shared: &Arc<Shared>,
    mut started: Started,
    work: &Work,
    taken: &Taken,
    begun: &mut dyn FnMut(&RunId),
) -> Result<Progress> {
    started.pins = pins(shared, work);
    let history = History::begun(started.clone(), shared.now().as_millisecond());
    let lease = shared.store.begin(started)?;
    begun(lease.run());
    drive(shared, lease, history, work, taken)
}

/// How a finished run ended.
pub(crate) fn progress_of_finished(store: &dyn Store, run: &RunId) -> Result<Progress> {
    match read(store, run)?.finished {
        Some(RunEnd::Succeeded(result)) => Ok(Progress::Succeeded(result)),
        Some(RunEnd::Failed(error)) => Ok(Progress::Failed(error)),
        Some(RunEnd::Cancelled(reason)) => Ok(Progress::Cancelled(reason)),
        None => Err(Error::new(Kind::Failed, "P0145").with("run", run)),
    }
}

/// Takes up a run that is not finished, if there is something to go on with.
pub(crate) fn take_up(
    shared: &Arc<Shared>,
    run: &RunId,
    work: &Work,
    by: &Actor,
    taken: &Taken,
) -> Result<Progress> {
    let lease = shared.store.take(run)?;
    let history = read(&*shared.store, run)?;
    if history.finished.is_some() {
        // It ended while its lease was waited for.
        return progress_of_finished(&*shared.store, run);
    }
    if let Some((_, wait)) = &history.waiting
        && !can_go_on(shared, run, wait, taken)?
    {
        return Ok(Progress::Waiting(wait.clone()));
    }
    let resumed = Body::Resumed { by: by.clone() };
    shared.store.append(&*lease, vec![resumed], Durability::Soon)?;
    drive(shared, lease, history, work, taken)
}

/// Whether what a run waits for may have come.
fn can_go_on(shared: &Shared, run: &RunId, wait: &Wait, taken: &Taken) -> Result<bool> {
    Ok(match wait {
        Wait::Moment { until } => {
            shared.now().as_millisecond() >= *until || !shared.store.inbox(run)?.is_empty()
        }
        Wait::Answer { .. } => !shared.store.inbox(run)?.is_empty(),
        Wait::Approval { .. } => taken.approver.is_some() || !shared.store.inbox(run)?.is_empty(),
        // A probe that could tell nothing is made again: the machine that was out of reach may be back.
        Wait::Verdict { .. }
        | Wait::Window { .. }
        | Wait::Lock { .. }
        | Wait::Child { .. }
        | Wait::Diverged { .. } => true,
    })
}
