//! A resource's name that stands for something else than it did when the run began.

use crate::fixture::*;
use procedo_core::journal::{Question, Wait};
use procedo_core::run::RunId;
use procedo_engine::{Progress, Taken};
use serde_json::json;

fn stands_for(bench: &Bench, host: &str) {
    *bench.world.identity.lock().unwrap() = host.to_owned();
}

/// A run that changed `a` on `host-1`, and whose next changes would be made on `host-2`.
fn moved_in_the_middle() -> (Bench, RunId) {
    let bench = Bench::new();
    stands_for(&bench, "host-1");
    bench.procedure(manifest("test/set"), |calls| {
        calls.set("a", "1")?;
        calls.call(
            "run.confirm",
            json!({"key": "go", "prompt": {"id": "Go?", "args": []}}),
        )?;
        let second = calls.attempt("ledger.set", json!({"book": "main", "name": "b", "value": "1"}));
        calls.set("c", "1")?;
        Ok(json!(second.is_ok()))
    });
    let (run, _) = bench.start("test/set");
    stands_for(&bench, "host-2");
    bench.engine().answer(&run, &ben(), &json!(true)).unwrap();
    (bench, run)
}

#[test]
fn a_run_whose_resource_was_given_to_another_machine_asks_once_before_it_goes_on_there() {
    let (bench, run) = moved_in_the_middle();
    let Progress::Waiting(Wait::Answer { question, .. }) = bench.resume(&run).unwrap() else {
        panic!("it should ask")
    };
    let Question::Confirm { prompt } = question else {
        panic!("yes or no")
    };
    assert_eq!(
        (prompt.args["then"].as_str(), prompt.args["now"].as_str()),
        ("host-1", "host-2")
    );
    assert_eq!(bench.world.effects(), 1);
    bench.engine().answer(&run, &ben(), &json!(true)).unwrap();
    assert_eq!(bench.resume(&run).unwrap(), Progress::Succeeded(json!(true)));
    assert_eq!(bench.world.effects(), 3);
}

#[test]
fn a_person_who_says_no_keeps_the_run_off_the_other_machine() {
    let (bench, run) = moved_in_the_middle();
    bench.resume(&run).unwrap();
    bench.engine().answer(&run, &ben(), &json!(false)).unwrap();
    // The next change would go to the same machine.
    assert!(matches!(
        bench.resume(&run).unwrap(),
        Progress::Waiting(Wait::Answer { .. })
    ));
    bench.engine().answer(&run, &ben(), &json!(false)).unwrap();
    let Progress::Failed(error) = bench.resume(&run).unwrap() else {
        panic!("fails")
    };
    assert_eq!(error.code, "P0148");
    assert_eq!(bench.world.effects(), 1);
}

#[test]
fn an_undo_asks_before_it_reverses_on_another_machine_what_was_done_on_this_one() {
    let bench = Bench::new();
    stands_for(&bench, "host-1");
    bench.procedure(manifest("test/set"), |calls| calls.set("a", "1"));
    let (run, _) = bench.start("test/set");
    stands_for(&bench, "host-2");
    let mut start = start("-");
    start.answers.insert("conflict-1".to_owned(), json!("keep"));
    let undone = bench.engine().undo(&run, &start, &Taken::default(), &mut |_| {});
    let Progress::Succeeded(report) = undone.unwrap() else {
        panic!("kept")
    };
    let reason = report["kept"][0]["reason"].as_str().unwrap();
    assert!(reason.contains("host-1") && reason.contains("host-2"), "{reason}");
    assert_eq!(bench.world.get("a").as_deref(), Some("1"));
    assert_eq!(bench.world.effects(), 1);
}
