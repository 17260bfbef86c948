//! Three languages: the same commands speak each of them, and no message's name or placeholder shows through.

#![allow(clippy::unwrap_used, reason = "what a helper meets fails its test, too")]

use procedo_tests::{Done, LOCALIZE, Program, Site};
use std::collections::BTreeSet;

const LANGUAGES: [&str; 3] = ["en", "es", "de"];

/// A command in a language.
fn told(site: &Site, language: &str, args: &[&str]) -> Done {
    Done::of(site.command(Program::Procedo, args).args(["--lang", language]))
}

/// A word that is neither a name of something nor what shows through of a message that is missing.
#[track_caller]
fn sound(language: &str, done: &Done, names: &BTreeSet<String>) {
    let text = format!("{}{}", done.out, done.err);
    assert!(
        !text.contains('\u{2068}') && !text.contains('\u{2069}'),
        "isolating marks in {language}: {done}"
    );
    for leak in ["{ $", "{$", "{ -", "P0070", "Unknown variable", "??", "�"] {
        assert!(
            !text.contains(leak),
            "“{leak}” shows through in {language}: {done}"
        );
    }
    for word in text.split(|c: char| c.is_whitespace() || "“”\"'.,:;()·[]".contains(c)) {
        assert!(
            !names.contains(word),
            "the message's name “{word}” shows through in {language}: {done}"
        );
    }
}

/// The names of the messages of the command line, as far as they cannot be words of a language or of a command.
fn names() -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for file in [
        "host/cli",
        "host/engine",
        "host/store",
        "host/capability/files",
        "host/capability/http",
        "host/lab",
    ] {
        let path = procedo_tests::program::checkout()
            .join(file)
            .join("messages/en.ftl");
        let text = std::fs::read_to_string(&path).unwrap();
        for line in text.lines() {
            let Some((name, _)) = line.split_once(" =") else {
                continue;
            };
            let word = name.contains('-')
                && !name.starts_with('P')
                && name.chars().all(|c| c.is_ascii_lowercase() || c == '-');
            if word && !name.starts_with("files-") && !name.starts_with("http-") && !name.starts_with("run-")
            {
                names.insert(name.to_owned());
            }
        }
    }
    // These are also words that a sentence may have.
    for word in ["not-granted", "in-doubt", "not-applied"] {
        names.remove(word);
    }
    assert!(names.len() > 100, "{}", names.len());
    names
}

