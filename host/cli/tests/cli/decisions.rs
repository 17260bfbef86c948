//! Approvals, answers, undo: what people decide, each in a process of their own.

use crate::support::Site;
use serde_json::json;

#[test]
fn a_run_waits_for_its_answers_and_goes_on_in_another_process() {
    let site = Site::new();
    let said = site.run(&["run", "web/ask"]).exits(4);
    let run = said.run();
    assert!(
        said.out.contains("Shall it begin?") && said.out.contains("procedo answer"),
        "{said:?}"
    );
    assert_eq!(site.run(&["answer", &run, "perhaps"]).exits(2).error(), "P0127");
    site.run(&["answer", &run, "ja"]).exits(0);
    site.run(&["resume", &run]).exits(4);
    assert_eq!(
        site.run(&["answer", &run, "name=Ana", "colour=red"])
            .exits(2)
            .error(),
        "P0127"
    );
    assert_eq!(site.run(&["answer", &run, "age=36"]).exits(2).error(), "P0127");
    site.run(&["answer", &run, "name=Ana María", "age=36"]).exits(0);
    site.run(&["resume", &run]).exits(4);
    assert_eq!(site.run(&["answer", &run, "up"]).exits(2).error(), "P0127");
    site.run(&["answer", &run, "left"]).exits(0);
    site.run(&["resume", &run]).exits(0);
    assert_eq!(site.read("web/answer.txt"), "Ana María left\n");
    assert_eq!(site.run(&["answer", &run, "left"]).exits(1).error(), "P0146");
}

#[test]
fn answers_in_advance_need_nobody() {
    let site = Site::new();
    let answers = [
        "--answer",
        "go=true",
        "--answer",
        "who.name=Ñandú",
        "--answer",
        "way=right",
    ];
    site.run(&[&["run", "web/ask"], &answers[..]].concat()).exits(0);
    assert_eq!(site.read("web/answer.txt"), "Ñandú right\n");
}

#[test]
fn two_people_approve_with_their_tokens() {
    let site = Site::with_people();
    site.declare("\n[[policy]]\nprocedure = \"web/write\"\napprovals = 2\n");
    let said = site.run_as("ben", &["run", "web/write", "-p", "text=x"]).exits(4);
    let run = said.run();
    assert!(said.out.contains("procedo approve"), "{said:?}");
    assert!(!site.path("web/a.htm").exists());
    // An account alone does not approve, nor does a token of nobody or of a lesser role.
    assert_eq!(site.run(&["approve", &run]).exits(3).error(), "P0504");
    assert_eq!(
        site.run_as("nobody", &["approve", &run]).exits(3).error(),
        "P0503"
    );
    assert_eq!(site.run_as("ben", &["approve", &run]).exits(3).error(), "P0506");
    let approved = site.run_as("cleo", &["approve", &run]).exits(0);
    assert!(
        approved.out.contains("a.htm") && approved.out.contains("cleo approved"),
        "{approved:?}"
    );
    site.run_as("ben", &["resume", &run]).exits(4);
    // The same person counts once.
    site.run_as("cleo", &["approve", &run]).exits(0);
    site.run_as("ben", &["resume", &run]).exits(4);
    site.write("dora.token", "token-dora\n");
    site.run(&["approve", &run, "--token-file", "dora.token", "--json"])
        .exits(0);
    site.run_as("ben", &["resume", &run]).exits(0);
    assert_eq!(site.read("web/a.htm"), "x");
    let shown = site.run(&["show", &run]).out;
    assert!(
        shown.contains("cleo approved") && shown.contains("dora approved"),
        "{shown}"
    );
}

#[test]
fn a_supervised_procedure_is_approved_by_somebody_else() {
    let site = Site::with_people();
    let said = site.run_as("ana", &["run", "web/supervised", "--yes"]).exits(4);
    let run = said.run();
    assert_eq!(site.run_as("ana", &["approve", &run]).exits(3).error(), "P0505");
    site.run_as("cleo", &["approve", &run]).exits(0);
    site.run_as("ana", &["resume", &run]).exits(0);
    // On a site that lists nobody there is no second person.
    let site = Site::new();
    let run = site.run(&["run", "web/supervised", "--yes"]).exits(4).run();
    assert_eq!(site.run(&["approve", &run]).exits(3).error(), "P0510");
}

