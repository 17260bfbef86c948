//! Several processes on one site: people decide about a run that another process works on, runs wait for each other's
//! locks, and the record stays whole.

#![allow(clippy::unwrap_used, reason = "what a helper meets fails its test, too")]

use procedo_tests::journal::of_kind;
use procedo_tests::{LOCALIZE, Site};
use serde_json::Value;

/// The token that `user add` prints.
fn token(site: &Site, name: &str, role: &str, by: Option<&str>) -> String {
    let mut command = site.command(
        procedo_tests::Program::Procedo,
        ["user", "add", name, "--role", role, "--json"],
    );
    if let Some(by) = by {
        command.env("PROCEDO_TOKEN", by);
    }
    let added = procedo_tests::Done::of(&mut command).ok().json();
    added["token"].as_str().unwrap().to_owned()
}

/// The run of a procedure, once it is there.
fn run_of(site: &Site, procedure: &str) -> String {
    site.until(procedure, || {
        let row = site
            .runs()
            .into_iter()
            .find(|row| row["procedure"] == procedure)?;
        Some(row["run"].as_str()?.to_owned())
    })
}

const WRITES: &str = r#"needs = [{ capability = "files", resource = "example", effect = "write" }]"#;

#[test]
fn approving_answering_and_cancelling_while_another_run_works_leaves_the_record_whole() {
    let site = Site::new();
    site.grant("test/*", "files", "example", "write");
    site.declare("[[policy]]\nprocedure = \"test/approved\"\napprovals = 2");
    site.script(
        "approved",
        WRITES,
        r#"files::write("example", "approved.txt", "x")"#,
    );
    site.script(
        "asks",
        "",
        r#"let sum = 0; for n in 0..5 { if run::confirm("q" + n, "Go on?") { sum += 1; } } sum"#,
    );
    site.script("ends", "", r#"run::confirm("q", "Go on?")"#);
    // More than it gets through before it is cancelled, on however quick a machine.
    let busy = r#"for n in 0..1000000 { files::write("example", "busy.txt", "line " + n); } "done""#;
    site.script("busy", WRITES, busy);
    let admin = token(&site, "anna", "admin", None);
    let bernd = token(&site, "bernd", "approver", Some(&admin));
    let as_person = |token: &str, args: &[&str]| {
        let mut command = site.command(procedo_tests::Program::Procedo, args);
        procedo_tests::Done::of(command.arg("--json").env("PROCEDO_TOKEN", token))
    };
    // Waiting runs, made before.
    let asking = as_person(&admin, &["run", "test/asks"]).ended(4).run();
    let approving = as_person(&admin, &["run", "test/approved"]).ended(4).run();
    let ending: Vec<_> = (0..4)
        .map(|_| as_person(&admin, &["run", "test/ends"]).ended(4).run())
        .collect();

    let mut command = site.command(procedo_tests::Program::Procedo, ["run", "test/busy", "--json"]);
    let mut busy = procedo_tests::program::Running::start(command.env("PROCEDO_TOKEN", &admin));
    let busy_run = run_of(&site, "test/busy");
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for n in 0..5 {
                as_person(
                    &admin,
                    &["answer", &asking, if n % 2 == 0 { "yes" } else { "no" }],
                )
                .ok();
                as_person(&admin, &["resume", &asking]).ended(if n == 4 { 0 } else { 4 });
            }
        });
        scope.spawn(|| {
            for token in [&admin, &bernd] {
                as_person(token, &["approve", &approving]).ok();
            }
            as_person(&admin, &["resume", &approving]).ok();
            for run in &ending {
                as_person(&admin, &["cancel", run]).ok();
            }
        });
    });
    assert!(
        busy.runs(),
        "the third run has to be at work all the time for this to show anything"
    );
    as_person(&admin, &["cancel", &busy_run]).ok();
    let ended = busy.wait();
    assert_eq!(site.state(&busy_run), "cancelled", "{ended}");

    assert_eq!(
        (site.state(&asking), site.state(&approving)),
        ("succeeded".into(), "succeeded".into())
    );
    assert_eq!(
        site.show(&asking)["entries"].as_array().unwrap().last().unwrap()["succeeded"],
        3
    );
    assert!(ending.iter().all(|run| site.state(run) == "cancelled"));
    let approvals = site.show(&approving);
    let by: Vec<_> = of_kind(&approvals, "decided")
        .iter()
        .map(|entry| entry["by"]["person"].clone())
        .collect();
    assert_eq!(by, ["anna", "bernd"]);
    let report = site.json(["audit", "verify"]).ok().json();
    assert!(
        report["whole"] == true && report["unsigned"] == Value::Array(Vec::new()),
        "{report}"
    );
}

