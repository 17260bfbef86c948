//! Runs that are cut off at every entry of their journal, and taken up again.

use crate::fixture::*;
use procedo_core::caller::Ended;
use procedo_core::journal::{Body, Wait};
use procedo_core::run::RunId;
use procedo_core::value::Value;
use procedo_engine::watch::{Event, Watch};
use procedo_engine::{Progress, Taken};
use serde_json::json;
use std::sync::{Arc, Mutex};

fn three_changes(calls: &Calls<'_>) -> Result<Value, Ended> {
    calls.step("first", || {
        calls.set("a", "1")?;
        calls.set("b", "2")
    })?;
    let seen = calls.get("a")?;
    calls.call(
        "run.log",
        json!({"level": "info", "message": {"id": "half", "args": []}}),
    )?;
    calls.step("second", || {
        calls.remove("a")?;
        calls.set("b", "2")
    })?;
    Ok(json!({"seen": seen, "random": calls.call("run.random", json!({"count": 4}))?.as_str().map(str::len)}))
}

/// A journal without what differs between a straight run and one that was cut off.
fn essence(bench: &Bench, run: &procedo_core::run::RunId) -> Vec<Value> {
    let mut essence = Vec::new();
    for body in bench.bodies(run) {
        match &body {
            Body::Started(_) | Body::Resumed { .. } | Body::Probe { .. } => continue,
            _ => {}
        }
        let mut value = serde_json::to_value(&body).unwrap();
        if let Some(members) = value.as_object_mut() {
            members.remove("micros");
        }
        essence.push(value);
    }
    // Random bytes follow from the seed, which differs between runs.
    for value in &mut essence {
        if value
            .pointer("/reply")
            .and_then(Value::as_str)
            .is_some_and(|reply| reply.len() == 8)
        {
            value["reply"] = json!("random");
        }
    }
    essence
}

#[test]
fn a_run_cut_off_at_any_entry_ends_like_one_that_was_not() {
    let straight = Bench::new();
    straight.procedure(manifest("test/three"), three_changes);
    let (run, progress) = straight.start("test/three");
    assert_eq!(
        progress.unwrap(),
        Progress::Succeeded(json!({"seen": "1", "random": 8}))
    );
    let expected = essence(&straight, &run);
    let entries = straight.bodies(&run).len();
    assert_eq!(straight.world.effects(), 3);

    for cut in 0..entries {
        let bench = Bench::new();
        bench.procedure(manifest("test/three"), three_changes);
        let dying = bench.engine_over(Dying::after(&bench.store, cut));
        let (run, progress) = bench.start_with(&dying, &start("test/three"), &Taken::default());
        if cut < entries - 1 {
            assert_eq!(progress.unwrap_err().code, "T0002", "cut after {cut}");
            let progress = bench.resume(&run).unwrap();
            assert!(
                matches!(progress, Progress::Succeeded(_)),
                "cut after {cut}: {progress:?}"
            );
        }
        assert_eq!(
            bench.world.values.lock().unwrap().clone(),
            straight.world.values.lock().unwrap().clone()
        );
        assert_eq!(bench.world.effects(), 3, "cut after {cut}");
        assert_eq!(essence(&bench, &run), expected, "cut after {cut}");
    }
}

