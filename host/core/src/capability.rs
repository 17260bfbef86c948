//! The contract of a capability: operations that each give four answers.
//!
//! A new operation is a function in the WIT package, a type that implements [`Operation`] (or [`Reading`], if it alters
//! nothing), and its sentence in the capability's three catalogues. The gate does the rest: it authorises, plans before the
//! effect, journals, probes after a crash, and undoes.
//!
//! # The four answers
//! - **plan**: what would change, and which reply to assume. Called for `procedo plan`, where the [`Overlay`] holds what the
//!   plan has changed so far, and live just before the effect, where the overlay is empty and what it says goes into the
//!   journal as the intent. It must not alter anything.
//! - **perform**: do it. Called once per call unless a probe allows a repetition.
//! - **probe**: after a crash between intent and outcome, find out what became of it.
//! - **undo**: the calls that reverse it.

use crate::change::{Assumed, BlobId, Change, Planned, Probe, Undo};
use crate::effect::{Effect, ResourceName};
use crate::error::{Error, Kind, Result};
use crate::journal::Question;
use crate::message::{Message, Sources};
use crate::run::RunId;
use crate::value::Value;
use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// An interface of the WIT package with a handler for each of its functions.
pub trait Capability: Send + Sync {
    /// The name of the interface.
    fn name(&self) -> &'static str;

    /// A handler for every function of the interface.
    fn operations(&self) -> Vec<Bound>;

    /// Its sentences and errors in the three languages.
    fn messages(&self) -> Sources;
}

/// The store's blobs: content kept beside the journal, encrypted.
pub trait Blobs: Send + Sync {
    /// Keeps some bytes. They are durable no later than the next entry of the journal.
    fn put(&self, bytes: &[u8]) -> Result<BlobId>;

    /// Brings them back.
    fn get(&self, id: &BlobId) -> Result<Vec<u8>>;
}

/// What a plan has changed so far, kept by each capability in a type of its own.
#[derive(Default)]
pub struct Overlay {
    parts: HashMap<TypeId, Box<dyn Any + Send>>,
    planning: bool,
}

impl Overlay {
    /// That of a plan, in which nothing has changed yet. The default is that of a live run.
    pub fn of_plan() -> Self {
        Self {
            planning: true,
            ..Self::default()
        }
    }

    /// Whether this is a plan: what waits in a live run must not wait then.
    pub fn is_plan(&self) -> bool {
        self.planning
    }

    /// The capability's own part, made empty on first use.
    pub fn part<T: Any + Send + Default>(&mut self) -> &mut T {
        let part = self
            .parts
            .entry(TypeId::of::<T>())
            .or_insert_with(|| Box::new(T::default()));
        part.downcast_mut().expect("parts are keyed by their type")
    }
}

/// Tells whoever works for a run that it shall end, and wakes them.
#[derive(Default)]
pub struct Stop {
    set: Mutex<bool>,
    changed: Condvar,
}

impl Stop {
    /// Asks everybody to stop.
    pub fn set(&self) {
        *self.set.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.changed.notify_all();
    }

    /// Whether to stop.
    pub fn is_set(&self) -> bool {
        *self.set.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits, at most so long, for the request to stop; tells whether it came.
    pub fn wait(&self, at_most: Duration) -> bool {
        let until = Instant::now() + at_most;
        let mut set = self.set.lock().unwrap_or_else(PoisonError::into_inner);
        while !*set {
            let Some(left) = until.checked_duration_since(Instant::now()) else {
                break;
            };
            set = self
                .changed
                .wait_timeout(set, left)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
        }
        *set
    }

    /// An error if the work shall stop; for loops inside a handler.
    pub fn check(&self) -> Result<()> {
        if self.is_set() {
            Err(Error::new(Kind::Cancelled, "P0113"))
        } else {
            Ok(())
        }
    }
}

/// What the gate gives a handler.
pub struct Context<'a> {
    /// The run on whose behalf the call is made.
    pub run: &'a RunId,
    /// The number of the call in it.
    pub call: u64,
    /// What the plan has changed so far; empty in a live run.
    pub overlay: &'a mut Overlay,
    /// The store's blobs.
    pub blobs: &'a dyn Blobs,
    /// Set when the run shall end.
    pub stop: &'a Stop,
    /// What earlier attempts noted, oldest first.
    pub notes: &'a [Value],
    /// Asks a person in the middle of the work: which tape is mounted, whether to go on. The answer may come long after
    /// this process has ended: the error then says that nobody has answered yet, and is to be handed on at once, leaving
    /// the work as it is. When the run goes on, the call is probed, has to say `running` or `partial`, is performed again
    /// and asks again with the same key. Only `perform` can ask.
    pub ask: &'a dyn Fn(&str, &Question) -> Result<Value>,
    /// Makes a note durable: a job's or transaction's identifier that a probe needs.
    pub note: &'a mut dyn FnMut(Value) -> Result<()>,
    /// Tells how far the work is: done, of total, of what.
    pub progress: &'a dyn Fn(u64, Option<u64>, &Message),
}

