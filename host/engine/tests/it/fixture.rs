//! A capability over a map in memory that counts its effects, guests as closures, and a store that can die.

use procedo_core::caller::{Caller, Ended, Fault, Guest};
use procedo_core::capability::{Blobs, Bound, Capability, Context, Operation, Reading};
use procedo_core::change::{Assumed, BlobId, Call, Change, Planned, Probe, Undo};
use procedo_core::effect::{Effect, OperationName, ResourceName};
use procedo_core::journal::{Body, Decision, Entry, Question, Started};
use procedo_core::manifest::{Manifest, Need};
use procedo_core::message::{Language, Message, Sources, Texts};
use procedo_core::run::{Actor, RunId};
use procedo_core::site::Site;
use procedo_core::value::{Digest, Value};
use procedo_core::{Error, Kind, Result};
use procedo_engine::operations::Operations;
use procedo_engine::schedule::operations::Schedules;
use procedo_engine::{Engine, Library, Progress, Secrets, Start, Taken};
use procedo_store::{Durability, Held, Lease, Letter, Row, Serving, Store};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, json};
use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

/// The world: what the capability `ledger` alters.
#[derive(Default)]
pub struct World {
    pub values: Mutex<BTreeMap<String, String>>,
    pub effects: AtomicUsize,
    /// What the resource's name stands for.
    pub identity: Mutex<String>,
    /// How long `load` works on the first tape, in milliseconds.
    pub patience: AtomicUsize,
    /// Whether the next performs fail.
    pub broken: Mutex<bool>,
    /// Whether the next performs lose sight of the world: before their effect, or after it.
    pub away: Mutex<Option<Away>>,
}

/// When a machine goes out of reach.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Away {
    BeforeEffect,
    AfterEffect,
}

impl World {
    pub fn get(&self, name: &str) -> Option<String> {
        self.values.lock().unwrap().get(name).cloned()
    }
    pub fn put(&self, name: &str, value: &str) {
        self.values
            .lock()
            .unwrap()
            .insert(name.to_owned(), value.to_owned());
    }
    pub fn effects(&self) -> usize {
        self.effects.load(Ordering::SeqCst)
    }
}

pub struct Ledger(pub Arc<World>);

impl Capability for Ledger {
    fn name(&self) -> &'static str {
        "ledger"
    }
    fn operations(&self) -> Vec<Bound> {
        vec![
            Bound::operation("set", Set(Arc::clone(&self.0))),
            Bound::operation("post", Post(Arc::clone(&self.0))),
            Bound::operation("load", Load(Arc::clone(&self.0))),
            Bound::reading("get", Get(Arc::clone(&self.0))),
        ]
    }
    fn messages(&self) -> Sources {
        &[]
    }
}

#[derive(Default)]
struct Planned2(BTreeMap<String, Option<String>>);

/// Sets or (without a value) removes an entry.
struct Set(Arc<World>);

#[derive(Deserialize, JsonSchema)]
pub struct SetArgs {
    book: String,
    name: String,
    value: Option<String>,
}

impl Set {
    fn now(&self, context: &mut Context<'_>, name: &str) -> Option<String> {
        let planned = context.overlay.part::<Planned2>().0.get(name).cloned();
        planned.unwrap_or_else(|| self.0.get(name))
    }
}

impl Operation for Set {
    type Args = SetArgs;
    type Reply = bool;