#[test]
fn a_call_whose_effect_nobody_can_tell_waits_for_a_verdict() {
    let post = |calls: &Calls<'_>| {
        let receipt = calls.call("ledger.post", json!({"book": "main", "text": "x"}))?;
        calls.set("after", receipt.as_str().unwrap_or_default())?;
        Ok(receipt)
    };
    for applied in [true, false] {
        let bench = Bench::new();
        bench.procedure(manifest("test/post"), post);
        // Intent and note are written, the outcome is not.
        let dying = bench.engine_over(Dying::after(&bench.store, 2));
        let (run, _) = bench.start_with(&dying, &start("test/post"), &Taken::default());
        assert_eq!(bench.world.effects(), 1);
        let Progress::Waiting(wait) = bench.resume(&run).unwrap() else {
            panic!("it should wait")
        };
        let Wait::Verdict { found, .. } = &wait else {
            panic!("for a verdict, not {wait:?}")
        };
        assert_eq!(found.to_string(), "notes: 1");
        assert_eq!(wait.state(), procedo_core::run::State::InDoubt);
        assert_eq!(
            bench.store.row(&run).unwrap().unwrap().state,
            procedo_core::run::State::InDoubt
        );
        // Nobody said anything: it is looked at again, and nothing else happens.
        assert!(matches!(bench.resume(&run).unwrap(), Progress::Waiting(_)));
        assert_eq!(bench.world.effects(), 1);
        bench
            .engine()
            .verdict(&run, &ben(), applied.then(|| json!("by hand")))
            .unwrap();
        let reply = if applied { "by hand" } else { "receipt" };
        assert_eq!(bench.resume(&run).unwrap(), Progress::Succeeded(json!(reply)));
        assert_eq!(bench.world.effects(), if applied { 2 } else { 3 });
    }
}

#[test]
fn a_call_that_lost_sight_of_its_work_is_in_doubt_and_probed_when_the_run_goes_on() {
    for (away, found) in [
        (Away::BeforeEffect, "not-applied"),
        (Away::AfterEffect, "applied"),
    ] {
        let bench = Bench::new();
        bench.procedure(manifest("test/set"), |calls| calls.set("a", "1"));
        *bench.world.away.lock().unwrap() = Some(away);
        let (run, progress) = bench.start("test/set");
        let Progress::Waiting(Wait::Verdict { found: why, .. }) = progress.unwrap() else {
            panic!("it should wait")
        };
        assert_eq!(why.id, "T0003", "it says why it cannot know");
        let row = bench.store.row(&run).unwrap().unwrap();
        assert_eq!(row.state, procedo_core::run::State::InDoubt);
        assert_eq!(bench.resume(&run).unwrap(), Progress::Succeeded(json!(true)));
        assert_eq!(bench.world.effects(), 1, "once, whatever became of it");
        let probed = bench.bodies(&run).into_iter().find_map(|body| match body {
            Body::Probe { found, .. } => Some(found),
            _ => None,
        });
        assert_eq!(probed.as_deref(), Some(found));
    }
}

#[test]
fn a_resource_that_stands_for_something_else_now_is_asked_about() {
    let bench = Bench::new();
    *bench.world.identity.lock().unwrap() = "host-1".to_owned();
    bench.procedure(manifest("test/set"), |calls| calls.set("a", "1"));
    let dying = bench.engine_over(Dying::after(&bench.store, 1));
    let (run, _) = bench.start_with(&dying, &start("test/set"), &Taken::default());
    *bench.world.identity.lock().unwrap() = "host-2".to_owned();
    let Progress::Waiting(Wait::Verdict { found, .. }) = bench.resume(&run).unwrap() else {
        panic!("it should wait")
    };
    assert_eq!(found.args["then"], "host-1");
    assert_eq!(found.args["now"], "host-2");
}

#[test]
fn another_procedure_under_the_same_name_diverges_and_is_not_run() {
    let bench = Bench::new();
    bench.procedure(manifest("test/set"), |calls| calls.set("a", "1"));
    let dying = bench.engine_over(Dying::after(&bench.store, 1));
    let (run, _) = bench.start_with(&dying, &start("test/set"), &Taken::default());
    bench.next_version(manifest("test/set"), |calls| calls.set("a", "2"));
    let Progress::Waiting(wait) = bench.resume(&run).unwrap() else {
        panic!("it should stop")
    };
    assert_eq!(wait.state(), procedo_core::run::State::Diverged);
    assert_eq!(
        bench.store.row(&run).unwrap().unwrap().state,
        procedo_core::run::State::Diverged
    );
    assert_eq!(bench.world.get("a").as_deref(), Some("1"));
    // Put back what it was started with, and it goes on.
    bench.procedure(manifest("test/set"), |calls| calls.set("a", "1"));
    assert!(matches!(bench.resume(&run).unwrap(), Progress::Succeeded(_)));
}

