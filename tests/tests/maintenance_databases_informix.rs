//! Backups and restores of the simulated Informix by the procedures: to a folder, to tapes that a person changes, and by onbar;
//! compared, planned, undone, and killed while ontape works and before its work is recorded.

#![allow(clippy::unwrap_used, reason = "what a helper meets fails its test, too")]

use procedo_tests::Done;
use procedo_tests::informix::Informix;
use procedo_tests::journal::of_kind;
use procedo_tests::servers::{SERVICES, Server};
use serde_json::{Value, json};

const FULL: &[&str] = &["database/backup", "-p", "database=ifx"];
const INCREMENTAL: &[&str] = &["database/backup", "-p", "database=ifx", "-p", "level=1"];
const RESTORE: &[&str] = &[
    "database/restore",
    "-p",
    "database=ifx",
    "-p",
    r#"services=["main-contact-center", "main-database"]"#,
];

/// A site whose database `ifx` is a simulated Informix, and whose services are those of the simulated server.
struct Lab {
    informix: Informix,
    server: Server,
}

impl Lab {
    fn up(method: &'static str, tape_kib: u32) -> Self {
        let informix = Informix::up(method, tape_kib);
        informix.execute(
            "CREATE TABLE administration_user (id INTEGER, name VARCHAR(40));
             CREATE TABLE report_contact (id INTEGER, number VARCHAR(200));
             INSERT INTO administration_user VALUES (1, 'Ana'), (2, NULL), (3, '');
             INSERT INTO report_contact WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500)
                 SELECT i, printf('%0150d', i) FROM n",
        );
        let server = Server::up();
        informix.declare(&server.site);
        Self { informix, server }
    }

    /// With a full backup, an incremental one, and more changes since; with what it held when the latter was made.
    fn backed_up(method: &'static str) -> (Self, String) {
        let lab = Self::up(method, 0);
        lab.server.run(FULL).ok();
        lab.a_day_goes_by();
        lab.server.run(INCREMENTAL).ok();
        let content = lab.content();
        lab.informix
            .execute("DELETE FROM report_contact WHERE id < 400; UPDATE administration_user SET name = 'x'");
        (lab, content)
    }

    fn a_day_goes_by(&self) {
        self.informix
            .execute("UPDATE administration_user SET name = 'Núñez' WHERE id = 1; DELETE FROM report_contact WHERE id = 7");
    }

    fn content(&self) -> String {
        self.informix.execute(
            "SELECT * FROM administration_user ORDER BY id; SELECT * FROM report_contact ORDER BY id",
        )
    }

    fn results(&self) -> Vec<Vec<String>> {
        let text = std::fs::read_to_string(self.server.site.path("ifx/results.txt")).unwrap_or_default();
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

    fn archives_begun(&self) -> u64 {
        self.informix.state()["started_archives"].as_u64().unwrap()
    }

    /// Undoes a restore. Informix does not tell whether somebody has altered data since, so that a person is asked, and has to
    /// agree to what then is done.
    fn undo(&self, run: &str) {
        let site = &self.server.site;
        let undo = self.server.undo(run).ended(4).run();
        site.procedo(["answer", &undo, "overwrite"]).ok();
        site.json(["resume", &undo]).ended(4);
        site.procedo(["approve", &undo, "--yes"]).ok();
        site.json(["resume", &undo]).ok();
    }

    /// Runs a procedure while a person puts in each tape that is asked for; tells its result and the labels.
    fn with_tapes(&self, args: &[&str]) -> (Value, Vec<String>) {
        let mut done = self.server.run(args);
        let run = done.run();
        let mut labels = Vec::new();
        while done.code() == Some(4) {
            let label = label(&done);
            self.informix.put_in(&label);
            labels.push(label);
            self.server.site.procedo(["answer", &run, "yes"]).ok();
            done = self.server.site.json(["resume", &run]);
        }
        (done.ok().last()["result"].clone(), labels)
    }
}

/// The label of the tape that a question asks for: the last one that it names.
fn label(asked: &Done) -> String {
    let told = asked.last();
    let sentence = told["message"].as_str().unwrap();
    let end = sentence
        .find(". Is it in the drive?")
        .unwrap_or_else(|| panic!("{asked}"));
    let begin = ["label: ", "says: "]
        .iter()
        .filter_map(|word| Some(sentence[..end].rfind(word)? + word.len()));
    sentence[begin.max().unwrap()..end].to_owned()
}

