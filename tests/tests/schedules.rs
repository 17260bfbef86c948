//! Schedules and `procedo serve`: real processes that fire, are killed, are told to end, and go on with what others left.

#![allow(clippy::unwrap_used, reason = "what a helper meets fails its test, too")]

use procedo_tests::program::Running;
use procedo_tests::{Done, Program, Site};
use serde_json::Value;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

const WRITES: &str = r#"needs = [{ capability = "files", resource = "example", effect = "write" }]"#;

/// A site with a procedure that writes, and one that takes its time.
fn site() -> Site {
    let site = Site::new();
    site.grant("test/*", "files", "example", "write");
    site.script(
        "work",
        WRITES,
        r#"files::write("example", "work.txt", run::now()).changed"#,
    );
    site.script(
        "slow",
        &format!("{WRITES}\nlocks = [\"slow\"]"),
        r#"files::write("example", "slow.txt", "begun"); run::sleep(3000); "slept""#,
    );
    site
}

fn schedule(site: &Site, procedure: &str, when: &str) {
    site.declare(&format!(
        "[[schedule]]\nname = \"often\"\nprocedure = \"{procedure}\"\nwhen = \"{when}\""
    ));
}

/// Has a serving process end as a service manager does, and tells what it told.
fn ended(serve: Running) -> Vec<Value> {
    let id = i32::try_from(serve.id()).unwrap();
    let process = rustix::process::Pid::from_raw(id).unwrap();
    rustix::process::kill_process(process, rustix::process::Signal::TERM).unwrap();
    serve.wait().ok().documents()
}

fn events<'a>(told: &'a [Value], event: &str) -> Vec<&'a Value> {
    told.iter().filter(|each| each["event"] == event).collect()
}

/// Waits until so many runs of a procedure are in a state.
fn until(site: &Site, procedure: &str, state: &str, count: usize) -> Vec<Value> {
    site.until(&format!("{count} × {procedure} {state}"), || {
        let runs = site.runs().into_iter();
        let found: Vec<_> = runs
            .filter(|row| row["procedure"] == procedure && row["state"] == state)
            .collect();
        (found.len() >= count).then_some(found)
    })
}

fn served(site: &Site) -> bool {
    site.json(["schedules"]).ok().json()["served"] == true
}

#[test]
fn schedules_are_fired_while_a_process_serves_the_site() {
    let site = site();
    schedule(&site, "test/work", "every second");
    assert!(!served(&site));
    assert!(site.runs().is_empty());
    let serve = site.start(["serve"]);
    let runs = until(&site, "test/work", "succeeded", 3);
    assert!(served(&site));
    let told = ended(serve);
    assert!(!served(&site));
    assert!(
        runs.iter().all(|row| row["by"]["schedule"] == "often"),
        "{runs:?}"
    );
    let fired = events(&told, "fired");
    assert!(fired.len() >= 3);
    let slots: std::collections::BTreeSet<_> = fired.iter().map(|each| each["slot"].to_string()).collect();
    assert_eq!(slots.len(), fired.len(), "no slot twice");
    assert_eq!(told.first().unwrap()["event"], "started");
    assert_eq!(told.last().unwrap()["event"], "stopped");
    let listed = site.json(["schedules", "--next", "3"]).ok().json();
    assert_eq!(listed["schedules"][0]["last"][0]["state"], "succeeded");
    assert_eq!(listed["schedules"][0]["next"].as_array().unwrap().len(), 3);
    site.whole();
}

#[test]
fn one_process_serves_a_site_and_another_is_told_which() {
    let site = site();
    let first = site.start(["serve"]);
    site.until("a served site", || served(&site).then_some(()));
    let refused = site.json(["serve"]).ended(1);
    let (code, message) = refused.error();
    assert_eq!(code, "P1320");
    assert!(message.contains(&first.id().to_string()), "{message}");
    first.kill();
    // The lock ended with the process, however that ended.
    let third = site.start(["serve"]);
    site.until("a served site", || served(&site).then_some(()));
    ended(third);
}

/// A daily time a few seconds from now, in UTC.
fn soon() -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap() + Duration::from_secs(3);
    let second = now.as_secs() % 86_400;
    format!(
        "daily at {:02}:{:02}:{:02}",
        second / 3600,
        second / 60 % 60,
        second % 60
    )
}

