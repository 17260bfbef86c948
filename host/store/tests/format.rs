//! The format of entries, pinned by golden files; and that any entry comes back as it was written.
//!
//! `PROCEDO_GOLDEN=write cargo test -p procedo-store --test format` writes the golden files anew. A file that changes means
//! that journals written before can no longer be checked: then the format needs a new version.

mod fixture;

use fixture::*;
use procedo_core::change::Change;
use procedo_core::effect::{Effect, OperationName};
use procedo_core::journal::{
    Body, CallEnd, Decision, Entry, Field, Intent, Question, RunEnd, Started, StepMark, Wait,
};
use procedo_core::message::Message;
use procedo_core::run::Actor;
use procedo_core::value::{Digest, Value};
use procedo_core::{Error, Kind};
use procedo_store::{Durability, Store, audit, chain};
use proptest::prelude::*;
use serde_json::json;
use std::path::PathBuf;

fn golden(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("tests/golden")
        .join(name)
}

fn writes_golden_files() -> bool {
    std::env::var_os("PROCEDO_GOLDEN").is_some_and(|value| value == "write")
}

/// One entry of each kind, with all that it can say.
fn bodies() -> Vec<Body> {
    let send = || OperationName::new("http", "send");
    let waiting = |wait| Body::Waiting {
        call: None,
        wait: Box::new(wait),
    };
    let decided = |decision| Body::Decided {
        call: Some(3),
        by: Actor::Rule("disk".to_owned()),
        decision,
    };
    vec![
        Body::Started(Box::new(Started {
            parent: Some(run("20261122-103455-k3f9")),
            undoes: Some(run("20261121-080000-aaaa")),
            answers: json!({"folder": "de"}),
            override_reason: Some("Störung".to_owned()),
            by: Actor::Hook("after:copy".to_owned()),
            ..started("20261122-103455-k3f9/12/0")
        })),
        Body::Intent(Box::new(Intent {
            call: 1,
            operation: OperationName::new("files", "write"),
            args: json!({"path": "html/de/index.htm", "text": "Grüße"}),
            resource: "web".to_owned(),
            effect: Effect::Write,
            change: Some(Change {
                target: "html/de/index.htm".to_owned(),
                summary: Message::new("files-write").with("path", "html/de/index.htm"),
                before: Value::Null,
                after: json!({"digest": Digest::of(b"after")}),
                bound: json!([1, 2.5, -3]),
                diff: Some("--- a\n+++ b\n@@ -1 +1 @@\n-x\n+y\n".to_owned()),
            }),
            identity: Some("/srv/web".to_owned()),
        })),
        Body::Note {
            call: 1,
            note: json!({"job": 17}),
        },
        Body::Outcome {
            call: 1,
            ended: CallEnd::Reply(json!({"bytes": 7})),
            micros: 1234,
        },
        Body::Probe {
            call: 1,
            found: "unknown".to_owned(),
            detail: Some(Message::literal("no answer")),
        },
        Body::Step {
            call: 2,
            mark: StepMark::Verify,
            name: "check".to_owned(),
        },
        Body::Waiting {
            call: Some(3),
            wait: Box::new(Wait::Answer {
                key: "form".to_owned(),
                question: Question::Ask {
                    prompt: Message::new("which-folder"),
                    fields: vec![Field {
                        name: "folder".to_owned(),
                        label: Message::literal("Ordner"),
                        kind: "choice".to_owned(),
                        choices: vec![("de".to_owned(), Message::literal("Deutsch"))],
                        required: true,
                    }],
                },
            }),
        },
        Body::Decided {
            call: Some(3),
            by: ann(),
            decision: Decision::Approve {
                digest: Digest::of(b"plan"),
            },
        },
        Body::Resumed {
            by: Actor::Schedule("nightly".to_owned()),
        },
        Body::Finished {
            ended: RunEnd::Succeeded(json!({"pages": 3})),
        },
        // More shapes of the same kinds.
        Body::Outcome {
            call: 2,
            ended: CallEnd::Error(Error::new(Kind::Denied, "P0104").with("operation", send())),
            micros: 0,
        },
        waiting(Wait::Approval {
            digest: Digest::of(b"plan"),
            needed: 2,
            second_person: true,
            plan: json!({"changes": []}),
        }),
        waiting(Wait::Answer {
            key: "go".to_owned(),
            question: Question::Confirm {
                prompt: Message::new("go-on"),
            },
        }),
        waiting(Wait::Answer {
            key: "which".to_owned(),
            question: Question::Choose {
                prompt: Message::new("which"),
                choices: vec![("de".to_owned(), Message::literal("Deutsch"))],
            },
        }),
        waiting(Wait::Moment {
            until: 1_795_343_695_000,
        }),
        waiting(Wait::Window {
            window: "nights".to_owned(),
            opens: 1_795_343_695_000,
        }),
        waiting(Wait::Lock {
            lock: "web".to_owned(),
            holder: run("20261122-103455-k3f9"),
        }),
        waiting(Wait::Verdict {
            operation: send(),
            found: Message::literal("no answer"),
        }),
        waiting(Wait::Child {
            run: run("20261122-103455-k3f9/12/1"),
        }),
        waiting(Wait::Diverged {
            expected: json!("files.write"),
            found: json!(null),
        }),
        decided(Decision::Reject {
            digest: Digest::of(b"plan"),
            reason: "zu früh".to_owned(),
        }),
        decided(Decision::Answer {
            key: "folder".to_owned(),
            answer: json!({"folder": "de"}),
        }),
        decided(Decision::Applied {
            reply: json!({"status": 200}),
        }),
        decided(Decision::NotApplied),
        decided(Decision::Cancel {
            reason: "falsch".to_owned(),
        }),
        decided(Decision::Override {
            reason: "Störung".to_owned(),
        }),
        Body::Finished {
            ended: RunEnd::Failed(Error::of_guest(Kind::Failed, "check", "The page is empty.")),
        },
        Body::Finished {
            ended: RunEnd::Cancelled("abgebrochen".to_owned()),
        },
    ]
}

