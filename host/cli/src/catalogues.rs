//! The texts of the program: those of every part of it, and its own.

use procedo_core::message::{CatalogueError, Language, Sources, Texts};

/// The command line's own sentences and errors.
pub const MESSAGES: Sources = &[
    (Language::En, include_str!("../messages/en.ftl")),
    (Language::Es, include_str!("../messages/es.ftl")),
    (Language::De, include_str!("../messages/de.ftl")),
];

/// The catalogues of all parts.
pub const ALL: &[Sources] = &[
    MESSAGES,
    procedo_engine::MESSAGES,
    procedo_database::MESSAGES,
    procedo_files::MESSAGES,
    procedo_http::MESSAGES,
    procedo_machine::MESSAGES,
    procedo_service::MESSAGES,
    procedo_store::MESSAGES,
    procedo_plugin::MESSAGES,
    procedo_script::MESSAGES,
    procedo_interface::MESSAGES,
    procedo_lab::MESSAGES,
];

/// All texts, in a language and in English, which stands in where the language lacks one.
pub fn texts(language: Language) -> Result<Texts, CatalogueError> {
    let mut texts = Texts::new();
    for (of, source) in ALL.iter().flat_map(|sources| sources.iter()) {
        if *of == language || *of == Language::En {
            texts.add(*of, source)?;
        }
    }
    Ok(texts)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;
    use std::path::{Path, PathBuf};

    /// The identifiers of a catalogue's messages.
    fn ids(source: &str) -> BTreeSet<&str> {
        let id = |line: &'_ str| line.starts_with(|c: char| c.is_ascii_alphabetic()) && line.contains(" =");
        source
            .lines()
            .filter(|line| id(line))
            .filter_map(|line| line.split(" =").next())
            .collect()
    }

    #[test]
    fn the_catalogues_of_all_parts_fit_together_in_every_language() {
        for language in Language::ALL {
            texts(language).expect("no message stands there twice, and each can be read");
        }
    }

    #[test]
    fn every_message_is_there_in_every_language() {
        for sources in ALL {
            let of = |language: Language| {
                let found = sources.iter().find(|(of, _)| *of == language);
                ids(found.expect("a catalogue for each language").1)
            };
            let english = of(Language::En);
            for language in [Language::Es, Language::De] {
                let other = of(language);
                let differs: Vec<_> = english.symmetric_difference(&other).collect();
                assert_eq!(differs, Vec::<&&str>::new(), "{language:?}");
            }
        }
    }

    fn rust_files(dir: &Path, files: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(dir).expect("a folder of the source").flatten() {
            let path = entry.path();
            if path.is_dir() {
                rust_files(&path, files);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                files.push(path);
            }
        }
    }

    /// The codes that the source of the host raises: texts of `P` and four digits.
    fn raised() -> BTreeSet<String> {
        let host = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let mut files = Vec::new();
        for folder in [host.clone(), host.join("capability")] {
            for part in std::fs::read_dir(folder)
                .expect("the source of the host")
                .flatten()
            {
                let source = part.path().join("src");
                if source.is_dir() {
                    rust_files(&source, &mut files);
                }
            }
        }
        let mut codes = BTreeSet::new();
        for file in files {
            let text = std::fs::read_to_string(file).expect("a file of the source");
            for (at, _) in text.match_indices("\"P") {
                let code: String = text[at + 1..].chars().take_while(|c| *c != '"').collect();
                if code.len() == 5 && code[1..].bytes().all(|b| b.is_ascii_digit()) {
                    codes.insert(code);
                }
            }
        }
        codes
    }

    #[test]
    fn every_code_has_its_sentence_and_its_page() {
        let texts = texts(Language::En).expect("the catalogues can be read");
        let pages = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/errors");
        let codes = raised();
        assert!(
            codes.contains("P0101") && codes.contains("P0070"),
            "the search finds codes"
        );
        let told: Vec<_> = codes
            .iter()
            .filter(|code| !texts.has(Language::En, code))
            .collect();
        assert_eq!(told, Vec::<&String>::new(), "codes without a sentence");
        let explained = |code: &str| {
            let page = std::fs::read_to_string(pages.join(format!("{code}.md"))).unwrap_or_default();
            page.starts_with(&format!("# {code}: ")) && page.contains("\n## What to do\n")
        };
        let unexplained: Vec<_> = codes.iter().filter(|code| !explained(code)).collect();
        assert_eq!(unexplained, Vec::<&String>::new(), "codes without a page");
    }
}
