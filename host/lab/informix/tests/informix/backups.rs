//! Backups: to a folder, to a file, into a storage manager; what is kept, and what does not count.

use crate::support::{Bench, backup_args, code, id, statement};
use procedo_core::Kind;
use procedo_core::change::{Assumed, Undo};
use procedo_lab_informix::Faults;
use serde_json::json;

#[test]
fn a_server_that_is_on_line_tells_so_by_the_exit_code_five() {
    let bench = Bench::new("file");
    let status = bench.status();
    assert_eq!(status["mode"], "online");
    assert!(status["version"].as_str().unwrap().ends_with("Version 11.50.FC9"));
    bench.tool("onmode", &["-ky"]);
    assert_eq!(bench.status()["mode"], "offline");
    bench.tool("oninit", &["-s"]);
    assert_eq!(bench.status()["mode"], "quiescent");
}

#[test]
fn a_plan_says_what_a_backup_would_be_and_starts_nothing() {
    let bench = Bench::new("file");
    let planned = bench.plan("backup", &backup_args(0)).unwrap();
    let Assumed::Overlaid(record) = planned.reply else {
        panic!("the reply is assumed");
    };
    assert_eq!(
        (id(&record), record["digest"].is_null()),
        ("main-0001-L0".to_owned(), true)
    );
    let change = planned.change.unwrap();
    assert_eq!(
        change.summary.args["place"],
        bench.backups().display().to_string()
    );
    assert_eq!(bench.lab.state().unwrap().started_archives, 0);
    assert!(!bench.backups().exists() && !bench.jobs_left());
}

#[test]
fn every_backup_to_a_plain_file_gets_a_file_of_its_own() {
    let mut bench = Bench::new("file");
    let full = bench.backup(0).unwrap();
    bench.write("datadbs", 3, b"later");
    let more = bench.backup(1).unwrap();
    assert_eq!(
        (id(&full), id(&more)),
        ("main-0001-L0".to_owned(), "main-0002-L1".to_owned())
    );
    assert_eq!(more["base"], full["id"]);
    assert_eq!(
        (full["verified"].as_bool(), more["verified"].as_bool()),
        (Some(true), Some(true))
    );
    // 240 pages of 2 KiB, and one.
    assert!(full["size"].as_u64().unwrap() > 240 * 2048);
    assert!(more["size"].as_u64().unwrap() < 20_000);
    assert_eq!(
        bench.files(),
        [
            "main-0001-L0.archive",
            "main-0001-L0.json",
            "main-0002-L1.archive",
            "main-0002-L1.json"
        ]
    );
    // What ontape writes to is empty again, and has its permissions.
    assert_eq!(std::fs::metadata(bench.device()).unwrap().len(), 0);
    assert_eq!(bench.list(), ["main-0001-L0", "main-0002-L1"]);
    assert!(!bench.jobs_left());
}

#[test]
fn a_folder_keeps_nothing_that_the_next_backup_could_rename() {
    let mut bench = Bench::new("directory");
    let full = bench.backup(0).unwrap();
    bench.write("datadbs", 3, b"later");
    bench.backup(1).unwrap();
    let again = bench.live(
        "backup",
        &json!({"database": "main", "level": 0, "destination": "weekly"}),
    );
    assert_eq!(again.unwrap().1["destination"], "weekly");
    assert_eq!(std::fs::read_dir(bench.device()).unwrap().count(), 0);
    assert!(bench.archive(&id(&full)).is_file());
    assert!(bench.backups().join("weekly/main-0003-L0.archive").is_file());
    assert_eq!(bench.list(), ["main-0001-L0", "main-0002-L1", "main-0003-L0"]);
}

