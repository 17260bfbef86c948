//! Child runs and hooks: procedures that run on behalf of another, each with a journal and grants of its own.

use crate::builtin::typed;
use crate::drive::{self, Facts, Work};
use crate::engine::{Progress, Taken};
use crate::failpoint::Point;
use crate::gate::{Ending, Gate, lock};
use crate::history::Record;
use crate::live::{self, Live};
use crate::params;
use crate::planning::Planning;
use crate::watch::Event;
use procedo_core::caller::{Caller, Fault, Guest};
use procedo_core::effect::{Effect, OperationName};
use procedo_core::journal::{Body, CallEnd, StepMark, Wait};
use procedo_core::run::{Actor, RunId};
use procedo_core::value::Value;
use procedo_core::{Error, Kind, Result};
use procedo_store::Durability;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Instant;

/// How many children one call may start: each has a thread while it runs.
const MOST_CHILDREN: usize = 64;
/// How many threads children of all runs may have together. Those that find none free run one after the other in the
/// thread of their parent: procedures that start themselves 64 times over would leave the process without threads.
const MOST_THREADS: usize = 256;
/// How deep runs may nest. A deeper nest is a procedure that starts itself.
const DEEPEST: usize = 8;

#[derive(Deserialize, JsonSchema)]
pub(crate) struct ChildArgs {
    procedure: String,
    params: String,
}

#[derive(Deserialize, JsonSchema)]
pub(crate) struct ChildrenArgs {
    children: Vec<ChildArgs>,
}

#[derive(Serialize, Deserialize, JsonSchema)]
pub(crate) struct ChildOutcome {
    run: String,
    succeeded: bool,
    reply: String,
}

/// A child ready to be started.
struct Ready {
    guest: Arc<dyn Guest>,
    params: Value,
    by: Actor,
}

fn requested(function: &str, args: &Value) -> Result<Vec<ChildArgs>> {
    if function == "run-child" {
        Ok(vec![typed(args)?])
    } else {
        Ok(typed::<ChildrenArgs>(args)?.children)
    }
}

/// Whether the procedure may start these: else it could have done by others what it may not do itself.
fn authorise(gate: &Gate, operation: &OperationName, requested: &[ChildArgs]) -> Result<()> {
    requested
        .iter()
        .try_for_each(|child| gate.authorise(operation, &child.procedure, Effect::Write))
}

/// Finds the procedures and checks their parameters before any of them starts.
fn ready(gate: &Gate, requested: &[ChildArgs]) -> Result<Vec<Ready>> {
    if requested.len() > MOST_CHILDREN {
        return Err(Error::new(Kind::TooLarge, "P0126")
            .with("limit", MOST_CHILDREN)
            .with("value", requested.len()));
    }
    requested
        .iter()
        .map(|child| {
            let params: Value = serde_json::from_str(&child.params).map_err(|_| {
                Error::new(Kind::Invalid, "P0129")
                    .with("procedure", &child.procedure)
                    .with("value", &child.params)
            })?;
            one(gate, &child.procedure, &params, gate.facts.by.clone())
        })
        .collect()
}

fn one(gate: &Gate, procedure: &str, params: &Value, by: Actor) -> Result<Ready> {
    if gate.facts.run.as_str().split('/').count() / 2 >= DEEPEST {
        return Err(Error::new(Kind::TooLarge, "P0140")
            .with("limit", DEEPEST)
            .with("procedure", procedure));
    }
    let guest = gate.shared.find(procedure)?;
    let params = params::check(guest.manifest(), params)?;
    Ok(Ready { guest, params, by })
}

fn replied(function: &str, mut outcomes: Vec<ChildOutcome>) -> Value {
    let value = |outcome: ChildOutcome| serde_json::to_value(outcome).unwrap_or_default();
    match function {
        "run-child" => outcomes.pop().map(value).unwrap_or_default(),
        _ => outcomes.into_iter().map(value).collect(),
    }
}

