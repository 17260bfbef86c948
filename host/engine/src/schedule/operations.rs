//! The capability `schedule`: procedures set, remove and read schedules.

use super::shape::{Info, Wanted};
use super::{Origin, Timed, check_params, of_text, text_of};
use crate::engine::Library;
use jiff::Timestamp;
use procedo_core::capability::{Bound, Capability, Context, Operation, Reading};
use procedo_core::change::{Assumed, Call, Change, Planned, Probe, Undo};
use procedo_core::effect::{Effect, OperationName, ResourceName};
use procedo_core::message::{Message, Sources};
use procedo_core::schedule::Schedule;
use procedo_core::site::{Site, covers};
use procedo_core::value::{Digest, Value};
use procedo_core::{Error, Kind, Result};
use procedo_store::Serving;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::Arc;

/// The name of the capability.
pub(crate) const NAME: &str = "schedule";
/// The most moments of one call.
const MOST_MOMENTS: u32 = 100;

/// The capability `schedule`.
pub struct Schedules(Arc<Kept>);

/// What the operations work with.
struct Kept {
    /// Those of the site, or what is wrong with them: a procedure that works with schedules is told, others are not concerned.
    declared: Result<BTreeMap<String, Timed>>,
    zone: String,
    serving: Arc<dyn Serving>,
    library: Arc<dyn Library>,
}

impl Schedules {
    /// The schedules of a site, and those that the store keeps; `library` brings the procedures that they start. Where the site
    /// declares what is not valid ([`super::declared`]), every call of the capability says so.
    pub fn new(site: &Site, serving: Arc<dyn Serving>, library: Arc<dyn Library>) -> Self {
        Self(Arc::new(Kept {
            declared: super::declared(site),
            zone: site.time_zone.clone(),
            serving,
            library,
        }))
    }
}

impl Capability for Schedules {
    fn name(&self) -> &'static str {
        NAME
    }

    fn operations(&self) -> Vec<Bound> {
        vec![
            Bound::operation("set", Set(Arc::clone(&self.0))),
            Bound::operation("remove", Remove(Arc::clone(&self.0))),
            Bound::reading("list", List(Arc::clone(&self.0))),
            Bound::reading("next", Next(Arc::clone(&self.0))),
        ]
    }

    fn messages(&self) -> Sources {
        &[]
    }
}

/// The procedure that a call wants to have started: who may not start it may not have it started, either.
pub(crate) fn starts<'a>(operation: &OperationName, args: &'a Value) -> Option<&'a str> {
    let sets = operation.capability == NAME && operation.function == "set";
    args.pointer("/entry/procedure").filter(|_| sets)?.as_str()
}

/// What a plan has set and removed so far.
#[derive(Default)]
struct Overlaid(BTreeMap<String, Option<String>>);

impl Kept {
    /// The declaration of a schedule that a procedure set, as the store keeps it.
    fn stored(&self, name: &str) -> Result<Option<String>> {
        let mut stored = self.serving.schedules()?.into_iter();
        Ok(stored
            .find(|schedule| schedule.name == name)
            .map(|schedule| schedule.declared))
    }

    /// The same, counting in what the plan has changed.
    fn present(&self, context: &mut Context<'_>, name: &str) -> Result<Option<String>> {
        match context.overlay.part::<Overlaid>().0.get(name) {
            Some(planned) => Ok(planned.clone()),
            None => self.stored(name),
        }
    }

    /// The schedules of the site.
    fn declared(&self) -> Result<&BTreeMap<String, Timed>> {
        self.declared.as_ref().map_err(Clone::clone)
    }

    fn must_not_be_the_sites(&self, name: &str) -> Result<()> {
        if self.declared()?.contains_key(name) {
            return Err(Error::new(Kind::Conflict, "P1310").with("schedule", name));
        }
        Ok(())
    }

    /// Turns the stored declaration into another one, or none.
    fn plan(
        &self,
        context: &mut Context<'_>,
        name: &str,
        declared: Option<String>,
        summary: Message,
    ) -> Result<Planned<bool>> {
        self.must_not_be_the_sites(name)?;
        let before = self.present(context, name)?;
        if before == declared {
            return Ok(Planned::unchanged(Assumed::Real(false)));
        }
        context
            .overlay
            .part::<Overlaid>()
            .0
            .insert(name.to_owned(), declared.clone());
        let change = Change {
            target: name.to_owned(),
            summary,
            diff: diff(before.as_deref(), declared.as_deref()),
            before: state(before)?,
            bound: json!(declared.as_deref().map(|text| Digest::of(text.as_bytes()))),
            after: state(declared)?,
        };
        Ok(Planned {
            reply: Assumed::Overlaid(true),
            change: Some(change),
        })
    }

