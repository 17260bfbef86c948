//! Scripts that want to run for ever, eat all memory, or read what is not theirs: each ends with its own clear error.

#![allow(clippy::unwrap_used, reason = "a test that meets an Err fails")]

mod fake;

use fake::{Gate, HEADER, HOST, failure, failure_of, host_with, run, run_at, usual};
use procedo_core::caller::{Ended, Fault, Guest};
use procedo_core::{Error, Kind};
use procedo_script::Limits;
use serde_json::json;
use std::time::Duration;

/// Limits that are reached quickly.
fn small() -> Limits {
    Limits {
        operations: 200_000,
        ..Limits::default()
    }
}

fn failure_under(limits: Limits, body: &str) -> Error {
    let script = host_with(limits)
        .load_source("test/script.rhai", &format!("{HEADER}{body}"))
        .unwrap();
    failure_of(script.run(Gate::new(), &json!({})))
}

#[test]
fn an_endless_loop_ends_at_the_limit_of_operations() {
    let error = failure_under(small(), "let n = 0;\nloop { n += 1; }");
    assert_eq!((error.code.as_str(), error.kind), ("P0621", Kind::TooLarge));
    assert_eq!(error.message.args["line"], "7");
    assert_eq!(error.message.args["limit"], "200000");
}

#[test]
fn an_endless_loop_ends_when_it_takes_too_long() {
    let limits = Limits {
        computing: Duration::from_millis(50),
        ..Limits::default()
    };
    let error = failure_under(limits.clone(), "try { [1].map(|x| { loop {} }) } catch {}");
    assert_eq!((error.code.as_str(), error.kind), ("P0625", Kind::TimedOut));
    // Operations that take long each: every push measures the whole array.
    assert_eq!(
        failure_under(
            limits,
            "let a = []; a.pad(40000, 1); loop { a.push(1); a.pop(); }"
        )
        .code,
        "P0625"
    );
}

#[test]
fn an_endless_loop_ends_when_the_run_is_stopped() {
    assert_eq!(run_at(&Gate::stopping_after(50), "loop {}"), Err(Ended::Stopped));
    assert_eq!(
        run_at(&Gate::stopping_after(50), "fn f() { loop { let a = 1; } } f()"),
        Err(Ended::Stopped)
    );
}

/// Ways to catch everything, also what unwinds.
const CATCHING: [&str; 6] = [
    "try { BODY } catch { }",
    "try { [1].for_each(|| { BODY }) } catch { }",
    "try { [1].map(|x| { BODY }) } catch { }",
    "try { [1].filter(|x| { BODY; true }) } catch { }",
    "try { [1, 2].sort(|a, b| { BODY; 0 }) } catch { }",
    "try { step(\"one\", || { BODY }) } catch { }",
];

#[test]
fn a_stop_is_not_survived_by_catching_everything() {
    let stop = |name: &str, args: &serde_json::Value| match name {
        "run.confirm" => Err(Fault::Stop),
        _ => usual(name, args),
    };
    for catching in CATCHING {
        for after in [
            "print(\"after\"); 5",
            "loop {}",
            "try { files::remove(\"w\", \"x\") } catch {}",
        ] {
            let gate = Gate::answering(Box::new(stop));
            let body = format!(
                "{}\n{after}",
                catching.replace("BODY", "run::confirm(\"a\", \"b\")")
            );
            assert_eq!(run_at(&gate, &body), Err(Ended::Stopped), "{body}");
            let after_stop = gate
                .names()
                .into_iter()
                .skip_while(|name| name != "run.confirm")
                .skip(1);
            assert_eq!(
                after_stop.count(),
                0,
                "{body}: nothing is called after the stop: {:?}",
                gate.names()
            );
        }
    }
}

#[test]
fn the_limit_of_operations_is_not_survived_by_catching_everything() {
    for catching in CATCHING {
        let body = format!("{}\n5", catching.replace("BODY", "loop {}"));
        assert_eq!(failure_under(small(), &body).code, "P0621", "{body}");
        let body = format!("loop {{ {} }}", catching.replace("BODY", "for i in 0..1000 {}"));
        assert_eq!(failure_under(small(), &body).code, "P0621", "{body}");
    }
}