    fn resource(&self, args: &SetArgs) -> ResourceName {
        args.book.clone()
    }
    fn effect(&self, args: &SetArgs) -> Effect {
        if args.value.is_some() {
            Effect::Write
        } else {
            Effect::Destructive
        }
    }
    fn identity(&self, _args: &SetArgs) -> Option<String> {
        Some(self.0.identity.lock().unwrap().clone())
    }
    fn plan(&self, context: &mut Context<'_>, args: &SetArgs) -> Result<Planned<bool>> {
        let before = self.now(context, &args.name);
        if before == args.value {
            return Ok(Planned::unchanged(Assumed::Real(false)));
        }
        context
            .overlay
            .part::<Planned2>()
            .0
            .insert(args.name.clone(), args.value.clone());
        let change = Change {
            target: args.name.clone(),
            summary: Message::literal(format!("set {}", args.name)),
            before: json!(before),
            after: json!(args.value),
            bound: json!(args.value),
            diff: None,
        };
        Ok(Planned {
            reply: Assumed::Overlaid(true),
            change: Some(change),
        })
    }
    fn perform(&self, _context: &mut Context<'_>, args: &SetArgs, _change: &Change) -> Result<bool> {
        if *self.0.broken.lock().unwrap() {
            return Err(Error::new(Kind::Failed, "T0001").with("name", &args.name));
        }
        let away = self.0.away.lock().unwrap().take();
        let lost = || Error::new(Kind::Unavailable, "T0003").in_doubt();
        if away == Some(Away::BeforeEffect) {
            return Err(lost());
        }
        self.0.effects.fetch_add(1, Ordering::SeqCst);
        let mut values = self.0.values.lock().unwrap();
        match &args.value {
            Some(value) => values.insert(args.name.clone(), value.clone()),
            None => values.remove(&args.name),
        };
        away.map_or(Ok(true), |_| Err(lost()))
    }
    fn probe(&self, _context: &mut Context<'_>, args: &SetArgs, change: &Change) -> Result<Probe<bool>> {
        let now = json!(self.0.get(&args.name));
        Ok(match now {
            now if now == change.after => Probe::Applied(true),
            now if now == change.before => Probe::NotApplied,
            now => Probe::Unknown(Message::literal(format!("found {now}"))),
        })
    }
    fn undo(
        &self,
        context: &mut Context<'_>,
        args: &SetArgs,
        change: &Change,
        _reply: &bool,
    ) -> Result<Undo> {
        let calls = vec![Call {
            operation: OperationName::new("ledger", "set"),
            args: json!({"book": args.book, "name": args.name, "value": change.before}),
        }];
        let now = self.now(context, &args.name);
        if json!(now) == change.after {
            return Ok(Undo::Calls { calls });
        }
        Ok(Undo::Conflict {
            reason: Message::literal(format!("found {now:?}")),
            calls,
        })
    }
}

/// Adds to the entry `posts`; nobody can tell afterwards whether it was done, and it cannot be taken back.
struct Post(Arc<World>);

#[derive(Deserialize, JsonSchema)]
pub struct PostArgs {
    book: String,
    text: String,
}

impl Operation for Post {
    type Args = PostArgs;
    type Reply = String;

    fn resource(&self, args: &PostArgs) -> ResourceName {
        args.book.clone()
    }
    fn effect(&self, _args: &PostArgs) -> Effect {
        Effect::Write
    }
    fn identity(&self, _args: &PostArgs) -> Option<String> {
        Some(self.0.identity.lock().unwrap().clone())
    }
    fn plan(&self, _context: &mut Context<'_>, args: &PostArgs) -> Result<Planned<String>> {
        let change = Change {
            target: "posts".to_owned(),
            summary: Message::literal("post"),
            before: Value::Null,
            after: Value::Null,
            bound: json!(args.text),
            diff: None,
        };
        Ok(Planned {
            reply: Assumed::Unforeseeable(Message::literal("the receipt")),
            change: Some(change),
        })
    }
    fn perform(&self, context: &mut Context<'_>, args: &PostArgs, _change: &Change) -> Result<String> {
        (context.note)(json!({"posting": args.text}))?;
        self.0.effects.fetch_add(1, Ordering::SeqCst);
        let mut values = self.0.values.lock().unwrap();
        let posts = values.entry("posts".to_owned()).or_default();
        posts.push_str(&args.text);
        Ok("receipt".to_owned())
    }
    fn probe(&self, context: &mut Context<'_>, _args: &PostArgs, _change: &Change) -> Result<Probe<String>> {
        Ok(Probe::Unknown(Message::literal(format!(
            "notes: {}",
            context.notes.len()
        ))))
    }
    fn undo(
        &self,
        _context: &mut Context<'_>,
        _args: &PostArgs,
        _change: &Change,
        _reply: &String,
    ) -> Result<Undo> {
        Ok(Undo::Irreversible {
            reason: Message::literal("posted is posted"),
        })
    }
}

/// Writes two tapes, and asks for the second one in the middle. What it began goes on without this process.
struct Load(Arc<World>);

#[derive(Deserialize, JsonSchema)]
pub struct LoadArgs {
    book: String,
}

impl Operation for Load {
    type Args = LoadArgs;
    type Reply = bool;

