//! Changing the passwords of the simulated server: in all three places or in none, approved by a second person, and seen by
//! nobody.

#![allow(clippy::unwrap_used, reason = "what a helper meets fails its test, too")]

use procedo_tests::program::{Done, Program, Running};
use procedo_tests::rehearsal::{Rehearsal, approve};
use procedo_tests::secrecy;
use procedo_tests::servers::{SERVICES, Server};
use std::io::Write;
use std::process::{Command, Stdio};

const CHANGE: &[&str] = &["run", "system/change-passwords"];
const OLD: [(&str, &str); 2] = [
    ("contact-center-password", "hppc-Old-1"),
    ("informix-password", "ifx-Öld-2"),
];
const NEW: [(&str, &str); 2] = [
    ("contact-center-password-new", "hppc$New'3"),
    ("informix-password-new", "ifx\"New\\4"),
];

fn secret(server: &Server, name: &str, value: &str) {
    let mut child = server
        .site
        .command(Program::Procedo, ["secret", "set", name])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(value.as_bytes()).unwrap();
    assert!(child.wait().unwrap().success());
}

/// Runs a program of the server with its input, as a person at its console would.
fn program(server: &Server, what: &[&str], input: &str) -> String {
    let mut child = Command::new(server.site.path("machines/program"))
        .arg(what[0])
        .arg(server.site.path("machines/main"))
        .args(&what[1..])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{what:?}");
    String::from_utf8(output.stdout).unwrap().trim_end().to_owned()
}

/// A server whose passwords the test knows, with the token of a second person.
fn ready() -> (Server, String) {
    let server = Server::prepared();
    for ((name, value), (account, services)) in OLD.iter().zip([
        ("hppc", ["contact-center", "autopa"]),
        ("informix", ["database", "discovery"]),
    ]) {
        program(
            &server,
            &["set-account-password"],
            &format!("{account}\n{value}\n"),
        );
        for service in services {
            program(
                &server,
                &["set-service-password", service],
                &format!("{account}:{value}\n"),
            );
        }
        secret(&server, name, value);
    }
    program(
        &server,
        &["set-startup-password"],
        &format!("informix\n{}\n", OLD[1].1),
    );
    for (name, value) in NEW {
        secret(&server, name, value);
    }
    let account = Done::of(Command::new("id").arg("-un")).ok().out;
    let added = [
        "user",
        "add",
        "anna",
        "--role",
        "admin",
        "--account",
        account.trim(),
    ];
    server.site.json(added).ok();
    let ben = server
        .site
        .json(["user", "add", "ben", "--role", "approver"])
        .ok()
        .json();
    server.start();
    (server, ben["token"].as_str().unwrap().to_owned())
}

/// Starts the change, has it approved, and goes on with it.
fn changed(server: &Server, token: &str, more: &[&str]) -> Done {
    let run = server.site.json([CHANGE, more].concat()).ended(4).run();
    approve(&server.site, &run, token);
    server.site.json(["resume", &run])
}

/// The places that have these passwords.
fn places_with(server: &Server, passwords: &[(&str, &str); 2]) -> usize {
    let (hppc, informix) = (passwords[0].1, passwords[1].1);
    let asked = [
        (vec!["check-service-password", "contact-center"], "hppc", hppc),
        (vec!["check-service-password", "autopa"], "hppc", hppc),
        (vec!["check-account-password"], "hppc", hppc),
        (vec!["check-service-password", "database"], "informix", informix),
        (vec!["check-service-password", "discovery"], "informix", informix),
        (vec!["check-account-password"], "informix", informix),
        (vec!["check-startup-password"], "informix", informix),
    ];
    let same = asked.iter().filter(|(what, account, password)| {
        program(server, what, &format!("{account}\n{password}\n")) == "same"
    });
    same.count()
}

const PLACES: usize = 7;

