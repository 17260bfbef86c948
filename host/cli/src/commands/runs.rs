//! `runs`, `show`, `follow`: what runs did and where they are. Nothing here goes on with a run.

use crate::args::{Runs, Show};
use crate::attend::hint;
use crate::exit::Exit;
use crate::interrupt;
use crate::output::entry::{Teller, waits_for};
use crate::output::table::{Table, plain};
use crate::output::{Output, Style, escape, moment, msg};
use crate::site::Opened;
use procedo_core::Result;
use procedo_core::journal::{Body, Entry, Wait};
use procedo_core::run::{RunId, State};
use procedo_store::{Row, Store};
use serde_json::{Value, json};
use std::time::Duration;

/// How many runs are listed unless all are wanted.
const NEWEST: usize = 20;
/// How often it is looked for new entries.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// The newest runs.
pub fn list(opened: &Opened, output: &Output, args: &Runs) -> Result<Exit> {
    let at_most = if args.all { usize::MAX } else { NEWEST };
    let rows = opened.store()?.rows(at_most, args.children)?;
    if output.json {
        output.document(&rows.iter().map(document).collect());
    } else if rows.is_empty() {
        output.say(&msg!("runs-none"));
    } else {
        write(output, &rows);
        if rows.iter().any(|row| row.state == State::Interrupted) {
            output.remark(&msg!("runs-interrupted"));
        }
    }
    Ok(Exit::Done)
}

/// The runs that somebody could go on with.
pub fn resumable(opened: &Opened, output: &Output) -> Result<Exit> {
    let rows = opened.store()?.rows(usize::MAX, false)?;
    let rows: Vec<_> = rows
        .into_iter()
        .filter(|row| !row.state.is_final() && row.state != State::Running)
        .collect();
    if output.json {
        output.document(&rows.iter().map(document).collect());
    } else if rows.is_empty() {
        output.say(&msg!("resume-none"));
    } else {
        output.say(&msg!("resume-which"));
        write(output, &rows);
    }
    Ok(Exit::Done)
}

fn document(row: &Row) -> Value {
    json!({
        "run": row.run, "procedure": row.procedure, "state": row.state, "by": row.by,
        "started": row.started, "finished": row.finished, "parent": row.parent, "undoes": row.undoes,
    })
}

fn write(output: &Output, rows: &[Row]) {
    let mut table = Table::new(
        ["run", "state", "procedure", "by", "started", "took"].map(|id| output.word(&format!("column-{id}"))),
    );
    for row in rows {
        let took = row
            .finished
            .and_then(|finished| u64::try_from(finished - row.started).ok());
        let procedure = match &row.undoes {
            Some(undone) => format!(
                "{} ({})",
                row.procedure,
                output.tell(&msg!("undo-title", run = undone))
            ),
            None => row.procedure.clone(),
        };
        table.row([
            plain(row.run.as_str()),
            (
                style_of(row.state),
                output.word(&format!("state-{}", row.state.name())),
            ),
            plain(procedure),
            plain(row.by.to_string()),
            plain(moment::of_millis(&output.zone, row.started)),
            plain(took.map_or_else(String::new, |took| moment::duration(Duration::from_millis(took)))),
        ]);
    }
    table.write(output);
}

pub fn style_of(state: State) -> Style {
    match state {
        State::Succeeded => Style::Good,
        State::Failed | State::InDoubt | State::Diverged => Style::Bad,
        State::Interrupted | State::Waiting | State::Cancelled => Style::Warning,
        State::Running => Style::Accent,
    }
}

/// A run with its journal.
pub fn show(opened: &Opened, output: &Output, args: &Show) -> Result<Exit> {
    let run = opened.run(&args.run)?;
    let store = opened.store()?;
    let entries = store.entries(&run, 0)?;
    let row = store
        .row(&run)?
        .ok_or_else(|| crate::output::err!(NotFound, "P0202", run = run))?;
    let waiting = waiting_of(&entries);
    if output.json {
        output.document(&json!({
            "run": run, "procedure": row.procedure, "state": row.state, "waiting": waiting, "by": row.by,
            "started": row.started, "finished": row.finished, "parent": row.parent, "undoes": row.undoes,
            "entries": entries,
        }));
        return Ok(Exit::Done);
    }
    header(opened, output, &row, &entries);
    let mut teller = Teller::new(output, opened.texts_of(&row.procedure), args.diff);
    entries.iter().for_each(|entry| teller.write(entry));
    teller.rest();
    if let Some(wait) = waiting {
        let told = waits_for(output, opened.texts_of(&row.procedure).as_ref(), wait);
        output.line("");
        output.line(output.paint(Style::Warning, format!("◷ {told}")));
        if let Some(hint) = hint(output, &run.root(), wait) {
            output.line(format!("  {hint}"));
        }
    } else if row.state == State::Interrupted {
        output.line("");
        output.say(&msg!("run-interrupted", run = run.root()));
    }
    Ok(Exit::Done)
}

fn waiting_of(entries: &[Entry]) -> Option<&Wait> {
    match &entries.last()?.body {
        Body::Waiting { wait, .. } => Some(wait),
        _ => None,
    }
}

fn header(opened: &Opened, output: &Output, row: &Row, entries: &[Entry]) {
    let title = opened
        .texts_of(&row.procedure)
        .and_then(|own| own.find(output.language, &msg!("title")))
        .unwrap_or_default();
    let field = |id: &str, value: &str| {
        let name = output.word(&format!("column-{id}"));
        output.line(format!(
            "{} {value}",
            output.paint(Style::Faint, format!("{name}:"))
        ));
    };
    field("run", row.run.as_str());
    field(
        "procedure",
        &format!("{} · {}", row.procedure, escape::one_line(&title)),
    );
    field(
        "state",
        &output.paint(
            style_of(row.state),
            output.word(&format!("state-{}", row.state.name())),
        ),
    );
    field("by", &escape::one_line(&row.by.to_string()));
    field("started", &moment::of_millis(&output.zone, row.started));
    if let Some(Body::Started(started)) = entries.first().map(|entry| &entry.body) {
        if started
            .params
            .as_object()
            .is_some_and(|params| !params.is_empty())
        {
            field("parameters", &escape::one_line(&started.params.to_string()));
        }
        if let Some(undone) = &started.undoes {
            field("undoes", undone.as_str());
        }
    }
    output.line("");
}

/// Writes entries as they become durable, until the run ends or rests.
pub fn follow(opened: &Opened, output: &Output, run: &str) -> Result<Exit> {
    let run: RunId = opened.run(run)?;
    let store = opened.store()?;
    let stop = interrupt::stop();
    let missing = || crate::output::err!(NotFound, "P0202", run = run);
    let procedure = store.row(&run)?.ok_or_else(missing)?.procedure;
    let mut teller = Teller::new(output, opened.texts_of(&procedure), false);
    let mut next = 0;
    loop {
        // The state first: entries that follow it are then read, too.
        let state = store.row(&run)?.ok_or_else(missing)?.state;
        let entries = store.entries(&run, next)?;
        for entry in &entries {
            next = entry.seq + 1;
            if output.json {
                output.document(&serde_json::to_value(entry).unwrap_or_default());
            } else {
                teller.write(entry);
            }
        }
        if state != State::Running {
            teller.rest();
            if !state.is_final() && !output.json {
                let state = output.word(&format!("state-{}", state.name()));
                output.say(&msg!("follow-rests", run = run, state = state));
            }
            return Ok(Exit::of_state(state));
        }
        if stop.wait(LOOK_EVERY) {
            teller.rest();
            return Ok(Exit::Waiting);
        }
    }
}