#[test]
fn a_guest_that_calls_otherwise_than_its_journal_diverges() {
    let bench = Bench::new();
    let flips = Arc::new(std::sync::atomic::AtomicUsize::new(0));
    bench.procedure(manifest("test/flip"), move |calls| {
        let flip = flips
            .fetch_add(1, std::sync::atomic::Ordering::SeqCst)
            .to_string();
        calls.set("a", &flip)?;
        calls.set("b", "1")
    });
    let dying = bench.engine_over(Dying::after(&bench.store, 2));
    let (run, _) = bench.start_with(&dying, &start("test/flip"), &Taken::default());
    let Progress::Waiting(Wait::Diverged { expected, found }) = bench.resume(&run).unwrap() else {
        panic!("diverges")
    };
    assert_eq!(
        (&expected["args"]["value"], &found["args"]["value"]),
        (&json!("0"), &json!("1"))
    );
    assert_eq!(bench.world.get("a").as_deref(), Some("0"));
}

#[test]
fn a_guest_that_swallows_the_stop_is_suspended_all_the_same() {
    let bench = Bench::new();
    bench.procedure(manifest("test/stubborn"), |calls| {
        let asked = json!({"key": "go", "prompt": {"id": "Go?", "args": []}});
        for _ in 0..3 {
            let _ = calls.attempt("run.confirm", asked.clone());
        }
        let _ = calls.attempt("ledger.set", json!({"book": "main", "name": "a", "value": "1"}));
        Ok(json!("ignored"))
    });
    let (run, progress) = bench.start("test/stubborn");
    assert!(matches!(
        progress.unwrap(),
        Progress::Waiting(Wait::Answer { .. })
    ));
    assert_eq!(bench.world.effects(), 0);
    assert_eq!(
        bench
            .bodies(&run)
            .iter()
            .filter(|body| body.kind() == "waiting")
            .count(),
        1
    );
}

#[test]
fn the_run_of_a_living_process_cannot_be_taken() {
    let bench = Bench::new();
    let (entered, wait_entered) = std::sync::mpsc::channel();
    let (release, wait_release) = std::sync::mpsc::channel::<()>();
    let wait_release = std::sync::Mutex::new(wait_release);
    bench.procedure(manifest("test/slow"), move |calls| {
        calls.set("a", "1")?;
        entered.send(()).unwrap();
        wait_release.lock().unwrap().recv().unwrap();
        calls.set("b", "1")
    });
    std::thread::scope(|scope| {
        let running = scope.spawn(|| bench.start("test/slow"));
        wait_entered.recv().unwrap();
        let rows = bench.store.rows(10, false).unwrap();
        assert_eq!(rows[0].state, procedo_core::run::State::Running);
        assert_eq!(bench.resume(&rows[0].run).unwrap_err().code, "P0201");
        release.send(()).unwrap();
        assert!(matches!(
            running.join().unwrap().1.unwrap(),
            Progress::Succeeded(_)
        ));
    });
}

#[test]
fn a_verdict_acted_upon_before_a_second_crash_does_not_act_again() {
    let bench = Bench::new();
    bench.procedure(manifest("test/post"), |calls| {
        calls.call("ledger.post", json!({"book": "main", "text": "x"}))
    });
    let dying = bench.engine_over(Dying::after(&bench.store, 2));
    let (run, _) = bench.start_with(&dying, &start("test/post"), &Taken::default());
    assert!(matches!(
        bench.resume(&run).unwrap(),
        Progress::Waiting(Wait::Verdict { .. })
    ));
    // Said twice: the second letter is no verdict on what the first one leads to.
    bench.engine().verdict(&run, &ben(), None).unwrap();
    bench.engine().verdict(&run, &ana(), None).unwrap();
    // Resumed, both verdicts and the note are written; the outcome of the repetition is not.
    let dying = bench.engine_over(Dying::after(&bench.store, 4));
    assert_eq!(
        dying.resume(&run, &ana(), &Taken::default()).unwrap_err().code,
        "T0002"
    );
    assert_eq!(bench.world.effects(), 2);
    assert!(matches!(
        bench.resume(&run).unwrap(),
        Progress::Waiting(Wait::Verdict { .. })
    ));
    assert_eq!(bench.world.effects(), 2, "nobody has judged the repetition");
    bench.engine().verdict(&run, &ben(), Some(json!("seen"))).unwrap();
    assert_eq!(bench.resume(&run).unwrap(), Progress::Succeeded(json!("seen")));
    assert_eq!(bench.world.effects(), 2);
}

