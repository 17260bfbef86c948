//! A call with an intent and no outcome: what became of it, and how to go on.

use crate::failpoint::Point;
use crate::gate::{Ending, Gate};
use crate::history::Record;
use crate::live::{Live, admit, masked, perform, prepare};
use crate::watch::Event;
use procedo_core::caller::Fault;
use procedo_core::capability::{Handler, Overlay};
use procedo_core::change::{Assumed, Change, Probe};
use procedo_core::effect::OperationName;
use procedo_core::journal::{Body, CallEnd, Decision, Intent, Wait};
use procedo_core::message::Message;
use procedo_core::value::Value;
use procedo_core::{Error, Kind};
use procedo_store::Durability;
use std::time::Instant;

/// Settles a call in doubt: by a person's verdict, by repeating, or by what a probe finds.
pub(crate) fn resolve(
    gate: &Gate,
    mode: &Live,
    record: &Record,
    operation: &OperationName,
    args: Value,
) -> Result<Value, Fault> {
    let began = Instant::now();
    let Some(known) = &record.intent else {
        return Err(gate.end(Ending::Stopped));
    };
    let number = known.call;
    let mut now = Intent {
        args,
        ..(**known).clone()
    };
    let prepared = prepare(gate, operation, &mut now).map_err(|error| masked(gate, error));
    let Some(change) = &known.change else {
        // A read, or a write that had nothing to do: it is simply made again.
        return match prepared {
            Ok((handler, revealed)) => {
                repeat_without_change(gate, mode, operation, number, handler, &revealed, began)
            }
            Err(error) => gate.conclude(mode, number, CallEnd::Error(error), began),
        };
    };
    admit(gate, mode, number)?;
    // A denial keeps from doing it again, not from finding out what became of it.
    let again = || match &prepared {
        Ok((handler, revealed)) => {
            gate.failpoint(mode, Point::AfterIntent, number);
            let notes = &record.notes;
            perform(gate, mode, number, operation, *handler, revealed, change, notes)
        }
        Err(error) => gate.conclude(mode, number, CallEnd::Error(error.clone()), began),
    };
    if let Some(verdict) = verdict(gate, mode, record, number)? {
        return match verdict {
            Decision::Applied { reply } => gate.conclude(mode, number, CallEnd::Reply(reply), began),
            _ => again(),
        };
    }
    let unknown = |found: Message| {
        let operation = operation.clone();
        gate.wait(mode, Some(number), Wait::Verdict { operation, found })
    };
    let looked = gate.shared.operations.get(operation).and_then(|handler| {
        let revealed = gate.reveal(operation, &now.args)?;
        let identity = handler.identity(&revealed)?;
        Ok((handler, revealed, identity))
    });
    // Whatever keeps from looking, the call stays in doubt: an error would say that it came to nothing.
    let (handler, revealed, identity) = match looked {
        Ok(looked) => looked,
        Err(error) => return Err(unknown(not_probed(gate, error))),
    };
    if identity != known.identity {
        return Err(unknown(
            Message::new("doubt-identity")
                .with("resource", &known.resource)
                .with("then", known.identity.as_deref().unwrap_or("–"))
                .with("now", identity.as_deref().unwrap_or("–")),
        ));
    }
    let found = if handler.repeatable() {
        Probe::NotApplied
    } else {
        probe(gate, number, handler, &revealed, change, &record.notes)?
    };
    let (word, detail) = match &found {
        Probe::Applied(_) => ("applied", None),
        Probe::Running => ("running", None),
        Probe::Partial => ("partial", None),
        Probe::NotApplied => ("not-applied", None),
        Probe::Unknown(why) => ("unknown", Some(why.clone())),
    };
    gate.tell_watch(&Event::Probed {
        operation,
        found: word,
    });
    let entry = Body::Probe {
        call: number,
        found: word.to_owned(),
        detail,
    };
    gate.append(mode, vec![entry], Durability::Soon)?;
    match found {
        Probe::Applied(reply) => gate.conclude(mode, number, CallEnd::Reply(reply), began),
        Probe::Unknown(found) => Err(unknown(found)),
        Probe::Running | Probe::Partial | Probe::NotApplied => again(),
    }
}

