//! wasmtime, configured once for the whole process, and the clock that interrupts guests.

use crate::guest::State;
use crate::limits::{ALIVE, POOL, STACK, TABLE_ELEMENTS, TICK};
use procedo_core::caller::Caller;
use procedo_interface::Table;
use procedo_interface::component::{Stopped, link};
use std::hash::{Hash, Hasher};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;
use wasmtime::component::Linker;
use wasmtime::{Config, Engine, InstanceAllocationStrategy, PoolingAllocationConfig, Result};

/// An engine with the table bound to it.
pub struct Place {
    pub engine: Engine,
    pub linker: Linker<State>,
}

/// Where guests live: in memories kept ready, and beside them where those do not suffice or a component does not fit.
pub struct Engines {
    /// Absent where the system does not give the addresses that the pool reserves.
    pub pooled: Option<Place>,
    pub plain: Place,
    clock: Clock,
    alive: Arc<Alive>,
}

impl Engines {
    pub fn new(table: &Table) -> Result<Self> {
        let pooled = match Engine::new(config().allocation_strategy(pool())) {
            Ok(engine) => Some(Place::new(engine, table)?),
            Err(error) => {
                tracing::info!(%error, "no pool of instances; memory is made for each");
                None
            }
        };
        let plain = Place::new(Engine::new(&config())?, table)?;
        let engines = pooled
            .iter()
            .chain([&plain])
            .map(|place| place.engine.clone())
            .collect();
        Ok(Self {
            pooled,
            plain,
            clock: Clock::new(engines),
            alive: Alive::new(ALIVE),
        })
    }

    /// Names the code that the engines make: another host version, configuration or machine has another name. Both engines
    /// take the same code, since they differ only in where memory comes from.
    pub fn code_name(&self) -> String {
        let mut hasher = Digesting(blake3::Hasher::new());
        self.plain
            .engine
            .precompile_compatibility_hash()
            .hash(&mut hasher);
        hasher.0.finalize().to_hex()[..16].to_owned()
    }

    /// Waits until another guest may live, and keeps the clock going while it does.
    pub fn admit(&self, caller: Option<&dyn Caller>) -> Result<Admitted> {
        let alive = Alive::enter(&self.alive, caller)?;
        Ok(Admitted {
            _alive: alive,
            _ticking: self.clock.tick()?,
        })
    }
}

impl Place {
    fn new(engine: Engine, table: &Table) -> Result<Self> {
        let mut linker = Linker::new(&engine);
        link(&mut linker, table)?;
        Ok(Self { engine, linker })
    }
}

/// The one configuration. What it leaves out is off by the features the crate is built with: threads, garbage collection,
/// async.
fn config() -> Config {
    let mut config = Config::new();
    config
        // No guest calls us concurrently; off, a call costs half.
        .concurrency_support(false)
        // Stops a guest that computes for ever, or whose run is cancelled.
        .epoch_interruption(true)
        .max_wasm_stack(STACK)
        // A replay must compute what the first run computed, on every machine.
        .cranelift_nan_canonicalization(true)
        .relaxed_simd_deterministic(true)
        // Maps from machine code to the guest's source, which nobody reads: a sixth of a compiled plugin.
        .generate_address_map(false)
        .native_unwind_info(false);
    config
}

fn pool() -> InstanceAllocationStrategy {
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(POOL)
        .total_memories(POOL)
        // A component of one module has two more instances (and one more table) that tie its imports.
        .total_core_instances(POOL * 3)
        .total_tables(POOL * 2)
        .table_elements(TABLE_ELEMENTS)
        // The largest a memory of 32 bits can be: how much of it a guest may use is the limiter's to say.
        .max_memory_size(1 << 32)
        // A guest of ours touches about 1.2 MiB; keeping some of it saves page faults of the next.
        .linear_memory_keep_resident(256 << 10)
        .table_keep_resident(4 << 10);
    InstanceAllocationStrategy::Pooling(pool)
}

struct Digesting(blake3::Hasher);

impl Hasher for Digesting {
    fn write(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }
    fn finish(&self) -> u64 {
        // `code_name` takes the whole digest instead.
        0
    }
}

/// A guest that may live, until it is dropped.
pub struct Admitted {
    _alive: Living,
    _ticking: Ticking,
}

/// How many guests live, and how many may.
struct Alive {
    limit: usize,
    count: Mutex<usize>,
    freed: Condvar,
}

struct Living(Arc<Alive>);

impl Alive {
    fn new(limit: usize) -> Arc<Self> {
        Arc::new(Self {
            limit,
            count: Mutex::default(),
            freed: Condvar::new(),
        })
    }