impl Context<'_> {
    /// A key that is the same on every repetition of this call and differs from every other call's: to be handed on as
    /// Message-ID, job name, marker or name of a temporary file.
    pub fn key(&self) -> String {
        format!("{}/{}", self.run, self.call)
    }
}

/// An operation that may alter something.
pub trait Operation: Send + Sync + 'static {
    /// The arguments: a struct with the WIT function's parameter names (in kebab-case).
    type Args: DeserializeOwned + JsonSchema;
    /// The reply's type in the WIT; `()` for none.
    type Reply: Serialize + DeserializeOwned + JsonSchema;

    /// The resource the call is about, as the caller names it.
    fn resource(&self, args: &Self::Args) -> ResourceName;

    /// How much this call alters at most. A pure function of the arguments and the site's declarations.
    fn effect(&self, args: &Self::Args) -> Effect;

    /// Whether performing it twice is as good as once, so that no probe is needed.
    fn repeatable(&self) -> bool {
        false
    }

    /// What the resource's name stands for now (address, path, server identity). If it differs when a call in doubt is
    /// looked at, a person is asked.
    fn identity(&self, args: &Self::Args) -> Option<String>;

    /// What would change.
    fn plan(&self, context: &mut Context<'_>, args: &Self::Args) -> Result<Planned<Self::Reply>>;

    /// Does it. `change` is what `plan` said just before: where the world is no longer as `change.before` says, fail
    /// with [`Kind::Conflict`] and alter nothing. Where what became of it cannot be known now, because the machine that
    /// does it is out of reach, answer [`Error::in_doubt`]: every other error says that it came to nothing.
    fn perform(&self, context: &mut Context<'_>, args: &Self::Args, change: &Change) -> Result<Self::Reply>;

    /// What became of it.
    fn probe(
        &self,
        context: &mut Context<'_>,
        args: &Self::Args,
        change: &Change,
    ) -> Result<Probe<Self::Reply>>;

    /// How to reverse it. Compares the present state (with the plan's overlay) with `change.after`.
    fn undo(
        &self,
        context: &mut Context<'_>,
        args: &Self::Args,
        change: &Change,
        reply: &Self::Reply,
    ) -> Result<Undo>;
}

/// An operation that alters nothing: it can be repeated, and there is nothing to undo.
pub trait Reading: Send + Sync + 'static {
    /// The arguments: a struct with the WIT function's parameter names (in kebab-case).
    type Args: DeserializeOwned + JsonSchema;
    /// The reply's type in the WIT; `()` for none.
    type Reply: Serialize + DeserializeOwned + JsonSchema;

    /// The resource the call is about, as the caller names it.
    fn resource(&self, args: &Self::Args) -> ResourceName;

    /// The reply: live from the world; in a plan, counting in the overlay, or `Unforeseeable`.
    fn read(&self, context: &mut Context<'_>, args: &Self::Args) -> Result<Assumed<Self::Reply>>;
}

/// A function of the WIT with its handler.
pub struct Bound {
    /// The function's name in the WIT.
    pub function: &'static str,
    /// What answers.
    pub handler: Box<dyn Handler>,
}

impl Bound {
    /// Binds an operation that may alter something.
    pub fn operation(function: &'static str, operation: impl Operation) -> Self {
        Self {
            function,
            handler: Box::new(operation),
        }
    }

    /// Binds an operation that alters nothing.
    pub fn reading(function: &'static str, reading: impl Reading) -> Self {
        Self {
            function,
            handler: Box::new(ReadingHandler(reading)),
        }
    }
}

/// An operation with its types erased, as the gate calls it. Implemented for every [`Operation`].
pub trait Handler: Send + Sync {
    /// The JSON schema of the arguments, compared with the WIT at start-up.
    fn args_schema(&self) -> Value;
    /// The JSON schema of the reply, compared with the WIT at start-up.
    fn reply_schema(&self) -> Value;
    /// The resource the call is about.
    fn resource(&self, args: &Value) -> Result<ResourceName>;
    /// How much it alters at most.
    fn effect(&self, args: &Value) -> Result<Effect>;
    /// Whether performing twice is as good as once.
    fn repeatable(&self) -> bool;
    /// What the resource's name stands for now.
    fn identity(&self, args: &Value) -> Result<Option<String>>;
    /// What would change.
    fn plan(&self, context: &mut Context<'_>, args: &Value) -> Result<Planned<Value>>;
    /// Does it.
    fn perform(&self, context: &mut Context<'_>, args: &Value, change: &Change) -> Result<Value>;
    /// What became of it.
    fn probe(&self, context: &mut Context<'_>, args: &Value, change: &Change) -> Result<Probe<Value>>;
    /// How to reverse it.
    fn undo(&self, context: &mut Context<'_>, args: &Value, change: &Change, reply: &Value) -> Result<Undo>;
}

fn schema_of<T: JsonSchema>() -> Value {
    schemars::SchemaGenerator::default()
        .into_root_schema_for::<T>()
        .to_value()
}

fn typed<T: DeserializeOwned>(value: &Value) -> Result<T> {
    T::deserialize(value).map_err(|error| Error::new(Kind::Invalid, "P0114").with("reason", error))
}

fn untyped<T: Serialize>(value: T) -> Result<Value> {
    serde_json::to_value(value).map_err(|error| Error::new(Kind::Failed, "P0115").with("reason", error))
}

impl<O: Operation> Handler for O {
    fn args_schema(&self) -> Value {
        schema_of::<O::Args>()
    }
    fn reply_schema(&self) -> Value {
        schema_of::<O::Reply>()
    }
    fn resource(&self, args: &Value) -> Result<ResourceName> {
        Ok(Operation::resource(self, &typed(args)?))
    }
    fn effect(&self, args: &Value) -> Result<Effect> {
        Ok(Operation::effect(self, &typed(args)?))
    }
    fn repeatable(&self) -> bool {
        Operation::repeatable(self)
    }
    fn identity(&self, args: &Value) -> Result<Option<String>> {
        Ok(Operation::identity(self, &typed(args)?))
    }
    fn plan(&self, context: &mut Context<'_>, args: &Value) -> Result<Planned<Value>> {
        let planned = Operation::plan(self, context, &typed(args)?)?;
        Ok(Planned {
            reply: planned.reply.try_map(untyped)?,
            change: planned.change,
        })
    }
    fn perform(&self, context: &mut Context<'_>, args: &Value, change: &Change) -> Result<Value> {
        untyped(Operation::perform(self, context, &typed(args)?, change)?)
    }
    fn probe(&self, context: &mut Context<'_>, args: &Value, change: &Change) -> Result<Probe<Value>> {
        Ok(match Operation::probe(self, context, &typed(args)?, change)? {
            Probe::Applied(reply) => Probe::Applied(untyped(reply)?),
            Probe::Running => Probe::Running,
            Probe::Partial => Probe::Partial,
            Probe::NotApplied => Probe::NotApplied,
            Probe::Unknown(found) => Probe::Unknown(found),
        })
    }
    fn undo(&self, context: &mut Context<'_>, args: &Value, change: &Change, reply: &Value) -> Result<Undo> {
        Operation::undo(self, context, &typed(args)?, change, &typed(reply)?)
    }
}

struct ReadingHandler<R>(R);

impl<R: Reading> Handler for ReadingHandler<R> {
    fn args_schema(&self) -> Value {
        schema_of::<R::Args>()
    }
    fn reply_schema(&self) -> Value {
        schema_of::<R::Reply>()
    }
    fn resource(&self, args: &Value) -> Result<ResourceName> {
        Ok(self.0.resource(&typed(args)?))
    }
    fn effect(&self, _args: &Value) -> Result<Effect> {
        Ok(Effect::Read)
    }
    fn repeatable(&self) -> bool {
        true
    }
    fn identity(&self, _args: &Value) -> Result<Option<String>> {
        Ok(None)
    }
    fn plan(&self, context: &mut Context<'_>, args: &Value) -> Result<Planned<Value>> {
        let assumed = self.0.read(context, &typed(args)?)?;
        Ok(Planned::unchanged(assumed.try_map(untyped)?))
    }
    fn perform(&self, context: &mut Context<'_>, args: &Value, _change: &Change) -> Result<Value> {
        match self.plan(context, args)?.reply {
            Assumed::Real(reply) | Assumed::Overlaid(reply) => Ok(reply),
            Assumed::Unforeseeable(why) => Err(Error::new(Kind::Failed, "P0116").with("reason", why)),
        }
    }
    fn probe(&self, _context: &mut Context<'_>, _args: &Value, _change: &Change) -> Result<Probe<Value>> {
        Ok(Probe::NotApplied)
    }
    fn undo(
        &self,
        _context: &mut Context<'_>,
        _args: &Value,
        _change: &Change,
        _reply: &Value,
    ) -> Result<Undo> {
        Ok(Undo::Nothing)
    }
}
