//! Backups and restores of the simulated server's database: planned, made, verified, written down, undone, killed, and refused
//! where something is wrong.

#![allow(clippy::unwrap_used, reason = "what a helper meets fails its test, too")]

use procedo_tests::program::Running;
use procedo_tests::rehearsal::Rehearsal;
use procedo_tests::servers::{SERVICES, Server};
use procedo_tests::tree::Tree;
use serde_json::json;

const FULL: &[&str] = &["database/backup"];
const INCREMENTAL: &[&str] = &["database/backup", "-p", "level=1"];
const RESTORE: &[&str] = &[
    "database/restore",
    "-p",
    r#"services=["main-contact-center", "main-database"]"#,
];

/// Adds some data.
fn a_day_goes_by(server: &Server) {
    server.execute(
        "INSERT INTO report_contact VALUES (9001, 1, '+34 91 555', 60, NULL), (9002, 2, '+49 89 555', 90, x'00ff');
         UPDATE report_queue SET offered = offered + 2; DELETE FROM processing_contact;
         UPDATE administration_user SET name = 'Núñez' WHERE id = 3;",
    );
}

/// A server with a full backup, an incremental one, and more changes since; with what it held when the latter was made.
fn backed_up() -> (Server, Vec<String>) {
    let server = Server::up();
    server.run(FULL).ok();
    a_day_goes_by(&server);
    server.run(INCREMENTAL).ok();
    let content = server.content();
    server.execute(
        "DELETE FROM report_contact WHERE id < 100; DROP TABLE report_queue; DELETE FROM administration_user",
    );
    (server, content)
}

#[test]
fn backups_are_made_in_use_verified_and_written_down() {
    let server = Server::up();
    let full = server.result(FULL);
    assert_eq!((&full["level"], &full["base"]), (&json!(0), &json!(null)));
    a_day_goes_by(&server);
    let incremental = server.result(INCREMENTAL);
    assert_eq!(incremental["base"], full["backup"]);
    assert!(
        incremental["size"].as_u64() < full["size"].as_u64(),
        "{incremental} {full}"
    );
    assert_eq!(server.backups(), ["main-0001-L0", "main-0002-L1"]);
    let size = |record: &serde_json::Value| record["size"].to_string();
    let line =
        |level: &str, backup: &str, size: String| ["main", level, "OK", backup, &size].map(str::to_owned);
    assert_eq!(
        server.results(),
        [
            line("L0", "main-0001-L0", size(&full)),
            line("L1", "main-0002-L1", size(&incremental))
        ]
    );
    assert_eq!(server.running().len(), 5, "nothing was stopped");
    let kept = std::fs::read_to_string(server.path("contact-center/checksums/main-0002-L1.txt")).unwrap();
    assert!(
        kept.lines().count() == 5 && kept.lines().all(|line| line.ends_with("\texact")),
        "{kept}"
    );
    server.site.whole();
}

#[test]
fn tables_whose_names_do_not_fit_into_a_line_are_compared_like_all_others() {
    let server = Server::up();
    server.execute(
        "CREATE TABLE \"new\nline\" (a); INSERT INTO \"new\nline\" VALUES (1); CREATE TABLE \"back\\slash\ttab\" (a)",
    );
    server.run(FULL).ok();
    let kept = std::fs::read_to_string(server.path("contact-center/checksums/main-0001-L0.txt")).unwrap();
    assert!(
        kept.contains("new\\nline\t1\t") && kept.contains("back\\\\slash\\ttab\t0\t"),
        "{kept}"
    );
    assert_eq!(server.result(RESTORE)["compared"], json!(kept.lines().count()));
    assert_eq!(server.running().len(), 5);
}

#[test]
fn tables_that_change_meanwhile_are_not_called_exact() {
    let server = Server::prepared();
    server.behave("contact-center", "changes-every = 1");
    server.start();
    server.site.until("a change", || {
        server
            .content()
            .iter()
            .any(|line| line.contains("waiting"))
            .then_some(())
    });
    server.run(FULL).ok();
    let kept = std::fs::read_to_string(server.path("contact-center/checksums/main-0001-L0.txt")).unwrap();
    assert!(
        kept.contains("administration_queue\t4\t") && kept.contains("\texact"),
        "{kept}"
    );
    let contacts = kept.lines().find(|line| line.starts_with("processing_contact"));
    assert!(contacts.unwrap().ends_with("\tmoving"), "{kept}");
}

