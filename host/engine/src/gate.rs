//! The one place that every call of a guest goes through.
//!
//! A call is answered from the journal (replay), or planned, or made live. Everything below this file is one of these
//! three; everything above it (scripts, plugins, shims of older interfaces) can only call [`Gate::call`].

use crate::drive::{Facts, Shared};
use crate::live::Live;
use crate::masking::{Mask, Resolve, missing, reveal};
use crate::operations::RUN;
use crate::planning::Planning;
use crate::schedule::operations as schedule;
use crate::watch::{Event, Watch};
use crate::{builtin, live, planning, question, secrets};
use procedo_core::caller::{Caller, Fault};
use procedo_core::capability::{Context, Overlay, Stop};
use procedo_core::change::Planned;
use procedo_core::effect::{Effect, OperationName};
use procedo_core::journal::{Body, Question, Wait};
use procedo_core::manifest::Manifest;
use procedo_core::message::{Language, Message, Texts};
use procedo_core::site::Denial;
use procedo_core::value::{Value, canonical};
use procedo_core::{Error, Kind, Result};
use procedo_store::Durability;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

/// The most calls a run may make. A procedure that needs more is a loop that went wrong, and its journal would no longer
/// replay in the time a person waits.
pub const MOST_CALLS: u64 = 1_000_000;

/// Why the guest has to unwind.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Ending {
    /// The run waits; the entry that says so is durable.
    Waiting(Wait),
    /// The process was asked to stop, or a person cancelled the run: the inbox tells which.
    Stopped,
    /// A plan cannot go on.
    Partial(Message),
    /// The host ended the run for breaking a limit; the guest cannot survive it.
    Failed(Error),
    /// The journal cannot be written. The run is left as it is, to be resumed.
    Broken(Error),
}

pub(crate) enum Mode {
    Live(Box<Live>),
    Plan(Planning),
}

/// On whose behalf calls are authorised.
#[derive(Clone)]
pub(crate) struct Authority {
    pub manifest: Arc<Manifest>,
    pub params: Value,
    /// For the calls of an undo: they have the right of the call they reverse, with the effect it had.
    pub reverses: Option<(String, String, Effect)>,
}

/// The gate of one run.
pub struct Gate {
    pub(crate) shared: Arc<Shared>,
    pub(crate) facts: Facts,
    pub(crate) mode: Mode,
    pub(crate) stop: Arc<Stop>,
    pub(crate) watch: Arc<dyn Watch>,
    pub(crate) steps: Mutex<Vec<String>>,
    pub(crate) authority: Mutex<Authority>,
    mask: RwLock<Arc<Mask>>,
    texts: Texts,
    calls: AtomicU64,
    shown: AtomicU64,
    pub(crate) moment: AtomicI64,
    stopped: AtomicBool,
    ending: Mutex<Option<Ending>>,
}