    fn resource(&self, args: &LoadArgs) -> ResourceName {
        args.book.clone()
    }
    fn effect(&self, _args: &LoadArgs) -> Effect {
        Effect::Write
    }
    fn identity(&self, _args: &LoadArgs) -> Option<String> {
        None
    }
    fn plan(&self, _context: &mut Context<'_>, _args: &LoadArgs) -> Result<Planned<bool>> {
        let change = Change {
            target: "tapes".to_owned(),
            summary: Message::literal("load"),
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
    fn perform(&self, context: &mut Context<'_>, _args: &LoadArgs, _change: &Change) -> Result<bool> {
        if self.0.get("tapes").is_none() {
            self.0.effects.fetch_add(1, Ordering::SeqCst);
            self.0.put("tapes", "1");
        }
        if context.stop.wait(std::time::Duration::from_millis(
            self.0.patience.load(Ordering::SeqCst) as u64,
        )) {
            context.stop.check()?;
        }
        (context.ask)(
            "tape-2",
            &Question::Confirm {
                prompt: Message::literal("Mount tape 2"),
            },
        )?;
        self.0.effects.fetch_add(1, Ordering::SeqCst);
        self.0.put("tapes", "2");
        Ok(true)
    }
    fn probe(&self, _context: &mut Context<'_>, _args: &LoadArgs, _change: &Change) -> Result<Probe<bool>> {
        Ok(match self.0.get("tapes").as_deref() {
            None => Probe::NotApplied,
            Some("2") => Probe::Applied(true),
            Some(_) => Probe::Running,
        })
    }
    fn undo(&self, _: &mut Context<'_>, _: &LoadArgs, _: &Change, _: &bool) -> Result<Undo> {
        Ok(Undo::Nothing)
    }
}

struct Get(Arc<World>);

#[derive(Deserialize, JsonSchema)]
pub struct GetArgs {
    book: String,
    name: String,
}

impl Reading for Get {
    type Args = GetArgs;
    type Reply = Option<String>;

    fn resource(&self, args: &GetArgs) -> ResourceName {
        args.book.clone()
    }
    fn read(&self, context: &mut Context<'_>, args: &GetArgs) -> Result<Assumed<Option<String>>> {
        let planned = context.overlay.part::<Planned2>().0.get(&args.name).cloned();
        Ok(match planned {
            Some(value) => Assumed::Overlaid(value),
            None => Assumed::Real(self.0.get(&args.name)),
        })
    }
}

/// What a guest written here does.
pub type Work = dyn Fn(&Calls<'_>) -> Result<Value, Ended> + Send + Sync;

/// A guest written in Rust.
pub struct Native {
    manifest: Manifest,
    version: u8,
    work: Box<Work>,
}

impl Guest for Native {
    fn manifest(&self) -> &Manifest {
        &self.manifest
    }
    fn pins(&self) -> Vec<(String, Digest)> {
        vec![("guest".to_owned(), Digest::of(&[self.version]))]
    }
    fn run(&self, caller: Arc<dyn Caller>, params: &Value) -> Result<Value, Ended> {
        (self.work)(&Calls {
            caller: &*caller,
            params,
        })
    }
}

/// What a guest works with.
pub struct Calls<'a> {
    pub caller: &'a dyn Caller,
    pub params: &'a Value,
}

impl Calls<'_> {
    pub fn call(&self, operation: &str, args: Value) -> Result<Value, Ended> {
        self.attempt(operation, args).map_err(|fault| match fault {
            Fault::Error(error) => Ended::Failed(error),
            Fault::Stop => Ended::Stopped,
        })
    }
    pub fn attempt(&self, operation: &str, args: Value) -> Result<Value, Fault> {
        let (capability, function) = operation.split_once('.').unwrap();
        self.caller.call(&OperationName::new(capability, function), args)
    }
    pub fn set(&self, name: &str, value: &str) -> Result<Value, Ended> {
        self.call(
            "ledger.set",
            json!({"book": "main", "name": name, "value": value}),
        )
    }
    pub fn remove(&self, name: &str) -> Result<Value, Ended> {
        self.call("ledger.set", json!({"book": "main", "name": name}))
    }
    pub fn get(&self, name: &str) -> Result<Value, Ended> {
        self.call("ledger.get", json!({"book": "main", "name": name}))
    }
    pub fn step(&self, name: &str, work: impl FnOnce() -> Result<Value, Ended>) -> Result<Value, Ended> {
        self.call("run.step-begin", json!({"name": name}))?;
        let result = work()?;
        self.call("run.step-end", json!({"name": name}))?;
        Ok(result)
    }
}

pub fn manifest(id: &str) -> Manifest {
    let need = |capability: &str, effect| Need {
        capability: capability.to_owned(),
        resource: "*".to_owned(),
        effect,
    };
    Manifest {
        id: id.to_owned(),
        parameters: json!({"type": "object", "properties": {"name": {"type": "string", "default": "a"}}}),
        needs: vec![
            need("ledger", Effect::Destructive),
            need("secrets", Effect::Read),
            need("run", Effect::Write),
            need("schedule", Effect::Write),
        ],
        locks: Vec::new(),
        steps: vec!["first".to_owned(), "second".to_owned(), "look".to_owned()],
        supervised: false,
        destructive: false,
        section: None,
        texts: BTreeMap::from([("en".to_owned(), "title = T\nsummary = S".to_owned())]),
    }
}

#[derive(Clone, Default)]
pub struct Shelf(Arc<Mutex<HashMap<String, Arc<dyn Guest>>>>);

impl Library for Shelf {
    fn find(&self, id: &str) -> Result<Option<Arc<dyn Guest>>> {
        Ok(self.0.lock().unwrap().get(id).cloned())
    }
}

/// A site in a temporary folder.
pub struct Bench {
    pub world: Arc<World>,
    pub shelf: Shelf,
    pub store: Arc<dyn Store>,
    pub serving: Arc<dyn Serving>,
    pub site: String,
    _dir: tempfile::TempDir,
}

pub const GRANTS: &str = r#"
name = "bench"
[[grant]]
procedure = "*"
capability = "ledger"
resource = "main"
effect = "destructive"
[[grant]]
procedure = "*"
capability = "secrets"
resource = "allowed"
effect = "read"
[[grant]]
procedure = "*"
capability = "run"
resource = "test/*"
effect = "write"
"#;

impl Bench {
    pub fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let key = procedo_store::KeySource::from_env();
        let store = procedo_store::SqliteStore::open(&dir.path().join(".procedo"), key).unwrap();
        let store = Arc::new(store);
        Self {
            world: Arc::default(),
            shelf: Shelf::default(),
            serving: Arc::clone(&store) as Arc<dyn Serving>,
            store,
            site: GRANTS.to_owned(),
            _dir: dir,
        }
    }

