//! Child runs and hooks.

use crate::fixture::*;
use procedo_core::journal::{Body, Wait};
use procedo_core::run::Actor;
use procedo_engine::plan::PlanEnd;
use procedo_engine::{Progress, Taken};
use serde_json::{Value, json};

fn family(bench: &Bench) {
    bench.procedure(manifest("test/child"), |calls| {
        let name = calls.params["name"].as_str().unwrap_or_default().to_owned();
        if name == "bad" {
            return calls.call("ledger.set", json!({"book": "other", "name": "x", "value": "1"}));
        }
        if name == "ask" {
            calls.call(
                "run.confirm",
                json!({"key": "go", "prompt": {"id": "Go?", "args": []}}),
            )?;
        }
        calls.set(&name, "child")
    });
    bench.procedure(manifest("test/parent"), |calls| {
        let child =
            |name: &str| json!({"procedure": "test/child", "params": json!({"name": name}).to_string()});
        let one = calls.call("run.run-child", child("one"))?;
        let many = calls.call(
            "run.run-children",
            json!({"children": [child("two"), child("bad"), child("three")]}),
        )?;
        calls.set("parent", "done")?;
        Ok(json!([
            one["succeeded"],
            many.as_array()
                .unwrap()
                .iter()
                .map(|c| c["succeeded"].clone())
                .collect::<Value>()
        ]))
    });
}

#[test]
fn children_have_journals_of_their_own_and_their_failures_are_outcomes() {
    let bench = Bench::new();
    family(&bench);
    let (run, progress) = bench.start("test/parent");
    assert_eq!(
        progress.unwrap(),
        Progress::Succeeded(json!([true, [true, false, true]]))
    );
    for name in ["one", "two", "three"] {
        assert_eq!(bench.world.get(name).as_deref(), Some("child"));
    }
    let rows = bench.store.rows(100, true).unwrap();
    assert_eq!(rows.len(), 5);
    assert!(rows.iter().all(|row| row.run.root() == run));
    let Body::Started(started) = &bench.bodies(&run.child(1, 0))[0] else {
        panic!()
    };
    assert_eq!(started.parent.as_ref(), Some(&run));
}

#[test]
fn a_parent_cut_off_at_any_entry_does_not_start_a_child_twice() {
    for cut in 0..30 {
        let bench = Bench::new();
        family(&bench);
        let dying = bench.engine_over(Dying::after(&bench.store, cut));
        let (run, progress) = bench.start_with(&dying, &start("test/parent"), &Taken::default());
        if progress.is_err() {
            assert!(
                matches!(bench.resume(&run).unwrap(), Progress::Succeeded(_)),
                "cut after {cut}"
            );
        }
        assert_eq!(bench.world.effects(), 4, "cut after {cut}");
        assert_eq!(bench.store.rows(100, true).unwrap().len(), 5, "cut after {cut}");
    }
}

#[test]
fn a_parent_waits_with_its_child_and_an_answer_reaches_the_child() {
    let bench = Bench::new();
    family(&bench);
    bench.procedure(manifest("test/asker"), |calls| {
        calls.call(
            "run.run-child",
            json!({"procedure": "test/child", "params": "{\"name\":\"ask\"}"}),
        )
    });
    let (run, progress) = bench.start("test/asker");
    assert_eq!(
        progress.unwrap(),
        Progress::Waiting(Wait::Child { run: run.child(1, 0) })
    );
    bench.engine().answer(&run, &ben(), &json!(true)).unwrap();
    assert!(matches!(bench.resume(&run).unwrap(), Progress::Succeeded(_)));
    assert_eq!(bench.world.get("ask").as_deref(), Some("child"));
}

#[test]
fn cancelling_a_parent_ends_its_waiting_children() {
    let bench = Bench::new();
    family(&bench);
    bench.procedure(manifest("test/asker"), |calls| {
        calls.call(
            "run.run-child",
            json!({"procedure": "test/child", "params": "{\"name\":\"ask\"}"}),
        )
    });
    let (run, _) = bench.start("test/asker");
    bench.engine().cancel(&run, &ben(), "no").unwrap();
    let rows = bench.store.rows(10, true).unwrap();
    assert!(
        rows.iter()
            .all(|row| row.state == procedo_core::run::State::Cancelled),
        "{rows:?}"
    );
}