#[test]
fn a_text_that_grows_without_end_is_refused() {
    for body in [
        "let s = \"x\"; loop { s += s; }",
        "let s = \"x\"; loop { s = `${s}${s}`; }",
        "let s = \"x\"; s.pad(200000000, 'y');",
        "let a = []; let s = \"x\"; s.pad(1000000, 'y'); loop { a.push(s); }",
        "let m = #{}; let s = \"x\"; s.pad(1000000, 'y'); let n = 0; loop { n += 1; m[`${n}`] = s; }",
    ] {
        let error = failure(body);
        assert_eq!(
            (error.code.as_str(), error.kind),
            ("P0622", Kind::TooLarge),
            "{body}"
        );
        assert_eq!(error.message.args["what"], "text", "{body}");
    }
}

#[test]
fn an_array_or_map_that_grows_without_end_is_refused() {
    let limits = Limits {
        items: 3000,
        members: 3000,
        ..Limits::default()
    };
    for body in [
        "let a = [1]; loop { a += a; }",
        "let a = []; loop { a.push(1); }",
        "let a = []; a.pad(100000000, 1);",
        "let a = [1]; loop { a = [a, a, a]; }",
        "let m = #{}; let n = 0; loop { n += 1; m[`${n}`] = n; }",
        "let b = blob(1000000000);",
    ] {
        let error = failure_under(limits.clone(), body);
        assert_eq!(
            (error.code.as_str(), error.kind),
            ("P0622", Kind::TooLarge),
            "{body}"
        );
    }
}

#[test]
fn a_value_nested_as_deep_as_the_limits_allow_overflows_no_stack() {
    // A hundredth of the limits, on a hundredth of the stack: the same for each level, and quicker to build.
    let usual = Limits::default();
    let (items, members) = (usual.items / 100, usual.members / 100);
    let limits = Limits {
        items,
        members,
        stack: usual.stack / 100,
        ..usual
    };
    let host = host_with(limits);
    let run = |body: &str| {
        let script = host
            .load_source("test/script.rhai", &format!("{HEADER}{body}"))
            .unwrap();
        script.run(Gate::new(), &json!({}))
    };
    let nest = |levels: usize| {
        format!(
            "let a = 0; for i in 0..{levels} {{ a = [#{{a: #{{a: #{{a: a}}}}}}]; }} let b = a; b == a; b = `${{a}}`.len(); "
        )
    };
    let deepest = items.min(members / 3) - 1;
    assert_eq!(run(&format!("{} 5", nest(deepest))), Ok(json!(5)));
    let uses = [
        "print(a)",
        "debug(a)",
        "a[0].to_json()",
        "[a].contains(b)",
        "switch a { 1 => 2, _ => 3 }",
        "[a, 1].dedup()",
        "a.to_debug()",
        "[a].index_of(1)",
    ];
    for usage in uses {
        assert_eq!(
            run(&format!("{} {usage}; 5", nest(deepest - 1))),
            Ok(json!(5)),
            "{usage}"
        );
    }
    assert_eq!(
        failure_of(run(&format!("{} files::read(a, \"x\")", nest(deepest)))).code,
        "P0811"
    );
    assert_eq!(
        failure_of(run(&format!("{} run::run_child(\"a/b\", a)", nest(deepest)))).code,
        "P0817"
    );
    assert_eq!(failure_of(run(&format!("{} a", nest(deepest)))).code, "P0631");
    assert_eq!(failure_of(run(&nest(deepest * 2))).code, "P0622");
}

#[test]
fn deep_recursion_is_refused() {
    let error = failure("fn down(n) { down(n + 1) }\ndown(0)");
    assert_eq!((error.code.as_str(), error.kind), ("P0623", Kind::TooLarge));
    let error = failure("let f = |f, n| f.call(f, n + 1); f.call(f, 0)");
    assert_eq!(error.code, "P0623");
    assert_eq!(
        run("fn down(n) { if n == 0 { 0 } else { 1 + down(n - 1) } } down(60)"),
        Ok(json!(60))
    );
}

#[test]
fn too_many_variables_are_refused() {
    let many: String = (0..300).map(|n| format!("let v{n} = {n};\n")).collect();
    assert_eq!(failure(&many).code, "P0624");
}

#[test]
fn a_text_too_deep_or_too_large_to_be_a_script_is_refused() {
    let load = |body: String| {
        HOST.load_source("a.rhai", &format!("{HEADER}{body}"))
            .err()
            .unwrap()
            .code
    };
    assert_eq!(
        load(format!("{}1{}", "(".repeat(100_000), ")".repeat(100_000))),
        "P0603"
    );
    assert_eq!(load("[".repeat(100_000)), "P0603");
    assert_eq!(load("{".repeat(100_000)), "P0603");
    assert_eq!(load("x".repeat(2 << 20)), "P0611");
    let functions: String = (0..600).map(|n| format!("fn f{n}() {{ 0 }}\n")).collect();
    assert_eq!(load(functions), "P0603");
}

