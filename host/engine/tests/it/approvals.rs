//! Approvals, windows and locks: what must be so before the first effect.

use crate::fixture::*;
use procedo_core::journal::{Body, Wait};
use procedo_engine::{Progress, Taken};
use serde_json::json;

const TWO: &str = "[[policy]]\nprocedure = \"test/*\"\napprovals = 2\n";

fn approver(by: procedo_core::run::Actor) -> Taken {
    Taken {
        approver: Some(by),
        ..Taken::default()
    }
}

#[test]
fn two_different_people_must_approve_the_same_plan() {
    let bench = Bench::with_site(TWO);
    bench.procedure(manifest("test/set"), |calls| calls.set("a", "1"));
    let (run, progress) = bench.start("test/set");
    let Progress::Waiting(Wait::Approval { needed: 2, plan, .. }) = progress.unwrap() else {
        panic!("waits")
    };
    assert_eq!(plan["changes"][0]["change"]["target"], "a");
    let engine = bench.engine();
    engine.approve(&run, &ana()).unwrap();
    engine.approve(&run, &ana()).unwrap();
    assert!(
        matches!(
            bench.resume(&run).unwrap(),
            Progress::Waiting(Wait::Approval { .. })
        ),
        "ana counts once"
    );
    assert_eq!(bench.world.effects(), 0);
    engine.approve(&run, &ben()).unwrap();
    assert!(matches!(bench.resume(&run).unwrap(), Progress::Succeeded(_)));
    assert_eq!(bench.world.effects(), 1);
}

#[test]
fn a_supervised_procedure_is_not_approved_by_who_started_it() {
    let bench = Bench::new();
    let mut supervised = manifest("test/set");
    supervised.supervised = true;
    bench.procedure(supervised, |calls| calls.set("a", "1"));
    let (run, progress) = bench.start_with(&bench.engine(), &start("test/set"), &approver(ana()));
    assert!(matches!(
        progress.unwrap(),
        Progress::Waiting(Wait::Approval {
            second_person: true,
            ..
        })
    ));
    assert_eq!(bench.engine().approve(&run, &ana()).unwrap_err().code, "P0505");
    bench.engine().approve(&run, &ben()).unwrap();
    assert!(matches!(bench.resume(&run).unwrap(), Progress::Succeeded(_)));
}

#[test]
fn a_world_that_changed_since_the_approval_is_asked_about_again() {
    let bench = Bench::with_site("[[policy]]\nprocedure = \"test/*\"\napprovals = 1\n");
    bench.procedure(manifest("test/set"), |calls| {
        calls.set("a", "1")?;
        calls.set("b", "2")
    });
    let (run, _) = bench.start("test/set");
    bench.engine().approve(&run, &ben()).unwrap();
    bench.world.put("a", "1");
    assert!(
        matches!(
            bench.resume(&run).unwrap(),
            Progress::Waiting(Wait::Approval { .. })
        ),
        "the plan is another now"
    );
    assert_eq!(bench.world.effects(), 0);
    bench.engine().approve(&run, &ben()).unwrap();
    assert!(matches!(bench.resume(&run).unwrap(), Progress::Succeeded(_)));
}

#[test]
fn a_live_change_that_was_not_in_the_approved_plan_is_asked_about_before_it_is_made() {
    let bench = Bench::with_site("[[policy]]\nprocedure = \"test/*\"\napprovals = 1\n");
    bench.procedure(manifest("test/post"), |calls| {
        calls.set("a", "1")?;
        calls.call("ledger.post", json!({"book": "main", "text": "x"}))?;
        // The plan ended before this: it could not foresee the receipt.
        calls.set("b", "2")
    });
    let (run, progress) = bench.start_with(&bench.engine(), &start("test/post"), &Taken::default());
    assert!(matches!(progress.unwrap(), Progress::Waiting(_)));
    bench.engine().approve(&run, &ben()).unwrap();
    let Progress::Waiting(Wait::Approval { plan, .. }) = bench.resume(&run).unwrap() else {
        panic!("asks")
    };
    assert_eq!(plan["change"]["target"], "b");
    assert_eq!(bench.world.get("b"), None);
    bench.engine().approve(&run, &ben()).unwrap();
    assert!(matches!(bench.resume(&run).unwrap(), Progress::Succeeded(_)));
    assert_eq!(bench.world.effects(), 3);
}

