//! The site's content: what the web components must hold, in which encodings, and that the translations fit them.

#![allow(clippy::unwrap_used, reason = "what a helper meets fails its test, too")]

use procedo_lab::site::FILES;
use std::collections::{BTreeMap, BTreeSet};

fn bytes(path: &str) -> &'static [u8] {
    FILES
        .iter()
        .find(|(name, _)| *name == path)
        .unwrap_or_else(|| panic!("{path}"))
        .1
}

/// A page's text; the pages declare UTF-8 or are read as ISO-8859-1.
fn text(path: &str) -> String {
    let bytes = bytes(path);
    match std::str::from_utf8(bytes) {
        Ok(text) => text.trim_start_matches('\u{feff}').to_owned(),
        Err(_) => bytes.iter().copied().map(char::from).collect(),
    }
}

fn pages() -> impl Iterator<Item = &'static str> {
    FILES
        .iter()
        .map(|(path, _)| *path)
        .filter(|path| path.starts_with("web/html/") && path.ends_with(".htm"))
}

#[test]
fn every_file_of_the_folder_is_in_the_site() {
    fn below(folder: &std::path::Path, found: &mut BTreeSet<String>, root: &std::path::Path) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                below(&path, found, root);
            } else {
                found.insert(path.strip_prefix(root).unwrap().to_str().unwrap().to_owned());
            }
        }
    }
    let root = std::path::Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/site"));
    let mut found = BTreeSet::new();
    below(root, &mut found, root);
    found.remove("procedo.toml");
    found.remove(".gitattributes");
    assert_eq!(found, FILES.iter().map(|(path, _)| (*path).to_owned()).collect());
}

#[test]
fn the_pages_come_in_the_encodings_that_sites_have() {
    let capture = bytes("web/html/english/CaptureWCData.htm");
    assert!(
        std::str::from_utf8(capture).is_err() && capture.contains(&0xe9),
        "ISO-8859-1"
    );
    assert!(text("web/html/english/CaptureWCData.htm").contains("charset=iso-8859-1"));
    let help = bytes("web/html/english/Help.htm");
    assert!(std::str::from_utf8(help).is_ok() && !help.is_ascii(), "UTF-8");
    let privacy = bytes("web/html/english/Privacy.htm");
    assert!(
        privacy.starts_with(b"\xef\xbb\xbf") && privacy.windows(2).any(|pair| pair == b"\r\n"),
        "mark and CRLF"
    );
    let settings = std::str::from_utf8(bytes("web/HPWC.ini")).unwrap();
    assert!(settings.contains("[HPPCSETTINGS]\r\n") && !settings.replace("\r\n", "").contains('\n'));
    assert!(bytes("web/images/logo.png").starts_with(b"\x89PNG\r\n\x1a\n"));
    assert!(bytes("web/html/english/images/help.gif").starts_with(b"GIF89a"));
}

#[test]
fn the_capture_page_has_all_that_the_guide_asks_for() {
    let capture = text("web/html/english/CaptureWCData.htm");
    for name in [
        "VarUserRequest",
        "varUserLanguage",
        "varHPPCLanguage",
        "varSessionPriority",
        "varCustomerName",
        "varSource",
        "varDestination",
        "varCaption",
        "varBusinessUnitName",
        "Key1",
        "Key2",
        "btnSubmit",
        "btnReset",
    ] {
        assert_eq!(capture.matches(&format!("name=\"{name}\"")).count(), 1, "{name}");
    }
    let frames = text("web/html/english/WCSession.htm");
    assert!(frames.matches("<frame ").count() >= 2 && frames.contains("<noframes>"));
}

#[test]
fn every_reference_of_a_page_leads_to_a_file_of_the_site() {
    let known: BTreeSet<&str> = FILES
        .iter()
        .map(|(path, _)| *path)
        .chain(["web/hppcwis.dll"])
        .collect();
    let mut seen = 0;
    for page in pages() {
        let text = text(page);
        for (name, quoted) in ["href=\"", "src=\"", "action=\"", "background=\""]
            .into_iter()
            .flat_map(|name| {
                text.split(name)
                    .skip(1)
                    .map(move |rest| (name, rest.split('"').next().unwrap().to_owned()))
            })
        {
            let path = quoted.split(['?', '#']).next().unwrap();
            if path.is_empty() || path.contains(':') {
                continue;
            }
            let mut parts: Vec<&str> = page.split('/').collect();
            parts.pop();
            for part in path.split('/') {
                match part {
                    ".." => assert!(parts.pop().is_some(), "{page}: {quoted} leads out of the folder"),
                    part => parts.push(part),
                }
            }
            assert!(known.contains(parts.join("/").as_str()), "{page}: {name}{quoted}");
            seen += 1;
        }
    }
    assert!(seen > 30);
}

