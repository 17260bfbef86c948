//! Every error can be told in every language and is explained on a page.

use procedo_core::message::{Language, Texts};
use procedo_plugin::MESSAGES;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// Every code that the sources of this crate raise.
fn codes() -> BTreeSet<String> {
    let mut codes = BTreeSet::new();
    for entry in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("src")).expect("the sources") {
        let source = fs::read_to_string(entry.expect("an entry").path()).expect("a text");
        for (position, _) in source.match_indices("\"P07") {
            codes.insert(source[position + 1..position + 6].to_owned());
        }
    }
    codes
}

#[test]
fn every_error_is_told_in_three_languages_and_explained() {
    let mut texts = Texts::new();
    texts.add_all(MESSAGES).expect("the catalogues are sound");
    let codes = codes();
    assert!(codes.len() > 20, "{codes:?}");
    for code in &codes {
        for language in Language::ALL {
            assert!(texts.has(language, code), "{code} is not told in {language:?}");
        }
        let page = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../../docs/errors/{code}.md"));
        let page = fs::read_to_string(&page).unwrap_or_else(|_| panic!("{code} has no page"));
        assert!(page.starts_with(&format!("# {code}: ")), "{code}");
        for part in ["## What happened", "## What to do", "## Usual causes"] {
            assert!(page.contains(part), "{code} lacks “{part}”");
        }
    }
    for (language, source) in MESSAGES {
        let told: BTreeSet<_> = source
            .lines()
            .filter_map(|line| line.split_once(" ="))
            .map(|(id, _)| id.to_owned())
            .collect();
        assert_eq!(told, codes, "{language:?} tells other errors than there are");
    }
}
