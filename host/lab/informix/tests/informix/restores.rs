//! Restores: level 0 and those above it, back to the state before, and what keeps a restore from beginning.

use crate::support::{Bench, code, restore_args};
use procedo_core::change::{Assumed, Probe, Undo};
use procedo_lab_informix::{Faults, Mode};
use serde_json::{Value, json};
use std::fs;

/// A server with a level 0 and a level 1, that was altered afterwards; and its content at each of them.
fn altered(method: &str) -> (Bench, [Vec<Vec<u8>>; 2]) {
    let mut bench = Bench::new(method);
    bench.backup(0).unwrap();
    let first = bench.content();
    bench.write("datadbs", 3, b"changed");
    bench.write("datadbs", 300, b"new");
    bench.backup(1).unwrap();
    let second = bench.content();
    bench.write("datadbs", 3, b"changed again");
    bench.write("rootdbs", 0, b"to be lost");
    (bench, [first, second])
}

#[test]
fn level_zero_and_level_one_come_back_as_they_were() {
    for method in ["file", "directory"] {
        let (mut bench, [first, second]) = altered(method);
        let lost = bench.content();
        let restored = bench.restore("main-0002-L1").unwrap();
        assert!(bench.content() == second, "{method}");
        assert_eq!(restored["chain"], json!(["main-0001-L0", "main-0002-L1"]));
        assert_eq!(restored["former"], "main-0003-L0");
        assert_eq!(bench.mode(), Mode::OnLine);
        bench.restore("main-0001-L0").unwrap();
        assert!(bench.content() == first, "{method}");
        // The state before the first restore is a backup like any other.
        bench.restore("main-0003-L0").unwrap();
        assert!(bench.content() == lost, "{method}");
        // What ontape reads from and writes to is as it was.
        match method {
            "file" => {
                let device = fs::symlink_metadata(bench.device()).unwrap();
                assert!(device.is_file() && device.len() == 0);
            }
            _ => assert_eq!(fs::read_dir(bench.device()).unwrap().count(), 0),
        }
        assert!(!bench.jobs_left());
        assert!(bench.files().iter().all(|name| name.starts_with("main-")));
        // After a restore, the server goes on with its levels.
        bench.backup(1).unwrap();
    }
}

#[test]
fn a_restore_is_undone_by_restoring_the_state_before_which_a_person_has_to_want() {
    let (mut bench, _) = altered("file");
    let before = bench.content();
    let args = restore_args("main-0001-L0");
    let (change, reply) = bench.live("restore", &args).unwrap();
    let Undo::Conflict { calls, .. } = bench.undo("restore", &args, &change, &reply) else {
        panic!("nobody can tell whether the server was altered");
    };
    bench.live("restore", &calls[0].args).unwrap();
    assert!(bench.content() == before);
}

#[test]
fn a_plan_says_what_a_restore_would_do_and_does_nothing() {
    let (bench, _) = altered("file");
    let planned = bench.plan("restore", &restore_args("main-0002-L1")).unwrap();
    assert!(matches!(planned.reply, Assumed::Overlaid(_)));
    let summary = planned.change.unwrap().summary;
    assert_eq!(summary.id, "database-change-restore");
    assert_eq!(summary.args["former"], "main-0003-L0");
    assert_eq!((bench.mode(), bench.list().len()), (Mode::OnLine, 2));
}

#[test]
fn without_a_name_the_newest_backup_is_restored() {
    let (mut bench, [_, second]) = altered("file");
    bench.live("restore", &json!({"database": "main"})).unwrap();
    assert!(bench.content() == second);
}

