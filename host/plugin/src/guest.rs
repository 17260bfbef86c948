//! A run of a procedure in an instance of its own.

use crate::engine::{Admitted, Place};
use crate::host::Plugin;
use crate::limits::{Limits, PARTS, TABLE_ELEMENTS};
use crate::refusal::{self, Breach, Circumstances};
use crate::wasi;
use procedo_core::caller::{Caller, Ended, Guest};
use procedo_core::manifest::Manifest;
use procedo_core::message::{Language, Message};
use procedo_core::value::{Digest, Value};
use procedo_core::{Error, Kind};
use procedo_interface::component::{Host, Stopped};
use procedo_interface::table::Function;
use std::sync::Arc;
use std::time::Duration;
use wasmtime::component::{ComponentType, InstancePre, Lift};
use wasmtime::{ResourceLimiter, Result, Store, UpdateDeadline};

/// A procedure of a plugin.
pub struct Procedure {
    pub plugin: Arc<Plugin>,
    pub manifest: Manifest,
}

impl Guest for Procedure {
    fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    fn pins(&self) -> Vec<(String, Digest)> {
        self.plugin.pins()
    }

    fn run(&self, caller: Arc<dyn Caller>, params: &Value) -> std::result::Result<Value, Ended> {
        let replied = self
            .plugin
            .run(caller.clone(), &self.manifest.id, &params.to_string());
        // Sticky: whatever a guest makes of its last calls does not count.
        if caller.stopped() {
            return Err(Ended::Stopped);
        }
        match replied? {
            Ok(result) => serde_json::from_str(&result).map_err(|error| {
                let error = Error::new(Kind::Failed, "P0727")
                    .with("path", self.plugin.path())
                    .with("reason", error);
                Ended::Failed(error)
            }),
            Err(failure) => Err(Ended::Failed(self.failure(failure))),
        }
    }
}

impl Procedure {
    /// A failure told by a message of the procedure's catalogue, or in its own words.
    fn failure(&self, Failure { kind, code, message }: Failure) -> Error {
        let own = self
            .manifest
            .catalogues()
            .is_ok_and(|texts| texts.has(Language::En, &message.id));
        let message = match own {
            true => message
                .args
                .into_iter()
                .fold(Message::new(message.id), |told, (name, value)| {
                    told.with(&name, value)
                }),
            false => Message::literal(message.id),
        };
        Error {
            kind: kind.into(),
            code,
            message,
        }
    }
}

/// `failure` of the WIT.
#[derive(ComponentType, Lift)]
#[component(record)]
pub struct Failure {
    kind: FailureKind,
    code: String,
    message: Text,
}

#[derive(ComponentType, Lift)]
#[component(record)]
pub struct Text {
    id: String,
    args: Vec<(String, String)>,
}

#[derive(Clone, Copy, ComponentType, Lift)]
#[component(enum)]
#[repr(u8)]
pub enum FailureKind {
    #[component(name = "denied")]
    Denied,
    #[component(name = "invalid")]
    Invalid,
    #[component(name = "not-found")]
    NotFound,
    #[component(name = "conflict")]
    Conflict,
    #[component(name = "too-large")]
    TooLarge,
    #[component(name = "unavailable")]
    Unavailable,
    #[component(name = "timed-out")]
    TimedOut,
    #[component(name = "failed")]
    Failed,
    #[component(name = "not-supported")]
    NotSupported,
    #[component(name = "cancelled")]
    Cancelled,
}

impl From<FailureKind> for Kind {
    fn from(kind: FailureKind) -> Self {
        match kind {
            FailureKind::Denied => Self::Denied,
            FailureKind::Invalid => Self::Invalid,
            FailureKind::NotFound => Self::NotFound,
            FailureKind::Conflict => Self::Conflict,
            FailureKind::TooLarge => Self::TooLarge,
            FailureKind::Unavailable => Self::Unavailable,
            FailureKind::TimedOut => Self::TimedOut,
            FailureKind::Failed => Self::Failed,
            FailureKind::NotSupported => Self::NotSupported,
            FailureKind::Cancelled => Self::Cancelled,
        }
    }
}

/// What the store of an instance holds.
pub struct State {
    /// The way to the gate; absent where there is none: while procedures are listed.
    caller: Option<Arc<dyn Caller>>,
    /// Whether it may call: not before it is asked to run, so that making an instance has no effect and can be tried again.
    running: bool,
    limits: Limits,
    calls: u64,
    /// The thread's processor time at the first tick since the guest went on.
    since: Option<Duration>,
    growth: Growth,
    pub wasi: wasi::Context,
}

/// What an instance may grow to.
struct Growth {
    memory: usize,
    limit: usize,
    starved: bool,
}