#[test]
fn plans_of_backups_and_restores_change_nothing() {
    let (server, _) = backed_up();
    let before = Tree::of(&server.path("backups"));
    let content = server.content();
    let (events, results) = (server.events(), server.results());
    for args in [FULL, INCREMENTAL, RESTORE] {
        let planned = server.site.json([&["plan"], args].concat()).ok().json();
        assert!(!planned["changes"].as_array().unwrap().is_empty(), "{planned}");
        assert!(planned["ended"]["complete"].is_object(), "{}", planned["ended"]);
    }
    assert_eq!(
        before.differences(&Tree::of(&server.path("backups"))),
        Vec::<String>::new()
    );
    assert_eq!(
        (server.content(), server.events(), server.results()),
        (content, events, results)
    );
}

#[test]
fn outside_the_period_of_low_volume_a_person_decides() {
    let server = Server::up();
    server.clock("10:05");
    let asked = server.run(FULL).ended(4);
    let question = asked.last();
    assert!(question["message"].as_str().unwrap().contains("10:05"), "{asked}");
    server.site.procedo(["answer", &asked.run(), "no"]).ok();
    assert_eq!(
        server.site.json(["resume", &asked.run()]).ended(1).error().0,
        "outside"
    );
    let refused = server.run(&[FULL, &["-p", "outside=refuse"]].concat()).ended(1);
    assert!(refused.error().1.contains("20:00"), "{refused}");
    assert!(server.backups().is_empty() && server.results().is_empty());

    server.run(&[FULL, &["-p", "outside=warn"]].concat()).ok();
    let asked = server.run(INCREMENTAL).ended(4).run();
    server.site.procedo(["answer", &asked, "yes"]).ok();
    server.site.json(["resume", &asked]).ok();
    server
        .run(&[FULL, &["-p", "from=10:00", "-p", "to=10:10"]].concat())
        .ok();
    assert_eq!(server.backups().len(), 3);
}

#[test]
fn what_makes_a_backup_impossible_is_told_before_it_is_begun() {
    let server = Server::up();
    assert_eq!(server.run(INCREMENTAL).ended(1).error().0, "no-full");
    let nowhere = server.run(&[FULL, &["-p", "results=nowhere"]].concat()).ended(1);
    assert_eq!(nowhere.error().0, "P0302", "{nowhere}");
    assert!(server.backups().is_empty(), "none that could not be written down");
    server.run(FULL).ok();
    // A file system without any space.
    let (code, sentence) = server
        .run(&[FULL, &["-p", "folder=/proc"]].concat())
        .ended(1)
        .error();
    assert!(code == "no-space" && sentence.contains("/proc"), "{sentence}");
    server.stop();
    std::fs::rename(server.path("data"), server.path("elsewhere")).unwrap();
    let (code, sentence) = server.run(FULL).ended(1).error();
    assert!(code == "not-online" && sentence.contains("offline"), "{sentence}");
    std::fs::rename(server.path("elsewhere"), server.path("data")).unwrap();
    assert_eq!(server.results().len(), 1, "what was not begun is no result");
}

#[test]
fn a_backup_that_fails_is_written_down_with_its_reason() {
    let server = Server::up();
    let failed = server.run(&[FULL, &["-p", "destination=../elsewhere"]].concat());
    let (code, _) = failed.error();
    assert!(code.starts_with("P12"), "{failed}");
    let results = server.results();
    assert_eq!(
        results[0][..4],
        ["main", "L0", "FAILED", &code].map(str::to_owned)
    );
}

#[test]
fn the_undo_of_a_backup_removes_it() {
    let server = Server::up();
    let run = server.run(FULL).ok().run();
    server.undo(&run).ok();
    assert!(server.backups().is_empty() && server.results().is_empty());
}

#[test]
fn a_restore_brings_back_what_was_backed_up_and_its_undo_what_was_there() {
    let (server, backed_up) = backed_up();
    let present = server.content();
    let done = server.run(RESTORE).ok();
    let result = &done.last()["result"];
    assert_eq!(result["chain"], json!(["main-0001-L0", "main-0002-L1"]));
    assert_eq!(result["compared"], 5);
    assert_eq!(server.content(), backed_up);
    assert_eq!(server.running().len(), SERVICES.len());
    let events = server.events();
    let order = [
        "stopped contact-center",
        "stopped database",
        "started database",
        "started contact-center",
    ];
    assert_eq!(events[events.len() - 4..], order.map(str::to_owned));

    let undone = server.undo(&done.run()).ok();
    assert_eq!(server.content(), present);
    assert_eq!(server.running().len(), SERVICES.len(), "{undone}");
    server.site.whole();
}

