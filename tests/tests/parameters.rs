//! Parameters of every kind: what is wrong is refused before anything happens, by a sentence that names parameter, rule and
//! value; what is merely unusual arrives as it was given.

#![allow(clippy::unwrap_used, reason = "what a helper meets fails its test, too")]

use procedo_tests::Site;
use procedo_tests::tree::Tree;
use serde_json::{Value, json};

const HEADER: &str = r#"needs = [{ capability = "files", resource = "example", effect = "write" }]
[parameters]
required = ["text"]
properties.text = { type = "string", maxLength = 300000 }
properties.name = { type = "string", default = "file.txt" }
properties.count = { type = "integer", minimum = 1, maximum = 9, default = 3 }
properties.flag = { type = "boolean", default = false }
properties.choice = { enum = ["one", "two"], default = "one" }
properties.list = { type = "array", items = { type = "string" }, default = [] }
properties.short = { type = "string", maxLength = 3, default = "" }
properties.filled = { type = "string", minLength = 1, default = "x" }
properties.pattern = { type = "string", pattern = "^[a-z]+$", default = "a" }"#;

/// A site with a procedure that writes its parameter `text` into a file of the name `name` and replies its parameters.
fn site() -> Site {
    let site = Site::new();
    site.grant("test/*", "files", "example", "write");
    site.script(
        "takes",
        HEADER,
        r#"files::write("example", params.name, params.text); params"#,
    );
    site
}

/// Runs it with parameters from a file.
fn with(site: &Site, params: &Value) -> procedo_tests::Done {
    std::fs::write(site.beside("params.json"), params.to_string()).unwrap();
    site.json([
        "run",
        "test/takes",
        "--params",
        site.beside("params.json").to_str().unwrap(),
    ])
}

#[track_caller]
fn refused(site: &Site, args: &[&str], code: &str, named: &[&str]) {
    let before = Tree::of(&site.path("files"));
    for command in ["run", "plan"] {
        let done = site.json([&[command, "test/takes"], args].concat()).ended(2);
        let (found, sentence) = done.error();
        assert_eq!(found, code, "{done}");
        for named in named {
            assert!(sentence.contains(named), "“{named}” is named: {sentence}");
        }
        assert!(
            !sentence.contains('\n') && sentence.chars().count() < 400,
            "one short line: {sentence}"
        );
    }
    assert!(site.runs().is_empty(), "nothing has begun");
    assert!(before == Tree::of(&site.path("files")));
}

#[test]
fn what_is_wrong_is_named_with_its_rule_and_value() {
    let site = site();
    refused(&site, &[], "P0104", &["text", "test/takes"]);
    refused(
        &site,
        &["-p", "text=x", "-p", "colour=red"],
        "P0103",
        &["colour", "text", "count"],
    );
    for (given, code, named) in [
        ("count=many", "P0102", vec!["count", "many", "integer"]),
        ("count=2.5", "P0102", vec!["count", "2.5", "integer"]),
        ("count=0", "P0102", vec!["count", "0", "minimum: 1"]),
        ("count=10", "P0102", vec!["count", "10", "maximum: 9"]),
        ("count=", "P0102", vec!["count", "integer"]),
        ("flag=yes", "P0102", vec!["flag", "yes", "boolean"]),
        ("choice=three", "P0102", vec!["choice", "three", "one", "two"]),
        ("list=a,b", "P0102", vec!["list", "a,b", "array"]),
        ("list=[1]", "P0102", vec!["list.0", "1", "string"]),
        (
            "short=😀😀😀😀",
            "P0102",
            vec!["short", "😀😀😀😀", "maxLength: 3"],
        ),
        ("filled=", "P0102", vec!["filled", "minLength: 1"]),
        ("pattern=Abc", "P0102", vec!["pattern", "Abc", "^[a-z]+$"]),
        ("no equals sign", "P0132", vec!["no equals sign"]),
    ] {
        refused(&site, &["-p", "text=x", "-p", given], code, &named);
    }
}

#[test]
fn a_value_that_would_act_on_a_terminal_is_shown_harmless() {
    let site = site();
    refused(
        &site,
        &["-p", "text=x", "-p", "pattern=\u{1b}[31mred\nline"],
        "P0102",
        &["pattern"],
    );
    let told = site
        .procedo([
            "run",
            "test/takes",
            "-p",
            "text=x",
            "-p",
            "pattern=\u{1b}[31mred\u{202e}",
        ])
        .ended(2);
    assert!(
        !told.err.contains('\u{1b}') && !told.err.contains('\u{202e}'),
        "{:?}",
        told.err
    );
}

#[test]
fn what_is_unusual_arrives_as_it_was_given() {
    let site = site();
    for text in [
        "",
        " ",
        "emoji 😀 and 👩‍🚒 of several parts",
        "من اليمين إلى اليسار",
        "both ways: abc עברית def",
        "marks \u{202e}reversed\u{202c}",
        "quotes ' \" ` and ${text} and { $text }",
        "line\nline\r\nline\ttab",
        "null \\u0000 written out",
        "Ünïcödé composed é and decomposed e\u{301}",
        "-p not=an-option",
        "@file",
    ] {
        // On the command line, and from a file.
        let by_option = site
            .json(["run", "test/takes", "-p", &format!("text={text}")])
            .ok();
        let by_file = with(&site, &json!({"text": text})).ok();
        for done in [by_option, by_file] {
            assert_eq!(done.last()["result"]["text"], text, "{done}");
            assert_eq!(site.read("files/file.txt"), text);
            let shown = site.show(&done.run());
            assert_eq!(
                shown["entries"][0]["params"]["text"], text,
                "the journal has it unaltered"
            );
        }
    }
    site.whole();
}

