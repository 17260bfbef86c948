//! A whole session as people read it, in the three languages; and that nothing in it acts on a terminal.

use crate::support::Site;

/// Does what a person does with a site, and keeps all that was said.
fn session(language: &str) -> String {
    let site = Site::with_people();
    let mut told = String::new();
    let mut say = |name: &str, args: &[&str]| {
        let args: Vec<&str> = args.iter().copied().chain(["--lang", language]).collect();
        let said = site.run_as(name, &args);
        told.push_str(&format!("$ procedo {}\n{}", args.join(" "), said.out));
        if !said.err.is_empty() {
            told.push_str(&format!("--- stderr\n{}", said.err));
        }
        told.push_str(&format!("--- {}\n\n", said.code));
        said
    };
    say("eva", &["procedures"]);
    say("eva", &["describe", "web/write"]);
    say("ben", &["run", "web/write"]);
    say("ben", &["run", "web/write", "-p", "text=x", "-p", "times=100"]);
    say("ben", &["plan", "web/write", "-p", "text=Grüße\n"]);
    let run = say("ben", &["run", "web/write", "-p", "text=Grüße\n"]).run();
    say("ben", &["run", "web/ask"]);
    say("ben", &["run", "other/denied"]);
    say("eva", &["run", "web/write"]);
    say("ben", &["runs"]);
    say("eva", &["show", &run, "--diff"]);
    say("ben", &["undo", &run]);
    say("ben", &["undo", &run, "--yes"]);
    say("ben", &["resume"]);
    say("eva", &["grants"]);
    say("ana", &["grant", "other/denied", "--yes"]);
    say("eva", &["user", "list"]);
    say("eva", &["check"]);
    say("eva", &["audit", "verify"]);
    say("eva", &["show", "20261122-103455-none"]);
    say("eva", &["frobnicate"]);
    told
}

fn settings() -> insta::Settings {
    let mut settings = insta::Settings::clone_current();
    settings.add_filter(r"\d{8}-\d{6}-[a-z2-9]{4}", "RUN");
    settings.add_filter(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}[+-]\d{2}:\d{2}", "DATE TIME");
    settings.add_filter(r"\d{2}:\d{2}:\d{2}", "TIME");
    settings.add_filter(r"\d\.\d\d s", "0.00 s");
    settings.add_filter(r"\b[0-9a-f]{12}\b", "DIGEST");
    // How many entries the engine writes is its own matter.
    settings.add_filter(r"\d+ (entries|entradas|Einträge)", "N $1");
    settings.add_filter(r"(/[\w.-]+)*/\.tmp\w+", "SITE");
    settings
}

#[test]
fn a_session_in_english() {
    settings().bind(|| insta::assert_snapshot!(session("en")));
}

#[test]
fn a_session_in_spanish() {
    settings().bind(|| insta::assert_snapshot!(session("es")));
}

#[test]
fn a_session_in_german() {
    settings().bind(|| insta::assert_snapshot!(session("de")));
}

#[test]
fn piped_output_has_no_colours_and_values_cannot_act_on_a_terminal() {
    let site = Site::new();
    let text = "\u{1b}[31mred\u{1b}[0m \u{7}bell \u{202e}turned";
    let said = site.run(&["run", "web/write", "-p", &format!("text={text}")]);
    let shown = site.run(&["show", &said.run(), "--diff"]).exits(0);
    let failed = site
        .run(&[
            "run",
            "web/write",
            "-p",
            &format!("text={text}"),
            "-p",
            "mode=\u{1b}[2J",
        ])
        .exits(2);
    for said in [&said, &shown, &failed] {
        let acts = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
        assert!(!said.out.contains(acts) && !said.err.contains(acts), "{said:?}");
    }
    assert!(shown.out.contains(r"\u{1b}[31mred"), "{}", shown.out);
}

#[test]
fn the_language_is_that_of_the_command_then_the_locale_then_the_site() {
    let site = Site::new();
    let said = |args: &[&str], locale: &[(&str, &str)]| {
        let mut command = site.command(args);
        command.env_remove("LC_ALL").envs(locale.iter().copied());
        crate::support::said(command).out
    };
    assert!(said(&["runs"], &[]).contains("Nothing was run"));
    assert!(said(&["runs"], &[("LANG", "de_DE.UTF-8")]).contains("noch nichts ausgeführt"));
    assert!(
        said(&["runs"], &[("LANG", "de_DE.UTF-8"), ("LC_ALL", "es_ES.UTF-8")])
            .contains("no se ha ejecutado nada")
    );
    assert!(said(&["runs", "--lang", "en"], &[("LC_ALL", "es_ES.UTF-8")]).contains("Nothing was run"));
    let german = site
        .read("procedo.toml")
        .replace("language = \"en\"", "language = \"de\"");
    site.write("procedo.toml", &german);
    assert!(said(&["runs"], &[("LC_ALL", "C.UTF-8")]).contains("noch nichts ausgeführt"));
}

#[test]
fn the_journal_keeps_the_language_of_who_started_the_run() {
    let site = Site::new();
    let run = site
        .run(&["run", "web/write", "-p", "text=x", "--lang", "de"])
        .exits(0)
        .run();
    let shown = site.run(&["show", &run, "--json"]).exits(0).json();
    assert_eq!(shown["entries"][0]["language"], "de");
}
