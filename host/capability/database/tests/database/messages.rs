//! The sentences: every language has all, every code has its page.

use procedo_core::capability::Capability;
use procedo_core::message::Language;
use procedo_database::MESSAGES;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

fn ids(source: &str) -> BTreeSet<String> {
    source
        .lines()
        .filter(|line| line.starts_with(|c: char| c.is_ascii_alphabetic()))
        .filter_map(|line| line.split_once(" ="))
        .map(|(id, _)| id.to_owned())
        .collect()
}

fn sources(dir: &Path, into: &mut String) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, into);
        } else {
            into.push_str(&std::fs::read_to_string(path).unwrap());
        }
    }
}

#[test]
fn every_language_has_every_sentence() {
    let mut texts = procedo_core::message::Texts::new();
    texts.add_all(MESSAGES).unwrap();
    let english = ids(MESSAGES[0].1);
    for (language, source) in MESSAGES {
        assert_eq!(ids(source), english, "{language:?}");
    }
    let database = crate::support::open(&BTreeMap::new(), Path::new("/"));
    for bound in database.operations() {
        let id = format!("database-{}", bound.function);
        assert!(
            Language::ALL.into_iter().all(|language| texts.has(language, &id)),
            "{id}"
        );
    }
}

#[test]
fn every_code_and_sentence_that_the_source_names_is_there_and_no_other() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut source = String::new();
    sources(&root.join("src"), &mut source);
    let known = ids(MESSAGES[0].1);
    let mut codes = BTreeSet::new();
    for (at, _) in source.match_indices("\"P12") {
        codes.insert(source[at + 1..at + 6].to_owned());
    }
    let raised: BTreeSet<_> = known.iter().filter(|id| id.starts_with('P')).cloned().collect();
    assert_eq!(codes, raised);
    for code in codes {
        let page = std::fs::read_to_string(root.join(format!("../../../docs/errors/{code}.md"))).unwrap();
        assert!(page.starts_with(&format!("# {code}: ")), "{code}");
        for part in ["## What happened", "## What to do", "## Usual causes"] {
            assert!(page.contains(part), "{code} {part}");
        }
    }
    for (at, _) in source.match_indices("\"database-") {
        let id = source[at + 1..].split('"').next().unwrap();
        assert!(known.contains(id), "{id}");
    }
}