#[test]
fn a_server_that_is_off_line_is_restored_only_if_its_state_need_not_be_kept() {
    let (mut bench, [first, _]) = altered("file");
    bench.tool("onmode", &["-ky"]);
    assert_eq!(code(bench.restore("main-0001-L0")), "P1242");
    let args = json!({"database": "main", "backup": "main-0001-L0", "options": {"keep-present": false}});
    bench.live("restore", &args).unwrap();
    assert!(bench.content() == first);
    // It is left to be looked at, and goes on-line when it is told to, however long that takes.
    assert_eq!(bench.mode(), Mode::Quiescent);
    bench.faults(&Faults {
        slow_start: 2,
        ..Faults::default()
    });
    let (_, status) = bench.live("go-online", &json!({"database": "main"})).unwrap();
    assert_eq!(status["mode"], "online");
}

#[test]
fn a_missing_chunk_file_is_found_before_anything_starts() {
    let (mut bench, _) = altered("file");
    let chunk = bench.lab.state().unwrap().spaces[1].path.clone();
    fs::rename(&chunk, chunk.with_extension("away")).unwrap();
    let error = bench.restore("main-0001-L0").unwrap_err();
    assert_eq!(error.code, "P1241");
    assert_eq!(error.message.args["path"], chunk.display().to_string());
    assert_eq!((bench.mode(), bench.list().len()), (Mode::OnLine, 2));
}

#[test]
fn a_flipped_byte_is_found_before_anything_is_overwritten() {
    let (mut bench, _) = altered("file");
    let archive = bench.archive("main-0001-L0");
    let mut bytes = fs::read(&archive).unwrap();
    bytes[10_000] ^= 1;
    fs::write(&archive, bytes).unwrap();
    let before = bench.content();
    let verify = json!({"database": "main", "backup": "main-0002-L1"});
    assert_eq!(code(bench.read("verify-backup", &verify)), "P1213");
    let error = bench.restore("main-0002-L1").unwrap_err();
    assert_eq!(error.code, "P1213");
    assert!(
        error.message.args["path"].ends_with("main-0001-L0.archive"),
        "{error}"
    );
    assert!(bench.content() == before);
    assert_eq!((bench.mode(), bench.list().len()), (Mode::OnLine, 2));
}

#[test]
fn a_truncated_archive_is_found_by_its_size_alone() {
    let (bench, _) = altered("directory");
    let archive = fs::File::options()
        .write(true)
        .open(bench.archive("main-0001-L0"))
        .unwrap();
    archive.set_len(50_000).unwrap();
    assert_eq!(
        code(bench.plan("restore", &restore_args("main-0002-L1"))),
        "P1213"
    );
}

#[test]
fn a_level_one_without_its_level_zero_or_upon_another_one_is_refused() {
    let (bench, _) = altered("file");
    let entry = bench.backups().join("main-0001-L0.json");
    let away = entry.with_extension("away");
    fs::rename(&entry, &away).unwrap();
    let error = bench.plan("restore", &restore_args("main-0002-L1")).unwrap_err();
    assert_eq!(
        (error.code.as_str(), error.message.args["reason"].as_str()),
        ("P1214", "missing")
    );
    fs::rename(&away, &entry).unwrap();
    let text = fs::read_to_string(&entry).unwrap();
    fs::write(&entry, text.replace("\"bytes\": ", "\"bytes\": 1")).unwrap();
    let error = bench.plan("restore", &restore_args("main-0002-L1")).unwrap_err();
    assert_eq!(error.code, "P1213");
    assert!(
        error.message.args["path"].ends_with("main-0001-L0.json"),
        "{error}"
    );
    // The level 0 of another server, under the same name.
    let mut other = Bench::new("file");
    other.write("datadbs", 1, b"other");
    other.backup(0).unwrap();
    for file in ["main-0001-L0.json", "main-0001-L0.archive"] {
        fs::copy(other.backups().join(file), bench.backups().join(file)).unwrap();
    }
    let error = bench.plan("restore", &restore_args("main-0002-L1")).unwrap_err();
    assert_eq!(
        (error.code.as_str(), error.message.args["reason"].as_str()),
        ("P1214", "other")
    );
}