/// The texts of a page that people see. The pages are ours and plain enough for this; a translator of any page needs a
/// real parser.
fn visible(page: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut add = |text: &str| {
        let entities = [
            ("&nbsp;", " "),
            ("&amp;", "&"),
            ("&hellip;", "…"),
            ("&mdash;", "—"),
        ];
        let text = entities
            .into_iter()
            .fold(text.to_owned(), |text, (entity, is)| text.replace(entity, is));
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        if text.chars().any(char::is_alphabetic) {
            found.insert(text);
        }
    };
    let mut rest = page;
    while let Some((text, after)) = rest.split_once('<') {
        add(text);
        rest = after;
        if let Some(comment) = rest.strip_prefix("!--") {
            rest = comment.split_once("-->").unwrap().1;
            continue;
        }
        let (tag, after) = rest.split_once('>').unwrap();
        rest = after;
        let name = tag.split([' ', '\n', '\r']).next().unwrap();
        if matches!(name, "script" | "style") {
            rest = rest.split_once(&format!("</{name}>")).unwrap().1;
        }
        let button = ["submit", "reset", "button"]
            .iter()
            .any(|kind| tag.contains(&format!("type=\"{kind}\"")));
        let described = tag.contains("name=\"description\"") || tag.contains("name=\"keywords\"");
        for (attribute, shown) in [
            ("title", true),
            ("alt", true),
            ("placeholder", true),
            ("summary", true),
            ("label", true),
            ("value", button),
            ("content", described),
        ] {
            if let Some((_, value)) = tag.split_once(&format!(" {attribute}=\"")).filter(|_| shown) {
                add(value.split('"').next().unwrap());
            }
        }
    }
    add(rest);
    found
}

/// The entries of a PO file, one line each.
fn po(path: &str) -> BTreeMap<String, String> {
    let quoted = |line: &str, keyword: &str| {
        let text = line
            .strip_prefix(keyword)?
            .trim()
            .strip_prefix('"')?
            .strip_suffix('"')?;
        Some(text.replace("\\\"", "\"").replace("&amp;", "&"))
    };
    let text = text(path);
    let sources = text.lines().filter_map(|line| quoted(line, "msgid "));
    let translations = text.lines().filter_map(|line| quoted(line, "msgstr "));
    let mut entries: BTreeMap<_, _> = sources.zip(translations).collect();
    assert_eq!(entries.remove(""), Some(String::new()), "the header");
    entries
}

#[test]
fn the_translations_cover_the_pages_but_for_three_texts() {
    let seen: BTreeSet<String> = pages().flat_map(|page| visible(&text(page))).collect();
    for path in ["translations/deutsch.po", "translations/español.po"] {
        let entries = po(path);
        let without: Vec<_> = seen.iter().filter(|text| !entries.contains_key(*text)).collect();
        assert_eq!(
            without,
            [
                "At most 75 characters",
                "Question mark",
                "help, live help, callback"
            ],
            "{path}"
        );
        let unused: Vec<_> = entries.keys().filter(|text| !seen.contains(*text)).collect();
        assert!(unused.is_empty(), "{path}: {unused:?}");
        assert!(
            entries.values().all(|translation| !translation.is_empty()),
            "{path}"
        );
    }
    assert!(
        po("translations/deutsch.po")
            .values()
            .any(|text| text.contains('ß') || text.contains('Ü'))
    );
    assert!(
        po("translations/español.po")
            .values()
            .any(|text| text.contains('ñ'))
    );
}

#[test]
fn the_csv_file_says_what_the_po_file_says() {
    let csv = text("translations/deutsch.csv");
    let mut lines = csv.split("\r\n").filter(|line| !line.is_empty());
    assert_eq!(lines.next(), Some("source,translation"));
    let entries: BTreeMap<String, String> = lines
        .map(|line| {
            let (source, translation) = line.trim_matches('"').split_once("\",\"").unwrap();
            let read = |text: &str| text.replace("\"\"", "\"").replace("&amp;", "&");
            (read(source), read(translation))
        })
        .collect();
    assert_eq!(entries, po("translations/deutsch.po"));
}
