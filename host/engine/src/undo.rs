//! Undo: walks the outcomes of a finished run backwards and reverses them by ordinary, journaled calls.

use crate::drive::Shared;
use crate::gate::{Ending, Gate, Mode, lock};
use crate::history::{History, starts_children};
use crate::identity;
use crate::live;
use crate::schedule::operations as schedule;
use crate::undone;
use procedo_core::caller::{Caller, Ended, Fault};
use procedo_core::capability::{Context, Overlay};
use procedo_core::change::{Change, Probe, Undo};
use procedo_core::effect::{Effect, OperationName};
use procedo_core::journal::{CallEnd, Intent};
use procedo_core::manifest::Manifest;
use procedo_core::message::Message;
use procedo_core::run::RunId;
use procedo_core::site::{Policy, Site};
use procedo_core::value::{Digest, Value};
use procedo_core::{Error, Kind, Result};
use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

/// An effect of the run to be undone, or of one of its children.
#[derive(Clone)]
pub(crate) struct Effected {
    run: RunId,
    /// By which right it was made.
    right: Right,
    intent: Intent,
    /// None: it was in doubt when the run ended.
    end: Option<CallEnd>,
    notes: Vec<Value>,
}

/// The right by which a call was made: that of the call it reverses, if it was made by an undo itself.
#[derive(Clone)]
struct Right {
    manifest: Arc<Manifest>,
    params: Value,
    effect: Effect,
}

/// Everything that an undo of a run has to look at, newest first.
pub(crate) struct Target {
    pub run: RunId,
    pub manifest: Arc<Manifest>,
    effects: Vec<Effected>,
}

impl Target {
    /// Reads the run's journal and those of its children.
    pub fn of(shared: &Shared, run: &RunId) -> Result<Self> {
        let mut effects = Vec::new();
        let manifest = collect(shared, run, &mut effects)?;
        Ok(Self {
            run: run.clone(),
            manifest,
            effects,
        })
    }

    /// The strictest rules of all procedures whose effects are reversed.
    pub fn policy(&self, site: &Site) -> Policy {
        let mut policy = site.policy_for(&self.manifest);
        for each in &self.effects {
            let other = site.policy_for(&each.right.manifest);
            policy.approvals = policy.approvals.max(other.approvals);
            policy.second_person |= other.second_person;
        }
        policy
    }

    /// What an undo pins: which calls it reverses.
    pub fn pins(&self) -> Vec<(String, Digest)> {
        let calls: Vec<_> = self
            .effects
            .iter()
            .map(|each| json!([each.run, each.intent.call]))
            .collect();
        vec![("undo".to_owned(), Digest::of_value(&Value::from(calls)))]
    }
}

fn collect(shared: &Shared, run: &RunId, effects: &mut Vec<Effected>) -> Result<Arc<Manifest>> {
    let history = History::of(shared.store.entries(run, 0)?)
        .ok_or_else(|| Error::new(Kind::NotFound, "P0202").with("run", run))?;
    let procedure = &history.started.procedure;
    let manifest = Arc::new(shared.find(procedure)?.manifest().clone());
    for (intent, record) in history.effects() {
        if starts_children(&intent.operation) {
            let mut children = Vec::new();
            for index in 0.. {
                let child = run.child(intent.call, index);
                if shared.store.row(&child)?.is_none() {
                    break;
                }
                children.push(child);
            }
            for child in children.iter().rev() {
                collect(shared, child, effects)?;
            }
            continue;
        }
        let right = match reversed_by(&history, intent.call) {
            Some((run, call)) => right(shared, &run, call)?,
            None => Right {
                manifest: Arc::clone(&manifest),
                params: history.started.params.clone(),
                effect: intent.effect,
            },
        };
        effects.push(Effected {
            run: run.clone(),
            right,
            intent: intent.clone(),
            end: record.end.clone(),
            notes: record.notes.clone(),
        });
    }
    Ok(manifest)
}

