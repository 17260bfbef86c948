//! The lab's servers: made, started, told to stop, refusing to, and logging on only with the right password.

#![allow(clippy::unwrap_used, reason = "what a helper meets fails its test, too")]

use procedo_lab::machine::power::{lives, named};
use procedo_lab::machine::{Home, SERVERS, Server};
use procedo_lab::{Lab, Password, servers};
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

const PROGRAM: &str = env!("CARGO_BIN_EXE_lab-serve");

/// A lab whose servers stop at once; whatever runs of them is stopped when the test ends, however it ends.
struct Bench {
    folder: tempfile::TempDir,
    lab: Lab,
    passwords: Vec<Password>,
}

impl Bench {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (lab, passwords) =
            Lab::create(&folder.path().join("{si te}"), Path::new(PROGRAM), &["program"]).unwrap();
        let bench = Self {
            folder,
            lab,
            passwords,
        };
        for server in &SERVERS {
            for kind in server.services {
                bench.behave(&bench.home(server.name), kind.name, "");
            }
        }
        bench
    }

    fn home(&self, name: &str) -> Home {
        Home::of(&self.lab.dir, name)
    }

    fn behave(&self, home: &Home, service: &str, settings: &str) {
        std::fs::write(home.settings_file(service), settings).unwrap();
    }

    fn up(&self, name: &str) -> procedo_core::Result<()> {
        let server: &Server = named(name).unwrap();
        servers::up(&self.lab.dir, &[server], Path::new(PROGRAM), &["program"])
    }

    fn password(&self, secret: &str) -> &str {
        let known = self.passwords.iter().find(|password| password.secret == secret);
        &known.unwrap().value
    }

    /// Runs a program of a server, as its named commands do.
    fn program(&self, name: &str, what: &[&str], input: &str) -> Output {
        let mut child = Command::new(self.lab.dir.join("machines/program"))
            .arg(what[0])
            .arg(self.home(name).path())
            .args(&what[1..])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        child.wait_with_output().unwrap()
    }

    #[track_caller]
    fn says(&self, name: &str, what: &[&str], input: &str) -> String {
        let output = self.program(name, what, input);
        assert!(
            output.status.success(),
            "{what:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8(output.stdout).unwrap().trim_end().to_owned()
    }

    #[track_caller]
    fn refuses(&self, name: &str, what: &[&str], input: &str) -> String {
        let output = self.program(name, what, input);
        assert_eq!(output.status.code(), Some(1), "{what:?} does not fail");
        String::from_utf8(output.stderr).unwrap()
    }

    fn events(&self, name: &str) -> String {
        std::fs::read_to_string(self.home(name).events_file()).unwrap_or_default()
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        let stopped = servers::down(&self.lab.dir);
        assert!(std::thread::panicking() || stopped.is_ok(), "{stopped:?}");
        let _ = &self.folder;
    }
}

