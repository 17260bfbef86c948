//! A script, loaded and ready to run.

use crate::fault::{self, Sources};
use crate::growth::Growing;
use crate::helpers::end_at_limit;
use crate::host::{PARAMS, ScriptHost};
use crate::imports::{Modules, Resolver};
use crate::place::Spot;
use procedo_core::caller::{Caller, Ended, Fault, Guest};
use procedo_core::effect::OperationName;
use procedo_core::manifest::Manifest;
use procedo_core::value::{Digest, Value};
use procedo_core::{Error, Kind};
use procedo_interface::dynamic::{Place, plain_dynamic, plain_value};
use procedo_interface::rhai::Link;
use rhai::{AST, Dynamic, Engine, EvalAltResult, Map, Scope};
use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// How many operations pass between two looks at whether the run shall end: a few microseconds.
const LOOK_EVERY: u64 = 64;

/// A script with its manifest and all that it imports. Any number of runs may use it at once.
pub struct Script {
    host: ScriptHost,
    manifest: Manifest,
    ast: AST,
    modules: Arc<Modules>,
    sources: Sources,
    growing: Arc<Growing>,
}

impl Script {
    pub(crate) fn new(
        host: ScriptHost,
        manifest: Manifest,
        ast: AST,
        modules: Modules,
        sources: Sources,
    ) -> procedo_core::Result<Self> {
        let mut growing = Growing::default();
        growing.add(&ast, sources.main())?;
        for (name, module) in &modules {
            growing.add(module, sources.find(name))?;
        }
        Ok(Self {
            host,
            manifest,
            ast,
            modules: Arc::new(modules),
            sources,
            growing: Arc::new(growing),
        })
    }

    pub(crate) fn sources(&self) -> &Sources {
        &self.sources
    }

    pub(crate) fn host(&self) -> &ScriptHost {
        &self.host
    }

    /// The script's file and its modules, compiled, with their names.
    pub(crate) fn files(&self) -> impl Iterator<Item = (&str, &AST)> {
        let main = (self.sources.main().name.as_str(), &self.ast);
        std::iter::once(main).chain(self.modules.iter().map(|(name, ast)| (name.as_str(), ast)))
    }

    fn evaluate(&self, caller: Arc<dyn Caller>, params: &Value) -> Result<Value, Ended> {
        let link = Link::new(caller);
        let engine = self.engine_for(&link, params);
        let result = engine.eval_ast_with_scope::<Dynamic>(&mut Scope::new(), &self.ast);
        // Whatever the script made of it: a run that was stopped is stopped, and one over a limit has failed.
        if link.caller().stopped() {
            return Err(Ended::Stopped);
        }
        if let Err(error) = &result {
            end_at_limit(&link, error);
        }
        if let Some(reason) = link.ended() {
            return Err(Ended::Failed(
                self.placed(reason, result.as_ref().err().map(|error| &**error)),
            ));
        }
        match result {
            Ok(value) => plain_value(&value, &Place::argument("return", "result")).map_err(|error| {
                let value = error.message.args.get("value").cloned().unwrap_or_default();
                let part = error.message.args.get("argument").cloned().unwrap_or_default();
                let file = &self.sources.main().name;
                let error = Error::new(Kind::Invalid, "P0631")
                    .with("file", file)
                    .with("value", value)
                    .with("part", part);
                Ended::Failed(error)
            }),
            Err(error) if matches!(error.unwrap_inner(), EvalAltResult::ErrorTerminated(..)) => {
                Err(Ended::Stopped)
            }
            Err(error) => Err(Ended::Failed(fault::of_run(&error, &self.sources))),
        }
    }

    /// A reason to end the script with file, line and excerpt, as far as they are known.
    fn placed(&self, reason: Error, error: Option<&EvalAltResult>) -> Error {
        if let Some(error) = error.filter(|error| fault::limit_of(error).is_some()) {
            return fault::of_run(error, &self.sources);
        }
        let number = |name: &str| reason.message.args.get(name).and_then(|text| text.parse().ok());
        let spot = match (number("line"), number("column"), error) {
            (Some(line), Some(column), _) => Spot { line, column },
            (_, _, Some(error)) => Spot::from(error.position()),
            _ => Spot::default(),
        };
        let mut placed = self.sources.main().error(reason.kind, &reason.code, spot);
        for (name, value) in &reason.message.args {
            placed = placed.with(name, value);
        }
        placed
    }

