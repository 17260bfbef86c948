//! The crash matrix: each procedure, killed by a real `SIGKILL` at every point of every call, and gone on with, ends as if
//! nobody had disturbed it.

#![allow(clippy::unwrap_used, reason = "what a helper meets fails its test, too")]

use procedo_tests::journal::changes;
use procedo_tests::kill::{Kill, Matrix, Point};
use procedo_tests::web::Web;
use procedo_tests::{Done, LOCALIZE, Program, Site};
use serde_json::json;

const BY_SCRIPT: &[&str] = &[
    "run",
    "web/localize-components-script",
    "-p",
    "language=deutsch",
    "-p",
    "lang=de",
    "-p",
    "catalogue=deutsch.po",
];

fn at(matrix: &Matrix, wanted: impl Fn(&Kill) -> bool) -> Vec<Kill> {
    matrix.kills().into_iter().filter(wanted).collect()
}

/// The points of localising, spread over tests that run beside each other.
#[track_caller]
fn localized(point: Point) {
    let matrix = Matrix::new(Site::lab_up(), &LOCALIZE);
    matrix.survive(&at(&matrix, |kill| kill.point == point));
}

#[test]
fn localising_survives_being_killed_before_each_intent() {
    localized(Point::BeforeIntent);
}

#[test]
fn localising_survives_being_killed_between_each_intent_and_its_effect() {
    localized(Point::AfterIntent);
}

#[test]
fn localising_survives_being_killed_between_each_effect_and_its_outcome() {
    localized(Point::AfterEffect);
}

#[test]
fn localising_survives_being_killed_after_each_outcome() {
    localized(Point::AfterOutcome);
}

#[test]
fn localising_survives_being_killed_again_each_time_it_is_gone_on_with() {
    Matrix::new(Site::lab_up(), &LOCALIZE).survive_all_in_one_run();
}

#[test]
fn an_undo_survives_being_killed_again_each_time_it_is_gone_on_with() {
    let site = Site::lab_up();
    let run = site.json(LOCALIZE).ok().run();
    Matrix::new(site, &["undo", &run, "--yes"]).survive_all_in_one_run();
}

#[test]
fn localising_by_a_script_survives_being_killed_in_its_first_half() {
    let matrix = Matrix::new(Site::lab_up(), BY_SCRIPT);
    let kills = matrix.kills();
    matrix.survive(&kills[..kills.len() / 2]);
}

#[test]
fn localising_by_a_script_survives_being_killed_in_its_second_half() {
    let matrix = Matrix::new(Site::lab_up(), BY_SCRIPT);
    let kills = matrix.kills();
    matrix.survive(&kills[kills.len() / 2..]);
}

#[test]
fn customising_survives_being_killed_anywhere() {
    let settings =
        r#"settings={"varSource": "Web de", "varSessionPriority": 60, "varCustomerName": "Jürgen Groß"}"#;
    let args = [
        "run",
        "web/customize-capture-page",
        "-p",
        "language=english",
        "-p",
        settings,
        "-p",
        r#"keys={"Key1": "web"}"#,
    ];
    let matrix = Matrix::new(Site::lab_up(), &args);
    assert_eq!(changes(matrix.journal()).len(), 1);
    matrix.survive(&matrix.kills());
}

#[test]
fn explaining_a_code_survives_being_killed_anywhere() {
    let matrix = Matrix::new(
        Site::lab_up(),
        &["run", "web/explain-callback-error", "-p", "code=17031"],
    );
    matrix.survive(&matrix.kills());
}

#[test]
fn checking_a_request_survives_being_killed_anywhere() {
    let args = [
        "run",
        "web/check-callback-request",
        "-p",
        "phone=not a number",
        "-p",
        "priority=500",
    ];
    let matrix = Matrix::new(Site::lab_up(), &args);
    matrix.survive(&matrix.kills());
}

#[test]
fn undoing_a_localisation_survives_being_killed_anywhere() {
    let site = Site::lab_up();
    let run = site.json(LOCALIZE).ok().run();
    let matrix = Matrix::new(site, &["undo", &run, "--yes"]);
    assert_eq!(
        changes(matrix.journal()).len(),
        11,
        "one for each change of the localisation"
    );
    matrix.survive(&matrix.kills());
}

const WRITES: &str = r#"needs = [{ capability = "files", resource = "web", effect = "write" }]
[parameters]
properties.name = { type = "string", default = "hook" }"#;

