//! `approve`, `reject`, `answer`, `cancel`: what people decide about runs that another process may hold.

use crate::args::{Answer, Approve, Cancel, Reject};
use crate::attend::write_proposal;
use crate::commands::run::value_of;
use crate::exit::Exit;
use crate::output::{Output, ask, err, msg};
use crate::people::{self, Person};
use crate::reference::misfit;
use crate::site::Opened;
use procedo_core::Result;
use procedo_core::journal::{Question, Wait};
use procedo_core::message::Texts;
use procedo_core::run::RunId;
use procedo_core::site::Role;
use procedo_core::value::Value;
use procedo_store::Store;
use serde_json::{Map, json};

/// Approves the plan that a run waits with.
pub fn approve(opened: &Opened, output: &Output, args: &Approve) -> Result<Exit> {
    let run = opened.run(&args.run)?.root();
    let (waiting, second_person, shown) = approval_of(opened, &run)?;
    if !output.json {
        write_proposal(output, own(opened, &waiting).as_ref(), &shown, !args.no_diff);
    }
    if !args.yes && output.can_ask() && ask::yes(output, &output.word("approve-question")) != Some(true) {
        output.say(&msg!("nothing-done"));
        return Ok(Exit::Waiting);
    }
    let person = approver(opened, output, &run, second_person)?;
    opened.engine()?.approve(&run, &person.actor())?;
    told(output, &run, "approved", &person.name);
    Ok(Exit::Done)
}

/// Rejects the plan that a run waits with: the run fails when it is gone on with.
pub fn reject(opened: &Opened, output: &Output, args: &Reject) -> Result<Exit> {
    let run = opened.run(&args.run)?.root();
    let (_, second_person, _) = approval_of(opened, &run)?;
    let person = approver(opened, output, &run, second_person)?;
    let reason = args.reason.clone().unwrap_or_else(|| "–".to_owned());
    opened.engine()?.reject(&run, &person.actor(), &reason)?;
    told(output, &run, "rejected", &person.name);
    Ok(Exit::Done)
}

/// Answers the question, or gives the verdict, that a run waits for.
pub fn answer(opened: &Opened, output: &Output, args: &Answer) -> Result<Exit> {
    opened.person.must_be(Role::Operator)?;
    let run = opened.run(&args.run)?.root();
    let engine = opened.engine()?;
    let by = opened.person.actor();
    if args.not_applied || args.applied.is_some() {
        let applied = args
            .applied
            .as_deref()
            .map(|text| reply(opened, &run, text))
            .transpose()?;
        engine.verdict(&run, &by, applied)?;
    } else {
        let not_asked = || err!(Conflict, "P0146", run = run, what = "answer");
        let (waiting, _, wait) = engine.waiting(&run)?.ok_or_else(not_asked)?;
        let Wait::Answer { question, .. } = wait else {
            return Err(not_asked());
        };
        let given = match (args.answer.is_empty(), output.can_ask()) {
            (false, _) => given(&question, &args.answer)?,
            (true, true) => {
                let own = own(opened, &waiting);
                ask::question(output, own.as_ref(), &question).ok_or_else(|| err!(Cancelled, "P0026"))?
            }
            (true, false) => return Err(err!(Invalid, "P0012", argument = "ANSWER")),
        };
        engine.answer(&run, &by, &given)?;
    }
    told(output, &run, "answered", &opened.person.name);
    Ok(Exit::Done)
}

/// The reply that a call in doubt would have given, if it is of the right form.
fn reply(opened: &Opened, run: &RunId, text: &str) -> Result<Value> {
    let value =
        serde_json::from_str(text).map_err(|error| err!(Invalid, "P0018", value = text, reason = error))?;
    let wait = opened.engine()?.waiting(run)?.map(|(_, _, wait)| wait);
    let Some(Wait::Verdict { operation, .. }) = wait else {
        return Err(err!(Conflict, "P0146", run = run, what = "verdict"));
    };
    let function = opened.table()?.find(&operation.capability, &operation.function);
    let misfit = match function.map(|function| &function.reply) {
        Some(Some(ty)) => misfit(ty, &value, "REPLY"),
        Some(None) if !value.is_null() => Some(("REPLY".to_owned(), "null".to_owned())),
        _ => None,
    };
    match misfit {
        None => Ok(value),
        Some((at, expected)) => Err(err!(
            Invalid,
            "P0042",
            operation = operation,
            at = at,
            expected = expected
        )),
    }
}

/// An answer as it was typed: fields of a form as `NAME=VALUE`, everything else as a value.
fn given(question: &Question, typed: &[String]) -> Result<Value> {
    let Question::Ask { fields, .. } = question else {
        return match typed {
            [one] => Ok(match question {
                // Whatever it looks like, a choice is a text.
                Question::Choose { .. } => Value::from(one.as_str()),
                _ => value_of(one),
            }),
            _ => Err(err!(Invalid, "P0016", reason = typed.join(" "))),
        };
    };
    if let [one] = typed
        && let Ok(form @ Value::Object(_)) = serde_json::from_str(one)
    {
        return Ok(form);
    }
    let mut form = Map::new();
    for pair in typed {
        let (name, text) = pair
            .split_once('=')
            .ok_or_else(|| err!(Invalid, "P0132", value = pair))?;
        let is_text = fields
            .iter()
            .any(|field| field.name == name && matches!(field.kind.as_str(), "line" | "secret" | "choice"));
        form.insert(
            name.to_owned(),
            if is_text {
                Value::from(text)
            } else {
                value_of(text)
            },
        );
    }
    Ok(Value::Object(form))
}

/// Ends a run.
pub fn cancel(opened: &Opened, output: &Output, args: &Cancel) -> Result<Exit> {
    opened.person.must_be(Role::Operator)?;
    let run = opened.run(&args.run)?.root();
    let reason = args.reason.clone().unwrap_or_else(|| "–".to_owned());
    let ended = opened.engine()?.cancel(&run, &opened.person.actor(), &reason)?;
    if output.json {
        let state = opened.store()?.row(&run)?.map(|row| row.state);
        output.document(&json!({"run": run, "cancelled": ended, "state": state}));
    } else {
        let id = if ended { "cancel-done" } else { "cancel-sent" };
        output.say(&msg!(id, run = run));
    }
    Ok(Exit::Done)
}

fn approval_of(opened: &Opened, run: &RunId) -> Result<(RunId, bool, Value)> {
    let not_asked = || err!(Conflict, "P0146", run = run, what = "approval");
    match opened.engine()?.waiting(run)?.ok_or_else(not_asked)? {
        (
            waiting,
            _,
            Wait::Approval {
                second_person, plan, ..
            },
        ) => Ok((waiting, second_person, plan)),
        _ => Err(not_asked()),
    }
}

fn approver(opened: &Opened, output: &Output, run: &RunId, second_person: bool) -> Result<Person> {
    let missing = || err!(NotFound, "P0202", run = run);
    let starter = opened.store()?.row(run)?.ok_or_else(missing)?.by;
    people::approver(opened.site(), &opened.person, second_person, &starter, output)
}

fn own(opened: &Opened, run: &RunId) -> Option<Texts> {
    let row = opened.store().ok()?.row(run).ok()??;
    opened.texts_of(&row.procedure)
}

fn told(output: &Output, run: &RunId, what: &str, by: &str) {
    if output.json {
        output.document(&json!({"run": run, what: true, "by": by}));
    } else {
        output.say(&msg!(format!("decided-{what}"), run = run, by = by));
    }
}