    #[allow(deprecated)] // `on_var` is not deprecated, says Rhai, but it may change
    fn engine_for(&self, link: &Link, params: &Value) -> Engine {
        let mut engine = self.host.engine();
        let params = self.params(params);
        // A variable of that name in the script's own scope comes first. In a scope of the host functions would not see it,
        // and a global constant could not be captured by closures.
        let (growing, ending) = (Arc::clone(&self.growing), link.clone());
        engine.on_var(move |name, index, context| {
            growing
                .measure(name, &context)
                .inspect_err(|error| end_at_limit(&ending, error))?;
            let ours = name == PARAMS && index == 0 && !context.scope().contains(PARAMS);
            Ok(ours.then(|| params.clone()))
        });
        engine.set_module_resolver(Resolver::new(Arc::clone(&self.modules)));
        engine.set_default_tag(Dynamic::from(link.clone()));
        let (info, debug) = (link.clone(), link.clone());
        engine.on_print(move |text| log(&info, "info", text));
        engine.on_debug(move |text, _, _| log(&debug, "debug", text));
        let operations = AtomicU64::new(0);
        let (limit, computing) = (self.host.limits().operations, self.host.limits().computing);
        let link = link.clone();
        // Rhai's own counter could be escaped: an error of its limit can be caught around a closure.
        engine.on_progress(move |_| {
            let count = operations.fetch_add(1, Ordering::Relaxed) + 1;
            if count > limit && !link.is_unwinding() {
                link.end(Error::new(Kind::TooLarge, "P0621").with("limit", limit));
            }
            let look = count.is_multiple_of(LOOK_EVERY);
            if look && !link.is_unwinding() && link.computing() > computing {
                link.end(Error::new(Kind::TimedOut, "P0625").with("seconds", computing.as_secs()));
            }
            let unwind = link.is_unwinding() || (look && link.caller().stopped());
            unwind.then_some(Dynamic::UNIT)
        });
        engine
    }

    /// The parameters as the script sees them. One that is absent is its default, or `()`: a script can ask for each that its
    /// schema names.
    fn params(&self, params: &Value) -> Dynamic {
        let mut map = plain_dynamic(params).try_cast::<Map>().unwrap_or_default();
        let properties = self
            .manifest
            .parameters
            .get("properties")
            .and_then(Value::as_object);
        for (name, schema) in properties.into_iter().flatten() {
            let absent = || plain_dynamic(schema.get("default").unwrap_or(&Value::Null));
            map.entry(name.as_str().into()).or_insert_with(absent);
        }
        map.into()
    }
}

/// `print` and `debug` write to the run's record.
fn log(link: &Link, level: &str, text: &str) {
    if link.must_unwind() {
        return;
    }
    let args = json!({"level": level, "message": {"id": text, "args": []}});
    if let Err(Fault::Error(error)) = link.caller().call(&OperationName::new("run", "log"), args) {
        // They cannot throw; and a line that cannot be written must not be lost unseen.
        link.end(error);
    }
}

impl Guest for Script {
    fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    fn pins(&self) -> Vec<(String, Digest)> {
        let main = &self.sources.main().name;
        let of_file = |source: &crate::place::Source| {
            let what = if source.name == *main { "script" } else { "module" };
            (
                format!("{what} {}", source.name),
                Digest::of(source.text.as_bytes()),
            )
        };
        let table = self.host.table();
        let interface = format!("{}@{}", table.package, table.version);
        let mut pins: Vec<_> = self.sources.iter().map(of_file).collect();
        pins.push(("interface".to_owned(), Digest::of(interface.as_bytes())));
        pins.push(("limits".to_owned(), self.host.limits().digest()));
        pins
    }

    fn run(&self, caller: Arc<dyn Caller>, params: &Value) -> Result<Value, Ended> {
        // A thread of its own for its stack: the limits allow values that take more than a thread usually has to copy,
        // compare or drop.
        std::thread::scope(|scope| {
            let thread = std::thread::Builder::new()
                .name("script".to_owned())
                .stack_size(self.host.limits().stack);
            match thread.spawn_scoped(scope, || self.evaluate(caller, params)) {
                Ok(running) => running
                    .join()
                    .unwrap_or_else(|panic| std::panic::resume_unwind(panic)),
                Err(error) => Err(Ended::Failed(
                    Error::new(Kind::Unavailable, "P0632").with("reason", error),
                )),
            }
        })
    }
}
