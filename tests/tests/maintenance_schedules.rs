//! Scheduled backups of simulated servers: set, replaced, removed, undone, killed while they are set, and made at the same
//! moment on all servers.

#![allow(clippy::unwrap_used, reason = "what a helper meets fails its test, too")]

use procedo_tests::{Done, Program, Site};
use serde_json::{Value, json};

const SCHEDULE: &[&str] = &[
    "run",
    "database/schedule-backups",
    "-p",
    r#"databases=["main", "backup", "central-reporting"]"#,
];

fn with<'a>(more: &[&'a str]) -> Vec<&'a str> {
    [SCHEDULE, more].concat()
}

/// The schedules of the site, by name, each with what `schedules` tells of it.
fn schedules(site: &Site) -> Vec<(String, Value)> {
    let told = site.json(["schedules"]).ok().json();
    let all = told["schedules"].as_array().unwrap().iter();
    all.map(|each| (each["schedule"].as_str().unwrap().to_owned(), each.clone()))
        .collect()
}

fn names(site: &Site) -> Vec<String> {
    schedules(site).into_iter().map(|(name, _)| name).collect()
}

#[test]
fn one_schedule_starts_the_backups_of_all_servers() {
    let site = Site::lab();
    let planned = site.json([&["plan"], &SCHEDULE[1..]].concat()).ok().json();
    assert_eq!(planned["changes"].as_array().unwrap().len(), 2, "{planned}");
    assert!(names(&site).is_empty(), "a plan sets nothing");

    let done = site.json(SCHEDULE).ok();
    let result = &done.last()["result"];
    let full = result["full"].as_array().unwrap();
    assert!(
        full.len() == 3 && full.iter().all(|at| at.as_str().unwrap().contains("T02:00:00")),
        "{result}"
    );
    assert!(
        result["incremental"][0].as_str().unwrap().contains("T13:00:00"),
        "{result}"
    );
    let set = schedules(&site);
    assert_eq!(names(&site), ["backup-full", "backup-incremental"]);
    for (_, each) in &set {
        assert_eq!(each["procedure"], "database/backup", "{each}");
        assert_eq!(
            each["each"]["values"],
            json!(["main", "backup", "central-reporting"]),
            "{each}"
        );
    }
    assert_eq!(
        site.json(SCHEDULE).ok().last()["result"]["databases"]
            .as_array()
            .unwrap()
            .len(),
        3
    );

    site.json(with(&[
        "-p",
        "incremental=none",
        "-p",
        "full=every Sunday at 03:00",
    ]))
    .ok();
    assert_eq!(names(&site), ["backup-full"]);
    site.whole();
}

#[test]
fn the_undo_removes_what_was_scheduled() {
    let site = Site::lab();
    let run = site.json(SCHEDULE).ok().run();
    site.json(["undo", &run, "--yes"]).ok();
    assert!(names(&site).is_empty());
}

#[test]
fn what_cannot_be_scheduled_is_refused_and_a_busy_time_is_warned_of() {
    let site = Site::lab();
    std::fs::remove_file(site.path("machines/backup/data/contact-center.db")).unwrap();
    let (code, sentence) = site.json(SCHEDULE).ended(1).error();
    assert!(code == "not-online" && sentence.contains("backup"), "{sentence}");
    let unknown = site.json(["run", "database/schedule-backups", "-p", "full=whenever"]);
    assert_ne!(unknown.code(), Some(0), "{unknown}");
    assert!(names(&site).is_empty());
    let busy = site
        .json(["run", "database/schedule-backups", "-p", "full=daily at 11:00"])
        .ok();
    assert!(
        busy.out.contains("11:00") && busy.out.contains("warning"),
        "{busy}"
    );
}

#[test]
fn scheduled_backups_are_made_at_the_same_moment_and_written_down_on_each_server() {
    let site = Site::lab();
    site.json(with(&["-p", "full=every second", "-p", "incremental=none"]))
        .ok();
    let serve = site.start(["serve"]);
    let results = ["main", "backup", "central-reporting"]
        .map(|server| site.path(&format!("machines/{server}/contact-center/results.txt")));
    site.until("a backup on each server", || {
        let written = |path: &std::path::PathBuf| {
            std::fs::read_to_string(path).is_ok_and(|text| text.contains("\tOK\t"))
        };
        results.iter().all(written).then_some(())
    });
    let id = rustix::process::Pid::from_raw(i32::try_from(serve.id()).unwrap()).unwrap();
    rustix::process::kill_process(id, rustix::process::Signal::TERM).unwrap();
    let told = serve.wait().documents();
    let fired = told.iter().filter(|each| each["event"] == "fired");
    let slots: Vec<String> = fired.map(|each| each["slot"].to_string()).collect();
    let first = slots.iter().filter(|slot| **slot == slots[0]).count();
    assert_eq!(first, 3, "three servers at the first moment: {slots:?}");
    site.whole();
}

#[test]
fn scheduling_survives_being_killed_at_each_change() {
    let site = Site::lab();
    let undisturbed = site.json(SCHEDULE).ok().run();
    let shown = site.show(&undisturbed);
    let calls: Vec<u64> = procedo_tests::journal::of_kind(&shown, "intent")
        .iter()
        .filter(|intent| intent.get("change").is_some())
        .map(|intent| intent["call"].as_u64().unwrap())
        .collect();
    assert_eq!(calls.len(), 2);
    for call in calls {
        for point in ["before-intent", "after-intent", "after-effect", "after-outcome"] {
            let site = Site::lab();
            let mut command = site.command(Program::Failpoints, SCHEDULE);
            let failpoint = format!("{point}:{call}");
            let killed = Done::of(command.arg("--json").env("PROCEDO_FAILPOINT", &failpoint)).killed();
            site.json(["resume", &killed.run()]).ok();
            assert_eq!(names(&site), ["backup-full", "backup-incremental"], "{failpoint}");
            site.json(["undo", &killed.run(), "--yes"]).ok();
            assert!(names(&site).is_empty(), "{failpoint}");
            site.whole();
        }
    }
}
