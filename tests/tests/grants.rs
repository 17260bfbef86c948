//! Grants: every operation of every capability, allowed, not granted, granted on another resource, granted with a lesser
//! effect, and not in the manifest; from a script and from a plugin, through the same assertions.

#![allow(clippy::unwrap_used, reason = "what a helper meets fails its test, too")]

use procedo_tests::tree::Tree;
use procedo_tests::web::{Answer, Web};
use procedo_tests::{Done, Program, Site};
use std::collections::BTreeSet;
use std::io::Write;
use std::path::Path;
use std::process::Stdio;

/// The effects, the least first.
const EFFECTS: [&str; 3] = ["read", "write", "destructive"];

/// A call: its operation, its effect, and how a script makes it. The plugin makes the same one.
struct Call {
    operation: &'static str,
    effect: &'static str,
    script: &'static str,
    /// The error of an allowed call, where there must be one.
    ends: Option<&'static str>,
}

const fn call(operation: &'static str, effect: &'static str, script: &'static str) -> Call {
    Call {
        operation,
        effect,
        script,
        ends: None,
    }
}

/// A call about something that the site does not have.
const fn missing(
    operation: &'static str,
    effect: &'static str,
    script: &'static str,
    code: &'static str,
) -> Call {
    let ends = Some(code);
    Call {
        operation,
        effect,
        script,
        ends,
    }
}

