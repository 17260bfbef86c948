//! Undo: outcomes walked backwards by a run of its own.

use crate::fixture::*;
use procedo_core::journal::Wait;
use procedo_engine::{Progress, Taken};
use serde_json::json;

fn undo(
    bench: &Bench,
    run: &procedo_core::run::RunId,
) -> (procedo_core::run::RunId, procedo_core::Result<Progress>) {
    let mut undo = None;
    let progress = bench
        .engine()
        .undo(run, &start("-"), &Taken::default(), &mut |id| {
            undo = Some(id.clone())
        });
    (undo.expect("the undo began"), progress)
}

fn changes(bench: &Bench) {
    bench.world.put("kept", "old");
    bench.procedure(manifest("test/changes"), |calls| {
        calls.set("new", "1")?;
        calls.set("new", "2")?;
        calls.set("kept", "changed")?;
        calls.remove("kept")
    });
}

#[test]
fn undo_restores_everything_and_can_itself_be_undone() {
    let bench = Bench::new();
    changes(&bench);
    let before = bench.world.values.lock().unwrap().clone();
    let (run, _) = bench.start("test/changes");
    let after = bench.world.values.lock().unwrap().clone();
    let plan = bench
        .engine()
        .plan_undo(&run, &start("-"), &Taken::default())
        .unwrap();
    let targets: Vec<_> = plan.changes.iter().map(|c| c.change.target.as_str()).collect();
    assert_eq!(
        targets,
        ["kept", "kept", "new", "new"],
        "backwards, each seeing the one before"
    );
    let (back, progress) = undo(&bench, &run);
    let Progress::Succeeded(report) = progress.unwrap() else {
        panic!()
    };
    assert_eq!(
        (&report["reversed"], &report["kept"], &report["irreversible"]),
        (&json!(4), &json!([]), &json!([]))
    );
    assert_eq!(*bench.world.values.lock().unwrap(), before);
    assert_eq!(
        bench
            .engine()
            .plan_undo(&run, &start("-"), &Taken::default())
            .unwrap_err()
            .code,
        "P0138"
    );
    let (_, progress) = undo(&bench, &back);
    assert!(matches!(progress.unwrap(), Progress::Succeeded(_)));
    assert_eq!(*bench.world.values.lock().unwrap(), after);
}

#[test]
fn a_value_edited_by_hand_is_a_conflict_that_is_asked_about_and_kept() {
    let bench = Bench::new();
    bench.procedure(manifest("test/set"), |calls| {
        calls.set("a", "1")?;
        calls.set("b", "1")
    });
    let (run, _) = bench.start("test/set");
    bench.world.put("a", "by hand");
    let (undoing, progress) = undo(&bench, &run);
    let Progress::Waiting(Wait::Answer { key, .. }) = progress.unwrap() else {
        panic!("asks")
    };
    assert_eq!(key, "conflict-2");
    bench.engine().answer(&undoing, &ben(), &json!("keep")).unwrap();
    let Progress::Succeeded(report) = bench.resume(&undoing).unwrap() else {
        panic!()
    };
    assert_eq!(report["reversed"], 1);
    assert_eq!(report["kept"][0]["target"], "ledger/main a");
    assert_eq!(bench.world.get("a").as_deref(), Some("by hand"));
    assert_eq!(bench.world.get("b"), None);
}

#[test]
fn what_cannot_be_reversed_is_said_with_its_reason() {
    let bench = Bench::new();
    bench.procedure(manifest("test/post"), |calls| {
        calls.set("a", "1")?;
        calls.call("ledger.post", json!({"book": "main", "text": "x"}))
    });
    let (run, _) = bench.start("test/post");
    let Progress::Succeeded(report) = undo(&bench, &run).1.unwrap() else {
        panic!()
    };
    assert_eq!(report["irreversible"][0]["reason"], "posted is posted");
    assert_eq!(report["reversed"], 1);
}

#[test]
fn an_undo_cut_off_at_any_entry_ends_like_one_that_was_not() {
    for cut in 0..20 {
        let bench = Bench::new();
        changes(&bench);
        let (run, _) = bench.start("test/changes");
        let dying = bench.engine_over(Dying::after(&bench.store, cut));
        let mut undoing = None;
        let progress = dying.undo(&run, &start("-"), &Taken::default(), &mut |id| {
            undoing = Some(id.clone())
        });
        if progress.is_err() {
            assert!(
                matches!(bench.resume(&undoing.unwrap()).unwrap(), Progress::Succeeded(_)),
                "cut after {cut}"
            );
        }
        assert_eq!(bench.world.get("kept").as_deref(), Some("old"), "cut after {cut}");
        assert_eq!(bench.world.get("new"), None);
        assert_eq!(bench.world.effects(), 8, "cut after {cut}");
    }
}

