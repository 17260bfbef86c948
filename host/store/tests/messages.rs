//! Every error and finding has its sentence in the three languages, and every code its page.

use procedo_core::message::{Language, Message, Texts};
use procedo_store::audit::Finding;
use procedo_store::{Flaw, MESSAGES};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

fn texts() -> Texts {
    let mut texts = Texts::new();
    texts.add_all(MESSAGES).expect("valid catalogues");
    texts
}

fn sources(folder: &Path, into: &mut String) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("readable").path();
        if path.is_dir() {
            sources(&path, into);
        } else {
            into.push_str(&std::fs::read_to_string(path).expect("readable"));
        }
    }
}

/// The codes that the store raises, as they stand in its source.
fn codes() -> BTreeSet<String> {
    let mut text = String::new();
    sources(&PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src"), &mut text);
    let codes: BTreeSet<String> = text
        .match_indices("\"P02")
        .map(|(at, _)| text[at + 1..at + 6].to_owned())
        .collect();
    assert!(codes.len() > 15, "{codes:?}");
    codes
}

#[test]
fn every_code_is_told_in_every_language_and_explained_on_a_page() {
    let texts = texts();
    for code in codes() {
        for language in Language::ALL {
            assert!(texts.has(language, &code), "{code} in {}", language.tag());
        }
        let page = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("../../docs/errors/{code}.md"));
        let page = std::fs::read_to_string(&page).unwrap_or_default();
        assert!(page.starts_with(&format!("# {code}: ")), "the page of {code}");
        for part in ["## What happened", "## What to do", "## Usual causes"] {
            assert!(page.contains(part), "{part} on the page of {code}");
        }
    }
}

#[test]
fn every_language_has_the_same_messages() {
    let ids = |source: &str| -> BTreeSet<String> {
        let named = source.lines().filter(|line| !line.starts_with([' ', '}', '#']));
        named
            .filter_map(|line| Some(line.split_once(" = ")?.0.to_owned()))
            .collect()
    };
    let english = ids(MESSAGES[0].1);
    for (language, source) in MESSAGES {
        assert_eq!(ids(source), english, "{}", language.tag());
    }
}

#[test]
fn every_flaw_is_told_in_every_language_with_its_values() {
    let text = || "x-1".to_owned();
    let columns = [
        "procedure",
        "actor",
        "started",
        "finished",
        "parent",
        "undoes",
        "state",
    ];
    let mut flaws = vec![
        Flaw::EntryChanged,
        Flaw::EntryUnreadable { reason: text() },
        Flaw::OutOfOrder {
            expected: 3,
            found: 4,
        },
        Flaw::LeadsAstray,
        Flaw::Missing,
        Flaw::Cut { signed: 3 },
        Flaw::Rewritten,
        Flaw::NotItsStart,
        Flaw::AfterEnd,
        Flaw::Unsigned,
        Flaw::NotListed { number: 3 },
        Flaw::NoEntries,
        Flaw::HeadChanged,
        Flaw::HeadForged,
        Flaw::HeadOutOfOrder {
            expected: 3,
            found: 4,
        },
        Flaw::BlobLost { blob: text() },
        Flaw::BlobChanged { blob: text() },
        Flaw::TailCut {
            exported: 4,
            found: 3,
        },
        Flaw::ChainRewritten { exported: 4 },
    ];
    flaws.extend(columns.map(|column| Flaw::ListDiffers {
        column,
        listed: text(),
        told: "y-2".to_owned(),
    }));
    let texts = texts();
    for language in Language::ALL {
        let mut seen = BTreeSet::new();
        for flaw in &flaws {
            let finding = Finding {
                run: procedo_core::run::RunId::parse("r-7"),
                seq: Some(12),
                why: flaw.clone(),
            };
            let told = texts.tell(language, &finding.message());
            assert!(
                !told.contains('{') && !told.ends_with(&format!(": {}", flaw.name())),
                "{told}"
            );
            assert!(told.contains("r-7") && told.contains("12"), "{told}");
            let bare = texts.tell(language, &flaw.message());
            assert!(told.ends_with(&bare));
            for value in flaw
                .message()
                .args
                .iter()
                .filter(|(name, _)| !["why", "column"].contains(&name.as_str()))
            {
                assert!(bare.contains(value.1.as_str()), "{bare} lacks {value:?}");
            }
            assert!(seen.insert(bare.clone()), "{bare} stands for two flaws");
        }
    }
    let error = Message::new("P0207")
        .with("run", "r-7")
        .with("seq", 12)
        .with("why", "missing");
    let german = texts.tell(Language::De, &error);
    assert!(
        german.contains("bei Eintrag 12 beschädigt: der Eintrag fehlt."),
        "{german}"
    );
}
