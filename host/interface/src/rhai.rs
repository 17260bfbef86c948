//! The functions of the table as Rhai modules, one per interface: `files::read("web", "index.htm")`.
//!
//! A script may give the arguments in order, leaving out trailing options, or one map of named arguments:
//! `files::read(#{root: "web", path: "index.htm"})`. An error of a call is thrown as a map of `kind`, `code` and `message`.
//!
//! The modules are made once and shared. What belongs to one run, its [`Link`], travels as the tag of the engine.

use crate::dynamic::{Place, to_dynamic, to_value};
use crate::table::{Function, Table, script_name};
use crate::types::Type;
use procedo_core::caller::{Caller, Fault};
use procedo_core::effect::OperationName;
use procedo_core::value::Value;
use procedo_core::{Error, Kind};
use rhai::{
    Dynamic, EvalAltResult, FuncRegistration, INT, Map, Module, NativeCallContext, Position, RhaiFunc, Shared,
};
use std::any::TypeId;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// What a function that a script calls answers.
pub type ScriptResult = Result<Dynamic, Box<EvalAltResult>>;

/// How the functions of a script reach its run: the tag of the engine.
#[derive(Clone)]
pub struct Link(Arc<State>);

struct State {
    caller: Arc<dyn Caller>,
    /// Set with `ended`; a flag of its own because it is read at every operation of the script.
    unwinding: AtomicBool,
    ended: Mutex<Option<Error>>,
    began: Instant,
    /// When the latest call returned, in milliseconds after `began`.
    called: AtomicU64,
}

impl Link {
    /// A link to a run.
    pub fn new(caller: Arc<dyn Caller>) -> Self {
        Self(Arc::new(State {
            caller,
            unwinding: AtomicBool::new(false),
            ended: Mutex::new(None),
            began: Instant::now(),
            called: AtomicU64::new(0),
        }))
    }

    /// The run's side of the gate.
    pub fn caller(&self) -> &dyn Caller {
        &*self.0.caller
    }

    /// Ends the script for breaking a limit, whatever it catches. The first reason stays.
    pub fn end(&self, reason: Error) {
        self.0
            .ended
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get_or_insert(reason);
        self.0.unwinding.store(true, Ordering::Release);
    }

