//! A site in a temporary folder, with the simulated contact center if the test wants it.

use crate::program::{Done, Program, Running, plugin};
use serde_json::Value;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// How long a state is waited for before the test fails.
const PATIENCE: Duration = Duration::from_secs(60);

/// A site. It goes when the test ends.
pub struct Site {
    folder: TempDir,
    dir: PathBuf,
    up: bool,
}

impl Site {
    /// A site as `procedo init` makes it.
    pub fn new() -> Self {
        Self::made(&[])
    }

    /// A site with the simulated contact center; its web server is not started.
    pub fn lab() -> Self {
        Self::made(&["--lab"])
    }

    /// A site with the simulated contact center, its web server started.
    pub fn lab_up() -> Self {
        let mut site = Self::lab();
        site.up();
        site
    }

    fn made(options: &[&str]) -> Self {
        let folder = temporary();
        let dir = folder.path().join("site");
        let made = Done::of(Program::Procedo.command().arg("init").arg(&dir).args(options));
        made.ok();
        Self {
            dir: dir.canonicalize().unwrap(),
            folder,
            up: false,
        }
    }

    /// Starts the lab's web server.
    pub fn up(&mut self) {
        self.procedo(["lab", "up", "web"]).ok();
        self.up = true;
    }

    /// Its folder.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// A path below its folder.
    pub fn path(&self, below: &str) -> PathBuf {
        self.dir.join(below)
    }

    /// A place outside the site that goes with it.
    pub fn beside(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Reads a file of the site.
    #[track_caller]
    pub fn read(&self, below: &str) -> String {
        std::fs::read_to_string(self.path(below)).unwrap_or_else(|error| panic!("{below}: {error}"))
    }

    /// Writes a file of the site, and the folders above it.
    pub fn write(&self, below: &str, content: impl AsRef<[u8]>) {
        let path = self.path(below);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }

    /// Adds lines to the declarations.
    pub fn declare(&self, lines: &str) {
        let before = self.read("procedo.toml");
        self.write("procedo.toml", format!("{before}\n{lines}\n"));
    }

    /// Replaces the declarations' text.
    #[track_caller]
    pub fn redeclare(&self, from: &str, to: &str) {
        let before = self.read("procedo.toml");
        assert!(before.contains(from), "“{from}” stands in\n{before}");
        self.write("procedo.toml", before.replace(from, to));
    }

    /// The origin of its web server.
    pub fn origin(&self) -> String {
        let text = self.read("procedo.toml");
        let document: toml_edit::DocumentMut = text.parse().unwrap();
        let origin = document["resource"]["http"]["web"]["origin"].as_str().unwrap();
        origin.to_owned()
    }

    /// A script of the site: `test/NAME`. `header` is more of its manifest.
    pub fn script(&self, name: &str, header: &str, body: &str) {
        let header: String = format!(
            "id = \"test/{name}\"\n{header}\n[texts.en]\ntitle = \"Try {name}\"\nsummary = \"Tries {name}.\"\n"
        )
        .lines()
        .map(|line| format!("//! {line}\n"))
        .collect();
        self.write(
            &format!("scripts/test/{name}.rhai"),
            format!("{header}\n{body}\n"),
        );
    }

    /// Grants a procedure something.
    pub fn grant(&self, procedure: &str, capability: &str, resource: &str, effect: &str) {
        self.declare(&format!(
            "[[grant]]\nprocedure = \"{procedure}\"\ncapability = \"{capability}\"\nresource = \"{resource}\"\n\
             effect = \"{effect}\""
        ));
    }

    /// Installs a plugin that the project's build made.
    pub fn install(&self, name: &str) {
        let file = plugin(name);
        self.procedo([OsStr::new("plugin"), OsStr::new("install"), file.as_os_str()])
            .ok();
    }

    /// A command of a program on this site.
    pub fn command(&self, program: Program, args: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Command {
        let mut command = program.command();
        command.arg("--site").arg(&self.dir).args(args);
        command
    }

    /// Runs `procedo` on this site.
    pub fn procedo(&self, args: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Done {
        Done::of(&mut self.command(Program::Procedo, args))
    }

    /// Runs `procedo --json` on this site.
    pub fn json(&self, args: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Done {
        Done::of(self.command(Program::Procedo, args).arg("--json"))
    }

    /// Starts `procedo --json` on this site.
    pub fn start(&self, args: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Running {
        Running::start(self.command(Program::Procedo, args).arg("--json"))
    }

    /// A command that is killed where the point says.
    pub fn killed_at(&self, args: &[&str], point: &str) -> Done {
        let mut command = self.command(Program::Failpoints, args);
        Done::of(command.arg("--json").env("PROCEDO_FAILPOINT", point))
    }

    /// The runs, newest first, without children.
    pub fn runs(&self) -> Vec<Value> {
        self.json(["runs", "--all"])
            .ok()
            .json()
            .as_array()
            .unwrap()
            .clone()
    }

    /// The runs with their children.
    pub fn all_runs(&self) -> Vec<Value> {
        self.json(["runs", "--all", "--children"])
            .ok()
            .json()
            .as_array()
            .unwrap()
            .clone()
    }

    /// The state of a run.
    #[track_caller]
    pub fn state(&self, run: &str) -> String {
        let runs = self.all_runs();
        let row = runs.iter().find(|row| row["run"] == run);
        let row = row.unwrap_or_else(|| panic!("{run} is listed: {runs:?}"));
        row["state"].as_str().unwrap().to_owned()
    }

    /// A run with its journal.
    pub fn show(&self, run: &str) -> Value {
        self.json(["show", run]).ok().json()
    }

    /// Waits until something is so.
    #[track_caller]
    pub fn until<T>(&self, what: &str, mut look: impl FnMut() -> Option<T>) -> T {
        let began = Instant::now();
        loop {
            if let Some(found) = look() {
                return found;
            }
            assert!(began.elapsed() < PATIENCE, "{what} did not come");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// The journal must be as it was written.
    #[track_caller]
    pub fn whole(&self) {
        self.procedo(["audit", "verify"]).ok();
    }
}

impl Default for Site {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        if self.up {
            let down = self.procedo(["lab", "down"]);
            assert!(std::thread::panicking() || down.code() == Some(0), "{down}");
        }
    }
}

/// A temporary folder; in memory, where the system offers that: these tests kill processes, not the machine, so a slow disk
/// would add nothing.
pub fn temporary() -> TempDir {
    let memory = Path::new("/dev/shm");
    tempfile::Builder::new()
        .prefix("procedo-test-")
        .tempdir_in(memory)
        .or_else(|_| tempfile::tempdir())
        .unwrap()
}
