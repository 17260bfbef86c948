//! Questions, sleeps, cancellations: runs that wait.

use crate::fixture::*;
use procedo_core::journal::{Body, Decision, Wait};
use procedo_core::run::State;
use procedo_engine::{Progress, Taken};
use serde_json::json;

fn form() -> serde_json::Value {
    let field = |name: &str, kind: &str, required: bool| json!({"name": name, "label": {"id": name, "args": []}, "kind": kind, "choices": [], "required": required});
    json!({"key": "account", "prompt": {"id": "Which account?", "args": []},
        "fields": [field("user", "line", true), field("age", "number", false), field("password", "secret", false)]})
}

#[test]
fn a_form_waits_refuses_bad_answers_and_never_keeps_a_secret_in_the_journal() {
    let bench = Bench::with_site(
        "[[grant]]\nprocedure = \"*\"\ncapability = \"secrets\"\nresource = \"answers/*\"\neffect = \"read\"\n",
    );
    bench.procedure(manifest("test/form"), |calls| {
        let answer = calls.call("run.ask", form())?;
        let answer: serde_json::Value = serde_json::from_str(answer.as_str().unwrap()).unwrap();
        calls.set("password", answer["password"].as_str().unwrap())?;
        Ok(answer)
    });
    let (run, progress) = bench.start("test/form");
    assert!(matches!(
        progress.unwrap(),
        Progress::Waiting(Wait::Answer { .. })
    ));
    assert_eq!(bench.store.row(&run).unwrap().unwrap().state, State::Waiting);
    let engine = bench.engine();
    for (bad, code) in [
        (json!({}), "P0127"),
        (json!({"user": "u", "age": "old"}), "P0127"),
        (json!({"user": "u", "height": 3}), "P0127"),
        (json!("u"), "P0127"),
    ] {
        assert_eq!(engine.answer(&run, &ben(), &bad).unwrap_err().code, code, "{bad}");
    }
    engine
        .answer(
            &run,
            &ben(),
            &json!({"user": "ñandú", "age": "42", "password": "correct horse"}),
        )
        .unwrap();
    let Progress::Succeeded(answer) = bench.resume(&run).unwrap() else {
        panic!("succeeds")
    };
    assert_eq!(answer["age"], 42);
    assert!(
        answer["password"]
            .as_str()
            .unwrap()
            .starts_with("secret:answers/"),
        "{answer}"
    );
    assert_eq!(bench.world.get("password").as_deref(), Some("correct horse"));
    let journal = serde_json::to_string(&bench.bodies(&run)).unwrap();
    assert!(!journal.contains("correct horse"), "{journal}");
    assert!(journal.contains("\"ben\""));
}

#[test]
fn a_secret_given_in_advance_is_refused_and_stands_nowhere() {
    let bench = Bench::new();
    bench.procedure(manifest("test/form"), |calls| calls.call("run.ask", form()));
    for (given, code) in [
        (json!({"user": "ana", "password": "correct horse"}), Some("P0136")),
        (json!({"user": "ana", "age": 42}), None),
    ] {
        let mut start = start("test/form");
        start.answers.insert("account".to_owned(), given);
        let mut run = None;
        let progress = bench
            .engine()
            .start(&start, &Taken::default(), &mut |id| run = Some(id.clone()));
        match (progress.unwrap(), code) {
            (Progress::Failed(error), Some(code)) => assert_eq!(error.code, code),
            (Progress::Succeeded(form), None) => assert!(form.as_str().unwrap().contains("ana"), "{form}"),
            (other, _) => panic!("{other:?}"),
        }
        let journal = serde_json::to_string(&bench.bodies(&run.unwrap())).unwrap();
        assert!(!journal.contains("correct horse"), "{journal}");
    }
}

#[test]
fn a_long_sleep_frees_the_run_and_ends_at_its_moment() {
    let bench = Bench::new();
    bench.procedure(manifest("test/sleep"), |calls| {
        calls.call("run.sleep", json!({"milliseconds": 1}))?;
        calls.call("run.sleep-until", json!({"moment": "2026-01-01T00:00:00Z"}))?;
        calls.call("run.sleep", json!({"milliseconds": 3_600_000}))
    });
    let (run, progress) = bench.start("test/sleep");
    let Progress::Waiting(Wait::Moment { until }) = progress.unwrap() else {
        panic!("waits")
    };
    let in_an_hour = jiff::Timestamp::now().as_millisecond() + 3_600_000;
    assert!((in_an_hour - 60_000..=in_an_hour).contains(&until));
    let before = bench.bodies(&run).len();
    assert_eq!(
        bench.resume(&run).unwrap(),
        Progress::Waiting(Wait::Moment { until }),
        "the moment stays the same"
    );
    assert_eq!(
        bench.bodies(&run).len(),
        before,
        "and nothing is written for having looked"
    );
}

