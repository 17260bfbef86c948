//! Reading, writing and editing text.

use crate::bench::{Bench, code};
use proptest::prelude::*;
use serde_json::{Value, json};

#[test]
fn a_written_text_is_read_again_with_how_it_is_stored() {
    let bench = Bench::new();
    let reply = bench
        .call("write", json!({"path": "a.txt", "text": "ä\n"}))
        .unwrap();
    assert_eq!(reply, json!({"changed": true, "files": 1, "bytes": 3}));
    let read = bench.call("read", json!({"path": "a.txt"})).unwrap();
    let digest = blake3::hash("ä\n".as_bytes()).to_string();
    let expected = json!({"text": "ä\n", "encoding": "UTF-8", "bom": false, "line-end": "lf", "digest": digest, "size": 3});
    assert_eq!(read, expected);
}

#[test]
fn writing_what_is_there_already_changes_nothing() {
    let bench = Bench::new();
    bench.write("a.txt", b"same");
    let planned = bench
        .plan("write", json!({"path": "a.txt", "text": "same"}))
        .unwrap();
    assert_eq!(planned.change, None);
    let reply = bench
        .call("write", json!({"path": "a.txt", "text": "same"}))
        .unwrap();
    assert_eq!(reply, json!({"changed": false, "files": 0, "bytes": 0}));
}

#[test]
fn a_plan_of_a_write_shows_a_diff_and_binds_the_content_and_writes_nothing() {
    let bench = Bench::new();
    bench.write("a.txt", b"one\ntwo\n");
    let change = |text: &str| {
        bench
            .plan("write", json!({"path": "a.txt", "text": text}))
            .unwrap()
            .change
            .unwrap()
    };
    let one = change("one\nzwei\n");
    assert_eq!(
        one.diff.as_deref(),
        Some("--- a/a.txt\n+++ b/a.txt\n@@ -1,2 +1,2 @@\n one\n-two\n+zwei\n")
    );
    assert_eq!(bench.bytes("a.txt"), b"one\ntwo\n");
    let digest = |change: &procedo_core::change::Change| change.bound_digest("files.write", "web");
    assert_eq!(digest(&one), digest(&change("one\nzwei\n")));
    assert_ne!(digest(&one), digest(&change("one\ndrei\n")));
    bench.write("a.txt", b"one\n2\n");
    assert_ne!(
        digest(&one),
        digest(&change("one\nzwei\n")),
        "another file would be replaced"
    );
}

#[test]
fn a_write_keeps_encoding_mark_and_line_ends_of_the_file() {
    let bench = Bench::new();
    bench.write("latin.htm", b"gr\xFC\xDFe\r\n");
    bench
        .call("write", json!({"path": "latin.htm", "text": "schöne\ngrüße\n"}))
        .unwrap();
    assert_eq!(bench.bytes("latin.htm"), b"sch\xF6ne\r\ngr\xFC\xDFe\r\n");
    bench.write("marked.js", b"\xFF\xFEa\0\n\0");
    bench
        .call("write", json!({"path": "marked.js", "text": "é\n"}))
        .unwrap();
    assert_eq!(bench.bytes("marked.js"), b"\xFF\xFE\xE9\0\n\0");
}

#[test]
fn options_say_how_a_file_is_written() {
    let bench = Bench::new();
    bench.write("a.htm", b"gr\xFC\xDFe\n");
    let options = json!({"encoding": "utf-8", "bom": true, "line-end": "crlf"});
    bench
        .call(
            "write",
            json!({"path": "a.htm", "text": "ж\n", "options": options}),
        )
        .unwrap();
    assert_eq!(bench.bytes("a.htm"), "\u{FEFF}ж\r\n".as_bytes());
    let write = |options: Value| bench.call("write", json!({"path": "b", "text": "ж", "options": options}));
    assert_eq!(code(write(json!({"encoding": "martian"}))), "P0318");
    assert_eq!(code(write(json!({"encoding": "replacement"}))), "P0318");
    assert_eq!(code(write(json!({"line-end": "mixed"}))), "P0322");
    assert_eq!(code(write(json!({"encoding": "koi8-r", "bom": true}))), "P0321");
    let error = write(json!({"encoding": "iso-8859-1"})).unwrap_err();
    assert_eq!(
        (error.code.as_str(), error.message.args["code-point"].as_str()),
        ("P0320", "U+0436")
    );
    assert!(!bench.web().join("b").exists());
}

