//! Components built from our WIT, and from WIT that differs from it, against the table.

use procedo_interface::Table;
use procedo_interface::component::{Mismatch, check};
use procedo_interface::table::{SOURCES, parse};
use wasmtime::component::Component;
use wasmtime::component::types::ComponentItem;
use wasmtime::{Config, Engine};
use wit_component::{ComponentEncoder, StringEncoding, dummy_module, embed_component_metadata};

fn engine() -> Engine {
    let mut config = Config::new();
    config.concurrency_support(false);
    Engine::new(&config).expect("an engine")
}

/// A component that imports all of a WIT package and does nothing.
fn reference(sources: &[(&str, &str)]) -> Vec<u8> {
    let (resolve, package) = parse(sources).expect("the WIT is sound");
    let world = resolve.select_world(&[package], Some("plugin")).expect("a world");
    let mut module = dummy_module(&resolve, world, wit_parser::ManglingAndAbi::Standard32);
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8, false).expect("metadata");
    let mut encoder = ComponentEncoder::default();
    encoder
        .validate(true)
        .module(&module)
        .expect("a module")
        .encode()
        .expect("a component")
}

/// What `check` says of a component built from our WIT with one text of it replaced.
fn checked(from: &str, to: &str) -> Result<(), Mismatch> {
    let changed: Vec<(&str, String)> = SOURCES
        .iter()
        .map(|(name, text)| (*name, text.replace(from, to)))
        .collect();
    assert!(
        from == to || changed.iter().zip(SOURCES).any(|(new, old)| new.1 != old.1),
        "“{from}” is not in the WIT"
    );
    let changed: Vec<(&str, &str)> = changed
        .iter()
        .map(|(name, text)| (*name, text.as_str()))
        .collect();
    let engine = engine();
    let component = Component::new(&engine, reference(&changed)).expect("compiles");
    check(
        &component.component_type(),
        &engine,
        &Table::of_host().expect("our own table"),
    )
}

fn refusal(from: &str, to: &str) -> String {
    checked(from, to).expect_err("must be refused").to_string()
}

#[test]
fn a_component_built_from_our_wit_is_accepted_with_every_function_compared() {
    assert_eq!(checked("", ""), Ok(()));
    let engine = engine();
    let component = Component::new(&engine, reference(SOURCES)).expect("compiles");
    let table = Table::of_host().expect("our own table");
    let imported: usize = component
        .component_type()
        .imports(&engine)
        .filter_map(|(_, found)| match found.ty {
            ComponentItem::ComponentInstance(instance) => Some(
                instance
                    .exports(&engine)
                    .filter(|(_, e)| matches!(e.ty, ComponentItem::ComponentFunc(_)))
                    .count(),
            ),
            _ => None,
        })
        .sum();
    assert_eq!(imported, table.functions.len());
}

#[test]
fn another_version_is_refused_and_says_which_it_wants() {
    let newer = refusal("@0.1.0", "@0.2.0");
    assert!(
        newer.contains("@0.2.0, newer than the 0.1.0 of this host"),
        "{newer}"
    );
    let patch = refusal("@0.1.0", "@0.1.1");
    assert!(
        patch.contains("@0.1.1, newer than the 0.1.0 of this host"),
        "{patch}"
    );
    let older = refusal("@0.1.0", "@0.0.9");
    assert!(
        older.contains("@0.0.9, older than the 0.1.0 of this host"),
        "{older}"
    );
}

#[test]
fn an_unknown_package_interface_or_function_is_refused_by_name() {
    assert_eq!(
        refusal(
            "import secrets;",
            "import secrets; import launch: interface { fire: func(); }"
        ),
        "it imports launch, which this host does not have"
    );
    let function = refusal(
        "get: func(name: string) -> result<string, error>;",
        "get: func(name: string) -> result<string, error>; put: func() -> result<_, error>;",
    );
    assert_eq!(
        function,
        "it imports procedo:host/secrets@0.1.0#put, which this host does not have"
    );
}

#[test]
fn another_shape_is_refused_and_tells_both() {
    assert_eq!(
        refusal(
            "get: func(name: string) -> result<string, error>;",
            "get: func(name: u32) -> result<string, error>;"
        ),
        "it imports secrets.get as func(name: u32) -> result<string, record {kind: enum {denied, invalid, not-found, \
         conflict, too-large, unavailable, timed-out, failed, not-supported, cancelled}, code: string, message: string}>, \
         not as func(name: string) -> result<string, error>"
    );
}

#[test]
fn every_difference_of_a_type_is_seen() {
    for (from, to) in [
        ("status: u16,", "status: u32,"),
        ("status: u16,", "state: u16,"),
        ("body: option<string>,", "body: string,"),
        (
            "headers: list<tuple<string, string>>,",
            "headers: list<tuple<string, u8>>,",
        ),
        ("headers: list<tuple<string, string>>,", "headers: list<string>,"),
        ("bom: bool,", "bom: bool, more: bool,"),
        ("regular,", "plain,"),
        (
            "        /// Line feed, as on Unix.\n        lf,",
            "        cr, lf,",
        ),
        (
            "name: string) -> result<string, error>;",
            "named: string) -> result<string, error>;",
        ),
        (
            "remove: func(root: string, path: string)",
            "remove: func(path: string, root: string)",
        ),
        (
            "now: func() -> result<string, error>;",
            "now: func() -> result<_, error>;",
        ),
        ("now: func() -> result<string, error>;", "now: func() -> string;"),
        (
            "sleep: func(milliseconds: u64) -> result<_, error>;",
            "sleep: func(milliseconds: u64) -> result<_, string>;",
        ),
        (
            "sleep: func(milliseconds: u64) -> result<_, error>;",
            "sleep: func(milliseconds: u64) -> result<u8, error>;",
        ),
        ("sleep: func(milliseconds: u64)", "sleep: func(milliseconds: s64)"),
        (
            "code: string,\n        /// One sentence",
            "code: u16,\n        /// One sentence",
        ),
        ("conflict,", "conflicting,"),
    ] {
        assert!(
            matches!(checked(from, to), Err(Mismatch::Shape { .. })),
            "“{to}” for “{from}” is not seen"
        );
    }
}
