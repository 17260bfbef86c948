//! Plugins and scripts that misbehave: each ends with its own clear error, while another run in the same process finishes as
//! if nothing were the matter.

#![allow(clippy::unwrap_used, reason = "what a helper meets fails its test, too")]

use procedo_tests::program::plugin;
use procedo_tests::web::{Answer, Web};
use procedo_tests::{Done, Site};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicBool, Ordering};

/// What stands outside every root.
const OUTSIDE: &str = "what nobody may read";

/// A site with the hostile plugin, a hostile script for each way, and a run that starts one of them beside a good one.
struct Bench {
    site: Site,
    granted: Web,
    other: Web,
}

impl Bench {
    fn new() -> Self {
        let site = Site::new();
        let other = Web::serving(|_| Answer::text("the other server's secret page"));
        let to = format!("{}/secret", other.origin);
        let granted = Web::serving(move |asked| match asked.path.as_str() {
            "/redirect" => Answer::redirect(&to),
            _ => Answer::text("a page"),
        });
        site.declare(&format!("[resource.http.web]\norigin = \"{}\"", granted.origin));
        site.declare(&format!("[resource.http.other]\norigin = \"{}\"", other.origin));
        site.declare("[resource.files.web]\npath = \"root\"\n[plugins]\nallow-unsigned = true");
        site.write("root/html/page.htm", "inside\n");
        site.write("outside.txt", OUTSIDE);
        std::os::unix::fs::symlink("../outside.txt", site.path("root/leads-out")).unwrap();
        std::os::unix::fs::symlink("/etc", site.path("root/etc")).unwrap();
        for procedure in ["hostile/*", "test/*"] {
            site.grant(procedure, "files", "web", "destructive");
            site.grant(procedure, "http", "web", "read");
        }
        for started in ["hostile/*", "test/*"] {
            site.grant("test/beside", "run", started, "write");
        }
        site.install("tests/hostile");
        let good =
            r#"for n in 0..20 { files::write("web", "good.txt", "line " + n); run::sleep(5); } "good""#;
        site.script("good", NEEDS, good);
        let beside = r#"run::run_children([
            #{procedure: params.procedure, params: params.params}, #{procedure: "test/good", params: #{}},
        ])"#;
        site.script(
            "beside",
            "needs = [{ capability = \"run\", resource = \"*\", effect = \"write\" }]\n[parameters]\nproperties.procedure = { type = \"string\" }\nproperties.params = { type = \"object\" }",
            beside,
        );
        Self { site, granted, other }
    }

    /// Runs a procedure beside a good one, which must finish; tells how the procedure itself ended.
    #[track_caller]
    fn beside(&self, procedure: &str, params: &Value) -> (bool, Value) {
        let params = format!("params={params}");
        let procedure = format!("procedure={procedure}");
        let done = self
            .site
            .json(["run", "test/beside", "-p", &procedure, "-p", &params])
            .ok();
        let ends = done.last()["result"].clone();
        assert_eq!(
            ends[1],
            json!({"run": ends[1]["run"], "succeeded": true, "reply": "good"}),
            "{done}"
        );
        assert_eq!(self.site.read("root/good.txt"), "line 19");
        self.site.whole();
        (ends[0]["succeeded"] == true, ends[0]["reply"].clone())
    }

    /// It must end with this error, whose sentence names these things.
    #[track_caller]
    fn ends(&self, procedure: &str, params: &Value, code: &str, named: &[&str]) {
        let (succeeded, reply) = self.beside(procedure, params);
        assert!(
            !succeeded && reply["code"] == code,
            "{procedure} {params} ends with {code}: {reply}"
        );
        let sentence = reply["message"].as_str().unwrap();
        for named in named {
            assert!(sentence.contains(named), "“{named}” is named: {sentence}");
        }
    }

    #[track_caller]
    fn plugin(&self, what: &str, code: &str, named: &[&str]) {
        self.plugin_with(json!({"what": what}), code, named);
    }

    #[track_caller]
    fn plugin_with(&self, params: Value, code: &str, named: &[&str]) {
        self.ends("hostile/behave", &params, code, named);
    }

    #[track_caller]
    fn script(&self, body: &str, code: &str, named: &[&str]) {
        self.site.script("hostile", NEEDS, body);
        self.ends("test/hostile", &json!({}), code, named);
    }
}