#[test]
fn undo_acts_only_under_the_right_of_the_original_call() {
    let mut bench = Bench::new();
    bench.procedure(manifest("test/set"), |calls| calls.set("a", "1"));
    let (run, _) = bench.start("test/set");
    bench.site = "name = \"bench\"".to_owned();
    let Progress::Failed(error) = undo(&bench, &run).1.unwrap() else {
        panic!("denied")
    };
    assert_eq!(
        (error.code.as_str(), error.kind),
        ("P0128", procedo_core::Kind::Denied)
    );
    assert_eq!(bench.world.get("a").as_deref(), Some("1"));
}

#[test]
fn children_are_undone_with_their_parent() {
    let bench = Bench::new();
    bench.procedure(manifest("test/child"), |calls| calls.set("child", "1"));
    bench.procedure(manifest("test/parent"), |calls| {
        calls.call(
            "run.run-child",
            json!({"procedure": "test/child", "params": "{}"}),
        )?;
        calls.set("parent", "1")
    });
    let (run, _) = bench.start("test/parent");
    assert_eq!(bench.world.effects(), 2);
    assert!(matches!(undo(&bench, &run).1.unwrap(), Progress::Succeeded(_)));
    assert!(bench.world.values.lock().unwrap().is_empty());
}

#[test]
fn a_call_that_failed_without_effect_is_not_undone() {
    let bench = Bench::new();
    bench.procedure(manifest("test/set"), |calls| {
        let _ = calls.attempt("ledger.set", json!({"book": "main", "name": "a", "value": "1"}));
        Ok(json!(null))
    });
    *bench.world.broken.lock().unwrap() = true;
    let (run, _) = bench.start("test/set");
    *bench.world.broken.lock().unwrap() = false;
    let Progress::Succeeded(report) = undo(&bench, &run).1.unwrap() else {
        panic!()
    };
    assert_eq!(report["reversed"], 0);
    assert_eq!(bench.world.effects(), 0);
}

#[test]
fn an_undo_of_an_undo_acts_under_the_right_of_the_call_that_was_undone_first() {
    use procedo_core::effect::Effect;
    let bench = Bench::new();
    let may_only_write = |id: &str| {
        let mut manifest = manifest(id);
        manifest.needs.retain(|need| need.capability == "ledger");
        manifest.needs[0].effect = Effect::Write;
        manifest
    };
    let mut parent = may_only_write("test/parent");
    parent.needs = manifest("test/parent").needs;
    parent.needs.retain(|need| need.capability == "run");
    bench.procedure(may_only_write("test/child"), |calls| calls.set("child", "1"));
    bench.procedure(parent, |calls| {
        calls.call(
            "run.run-child",
            json!({"procedure": "test/child", "params": "{}"}),
        )
    });
    let (run, _) = bench.start("test/parent");
    let mut last = run;
    // Each of them removes or sets what the child set, whose own right reaches no further than setting.
    for expected in [None, Some("1"), None] {
        let (undoing, progress) = undo(&bench, &last);
        let progress = progress.unwrap();
        assert!(matches!(progress, Progress::Succeeded(_)), "{progress:?}");
        assert_eq!(bench.world.get("child").as_deref(), expected);
        last = undoing;
    }
}

#[test]
fn a_call_in_doubt_of_a_cancelled_run_is_undone_if_it_took_effect() {
    for applied in [true, false] {
        let bench = Bench::new();
        bench.procedure(manifest("test/child"), |calls| calls.set("child", "1"));
        bench.procedure(manifest("test/parent"), |calls| {
            calls.call(
                "run.run-child",
                json!({"procedure": "test/child", "params": "{}"}),
            )
        });
        // The intents of parent and child are written, no outcome is.
        let dying = bench.engine_over(Dying::after(&bench.store, 2));
        let (run, _) = bench.start_with(&dying, &start("test/parent"), &Taken::default());
        assert_eq!(bench.world.get("child").as_deref(), Some("1"));
        bench.engine().cancel(&run, &ben(), "no").unwrap();
        if !applied {
            bench.world.values.lock().unwrap().clear();
        }
        let Progress::Succeeded(report) = undo(&bench, &run).1.unwrap() else {
            panic!()
        };
        assert_eq!(report["reversed"], u64::from(applied));
        assert!(bench.world.values.lock().unwrap().is_empty());
    }
}

#[test]
fn an_undo_is_under_the_rules_of_every_procedure_whose_effects_it_reverses() {
    let bench = Bench::new();
    let mut supervised = manifest("test/child");
    supervised.supervised = true;
    bench.procedure(supervised, |calls| calls.set("child", "1"));
    bench.procedure(manifest("test/parent"), |calls| {
        calls.call(
            "run.run-child",
            json!({"procedure": "test/child", "params": "{}"}),
        )
    });
    let (run, _) = bench.start("test/parent");
    bench.engine().approve(&run, &ben()).unwrap();
    assert!(matches!(bench.resume(&run).unwrap(), Progress::Succeeded(_)));
    let (undoing, progress) = undo(&bench, &run);
    assert!(matches!(
        progress.unwrap(),
        Progress::Waiting(Wait::Approval {
            second_person: true,
            ..
        })
    ));
    assert_eq!(bench.world.get("child").as_deref(), Some("1"));
    bench.engine().approve(&undoing, &ben()).unwrap();
    assert!(matches!(bench.resume(&undoing).unwrap(), Progress::Succeeded(_)));
    assert_eq!(bench.world.get("child"), None);
}

