//! What `procedo check` finds without running anything.

#![allow(clippy::unwrap_used, reason = "a test that meets an Err fails")]

mod fake;

use fake::{HEADER, HEADER_LINES, HOST};
use procedo_script::{Severity, check};

/// The findings for a script of that body: `severity line:column message`, lines counted in the body.
fn findings(body: &str) -> Vec<String> {
    of_script(&format!("{HEADER}{body}"))
}

fn of_script(text: &str) -> Vec<String> {
    let script = HOST.load_source("test/script.rhai", text).unwrap();
    let tell = |finding: procedo_script::Finding| {
        let severity = if finding.severity == Severity::Error {
            "error"
        } else {
            "warning"
        };
        format!(
            "{severity} {}:{} {}",
            finding.line as i64 - HEADER_LINES as i64,
            finding.column,
            finding.message
        )
    };
    check(&script).into_iter().map(tell).collect()
}

/// A body that uses all that the header names.
const SOUND: &str = r#"step("one", || files::read("w", params.page));
verify("two", || http::send(#{origin: "o", method: "GET", path: "/", headers: []}));
"#;

fn added(body: &str) -> Vec<String> {
    findings(&format!("{SOUND}{body}"))
}

#[test]
fn a_sound_script_has_no_findings() {
    let body = r#"
        fn twice(x) { x * 2 }
        let m = #{f: |x| x + 1, list: [1, 2]};
        let f = m.f;
        print(twice(3)); debug(m.list.len()); m.list.push(4); f.call(5); type_of(m);
        m.list.map(|x| twice(x)).filter(|x| x > 1).for_each(|| print(this));
        let n = parse_int("5") + "abc".len() + max(1, 2); let t = text("a", #{n: n}); run::log("info", t);
        if m.list.is_empty() { fail("empty", t); }
        let named = #{root: "w", path: "x"}; files::read(named);
        for (x, i) in [1] { print(x.to_string()); }
        switch n { 1 => print("one"), _ => throw "other" }
        let s = `${n} and ${m.list.len()}`; s.to_upper().split(" ");
    "#;
    assert_eq!(added(body), [""; 0]);
}

#[test]
fn unknown_functions_and_wrong_numbers_of_arguments_are_found_wherever_they_stand() {
    assert_eq!(added("nowhere(1);"), [r#"error 3:1 P0641 name="nowhere""#]);
    assert_eq!(
        added("fn f(x) { nowhere(x) }"),
        [r#"error 3:11 P0641 name="nowhere""#]
    );
    assert_eq!(
        added("let f = || nowhere();"),
        [r#"error 3:12 P0641 name="nowhere""#]
    );
    assert_eq!(added("if false { 1 } else { [nowhere()] }").len(), 1);
    assert_eq!(added("[1].nowhere()"), [r#"warning 3:5 P0641 name="nowhere""#]);
    assert_eq!(
        added("fn f(x) { x } f(1, 2)"),
        [r#"error 3:15 P0642 count="2" counts="1" name="f""#]
    );
    assert_eq!(
        added("step(\"one\")"),
        [r#"error 3:1 P0642 count="1" counts="2" name="step""#]
    );
}

#[test]
fn wrong_calls_of_capabilities_are_found() {
    assert_eq!(
        added("files::read(\"w\")"),
        [r#"error 3:8 P0816 count="1" function="files::read" parameters="root, path, [encoding]""#]
    );
    assert_eq!(added("files::read(\"w\", \"x\", (), 4)").len(), 1);
    let unknown = added("files::raed(\"w\", \"x\")");
    assert!(
        unknown[0].starts_with(r#"error 3:8 P0643 name="files::raed" names="copy, edit, "#)
            || unknown[0].contains("files::raed"),
        "{unknown:?}"
    );
    assert_eq!(
        added("[1].map(|x| elsewhere::f(x))"),
        [r#"error 3:13 P0644 name="elsewhere""#]
    );
}

#[test]
fn steps_and_capabilities_that_the_manifest_lacks_are_found() {
    assert_eq!(
        added("step(\"three\", || 1)"),
        [r#"error 3:6 P0646 step="three" steps="one, two""#]
    );
    assert_eq!(
        added("run::step_begin(\"three\"); run::step_end(\"three\")").len(),
        1
    );
    assert_eq!(
        added("secrets::get(\"a\")"),
        [r#"error 3:10 P0645 capability="secrets" function="secrets.get""#]
    );
}

#[test]
fn what_the_manifest_names_in_vain_is_a_warning_and_what_nobody_offers_an_error() {
    assert_eq!(
        findings("step(\"one\", || files::read(\"w\", \"x\"))"),
        [
            r#"warning -3:0 P0649 step="two""#,
            r#"warning -2:0 P0648 capability="http""#
        ]
    );
    // A step whose name is computed could be any.
    assert_eq!(
        findings("for s in [\"one\", \"two\"] { step(s, || files::read(\"w\", \"x\")); }").len(),
        1
    );
    let text = format!("{HEADER}{SOUND}").replace("\"http\"", "\"phone\"");
    let found = of_script(&text);
    let named = found[0]
        .strip_prefix("error -2:0 P0647 capability=\"phone\" names=\"")
        .expect("what nobody offers");
    assert!(
        named.contains("files, http") && named.contains("run"),
        "what there is: {named}"
    );
    assert_eq!(found.len(), 2, "{found:?}");
}

#[test]
fn modules_are_checked_and_calls_into_them() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write("lib.rhai", "fn one(x) { nowhere(x) }\nprivate fn hidden() { 1 }");
    let body = "import \"lib\" as lib;\nlib::one(1); lib::one(); lib::hidden(); lib::two();";
    write("a.rhai", &format!("{HEADER}{SOUND}{body}"));
    let findings = check(&HOST.load(folder.path(), "a.rhai").unwrap());
    let told: Vec<_> = findings
        .iter()
        .map(|f| format!("{} {}:{} {}", f.file, f.line, f.column, f.message))
        .collect();
    assert_eq!(
        told,
        [
            r#"a.rhai 9:19 P0642 count="0" counts="1" name="lib::one""#,
            r#"a.rhai 9:31 P0641 name="lib::hidden""#,
            r#"a.rhai 9:46 P0641 name="lib::two""#,
            r#"lib.rhai 1:13 P0641 name="nowhere""#,
        ]
    );
}

#[test]
fn who_starts_procedures_needs_to_say_which() {
    let missing = added("run::run_child(\"a/b\", #{});");
    assert!(
        missing
            .iter()
            .any(|found| found.contains("P0645") && found.contains("capability=\"run\"")),
        "{missing:?}"
    );
    assert!(added("run::confirm(\"a\", \"b\");").is_empty());
    let scheduled = added("schedule::set(\"a\", #{procedure: \"a/b\", when: \"hourly\"});");
    for capability in ["schedule", "run"] {
        let named = format!("capability=\"{capability}\"");
        assert!(
            scheduled
                .iter()
                .any(|found| found.contains("P0645") && found.contains(&named)),
            "{scheduled:?}"
        );
    }
}
