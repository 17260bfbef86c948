//! How commands end: exit codes, interruption, locks.

use crate::support::{Said, Site, ended};
use rustix::process::{Pid, Signal, kill_process};
use std::ffi::OsStr;
use std::io::{BufRead, BufReader};
use std::os::unix::ffi::OsStrExt;
use std::process::Child;

/// Reads a process's lines until one of them holds a text; the lines so far.
fn until(child: &mut Child, text: &str) -> Vec<String> {
    let mut lines = Vec::new();
    let mut reader = BufReader::new(child.stdout.as_mut().unwrap());
    loop {
        let mut line = String::new();
        assert_ne!(
            reader.read_line(&mut line).unwrap(),
            0,
            "it ended without “{text}”: {lines:?}"
        );
        lines.push(line);
        if lines.last().unwrap().contains(text) {
            return lines;
        }
    }
}

fn signal(child: &Child, signal: Signal) {
    kill_process(Pid::from_child(child), signal).unwrap();
}

#[test]
fn the_exit_code_tells_how_it_went() {
    let site = Site::new();
    site.run(&["run", "web/write", "-p", "text=x"]).exits(0);
    site.run(&["run", "web/ask", "--answer", "go=false"]).exits(1);
    site.run(&["run", "web/write"]).exits(2);
    site.run(&["run", "other/denied"]).exits(3);
    site.run(&["run", "web/ask"]).exits(4);
    assert_eq!(site.run(&["run"]).exits(2).error(), "P0012");
    assert_eq!(
        site.run(&["run", "web/write", "--colour"]).exits(2).error(),
        "P0011"
    );
    assert_eq!(site.run(&["runs", "--lang", "fr"]).exits(2).error(), "P0013");
    assert_eq!(site.run(&["explain", "P9999"]).exits(2).error(), "P0022");
    assert!(site.run(&["explain", "p106"]).exits(0).out.starts_with("# P0106"));
    assert!(site.run(&["--help"]).exits(0).out.contains("procedures"));
    assert!(site.run(&["--version"]).exits(0).out.starts_with("procedo 0"));
    site.run(&[]).exits(2);
}

#[test]
fn a_step_that_ended_with_a_failed_call_is_not_called_good_though_the_run_goes_on() {
    let site = Site::new();
    site.write(
        "scripts/web/caught.rhai",
        r#"//! id = "web/caught"
//! steps = ["lost", "written"]
//! [[needs]]
//! capability = "files"
//! resource = "web"
//! effect = "write"
//! [texts.en]
//! title = "Catch"
//! summary = "Goes on after a step that failed."
//! step-lost = "Lost"
//! step-written = "Written"
try { step("lost", || { files::read("web", "nowhere.txt"); }); } catch {}
step("written", || { files::write("web", "written.txt", "x"); });
"#,
    );
    let said = site.run(&["run", "web/caught"]).exits(0).out;
    assert!(said.contains("■ Lost") && said.contains("✓ Written"), "{said}");
    assert!(!said.contains("✓ Lost"), "{said}");
    // The journal tells it alike.
    let run = site.run(&["runs"]).exits(0).run();
    let shown = site.run(&["show", &run]).exits(0).out;
    assert!(shown.contains("■ Lost") && shown.contains("✓ Written"), "{shown}");
}

#[test]
fn a_step_that_the_run_failed_in_is_shown_so_and_the_steps_before_it_are_good() {
    let site = Site::new();
    site.write("scripts/web/fails.rhai", FAILS);
    let said = site.run(&["run", "web/fails"]).exits(1);
    assert!(
        said.out.contains("✗ Bad") && said.out.contains("✓ Good"),
        "{said:?}"
    );
    let run = site.run(&["runs"]).exits(0).run();
    let shown = site.run(&["show", &run]).exits(0).out;
    assert!(shown.contains("✗ Bad") && shown.contains("✓ Good"), "{shown}");
}

/// A script with a step that goes well and one that fails.
const FAILS: &str = r#"//! id = "web/fails"
//! steps = ["good", "bad"]
//! [texts.en]
//! title = "Fail"
//! summary = "Fails in its second step."
//! step-good = "Good"
//! step-bad = "Bad"
step("good", || run::log("info", "done"));
step("bad", || fail("conflict", "kept", "Somebody holds it."));
"#;

