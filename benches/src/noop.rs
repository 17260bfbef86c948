//! A capability that changes nothing, durably: what is left is the gate and the journal.

use anyhow::{Result, bail};
use procedo_core::caller::{Caller, Ended, Fault, Guest};
use procedo_core::capability::{Bound, Capability, Context, Operation, Reading};
use procedo_core::change::{Assumed, Change, Planned, Probe, Undo};
use procedo_core::effect::{Effect, OperationName, ResourceName};
use procedo_core::manifest::{Manifest, Need};
use procedo_core::message::{Language, Message, Sources, Texts};
use procedo_core::run::{Actor, RunId};
use procedo_core::site::Site;
use procedo_core::value::{Digest, Value};
use procedo_engine::operations::Operations;
use procedo_engine::{Engine, Library, Progress, Start, Taken};
use procedo_store::{KeySource, SqliteStore, Store};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, json};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

/// The argument with which this program runs as a child of itself.
pub const CHILD: &str = "--noop-run";

struct Noop;

#[derive(Deserialize, JsonSchema)]
struct Args {
    number: u64,
}

impl Operation for Noop {
    type Args = Args;
    type Reply = bool;

    fn resource(&self, _args: &Args) -> ResourceName {
        "it".to_owned()
    }
    fn effect(&self, _args: &Args) -> Effect {
        Effect::Write
    }
    fn repeatable(&self) -> bool {
        true
    }
    fn identity(&self, _args: &Args) -> Option<String> {
        None
    }
    fn plan(&self, _context: &mut Context<'_>, args: &Args) -> procedo_core::Result<Planned<bool>> {
        let change = Change {
            target: args.number.to_string(),
            summary: Message::new("noop"),
            before: Value::Null,
            after: Value::Null,
            bound: Value::Null,
            diff: None,
        };
        Ok(Planned {
            reply: Assumed::Real(true),
            change: Some(change),
        })
    }
    fn perform(
        &self,
        _context: &mut Context<'_>,
        _args: &Args,
        _change: &Change,
    ) -> procedo_core::Result<bool> {
        Ok(true)
    }
    fn probe(&self, _: &mut Context<'_>, _: &Args, _: &Change) -> procedo_core::Result<Probe<bool>> {
        Ok(Probe::NotApplied)
    }
    fn undo(&self, _: &mut Context<'_>, _: &Args, _: &Change, _: &bool) -> procedo_core::Result<Undo> {
        Ok(Undo::Nothing)
    }
}

impl Capability for Noop {
    fn name(&self) -> &'static str {
        "noop"
    }
    fn operations(&self) -> Vec<Bound> {
        vec![Bound::operation("write", Noop)]
    }
    fn messages(&self) -> Sources {
        &[]
    }
}

/// Looks at nothing and always sees the same: the cheapest read that an operation can be.
struct Look;

/// The arguments of `files.stat` in the WIT.
#[derive(Deserialize, JsonSchema)]
struct LookArgs {
    root: String,
    #[allow(dead_code)]
    path: String,
}

/// The reply of `files.stat` in the WIT.
#[derive(Serialize, Deserialize, JsonSchema)]
struct Seen {
    kind: Option<String>,
    size: u64,
    digest: Option<String>,
}

impl Reading for Look {
    type Args = LookArgs;
    type Reply = Seen;

    fn resource(&self, args: &LookArgs) -> ResourceName {
        args.root.clone()
    }
    fn read(&self, _: &mut Context<'_>, _: &LookArgs) -> procedo_core::Result<Assumed<Seen>> {
        let kind = Some("regular".to_owned());
        Ok(Assumed::Real(Seen {
            kind,
            size: 1,
            digest: None,
        }))
    }
}

/// Stands in for `files`, so that a guest's call reaches the gate and then ends at once.
struct Files;

impl Capability for Files {
    fn name(&self) -> &'static str {
        "files"
    }
    fn operations(&self) -> Vec<Bound> {
        vec![Bound::reading("stat", Look)]
    }
    fn messages(&self) -> Sources {
        &[]
    }
}

struct Writes(Manifest);