pub(crate) fn live(
    gate: &Gate,
    mode: &Live,
    number: u64,
    operation: &OperationName,
    args: Value,
    record: Option<&Record>,
) -> Result<Value, Fault> {
    let began = Instant::now();
    let function = operation.function.as_str();
    let requested = requested(function, &args);
    let resource = requested
        .iter()
        .flatten()
        .map(|child| child.procedure.as_str())
        .collect::<Vec<_>>()
        .join(" ");
    let intent = live::intent(number, operation, args, &resource, Effect::Write);
    let known = record.is_some_and(|record| record.intent.is_some());
    let children = requested.and_then(|requested| {
        if !known {
            authorise(gate, operation, &requested)?;
        }
        ready(gate, &requested)
    });
    let children = match children {
        Ok(children) => children,
        Err(error) if known => return gate.conclude(mode, number, CallEnd::Error(error), began),
        Err(error) => return gate.record(mode, intent, CallEnd::Error(error), began),
    };
    if !known {
        gate.failpoint(mode, Point::BeforeIntent, number);
        gate.append(mode, vec![Body::Intent(Box::new(intent))], Durability::Now)?;
        gate.failpoint(mode, Point::AfterIntent, number);
    }
    let outcomes = run_all(gate, mode, number, children)?;
    gate.failpoint(mode, Point::AfterEffect, number);
    gate.conclude(mode, number, CallEnd::Reply(replied(function, outcomes)), began)
}

/// Starts, or takes up, the children of a call, and waits for all.
fn run_all(gate: &Gate, mode: &Live, number: u64, children: Vec<Ready>) -> Result<Vec<ChildOutcome>, Fault> {
    let drive =
        |index: usize, child: Ready| drive_one(gate, mode, gate.facts.run.child(number, index), child);
    let progress: Vec<Result<(RunId, Progress)>> = if children.len() == 1 {
        children.into_iter().map(|child| drive(0, child)).collect()
    } else {
        side_by_side(children, drive)
    };
    let mut outcomes = Vec::with_capacity(progress.len());
    let mut waiting = None;
    let mut stopped = false;
    for each in progress {
        let (run, progress) = gate.durable(each)?;
        let ended = why_failed(&progress).map(|error| failure(gate, &error));
        let (succeeded, reply) = match progress {
            Progress::Succeeded(result) => (true, result),
            Progress::Failed(_) | Progress::Cancelled(_) => (false, ended.unwrap_or_default()),
            Progress::Waiting(_) => {
                waiting.get_or_insert(run);
                continue;
            }
            Progress::Interrupted => {
                stopped = true;
                continue;
            }
        };
        outcomes.push(ChildOutcome {
            run: run.to_string(),
            succeeded,
            reply: reply.to_string(),
        });
    }
    if stopped {
        return Err(gate.end(Ending::Stopped));
    }
    match waiting {
        Some(run) => Err(gate.wait(mode, Some(number), Wait::Child { run })),
        None => Ok(outcomes),
    }
}

/// A thread among those that children may have.
struct Permit;

static THREADS: AtomicUsize = AtomicUsize::new(0);

impl Permit {
    fn take() -> Option<Self> {
        let one_more = |threads| (threads < MOST_THREADS).then_some(threads + 1);
        let taken = THREADS.fetch_update(Ordering::AcqRel, Ordering::Acquire, one_more);
        taken.is_ok().then(|| Self)
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        THREADS.fetch_sub(1, Ordering::AcqRel);
    }
}

/// Works on all children at once, as far as there are threads; outcomes come in their order.
fn side_by_side<C: Send, T: Send>(
    children: Vec<C>,
    drive: impl Fn(usize, C) -> Result<T> + Sync,
) -> Vec<Result<T>> {
    let lost = || Error::new(Kind::Failed, "P0141");
    let slots: Vec<_> = children
        .into_iter()
        .map(|child| Mutex::new(Some(child)))
        .collect();
    let work = |index: usize| {
        let child = slots.get(index).and_then(|slot| lock(slot).take());
        let child = child.ok_or_else(lost)?;
        // A child that breaks breaks its own run, in whichever thread it runs.
        catch_unwind(AssertUnwindSafe(|| drive(index, child))).unwrap_or_else(|_| Err(lost()))
    };
    std::thread::scope(|scope| {
        let work = &work;
        let threads: Vec<_> = (0..slots.len())
            .map(|index| {
                let permit = Permit::take()?;
                let own = move || {
                    let _permit = permit;
                    work(index)
                };
                std::thread::Builder::new().spawn_scoped(scope, own).ok()
            })
            .collect();
        let here: Vec<_> = threads
            .iter()
            .enumerate()
            .map(|(index, thread)| thread.is_none().then(|| work(index)))
            .collect();
        threads
            .into_iter()
            .zip(here)
            .map(|(thread, here)| match (thread, here) {
                (Some(thread), _) => thread.join().unwrap_or_else(|_| Err(lost())),
                (None, done) => done.unwrap_or_else(|| Err(lost())),
            })
            .collect()
    })
}

