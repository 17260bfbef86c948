//! What a guest costs: the gate on its way to the journal, and its start.

use crate::calls::tmpfs;
use crate::figure::{Bound, Figure, median, time};
use crate::noop;
use anyhow::{Context, Result, bail, ensure};
use procedo_core::caller::{Caller, Ended, Fault, Guest};
use procedo_core::effect::OperationName;
use procedo_core::manifest::Manifest;
use procedo_core::message::{Language, Message};
use procedo_core::value::{Digest, Value};
use procedo_engine::Progress;
use procedo_interface::Table;
use procedo_plugin::PluginHost;
use procedo_script::ScriptHost;
use procedo_store::Store;
use serde_json::json;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// The plugin of the benchmarks, where `cargo xtask bench` builds it: beside the folder of this program.
pub fn plugin() -> Result<PathBuf> {
    let program = std::env::current_exe()?;
    let target = program
        .parent()
        .and_then(Path::parent)
        .context("a program in no folder")?;
    let plugin = target.join("plugins/tests/counting.wasm");
    ensure!(
        plugin.is_file(),
        "{} is missing: `cargo xtask plugins` builds it",
        plugin.display()
    );
    Ok(plugin)
}

fn table() -> Result<Arc<Table>> {
    Ok(Arc::new(Table::of_host()?))
}

/// A guest whose calls are noted with the moment when they come to the gate.
struct Timed {
    guest: Arc<dyn Guest>,
    moments: Arc<Mutex<Vec<Instant>>>,
}

impl Guest for Timed {
    fn manifest(&self) -> &Manifest {
        self.guest.manifest()
    }
    fn pins(&self) -> Vec<(String, Digest)> {
        self.guest.pins()
    }
    fn run(&self, caller: Arc<dyn Caller>, params: &Value) -> Result<Value, Ended> {
        let moments = Arc::clone(&self.moments);
        self.guest.run(Arc::new(Noting { caller, moments }), params)
    }
}

struct Noting {
    caller: Arc<dyn Caller>,
    moments: Arc<Mutex<Vec<Instant>>>,
}

impl Caller for Noting {
    fn call(&self, operation: &OperationName, args: Value) -> Result<Value, Fault> {
        self.moments
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(Instant::now());
        self.caller.call(operation, args)
    }
    fn stopped(&self) -> bool {
        self.caller.stopped()
    }
    fn language(&self) -> Language {
        self.caller.language()
    }
    fn tell(&self, message: &Message) -> String {
        self.caller.tell(message)
    }
    fn last_moment(&self) -> i64 {
        self.caller.last_moment()
    }
    fn seed(&self) -> [u8; 32] {
        self.caller.seed()
    }
}

/// The whole way of a journaled read from a WASM guest and back, from one call to the next.
pub fn gate_from_wasm() -> Result<Vec<Figure>> {
    const CALLS: usize = 20_000;
    let dir = tmpfs()?;
    let host = PluginHost::new(table()?, dir.path().join("cache"));
    let guest = host
        .load(&plugin()?)?
        .pop()
        .context("the plugin has no procedure")?;
    let mut figures = Vec::new();
    for (call, what) in [("stat", "an operation"), ("now", "the engine itself")] {
        let moments = Arc::new(Mutex::new(Vec::with_capacity(CALLS)));
        let timed = Timed {
            guest: Arc::clone(&guest),
            moments: Arc::clone(&moments),
        };
        let store = noop::store(&dir.path().join(call))?;
        let engine = noop::engine_of(store as Arc<dyn Store>, Arc::new(timed))?;
        let (_, progress) = noop::run_with(&engine, json!({"call": call, "count": CALLS}))?;
        ensure!(
            matches!(progress, Progress::Succeeded(_)),
            "it should end: {progress:?}"
        );
        let moments = moments.lock().unwrap_or_else(PoisonError::into_inner);
        ensure!(moments.len() == CALLS, "{} calls came to the gate", moments.len());
        let between = moments.windows(2).map(|pair| pair[1] - pair[0]).collect();
        let micros = median(between).as_secs_f64() * 1e6;
        let what = format!("journaled read of {what} from WASM and back, median");
        figures.push(Figure::new(what, micros, "µs", Bound::AtMost(10.0)));
    }
    Ok(figures)
}