    fn enter(this: &Arc<Self>, caller: Option<&dyn Caller>) -> Result<Living> {
        let mut count = this.count.lock().unwrap_or_else(PoisonError::into_inner);
        while *count >= this.limit {
            if caller.is_some_and(Caller::stopped) {
                return Err(Stopped.into());
            }
            // Looks up now and then, since a request to stop does not wake us.
            count = this
                .freed
                .wait_timeout(count, TICK * 20)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
        }
        *count += 1;
        Ok(Living(this.clone()))
    }
}

impl Drop for Living {
    fn drop(&mut self) {
        *self.0.count.lock().unwrap_or_else(PoisonError::into_inner) -= 1;
        self.0.freed.notify_one();
    }
}

/// Moves the engines' epochs on while guests live. Its thread starts with the first guest.
struct Clock {
    face: Arc<Face>,
    engines: Vec<Engine>,
}

#[derive(Default)]
struct Face {
    state: Mutex<Ticks>,
    changed: Condvar,
}

#[derive(Default)]
struct Ticks {
    guests: usize,
    started: bool,
    closed: bool,
}

struct Ticking(Arc<Face>);

impl Clock {
    fn new(engines: Vec<Engine>) -> Self {
        Self {
            face: Arc::default(),
            engines,
        }
    }

    fn tick(&self) -> std::io::Result<Ticking> {
        let mut state = self.face.state.lock().unwrap_or_else(PoisonError::into_inner);
        if !state.started {
            let (face, engines) = (self.face.clone(), self.engines.clone());
            thread::Builder::new()
                .name("plugin-clock".to_owned())
                .spawn(move || face.run(&engines))?;
            state.started = true;
        } else if state.guests == 0 {
            self.face.changed.notify_one();
        }
        state.guests += 1;
        Ok(Ticking(self.face.clone()))
    }
}

impl Face {
    fn run(&self, engines: &[Engine]) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        while !state.closed {
            state = if state.guests == 0 {
                self.changed.wait(state).unwrap_or_else(PoisonError::into_inner)
            } else {
                self.changed
                    .wait_timeout(state, TICK)
                    .unwrap_or_else(PoisonError::into_inner)
                    .0
            };
            engines.iter().for_each(Engine::increment_epoch);
        }
    }
}

impl Drop for Ticking {
    fn drop(&mut self) {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner).guests -= 1;
    }
}

impl Drop for Clock {
    fn drop(&mut self) {
        self.face
            .state
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .closed = true;
        self.face.changed.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use procedo_core::caller::Fault;
    use procedo_core::effect::OperationName;
    use procedo_core::message::{Language, Message};
    use procedo_core::value::Value;

    /// A run that was cancelled.
    struct Cancelled;

    impl Caller for Cancelled {
        fn call(&self, _: &OperationName, _: Value) -> std::result::Result<Value, Fault> {
            Err(Fault::Stop)
        }
        fn stopped(&self) -> bool {
            true
        }
        fn language(&self) -> Language {
            Language::En
        }
        fn tell(&self, message: &Message) -> String {
            message.to_string()
        }
        fn last_moment(&self) -> i64 {
            0
        }
        fn seed(&self) -> [u8; 32] {
            [0; 32]
        }
    }

    #[test]
    fn a_guest_too_many_waits_until_another_ends() {
        let alive = Alive::new(1);
        let first = Alive::enter(&alive, None).expect("there is room");
        let second = thread::spawn({
            let alive = alive.clone();
            move || Alive::enter(&alive, None).is_ok()
        });
        assert_eq!(*alive.count.lock().expect("not poisoned"), 1);
        drop(first);
        assert!(second.join().expect("no panic"));
        assert_eq!(*alive.count.lock().expect("not poisoned"), 0);
    }

    #[test]
    fn a_cancelled_run_does_not_wait_for_room() {
        let alive = Alive::new(1);
        let _first = Alive::enter(&alive, None).expect("there is room");
        let refused = Alive::enter(&alive, Some(&Cancelled))
            .err()
            .expect("there is no room");
        assert!(refused.is::<Stopped>());
    }

    #[test]
    fn code_of_one_engine_is_that_of_the_other_and_of_a_later_process() {
        let table = Table::of_host().expect("our own table");
        let engines = Engines::new(&table).expect("engines");
        let later = Engines::new(&table).expect("engines");
        assert_eq!(engines.code_name(), later.code_name());
        let pooled = engines
            .pooled
            .as_ref()
            .expect("this machine has addresses enough");
        let mut of_pool = Digesting(blake3::Hasher::new());
        pooled.engine.precompile_compatibility_hash().hash(&mut of_pool);
        assert_eq!(engines.code_name(), of_pool.0.finalize().to_hex()[..16]);
    }
}