#[test]
fn what_a_run_takes_back_of_its_own_was_agreed_to_with_the_change() {
    let bench = Bench::with_site("[[policy]]\nprocedure = \"test/*\"\napprovals = 1\n");
    bench.world.put("a", "0");
    bench.procedure(manifest("test/post"), |calls| {
        calls.set("a", "1")?;
        calls.call("ledger.post", json!({"book": "main", "text": "x"}))?;
        // The plan ended before this. The first takes back what was agreed to; the second is another value.
        calls.set("a", "0")?;
        calls.set("a", "2")
    });
    let (run, progress) = bench.start_with(&bench.engine(), &start("test/post"), &Taken::default());
    assert!(matches!(progress.unwrap(), Progress::Waiting(_)));
    bench.engine().approve(&run, &ben()).unwrap();
    let Progress::Waiting(Wait::Approval { plan, .. }) = bench.resume(&run).unwrap() else {
        panic!("asks")
    };
    assert_eq!(plan["change"]["after"], "2");
    assert_eq!(bench.world.get("a").as_deref(), Some("0"));
}

#[test]
fn a_rejected_plan_ends_the_run_and_says_who_and_why() {
    let bench = Bench::with_site(TWO);
    bench.procedure(manifest("test/set"), |calls| calls.set("a", "1"));
    let (run, _) = bench.start("test/set");
    bench.engine().reject(&run, &ben(), "not on a Friday").unwrap();
    let Progress::Failed(error) = bench.resume(&run).unwrap() else {
        panic!("fails")
    };
    assert_eq!(
        (error.code.as_str(), error.message.args["reason"].as_str()),
        ("P0124", "not on a Friday")
    );
    assert_eq!(bench.world.effects(), 0);
}

#[test]
fn yes_is_an_approval_and_the_journal_keeps_what_was_agreed_to() {
    let bench = Bench::with_site("[[policy]]\nprocedure = \"test/*\"\napprovals = 1\n");
    bench.procedure(manifest("test/set"), |calls| calls.set("a", "1"));
    let (run, progress) = bench.start_with(&bench.engine(), &start("test/set"), &approver(ana()));
    assert!(matches!(progress.unwrap(), Progress::Succeeded(_)));
    let kinds: Vec<_> = bench.bodies(&run).iter().map(Body::kind).collect();
    assert_eq!(
        kinds,
        ["started", "waiting", "decided", "intent", "outcome", "finished"]
    );
}

#[test]
fn a_second_run_waits_for_the_lock_and_says_for_whom() {
    let bench = Bench::new();
    let mut locked = manifest("test/locked");
    locked.locks = vec!["$name".to_owned()];
    bench.procedure(locked, |calls| {
        calls.set("a", "1")?;
        calls.call(
            "run.confirm",
            json!({"key": "go", "prompt": {"id": "Go?", "args": []}}),
        )?;
        calls.set("a", "2")
    });
    let (first, progress) = bench.start("test/locked");
    assert!(matches!(
        progress.unwrap(),
        Progress::Waiting(Wait::Answer { .. })
    ));
    let (second, progress) = bench.start("test/locked");
    assert!(
        matches!(progress.unwrap(), Progress::Waiting(Wait::Lock { holder, lock }) if holder == first && lock == "a")
    );
    bench.engine().answer(&first, &ben(), &json!(true)).unwrap();
    assert!(matches!(bench.resume(&first).unwrap(), Progress::Succeeded(_)));
    assert!(matches!(
        bench.resume(&second).unwrap(),
        Progress::Waiting(Wait::Answer { .. })
    ));
}

#[test]
fn what_a_procedure_with_locks_reads_is_of_the_time_when_it_holds_them() {
    let bench = Bench::new();
    let locked = |id: &str| {
        let mut manifest = manifest(id);
        manifest.locks = vec!["it".to_owned()];
        manifest
    };
    bench.procedure(locked("test/first"), |calls| {
        calls.set("a", "begun")?;
        calls.call(
            "run.confirm",
            json!({"key": "go", "prompt": {"id": "Go?", "args": []}}),
        )?;
        calls.set("a", "done")
    });
    bench.procedure(locked("test/second"), |calls| {
        let found = calls.get("a")?;
        calls.set("b", "1")?;
        Ok(found)
    });
    let (first, _) = bench.start("test/first");
    let (second, progress) = bench.start("test/second");
    assert!(matches!(progress.unwrap(), Progress::Waiting(Wait::Lock { .. })));
    bench.engine().answer(&first, &ben(), &json!(true)).unwrap();
    assert!(matches!(bench.resume(&first).unwrap(), Progress::Succeeded(_)));
    assert_eq!(bench.resume(&second).unwrap(), Progress::Succeeded(json!("done")));
}

/// A policy with the window `night`: one minute, twelve hours from now.
fn closed_window() -> String {
    let from = (jiff::Zoned::now().with_time_zone(jiff::tz::TimeZone::UTC))
        .time()
        .wrapping_add(jiff::Span::new().hours(12));
    let to = from.wrapping_add(jiff::Span::new().minutes(1));
    format!(
        "[[policy]]\nprocedure = \"test/*\"\nwindow = \"night\"\n[window.night]\nfrom = \"{}\"\nto = \"{}\"\n",
        from.strftime("%H:%M"),
        to.strftime("%H:%M")
    )
}

