//! The WASI 0.2 that guests in other languages expect of their surroundings: empty and deterministic.
//!
//! No arguments, environment, folders or network; what is printed goes to the host's debug log; the clock is the moment of
//! the run's last entry, and waiting for it takes no time; random bytes are a stream that the run's seed determines. So a
//! guest computes the same on every replay, and cannot wait where the host could not stop it.
//!
//! Functions are bound by name to whatever types the component gives them, so every 0.2 version serves. Those without an
//! answer here fail with their own `access-denied`, or end the guest if they cannot fail. What a function replies is
//! compared with its type by wasmtime at each call.
//!
//! Source: the WIT packages `wasi:cli`, `wasi:io`, `wasi:clocks`, `wasi:random`, `wasi:filesystem`, `wasi:sockets` at 0.2.

use crate::guest::State;
use crate::refusal::Breach;
use procedo_core::caller::Caller;
use procedo_interface::component::is_wasi;
use std::sync::Arc;
use wasmtime::component::types::{self, ComponentFunc, ComponentItem, Type};
use wasmtime::component::{Linker, Resource, ResourceAny, ResourceType, Val};
use wasmtime::{Engine, Result, StoreContextMut};

/// Behind every handle: none of them needs to be told from another.
struct Handle;

/// How much a guest may print at once, in bytes: each crosses as a value of its own.
const PRINT: u64 = 4096;

/// How many random bytes a guest may ask for at once, for the same reason.
const RANDOM: u64 = 64 << 10;

/// What a guest's own runtime sees of a run.
pub struct Context {
    random: blake3::OutputReader,
}

impl Context {
    /// Without a run (while procedures are listed) the seed is zero.
    pub fn new(caller: Option<&dyn Caller>) -> Self {
        let seed = caller.map_or([0; 32], Caller::seed);
        let random = blake3::Hasher::new_keyed(&seed)
            .update(b"wasi:random")
            .finalize_xof();
        Self { random }
    }

    fn random<const N: usize>(&mut self) -> [u8; N] {
        let mut bytes = [0; N];
        self.random.fill(&mut bytes);
        bytes
    }
}

/// The moment of the run's last entry in nanoseconds since 1970; without a run, 1970.
fn moment(state: &State) -> u64 {
    let milliseconds = state.caller().map_or(0, Caller::last_moment);
    u64::try_from(milliseconds).unwrap_or(0).saturating_mul(1_000_000)
}

/// A linker with the component's WASI imports added; none if it has none.
pub fn linked(
    linker: &Linker<State>,
    engine: &Engine,
    component: &types::Component,
) -> Result<Option<Linker<State>>> {
    let mut with_wasi: Option<Linker<State>> = None;
    for (import, found) in component.imports(engine) {
        if !is_wasi(import) {
            continue;
        }
        let ComponentItem::ComponentInstance(instance) = found.ty else {
            continue;
        };
        let linker = with_wasi.get_or_insert_with(|| linker.clone());
        let mut bound = linker.instance(import)?;
        let interface: Arc<str> = import
            .trim_start_matches("wasi:")
            .split('@')
            .next()
            .unwrap_or_default()
            .into();
        for (name, item) in instance.exports(engine) {
            match item.ty {
                ComponentItem::ComponentFunc(_) => {
                    let (interface, function) = (interface.clone(), name.to_owned());
                    bound.func_new(name, move |mut store, ty, params, results| {
                        let reply = answer(&mut store, &interface, &function, &ty, params);
                        // Borrowed handles must be given back before the function returns.
                        params.iter().try_for_each(|param| give_back(&mut store, param))?;
                        match (results, reply?) {
                            ([result], Some(reply)) => *result = reply,
                            ([], None) => {}
                            _ => return Err(Breach::Wasi(format!("{interface}#{function}")).into()),
                        }
                        Ok(())
                    })?;
                }
                ComponentItem::Resource(_) => {
                    bound.resource(name, ResourceType::host::<Handle>(), |_, _| Ok(()))?
                }
                _ => {}
            }
        }
    }
    Ok(with_wasi)
}

