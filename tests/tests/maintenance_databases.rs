//! Backups and restores of a real PostgreSQL with pgBackRest by the procedures: made, compared, planned, undone, killed while
//! pgBackRest works and before its work is recorded, and started by a schedule.

#![allow(clippy::unwrap_used, reason = "what a helper meets fails its test, too")]

use procedo_tests::journal::of_kind;
use procedo_tests::postgres::Cluster;
use procedo_tests::servers::{SERVICES, Server};
use serde_json::{Value, json};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

const FULL: &[&str] = &["database/backup", "-p", "database=app"];
const INCREMENTAL: &[&str] = &["database/backup", "-p", "database=app", "-p", "level=1"];
const RESTORE: &[&str] = &[
    "database/restore",
    "-p",
    "database=app",
    "-p",
    r#"services=["main-contact-center", "main-database"]"#,
];

/// A site whose database `app` is a cluster of PostgreSQL, and whose services are those of the simulated server.
struct Postgres {
    cluster: Cluster,
    server: Server,
}

impl Postgres {
    fn up() -> Self {
        let cluster = Cluster::up();
        cluster.execute(
            "CREATE TABLE administration_user (id int PRIMARY KEY, name text);
             INSERT INTO administration_user SELECT i, 'user ' || i FROM generate_series(1, 300) i;
             CREATE TABLE report_contact (id bigint, number text, seconds numeric(8,2), at timestamptz, data bytea);
             INSERT INTO report_contact SELECT i, '+49 89 ' || i, i / 4.0, '2026-01-01 12:00+00', decode(md5(i::text), 'hex')
                 FROM generate_series(1, 2000) i;
             CREATE TABLE \"new\nline\" (a text); INSERT INTO \"new\nline\" VALUES (NULL), (''), (E'tab\\t')",
        );
        let server = Server::up();
        cluster.declare(&server.site);
        Self { cluster, server }
    }

    /// With a full backup, an incremental one, and more changes since; with what it held when the latter was made, and its name.
    fn backed_up() -> (Self, Vec<String>, String) {
        let site = Self::up();
        site.server.run(FULL).ok();
        site.a_day_goes_by();
        let backup = site.server.result(INCREMENTAL)["backup"]
            .as_str()
            .unwrap()
            .to_owned();
        let content = site.content();
        site.cluster.execute(
            "DELETE FROM report_contact WHERE id < 1000; UPDATE administration_user SET name = 'nobody'; DROP TABLE \"new\nline\"",
        );
        (site, content, backup)
    }

    fn a_day_goes_by(&self) {
        self.cluster.execute(
            "INSERT INTO report_contact VALUES (9001, '+34 91 555', 60, NULL, NULL);
             UPDATE administration_user SET name = 'Núñez' WHERE id = 3; DELETE FROM administration_user WHERE id = 7",
        );
    }

    fn content(&self) -> Vec<String> {
        // A name that holds a line end would be cut by the tool that lists it.
        let line = self
            .cluster
            .execute("SELECT to_regclass('\"new\nline\"') IS NOT NULL");
        let mut content = Vec::new();
        for table in ["administration_user", "report_contact", "new\nline"] {
            if table.contains('\n') && line.trim() == "f" {
                continue;
            }
            let rows = self
                .cluster
                .execute(&format!("SELECT t::text FROM \"{table}\" t ORDER BY 1"));
            content.extend(rows.lines().map(|row| format!("{table}: {row}")));
        }
        content
    }

    /// The lines of `results.txt` without their moments.
    fn results(&self) -> Vec<Vec<String>> {
        let text = std::fs::read_to_string(self.server.site.path("app/results.txt")).unwrap_or_default();
        let line = |line: &str| line.split('\t').skip(1).map(str::to_owned).collect();
        text.lines().map(line).collect()
    }

    fn all_services_run(&self) {
        assert_eq!(
            self.server.running().len(),
            SERVICES.len(),
            "{:?}",
            self.server.events()
        );
    }

