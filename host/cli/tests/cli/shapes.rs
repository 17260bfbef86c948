//! The JSON that others rely on.

use crate::support::Site;
use serde_json::{Value, json};

fn keys(value: &Value) -> Vec<&str> {
    value
        .as_object()
        .expect("an object")
        .keys()
        .map(String::as_str)
        .collect()
}

#[test]
fn procedures_are_listed_with_all_that_a_caller_needs() {
    let site = Site::new();
    let list = site
        .run(&["procedures", "--json", "--lang", "es"])
        .exits(0)
        .json();
    let ids: Vec<_> = list
        .as_array()
        .unwrap()
        .iter()
        .map(|p| p["id"].as_str().unwrap())
        .collect();
    assert_eq!(
        ids,
        [
            "other/denied",
            "web/ask",
            "web/hold",
            "web/supervised",
            "web/write"
        ]
    );
    let write = &list[4];
    for key in [
        "id",
        "title",
        "summary",
        "parameters",
        "needs",
        "flags",
        "form",
        "source",
    ] {
        assert!(write.get(key).is_some(), "{key}");
    }
    assert_eq!(write["title"], "Escribir una página");
    assert_eq!(
        write["needs"],
        json!([{"capability": "files", "resource": "web", "effect": "write"}])
    );
    assert_eq!(
        (&write["form"], &write["source"]),
        (&json!("script"), &json!("scripts/web/write.rhai"))
    );
    assert_eq!(list[3]["flags"], json!(["supervised"]));
}

#[test]
fn a_plan_lists_its_changes_and_alters_nothing() {
    let site = Site::new();
    let plan = site
        .run(&["plan", "web/write", "-p", "text=new\n", "--json"])
        .exits(0)
        .json();
    assert_eq!(plan["procedure"], "web/write");
    assert_eq!(plan["digest"].as_str().unwrap().len(), 64);
    let change = &plan["changes"][0];
    for key in [
        "seq", "call", "resource", "effect", "summary", "before", "after", "diff",
    ] {
        assert!(change.get(key).is_some(), "{key}");
    }
    assert_eq!(
        (
            &change["seq"],
            &change["call"],
            &change["resource"],
            &change["effect"],
            &change["step"]
        ),
        (
            &json!(1),
            &json!("files.write"),
            &json!("web"),
            &json!("write"),
            &json!("write")
        )
    );
    assert!(change["diff"].as_str().unwrap().contains("+new"));
    assert_eq!(plan["ended"]["complete"]["result"], json!({"changed": true}));
    assert_eq!(plan["steps"][1], json!({"name": "look", "verification": true}));
    assert!(!site.path("web/a.htm").exists());
    assert_eq!(site.run(&["runs", "--json"]).json(), json!([]));
}

#[test]
fn a_plan_that_cannot_go_on_or_would_fail_says_so() {
    let site = Site::new();
    let plan = site.run(&["plan", "web/ask", "--json"]).exits(0).json();
    assert!(
        plan["ended"]["partial"]["why"]
            .as_str()
            .unwrap()
            .contains("--answer go="),
        "{plan}"
    );
    let answers = [
        "--answer",
        "go=true",
        "--answer",
        "who.name=Ana",
        "--answer",
        "way=left",
    ];
    let plan = site
        .run(&[&["plan", "web/ask", "--json"], &answers[..]].concat())
        .exits(0)
        .json();
    assert_eq!(plan["changes"].as_array().unwrap().len(), 2);
    let plan = site.run(&["plan", "other/denied", "--json"]).exits(3).json();
    assert_eq!(plan["ended"]["fails"]["error"]["code"], "P0106");
}