#[test]
fn onbar_is_judged_by_its_activity_log_too() {
    let mut bench = Bench::new("onbar");
    let full = bench.backup(0).unwrap();
    assert_eq!(full["verified"], false);
    bench.write("datadbs", 3, b"later");
    assert_eq!(bench.backup(1).unwrap()["base"], full["id"]);
    bench.faults(&Faults {
        complaint: Some("Could not create backup object".to_owned()),
        ..Faults::default()
    });
    let error = bench.backup(0).unwrap_err();
    assert_eq!(error.code, "P1237");
    assert!(error.message.args["said"].contains("could not create"), "{error}");
    assert_eq!(bench.list().len(), 2);
}

#[test]
fn a_failure_in_the_text_counts_although_the_exit_code_is_zero() {
    let mut bench = Bench::new("file");
    bench.faults(&Faults {
        complaint: Some("Archive failed - ISAM error: bad page".to_owned()),
        ..Faults::default()
    });
    let error = bench.backup(0).unwrap_err();
    assert_eq!(
        (error.code.as_str(), error.message.args["code"].as_str()),
        ("P1237", "0")
    );
    assert!(error.message.args["said"].contains("bad page"));
    assert!(bench.list().is_empty() && bench.files().is_empty() && !bench.jobs_left());
    // The file is as empty as before, so that the next backup can be made.
    bench.faults(&Faults::default());
    bench.backup(0).unwrap();
}

#[test]
fn an_exit_code_counts_although_the_text_says_that_all_went_well() {
    let mut bench = Bench::new("directory");
    bench.faults(&Faults {
        exit_code: 3,
        ..Faults::default()
    });
    let error = bench.backup(0).unwrap_err();
    assert_eq!(
        (error.code.as_str(), error.message.args["code"].as_str()),
        ("P1237", "3")
    );
    assert!(bench.list().is_empty());
}

#[test]
fn an_archive_that_the_server_does_not_remember_does_not_count() {
    let mut bench = Bench::new("file");
    bench.faults(&Faults {
        forgetful: true,
        ..Faults::default()
    });
    assert_eq!(code(bench.backup(0)), "P1238");
    assert!(bench.list().is_empty());
    // It is left for a person to look at, and nothing overwrites it.
    assert!(std::fs::metadata(bench.device()).unwrap().len() > 0);
    assert_eq!(code(bench.backup(0)), "P1234");
}

#[test]
fn a_full_disk_is_told_in_the_words_of_the_tool() {
    let mut bench = Bench::new("directory");
    bench.faults(&Faults {
        disk_kib: Some(100),
        ..Faults::default()
    });
    let error = bench.backup(0).unwrap_err();
    assert_eq!(error.code, "P1237");
    assert!(
        error.message.args["said"].contains("No space left on device"),
        "{error}"
    );
    assert!(bench.list().is_empty());
}

#[test]
fn an_unknown_question_is_shown_and_never_answered() {
    let mut bench = Bench::new("file");
    bench.faults(&Faults {
        question: Some("Do you want to erase the tape? (y/n)".to_owned()),
        ..Faults::default()
    });
    let error = bench.backup(0).unwrap_err();
    assert_eq!((error.kind, error.code.as_str()), (Kind::Conflict, "P1239"));
    assert!(error.message.args["prompt"].contains("erase the tape"), "{error}");
    assert_eq!(bench.lab.state().unwrap().started_archives, 0);
    assert!(!bench.jobs_left());
}

#[test]
fn what_lies_in_the_file_is_not_overwritten() {
    let mut bench = Bench::new("file");
    std::fs::write(bench.device(), "a level 0 that somebody made by hand").unwrap();
    let error = bench.backup(1).unwrap_err();
    assert_eq!(
        (error.code.as_str(), error.message.args["bytes"].as_str()),
        ("P1234", "36")
    );
    assert!(
        std::fs::read_to_string(bench.device())
            .unwrap()
            .starts_with("a level 0")
    );
    std::fs::remove_file(bench.device()).unwrap();
}

