//! Shutting the simulated server down and restarting it: never while a service runs, undone by starting what was stopped.

#![allow(clippy::unwrap_used, reason = "what a helper meets fails its test, too")]

use procedo_tests::rehearsal::Rehearsal;
use procedo_tests::servers::{SERVICES, Server};

const SHUTDOWN: &[&str] = &["system/shutdown-server"];
const RESTART: &[&str] = &["system/shutdown-server", "-p", "action=restart"];
/// With fewer services, so that it can be rehearsed more often.
const SHORT: &[&str] = &[
    "system/shutdown-server",
    "-p",
    r#"services=["main-contact-center"]"#,
];

#[test]
fn services_end_before_the_database_and_the_database_before_the_server() {
    let server = Server::up();
    let before = server.events().len();
    let planned = server.site.json([&["plan"], SHUTDOWN].concat()).ok().json();
    assert_eq!(planned["changes"].as_array().unwrap().len(), 6, "{planned}");
    assert!(planned["ended"]["complete"].is_object(), "{planned}");
    assert!(
        !planned.to_string().contains("after the restart"),
        "a server that is shut down is not waited for: {planned}"
    );
    assert_eq!(
        (server.events().len(), server.running().len()),
        (before, 5),
        "a plan stops nothing"
    );

    let waiting = server.site.json([&["run"], SHUTDOWN].concat()).ended(4);
    assert_eq!(waiting.last()["waiting"]["for"], "approval", "{waiting}");
    assert_eq!(server.running().len(), 5, "nothing before somebody has agreed");

    server.run(SHUTDOWN).ok();
    let order = [
        "stopped contact-center",
        "stopped autopa",
        "stopped message-service",
        "stopped discovery",
        "stopped database",
        "off",
    ];
    assert_eq!(server.events()[before..], order.map(str::to_owned));
    assert!(!server.is_on() && server.running().is_empty());
    server.site.whole();
}

#[test]
fn each_server_of_the_lab_is_shut_down_by_its_name_alone() {
    let server = Server::prepared();
    for name in ["backup", "central-reporting"] {
        for service in SERVICES {
            server
                .site
                .write(&format!("machines/{name}/services/{service}.toml"), "");
        }
        server.site.procedo(["lab", "up", name]).ok();
        server
            .run(&[SHUTDOWN, &["-p", &format!("machine={name}")]].concat())
            .ok();
        let events = server.site.read(&format!("machines/{name}/events"));
        assert!(events.ends_with("stopped database\noff\n"), "{name}: {events}");
    }
}

#[test]
fn the_undo_switches_the_server_on_and_starts_what_was_stopped() {
    let server = Server::up();
    let run = server.run(SHUTDOWN).ok().run();
    server.undo(&run).ok();
    assert!(server.is_on());
    assert_eq!(server.running().len(), SERVICES.len());
    let events = server.events();
    let on = events.iter().position(|event| event == "on").unwrap();
    let database = events
        .iter()
        .rposition(|event| event == "started database")
        .unwrap();
    let contact_center = events
        .iter()
        .rposition(|event| event == "started contact-center")
        .unwrap();
    assert!(on < database && database < contact_center, "{events:?}");
}

#[test]
fn after_a_restart_the_services_that_ran_are_waited_for() {
    let server = Server::up();
    let before = server.events().len();
    server.run(RESTART).ok();
    let events = server.events()[before..].to_vec();
    let at = |event: &str| events.iter().position(|each| each == event).unwrap();
    assert!(
        at("stopped database") < at("off") && at("off") < at("on"),
        "{events:?}"
    );
    assert!(
        !events.iter().any(|event| event.starts_with("killed")),
        "{events:?}"
    );
    assert_eq!(server.running().len(), SERVICES.len());
}

#[test]
fn a_server_is_not_shut_down_without_stopping_any_database() {
    let server = Server::up();
    let nothing = ["-p", "services=[]", "-p", "database=[]"];
    let (code, sentence) = server.run(&[SHUTDOWN, &nothing].concat()).error();
    assert!(
        code.starts_with('P') && sentence.contains("database"),
        "{code}: {sentence}"
    );
    assert!(server.is_on() && server.running().len() == SERVICES.len());
}

#[test]
fn a_service_that_does_not_come_back_after_a_restart_is_named() {
    let server = Server::up();
    server.refuse("start autopa");
    let failed = server.run(&[RESTART, &["-p", "patience=1"]].concat()).ended(1);
    let (code, sentence) = failed.error();
    assert_eq!(code, "not-back", "{failed}");
    assert!(sentence.contains("main-autopa"), "{sentence}");
    assert_eq!(server.running().len(), SERVICES.len() - 1);
}

#[test]
fn a_service_that_refuses_to_stop_keeps_the_server_up_and_the_others_running() {
    let server = Server::up();
    server.behave("message-service", "refuses-to-stop = true");
    server.site.redeclare("stop-timeout = 30", "stop-timeout = 1");
    let failed = server.run(SHUTDOWN).ended(1);
    let (code, sentence) = failed.error();
    assert_eq!(code, "still-up", "{failed}");
    assert!(sentence.contains("main-message-service"), "{sentence}");
    assert!(server.is_on());
    assert_eq!(server.running().len(), SERVICES.len());
    assert!(!server.events().contains(&"stopped database".to_owned()));
}

#[test]
fn what_was_approved_may_be_taken_back_without_asking_again() {
    let server = Server::up();
    server.behave("database", "refuses-to-stop = true");
    server.site.redeclare("stop-timeout = 30", "stop-timeout = 1");
    let run = server.site.json([&["run"], SHORT].concat()).ended(4).run();
    server.site.procedo(["approve", &run, "--yes"]).ok();
    // Nobody says yes to what follows from the failure.
    let failed = server.site.json(["resume", &run]).ended(1);
    assert_eq!(failed.error().0, "still-up", "{failed}");
    assert_eq!(server.running().len(), SERVICES.len());
}

#[test]
fn a_shutdown_survives_being_killed_around_each_effect() {
    let rehearsal = Rehearsal::new(Server::up(), &[&["run"], SHORT, &["--yes"]].concat(), None);
    rehearsal.survive(&rehearsal.kills_around_effects());
}

#[test]
fn a_shutdown_survives_being_killed_again_each_time_it_is_gone_on_with() {
    Rehearsal::new(Server::up(), &[&["run"], SHUTDOWN, &["--yes"]].concat(), None).survive_all_in_one_run();
}

#[test]
fn a_restart_survives_being_killed_around_each_effect() {
    let args = [&["run"], SHORT, &["-p", "action=restart", "--yes"]].concat();
    let rehearsal = Rehearsal::new(Server::up(), &args, None);
    let kills = rehearsal.kills_around_effects();
    let of_command = kills
        .into_iter()
        .filter(|kill| kill.operation == "machine.command");
    rehearsal.survive(&of_command.collect::<Vec<_>>());
}

#[test]
fn the_undo_of_a_shutdown_survives_being_killed_again_each_time_it_is_gone_on_with() {
    let server = Server::up();
    let run = server.run(SHORT).ok().run();
    Rehearsal::new(server, &["undo", &run, "--yes"], None).survive_all_in_one_run();
}