#[test]
fn a_sleep_beyond_all_measure_or_without_an_offset_is_refused() {
    let bench = Bench::new();
    bench.procedure(manifest("test/sleep"), |calls| {
        let codes = [
            calls.attempt("run.sleep", json!({"milliseconds": u64::MAX})),
            calls.attempt("run.sleep-until", json!({"moment": "tomorrow"})),
            calls.attempt("run.random", json!({"count": 0})),
        ]
        .map(|result| match result {
            Err(procedo_core::caller::Fault::Error(error)) => error.code,
            other => format!("{other:?}"),
        });
        Ok(json!(codes))
    });
    assert_eq!(
        bench.start("test/sleep").1.unwrap(),
        Progress::Succeeded(json!(["P0135", "P0121", "P0122"]))
    );
}

#[test]
fn a_waiting_run_is_cancelled_at_once_and_closes_its_steps() {
    let bench = Bench::new();
    bench.procedure(manifest("test/ask"), |calls| {
        calls.step("first", || {
            calls.call(
                "run.confirm",
                json!({"key": "go", "prompt": {"id": "Go?", "args": []}}),
            )
        })
    });
    let (run, _) = bench.start("test/ask");
    assert!(bench.engine().cancel(&run, &ben(), "not today").unwrap());
    let bodies = bench.bodies(&run);
    let kinds: Vec<_> = bodies.iter().map(Body::kind).collect();
    assert_eq!(
        kinds,
        [
            "started", "step", "intent", "waiting", "decided", "step", "finished"
        ]
    );
    assert_eq!(bench.store.row(&run).unwrap().unwrap().state, State::Cancelled);
    assert_eq!(bench.resume(&run).unwrap_err().code, "P0117");
    assert_eq!(
        bench.engine().cancel(&run, &ben(), "again").unwrap_err().code,
        "P0117"
    );
}

#[test]
fn a_running_run_is_cancelled_by_a_letter_at_its_next_call() {
    let bench = Bench::new();
    bench.procedure(manifest("test/spin"), |calls| {
        loop {
            calls.call("run.sleep", json!({"milliseconds": 5}))?;
        }
    });
    std::thread::scope(|scope| {
        let running = scope.spawn(|| bench.start("test/spin"));
        let run = loop {
            if let Some(row) = bench.store.rows(1, false).unwrap().into_iter().next() {
                break row.run;
            }
        };
        assert!(
            !bench.engine().cancel(&run, &ben(), "enough").unwrap(),
            "another thread holds it"
        );
        assert_eq!(
            running.join().unwrap().1.unwrap(),
            Progress::Cancelled("enough".to_owned())
        );
        let decided = bench.bodies(&run).into_iter().any(|body| {
            matches!(
                body,
                Body::Decided {
                    decision: Decision::Cancel { .. },
                    ..
                }
            )
        });
        assert!(decided);
    });
}

#[test]
fn a_stopped_process_leaves_the_run_to_be_resumed() {
    let bench = Bench::new();
    bench.procedure(manifest("test/two"), |calls| {
        calls.set("a", "1")?;
        calls.call("run.sleep", json!({"milliseconds": 50}))?;
        calls.set("b", "2")
    });
    let taken = Taken::default();
    taken.stop.set();
    let (run, progress) = bench.start_with(&bench.engine(), &start("test/two"), &taken);
    assert_eq!(progress.unwrap(), Progress::Interrupted);
    assert_eq!(bench.store.row(&run).unwrap().unwrap().state, State::Interrupted);
    assert!(matches!(bench.resume(&run).unwrap(), Progress::Succeeded(_)));
    assert_eq!(bench.world.effects(), 2);
}

fn load(calls: &Calls<'_>) -> Result<serde_json::Value, procedo_core::caller::Ended> {
    calls.call("ledger.load", json!({"book": "main"}))
}