#[test]
fn a_text_cannot_become_a_program() {
    for body in [
        r#"Fn("eval").call("1")"#,
        r#"call("eval", "1")"#,
        r#"let f = Fn("ev" + "al"); f.call("1")"#,
    ] {
        let ended = HOST
            .load_source("a.rhai", &format!("{HEADER}{body}"))
            .map(|script| script.run(Gate::new(), &json!({})));
        assert!(
            matches!(ended, Err(_) | Ok(Err(Ended::Failed(_)))),
            "{body}: {:?}",
            ended.ok()
        );
    }
}

#[test]
fn a_hundred_mebibytes_reach_no_capability() {
    let gate = Gate::new();
    let error = failure_of(run_at(
        &gate,
        "let s = \"x\"; s.pad(104857600, 'x'); files::write(\"w\", \"x\", s);",
    ));
    assert_eq!(error.code, "P0622");
    assert!(gate.names().is_empty());
}

#[test]
fn a_reply_of_a_hundred_mebibytes_is_refused() {
    let large = |name: &str, args: &serde_json::Value| {
        let mut reply = usual(name, args)?;
        if name == "files.read" {
            reply["text"] = json!("x".repeat(100 << 20));
        }
        Ok(reply)
    };
    let gate = Gate::answering(Box::new(large));
    assert_eq!(
        failure_of(run_at(&gate, "files::read(\"w\", \"x\").size")).code,
        "P0622"
    );
}

#[test]
fn the_limits_of_size_and_depth_cannot_be_caught() {
    for catching in [
        "try { BODY } catch { }",
        "try { step(\"one\", || { BODY }) } catch { }",
    ] {
        for (bomb, code) in [("let s = \"x\"; loop { s += s; }", "P0622"), ("down(0)", "P0623")] {
            let body = format!(
                "fn down(n) {{ down(n + 1) }}\n{}\n5",
                catching.replace("BODY", bomb)
            );
            assert_eq!(failure(&body).code, code, "{body}");
        }
    }
}

#[test]
fn a_value_whose_parts_grow_is_measured_as_a_whole() {
    let s = "let s = \"x\"; s.pad(1000000, 'y'); let n = 0; ";
    for body in [
        "let a = []; a.pad(1000, ()); loop { a[n] = s; n += 1; }",
        "let m = #{l: []}; for i in 0..50 { m[`l${i}`] = []; } loop { n += 1; m[`l${n % 50}`].push(s); }",
        "let m = #{}; let f = |k| m[k] = s; loop { n += 1; f.call(`${n}`); }",
        "fn grow(n, s) { this.push(s); } let m = #{l: []}; loop { n += 1; m.l = []; m.l.grow(n, s); m[`${n}`] = m.l; }",
        "let m = #{}; try { [1].map(|x| { loop { n += 1; m[`${n}`] = s; } }) } catch {}",
    ] {
        let body = format!("{s}{body}");
        assert_eq!(failure(&body).code, "P0622", "{body}");
    }
    let refused = HOST
        .load_source("a.rhai", &format!("{HEADER}fn grow(k, v) {{ this[k] = v; }}"))
        .err()
        .unwrap();
    assert_eq!(refused.code, "P0620");
}

#[test]
fn a_replacement_larger_than_memory_is_refused_before_it_is_made() {
    let body = "let s = \"\"; s.pad(10000000, 'a'); let by = s + \"\"; s.replace(FIND, by); s.len()";
    assert_eq!(failure(&body.replace("FIND", "\"a\"")).code, "P0622");
    assert_eq!(failure(&body.replace("FIND", "'a'")).code, "P0622");
    assert_eq!(failure(&body.replace("FIND", "\"\"")).code, "P0622");
    assert_eq!(
        run("let s = \"aXbX\"; s.replace(\"X\", \"--\"); s.replace('b', \"ccc\"); s"),
        Ok(json!("a--ccc--"))
    );
}

