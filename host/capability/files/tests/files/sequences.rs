//! Sequences of calls: planned, performed, undone.

use crate::bench::{Bench, reply_of};
use procedo_core::capability::Overlay;
use proptest::prelude::*;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Few names, so that calls meet each other.
fn path() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("a"),
        Just("b"),
        Just("a/x"),
        Just("a/y"),
        Just("b/x"),
        Just("a/x/1"),
        Just("link"),
        Just("link/x"),
    ]
    .prop_map(str::to_owned)
}

fn call() -> impl Strategy<Value = (&'static str, Value)> {
    let text = prop_oneof![Just(""), Just("one\n"), Just("two\r\n"), Just("ä")];
    prop_oneof![
        3 => (path(), text.clone()).prop_map(|(path, text)| ("write", json!({"path": path, "text": text}))),
        1 => path().prop_map(|path| {
            ("edit", json!({"path": path, "edits": [{"find": "o", "replacement": "0"}]}))
        }),
        3 => (path(), path()).prop_map(|(from, to)| ("copy", json!({"source": from, "target": to}))),
        2 => path().prop_map(|path| ("remove", json!({"path": path}))),
        2 => path().prop_map(|path| ("make-folder", json!({"path": path}))),
        1 => path().prop_map(|path| ("read", json!({"path": path}))),
        1 => path().prop_map(|path| ("stat", json!({"path": path}))),
        1 => path().prop_map(|path| ("list-folder", json!({"path": path, "recursive": true}))),
    ]
}

fn start() -> Bench {
    let bench = Bench::new();
    bench.write("a/x", b"one\n");
    bench.write("a/sub/deep", b"deep");
    bench.write("b", b"two\n");
    std::os::unix::fs::symlink("a", bench.web().join("link")).unwrap();
    std::os::unix::fs::symlink("../b", bench.web().join("a/up")).unwrap();
    bench
}

/// What a plan believes is below the root, asked by the plan's own reads.
fn planned_tree(bench: &Bench, overlay: &mut Overlay) -> BTreeMap<String, Value> {
    let all = json!({"path": "", "recursive": true});
    let listed = reply_of(bench.plan_over(overlay, "list-folder", &all).unwrap().reply);
    let entry = |entry: &Value, overlay: &mut Overlay| {
        let path = entry["path"].as_str().unwrap().to_owned();
        let status = reply_of(
            bench
                .plan_over(overlay, "stat", &json!({"path": path}))
                .unwrap()
                .reply,
        );
        (path, status)
    };
    listed
        .as_array()
        .unwrap()
        .iter()
        .map(|each| entry(each, overlay))
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(crate::site::CASES))]

    #[test]
    fn a_plan_foresees_every_reply_error_and_the_final_tree(calls in proptest::collection::vec(call(), 1..12)) {
        let bench = start();
        let before = bench.snapshot();
        let mut overlay = Overlay::default();
        let planned: Vec<_> = calls
            .iter()
            .map(|(operation, args)| bench.plan_over(&mut overlay, operation, args).map(|planned| {
                (planned.change.map(|change| (change.bound, change.diff, change.summary)), reply_of(planned.reply))
            }))
            .collect();
        let foreseen = planned_tree(&bench, &mut overlay);
        prop_assert_eq!(bench.snapshot(), before, "a plan alters nothing");

        for ((number, (operation, args)), planned) in (1..).zip(&calls).zip(planned) {
            let made = bench.make(number, operation, args.clone()).map(|made| {
                (made.change.map(|change| (change.bound, change.diff, change.summary)), made.reply)
            });
            prop_assert_eq!(made, planned, "{} {}", operation, args);
        }
        prop_assert_eq!(planned_tree(&bench, &mut Overlay::default()), foreseen);
    }

    #[test]
    fn undo_goes_back_byte_for_byte_and_its_undo_forward_again(calls in proptest::collection::vec(call(), 1..12)) {
        let bench = start();
        let before = bench.snapshot();
        let made: Vec<_> =
            (1..).zip(&calls).filter_map(|(number, (operation, args))| bench.make(number, operation, args.clone()).ok()).collect();
        let after = bench.snapshot();
        let undone: Vec<_> = made.iter().rev().zip(1000..).flat_map(|(each, number)| bench.undo_live(each, number)).collect();
        prop_assert_eq!(bench.snapshot(), before);
        for (each, number) in undone.iter().rev().zip(2000..) {
            bench.undo_live(each, number);
        }
        prop_assert_eq!(bench.snapshot(), after);
    }
}