#[test]
fn what_archives_go_to_is_checked_before_anything_starts() {
    let mut bench = Bench::new("file");
    bench.configure(500);
    let error = bench.backup(0).unwrap_err();
    assert_eq!(
        (error.code.as_str(), error.message.args["parameter"].as_str()),
        ("P1231", "TAPESIZE")
    );
    bench.configure(0);
    bench.backup(0).unwrap();
    let mut other = Bench::new("directory");
    std::fs::remove_dir(other.device()).unwrap();
    std::fs::write(other.device(), "").unwrap();
    let error = other.backup(0).unwrap_err();
    assert_eq!(
        (error.code.as_str(), error.message.args["found"].as_str()),
        ("P1233", "file")
    );
    // A backup to nowhere is none, whatever the server thinks of it.
    let tape = Bench::new("tape");
    std::fs::remove_file(tape.device()).unwrap();
    std::os::unix::fs::symlink("/dev/null", tape.device()).unwrap();
    let error = tape.plan("backup", &backup_args(0)).unwrap_err();
    assert_eq!(
        (error.code.as_str(), error.message.args["rule"].as_str()),
        ("P1231", "null")
    );
    assert_eq!(other.lab.state().unwrap().started_archives, 0);
}

#[test]
fn level_one_needs_the_level_zero_that_the_server_builds_upon() {
    let mut bench = Bench::new("file");
    let error = bench.backup(1).unwrap_err();
    assert_eq!(
        (error.code.as_str(), error.message.args["date"].as_str()),
        ("P1236", "–")
    );
    bench.backup(0).unwrap();
    // Somebody makes a level 0 without Procedo: a level 1 would build upon that one.
    let other = bench.dir().join("other");
    std::fs::write(&other, "").unwrap();
    let mut by_hand = std::process::Command::new(bench.dir().join("informix/bin/ontape"))
        .args(["-s", "-L", "0", "-t"])
        .arg(&other)
        .env("INFORMIXDIR", &bench.lab.environment.dir)
        .env("INFORMIXSERVER", "ol_lab")
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::null())
        .spawn()
        .unwrap();
    std::io::Write::write_all(&mut by_hand.stdin.take().unwrap(), b"\n").unwrap();
    assert!(by_hand.wait().unwrap().success());
    let error = bench.backup(1).unwrap_err();
    assert_eq!(error.code, "P1236");
    assert_ne!(error.message.args["date"], "–");
    bench.backup(0).unwrap();
    bench.backup(1).unwrap();
}

#[test]
fn a_server_that_is_off_line_is_not_backed_up() {
    let mut bench = Bench::new("file");
    bench.tool("onmode", &["-ky"]);
    assert_eq!(code(bench.backup(0)), "P1240");
}

#[test]
fn a_backup_is_undone_by_removing_it_unless_another_builds_upon_it() {
    let mut bench = Bench::new("file");
    let (change, full) = bench.live("backup", &backup_args(0)).unwrap();
    let Undo::Calls { calls } = bench.undo("backup", &backup_args(0), &change, &full) else {
        panic!("it can be undone");
    };
    bench.backup(1).unwrap();
    let undo = bench.undo("backup", &backup_args(0), &change, &full);
    assert!(matches!(undo, Undo::Irreversible { .. }), "{undo:?}");
    bench
        .live(
            "remove-backup",
            &json!({"database": "main", "backup": "main-0002-L1"}),
        )
        .unwrap();
    let (_, removed) = bench.live("remove-backup", &calls[0].args).unwrap();
    assert_eq!(removed["removed"], true);
    assert!(bench.files().is_empty());
}

#[test]
fn what_the_driver_does_not_do_is_said() {
    let mut bench = Bench::new("file");
    bench.forget_dbname();
    assert_eq!(code(bench.query("SELECT 1 FROM a", &[])), "P1203");
    assert_eq!(
        code(bench.plan("execute", &statement("DELETE FROM a", &[]))),
        "P1203"
    );
    assert_eq!(code(bench.checksums()), "P1203");
    let tape = Bench::new("tape");
    let elsewhere = json!({"database": "main", "level": 0, "destination": "weekly"});
    assert_eq!(code(tape.plan("backup", &elsewhere)), "P1203");
}
