//! Undo: it puts back what was, byte for byte; it keeps what somebody changed since; and it can be undone itself.

#![allow(clippy::unwrap_used, reason = "what a helper meets fails its test, too")]

use procedo_tests::journal::of_kind;
use procedo_tests::tree::Tree;
use procedo_tests::web::{Answer, Web};
use procedo_tests::{LOCALIZE, Site};

/// A site that was localised, with the run, and the web folder before and after.
fn localised() -> (Site, String, Tree, Tree) {
    let site = Site::lab_up();
    let before = Tree::of(&site.path("web"));
    let run = site.json(LOCALIZE).ok().run();
    let after = Tree::of(&site.path("web"));
    assert!(!before.differences(&after).is_empty(), "something was changed");
    (site, run, before, after)
}

#[track_caller]
fn same(expected: &Tree, site: &Site) {
    let differs = expected.differences(&Tree::of(&site.path("web")));
    assert!(differs.is_empty(), "{}", differs.join("\n"));
}

#[test]
fn it_puts_back_what_was_and_an_undo_of_it_what_had_been_done() {
    let (site, run, before, after) = localised();
    let first = site.json(["undo", &run, "--yes"]).ok();
    same(&before, &site);
    let second = site.json(["undo", &first.run(), "--yes"]).ok();
    same(&after, &site);
    site.json(["undo", &second.run(), "--yes"]).ok();
    same(&before, &site);
    site.whole();
}

#[test]
fn a_run_is_undone_once() {
    let (site, run, ..) = localised();
    let undo = site.json(["undo", &run, "--yes"]).ok().run();
    let (code, sentence) = site.json(["undo", &run, "--yes"]).error();
    assert_eq!(code, "P0138");
    assert!(sentence.contains(&undo), "{sentence}");
}

#[test]
fn without_a_yes_it_shows_its_plan_and_does_nothing() {
    let (site, run, _, after) = localised();
    let shown = site.procedo(["undo", &run]).ended(4);
    assert!(
        shown.out.contains("html/WCDeutsch.htm") && shown.err.contains("P0026"),
        "{shown}"
    );
    same(&after, &site);
}

#[test]
fn its_plan_names_what_cannot_be_undone() {
    let site = Site::new();
    let web = Web::serving(|_| Answer::text("taken"));
    site.declare(&format!("[resource.http.web]\norigin = \"{}\"", web.origin));
    site.grant("test/*", "http", "web", "write");
    site.script(
        "posts",
        "needs = [{ capability = \"http\", resource = \"web\", effect = \"write\" }]",
        r#"http::send(#{ origin: "web", method: "POST", path: "/orders", headers: [], body: "one" }).status"#,
    );
    let run = site.json(["run", "test/posts"]).ok().run();
    let shown = site.procedo(["undo", &run]).ended(4);
    assert!(
        shown.out.contains("Not reversible: http/web") && shown.out.contains("/orders"),
        "{shown}"
    );
    let done = site.json(["undo", &run, "--yes"]).ok().last();
    assert_eq!(
        done["result"]["irreversible"].as_array().map(Vec::len),
        Some(1),
        "{done}"
    );
    assert_eq!(web.asked().len(), 1, "nothing is sent to take it back");
}

/// Edits a page by hand after the run and starts its undo, which must ask.
fn edited() -> (Site, String, Tree, String) {
    let (site, run, before, _) = localised();
    let page = site.read("web/html/WCDeutsch.htm");
    site.write(
        "web/html/WCDeutsch.htm",
        page.replace("</body>", "<p>Von Hand ergänzt.</p></body>"),
    );
    let asked = site.json(["undo", &run, "--yes"]).ended(4);
    let resting = asked.last();
    assert_eq!(resting["waiting"]["question"]["form"], "choose", "{asked}");
    let sentence = resting["message"].as_str().unwrap();
    assert!(sentence.contains("html/WCDeutsch.htm"), "{sentence}");
    assert!(
        site.read("web/html/WCDeutsch.htm").contains("Von Hand ergänzt"),
        "asking alters nothing"
    );
    let undo = asked.run();
    (site, undo, before, page)
}

#[test]
fn what_was_edited_by_hand_is_kept_and_reported() {
    let (site, undo, before, _) = edited();
    site.procedo(["answer", &undo, "keep"]).ok();
    let done = site.json(["resume", &undo]).ok().last();
    let kept = done["result"]["kept"].as_array().unwrap();
    assert!(
        kept.len() == 1 && kept[0]["target"].as_str().unwrap().contains("WCDeutsch.htm"),
        "{kept:?}"
    );
    assert!(site.read("web/html/WCDeutsch.htm").contains("Von Hand ergänzt"));
    std::fs::remove_file(site.path("web/html/WCDeutsch.htm")).unwrap();
    same(&before, &site);
    site.whole();
}

#[test]
fn what_was_edited_by_hand_is_overwritten_only_if_a_person_says_so() {
    let (site, undo, before, _) = edited();
    site.procedo(["answer", &undo, "overwrite"]).ok();
    site.json(["resume", &undo]).ok();
    same(&before, &site);
    // The edit is in the record, so that even this can be undone.
    site.json(["undo", &undo, "--yes"]).ok();
    assert!(site.read("web/html/WCDeutsch.htm").contains("Von Hand ergänzt"));
}

#[test]
fn an_undo_that_is_stopped_leaves_the_rest_as_it_is() {
    let (site, undo, _, page) = edited();
    site.procedo(["answer", &undo, "stop"]).ok();
    let failed = site.json(["resume", &undo]).ended(1);
    assert_eq!(failed.error().0, "P0142");
    assert!(site.read("web/html/WCDeutsch.htm").contains("Von Hand ergänzt"));
    assert!(page.contains("Deutsch") || site.path("web/html/deutsch").is_dir());
}

#[test]
fn a_page_edited_in_a_copied_folder_is_a_conflict_as_well() {
    let (site, run, before, _) = localised();
    site.write("web/html/deutsch/Notiz.txt", "Von Hand dazugelegt");
    let asked = site.json(["undo", &run, "--yes"]).ended(4);
    let undo = asked.run();
    site.procedo(["answer", &undo, "keep"]).ok();
    let done = site.json(["resume", &undo]).ok();
    assert_eq!(
        site.read("web/html/deutsch/Notiz.txt"),
        "Von Hand dazugelegt",
        "{done}"
    );
    assert!(
        !site.path("web/html/WCDeutsch.htm").exists(),
        "what nobody touched is put back"
    );
    let now = Tree::of(&site.path("web"));
    let lost: Vec<_> = before
        .0
        .keys()
        .filter(|path| !now.0.contains_key(*path))
        .collect();
    assert!(lost.is_empty(), "{lost:?}");
    assert_eq!(of_kind(&site.show(&undo), "waiting").len(), 1);
}