/// Why a child that has ended did not succeed.
fn why_failed(progress: &Progress) -> Option<Error> {
    match progress {
        Progress::Failed(error) => Some(error.clone()),
        Progress::Cancelled(reason) => Some(Error::new(Kind::Cancelled, "P0113").with("reason", reason)),
        Progress::Succeeded(_) | Progress::Waiting(_) | Progress::Interrupted => None,
    }
}

fn failure(gate: &Gate, error: &Error) -> Value {
    serde_json::json!({"kind": error.kind.name(), "code": error.code, "message": gate.tell(&error.message)})
}

fn drive_one(gate: &Gate, mode: &Live, run: RunId, child: Ready) -> Result<(RunId, Progress)> {
    let procedure = child.guest.manifest().id.clone();
    gate.tell_watch(&Event::Child {
        run: &run,
        procedure: &procedure,
    });
    let taken = Taken {
        watch: Arc::clone(&gate.watch),
        stop: Arc::clone(&gate.stop),
        approver: mode.approver.clone(),
    };
    let progress = match gate.shared.store.row(&run)? {
        Some(row) if row.state.is_final() => drive::progress_of_finished(&*gate.shared.store, &run)?,
        Some(_) => drive::take_up(
            &gate.shared,
            &run,
            &Work::Guest(child.guest),
            &gate.facts.by,
            &taken,
        )?,
        None => {
            let started = drive::started(
                &gate.shared,
                drive::Beginning {
                    run: run.clone(),
                    procedure: child.guest.manifest().id.clone(),
                    params: child.params,
                    by: child.by,
                    language: gate.facts.language,
                    pins: child.guest.pins(),
                    parent: Some(gate.facts.run.clone()),
                    undoes: None,
                    answers: Value::Object(gate.facts.answers.clone()),
                    override_reason: gate.facts.override_reason.clone(),
                },
            )?;
            drive::begin(
                &gate.shared,
                started,
                &Work::Guest(child.guest),
                &taken,
                &mut |_| {},
            )?
        }
    };
    if let Some(error) = why_failed(&progress) {
        gate.tell_watch(&Event::ChildFailed {
            run: &run,
            procedure: &procedure,
            error: &error,
        });
    }
    Ok((run, progress))
}

/// The hooks of the site on a step of the run's procedure.
fn hooks_on(gate: &Gate, mark: StepMark, step: &str) -> Result<Vec<Ready>> {
    let when = if mark == StepMark::End { "after" } else { "before" };
    let at = format!("{when}:{step}");
    let procedure = lock(&gate.authority).manifest.id.clone();
    let hooks = gate
        .shared
        .site
        .hook
        .iter()
        .filter(|hook| hook.procedure == procedure && hook.at == at);
    hooks
        .map(|hook| {
            let params = if hook.params.is_null() {
                Value::Object(serde_json::Map::new())
            } else {
                hook.params.clone()
            };
            one(gate, &hook.run, &params, Actor::Hook(format!("{procedure} {at}")))
        })
        .collect()
}

/// Runs the hooks on a step. Replies whether an intent waits for its outcome.
#[allow(clippy::too_many_arguments)]
pub(crate) fn hooks(
    gate: &Gate,
    mode: &Live,
    number: u64,
    operation: &OperationName,
    args: &Value,
    mark: StepMark,
    step: &str,
    record: Option<&Record>,
) -> Result<bool, Fault> {
    let began = Instant::now();
    let hooks = hooks_on(gate, mark, step);
    if matches!(&hooks, Ok(hooks) if hooks.is_empty()) {
        return Ok(false);
    }
    let intent = live::intent(number, operation, args.clone(), step, Effect::Write);
    if record.is_none_or(|record| record.intent.is_none()) {
        gate.append(mode, vec![Body::Intent(Box::new(intent))], Durability::Now)?;
        gate.failpoint(mode, Point::AfterIntent, number);
    }
    let failed = match hooks {
        Err(error) => Some(error),
        Ok(hooks) => {
            let outcomes = run_all(gate, mode, number, hooks)?;
            outcomes
                .into_iter()
                .find(|outcome| !outcome.succeeded)
                .map(|outcome| {
                    let reply = serde_json::from_str(&outcome.reply).unwrap_or_default();
                    hook_failed(step, &outcome.run, &reply)
                })
        }
    };
    match failed {
        Some(error) => gate
            .conclude(mode, number, CallEnd::Error(error), began)
            .map(|_| true),
        None => Ok(true),
    }
}

