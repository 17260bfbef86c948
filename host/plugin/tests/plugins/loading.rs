//! Files that are no plugin of this host: each is refused with its own error.

use crate::guests::{House, Source, refusal};
use procedo_core::Kind;

/// The code that refuses some bytes.
fn code(bytes: &[u8]) -> String {
    match House::new().load(bytes) {
        Ok(_) => panic!("the plugin must be refused"),
        Err(error) => error.code,
    }
}

#[test]
fn the_manifest_comes_from_the_plugin() {
    let house = House::new();
    let guest = house.guest(&Source::replying("1"));
    let manifest = guest.manifest();
    assert_eq!(manifest.id, "test/try");
    assert_eq!(manifest.parameters, serde_json::json!({"type": "object"}));
    assert_eq!(manifest.texts.keys().collect::<Vec<_>>(), ["en"]);
}

#[test]
fn a_file_that_is_not_there_is_refused() {
    let house = House::new();
    let error = match house.host.load(&house.folder.path().join("none.wasm")) {
        Ok(_) => panic!("must be refused"),
        Err(error) => error,
    };
    assert_eq!((error.code.as_str(), error.kind), ("P0701", Kind::NotFound));
    assert_eq!(
        house
            .host
            .load(house.folder.path())
            .err()
            .map(|error| error.code)
            .as_deref(),
        Some("P0701")
    );
}

#[test]
fn what_is_no_component_is_refused() {
    assert_eq!(code(b""), "P0703");
    assert_eq!(code(b"#!/bin/sh\necho plugin\n"), "P0703");
    // Text is not compiled, though wasmtime could.
    assert_eq!(code(b"(component)"), "P0703");
    assert_eq!(code(&wat::parse_str("(module)").expect("sound")), "P0704");
}

#[test]
fn a_file_cut_anywhere_is_refused() {
    let component = Source::replying("1").component();
    for length in [8, 9, 100, component.len() / 2, component.len() - 1] {
        let refused = code(&component[..length]);
        // Eight bytes are a whole component: an empty one, which exports nothing.
        assert_eq!(
            refused,
            if length == 8 { "P0710" } else { "P0705" },
            "{length} bytes"
        );
    }
}

#[test]
fn every_cut_and_many_damages_are_refused_or_do_no_harm() {
    let house = House::new();
    let component = Source::replying("1").component();
    for position in (8..component.len()).step_by(97) {
        let mut damaged = component.clone();
        damaged[position] ^= 0x55;
        if let Ok(guests) = house.host.load(&house.write("damaged.wasm", &damaged)) {
            // What still loads has at least a sound manifest.
            assert!(guests.iter().all(|guest| guest.manifest().check().is_ok()));
        }
    }
}

#[test]
fn an_unknown_interface_is_refused_by_name() {
    let mut source = Source::new(
        r#"(import "acme:rockets/launch@1.0.0" "fire" (func $fire))"#,
        "(call $fire) (i32.const 0)",
    )
    .with_wit(
        "import secrets;",
        "import secrets;\n    import acme:rockets/launch@1.0.0;",
    );
    source
        .packages
        .push("package acme:rockets@1.0.0; interface launch { fire: func(); }".into());
    let error = refusal(&House::new(), &source);
    assert_eq!((error.code.as_str(), error.kind), ("P0706", Kind::NotSupported));
    assert!(error.to_string().contains("acme:rockets/launch@1.0.0"), "{error}");
}

#[test]
fn a_newer_and_an_older_interface_are_refused_and_told_apart() {
    for (version, code) in [
        ("0.2.0", "P0707"),
        ("0.1.1", "P0707"),
        ("1.0.0", "P0707"),
        ("0.0.9", "P0708"),
    ] {
        let mut source = Source::asking_the_time().with_wit("@0.1.0", &format!("@{version}"));
        source.head = source.head.replace("0.1.0", version);
        let error = refusal(&House::new(), &source);
        assert_eq!(error.code, code, "{version}");
        assert!(error.to_string().contains(&format!("@{version}")), "{error}");
    }
}

#[test]
fn another_shape_is_refused_with_both() {
    let source = Source::new(
        r#"(import "procedo:host/run@0.1.0" "sleep" (func $sleep (param i32 i32)))"#,
        "(call $sleep (i32.const 1) (i32.const 600)) (i32.const 0)",
    )
    .with_wit("sleep: func(milliseconds: u64)", "sleep: func(milliseconds: u32)");
    let error = refusal(&House::new(), &source);
    assert_eq!(error.code, "P0709");
    assert!(
        error
            .to_string()
            .contains("func(milliseconds: u64) -> result<_, error>"),
        "{error}"
    );
}

#[test]
fn exports_of_another_shape_are_refused() {
    let mut source = Source::replying("1").with_wit(
        "run: func(id: string, params: json) -> result<json, failure>;",
        "run: func(id: string, params: json) -> result<json, string>;",
    );
    source.id = "test/other".into();
    let error = refusal(&House::new(), &source);
    assert_eq!(error.code, "P0710");
    assert!(error.to_string().contains("run"), "{error}");
}

#[test]
fn a_manifest_that_breaks_a_rule_is_refused() {
    let mut source = Source::replying("1");
    source.id = "Not an id".into();
    let error = refusal(&House::new(), &source);
    assert_eq!((error.code.as_str(), error.kind), ("P0711", Kind::Invalid));
    assert!(error.to_string().contains("Not an id"), "{error}");
}
