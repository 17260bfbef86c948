//! What people read: all three languages have all messages, and every code has its page.

use procedo_core::capability::Capability;
use procedo_core::message::{Language, Message, Texts};
use procedo_machine::{MESSAGES, MachineCapability, Machines, NoSecrets, Secrets};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

fn ids(source: &str) -> BTreeSet<String> {
    source
        .lines()
        .filter(|line| line.starts_with(|c: char| c.is_ascii_alphabetic()))
        .filter_map(|line| line.split_once(" = ").map(|(id, _)| id.to_owned()))
        .collect()
}

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
        let is_code = |text: &str| text.len() == 5 && text.starts_with("P10");
        let quoted = source
            .split('"')
            .filter(|text| text.starts_with("machine-") || is_code(text));
        found.extend(quoted.map(str::to_owned));
    }
    found
}

#[test]
fn the_three_languages_have_the_same_messages_and_all_that_the_code_names() {
    let [en, es, de] = Language::ALL.map(|language| {
        let (_, source) = MESSAGES.iter().find(|(each, _)| *each == language).unwrap();
        ids(source)
    });
    assert_eq!(en, es);
    assert_eq!(en, de);
    let named = named_in_source();
    assert_eq!(named.difference(&en).collect::<Vec<_>>(), Vec::<&String>::new());
    let codes = |ids: &BTreeSet<String>| -> BTreeSet<String> {
        ids.iter().filter(|id| id.starts_with('P')).cloned().collect()
    };
    assert_eq!(codes(&en), codes(&named), "a code that nothing raises");
    let secrets: Arc<dyn Secrets> = Arc::new(NoSecrets);
    let machines = Machines::open(&BTreeMap::new(), Path::new("/"), &secrets).unwrap();
    for bound in MachineCapability(machines).operations() {
        assert!(
            en.contains(&format!("machine-{}", bound.function)),
            "{}",
            bound.function
        );
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
fn a_sentence_chooses_the_rule_that_was_broken() {
    let mut texts = Texts::new();
    texts.add_all(MESSAGES).unwrap();
    let message = Message::new("P1001")
        .with("machine", "main")
        .with("setting", "command.x.args")
        .with("value", "{a b}")
        .with("rule", "template");
    for language in Language::ALL {
        let told = texts.tell(language, &message);
        assert!(told.contains("name}") || told.contains("nombre}"), "{told}");
        assert!(!told.contains("{$") && !told.contains("{ $"), "{told}");
    }
}
