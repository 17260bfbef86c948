//! Plans: what would change, in order, without changing it.

use crate::fixture::*;
use procedo_engine::Taken;
use procedo_engine::plan::PlanEnd;
use serde_json::json;

#[test]
fn a_plan_lists_changes_sees_its_own_and_alters_nothing() {
    let bench = Bench::new();
    bench.world.put("b", "old");
    bench.procedure(manifest("test/plan"), |calls| {
        calls.step("first", || calls.set("a", "1"))?;
        let seen = calls.get("a")?;
        calls.set("b", "new")?;
        calls.set("b", "new")?;
        calls
            .call("run.verify-begin", json!({"name": "look"}))
            .map(|look| assert_eq!(look, json!(false)))?;
        calls.call("run.step-end", json!({"name": "look"}))?;
        calls.call("run.sleep", json!({"milliseconds": 3_600_000}))?;
        Ok(seen)
    });
    let plan = bench
        .engine()
        .plan(&start("test/plan"), &Taken::default())
        .unwrap();
    let told: Vec<_> = plan
        .changes
        .iter()
        .map(|c| (c.seq, c.change.target.as_str(), c.step.as_deref()))
        .collect();
    assert_eq!(told, [(1, "a", Some("first")), (2, "b", None)]);
    assert_eq!(plan.ended, PlanEnd::Complete { result: json!("1") });
    assert_eq!(
        plan.steps
            .iter()
            .map(|s| (s.name.as_str(), s.verification))
            .collect::<Vec<_>>(),
        [("first", false), ("look", true)]
    );
    assert_eq!(bench.world.effects(), 0);
    assert_eq!(bench.world.get("b").as_deref(), Some("old"));
    assert!(
        bench.store.rows(10, true).unwrap().is_empty(),
        "a plan leaves no run"
    );
    // The same world gives the same digest; another gives another.
    let again = bench
        .engine()
        .plan(&start("test/plan"), &Taken::default())
        .unwrap();
    assert_eq!(plan.digest, again.digest);
    bench.world.put("a", "1");
    assert_ne!(
        plan.digest,
        bench
            .engine()
            .plan(&start("test/plan"), &Taken::default())
            .unwrap()
            .digest
    );
}

#[test]
fn a_plan_ends_at_the_first_thing_it_cannot_foresee_and_says_why() {
    let bench = Bench::new();
    bench.procedure(manifest("test/post"), |calls| {
        calls.set("a", "1")?;
        let _ = calls.attempt("ledger.post", json!({"book": "main", "text": "x"}));
        // A guest that goes on all the same adds nothing to the plan.
        let _ = calls.attempt("ledger.set", json!({"book": "main", "name": "c", "value": "3"}));
        Ok(json!(null))
    });
    let plan = bench
        .engine()
        .plan(&start("test/post"), &Taken::default())
        .unwrap();
    assert_eq!(plan.changes.len(), 2);
    let PlanEnd::Partial { why } = plan.ended else {
        panic!("partial")
    };
    assert_eq!(why.to_string(), "the receipt");
    assert_eq!(bench.world.effects(), 0);
}

#[test]
fn a_question_is_answered_in_a_plan_by_an_answer_given_with_it() {
    let bench = Bench::new();
    bench.procedure(manifest("test/ask"), |calls| {
        let go = calls.call(
            "run.confirm",
            json!({"key": "go", "prompt": {"id": "Go?", "args": []}}),
        )?;
        if go == json!(true) {
            calls.set("a", "1")
        } else {
            Ok(go)
        }
    });
    let plan = bench
        .engine()
        .plan(&start("test/ask"), &Taken::default())
        .unwrap();
    assert!(matches!(plan.ended, PlanEnd::Partial { .. }));
    let mut answered = start("test/ask");
    answered.answers.insert("go".to_owned(), json!("yes"));
    let plan = bench.engine().plan(&answered, &Taken::default()).unwrap();
    assert_eq!(plan.changes.len(), 1);
    assert!(matches!(plan.ended, PlanEnd::Complete { .. }));
}

#[test]
fn what_is_denied_live_is_denied_in_a_plan() {
    let bench = Bench::new();
    bench.procedure(manifest("test/other"), |calls| {
        calls.call("ledger.set", json!({"book": "other", "name": "a", "value": "1"}))
    });
    let plan = bench
        .engine()
        .plan(&start("test/other"), &Taken::default())
        .unwrap();
    let PlanEnd::Fails { error } = plan.ended else {
        panic!("fails")
    };
    assert_eq!(error.code, "P0106");
    assert!(plan.changes.is_empty());
}