    /// Why the script was ended, if it was.
    pub fn ended(&self) -> Option<Error> {
        self.0
            .ended
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Whether the script was ended, or the gate was seen to say stop. Cheap enough to ask at every operation.
    pub fn is_unwinding(&self) -> bool {
        self.0.unwinding.load(Ordering::Acquire)
    }

    /// Whether the script must unwind: the gate says so, or it was ended.
    pub fn must_unwind(&self) -> bool {
        self.is_unwinding() || self.caller().stopped()
    }

    /// How long ago the latest call returned, or the script began: what it computes meanwhile.
    pub fn computing(&self) -> Duration {
        self.0
            .began
            .elapsed()
            .saturating_sub(Duration::from_millis(self.0.called.load(Ordering::Relaxed)))
    }

    /// Makes a call for a script; errors become what Rhai throws.
    pub fn call(
        &self,
        operation: &OperationName,
        args: Value,
        context: &NativeCallContext,
    ) -> Result<Value, Box<EvalAltResult>> {
        let position = context.call_position();
        if self.must_unwind() {
            return Err(unwind(position));
        }
        let answer = self.caller().call(operation, args);
        let elapsed = u64::try_from(self.0.began.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.0.called.store(elapsed, Ordering::Relaxed);
        // Whatever the answer: once the run is stopped it does not count.
        if self.must_unwind() {
            return Err(unwind(position));
        }
        match answer {
            Ok(reply) => Ok(reply),
            Err(Fault::Error(error)) => Err(self.thrown(&error, context)),
            Err(Fault::Stop) => {
                // The gate stays stopped by its own word; should it ever not, the script must still not go on.
                self.0.unwinding.store(true, Ordering::Release);
                Err(unwind(position))
            }
        }
    }

    /// An error as scripts catch it. It tells where it was thrown first, in the words that Rhai has for its own errors:
    /// whoever throws it again throws it from there.
    pub fn thrown(&self, error: &Error, context: &NativeCallContext) -> Box<EvalAltResult> {
        let position = context.call_position();
        let number = |number: Option<usize>| INT::try_from(number.unwrap_or(0)).unwrap_or(0);
        let map = Map::from([
            ("kind".into(), error.kind.name().into()),
            ("code".into(), error.code.clone().into()),
            ("message".into(), self.caller().tell(&error.message).into()),
            ("source".into(), context.call_source().unwrap_or_default().into()),
            ("line".into(), number(position.line()).into()),
            ("position".into(), number(position.position()).into()),
        ]);
        EvalAltResult::ErrorRuntime(map.into(), position).into()
    }

    /// The link of the run on whose behalf a function is called.
    pub fn of(context: &NativeCallContext) -> Result<Self, Box<EvalAltResult>> {
        let link = context
            .tag()
            .and_then(|tag| tag.read_lock::<Self>().map(|link| link.clone()));
        // An engine without a run evaluates nothing that calls the gate; should it, the script must not go on.
        link.ok_or_else(|| unwind(context.call_position()))
    }
}

/// What unwinds a script; `try` cannot catch it.
pub fn unwind(position: Position) -> Box<EvalAltResult> {
    EvalAltResult::ErrorTerminated(Dynamic::UNIT, position).into()
}

/// One module per interface of the table, by the name that scripts use.
pub fn modules(table: &Table) -> Vec<(String, Shared<Module>)> {
    let module_of = |name: &String| {
        let mut module = Module::new();
        for function in table.of(name) {
            register(&mut module, function);
        }
        module.build_index();
        (script_name(name), Shared::new(module))
    };
    table
        .interfaces
        .iter()
        .map(|interface| module_of(&interface.name))
        .collect()
}

/// Registers a function for every number of arguments, also for one too many: so the error that a script gets for a wrong
/// number is ours, which says what the function takes.
fn register(module: &mut Module, function: &Function) {
    let function = Arc::new(function.clone());
    for count in 0..=function.params.len() + 1 {
        let function = Arc::clone(&function);
        let name = function.script_name();
        let func = move |context: Option<NativeCallContext>, args: &mut [&mut Dynamic]| {
            let context = context.ok_or_else(|| unwind(Position::NONE))?;
            call(&function, &context, args)
        };
        FuncRegistration::new(name).set_into_module_raw(
            module,
            vec![TypeId::of::<Dynamic>(); count],
            // Volatile: the optimiser must never call it.
            RhaiFunc::Pure {
                func: Shared::new(func),
                has_context: true,
                is_pure: true,
                is_volatile: true,
            },
        );
    }
}

fn call(function: &Function, context: &NativeCallContext, args: &[&mut Dynamic]) -> ScriptResult {
    let link = Link::of(context)?;
    let args = arguments(function, args).map_err(|error| link.thrown(&error, context))?;
    let reply = link.call(&function.operation(), args, context)?;
    match &function.reply {
        None => Ok(Dynamic::UNIT),
        Some(ty) => to_dynamic(&reply, ty, function).map_err(|error| link.thrown(&error, context)),
    }
}

/// The arguments of a call as an object named as in the WIT.
///
/// # Errors
/// `P0816` for a wrong number of arguments, else those of [`to_value`].
pub fn arguments(function: &Function, args: &[&mut Dynamic]) -> procedo_core::Result<Value> {
    let name = format!(
        "{}::{}",
        script_name(&function.capability),
        function.script_name()
    );
    let mut object = serde_json::Map::new();
    let mut insert = |param: &str, ty: &Type, value: &Dynamic| {
        let value = to_value(value, ty, &Place::argument(&name, param))?;
        if !value.is_null() {
            object.insert(param.to_owned(), value);
        }
        procedo_core::Result::Ok(())
    };
    let named = match args {
        [only] => only.as_map_ref().ok().filter(|map| are_named(function, map)),
        _ => None,
    };
    if let Some(map) = named {
        for (param, ty) in &function.params {
            match map.get(script_name(param).as_str()) {
                Some(value) => insert(param, ty, value)?,
                None if matches!(ty, Type::Option(_)) => {}
                None => {
                    return Err(Error::new(Kind::Invalid, "P0813")
                        .with("function", &name)
                        .with("argument", script_name(param))
                        .with("expected", ty));
                }
            }
        }
        let known = |key: &str| function.params.iter().any(|(param, _)| script_name(param) == key);
        if let Some(unknown) = map.keys().find(|key| !known(key)) {
            return Err(Error::new(Kind::Invalid, "P0814")
                .with("function", &name)
                .with("argument", &name)
                .with("name", unknown.chars().take(60).collect::<String>())
                .with("names", parameters(function)));
        }
        return Ok(Value::Object(object));
    }
    if args.len() < function.required() || args.len() > function.params.len() {
        return Err(Error::new(Kind::Invalid, "P0816")
            .with("function", &name)
            .with("parameters", parameters(function))
            .with("count", args.len()));
    }
    for ((param, ty), value) in function.params.iter().zip(args) {
        insert(param, ty, value)?;
    }
    Ok(Value::Object(object))
}

/// Whether a map as the only argument holds named arguments. Where the first parameter itself takes a map, it does if it has
/// every parameter that must be given and nothing else.
fn are_named(function: &Function, map: &Map) -> bool {
    let takes_map = function.params.first().is_some_and(|(_, ty)| {
        let ty = if let Type::Option(inner) = ty { inner } else { ty };
        matches!(ty, Type::Record(_) | Type::Variant(_) | Type::Json) || ty.is_pairs()
    });
    let all_known = || {
        map.keys().all(|key| {
            function
                .params
                .iter()
                .any(|(param, _)| script_name(param) == key.as_str())
        })
    };
    let all_given = || {
        let mut required = function
            .params
            .iter()
            .filter(|(_, ty)| !matches!(ty, Type::Option(_)));
        required.all(|(param, _)| map.contains_key(script_name(param).as_str()))
    };
    !takes_map || (!map.is_empty() && all_known() && all_given())
}

/// The parameters as messages list them: `root, path, [encoding]`.
pub fn parameters(function: &Function) -> String {
    let required = function.required();
    let of_index = |(index, (name, _)): (usize, &(String, Type))| {
        let name = script_name(name);
        if index < required {
            name
        } else {
            format!("[{name}]")
        }
    };
    function
        .params
        .iter()
        .enumerate()
        .map(of_index)
        .collect::<Vec<_>>()
        .join(", ")
}
