//! `schedules`: what is started when, and what became of it last.

use crate::args::Schedules;
use crate::commands::serve::hold;
use crate::exit::Exit;
use crate::output::moment::{self, zone_of};
use crate::output::table::{Table, plain};
use crate::output::{Output, Style, msg};
use crate::site::{Opened, STORE};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use procedo_core::run::State;
use procedo_core::{Error, Result};
use procedo_engine::schedule::{Origin, Timed, all};
use procedo_store::{Line, Serving, Store};
use serde_json::{Value, json};

/// What became of a line's newest slot.
struct Last {
    line: Line,
    state: Option<State>,
    failed: Option<Error>,
}

/// Lists the schedules.
pub fn list(opened: &Opened, output: &Output, args: &Schedules) -> Result<Exit> {
    let store = opened.store()?;
    let zone = zone_of(opened.site());
    let (schedules, refused) = all(opened.site(), &**store)?;
    let lines = store.lines()?;
    let now = Timestamp::now();
    let served = hold::is_held(&opened.place.dir.join(STORE));
    let count = usize::from(args.next);
    let mut shown = Vec::new();
    for timed in schedules.values() {
        let own = lines.iter().filter(|line| line.schedule == timed.declared.name);
        let lasts: Vec<Last> = own.map(|line| last(&**store, line)).collect::<Result<_>>()?;
        let next: Vec<_> = timed
            .moments(now)
            .take(count)
            .map(|at| moment::told(&zone, at))
            .collect();
        shown.push((timed, lasts, next));
    }
    if output.json {
        let documents = shown
            .iter()
            .map(|(timed, lasts, next)| document(output, &zone, timed, lasts, next));
        output.document(&json!({"served": served, "schedules": documents.collect::<Value>()}));
        return Ok(Exit::Done);
    }
    for error in &refused {
        output.error(error);
    }
    if shown.is_empty() {
        output.say(&msg!("schedules-none"));
        return Ok(Exit::Done);
    }
    write(output, &zone, &shown);
    if !served {
        output.remark(&msg!("schedules-not-served"));
    }
    Ok(Exit::Done)
}

fn last(store: &dyn Store, line: &Line) -> Result<Last> {
    let row = line.run.as_ref().map(|run| store.row(run)).transpose()?.flatten();
    Ok(Last {
        line: line.clone(),
        state: row.map(|row| row.state),
        failed: line
            .failed
            .as_deref()
            .and_then(|text| serde_json::from_str(text).ok()),
    })
}

fn slot(zone: &TimeZone, line: &Line) -> Option<String> {
    let slot = Timestamp::from_millisecond(line.slot?).ok()?;
    Some(moment::told(zone, slot))
}

fn document(output: &Output, zone: &TimeZone, timed: &Timed, lasts: &[Last], next: &[String]) -> Value {
    let declared = &timed.declared;
    let last = |last: &Last| {
        json!({
            "value": serde_json::from_str::<Value>(&last.line.value).unwrap_or_default(),
            "slot": slot(zone, &last.line),
            "run": last.line.run.as_ref().filter(|_| last.state.is_some()),
            "state": last.state,
            "error": last.failed.as_ref().map(|error| output.error_value(error)),
            "held": last.line.held.and_then(|held| Timestamp::from_millisecond(held).ok()).map(|held| moment::told(zone, held)),
        })
    };
    json!({
        "schedule": declared.name,
        "origin": origin(timed),
        "procedure": declared.procedure,
        "params": declared.params,
        "when": declared.when,
        "zone": timed.zone_name,
        "missed": declared.missed,
        "overlap": declared.overlap,
        "each": declared.each,
        "jitter": declared.jitter,
        "last": lasts.iter().map(last).collect::<Value>(),
        "next": next,
    })
}

fn origin(timed: &Timed) -> &'static str {
    match timed.origin {
        Origin::Site => "site",
        Origin::Procedure => "procedure",
    }
}

/// A schedule with what became of it and its next moments, as they are shown.
type Shown<'a> = (&'a Timed, Vec<Last>, Vec<String>);

fn write(output: &Output, zone: &TimeZone, shown: &[Shown<'_>]) {
    let titles = ["schedule", "procedure", "when", "zone", "last", "next"];
    let mut table = Table::new(titles.map(|id| output.word(&format!("column-{id}"))));
    for (timed, lasts, next) in shown {
        let declared = &timed.declared;
        // What was started for each value, and the next moments, stand below each other.
        for row in 0..lasts.len().max(next.len()).max(1) {
            let first = |text: &str| plain(if row == 0 { text } else { "" });
            table.row([
                first(&declared.name),
                first(&declared.procedure),
                first(&declared.when),
                first(&timed.zone_name),
                lasts
                    .get(row)
                    .map_or_else(|| plain(""), |last| told(output, zone, last)),
                plain(next.get(row).cloned().unwrap_or_default()),
            ]);
        }
    }
    table.write(output);
}

/// The newest slot of a line: its moment, its run, and how that ended.
fn told(output: &Output, zone: &TimeZone, last: &Last) -> (Style, String) {
    let Some(slot) = slot(zone, &last.line) else {
        return (Style::Faint, output.word("schedules-never"));
    };
    let value = if last.line.value.is_empty() {
        String::new()
    } else {
        format!("{} · ", last.line.value)
    };
    match (&last.failed, &last.line.run, last.state) {
        (Some(error), ..) => (Style::Bad, format!("{value}{slot} · {}", error.code)),
        (None, Some(run), Some(state)) => {
            let word = output.word(&format!("state-{}", state.name()));
            (
                super::runs::style_of(state),
                format!("{value}{slot} · {word} · {run}"),
            )
        }
        _ => (Style::Faint, format!("{value}{slot}")),
    }
}