#[test]
fn every_kind_of_entry_is_written_as_its_golden_file_says() {
    let mut kinds = std::collections::BTreeMap::<&str, Vec<u8>>::new();
    for (seq, body) in bodies().into_iter().enumerate() {
        let lines = kinds.entry(body.kind()).or_default();
        chain::encode(seq as u64, 1_795_343_695_000, &body, lines).expect("writable");
        lines.push(b'\n');
    }
    assert_eq!(kinds.len(), 10, "all kinds");
    for (kind, lines) in &kinds {
        let path = golden(&format!("{kind}.json"));
        if writes_golden_files() {
            std::fs::write(&path, lines).expect("writable");
        }
        let expected = std::fs::read(&path).expect("a golden file for every kind");
        assert_eq!(
            String::from_utf8_lossy(lines),
            String::from_utf8_lossy(&expected),
            "{kind}"
        );
    }
    for (seq, body) in bodies().into_iter().enumerate() {
        let text = String::from_utf8(kinds[body.kind()].clone()).expect("JSON");
        let line = text
            .lines()
            .find(|line| line.starts_with(&format!("{{\"seq\":{seq},")))
            .expect("there");
        let entry = Entry {
            seq: seq as u64,
            at: 1_795_343_695_000,
            body,
        };
        assert_eq!(chain::decode(line.as_bytes()).expect("readable"), entry);
    }
}

/// The public key that belongs to [`KEY`], and the last head of the golden journal.
const PUBLIC_KEY: &str = "98ab0fde6bb5924d2c4166d55ba1bac7ba041398b2affc8bbd920e6a55ed49bf";
const LAST_HEAD: &str = "4e3f64d34543d0b2259f017d9f4e6512f54c161d0ad95aa2fa465601eee425cd";

