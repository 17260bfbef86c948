//! The localised pages in a real browser: headless Chromium on the lab's web server.

#![allow(clippy::unwrap_used, reason = "what a helper meets fails its test, too")]

use procedo_tests::site::temporary;
use procedo_tests::web::get;
use procedo_tests::{Done, LOCALIZE, Site};
use std::collections::BTreeSet;
use std::process::Command;
use url::Url;

/// The names of the browser; the first that is there is used.
const BROWSERS: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];

/// A page as the browser has it once its scripts have run.
#[track_caller]
fn dom(url: &str) -> String {
    let path = std::env::var_os("PATH").unwrap();
    let there = |name: &&str| std::env::split_paths(&path).any(|dir| dir.join(name).is_file());
    let browser = BROWSERS.iter().find(|name| there(name));
    let browser = browser.expect("no browser is on the PATH; “cargo xtask test” installs chromium");
    let profile = temporary();
    let done = Done::of(
        Command::new(browser)
            .args([
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--no-first-run",
            ])
            .args([
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
            ])
            .args([
                "--disable-dev-shm-usage",
                "--no-proxy-server",
                "--virtual-time-budget=5000",
            ])
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .args(["--dump-dom", url]),
    );
    assert_eq!(done.code(), Some(0), "{done}");
    assert!(done.out.contains("<html"), "{done}");
    done.out
}

fn localised() -> Site {
    let site = Site::lab_up();
    site.json(LOCALIZE).ok();
    site
}

fn url(site: &Site, path: &str) -> String {
    format!("{}/HPPC/{path}", site.origin())
}

/// What UTF-8 looks like when it is read as windows-1252, and what stands for bytes that could not be read.
const BROKEN: [&str; 9] = ["Ã¤", "Ã¶", "Ã¼", "ÃŸ", "Ã„", "Ã–", "Ãœ", "â€", "\u{fffd}"];

/// What a page refers to in attributes that a browser loads or follows.
fn references(page: &str, base: &Url) -> BTreeSet<Url> {
    let mut found = BTreeSet::new();
    for attribute in ["href=\"", "src=\"", "action=\"", "background=\""] {
        for piece in page.split(attribute).skip(1) {
            let value = piece.split('"').next().unwrap().replace("&amp;", "&");
            let value = value.split('#').next().unwrap();
            if value.is_empty() || value.starts_with("javascript:") || value.starts_with("mailto:") {
                continue;
            }
            let url = base.join(value).unwrap();
            if url.host_str() == base.host_str() && url.port() == base.port() {
                found.insert(url);
            }
        }
    }
    found
}

#[test]
fn the_main_page_and_the_capture_page_are_german_with_all_their_letters() {
    let site = localised();
    for (path, texts) in [
        (
            "html/WCDeutsch.htm",
            vec!["lang=\"de\"", "varUserLanguage=deutsch"],
        ),
        (
            "html/deutsch/CaptureWCData.htm",
            vec![
                "<title>Websitzung anfordern</title>",
                "was Sie wissen möchten",
                "Füllen Sie die Felder",
            ],
        ),
        (
            "html/deutsch/CallMePage.htm",
            vec!["Möchten Sie lieber sprechen?", "Gebühren: 0 £", "weiterläuft"],
        ),
    ] {
        let page = dom(&url(&site, path));
        for text in texts {
            assert!(page.contains(text), "“{text}” stands on {path}:\n{page}");
        }
        assert!(page.contains(['ä', 'ö', 'ü']), "{path} has umlauts:\n{page}");
        for broken in BROKEN {
            assert!(!page.contains(broken), "“{broken}” stands on {path}:\n{page}");
        }
    }
}

#[test]
fn every_page_of_the_new_language_is_whole_in_the_browser() {
    let site = localised();
    let pages = std::fs::read_dir(site.path("web/html/deutsch")).unwrap();
    let names = pages.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let names: Vec<_> = names.filter(|name| name.ends_with(".htm")).collect();
    assert!(names.len() >= 9, "{names:?}");
    for name in names {
        let page = dom(&url(&site, &format!("html/deutsch/{name}")));
        assert!(page.contains("lang=\"de\""), "{name}: {page}");
        assert!(
            BROKEN.iter().all(|broken| !page.contains(broken)),
            "{name}: {page}"
        );
    }
}

#[test]
fn links_frames_and_pictures_lead_to_what_is_there() {
    let site = localised();
    let start = Url::parse(&url(&site, "html/WCDeutsch.htm")).unwrap();
    let mut open = vec![
        start.clone(),
        Url::parse(&url(&site, "html/deutsch/CaptureWCData.htm")).unwrap(),
    ];
    let mut known: BTreeSet<Url> = open.iter().cloned().collect();
    let mut seen = 0;
    while let Some(next) = open.pop() {
        // What a form posts to answers a GET without fields with an error of its own.
        if next.path().ends_with(".dll") && next.query().is_none() {
            continue;
        }
        let page = get(next.as_str());
        assert_eq!(page.status, 200, "{next}");
        seen += 1;
        if !page.content_type.starts_with("text/html") {
            assert!(!page.bytes.is_empty(), "{next}");
            continue;
        }
        if next.path().contains("/deutsch/") || next == start {
            // What the browser sees: also what scripts put into the page.
            for found in references(&dom(next.as_str()), &next) {
                if known.insert(found.clone()) {
                    open.push(found);
                }
            }
        }
    }
    assert!(seen > 8, "only {seen} of {known:?}");
    assert!(
        known.iter().any(|url| url.path().contains("/deutsch/images/")),
        "pictures of the language: {known:?}"
    );
    let english: Vec<_> = known
        .iter()
        .filter(|url| url.path().contains("/html/english/"))
        .collect();
    assert!(
        english.is_empty(),
        "German pages lead to English ones: {english:?}"
    );
}

#[test]
fn the_button_of_the_main_page_opens_the_german_capture_page() {
    let site = localised();
    let main = dom(&url(&site, "html/WCDeutsch.htm"));
    let base = Url::parse(&url(&site, "html/WCDeutsch.htm")).unwrap();
    let at = main.find("varUserLanguage=deutsch").unwrap();
    let start = main[..at].rfind(['"', '\'']).unwrap() + 1;
    let end = at + main[at..].find(['"', '\'']).unwrap();
    let target = base.join(&main[start..end].replace("&amp;", "&")).unwrap();
    let capture = dom(target.as_str());
    assert!(
        capture.contains("<title>Websitzung anfordern</title>"),
        "{target}:\n{capture}"
    );
}
