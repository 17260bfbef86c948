//! Changing passwords and shutting down on a server that is reached by SSH: real processes as services, and roles of a real
//! PostgreSQL as their accounts.

#![allow(clippy::unwrap_used, reason = "what a helper meets fails its test, too")]

use procedo_tests::journal::of_kind;
use procedo_tests::postgres::set_secret;
use procedo_tests::program::{Done, Program, Running};
use procedo_tests::rehearsal::{Rehearsal, Stage, approve};
use procedo_tests::remote::{NEW, OLD, PLACES, ROLES, Remote, SERVICES};
use procedo_tests::secrecy;

const CHANGE: &[&str] = &[
    "system/change-passwords",
    "-p",
    r#"contact_center_services=["main-contact-center"]"#,
    "-p",
    r#"informix_services=["main-message-service", "main-discovery"]"#,
    "-p",
    r#"informix_logons=["main-discovery"]"#,
];
const SHUTDOWN: &[&str] = &[
    "system/shutdown-server",
    "-p",
    r#"services=["main-contact-center", "main-message-service", "main-discovery"]"#,
];
/// Everything that runs on the server: the services, and the database.
const ALL: usize = SERVICES.len() + 1;

/// Starts the change, has it approved, and goes on with it.
fn changed(remote: &Remote, token: &str) -> Done {
    let run = remote.site.json([&["run"], CHANGE].concat()).ended(4).run();
    approve(&remote.site, &run, token);
    remote.site.json(["resume", &run])
}

/// How many places have the old passwords, and how many the new ones.
fn places(remote: &Remote) -> (usize, usize) {
    (remote.places_with(OLD), remote.places_with(NEW))
}

#[test]
fn the_roles_log_in_with_the_new_passwords_only_and_after_the_undo_with_the_old_ones() {
    let remote = Remote::up();
    let token = remote.second_person();
    let before = remote.events().len();
    let planned = remote.site.json([&["plan"], CHANGE].concat()).ok().json();
    assert!(planned["ended"]["complete"].is_object(), "{}", planned["ended"]);
    let told = planned.to_string();
    for role in ROLES {
        assert!(
            told.contains(&format!("Sets the password of the role {role}")),
            "{told}"
        );
    }
    assert_eq!((remote.events().len(), places(&remote)), (before, (PLACES, 0)));

    let run = changed(&remote, &token).ok().documents()[0]["run"]
        .as_str()
        .unwrap()
        .to_owned();
    for (role, (old, new)) in ROLES.iter().zip(OLD.iter().zip(NEW)) {
        assert!(remote.roles().lets_in(role, new) && !remote.roles().lets_in(role, old));
    }
    assert_eq!(places(&remote), (0, PLACES));
    assert_eq!(remote.running().len(), ALL);
    let events = [
        "stopped contact-center",
        "stopped message-service",
        "stopped discovery",
        "set service contact-center",
        "set service discovery",
        "set startup",
        "started message-service",
        "started discovery",
        "started contact-center",
    ];
    assert_eq!(remote.events()[before..], events.map(str::to_owned));

    let undo = remote.site.json(["undo", &run, "--yes"]).ended(4).run();
    approve(&remote.site, &undo, &token);
    remote.site.json(["resume", &undo]).ok();
    assert_eq!(places(&remote), (PLACES, 0));
    assert_eq!(remote.running().len(), ALL);
    remote.site.whole();
}

/// One place fails: afterwards all have the old passwords, and the services run.
#[track_caller]
fn one_place_fails(what: &str, fail: impl FnOnce(&Remote)) {
    let remote = Remote::up();
    let token = remote.second_person();
    fail(&remote);
    let failed = changed(&remote, &token).ended(1);
    let (code, sentence) = failed.error();
    assert_eq!(code, "put-back", "{what}: {failed}");
    assert!(sentence.contains(what), "{sentence}");
    assert_eq!(places(&remote), (PLACES, 0), "{what}: {:?}", remote.events());
    assert_eq!(remote.running().len(), ALL, "{what}: {:?}", remote.events());
}

#[test]
fn a_service_that_takes_no_password_puts_all_places_back() {
    for service in ["contact-center", "discovery"] {
        one_place_fails(service, |remote| remote.refuse(&format!("service {service}")));
    }
}