/// What a function replies.
fn answer(
    store: &mut StoreContextMut<'_, State>,
    interface: &str,
    function: &str,
    ty: &ComponentFunc,
    params: &[Val],
) -> Result<Option<Val>> {
    let empty = || Val::List(Vec::new());
    let none = || Val::Option(None);
    let done = || Val::Result(Ok(None));
    Ok(Some(match (interface, function) {
        ("cli/environment", "get-environment" | "get-arguments") => empty(),
        ("cli/environment", "initial-cwd") => none(),
        ("cli/exit", _) => return Err(Breach::Exit.into()),
        ("cli/stdin" | "cli/stdout" | "cli/stderr", _) => handle(store)?,
        ("cli/terminal-stdin" | "cli/terminal-stdout" | "cli/terminal-stderr", _) => none(),
        ("filesystem/preopens", "get-directories") => empty(),
        ("clocks/monotonic-clock", "now") => Val::U64(moment(store.data())),
        // The moment comes in milliseconds.
        ("clocks/monotonic-clock", "resolution") => Val::U64(1_000_000),
        ("clocks/monotonic-clock", "subscribe-instant" | "subscribe-duration") => handle(store)?,
        ("clocks/wall-clock", "now") => time(moment(store.data())),
        ("clocks/wall-clock", "resolution") => time(1_000_000),
        ("io/poll", "poll") => match params {
            [Val::List(pollables)] => Val::List(
                (0_u32..)
                    .zip(pollables)
                    .map(|(index, _)| Val::U32(index))
                    .collect(),
            ),
            _ => return Err(refused(interface, function)),
        },
        ("io/poll", "[method]pollable.ready") => Val::Bool(true),
        ("io/poll", "[method]pollable.block") => return Ok(None),
        ("io/error", "[method]error.to-debug-string") => Val::String(String::new()),
        ("io/streams", "[method]output-stream.check-write") => {
            Val::Result(Ok(Some(Box::new(Val::U64(PRINT)))))
        }
        ("io/streams", "[method]output-stream.write" | "[method]output-stream.blocking-write-and-flush") => {
            tell(params);
            done()
        }
        ("io/streams", "[method]output-stream.flush" | "[method]output-stream.blocking-flush") => done(),
        ("io/streams", "[method]output-stream.subscribe" | "[method]input-stream.subscribe") => {
            handle(store)?
        }
        ("io/streams", name) if name.starts_with("[method]input-stream.") => {
            Val::Result(Err(Some(Box::new(Val::Variant("closed".to_owned(), None)))))
        }
        ("random/random" | "random/insecure", "get-random-bytes" | "get-insecure-random-bytes") => {
            match params {
                [Val::U64(count)] if *count <= RANDOM => Val::List(
                    (0..*count)
                        .map(|_| Val::U8(u8::from_le_bytes(store.data_mut().wasi.random())))
                        .collect(),
                ),
                _ => return Err(refused(interface, function)),
            }
        }
        ("random/random" | "random/insecure", "get-random-u64" | "get-insecure-random-u64") => {
            Val::U64(u64::from_le_bytes(store.data_mut().wasi.random()))
        }
        ("random/insecure-seed", _) => {
            let mut half = || Val::U64(u64::from_le_bytes(store.data_mut().wasi.random()));
            Val::Tuple(vec![half(), half()])
        }
        _ => denied(ty).ok_or_else(|| refused(interface, function))?,
    }))
}

fn refused(interface: &str, function: &str) -> wasmtime::Error {
    Breach::Wasi(format!("wasi:{interface}#{function}")).into()
}

fn handle(store: &mut StoreContextMut<'_, State>) -> Result<Val> {
    let handle = ResourceAny::try_from_resource(Resource::<Handle>::new_own(0), store)?;
    Ok(Val::Resource(handle))
}

/// `datetime` of `wasi:clocks/wall-clock`.
fn time(nanoseconds: u64) -> Val {
    let within = u32::try_from(nanoseconds % 1_000_000_000).unwrap_or(0);
    Val::Record(vec![
        ("seconds".to_owned(), Val::U64(nanoseconds / 1_000_000_000)),
        ("nanoseconds".to_owned(), Val::U32(within)),
    ])
}

/// The error by which a function says that it is not allowed, if it can say so.
fn denied(ty: &ComponentFunc) -> Option<Val> {
    let Some(Type::Result(result)) = ty.results().next() else {
        return None;
    };
    let Some(Type::Enum(errors)) = result.err() else {
        return None;
    };
    let name = ["access-denied", "not-permitted", "access", "unsupported"]
        .into_iter()
        .find(|name| errors.names().any(|error| error == *name))?;
    Some(Val::Result(Err(Some(Box::new(Val::Enum(name.to_owned()))))))
}

/// What a guest prints, for whoever looks for a fault in it.
fn tell(params: &[Val]) {
    let [_, Val::List(bytes)] = params else { return };
    let bytes: Vec<u8> = bytes
        .iter()
        .filter_map(|val| {
            if let Val::U8(byte) = val {
                Some(*byte)
            } else {
                None
            }
        })
        .collect();
    tracing::debug!(target: "procedo_plugin::print", "{}", String::from_utf8_lossy(&bytes).trim_end());
}

fn give_back(store: &mut StoreContextMut<'_, State>, param: &Val) -> Result<()> {
    match param {
        Val::Resource(handle) => handle.resource_drop(&mut *store),
        Val::List(items) => items.iter().try_for_each(|item| give_back(store, item)),
        Val::Option(Some(inner)) => give_back(store, inner),
        _ => Ok(()),
    }
}
