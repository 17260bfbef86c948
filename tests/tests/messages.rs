//! What people read: every sentence is there in English, Spanish and German with the same values, every error code has a page.

#![allow(clippy::unwrap_used, reason = "what a helper meets fails its test, too")]

use fluent_syntax::ast::{Entry, Resource};
use fluent_syntax::{parser, serializer};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

const LANGUAGES: [&str; 3] = ["en", "es", "de"];

/// A message's identifier, and the names of the values it tells.
type Catalogue = BTreeMap<String, BTreeSet<String>>;

fn project() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// All files below a folder whose name ends so, without what a build makes.
fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() && !path.ends_with("target") {
                folders.push(path);
            } else if path.to_string_lossy().ends_with(ending) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

fn catalogue(path: &Path) -> Catalogue {
    let source = std::fs::read_to_string(path).unwrap();
    let resource =
        parser::parse(source).unwrap_or_else(|(_, errors)| panic!("{}: {errors:?}", path.display()));
    let mut catalogue = Catalogue::new();
    for entry in resource.body {
        if let Entry::Message(message) = entry {
            let id = message.id.name.clone();
            let text = serializer::serialize(&Resource {
                body: vec![Entry::Message(message)],
            });
            let values = text.split('$').skip(1).map(|rest| {
                let end = rest.find(|c: char| !c.is_alphanumeric() && c != '-' && c != '_');
                rest[..end.unwrap_or(rest.len())].to_owned()
            });
            let twice = catalogue.insert(id.clone(), values.collect());
            assert!(twice.is_none(), "{id} stands twice in {}", path.display());
        }
    }
    assert!(!catalogue.is_empty(), "{}", path.display());
    catalogue
}

/// The English catalogues of the host, by their files.
fn english() -> BTreeMap<PathBuf, Catalogue> {
    let files = files(&project().join("host"), "messages/en.ftl");
    assert!(files.len() > 10, "{files:?}");
    let read = |path: PathBuf| {
        let catalogue = catalogue(&path);
        (path, catalogue)
    };
    files.into_iter().map(read).collect()
}

fn is_code(text: &str) -> bool {
    text.len() == 5 && text.starts_with('P') && text.bytes().skip(1).all(|byte| byte.is_ascii_digit())
}

/// The error codes that the host's sources name, with a file that does.
fn raised() -> BTreeMap<String, PathBuf> {
    let mut raised = BTreeMap::new();
    for path in files(&project().join("host"), ".rs") {
        if path
            .strip_prefix(project())
            .unwrap()
            .components()
            .any(|part| part.as_os_str() == "tests")
        {
            continue;
        }
        let source = std::fs::read_to_string(&path).unwrap();
        // What a file says after its unit tests begin is not raised in earnest.
        let earnest = source.split("#[cfg(test)]").next().unwrap_or_default();
        for code in earnest.split('"').filter(|part| is_code(part)) {
            raised.insert(code.to_owned(), path.clone());
        }
    }
    raised
}

#[test]
fn every_message_is_there_in_three_languages_with_the_same_values() {
    let project = project();
    let english = ["host", "plugins"].map(|folder| files(&project.join(folder), "en.ftl"));
    for english in english.iter().flatten() {
        let expected = catalogue(english);
        for language in LANGUAGES {
            let name = english.file_name().unwrap().to_str().unwrap();
            let other = english.with_file_name(name.replace("en.ftl", &format!("{language}.ftl")));
            let found = catalogue(&other);
            let ids = |catalogue: &Catalogue| catalogue.keys().cloned().collect::<BTreeSet<_>>();
            let (all, there) = (ids(&expected), ids(&found));
            let different: Vec<_> = all.symmetric_difference(&there).collect();
            assert!(different.is_empty(), "{}: {different:?}", other.display());
            for (id, values) in &expected {
                assert_eq!(values, &found[id], "{id} in {}", other.display());
            }
        }
    }
}

#[test]
fn every_code_that_is_raised_has_a_message_and_every_message_of_a_code_is_raised() {
    let mut told: BTreeMap<String, PathBuf> = BTreeMap::new();
    for (path, catalogue) in english() {
        for code in catalogue.into_keys().filter(|id| is_code(id)) {
            if let Some(other) = told.insert(code.clone(), path.clone()) {
                panic!("{code} is told by {} and by {}", other.display(), path.display());
            }
        }
    }
    let raised = raised();
    assert!(raised.len() > 200, "{}", raised.len());
    let untold: Vec<_> = raised
        .iter()
        .filter(|(code, _)| !told.contains_key(*code))
        .collect();
    assert!(untold.is_empty(), "raised without a message: {untold:?}");
    let never: Vec<_> = told
        .iter()
        .filter(|(code, _)| !raised.contains_key(*code))
        .collect();
    assert!(never.is_empty(), "told and never raised: {never:?}");
}

#[test]
fn every_code_has_a_page_with_what_happened_what_to_do_and_why() {
    let told: BTreeSet<String> = english()
        .into_values()
        .flat_map(Catalogue::into_keys)
        .filter(|id| is_code(id))
        .collect();
    let pages = project().join("docs/errors");
    for code in &told {
        let page = pages.join(format!("{code}.md"));
        let text =
            std::fs::read_to_string(&page).unwrap_or_else(|error| panic!("{}: {error}", page.display()));
        assert!(text.starts_with(&format!("# {code}: ")), "{code} has no title");
        for heading in ["## What happened", "## What to do", "## Usual causes"] {
            assert!(text.contains(heading), "{code}: {heading}");
        }
    }
    for page in files(&pages, ".md") {
        let code = page.file_stem().unwrap().to_str().unwrap();
        assert!(
            !is_code(code) || told.contains(code),
            "{code} has a page and no message"
        );
    }
}

#[test]
fn every_operation_has_its_sentence() {
    let told: BTreeSet<String> = english().into_values().flat_map(Catalogue::into_keys).collect();
    let mut functions = 0;
    for wit in files(&project().join("sdk/wit"), ".wit") {
        let source = std::fs::read_to_string(&wit).unwrap();
        let interface = wit.file_stem().unwrap().to_str().unwrap();
        if !source.contains(&format!("interface {interface} ")) || interface == "run" {
            continue;
        }
        for line in source.lines().filter(|line| line.contains(": func(")) {
            // A name that is a word of WIT has a mark before it.
            let function = line.trim().trim_start_matches('%').split(':').next().unwrap();
            let id = format!("{interface}-{function}");
            assert!(told.contains(&id), "{id} has no sentence");
            functions += 1;
        }
    }
    assert!(functions > 40, "{functions}");
}

#[test]
fn every_sentence_that_a_capability_names_is_there() {
    let mut named = 0;
    for english in files(&project().join("host/capability"), "messages/en.ftl") {
        let told = catalogue(&english);
        let home = english.parent().and_then(Path::parent).unwrap();
        let prefix = format!("{}-", home.file_name().unwrap().to_str().unwrap());
        for path in files(&home.join("src"), ".rs") {
            let source = std::fs::read_to_string(&path).unwrap();
            let ids = source.split('"').filter(|text| {
                text.starts_with(&prefix)
                    && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-')
            });
            for id in ids {
                assert!(told.contains_key(id), "{id}, named in {}", path.display());
                named += 1;
            }
        }
    }
    assert!(named > 30, "{named}");
}
