//! Hostile guests: each ends with its own error, and others go on.

use crate::guests::{Gate, House, NOW, Source, code_of, error_of};
use procedo_core::Kind;
use procedo_core::caller::Ended;
use procedo_plugin::Limits;
use serde_json::json;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

fn impatient() -> House {
    House::with(Limits {
        compute: Duration::from_millis(50),
        ..Limits::default()
    })
}

#[test]
fn an_endless_loop_is_ended_and_others_go_on_meanwhile() {
    let house = impatient();
    let spinning = house.guest(&Source::spinning());
    let good = house.guest(&Source::asking_the_time());
    let spin = thread::spawn(move || spinning.run(Arc::new(Gate::replying(json!(null))), &json!({})));
    let mut runs = 0;
    while !spin.is_finished() {
        assert_eq!(
            good.run(Arc::new(Gate::replying(json!("t"))), &json!({})),
            Ok(json!("t"))
        );
        runs += 1;
    }
    let error = error_of(spin.join().expect("no panic"));
    assert_eq!((error.code.as_str(), error.kind), ("P0720", Kind::TimedOut));
    assert!(runs > 0);
}

#[test]
fn a_cancelled_run_ends_in_the_middle_of_its_computing() {
    let house = House::new();
    let guest = house.guest(&Source::new(
        NOW,
        "(call $now (i32.const 600)) (loop $again (br $again)) (unreachable)",
    ));
    let (tell, told) = std::sync::mpsc::channel();
    let gate = Arc::new(Gate::new(move |_, _| {
        tell.send(()).expect("somebody listens");
        Ok(json!("t"))
    }));
    let spin = thread::spawn({
        let gate = gate.clone();
        move || guest.run(gate, &json!({}))
    });
    told.recv()
        .expect("the guest calls, and computes for ever after that");
    gate.stop();
    assert_eq!(spin.join().expect("no panic"), Err(Ended::Stopped));
}

#[test]
fn the_time_to_compute_starts_again_with_each_call() {
    let house = impatient();
    // Calls, and computes for some 10 ms after each call, until the gate replies "enough".
    let source = Source::new(
        NOW,
        "(local $n i32) (loop $again (local.set $n (i32.const 4000000)) \
         (loop $spin (br_if $spin (local.tee $n (i32.sub (local.get $n) (i32.const 1))))) \
         (call $now (i32.const 600)) (br_if $again (i32.ne (i32.load (i32.const 608)) (i32.const 6)))) \
         (call $quoted (i32.load (i32.const 604)) (i32.load (i32.const 608)))",
    );
    let used = || {
        let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
        Duration::new(
            time.tv_sec.unsigned_abs(),
            u32::try_from(time.tv_nsec).expect("below a second"),
        )
    };
    let start = used();
    let gate = Gate::new(move |_, _| {
        Ok(json!(if used() - start > Duration::from_millis(300) {
            "enough"
        } else {
            "more"
        }))
    });
    assert_eq!(
        house.guest(&source).run(Arc::new(gate), &json!({})),
        Ok(json!("enough"))
    );
}

#[test]
fn endless_calls_are_ended() {
    let house = House::with(Limits {
        calls: 1_000,
        ..Limits::default()
    });
    let guest = house.guest(&Source::new(
        NOW,
        "(loop $again (call $now (i32.const 600)) (br $again)) (unreachable)",
    ));
    let gate = Arc::new(Gate::replying(json!("t")));
    let error = error_of(guest.run(gate.clone(), &json!({})));
    assert_eq!((error.code.as_str(), error.kind), ("P0721", Kind::TooLarge));
    assert_eq!(gate.asked().len(), 1_000);
}

#[test]
fn a_memory_bomb_is_ended() {
    let bomb = Source::new(
        "",
        "(loop $again (br_if $again (i32.ne (memory.grow (i32.const 16)) (i32.const -1)))) (unreachable)",
    );
    assert_eq!(code_of(&House::new(), &bomb), "P0722");
    // All of it before it starts: more than 256 MiB at once.
    let mut at_once = Source::replying("1");
    at_once.pages = 5_000;
    assert_eq!(crate::guests::refusal(&House::new(), &at_once).code, "P0722");
    // A guest that does without the memory it was refused is not ended.
    let modest = Source::new(
        "",
        "(drop (memory.grow (i32.const 32768))) (call $quoted (i32.const 9000) (i32.const 0))",
    );
    let gate = Arc::new(Gate::replying(json!(null)));
    assert_eq!(House::new().guest(&modest).run(gate, &json!({})), Ok(json!("")));
}