#[test]
fn every_command_speaks_each_language() {
    let names = names();
    let site = Site::lab_up();
    let done = site.json(LOCALIZE);
    let run = done.ok().run();
    site.script("asks", "", r#"run::confirm("sure", "?")"#);
    let asking = site.json(["run", "test/asks"]).ended(4).run();
    let localize = [
        "web/localize-components",
        "-p",
        "language=français",
        "-p",
        "lang=fr",
        "-p",
        "catalogue=deutsch.po",
    ];
    let commands: Vec<Vec<&str>> = vec![
        vec!["--help"],
        vec!["run", "--help"],
        vec!["audit", "verify", "--help"],
        vec!["procedures"],
        vec!["describe", "web/localize-components"],
        vec!["describe", "web/customize-capture-page"],
        vec!["check"],
        [&["plan"], &localize[..]].concat(),
        vec![
            "plan",
            "web/localize-components",
            "-p",
            "language=francais",
            "-p",
            "lang=fr",
            "-p",
            "catalogue=deutsch.po",
        ],
        vec![
            "plan",
            "web/localize-components-script",
            "-p",
            "language=francais",
            "-p",
            "lang=fr",
            "-p",
            "catalogue=deutsch.po",
        ],
        vec!["run", "web/explain-callback-error", "-p", "code=17031"],
        vec![
            "run",
            "web/check-callback-request",
            "-p",
            "phone=x",
            "-p",
            "priority=500",
        ],
        vec!["runs"],
        vec!["resume"],
        vec!["show", &run],
        vec!["show", &asking],
        vec!["follow", &run],
        vec!["undo", &run],
        vec!["answer", &asking],
        vec!["answer", &asking, "maybe"],
        vec!["approve", &asking],
        vec!["grants"],
        vec!["grant", "web/localize-components", "--yes"],
        vec!["secret", "list"],
        vec!["user", "list"],
        vec!["plugin", "list"],
        vec!["lab", "status"],
        vec!["audit", "verify"],
        vec!["capabilities", "files.read"],
        vec!["explain", "P0106"],
        vec!["explain", "P9999"],
        vec!["nonsense"],
        vec!["run"],
        vec!["run", "no/such"],
        vec!["show", "no-such-run"],
        vec!["show", "../.."],
        vec!["cancel", &run],
        vec!["plugin", "install", "/nowhere.wasm"],
        vec!["plugin", "install", "/etc/passwd"],
        vec!["revoke", "no/such"],
        vec!["--site", "/nowhere", "runs"],
        vec!["run", "web/localize-components"],
        vec![
            "run",
            "web/localize-components",
            "-p",
            "language=english",
            "-p",
            "lang=de",
            "-p",
            "catalogue=deutsch.po",
        ],
        vec![
            "run",
            "web/localize-components",
            "-p",
            "language=x",
            "-p",
            "lang=de",
            "-p",
            "catalogue=gone.po",
        ],
    ];
    for command in commands {
        let by_language = LANGUAGES.map(|language| {
            let done = told(&site, language, &command);
            assert_ne!(done.code(), Some(70), "{done}");
            assert!(done.signal().is_none(), "{done}");
            sound(language, &done, &names);
            done
        });
        let codes = by_language.each_ref().map(Done::code);
        assert!(
            codes[0] == codes[1] && codes[1] == codes[2],
            "the language alters nothing else: {command:?} {codes:?}"
        );
        // The reference of functions and the explanations are in English, as the docs are.
        if !matches!(command[0], "capabilities" | "explain") {
            let texts = by_language
                .each_ref()
                .map(|done| format!("{}{}", done.out, done.err));
            assert!(
                texts[0] != texts[1] && texts[1] != texts[2] && texts[0] != texts[2],
                "{command:?}: {}",
                texts[0]
            );
        }
    }
}

#[test]
fn every_procedure_that_comes_with_procedo_has_its_texts_in_each_language() {
    let site = Site::lab();
    let by_language = LANGUAGES.map(|language| {
        let listed = told(&site, language, &["procedures", "--json"]).ok().json();
        listed
            .as_array()
            .unwrap()
            .iter()
            .filter(|each| each["shipped"] == true)
            .cloned()
            .collect::<Vec<_>>()
    });
    assert!(by_language[0].len() >= 5, "{}", by_language[0].len());
    for (at, english) in by_language[0].iter().enumerate() {
        let id = english["id"].as_str().unwrap();
        for member in ["title", "summary"] {
            let texts: BTreeSet<_> = by_language
                .iter()
                .map(|listed| listed[at][member].as_str().unwrap())
                .collect();
            assert_eq!(texts.len(), 3, "{member} of {id}: {texts:?}");
            assert!(
                texts.iter().all(|text| !text.is_empty() && *text != member),
                "{member} of {id}: {texts:?}"
            );
        }
        // Parameters and steps, as they are described.
        let described = LANGUAGES.map(|language| told(&site, language, &["describe", id]).ok().out);
        let lines = described.each_ref().map(|text| {
            text.lines()
                .filter(|line| line.starts_with("  "))
                .collect::<Vec<_>>()
        });
        assert_eq!(lines[0].len(), lines[1].len(), "{id}");
        for (english, other) in lines[0]
            .iter()
            .zip(&lines[2])
            .chain(lines[0].iter().zip(&lines[1]))
        {
            // A need or a name has no words of a language.
            let has_words = english.split_whitespace().count() > 4;
            assert!(
                !has_words || english != other,
                "{id} is told in English elsewhere: {english}"
            );
        }
    }
}

#[test]
fn the_locale_chooses_where_nothing_else_does() {
    let site = Site::new();
    site.redeclare("language = \"en\"", "language = \"de\"");
    let told = |name: &str, value: &str| {
        let mut command = site.command(Program::Procedo, ["runs"]);
        Done::of(command.env(name, value)).ok().out
    };
    let of_option = |language| {
        Done::of(
            site.command(Program::Procedo, ["runs", "--lang", language])
                .env("LANG", "en_GB.UTF-8"),
        )
        .ok()
        .out
    };
    let (english, spanish, german) = (of_option("en"), of_option("es"), of_option("de"));
    assert!(english != spanish && spanish != german);
    assert_eq!(told("LANG", "es_MX.UTF-8"), spanish);
    assert_eq!(told("LC_ALL", "de_AT"), german);
    assert_eq!(told("LANG", "en_US.UTF-8"), english);
    assert_eq!(told("UNRELATED", "x"), german, "the site's language");
    assert_eq!(site.procedo(["runs", "--lang", "fr"]).ended(2).code(), Some(2));
}

#[test]
fn a_run_is_told_in_the_language_of_whoever_looks_at_it() {
    let site = Site::lab_up();
    let mut command = site.command(
        Program::Procedo,
        [
            "run",
            "web/explain-callback-error",
            "-p",
            "code=17031",
            "--json",
            "--lang",
            "de",
        ],
    );
    let run = Done::of(&mut command).ok().run();
    let shown = LANGUAGES.map(|language| told(&site, language, &["show", &run]).ok().out);
    assert!(
        shown[0].contains("Succeeded") && !shown[2].contains("Succeeded"),
        "{}\n{}",
        shown[0],
        shown[2]
    );
    assert!(shown[0] != shown[1] && shown[1] != shown[2]);
}
