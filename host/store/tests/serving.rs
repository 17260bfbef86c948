//! What a serving process needs: schedules, what is settled of them, and the runs that can go on.

mod fixture;

use fixture::*;
use procedo_core::journal::{Body, Decision, Wait};
use procedo_core::run::Actor;
use procedo_core::value::Value;
use procedo_store::{Durability, Lease, Line, Serving, SqliteStore, Store};

fn line(schedule: &str, value: &str) -> Line {
    Line {
        schedule: schedule.to_owned(),
        value: value.to_owned(),
        defined: "d".to_owned(),
        settled: 1000,
        held: None,
        run: None,
        slot: None,
        failed: None,
    }
}

#[test]
fn a_schedule_is_set_only_where_it_still_is_what_it_was() {
    let site = Site::new();
    let store = site.open();
    let set = |former: Option<&str>, declared: Option<&str>| {
        store.set_schedule("nightly", former, declared, 5).expect("room")
    };
    assert!(set(None, Some("one")));
    assert!(!set(None, Some("two")), "it is there already");
    assert!(!set(Some("other"), None), "it is another one");
    assert!(set(Some("one"), Some("two")));
    let found = site.open().schedules().expect("readable");
    assert_eq!(found.len(), 1);
    assert_eq!(
        (found[0].name.as_str(), found[0].declared.as_str(), found[0].since),
        ("nightly", "two", 5)
    );
    assert!(set(Some("two"), None));
    assert!(store.schedules().expect("readable").is_empty());
}

#[test]
fn lines_are_written_and_removed_together() {
    let site = Site::new();
    let store = site.open();
    let (main, backup) = (line("nightly", "\"main\""), line("nightly", "\"backup\""));
    store
        .put_lines(&[main.clone(), backup.clone(), line("weekly", "")], &[])
        .expect("room");
    let claimed = Line {
        settled: 2000,
        held: Some(1),
        run: Some(run("r1")),
        slot: Some(2000),
        failed: Some("{}".to_owned()),
        ..main
    };
    store
        .put_lines(
            std::slice::from_ref(&claimed),
            &[("weekly".to_owned(), String::new())],
        )
        .expect("room");
    assert_eq!(site.open().lines().expect("readable"), [backup, claimed]);
}

fn rests(store: &SqliteStore, id: &str, wait: Wait) {
    let lease = begin(store, id);
    let wait = Box::new(wait);
    let waiting = Body::Waiting { call: Some(1), wait };
    store
        .append(&*lease, vec![waiting], Durability::Now)
        .expect("room");
}

fn ready(store: &SqliteStore, now: i64) -> Vec<String> {
    let ready = store.ready(now).expect("readable");
    ready.into_iter().map(|run| run.as_str().to_owned()).collect()
}

#[test]
fn a_run_is_ready_when_its_moment_or_its_window_has_come() {
    let site = Site::new();
    let store = site.open();
    rests(&store, "sleeps", Wait::Moment { until: 100 });
    let window = "night".to_owned();
    rests(&store, "shut", Wait::Window { window, opens: 200 });
    assert_eq!(ready(&store, 99), [""; 0]);
    assert_eq!(store.wakes(99).expect("readable"), Some(100));
    assert_eq!(ready(&store, 100), ["sleeps"]);
    assert_eq!(store.wakes(100).expect("readable"), Some(200));
    assert_eq!(
        ready(&site.open(), 200),
        ["sleeps", "shut"],
        "after a restart, too"
    );
    assert_eq!(store.wakes(200).expect("readable"), None);
}

#[test]
fn a_run_that_waits_for_a_lock_is_ready_when_the_holder_has_ended() {
    let site = Site::new();
    let store = site.open();
    let holder = begin(&store, "holder");
    let lock = Wait::Lock {
        lock: "l".to_owned(),
        holder: run("holder"),
    };
    rests(&store, "waits", lock);
    assert_eq!(ready(&store, 0), [""; 0]);
    store
        .append(&*holder, vec![succeeded()], Durability::Now)
        .expect("room");
    assert_eq!(ready(&store, 0), ["waits"]);
}

#[test]
fn a_run_that_waits_for_a_person_is_ready_when_somebody_decided() {
    let site = Site::new();
    let store = site.open();
    rests(&store, "asks", verdict_wait());
    assert_eq!(ready(&store, i64::MAX), [""; 0]);
    let ana = Actor::Person("ana".to_owned());
    store
        .send(&run("asks"), ana, Some(1), Decision::NotApplied)
        .expect("room");
    assert_eq!(ready(&store, 0), ["asks"]);
}

fn verdict_wait() -> Wait {
    match verdict() {
        Body::Waiting { wait, .. } => *wait,
        other => panic!("{other:?} is no wait"),
    }
}

#[test]
fn a_run_whose_calls_were_others_waits_for_a_person_whatever_is_sent_to_it() {
    let site = Site::new();
    let store = site.open();
    let (expected, found) = (Value::Null, Value::Null);
    rests(&store, "diverged", Wait::Diverged { expected, found });
    let ana = Actor::Person("ana".to_owned());
    store
        .send(&run("diverged"), ana, Some(1), Decision::NotApplied)
        .expect("room");
    assert_eq!(ready(&store, i64::MAX), [""; 0]);
}

#[test]
fn a_run_that_nobody_works_on_is_ready_and_one_that_somebody_attends_is_not() {
    let site = Site::new();
    let store = site.open();
    let lease = begin(&store, "a");
    assert_eq!(ready(&store, 0), [""; 0], "a process works on it");
    drop::<std::sync::Arc<dyn Lease>>(lease);
    assert_eq!(ready(&store, 0), ["a"]);
    let hold = store.attend(&run("a")).expect("a folder").expect("nobody else");
    assert!(site.open().attend(&run("a")).expect("a folder").is_none());
    assert_eq!(ready(&site.open(), 0), [""; 0]);
    drop(hold);
    assert_eq!(ready(&store, 0), ["a"]);
}

#[test]
fn a_child_that_can_go_on_makes_its_root_ready() {
    let site = Site::new();
    let store = site.open();
    rests(&store, "root", Wait::Child { run: run("root/1/0") });
    rests(&store, "root/1/0", Wait::Moment { until: 100 });
    assert_eq!(ready(&store, 99), [""; 0]);
    assert_eq!(ready(&store, 100), ["root"]);
}

#[test]
fn a_store_of_before_schedules_is_brought_up_to_date() {
    let site = Site::new();
    rests(&site.open(), "a", Wait::Moment { until: 100 });
    let former = "DROP TABLE schedules; DROP TABLE lines; DROP INDEX unfinished;
                  ALTER TABLE runs DROP COLUMN wakes; ALTER TABLE runs DROP COLUMN awaits; PRAGMA user_version = 1";
    site.journal().execute_batch(former).expect("valid");
    let store = site.open();
    assert_eq!(ready(&store, 1), ["a"], "what it waits for is looked at once");
    assert!(store.set_schedule("nightly", None, Some("x"), 1).expect("room"));
    drop(store);
    assert_eq!(site.open().schedules().expect("readable").len(), 1);
}