/// The call that a call of an undo reverses: the one that was considered last before it.
fn reversed_by(history: &History, call: u64) -> Option<(RunId, u64)> {
    history.started.undoes.as_ref()?;
    let intents = history.calls.values().filter_map(|record| record.intent.as_ref());
    let considered = intents
        .filter(|intent| intent.call < call && intent.operation == considering())
        .max_by_key(|intent| intent.call)?;
    let run = considered.args.get("run")?.as_str()?;
    Some((RunId::parse(run)?, considered.args.get("call")?.as_u64()?))
}

/// By which right a call was made, through however many undos.
fn right(shared: &Shared, run: &RunId, call: u64) -> Result<Right> {
    let unreadable = || Error::new(Kind::Failed, "P0145").with("run", run);
    let history = History::of(shared.store.entries(run, 0)?).ok_or_else(unreadable)?;
    if let Some((run, call)) = reversed_by(&history, call) {
        return right(shared, &run, call);
    }
    let record = history.calls.get(&call).and_then(|record| record.intent.as_ref());
    Ok(Right {
        manifest: Arc::new(shared.find(&history.started.procedure)?.manifest().clone()),
        effect: record.ok_or_else(unreadable)?.effect,
        params: history.started.params,
    })
}

/// Whether a call takes back what an earlier call of the same run changed: it is one that would reverse it as things are now.
/// `args` are revealed.
pub(crate) fn takes_back(gate: &Gate, intent: &Intent, args: &Value) -> Result<bool> {
    let mut effects = Vec::new();
    collect(&gate.shared, &gate.facts.run, &mut effects)?;
    let wanted = given(args);
    let earlier = effects.iter().filter(|effected| {
        effected.run == gate.facts.run
            && effected.intent.call < intent.call
            && effected.intent.operation.capability == intent.operation.capability
            && effected.intent.resource == intent.resource
    });
    for effected in earlier {
        // What cannot be looked at allows nothing.
        let answer = answer(gate, intent.call, &mut Overlay::default(), effected);
        if let Ok(Undo::Calls { calls }) = answer
            && calls
                .iter()
                .any(|call| call.operation == intent.operation && given(&call.args) == wanted)
        {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Arguments without the absent ones, which may be written as null or not at all.
fn given(args: &Value) -> Value {
    let mut args = args.clone();
    if let Some(members) = args.as_object_mut() {
        members.retain(|_, value| !value.is_null());
    }
    args
}

/// The operation under which an undo journals what it found out about a call.
fn considering() -> OperationName {
    OperationName::new("undo", "consider")
}

/// Reverses the target's effects through the gate.
pub(crate) fn run(gate: &Gate, target: &Target) -> Result<Value, Ended> {
    let mut reversed = 0_u64;
    let mut kept = Vec::new();
    let mut irreversible = Vec::new();
    if let Mode::Live(mode) = &gate.mode
        && !target.effects.is_empty()
    {
        // Nothing is looked at before it is this undo's turn.
        live::admit(gate, mode, gate.calls_made() + 1).map_err(ended)?;
    }
    // Another undo of the run may have been at work until now.
    let left = undone::left(&gate.shared, &target.run).map_err(|error| refused(gate, target, error))?;
    let is_left = |effected: &Effected| match &left {
        Some(calls) => calls.contains(&(effected.run.clone(), effected.intent.call)),
        None => true,
    };
    for (index, effected) in target.effects.iter().enumerate() {
        if !is_left(effected) {
            continue;
        }
        let answer = consider(gate, effected).map_err(ended)?;
        let calls = match answer {
            Undo::Nothing => continue,
            Undo::Irreversible { reason } => {
                irreversible.push(told(gate, effected, &reason));
                continue;
            }
            Undo::Calls { calls } => calls,
            Undo::Conflict { reason, calls } => {
                match on_conflict(gate, index, effected, &reason).map_err(ended)? {
                    Resolution::Overwrite => calls,
                    Resolution::Keep => {
                        kept.push(told(gate, effected, &reason));
                        continue;
                    }
                    Resolution::Stop => {
                        let error = Error::new(Kind::Conflict, "P0142")
                            .with("target", target_of(effected))
                            .with("reversed", reversed);
                        return Err(Ended::Failed(error));
                    }
                }
            }
        };
        act_under(gate, effected);
        for call in calls {
            gate.call(&call.operation, call.args)
                .map_err(|fault| match fault {
                    Fault::Stop => Ended::Stopped,
                    Fault::Error(error) => Ended::Failed(
                        Error::new(error.kind, "P0128")
                            .with("target", target_of(effected))
                            .with("reversed", reversed)
                            .with("reason", gate.tell(&error.message)),
                    ),
                })?;
        }
        reversed += 1;
    }
    Ok(json!({"undone": target.run, "reversed": reversed, "kept": kept, "irreversible": irreversible}))
}

/// The undo ends before it reversed anything. It is told as a call, for it may have waited for its turn as if for one.
fn refused(gate: &Gate, target: &Target, error: Error) -> Ended {
    if let Mode::Live(mode) = &gate.mode {
        let number = gate.next_call();
        if !mode.history.calls.contains_key(&number) {
            let args = json!({"run": target.run});
            let intent = live::intent(number, &considering(), args, "", Effect::Read);
            if let Err(fault) = gate.record(mode, intent, CallEnd::Error(error.clone()), Instant::now()) {
                return ended(fault);
            }
        }
    }
    Ended::Failed(error)
}

fn ended(fault: Fault) -> Ended {
    match fault {
        Fault::Stop => Ended::Stopped,
        Fault::Error(error) => Ended::Failed(error),
    }
}

fn target_of(effected: &Effected) -> String {
    let target = effected
        .intent
        .change
        .as_ref()
        .map_or("", |change| change.target.as_str());
    format!(
        "{}/{} {target}",
        effected.intent.operation.capability, effected.intent.resource
    )
}

fn told(gate: &Gate, effected: &Effected, reason: &Message) -> Value {
    json!({
        "run": effected.run,
        "call": effected.intent.call,
        "operation": effected.intent.operation,
        "target": target_of(effected),
        "reason": gate.tell(reason),
    })
}

/// The calls that follow have the right of the call they reverse.
fn act_under(gate: &Gate, effected: &Effected) {
    let mut authority = lock(&gate.authority);
    if let Mode::Live(mode) = &gate.mode
        && authority.manifest.id != effected.right.manifest.id
    {
        // Another procedure's locks and window.
        mode.admitted.store(false, Ordering::Release);
    }
    authority.manifest = Arc::clone(&effected.right.manifest);
    authority.params = effected.right.params.clone();
    authority.reverses = Some((
        effected.intent.operation.capability.clone(),
        effected.intent.resource.clone(),
        effected.right.effect,
    ));
}

enum Resolution {
    Keep,
    Overwrite,
    Stop,
}

/// Asks what to do about something that was changed since.
fn on_conflict(
    gate: &Gate,
    index: usize,
    effected: &Effected,
    reason: &Message,
) -> Result<Resolution, Fault> {
    let args = json!({
        "key": format!("conflict-{}", index + 1),
        "prompt": {"id": "undo-conflict", "args": [["target", target_of(effected)], ["reason", gate.tell(reason)]]},
        "choices": (["keep", "overwrite", "stop"].map(|id| json!({"id": id, "label": {"id": format!("undo-{id}"), "args": []}}))),
    });
    let reply = gate.call(&OperationName::new("run", "choose"), args)?;
    Ok(match reply.as_str() {
        Some("overwrite") => Resolution::Overwrite,
        Some("keep") => Resolution::Keep,
        _ => Resolution::Stop,
    })
}

/// Asks the operation how to reverse a call. The answer depends on the present state of the world, so it is journaled.
fn consider(gate: &Gate, effected: &Effected) -> Result<Undo, Fault> {
    let operation = considering();
    let number = gate.next_call();
    let args = json!({"run": effected.run, "call": effected.intent.call});
    act_under(gate, effected);
    let look = |overlay: &mut Overlay| {
        let answer = answer(gate, number, overlay, effected).map_err(|error| live::masked(gate, error))?;
        let mut answer = serde_json::to_value(answer)
            .map_err(|error| Error::new(Kind::Failed, "P0115").with("reason", error))?;
        if effected.intent.operation.capability == schedule::NAME {
            gate.mask().given(&mut answer);
        } else {
            gate.mask().value(&mut answer);
        }
        Ok(answer)
    };
    let reply = match &gate.mode {
        Mode::Plan(planning) => look(&mut lock(&planning.overlay)).map_err(Fault::Error)?,
        Mode::Live(mode) => {
            if let Some(record) = mode.history.calls.get(&number)
                && let Some(reply) = live::replayed(gate, mode, record, &operation, &args)?
            {
                return parsed(gate, &reply);
            }
            let began = Instant::now();
            let ended = match look(&mut Overlay::default()) {
                Ok(reply) => CallEnd::Reply(reply),
                Err(error) => CallEnd::Error(error),
            };
            gate.record(
                mode,
                live::intent(number, &operation, args, "", Effect::Read),
                ended,
                began,
            )?
        }
    };
    parsed(gate, &reply)
}

fn parsed(gate: &Gate, reply: &Value) -> Result<Undo, Fault> {
    serde_json::from_value(reply.clone()).map_err(|error| {
        gate.end(Ending::Failed(
            Error::new(Kind::Failed, "P0115").with("reason", error),
        ))
    })
}

fn answer(gate: &Gate, number: u64, overlay: &mut Overlay, effected: &Effected) -> Result<Undo> {
    let intent = &effected.intent;
    let Some(change) = &intent.change else {
        return Ok(Undo::Nothing);
    };
    let handler = gate.shared.operations.get(&intent.operation)?;
    let args = gate.reveal(&intent.operation, &intent.args)?;
    let change = revealed(gate, &intent.operation, change)?;
    let now = handler.identity(&args)?;
    let moved = identity::moved(intent, now.as_deref());
    let answer = gate.looking(number, overlay, &effected.notes, |context: &mut Context<'_>| {
        let reply = match &effected.end {
            Some(CallEnd::Reply(reply)) => gate.reveal(&intent.operation, reply)?,
            // It failed, or nobody saw its end: it may have done nothing, all, or part of it.
            Some(CallEnd::Error(_)) | None => match handler.probe(context, &args, &change)? {
                Probe::NotApplied => return Ok(Undo::Nothing),
                Probe::Applied(reply) => reply,
                _ => {
                    return Ok(Undo::Irreversible {
                        reason: Message::new("undo-failed-call"),
                    });
                }
            },
        };
        handler.undo(context, &args, &change, &reply)
    })?;
    // What was found out is about what the name stands for now, not about what the call changed.
    Ok(match (moved, answer) {
        (None, answer) => answer,
        (Some(reason), Undo::Calls { calls } | Undo::Conflict { calls, .. }) => {
            Undo::Conflict { reason, calls }
        }
        (Some(reason), Undo::Nothing | Undo::Irreversible { .. }) => Undo::Irreversible { reason },
    })
}

fn revealed(gate: &Gate, operation: &OperationName, change: &Change) -> Result<Change> {
    let unreadable = |error: serde_json::Error| Error::new(Kind::Failed, "P0115").with("reason", error);
    let value = serde_json::to_value(change).map_err(unreadable)?;
    serde_json::from_value(gate.reveal(operation, &value)?).map_err(unreadable)
}
