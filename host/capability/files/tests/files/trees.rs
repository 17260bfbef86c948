//! Looking at, copying, removing and making files and folders; the four answers.

use crate::bench::{Bench, Made, code};
use procedo_core::Kind;
use procedo_core::change::{Probe, Undo};
use procedo_core::effect::Effect;
use serde_json::{Value, json};

fn site() -> Bench {
    let bench = Bench::new();
    bench.write("html/en/a.htm", b"A");
    bench.write("html/en/img/b.gif", b"\0\x01\x02");
    bench.write("html/index.htm", b"index");
    std::os::unix::fs::symlink("en", bench.web().join("html/current")).unwrap();
    bench
}

#[test]
fn a_listing_is_sorted_by_path_and_names_what_each_thing_is() {
    let bench = site();
    let listed = bench
        .call("list-folder", json!({"path": "html", "recursive": true}))
        .unwrap();
    let expected = json!([
        {"path": "html/current", "kind": "link", "size": 0},
        {"path": "html/en", "kind": "folder", "size": 0},
        {"path": "html/en/a.htm", "kind": "regular", "size": 1},
        {"path": "html/en/img", "kind": "folder", "size": 0},
        {"path": "html/en/img/b.gif", "kind": "regular", "size": 3},
        {"path": "html/index.htm", "kind": "regular", "size": 5},
    ]);
    assert_eq!(listed, expected);
    let top = bench
        .call("list-folder", json!({"path": "", "recursive": false}))
        .unwrap();
    assert_eq!(top, json!([{"path": "html", "kind": "folder", "size": 0}]));
    assert_eq!(
        code(bench.call(
            "list-folder",
            json!({"path": "html/index.htm", "recursive": false})
        )),
        "P0309"
    );
    assert_eq!(
        code(bench.call("list-folder", json!({"path": "no", "recursive": false}))),
        "P0301"
    );
}

#[test]
fn stat_tells_kind_size_and_digest_and_that_nothing_is_there() {
    let bench = site();
    let stat = |path: &str| bench.call("stat", json!({"path": path})).unwrap();
    assert_eq!(
        stat("html/en/a.htm"),
        json!({"kind": "regular", "size": 1, "digest": blake3::hash(b"A").to_string()})
    );
    assert_eq!(
        stat("html/en"),
        json!({"kind": "folder", "size": 0, "digest": null})
    );
    assert_eq!(
        stat("html/current"),
        json!({"kind": "link", "size": 0, "digest": null})
    );
    assert_eq!(
        stat("html/none"),
        json!({"kind": null, "size": 0, "digest": null})
    );
    assert_eq!(stat("html/index.htm/x")["kind"], Value::Null);
}

#[test]
fn a_link_within_the_root_is_followed_and_its_target_is_what_changes() {
    let bench = site();
    assert_eq!(
        bench.call("read", json!({"path": "html/current/a.htm"})).unwrap()["text"],
        "A"
    );
    bench
        .call("write", json!({"path": "html/current/a.htm", "text": "changed"}))
        .unwrap();
    assert_eq!(bench.bytes("html/en/a.htm"), b"changed");
    assert!(bench.web().join("html/current").is_symlink());
    bench.call("remove", json!({"path": "html/current"})).unwrap();
    assert!(
        bench.web().join("html/en/a.htm").exists(),
        "removing a link leaves what it leads to"
    );
}

#[test]
fn a_copy_holds_the_same_bytes_and_a_second_one_changes_nothing() {
    let bench = site();
    let copy = json!({"source": "html/en", "target": "html/de"});
    assert_eq!(
        bench.call("copy", copy.clone()).unwrap(),
        json!({"changed": true, "files": 2, "bytes": 4})
    );
    assert_eq!(bench.bytes("html/de/img/b.gif"), b"\0\x01\x02");
    assert_eq!(bench.call("copy", copy.clone()).unwrap()["changed"], false);
    bench.write("html/de/a.htm", b"translated");
    assert_eq!(code(bench.call("copy", copy)), "P0316");
    assert_eq!(bench.bytes("html/de/a.htm"), b"translated");
}

