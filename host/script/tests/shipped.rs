//! The scripts that come with Procedo load, and nothing is found in them.

#![allow(clippy::unwrap_used, reason = "a test that meets an Err fails")]

mod fake;

use fake::HOST;
use procedo_core::caller::Guest;
use procedo_core::message::{Language, Message};
use std::path::{Path, PathBuf};

/// The scripts below a folder, by path below it.
fn scripts(folder: &Path, below: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder.join(below)).unwrap() {
        let path: PathBuf = below.join(entry.unwrap().file_name());
        if folder.join(&path).is_dir() {
            found.extend(scripts(folder, &path));
        } else if path.extension().is_some_and(|extension| extension == "rhai") {
            found.push(path.to_str().unwrap().to_owned());
        }
    }
    found
}

#[test]
fn every_shipped_script_loads_without_findings_and_in_three_languages() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scripts");
    let scripts = scripts(&folder, Path::new(""));
    assert!(!scripts.is_empty());
    for name in scripts {
        let script = HOST
            .load(&folder, &name)
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(procedo_script::check(&script), [], "{name}");
        let texts = script.manifest().catalogues().unwrap();
        for language in Language::ALL {
            assert!(
                texts.find(language, &Message::new("title")).is_some() && texts.has(language, "title"),
                "{name}"
            );
        }
    }
}
