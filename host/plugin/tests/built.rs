//! The plugins that `cargo xtask plugins` builds: by the SDK, for WebAssembly, turned into components.

use procedo_core::caller::{Caller, Ended, Fault, Guest};
use procedo_core::effect::OperationName;
use procedo_core::message::{Language, Message};
use procedo_core::value::Value;
use procedo_core::{Error, Kind};
use procedo_interface::Table;
use procedo_plugin::{Limits, PluginHost};
use serde_json::json;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use wit_component::DecodedWasm;
use wit_parser::WorldItem;

fn built() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/plugins");
    let folders = [folder.join("tests"), folder];
    let entries = folders.iter().flat_map(|folder| {
        fs::read_dir(folder).unwrap_or_else(|_| panic!("no plugins: run “cargo xtask plugins” first"))
    });
    entries
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "wasm"))
        .collect()
}

/// A gate that knows nothing but the time, and refuses everything else.
#[derive(Default)]
struct Gate(Mutex<Vec<(String, Value)>>);

impl Gate {
    fn asked(&self) -> Vec<(String, Value)> {
        self.0.lock().expect("not poisoned").clone()
    }
}

impl Caller for Gate {
    fn call(&self, operation: &OperationName, args: Value) -> Result<Value, Fault> {
        self.0
            .lock()
            .expect("not poisoned")
            .push((operation.to_string(), args));
        match operation.to_string().as_str() {
            "run.now" => Ok(json!("2026-11-22T10:00:00.000Z")),
            "run.log" | "run.step-begin" | "run.step-end" => Ok(Value::Null),
            _ => Err(Fault::Error(Error::of_guest(
                Kind::Denied,
                "P0101",
                "not granted",
            ))),
        }
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

/// The hostile plugin, in a host with little patience.
fn hostile() -> Arc<dyn Guest> {
    let path = built()
        .into_iter()
        .find(|path| path.ends_with("hostile.wasm"))
        .expect("“cargo xtask plugins” builds it");
    let cache = tempfile::tempdir().expect("a folder");
    let limits = Limits {
        compute: Duration::from_secs(2),
        calls: 1_000,
        ..Limits::default()
    };
    let host = PluginHost::with_limits(
        Arc::new(Table::of_host().expect("our own table")),
        cache.path(),
        limits,
    );
    host.load(&path).expect("loads").remove(0)
}

fn ending(what: &str) -> (Result<Value, Ended>, Vec<(String, Value)>) {
    let gate = Arc::new(Gate::default());
    let ended = hostile().run(gate.clone(), &json!({"what": what, "path": "html/index.htm"}));
    (ended, gate.asked())
}

fn code(what: &str) -> String {
    match ending(what).0 {
        Err(Ended::Failed(error)) => error.code,
        other => panic!("{what} must fail, not end as {other:?}"),
    }
}

#[test]
fn a_component_built_by_the_sdk_imports_nothing_but_our_interfaces() {
    for path in built() {
        let bytes = fs::read(&path).expect("it is there");
        let DecodedWasm::Component(resolve, world) = wit_component::decode(&bytes).expect("decodes") else {
            panic!("{} is no component", path.display());
        };
        // Types of a world are listed among its imports, and import nothing.
        let imports = resolve.worlds[world]
            .imports
            .iter()
            .filter(|(_, item)| !matches!(item, WorldItem::Type { .. }));
        for (key, _) in imports {
            let import = resolve.name_world_key(key);
            assert!(
                import.starts_with("procedo:host/"),
                "{} imports {import}",
                path.display()
            );
        }
    }
}

#[test]
fn every_plugin_loads_with_a_manifest_in_three_languages_unless_it_is_for_tests() {
    let cache = tempfile::tempdir().expect("a folder");
    let host = PluginHost::new(Arc::new(Table::of_host().expect("our own table")), cache.path());
    for path in built() {
        for guest in host
            .load(&path)
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()))
        {
            let languages: Vec<_> = guest.manifest().texts.keys().map(String::as_str).collect();
            let shipped = !path.parent().is_some_and(|folder| folder.ends_with("tests"));
            let wanted: &[&str] = if shipped { &["de", "en", "es"] } else { &["en"] };
            assert_eq!(languages, wanted, "{}", guest.manifest().id);
        }
    }
}

#[test]
fn a_procedure_that_behaves_replies_its_result() {
    assert_eq!(ending("nothing"), (Ok(json!("nothing")), vec![]));
}

#[test]
fn each_way_to_misbehave_ends_with_its_own_error() {
    assert_eq!(code("endless-loop"), "P0720");
    assert_eq!(code("endless-calls"), "P0721");
    assert_eq!(code("memory-bomb"), "P0722");
    assert_eq!(code("stack-overflow"), "P0723");
    assert_eq!(code("huge-string"), "P0725");
    assert_eq!(code("huge-result"), "P0726");
}

#[test]
fn a_panic_leaves_its_words_in_the_runs_record() {
    let (ended, asked) = ending("trap-in-the-middle");
    let Err(Ended::Failed(error)) = ended else {
        panic!("must fail")
    };
    assert_eq!(error.code, "P0724");
    let operations: Vec<_> = asked.iter().map(|(operation, _)| operation.as_str()).collect();
    assert_eq!(operations, ["run.step-begin", "run.log"]);
    let words = asked[1].1["message"]["id"].as_str().expect("a text");
    assert!(
        words.contains("on purpose") && words.contains("lib.rs"),
        "{words}"
    );
}

#[test]
fn a_calls_error_fails_the_procedure_with_its_code_and_sentence() {
    let (ended, asked) = ending("read-path");
    assert_eq!(
        ended,
        Err(Ended::Failed(Error::of_guest(
            Kind::Denied,
            "P0101",
            "not granted"
        )))
    );
    let args = json!({"root": "web", "path": "html/index.htm", "encoding": null});
    assert_eq!(asked, [("files.read".to_owned(), args)]);
}

#[test]
fn parameters_that_the_schema_does_not_know_fail_the_procedure() {
    let ended = hostile().run(Arc::new(Gate::default()), &json!({"what": "fly"}));
    let Err(Ended::Failed(error)) = ended else {
        panic!("must fail")
    };
    assert_eq!((error.kind, error.code.as_str()), (Kind::Invalid, "params"));
}
