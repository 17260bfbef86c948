//! A server that is reached by SSH: real processes as its services, which are connected to a real PostgreSQL whose roles are
//! their accounts. What it would do when it is shut down, it only writes down.

use crate::postgres::{self, set_secret};
use crate::process::{self, kill};
use crate::rehearsal::Stage;
use crate::roles::{KEEPER, Roles};
use crate::site::Site;
use crate::sshd::Sshd;
use serde_json::{Value, json};
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// Its services in the order in which they are stopped, each with the role that it logs on with.
pub const SERVICES: [(&str, Option<&str>); 3] = [
    ("contact-center", Some("hppc")),
    ("message-service", None),
    ("discovery", Some("informix")),
];
const DATABASE: &str = "database";

/// The passwords of the two roles: that of the contact center, and that of the database.
pub type Passwords = [&'static str; 2];
/// The roles.
pub const ROLES: [&str; 2] = ["hppc", "informix"];
/// What they have.
pub const OLD: Passwords = ["first:W\\rt-73", "zweites Wört 4"];
/// What they get.
pub const NEW: Passwords = ["n3u'\"$(x):\\{1}", "tercera-Ñ%5c#"];
/// How many places hold a password: two services, two roles, the start-up configuration.
pub const PLACES: usize = 5;

/// A site with this server. It is stopped when the test ends.
pub struct Remote {
    /// The site.
    pub site: Site,
    roles: Roles,
    /// The way to it.
    pub sshd: Sshd,
}

impl Remote {
    /// The server, up, its passwords the old ones.
    pub fn up() -> Self {
        let remote = Self::prepared();
        remote.start();
        remote
    }

    fn prepared() -> Self {
        let (site, roles, sshd) = (Site::new(), Roles::new(), Sshd::start());
        let home = site.beside("server");
        std::fs::create_dir_all(home.join("run")).unwrap();
        std::fs::create_dir(site.beside("keys")).unwrap();
        let fill = |text: &str| {
            text.replace("@HOME@", &home.display().to_string())
                .replace("@KEYS@", &site.beside("keys").display().to_string())
                .replace("@BIN@", &postgres::bin().display().to_string())
                .replace("@SOCKET@", &roles.path().display().to_string())
                .replace("@KEEPER@", KEEPER)
                .replace("@PORT@", &sshd.port().to_string())
                .replace("@USER@", &process::user())
                .replace("@HOST_KEY@", &sshd.host_key())
                .replace("@KEY_FILE@", &sshd.key_file().display().to_string())
        };
        site.declare(&fill(include_str!("remote/site.toml")));
        std::fs::write(home.join("program"), fill(include_str!("remote/program.sh"))).unwrap();
        std::fs::set_permissions(home.join("program"), std::fs::Permissions::from_mode(0o755)).unwrap();
        let remote = Self { site, roles, sshd };
        remote.refuse("");
        remote.start_database();
        let made = ROLES.map(|role| format!("CREATE ROLE {role} LOGIN; "));
        let keeper = format!("CREATE ROLE {} LOGIN CREATEROLE", KEEPER);
        remote.roles.execute(&(made.concat() + &keeper));
        for (service, role) in SERVICES {
            let Some(at) = role.and_then(|role| ROLES.iter().position(|other| *other == role)) else {
                continue;
            };
            let line = format!("{}:{}\n", ROLES[at], OLD[at]);
            remote.program(&["set-service-password", service], &line);
        }
        remote.program(&["set-startup-password"], &format!("informix\n{}\n", OLD[1]));
        std::fs::remove_file(remote.path("events")).unwrap();
        for (name, value) in [
            ("contact-center-password", OLD[0]),
            ("informix-password", OLD[1]),
            ("contact-center-password-new", NEW[0]),
            ("informix-password-new", NEW[1]),
        ] {
            set_secret(&remote.site, name, value);
        }
        remote
    }

    /// Adds a second person who may approve; their token.
    pub fn second_person(&self) -> String {
        let account = process::user();
        let added = ["user", "add", "anna", "--role", "admin", "--account", &account];
        self.site.json(added).ok();
        let ben = self
            .site
            .json(["user", "add", "ben", "--role", "approver"])
            .ok()
            .json();
        ben["token"].as_str().unwrap().to_owned()
    }

    /// A path below the server's folder.
    pub fn path(&self, below: &str) -> PathBuf {
        self.site.beside("server").join(below)
    }

    /// The folder of its PostgreSQL, with its log.
    pub fn roles(&self) -> &Roles {
        &self.roles
    }

    /// Tells the server what it shall refuse.
    pub fn refuse(&self, what: &str) {
        std::fs::write(self.path("refuses"), format!("{what}\n")).unwrap();
    }

    /// What has happened on the server, oldest first.
    pub fn events(&self) -> Vec<String> {
        let text = std::fs::read_to_string(self.path("events")).unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    }

    /// Runs a program of the server with its input, as a person at its console would.
    fn program(&self, what: &[&str], input: &str) -> String {
        let mut child = Command::new(self.path("program"))
            .arg(what[0])
            .arg(self.path(""))
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

    /// How many places have these passwords; a role has the one with which it can log in.
    pub fn places_with(&self, passwords: Passwords) -> usize {
        let services = SERVICES.iter().filter(|(service, role)| {
            let at = ROLES.iter().position(|other| Some(*other) == *role);
            at.is_some_and(|at| {
                let input = format!("{}\n{}\n", ROLES[at], passwords[at]);
                self.program(&["check-service-password", service], &input) == "same"
            })
        });
        let roles = ROLES.iter().zip(passwords);
        let roles = roles.filter(|(role, password)| self.roles.lets_in(role, password));
        let startup = format!("informix\n{}\n", passwords[1]);
        let startup = self.program(&["check-startup-password"], &startup) == "same";
        services.count() + roles.count() + usize::from(startup)
    }

    /// The process of a service or of the database, if it runs.
    fn pid(&self, service: &str) -> Option<u32> {
        let noted = std::fs::read_to_string(self.path("run").join(format!("{service}.pid"))).ok()?;
        let pid: u32 = noted.lines().next()?.trim().parse().ok()?;
        let line = std::fs::read(format!("/proc/{pid}/cmdline")).ok()?;
        let line = String::from_utf8_lossy(&line).into_owned();
        let places = [self.path(""), self.roles.data()];
        let is_ours = places
            .iter()
            .any(|place| line.contains(place.display().to_string().trim_end_matches('/')));
        (is_ours && process::lives(pid)).then_some(pid)
    }

    /// The names of what runs: services, and the database.
    pub fn running(&self) -> Vec<&'static str> {
        let services = SERVICES.iter().map(|(service, _)| *service);
        let all = services.chain([DATABASE]);
        all.filter(|service| self.pid(service).is_some()).collect()
    }

    /// Starts a program in a session of its own, noted in a pid file.
    fn launch(&self, service: &str, words: &[&str]) {
        let script = r#"pid=$1; shift; setsid "$@" </dev/null >>"$pid.log" 2>&1 & echo "$!" >"$pid""#;
        let launched = Command::new("/bin/sh")
            .args(["-c", script, "launch"])
            .arg(self.path("run").join(format!("{service}.pid")))
            .args(words)
            .current_dir("/")
            .status();
        assert!(launched.unwrap().success());
    }

    /// Starts its database.
    pub fn start_database(&self) {
        let (postgres, data) = (postgres::bin().join("postgres"), self.roles.data());
        let (postgres, data) = (postgres.display().to_string(), data.display().to_string());
        let as_postgres = ["--reuid=postgres", "--regid=postgres", "--init-groups"];
        self.launch(
            DATABASE,
            &[&["setpriv"], &as_postgres[..], &[&postgres, "-D", &data]].concat(),
        );
        self.site
            .until("the database serves", || self.roles.is_ready().then_some(()));
    }

    /// Gives the roles their old passwords, and starts the services.
    fn start_services(&self) {
        for (role, password) in ROLES.iter().zip(OLD) {
            self.roles.set_password(role, password);
        }
        let (program, home) = (self.path("program"), self.path(""));
        let (program, home) = (program.display().to_string(), home.display().to_string());
        let before = self.events().len();
        for (at, (service, role)) in SERVICES.iter().enumerate() {
            let words = [&program, "service", home.trim_end_matches('/'), service];
            self.launch(service, &[&words[..], role.as_slice()].concat());
            self.site.until("it is started", || {
                (self.events().len() == before + at + 1).then_some(())
            });
        }
    }

    /// Stops everything that runs, the database last.
    fn end(&self) {
        for (service, _) in SERVICES {
            if let Some(pid) = self.pid(service) {
                // It may refuse to stop, and would wait for its child.
                kill("KILL", &format!("-{pid}"));
            }
        }
        if let Some(pid) = self.pid(DATABASE) {
            // PostgreSQL's fast shutdown.
            kill("INT", &pid.to_string());
        }
        self.site
            .until("all have ended", || self.running().is_empty().then_some(()));
    }
}

impl Stage for Remote {
    fn site(&self) -> &Site {
        &self.site
    }

    fn folders(&self) -> Vec<PathBuf> {
        vec![
            self.site.path(".procedo"),
            self.path(""),
            self.site.beside("keys"),
        ]
    }

    fn start(&self) {
        if self.pid(DATABASE).is_none() {
            self.start_database();
        }
        self.start_services();
    }

    fn stop(&self) {
        self.end();
    }

    fn events(&self) -> Vec<String> {
        Self::events(self)
    }

    fn forget(&self, kept: &[String]) {
        std::fs::write(self.path("events"), kept.join("\n") + "\n").unwrap();
    }

    fn world(&self) -> Value {
        let with = |passwords| self.roles.is_ready().then(|| self.places_with(passwords));
        json!({ "running": self.running(), "old": with(OLD), "new": with(NEW) })
    }
}

impl Drop for Remote {
    fn drop(&mut self) {
        self.end();
    }
}