    fn perform(&self, name: &str, change: &Change) -> Result<bool> {
        let (before, after) = (text_in(&change.before)?, text_in(&change.after)?);
        let now = Timestamp::now().as_millisecond();
        if self
            .serving
            .set_schedule(name, before.as_deref(), after.as_deref(), now)?
        {
            return Ok(true);
        }
        Err(Error::new(Kind::Conflict, "P1311").with("schedule", name))
    }

    fn probe(&self, name: &str, change: &Change) -> Result<Probe<bool>> {
        let now = self.stored(name)?;
        Ok(if now == text_in(&change.after)? {
            Probe::Applied(true)
        } else if now == text_in(&change.before)? {
            Probe::NotApplied
        } else {
            Probe::Unknown(Message::new("schedule-found-other").with("schedule", name))
        })
    }

    fn undo(&self, context: &mut Context<'_>, name: &str, change: &Change) -> Result<Undo> {
        let call = match text_in(&change.before)? {
            None => Call {
                operation: OperationName::new(NAME, "remove"),
                args: json!({"name": name}),
            },
            Some(text) => Call {
                operation: OperationName::new(NAME, "set"),
                args: json!({"name": name, "entry": Wanted::of(of_text(&text, &self.zone)?.declared)}),
            },
        };
        let calls = vec![call];
        if self.present(context, name)? == text_in(&change.after)? {
            return Ok(Undo::Calls { calls });
        }
        let reason = Message::new("schedule-found-other").with("schedule", name);
        Ok(Undo::Conflict { reason, calls })
    }
}

/// A declaration in a change: readable, and exactly what the store keeps.
fn state(declared: Option<String>) -> Result<Value> {
    match declared {
        None => Ok(Value::Null),
        Some(text) => serde_json::from_str(&text)
            .map_err(|error| Error::new(Kind::Failed, "P1309").with("reason", error)),
    }
}

/// The text of a declaration in a change.
fn text_in(state: &Value) -> Result<Option<String>> {
    if state.is_null() {
        return Ok(None);
    }
    let unreadable = |error: serde_json::Error| Error::new(Kind::Failed, "P1309").with("reason", error);
    let declared: Schedule = serde_json::from_value(state.clone()).map_err(unreadable)?;
    text_of(&declared).map(Some)
}

/// The members of both declarations that differ, one a line.
fn diff(before: Option<&str>, after: Option<&str>) -> Option<String> {
    let members = |text: Option<&str>| -> BTreeMap<String, Value> {
        text.and_then(|text| serde_json::from_str(text).ok())
            .unwrap_or_default()
    };
    let (before, after) = (members(before), members(after));
    let lines = |sign: char, own: &BTreeMap<String, Value>, other: &BTreeMap<String, Value>| -> String {
        let differing = own.iter().filter(|(name, value)| other.get(*name) != Some(value));
        differing
            .map(|(name, value)| format!("{sign}{name} = {value}\n"))
            .collect()
    };
    Some(lines('-', &before, &after) + &lines('+', &after, &before))
}

struct Set(Arc<Kept>);

#[derive(Deserialize, JsonSchema)]
struct SetArgs {
    name: String,
    entry: Wanted,
}

impl Operation for Set {
    type Args = SetArgs;
    type Reply = bool;

    fn resource(&self, args: &SetArgs) -> ResourceName {
        args.name.clone()
    }

    fn effect(&self, _args: &SetArgs) -> Effect {
        Effect::Write
    }

    fn identity(&self, _args: &SetArgs) -> Option<String> {
        None
    }

    fn plan(&self, context: &mut Context<'_>, args: &SetArgs) -> Result<Planned<bool>> {
        self.0.must_not_be_the_sites(&args.name)?;
        let timed = Timed::of(args.entry.declared(&args.name)?, &self.0.zone, Origin::Procedure)?;
        let procedure = &timed.declared.procedure;
        let guest = self.0.library.find(procedure)?;
        let guest = guest.ok_or_else(|| Error::new(Kind::NotFound, "P0101").with("procedure", procedure))?;
        check_params(&timed, guest.manifest())?;
        let summary = Message::new("schedule-set")
            .with("name", &args.name)
            .with("procedure", procedure)
            .with("when", &timed.declared.when);
        self.0
            .plan(context, &args.name, Some(text_of(&timed.declared)?), summary)
    }