#[test]
fn a_role_whose_password_may_not_be_set_puts_all_places_back() {
    for role in ROLES {
        // Only superusers set the passwords of superusers.
        one_place_fails("must be superuser", |remote| {
            remote.roles().execute(&format!("ALTER ROLE {role} SUPERUSER"));
        });
    }
}

#[test]
fn a_startup_configuration_that_cannot_be_changed_puts_all_places_back() {
    one_place_fails("start-up configuration", |remote| remote.refuse("startup"));
}

#[test]
fn a_service_that_does_not_start_with_the_new_password_puts_all_places_back() {
    for service in ["discovery", "contact-center"] {
        one_place_fails(service, |remote| remote.refuse(&format!("once start {service}")));
    }
}

#[test]
fn a_password_that_is_not_the_present_one_of_the_role_is_refused_before_anything_stops() {
    let remote = Remote::up();
    let before = remote.events();
    set_secret(&remote.site, "informix-password", "not-the-present");
    let refused = remote.site.json([&["run"], CHANGE].concat()).ended(1);
    assert_eq!(refused.error().0, "not-present", "{refused}");
    assert_eq!(remote.events(), before);
}

#[test]
fn neither_the_old_nor_the_new_passwords_are_seen_anywhere() {
    let remote = Remote::up();
    let token = remote.second_person();
    let values = secrecy::spellings(&[OLD, NEW].concat());
    let temporary = remote.site.beside("temporary");
    std::fs::create_dir(&temporary).unwrap();
    // One place fails at the end, so that they are set and set back.
    remote.refuse("once start contact-center");
    let planned = remote.site.json([&["plan"], CHANGE].concat()).ok();
    let run = remote.site.json([&["run"], CHANGE].concat()).ended(4).run();
    approve(&remote.site, &run, &token);
    let mut running = Running::start(
        remote
            .site
            .command(Program::Procedo, ["resume", &run])
            .arg("--json")
            .env("TMPDIR", &temporary),
    );
    let mut found = Vec::new();
    let folders = [
        remote.site.dir(),
        &remote.path(""),
        &temporary,
        remote.roles().path(),
    ];
    let in_folders = |found: &mut Vec<String>| {
        for folder in folders {
            secrecy::in_files(folder, &values, found);
        }
    };
    let mut looks = 0;
    while running.runs() {
        secrecy::in_processes(&values, &mut found);
        if looks % 20 == 0 {
            in_folders(&mut found);
        }
        looks += 1;
    }
    let failed = running.wait().ended(1);
    in_folders(&mut found);
    secrecy::in_leftovers(&values, &mut found);
    let shown = remote.site.json(["show", &run]).ok();
    let exported = remote.site.procedo(["audit", "export"]).ok();
    for told in [&planned, &failed, &shown, &exported] {
        for value in &values {
            if told.out.contains(value) || told.err.contains(value) {
                found.push(format!("{} tells {value}", told.line));
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
    assert_eq!(places(&remote), (PLACES, 0));
    assert!(looks > 20, "only {looks} looks at what ran");
    // The log of all statements has those that set a password: what the database keeps of it is in them, and it alone.
    let log = std::fs::read_to_string(remote.path("run/database.pid.log")).unwrap();
    assert!(log.contains("PASSWORD 'SCRAM-SHA-256$"), "{log}");
}

/// With fewer services, so that it can be rehearsed more often.
const SHORT: &[&str] = &[
    "system/change-passwords",
    "-p",
    r#"contact_center_services=["main-contact-center"]"#,
    "-p",
    r#"informix_services=["main-discovery"]"#,
    "-p",
    r#"informix_logons=["main-discovery"]"#,
];

#[test]
fn a_change_of_passwords_survives_being_killed_around_each_place() {
    let remote = Remote::up();
    let token = remote.second_person();
    let one = ["-p", "change=contact-center"];
    let rehearsal = Rehearsal::new(remote, &[&["run"], SHORT, &one].concat(), Some(token));
    let kills = rehearsal.kills_around_effects().into_iter();
    let places = kills.filter(|kill| {
        matches!(
            kill.operation.as_str(),
            "service.set-password" | "machine.command"
        )
    });
    rehearsal.survive(&places.collect::<Vec<_>>());
}

#[test]
fn a_change_of_passwords_survives_being_killed_again_each_time_it_is_gone_on_with() {
    let remote = Remote::up();
    let token = remote.second_person();
    let one = ["-p", "change=informix"];
    let rehearsal = Rehearsal::new(remote, &[&["run"], SHORT, &one].concat(), Some(token));
    rehearsal.survive_all_in_one_run();
    assert_eq!(rehearsal.server().places_with([OLD[0], NEW[1]]), PLACES);
}

#[test]
fn services_end_before_the_database_and_the_database_before_the_server_and_the_undo_starts_them() {
    let remote = Remote::up();
    let before = remote.events().len();
    let run = remote
        .site
        .json([&["run"], SHUTDOWN, &["--yes"]].concat())
        .ok()
        .run();
    // The database waits for whoever is connected: it can only end after the services.
    let events = [
        "stopped contact-center",
        "stopped message-service",
        "stopped discovery",
        "off",
    ];
    assert_eq!(remote.events()[before..], events.map(str::to_owned));
    assert!(remote.running().is_empty(), "{:?}", remote.running());

    remote.site.json(["undo", &run, "--yes"]).ok();
    let events = [
        "on",
        "started discovery",
        "started message-service",
        "started contact-center",
    ];
    assert_eq!(remote.events()[before + 4..], events.map(str::to_owned));
    assert_eq!(remote.running().len(), ALL);
    assert_eq!(places(&remote), (PLACES, 0));
    remote.site.whole();
}

#[test]
fn a_process_that_refuses_to_stop_is_named_and_nothing_is_shut_down() {
    let remote = Remote::up();
    remote.site.redeclare("stop-timeout = 30", "stop-timeout = 2");
    remote.refuse("stop discovery");
    let failed = remote
        .site
        .json([&["run"], SHUTDOWN, &["--yes"]].concat())
        .ended(1);
    let (code, sentence) = failed.error();
    assert_eq!(code, "still-up", "{failed}");
    // The service and its processes, as they are called on the server.
    assert!(
        sentence.contains("main-discovery") && sentence.contains("psql"),
        "{sentence}"
    );
    let events = remote.events();
    assert!(!events.contains(&"off".to_owned()), "{events:?}");
    assert_eq!(remote.running().len(), ALL, "{events:?}");
}

#[test]
fn a_database_that_somebody_is_connected_to_keeps_the_server_up() {
    let remote = Remote::up();
    remote.site.redeclare("stop-timeout = 30", "stop-timeout = 2");
    // One of the services is forgotten.
    let fewer = [
        "-p",
        r#"services=["main-contact-center", "main-message-service"]"#,
    ];
    let failed = remote
        .site
        .json([&["run", "system/shutdown-server"], &fewer[..], &["--yes"]].concat())
        .ended(1);
    let (_, sentence) = failed.error();
    assert!(sentence.contains("main-database"), "{failed}");
    assert!(!remote.events().contains(&"off".to_owned()));
}

#[test]
fn after_a_restart_the_services_are_waited_for_while_the_server_is_out_of_reach() {
    let mut remote = Remote::up();
    let args = [&["run"], SHUTDOWN, &["-p", "action=restart", "--yes"]].concat();
    let running = remote.site.start(&args);
    let run = remote.site.until("the run", || {
        let runs = remote.site.runs();
        runs.first().map(|run| run["run"].as_str().unwrap().to_owned())
    });
    remote.site.until("the restart", || {
        let steps = of_kind(&remote.site.show(&run), "step")
            .into_iter()
            .cloned()
            .collect::<Vec<_>>();
        steps.iter().any(|step| step["name"] == "running").then_some(())
    });
    assert_eq!(remote.events().last().unwrap(), "restarting");
    remote.sshd.restart();
    remote.start();
    running.wait().ok();
    assert_eq!(remote.running().len(), ALL);
}

#[test]
fn a_shutdown_survives_being_killed_again_each_time_it_is_gone_on_with() {
    let services = r#"services=["main-contact-center", "main-discovery"]"#;
    let args = ["run", "system/shutdown-server", "-p", services, "--yes"];
    Rehearsal::new(Remote::up(), &args, None).survive_all_in_one_run();
}