    /// Starts a run, and kills it when the pgBackRest that it has started has done its work and has not ended.
    fn killed_while(&self, command: &str, args: &[&str]) -> String {
        self.cluster.hold(command);
        let running = self.server.site.start([&["run"], args, &["--yes"]].concat());
        self.server
            .site
            .until(command, || self.cluster.is_held().then_some(()));
        let killed = running.kill().killed();
        assert_eq!(self.server.site.state(&killed.run()), "interrupted");
        killed.run()
    }
}

/// The number of the first call of an operation in a run.
fn call_of(shown: &Value, operation: &str) -> u64 {
    let intents = of_kind(shown, "intent");
    let intent = intents.iter().find(|intent| intent["operation"] == operation);
    intent.unwrap_or_else(|| panic!("{operation} was called"))["call"]
        .as_u64()
        .unwrap()
}

#[test]
fn full_and_incremental_backups_are_made_written_down_and_restored_as_they_were() {
    let site = Postgres::up();
    let server = &site.server;
    let full = server.result(FULL);
    assert_eq!((&full["level"], &full["base"]), (&json!(0), &json!(null)));
    site.a_day_goes_by();
    let incremental = server.result(INCREMENTAL);
    assert_eq!(incremental["base"], full["backup"]);
    let of = |record: &Value| record["backup"].as_str().unwrap().to_owned();
    assert_eq!(site.cluster.backups(), [of(&full), of(&incremental)]);
    let line = |level: &str, record: &Value| {
        ["app", level, "OK", &of(record), &record["size"].to_string()].map(str::to_owned)
    };
    assert_eq!(site.results(), [line("L0", &full), line("L1", &incremental)]);
    let kept = server
        .site
        .read(&format!("app/checksums/{}.txt", of(&incremental)));
    assert!(
        kept.lines().count() == 3
            && kept.lines().all(|line| line.ends_with("\texact"))
            && kept.contains("new\\nline"),
        "{kept}"
    );
    site.all_services_run();

    let backed_up = site.content();
    site.cluster
        .execute("DELETE FROM report_contact WHERE id < 1000; DROP TABLE administration_user");
    let present = site.cluster.execute("SELECT count(*) FROM report_contact");
    let done = server.run(RESTORE).ok();
    let result = &done.last()["result"];
    assert_eq!(result["chain"], json!([of(&full), of(&incremental)]));
    assert_eq!(result["compared"], 3, "{result}");
    assert_eq!(site.content(), backed_up);
    let events = server.events();
    let order = [
        "stopped contact-center",
        "stopped database",
        "started database",
        "started contact-center",
    ];
    assert_eq!(events[events.len() - 4..], order.map(str::to_owned));
    site.all_services_run();

    // Nobody has worked on it since: it goes back without a question.
    server.undo(&done.run()).ok();
    assert_eq!(
        site.cluster.execute("SELECT count(*) FROM report_contact"),
        present
    );
    let gone = site
        .cluster
        .execute("SELECT to_regclass('administration_user') IS NULL");
    assert_eq!(gone.trim(), "t");
    site.all_services_run();
    server.site.whole();
}

#[test]
fn what_was_written_after_a_restore_is_lost_by_its_undo_only_if_a_person_says_so() {
    let (site, ..) = Postgres::backed_up();
    let present = site.content();
    let run = site.server.run(RESTORE).ok().run();
    site.cluster
        .execute("INSERT INTO administration_user VALUES (9999, 'new')");
    let asked = site.server.undo(&run).ended(4);
    assert!(
        site.content().iter().any(|line| line.contains("9999")),
        "asking alters nothing"
    );
    site.server
        .site
        .procedo(["answer", &asked.run(), "overwrite"])
        .ok();
    // That was in nobody's plan, so that it is to be approved as well.
    site.server.site.json(["resume", &asked.run()]).ended(4);
    site.server.site.procedo(["approve", &asked.run(), "--yes"]).ok();
    site.server.site.json(["resume", &asked.run()]).ok();
    assert_eq!(site.content(), present);
    site.all_services_run();
}

