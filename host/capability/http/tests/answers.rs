//! The four answers: what is planned, performed, found after a crash, and undone.

#![allow(clippy::unwrap_used, reason = "what a helper meets fails its test, too")]

mod support;

use procedo_core::change::{Assumed, Probe, Undo};
use procedo_core::effect::Effect;
use procedo_core::message::{Language, Message, Texts};
use serde_json::{Value, json};
use support::{Gate, Server, get, pages, response, send, told};

fn put(path: &str, body: &str) -> Value {
    send("PUT", path, json!({"body": body}))
}

fn delete(path: &str) -> Value {
    send("DELETE", path, json!({}))
}

#[test]
fn a_plan_changes_nothing_and_says_what_would_change() {
    let (server, stored) = pages();
    stored
        .lock()
        .unwrap()
        .insert("/a".to_owned(), b"one\ntwo\n".to_vec());
    let mut gate = Gate::to(&server);
    let planned = gate.plan(&put("/a", "one\nthree\n")).unwrap();
    let change = planned.change.unwrap();
    assert!(matches!(planned.reply, Assumed::Unforeseeable(_)));
    assert_eq!(change.target, "PUT /a");
    assert_eq!(change.summary.id, "http-change-put-over");
    assert_eq!(
        change.diff.unwrap(),
        "--- a/a\n+++ b/a\n@@ -1,2 +1,2 @@\n one\n-two\n+three\n"
    );
    assert_eq!(
        gate.plan(&put("/b", "x")).unwrap().change.unwrap().summary.id,
        "http-change-put-new"
    );
    assert_eq!(server.lines(), ["GET /a", "GET /b"]);
    assert_eq!(stored.lock().unwrap().len(), 1);
}

#[test]
fn a_read_after_a_planned_write_to_its_origin_is_unforeseeable() {
    let (server, stored) = pages();
    stored.lock().unwrap().insert("/a".to_owned(), b"one".to_vec());
    let mut gate = Gate::to(&server);
    assert!(matches!(gate.plan(&get("/a")).unwrap().reply, Assumed::Real(_)));
    gate.plan(&put("/a", "two")).unwrap();
    assert!(matches!(
        gate.plan(&get("/a")).unwrap().reply,
        Assumed::Unforeseeable(_)
    ));
    assert_eq!(
        server.lines(),
        ["GET /a", "GET /a"],
        "the second is that of the PUT, to see what is there"
    );
}

#[test]
fn a_later_change_of_a_plan_sees_the_earlier_one() {
    let (server, _) = pages();
    let mut gate = Gate::to(&server);
    assert_eq!(
        gate.plan(&put("/a", "x")).unwrap().change.unwrap().summary.id,
        "http-change-put-new"
    );
    assert_eq!(
        gate.plan(&put("/a", "x")).unwrap().change.unwrap().summary.id,
        "http-change-put-same"
    );
    assert_eq!(
        gate.plan(&delete("/a")).unwrap().change.unwrap().summary.id,
        "http-change-delete"
    );
    assert_eq!(
        gate.plan(&delete("/a")).unwrap().change.unwrap().summary.id,
        "http-change-delete-none"
    );
    assert_eq!(server.lines(), ["GET /a"]);
}

#[test]
fn what_an_approval_binds_follows_the_content_and_not_the_credentials() {
    let (server, _) = pages();
    let bound = |members: Value| {
        Gate::to(&server)
            .plan(&send("POST", "/", members))
            .unwrap()
            .change
            .unwrap()
            .bound
    };
    let with = |password: &str| json!({"body": "x", "auth": {"user": "u", "password": password}});
    assert_eq!(bound(with("a")), bound(with("b")));
    assert_ne!(bound(json!({"body": "x"})), bound(json!({"body": "y"})));
    assert_ne!(
        bound(json!({"body": "x"})),
        bound(json!({"body": "x", "headers": [["x-mode", "force"]]}))
    );
}

#[test]
fn a_put_that_was_overtaken_conflicts_and_sends_nothing() {
    let (server, stored) = pages();
    let mut gate = Gate::to(&server);
    let change = gate.plan(&put("/a", "mine")).unwrap().change.unwrap();
    stored
        .lock()
        .unwrap()
        .insert("/a".to_owned(), b"somebody else's".to_vec());
    gate.overlay = Default::default();
    assert_eq!(told(gate.perform(&put("/a", "mine"), &change)), "P0423 conflict");
    assert!(server.lines().iter().all(|line| line.starts_with("GET")));
}

#[test]
fn a_put_in_doubt_is_found_by_looking() {
    let (server, stored) = pages();
    stored.lock().unwrap().insert("/a".to_owned(), b"old".to_vec());
    let mut gate = Gate::to(&server);
    let args = put("/a", "new");
    let change = gate.plan(&args).unwrap().change.unwrap();
    assert_eq!(gate.probe(&args, &change).unwrap(), Probe::NotApplied);
    stored.lock().unwrap().insert("/a".to_owned(), b"new".to_vec());
    assert!(matches!(gate.probe(&args, &change).unwrap(), Probe::Applied(reply) if reply["status"] == 204));
    stored.lock().unwrap().insert("/a".to_owned(), b"third".to_vec());
    assert!(
        matches!(gate.probe(&args, &change).unwrap(), Probe::Unknown(why) if why.id == "http-probe-other")
    );
    assert!(server.lines().iter().all(|line| line == "GET /a"));
}

