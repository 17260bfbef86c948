//! Crashes: Procedo, or the tool, ends in the middle. Nothing is done twice, and nothing is left half.

use crate::support::{Bench, backup_args, code, restore_args};
use procedo_core::change::{Change, Probe};
use procedo_lab_informix::{Faults, Mode, Server};
use serde_json::{Value, json};
use std::process::Command;

/// A bench whose tools wait at 50 per cent, until the gate is opened.
fn holding(method: &str) -> Bench {
    let bench = Bench::new(method);
    bench.faults(&Faults {
        hold_at: Some(50),
        ..Faults::default()
    });
    bench
}

/// The processes of the simulated ontape of this bench.
fn ontapes(lab: &Server) -> Vec<String> {
    let wanted = format!("{}/bin/ontape", lab.environment.dir.display());
    let processes = std::fs::read_dir("/proc").unwrap().flatten();
    processes
        .filter(|process| {
            std::fs::read(process.path().join("cmdline"))
                .is_ok_and(|line| line.starts_with(wanted.as_bytes()))
        })
        .map(|process| process.file_name().into_string().unwrap())
        .collect()
}

fn kill_ontape(lab: &Server) {
    for process in ontapes(lab) {
        assert!(
            Command::new("kill")
                .args(["-KILL", &process])
                .status()
                .unwrap()
                .success()
        );
    }
}

#[test]
fn a_backup_goes_on_without_procedo_and_is_attached_to() {
    for method in ["file", "directory"] {
        let mut bench = holding(method);
        let args = backup_args(0);
        let change = bench.intent("backup", &args).unwrap();
        bench.watch = Box::new(|bench, percent| {
            if percent == 50 {
                bench.stop.set();
            }
        });
        assert_eq!(code(bench.perform("backup", &args, &change)), "P0113");
        bench.restart();
        assert_eq!(bench.probe("backup", &args, &change), Probe::Running);
        assert_eq!(ontapes(&bench.lab).len(), 1);
        // Nobody else gets at what it writes to.
        let other = bench.call;
        bench.call = other + 1;
        assert_eq!(code(bench.perform("backup", &args, &change)), "P1232");
        bench.call = other;
        bench.open_gate();
        let record = bench.perform("backup", &args, &change).unwrap();
        assert_eq!(record["id"], "main-0001-L0");
        assert_eq!(bench.lab.state().unwrap().started_archives, 1);
        assert_eq!(bench.probe("backup", &args, &change), Probe::Applied(record));
        assert!(!bench.jobs_left());
    }
}

#[test]
fn a_backup_that_ended_while_procedo_was_away_is_completed() {
    let mut bench = holding("file");
    let args = backup_args(0);
    let change = bench.intent("backup", &args).unwrap();
    bench.watch = Box::new(|bench, percent| {
        if percent == 50 {
            bench.stop.set();
        }
    });
    assert_eq!(code(bench.perform("backup", &args, &change)), "P0113");
    bench.restart();
    bench.open_gate();
    let mut probe = bench.probe("backup", &args, &change);
    while probe == Probe::Running {
        std::thread::yield_now();
        probe = bench.probe("backup", &args, &change);
    }
    assert_eq!(probe, Probe::Partial);
    bench.perform("backup", &args, &change).unwrap();
    assert_eq!(bench.lab.state().unwrap().started_archives, 1);
    assert_eq!(bench.list(), ["main-0001-L0"]);
}

#[test]
fn a_backup_whose_tool_is_killed_fails_and_leaves_nothing() {
    let mut bench = holding("file");
    bench.watch = Box::new(|bench, percent| {
        if percent == 50 {
            kill_ontape(&bench.lab);
        }
    });
    let error = bench.backup(0).unwrap_err();
    assert_eq!(
        (error.code.as_str(), error.message.args["code"].as_str()),
        ("P1237", "137")
    );
    assert!(bench.files().is_empty() && !bench.jobs_left());
    assert_eq!(std::fs::metadata(bench.device()).unwrap().len(), 0);
    bench.open_gate();
    bench.restart();
    bench.backup(0).unwrap();
}

/// A server with a backup that it has gone on from, whose tools wait at 50 per cent.
fn to_restore() -> (Bench, Vec<Vec<u8>>) {
    let mut bench = Bench::new("file");
    bench.backup(0).unwrap();
    let content = bench.content();
    bench.write("datadbs", 5, b"to be lost");
    bench.faults(&Faults {
        hold_at: Some(50),
        ..Faults::default()
    });
    (bench, content)
}

/// Performs a restore, and stops Procedo as soon as the server is half restored.
fn stop_when_half(bench: &Bench, args: &Value, change: &Change) {
    let (lab, to_stop) = (&bench.lab, &bench.stop);
    std::thread::scope(|scope| {
        scope.spawn(move || {
            while !lab.state().unwrap().half_restored {
                std::thread::yield_now();
            }
            to_stop.set();
        });
        let stopped = bench.perform("restore", args, change);
        assert_eq!(code(stopped), "P0113");
    });
}

