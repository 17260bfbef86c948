//! A call in a live run: answered from the journal, or authorised, planned, journaled, performed.

use crate::approval;
use crate::builtin;
use crate::doubt;
use crate::failpoint::{self, Point};
use crate::gate::{Ending, Gate, lock};
use crate::history::{History, Record};
use crate::identity::{self, Meant};
use crate::operations::RUN;
use crate::schedule::operations as schedule;
use crate::watch::Event;
use procedo_core::caller::Fault;
use procedo_core::capability::{Handler, Overlay};
use procedo_core::change::{Assumed, Change};
use procedo_core::effect::{Effect, OperationName};
use procedo_core::journal::{Body, CallEnd, Intent, Wait};
use procedo_core::manifest::Manifest;
use procedo_core::run::Actor;
use procedo_core::value::{Digest, Value};
use procedo_core::{Error, Kind, Result};
use procedo_store::{Durability, Lease};
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Instant;

/// What only a live run has.
pub(crate) struct Live {
    pub lease: Arc<dyn Lease>,
    pub history: History,
    /// The changes that people agreed to, by digest, and how often; none where no approval is needed.
    pub approved: Mutex<Option<HashMap<Digest, u32>>>,
    /// The person whose `--yes` counts as an approval.
    pub approver: Option<Actor>,
    /// Whether locks are held and the window is open.
    pub admitted: AtomicBool,
    /// What the names of resources stood for.
    pub meant: Mutex<Meant>,
}

impl Gate {
    pub(crate) fn append(&self, mode: &Live, bodies: Vec<Body>, durability: Durability) -> Result<(), Fault> {
        self.durable(self.shared.store.append(&*mode.lease, bodies, durability))
    }

    /// Kills the process here if a test asks for it.
    pub(crate) fn failpoint(&self, mode: &Live, point: Point, call: u64) {
        if failpoint::is_set(point, &self.facts.run, call) {
            // Which entries are on disk must not depend on how long the writer waited for company.
            let _ = self.shared.store.flush(&*mode.lease);
            failpoint::kill();
        }
    }

    /// Makes the run wait: the entry is durable, then the guest unwinds.
    pub(crate) fn wait(&self, mode: &Live, call: Option<u64>, wait: Wait) -> Fault {
        let body = Body::Waiting {
            call,
            wait: Box::new(wait.clone()),
        };
        match self.append(mode, vec![body], Durability::Now) {
            Ok(()) => self.end(Ending::Waiting(wait)),
            Err(fault) => fault,
        }
    }

    /// Records a call that altered nothing, with its end.
    pub(crate) fn record(
        &self,
        mode: &Live,
        intent: Intent,
        ended: CallEnd,
        began: Instant,
    ) -> Result<Value, Fault> {
        self.failpoint(mode, Point::BeforeIntent, intent.call);
        let call = intent.call;
        if let CallEnd::Error(error) = &ended {
            self.tell_watch(&Event::CallFailed {
                operation: &intent.operation,
                error,
            });
        }
        let reply = reply_of(&ended);
        let outcome = Body::Outcome {
            call,
            ended,
            micros: micros(began),
        };
        self.append(
            mode,
            vec![Body::Intent(Box::new(intent)), outcome],
            Durability::Whenever,
        )?;
        self.failpoint(mode, Point::AfterOutcome, call);
        reply
    }

    /// Records the end of a call whose intent is in the journal.
    pub(crate) fn conclude(
        &self,
        mode: &Live,
        call: u64,
        ended: CallEnd,
        began: Instant,
    ) -> Result<Value, Fault> {
        let reply = reply_of(&ended);
        let outcome = Body::Outcome {
            call,
            ended,
            micros: micros(began),
        };
        self.append(mode, vec![outcome], Durability::Soon)?;
        self.failpoint(mode, Point::AfterOutcome, call);
        reply
    }
}

fn micros(began: Instant) -> u64 {
    u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX)
}

fn reply_of(ended: &CallEnd) -> Result<Value, Fault> {
    match ended {
        CallEnd::Reply(reply) => Ok(reply.clone()),
        CallEnd::Error(error) => Err(Fault::Error(error.clone())),
    }
}

/// An intent without a change.
pub(crate) fn intent(
    call: u64,
    operation: &OperationName,
    args: Value,
    resource: &str,
    effect: Effect,
) -> Intent {
    Intent {
        call,
        operation: operation.clone(),
        args,
        resource: resource.to_owned(),
        effect,
        change: None,
        identity: None,
    }
}