/// Every operation has a row; one whose effect follows from its arguments has one for each effect.
const CALLS: &[Call] = &[
    call("files.read", "read", r#"files::read(on, "a.txt")"#),
    call("files.write", "write", r#"files::write(on, "new.txt", "new")"#),
    call(
        "files.edit",
        "write",
        r#"files::edit(on, "a.txt", [#{find: "text", replacement: "edited"}])"#,
    ),
    call("files.stat", "read", r#"files::stat(on, "a.txt")"#),
    call("files.list-folder", "read", r#"files::list_folder(on, "", true)"#),
    call("files.copy", "write", r#"files::copy(on, "a.txt", "copy.txt")"#),
    call("files.remove", "destructive", r#"files::remove(on, "a.txt")"#),
    call(
        "files.make-folder",
        "write",
        r#"files::make_folder(on, "made/deep")"#,
    ),
    call(
        "files.list-archive",
        "read",
        r#"files::list_archive(on, "a.zip")"#,
    ),
    call(
        "files.read-archive",
        "read",
        r#"files::read_archive(on, "a.zip", "entry.txt")"#,
    ),
    call(
        "files.write-archive",
        "write",
        r#"files::write_archive(on, "a.zip", "entry.txt", "new")"#,
    ),
    // A content cannot be made up: who is allowed to restore gets no further than that.
    Call {
        operation: "files.restore made-up",
        effect: "write",
        script: r#"files::restore(on, "a.txt", "made up")"#,
        ends: Some("P0332"),
    },
    call(
        "files.restore absence",
        "destructive",
        r##"files::restore(on, "a.txt", "{\"kind\":\"absent\"}")"##,
    ),
    call(
        "http.send GET",
        "read",
        r#"http::send(#{origin: on, method: "GET", path: "/page", headers: []})"#,
    ),
    call(
        "http.send PUT",
        "write",
        r#"http::send(#{origin: on, method: "PUT", path: "/page", headers: [], body: "text"})"#,
    ),
    call(
        "http.send POST",
        "write",
        r#"http::send(#{origin: on, method: "POST", path: "/page", headers: [], body: "text"})"#,
    ),
    call(
        "http.send DELETE",
        "destructive",
        r#"http::send(#{origin: on, method: "DELETE", path: "/page", headers: []})"#,
    ),
    call("secrets.get", "read", "secrets::get(on)"),
    // The site has no database and no service: who is allowed to ask for one is told so, and nobody else.
    missing("database.status", "read", "database::status(on)", "P1201"),
    missing(
        "database.query",
        "read",
        r#"database::query(on, "SELECT 1", [])"#,
        "P1201",
    ),
    missing(
        "database.execute insert",
        "write",
        r#"database::execute(on, "INSERT INTO t VALUES (1)", [])"#,
        "P1201",
    ),
    missing(
        "database.execute delete",
        "destructive",
        r#"database::execute(on, "DELETE FROM t", [])"#,
        "P1201",
    ),
    missing("database.backup", "write", "database::backup(on, 0)", "P1201"),
    missing(
        "database.list-backups",
        "read",
        "database::list_backups(on)",
        "P1201",
    ),
    missing(
        "database.verify-backup",
        "read",
        r#"database::verify_backup(on, "b")"#,
        "P1201",
    ),
    missing(
        "database.remove-backup",
        "destructive",
        r#"database::remove_backup(on, "b")"#,
        "P1201",
    ),
    missing(
        "database.restore",
        "destructive",
        "database::restore(on)",
        "P1201",
    ),
    missing("database.go-online", "write", "database::go_online(on)", "P1201"),
    missing("database.checksums", "read", "database::checksums(on)", "P1201"),
    missing("service.status", "read", "service::status(on)", "P1101"),
    missing("service.start", "write", "service::start(on)", "P1101"),
    missing("service.stop", "write", "service::stop(on)", "P1101"),
    missing("service.restart", "write", "service::restart(on)", "P1101"),
    missing(
        "service.set-password",
        "write",
        r#"service::set_password(on, "account", "new")"#,
        "P1101",
    ),
    missing(
        "service.wait-for",
        "read",
        r#"service::wait_for(on, "running", 100)"#,
        "P1101",
    ),
    call(
        "machine.environment",
        "read",
        r#"machine::environment(on, "PATH")"#,
    ),
    call("machine.clock-offset", "read", "machine::clock_offset(on)"),
    call("machine.resolve", "read", r#"machine::resolve(on, "127.0.0.1")"#),
    call(
        "machine.reachable",
        "read",
        r#"machine::reachable(on, "127.0.0.1", 1)"#,
    ),
    call("machine.free-space", "read", r#"machine::free_space(on, "/")"#),
    call("machine.system-facts", "read", "machine::system_facts(on)"),
    // The effect of a command is that of its declaration.
    call(
        "machine.command look",
        "read",
        r#"machine::command(on, "look", [])"#,
    ),
    call(
        "machine.command note",
        "write",
        r#"machine::command(on, "note", [])"#,
    ),
    call(
        "machine.command wipe",
        "destructive",
        r#"machine::command(on, "wipe", [])"#,
    ),
    // Who may set a schedule may not have just any procedure started.
    missing(
        "schedule.set",
        "write",
        r#"schedule::set(on, #{procedure: "test/files-read", params: #{}, when: "daily at 03:00"})"#,
        "P0105",
    ),
    call("schedule.remove", "write", "schedule::remove(on)"),
    call("schedule.list", "read", "schedule::list(on)"),
    missing("schedule.next", "read", "schedule::next(on, 1)", "P1313"),
];

/// The capabilities that are about resources of a site.
const CAPABILITIES: [&str; 7] = [
    "database", "files", "http", "machine", "schedule", "secrets", "service",
];

impl Call {
    fn capability(&self) -> &'static str {
        self.operation.split('.').next().unwrap()
    }

    fn script_name(&self) -> String {
        self.operation.to_lowercase().replace(['.', ' '], "-")
    }
}

/// Who makes the calls.
#[derive(Clone, Copy, Debug)]
enum Form {
    Script,
    Plugin,
}

const FORMS: [Form; 2] = [Form::Script, Form::Plugin];

/// A site with two resources of each capability, `own` and `other`, and nothing granted.
struct Bench {
    site: Site,
    web: Web,
    declarations: String,
    files: Tree,
}

impl Bench {
    fn new() -> Self {
        let site = Site::new();
        let web = Web::serving(|asked| match asked.method.as_str() {
            "GET" | "HEAD" => Answer::text("a page"),
            _ => Answer(204, Vec::new(), String::new()),
        });
        for name in ["own", "other"] {
            site.write(&format!("roots/{name}/a.txt"), format!("some text of {name}\n"));
            site.write(&format!("roots/{name}/a.zip"), archive());
            site.declare(&format!("[resource.files.{name}]\npath = \"roots/{name}\""));
            site.declare(&format!("[resource.http.{name}]\norigin = \"{}\"", web.origin));
            secret(&site, name);
            site.declare(&machine(name, &site.path(&format!("roots/{name}"))));
        }
        site.declare("[plugins]\nallow-unsigned = true");
        site.install("tests/calls");
        let needs = CAPABILITIES.map(|capability| {
            let effect = if capability == "secrets" {
                "read"
            } else {
                "destructive"
            };
            format!("{{ capability = \"{capability}\", resource = \"$resource\", effect = \"{effect}\" }}")
        });
        let header = format!(
            "needs = [{}]\n[parameters]\nproperties.resource = {{ type = \"string\" }}",
            needs.join(", ")
        );
        for call in CALLS {
            // A function of its own with the parameter by a short name.
            let body = format!(
                "fn make(on) {{ {} }}\nmake(params.resource).to_string()",
                call.script
            );
            site.script(&call.script_name(), &header, &body);
        }
        Self {
            declarations: site.read("procedo.toml"),
            files: Tree::of(&site.path("roots")),
            site,
            web,
        }
    }

    /// Makes a call of `own` under one grant, or none, in a world as it was before.
    fn make(&self, form: Form, call: &Call, grant: Option<(&str, &str)>) -> Done {
        self.files.put_to(&self.site.path("roots"));
        self.site.write("procedo.toml", &self.declarations);
        let procedure = match form {
            Form::Script => format!("test/{}", call.script_name()),
            Form::Plugin => "calls/make".to_owned(),
        };
        if let Some((resource, effect)) = grant {
            self.site.grant(&procedure, call.capability(), resource, effect);
        }
        let operation = format!("operation={}", call.operation);
        let mut args = vec!["run", &procedure, "-p", "resource=own"];
        if let Form::Plugin = form {
            args.extend(["-p", &operation]);
        }
        self.site.json(args)
    }

    /// What the world has seen: the files, and the requests.
    fn world(&self) -> (Tree, usize) {
        (Tree::of(&self.site.path("roots")), self.web.asked().len())
    }

    /// A call that must be denied: by its code, exit code and sentence, and because nothing has happened.
    #[track_caller]
    fn denied(&self, form: Form, call: &Call, grant: Option<(&str, &str)>) {
        let asked = self.web.asked().len();
        let done = self.make(form, call, grant);
        let about = format!("{form:?} {} under {grant:?}: {done}", call.operation);
        assert_eq!(done.code(), Some(3), "{about}");
        let (code, sentence) = done.error();
        assert_eq!(code, "P0106", "{about}");
        let operation = call.operation.split(' ').next().unwrap();
        let resource = format!("{}/own", call.capability());
        for named in [operation, &resource, call.effect] {
            assert!(sentence.contains(named), "“{named}” is named in: {about}");
        }
        let (files, requests) = self.world();
        assert!(
            files == self.files && requests == asked,
            "it has happened all the same: {about}"
        );
    }
}

/// This machine under a name of the site, with a command of each effect; what they do is seen in a root.
fn machine(name: &str, root: &Path) -> String {
    let root = root.display();
    let commands = [
        ("look", "read", "\"/bin/true\"".to_owned()),
        (
            "note",
            "write",
            format!("\"/usr/bin/touch\"\nargs = [\"{root}/touched\"]"),
        ),
        (
            "wipe",
            "destructive",
            format!("\"/bin/rm\"\nargs = [\"{root}/a.txt\"]"),
        ),
    ];
    let commands = commands.map(|(command, effect, program)| {
        format!("[resource.machine.{name}.command.{command}]\neffect = \"{effect}\"\nprogram = {program}\n")
    });
    format!(
        "[resource.machine.{name}]\ndriver = \"local\"\n{}",
        commands.concat()
    )
}

fn archive() -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    archive
        .start_file("entry.txt", zip::write::SimpleFileOptions::default())
        .unwrap();
    archive.write_all(b"an entry\n").unwrap();
    archive.finish().unwrap().into_inner()
}

/// Sets a secret: its value goes through standard input.
fn secret(site: &Site, name: &str) {
    let mut command = site.command(Program::Procedo, ["secret", "set", name]);
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(b"very secret\n").unwrap();
    assert!(child.wait().unwrap().success());
}

#[test]
fn every_operation_of_every_capability_has_its_row() {
    let listed = Site::new().json(["capabilities"]).ok().json();
    let operations = listed.as_array().unwrap().iter().map(|function| {
        format!(
            "{}.{}",
            function["capability"].as_str().unwrap(),
            function["function"].as_str().unwrap()
        )
    });
    // The run itself needs no grant: it is not about a resource of the site.
    let operations: BTreeSet<_> = operations
        .filter(|operation| !operation.starts_with("run."))
        .collect();
    let rows: BTreeSet<_> = CALLS
        .iter()
        .map(|call| call.operation.split(' ').next().unwrap().to_owned())
        .collect();
    assert_eq!(rows, operations, "a new operation needs a row in CALLS");
}

#[test]
fn a_call_is_allowed_by_a_grant_of_its_effect_or_a_stronger_one() {
    let bench = Bench::new();
    for call in CALLS {
        for form in FORMS {
            let at = EFFECTS.iter().position(|effect| *effect == call.effect).unwrap();
            for effect in &EFFECTS[at..] {
                for resource in ["own", "*"] {
                    let done = bench.make(form, call, Some((resource, effect)));
                    match call.ends {
                        None => assert_eq!(
                            done.code(),
                            Some(0),
                            "{form:?} {} {effect}: {done}",
                            call.operation
                        ),
                        Some(code) => assert_eq!(done.error().0, code, "{form:?} {}: {done}", call.operation),
                    }
                }
            }
        }
    }
}

#[test]
fn a_call_that_is_not_granted_is_denied() {
    let bench = Bench::new();
    for call in CALLS {
        FORMS.into_iter().for_each(|form| bench.denied(form, call, None));
    }
}

#[test]
fn a_call_that_is_granted_on_another_resource_is_denied() {
    let bench = Bench::new();
    for call in CALLS {
        for form in FORMS {
            bench.denied(form, call, Some(("other", "destructive")));
            // A name that only starts the same is another one.
            bench.denied(form, call, Some(("ow", "destructive")));
        }
    }
}

#[test]
fn a_call_that_is_granted_with_a_lesser_effect_is_denied() {
    let bench = Bench::new();
    let mut lesser = 0;
    for call in CALLS {
        for effect in EFFECTS.iter().take_while(|effect| **effect != call.effect) {
            lesser += 1;
            FORMS
                .into_iter()
                .for_each(|form| bench.denied(form, call, Some(("own", effect))));
        }
    }
    assert_eq!(
        lesser,
        18 + 2 * 7,
        "each write has one lesser effect, each destruction two"
    );
}

#[test]
fn what_the_manifest_does_not_name_is_denied_whatever_the_site_grants() {
    let bench = Bench::new();
    bench.site.write("procedo.toml", &bench.declarations);
    for capability in CAPABILITIES {
        bench.site.grant("*", capability, "*", "destructive");
    }
    for call in CALLS {
        // It needs one resource and uses another, or needs less than it does.
        let needs = |resource, effect| {
            format!(
                "needs = [{{ capability = \"{}\", resource = \"{resource}\", effect = \"{effect}\" }}]",
                call.capability()
            )
        };
        let lesser = EFFECTS.iter().take_while(|effect| **effect != call.effect).last();
        let headers = [
            Some("needs = []".to_owned()),
            Some(needs("other", "destructive")),
            lesser.map(|effect| needs("own", effect)),
        ];
        for header in headers.into_iter().flatten() {
            bench.site.script(
                "needy",
                &header,
                &call
                    .script
                    .replace("on,", "\"own\",")
                    .replace("(on)", "(\"own\")"),
            );
            let done = bench.site.json(["run", "test/needy"]).ended(3);
            assert_eq!(
                done.error().0,
                "P0105",
                "{} under {header}: {done}",
                call.operation
            );
        }
    }
    assert_eq!(bench.world().0.differences(&bench.files), Vec::<String>::new());
}

#[test]
fn what_a_procedure_is_denied_its_child_may_do_under_grants_of_its_own() {
    let bench = Bench::new();
    let site = &bench.site;
    site.write("procedo.toml", &bench.declarations);
    site.grant("test/files-remove", "files", "own", "destructive");
    let child = r#"run::run_child("test/files-remove", #{resource: "own"}).succeeded"#;
    let need = "needs = [{ capability = \"run\", resource = \"test/files-remove\", effect = \"write\" }]";
    site.script("parent", need, child);
    assert_eq!(site.json(["run", "test/parent"]).ended(3).error().0, "P0106");
    site.grant("test/parent", "run", "test/files-remove", "write");
    assert_eq!(site.json(["run", "test/parent"]).ok().last()["result"], true);
    assert!(!site.path("roots/own/a.txt").exists());
}
