//! Secrets cross the gate as references only.

use crate::fixture::*;
use procedo_engine::{Progress, Taken};
use serde_json::json;

#[test]
fn a_guest_and_the_journal_see_references_and_the_world_sees_values() {
    let bench = Bench::new();
    bench.store.set_secret("allowed", "hunter2-hunter2").unwrap();
    bench.procedure(manifest("test/secret"), |calls| {
        let reference = calls.call("secrets.get", json!({"name": "allowed"}))?;
        calls.set("config", &format!("password={}", reference.as_str().unwrap()))?;
        calls.get("config")
    });
    let (run, progress) = bench.start("test/secret");
    assert_eq!(
        progress.unwrap(),
        Progress::Succeeded(json!("password=secret:allowed@1"))
    );
    assert_eq!(
        bench.world.get("config").as_deref(),
        Some("password=hunter2-hunter2")
    );
    let journal = serde_json::to_string(&bench.bodies(&run)).unwrap();
    assert!(!journal.contains("hunter2"), "{journal}");
}

#[test]
fn a_secret_that_is_not_granted_is_neither_named_nor_used() {
    let bench = Bench::new();
    bench.store.set_secret("forbidden", "topsecret").unwrap();
    bench.procedure(manifest("test/secret"), |calls| {
        let get = calls.attempt("secrets.get", json!({"name": "forbidden"}));
        let set = calls.attempt(
            "ledger.set",
            json!({"book": "main", "name": "a", "value": "secret:forbidden@1"}),
        );
        let codes = [get, set].map(|result| match result {
            Err(procedo_core::caller::Fault::Error(error)) => error.code,
            other => format!("{other:?}"),
        });
        Ok(json!(codes))
    });
    assert_eq!(
        bench.start("test/secret").1.unwrap(),
        Progress::Succeeded(json!(["P0106", "P0106"]))
    );
    assert_eq!(bench.world.effects(), 0);
}

#[test]
fn a_run_keeps_the_version_it_began_with_and_undo_brings_the_old_one_back() {
    let bench = Bench::new();
    bench.store.set_secret("allowed", "first-value").unwrap();
    bench.world.put("config", "first-value");
    bench.procedure(manifest("test/rotate"), |calls| {
        let reference = calls.call("secrets.get", json!({"name": "allowed"}))?;
        calls.set("config", reference.as_str().unwrap())
    });
    bench.store.set_secret("allowed", "second-value").unwrap();
    let (run, _) = bench.start("test/rotate");
    assert_eq!(bench.world.get("config").as_deref(), Some("second-value"));
    let progress = bench
        .engine()
        .undo(&run, &start("-"), &procedo_engine::Taken::default(), &mut |_| {})
        .unwrap();
    assert!(matches!(progress, Progress::Succeeded(_)), "{progress:?}");
    assert_eq!(bench.world.get("config").as_deref(), Some("first-value"));
}

#[test]
fn a_secret_that_is_set_while_the_run_goes_on_is_kept_from_it_too() {
    let bench = Bench::new();
    bench.store.set_secret("allowed", "first-value").unwrap();
    let store = std::sync::Arc::clone(&bench.store);
    bench.procedure(manifest("test/secret"), move |calls| {
        store.set_secret("allowed", "second-value").unwrap();
        let reference = calls.call("secrets.get", json!({"name": "allowed"}))?;
        calls.set("config", &format!("p={}5", reference.as_str().unwrap()))?;
        calls.set("config", &format!("p={}{{}}5", reference.as_str().unwrap()))?;
        calls.get("config")
    });
    let (run, progress) = bench.start("test/secret");
    // What a script puts right behind a reference may be taken for a part of it: there is no version 25.
    let Progress::Failed(error) = progress.unwrap() else {
        panic!("no such version")
    };
    assert_eq!(error.code, "P0501");
    let store = std::sync::Arc::clone(&bench.store);
    bench.procedure(manifest("test/secret"), move |calls| {
        store.set_secret("allowed", "third-value").unwrap();
        let reference = calls.call("secrets.get", json!({"name": "allowed"}))?;
        calls.set("config", &format!("p={}{{}}5", reference.as_str().unwrap()))?;
        calls.get("config")
    });
    let (second, progress) = bench.start("test/secret");
    assert_eq!(bench.world.get("config").as_deref(), Some("p=third-value5"));
    assert_eq!(
        progress.unwrap(),
        Progress::Succeeded(json!("p=secret:allowed@3{}5"))
    );
    for run in [run, second] {
        let journal = serde_json::to_string(&bench.bodies(&run)).unwrap();
        assert!(!journal.contains("-value"), "{journal}");
    }
}

#[test]
fn why_somebody_decides_as_they_do_is_kept_without_the_secrets_it_names() {
    let bench = Bench::with_site("[[policy]]\nprocedure = \"test/*\"\napprovals = 1\n");
    bench.store.set_secret("allowed", "hunter2-hunter2").unwrap();
    bench.procedure(manifest("test/set"), |calls| calls.set("a", "1"));
    let reason = "it was hunter2-hunter2";
    let mut urgent = start("test/set");
    urgent.override_reason = Some(reason.to_owned());
    let engine = bench.engine();
    let rejected = bench.start_with(&engine, &urgent, &Taken::default()).0;
    engine.reject(&rejected, &ben(), reason).unwrap();
    bench.resume(&rejected).unwrap();
    let cancelled = bench.start("test/set").0;
    engine.cancel(&cancelled, &ben(), reason).unwrap();
    let doubtful = {
        bench.procedure(manifest("other/post"), |calls| {
            calls.call("ledger.post", json!({"book": "main", "text": "x"}))
        });
        let dying = bench.engine_over(Dying::after(&bench.store, 2));
        bench
            .start_with(&dying, &start("other/post"), &Taken::default())
            .0
    };
    bench.resume(&doubtful).unwrap();
    engine
        .verdict(&doubtful, &ben(), Some(json!("hunter2-hunter2")))
        .unwrap();
    bench.resume(&doubtful).unwrap();
    for run in [rejected, cancelled, doubtful] {
        let journal = serde_json::to_string(&bench.bodies(&run)).unwrap();
        assert!(
            !journal.contains("hunter2") && journal.contains("secret:allowed@1"),
            "{journal}"
        );
    }
}
