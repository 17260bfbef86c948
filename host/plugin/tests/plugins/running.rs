//! Runs that go as they should: what crosses between guest and gate.

use crate::guests::{Gate, House, Source, error_of};
use procedo_core::caller::{Ended, Fault};
use procedo_core::effect::OperationName;
use procedo_core::value::Digest;
use procedo_core::{Error, Kind};
use serde_json::json;
use std::sync::{Arc, Barrier};
use std::thread;

#[test]
fn a_result_is_json() {
    let house = House::new();
    let guest = house.guest(&Source::replying(r#"{"copied": 12, "left": ["ü"]}"#));
    let gate = Arc::new(Gate::replying(json!(null)));
    assert_eq!(
        guest.run(gate.clone(), &json!({})),
        Ok(json!({"copied": 12, "left": ["ü"]}))
    );
    assert!(gate.asked().is_empty());
}

#[test]
fn id_and_parameters_reach_the_guest() {
    let house = House::new();
    let id = house.guest(&Source::new(
        "",
        "(call $quoted (local.get $id) (local.get $id-length))",
    ));
    let params = house.guest(&Source::new(
        "",
        "(call $ok (local.get $params) (local.get $params-length))",
    ));
    let gate = Arc::new(Gate::replying(json!(null)));
    assert_eq!(id.run(gate.clone(), &json!({})), Ok(json!("test/try")));
    assert_eq!(
        params.run(gate, &json!({"name": "Ñandú 🦤", "n": [1]})),
        Ok(json!({"name": "Ñandú 🦤", "n": [1]}))
    );
}

#[test]
fn a_call_reaches_the_gate_and_its_reply_the_guest() {
    let house = House::new();
    let gate = Arc::new(Gate::replying(json!("2026-11-22T10:00:00.000Z")));
    let guest = house.guest(&Source::asking_the_time());
    assert_eq!(
        guest.run(gate.clone(), &json!({})),
        Ok(json!("2026-11-22T10:00:00.000Z"))
    );
    assert_eq!(
        *gate.asked.lock().expect("not poisoned"),
        [("run.now".to_owned(), json!({}))]
    );
}

#[test]
fn arguments_are_named_as_in_the_wit_and_an_absent_option_is_null() {
    let house = House::new();
    // progress(done, total, message): 7 of unknown, "q" with one value
    let source = Source::new(
        r#"(import "procedo:host/run@0.1.0" "progress" (func $progress (param i64 i32 i64 i32 i32 i32 i32 i32)))
           (data (i32.const 9000) "qab\28\23\00\00\01\00\00\00\2a\23\00\00\01\00\00\00")
           (data (i32.const 9100) "\29\23\00\00\01\00\00\00\2a\23\00\00\01\00\00\00")"#,
        "(call $progress (i64.const 7) (i32.const 0) (i64.const 0) (i32.const 9000) (i32.const 1) (i32.const 9100) \
         (i32.const 1) (i32.const 600)) (call $quoted (i32.const 9000) (i32.const 1))",
    );
    let gate = Arc::new(Gate::replying(json!(null)));
    assert_eq!(house.guest(&source).run(gate.clone(), &json!({})), Ok(json!("q")));
    let asked = gate.asked.lock().expect("not poisoned").clone();
    let args = json!({"done": 7, "total": null, "message": {"id": "q", "args": [["a", "b"]]}});
    assert_eq!(asked, [("run.progress".to_owned(), args)]);
}

#[test]
fn a_calls_error_is_told_in_the_language_of_the_run_and_may_fail_the_procedure() {
    let house = House::new();
    let refuse =
        |_: &OperationName, _: &_| Err(Fault::Error(Error::new(Kind::Unavailable, "P0199").with("a", 1)));
    let gate = Arc::new(Gate::new(refuse));
    let error = error_of(house.guest(&Source::asking_the_time()).run(gate, &json!({})));
    assert_eq!(
        error,
        Error::of_guest(Kind::Unavailable, "P0199", "told: P0199 a=\"1\"")
    );
}

#[test]
fn a_failure_told_by_the_procedures_catalogue_keeps_its_values_for_every_reader() {
    let house = House::new();
    let source = Source::new(
        // kind 4 (too-large), code "T1", message `full` with disk = "C:"
        r#"(data (i32.const 9000) "T1fulldiskC:")
           (data (i32.const 9100) "\2e\23\00\00\04\00\00\00\32\23\00\00\02\00\00\00")
           (data (i32.const 9200) "\01\00\00\00\04\00\00\00\28\23\00\00\02\00\00\00\2a\23\00\00\04\00\00\00\8c\23\00\00\01\00\00\00")"#,
        "(i32.const 9200)",
    );
    let error = error_of(
        house
            .guest(&source)
            .run(Arc::new(Gate::replying(json!(null))), &json!({})),
    );
    let mut expected = Error::new(Kind::TooLarge, "T1");
    expected.message = procedo_core::message::Message::new("full").with("disk", "C:");
    assert_eq!(error, expected);
}

#[test]
fn a_run_that_the_gate_stops_unwinds_and_its_guest_sees_nothing_of_it() {
    let house = House::new();
    // Whatever the call gives, it replies “done”.
    let mut source = Source::asking_the_time();
    source.body =
        "(call $now (i32.const 600)) (call $now (i32.const 600)) (call $ok (i32.const 9000) (i32.const 4))"
            .into();
    source.head.push_str(r#"(data (i32.const 9000) "true")"#);
    let gate = Arc::new(Gate::new(|_, _| Err(Fault::Stop)));
    assert_eq!(
        house.guest(&source).run(gate.clone(), &json!({})),
        Err(Ended::Stopped)
    );
    assert_eq!(gate.asked(), ["run.now"]);
}

#[test]
fn what_a_guest_replies_after_its_run_was_stopped_does_not_count() {
    let house = House::new();
    let gate = Arc::new(Gate::replying(json!(null)));
    gate.stop();
    assert_eq!(
        house.guest(&Source::replying("1")).run(gate, &json!({})),
        Err(Ended::Stopped)
    );
}

#[test]
fn more_guests_than_the_pool_has_places_live_at_once() {
    const MANY: usize = 100;
    let house = House::new();
    let guest = house.guest(&Source::asking_the_time());
    let together = Arc::new(Barrier::new(MANY));
    let threads: Vec<_> = (0..MANY)
        .map(|number| {
            let (guest, together) = (guest.clone(), together.clone());
            let gate = Gate::new(move |_, _| {
                together.wait();
                Ok(json!(number.to_string()))
            });
            thread::spawn(move || guest.run(Arc::new(gate), &json!({})))
        })
        .collect();
    for (number, thread) in threads.into_iter().enumerate() {
        assert_eq!(thread.join().expect("no panic"), Ok(json!(number.to_string())));
    }
}

#[test]
fn a_thousand_stopped_runs_leave_every_place_free() {
    let house = House::new();
    let guest = house.guest(&Source::asking_the_time());
    for _ in 0..1_000 {
        assert_eq!(
            guest.run(Arc::new(Gate::new(|_, _| Err(Fault::Stop))), &json!({})),
            Err(Ended::Stopped)
        );
    }
    assert_eq!(
        guest.run(Arc::new(Gate::replying(json!("t"))), &json!({})),
        Ok(json!("t"))
    );
}

#[test]
fn a_run_pins_the_plugin_the_interface_and_the_limits() {
    let house = House::new();
    let component = Source::replying("1").component();
    let pins = house.load(&component).expect("loads").pins();
    assert_eq!(
        pins.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(),
        ["plugin", "interface", "limits"]
    );
    assert_eq!(pins[0].1, Digest::of(&component));
    let other = House::with(procedo_plugin::Limits {
        calls: 3,
        ..Default::default()
    });
    let others = other.load(&component).expect("loads").pins();
    assert_eq!(pins[..2], others[..2]);
    assert_ne!(pins[2], others[2]);
}