#[test]
fn a_write_that_expects_another_content_is_a_conflict() {
    let bench = Bench::new();
    bench.write("a", b"one");
    let write = |expect: &str| {
        bench.call(
            "write",
            json!({"path": "a", "text": "two", "options": {"expect": expect}}),
        )
    };
    assert_eq!(code(write("")), "P0314");
    assert_eq!(code(write(&"0".repeat(64))), "P0314");
    assert!(write(blake3::hash(b"one").to_hex().as_str()).is_ok());
    let new = bench.call(
        "write",
        json!({"path": "new", "text": "x", "options": {"expect": ""}}),
    );
    assert!(new.is_ok());
}

#[test]
fn a_write_keeps_mode_and_owner_and_leaves_no_temporary_file() {
    use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
    let bench = Bench::new();
    bench.write("a", b"one");
    let path = bench.web().join("a");
    std::fs::set_permissions(&path, PermissionsExt::from_mode(0o640)).unwrap();
    let is_root = rustix::process::geteuid().is_root();
    if is_root {
        chown(&path, Some(12), Some(34)).unwrap();
    }
    bench.call("write", json!({"path": "a", "text": "two"})).unwrap();
    let data = path.metadata().unwrap();
    assert_eq!(data.permissions().mode() & 0o7777, 0o640);
    if is_root {
        assert_eq!((data.uid(), data.gid()), (12, 34));
    }
    assert_eq!(bench.snapshot().len(), 1);
}

#[test]
fn an_edit_replaces_exactly_what_was_said_and_nothing_else() {
    let bench = Bench::new();
    bench.write("a.htm", b"\xEF\xBB\xBFone \xC3\xA4\r\ntwo\nthree");
    let edits =
        json!([{"find": "two", "replacement": "zwei"}, {"find": "e", "replacement": "E", "count": 3}]);
    assert_eq!(
        code(bench.call("edit", json!({"path": "a.htm", "edits": edits}))),
        "P0323"
    );
    let edits =
        json!([{"find": "two", "replacement": "zwei"}, {"find": "e", "replacement": "E", "count": 4}]);
    bench
        .call("edit", json!({"path": "a.htm", "edits": edits}))
        .unwrap();
    assert_eq!(bench.bytes("a.htm"), b"\xEF\xBB\xBFonE \xC3\xA4\r\nzwEi\nthrEE");
    assert_eq!(
        code(bench.call(
            "edit",
            json!({"path": "a.htm", "edits": [{"find": "", "replacement": ""}]})
        )),
        "P0324"
    );
    assert_eq!(
        code(bench.call("edit", json!({"path": "none", "edits": []}))),
        "P0301"
    );
}

#[test]
fn an_edit_over_several_lines_finds_them_whatever_the_files_line_ends() {
    let bench = Bench::new();
    bench.write("a", b"one\r\ntwo\r\nthree\r\n");
    let edits = json!([{"find": "one\ntwo", "replacement": "1\n2"}]);
    bench.call("edit", json!({"path": "a", "edits": edits})).unwrap();
    assert_eq!(bench.bytes("a"), b"1\r\n2\r\nthree\r\n");
}