#[test]
fn the_full_backup_alone_can_be_restored_by_its_name() {
    let server = Server::up();
    let first = server.content();
    server.run(FULL).ok();
    a_day_goes_by(&server);
    server.run(INCREMENTAL).ok();
    let result = server.result(&[RESTORE, &["-p", "backup=main-0001-L0", "-p", "keep=false"]].concat());
    assert_eq!(
        (&result["chain"], &result["former"]),
        (&json!(["main-0001-L0"]), &json!(null))
    );
    assert_eq!(server.content(), first);
    let (code, sentence) = server
        .run(&[RESTORE, &["-p", "backup=main-0009-L0"]].concat())
        .ended(1)
        .error();
    assert!(
        code == "unknown" && sentence.contains("main-0002-L1"),
        "{sentence}"
    );
}

#[test]
fn a_restore_of_another_server_means_that_servers_services() {
    let server = Server::up();
    server
        .run(&[
            "database/backup",
            "-p",
            "database=central-reporting",
            "-p",
            "outside=warn",
        ])
        .ok();
    let planned = server
        .site
        .json(["plan", "database/restore", "-p", "database=central-reporting"])
        .ok()
        .json();
    let changed: Vec<_> = planned["changes"].as_array().unwrap().iter().collect();
    assert!(
        changed
            .iter()
            .all(|change| change["resource"] == "central-reporting"),
        "{planned}"
    );
    assert!(!changed.is_empty());
}

#[test]
fn a_damaged_backup_is_found_before_a_service_is_stopped() {
    let (server, _) = backed_up();
    let (content, events) = (server.content(), server.events());
    let path = server.path("backups/main-0001-L0.db");
    let mut bytes = std::fs::read(&path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&path, bytes).unwrap();
    let failed = server.run(RESTORE).ended(1);
    assert!(failed.error().1.contains("main-0001-L0"), "{failed}");
    assert_eq!((server.content(), server.events()), (content, events));
}

#[test]
fn a_service_that_refuses_to_stop_keeps_the_database_as_it_is() {
    let (server, _) = backed_up();
    let content = server.content();
    server.behave("database", "refuses-to-stop = true");
    server.site.redeclare("stop-timeout = 30", "stop-timeout = 1");
    let failed = server.run(RESTORE).ended(1);
    let (code, sentence) = failed.error();
    assert_eq!(code, "services-again", "{failed}");
    assert!(sentence.contains("main-database"), "{sentence}");
    assert_eq!(server.content(), content);
    assert_eq!(server.running().len(), SERVICES.len(), "{:?}", server.events());
}

#[test]
fn what_differs_from_the_backup_is_told_and_nobody_works_on_it() {
    let (server, backed_up) = backed_up();
    let present = server.content();
    let kept = server.path("contact-center/checksums/main-0002-L1.txt");
    let text = std::fs::read_to_string(&kept).unwrap();
    std::fs::write(
        &kept,
        text.replace("administration_user\t25", "administration_user\t26"),
    )
    .unwrap();
    let failed = server.run(RESTORE).ended(1);
    let (code, sentence) = failed.error();
    assert!(
        code == "differs" && sentence.contains("administration_user"),
        "{failed}"
    );
    assert_eq!(server.content(), backed_up);
    let running = server.running();
    assert!(!running.contains(&"contact-center".to_owned()), "{running:?}");
    server.undo(&failed.run()).ok();
    assert_eq!(server.content(), present);
    assert_eq!(server.running().len(), SERVICES.len());
}