#[test]
fn where_several_windows_apply_all_have_to_be_open() {
    const OPEN: &str = "[[policy]]\nprocedure = \"*\"\nwindow = \"always\"\n";
    const ALWAYS: &str = "[window.always]\nfrom = \"00:00\"\nto = \"00:00\"\n";
    let bench = Bench::with_site(&format!("{OPEN}{}{ALWAYS}", closed_window()));
    bench.procedure(manifest("test/set"), |calls| calls.set("a", "1"));
    let (_, progress) = bench.start("test/set");
    assert!(matches!(progress.unwrap(), Progress::Waiting(Wait::Window { window, .. }) if window == "night"));
    assert_eq!(bench.world.effects(), 0);
}

#[test]
fn a_closed_window_holds_changes_back_unless_it_is_overridden_with_a_reason() {
    let bench = Bench::with_site(&closed_window());
    bench.procedure(manifest("test/set"), |calls| calls.set("a", "1"));
    let (_, progress) = bench.start("test/set");
    assert!(matches!(progress.unwrap(), Progress::Waiting(Wait::Window { window, .. }) if window == "night"));
    assert_eq!(bench.world.effects(), 0);
    let mut urgent = start("test/set");
    urgent.override_reason = Some("the site is down".to_owned());
    let (run, progress) = bench.start_with(&bench.engine(), &urgent, &Taken::default());
    assert!(matches!(progress.unwrap(), Progress::Succeeded(_)));
    let Body::Started(started) = &bench.bodies(&run)[0] else {
        panic!("started first")
    };
    assert_eq!(started.override_reason.as_deref(), Some("the site is down"));
}

#[test]
fn a_policy_that_wants_a_second_person_wants_an_approval() {
    let bench = Bench::with_site("[[policy]]\nprocedure = \"test/*\"\nsecond-person = true\n");
    bench.procedure(manifest("test/set"), |calls| calls.set("a", "1"));
    let (_, progress) = bench.start_with(&bench.engine(), &start("test/set"), &approver(ana()));
    assert!(matches!(
        progress.unwrap(),
        Progress::Waiting(Wait::Approval { needed: 1, .. })
    ));
    assert_eq!(bench.world.effects(), 0);
}

#[test]
fn a_supervised_hook_is_not_approved_by_who_started_the_run_it_hooks() {
    let hook = "[[hook]]\nprocedure = \"test/main\"\nat = \"before:first\"\nrun = \"test/hook\"\n";
    let bench = Bench::with_site(hook);
    let mut supervised = manifest("test/hook");
    supervised.supervised = true;
    bench.procedure(supervised, |calls| calls.set("hook", "1"));
    bench.procedure(manifest("test/main"), |calls| {
        calls.step("first", || calls.set("a", "1"))
    });
    let (run, progress) = bench.start_with(&bench.engine(), &start("test/main"), &approver(ana()));
    assert!(matches!(progress.unwrap(), Progress::Waiting(Wait::Child { .. })));
    assert_eq!(bench.engine().approve(&run, &ana()).unwrap_err().code, "P0505");
    assert_eq!(bench.world.effects(), 0);
    bench.engine().approve(&run, &ben()).unwrap();
    assert!(matches!(bench.resume(&run).unwrap(), Progress::Succeeded(_)));
}

#[test]
fn a_policy_that_became_stricter_in_the_middle_counts_for_what_is_left() {
    const ONE: &str = "[[policy]]\nprocedure = \"test/*\"\napprovals = 1\n";
    let mut bench = Bench::with_site(ONE);
    bench.procedure(manifest("test/set"), |calls| {
        calls.set("a", "1")?;
        calls.set("b", "1")
    });
    // The plan, its approval, and the first change are written.
    let dying = bench.engine_over(Dying::after(&bench.store, 4));
    let (run, _) = bench.start_with(&dying, &start("test/set"), &approver(ana()));
    assert_eq!(bench.world.effects(), 1);
    bench.site = bench.site.replace(ONE, TWO);
    let Progress::Waiting(Wait::Approval { needed: 2, plan, .. }) = bench.resume(&run).unwrap() else {
        panic!("asks")
    };
    assert_eq!(plan["change"]["target"], "b");
    bench.engine().approve(&run, &ana()).unwrap();
    bench.engine().approve(&run, &ben()).unwrap();
    assert!(matches!(bench.resume(&run).unwrap(), Progress::Succeeded(_)));
    assert_eq!(bench.world.effects(), 2);
}