const NEEDS: &str = r#"needs = [
  { capability = "files", resource = "*", effect = "destructive" }, { capability = "http", resource = "*", effect = "read" },
]"#;

#[test]
fn an_endless_loop_is_ended() {
    let bench = Bench::new();
    bench.plugin("endless-loop", "P0720", &["hostile.wasm", "10 seconds"]);
    bench.script("loop { }", "P0621", &["test/hostile.rhai", "50000000"]);
}

#[test]
fn a_memory_bomb_is_ended() {
    let bench = Bench::new();
    bench.plugin("memory-bomb", "P0722", &["hostile.wasm", "256 MiB"]);
    bench.script("let s = \"x\"; loop { s += s; }", "P0622", &["test/hostile.rhai"]);
    bench.script("let a = []; loop { a.push(a); }", "P0622", &["test/hostile.rhai"]);
    bench.script("let a = []; loop { a.push(1); }", "P0622", &["test/hostile.rhai"]);
}

#[test]
fn a_stack_overflow_is_ended() {
    let bench = Bench::new();
    bench.plugin("stack-overflow", "P0723", &["hostile.wasm", "512 KiB"]);
    bench.script(
        "fn down(n) { down(n + 1) } down(0)",
        "P0623",
        &["test/hostile.rhai"],
    );
}

#[test]
fn a_trap_in_the_middle_ends_the_run_and_closes_its_step() {
    let bench = Bench::new();
    bench.plugin("trap-in-the-middle", "P0724", &["hostile.wasm"]);
    let runs = bench.site.all_runs();
    let hostile = runs
        .iter()
        .find(|row| row["procedure"] == "hostile/behave")
        .unwrap();
    let shown = bench.site.show(hostile["run"].as_str().unwrap());
    let marks: Vec<_> = shown["entries"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|entry| entry["kind"] == "step")
        .collect();
    assert_eq!(
        (&marks[0]["mark"], &marks[1]["mark"]),
        (&json!("begin"), &json!("closed"))
    );
    bench.script(
        "let x = 1; throw \"on purpose\"",
        "P0606",
        &["test/hostile.rhai", "on purpose"],
    );
}

#[test]
fn a_string_of_100_mib_is_refused() {
    let bench = Bench::new();
    bench.plugin("huge-string", "P0725", &["hostile.wasm", "32 MiB"]);
    bench.plugin("huge-result", "P0726", &["hostile.wasm", "32 MiB"]);
    bench.script(
        "let s = \"\"; s.pad(100 * 1024 * 1024, 'x'); run::log(\"info\", s)",
        "P0622",
        &["test/hostile.rhai"],
    );
}

#[test]
fn endless_calls_of_a_plugin_are_ended() {
    let bench = Bench::new();
    bench.plugin("endless-calls", "P0721", &["hostile.wasm", "1000000"]);
}

#[test]
fn endless_calls_of_a_script_are_ended() {
    let bench = Bench::new();
    bench.script("loop { run::now(); }", "P0109", &["1000000"]);
}

#[test]
fn nothing_outside_the_root_is_read_or_written() {
    let bench = Bench::new();
    let passwd = "/etc/passwd";
    bench.plugin("read-parent", "P0306", &["../outside.txt", "“web”"]);
    bench.plugin("read-absolute", "P0306", &[passwd]);
    for (path, code) in [
        ("../outside.txt", "P0306"),
        ("html/../../outside.txt", "P0306"),
        (passwd, "P0306"),
        ("leads-out", "P0307"),
        ("etc/passwd", "P0307"),
        ("html/\u{202e}page.htm", "P0306"),
        ("html//page.htm", "P0306"),
    ] {
        for what in ["read-path", "write-path"] {
            bench.plugin_with(json!({"what": what, "path": path}), code, &["web"]);
        }
        let literal = serde_json::to_string(path)
            .unwrap()
            .replace('\u{202e}', "\\u{202e}")
            .replace("\\u{202e}", "\\u202e");
        for call in [
            "files::read(\"web\", PATH)",
            "files::write(\"web\", PATH, \"taken\")",
            "files::remove(\"web\", PATH + \"/\")",
        ] {
            if call.contains("remove") && code == "P0307" {
                continue;
            }
            bench.script(&call.replace("PATH", &literal), code, &["web"]);
        }
    }
    assert_eq!(bench.site.read("outside.txt"), OUTSIDE);
    let runs = bench.site.all_runs();
    for row in runs {
        let shown = bench.site.show(row["run"].as_str().unwrap()).to_string();
        assert!(
            !shown.contains(OUTSIDE) && !shown.contains("root:x:0:0"),
            "no journal has it: {row}"
        );
    }
}