    pub fn with_site(more: &str) -> Self {
        let mut bench = Self::new();
        bench.site.push_str(more);
        bench
    }

    pub fn procedure(
        &self,
        manifest: Manifest,
        work: impl Fn(&Calls<'_>) -> Result<Value, Ended> + Send + Sync + 'static,
    ) {
        let guest = Native {
            manifest,
            version: 1,
            work: Box::new(work),
        };
        self.shelf
            .0
            .lock()
            .unwrap()
            .insert(guest.manifest.id.clone(), Arc::new(guest));
    }

    pub fn next_version(
        &self,
        manifest: Manifest,
        work: impl Fn(&Calls<'_>) -> Result<Value, Ended> + Send + Sync + 'static,
    ) {
        let guest = Native {
            manifest,
            version: 2,
            work: Box::new(work),
        };
        self.shelf
            .0
            .lock()
            .unwrap()
            .insert(guest.manifest.id.clone(), Arc::new(guest));
    }

    /// An engine as a process would make it.
    pub fn engine(&self) -> Engine {
        self.engine_over(Arc::clone(&self.store))
    }

    pub fn engine_over(&self, store: Arc<dyn Store>) -> Engine {
        let secrets = Secrets::new(Arc::clone(&store));
        let site = Site::parse(&self.site).unwrap();
        let library = Arc::new(self.shelf.clone());
        let schedules = Schedules::new(&site, Arc::clone(&self.serving), library);
        let operations = Operations::new(&[&Ledger(Arc::clone(&self.world)), &secrets, &schedules]);
        let mut texts = Texts::new();
        texts.add_all(procedo_engine::MESSAGES).unwrap();
        Engine::new(site, store, operations, Box::new(self.shelf.clone()), texts)
    }

    /// Starts a run and tells its identifier and how far it got.
    pub fn start(&self, procedure: &str) -> (RunId, Result<Progress>) {
        self.start_with(&self.engine(), &start(procedure), &Taken::default())
    }

    pub fn start_with(&self, engine: &Engine, start: &Start, taken: &Taken) -> (RunId, Result<Progress>) {
        let mut run = None;
        let progress = engine.start(start, taken, &mut |id| run = Some(id.clone()));
        (run.expect("the run began"), progress)
    }

    pub fn resume(&self, run: &RunId) -> Result<Progress> {
        self.engine().resume(run, &ana(), &Taken::default())
    }

    pub fn bodies(&self, run: &RunId) -> Vec<Body> {
        self.store
            .entries(run, 0)
            .unwrap()
            .into_iter()
            .map(|entry| entry.body)
            .collect()
    }
}

pub fn ana() -> Actor {
    Actor::Person("ana".to_owned())
}

pub fn ben() -> Actor {
    Actor::Person("ben".to_owned())
}

pub fn start(procedure: &str) -> Start {
    Start {
        procedure: procedure.to_owned(),
        params: json!({}),
        by: ana(),
        language: Language::En,
        answers: Map::new(),
        override_reason: None,
    }
}

/// A store whose process dies: after so many appended entries nothing is written any more.
pub struct Dying {
    pub inner: Arc<dyn Store>,
    pub left: AtomicUsize,
}

impl Dying {
    pub fn after(inner: &Arc<dyn Store>, entries: usize) -> Arc<dyn Store> {
        Arc::new(Self {
            inner: Arc::clone(inner),
            left: AtomicUsize::new(entries),
        })
    }

    fn alive(&self, entries: usize) -> Result<()> {
        let taken = self
            .left
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| {
                left.checked_sub(entries)
            });
        match taken {
            Ok(_) => Ok(()),
            Err(_) => {
                self.left.store(0, Ordering::SeqCst);
                Err(Error::new(Kind::Failed, "T0002"))
            }
        }
    }
}

impl Blobs for Dying {
    fn put(&self, bytes: &[u8]) -> Result<BlobId> {
        self.inner.put(bytes)
    }
    fn get(&self, id: &BlobId) -> Result<Vec<u8>> {
        self.inner.get(id)
    }
}

impl Store for Dying {
    fn begin(&self, started: Started) -> Result<Arc<dyn Lease>> {
        self.inner.begin(started)
    }
    fn take(&self, run: &RunId) -> Result<Arc<dyn Lease>> {
        self.inner.take(run)
    }
    fn append(&self, lease: &dyn Lease, bodies: Vec<Body>, _durability: Durability) -> Result<()> {
        self.alive(bodies.len())?;
        self.inner.append(lease, bodies, Durability::Now)
    }
    fn flush(&self, lease: &dyn Lease) -> Result<()> {
        self.inner.flush(lease)
    }
    fn entries(&self, run: &RunId, from: u64) -> Result<Vec<Entry>> {
        self.inner.entries(run, from)
    }
    fn row(&self, run: &RunId) -> Result<Option<Row>> {
        self.inner.row(run)
    }
    fn rows(&self, at_most: usize, children: bool) -> Result<Vec<Row>> {
        self.inner.rows(at_most, children)
    }
    fn send(&self, run: &RunId, by: Actor, call: Option<u64>, decision: Decision) -> Result<()> {
        self.inner.send(run, by, call, decision)
    }
    fn inbox(&self, run: &RunId) -> Result<Vec<Letter>> {
        self.inner.inbox(run)
    }
    fn receive(&self, lease: &dyn Lease, letters: &[Letter], bodies: Vec<Body>) -> Result<()> {
        self.alive(bodies.len())?;
        self.inner.receive(lease, letters, bodies)
    }
    fn lock(&self, root: &RunId, names: &[String]) -> Result<Option<Held>> {
        self.inner.lock(root, names)
    }
    fn unlock(&self, root: &RunId) -> Result<()> {
        self.inner.unlock(root)
    }
    fn secret(&self, name: &str, version: u32) -> Result<Option<String>> {
        self.inner.secret(name, version)
    }
    fn secret_version(&self, name: &str) -> Result<Option<u32>> {
        self.inner.secret_version(name)
    }
    fn set_secret(&self, name: &str, value: &str) -> Result<u32> {
        self.inner.set_secret(name, value)
    }
    fn remove_secret(&self, name: &str) -> Result<bool> {
        self.inner.remove_secret(name)
    }
    fn secrets(&self) -> Result<Vec<(String, u32, String)>> {
        self.inner.secrets()
    }
}