/// The number of the first call of an operation in a run.
fn call_of(shown: &Value, operation: &str) -> u64 {
    let intents = of_kind(shown, "intent");
    let intent = intents.iter().find(|intent| intent["operation"] == operation);
    intent.unwrap()["call"].as_u64().unwrap()
}

#[test]
fn archives_in_a_folder_are_made_compared_restored_and_gone_back_from() {
    let (lab, backed_up) = Lab::backed_up("directory");
    assert_eq!(lab.informix.backups(), ["ifx-0001-L0", "ifx-0002-L1"]);
    let kept: Vec<_> = lab.results().iter().map(|line| line[..4].join(" ")).collect();
    assert_eq!(kept, ["ifx L0 OK ifx-0001-L0", "ifx L1 OK ifx-0002-L1"]);
    let checksums = lab.server.site.read("ifx/checksums/ifx-0002-L1.txt");
    assert!(
        checksums.lines().count() == 2
            && checksums.contains("report_contact\t499\t")
            && !checksums.contains("moving"),
        "{checksums}"
    );
    let present = lab.content();
    let then = (lab.informix.state(), lab.server.events(), lab.results());
    for args in [FULL, INCREMENTAL, RESTORE] {
        let planned = lab.server.site.json([&["plan"], args].concat()).ok().json();
        assert!(planned["ended"]["complete"].is_object(), "{}", planned["ended"]);
    }
    assert_eq!(
        (lab.informix.state(), lab.server.events(), lab.results()),
        then,
        "a plan does nothing"
    );

    let done = lab.server.run(RESTORE).ok();
    let result = &done.last()["result"];
    assert_eq!(result["chain"], json!(["ifx-0001-L0", "ifx-0002-L1"]));
    assert_eq!(result["compared"], 2, "{result}");
    assert_eq!(lab.content(), backed_up);
    let events = lab.server.events();
    let order = [
        "stopped contact-center",
        "stopped database",
        "started database",
        "started contact-center",
    ];
    assert_eq!(events[events.len() - 4..], order.map(str::to_owned));
    lab.all_services_run();
    lab.undo(&done.run());
    assert_eq!(lab.content(), present);
    lab.all_services_run();
    lab.server.site.whole();
}

#[test]
fn what_differs_from_the_backup_keeps_the_services_down() {
    let (lab, _) = Lab::backed_up("file");
    let kept = "ifx/checksums/ifx-0002-L1.txt";
    let text = lab.server.site.read(kept);
    lab.server.site.write(
        kept,
        text.replace("administration_user\t3", "administration_user\t4"),
    );
    let failed = lab.server.run(RESTORE).ended(1);
    let (code, sentence) = failed.error();
    assert!(
        code == "differs" && sentence.contains("administration_user"),
        "{failed}"
    );
    assert!(!lab.server.running().contains(&"contact-center".to_owned()));
}

#[test]
fn a_server_of_which_no_database_is_named_is_restored_without_being_compared() {
    let lab = Lab::up("directory", 0);
    lab.server.site.redeclare("dbname = \"contact_center\"\n", "");
    let refused = lab.server.run(FULL).ended(1);
    assert!(refused.error().1.contains("dbname"), "{refused}");
    lab.server.run(&[FULL, &["-p", "checksums=false"]].concat()).ok();
    let backed_up = lab.content();
    lab.informix.execute("DELETE FROM report_contact");
    let done = lab.server.run(RESTORE).ok();
    assert_eq!(done.last()["result"]["compared"], 0);
    assert!(done.out.contains("was not compared"), "{done}");
    assert_eq!(lab.content(), backed_up);
    lab.all_services_run();
}