#[test]
fn a_parameter_that_refers_to_a_secret_gives_no_right_to_it() {
    let site = site();
    let denied = site
        .json(["run", "test/takes", "-p", "text=secret:backup@3"])
        .ended(3);
    let (code, sentence) = denied.error();
    assert!(code == "P0105" && sentence.contains("secrets/backup"), "{denied}");
    assert!(!site.path("files/file.txt").exists());
}

#[test]
fn defaults_are_filled_in_and_recorded() {
    let site = site();
    let done = site
        .json([
            "run",
            "test/takes",
            "-p",
            "text=x",
            "-p",
            "count=9",
            "-p",
            "list=[\"a\"]",
            "-p",
            "flag=true",
        ])
        .ok();
    let expected = json!({
        "text": "x", "name": "file.txt", "count": 9, "flag": true, "choice": "one", "list": ["a"], "short": "", "filled": "x",
        "pattern": "a",
    });
    assert_eq!(done.last()["result"], expected);
    assert_eq!(site.show(&done.run())["entries"][0]["params"], expected);
}

#[test]
fn large_parameters_are_taken_up_to_a_limit_that_is_told() {
    let site = site();
    let large = "ä".repeat(300_000);
    let done = with(&site, &json!({"text": large})).ok();
    assert_eq!(site.read("files/file.txt").len(), 600_000);
    assert_eq!(
        site.show(&done.run())["entries"][0]["params"]["text"]
            .as_str()
            .map(str::len),
        Some(600_000)
    );
    let told = with(&site, &json!({"text": "x".repeat(300_001)}))
        .ended(2)
        .error();
    assert!(
        told.0 == "P0102" && told.1.contains("maxLength: 300000") && told.1.len() < 400,
        "{told:?}"
    );
    let told = with(&site, &json!({"text": "x".repeat(1 << 20)}))
        .ended(2)
        .error();
    assert!(told.0 == "P0123" && told.1.contains("1048576"), "{told:?}");
    site.whole();
}

#[test]
fn a_file_name_with_a_newline_is_refused_by_what_writes_files() {
    let site = site();
    for (name, found) in [
        ("two\nlines.txt", "U+000A"),
        ("tab\there.txt", "U+0009"),
        ("right-to-left\u{202e}.txt", "U+202E"),
    ] {
        let done = with(&site, &json!({"text": "x", "name": name})).ended(1);
        let (code, sentence) = done.error();
        assert_eq!(code, "P0306", "{done}");
        let first = sentence.lines().next().unwrap();
        assert!(first.contains(found) && !sentence.contains(name), "{sentence:?}");
    }
    assert!(Tree::of(&site.path("files")).0.is_empty());
    for name in [
        "😀.txt",
        "ملف.txt",
        "with blanks .txt",
        "-rf",
        "ünï.txt",
        "$(touch x).txt",
    ] {
        with(&site, &json!({"text": name, "name": name})).ok();
        assert_eq!(site.read(&format!("files/{name}")), name);
    }
}

#[test]
fn what_is_no_json_object_is_refused() {
    let site = site();
    for text in ["", "[]", "{\"text\": }", "\"text\"", "{\"text\": \"a\"} {}"] {
        std::fs::write(site.beside("params.json"), text).unwrap();
        let done = site
            .json([
                "run",
                "test/takes",
                "--params",
                site.beside("params.json").to_str().unwrap(),
            ])
            .ended(2);
        let (code, sentence) = done.error();
        assert!(code == "P0017" && sentence.contains("params.json"), "{done}");
    }
    let done = site
        .json(["run", "test/takes", "--params", "/nowhere/params.json"])
        .ended(2);
    assert!(done.error().1.contains("/nowhere/params.json"), "{done}");
}

#[test]
fn a_plugin_refuses_parameters_by_the_same_rules() {
    let site = Site::lab();
    for (args, code, named) in [
        (vec![], "P0104", vec!["language"]),
        (
            vec![
                "language=deutsch",
                "lang=de",
                "catalogue=deutsch.po",
                "colour=red",
            ],
            "P0103",
            vec!["colour"],
        ),
        (
            vec!["language=", "lang=de", "catalogue=deutsch.po"],
            "W0104",
            vec!["language"],
        ),
        (
            vec!["language=a/b", "lang=de", "catalogue=deutsch.po"],
            "W0104",
            vec!["language", "/"],
        ),
        (
            vec!["language=a\nb", "lang=de", "catalogue=deutsch.po"],
            "W0104",
            vec!["language"],
        ),
        (
            vec!["language=english", "lang=de", "catalogue=deutsch.po"],
            "W0105",
            vec!["english"],
        ),
        (
            vec!["language=deutsch", "lang=not a tag", "catalogue=deutsch.po"],
            "W0106",
            vec!["not a tag"],
        ),
        (
            vec!["language=deutsch", "lang=de", "catalogue=deutsch.xls"],
            "W0101",
            vec!["deutsch.xls"],
        ),
        (
            vec!["language=deutsch", "lang=de", "catalogue=nothing.po"],
            "P0301",
            vec!["nothing.po"],
        ),
    ] {
        let mut command = vec!["run", "web/localize-components"];
        args.iter().for_each(|pair| command.extend(["-p", pair]));
        let done = site.json(command);
        let (found, sentence) = done.error();
        assert_eq!(found, code, "{args:?}: {done}");
        named
            .iter()
            .for_each(|named| assert!(sentence.contains(named), "“{named}” is named: {sentence}"));
    }
    assert!(!site.path("web/html/deutsch").exists());
}
