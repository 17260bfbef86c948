//! What people read: every value that a message names is given.

use crate::bench::Bench;
use procedo_core::message::{Language, Message, Texts};
use procedo_files::MESSAGES;
use serde_json::json;

fn texts() -> Texts {
    let mut texts = Texts::new();
    texts.add_all(MESSAGES).unwrap();
    texts
}

#[test]
fn errors_and_changes_are_told_whole_in_every_language() {
    let bench = Bench::with(json!({"max-undo-bytes": 4, "max-file-bytes": 100}));
    bench.write("a.txt", b"one");
    bench.write("long.txt", b"12345");
    bench.write("dir/f", b"");
    std::os::unix::fs::symlink("/etc", bench.web().join("out")).unwrap();
    std::os::unix::fs::symlink("circle", bench.web().join("circle")).unwrap();
    let calls = [
        ("read", json!({"path": "none"})),
        ("read", json!({"root": "other", "path": "none"})),
        ("read", json!({"path": "a\nb"})),
        ("read", json!({"path": ""})),
        ("read", json!({"path": "out/passwd"})),
        ("read", json!({"path": "circle"})),
        ("read", json!({"path": "dir"})),
        ("read", json!({"path": "a.txt", "encoding": "x"})),
        ("read-archive", json!({"path": "a.txt", "entry": "e"})),
        ("list-folder", json!({"path": "a.txt", "recursive": false})),
        (
            "write",
            json!({"path": "a.txt", "text": "ж", "options": {"encoding": "latin1"}}),
        ),
        (
            "write",
            json!({"path": "a.txt", "text": "x", "options": {"expect": ""}}),
        ),
        ("write", json!({"path": "a.txt", "text": "x".repeat(101)})),
        ("write", json!({"path": "no/a.txt", "text": ""})),
        (
            "edit",
            json!({"path": "a.txt", "edits": [{"find": "x", "replacement": "y"}]}),
        ),
        ("copy", json!({"source": "a.txt", "target": "long.txt"})),
        ("copy", json!({"source": "dir", "target": "dir/x"})),
        ("restore", json!({"path": "a.txt", "state": "x"})),
        ("write", json!({"path": "a.txt", "text": "two"})),
        ("write", json!({"path": "new.txt", "text": "x"})),
        ("write", json!({"path": "long.txt", "text": "x"})),
        ("copy", json!({"source": "a.txt", "target": "copy.txt"})),
        ("remove", json!({"path": "a.txt"})),
        ("remove", json!({"path": "long.txt"})),
        ("remove", json!({"path": "dir"})),
        ("make-folder", json!({"path": "x/y"})),
    ];
    let texts = texts();
    for (operation, args) in calls {
        let message = match bench.plan(operation, args) {
            Ok(planned) => planned.change.expect("a change").summary,
            Err(error) => error.message,
        };
        for language in Language::ALL {
            let told = texts.tell(language, &message);
            assert!(texts.has(language, &message.id), "{message}");
            assert!(!told.contains("{$"), "{}: {told} ({message})", language.tag());
        }
    }
}

#[test]
fn a_conflict_is_told_with_what_was_expected_and_found() {
    let message = Message::new("P0315")
        .with("root", "web")
        .with("path", "html/a.htm")
        .with("expected", "regular")
        .with("expected-digest", "0123456789ab")
        .with("found", "absent")
        .with("found-digest", "");
    assert_eq!(
        texts().tell(Language::En, &message),
        "web:html/a.htm is no longer as it was planned; nothing was altered. \
         Expected: a file with digest 0123456789ab…; found: nothing."
    );
    assert_eq!(
        texts().tell(Language::De, &message),
        "web:html/a.htm ist nicht mehr so wie im Plan; es wurde nichts geändert. \
         Erwartet: eine Datei mit Prüfsumme 0123456789ab…; gefunden: nichts."
    );
}