#[test]
fn only_files_beside_the_script_or_below_are_imported() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    write("outside.rhai", "fn secret() { 1 }");
    write(
        "scripts/web/lib/inner.rhai",
        "import \"more\" as more; fn three() { 1 + more::two() }",
    );
    write(
        "scripts/web/lib/more.rhai",
        "fn two() { 2 } fn where() { params.page }",
    );
    write("scripts/other.rhai", "fn four() { 4 }");
    std::os::unix::fs::symlink(
        folder.path().join("outside.rhai"),
        folder.path().join("scripts/web/link.rhai"),
    )
    .unwrap();
    std::os::unix::fs::symlink(folder.path(), folder.path().join("scripts/web/up")).unwrap();
    let scripts = folder.path().join("scripts");
    let load = |body: &str| {
        write("scripts/web/a.rhai", &format!("{HEADER}{body}"));
        HOST.load(&scripts, "web/a.rhai")
    };
    let refused = |path: &str| {
        let error = load(&format!("import \"{path}\" as x;"))
            .err()
            .unwrap_or_else(|| panic!("{path} is imported"));
        (error.code, error.message.args.get("line").cloned())
    };
    let absolute = folder.path().join("outside");
    for path in [
        "../outside",
        "../../outside",
        "../web/lib/more",
        absolute.to_str().unwrap(),
        "link",
        "up/outside",
        "lib/../lib/more",
        "./lib/more",
        "lib//more",
        "",
        "C:/x",
        "lib\\\\more",
        ".hidden",
        "/etc/passwd",
    ] {
        assert_eq!(
            refused(path),
            ("P0612".to_owned(), Some("6".to_owned())),
            "{path}"
        );
    }
    assert_eq!(refused("missing").0, "P0613");
    assert_eq!(
        load("let p = \"lib/more\"; import p as x;").err().unwrap().code,
        "P0614"
    );
    let script = load("import \"lib/inner\" as inner; inner::three()").unwrap();
    assert_eq!(script.run(Gate::new(), &json!({})), Ok(json!(3)));
    let pins: Vec<_> = script.pins().into_iter().map(|pin| pin.0).collect();
    assert_eq!(
        pins,
        [
            "script web/a.rhai",
            "module web/lib/inner.rhai",
            "module web/lib/more.rhai",
            "interface",
            "limits"
        ]
    );
    // What was read when the script was loaded is what runs.
    write("scripts/web/lib/more.rhai", "fn two() { 20 }");
    assert_eq!(script.run(Gate::new(), &json!({})), Ok(json!(3)));
    write(
        "scripts/web/lib/more.rhai",
        "import \"inner\" as inner; fn two() { 2 }",
    );
    assert_eq!(
        load("import \"lib/inner\" as inner;").err().unwrap().code,
        "P0616"
    );
}

#[test]
fn an_error_in_a_module_names_the_module_and_its_line() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write(
        "a.rhai",
        &format!("{HEADER}import \"lib\" as lib;\nlib::read(\"missing\")"),
    );
    write("lib.rhai", "fn read(path) {\n  files::read(\"w\", path)\n}");
    let script = HOST.load(folder.path(), "a.rhai").unwrap();
    let error = failure_of(script.run(Gate::new(), &json!({})));
    let args = &error.message.args;
    assert_eq!(
        (error.code.as_str(), args["file"].as_str(), args["line"].as_str()),
        ("P0301", "lib.rhai", "2")
    );
    write("lib.rhai", "let a = 1;\nfiles::read(\"w\", \"missing\");");
    let script = HOST.load(folder.path(), "a.rhai").unwrap();
    let error = failure_of(script.run(Gate::new(), &json!({})));
    let args = &error.message.args;
    assert_eq!(
        (error.code.as_str(), args["file"].as_str(), args["line"].as_str()),
        ("P0301", "lib.rhai", "2")
    );
}

#[test]
fn a_script_that_is_a_link_or_no_text_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("bytes.rhai"), [0xff, 0xfe, 0x00]).unwrap();
    std::os::unix::fs::symlink("/etc/passwd", folder.path().join("link.rhai")).unwrap();
    std::fs::create_dir(folder.path().join("folder.rhai")).unwrap();
    for name in ["bytes.rhai", "link.rhai", "folder.rhai", "none.rhai"] {
        assert_eq!(
            HOST.load(folder.path(), name).err().unwrap().code,
            "P0611",
            "{name}"
        );
    }
}

#[test]
fn other_runs_go_on_while_one_is_hostile() {
    std::thread::scope(|scope| {
        let hostile = scope.spawn(|| failure_under(small(), "loop {}").code);
        for _ in 0..20 {
            assert_eq!(run("1 + 1"), Ok(json!(2)));
        }
        assert_eq!(hostile.join().unwrap(), "P0621");
    });
}