#[test]
fn a_run_tells_events_a_line_each_and_its_end_in_the_last() {
    let site = Site::new();
    let said = site.run(&["run", "web/write", "-p", "text=x", "--json"]).exits(0);
    let documents = said.documents();
    let run = documents[0]["run"].clone();
    assert_eq!(
        documents[0],
        json!({"event": "started", "run": run, "procedure": "web/write"})
    );
    let events: Vec<_> = documents
        .iter()
        .filter_map(|document| document["event"].as_str())
        .collect();
    assert_eq!(events, ["started", "step", "change", "step", "step", "step"]);
    assert_eq!(
        said.last(),
        json!({"run": run, "state": "succeeded", "result": {"changed": true}})
    );
    let failed = site.run(&["run", "other/denied", "--json"]).exits(3).last();
    assert_eq!(
        (&failed["state"], &failed["error"]["code"]),
        (&json!("failed"), &json!("P0106"))
    );
    let waits = site.run(&["run", "web/ask", "--json"]).exits(4).last();
    assert_eq!(
        (&waits["state"], &waits["waiting"]["for"]),
        (&json!("waiting"), &json!("answer"))
    );
}

#[test]
fn a_run_is_shown_with_its_entries_and_what_it_waits_for() {
    let site = Site::new();
    let run = site.run(&["run", "web/ask"]).exits(4).run();
    let shown = site.run(&["show", &run, "--json"]).exits(0).json();
    for key in ["run", "procedure", "state", "waiting", "entries"] {
        assert!(shown.get(key).is_some(), "{key}");
    }
    assert_eq!(
        (&shown["state"], &shown["waiting"]["key"]),
        (&json!("waiting"), &json!("go"))
    );
    let entries = shown["entries"].as_array().unwrap();
    assert!(entries.iter().enumerate().all(|(seq, entry)| entry["seq"] == seq));
    assert_eq!(entries[0]["kind"], "started");
    assert_eq!(entries.last().unwrap()["kind"], "waiting");
    // The end of the identifier is enough.
    assert_eq!(
        site.run(&["show", &run[16..], "--json"]).exits(0).json()["run"],
        run.as_str()
    );
    let rows = site.run(&["runs", "--json"]).json();
    assert_eq!(keys(&rows[0]).len(), 8);
    assert_eq!(
        (&rows[0]["run"], &rows[0]["state"]),
        (&json!(run), &json!("waiting"))
    );
}

#[test]
fn following_a_run_gives_its_entries_a_line_each() {
    let site = Site::new();
    let run = site.run(&["run", "web/write", "-p", "text=x"]).exits(0).run();
    let followed = site.run(&["follow", &run, "--json"]).exits(0).documents();
    let shown = site.run(&["show", &run, "--json"]).json();
    assert_eq!(Value::from(followed), shown["entries"]);
}

#[test]
fn an_error_is_a_document_on_standard_error() {
    let site = Site::new();
    for (args, code) in [
        (&["run", "web/none", "--json"][..], "P0101"),
        (&["show", "--json", "what?"], "P0008"),
        (&["frobnicate", "--json"], "P0010"),
    ] {
        let said = site.run(args).exits(2);
        let error: Value = serde_json::from_str(&said.err).unwrap();
        assert_eq!(error["error"]["code"], code);
        assert!(
            error["error"]["message"].as_str().unwrap().len() > 10 && said.out.is_empty(),
            "{said:?}"
        );
    }
}

#[test]
fn the_reference_names_every_function_and_its_types() {
    let site = Site::new();
    let list = site.run(&["capabilities", "--json"]).exits(0).json();
    let read = list
        .as_array()
        .unwrap()
        .iter()
        .find(|f| f["capability"] == "files" && f["function"] == "read")
        .unwrap();
    assert_eq!(read["params"][2]["type"], "option<string>");
    let schema = site
        .run(&["capabilities", "files.read", "--schema"])
        .exits(0)
        .json();
    assert_eq!(keys(&schema), ["files.read"]);
    let asked = ["capabilities", "machine.command"];
    let told = site.run(&asked).exits(0).out;
    assert!(
        told.contains("\n    command-result") && told.contains("\n      code: "),
        "what a person writes as the reply of a call: {told}"
    );
    let command = site.run(&[asked[0], asked[1], "--json"]).exits(0).json();
    assert!(
        command[0]["reply-schema"]["properties"]["code"]["type"] == "integer",
        "{command}"
    );
    assert_eq!(schema["files.read"]["args"]["required"], json!(["root", "path"]));
    assert!(
        site.run(&["capabilities", "--rhai"])
            .exits(0)
            .out
            .starts_with("module static;")
    );
    assert_eq!(site.run(&["capabilities", "nothing"]).exits(2).error(), "P0040");
}
