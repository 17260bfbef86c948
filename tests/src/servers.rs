//! The server `main` of the simulated site: its services stop at once, its data change only if the test changes them, and its
//! clock says half past eleven at night.

use crate::program::Done;
use crate::rehearsal::Stage;
use crate::site::Site;
use rusqlite::Connection;
use serde_json::{Value, json};
use std::path::PathBuf;
use std::time::Duration;

/// The services of the server, in the order in which the guide stops them.
pub const SERVICES: [&str; 5] = [
    "contact-center",
    "autopa",
    "message-service",
    "database",
    "discovery",
];

/// A site whose server `main` is up. It is stopped when the test ends.
pub struct Server {
    /// The site.
    pub site: Site,
}

impl Server {
    /// The server, up.
    pub fn up() -> Self {
        let server = Self::prepared();
        server.start();
        server
    }

    /// The server with its services stopped.
    pub fn prepared() -> Self {
        let site = Site::lab();
        site.redeclare(
            "program = \"date\"\nargs = [\"+%H:%M\"]",
            "program = \"echo\"\nargs = [\"23:30\"]",
        );
        let server = Self { site };
        for service in SERVICES {
            server.behave(service, "");
        }
        server
    }

    /// Starts its services.
    pub fn start(&self) {
        self.site.procedo(["lab", "up", "main"]).ok();
    }

    /// Stops them.
    pub fn stop(&self) {
        self.site.procedo(["lab", "down"]).ok();
    }

    /// A path below the server's folder.
    pub fn path(&self, below: &str) -> PathBuf {
        self.site.path("machines/main").join(below)
    }

    /// Replaces the settings of a service.
    pub fn behave(&self, service: &str, settings: &str) {
        self.site
            .write(&format!("machines/main/services/{service}.toml"), settings);
    }

    /// Tells the server what it shall refuse.
    pub fn refuse(&self, what: &str) {
        self.site.write("machines/main/refuses", what);
    }

    /// Sets another time on its clock.
    pub fn clock(&self, time: &str) {
        self.site
            .redeclare("args = [\"23:30\"]", &format!("args = [\"{time}\"]"));
    }

    /// What has happened on the server, oldest first.
    pub fn events(&self) -> Vec<String> {
        let text = std::fs::read_to_string(self.path("events")).unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    }

    /// The names of the services that run.
    pub fn running(&self) -> Vec<String> {
        let told = self.site.json(["lab", "status"]).ok().json();
        let services = told["servers"][0]["services"].as_array().unwrap().clone();
        let running = services.iter().filter(|service| service["running"] == true);
        running
            .map(|service| service["name"].as_str().unwrap().to_owned())
            .collect()
    }

    /// Whether it is switched on.
    pub fn is_on(&self) -> bool {
        self.site.json(["lab", "status"]).ok().json()["servers"][0]["on"] == true
    }

    /// Its database.
    pub fn database(&self) -> Connection {
        let connection = Connection::open(self.path("data/contact-center.db")).unwrap();
        connection.busy_timeout(Duration::from_secs(10)).unwrap();
        connection
    }

    /// Executes statements on the database.
    pub fn execute(&self, sql: &str) {
        self.database().execute_batch(sql).unwrap();
    }

    /// All rows of all tables, a line each.
    pub fn content(&self) -> Vec<String> {
        let connection = self.database();
        let names =
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name";
        let mut names = connection.prepare(names).unwrap();
        let names: Vec<String> = names
            .query_map([], |row| row.get(0))
            .unwrap()
            .map(Result::unwrap)
            .collect();
        let mut lines = Vec::new();
        for name in names {
            let mut rows = connection
                .prepare(&format!("SELECT * FROM \"{name}\" ORDER BY 1"))
                .unwrap();
            let columns = rows.column_count();
            let mut rows = rows.query([]).unwrap();
            while let Some(row) = rows.next().unwrap() {
                let values: Vec<String> = (0..columns)
                    .map(|at| format!("{:?}", row.get::<_, rusqlite::types::Value>(at).unwrap()))
                    .collect();
                lines.push(format!("{name}: {}", values.join(", ")));
            }
        }
        lines
    }

    /// The names of the backups, oldest first.
    pub fn backups(&self) -> Vec<String> {
        let files = std::fs::read_dir(self.path("backups")).unwrap();
        let names = files.map(|file| file.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<String> = names
            .filter_map(|name| Some(name.strip_suffix(".json")?.to_owned()))
            .collect();
        names.sort();
        names
    }

    /// The lines of `results.txt` without their moments, each cut at its tabs.
    pub fn results(&self) -> Vec<Vec<String>> {
        let text = std::fs::read_to_string(self.path("contact-center/results.txt")).unwrap_or_default();
        let line = |line: &str| line.split('\t').skip(1).map(str::to_owned).collect();
        text.lines().map(line).collect()
    }

    /// Runs a procedure that somebody has agreed to.
    pub fn run(&self, args: &[&str]) -> Done {
        self.site.json([&["run"], args, &["--yes"]].concat())
    }

    /// Undoes a run.
    pub fn undo(&self, run: &str) -> Done {
        self.site.json(["undo", run, "--yes"])
    }

    /// What a run replied.
    #[track_caller]
    pub fn result(&self, args: &[&str]) -> Value {
        self.run(args).ok().last()["result"].clone()
    }

    /// A command that is killed where the point says.
    pub fn killed_at(&self, args: &[&str], point: &str) -> Done {
        self.site.killed_at(args, point)
    }
}

impl Stage for Server {
    fn site(&self) -> &Site {
        &self.site
    }

    fn folders(&self) -> Vec<PathBuf> {
        ["machines", ".procedo"].map(|below| self.site.path(below)).into()
    }

    fn start(&self) {
        Self::start(self);
    }

    fn stop(&self) {
        Self::stop(self);
    }

    fn events(&self) -> Vec<String> {
        Self::events(self)
    }

    fn forget(&self, kept: &[String]) {
        self.site.write("machines/main/events", kept.join("\n") + "\n");
    }

    fn world(&self) -> Value {
        json!({
            "running": self.running(),
            "on": self.is_on(),
            "content": self.content(),
            "backups": self.backups(),
            "results": self.results(),
        })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let down = self.site.procedo(["lab", "down"]);
        assert!(std::thread::panicking() || down.code() == Some(0), "{down}");
    }
}