#[test]
fn a_slot_is_neither_lost_nor_doubled_wherever_the_process_is_killed() {
    for place in ["schedule-due", "schedule-claimed"] {
        let site = site();
        let mut command = site.command(Program::Failpoints, ["serve"]);
        let serve = Running::start(command.arg("--json").env("PROCEDO_FAILPOINT", place));
        site.until("a served site", || served(&site).then_some(()));
        schedule(&site, "test/work", &soon());
        serve.wait().killed();
        assert!(site.runs().is_empty(), "{place}");
        let serve = site.start(["serve"]);
        let runs = until(&site, "test/work", "succeeded", 1);
        let told = ended(serve);
        assert_eq!(events(&told, "fired").len(), 1, "{place}: {told:?}");
        assert_eq!(site.runs(), runs, "{place}");
        // Nothing is left to do for the next one.
        let serve = site.start(["serve"]);
        site.until("a served site", || served(&site).then_some(()));
        assert!(events(&ended(serve), "fired").is_empty(), "{place}");
        site.whole();
    }
}

#[test]
fn a_changed_file_counts_at_once_and_a_wrong_one_not_at_all() {
    let site = site();
    let serve = site.start(["serve"]);
    site.until("a served site", || served(&site).then_some(()));
    schedule(&site, "test/work", "every second");
    until(&site, "test/work", "succeeded", 1);
    site.redeclare("every second", "every now and then");
    let before = site.runs().len();
    until_more(&site, before + 2);
    site.redeclare("every now and then", "daily at 25:00");
    let told = ended(serve);
    assert_eq!(events(&told, "reloaded").len(), 1, "{told:?}");
    assert_eq!(
        events(&told, "not-reloaded")[0]["error"]["code"],
        "P1301",
        "{told:?}"
    );
}

/// Waits for runs, while the commands that look at a site refuse its declarations.
fn until_more(site: &Site, count: usize) {
    let good = site
        .read("procedo.toml")
        .replace("every now and then", "every second");
    let beside = site.beside("looking");
    std::fs::create_dir_all(&beside).unwrap();
    std::fs::write(beside.join("procedo.toml"), good).unwrap();
    std::os::unix::fs::symlink(site.path(".procedo"), beside.join(".procedo")).unwrap();
    site.until("more runs", || {
        let mut command = Program::Procedo.command();
        let listed = Done::of(
            command
                .arg("--site")
                .arg(&beside)
                .args(["runs", "--all", "--json"]),
        )
        .ok();
        (listed.json().as_array().unwrap().len() >= count).then_some(())
    });
}

#[test]
fn a_process_that_is_told_to_end_leaves_its_runs_to_be_gone_on_with() {
    let site = site();
    let serve = site.start(["serve"]);
    site.until("a served site", || served(&site).then_some(()));
    schedule(&site, "test/slow", &soon());
    until(&site, "test/slow", "running", 1);
    site.until("a page", || site.path("files/slow.txt").is_file().then_some(()));
    let began = std::time::Instant::now();
    let told = ended(serve);
    assert!(began.elapsed() < Duration::from_secs(10));
    assert_eq!(events(&told, "interrupted").len(), 1, "{told:?}");
    let interrupted = until(&site, "test/slow", "interrupted", 1);
    let serve = site.start(["serve"]);
    let done = until(&site, "test/slow", "succeeded", 1);
    assert_eq!(done[0]["run"], interrupted[0]["run"]);
    let told = ended(serve);
    assert_eq!(events(&told, "resumed").len(), 1, "{told:?}");
    site.whole();
}

