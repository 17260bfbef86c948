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
    procedo_files::MESSAGES,
    procedo_http::MESSAGES,
    procedo_store::MESSAGES,
    procedo_plugin::MESSAGES,
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