#[test]
fn a_copy_that_makes_no_sense_is_refused() {
    let bench = site();
    let copy =
        |source: &str, target: &str| code(bench.call("copy", json!({"source": source, "target": target})));
    assert_eq!(copy("html", "html/en/html"), "P0336");
    assert_eq!(copy("none", "html/x"), "P0301");
    assert_eq!(copy("html/en", "no/such/folder"), "P0317");
    assert_eq!(copy("html/en", "html/index.htm"), "P0316");
}

#[test]
fn removing_what_is_not_there_is_no_error_and_the_root_cannot_be_removed() {
    let bench = site();
    assert_eq!(
        bench.call("remove", json!({"path": "none"})).unwrap()["changed"],
        false
    );
    assert_eq!(code(bench.call("remove", json!({"path": ""}))), "P0306");
    assert_eq!(
        bench.call("remove", json!({"path": "html"})).unwrap(),
        json!({"changed": true, "files": 3, "bytes": 9})
    );
    assert!(bench.snapshot().is_empty());
}

#[test]
fn folders_are_made_with_those_above_them_and_undone_together() {
    let bench = site();
    let made = bench
        .make(1, "make-folder", json!({"path": "html/x/y/z"}))
        .unwrap();
    assert!(bench.web().join("html/x/y/z").is_dir());
    assert_eq!(
        bench.call("make-folder", json!({"path": "html/x/y/z"})).unwrap()["changed"],
        false
    );
    assert_eq!(
        code(bench.call("make-folder", json!({"path": "html/index.htm/x"}))),
        "P0309"
    );
    bench.undo_live(&made, 2);
    assert!(!bench.web().join("html/x").exists());
}