#[test]
fn what_others_left_waiting_or_were_killed_in_is_gone_on_with() {
    let site = site();
    site.script("asks", "", r#"run::confirm("go", "Go on?")"#);
    site.script(
        "approved",
        WRITES,
        r#"files::write("example", "approved.txt", "x").changed"#,
    );
    site.declare("[[policy]]\nprocedure = \"test/approved\"\napprovals = 1");
    let asks = site.json(["run", "test/asks"]).ended(4).run();
    let approved = site.json(["run", "test/approved"]).ended(4).run();
    // One is killed while it holds a lock that another waits for.
    let killed = site.start(["run", "test/slow"]);
    site.until("a page", || site.path("files/slow.txt").is_file().then_some(()));
    let waits = site.json(["run", "test/slow", "--no-wait"]).ended(4).run();
    let killed = killed.kill().run();
    assert_eq!(site.state(&killed), "interrupted");

    let serve = site.start(["serve"]);
    until(&site, "test/slow", "succeeded", 2);
    assert_eq!(
        (site.state(&killed), site.state(&waits)),
        ("succeeded".into(), "succeeded".into())
    );
    assert_eq!(site.state(&asks), "waiting", "nobody has answered");
    site.json(["answer", &asks, "yes"]).ok();
    site.json(["approve", &approved, "--yes"]).ok();
    until(&site, "test/asks", "succeeded", 1);
    until(&site, "test/approved", "succeeded", 1);
    let told = ended(serve);
    assert_eq!(events(&told, "resumed").len(), 4, "each once: {told:?}");
    site.whole();
}

#[test]
fn a_run_that_somebody_sees_through_is_left_to_them() {
    let site = site();
    let serve = site.start(["serve"]);
    let first = site.start(["run", "test/slow"]);
    site.until("a page", || site.path("files/slow.txt").is_file().then_some(()));
    let second = site.start(["run", "test/slow"]);
    let (first, second) = (first.wait().ok(), second.wait().ok());
    assert_eq!(first.last()["result"], "slept");
    assert_eq!(
        second.last()["result"],
        "slept",
        "it waited for the lock itself: {second}"
    );
    assert!(events(&ended(serve), "resumed").is_empty());
}

#[test]
fn what_cannot_be_started_is_told_and_shown() {
    let site = site();
    schedule(&site, "test/nothing", "every second");
    let serve = site.start(["serve"]);
    let last = site.until("a failure", || {
        let listed = site.json(["schedules"]).ok().json();
        let last = listed["schedules"][0]["last"][0].clone();
        last["error"].is_object().then_some(last)
    });
    assert_eq!(last["error"]["code"], "P0101");
    assert_eq!(last["run"], Value::Null);
    let told = ended(serve);
    assert!(!events(&told, "not-fired").is_empty(), "{told:?}");
    assert!(site.runs().is_empty());
}

#[test]
fn check_finds_schedules_that_could_not_be_started() {
    let site = site();
    schedule(&site, "test/work", "every second");
    site.json(["check"]).ok();
    site.redeclare(
        "procedure = \"test/work\"\nwhen",
        "procedure = \"test/nothing\"\nwhen",
    );
    let found = site.json(["check"]).ended(2);
    assert!(found.out.contains("P0101"), "{found}");
    site.redeclare(
        "procedure = \"test/nothing\"\nwhen",
        "procedure = \"test/work\"\nparams = { x = 1 }\nwhen",
    );
    let found = site.json(["check"]).ended(2);
    assert!(found.out.contains("P0103"), "{found}");
    site.redeclare("params = { x = 1 }", "jitter = 4000");
    let found = site.json(["check"]).ended(2);
    assert!(found.out.contains("P1307"), "{found}");
}

/// A procedure that sets a schedule, with all that it needs.
fn setter(site: &Site) {
    let needs = r#"needs = [
  { capability = "schedule", resource = "*", effect = "write" },
  { capability = "run", resource = "test/work", effect = "write" },
]"#;
    site.script(
        "set",
        needs,
        r#"schedule::set("own", #{procedure: "test/work", params: #{}, when: "every second"})"#,
    );
    site.grant("test/set", "schedule", "*", "write");
    site.grant("test/set", "run", "test/work", "write");
}

fn names(site: &Site) -> Vec<String> {
    let listed = site.json(["schedules"]).ok().json();
    let schedules = listed["schedules"].as_array().unwrap().clone().into_iter();
    schedules
        .map(|each| each["schedule"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn a_schedule_that_a_procedure_set_is_fired_and_gone_when_that_is_undone() {
    let site = site();
    setter(&site);
    let serve = site.start(["serve"]);
    let set = site.json(["run", "test/set"]).ok();
    assert_eq!(set.last()["result"], true);
    assert_eq!(names(&site), ["own"]);
    until(&site, "test/work", "succeeded", 2);
    site.json(["undo", &set.run(), "--yes"]).ok();
    assert!(names(&site).is_empty());
    ended(serve);
    site.whole();
}

#[test]
fn a_procedure_that_sets_a_schedule_survives_being_killed_anywhere() {
    for point in ["before-intent", "after-intent", "after-effect", "after-outcome"] {
        let site = site();
        setter(&site);
        let mut command = site.command(Program::Failpoints, ["run", "test/set"]);
        let failpoint = format!("{point}:1");
        let killed = Done::of(command.arg("--json").env("PROCEDO_FAILPOINT", failpoint)).killed();
        let resumed = site.json(["resume", &killed.run()]).ok();
        assert_eq!(resumed.last()["result"], true, "{point}");
        assert_eq!(names(&site), ["own"], "{point}");
        site.json(["undo", &killed.run(), "--yes"]).ok();
        assert!(names(&site).is_empty(), "{point}");
        site.whole();
    }
}