/// Every function that calls a closure, with an array or map that makes it call at least once.
const CALLING: [&str; 29] = [
    "[1].for_each(F)",
    "[1].map(F)",
    "[1].filter(F)",
    "[1].index_of(F)",
    "[1].index_of(F, 0)",
    "[1].find(F)",
    "[1].find(F, -1)",
    "[1].find_map(F)",
    "[1].find_map(F, 0)",
    "[1].some(F)",
    "[1].all(F)",
    "[1].reduce(G)",
    "[1].reduce(G, 0)",
    "[1].reduce_rev(G)",
    "[1].reduce_rev(G, 0)",
    "[1].drain(F)",
    "[1].retain(F)",
    "[1, 2].dedup(G)",
    "[1, 2].sort(G)",
    "[1, 2].sort_by(G)",
    "[1, 2].order(G)",
    "[1, 2].order_by(G)",
    "[1].zip([2], G)",
    "#{a: 1}.map(G)",
    "#{a: 1}.filter(G)",
    "#{a: 1}.drain(G)",
    "#{a: 1}.retain(G)",
    "[1].map(\"f\")",
    "[1, 2].sort(\"g\")",
];

#[test]
fn no_limit_is_survived_by_catching_around_a_function_that_calls_a_closure() {
    let limits = || Limits {
        text: 10_000,
        items: 1_000,
        operations: 20_000,
        ..Limits::default()
    };
    for (breaking, code) in [
        ("let t = \"x\"; loop { t += t; }", "P0622"),
        ("let a = [1]; loop { a += a; }", "P0622"),
        ("deeper(1)", "P0623"),
        ("loop {}", "P0621"),
    ] {
        let functions = format!(
            "fn deeper(n) {{ deeper(n + 1) }} fn f(a) {{ {breaking} }} fn g(a, b) {{ {breaking} }}\n"
        );
        for calling in CALLING {
            let calling = calling
                .replace('F', &format!("|a| {{ {breaking} }}"))
                .replace('G', &format!("|a, b| {{ {breaking} }}"));
            let body = format!("{functions}try {{ {calling} }} catch {{ }}\n5");
            let script = host_with(limits())
                .load_source("test/script.rhai", &format!("{HEADER}{body}"))
                .unwrap();
            let gate = Gate::new();
            let error = failure_of(script.run(std::sync::Arc::clone(&gate) as _, &json!({})));
            assert_eq!(error.code, code, "{body}");
        }
    }
}

#[test]
fn functions_that_call_closures_do_what_they_always_did() {
    let done = run("let a = [3, 1, 2, 2];
        let sorted = a.order(|x, y| x - y);
        a.sort(|x, y| x > y);
        let kept = [1, 2, 3, 4];
        let drained = kept.drain(|x| x % 2 == 0);
        let counted = [1, 2, 3];
        counted.for_each(|i| { this += i; });
        let unique = [1, 1, 2, 1];
        unique.dedup(|x, y| x == y);
        let members = #{a: 1, b: 2};
        let gone = members.retain(|key, value| value > 1);
        #{
            sorted: sorted, kept: kept, drained: drained, counted: counted, unique: unique, members: members, gone: gone,
            mapped: [1, 2].map(|x, i| x * 10 + i),
            own: [1, 2].map(|| this + 1),
            filtered: [1, 2, 3].filter(|x| x > 1),
            found: [[1, 2, 3].find(|x| x > 1), [1, 2, 3].find(|x| x > 1, -1), [1].find(|x| x > 1)],
            first: [[\"a\", \"b\"].index_of(\"b\"), [\"b\", \"b\"].index_of(\"b\", 1), [1, 2].index_of(|x| x == 2), [1].index_of(7)],
            some: [[1].some(|x| x == 1), [1].all(|x| x == 2), [].all(|x| false)],
            sum: [[1, 2, 3].reduce(|sum, x| (sum ?? 0) + x), [1, 2, 3].reduce(|sum, x| sum + x, 10), [1, 2].reduce_rev(|all, x| all + x, \"\")],
            zipped: [1, 2].zip([3, 4, 5], |x, y| x * y),
            doubled: #{a: 1}.map(|key, value| value * 2),
        }");
    assert_eq!(
        done.unwrap(),
        json!({
            "sorted": [1, 2, 2, 3], "kept": [1, 3], "drained": [2, 4], "counted": [1, 3, 5], "unique": [1, 2, 1],
            "members": {"b": 2}, "gone": {"a": 1}, "mapped": [10, 21], "own": [2, 3], "filtered": [2, 3],
            "found": [2, 3, null], "first": [1, 1, 1, -1], "some": [true, false, true], "sum": [6, 16, "21"],
            "zipped": [3, 8], "doubled": {"a": 2}
        })
    );
    let error = failure("[1, 2].sort(|x, y| throw \"incomparable\")");
    assert!(error.message.args["value"].contains("incomparable"), "{error:?}");
}
