//! Parameters, steps, own failures, results, errors with their place.

#![allow(clippy::unwrap_used, reason = "a test that meets an Err fails")]

mod fake;

use fake::{Gate, HEADER_LINES, HOST, failure, run, run_at, script, usual};
use procedo_core::caller::{Ended, Fault, Guest};
use procedo_core::{Error, Kind};
use serde_json::json;

#[test]
fn parameters_are_known_everywhere_and_absent_ones_are_their_default_or_nothing() {
    assert_eq!(run("params.page"), Ok(json!("a.htm")));
    assert_eq!(run("params.count"), Ok(json!(3)));
    assert_eq!(run("fn page() { params.page } page()"), Ok(json!("a.htm")));
    assert_eq!(run(r#"step("one", || params.page)"#), Ok(json!("a.htm")));
    assert_eq!(run("[1, 2].map(|x| params.count + x)"), Ok(json!([4, 5])));
    assert_eq!(failure("params.pages").code, "P0609");
    let nothing = script("params.page == ()").run(Gate::new(), &json!({}));
    assert_eq!(nothing, Ok(json!(true)));
}

#[test]
fn parameters_cannot_be_changed() {
    assert_eq!(failure("params.page = 1").code, "P0604");
}

#[test]
fn the_last_value_is_the_result_as_json() {
    assert_eq!(
        run("#{a: [1, 2.5, \"x\", ()], b: 'c', c: true}"),
        Ok(json!({"a": [1, 2.5, "x", null], "b": "c", "c": true}))
    );
    assert_eq!(run("let a = 1;"), Ok(json!(null)));
    assert_eq!(run("return 5; 6"), Ok(json!(5)));
    assert_eq!(run("exit(7); 8"), Ok(json!(7)));
    let error = failure("#{a: [1, || 2]}");
    assert_eq!(
        (error.code.as_str(), error.message.args["part"].as_str()),
        ("P0631", "result.a[1]")
    );
    assert_eq!(failure("0.0/0.0").code, "P0631");
}

#[test]
fn a_step_begins_and_ends_around_its_closure_and_gives_its_value() {
    let gate = Gate::new();
    let body = r#"step("one", || { step("two", || print("in")); 5 })"#;
    assert_eq!(run_at(&gate, body), Ok(json!(5)));
    let expected = [
        "run.step-begin",
        "run.step-begin",
        "run.log",
        "run.step-end",
        "run.step-end",
    ];
    assert_eq!(gate.names(), expected);
    assert_eq!(gate.args("run.step-end"), json!({"name": "two"}));
}

#[test]
fn a_step_ends_also_when_its_closure_fails() {
    let gate = Gate::new();
    let body = r#"try { step("one", || { throw "no"; }) } catch (e) { print(e) }"#;
    run_at(&gate, body).unwrap();
    assert_eq!(gate.names(), ["run.step-begin", "run.step-end", "run.log"]);
    let gate = Gate::new();
    let error = fake::failure_of(run_at(&gate, r#"step("one", || files::read("w", "missing"))"#));
    assert_eq!(
        (error.code.as_str(), error.message.args["line"].as_str()),
        ("P0301", "6")
    );
    assert_eq!(gate.names(), ["run.step-begin", "files.read", "run.step-end"]);
}

#[test]
fn a_step_that_may_not_begin_does_nothing() {
    let refuse = |name: &str, args: &serde_json::Value| match name {
        "run.step-begin" => Err(Error::new(Kind::Invalid, "P0199").into()),
        _ => usual(name, args),
    };
    let gate = Gate::answering(Box::new(refuse));
    let error = fake::failure_of(run_at(&gate, r#"step("one", || print("in"))"#));
    assert_eq!(error.code, "P0199");
    assert_eq!(gate.names(), ["run.step-begin"]);
}

#[test]
fn a_verification_is_skipped_where_the_gate_says_so_and_ended_in_both_cases() {
    let gate = Gate::new();
    assert_eq!(
        run_at(&gate, r#"verify("one", || { print("in"); 5 })"#),
        Ok(json!(5))
    );
    assert_eq!(gate.names(), ["run.verify-begin", "run.log", "run.step-end"]);
    let plan = |name: &str, args: &serde_json::Value| match name {
        "run.verify-begin" => Ok(json!(false)),
        _ => usual(name, args),
    };
    let gate = Gate::answering(Box::new(plan));
    assert_eq!(
        run_at(&gate, r#"verify("one", || { print("in"); 5 })"#),
        Ok(json!(null))
    );
    assert_eq!(gate.names(), ["run.verify-begin", "run.step-end"]);
}

#[test]
fn a_procedure_fails_in_its_own_words() {
    let error = failure(r#"fail("no-pages", text("nothing-there", #{folder: "html"}))"#);
    assert_eq!((error.kind, error.code.as_str()), (Kind::Failed, "no-pages"));
    assert_eq!(error.message.to_string(), r#"nothing-there folder="html""#);
    let error = failure(r#"fail("conflict", "exists", "It exists.")"#);
    assert_eq!(
        (error.kind, error.message.to_string().as_str()),
        (Kind::Conflict, "It exists.")
    );
    assert_eq!(
        run(r#"try { fail("a", "b") } catch (e) { e.code }"#),
        Ok(json!(null))
    );
    assert_eq!(
        run(r#"try { fail("a", "b") } catch (e) { return e.code; }"#),
        Ok(json!("a"))
    );
}

#[test]
fn a_procedure_cannot_pass_its_failure_off_as_the_hosts() {
    assert_eq!(failure(r#"fail("P0301", "x")"#).code, "P0619");
    assert_eq!(failure(r#"fail("terrible", "a", "x")"#).code, "P0617");
}

/// Code, line, column and marked source of the error of a script.
fn place(body: &str) -> (String, usize, String) {
    let error = failure(body);
    let args = &error.message.args;
    let line: usize = args["line"].parse().unwrap();
    (error.code, line - HEADER_LINES, args["excerpt"].clone())
}

#[test]
fn an_error_of_the_script_says_what_and_where_with_the_line_and_a_mark() {
    let (code, line, excerpt) = place("let a = 1;\nlet b = a + nowhere(2);");
    assert_eq!((code.as_str(), line), ("P0607", 2));
    assert_eq!(excerpt, "\n  7 | let b = a + nowhere(2);\n    |             ^");
    let (code, line, _) = place("let m = #{a: 1};\n\nm.b");
    assert_eq!((code.as_str(), line), ("P0609", 3));
    let (code, line, _) = place("fn f(x) {\n x / 0\n}\nf(1)");
    assert_eq!((code.as_str(), line), ("P0604", 2));
    let (code, line, _) = place("let a = [1];\n[1].map(|x| {\n  a[7]\n})");
    assert_eq!((code.as_str(), line), ("P0604", 3));
    let (code, line, _) = place("\nthrow #{reason: 5};");
    assert_eq!((code.as_str(), line), ("P0606", 2));
}

#[test]
fn a_text_that_is_not_rhai_is_refused_with_its_place() {
    let refused = |body: &str| {
        let error = HOST
            .load_source("web/a.rhai", &format!("{}{body}", fake::HEADER))
            .err()
            .unwrap();
        assert_eq!(error.code, "P0603");
        let args = error.message.args;
        (
            args["line"].parse::<usize>().unwrap() - HEADER_LINES,
            args["column"].clone(),
            args["reason"].clone(),
        )
    };
    assert_eq!(refused("let a = ;").0, 1);
    let (line, column, reason) = refused("let a = 1;\n  undefined + 1");
    assert_eq!((line, column.as_str()), (2, "3"));
    assert!(reason.contains("undefined"), "{reason}");
    assert!(refused("eval(\"1\")").2.contains("eval"));
    assert!(refused("nowhere::f()").2.contains("nowhere"));
}

#[test]
fn waiting_goes_through_the_gate_only() {
    for body in ["sleep(1)", "sleep(0.5)", "let n = 2; sleep(n)"] {
        assert_eq!(failure(body).code, "P0618", "{body}");
    }
    assert_eq!(failure("timestamp()").code, "P0607");
    let gate = Gate::new();
    run_at(&gate, "run::sleep(1)").unwrap();
    assert_eq!(gate.names(), ["run.sleep"]);
}

#[test]
fn a_script_that_is_stopped_at_a_call_unwinds_and_its_result_is_ignored() {
    let stop = |name: &str, args: &serde_json::Value| match name {
        "run.confirm" => Err(Fault::Stop),
        _ => usual(name, args),
    };
    let gate = Gate::answering(Box::new(stop));
    let body = r#"step("one", || run::confirm("go", "Go?")); print("after"); 5"#;
    assert_eq!(run_at(&gate, body), Err(Ended::Stopped));
    // Not even the step is ended: that is the host's work now.
    assert_eq!(gate.names(), ["run.step-begin", "run.confirm"]);
}

#[test]
fn the_same_script_runs_many_times_at_once() {
    let script = script(r#"step("one", || files::read("w", params.page)).text.len()"#);
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| assert_eq!(script.run(Gate::new(), &json!({"page": "x"})), Ok(json!(5))));
        }
    });
}

#[test]
fn an_error_is_told_to_people_with_its_place_and_the_marked_line() {
    let mut texts = procedo_core::message::Texts::new();
    texts.add_all(procedo_script::MESSAGES).unwrap();
    let error = failure("let b = 1 + nowhere(2);");
    assert_eq!(
        texts.tell(procedo_core::message::Language::En, &error.message),
        "test/script.rhai:6:13: There is no function nowhere (i64).\n  6 | let b = 1 + nowhere(2);\n    |             ^"
    );
    let error = failure("let s = \"x\"; loop { s += s; }");
    assert_eq!(
        texts
            .tell(procedo_core::message::Language::De, &error.message)
            .lines()
            .next()
            .unwrap(),
        "test/script.rhai:6:23: Ein Text ist größer geworden, als Skripte es halten dürfen."
    );
}