#[test]
fn a_delete_in_doubt_is_found_by_looking() {
    let (server, stored) = pages();
    stored.lock().unwrap().insert("/a".to_owned(), b"old".to_vec());
    let mut gate = Gate::to(&server);
    let change = gate.plan(&delete("/a")).unwrap().change.unwrap();
    assert_eq!(gate.probe(&delete("/a"), &change).unwrap(), Probe::NotApplied);
    stored.lock().unwrap().clear();
    assert!(matches!(
        gate.probe(&delete("/a"), &change).unwrap(),
        Probe::Applied(_)
    ));
    assert!(server.lines().iter().all(|line| line == "GET /a"));
}

#[test]
fn a_post_in_doubt_is_unknown_unless_the_site_declares_more() {
    let server = Server::start(|got, out| {
        out.write_all(&match got.path.as_str() {
            "/jobs/20261122-103455-k3f9%2F1" => response(200, &[], "job 7 is done"),
            _ => response(404, &[], ""),
        })
    });
    let post = send("POST", "/jobs", json!({"body": "x"}));
    let probed = |settings: Value| {
        let mut web = json!({"origin": server.origin()});
        web.as_object_mut()
            .unwrap()
            .extend(settings.as_object().unwrap().clone());
        let mut gate = Gate::open(json!({"web": web}));
        let change = gate.plan(&post).unwrap().change.unwrap();
        gate.probe(&post, &change).unwrap()
    };
    assert!(matches!(probed(json!({})), Probe::Unknown(why) if why.id == "http-probe-none"));
    assert!(server.lines().is_empty(), "there is nothing to ask");
    assert_eq!(
        probed(json!({"idempotency-header": "Idempotency-Key"})),
        Probe::NotApplied
    );
    let by_key = json!({"idempotency-header": "X-Key", "probe": "{path}/{key}"});
    assert!(matches!(probed(by_key), Probe::Applied(reply) if reply["body"] == "job 7 is done"));
    assert_eq!(probed(json!({"probe": "/nothing"})), Probe::NotApplied);
    assert!(server.lines().iter().all(|line| line.starts_with("GET")));
}

#[test]
fn every_attempt_of_a_call_carries_the_same_key() {
    let server = Server::saying(response(200, &[], "ok"));
    let mut gate =
        Gate::open(json!({"web": {"origin": server.origin(), "idempotency-header": "Idempotency-Key"}}));
    let post = send(
        "POST",
        "/",
        json!({"body": "x", "headers": [["idempotency-key", "the guest's own"]]}),
    );
    let change = gate.plan(&post).unwrap().change.unwrap();
    gate.perform(&post, &change).unwrap();
    gate.perform(&post, &change).unwrap();
    gate.get("/").unwrap();
    let keys: Vec<_> = server
        .ledger()
        .iter()
        .map(|got| got.header("idempotency-key").map(str::to_owned))
        .collect();
    let key = || Some("20261122-103455-k3f9/1".to_owned());
    assert_eq!(keys, [key(), key(), None]);
}

/// Undoes a call and makes the calls that the undo names.
fn undone(gate: &mut Gate, args: &Value, change: &procedo_core::change::Change, reply: &Value) -> Undo {
    gate.overlay = Default::default();
    let undo = gate.undo(args, change, reply).unwrap();
    if let Undo::Calls { calls } = &undo {
        for call in calls {
            assert_eq!(call.operation.to_string(), "http.send");
            gate.live(&call.args).unwrap();
        }
    }
    undo
}

#[test]
fn a_put_and_a_delete_are_undone_from_what_was_seen_before() {
    let (server, stored) = pages();
    stored
        .lock()
        .unwrap()
        .insert("/a".to_owned(), "grün".as_bytes().to_vec());
    let mut gate = Gate::to(&server);
    for args in [put("/a", "new"), delete("/a"), put("/b", "new")] {
        let before = stored.lock().unwrap().clone();
        let (reply, change) = gate.live(&args).unwrap();
        assert_ne!(*stored.lock().unwrap(), before);
        assert!(matches!(
            undone(&mut gate, &args, &change.clone().unwrap(), &reply),
            Undo::Calls { .. }
        ));
        assert_eq!(*stored.lock().unwrap(), before, "{args}");
        assert_eq!(
            undone(&mut gate, &args, &change.unwrap(), &reply),
            Undo::Nothing,
            "a second time"
        );
    }
}

#[test]
fn what_somebody_changed_since_is_a_conflict_and_stays() {
    let (server, stored) = pages();
    let mut gate = Gate::to(&server);
    let args = put("/a", "mine");
    let (reply, change) = gate.live(&args).unwrap();
    stored.lock().unwrap().insert("/a".to_owned(), b"theirs".to_vec());
    assert!(matches!(
        undone(&mut gate, &args, &change.unwrap(), &reply),
        Undo::Conflict { .. }
    ));
    assert_eq!(stored.lock().unwrap()["/a"], b"theirs");
}

