//! A process that is killed in the middle of a backup or a restore, and the one that goes on.

use crate::support::{Site, id};
use procedo_core::change::{Change, Probe};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

/// In a process of its own: performs a call up to a point, says so, and waits to be killed.
#[test]
#[ignore = "a part of other tests"]
fn child_performs() {
    let Ok(work) = std::env::var("PROCEDO_TEST_WORK") else {
        return;
    };
    let work: Value = serde_json::from_str(&work).unwrap();
    let text = |name: &str| work[name].as_str().unwrap().to_owned();
    let mut site = Site::at(Path::new(&text("dir")));
    site.call = work["call"].as_u64().unwrap();
    let (at, after) = (text("at"), work["after"].as_u64().unwrap());
    let notes = site.dir.join("notes");
    site.watch = Box::new(move |site, what, done| {
        std::fs::write(&notes, serde_json::to_string(&*site.notes.borrow()).unwrap()).unwrap();
        if what == at && done >= after {
            println!("here");
            loop {
                std::thread::park();
            }
        }
    });
    let change: Change = serde_json::from_value(work["change"].clone()).unwrap();
    site.perform(&text("function"), &work["args"], &change).unwrap();
    println!("it ended");
}

/// Has a child perform the call, and kills it where it says that it is there.
fn killed(site: &mut Site, function: &str, args: &Value, at: &str, after: u64) -> Change {
    let change = site.intent(function, args).unwrap();
    let work = json!({
        "dir": site.dir, "function": function, "args": args, "change": change, "at": at, "after": after,
        "call": site.call,
    });
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "crashes::child_performs", "--ignored", "--nocapture"])
        .env("PROCEDO_TEST_WORK", work.to_string())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let said = BufReader::new(child.stdout.take().unwrap());
    let line = said
        .lines()
        .map(Result::unwrap)
        .find(|line| line.contains("here") || line.contains("it ended"));
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(
        line.is_some_and(|line| line.contains("here")),
        "{at} {after} was not reached"
    );
    let notes = std::fs::read_to_string(site.dir.join("notes")).unwrap();
    *site.notes.borrow_mut() = serde_json::from_str(&notes).unwrap();
    change
}

#[test]
fn a_backup_killed_half_way_is_no_backup_and_is_made_again() {
    let mut site = Site::with_rows(8000);
    let former = site.backup(0);
    for level in [0_u8, 1] {
        site.sql("UPDATE item SET data = randomblob(500)");
        site.call += 1;
        let args = json!({"database": "main", "level": level});
        let change = killed(&mut site, "backup", &args, "database-progress-copy", 2 << 20);
        let list = site.read("list-backups", &json!({"database": "main"})).unwrap();
        assert_eq!(list.as_array().unwrap().len(), 1 + usize::from(level));
        assert!(
            site.files().iter().any(|name| name.ends_with(".part")),
            "it left something"
        );
        site.verify(&id(&former)).unwrap();
        assert_eq!(site.probe("backup", &args, &change), Probe::NotApplied);
        let record = site.perform("backup", &args, &change).unwrap();
        assert!(
            !site.files().iter().any(|name| name.ends_with(".part")),
            "what it left is gone"
        );
        site.verify(&id(&record)).unwrap();
    }
}

#[test]
fn a_restore_killed_at_any_point_is_done_whole_or_not_at_all() {
    for mode in ["wal", "delete"] {
        let points = [
            ("database-progress-assemble", 2 << 20),
            // The backup of the present state.
            ("database-progress-copy", 2 << 20),
            ("note", 0),
            ("database-progress-restore", 1 << 20),
            ("database-progress-restore", 3 << 20),
        ];
        for (at, after) in points {
            let mut site = Site::empty();
            site.fill(mode, 8000);
            site.backup(0);
            site.sql("UPDATE item SET name = 'later' WHERE id % 1000 = 0");
            let one = site.backup(1);
            let old = site.checksums();
            site.sql("UPDATE item SET data = randomblob(500)");
            let present = site.checksums();
            site.call += 1;
            let args = json!({"database": "main", "backup": id(&one)});
            let change = killed(&mut site, "restore", &args, at, after);
            assert_eq!(
                site.checksums(),
                present,
                "{mode} {at} {after}: nothing is half restored"
            );
            assert_eq!(site.probe("restore", &args, &change), Probe::NotApplied);
            let reply = site.perform("restore", &args, &change).unwrap();
            assert_eq!(site.checksums(), old, "{mode} {at} {after}");
            assert!(!site.files().iter().any(|name| name.ends_with(".part")));
            assert_eq!(
                site.probe("restore", &args, &change),
                Probe::Applied(reply.clone())
            );
            let former = reply["former"].as_str().unwrap().to_owned();
            site.restore(&former).unwrap();
            assert_eq!(
                site.checksums(),
                present,
                "{mode} {at}: the former state was kept"
            );
        }
    }
}

#[test]
fn performing_again_after_the_restore_was_done_keeps_the_former_state() {
    let mut site = Site::with_rows(100);
    let record = site.backup(0);
    site.sql("DELETE FROM item WHERE id = 5");
    let present = site.checksums();
    site.call += 1;
    let args = json!({"database": "main", "backup": id(&record)});
    let change = site.intent("restore", &args).unwrap();
    site.perform("restore", &args, &change).unwrap();
    // Its outcome was lost, and a person said that it was not done.
    let reply = site.perform("restore", &args, &change).unwrap();
    site.restore(reply["former"].as_str().unwrap()).unwrap();
    assert_eq!(site.checksums(), present);
}

#[test]
fn a_replacement_that_stopped_between_two_renames_is_completed() {
    let mut site = Site::with_rows(100);
    let record = site.backup(0);
    let state = site.checksums();
    std::fs::write(site.file(), b"no database").unwrap();
    site.call += 1;
    let args = json!({"database": "main", "backup": id(&record)});
    let change = site.intent("restore", &args).unwrap();
    let reply = site.perform("restore", &args, &change).unwrap();
    let aside = reply["aside"].as_str().unwrap().to_owned();
    // As if the crash had come after the old file was renamed, before the new one got its name.
    std::fs::remove_file(site.file()).unwrap();
    assert_eq!(site.probe("restore", &args, &change), Probe::Partial);
    site.perform("restore", &args, &change).unwrap();
    assert_eq!(site.checksums(), state);
    // And before the old one was renamed.
    std::fs::rename(aside, site.file()).unwrap();
    assert_eq!(site.probe("restore", &args, &change), Probe::Partial);
    site.perform("restore", &args, &change).unwrap();
    assert_eq!(site.checksums(), state);
}

#[test]
fn a_statement_is_known_by_its_key_after_a_crash() {
    let mut site = Site::with_rows(10);
    let args =
        json!({"database": "main", "sql": "UPDATE item SET name = 'x' WHERE id < ?1", "parameters": ["4"]});
    let change = site.intent("execute", &args).unwrap();
    assert_eq!(site.probe("execute", &args, &change), Probe::NotApplied);
    let reply = site.perform("execute", &args, &change).unwrap();
    assert_eq!(reply, json!({"rows": 3}));
    assert_eq!(site.probe("execute", &args, &change), Probe::Applied(reply));
    site.call += 1;
    assert_eq!(site.probe("execute", &args, &change), Probe::NotApplied);
}