/// `reply` is what [`failure`] tells of the hook's end: of it, people read the sentence alone.
fn hook_failed(step: &str, run: &str, reply: &Value) -> Error {
    let reason = reply.get("message").and_then(Value::as_str).unwrap_or_default();
    Error::new(Kind::Failed, "P0139")
        .with("step", step)
        .with("run", run)
        .with("reason", reason)
}

/// Plans the hooks on a step.
pub(crate) fn plan_hooks(gate: &Gate, mode: &Planning, mark: StepMark, step: &str) -> Result<(), Fault> {
    for hook in hooks_on(gate, mark, step)? {
        if let Err(error) = plan_one(gate, mode, hook)? {
            let run = &gate.facts.run;
            let reply = failure(gate, &error);
            return Err(Fault::Error(hook_failed(step, run.as_str(), &reply)));
        }
    }
    Ok(())
}

pub(crate) fn plan(
    gate: &Gate,
    mode: &Planning,
    operation: &OperationName,
    args: &Value,
) -> Result<Value, Fault> {
    let function = operation.function.as_str();
    let requested = requested(function, args)?;
    authorise(gate, operation, &requested)?;
    let children = ready(gate, &requested)?;
    let mut outcomes = Vec::new();
    for (index, child) in children.into_iter().enumerate() {
        let (succeeded, reply) = match plan_one(gate, mode, child)? {
            Ok(result) => (true, result),
            Err(error) => (false, failure(gate, &error)),
        };
        let run = gate.facts.run.child(gate.calls_made(), index);
        outcomes.push(ChildOutcome {
            run: run.to_string(),
            succeeded,
            reply: reply.to_string(),
        });
    }
    Ok(replied(function, outcomes))
}

fn plan_one(gate: &Gate, mode: &Planning, child: Ready) -> Result<Result<Value>, Fault> {
    let planning = mode.of_child(&child.guest.manifest().id);
    let facts = Facts {
        run: gate.facts.run.child(gate.calls_made(), 0),
        params: child.params.clone(),
        ..gate.facts.clone()
    };
    let (ended, _) = drive::plan_guest(
        &gate.shared,
        facts,
        &Work::Guest(child.guest),
        planning,
        Arc::clone(&gate.stop),
        Arc::clone(&gate.watch),
    )?;
    match ended {
        crate::plan::PlanEnd::Complete { result } => Ok(Ok(result)),
        crate::plan::PlanEnd::Fails { error } => Ok(Err(error)),
        crate::plan::PlanEnd::Partial { why } => Err(gate.end(Ending::Partial(why))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nest(depth: usize, width: usize) -> usize {
        assert!(THREADS.load(Ordering::Acquire) <= MOST_THREADS);
        if depth == 0 {
            return 1;
        }
        let done = side_by_side((0..width).collect(), |index, child| {
            assert_eq!(index, child);
            Ok((child, nest(depth - 1, width)))
        });
        let done: Vec<_> = done.into_iter().map(|each| each.expect("it works")).collect();
        assert!(
            done.iter().enumerate().all(|(index, (child, _))| index == *child),
            "in order"
        );
        done.into_iter().map(|(_, leaves)| leaves).sum()
    }

    #[test]
    fn children_that_start_themselves_many_times_over_leave_the_process_its_threads() {
        assert_eq!(nest(3, 24), 24 * 24 * 24);
    }

    #[test]
    fn a_child_that_breaks_breaks_nobody_else() {
        let done = side_by_side(vec![1, 2], |_, child| {
            assert_ne!(child, 1, "the first breaks");
            Ok(child)
        });
        assert_eq!(done[0].as_ref().expect_err("broken").code, "P0141");
        assert_eq!(done[1], Ok(2));
    }
}