#[test]
fn a_folder_that_becomes_a_link_while_it_is_used_leads_nowhere_else() {
    let bench = Bench::new();
    let site = &bench.site;
    std::fs::create_dir(site.path("outside")).unwrap();
    site.write("outside/page.txt", OUTSIDE);
    site.write("root/real/page.txt", "inside\n");
    let (swapped, real) = (site.path("root/swapped"), site.path("root/real"));
    let body = |call: &str| {
        format!(
            "let seen = #{{}}; for n in 0..300 {{ try {{ seen[{call}] = true; }} catch (error) {{ seen[error.code] = true; }} }} seen.keys()"
        )
    };
    site.script(
        "reads",
        NEEDS,
        &body(r#"files::read("web", "swapped/page.txt").text"#),
    );
    site.script(
        "writes",
        NEEDS,
        &body(r#"files::write("web", "swapped/page.txt", "inside " + n + "\n").changed.to_string()"#),
    );
    let again = |what: &str| json!({"what": what, "path": "swapped/page.txt"});
    for (procedure, params) in [
        ("hostile/behave", again("read-again-and-again")),
        ("hostile/behave", again("write-again-and-again")),
        ("test/reads", json!({})),
        ("test/writes", json!({})),
    ] {
        let over = AtomicBool::new(false);
        let (seen, swaps) = std::thread::scope(|scope| {
            let swapping = scope.spawn(|| {
                let mut swaps = 0;
                while !over.load(Ordering::Relaxed) {
                    std::os::unix::fs::symlink("../outside", &swapped).unwrap();
                    std::fs::remove_file(&swapped).unwrap();
                    std::fs::rename(&real, &swapped).unwrap();
                    std::fs::rename(&swapped, &real).unwrap();
                    swaps += 1;
                }
                swaps
            });
            let ended = bench.beside(procedure, &params);
            over.store(true, Ordering::Relaxed);
            (ended, swapping.join().unwrap())
        });
        assert!(swaps > 100, "it was swapped all the time: {swaps}");
        assert!(seen.0, "{seen:?}");
        let seen = seen.1.to_string();
        assert!(!seen.contains(OUTSIDE), "{procedure} {params} saw {seen}");
        assert!(
            seen.contains("P03"),
            "it met the link or the gap at times: {seen}"
        );
        assert_eq!(site.read("outside/page.txt"), OUTSIDE, "{procedure} {params}");
        let there: Vec<_> = std::fs::read_dir(site.path("outside")).unwrap().collect();
        assert_eq!(
            there.len(),
            1,
            "{procedure} {params} left something outside: {there:?}"
        );
    }
}

#[test]
fn an_origin_that_is_not_granted_is_not_asked_nor_one_it_redirects_to() {
    let bench = Bench::new();
    let fetch = |origin: &str, path: &str| json!({"what": "fetch", "origin": origin, "path": path});
    bench.plugin_with(fetch("other", "/"), "P0106", &["http/other"]);
    bench.plugin_with(fetch("nowhere", "/"), "P0106", &["http/nowhere"]);
    bench.plugin_with(
        fetch("web", "/redirect"),
        "P0420",
        &["/secret", &bench.other.origin],
    );
    let send = |origin: &str, path: &str| {
        format!("http::send(#{{origin: \"{origin}\", method: \"GET\", path: \"{path}\", headers: []}})")
    };
    bench.script(&send("other", "/"), "P0106", &["http/other"]);
    bench.script(
        &send("web", "/redirect"),
        "P0420",
        &["/secret", &bench.other.origin],
    );
    // The address itself is no name of an origin.
    bench.script(&send(&bench.other.origin, "/"), "P0106", &[&bench.other.origin]);
    assert_eq!(bench.other.asked(), [], "nobody has asked the other server");
    assert!(!bench.granted.asked().is_empty());
}

/// A copy of a plugin's file with bytes replaced by others of the same length.
fn altered(from: &str, to: &str) -> Vec<u8> {
    assert_eq!(from.len(), to.len());
    let mut bytes = std::fs::read(plugin("tests/hostile")).unwrap();
    let mut count = 0;
    let mut at = 0;
    while let Some(found) = bytes[at..]
        .windows(from.len())
        .position(|window| window == from.as_bytes())
    {
        bytes[at + found..at + found + from.len()].copy_from_slice(to.as_bytes());
        at += found + from.len();
        count += 1;
    }
    assert!(count > 0, "{from} stands in the plugin");
    bytes
}

#[test]
fn what_is_no_plugin_of_this_host_is_refused_while_another_run_goes_on() {
    let bench = Bench::new();
    let good = bench.site.start(["run", "test/good"]);
    let whole = std::fs::read(plugin("tests/hostile")).unwrap();
    let module = b"\0asm\x01\0\0\0".to_vec();
    let cases: [(&str, Vec<u8>, &str, &str); 7] = [
        (
            "unknown",
            altered("procedo:host/run@0.1.0", "procedo:host/fun@0.1.0"),
            "P0706",
            "procedo:host/fun@0.1.0",
        ),
        (
            "newer",
            altered("procedo:host/run@0.1.0", "procedo:host/run@0.9.0"),
            "P0707",
            "0.9.0",
        ),
        ("module", module, "P0704", "module.wasm"),
        (
            "text",
            b"This is not WebAssembly.\n".to_vec(),
            "P0703",
            "text.wasm",
        ),
        ("empty", Vec::new(), "P0703", "empty.wasm"),
        (
            "truncated",
            whole[..whole.len() / 2].to_vec(),
            "P0705",
            "truncated.wasm",
        ),
        (
            "shortened",
            whole[..whole.len() - 1].to_vec(),
            "P0705",
            "shortened.wasm",
        ),
    ];
    for (name, bytes, code, named) in cases {
        let file = bench.site.beside(&format!("{name}.wasm"));
        std::fs::write(&file, bytes).unwrap();
        let done = bench.site.json(["plugin", "install", file.to_str().unwrap()]);
        assert_ne!(done.code(), Some(0), "{name}: {done}");
        let (found, sentence) = done.error();
        assert_eq!(found, code, "{name}: {done}");
        assert!(
            sentence.contains(named) && sentence.contains(&format!("{name}.wasm")),
            "{name}: {sentence}"
        );
        // It is refused as well where somebody put it without installing it.
        std::fs::copy(&file, bench.site.path(&format!("plugins/{name}.wasm"))).unwrap();
        let listed = bench.site.json(["procedures"]);
        assert!(!listed.out.contains(&format!("plugins/{name}.wasm")), "{listed}");
        std::fs::remove_file(bench.site.path(&format!("plugins/{name}.wasm"))).unwrap();
    }
    good.wait().ok();
}

#[test]
fn a_plugin_that_was_exchanged_after_it_was_installed_does_not_run() {
    let bench = Bench::new();
    let other = std::fs::read(plugin("tests/calls")).unwrap();
    bench.site.write("plugins/hostile.wasm", other);
    let refused = bench.site.json([
        "run",
        "calls/make",
        "-p",
        "operation=files.read",
        "-p",
        "resource=web",
    ]);
    assert_ne!(refused.code(), Some(0), "{refused}");
    let checked = bench.site.json(["check"]);
    assert!(
        format!("{}{}", checked.out, checked.err).contains("P0029"),
        "{checked}"
    );
}

#[test]
fn what_is_no_script_is_refused_with_line_and_column() {
    let bench = Bench::new();
    for (body, code, named) in [
        ("let x = ;", "P0603", "test/hostile.rhai:9:9"),
        ("eval(\"1\")", "P0603", "test/hostile.rhai:9:1"),
        ("import \"/etc/passwd\" as p;", "P0612", "/etc/passwd"),
        ("import \"../../outside\" as p;", "P0612", "../../outside"),
        ("import \"nothing\" as p;", "P0613", "nothing"),
    ] {
        bench.site.script("hostile", NEEDS, body);
        let done: Done = bench.site.json(["run", "test/hostile"]).ended(2);
        let (found, sentence) = done.error();
        assert!(found == code && sentence.contains(named), "{body}: {done}");
    }
}