#[test]
fn a_call_in_doubt_is_probed_also_where_it_may_not_be_made_again() {
    for applied in [true, false] {
        let mut bench = Bench::new();
        bench.procedure(manifest("test/set"), |calls| calls.set("a", "1"));
        let dying = bench.engine_over(Dying::after(&bench.store, 1));
        let (run, _) = bench.start_with(&dying, &start("test/set"), &Taken::default());
        bench.site = "name = \"bench\"".to_owned();
        if !applied {
            bench.world.values.lock().unwrap().clear();
        }
        match bench.resume(&run).unwrap() {
            Progress::Succeeded(reply) => assert!(applied && reply == json!(true)),
            Progress::Failed(error) => assert!(!applied && error.code == "P0106", "{error:?}"),
            other => panic!("{other:?}"),
        }
        assert_eq!(bench.world.effects(), 1);
    }
}

#[test]
fn a_cancellation_survives_the_death_of_the_process_that_read_it() {
    let bench = Bench::new();
    bench.procedure(manifest("test/ask"), |calls| {
        let asked = json!({"key": "go", "prompt": {"id": "Go?", "args": []}});
        calls.call("run.confirm", asked)?;
        calls.set("a", "1")
    });
    let (run, _) = bench.start("test/ask");
    bench.engine().answer(&run, &ben(), &json!(true)).unwrap();
    // The decision is written, the end is not.
    let dying = bench.engine_over(Dying::after(&bench.store, 1));
    assert_eq!(dying.cancel(&run, &ben(), "no").unwrap_err().code, "T0002");
    assert_eq!(bench.resume(&run).unwrap(), Progress::Cancelled("no".to_owned()));
    assert_eq!(bench.world.effects(), 0);
}

/// Keeps what a run shows of how far it is.
#[derive(Default)]
struct Shown(Mutex<Vec<u64>>);

impl Watch for Shown {
    fn event(&self, _: &RunId, event: &Event<'_>) {
        if let Event::Progress { done, .. } = event {
            self.0.lock().unwrap().push(*done);
        }
    }
}

#[test]
fn progress_is_shown_once_and_neither_recorded_nor_planned() {
    let bench = Bench::new();
    bench.procedure(manifest("test/far"), |calls| {
        for done in 1..=3 {
            calls.call(
                "run.progress",
                json!({"done": done, "total": 3, "message": {"id": "part", "args": []}}),
            )?;
            calls.set("part", &done.to_string())?;
        }
        Ok(json!("far"))
    });
    let shown = Arc::new(Shown::default());
    let taken = Taken {
        watch: Arc::clone(&shown) as Arc<dyn Watch>,
        ..Taken::default()
    };
    bench.engine().plan(&start("test/far"), &taken).unwrap();
    // Two changes are whole, the third is not begun: `started`, and an intent and an outcome of each.
    let dying = bench.engine_over(Dying::after(&bench.store, 4));
    let (run, progress) = bench.start_with(&dying, &start("test/far"), &taken);
    assert_eq!(progress.unwrap_err().code, "T0002");
    let progress = bench.engine().resume(&run, &ana(), &taken).unwrap();
    assert_eq!(progress, Progress::Succeeded(json!("far")));
    let recorded = serde_json::to_string(&bench.bodies(&run)).unwrap();
    assert!(!recorded.contains("progress"), "{recorded}");
    assert_eq!(
        *shown.0.lock().unwrap(),
        [1, 2, 3, 3],
        "the third before the crash and after"
    );
    assert_eq!(bench.world.effects(), 3);
}