/// Locks a mutex of the gate. A panic elsewhere leaves nothing half done behind these.
pub(crate) fn lock<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Gate {
    pub(crate) fn new(
        shared: Arc<Shared>,
        facts: Facts,
        manifest: Arc<Manifest>,
        mode: Mode,
        stop: Arc<Stop>,
        watch: Arc<dyn Watch>,
    ) -> Result<Self> {
        let texts = manifest.catalogues().unwrap_or_default();
        let mask = RwLock::new(Arc::new(Mask::new(shared.store.secrets()?)?));
        let authority = Authority {
            manifest,
            params: facts.params.clone(),
            reverses: None,
        };
        Ok(Self {
            shared,
            mode,
            stop,
            watch,
            texts,
            steps: Mutex::new(Vec::new()),
            authority: Mutex::new(authority),
            mask,
            calls: AtomicU64::new(0),
            shown: AtomicU64::new(0),
            moment: AtomicI64::new(facts.moment),
            facts,
            stopped: AtomicBool::new(false),
            ending: Mutex::new(None),
        })
    }

    /// The number of a call that the engine makes itself.
    pub(crate) fn next_call(&self) -> u64 {
        self.calls.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// How many calls the guest has made.
    pub(crate) fn calls_made(&self) -> u64 {
        self.calls.load(Ordering::Relaxed)
    }

    /// Makes the guest unwind. The first reason given counts.
    pub(crate) fn end(&self, ending: Ending) -> Fault {
        lock(&self.ending).get_or_insert(ending);
        self.stopped.store(true, Ordering::Release);
        Fault::Stop
    }

    /// Why the guest had to unwind, if it had to.
    pub(crate) fn ending(&self) -> Option<Ending> {
        lock(&self.ending).clone()
    }

    /// An error of the journal ends the run's process, not the run.
    pub(crate) fn durable<T>(&self, result: Result<T>) -> Result<T, Fault> {
        result.map_err(|error| self.end(Ending::Broken(error)))
    }

    /// Whether what the guest does now is new: neither planned nor answered from the journal.
    pub(crate) fn is_new(&self) -> bool {
        match &self.mode {
            Mode::Live(mode) => self.calls_made() >= mode.history.last_call,
            Mode::Plan(_) => false,
        }
    }

    pub(crate) fn tell_watch(&self, event: &Event<'_>) {
        self.watch.event(&self.facts.run, event);
    }

    /// Masks what an operation planned. The reply of `secrets.get` is a reference already, and is meant as such, as are
    /// those that a schedule hands on to its runs.
    pub(crate) fn mask_planned(&self, operation: &OperationName, planned: &mut Planned<Value>) {
        match operation.capability.as_str() {
            secrets::NAME => {}
            schedule::NAME => self.mask().planned_with_references(planned),
            _ => self.mask().planned(planned),
        }
    }

    /// What a handler gets to see: values in the place of references. A schedule gets the references: it hands them on to
    /// its runs, and only these may or may not have the values.
    pub(crate) fn reveal(&self, operation: &OperationName, value: &Value) -> Result<Value> {
        if operation.capability == schedule::NAME {
            return Ok(value.clone());
        }
        reveal(value, self)
    }

    pub(crate) fn mask(&self) -> Arc<Mask> {
        Arc::clone(&self.mask.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Whether the site and the author allow the call.
    pub(crate) fn authorise(&self, operation: &OperationName, resource: &str, effect: Effect) -> Result<()> {
        let authority = lock(&self.authority);
        let (capability, wanted, effect) = match &authority.reverses {
            // Undo hands a call exactly the reach of the call it reverses.
            Some((capability, allowed, former)) => {
                if *capability != operation.capability || allowed != resource {
                    return Err(denied(
                        "P0105",
                        &authority.manifest.id,
                        operation,
                        resource,
                        effect,
                    ));
                }
                (capability.as_str(), allowed.as_str(), *former)
            }
            None => (operation.capability.as_str(), resource, effect),
        };
        let site = &self.shared.site;
        site.authorise(&authority.manifest, &authority.params, capability, wanted, effect)
            .map_err(|denial| {
                let code = match denial {
                    Denial::Manifest => "P0105",
                    Denial::Site => "P0106",
                };
                denied(code, &authority.manifest.id, operation, resource, effect)
            })
    }

    /// Whether the procedure may have another one started later: as if it started it itself. An undo may, where the call it
    /// reverses was about the same schedule.
    pub(crate) fn authorise_start(&self, procedure: &str) -> Result<()> {
        if lock(&self.authority).reverses.is_some() {
            return Ok(());
        }
        self.authorise(&OperationName::new(RUN, "run-child"), procedure, Effect::Write)
    }

    /// Lets a handler look: it can neither note nor ask.
    pub(crate) fn looking<T>(
        &self,
        call: u64,
        overlay: &mut Overlay,
        notes: &[Value],
        look: impl FnOnce(&mut Context<'_>) -> T,
    ) -> T {
        let refused = || Error::new(Kind::Failed, "P0133");
        self.with_context(
            call,
            overlay,
            notes,
            &mut |_| Err(refused()),
            &|_, _| Err(refused()),
            look,
        )
    }

    /// Lets a handler act: its notes become durable, its questions reach a person.
    pub(crate) fn acting<T>(
        &self,
        mode: &Live,
        call: u64,
        notes: &[Value],
        act: impl FnOnce(&mut Context<'_>) -> T,
    ) -> T {
        let mut note = |mut note: Value| {
            self.mask().value(&mut note);
            let body = Body::Note { call, note };
            self.shared
                .store
                .append(&*mode.lease, vec![body], Durability::Now)
        };
        let ask = |key: &str, question: &Question| question::in_call(self, mode, call, key, question);
        self.with_context(call, &mut Overlay::default(), notes, &mut note, &ask, act)
    }

    fn with_context<T>(
        &self,
        call: u64,
        overlay: &mut Overlay,
        notes: &[Value],
        note: &mut dyn FnMut(Value) -> Result<()>,
        ask: &dyn Fn(&str, &Question) -> Result<Value>,
        work: impl FnOnce(&mut Context<'_>) -> T,
    ) -> T {
        let progress = |done: u64, total: Option<u64>, message: &Message| {
            let mut message = message.clone();
            self.mask().message(&mut message);
            self.tell_watch(&Event::Progress {
                done,
                total,
                text: &self.tell(&message),
            });
        };
        let mut context = Context {
            run: &self.facts.run,
            call,
            overlay,
            blobs: match &self.mode {
                Mode::Live(_) => &*self.shared.store,
                Mode::Plan(planning) => &*planning.blobs,
            },
            stop: &self.stop,
            notes,
            ask,
            note,
            progress: &progress,
        };
        work(&mut context)
    }

    /// Whether an error of a handler only says that it was told to stop: then the call stays in doubt, and is probed when
    /// the run goes on.
    pub(crate) fn cut_short(&self, error: &Error) -> Option<Fault> {
        if self.ending().is_some() {
            return Some(Fault::Stop);
        }
        (error.kind == Kind::Cancelled && self.stop.is_set()).then(|| self.end(Ending::Stopped))
    }
}

fn denied(code: &str, procedure: &str, operation: &OperationName, resource: &str, effect: Effect) -> Error {
    Error::new(Kind::Denied, code)
        .with("procedure", procedure)
        .with("operation", operation)
        .with("resource", format!("{}/{resource}", operation.capability))
        .with("effect", effect)
        .with("capability", &operation.capability)
}

impl Resolve for Gate {
    fn resolve(&self, name: &str, version: u32) -> Result<String> {
        let operation = OperationName::new(secrets::NAME, "get");
        // An undo puts back what the original run wrote; the manifest of its procedure still has to name the secret.
        let reverses = lock(&self.authority).reverses.take();
        let allowed = self.authorise(&operation, name, Effect::Read);
        lock(&self.authority).reverses = reverses;
        allowed?;
        let store = &self.shared.store;
        let value = store
            .secret(name, version)?
            .ok_or_else(|| missing(name, version))?;
        if !self.mask().knows(name, version) {
            // It was set since the run was taken up. From now on it is used, and may turn up.
            let mask = Arc::new(Mask::new(store.secrets()?)?);
            *self.mask.write().unwrap_or_else(PoisonError::into_inner) = mask;
        }
        Ok(value)
    }
}

impl Caller for Gate {
    fn call(&self, operation: &OperationName, args: Value) -> Result<Value, Fault> {
        if self.stopped() {
            return Err(Fault::Stop);
        }
        if self.stop.is_set() {
            return Err(self.end(Ending::Stopped));
        }
        // What is only shown has no number: a journal must not depend on how often a guest tells how far it is.
        let shown = operation.capability == RUN && operation.function == builtin::PROGRESS;
        let counter = if shown { &self.shown } else { &self.calls };
        let number = counter.fetch_add(1, Ordering::Relaxed) + 1;
        if number > MOST_CALLS {
            let error = Error::new(Kind::TooLarge, "P0109").with("limit", MOST_CALLS);
            return Err(self.end(Ending::Failed(error)));
        }
        if shown {
            return builtin::progress(self, &args).map_err(Fault::Error);
        }
        let args = canonical(&args);
        match &self.mode {
            Mode::Live(mode) => live::call(self, mode, number, operation, args),
            Mode::Plan(mode) => planning::call(self, mode, number, operation, args),
        }
    }

    fn stopped(&self) -> bool {
        // A guest that computes without calling is stopped too.
        self.stopped.load(Ordering::Acquire)
            || (self.stop.is_set() && self.end(Ending::Stopped) == Fault::Stop)
    }

    fn language(&self) -> Language {
        self.facts.language
    }

    fn tell(&self, message: &Message) -> String {
        let language = self.facts.language;
        self.texts
            .find(language, message)
            .unwrap_or_else(|| self.shared.texts.tell(language, message))
    }

    fn last_moment(&self) -> i64 {
        self.moment.load(Ordering::Relaxed)
    }

    fn seed(&self) -> [u8; 32] {
        self.facts.seed
    }
}