    fn perform(&self, _context: &mut Context<'_>, args: &SetArgs, change: &Change) -> Result<bool> {
        self.0.perform(&args.name, change)
    }

    fn probe(&self, _context: &mut Context<'_>, args: &SetArgs, change: &Change) -> Result<Probe<bool>> {
        self.0.probe(&args.name, change)
    }

    fn undo(
        &self,
        context: &mut Context<'_>,
        args: &SetArgs,
        change: &Change,
        _reply: &bool,
    ) -> Result<Undo> {
        self.0.undo(context, &args.name, change)
    }
}

struct Remove(Arc<Kept>);

#[derive(Deserialize, JsonSchema)]
struct RemoveArgs {
    name: String,
}

impl Operation for Remove {
    type Args = RemoveArgs;
    type Reply = bool;

    fn resource(&self, args: &RemoveArgs) -> ResourceName {
        args.name.clone()
    }

    fn effect(&self, _args: &RemoveArgs) -> Effect {
        Effect::Write
    }

    fn identity(&self, _args: &RemoveArgs) -> Option<String> {
        None
    }

    fn plan(&self, context: &mut Context<'_>, args: &RemoveArgs) -> Result<Planned<bool>> {
        let summary = Message::new("schedule-remove").with("name", &args.name);
        self.0.plan(context, &args.name, None, summary)
    }

    fn perform(&self, _context: &mut Context<'_>, args: &RemoveArgs, change: &Change) -> Result<bool> {
        self.0.perform(&args.name, change)
    }

    fn probe(&self, _context: &mut Context<'_>, args: &RemoveArgs, change: &Change) -> Result<Probe<bool>> {
        self.0.probe(&args.name, change)
    }

    fn undo(
        &self,
        context: &mut Context<'_>,
        args: &RemoveArgs,
        change: &Change,
        _reply: &bool,
    ) -> Result<Undo> {
        self.0.undo(context, &args.name, change)
    }
}

struct List(Arc<Kept>);

#[derive(Deserialize, JsonSchema)]
struct ListArgs {
    names: String,
}

impl List {
    /// What the store keeps, counting in what the plan has changed.
    fn set_by_procedures(&self, context: &mut Context<'_>) -> Result<BTreeMap<String, String>> {
        let stored = self.0.serving.schedules()?.into_iter();
        let mut found: BTreeMap<_, _> = stored.map(|each| (each.name, each.declared)).collect();
        for (name, declared) in &context.overlay.part::<Overlaid>().0 {
            match declared {
                Some(declared) => found.insert(name.clone(), declared.clone()),
                None => found.remove(name),
            };
        }
        Ok(found)
    }
}

impl Reading for List {
    type Args = ListArgs;
    type Reply = Vec<Info>;

    fn resource(&self, args: &ListArgs) -> ResourceName {
        args.names.clone()
    }

    fn read(&self, context: &mut Context<'_>, args: &ListArgs) -> Result<Assumed<Vec<Info>>> {
        let mut all = self.0.declared()?.clone();
        for (name, declared) in self.set_by_procedures(context)? {
            // One that the file declares stands in for one of the same name.
            if let Entry::Vacant(place) = all.entry(name) {
                place.insert(of_text(&declared, &self.0.zone)?);
            }
        }
        all.retain(|name, _| covers(&args.names, name));
        Ok(Assumed::Overlaid(all.into_values().map(Info::of).collect()))
    }
}

struct Next(Arc<Kept>);

#[derive(Deserialize, JsonSchema)]
struct NextArgs {
    name: String,
    count: u32,
}

impl Reading for Next {
    type Args = NextArgs;
    type Reply = Vec<String>;

    fn resource(&self, args: &NextArgs) -> ResourceName {
        args.name.clone()
    }

    fn read(&self, context: &mut Context<'_>, args: &NextArgs) -> Result<Assumed<Vec<String>>> {
        let NextArgs { name, count } = args;
        if !(1..=MOST_MOMENTS).contains(count) {
            return Err(Error::new(Kind::Invalid, "P1312")
                .with("value", count)
                .with("limit", MOST_MOMENTS));
        }
        let timed = match self.0.declared()?.get(name) {
            Some(timed) => timed.clone(),
            None => {
                let unknown = || Error::new(Kind::NotFound, "P1313").with("schedule", name);
                of_text(&self.0.present(context, name)?.ok_or_else(unknown)?, &self.0.zone)?
            }
        };
        let count = usize::try_from(*count).unwrap_or_default();
        let moments = timed.moments(Timestamp::now()).take(count);
        Ok(Assumed::Overlaid(moments.map(|at| timed.told(at)).collect()))
    }
}