#[test]
fn a_restore_goes_on_without_procedo_and_is_attached_to() {
    let (mut bench, content) = to_restore();
    let args = json!({"database": "main", "backup": "main-0001-L0", "options": {"keep-present": false}});
    let change = bench.intent("restore", &args).unwrap();
    stop_when_half(&bench, &args, &change);
    bench.restart();
    assert_eq!(bench.probe("restore", &args, &change), Probe::Running);
    assert_eq!(ontapes(&bench.lab).len(), 1);
    bench.open_gate();
    let reply = bench.perform("restore", &args, &change).unwrap();
    assert!(bench.content() == content);
    assert_eq!(bench.mode(), Mode::OnLine);
    assert_eq!(bench.probe("restore", &args, &change), Probe::Applied(reply));
    assert!(!bench.jobs_left());
}

#[test]
fn a_restore_whose_tool_died_while_procedo_was_away_is_made_again() {
    let (mut bench, content) = to_restore();
    let args = json!({"database": "main", "backup": "main-0001-L0", "options": {"keep-present": false}});
    let change = bench.intent("restore", &args).unwrap();
    stop_when_half(&bench, &args, &change);
    kill_ontape(&bench.lab);
    bench.restart();
    assert_ne!(bench.mode(), Mode::OnLine);
    while bench.probe("restore", &args, &change) != Probe::Partial {
        std::thread::yield_now();
    }
    bench.open_gate();
    bench.perform("restore", &args, &change).unwrap();
    assert!(bench.content() == content);
    assert_eq!(bench.mode(), Mode::OnLine);
    assert!(!bench.jobs_left());
}

#[test]
fn a_restore_whose_tool_is_killed_is_put_back() {
    let (mut bench, _) = to_restore();
    let before = bench.content();
    let args = restore_args("main-0001-L0");
    let change = bench.intent("restore", &args).unwrap();
    // The backup of the present state is let through; the restore is killed at its gate.
    bench.watch = Box::new(|bench, percent| {
        if percent == 50 {
            bench.open_gate();
        }
        if percent == 100 {
            std::fs::remove_file(Faults::gate(&bench.lab.environment)).unwrap();
        }
    });
    let lab = &bench.lab;
    let result = std::thread::scope(|scope| {
        scope.spawn(move || {
            while !lab.state().unwrap().half_restored {
                std::thread::yield_now();
            }
            kill_ontape(lab);
            std::fs::write(Faults::gate(&lab.environment), "").unwrap();
        });
        bench.perform("restore", &args, &change)
    });
    let error = result.unwrap_err();
    assert_eq!(error.code, "P1243", "{error}");
    assert!(bench.content() == before);
    assert_eq!(bench.mode(), Mode::OnLine);
    assert!(!bench.jobs_left());
}

#[test]
fn a_crash_while_the_state_before_is_put_back_does_not_keep_it_from_being_put_back() {
    let (mut bench, _) = to_restore();
    let before = bench.content();
    let args = restore_args("main-0001-L0");
    let change = bench.intent("restore", &args).unwrap();
    let archive = bench.archive("main-0001-L0");
    bench.watch = Box::new(move |bench, percent| {
        // While the present state is backed up, what was checked before is damaged: the restore will fail.
        if percent == 50 {
            let file = std::fs::File::options().write(true).open(&archive).unwrap();
            file.set_len(file.metadata().unwrap().len() - 1).unwrap();
            bench.open_gate();
        }
        if percent == 100 {
            std::fs::remove_file(Faults::gate(&bench.lab.environment)).unwrap();
        }
    });
    let jobs = bench.dir().join(".procedo/jobs");
    let to_stop = &bench.stop;
    std::thread::scope(|scope| {
        scope.spawn(move || {
            let is_put_back =
                |job: std::fs::DirEntry| job.file_name().to_string_lossy().ends_with("put-back");
            while !std::fs::read_dir(&jobs).is_ok_and(|jobs| jobs.flatten().any(is_put_back)) {
                std::thread::yield_now();
            }
            to_stop.set();
        });
        assert_eq!(code(bench.perform("restore", &args, &change)), "P0113");
    });
    bench.restart();
    assert_eq!(bench.probe("restore", &args, &change), Probe::Running);
    bench.open_gate();
    let error = bench.perform("restore", &args, &change).unwrap_err();
    assert_eq!(error.code, "P1243", "{error}");
    assert!(error.message.args["reason"].contains("unexpected end"), "{error}");
    assert!(bench.content() == before);
    assert_eq!(bench.mode(), Mode::OnLine);
    assert!(!bench.jobs_left());
}
