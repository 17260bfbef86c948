//! Grants, parameters, steps: what a run may not do.

use crate::fixture::*;
use procedo_core::caller::Fault;
use procedo_core::effect::Effect;
use procedo_engine::{Progress, Start, Taken};
use serde_json::{Value, json};

fn code(result: Result<Value, Fault>) -> Value {
    match result {
        Ok(reply) => reply,
        Err(Fault::Error(error)) => json!(error.code),
        Err(Fault::Stop) => json!("stop"),
    }
}

#[test]
fn a_call_is_allowed_only_by_manifest_and_site_together() {
    let cases = [
        // (manifest's effect, site's effect, call's book, expected)
        (Some(Effect::Write), Some("write"), "main", json!(true)),
        (None, Some("write"), "main", json!("P0105")),
        (Some(Effect::Read), Some("write"), "main", json!("P0105")),
        (Some(Effect::Write), None, "main", json!("P0106")),
        (Some(Effect::Write), Some("read"), "main", json!("P0106")),
        (Some(Effect::Write), Some("write"), "other", json!("P0106")),
        (
            Some(Effect::Destructive),
            Some("destructive"),
            "main",
            json!(true),
        ),
    ];
    for (needed, granted, book, expected) in cases {
        let mut bench = Bench::new();
        bench.site = "name = \"bench\"\n".to_owned();
        if let Some(effect) = granted {
            bench.site.push_str(&format!(
                "[[grant]]\nprocedure = \"test/*\"\ncapability = \"ledger\"\nresource = \"main\"\neffect = \"{effect}\"\n"
            ));
        }
        let mut limited = manifest("test/set");
        limited.needs.retain(|need| need.capability != "ledger");
        if let Some(effect) = needed {
            limited.needs.push(procedo_core::manifest::Need {
                capability: "ledger".to_owned(),
                resource: "*".to_owned(),
                effect,
            });
        }
        bench.procedure(limited, move |calls| {
            Ok(code(calls.attempt(
                "ledger.set",
                json!({"book": book, "name": "a", "value": "1"}),
            )))
        });
        let (_, progress) = bench.start("test/set");
        assert_eq!(
            progress.unwrap(),
            Progress::Succeeded(expected),
            "{needed:?} {granted:?} {book}"
        );
    }
}

#[test]
fn parameters_are_checked_before_a_run_begins() {
    let bench = Bench::new();
    let mut strict = manifest("test/strict");
    strict.parameters = json!({
        "type": "object",
        "properties": {
            "name": {"type": "string", "minLength": 1},
            "priority": {"type": "integer", "minimum": 1, "maximum": 100, "default": 50},
        },
        "required": ["name"],
    });
    bench.procedure(strict, |calls| Ok(calls.params.clone()));
    let refused = |params: Value| {
        let wrong = Start {
            params,
            ..start("test/strict")
        };
        bench
            .engine()
            .start(&wrong, &Taken::default(), &mut |_| panic!("it must not begin"))
            .unwrap_err()
    };
    assert_eq!(refused(json!({})).code, "P0104");
    assert_eq!(refused(json!({"name": "x", "nmae": 1})).code, "P0103");
    assert_eq!(refused(json!([1])).code, "P0129");
    assert_eq!(refused(json!({"name": ""})).code, "P0102");
    assert_eq!(refused(json!({"name": "x".repeat(1_100_000)})).code, "P0123");
    let error = refused(json!({"name": "x", "priority": 101}));
    assert_eq!(error.message.args["parameter"], "priority");
    assert_eq!(error.message.args["rule"], "maximum: 100");
    assert_eq!(error.message.args["value"], "101");
    let good = Start {
        params: json!({"name": "🦙 مرحبا\nx"}),
        ..start("test/strict")
    };
    let progress = bench
        .engine()
        .start(&good, &Taken::default(), &mut |_| {})
        .unwrap();
    assert_eq!(
        progress,
        Progress::Succeeded(json!({"name": "🦙 مرحبا\nx", "priority": 50}))
    );
}

#[test]
fn steps_are_those_of_the_manifest_and_nest() {
    let bench = Bench::new();
    bench.procedure(manifest("test/steps"), |calls| {
        let step = |function: &str, name: &str| code(calls.attempt(function, json!({"name": name})));
        Ok(json!([
            step("run.step-begin", "nowhere"),
            step("run.step-end", "first"),
            step("run.step-begin", "first"),
            step("run.verify-begin", "look"),
            step("run.step-end", "first"),
            step("run.step-end", "look"),
            step("run.step-end", "first"),
        ]))
    });
    let expected = json!(["P0110", "P0111", null, true, "P0111", null, null]);
    assert_eq!(
        bench.start("test/steps").1.unwrap(),
        Progress::Succeeded(expected)
    );
}

#[test]
fn an_operation_that_does_not_exist_is_an_error_not_a_crash() {
    let bench = Bench::new();
    bench.procedure(manifest("test/odd"), |calls| {
        Ok(json!([
            code(calls.attempt("ledger.burn", json!({}))),
            code(calls.attempt("run.fly", json!({}))),
            code(calls.attempt("ledger.set", json!({"book": 3}))),
            code(calls.attempt("run.log", json!("x"))),
        ]))
    });
    assert_eq!(
        bench.start("test/odd").1.unwrap(),
        Progress::Succeeded(json!(["P0107", "P0107", "P0114", "P0114"]))
    );
}