#[test]
fn a_stack_overflow_is_ended() {
    let mut source = Source::new("", "(call $deeper (i64.const 0)) (unreachable)");
    source.functions = "(func $deeper (param i64) (call $deeper (i64.add (local.get 0) (i64.const 1))) (call $deeper (i64.const 0)))".into();
    assert_eq!(code_of(&House::new(), &source), "P0723");
}

#[test]
fn a_trap_between_two_calls_is_ended_after_the_first() {
    let house = House::new();
    let source = Source::new(
        NOW,
        "(call $now (i32.const 600)) (unreachable) (call $now (i32.const 600)) (i32.const 0)",
    );
    let gate = Arc::new(Gate::replying(json!("t")));
    let error = error_of(house.guest(&source).run(gate.clone(), &json!({})));
    assert_eq!(error.code, "P0724");
    assert!(error.to_string().contains("unreachable"), "{error}");
    assert_eq!(gate.asked(), ["run.now"]);
    for (body, reason) in [
        (
            "(drop (i32.load (i32.const -4))) (i32.const 0)",
            "out of bounds memory access",
        ),
        (
            "(i32.div_u (i32.const 1) (i32.const 0))",
            "integer divide by zero",
        ),
    ] {
        let error = error_of(house.guest(&Source::new("", body)).run(gate.clone(), &json!({})));
        assert!(
            error.code == "P0724" && error.to_string().contains(reason),
            "{error}"
        );
    }
}

/// 100 MiB of zeros are a text.
const HUGE: &str = "(drop (memory.grow (i32.const 1700)))";

#[test]
fn a_text_of_100_mib_is_refused_before_it_reaches_the_gate() {
    let house = House::new();
    let source = Source::new(
        r#"(import "procedo:host/run@0.1.0" "step-begin" (func $begin (param i32 i32 i32)))"#,
        &format!(
            "{HUGE} (call $begin (i32.const 65536) (i32.const 104857600) (i32.const 600)) (unreachable)"
        ),
    );
    let gate = Arc::new(Gate::replying(json!(null)));
    let error = error_of(house.guest(&source).run(gate.clone(), &json!({})));
    assert_eq!((error.code.as_str(), error.kind), ("P0725", Kind::TooLarge));
    assert!(gate.asked().is_empty());
}

#[test]
fn a_result_of_100_mib_is_refused() {
    let source = Source::new(
        "",
        &format!("{HUGE} (call $ok (i32.const 65536) (i32.const 104857600))"),
    );
    assert_eq!(code_of(&House::new(), &source), "P0726");
}

#[test]
fn a_result_that_is_not_json_is_refused() {
    assert_eq!(code_of(&House::new(), &Source::replying("{copied: 12")), "P0727");
    assert_eq!(code_of(&House::new(), &Source::replying("")), "P0727");
}

#[test]
fn a_text_that_is_not_utf_8_or_lies_outside_the_memory_ends_the_guest() {
    let house = House::new();
    let bad_text = Source::new(
        r#"(data (i32.const 9000) "\ff\fe")"#,
        "(call $ok (i32.const 9000) (i32.const 2))",
    );
    assert_eq!(code_of(&house, &bad_text), "P0724");
    let outside = Source::new("", "(call $ok (i32.const 131000) (i32.const 1000))");
    assert_eq!(code_of(&house, &outside), "P0724");
    let no_result = Source::new("", "(i32.const -8)");
    assert_eq!(code_of(&house, &no_result), "P0724");
}

#[test]
fn a_reply_of_the_host_that_breaks_the_wit_ends_the_guest() {
    let house = House::new();
    let gate = Arc::new(Gate::replying(json!({"time": 3})));
    let error = error_of(house.guest(&Source::asking_the_time()).run(gate, &json!({})));
    assert_eq!(error.code, "P0728");
    assert!(error.to_string().contains("run.now, reply"), "{error}");
}

#[test]
fn a_call_before_the_plugin_is_asked_to_run_is_refused() {
    let house = House::new();
    let mut listing = Source::asking_the_time();
    listing.listing = "(call $now (i32.const 600))".into();
    let error = crate::guests::refusal(&house, &listing);
    assert_eq!(error.code, "P0729");
    assert!(error.to_string().contains("run.now"), "{error}");
    let mut starting = Source::asking_the_time();
    starting.functions = "(func $start (call $now (i32.const 600))) (start $start)".into();
    // Its imports are not even tied then.
    assert_eq!(crate::guests::refusal(&house, &starting).code, "P0724");
}

#[test]
fn a_plugin_that_never_lists_its_procedures_is_refused() {
    let house = impatient();
    let mut source = Source::replying("1");
    source.listing = "(loop $again (br $again))".into();
    assert_eq!(crate::guests::refusal(&house, &source).code, "P0720");
}