/// A guest's call in a live run.
pub(crate) fn call(
    gate: &Gate,
    mode: &Live,
    number: u64,
    operation: &OperationName,
    args: Value,
) -> Result<Value, Fault> {
    let record = mode.history.calls.get(&number);
    if operation.capability == RUN {
        return builtin::live(gate, mode, number, operation, args, record);
    }
    match record {
        Some(record) => match replayed(gate, mode, record, operation, &args)? {
            Some(reply) => Ok(reply),
            None if record.intent.is_some() => doubt::resolve(gate, mode, record, operation, args),
            None => fresh(gate, mode, number, operation, args, record),
        },
        None => fresh(gate, mode, number, operation, args, &Record::default()),
    }
}

/// The journal's answer to a call, if it has one.
pub(crate) fn replayed(
    gate: &Gate,
    mode: &Live,
    record: &Record,
    operation: &OperationName,
    args: &Value,
) -> Result<Option<Value>, Fault> {
    let Some(known) = &record.intent else {
        return Ok(None);
    };
    if known.operation != *operation || known.args != *args {
        return Err(diverged(
            gate,
            mode,
            known.call,
            serde_json::json!({"operation": known.operation, "args": known.args}),
            serde_json::json!({"operation": operation, "args": args}),
        ));
    }
    if let Some(change) = &known.change {
        // One that was approved by itself was not among the agreed ones; it is done all the same.
        let _ = approval::consume(mode, operation, &known.resource, change);
    }
    record.end.as_ref().map(reply_of).transpose()
}

/// Ends the run as diverged.
pub(crate) fn diverged(gate: &Gate, mode: &Live, call: u64, expected: Value, found: Value) -> Fault {
    gate.wait(mode, Some(call), Wait::Diverged { expected, found })
}

/// A call that the journal does not know.
fn fresh(
    gate: &Gate,
    mode: &Live,
    number: u64,
    operation: &OperationName,
    args: Value,
    record: &Record,
) -> Result<Value, Fault> {
    let began = Instant::now();
    if number < mode.history.last_call {
        // Later calls are in the journal: this one would be made at a time that is over.
        let found = serde_json::json!({"operation": operation, "args": args});
        return Err(diverged(gate, mode, number, Value::Null, found));
    }
    let mut intent = intent(number, operation, args, "", Effect::Read);
    let prepared = prepare(gate, operation, &mut intent);
    let (handler, revealed) = match prepared {
        Ok(prepared) => prepared,
        Err(error) => return gate.record(mode, intent, CallEnd::Error(masked(gate, error)), began),
    };
    // What a procedure with locks reads must not be from before it waited for them: another run was at work until then.
    let takes_locks = !lock(&gate.authority).manifest.locks.is_empty();
    if intent.effect > Effect::Read || takes_locks {
        admit(gate, mode, number)?;
    }
    let change = match plan(gate, operation, handler, number, &revealed) {
        Err(error) => {
            return match gate.cut_short(&error) {
                Some(fault) => Err(fault),
                None => gate.record(mode, intent, CallEnd::Error(error), began),
            };
        }
        Ok((_, Some(change))) if intent.effect > Effect::Read => change,
        Ok((Assumed::Real(reply) | Assumed::Overlaid(reply), _)) => {
            return gate.record(mode, intent, CallEnd::Reply(reply), began);
        }
        Ok((Assumed::Unforeseeable(why), _)) => {
            let error = Error::new(Kind::Failed, "P0116")
                .with("reason", gate.shared.texts.tell(gate.facts.language, &why));
            return gate.record(mode, intent, CallEnd::Error(error), began);
        }
    };
    approval::of_change(gate, mode, record, &intent, &change)?;
    match handler.identity(&revealed) {
        Ok(identity) => intent.identity = identity,
        Err(error) => return gate.record(mode, intent, CallEnd::Error(masked(gate, error)), began),
    }
    if let Err(error) = identity::settle(gate, mode, &intent)? {
        return gate.record(mode, intent, CallEnd::Error(error), began);
    }
    gate.tell_watch(&Event::Changing {
        operation,
        resource: &intent.resource,
        effect: intent.effect,
        summary: &change.summary,
    });
    intent.change = Some(change.clone());
    gate.failpoint(mode, Point::BeforeIntent, number);
    gate.append(mode, vec![Body::Intent(Box::new(intent))], Durability::Now)?;
    gate.failpoint(mode, Point::AfterIntent, number);
    perform(gate, mode, number, operation, handler, &revealed, &change, &[])
}

