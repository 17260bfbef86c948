//! The lab's pages, put into German and Spanish by the lab's own catalogues.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use web_components::catalogue::Catalogue;
use web_components::links::Renaming;
use web_components::pages::{self, FileKind, Page};
use web_components::{capture, po, served};

fn site() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../host/lab/site")
}

/// A file's text: UTF-8, else windows-1252, as the capability reads it.
fn read(path: &Path) -> String {
    let bytes = std::fs::read(path).expect("a file of the lab");
    match String::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => encoding_rs::WINDOWS_1252.decode(error.as_bytes()).0.into_owned(),
    }
}

fn localized(catalogue: &Catalogue, folder: &str, main: &str, tag: &str) -> Vec<(String, Page)> {
    let html = site().join("web/html");
    let english: Vec<_> = std::fs::read_dir(html.join("english"))
        .expect("a folder")
        .map(|entry| {
            entry
                .expect("an entry")
                .file_name()
                .into_string()
                .expect("a name")
        })
        .collect();
    let renaming = Renaming {
        html: vec!["html".to_owned()],
        source: "english".to_owned(),
        target: folder.to_owned(),
        mains: vec![("WCMain.htm".to_owned(), main.to_owned())],
        // What is on these pages, as the listing of the folder has it.
        files: english
            .iter()
            .cloned()
            .chain(["images/livehelp.png".to_owned()])
            .map(|name| name.to_lowercase())
            .collect(),
    };
    let mut pages = Vec::new();
    let mut names: Vec<_> = english
        .iter()
        .filter(|name| pages::kind(name) == FileKind::Page)
        .collect();
    names.sort();
    let below = ["html".to_owned(), "english".to_owned()];
    for name in names {
        let text = read(&html.join("english").join(name));
        pages.push((
            name.clone(),
            pages::localize(name, &text, &below, catalogue, &renaming, tag).expect("readable"),
        ));
    }
    let text = read(&html.join("WCMain.htm"));
    pages.push((
        main.to_owned(),
        pages::localize("WCMain.htm", &text, &below[..1], catalogue, &renaming, tag).expect("readable"),
    ));
    pages
}

#[test]
fn the_po_and_the_csv_catalogue_make_the_same_pages_with_few_texts_left() {
    let translations = site().join("translations");
    let po = Catalogue::of_po(&po::parse(&read(&translations.join("deutsch.po"))).expect("a PO file"));
    let csv = Catalogue::of_csv(&read(&translations.join("deutsch.csv"))).expect("a CSV file");
    let german = localized(&po, "deutsch", "WCDeutsch.htm", "de");
    for ((name, by_po), (_, by_csv)) in german
        .iter()
        .zip(&localized(&csv, "deutsch", "WCDeutsch.htm", "de"))
    {
        assert_eq!(by_po.text, by_csv.text, "{name}");
        assert!(
            by_po.text.contains("charset=utf-8") || by_po.text.contains("charset=\"utf-8\""),
            "{name}"
        );
        assert!(by_po.text.contains(" lang=\"de\""), "{name}");
        assert_eq!(
            served::flaw(&by_po.text, Some("text/html"), by_po.outcome.sample.as_deref()),
            Ok(None),
            "{name}"
        );
    }
    let left: BTreeSet<_> = german
        .iter()
        .flat_map(|(_, page)| &page.outcome.untranslated)
        .cloned()
        .collect();
    insta::assert_snapshot!(left.into_iter().collect::<Vec<_>>().join("\n"));
}

#[test]
fn the_german_main_page_leads_to_the_german_capture_page() {
    let po = Catalogue::of_po(&po::parse(&read(&site().join("translations/deutsch.po"))).expect("a PO file"));
    let pages = localized(&po, "deutsch", "WCDeutsch.htm", "de");
    let (_, main) = pages.last().expect("the main page");
    assert_eq!(
        served::follow(&main.text, "/HPPC/html/WCDeutsch.htm", "deutsch"),
        Ok(Some(served::Follow::Get(
            "/HPPC/hppcwis.dll?varUserRequest=REQ_WEBCHAT_MAIN&varUserLanguage=deutsch".to_owned()
        )))
    );
    insta::assert_snapshot!(main.text.replace('\r', ""));
    let (_, page) = &pages[1];
    insta::assert_snapshot!(page.text.replace('\r', ""));
    assert_eq!(
        capture::customize(&page.text, &[]).expect("readable").missing,
        Vec::<&str>::new()
    );
}

#[test]
fn the_spanish_catalogue_can_be_used_too() {
    let entries = po::parse(&read(&site().join("translations/español.po"))).expect("a PO file");
    let pages = localized(&Catalogue::of_po(&entries), "espanol", "WCEspanol.htm", "es");
    assert!(pages.iter().all(|(_, page)| page.outcome.translated > 0));
}