#[test]
fn a_person_changes_the_tapes_of_a_backup_and_of_its_restore() {
    let lab = Lab::up("tape", 60);
    let (full, written) = lab.with_tapes(FULL);
    assert!(written.len() > 1, "one tape is not enough: {written:?}");
    assert!(
        written[0].starts_with("ifx-0001-L0 L0 ") && written[1].ends_with(" #2"),
        "{written:?}"
    );
    assert_eq!(full["backup"], "ifx-0001-L0");
    lab.a_day_goes_by();
    let (_, upon) = lab.with_tapes(INCREMENTAL);
    let backed_up = lab.content();
    lab.informix.execute("DELETE FROM report_contact");
    // The present state would take blank tapes, too.
    let (result, read) = lab.with_tapes(&[RESTORE, &["-p", "keep=false"]].concat());
    assert_eq!(read, [written, upon].concat(), "the same tapes in their order");
    assert_eq!(
        (&result["former"], &result["compared"]),
        (&json!(null), &json!(2))
    );
    assert_eq!(lab.content(), backed_up);
    lab.all_services_run();
}

#[test]
fn onbar_goes_back_to_its_newest_backup() {
    let lab = Lab::up("onbar", 0);
    lab.server.run(FULL).ok();
    lab.a_day_goes_by();
    lab.server.run(INCREMENTAL).ok();
    let backed_up = lab.content();
    lab.informix.execute("DROP TABLE administration_user");
    let refused = lab.server.run(RESTORE).ended(1);
    assert!(refused.error().1.contains("keep-present"), "{refused}");
    lab.all_services_run();
    let result = lab.server.result(&[RESTORE, &["-p", "keep=false"]].concat());
    assert_eq!(result["compared"], 2, "{result}");
    assert_eq!(lab.content(), backed_up);
    lab.all_services_run();
}

#[test]
fn a_backup_that_is_killed_goes_on_without_procedo_and_is_made_once() {
    let lab = Lab::up("directory", 0);
    lab.informix.hold();
    let running = lab.server.site.start([&["run"], FULL, &["--yes"]].concat());
    lab.server
        .site
        .until("ontape", || (lab.archives_begun() == 1).then_some(()));
    let run = running.kill().killed().run();
    assert_eq!(lab.server.site.state(&run), "interrupted");
    lab.informix.go_on();
    lab.server.site.json(["resume", &run]).ok();
    assert_eq!(
        (
            lab.archives_begun(),
            lab.informix.backups().len(),
            lab.results().len()
        ),
        (1, 1, 1)
    );

    // Made, and not recorded: it is found.
    let call = call_of(&lab.server.site.show(&run), "database.backup");
    let args = [&["run"], FULL, &["--yes"]].concat();
    for (number, point) in [(2, "after-effect"), (3, "after-intent")] {
        let killed = lab.server.killed_at(&args, &format!("{point}:{call}")).killed();
        lab.server.site.json(["resume", &killed.run()]).ok();
        let made = usize::try_from(lab.archives_begun()).unwrap();
        assert_eq!(
            (made, lab.informix.backups().len(), lab.results().len()),
            (number, number, number),
            "{point}"
        );
    }
    lab.server.site.whole();
}

#[test]
fn a_restore_that_is_killed_is_completed_and_each_service_is_stopped_and_started_once() {
    let (lab, backed_up) = Lab::backed_up("directory");
    let args = [RESTORE, &["-p", "backup=ifx-0002-L1", "-p", "keep=false"]].concat();
    let command = [&["run"], &args[..], &["--yes"]].concat();
    lab.informix.hold();
    let events = lab.server.events().len();
    let running = lab.server.site.start(&command);
    lab.server.site.until("half of the restore", || {
        (lab.informix.state()["half_restored"] == true).then_some(())
    });
    let run = running.kill().killed().run();
    assert!(!lab.server.running().contains(&"contact-center".to_owned()));
    lab.informix.go_on();
    lab.server.site.json(["resume", &run]).ok();
    assert_eq!(lab.content(), backed_up);
    assert_eq!(lab.server.events().len(), events + 4);
    lab.all_services_run();

    let call = call_of(&lab.server.site.show(&run), "database.restore");
    for point in ["after-effect", "after-intent"] {
        lab.informix.execute("DELETE FROM administration_user");
        let events = lab.server.events().len();
        let killed = lab
            .server
            .killed_at(&command, &format!("{point}:{call}"))
            .killed();
        lab.server.site.json(["resume", &killed.run()]).ok();
        assert_eq!(lab.content(), backed_up, "{point}");
        assert_eq!(lab.server.events().len(), events + 4, "{point}");
        lab.all_services_run();
    }
    lab.server.site.whole();
}
