//! A gate that records calls and answers what the test says.
#![allow(dead_code)]

use procedo_core::caller::{Caller, Ended, Fault, Guest};
use procedo_core::effect::OperationName;
use procedo_core::message::{Language, Message};
use procedo_core::value::Value;
use procedo_core::{Error, Kind};
use procedo_interface::Table;
use procedo_script::{Limits, Script, ScriptHost};
use serde_json::json;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, LazyLock, Mutex};

/// What a call is answered.
pub type Answer = Box<dyn Fn(&str, &Value) -> Result<Value, Fault> + Send + Sync>;

/// The gate.
pub struct Gate {
    calls: Mutex<Vec<(String, Value)>>,
    stopped: AtomicBool,
    /// How many questions whether it is stopped are answered with no.
    patience: AtomicU64,
    answer: Answer,
}

impl Gate {
    /// A gate that answers as a run without a plan would, with fixed files.
    pub fn new() -> Arc<Self> {
        Self::answering(Box::new(usual))
    }

    pub fn answering(answer: Answer) -> Arc<Self> {
        Self::make(answer, u64::MAX)
    }

    /// A gate that is stopped from outside after so many looks.
    pub fn stopping_after(looks: u64) -> Arc<Self> {
        Self::make(Box::new(usual), looks)
    }

    fn make(answer: Answer, patience: u64) -> Arc<Self> {
        let patience = AtomicU64::new(patience);
        Arc::new(Self {
            calls: Mutex::default(),
            stopped: AtomicBool::new(false),
            patience,
            answer,
        })
    }

    /// The names of the calls made.
    pub fn names(&self) -> Vec<String> {
        self.calls
            .lock()
            .unwrap()
            .iter()
            .map(|(name, _)| name.clone())
            .collect()
    }

    /// The arguments of the first call of that name.
    pub fn args(&self, name: &str) -> Value {
        self.calls
            .lock()
            .unwrap()
            .iter()
            .find(|call| call.0 == name)
            .unwrap_or_else(|| panic!("{name} called"))
            .1
            .clone()
    }

    /// The calls as `name {args}`.
    pub fn told(&self) -> Vec<String> {
        self.calls
            .lock()
            .unwrap()
            .iter()
            .map(|(name, args)| format!("{name} {args}"))
            .collect()
    }
}

/// What the gate answers unless a test says otherwise.
pub fn usual(name: &str, args: &Value) -> Result<Value, Fault> {
    let changed = json!({"changed": true, "files": 1, "bytes": 5});
    Ok(match name {
        "files.read" if args["path"] == "missing" => {
            return Err(Error::new(Kind::NotFound, "P0301").with("path", "missing").into());
        }
        "files.read" => json!({
            "text": "Grüße", "encoding": "UTF-8", "bom": false, "line-end": "lf", "digest": "00", "size": 7,
        }),
        "files.write" | "files.edit" | "files.remove" | "files.copy" => changed,
        "files.stat" => json!({"size": 0}),
        "files.list-archive" => json!(["a", "b"]),
        "http.send" => json!({"status": 200, "headers": [["server", "x"]], "body": "", "url": "http://x/"}),
        "run.verify-begin" => json!(true),
        "run.ask" => json!("{\"name\":\"Ana\",\"more\":[1,2.5,null]}"),
        "run.now" => json!("2026-11-22T10:00:00.000Z"),
        "run.log" | "run.step-begin" | "run.step-end" | "run.sleep" | "run.progress" => Value::Null,
        "run.language" => json!("en"),
        "run.suspend" => return Err(Fault::Stop),
        other => panic!("no answer for {other}"),
    })
}

impl Caller for Gate {
    fn call(&self, operation: &OperationName, args: Value) -> Result<Value, Fault> {
        let name = operation.to_string();
        self.calls.lock().unwrap().push((name.clone(), args.clone()));
        let answer = (self.answer)(&name, &args);
        if answer == Err(Fault::Stop) {
            self.stopped.store(true, Ordering::SeqCst);
        }
        answer
    }

    fn stopped(&self) -> bool {
        let patience = self.patience.load(Ordering::SeqCst);
        if patience == 0 {
            self.stopped.store(true, Ordering::SeqCst);
        } else if patience != u64::MAX {
            self.patience.store(patience - 1, Ordering::SeqCst);
        }
        self.stopped.load(Ordering::SeqCst)
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

/// The host that the tests share.
pub static HOST: LazyLock<ScriptHost> =
    LazyLock::new(|| ScriptHost::new(Arc::new(Table::of_host().unwrap())));

/// A host with other limits.
pub fn host_with(limits: Limits) -> ScriptHost {
    ScriptHost::with_limits(Arc::new(Table::of_host().unwrap()), limits)
}

/// A header that allows everything.
pub const HEADER: &str = r#"//! id = "test/script"
//! steps = ["one", "two"]
//! needs = [{ capability = "files", resource = "*", effect = "write" }, { capability = "http", resource = "*", effect = "write" }]
//! parameters.properties = { page = { type = "string" }, count = { type = "integer", default = 3 } }
//! texts.en = { title = "Test", summary = "A test" }
"#;

/// How many lines the header has.
pub const HEADER_LINES: usize = 5;

/// A script of that body.
pub fn script(body: &str) -> Script {
    HOST.load_source("test/script.rhai", &format!("{HEADER}{body}"))
        .unwrap()
}

/// Runs a script of that body.
pub fn run(body: &str) -> Result<Value, Ended> {
    run_at(&Gate::new(), body)
}

/// Runs a script of that body at a gate.
pub fn run_at(gate: &Arc<Gate>, body: &str) -> Result<Value, Ended> {
    let gate: Arc<dyn Caller> = Arc::clone(gate) as _;
    script(body).run(gate, &json!({"page": "a.htm"}))
}

/// The error that a script of that body ends with.
pub fn failure(body: &str) -> Error {
    failure_of(run(body))
}

/// The error that a run ended with.
pub fn failure_of(result: Result<Value, Ended>) -> Error {
    match result {
        Err(Ended::Failed(error)) => error,
        other => panic!("the script should have failed, but: {other:?}"),
    }
}