/// A gate that answers at once and journals nothing.
struct Answering;

impl Caller for Answering {
    fn call(&self, _: &OperationName, _: Value) -> Result<Value, Fault> {
        Ok(json!("2026-11-22T10:00:00.000Z"))
    }
    fn stopped(&self) -> bool {
        false
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

fn run_once(guest: &dyn Guest, params: &Value) -> Result<()> {
    match guest.run(Arc::new(Answering), params) {
        Ok(_) => Ok(()),
        Err(ended) => bail!("the guest should end well: {ended:?}"),
    }
}

/// A plugin whose code is in the cache, from its file to its first call, in a host that has not run any; and once more in an
/// instance of its own.
pub fn plugin_start() -> Result<Vec<Figure>> {
    let dir = tmpfs()?;
    let (table, plugin, cache) = (table()?, plugin()?, dir.path().join("cache"));
    let (one_call, no_call) = (
        json!({"call": "now", "count": 1}),
        json!({"call": "now", "count": 0}),
    );
    let first = || -> Result<Arc<dyn Guest>> {
        let host = PluginHost::new(Arc::clone(&table), &cache);
        let guest = host.load(&plugin)?.pop().context("the plugin has no procedure")?;
        run_once(&*guest, &one_call)?;
        Ok(guest)
    };
    // Compiles it into the cache.
    let guest = first()?;
    let starts = (0..31).map(|_| Ok(time(first)?.0)).collect::<Result<_>>()?;
    let instances = (0..1001)
        .map(|_| Ok(time(|| run_once(&*guest, &no_call))?.0))
        .collect::<Result<_>>()?;
    let start = median(starts).as_secs_f64() * 1e3;
    let instance = median(instances).as_secs_f64() * 1e6;
    Ok(vec![
        Figure::new(
            "cached plugin: load, instantiate, first call, in a new host",
            start,
            "ms",
            Bound::AtMost(2.0),
        ),
        Figure::new(
            "instantiate, with the call of `run` that does nothing",
            instance,
            "µs",
            Bound::AtMost(50.0),
        ),
    ])
}

/// A script of 200 lines, without its header, that does a bit of everything.
fn script() -> String {
    let mut text =
        "//! id = \"bench/script\"\n//! needs = []\n//! [parameters]\n//! [texts.en]\n//! title = \"T\"\n\
        //! summary = \"S\"\nlet total = 0;\n"
            .to_owned();
    for part in 0..33 {
        // Six lines each. Writing to a string does not fail.
        let _ = write!(
            text,
            "fn part_{part}(list, name) {{\n    let found = list.filter(|item| item.size > {part}).map(|item| item.path);\n    \
             if found.is_empty() {{ return `${{name}}: nothing`; }}\n    `${{name}}: ${{found.len()}}`\n}}\n\
             total += part_{part}([#{{ path: \"a\", size: {part} }}], \"x\").len();\n"
        );
    }
    text + "run::now();\n"
}

/// A script from its text to its first call, in a host that has not run any.
pub fn script_start() -> Result<Vec<Figure>> {
    let (table, text) = (table()?, script());
    let body = text.lines().filter(|line| !line.starts_with("//!")).count();
    ensure!(body == 200, "the script has {body} lines");
    let start = |host: &ScriptHost| -> Result<Duration> {
        Ok(time(|| run_once(&host.load_source("bench.rhai", &text)?, &json!({})))?.0)
    };
    let shared = ScriptHost::new(Arc::clone(&table));
    let warm = (0..101).map(|_| start(&shared)).collect::<Result<_>>()?;
    let cold = (0..31)
        .map(|_| Ok(time(|| start(&ScriptHost::new(Arc::clone(&table))))?.0))
        .collect::<Result<_>>()?;
    let millis = |times| median(times).as_secs_f64() * 1e3;
    Ok(vec![
        Figure::new(
            "script of 200 lines: compile and run",
            millis(warm),
            "ms",
            Bound::AtMost(2.0),
        ),
        Figure::new("the same in a new host", millis(cold), "ms", Bound::AtMost(2.0)),
    ])
}