#[test]
fn a_backup_of_another_version_of_the_server_is_refused() {
    let (bench, _) = altered("file");
    bench
        .lab
        .alter(|state| {
            state.version = "14.10.FC5".to_owned();
            Ok(())
        })
        .unwrap();
    let error = bench.plan("restore", &restore_args("main-0001-L0")).unwrap_err();
    assert_eq!(error.code, "P1249");
    assert!(error.message.args["ours"].contains("14.10"), "{error}");
}

#[test]
fn a_restore_that_fails_half_way_is_put_back() {
    let (mut bench, _) = altered("file");
    let before = bench.content();
    // The archive is well as a file, and ontape cannot make anything of it.
    let archive = bench.archive("main-0001-L0");
    let mut bytes = fs::read(&archive).unwrap();
    let end = bytes.len() - 1;
    bytes[end] ^= 1;
    let args = restore_args("main-0001-L0");
    let change = bench.intent("restore", &args).unwrap();
    bench.faults(&Faults {
        hold_at: Some(50),
        ..Faults::default()
    });
    // It is damaged after it was checked: the backup of the present state is being written then.
    bench.watch = Box::new(move |bench, percent| {
        if percent == 50 {
            fs::write(&archive, &bytes).unwrap();
            bench.open_gate();
        }
    });
    let error = bench.perform("restore", &args, &change).unwrap_err();
    assert_eq!(error.code, "P1243");
    assert!(
        error.message.args["reason"].contains("the archive is damaged"),
        "{error}"
    );
    assert_eq!(error.message.args["former"], "main-0003-L0");
    assert!(bench.content() == before);
    assert_eq!(bench.mode(), Mode::OnLine);
    assert!(!bench.jobs_left() && fs::symlink_metadata(bench.device()).unwrap().is_file());
}

#[test]
fn an_unknown_question_in_a_restore_overwrites_nothing() {
    let (mut bench, _) = altered("file");
    let before = bench.content();
    bench.tool("onmode", &["-sy"]);
    bench.faults(&Faults {
        question: Some("Do you want to initialise the disk? (y/n)".to_owned()),
        ..Faults::default()
    });
    let args = json!({"database": "main", "backup": "main-0001-L0", "options": {"keep-present": false}});
    let error = bench.live("restore", &args).unwrap_err();
    assert_eq!(error.code, "P1239");
    assert!(bench.content() == before);
    // It is in the mode that it was in.
    assert_eq!(bench.mode(), Mode::Quiescent);
    assert!(!bench.jobs_left());
}

#[test]
fn onbar_restores_its_newest_backup_and_no_other() {
    let (mut bench, [_, second]) = altered("onbar");
    assert_eq!(code(bench.restore("main-0002-L1")), "P1203");
    let args =
        |backup: &str| json!({"database": "main", "backup": backup, "options": {"keep-present": false}});
    assert_eq!(code(bench.live("restore", &args("main-0001-L0"))), "P1203");
    let (_, restored) = bench.live("restore", &args("main-0002-L1")).unwrap();
    assert_eq!(restored["former"], json!(null));
    assert!(bench.content() == second);
    assert_eq!(bench.mode(), Mode::OnLine);
}

#[test]
fn a_restore_that_came_about_is_completed_when_the_server_went_on_line_with_a_complaint() {
    let (mut bench, [first, _]) = altered("file");
    let complained = bench.dir().join("complained");
    let once = format!(
        "REAL \"$@\"; code=$?; [ \"$1\" != -m ] || [ -e {0} ] || {{ : >{0}; exit 1; }}; exit $code",
        complained.display()
    );
    bench.stand_in("onmode", &once);
    let args = restore_args("main-0001-L0");
    let change = bench.intent("restore", &args).unwrap();
    let error = bench.perform("restore", &args, &change).unwrap_err();
    assert!(complained.exists() && error.is_in_doubt(), "{error}");
    assert!(bench.content() == first);
    assert_eq!(bench.probe("restore", &args, &change), Probe::Partial);
    let reply = bench.perform("restore", &args, &change).unwrap();
    assert_eq!(bench.probe("restore", &args, &change), Probe::Applied(reply));
    assert!(bench.content() == first && bench.mode() == Mode::OnLine);
    assert!(!bench.claimed() && !bench.jobs_left());
    bench.backup(0).unwrap();
}