#[test]
fn all_places_have_the_new_passwords_and_the_undo_gives_them_the_old_ones() {
    let (server, token) = ready();
    let before = server.events().len();
    let planned = server.site.json(["plan", "system/change-passwords"]).ok().json();
    assert!(planned["ended"]["complete"].is_object(), "{}", planned["ended"]);
    assert_eq!(planned["changes"].as_array().unwrap().len(), 5 + PLACES + 5);
    assert_eq!(server.events().len(), before, "a plan changes nothing");

    let done = changed(&server, &token, &[]).ok();
    assert_eq!(
        (places_with(&server, &NEW), places_with(&server, &OLD)),
        (PLACES, 0)
    );
    assert_eq!(server.running().len(), SERVICES.len());
    let run = done.documents()[0]["run"].as_str().unwrap().to_owned();
    let stopped = [
        "contact-center",
        "autopa",
        "message-service",
        "database",
        "discovery",
    ];
    let events = server.events()[before..].to_vec();
    assert_eq!(events[..5], stopped.map(|name| format!("stopped {name}")));
    let places = [
        "service contact-center",
        "service autopa",
        "service database",
        "service discovery",
        "account hppc",
        "account informix",
        "startup",
    ];
    assert_eq!(events[5..12], places.map(|place| format!("set {place}")));
    let started = [
        "message-service",
        "database",
        "discovery",
        "contact-center",
        "autopa",
    ];
    assert_eq!(events[12..], started.map(|name| format!("started {name}")));

    let undo = server.site.json(["undo", &run, "--yes"]).ended(4).run();
    approve(&server.site, &undo, &token);
    server.site.json(["resume", &undo]).ok();
    assert_eq!(
        (places_with(&server, &NEW), places_with(&server, &OLD)),
        (0, PLACES)
    );
    assert_eq!(server.running().len(), SERVICES.len());
    server.site.whole();
}

#[test]
fn the_plan_for_each_server_of_the_lab_names_the_accounts() {
    let server = Server::prepared();
    for (name, value) in NEW {
        secret(&server, name, value);
    }
    server
        .site
        .procedo(["lab", "up", "main", "backup", "central-reporting"])
        .ok();
    for name in ["main", "backup", "central-reporting"] {
        let machine = format!("machine={name}");
        let planned = server
            .site
            .json(["plan", "system/change-passwords", "-p", &machine])
            .ok()
            .json();
        assert!(planned["ended"]["complete"].is_object(), "{name}: {planned}");
        let changes = planned["changes"].as_array().unwrap();
        let told: Vec<&str> = changes
            .iter()
            .map(|change| change["summary"].as_str().unwrap())
            .collect();
        for account in ["hppc", "informix"] {
            let sentence = format!("{name}: Sets the password of the account {account}");
            assert_eq!(
                told.iter().filter(|told| **told == sentence).count(),
                1,
                "{told:?}"
            );
        }
    }
}

#[test]
fn whoever_starts_it_cannot_approve_it() {
    let (server, _) = ready();
    let waiting = server.site.json([CHANGE, &["--yes"]].concat()).ended(4);
    assert_eq!(waiting.last()["waiting"]["second_person"], true, "{waiting}");
    assert_eq!(server.running().len(), SERVICES.len());
}

#[test]
fn a_password_that_breaks_a_rule_is_refused_before_anything_stops() {
    let (server, _) = ready();
    let before = server.events();
    for (value, code) in [
        ("seventeen-letters", "long"),
        ("two words", "blank"),
        (OLD[1].1, "same"),
    ] {
        secret(&server, "informix-password-new", value);
        let refused = server.site.json(CHANGE).ended(1);
        let (found, sentence) = refused.error();
        assert_eq!(found, code, "{refused}");
        assert!(
            sentence.contains("informix-password-new") && !sentence.contains(value),
            "{sentence}"
        );
    }
    secret(&server, "informix-password-new", NEW[1].1);
    secret(&server, "informix-password", "not-the-present");
    assert_eq!(server.site.json(CHANGE).ended(1).error().0, "not-present");
    assert_eq!(server.events(), before);
}