impl State {
    fn new(caller: Option<Arc<dyn Caller>>, limits: &Limits) -> Self {
        Self {
            wasi: wasi::Context::new(caller.as_deref()),
            caller,
            running: false,
            calls: 0,
            since: None,
            growth: Growth {
                memory: 0,
                limit: limits.memory,
                starved: false,
            },
            limits: limits.clone(),
        }
    }

    /// The way to the gate, if there is a run.
    pub fn caller(&self) -> Option<&dyn Caller> {
        self.caller.as_deref()
    }

    /// Looks at the guest in the middle of its computing: whether it goes on.
    fn tick(&mut self) -> Result<UpdateDeadline> {
        if self.caller.as_ref().is_some_and(|caller| caller.stopped()) {
            return Err(Stopped.into());
        }
        let now = processor_time();
        let since = *self.since.get_or_insert(now);
        if now.saturating_sub(since) > self.limits.compute {
            return Err(Breach::Compute.into());
        }
        Ok(UpdateDeadline::Continue(1))
    }
}

/// The processor time that this thread has used.
fn processor_time() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::new(
        time.tv_sec.try_into().unwrap_or(0),
        time.tv_nsec.try_into().unwrap_or(0),
    )
}

impl Host for State {
    fn enter(&mut self, function: &Function) -> Result<Arc<dyn Caller>> {
        let caller = match &self.caller {
            Some(caller) if self.running => caller.clone(),
            _ => return Err(Breach::Early(function.operation().to_string()).into()),
        };
        if caller.stopped() {
            return Err(Stopped.into());
        }
        self.calls += 1;
        if self.calls > self.limits.calls {
            return Err(Breach::Calls.into());
        }
        Ok(caller)
    }

    fn leave(&mut self) {
        self.since = None;
    }
}

impl ResourceLimiter for Growth {
    fn memory_growing(&mut self, current: usize, desired: usize, maximum: Option<usize>) -> Result<bool> {
        let total = self.memory.saturating_sub(current).saturating_add(desired);
        if total > self.limit {
            self.starved = true;
            return Ok(false);
        }
        if maximum.is_none_or(|maximum| desired <= maximum) {
            self.memory = total;
        }
        Ok(true)
    }

    fn table_growing(&mut self, _current: usize, desired: usize, _maximum: Option<usize>) -> Result<bool> {
        Ok(desired <= TABLE_ELEMENTS)
    }

    fn instances(&self) -> usize {
        PARTS
    }

    fn tables(&self) -> usize {
        PARTS
    }

    fn memories(&self) -> usize {
        PARTS
    }
}

/// An instance that could not be made.
pub struct Unmade {
    /// The right to live, for another try.
    pub admitted: Admitted,
    /// What wasmtime says.
    pub error: wasmtime::Error,
    /// Whether it was refused memory.
    pub starved: bool,
}

/// An instance with its store, and the right to live.
pub struct Living {
    pub store: Store<State>,
    pub instance: wasmtime::component::Instance,
    _admitted: Admitted,
}

impl Living {
    /// Makes an instance. Guest code may run (a module's start function), and cannot call the host.
    pub fn make(
        pre: &InstancePre<State>,
        place: &Place,
        admitted: Admitted,
        caller: Option<Arc<dyn Caller>>,
        limits: &Limits,
    ) -> std::result::Result<Self, Unmade> {
        let mut store = Store::new(&place.engine, State::new(caller, limits));
        store.limiter(|state| &mut state.growth);
        store.set_hostcall_fuel(limits.bytes);
        store.epoch_deadline_callback(|mut context| context.data_mut().tick());
        store.set_epoch_deadline(1);
        match pre.instantiate(&mut store) {
            Ok(instance) => Ok(Self {
                store,
                instance,
                _admitted: admitted,
            }),
            Err(error) => Err(Unmade {
                admitted,
                error,
                starved: store.data().growth.starved,
            }),
        }
    }

    /// Asks it to run a procedure.
    pub fn run(
        &mut self,
        id: &str,
        params: &str,
        path: &str,
    ) -> std::result::Result<std::result::Result<String, Failure>, Ended> {
        let state = self.store.data_mut();
        state.running = true;
        state.since = None;
        let run = self
            .instance
            .get_typed_func::<(&str, &str), (std::result::Result<String, Failure>,)>(&mut self.store, "run")
            .map_err(|error| Ended::Failed(refusal::not_exported(path, "run", &error)))?;
        match run.call(&mut self.store, (id, params)) {
            Ok((replied,)) => Ok(replied),
            Err(error) => Err(self.ended(&error, path)),
        }
    }

    /// Why it ended.
    pub fn ended(&self, error: &wasmtime::Error, path: &str) -> Ended {
        tracing::debug!(path, ?error, "a guest ended by an error");
        let state = self.store.data();
        refusal::ended(
            error,
            &Circumstances {
                path,
                limits: &state.limits,
                starved: state.growth.starved,
                made: true,
            },
        )
    }
}