#[test]
fn plans_tell_what_would_be_done_and_do_nothing() {
    let (site, ..) = Postgres::backed_up();
    let before = || {
        (
            site.content(),
            site.cluster.backups(),
            site.server.events(),
            site.results(),
        )
    };
    let then = before();
    for args in [FULL, INCREMENTAL, RESTORE] {
        let planned = site.server.site.json([&["plan"], args].concat()).ok().json();
        assert!(!planned["changes"].as_array().unwrap().is_empty(), "{planned}");
        assert!(planned["ended"]["complete"].is_object(), "{}", planned["ended"]);
    }
    assert_eq!(before(), then);
}

#[test]
fn a_full_backup_is_restored_by_its_name_and_one_with_other_content_keeps_the_services_down() {
    let (site, _, incremental) = Postgres::backed_up();
    let full = site.cluster.backups()[0].clone();
    let named = format!("backup={full}");
    let result = site
        .server
        .result(&[RESTORE, &["-p", &named, "-p", "keep=false"]].concat());
    assert_eq!(
        (&result["chain"], &result["former"]),
        (&json!([full]), &json!(null))
    );
    assert!(!site.content().iter().any(|line| line.contains("Núñez")));

    // As if what was backed up had been something else.
    let kept = format!("app/checksums/{incremental}.txt");
    let text = site.server.site.read(&kept);
    site.server.site.write(
        &kept,
        text.replace("administration_user\t299", "administration_user\t298"),
    );
    let named = format!("backup={incremental}");
    let failed = site.server.run(&[RESTORE, &["-p", &named]].concat()).ended(1);
    let (code, sentence) = failed.error();
    assert!(
        code == "differs" && sentence.contains("administration_user"),
        "{failed}"
    );
    assert!(!site.server.running().contains(&"contact-center".to_owned()));
    site.server.undo(&failed.run()).ok();
    site.all_services_run();
}

#[test]
fn a_database_that_stays_down_is_told_with_advice_that_can_be_followed() {
    let (site, ..) = Postgres::backed_up();
    site.cluster.stop();
    // Its state before cannot be backed up, so it is not restored.
    let planned = site.server.site.json([&["plan"], RESTORE].concat());
    assert!(planned.out.contains("P1266"), "{planned}");
    assert!(
        !planned.out.contains("services-down"),
        "nothing was stopped: {planned}"
    );

    let failed = site.server.run(RESTORE).ended(1);
    let (code, sentence) = failed.error();
    assert_eq!(code, "services-down", "{failed}");
    assert!(
        sentence.contains("main-contact-center") && sentence.contains("Restore a backup that is right"),
        "{sentence}"
    );
    assert!(
        !sentence.contains("ndo"),
        "it would start the services: {sentence}"
    );
    assert!(!site.server.running().contains(&"contact-center".to_owned()));
}

#[test]
fn a_backup_that_is_killed_goes_on_without_procedo_and_is_made_once() {
    let site = Postgres::up();
    let run = site.killed_while("backup", FULL);
    site.cluster.go_on();
    site.server.site.json(["resume", &run]).ok();
    assert_eq!(site.cluster.calls("backup"), 1, "it was attached to");
    assert_eq!((site.cluster.backups().len(), site.results().len()), (1, 1));

    // Made, and not recorded: it is found.
    let call = call_of(&site.server.site.show(&run), "database.backup");
    let args = [&["run"], FULL, &["--yes"]].concat();
    for point in ["after-effect", "after-intent"] {
        let (before, calls) = (site.cluster.backups(), site.cluster.calls("backup"));
        let killed = site.server.killed_at(&args, &format!("{point}:{call}")).killed();
        site.server.site.json(["resume", &killed.run()]).ok();
        assert_eq!(site.cluster.calls("backup"), calls + 1, "{point}");
        let listed = site.cluster.backups();
        assert_eq!(listed.len(), before.len() + 1, "{point}");
        assert_eq!(
            site.results().last().unwrap()[3],
            *listed.last().unwrap(),
            "{point}"
        );
        site.server.undo(&killed.run()).ok();
        assert_eq!(site.cluster.backups(), before, "{point}");
    }
    site.server.site.whole();
}