#[test]
fn hooks_run_around_a_step_under_their_own_name_and_once() {
    let hooks = "[[hook]]\nprocedure = \"test/main\"\nat = \"before:first\"\nrun = \"test/child\"\nparams = {name = \"before\"}\n\
                 [[hook]]\nprocedure = \"test/main\"\nat = \"after:first\"\nrun = \"test/child\"\nparams = {name = \"after\"}\n";
    for cut in 0..14 {
        let bench = Bench::with_site(hooks);
        family(&bench);
        bench.procedure(manifest("test/main"), |calls| {
            calls.step("first", || calls.set("middle", "1"))
        });
        let plan = bench
            .engine()
            .plan(&start("test/main"), &Taken::default())
            .unwrap();
        let targets: Vec<_> = plan
            .changes
            .iter()
            .map(|c| (c.change.target.as_str(), c.child.as_deref()))
            .collect();
        assert_eq!(
            targets,
            [
                ("before", Some("test/child")),
                ("middle", None),
                ("after", Some("test/child"))
            ]
        );
        let dying = bench.engine_over(Dying::after(&bench.store, cut));
        let (run, progress) = bench.start_with(&dying, &start("test/main"), &Taken::default());
        if progress.is_err() {
            assert!(
                matches!(bench.resume(&run).unwrap(), Progress::Succeeded(_)),
                "cut after {cut}"
            );
        }
        assert_eq!(bench.world.effects(), 3, "cut after {cut}");
        let Body::Started(started) = &bench.bodies(&run.child(1, 0))[0] else {
            panic!()
        };
        assert_eq!(started.by, Actor::Hook("test/main before:first".to_owned()));
    }
}

#[test]
fn a_hook_that_fails_fails_its_step() {
    let hook = "[[hook]]\nprocedure = \"test/main\"\nat = \"before:first\"\nrun = \"test/child\"\nparams = {name = \"bad\"}\n";
    let bench = Bench::with_site(hook);
    family(&bench);
    bench.procedure(manifest("test/main"), |calls| {
        calls.step("first", || calls.set("middle", "1"))
    });
    let Progress::Failed(error) = bench.start("test/main").1.unwrap() else {
        panic!("fails")
    };
    assert_eq!(error.code, "P0139");
    let plan = bench
        .engine()
        .plan(&start("test/main"), &Taken::default())
        .unwrap();
    let PlanEnd::Fails { error: planned } = plan.ended else {
        panic!("would fail")
    };
    for error in [error, planned] {
        let reason = &error.message.args["reason"];
        assert!(
            !reason.is_empty() && !reason.contains('{'),
            "a sentence, not a document: {reason}"
        );
    }
    assert_eq!(bench.world.effects(), 0);
}

#[test]
fn a_run_whose_hooks_are_others_now_diverges() {
    let hook = "[[hook]]\nprocedure = \"test/main\"\nat = \"before:first\"\nrun = \"test/child\"\nparams = {name = \"ask\"}\n";
    let mut bench = Bench::with_site(hook);
    family(&bench);
    bench.procedure(manifest("test/main"), |calls| {
        calls.step("first", || calls.set("middle", "1"))
    });
    let (run, progress) = bench.start("test/main");
    assert!(matches!(progress.unwrap(), Progress::Waiting(Wait::Child { .. })));
    bench.site = GRANTS.to_owned();
    assert!(matches!(
        bench.resume(&run).unwrap(),
        Progress::Waiting(Wait::Diverged { .. })
    ));
    assert_eq!(bench.world.effects(), 0);
    bench.site.push_str(hook);
    bench.resume(&run).unwrap();
    bench.engine().answer(&run, &ben(), &json!(true)).unwrap();
    assert!(matches!(bench.resume(&run).unwrap(), Progress::Succeeded(_)));
}

#[test]
fn a_procedure_starts_only_those_that_it_may_start() {
    let call = |procedure: &str| json!({"procedure": procedure, "params": "{}"});
    let several = move |procedures: &[&str]| json!({"children": procedures.iter().copied().map(call).collect::<Vec<_>>()});
    let try_all = move |calls: &Calls<'_>| {
        let tried = [
            calls.attempt("run.run-child", call("other/child")),
            calls.attempt("run.run-children", several(&["test/child", "other/child"])),
        ];
        let codes = tried.map(|result| match result {
            Err(procedo_core::caller::Fault::Error(error)) => error.code,
            other => format!("{other:?}"),
        });
        Ok(json!(codes))
    };
    let bench = Bench::new();
    for id in ["test/child", "other/child"] {
        bench.procedure(manifest(id), |calls| calls.set("child", "1"));
    }
    // The site grants test/* only.
    bench.procedure(manifest("test/parent"), try_all);
    let (run, progress) = bench.start("test/parent");
    assert_eq!(progress.unwrap(), Progress::Succeeded(json!(["P0106", "P0106"])));
    assert_eq!(bench.store.rows(10, true).unwrap().len(), 1, "{run} started none");
    // The author did not name any.
    let mut alone = manifest("test/parent");
    alone.needs.retain(|need| need.capability != "run");
    bench.procedure(alone, try_all);
    let (_, progress) = bench.start("test/parent");
    assert_eq!(progress.unwrap(), Progress::Succeeded(json!(["P0105", "P0105"])));
    assert_eq!(bench.world.effects(), 0);
}
