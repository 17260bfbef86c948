//! Every finding of an audit is told in the three languages.

use procedo_core::message::{Language, Message, Texts};
use procedo_store::audit::Finding;
use procedo_store::{Flaw, MESSAGES};
use std::collections::BTreeSet;

fn texts() -> Texts {
    let mut texts = Texts::new();
    texts.add_all(MESSAGES).expect("valid catalogues");
    texts
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