#[track_caller]
fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let began = Instant::now();
    while !holds() {
        assert!(began.elapsed() < Duration::from_secs(30), "{what} did not come");
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn the_services_of_a_server_are_started_once_and_stopped_by_name() {
    let bench = Bench::new();
    bench.up("main").unwrap();
    let first = servers::look(&bench.lab.dir).unwrap();
    assert!(
        first[0].on && first[0].services.iter().all(|(_, pid)| pid.is_some()),
        "{first:?}"
    );
    assert!(
        first[1].services.iter().all(|(_, pid)| pid.is_none()),
        "only one was asked for"
    );
    bench.up("main").unwrap();
    assert_eq!(
        servers::look(&bench.lab.dir).unwrap(),
        first,
        "twice is as good as once"
    );
    assert!(servers::down(&bench.lab.dir).unwrap());
    assert!(!servers::down(&bench.lab.dir).unwrap());
    let events = bench.events("main");
    for kind in named("main").unwrap().services {
        assert_eq!(
            events.matches(&format!("started {}\n", kind.name)).count(),
            1,
            "{events}"
        );
        assert_eq!(
            events.matches(&format!("stopped {}\n", kind.name)).count(),
            1,
            "{events}"
        );
    }
}

#[test]
fn the_data_change_as_long_as_contact_center_and_database_run() {
    let bench = Bench::new();
    let home = bench.home("central-reporting");
    bench.behave(&home, "contact-center", "changes-every = 10");
    let newest = || -> u32 {
        let connection = rusqlite::Connection::open(home.database_file()).unwrap();
        connection.busy_timeout(Duration::from_secs(5)).unwrap();
        let newest = "SELECT coalesce(max(id), 0) FROM processing_contact";
        connection.query_row(newest, [], |row| row.get(0)).unwrap()
    };
    let before = newest();
    bench.up("central-reporting").unwrap();
    until("a change", || newest() > before + 2);
}

#[test]
fn a_service_that_refuses_to_stop_goes_on_until_it_is_killed_with_the_lab() {
    let bench = Bench::new();
    let home = bench.home("backup");
    bench.behave(&home, "autopa", "refuses-to-stop = true");
    bench.up("backup").unwrap();
    let pid = lives(&home, "autopa").unwrap();
    let told = Command::new("kill").arg(pid.to_string()).status().unwrap();
    assert!(told.success());
    let said = || std::fs::read_to_string(home.log_file("autopa")).unwrap_or_default();
    until("its answer", || said().contains("going on"));
    assert_eq!(lives(&home, "autopa"), Some(pid));
    assert!(servers::down(&bench.lab.dir).unwrap());
    assert_eq!(lives(&home, "autopa"), None);
    assert!(!bench.events("backup").contains("stopped autopa"));
}

#[test]
fn a_half_changed_password_is_seen_when_services_start() {
    let bench = Bench::new();
    let old = bench.password("informix-password").to_owned();
    let both = |password: &str| format!("informix\n{password}\n");
    assert_eq!(
        bench.says("main", &["check-account-password"], &both(&old)),
        "same"
    );
    bench.says("main", &["set-account-password"], &both("new-one"));
    assert_eq!(
        bench.says("main", &["check-account-password"], &both(&old)),
        "other"
    );
    let error = bench.up("main").unwrap_err();
    assert_eq!(error.code, "P0909");
    assert!(
        error.message.args["reason"].contains("logon failure"),
        "{error:?}"
    );

    for service in ["database", "discovery"] {
        bench.says("main", &["set-service-password", service], "informix:new-one\n");
        assert_eq!(
            bench.says("main", &["check-service-password", service], &both("new-one")),
            "same"
        );
    }
    let error = bench.up("main").unwrap_err();
    assert!(
        error.message.args["reason"].contains("start-up configuration"),
        "{error:?}"
    );
    bench.says("main", &["set-startup-password"], &both("new-one"));
    assert_eq!(
        bench.says("main", &["check-startup-password"], &both("new-one")),
        "same"
    );
    bench.up("main").unwrap();

    // Neither stands in any file.
    for file in [
        "accounts.json",
        "contact-center/startup.ini",
        "services/database.logon",
    ] {
        let text = std::fs::read_to_string(bench.home("main").path().join(file)).unwrap();
        assert!(
            !text.contains(&old) && !text.contains("new-one"),
            "{file}: {text}"
        );
    }
}

#[test]
fn a_place_refuses_a_password_as_often_as_it_was_told() {
    let bench = Bench::new();
    let home = bench.home("main");
    std::fs::write(home.refusals_file(), "account hppc\nonce startup\n").unwrap();
    for _ in 0..2 {
        assert!(
            bench
                .refuses("main", &["set-account-password"], "hppc\nnew-one\n")
                .contains("access is denied")
        );
    }
    bench.refuses("main", &["set-startup-password"], "informix\nnew-one\n");
    bench.says("main", &["set-startup-password"], "informix\nnew-one\n");
    assert!(
        bench
            .refuses("main", &["set-account-password"], "nobody\nnew-one\n")
            .contains("nobody")
    );
}

#[test]
fn a_new_password_is_judged_before_it_is_set() {
    let bench = Bench::new();
    let old = bench.password("informix-password").to_owned();
    let judged = |new: &str, present: &str| {
        bench.says(
            "main",
            &["check-new-password"],
            &format!("informix\n{new}\n{present}\n"),
        )
    };
    assert_eq!(judged("fits-well", &old), "fits");
    assert_eq!(judged("fits-well", "not-the-present"), "not-present");
    assert_eq!(judged("does not fit", &old), "blank");
    assert_eq!(judged("12345678901234567", &old), "long");
    assert_eq!(judged(&old, &old), "same");
}

#[test]
fn a_server_that_is_switched_off_kills_what_runs_and_starts_nothing() {
    let bench = Bench::new();
    bench.up("main").unwrap();
    assert_eq!(bench.says("main", &["power"], ""), "on");
    bench.says("main", &["shutdown"], "");
    assert_eq!(bench.says("main", &["power"], ""), "off");
    assert!(
        bench
            .events("main")
            .contains("off\nkilled message-service\nkilled database\n"),
        "{}",
        bench.events("main")
    );
    assert!(
        bench
            .refuses("main", &["service", "database"], "")
            .contains("switched off")
    );
    assert!(bench.refuses("main", &["restart"], "").contains("switched off"));
    assert!(!servers::look(&bench.lab.dir).unwrap()[0].on);
    bench.says("main", &["power-on"], "");
    bench.says("main", &["restart"], "");
    assert!(lives(&bench.home("main"), "contact-center").is_some());
}