#[test]
fn a_restore_that_nothing_was_compared_with_says_so() {
    let (server, _) = backed_up();
    std::fs::remove_file(server.path("contact-center/checksums/main-0002-L1.txt")).unwrap();
    let done = server.run(RESTORE).ok();
    assert_eq!(done.last()["result"]["compared"], 0);
    let warned = |done: &str, about: &str| {
        let lines = done.lines().filter(|line| line.contains("\"warning\""));
        lines.into_iter().any(|line| line.contains(about))
    };
    assert!(warned(&done.out, "checksums/main-0002-L1.txt"), "{done}");

    let kept = server.path("contact-center/checksums/main-0001-L0.txt");
    let text = std::fs::read_to_string(&kept).unwrap();
    let first = &[RESTORE, &["-p", "backup=main-0001-L0"]].concat();
    std::fs::write(&kept, text.replace("\texact", "\tmoving")).unwrap();
    let done = server.run(first).ok();
    assert!(warned(&done.out, "checksums/main-0001-L0.txt"), "{done}");

    let cut = text.rfind('\t').unwrap();
    std::fs::write(&kept, &text[..cut]).unwrap();
    let failed = server.run(first).ended(1);
    let (code, sentence) = failed.error();
    assert!(
        code == "not-whole" && sentence.contains("main-0001-L0.txt"),
        "{failed}"
    );
    assert!(!server.running().contains(&"contact-center".to_owned()));
}

#[test]
fn a_damaged_entry_leaves_the_other_backups_to_be_restored_and_made() {
    let (server, _) = backed_up();
    let damage = |backup: &str| {
        let path = server.path(&format!("backups/{backup}.json"));
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, text.replace("\"level\": ", "\"level\": 1")).unwrap();
    };
    damage("main-0002-L1");
    let done = server.run(RESTORE).ok();
    assert_eq!(done.last()["result"]["backup"], "main-0001-L0");
    assert!(
        done.out.contains("main-0002-L1"),
        "what was left out is told: {done}"
    );
    server.run(FULL).ok();
    server.run(INCREMENTAL).ok();
    assert_eq!(server.running().len(), SERVICES.len());
}

#[test]
fn a_restore_that_is_killed_in_the_middle_is_gone_on_with() {
    let server = Server::prepared();
    server.execute(
        "CREATE TABLE report_large (id INTEGER PRIMARY KEY, text BLOB);
         WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000)
         INSERT INTO report_large SELECT i, randomblob(8000) FROM n;",
    );
    server.start();
    server.run(FULL).ok();
    let backed_up = server.content();
    server.execute("DELETE FROM report_large WHERE id % 2 = 0");
    let args = [&["run"], RESTORE, &["--yes", "--json"]].concat();
    let running = Running::start(&mut server.site.command(procedo_tests::Program::Procedo, &args));
    // The present state is being backed up, so the restore is under way.
    let began = |name: std::ffi::OsString| name.to_string_lossy().contains("main-0002-L0");
    server.site.until("the restore", || {
        let files = std::fs::read_dir(server.path("backups")).unwrap();
        files.flatten().any(|file| began(file.file_name())).then_some(())
    });
    let killed = running.kill().killed();
    assert_eq!(server.site.state(&killed.run()), "interrupted");
    assert!(
        !server.running().contains(&"contact-center".to_owned()),
        "services wait for its end"
    );
    server.site.json(["resume", &killed.run()]).ok();
    assert!(server.content() == backed_up, "it is what was backed up");
    assert_eq!(server.running().len(), SERVICES.len());
    server.site.whole();
}

#[test]
fn a_backup_survives_being_killed_anywhere() {
    let rehearsal = Rehearsal::new(Server::up(), &[&["run"], FULL].concat(), None);
    rehearsal.survive_all_in_one_run();
    rehearsal.survive(&rehearsal.kills_around_effects());
}

#[test]
fn a_restore_survives_being_killed_around_each_effect() {
    let (server, _) = backed_up();
    let args = [
        "run",
        "database/restore",
        "-p",
        r#"services=["main-contact-center"]"#,
        "--yes",
    ];
    let rehearsal = Rehearsal::new(server, &args, None);
    rehearsal.survive(&rehearsal.kills_around_effects());
}

#[test]
fn a_restore_survives_being_killed_again_each_time_it_is_gone_on_with() {
    let (server, _) = backed_up();
    Rehearsal::new(server, &[&["run"], RESTORE, &["--yes"]].concat(), None).survive_all_in_one_run();
}

#[test]
fn the_undo_of_a_restore_survives_being_killed_again_each_time_it_is_gone_on_with() {
    let (server, _) = backed_up();
    let run = server.run(RESTORE).ok().run();
    Rehearsal::new(server, &["undo", &run, "--yes"], None).survive_all_in_one_run();
}