/// What can be said of a call before anything is done: its handler, resource, effect, right, and revealed arguments.
pub(crate) fn prepare<'g>(
    gate: &'g Gate,
    operation: &OperationName,
    intent: &mut Intent,
) -> Result<(&'g dyn Handler, Value)> {
    let handler = gate.shared.operations.get(operation)?;
    intent.resource = handler.resource(&intent.args)?;
    intent.effect = handler.effect(&intent.args)?;
    gate.authorise(operation, &intent.resource, intent.effect)?;
    if let Some(procedure) = schedule::starts(operation, &intent.args) {
        gate.authorise_start(procedure)?;
    }
    let revealed = gate.reveal(operation, &intent.args)?;
    Ok((handler, revealed))
}

/// What the call would change now, masked.
fn plan(
    gate: &Gate,
    operation: &OperationName,
    handler: &dyn Handler,
    number: u64,
    args: &Value,
) -> Result<(Assumed<Value>, Option<Change>)> {
    let mut overlay = Overlay::default();
    let planned = gate.looking(number, &mut overlay, &[], |context| handler.plan(context, args));
    match planned {
        Ok(mut planned) => {
            gate.mask_planned(operation, &mut planned);
            Ok((planned.reply, planned.change))
        }
        Err(error) => Err(masked(gate, error)),
    }
}

/// Makes the effect and records how it ended.
#[allow(clippy::too_many_arguments)]
pub(crate) fn perform(
    gate: &Gate,
    mode: &Live,
    number: u64,
    operation: &OperationName,
    handler: &dyn Handler,
    args: &Value,
    change: &Change,
    notes: &[Value],
) -> Result<Value, Fault> {
    let began = Instant::now();
    let result = gate.acting(mode, number, notes, |context| {
        handler.perform(context, args, change)
    });
    gate.failpoint(mode, Point::AfterEffect, number);
    let ended = match result {
        Ok(mut reply) => {
            gate.mask().value(&mut reply);
            CallEnd::Reply(reply)
        }
        Err(error) => {
            if let Some(fault) = gate.cut_short(&error) {
                return Err(fault);
            }
            let error = masked(gate, error);
            if error.is_in_doubt() {
                let wait = Wait::Verdict {
                    operation: operation.clone(),
                    found: error.message,
                };
                return Err(gate.wait(mode, Some(number), wait));
            }
            gate.tell_watch(&Event::CallFailed {
                operation,
                error: &error,
            });
            CallEnd::Error(error)
        }
    };
    gate.conclude(mode, number, ended, began)
}

pub(crate) fn masked(gate: &Gate, error: Error) -> Error {
    gate.mask().error(error)
}

/// Of the windows that must all be open, the closed one that opens last, and when that is.
fn closed_window(gate: &Gate, procedure: &str) -> Result<Option<(String, i64)>> {
    let mut last: Option<(String, i64)> = None;
    for name in gate.shared.site.windows_for(procedure) {
        let opens = gate.shared.window_opens(name)?;
        if let Some(opens) = opens.filter(|opens| last.as_ref().is_none_or(|(_, known)| opens > known)) {
            last = Some((name.to_owned(), opens));
        }
    }
    Ok(last)
}

/// Before the first effect, or the first look of a procedure with locks: the maintenance windows are open, and the locks are held.
pub(crate) fn admit(gate: &Gate, mode: &Live, number: u64) -> Result<(), Fault> {
    if mode.admitted.load(Ordering::Acquire) {
        return Ok(());
    }
    let authority = lock(&gate.authority).clone();
    if gate.facts.override_reason.is_none()
        && let Some((window, opens)) = closed_window(gate, &authority.manifest.id).map_err(Fault::Error)?
    {
        return Err(gate.wait(mode, Some(number), Wait::Window { window, opens }));
    }
    let mut names: Vec<String> = authority
        .manifest
        .locks
        .iter()
        .map(|name| Manifest::resolve(name, &authority.params).to_owned())
        .collect();
    // Two undos of one run would each take the other's work for a change by somebody else.
    let undone = mode.history.started.undoes.as_ref();
    names.extend(undone.map(|run| format!("undo {run}")));
    names.sort();
    names.dedup();
    if !names.is_empty()
        && let Some(held) = gate.durable(gate.shared.store.lock(&gate.facts.run.root(), &names))?
    {
        return Err(gate.wait(
            mode,
            Some(number),
            Wait::Lock {
                lock: held.lock,
                holder: held.holder,
            },
        ));
    }
    mode.admitted.store(true, Ordering::Release);
    Ok(())
}