#[test]
fn a_tool_that_does_not_tell_how_the_server_is_leaves_a_restore_in_doubt() {
    let (mut bench, [first, _]) = altered("file");
    let odd = bench.dir().join("odd");
    bench.stand_in(
        "onstat",
        &format!(
            "if [ -e {} ]; then echo odd; exit 9; fi; exec REAL \"$@\"",
            odd.display()
        ),
    );
    bench.stand_in(
        "ontape",
        &format!(
            "if [ \"$1\" = -r ]; then REAL \"$@\"; code=$?; : >{}; exit $code; fi; exec REAL \"$@\"",
            odd.display()
        ),
    );
    let args = restore_args("main-0001-L0");
    let change = bench.intent("restore", &args).unwrap();
    let error = bench.perform("restore", &args, &change).unwrap_err();
    assert!(odd.exists() && error.is_in_doubt(), "{error}");
    fs::remove_file(odd).unwrap();
    assert_eq!(bench.probe("restore", &args, &change), Probe::Partial);
    bench.perform("restore", &args, &change).unwrap();
    assert!(bench.content() == first && bench.mode() == Mode::OnLine);
    assert!(!bench.claimed() && !bench.jobs_left());
}

/// A server that is to be restored without its present state, by a tool that asks what nobody knows.
fn asking() -> (Bench, Vec<Vec<u8>>, Value) {
    let (bench, [first, _]) = altered("file");
    bench.faults(&Faults {
        question: Some("Do you want to initialise the disk? (y/n)".to_owned()),
        ..Faults::default()
    });
    let args = json!({"database": "main", "backup": "main-0001-L0", "options": {"keep-present": false}});
    (bench, first, args)
}

#[test]
fn a_stop_while_the_server_starts_again_after_a_failure_ends_no_restore() {
    let (mut bench, first, args) = asking();
    let starting = bench.dir().join("starting");
    let go_on = Faults::gate(&bench.lab.environment);
    let slow = format!(
        ": >{}; while [ ! -e {} ]; do sleep 0.02; done; exec REAL \"$@\"",
        starting.display(),
        go_on.display()
    );
    bench.stand_in("oninit", &slow);
    let change = bench.intent("restore", &args).unwrap();
    let to_stop = &bench.stop;
    std::thread::scope(|scope| {
        scope.spawn(move || {
            while !starting.exists() {
                std::thread::yield_now();
            }
            to_stop.set();
        });
        assert_eq!(code(bench.perform("restore", &args, &change)), "P0113");
    });
    bench.restart();
    bench.open_gate();
    bench.faults(&Faults::default());
    assert_eq!(bench.probe("restore", &args, &change), Probe::Partial);
    bench.perform("restore", &args, &change).unwrap();
    assert!(bench.content() == first && bench.mode() == Mode::OnLine);
    assert!(!bench.claimed() && !bench.jobs_left());
}

#[test]
fn a_restore_that_is_over_keeps_nobody_from_the_archives() {
    let (mut bench, first, args) = asking();
    let fails = bench.dir().join("fails");
    fs::write(&fails, "").unwrap();
    bench.stand_in(
        "oninit",
        &format!("[ ! -e {} ] || exit 1; exec REAL \"$@\"", fails.display()),
    );
    assert_eq!(code(bench.live("restore", &args)), "P1244");
    assert!(!bench.claimed());
    fs::remove_file(fails).unwrap();
    bench.faults(&Faults::default());
    bench.live("restore", &args).unwrap();
    assert!(bench.content() == first);
}