/// A site with a procedure that starts two others at the same time, and then one more.
fn with_children() -> Site {
    let site = Site::lab_up();
    site.script(
        "child",
        WRITES,
        r#"for part in ["a", "b"] { files::write("web", params.name + "-" + part + ".txt", "by " + params.name); }
           params.name"#,
    );
    site.script(
        "parent",
        "needs = [{ capability = \"run\", resource = \"*\", effect = \"write\" }]\nsteps = [\"work\"]",
        r#"step("work", || {
               let both = ["one", "two"].map(|name| #{procedure: "test/child", params: #{name: name}});
               let ends = run::run_children(both);
               ends.push(run::run_child("test/child", #{name: "three"}));
               ends.map(|end| end.reply)
           })"#,
    );
    site.grant("test/*", "files", "web", "write");
    site.grant("test/parent", "run", "test/child", "write");
    site
}

#[test]
fn children_and_their_parent_survive_being_killed_anywhere() {
    let matrix = Matrix::new(with_children(), &["run", "test/parent"]);
    let kills = matrix.kills();
    let in_children = kills
        .iter()
        .filter(|kill| !kill.run.is_empty() && kill.point == Point::AfterEffect);
    assert_eq!(
        in_children.count(),
        6,
        "three children write two files each: {kills:?}"
    );
    matrix.survive(&kills);
}

#[test]
fn hooks_and_the_run_they_hook_into_survive_being_killed_anywhere() {
    let site = with_children();
    site.script(
        "simple",
        "steps = [\"work\"]",
        r#"step("work", || run::random(4)); 0"#,
    );
    for at in ["before:work", "after:work"] {
        let name = at.replace(':', "-");
        site.declare(&format!(
            "[[hook]]\nprocedure = \"test/simple\"\nat = \"{at}\"\nrun = \"test/child\"\nparams = {{ name = \"{name}\" }}"
        ));
    }
    let matrix = Matrix::new(site, &["run", "test/simple"]);
    let kills = matrix.kills();
    assert!(
        kills.iter().any(|kill| !kill.run.is_empty()),
        "the hooks are runs of their own: {kills:?}"
    );
    matrix.survive(&kills);
}

#[test]
fn every_procedure_that_comes_with_procedo_is_killed_here() {
    let listed = Site::new().json(["procedures"]).ok().json();
    let shipped = listed
        .as_array()
        .unwrap()
        .iter()
        .filter(|each| each["shipped"] == true);
    let ids: Vec<_> = shipped.map(|each| each["id"].as_str().unwrap()).collect();
    assert_eq!(
        ids,
        [
            "database/backup",
            "database/restore",
            "database/schedule-backups",
            "system/change-passwords",
            "system/shutdown-server",
            "web/check-callback-request",
            "web/customize-capture-page",
            "web/explain-callback-error",
            "web/localize-components",
            "web/localize-components-script",
        ],
        "a procedure that is new here needs a test of its own above, or beside those of its server in maintenance*.rs"
    );
}

#[test]
fn a_read_has_no_moment_between_intent_and_effect() {
    let site = Site::lab();
    let mut command = site.command(
        Program::Failpoints,
        ["run", "web/explain-callback-error", "-p", "code=17031", "--json"],
    );
    for point in ["after-intent:1", "after-effect:1", "before-intent:999"] {
        Done::of(command.env("PROCEDO_FAILPOINT", point)).ok();
    }
    Done::of(command.env("PROCEDO_FAILPOINT", "before-intent:1")).killed();
}

/// A site whose procedure makes three requests that change something on a server.
fn with_requests(web: &Web) -> Site {
    let site = Site::new();
    site.declare(&format!("[resource.http.server]\norigin = \"{}\"", web.origin));
    site.grant("test/requests", "http", "server", "destructive");
    site.script(
        "requests",
        r#"needs = [{ capability = "http", resource = "server", effect = "destructive" }]"#,
        r#"for method in ["PUT", "POST", "DELETE"] {
               let request = #{origin: "server", method: method, path: "/" + method, headers: []};
               if method != "DELETE" { request.body = "text"; }
               http::send(request);
           }"#,
    );
    site
}

/// How often a server was asked for something that changes it.
fn writes(web: &Web) -> Vec<String> {
    let asked = web
        .asked()
        .into_iter()
        .filter(|asked| asked.method != "GET" && asked.method != "HEAD");
    asked
        .map(|asked| format!("{} {}", asked.method, asked.path))
        .collect()
}

#[test]
fn no_request_that_changes_something_is_sent_twice() {
    for call in 1..=3 {
        for point in ["before-intent", "after-intent", "after-effect", "after-outcome"] {
            let web = Web::with_files();
            web.put("/DELETE", "to be deleted");
            let site = with_requests(&web);
            let mut command = site.command(Program::Failpoints, ["run", "test/requests", "--json"]);
            let run = Done::of(command.env("PROCEDO_FAILPOINT", format!("{point}:{call}")))
                .killed()
                .run();
            let mut resumed = site.json(["resume", &run]);
            // Whether a POST was carried out cannot be seen, so a person is asked; they know.
            if call == 2 && (point == "after-intent" || point == "after-effect") {
                let resting = resumed.ended(5).last();
                assert_eq!(
                    (&resting["state"], &resting["waiting"]["for"]),
                    (&json!("in-doubt"), &json!("verdict"))
                );
                assert_eq!(site.state(&run), "in-doubt");
                let reply = r#"{"status": 201, "headers": [], "body": "", "url": ""}"#;
                let verdict = if point == "after-intent" {
                    vec!["--not-applied"]
                } else {
                    vec!["--applied", reply]
                };
                site.procedo([vec!["answer", &run], verdict].concat()).ok();
                resumed = site.json(["resume", &run]);
            }
            resumed.ok();
            assert_eq!(
                writes(&web),
                ["PUT /PUT", "POST /POST", "DELETE /DELETE"],
                "{point} of call {call}"
            );
            site.whole();
        }
    }
}
