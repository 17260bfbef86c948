//! Scripts that catch all there is to catch: they are suspended, stopped by limits and cancelled like any other, and nothing
//! they do afterwards happens.

#![allow(clippy::unwrap_used, reason = "what a helper meets fails its test, too")]

use procedo_tests::Site;
use procedo_tests::journal::{changes, of_kind};
use serde_json::json;

/// Ways to catch everything. `BODY` is what must not be survived.
const CATCHING: [&str; 6] = [
    "try { BODY } catch (e) { caught += 1; }",
    "try { [1].for_each(|| { try { BODY } catch (e) { } }); } catch (e) { caught += 1; }",
    "try { [1].map(|x| { BODY }); } catch (e) { caught += 1; }",
    "try { [1].filter(|x| { BODY; true }); } catch (e) { caught += 1; }",
    "try { step(\"work\", || { try { BODY } catch (e) { } }) } catch (e) { caught += 1; }",
    "fn f() { try { BODY } catch (e) { 0 } } try { f(); } catch (e) { caught += 1; }",
];

/// What it does as if nothing had happened: it writes, and claims to have succeeded.
const AFTERWARDS: &str = r#"
for n in 0..3 { try { files::write("example", "afterwards.txt", "it went on"); } catch (e) { caught += 1; } }
#{ claimed: "success", caught: caught }"#;

const HEADER: &str = r#"steps = ["work"]
needs = [{ capability = "files", resource = "example", effect = "write" }]"#;

/// A site with one script for each way of catching, around a body.
fn catching(body: &str) -> (Site, Vec<String>) {
    let site = Site::new();
    site.grant("test/*", "files", "example", "write");
    let names: Vec<_> = (0..CATCHING.len()).map(|n| format!("way-{n}")).collect();
    for (name, way) in names.iter().zip(CATCHING) {
        site.script(
            name,
            HEADER,
            &format!("let caught = 0;\n{}\n{AFTERWARDS}", way.replace("BODY", body)),
        );
    }
    (site, names.iter().map(|name| format!("test/{name}")).collect())
}

#[test]
fn a_question_suspends_it() {
    let (site, procedures) = catching(r#"run::confirm("sure", "Shall it go on?");"#);
    for procedure in procedures {
        let waiting = site.json(["run", &procedure]).ended(4);
        assert_eq!(waiting.last()["waiting"]["for"], "answer", "{waiting}");
        let run = waiting.run();
        assert_eq!(site.state(&run), "waiting");
        assert!(
            !site.path("files/afterwards.txt").exists(),
            "{procedure} went on while it waited"
        );
        let shown = site.show(&run);
        assert_eq!(
            shown["entries"].as_array().unwrap().last().unwrap()["kind"],
            "waiting",
            "{procedure}"
        );

        site.procedo(["answer", &run, "yes"]).ok();
        let done = site.json(["resume", &run]).ok();
        assert_eq!(
            done.last()["result"],
            json!({"claimed": "success", "caught": 0}),
            "{procedure}"
        );
        assert_eq!(
            changes(&site.show(&run)),
            [r#""files.write" "afterwards.txt""#],
            "{procedure}"
        );
        std::fs::remove_file(site.path("files/afterwards.txt")).unwrap();
    }
    site.whole();
}

#[test]
fn the_limit_of_operations_ends_it() {
    let (site, procedures) = catching("loop { }");
    for procedure in procedures {
        let failed = site.json(["run", &procedure]).ended(1);
        assert_eq!(failed.error().0, "P0621", "{procedure}: {failed}");
        assert_eq!(site.state(&failed.run()), "failed");
        assert!(
            !site.path("files/afterwards.txt").exists(),
            "{procedure} went on after its end"
        );
    }
}

/// The limits of one value end it, too, wherever they are reached.
#[test]
fn the_limits_of_size_and_depth_end_it() {
    for (body, code) in [
        ("let s = \"x\"; loop { s += s; }", "P0622"),
        ("let a = []; loop { a += [1, 2, 3]; a += a; }", "P0622"),
        ("down(0)", "P0623"),
    ] {
        let (site, procedures) = catching(body);
        for (procedure, way) in procedures.iter().zip(CATCHING) {
            let name = procedure.strip_prefix("test/").unwrap();
            let down = format!(
                "fn down(n) {{ down(n + 1) }}\n let caught = 0;\n{}\n{AFTERWARDS}",
                way.replace("BODY", body)
            );
            site.script(name, HEADER, &down);
            let failed = site.json(["run", procedure]).ended(1);
            assert_eq!(failed.error().0, code, "{procedure}: {failed}");
            assert!(
                !site.path("files/afterwards.txt").exists(),
                "{procedure} went on after its end"
            );
        }
    }
}

#[test]
fn it_is_cancelled_while_it_computes_calls_or_waits() {
    for body in ["loop { }", "loop { run::now(); }", "run::sleep(50000);"] {
        let (site, procedures) = catching(&format!(
            "files::write(\"example\", \"began.txt\", \"x\"); {body}"
        ));
        for procedure in &procedures {
            let running = site.start(["run", procedure]);
            site.until("its first write", || {
                site.path("files/began.txt").exists().then_some(())
            });
            let run = site.runs()[0]["run"].as_str().unwrap().to_owned();
            site.procedo(["cancel", &run, "--reason", "enough"]).ok();
            let ended = running.wait();
            // One that computes without a call may reach its limit first; then it is that which ends it.
            assert_eq!(ended.code(), Some(1), "{procedure} {body}: {ended}");
            assert_eq!(site.state(&run), "cancelled", "{procedure} {body}: {ended}");
            assert!(
                !site.path("files/afterwards.txt").exists(),
                "{procedure} went on after its end"
            );
            let decided = of_kind(&site.show(&run), "decided").len();
            assert_eq!(decided, 1, "{procedure} {body}");
            std::fs::remove_file(site.path("files/began.txt")).unwrap();
        }
        site.whole();
    }
}

#[test]
fn it_is_cancelled_while_nobody_works_on_it() {
    let (site, procedures) = catching(r#"run::confirm("sure", "Shall it go on?");"#);
    let run = site.json(["run", &procedures[1]]).ended(4).run();
    site.procedo(["cancel", &run]).ok();
    assert_eq!(site.state(&run), "cancelled");
    let again = site.json(["resume", &run]);
    assert_eq!(again.error().0, "P0117", "{again}");
    assert!(!site.path("files/afterwards.txt").exists());
}
