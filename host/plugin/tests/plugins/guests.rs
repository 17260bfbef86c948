//! Guests from WebAssembly text and the WIT, and a gate that writes down what they ask.

use procedo_core::caller::{Caller, Ended, Fault, Guest};
use procedo_core::effect::OperationName;
use procedo_core::message::{Language, Message};
use procedo_core::value::Value;
use procedo_core::{Error, Result};
use procedo_interface::Table;
use procedo_interface::table::SOURCES;
use procedo_plugin::{Limits, PluginHost};
use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use tempfile::TempDir;
use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

/// The English texts of every guest made here.
const TEXTS: &str = "title = Try\nsummary = Tries something.\nfull = The disk { $disk } is full.\n";

/// A plugin with the procedure `test/try`, from what its module imports and from the body of its `run`.
#[derive(Clone)]
pub struct Source {
    /// Imports and globals of the core module.
    pub head: String,
    /// More functions of the core module.
    pub functions: String,
    /// The body of `run`, with the parameters `$id`, `$id-length`, `$params` and `$params-length`, which leaves the address
    /// of a result.
    pub body: String,
    /// The body of `procedures`, before it replies.
    pub listing: String,
    /// The procedure's id.
    pub id: String,
    /// How many pages of 64 KiB its memory has from the start.
    pub pages: u32,
    /// Replacements in the WIT that the component is made with.
    pub wit: Vec<(String, String)>,
    /// Packages that the WIT refers to.
    pub packages: Vec<String>,
}

impl Source {
    pub fn new(head: &str, body: &str) -> Self {
        Self {
            head: head.to_owned(),
            functions: String::new(),
            body: body.to_owned(),
            listing: String::new(),
            id: "test/try".to_owned(),
            pages: 2,
            wit: Vec::new(),
            packages: Vec::new(),
        }
    }

    /// A guest that replies a JSON text.
    pub fn replying(json: &str) -> Self {
        let (text, length) = (json.replace('"', "\\\""), json.len());
        Self::new(
            &format!("(data (i32.const 9000) \"{text}\")"),
            &format!("(call $ok (i32.const 9000) (i32.const {length}))"),
        )
    }

    /// A guest that computes for ever.
    pub fn spinning() -> Self {
        Self::new("", "(loop $again (br $again)) (unreachable)")
    }

    /// A guest that calls `run.now` and replies its text in quotation marks, or fails with the call's error.
    pub fn asking_the_time() -> Self {
        Self::new(
            NOW,
            "(call $now (i32.const 600)) \
             (if (result i32) (i32.load8_u (i32.const 600)) \
               (then (call $fail (i32.const 604))) \
               (else (call $quoted (i32.load (i32.const 604)) (i32.load (i32.const 608)))))",
        )
    }

    pub fn with_wit(mut self, from: &str, to: &str) -> Self {
        self.wit.push((from.to_owned(), to.to_owned()));
        self
    }