#[test]
fn that_a_child_failed_is_told_whatever_its_parent_makes_of_it() {
    let site = Site::new();
    site.write("scripts/web/fails.rhai", FAILS);
    site.write(
        "scripts/web/parent.rhai",
        r#"//! id = "web/parent"
//! steps = ["start"]
//! [[needs]]
//! capability = "run"
//! resource = "web/fails"
//! effect = "write"
//! [texts.en]
//! title = "Start another"
//! summary = "Starts one that fails."
//! step-start = "Start"
step("start", || run::run_child("web/fails", #{}).succeeded)
"#,
    );
    site.declare("\n[[grant]]\nprocedure = \"web/parent\"\ncapability = \"run\"\nresource = \"web/fails\"\neffect = \"write\"\n");
    let said = site.run(&["run", "web/parent"]).exits(0);
    let told = |text: &str| text.contains("of web/fails failed: Somebody holds it.");
    assert!(
        told(&said.out) && said.out.contains("✗ Bad") && said.out.contains("✓ Start"),
        "{said:?}"
    );
    let run = site.run(&["runs"]).exits(0).run();
    let shown = site.run(&["show", &run]).exits(0).out;
    assert!(told(&shown), "{shown}");
    let several = site.read("scripts/web/parent.rhai").replace(
        "run::run_child(\"web/fails\", #{}).succeeded",
        "run::run_children([#{procedure: \"web/fails\", params: #{}}, #{procedure: \"web/fails\", params: #{}}]).len()",
    );
    site.write(
        "scripts/web/several.rhai",
        &several.replace("web/parent", "web/several"),
    );
    let grants = site.read("procedo.toml");
    site.write("procedo.toml", &grants.replace("\"web/parent\"", "\"web/*\""));
    let said = site.run(&["run", "web/several"]).exits(0);
    let times = |sign: &str| said.out.matches(sign).count();
    assert_eq!(
        (times("✗ Bad"), times("✓ Bad"), times("✓ Good")),
        (2, 0, 2),
        "{said:?}"
    );
    let documents = site.run(&["run", "web/parent", "--json"]).exits(0).documents();
    let ends = documents
        .iter()
        .filter(|document| document["event"] == "child-failed");
    assert_eq!(ends.count(), 1, "{documents:?}");
}

#[test]
fn a_run_whose_script_was_changed_meanwhile_has_diverged() {
    let site = Site::new();
    let run = site.run(&["run", "web/ask"]).exits(4).run();
    let changed = site
        .read("scripts/web/ask.rhai")
        .replace("begun.txt", "other.txt");
    site.write("scripts/web/ask.rhai", &changed);
    site.run(&["answer", &run, "yes"]).exits(0);
    let said = site.run(&["resume", &run]).exits(5);
    assert!(said.out.contains("Diverged"), "{said:?}");
    assert_eq!(site.run(&["runs", "--json"]).json()[0]["state"], "diverged");
    // Put back, it goes on.
    site.write("scripts/web/ask.rhai", crate::support::ASK);
    site.run(&["resume", &run]).exits(4);
}

#[test]
fn ctrl_c_leaves_a_run_that_can_be_resumed() {
    for which in [Signal::INT, Signal::TERM] {
        let site = Site::new();
        let mut child = site.start(&["run", "web/hold"]);
        until(&mut child, "held.txt");
        signal(&child, which);
        let said = ended(child).exits(4);
        assert!(said.out.contains("procedo resume"), "{said:?}");
        let rows = site.run(&["runs", "--json"]).json();
        assert_eq!(rows[0]["state"], "interrupted");
        let listed = site.run(&["resume"]).exits(0);
        assert!(
            listed.out.contains("interrupted") && listed.out.contains("web/hold"),
            "{listed:?}"
        );
        // No command goes on with it by itself.
        assert_eq!(site.run(&["runs", "--json"]).json()[0]["state"], "interrupted");
        site.run(&["cancel", rows[0]["run"].as_str().unwrap(), "--reason", "enough"])
            .exits(0);
        assert_eq!(site.run(&["runs", "--json"]).json()[0]["state"], "cancelled");
        assert!(site.run(&["resume"]).out.contains("No run waits"));
    }
}

#[test]
fn a_run_whose_process_was_killed_is_listed_as_interrupted_and_resumes() {
    let site = Site::new();
    let mut child = site.start(&["run", "web/hold", "-p", "milliseconds=300"]);
    until(&mut child, "held.txt");
    child.kill().unwrap();
    child.wait().unwrap();
    let rows = site.run(&["runs", "--json"]).json();
    assert_eq!(rows[0]["state"], "interrupted");
    let human = site.run(&["runs"]);
    assert!(
        human.out.contains("interrupted") && human.err.contains("procedo resume"),
        "{human:?}"
    );
    site.run(&["resume", rows[0]["run"].as_str().unwrap()]).exits(0);
}

#[test]
fn the_lock_holds_the_second_run_which_says_for_whom_it_waits() {
    let site = Site::new();
    let mut first = site.start(&["run", "web/hold"]);
    let lines = until(&mut first, "held.txt");
    let holder = Said {
        code: 0,
        out: lines.concat(),
        err: String::new(),
    }
    .run();

    let said = site
        .run(&["run", "web/write", "-p", "text=x", "--no-wait"])
        .exits(4);
    assert!(said.out.contains(&holder), "{said:?}");
    let waiting = said.run();

    let mut second = site.start(&["run", "web/write", "-p", "text=second"]);
    let told = until(&mut second, "held by").concat();
    assert!(told.contains(&holder) && told.contains("web/hold"), "{told}");
    assert!(!site.path("web/a.htm").exists());
    // The lock is free as soon as its holder has ended, however it ends.
    site.run(&["cancel", &holder]).exits(0);
    ended(first).exits(1);
    ended(second).exits(0);
    assert_eq!(site.read("web/a.htm"), "second");
    site.run(&["resume", &waiting]).exits(0);
    assert_eq!(site.read("web/a.htm"), "x");
}

#[test]
fn a_lock_whose_holder_rests_is_not_waited_for() {
    let site = Site::new();
    let holder = site.run(&["run", "web/ask"]).exits(4).run();
    let said = site.run(&["run", "web/write", "-p", "text=x"]).exits(4);
    assert!(
        said.out.contains(&holder) && said.out.contains("does not go on by itself"),
        "{said:?}"
    );
}

#[test]
fn a_run_that_is_being_worked_on_cannot_be_taken_but_cancelled() {
    let site = Site::new();
    let mut child = site.start(&["run", "web/hold"]);
    let lines = until(&mut child, "held.txt");
    let run = Said {
        code: 0,
        out: lines.concat(),
        err: String::new(),
    }
    .run();
    let said = site.run(&["resume", &run]).exits(1);
    assert_eq!(said.error(), "P0201", "{said:?}");
    assert_eq!(site.run(&["runs", "--json"]).json()[0]["state"], "running");
    let said = site.run(&["cancel", &run, "--reason", "wrong page"]).exits(0);
    assert!(said.out.contains("before its next call"), "{said:?}");
    let ended = ended(child).exits(1);
    assert!(ended.out.contains("wrong page"), "{ended:?}");
    assert_eq!(site.run(&["runs", "--json"]).json()[0]["state"], "cancelled");
    assert_eq!(site.run(&["resume", &run]).exits(1).error(), "P0117");
}

/// A command whose standard error nobody reads any more.
fn unheard(site: &Site, args: &[&str]) -> i32 {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let mut command = site.command(args);
    command
        .stdin(std::process::Stdio::null())
        .stdout(std::process::Stdio::null())
        .stderr(writer);
    command.status().unwrap().code().unwrap()
}

#[test]
fn that_nobody_reads_what_went_wrong_is_no_bug() {
    let site = Site::new();
    assert_eq!(unheard(&site, &["run", "web/ask", "--answer", "go=false"]), 1);
    assert_eq!(unheard(&site, &["run", "web/write"]), 2);
    assert_eq!(unheard(&site, &[]), 2);
}

#[test]
fn an_export_that_nobody_reads_to_its_end_says_nothing_of_the_journal() {
    let site = Site::new();
    site.run(&["run", "web/write", "-p", "text=x"]).exits(0);
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let mut command = site.command(&["audit", "export"]);
    command.stdout(writer);
    let output = command.output().unwrap();
    assert_eq!(
        (output.status.code(), output.stderr.as_slice()),
        (Some(0), &b""[..])
    );
    let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
    let mut command = site.command(&["audit", "export"]);
    command.stdout(full);
    let output = command.output().unwrap();
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(told.starts_with("P0004"), "{told}");
    assert_eq!(
        site.run(&["audit", "export", "-o", "/dev/full"]).exits(1).error(),
        "P0004"
    );
}

#[test]
fn a_window_is_overridden_for_a_reason_that_the_journal_tells() {
    let site = Site::new();
    let write = ["run", "web/write", "-p", "text=x", "--override"];
    assert_eq!(site.run(&[&write[..], &[" "]].concat()).exits(2).error(), "P0014");
    let run = site
        .run(&[&write[..], &["the site is down"]].concat())
        .exits(0)
        .run();
    assert!(site.run(&["show", &run]).out.contains("the site is down"));
}

#[test]
fn help_and_what_is_wrong_with_a_command_line_name_arguments_in_the_language_of_the_reader() {
    let site = Site::new();
    let help = site.run(&["run", "--help", "--lang", "es"]).exits(0).out;
    for word in ["[OPCIONES]", "<CARPETA>", "<NOMBRE=VALOR>", "<PROCEDIMIENTO>"] {
        assert!(help.contains(word), "{word}: {help}");
    }
    for word in ["[OPTIONS]", "<DIR>", "<FILE>", "<LANGUAGE>"] {
        assert!(!help.contains(word), "{word}: {help}");
    }
    assert!(
        site.run(&["run", "--lang", "de"])
            .exits(2)
            .err
            .contains("<PROZEDUR>")
    );
    let mut command = site.command(&["run", "--lang", "de"]);
    command.arg(OsStr::from_bytes(&[0xff]));
    let said = crate::support::said(command).exits(2);
    assert!(
        said.err.starts_with("P0016") && !said.err.contains("invalid"),
        "{said:?}"
    );
}

#[test]
fn who_would_serve_a_site_too_is_told_since_when_it_is_served_in_the_zone_of_the_site() {
    let site = Site::new();
    let declared = site.read("procedo.toml");
    site.write(
        "procedo.toml",
        &format!("time-zone = \"Asia/Kathmandu\"\n{declared}"),
    );
    let mut serving = site.start(&["serve"]);
    until(&mut serving, "test");
    let said = site.run(&["serve"]);
    signal(&serving, Signal::TERM);
    ended(serving).exits(0);
    assert!(said.error() == "P1320" && said.err.contains("+05:45"), "{said:?}");
}
