//! `plan`, `run`, `resume`, `undo`: what makes runs, or would.

use crate::args::{Given, Plan, Resume, Run, Undo};
use crate::attend::Attendance;
use crate::commands::runs;
use crate::exit::Exit;
use crate::output::{Output, ask, err, msg, plan};
use crate::site::Opened;
use procedo_core::Result;
use procedo_core::caller::Guest;
use procedo_core::manifest::Manifest;
use procedo_core::site::Role;
use procedo_core::value::Value;
use procedo_engine::plan::PlanEnd;
use procedo_engine::{Start, Taken, params};
use serde_json::Map;
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

/// What would be done.
pub fn plan(opened: &Opened, output: &Output, args: &Plan) -> Result<Exit> {
    opened.person.must_be(Role::Operator)?;
    let engine = opened.engine()?;
    let (guest, start) = started(opened, output, &args.given)?;
    let made = engine.plan(&start, &Taken::default())?;
    let own = guest.manifest().catalogues().ok();
    if output.json {
        output.document(&plan::document(output, own.as_ref(), &made));
    } else {
        plan::write(output, own.as_ref(), &made, !args.no_diff);
    }
    Ok(match &made.ended {
        PlanEnd::Fails { error } => Exit::of_failure(error),
        PlanEnd::Complete { .. } | PlanEnd::Partial { .. } => Exit::Done,
    })
}

/// Starts a run and sees it through.
pub fn run(opened: &Opened, output: &Output, args: &Run) -> Result<Exit> {
    opened.person.must_be(Role::Operator)?;
    let (guest, start) = started(opened, output, &args.given)?;
    let attendance = Attendance::new(opened, output, &args.attended)?;
    let title = title(output, guest.manifest());
    let mut begun = None;
    let progress = opened.engine()?.start(&start, &attendance.taken(), &mut |run| {
        attendance.announce(run, &start.procedure, &title);
        begun = Some(run.clone());
    });
    attendance.see_through(begun.as_ref(), progress)
}

/// Goes on with a run; without one, lists those that wait for somebody to do so.
pub fn resume(opened: &Opened, output: &Output, args: &Resume) -> Result<Exit> {
    let Some(run) = &args.run else {
        return runs::resumable(opened, output);
    };
    opened.person.must_be(Role::Operator)?;
    let run = opened.run(run)?;
    let attendance = Attendance::new(opened, output, &args.attended)?;
    attendance.announce_again(&run.root())?;
    let progress = opened
        .engine()?
        .resume(&run, &opened.person.actor(), &attendance.taken());
    attendance.see_through(Some(&run.root()), progress)
}

/// Shows what the undo of a run would do, asks, and does it.
pub fn undo(opened: &Opened, output: &Output, args: &Undo) -> Result<Exit> {
    opened.person.must_be(Role::Operator)?;
    let run = opened.run(&args.run)?;
    let engine = opened.engine()?;
    let start = Start {
        procedure: String::new(),
        params: Value::Null,
        by: opened.person.actor(),
        language: output.language,
        answers: answers(&args.answer)?,
        override_reason: reason(args.override_reason.as_deref())?,
    };
    let made = engine.plan_undo(&run, &start, &Taken::default())?;
    let guest = engine.find(&made.procedure)?;
    let own = guest.manifest().catalogues().ok();
    let confirmed = args.attended.yes || output.can_ask();
    if output.json {
        if !confirmed {
            output.document(&plan::document(output, own.as_ref(), &made));
        }
    } else {
        output.say(&msg!("undo-plan", run = run));
        plan::write(output, own.as_ref(), &made, !args.no_diff);
    }
    if !args.attended.yes {
        if !output.can_ask() {
            return Err(err!(Cancelled, "P0026"));
        }
        if ask::yes(output, &output.word("undo-question")) != Some(true) {
            output.say(&msg!("nothing-done"));
            return Ok(Exit::Waiting);
        }
    }
    let attendance = Attendance::new(opened, output, &args.attended)?;
    let title = output.tell(&msg!("undo-title", run = run));
    let mut begun = None;
    let progress = engine.undo(&run, &start, &attendance.taken(), &mut |undo| {
        attendance.announce(undo, &made.procedure, &title);
        begun = Some(undo.clone());
    });
    attendance.see_through(begun.as_ref(), progress)
}