    /// The component.
    pub fn component(&self) -> Vec<u8> {
        let mut module = wat::parse_str(self.module()).expect("the module's text is sound");
        let mut resolve = Resolve::new();
        for package in &self.packages {
            resolve
                .push_str("package.wit", package)
                .expect("the package is sound");
        }
        let mut map = wit_parser::SourceMap::new();
        for (name, text) in SOURCES {
            map.push_str(
                name,
                self.wit
                    .iter()
                    .fold((*text).to_owned(), |text, (from, to)| text.replace(from, to)),
            );
        }
        let package = resolve
            .push_group(map.parse().expect("the WIT is sound"))
            .expect("the WIT is sound");
        let world = resolve.select_world(&[package], Some("plugin")).expect("a world");
        embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8, false)
            .expect("metadata");
        let mut encoder = ComponentEncoder::default();
        encoder
            .validate(true)
            .module(&module)
            .expect("the module fits the WIT")
            .encode()
            .expect("a component")
    }

    fn module(&self) -> String {
        let mut data = Data {
            at: 2048,
            bytes: Vec::new(),
        };
        let listed = data.procedures(&self.id);
        let manifest: String = data.bytes.iter().map(|byte| format!("\\{byte:02x}")).collect();
        let Self {
            head,
            functions,
            body,
            listing,
            pages,
            ..
        } = self;
        format!(
            r#"(module
            {head}
            (memory (export "memory") {pages})
            (data (i32.const 2048) "{manifest}")
            (global $top (mut i32) (i32.const 65536))
            (func (export "cabi_realloc") (param $old i32) (param $size i32) (param $align i32) (param $new i32) (result i32)
              (local $at i32)
              (local.set $at (i32.and (i32.add (global.get $top) (i32.const 7)) (i32.const -8)))
              (global.set $top (i32.add (local.get $at) (local.get $new)))
              (if (i32.gt_u (global.get $top) (i32.mul (memory.size) (i32.const 65536)))
                (then (drop (memory.grow (i32.add (i32.const 1) (i32.shr_u (local.get $new) (i32.const 16)))))))
              (local.get $at))
            ;; The address of a result that is a text.
            (func $ok (param $text i32) (param $length i32) (result i32)
              (i32.store8 (i32.const 512) (i32.const 0))
              (i32.store (i32.const 516) (local.get $text))
              (i32.store (i32.const 520) (local.get $length))
              (i32.const 512))
            ;; The address of a result that is a text in quotation marks.
            (func $quoted (param $text i32) (param $length i32) (result i32)
              (i32.store8 (i32.const 10000) (i32.const 34))
              (memory.copy (i32.const 10001) (local.get $text) (local.get $length))
              (i32.store8 (i32.add (i32.const 10001) (local.get $length)) (i32.const 34))
              (call $ok (i32.const 10000) (i32.add (local.get $length) (i32.const 2))))
            ;; The address of a result that is a failure, from a call's error: kind, code and message as its text's id.
            (func $fail (param $error i32) (result i32)
              (i32.store8 (i32.const 512) (i32.const 1))
              (memory.copy (i32.const 516) (local.get $error) (i32.const 20))
              (i64.store (i32.const 536) (i64.const 4))
              (i32.const 512))
            {functions}
            (func (export "procedures") (result i32) {listing} (i32.const {listed}))
            (func (export "run") (param $id i32) (param $id-length i32) (param $params i32) (param $params-length i32)
              (result i32) {body})
            )"#
        )
    }
}

pub const NOW: &str = r#"(import "procedo:host/run@0.1.0" "now" (func $now (param i32)))"#;

/// The memory of a manifest, laid out as the canonical ABI has it.
struct Data {
    at: u32,
    bytes: Vec<u8>,
}

impl Data {
    fn put(&mut self, bytes: &[u8]) -> u32 {
        while !self.bytes.len().is_multiple_of(4) {
            self.bytes.push(0);
        }
        let address = self.at + u32::try_from(self.bytes.len()).expect("small");
        self.bytes.extend(bytes);
        address
    }

    fn text(&mut self, text: &str) -> [u32; 2] {
        [
            self.put(text.as_bytes()),
            u32::try_from(text.len()).expect("small"),
        ]
    }

    /// The address of a list of one `procedure-info`.
    fn procedures(&mut self, id: &str) -> u32 {
        let id = self.text(id);
        let parameters = self.text(r#"{"type":"object"}"#);
        let catalogue = [self.text("en"), self.text(TEXTS)].concat();
        let texts = self.put(&words(&catalogue));
        let mut info = [id, parameters, [4, 0], [4, 0], [4, 0]].concat();
        // supervised, destructive; no section; one catalogue
        info.extend([0, 0, 0, 0, texts, 1]);
        let info = self.put(&words(&info));
        self.put(&words(&[info, 1]))
    }
}

fn words(words: &[u32]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_le_bytes()).collect()
}

type Answer = dyn Fn(&OperationName, &Value) -> Result<Value, Fault> + Send + Sync;

/// A gate that answers as it is told and writes down what it is asked.
pub struct Gate {
    answer: Box<Answer>,
    stopped: AtomicBool,
    pub asked: Mutex<Vec<(String, Value)>>,
    pub moment: i64,
    pub seed: [u8; 32],
}

