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
    let (handler, revealed) = match prepare(gate, operation, &mut now) {
        Ok(prepared) => prepared,
        Err(error) => return gate.conclude(mode, number, CallEnd::Error(masked(gate, error)), began),
    };
    let Some(change) = &known.change else {
        // A read, or a write that had nothing to do: it is simply made again.
        return repeat_without_change(gate, mode, operation, number, handler, &revealed, began);
    };
    if let Some(verdict) = verdict(gate, mode, record, number)? {
        return match verdict {
            Decision::Applied { reply } => gate.conclude(mode, number, CallEnd::Reply(reply), began),
            _ => perform(
                gate,
                mode,
                number,
                operation,
                handler,
                &revealed,
                change,
                &record.notes,
            ),
        };
    }
    admit(gate, mode, number)?;
    let identity = handler
        .identity(&revealed)
        .map_err(|error| Fault::Error(masked(gate, error)))?;
    if identity != known.identity {
        let found = Message::new("doubt-identity")
            .with("resource", &known.resource)
            .with("then", known.identity.as_deref().unwrap_or("–"))
            .with("now", identity.as_deref().unwrap_or("–"));
        return Err(gate.wait(
            mode,
            Some(number),
            Wait::Verdict {
                operation: operation.clone(),
                found,
            },
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
        Probe::Unknown(found) => Err(gate.wait(
            mode,
            Some(number),
            Wait::Verdict {
                operation: operation.clone(),
                found,
            },
        )),
        Probe::Running | Probe::Partial | Probe::NotApplied => {
            gate.failpoint(mode, Point::AfterIntent, number);
            perform(
                gate,
                mode,
                number,
                operation,
                handler,
                &revealed,
                change,
                &record.notes,
            )
        }
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

/// A person's verdict, from the journal or the inbox.
fn verdict(gate: &Gate, mode: &Live, record: &Record, number: u64) -> Result<Option<Decision>, Fault> {
    let is_verdict =
        |decision: &Decision| matches!(decision, Decision::Applied { .. } | Decision::NotApplied);
    if let Some((_, decision)) = record
        .decided
        .iter()
        .rev()
        .find(|(_, decision)| is_verdict(decision))
    {
        return Ok(Some(decision.clone()));
    }
    let letters = gate.durable(gate.shared.store.inbox(&gate.facts.run))?;
    let Some(letter) = letters
        .into_iter()
        .find(|l| l.call == Some(number) && is_verdict(&l.decision))
    else {
        return Ok(None);
    };
    let decided = Body::Decided {
        call: Some(number),
        by: letter.by.clone(),
        decision: letter.decision.clone(),
    };
    gate.durable(
        gate.shared
            .store
            .receive(&*mode.lease, std::slice::from_ref(&letter), vec![decided]),
    )?;
    Ok(Some(letter.decision))
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
        Ok(other) => other,
        // A probe that fails has found out nothing.
        Err(error) => {
            let error = masked(gate, error);
            Probe::Unknown(Message::new("doubt-probe-failed").with(
                "reason",
                gate.shared.texts.tell(gate.facts.language, &error.message),
            ))
        }
    })
}
