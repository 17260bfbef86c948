//! What people read: all three languages have all messages, and every code has a page.

use crate::bench::Bench;
use procedo_core::message::{Language, Message, Texts};
use procedo_service::MESSAGES;
use serde_json::json;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// The identifiers of all messages of a catalogue.
fn ids(source: &str) -> BTreeSet<String> {
    source
        .lines()
        .filter(|line| line.starts_with(|c: char| c.is_ascii_alphabetic()))
        .filter_map(|line| line.split_once(" = ").map(|(id, _)| id.to_owned()))
        .collect()
}

/// The identifiers that the source code names, as `"P1101"` or `"service-..."`.
fn named_in_source() -> BTreeSet<String> {
    let mut files = vec![PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src")];
    let mut found = BTreeSet::new();
    while let Some(path) = files.pop() {
        if path.is_dir() {
            files.extend(
                std::fs::read_dir(path)
                    .unwrap()
                    .map(|entry| entry.unwrap().path()),
            );
            continue;
        }
        let source = std::fs::read_to_string(path).unwrap();
        let named = |text: &&str| {
            (text.starts_with("service-") && text.bytes().all(|b| b.is_ascii_lowercase() || b == b'-'))
                || (text.len() == 5 && text.starts_with("P11") && text[1..].parse::<u16>().is_ok())
        };
        found.extend(source.split('"').filter(named).map(str::to_owned));
    }
    found
}

#[test]
fn the_three_languages_have_the_same_messages_and_all_that_the_code_names() {
    let [en, es, de] = Language::ALL.map(|language| {
        let catalogue = MESSAGES.iter().find(|(each, _)| *each == language);
        ids(catalogue.expect("a catalogue").1)
    });
    assert_eq!(en, es);
    assert_eq!(en, de);
    let named = named_in_source();
    assert!(named.len() > 25, "{named:?}");
    assert_eq!(named.difference(&en).collect::<Vec<_>>(), Vec::<&String>::new());
    let codes = |ids: &BTreeSet<String>| {
        let codes = ids.iter().filter(|id| id.starts_with('P'));
        codes.cloned().collect::<BTreeSet<_>>()
    };
    assert_eq!(codes(&en), codes(&named), "a code that nothing raises");
    let bench =
        Bench::local(|folder| json!({"driver": "process", "program": "x", "pid-file": folder.join("x")}));
    for operation in bench.functions() {
        assert!(en.contains(&format!("service-{operation}")), "{operation}");
    }
}

#[test]
fn every_error_code_has_a_page() {
    let pages = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../docs/errors");
    for code in ids(MESSAGES[0].1).iter().filter(|id| id.starts_with('P')) {
        let page = std::fs::read_to_string(pages.join(format!("{code}.md"))).expect(code);
        assert!(page.starts_with(&format!("# {code}: ")), "{code}");
        for heading in ["## What happened", "## What to do", "## Usual causes"] {
            assert!(page.contains(heading), "{code}: {heading}");
        }
    }
}

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
