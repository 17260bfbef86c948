//! What people read: every value that a message names is given.

use crate::bench::Bench;
use procedo_core::message::{Language, Message, Texts};
use procedo_service::MESSAGES;
use serde_json::json;

#[test]
fn errors_and_changes_are_told_whole_in_every_language() {
    let bench = Bench::local(
        |folder| json!({"driver": "process", "program": "/none", "pid-file": folder.join("main.pid"), "password-program": "cat"}),
    );
    let mut messages: Vec<Message> = vec![
        bench.fails("status", json!({"service": "other"})).message,
        bench.fails("start", json!({})).message,
        bench
            .fails("wait-for", json!({"state": "running", "timeout": 1}))
            .message,
        bench
            .fails("wait-for", json!({"state": "running", "timeout": 1_u64 << 40}))
            .message,
        bench
            .fails(
                "set-password",
                json!({"account": "a:b", "password": "long enough"}),
            )
            .message,
    ];
    let password = json!({"account": "cc", "password": "long enough"});
    for (operation, args) in [
        ("start", json!({})),
        ("restart", json!({})),
        ("set-password", password),
    ] {
        messages.push(bench.plan(operation, args).unwrap().change.unwrap().summary);
    }
    std::fs::write(bench.path("main.pid"), "garbage").unwrap();
    messages.push(bench.fails("stop", json!({})).message);
    let mut texts = Texts::new();
    texts.add_all(MESSAGES).unwrap();
    for message in messages {
        for language in Language::ALL {
            let told = texts.tell(language, &message);
            assert!(texts.has(language, &message.id), "{message}");
            assert!(
                !told.contains("{$") && !told.contains("{ $"),
                "{}: {told}",
                language.tag()
            );
        }
    }
}