impl Guest for Writes {
    fn manifest(&self) -> &Manifest {
        &self.0
    }
    fn pins(&self) -> Vec<(String, Digest)> {
        Vec::new()
    }
    fn run(&self, caller: Arc<dyn Caller>, params: &Value) -> Result<Value, Ended> {
        let write = OperationName::new("noop", "write");
        let wait = params["wait"].as_bool().unwrap_or_default();
        for number in 0..params["count"].as_u64().unwrap_or_default() {
            caller.call(&write, json!({"number": number})).map_err(ended)?;
        }
        if wait {
            let question = json!({"key": "go", "prompt": {"id": "Go?", "args": []}});
            caller
                .call(&OperationName::new("run", "confirm"), question)
                .map_err(ended)?;
        }
        Ok(Value::Null)
    }
}

fn ended(fault: Fault) -> Ended {
    match fault {
        Fault::Error(error) => Ended::Failed(error),
        Fault::Stop => Ended::Stopped,
    }
}

struct One(Arc<dyn Guest>);

impl Library for One {
    fn find(&self, _id: &str) -> procedo_core::Result<Option<Arc<dyn Guest>>> {
        Ok(Some(Arc::clone(&self.0)))
    }
}

/// The procedure's identifier.
const PROCEDURE: &str = "bench/writes";

/// A store in a folder.
pub fn store(dir: &Path) -> Result<Arc<SqliteStore>> {
    Ok(Arc::new(SqliteStore::open(
        &dir.join(".procedo"),
        KeySource::Site,
    )?))
}

/// An engine whose only procedure makes `count` durable writes, and then waits if `wait` says so.
pub fn engine(store: Arc<dyn Store>) -> Result<Engine> {
    let manifest = Manifest {
        id: PROCEDURE.to_owned(),
        parameters: json!({"type": "object", "properties": {"count": {"type": "integer"}, "wait": {"type": "boolean"}}}),
        needs: vec![Need {
            capability: "noop".to_owned(),
            resource: "*".to_owned(),
            effect: Effect::Write,
        }],
        locks: Vec::new(),
        steps: Vec::new(),
        supervised: false,
        destructive: false,
        section: None,
        texts: BTreeMap::from([("en".to_owned(), "title = T\nsummary = S".to_owned())]),
    };
    engine_of(store, Arc::new(Writes(manifest)))
}

/// An engine whose only procedure is a guest that may write to everything.
pub fn engine_of(store: Arc<dyn Store>, guest: Arc<dyn Guest>) -> Result<Engine> {
    let mut site = "name = \"bench\"\n".to_owned();
    for capability in ["noop", "files"] {
        site += &format!(
            "[[grant]]\nprocedure = \"*\"\ncapability = \"{capability}\"\nresource = \"*\"\neffect = \"write\"\n"
        );
    }
    let operations = Operations::new(&[&Noop, &Files]);
    Ok(Engine::new(
        Site::parse(&site)?,
        store,
        operations,
        Box::new(One(guest)),
        Texts::new(),
    ))
}

/// Runs the procedure.
pub fn run(engine: &Engine, count: u64, wait: bool) -> Result<(RunId, Progress)> {
    run_with(engine, json!({"count": count, "wait": wait}))
}

/// Runs the engine's procedure with parameters.
pub fn run_with(engine: &Engine, params: Value) -> Result<(RunId, Progress)> {
    let start = Start {
        procedure: PROCEDURE.to_owned(),
        params,
        by: Actor::Person("bench".to_owned()),
        language: Language::En,
        answers: Map::new(),
        override_reason: None,
    };
    let mut run = None;
    let progress = engine.start(&start, &Taken::default(), &mut |id| run = Some(id.clone()))?;
    match run {
        Some(run) => Ok((run, progress)),
        None => bail!("the run did not begin"),
    }
}

/// This program as a whole process that runs the procedure once: `FOLDER COUNT`.
pub fn child(args: &[String]) -> Result<()> {
    let [dir, count] = args else { bail!("FOLDER COUNT") };
    let (_, progress) = run(&engine(store(Path::new(dir))?)?, count.parse()?, false)?;
    match progress {
        Progress::Succeeded(_) => Ok(()),
        other => bail!("{other:?}"),
    }
}