#[test]
fn the_golden_journal_can_still_be_checked_hash_by_hash_and_signature_by_signature() {
    let path = golden("journal.jsonl");
    if writes_golden_files() {
        let site = Site::new();
        let store = site.open();
        let (a, b) = (
            begin(&store, "20261122-103455-k3f9"),
            begin(&store, "20261122-103456-m7x2"),
        );
        calls(&store, &*a, 1..3);
        store.append(&*b, vec![verdict()], Durability::Now).expect("room");
        store
            .append(&*a, vec![moment(), outcome(9)], Durability::Now)
            .expect("room");
        let large = CallEnd::Reply(json!("x".repeat(17_000)));
        let outcome = Body::Outcome {
            call: 10,
            ended: large,
            micros: 5,
        };
        store
            .append(&*a, vec![intent(10), outcome, succeeded()], Durability::Now)
            .expect("room");
        let mut file = std::fs::File::create(&path).expect("writable");
        audit::export(&store, None, &mut file).expect("writable");
    }
    let file = std::fs::File::open(&path).expect("the golden journal");
    let public_key = Digest::parse(PUBLIC_KEY).expect("a digest");
    let report =
        audit::verify_export(&mut std::io::BufReader::new(file), Some(public_key)).expect("an export");
    assert_eq!(report.findings, []);
    assert_eq!((report.runs, report.entries, report.heads), (2, 12, 5));
    assert_eq!(
        report.head.map(|head| head.hash.to_string()).as_deref(),
        Some(LAST_HEAD)
    );
    assert_eq!(report.public_key.to_string(), PUBLIC_KEY);

    let site = Site::new();
    let ours = audit::verify(&site.open()).expect("readable").public_key;
    assert_eq!(
        ours.to_string(),
        PUBLIC_KEY,
        "the same key still gives the same signing key"
    );
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        proptest::num::f64::NORMAL.prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::btree_map(".{0,6}", inner, 0..5)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

fn message() -> impl Strategy<Value = Message> {
    (
        ".{1,8}",
        prop::collection::btree_map("[a-z]{1,4}", ".{0,8}", 0..3),
    )
        .prop_map(|(id, args)| Message { id, args })
}

fn error() -> impl Strategy<Value = Error> {
    (message(), "[A-Z][0-9]{4}").prop_map(|(message, code)| Error {
        kind: Kind::Conflict,
        code,
        message,
    })
}

fn decision() -> impl Strategy<Value = Decision> {
    prop_oneof![
        any::<[u8; 32]>().prop_map(|digest| Decision::Approve {
            digest: Digest(digest)
        }),
        (any::<[u8; 32]>(), ".*").prop_map(|(digest, reason)| Decision::Reject {
            digest: Digest(digest),
            reason
        }),
        (".*", value()).prop_map(|(key, answer)| Decision::Answer { key, answer }),
        value().prop_map(|reply| Decision::Applied { reply }),
        Just(Decision::NotApplied),
        ".*".prop_map(|reason| Decision::Cancel { reason }),
        ".*".prop_map(|reason| Decision::Override { reason }),
    ]
}

fn wait() -> impl Strategy<Value = Wait> {
    let question = prop_oneof![
        message().prop_map(|prompt| Question::Confirm { prompt }),
        (message(), prop::collection::vec((".*", message()), 0..3))
            .prop_map(|(prompt, choices)| Question::Choose { prompt, choices }),
        (
            message(),
            prop::collection::vec((".*", message(), any::<bool>()), 0..3)
        )
            .prop_map(|(prompt, fields)| {
                let field = |(name, label, required)| Field {
                    name,
                    label,
                    kind: "line".to_owned(),
                    choices: vec![],
                    required,
                };
                Question::Ask {
                    prompt,
                    fields: fields.into_iter().map(field).collect(),
                }
            }),
    ];
    prop_oneof![
        (any::<[u8; 32]>(), any::<u32>(), any::<bool>(), value()).prop_map(
            |(digest, needed, second_person, plan)| {
                Wait::Approval {
                    digest: Digest(digest),
                    needed,
                    second_person,
                    plan,
                }
            }
        ),
        (".*", question).prop_map(|(key, question)| Wait::Answer { key, question }),
        any::<i64>().prop_map(|until| Wait::Moment { until }),
        (".*", any::<i64>()).prop_map(|(window, opens)| Wait::Window { window, opens }),
        ".*".prop_map(|lock| Wait::Lock {
            lock,
            holder: run("a/1/0")
        }),
        Just(Wait::Child { run: run("a/1/0") }),
        (value(), value()).prop_map(|(expected, found)| Wait::Diverged { expected, found }),
        message().prop_map(|found| Wait::Verdict {
            operation: OperationName::new("a", "b"),
            found
        }),
    ]
}

fn body() -> impl Strategy<Value = Body> {
    let call = any::<u64>;
    let change = (".*", message(), value(), value(), value(), prop::option::of(".*")).prop_map(
        |(target, summary, before, after, bound, diff)| Change {
            target,
            summary,
            before,
            after,
            bound,
            diff,
        },
    );
    let intent = (
        call(),
        value(),
        ".*",
        prop::option::of(change),
        prop::option::of(".*"),
    )
        .prop_map(|(call, args, resource, change, identity)| Intent {
            call,
            operation: OperationName::new("files", "write"),
            args,
            resource,
            effect: Effect::Destructive,
            change,
            identity,
        });
    let started =
        (value(), value(), prop::option::of(".*")).prop_map(|(params, answers, override_reason)| Started {
            params,
            answers,
            override_reason,
            ..started("a")
        });
    let ended = prop_oneof![value().prop_map(CallEnd::Reply), error().prop_map(CallEnd::Error)];
    let end = prop_oneof![
        value().prop_map(RunEnd::Succeeded),
        error().prop_map(RunEnd::Failed),
        ".*".prop_map(RunEnd::Cancelled)
    ];
    prop_oneof![
        started.prop_map(|started| Body::Started(Box::new(started))),
        intent.prop_map(|intent| Body::Intent(Box::new(intent))),
        (call(), value()).prop_map(|(call, note)| Body::Note { call, note }),
        (call(), ended, any::<u64>()).prop_map(|(call, ended, micros)| Body::Outcome { call, ended, micros }),
        (call(), ".*", prop::option::of(message())).prop_map(|(call, found, detail)| Body::Probe {
            call,
            found,
            detail
        }),
        (call(), ".*").prop_map(|(call, name)| Body::Step {
            call,
            mark: StepMark::Closed,
            name
        }),
        (prop::option::of(call()), wait()).prop_map(|(call, wait)| Body::Waiting {
            call,
            wait: Box::new(wait)
        }),
        (prop::option::of(call()), decision()).prop_map(|(call, decision)| Body::Decided {
            call,
            by: ann(),
            decision
        }),
        ".*".prop_map(|name| Body::Resumed {
            by: Actor::Person(name)
        }),
        end.prop_map(|ended| Body::Finished { ended }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_entry_comes_back_as_it_was_written(body in body(), seq in any::<u64>(), at in any::<i64>()) {
        let mut bytes = Vec::new();
        chain::encode(seq, at, &body, &mut bytes).expect("writable");
        let entry = Entry { seq, at, body };
        prop_assert_eq!(chain::decode(&bytes).expect("readable"), entry.clone());
        let mut again = Vec::new();
        chain::encode(seq, at, &entry.body, &mut again).expect("writable");
        prop_assert_eq!(bytes, again);
    }

    #[test]
    fn reading_an_entry_never_panics(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = chain::decode(&bytes);
    }

    #[test]
    fn a_hash_depends_on_every_byte_and_on_the_hash_before(
        bytes in prop::collection::vec(any::<u8>(), 1..200),
        at in any::<prop::sample::Index>(),
        flip in 1..=u8::MAX,
    ) {
        let mut changed = bytes.clone();
        let at = at.index(bytes.len());
        changed[at] ^= flip;
        prop_assert_ne!(chain::link(&chain::ORIGIN, &bytes), chain::link(&chain::ORIGIN, &changed));
        prop_assert_ne!(chain::link(&chain::ORIGIN, &bytes), chain::link(&Digest([1; 32]), &bytes));
    }
}