#[test]
fn what_cannot_be_put_back_unaltered_is_irreversible() {
    let (server, stored) = pages();
    stored
        .lock()
        .unwrap()
        .insert("/a.png".to_owned(), b"\x89PNG\0\xff".to_vec());
    let mut gate = Gate::to(&server);
    let args = put("/a.png", "text");
    let (reply, change) = gate.live(&args).unwrap();
    let undo = undone(&mut gate, &args, &change.unwrap(), &reply);
    assert!(matches!(undo, Undo::Irreversible { reason } if reason.id == "http-undo-unseen"));
}

#[test]
fn a_post_is_irreversible_unless_the_server_refused_it() {
    let (server, _) = pages();
    let mut gate = Gate::to(&server);
    let args = send("POST", "/form", json!({"body": "x"}));
    let (reply, change) = gate.live(&args).unwrap();
    let change = change.unwrap();
    assert!(matches!(
        undone(&mut gate, &args, &change, &reply),
        Undo::Irreversible { .. }
    ));
    let mut refused = reply;
    refused["status"] = json!(422);
    assert_eq!(undone(&mut gate, &args, &change, &refused), Undo::Nothing);
}

#[test]
fn the_effect_is_that_of_the_method_and_an_unknown_method_counts_as_the_strongest() {
    use procedo_core::capability::Capability;
    let resources = serde_json::from_value(json!({"web": {"origin": "http://127.0.0.1:1"}})).unwrap();
    let http = procedo_http::Http::open(&resources, procedo_http::TrustStore::empty()).unwrap();
    let handler = &http.operations()[0].handler;
    for (method, effect) in [
        ("GET", Effect::Read),
        ("POST", Effect::Write),
        ("DELETE", Effect::Destructive),
        ("PURGE", Effect::Destructive),
    ] {
        assert_eq!(handler.effect(&send(method, "/", json!({}))).unwrap(), effect);
    }
    assert_eq!(
        handler.identity(&get("/")).unwrap().as_deref(),
        Some("http://127.0.0.1:1")
    );
}

#[test]
fn every_message_is_there_in_every_language_and_can_be_told() {
    let mut texts = Texts::new();
    texts.add_all(procedo_http::MESSAGES).unwrap();
    let source = |language| {
        procedo_http::MESSAGES
            .iter()
            .find(|(l, _)| *l == language)
            .unwrap()
            .1
    };
    let ids = |language| {
        let line = |line: &str| {
            line.split_once(" =")
                .map(|(id, _)| id.to_owned())
                .filter(|id| !id.starts_with([' ', '#']))
        };
        source(language).lines().filter_map(line).collect::<Vec<_>>()
    };
    let english = ids(Language::En);
    assert!(english.len() > 30);
    for language in Language::ALL {
        assert_eq!(ids(language), english, "{language:?}");
        for id in &english {
            assert!(texts.has(language, id), "{language:?} {id}");
            assert!(!texts.tell(language, &Message::new(id)).is_empty());
        }
    }
    // Every code and message that the sources raise is in the catalogue, and every error has its page.
    let sources = [
        include_str!("../src/names.rs"),
        include_str!("../src/redirect.rs"),
        include_str!("../src/request.rs"),
        include_str!("../src/seen.rs"),
        include_str!("../src/send.rs"),
        include_str!("../src/settings.rs"),
        include_str!("../src/text.rs"),
        include_str!("../src/trust.rs"),
        include_str!("../src/wire.rs"),
    ]
    .concat();
    let raised = |id: &str| sources.contains(&format!("\"{id}\""));
    for id in english.iter().filter(|id| *id != "http-send") {
        assert!(raised(id), "{id} is raised nowhere");
        if id.starts_with('P') {
            let page = format!("{}/../../../docs/errors/{id}.md", env!("CARGO_MANIFEST_DIR"));
            let text = std::fs::read_to_string(&page).unwrap_or_else(|error| panic!("{page}: {error}"));
            assert!(text.starts_with(&format!("# {id}: ")), "{page}");
        }
    }
    for quoted in sources
        .split('"')
        .filter(|q| q.starts_with("P04") || q.starts_with("http-"))
    {
        assert!(english.iter().any(|id| id == quoted), "{quoted} has no message");
    }
}

#[test]
fn a_sentence_names_the_thing_the_rule_and_what_to_do() {
    let mut texts = Texts::new();
    texts.add_all(procedo_http::MESSAGES).unwrap();
    let server = Server::saying(response(302, &[("Location", "http://evil.example/")], ""));
    let error = Gate::to(&server).get("/").unwrap_err();
    let sentence = texts.tell(Language::En, &error.message);
    assert_eq!(
        sentence,
        format!(
            "{}/ redirects to “http://evil.example/”, which is not followed: that is no origin of which the site says that \
             “web” may redirect there; add its name to “redirects” of “web” if it is right.",
            server.origin()
        )
    );
}