fn repeat_without_change(
    gate: &Gate,
    mode: &Live,
    operation: &OperationName,
    number: u64,
    handler: &dyn Handler,
    args: &Value,
    began: Instant,
) -> Result<Value, Fault> {
    let mut overlay = Overlay::default();
    let planned = gate.looking(number, &mut overlay, &[], |context| handler.plan(context, args));
    let ended = match planned {
        Ok(mut planned) => {
            gate.mask_planned(operation, &mut planned);
            match (planned.change, planned.reply) {
                (None, Assumed::Real(reply) | Assumed::Overlaid(reply)) => CallEnd::Reply(reply),
                (None, Assumed::Unforeseeable(why)) => {
                    CallEnd::Error(Error::new(Kind::Failed, "P0116").with("reason", why))
                }
                // It had nothing to do then and would have now: somebody changed the world in between.
                (Some(change), _) => {
                    CallEnd::Error(Error::new(Kind::Conflict, "P0134").with("target", change.target))
                }
            }
        }
        Err(error) => CallEnd::Error(masked(gate, error)),
    };
    gate.conclude(mode, number, ended, began)
}

/// A person's verdict, from the journal or the inbox; the latest counts.
///
/// A “not applied” of the journal was acted upon by the process that took it out of the inbox: what came of that is in
/// doubt anew, and no verdict of before can tell.
fn verdict(gate: &Gate, mode: &Live, record: &Record, number: u64) -> Result<Option<Decision>, Fault> {
    let is_verdict =
        |decision: &Decision| matches!(decision, Decision::Applied { .. } | Decision::NotApplied);
    let known = record.decided.iter().map(|(_, decision)| decision);
    if let Some(applied @ Decision::Applied { .. }) = known.rev().find(|decision| is_verdict(decision)) {
        return Ok(Some(applied.clone()));
    }
    let mut letters = gate.durable(gate.shared.store.inbox(&gate.facts.run))?;
    letters.retain(|letter| letter.call == Some(number) && is_verdict(&letter.decision));
    let Some(latest) = letters.last().map(|letter| letter.decision.clone()) else {
        return Ok(None);
    };
    // All at once: one that stayed would count as the verdict on a later doubt.
    let decided = letters.iter().map(|letter| Body::Decided {
        call: Some(number),
        by: letter.by.clone(),
        decision: letter.decision.clone(),
    });
    let decided = decided.collect();
    gate.durable(gate.shared.store.receive(&*mode.lease, &letters, decided))?;
    Ok(Some(latest))
}

/// Nothing could be found out.
fn not_probed(gate: &Gate, error: Error) -> Message {
    let error = masked(gate, error);
    let reason = gate.shared.texts.tell(gate.facts.language, &error.message);
    Message::new("doubt-probe-failed").with("reason", reason)
}

fn probe(
    gate: &Gate,
    number: u64,
    handler: &dyn Handler,
    args: &Value,
    change: &Change,
    notes: &[Value],
) -> Result<Probe<Value>, Fault> {
    let mut overlay = Overlay::default();
    let found = gate.looking(number, &mut overlay, notes, |context| {
        handler.probe(context, args, change)
    });
    Ok(match found {
        Ok(Probe::Applied(mut reply)) => {
            gate.mask().value(&mut reply);
            Probe::Applied(reply)
        }
        Ok(Probe::Unknown(mut found)) => {
            gate.mask().message(&mut found);
            Probe::Unknown(found)
        }
        Ok(other) => other,
        // A probe that fails has found out nothing.
        Err(error) => Probe::Unknown(not_probed(gate, error)),
    })
}