#[test]
fn a_restore_that_is_killed_is_completed_and_nothing_of_it_is_done_twice() {
    let (site, backed_up, backup) = Postgres::backed_up();
    let present = site.content();
    let named = format!("backup={backup}");
    let args = [RESTORE, &["-p", &named]].concat();
    let run = site.killed_while("restore", &args);
    let stopped = site.server.running();
    assert!(
        !stopped.contains(&"contact-center".to_owned()),
        "services wait for its end"
    );
    site.cluster.go_on();
    site.server.site.json(["resume", &run]).ok();
    assert_eq!(site.content(), backed_up);
    assert_eq!(site.cluster.calls("restore"), 1, "it was attached to");
    site.all_services_run();
    site.server.undo(&run).ok();
    assert_eq!(site.content(), present);

    let call = call_of(&site.server.site.show(&run), "database.restore");
    for point in ["after-effect", "after-intent"] {
        let (calls, events) = (site.cluster.calls("restore"), site.server.events().len());
        let command = [&["run"], &args[..], &["--yes"]].concat();
        let killed = site
            .server
            .killed_at(&command, &format!("{point}:{call}"))
            .killed();
        site.server.site.json(["resume", &killed.run()]).ok();
        assert_eq!(site.content(), backed_up, "{point}");
        assert_eq!(site.cluster.calls("restore"), calls + 1, "{point}");
        assert_eq!(
            site.server.events().len(),
            events + 4,
            "{point}: each service once"
        );
        site.all_services_run();
        site.server.undo(&killed.run()).ok();
        assert_eq!(site.content(), present, "{point}");
    }
    site.server.site.whole();
}

/// The time of day in UTC, so many seconds from now.
fn in_seconds(seconds: u64) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let day = (now + Duration::from_secs(seconds)).as_secs() % 86_400;
    format!("{:02}:{:02}:{:02}", day / 3600, day / 60 % 60, day % 60)
}

#[test]
fn a_schedule_makes_its_backup_once() {
    let site = Postgres::up();
    let procedo = &site.server.site;
    procedo.redeclare("time-zone = \"Europe/Berlin\"\n", "time-zone = \"UTC\"\n");
    let full = format!("full=daily at {}", in_seconds(4));
    let args = [
        "database/schedule-backups",
        "-p",
        r#"databases=["app"]"#,
        "-p",
        &full,
        "-p",
        "incremental=none",
    ];
    let planned = procedo.json([&["plan"], &args[..]].concat()).ok().json();
    assert_eq!(planned["changes"].as_array().unwrap().len(), 1, "{planned}");
    let listed = || {
        procedo.json(["schedules"]).ok().json()["schedules"]
            .as_array()
            .unwrap()
            .len()
    };
    assert_eq!(listed(), 0, "a plan sets nothing");
    procedo.json([&["run"], &args[..], &["--yes"]].concat()).ok();
    assert_eq!(listed(), 1);

    let serve = procedo.start(["serve"]);
    procedo.until("the backup", || (!site.results().is_empty()).then_some(()));
    procedo.until("the end of its run", || {
        let runs = procedo.runs();
        let backup = runs.iter().find(|run| run["procedure"] == "database/backup");
        backup
            .is_some_and(|run| run["state"] == "succeeded")
            .then_some(())
    });
    let id = rustix::process::Pid::from_raw(i32::try_from(serve.id()).unwrap()).unwrap();
    rustix::process::kill_process(id, rustix::process::Signal::TERM).unwrap();
    let told = serve.wait().documents();
    assert_eq!(told.iter().filter(|each| each["event"] == "fired").count(), 1);
    assert_eq!(site.results()[0][..3], ["app", "L0", "OK"].map(str::to_owned));
    assert_eq!(site.cluster.backups(), [site.results()[0][3].clone()]);
    procedo.whole();
}
