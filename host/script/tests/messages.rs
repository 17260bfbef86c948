//! Every code that this crate raises has a message in the three languages, with the same values, and a page.

#![allow(clippy::unwrap_used, reason = "a test that meets an Err fails")]

use procedo_core::message::{Language, Message, Texts};
use std::collections::BTreeSet;
use std::path::Path;

/// The codes in the crate's own sources.
fn codes() -> BTreeSet<String> {
    let mut codes = BTreeSet::new();
    for entry in std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("src")).unwrap() {
        let path = entry.unwrap().path();
        let Ok(text) = std::fs::read_to_string(&path) else {
            continue;
        };
        for part in text.split("\"P06").skip(1) {
            let digits: String = part.chars().take_while(char::is_ascii_digit).collect();
            if digits.len() == 2 && part[2..].starts_with('"') {
                codes.insert(format!("P06{digits}"));
            }
        }
    }
    codes
}

/// The variables of a message in a catalogue.
fn variables(catalogue: &str, code: &str) -> BTreeSet<String> {
    let start = catalogue
        .find(&format!("{code} = "))
        .unwrap_or_else(|| panic!("{code} has no message"));
    let rest = &catalogue[start + 8..];
    let message = &rest[..rest.find("\nP0").unwrap_or(rest.len())];
    let name = |part: &str| {
        part.chars()
            .take_while(|c| c.is_alphanumeric() || *c == '-')
            .collect()
    };
    message.split('$').skip(1).map(name).collect()
}

#[test]
fn every_code_is_told_in_three_languages_with_the_same_values() {
    let mut texts = Texts::new();
    texts.add_all(procedo_script::MESSAGES).unwrap();
    let codes = codes();
    assert!(codes.len() > 10, "{codes:?}");
    for code in &codes {
        for language in Language::ALL {
            assert!(texts.has(language, code), "{code} in {language:?}");
        }
        let [(_, english), others @ ..] = procedo_script::MESSAGES else {
            panic!("English comes first")
        };
        for (language, other) in others {
            assert_eq!(
                variables(english, code),
                variables(other, code),
                "{code} in {language:?}"
            );
        }
        let all = variables(english, code)
            .into_iter()
            .fold(Message::new(code), |message, name| message.with(&name, "x"));
        assert!(!texts.tell(Language::De, &all).contains('$'), "{code}");
    }
}

#[test]
fn every_code_has_a_page_with_what_happened_what_to_do_and_why() {
    for code in codes() {
        let page = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../../docs/errors/{code}.md"));
        let text =
            std::fs::read_to_string(&page).unwrap_or_else(|error| panic!("{}: {error}", page.display()));
        assert!(text.starts_with(&format!("# {code}: ")), "{code}");
        for heading in ["## What happened", "## What to do", "## Usual causes"] {
            assert!(text.contains(heading), "{code}: {heading}");
        }
    }
}