#[test]
fn yes_approves_in_advance_for_who_may() {
    let site = Site::with_people();
    site.declare("\n[[policy]]\nprocedure = \"web/write\"\napprovals = 1\n");
    site.run_as("cleo", &["run", "web/write", "-p", "text=x", "--yes"])
        .exits(0);
    let said = site
        .run_as("ben", &["run", "web/write", "-p", "text=y", "--yes"])
        .exits(4);
    assert!(said.err.contains("does not count"), "{said:?}");
    // Where the site lists nobody, whoever can write its folder approves.
    let site = Site::new();
    site.declare("\n[[policy]]\nprocedure = \"web/write\"\napprovals = 1\n");
    let run = site.run(&["run", "web/write", "-p", "text=x"]).exits(4).run();
    site.run(&["approve", &run]).exits(0);
    site.run(&["resume", &run]).exits(0);
    site.run(&["run", "web/write", "-p", "text=y", "--yes"]).exits(0);
}

#[test]
fn a_rejected_plan_ends_the_run_with_the_reason() {
    let site = Site::with_people();
    site.declare("\n[[policy]]\nprocedure = \"web/write\"\napprovals = 1\n");
    let run = site
        .run_as("ben", &["run", "web/write", "-p", "text=x"])
        .exits(4)
        .run();
    site.run_as("cleo", &["reject", &run, "--reason", "not on Fridays"])
        .exits(0);
    let said = site.run_as("ben", &["resume", &run]).exits(1);
    assert!(
        said.err.starts_with("P0124") && said.err.contains("not on Fridays"),
        "{said:?}"
    );
    assert!(!site.path("web/a.htm").exists());
}

#[test]
fn roles_are_kept_to() {
    let site = Site::with_people();
    let run = site.run_as("ben", &["run", "web/ask"]).exits(4).run();
    for (name, args) in [
        ("eva", &["plan", "web/write", "-p", "text=x"][..]),
        ("eva", &["run", "web/write", "-p", "text=x"]),
        ("eva", &["answer", &run, "yes"]),
        ("eva", &["cancel", &run]),
        ("eva", &["resume", &run]),
        ("eva", &["undo", &run, "--yes"]),
        ("ben", &["grant", "other/denied", "--yes"]),
        ("cleo", &["secret", "list"]),
        ("cleo", &["user", "add", "fred", "--role", "viewer"]),
        ("cleo", &["revoke", "web/*"]),
    ] {
        assert_eq!(site.run_as(name, args).exits(3).error(), "P0506", "{args:?}");
    }
    for args in [
        &["procedures"][..],
        &["runs"],
        &["show", &run],
        &["check"],
        &["grants"],
        &["audit", "verify"],
    ] {
        site.run_as("eva", args).exits(0);
    }
    // An account that the site does not list may look.
    site.run(&["runs"]).exits(0);
    assert_eq!(
        site.run(&["run", "web/write", "-p", "text=x"]).exits(3).error(),
        "P0506"
    );
}

#[test]
fn undo_shows_its_plan_asks_and_puts_everything_back() {
    let site = Site::new();
    site.write("web/a.htm", "before");
    let run = site.run(&["run", "web/write", "-p", "text=after"]).exits(0).run();
    let said = site.run(&["undo", &run]).exits(4);
    assert!(said.out.contains("a.htm is put back"), "{said:?}");
    assert_eq!(
        (said.error(), site.read("web/a.htm").as_str()),
        ("P0026", "after")
    );
    let undone = site.run(&["undo", &run, "--yes", "--json"]).exits(0).last();
    assert_eq!(
        undone["result"],
        json!({"undone": run, "reversed": 1, "kept": [], "irreversible": []})
    );
    assert_eq!(site.read("web/a.htm"), "before");
    assert_eq!(site.run(&["undo", &run, "--yes"]).exits(1).error(), "P0138");
    // An undo can be undone.
    site.run(&["undo", undone["run"].as_str().unwrap(), "--yes"])
        .exits(0);
    assert_eq!(site.read("web/a.htm"), "after");
}

#[test]
fn an_edit_by_hand_is_a_conflict_that_undo_asks_about() {
    let site = Site::new();
    let run = site.run(&["run", "web/write", "-p", "text=after"]).exits(0).run();
    site.write("web/a.htm", "edited by hand");
    let said = site.run(&["undo", &run, "--yes"]).exits(4);
    assert!(
        said.out.contains("changed since") && said.out.contains("keep|overwrite|stop"),
        "{said:?}"
    );
    let undo = said.out.lines().find(|line| line.starts_with("Run ")).unwrap()[4..24].to_owned();
    site.run(&["answer", &undo, "keep"]).exits(0);
    let said = site.run(&["resume", &undo]).exits(0);
    assert!(said.out.contains("Kept:"), "{said:?}");
    assert_eq!(site.read("web/a.htm"), "edited by hand");
}