#[test]
fn effects_are_told_without_looking_at_the_files() {
    let bench = Bench::new();
    let effect = |operation: &str, args: Value| bench.handler(operation).effect(&args).unwrap();
    assert_eq!(effect("read", json!({"root": "web", "path": "a"})), Effect::Read);
    assert_eq!(
        effect("write", json!({"root": "web", "path": "a", "text": ""})),
        Effect::Write
    );
    assert_eq!(
        effect("copy", json!({"root": "web", "source": "a", "target": "b"})),
        Effect::Write
    );
    assert_eq!(
        effect("remove", json!({"root": "web", "path": "a"})),
        Effect::Destructive
    );
    let restore = |state: &str| effect("restore", json!({"root": "web", "path": "a", "state": state}));
    assert_eq!(restore(r#"{"kind":"absent"}"#), Effect::Destructive);
    assert_eq!(restore(r#"{"kind":"folder"}"#), Effect::Write);
}

#[test]
fn a_read_only_root_is_read_and_never_altered() {
    let bench = Bench::with(json!({"read-only": true}));
    bench.write("a", b"A");
    assert!(bench.call("read", json!({"path": "a"})).is_ok());
    assert_eq!(
        code(bench.call("write", json!({"path": "a", "text": "B"}))),
        "P0305"
    );
    assert_eq!(code(bench.call("remove", json!({"path": "a"}))), "P0305");
    assert_eq!(bench.bytes("a"), b"A");
}

#[test]
fn a_root_that_is_unknown_or_missing_is_told_at_the_call() {
    let bench = Bench::at(tempfile::tempdir().unwrap(), "missing", json!({}));
    assert_eq!(code(bench.call("read", json!({"path": "a"}))), "P0303");
    assert_eq!(
        code(bench.call("read", json!({"root": "other", "path": "a"}))),
        "P0302"
    );
    std::fs::write(bench.web().with_file_name("missing"), b"").unwrap();
    assert_eq!(code(bench.call("read", json!({"path": "a"}))), "P0303");
}

/// One call of every operation that alters something.
fn alterations(bench: &Bench) -> Vec<Made> {
    vec![
        bench.intend(1, "write", json!({"path": "html/new.htm", "text": "new"})),
        bench.intend(2, "write", json!({"path": "html/index.htm", "text": "new"})),
        bench.intend(
            3,
            "edit",
            json!({"path": "html/index.htm", "edits": [{"find": "index", "replacement": "x"}]}),
        ),
        bench.intend(4, "copy", json!({"source": "html/en", "target": "html/de"})),
        bench.intend(5, "remove", json!({"path": "html/index.htm"})),
        bench.intend(6, "remove", json!({"path": "html/en"})),
        bench.intend(7, "make-folder", json!({"path": "html/x/y"})),
    ]
}

#[test]
fn every_call_is_probed_as_not_applied_before_and_applied_after_and_is_undone_byte_for_byte() {
    for index in 0..alterations(&site()).len() {
        let bench = site();
        let before = bench.snapshot();
        let made = alterations(&bench).swap_remove(index);
        assert_eq!(bench.snapshot(), before, "a plan alters nothing");
        assert_eq!(bench.probe(&made).unwrap(), Probe::NotApplied, "{made:?}");
        let reply = bench.perform(&made).unwrap();
        assert_eq!(reply, made.reply, "the plan foresaw the reply");
        assert_eq!(bench.probe(&made).unwrap(), Probe::Applied(reply), "{made:?}");
        let after = bench.snapshot();
        assert_ne!(after, before);
        let undone = bench.undo_live(&made, 100);
        assert_eq!(bench.snapshot(), before, "{made:?}");
        assert_eq!(bench.undo(&made).unwrap(), Undo::Nothing, "it is undone already");
        for each in undone.iter().rev() {
            bench.undo_live(each, 200);
        }
        assert_eq!(bench.snapshot(), after, "the undo of the undo");
    }
}

#[test]
fn a_world_that_is_no_longer_as_planned_is_a_conflict_and_is_left_alone() {
    for index in 0..alterations(&site()).len() {
        let bench = site();
        let made = alterations(&bench).swap_remove(index);
        match index {
            0 => bench.write("html/new.htm", b"by hand"),
            1 | 2 | 4 => bench.write("html/index.htm", b"by hand"),
            3 => bench.write("html/de/a.htm", b"by hand"),
            5 => bench.write("html/en/img/new.gif", b"by hand"),
            _ => bench.write("html/x/by-hand", b"by hand"),
        }
        let before = bench.snapshot();
        let error = bench.perform(&made).unwrap_err();
        assert_eq!(
            (error.kind, error.code.as_str()),
            (Kind::Conflict, "P0315"),
            "{made:?}"
        );
        assert_eq!(bench.snapshot(), before);
        assert!(
            matches!(bench.probe(&made).unwrap(), Probe::Unknown(_)),
            "{made:?}"
        );
    }
}

#[test]
fn a_copy_whose_source_changed_since_the_plan_is_a_conflict() {
    let bench = site();
    let made = bench.intend(1, "copy", json!({"source": "html/en", "target": "html/de"}));
    bench.write("html/en/a.htm", b"other");
    assert_eq!(code(bench.perform(&made)), "P0315");
    assert!(!bench.web().join("html/de").exists());
}

#[test]
fn an_edit_by_hand_after_the_run_is_reported_by_undo_and_left() {
    let bench = site();
    let write = bench
        .make(1, "write", json!({"path": "html/index.htm", "text": "run"}))
        .unwrap();
    let copy = bench
        .make(2, "copy", json!({"source": "html/en", "target": "html/de"}))
        .unwrap();
    bench.write("html/index.htm", b"by hand");
    bench.write("html/de/img/b.gif", b"by hand");
    for made in [write, copy] {
        let Undo::Conflict { reason, calls } = bench.undo(&made).unwrap() else {
            panic!("a conflict: {made:?}")
        };
        assert_eq!(reason.id, "files-changed-since");
        assert_ne!(reason.args["expected-digest"], reason.args["found-digest"]);
        assert_eq!(calls.len(), 1);
    }
    assert_eq!(bench.bytes("html/index.htm"), b"by hand");
}

#[test]
fn what_a_crash_left_is_recognised_and_completed() {
    // Before the rename: a half-built temporary file or folder.
    let bench = site();
    let made = bench.intend(7, "copy", json!({"source": "html/en", "target": "html/de"}));
    let temporary = temporary_of(&made);
    bench.write(&format!("{temporary}/img/half"), b"half");
    assert_eq!(bench.probe(&made).unwrap(), Probe::NotApplied);
    bench.perform(&made).unwrap();
    assert!(!bench.web().join(&temporary).exists());
    assert_eq!(bench.bytes("html/de/a.htm"), b"A");

    // Between the rename and the removal of what it took away.
    let bench = site();
    let made = bench.intend(7, "remove", json!({"path": "html/en"}));
    let temporary = temporary_of(&made);
    std::fs::rename(bench.web().join("html/en"), bench.web().join(&temporary)).unwrap();
    assert_eq!(bench.probe(&made).unwrap(), Probe::Partial);
    assert_eq!(bench.perform(&made).unwrap(), made.reply);
    assert!(!bench.web().join(&temporary).exists());
    assert_eq!(bench.probe(&made).unwrap(), Probe::Applied(made.reply.clone()));
}

/// The temporary path of a call. Its form is a promise between versions: a newer host must recognise what an older left.
fn temporary_of(made: &Made) -> String {
    let path = made.change.as_ref().unwrap().after["path"].as_str().unwrap();
    let key = format!("20261122-101500-test/{}", made.number);
    let name = blake3::hash(format!("{key}\0{path}").as_bytes()).to_hex()[..16].to_owned();
    let folder = path.rsplit_once('/').unwrap().0;
    format!("{folder}/.procedo-{name}.tmp")
}

#[test]
fn a_state_that_no_run_recorded_is_refused() {
    let bench = Bench::new();
    bench.write("a", b"A");
    let restore =
        |state: Value| code(bench.call("restore", json!({"path": "b", "state": state.to_string()})));
    let digest = blake3::hash(b"A").to_string();
    assert_eq!(restore(json!("nonsense")), "P0332");
    assert_eq!(
        restore(json!({"kind": "regular", "digest": digest, "size": 1})),
        "P0332"
    );
    assert_eq!(
        restore(json!({"kind": "regular", "digest": digest, "size": 1, "blobs": [digest]})),
        "P0204"
    );
    assert_eq!(restore(json!({"kind": "link", "target": "/etc/passwd"})), "P0332");
    assert_eq!(
        restore(json!({"kind": "link", "target": "/etc/passwd", "blob": "x"})),
        "P0204"
    );
    assert_eq!(
        restore(json!({"kind": "folder", "digest": digest, "files": 0, "bytes": 0})),
        "P0332"
    );
    // The content of one state does not pass for another's.
    let made = bench.make(1, "remove", json!({"path": "a"})).unwrap();
    let mut state = made.change.unwrap().before["state"].clone();
    state["digest"] = json!(blake3::hash(b"B").to_string());
    assert_eq!(restore(state), "P0332");
    assert!(!bench.web().join("b").exists());
}

#[test]
fn what_is_too_large_to_be_kept_is_removed_for_good_and_the_plan_says_so() {
    let bench = Bench::with(json!({"max-undo-bytes": 2}));
    bench.write("small", b"12");
    bench.write("large", b"123");
    let small = bench.make(1, "remove", json!({"path": "small"})).unwrap();
    let large = bench.make(2, "remove", json!({"path": "large"})).unwrap();
    assert_eq!(small.change.as_ref().unwrap().summary.id, "files-change-remove");
    assert_eq!(
        large.change.as_ref().unwrap().summary.id,
        "files-change-remove-for-good"
    );
    assert!(matches!(bench.undo(&small).unwrap(), Undo::Calls { .. }));
    let Undo::Irreversible { reason } = bench.undo(&large).unwrap() else {
        panic!("irreversible")
    };
    assert_eq!(reason.id, "files-not-kept");
}

#[test]
fn rights_and_owners_come_back_with_what_was_removed() {
    use std::os::unix::fs::{PermissionsExt, chown};
    let bench = site();
    let en = bench.web().join("html/en");
    std::fs::set_permissions(en.join("a.htm"), PermissionsExt::from_mode(0o600)).unwrap();
    std::fs::set_permissions(&en, PermissionsExt::from_mode(0o2750)).unwrap();
    if rustix::process::geteuid().is_root() {
        chown(en.join("a.htm"), Some(1), Some(2)).unwrap();
    }
    let before = bench.snapshot();
    let made = bench.make(1, "remove", json!({"path": "html/en"})).unwrap();
    bench.undo_live(&made, 2);
    assert_eq!(bench.snapshot(), before);
}

#[test]
fn work_ends_when_the_run_is_asked_to_end() {
    let bench = site();
    bench.stop.set();
    assert_eq!(
        code(bench.call("copy", json!({"source": "html", "target": "copy"}))),
        "P0113"
    );
    assert_eq!(bench.snapshot().len(), 7);
}