#[test]
fn of_two_undos_of_one_run_the_second_waits_for_the_first() {
    let bench = Bench::new();
    bench.procedure(manifest("test/set"), |calls| calls.set("a", "1"));
    let (run, _) = bench.start("test/set");
    bench.world.put("a", "by hand");
    let (first, progress) = undo(&bench, &run);
    assert!(matches!(
        progress.unwrap(),
        Progress::Waiting(Wait::Answer { .. })
    ));
    let (second, progress) = undo(&bench, &run);
    assert!(
        matches!(progress.unwrap(), Progress::Waiting(Wait::Lock { lock, holder }) if holder == first && lock == format!("undo {run}"))
    );
    bench.engine().answer(&first, &ben(), &json!("keep")).unwrap();
    assert!(matches!(bench.resume(&first).unwrap(), Progress::Succeeded(_)));
    // It looks only now, and sees what there is.
    assert!(matches!(
        bench.resume(&second).unwrap(),
        Progress::Waiting(Wait::Answer { .. })
    ));
    assert_eq!(bench.world.get("a").as_deref(), Some("by hand"));
}

#[test]
fn an_undo_that_waited_for_another_one_does_not_reverse_twice() {
    let bench = Bench::new();
    bench.procedure(manifest("test/set"), |calls| calls.set("a", "1"));
    let (run, _) = bench.start("test/set");
    bench.world.put("a", "by hand");
    let (first, _) = undo(&bench, &run);
    let (second, progress) = undo(&bench, &run);
    assert!(matches!(progress.unwrap(), Progress::Waiting(Wait::Lock { .. })));
    bench
        .engine()
        .answer(&first, &ben(), &json!("overwrite"))
        .unwrap();
    assert!(matches!(bench.resume(&first).unwrap(), Progress::Succeeded(_)));
    // As it was when the second one was planned.
    bench.world.put("a", "1");
    let progress = bench.resume(&second).unwrap();
    assert!(
        matches!(&progress, Progress::Failed(error) if error.code == "P0138"),
        "{progress:?}"
    );
    assert_eq!(bench.world.get("a").as_deref(), Some("1"));
}

#[test]
fn what_an_undo_kept_can_be_undone_later_and_nothing_else() {
    let bench = Bench::new();
    bench.procedure(manifest("test/set"), |calls| {
        calls.set("a", "1")?;
        calls.set("b", "1")
    });
    let (run, _) = bench.start("test/set");
    bench.world.put("a", "by hand");
    let (first, _) = undo(&bench, &run);
    bench.engine().answer(&first, &ben(), &json!("keep")).unwrap();
    assert!(matches!(bench.resume(&first).unwrap(), Progress::Succeeded(_)));
    // As they were left by the run.
    bench.world.put("a", "1");
    bench.world.put("b", "1");
    let (_, progress) = undo(&bench, &run);
    let Progress::Succeeded(report) = progress.unwrap() else {
        panic!("nothing is in the way")
    };
    assert_eq!(report["reversed"], 1);
    assert_eq!(bench.world.get("a"), None);
    assert_eq!(
        bench.world.get("b").as_deref(),
        Some("1"),
        "it was undone by the first"
    );
    let again = bench.engine().plan_undo(&run, &start("-"), &Taken::default());
    assert_eq!(again.unwrap_err().code, "P0138");
}

#[test]
fn a_run_whose_undo_was_undone_and_redone_is_undone() {
    let bench = Bench::new();
    bench.procedure(manifest("test/set"), |calls| calls.set("a", "1"));
    let (run, _) = bench.start("test/set");
    let mut last = run.clone();
    for there in [None, Some("1"), None] {
        let (next, progress) = undo(&bench, &last);
        assert!(matches!(progress.unwrap(), Progress::Succeeded(_)));
        assert_eq!(bench.world.get("a").as_deref(), there);
        last = next;
    }
    let again = bench.engine().plan_undo(&run, &start("-"), &Taken::default());
    assert_eq!(again.unwrap_err().code, "P0138");
}

#[test]
fn a_child_is_undone_with_its_parent_alone() {
    let bench = Bench::new();
    bench.procedure(manifest("test/child"), |calls| calls.set("child", "1"));
    bench.procedure(manifest("test/parent"), |calls| {
        calls.call(
            "run.run-child",
            json!({"procedure": "test/child", "params": "{}"}),
        )
    });
    let (run, progress) = bench.start("test/parent");
    assert!(matches!(progress.unwrap(), Progress::Succeeded(_)));
    let child = run.child(1, 0);
    let refused = bench.engine().plan_undo(&child, &start("-"), &Taken::default());
    let error = refused.unwrap_err();
    assert_eq!(error.code, "P0150");
    let (_, progress) = undo(&bench, &run);
    assert!(matches!(progress.unwrap(), Progress::Succeeded(_)));
    assert_eq!(bench.world.get("child"), None);
}