#[test]
fn many_processes_at_once_write_into_one_record() {
    let site = Site::new();
    site.grant("test/*", "files", "example", "write");
    let header = format!("{WRITES}\n[parameters]\nproperties.name = {{ type = \"string\" }}");
    site.script(
        "many",
        &header,
        r#"for n in 0..10 { files::write("example", params.name, "line " + n); }"#,
    );
    let running: Vec<_> = (0..6)
        .map(|n| site.start(["run", "test/many", "-p", &format!("name={n}.txt")]))
        .collect();
    for each in running {
        each.wait().ok();
    }
    assert_eq!(site.runs().len(), 6);
    assert!((0..6).all(|n| site.read(&format!("files/{n}.txt")) == "line 9"));
    site.whole();
}

#[test]
fn a_run_that_is_alive_cannot_be_taken_by_another_process() {
    let site = Site::new();
    site.script("sleeps", "", "run::sleep(40000)");
    let sleeping = site.start(["run", "test/sleeps"]);
    let run = run_of(&site, "test/sleeps");
    let (code, sentence) = site.json(["resume", &run]).error();
    assert_eq!(code, "P0201");
    assert!(sentence.contains(&run), "{sentence}");
    assert_eq!(site.state(&run), "running");
    sleeping.kill().killed();
    // The kernel gives the lease back with the process: no time-out, nobody to ask.
    assert_eq!(site.state(&run), "interrupted");
    site.procedo(["cancel", &run]).ok();
    assert_eq!(site.state(&run), "cancelled");
}

#[test]
fn the_lock_of_a_procedure_holds_the_second_run_which_says_for_whom_it_waits() {
    let site = Site::new();
    site.grant("test/*", "files", "example", "write");
    let header = format!(
        "{WRITES}\nlocks = [\"pages\"]\n[parameters]\nproperties.name = {{ type = \"string\" }}\n\
         properties.wait = {{ type = \"integer\", default = 0 }}"
    );
    let body = r#"
        files::write("example", params.name, "begun");
        while params.wait > 0 && files::stat("example", "go.txt").kind == () { run::sleep(20); }
        files::write("example", params.name, "done");"#;
    site.script("locked", &header, body);
    let first = site.start(["run", "test/locked", "-p", "name=first.txt", "-p", "wait=1"]);
    site.until("the first write", || {
        site.path("files/first.txt").exists().then_some(())
    });
    let holder = run_of(&site, "test/locked");

    // One that does not wait says for whom it would, and leaves.
    let left = site
        .json(["run", "test/locked", "-p", "name=third.txt", "--no-wait"])
        .ended(4);
    assert_eq!(left.last()["waiting"]["holder"], holder.as_str(), "{left}");
    let sentence = left.last()["message"].as_str().unwrap().to_owned();
    assert!(
        sentence.contains(&holder) && sentence.contains("pages"),
        "{sentence}"
    );

    let second = site.start(["run", "test/locked", "-p", "name=second.txt"]);
    let waiting = site.until("the second run to wait", || {
        let runs = site.runs();
        let row = runs
            .iter()
            .find(|row| row["state"] == "waiting" && row["run"] != left.run().as_str())?;
        Some(row["run"].as_str()?.to_owned())
    });
    assert!(
        !site.path("files/second.txt").exists(),
        "it has no effect while it waits"
    );
    site.write("files/go.txt", "");
    first.wait().ok();
    let done = second.wait().ok();
    assert_eq!(done.run(), waiting);
    let told = done
        .documents()
        .into_iter()
        .find(|told| told["event"] == "lock")
        .unwrap();
    assert_eq!(
        (told["lock"].as_str(), told["holder"].as_str()),
        (Some("pages"), Some(holder.as_str()))
    );
    assert_eq!(site.read("files/second.txt"), "done");
    site.json(["resume", &left.run()]).ok();
    assert_eq!(site.read("files/third.txt"), "done");
    site.whole();
}

#[test]
fn localising_twice_at_once_changes_the_pages_once() {
    let site = Site::lab_up();
    site.procedo(["procedures"]).ok();
    let (first, second) = (site.start(LOCALIZE), site.start(LOCALIZE));
    let ends = [first.wait(), second.wait()];
    // The second one planned before the first one's changes, so it may find the folder there with half of them; it then
    // reports a conflict and changes nothing. Whichever way, one of them does it, and the pages are whole.
    assert!(
        ends.iter().any(|end| end.code() == Some(0)),
        "{}{}",
        ends[0],
        ends[1]
    );
    let again = site.json(LOCALIZE).ok().last();
    assert_eq!(again["result"]["changed"], false);
    site.whole();
}
