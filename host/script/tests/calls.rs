//! What scripts pass reaches the gate as the WIT says, what comes back reaches the script, and mistakes are named.

#![allow(clippy::unwrap_used, reason = "a test that meets an Err fails")]

mod fake;

use fake::{Gate, failure, run, run_at};
use procedo_core::Kind;
use procedo_core::caller::Guest;
use serde_json::json;

#[test]
fn arguments_are_given_in_order_or_by_name_and_trailing_options_left_out() {
    for call in [
        r#"files::read("web", "x")"#,
        r#"files::read("web", "x", ())"#,
        r#"files::read(#{path: "x", root: "web"})"#,
        r#"files::read(#{path: "x", root: "web", encoding: ()})"#,
    ] {
        let gate = Gate::new();
        let reply = run_at(&gate, call).unwrap();
        assert_eq!(
            gate.args("files.read"),
            json!({"root": "web", "path": "x"}),
            "{call}"
        );
        assert_eq!(reply["text"], "Grüße");
    }
    let gate = Gate::new();
    run_at(&gate, r#"files::list_archive("web", "x.war")"#).unwrap();
    assert_eq!(gate.names(), ["files.list-archive"]);
}

#[test]
fn a_reply_has_every_member_and_underscores_for_hyphens() {
    assert_eq!(run(r#"files::read("web", "x").line_end"#), Ok(json!("lf")));
    assert_eq!(run(r#"files::stat("web", "x").kind == ()"#), Ok(json!(true)));
    assert_eq!(run(r#"type_of(run::log("info", "x"))"#), Ok(json!("()")));
    assert_eq!(failure(r#"files::read("web", "x").lineend"#).code, "P0609");
}

#[test]
fn records_options_and_lists_cross_as_the_wit_says() {
    let gate = Gate::new();
    let body = r#"
        files::edit("web", "x", [#{find: "a", replacement: "b"}, #{find: "c", replacement: "d", count: 2}]);
        files::write(#{root: "web", path: "x", text: "y", options: #{line_end: "crlf", bom: true}});
    "#;
    run_at(&gate, body).unwrap();
    let edits = json!([{"find": "a", "replacement": "b"}, {"find": "c", "replacement": "d", "count": 2}]);
    assert_eq!(gate.args("files.edit")["edits"], edits);
    assert_eq!(
        gate.args("files.write")["options"],
        json!({"line-end": "crlf", "bom": true})
    );
}

#[test]
fn a_record_as_only_argument_is_the_first_parameter_unless_it_names_parameters() {
    let request = r##"#{origin: "o", method: "GET", path: "/", headers: #{accept: "text/html", "x-n": 5}}"##;
    for call in [
        format!("http::send({request})"),
        format!("http::send(#{{request: {request}}})"),
    ] {
        let gate = Gate::new();
        let reply = run_at(&gate, &call).unwrap();
        let sent = gate.args("http.send");
        assert_eq!(
            sent["request"]["headers"],
            json!([["accept", "text/html"], ["x-n", "5"]]),
            "{call}"
        );
        assert_eq!(reply["headers"], json!([["server", "x"]]));
    }
}

#[test]
fn a_text_may_be_plain_or_a_message_with_values() {
    let gate = Gate::new();
    run_at(&gate, r#"run::log("info", "plain")"#).unwrap();
    assert_eq!(
        gate.args("run.log")["message"],
        json!({"id": "plain", "args": []})
    );
    let gate = Gate::new();
    run_at(&gate, r#"run::log("info", text("copied", #{n: 3, file: "a"}))"#).unwrap();
    assert_eq!(
        gate.args("run.log")["message"],
        json!({"id": "copied", "args": [["file", "a"], ["n", "3"]]})
    );
}

#[test]
fn json_comes_and_goes_as_plain_values() {
    let gate = Gate::new();
    let body = r#"
        let answer = run::ask("who", "Who?", []);
        [answer.name, answer.more[1], answer.more[2] == ()]
    "#;
    assert_eq!(run_at(&gate, body), Ok(json!(["Ana", 2.5, true])));
}

#[test]
fn an_error_of_a_call_is_thrown_as_a_map_and_can_be_caught() {
    let body = r#"try { files::read("web", "missing") } catch (e) { return [e.kind, e.code, e.message]; }"#;
    assert_eq!(
        run(body),
        Ok(json!(["not-found", "P0301", "P0301 path=\"missing\""]))
    );
}

#[test]
fn an_error_of_a_call_that_is_not_caught_keeps_kind_and_code_and_says_where() {
    let error = failure("let a = 1;\n  files::read(\"web\", \"missing\");");
    assert_eq!(
        (error.kind, error.code.as_str(), error.message.id.as_str()),
        (Kind::NotFound, "P0301", "P0605")
    );
    let args = &error.message.args;
    assert_eq!(
        (
            args["file"].as_str(),
            args["line"].as_str(),
            args["column"].as_str()
        ),
        ("test/script.rhai", "7", "10")
    );
    assert_eq!(args["message"], "P0301 path=\"missing\"");
    assert_eq!(
        args["excerpt"],
        "\n  7 |   files::read(\"web\", \"missing\");\n    |          ^"
    );
}

#[test]
fn an_error_that_is_thrown_again_says_where_it_was_thrown_first() {
    let line = |body: &str| {
        let error = failure(body);
        let place = error.message.args["line"].clone();
        (error.code, place, error.message.args["excerpt"].contains("^"))
    };
    let first = |code: &str| (code.to_owned(), "7".to_owned(), true);
    for again in [
        "catch (e) {\n run::log(\"info\", \"x\");\n throw e;\n}",
        "catch {\n throw;\n}",
        "catch (e) {\n fn_throws(e);\n}\nfn fn_throws(e) {\n throw e;\n}",
    ] {
        let body = format!("try {{\nfiles::read(\"web\", \"missing\");\n}} {again}");
        assert_eq!(line(&body), first("P0301"), "{again}");
    }
    // Rhai's own errors, too.
    let body = "try {\nfiles::read(\"web\", \"x\").nothing;\n} catch (e) {\n\n throw e;\n}";
    assert_eq!(line(body), first("P0604"));
    for body in [
        "fn d(x) {\n1 / x }\ntry { d(0); } catch (e) {\n\n throw e; }",
        "try { step(\"one\", || {\n1 / 0; }); } catch (e) {\n\n throw e; }",
    ] {
        assert_eq!(line(body), first("P0604"), "{body}");
    }
    // What a script throws of its own is where it is thrown, whatever its members are.
    let own = line("\nthrow #{ code: 17, line: 3, text: \"x\" };");
    assert_eq!(own, first("P0606"));
}

#[test]
fn an_error_in_a_module_that_is_thrown_again_is_told_in_the_module() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write("z.rhai", "\n\nfn d(x) {\n  1 / x\n}\n");
    let body = "import \"z\" as z;\n\ntry { z::d(0); } catch (e) { throw e; }";
    write("a.rhai", &format!("{}{body}", fake::HEADER));
    let script = fake::HOST.load(folder.path(), "a.rhai").unwrap();
    let error = fake::failure_of(script.run(fake::Gate::new(), &json!({})));
    let args = &error.message.args;
    assert_eq!(
        (error.code.as_str(), args["place"].as_str()),
        ("P0604", "z.rhai:4:5")
    );
    assert!(
        !args["reason"].contains("z.rhai") && !args["reason"].contains("line"),
        "{args:?}"
    );
}

/// Code, argument and value that an error names.
fn named(body: &str) -> String {
    let error = failure(body);
    assert_eq!(error.kind, Kind::Invalid, "{error}");
    assert_eq!(error.message.id, "P0605");
    format!("{} {}", error.code, error.message.args["message"])
}

#[test]
fn a_wrong_argument_is_named_with_function_rule_and_value() {
    assert_eq!(
        named(r#"run::sleep(-1)"#),
        r#"P0812 P0812 argument="milliseconds" function="run::sleep" least="0" most="18446744073709551615" value="-1""#
    );
    assert_eq!(
        named(r#"run::sleep("long")"#),
        r#"P0811 P0811 argument="milliseconds" expected="u64" function="run::sleep" value="\"long\"""#
    );
    assert_eq!(
        named(r#"run::log("loud", "x")"#),
        r#"P0815 P0815 argument="level" cases="debug, info, warning" function="run::log" value="loud""#
    );
    assert_eq!(
        named(r#"files::edit("w", "x", [#{find: "a", replacement: "b", count: 1.5}])"#),
        r#"P0811 P0811 argument="edits[0].count" expected="u32" function="files::edit" value="1.5""#
    );
    assert_eq!(
        named(r#"files::edit("w", "x", [#{find: "a"}])"#),
        r#"P0813 P0813 argument="edits[0].replacement" expected="string" function="files::edit""#
    );
    assert_eq!(
        named(r#"files::write("w", "x", "t", #{"line-end": "lf"})"#),
        r#"P0814 P0814 argument="options" function="files::write" name="line-end" names="encoding, bom, line_end, expect""#
    );
    assert_eq!(
        named(r#"files::read("w")"#),
        r#"P0816 P0816 count="1" function="files::read" parameters="root, path, [encoding]""#
    );
    assert_eq!(
        named(r#"files::read("w", "x", (), 4)"#),
        r#"P0816 P0816 count="4" function="files::read" parameters="root, path, [encoding]""#
    );
    assert_eq!(
        named(r#"files::read(#{root: "w"})"#),
        r#"P0813 P0813 argument="path" expected="string" function="files::read""#
    );
    assert_eq!(
        named(r#"files::read(#{root: "w", path: "x", pfad: 1})"#),
        r#"P0814 P0814 argument="files::read" function="files::read" name="pfad" names="root, path, [encoding]""#
    );
    assert_eq!(
        named(r#"run::run_child("a/b", #{f: || 1})"#),
        r#"P0817 P0817 argument="params.f" function="run::run_child" value="a function""#
    );
}

#[test]
fn nothing_reaches_the_gate_when_an_argument_is_wrong() {
    let gate = Gate::new();
    run_at(&gate, r#"files::write("w", "x", 5)"#).unwrap_err();
    assert!(gate.names().is_empty());
}

#[test]
fn a_long_value_is_shown_short() {
    let error = named(r#"let s = "ä"; for i in 0..12 { s += s; } run::sleep(s)"#);
    assert!(error.len() < 400 && error.contains('…'), "{error}");
}

#[test]
fn print_and_debug_write_to_the_record_of_the_run() {
    let gate = Gate::new();
    run_at(&gate, "print(40 + 2); debug(\"x\");").unwrap();
    let told = gate.told();
    assert_eq!(
        told[0],
        r#"run.log {"level":"info","message":{"args":[],"id":"42"}}"#
    );
    assert_eq!(
        told[1],
        r#"run.log {"level":"debug","message":{"args":[],"id":"\"x\""}}"#
    );
}
