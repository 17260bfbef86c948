//! Tapes: what a person is asked, and what becomes of the answers.

use crate::support::{Bench, backup_args, code};
use procedo_core::change::Probe;
use procedo_core::{Error, Kind};
use procedo_lab_informix::Mode;
use serde_json::{Value, json};
use std::path::PathBuf;

/// The tape that lies in the drive or beside it, by its label.
fn tape(bench: &Bench, label: &str) -> PathBuf {
    bench.dir().join(format!("tape {label}"))
}

/// Changes tapes as the question asks for it: takes the one in the drive out, and puts the one with this label in; a label
/// that no tape has gets a blank one.
fn change(bench: &Bench, asked: &procedo_core::message::Message) {
    let drive = bench.device();
    let note = bench.dir().join("in the drive");
    if let Ok(former) = std::fs::read_to_string(&note) {
        std::fs::rename(&drive, tape(bench, &former)).unwrap();
    }
    let label = &asked.args["label"];
    match std::fs::rename(tape(bench, label), &drive) {
        Ok(()) => {}
        Err(_) => std::fs::write(&drive, "").unwrap(),
    }
    std::fs::write(note, label).unwrap();
}

/// A bench with a diligent person at a drive for tapes of 200 KiB.
fn bench() -> Bench {
    let mut bench = Bench::new("tape");
    bench.configure(200);
    bench.answer = Box::new(|bench, _, asked| {
        change(bench, asked);
        Ok(Value::Bool(true))
    });
    bench
}

fn labels(bench: &Bench) -> Vec<String> {
    let asked = bench.asked.borrow();
    asked
        .iter()
        .map(|(_, asked)| asked.args["label"].clone())
        .collect()
}

#[test]
fn each_tape_is_asked_for_with_the_label_to_write_on_it() {
    let mut bench = bench();
    let record = bench.backup(0).unwrap();
    let keys: Vec<_> = bench.asked.borrow().iter().map(|(key, _)| key.clone()).collect();
    assert_eq!(keys, ["backup-tape-1", "backup-tape-2", "backup-tape-3"]);
    let labels = labels(&bench);
    assert!(
        labels[0].starts_with("main-0001-L0 L0 20") && labels[0].ends_with(" #1"),
        "{labels:?}"
    );
    let asked = bench.asked.borrow();
    assert_eq!(asked[1].1.id, "database-ask-next-tape");
    assert_eq!(asked[1].1.args["former"], labels[0]);
    assert_eq!(asked[1].1.args["device"], bench.device().display().to_string());
    // A tape is not read again.
    assert_eq!(record["verified"], false);
}

#[test]
fn a_restore_asks_for_the_same_tapes_and_brings_the_same_content_back() {
    let mut bench = bench();
    bench.backup(0).unwrap();
    bench.write("datadbs", 7, b"changed");
    bench.backup(1).unwrap();
    let then = bench.content();
    bench.write("datadbs", 8, b"to be lost");
    bench.asked.borrow_mut().clear();
    let args = json!({"database": "main", "backup": "main-0002-L1", "options": {"keep-present": false}});
    bench.live("restore", &args).unwrap();
    let keys: Vec<_> = bench.asked.borrow().iter().map(|(key, _)| key.clone()).collect();
    assert_eq!(
        keys,
        [
            "restore-L0-tape-1",
            "restore-L0-tape-2",
            "restore-L0-tape-3",
            "restore-L1-tape-1"
        ]
    );
    assert!(bench.content() == then);
    assert_eq!(bench.mode(), Mode::OnLine);
}

#[test]
fn a_wrong_tape_is_found_before_anything_is_overwritten() {
    let mut bench = bench();
    bench.backup(0).unwrap();
    bench.write("datadbs", 7, b"changed");
    bench.backup(1).unwrap();
    let then = bench.content();
    // The tape of level 1 stays in the drive.
    bench.answer = Box::new(|_, _, _| Ok(Value::Bool(true)));
    let args = json!({"database": "main", "backup": "main-0001-L0", "options": {"keep-present": false}});
    let error = bench.live("restore", &args).unwrap_err();
    assert_eq!(error.code, "P1246");
    assert!(error.message.args["found"].starts_with("L1, "), "{error}");
    assert!(bench.content() == then);
    assert_eq!(bench.mode(), Mode::OnLine);
    assert!(!bench.jobs_left());
}

#[test]
fn a_person_who_says_no_ends_the_backup() {
    let mut bench = bench();
    bench.answer = Box::new(|_, key, _| Ok(Value::Bool(!key.ends_with('2'))));
    let error = bench.backup(0).unwrap_err();
    assert_eq!((error.kind, error.code.as_str()), (Kind::Cancelled, "P1247"));
    assert!(bench.list().is_empty() && !bench.jobs_left());
    // Nothing is left that would keep the next one from being made.
    bench.answer = Box::new(|bench, _, asked| {
        change(bench, asked);
        Ok(Value::Bool(true))
    });
    bench.backup(0).unwrap();
}

#[test]
fn an_answer_may_come_after_procedo_was_started_again() {
    let mut bench = bench();
    let change_of = bench.intent("backup", &backup_args(0)).unwrap();
    bench.answer = Box::new(|bench, key, asked| {
        if key == "backup-tape-2" {
            // Nobody is there.
            return Err(Error::new(Kind::Unavailable, "P0133"));
        }
        change(bench, asked);
        Ok(Value::Bool(true))
    });
    let waiting = bench.perform("backup", &backup_args(0), &change_of);
    assert_eq!(code(waiting), "P0133");
    bench.restart();
    assert_eq!(bench.probe("backup", &backup_args(0), &change_of), Probe::Running);
    bench.answer = Box::new(|bench, _, asked| {
        change(bench, asked);
        Ok(Value::Bool(true))
    });
    bench.asked.borrow_mut().clear();
    bench.perform("backup", &backup_args(0), &change_of).unwrap();
    let keys: Vec<_> = bench.asked.borrow().iter().map(|(key, _)| key.clone()).collect();
    assert_eq!(keys, ["backup-tape-2", "backup-tape-3"]);
    assert_eq!(bench.lab.state().unwrap().started_archives, 1);
    bench.answer = Box::new(|bench, _, asked| {
        change(bench, asked);
        Ok(Value::Bool(true))
    });
    let then = bench.content();
    bench.write("rootdbs", 1, b"to be lost");
    bench.restore("main-0001-L0").unwrap();
    assert!(bench.content() == then);
}