#[test]
fn an_edit_of_a_file_that_cannot_be_written_back_byte_for_byte_is_refused() {
    let bench = Bench::new();
    // ISO-2022-JP has escape sequences that say the same in two ways.
    let page = b"<meta charset=iso-2022-jp>\x1B$B\x1B(B\xE4".to_vec();
    bench.write("a.htm", &page);
    assert_eq!(
        code(bench.call("edit", json!({"path": "a.htm", "edits": []}))),
        "P0319"
    );
    bench.write("b.htm", b"<meta charset=big5>\xA1\xC3\xA1\xC5 \xA2\xCC \xA4\x40");
    let result = bench.call(
        "edit",
        json!({"path": "b.htm", "edits": [{"find": "meta", "replacement": "META"}]}),
    );
    assert_eq!(code(result), "P0325");
}

#[test]
fn a_text_larger_than_the_limit_is_refused_with_size_and_limit() {
    let bench = Bench::with(json!({"max-file-bytes": 10}));
    bench.write("a", b"0123456789");
    assert!(bench.call("read", json!({"path": "a"})).is_ok());
    bench.write("a", b"0123456789x");
    let error = bench.call("read", json!({"path": "a"})).unwrap_err();
    assert_eq!((error.code.as_str(), error.kind.name()), ("P0311", "too-large"));
    assert_eq!(
        (
            error.message.args["size"].as_str(),
            error.message.args["limit"].as_str()
        ),
        ("11", "10")
    );
    assert_eq!(
        code(bench.call("write", json!({"path": "b", "text": "x".repeat(11)}))),
        "P0311"
    );
    // A sparse file of a tebibyte: refused by its size, not by trying.
    std::fs::File::create(bench.web().join("huge"))
        .unwrap()
        .set_len(1 << 40)
        .unwrap();
    assert_eq!(code(bench.call("read", json!({"path": "huge"}))), "P0311");
}

fn texts() -> impl Strategy<Value = String> {
    proptest::collection::vec(
        prop_oneof![
            Just("\n".to_owned()),
            Just("\r\n".to_owned()),
            "[a-zäöü€ <>]{0,12}",
            Just("\u{301}".to_owned())
        ],
        0..12,
    )
    .prop_map(|parts| parts.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(crate::site::CASES.min(64)))]

    #[test]
    fn reading_and_writing_back_leaves_the_bytes_as_they_were(
        text in texts(),
        label in prop_oneof![Just("utf-8"), Just("utf-16le"), Just("utf-16be"), Just("windows-1252")],
        bom: bool,
    ) {
        let bench = Bench::new();
        let text = if label == "windows-1252" { text.replace('\u{301}', "") } else { text };
        let bom = bom && label != "windows-1252" || label.starts_with("utf-16");
        let options = json!({"encoding": label, "bom": bom});
        bench.call("write", json!({"path": "a", "text": text, "options": options})).unwrap();
        let before = bench.snapshot();
        let read = bench.call("read", json!({"path": "a"})).unwrap();
        prop_assert_eq!(read["text"].as_str(), Some(text.as_str()));
        prop_assert_eq!(read["bom"].as_bool(), Some(bom));
        let again = bench.call("write", json!({"path": "a", "text": read["text"]})).unwrap();
        prop_assert_eq!(again["changed"].as_bool(), Some(false));
        prop_assert_eq!(bench.snapshot(), before);
    }

    #[test]
    fn an_edit_leaves_every_other_byte(mut before: Vec<u8>, mut after: Vec<u8>, crlf: bool) {
        // Bytes that could be anything but a mark, UTF-8 or a declaration: windows-1252.
        before.insert(0, 0x80);
        before.retain(|byte| *byte != b'X');
        after.retain(|byte| *byte != b'X');
        let end: &[u8] = if crlf { b"\r\n" } else { b"\n" };
        let file = [&before[..], b"XX", end, &after[..]].concat();
        let expected = [&before[..], b"<\xE4\xDF>", end, &after[..]].concat();
        let bench = Bench::new();
        bench.write("a", &file);
        bench.call("edit", json!({"path": "a", "edits": [{"find": "XX", "replacement": "<äß>"}]})).unwrap();
        prop_assert_eq!(bench.bytes("a"), expected);
    }
}