impl Gate {
    pub fn new(
        answer: impl Fn(&OperationName, &Value) -> Result<Value, Fault> + Send + Sync + 'static,
    ) -> Self {
        Self {
            answer: Box::new(answer),
            stopped: AtomicBool::new(false),
            asked: Mutex::default(),
            moment: 0,
            seed: [0; 32],
        }
    }

    pub fn replying(reply: Value) -> Self {
        Self::new(move |_, _| Ok(reply.clone()))
    }

    pub fn stop(&self) {
        self.stopped.store(true, Ordering::SeqCst);
    }

    pub fn asked(&self) -> Vec<String> {
        self.asked
            .lock()
            .expect("not poisoned")
            .iter()
            .map(|(operation, _)| operation.clone())
            .collect()
    }
}

impl Caller for Gate {
    fn call(&self, operation: &OperationName, args: Value) -> Result<Value, Fault> {
        self.asked
            .lock()
            .expect("not poisoned")
            .push((operation.to_string(), args.clone()));
        let reply = (self.answer)(operation, &args);
        if reply == Err(Fault::Stop) {
            self.stop();
        }
        reply
    }
    fn stopped(&self) -> bool {
        self.stopped.load(Ordering::SeqCst)
    }
    fn language(&self) -> Language {
        Language::En
    }
    fn tell(&self, message: &Message) -> String {
        format!("told: {message}")
    }
    fn last_moment(&self) -> i64 {
        self.moment
    }
    fn seed(&self) -> [u8; 32] {
        self.seed
    }
}

/// A plugin host with a folder of its own.
pub struct House {
    pub host: PluginHost,
    pub folder: TempDir,
}

impl House {
    pub fn new() -> Self {
        Self::with(Limits::default())
    }

    pub fn with(limits: Limits) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let table = Arc::new(Table::of_host().expect("our own table"));
        Self {
            host: PluginHost::with_limits(table, folder.path().join("cache"), limits),
            folder,
        }
    }

    /// Another process on the same folder.
    pub fn later(self) -> Self {
        let table = Arc::new(Table::of_host().expect("our own table"));
        Self {
            host: PluginHost::new(table, self.folder.path().join("cache")),
            folder: self.folder,
        }
    }

    pub fn write(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.folder.path().join(name);
        fs::write(&path, bytes).expect("written");
        path
    }

    pub fn cached(&self, ending: &str) -> Vec<PathBuf> {
        let entries = fs::read_dir(self.folder.path().join("cache"))
            .into_iter()
            .flatten();
        entries
            .map(|entry| entry.expect("an entry").path())
            .filter(|p| p.to_string_lossy().ends_with(ending))
            .collect()
    }

    /// What comes of loading some bytes as a plugin.
    pub fn load(&self, bytes: &[u8]) -> Result<Arc<dyn Guest>> {
        let mut guests = self.host.load(&self.write("plugin.wasm", bytes))?;
        assert_eq!(guests.len(), 1);
        Ok(guests.remove(0))
    }

    pub fn guest(&self, source: &Source) -> Arc<dyn Guest> {
        self.load(&source.component()).expect("the plugin loads")
    }
}

/// The error that a run ends with.
pub fn error_of(ended: Result<Value, Ended>) -> Error {
    match ended.expect_err("the run must fail") {
        Ended::Failed(error) => error,
        Ended::Stopped => panic!("the run was stopped"),
    }
}

/// The code of the error that a run of a guest ends with, under a gate that tells the time.
pub fn code_of(house: &House, source: &Source) -> String {
    let gate = Arc::new(Gate::replying(Value::from("2026-11-22T10:00:00.000Z")));
    error_of(house.guest(source).run(gate, &serde_json::json!({}))).code
}

/// The error that refuses a plugin.
pub fn refusal(house: &House, source: &Source) -> Error {
    match house.load(&source.component()) {
        Ok(_) => panic!("the plugin must be refused"),
        Err(error) => error,
    }
}