#[test]
fn an_operation_asks_in_the_middle_and_is_taken_up_where_it_was() {
    let bench = Bench::new();
    bench.procedure(manifest("test/load"), load);
    let (run, progress) = bench.start("test/load");
    let Progress::Waiting(Wait::Answer { key, .. }) = progress.unwrap() else {
        panic!("asks")
    };
    assert_eq!((key.as_str(), bench.world.effects()), ("tape-2", 1));
    assert!(matches!(
        bench.resume(&run).unwrap(),
        Progress::Waiting(Wait::Answer { .. })
    ));
    bench.engine().answer(&run, &ben(), &json!(true)).unwrap();
    assert_eq!(bench.resume(&run).unwrap(), Progress::Succeeded(json!(true)));
    assert_eq!(bench.world.effects(), 2, "the first tape is not written twice");
    let kinds: Vec<_> = bench.bodies(&run).iter().map(Body::kind).collect();
    assert_eq!(
        kinds,
        [
            "started", "intent", "waiting", "resumed", "probe", "decided", "outcome", "finished"
        ]
    );
}

#[test]
fn an_operation_told_to_stop_stays_in_doubt_and_is_probed_later() {
    let bench = Bench::new();
    bench.procedure(manifest("test/load"), load);
    bench
        .world
        .patience
        .store(60_000, std::sync::atomic::Ordering::SeqCst);
    let taken = Taken::default();
    let run = std::thread::scope(|scope| {
        let running = scope.spawn(|| bench.start_with(&bench.engine(), &start("test/load"), &taken));
        while bench.world.effects() == 0 {
            std::thread::yield_now();
        }
        taken.stop.set();
        let (run, progress) = running.join().unwrap();
        assert_eq!(progress.unwrap(), Progress::Interrupted);
        run
    });
    bench.world.patience.store(0, std::sync::atomic::Ordering::SeqCst);
    assert!(matches!(
        bench.resume(&run).unwrap(),
        Progress::Waiting(Wait::Answer { .. })
    ));
    bench.engine().answer(&run, &ben(), &json!(true)).unwrap();
    assert_eq!(bench.resume(&run).unwrap(), Progress::Succeeded(json!(true)));
    assert_eq!(bench.world.effects(), 2);
}

#[test]
fn of_two_answers_the_last_one_counts_and_neither_stays() {
    let bench = Bench::new();
    bench.procedure(manifest("test/asks"), |calls| {
        let ask = |key: &str| {
            calls.call(
                "run.confirm",
                json!({"key": key, "prompt": {"id": "Go?", "args": []}}),
            )
        };
        let first = ask("first")?;
        ask("second")?;
        Ok(first)
    });
    let (run, _) = bench.start("test/asks");
    for answer in [true, false] {
        bench.engine().answer(&run, &ben(), &json!(answer)).unwrap();
    }
    assert!(matches!(
        bench.resume(&run).unwrap(),
        Progress::Waiting(Wait::Answer { key, .. }) if key == "second"
    ));
    assert!(
        bench.store.inbox(&run).unwrap().is_empty(),
        "none calls for the run to go on"
    );
    bench.engine().answer(&run, &ben(), &json!(true)).unwrap();
    assert_eq!(bench.resume(&run).unwrap(), Progress::Succeeded(json!(false)));
}

#[test]
fn an_answer_that_came_too_late_does_not_stay_either() {
    let bench = Bench::new();
    bench.procedure(manifest("test/asks"), |calls| {
        for key in ["first", "second"] {
            calls.call(
                "run.confirm",
                json!({"key": key, "prompt": {"id": "Go?", "args": []}}),
            )?;
        }
        Ok(json!(null))
    });
    let (run, _) = bench.start("test/asks");
    bench.engine().answer(&run, &ben(), &json!(true)).unwrap();
    bench.resume(&run).unwrap();
    // Sent by somebody who still saw the first question.
    let decision = procedo_core::journal::Decision::Answer {
        key: "first".to_owned(),
        answer: json!(false),
    };
    bench.store.send(&run, ben(), Some(1), decision).unwrap();
    bench.resume(&run).unwrap();
    assert!(bench.store.inbox(&run).unwrap().is_empty());
    bench.engine().answer(&run, &ben(), &json!(true)).unwrap();
    assert!(matches!(bench.resume(&run).unwrap(), Progress::Succeeded(_)));
}