/// One place fails: afterwards all have the old passwords, and the services run.
#[track_caller]
fn one_place_fails(refusal: &str) {
    let (server, token) = ready();
    server.refuse(refusal);
    let failed = changed(&server, &token, &[]).ended(1);
    assert_eq!(failed.error().0, "put-back", "{refusal}: {failed}");
    assert_eq!(
        (places_with(&server, &OLD), places_with(&server, &NEW)),
        (PLACES, 0),
        "{refusal}: {:?}",
        server.events()
    );
    assert_eq!(
        server.running().len(),
        SERVICES.len(),
        "{refusal}: {:?}",
        server.events()
    );
}

#[test]
fn a_service_that_takes_no_password_puts_all_places_back() {
    one_place_fails("service contact-center");
    one_place_fails("service discovery");
}

#[test]
fn an_account_that_takes_no_password_puts_all_places_back() {
    one_place_fails("account hppc");
    one_place_fails("account informix");
}

#[test]
fn a_startup_configuration_that_cannot_be_changed_puts_all_places_back() {
    one_place_fails("startup");
}

#[test]
fn a_service_that_does_not_start_with_the_new_password_puts_all_places_back() {
    one_place_fails("once start database");
    one_place_fails("once start autopa");
}

#[test]
fn one_of_the_passwords_can_be_changed_alone() {
    let (server, token) = ready();
    changed(&server, &token, &["-p", "change=contact-center"]).ok();
    assert_eq!(places_with(&server, &[NEW[0], OLD[1]]), PLACES);
    assert!(!server.events().contains(&"stopped database".to_owned()));
    assert_eq!(server.running().len(), SERVICES.len());
}

#[test]
fn neither_the_old_nor_the_new_passwords_are_seen_anywhere() {
    let (server, token) = ready();
    let values: Vec<&str> = OLD.iter().chain(&NEW).map(|(_, value)| *value).collect();
    let values = secrecy::spellings(&values);
    // One place fails at the end, so that they are set and set back.
    server.refuse("startup");
    let planned = server.site.json(["plan", "system/change-passwords"]).ok();
    let run = server.site.json(CHANGE).ended(4).run();
    approve(&server.site, &run, &token);
    let mut running = Running::start(
        server
            .site
            .command(Program::Procedo, ["resume", &run])
            .arg("--json"),
    );
    let mut found = Vec::new();
    while running.runs() {
        secrecy::in_processes(&values, &mut found);
        secrecy::in_files(server.site.dir(), &values, &mut found);
    }
    let failed = running.wait().ended(1);
    secrecy::in_files(server.site.beside("x").parent().unwrap(), &values, &mut found);
    secrecy::in_leftovers(&values, &mut found);
    let shown = server.site.json(["show", &run]).ok();
    let exported = server.site.procedo(["audit", "export"]).ok();
    for told in [&planned, &failed, &shown, &exported] {
        for value in &values {
            if told.out.contains(value) || told.err.contains(value) {
                found.push(format!("{} tells {value}", told.line));
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
    assert_eq!(places_with(&server, &OLD), PLACES);
}

#[test]
fn a_change_of_passwords_survives_being_killed_around_each_place() {
    let (server, token) = ready();
    let args = [CHANGE, &["-p", "change=contact-center"]].concat();
    let rehearsal = Rehearsal::new(server, &args, Some(token));
    let kills = rehearsal.kills_around_effects();
    let places = kills.into_iter().filter(|kill| {
        matches!(
            kill.operation.as_str(),
            "service.set-password" | "machine.command"
        )
    });
    rehearsal.survive(&places.collect::<Vec<_>>());
}

#[test]
fn a_change_of_passwords_survives_being_killed_again_each_time_it_is_gone_on_with() {
    let (server, token) = ready();
    let fewer = [
        "-p",
        "change=informix",
        "-p",
        r#"contact_center_services=["main-contact-center"]"#,
        "-p",
        r#"informix_services=["main-database", "main-discovery"]"#,
    ];
    let rehearsal = Rehearsal::new(server, &[CHANGE, &fewer].concat(), Some(token));
    rehearsal.survive_all_in_one_run();
    assert_eq!(places_with(rehearsal.server(), &[OLD[0], NEW[1]]), PLACES);
}