fn started(opened: &Opened, output: &Output, given: &Given) -> Result<(Arc<dyn Guest>, Start)> {
    let guest = opened.engine()?.find(&given.id)?;
    let start = Start {
        procedure: given.id.clone(),
        params: parameters(guest.manifest(), &given.param, given.params.as_deref())?,
        by: opened.person.actor(),
        language: output.language,
        answers: answers(&given.answer)?,
        override_reason: reason(given.override_reason.as_deref())?,
    };
    Ok((guest, start))
}

/// Why the maintenance window is overridden: something has to be said.
fn reason(given: Option<&str>) -> Result<Option<String>> {
    match given.map(str::trim) {
        Some("") => Err(err!(Invalid, "P0014", argument = "--override")),
        given => Ok(given.map(str::to_owned)),
    }
}

/// The title of a procedure in the reader's language.
pub fn title(output: &Output, manifest: &Manifest) -> String {
    let own = manifest.catalogues().ok();
    let told = own.and_then(|own| own.find(output.language, &msg!("title")));
    told.unwrap_or_else(|| manifest.id.clone())
}

/// Parameters from a file and from `NAME=VALUE` (or `@FILE`); what is given one by one counts, and may be given once.
pub fn parameters(manifest: &Manifest, pairs: &[String], file: Option<&Path>) -> Result<Value> {
    let mut given = Map::new();
    let files = pairs
        .iter()
        .filter_map(|pair| pair.strip_prefix('@'))
        .map(Path::new);
    for file in file.into_iter().chain(files) {
        given.extend(object_of(file)?);
    }
    let mut single = BTreeSet::new();
    for pair in pairs.iter().filter(|pair| !pair.starts_with('@')) {
        let (name, value) = params::from_pair(manifest, pair)?;
        if !single.insert(name.clone()) {
            return Err(err!(Invalid, "P0045", name = name));
        }
        given.insert(name, value);
    }
    Ok(Value::Object(given))
}

fn object_of(file: &Path) -> Result<Map<String, Value>> {
    let path = file.display();
    let read = || -> std::io::Result<String> {
        if file.as_os_str() == "-" {
            return std::io::read_to_string(std::io::stdin());
        }
        std::fs::read_to_string(file)
    };
    let text = read().map_err(|error| err!(Invalid, "P0003", path = path, reason = error))?;
    // Some editors put a byte order mark before it.
    match serde_json::from_str(text.strip_prefix('\u{feff}').unwrap_or(&text)) {
        Ok(Value::Object(members)) => Ok(members),
        Ok(_) => Err(err!(Invalid, "P0017", path = path, reason = "{…}")),
        Err(error) => Err(err!(Invalid, "P0017", path = path, reason = error)),
    }
}

/// Answers given in advance: `KEY=VALUE`, and `KEY.FIELD=VALUE` for a field of a form.
pub fn answers(pairs: &[String]) -> Result<Map<String, Value>> {
    let mut answers = Map::new();
    for pair in pairs {
        let (key, text) = pair
            .split_once('=')
            .ok_or_else(|| err!(Invalid, "P0132", value = pair))?;
        let value = value_of(text);
        match key.split_once('.') {
            None => {
                answers.insert(key.to_owned(), value);
            }
            Some((key, field)) => {
                let form = answers.entry(key).or_insert_with(|| Value::Object(Map::new()));
                match form.as_object_mut() {
                    Some(form) => form.insert(field.to_owned(), value),
                    None => return Err(err!(Invalid, "P0132", value = pair)),
                };
            }
        }
    }
    Ok(answers)
}

/// JSON where the text is JSON, else the text.
pub fn value_of(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|_| Value::from(text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn answers_are_read_by_key_and_by_field() {
        let given = ["go=true", "who.name=Ana Ñ", "who.age=3", "code=a=b"].map(str::to_owned);
        let read = answers(&given).expect("well formed");
        assert_eq!(
            Value::Object(read),
            json!({"go": true, "who": {"name": "Ana Ñ", "age": 3}, "code": "a=b"})
        );
        assert_eq!(answers(&["x".to_owned()]).expect_err("no value").code, "P0132");
        let clash = ["who=1", "who.name=2"].map(str::to_owned);
        assert_eq!(answers(&clash).expect_err("not a form").code, "P0132");
    }
}
