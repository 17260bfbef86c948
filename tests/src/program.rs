//! The programs under test, and what one of them did.

use serde_json::Value;
use std::io::Read;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};

/// A program that is under test.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Program {
    /// What people run.
    Procedo,
    /// The same, killed where `PROCEDO_FAILPOINT` says.
    Failpoints,
}

impl Program {
    /// Where it is: beside the folder of the tests' own programs, as cargo builds them.
    pub fn path(self) -> PathBuf {
        let name = match self {
            Self::Procedo => "procedo",
            Self::Failpoints => "procedo-failpoints",
        };
        let path = built().join(name);
        assert!(
            path.is_file(),
            "{} is not built; “cargo xtask test” builds it before the tests",
            path.display()
        );
        path
    }

    /// A command that knows nothing of whoever runs the tests: not their locale, token, site or terminal.
    pub fn command(self) -> Command {
        let mut command = Command::new(self.path());
        command.env_clear().stdin(Stdio::null());
        for kept in ["PATH", "HOME", "TMPDIR"] {
            if let Some(value) = std::env::var_os(kept) {
                command.env(kept, value);
            }
        }
        command
    }
}

/// The folder of the programs that cargo built: `target/debug`.
fn built() -> PathBuf {
    let own = std::env::current_exe().unwrap();
    let folder = own.parent().unwrap();
    if folder.ends_with("deps") {
        folder.parent().unwrap().to_owned()
    } else {
        folder.to_owned()
    }
}

/// A plugin that `cargo xtask plugins` built: `web-components`, or `tests/hostile`.
pub fn plugin(name: &str) -> PathBuf {
    let path = built()
        .parent()
        .unwrap()
        .join("plugins")
        .join(format!("{name}.wasm"));
    assert!(
        path.is_file(),
        "{} is not built; “cargo xtask plugins” builds it",
        path.display()
    );
    path
}

/// The root of the checkout.
pub fn checkout() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

/// What a program did.
#[derive(Clone, Debug)]
pub struct Done {
    /// Its arguments, for whoever reads of a failure.
    pub line: String,
    /// How it ended.
    pub status: ExitStatus,
    /// What it wrote.
    pub out: String,
    /// What it complained about.
    pub err: String,
}

impl Done {
    /// Runs a command to its end.
    pub fn of(command: &mut Command) -> Self {
        let line = line(command);
        let output = command.output().unwrap();
        Self {
            line,
            status: output.status,
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// The exit code; a program that a signal ended has none.
    pub fn code(&self) -> Option<i32> {
        self.status.code()
    }

    /// The signal that ended it.
    pub fn signal(&self) -> Option<i32> {
        self.status.signal()
    }

    /// It must have ended with this code.
    #[track_caller]
    pub fn ended(self, code: i32) -> Self {
        assert_eq!(self.code(), Some(code), "{self}");
        self
    }

    /// It must have done what it was asked for.
    #[track_caller]
    pub fn ok(self) -> Self {
        self.ended(0)
    }

    /// It must have been killed.
    #[track_caller]
    pub fn killed(self) -> Self {
        assert_eq!(self.signal(), Some(9), "{self}");
        self
    }

    /// The one JSON document that it wrote.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self}"))
    }

    /// The JSON documents that it wrote, one a line.
    #[track_caller]
    pub fn documents(&self) -> Vec<Value> {
        let parse =
            |line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error} in {line}: {self}"));
        self.out.lines().map(parse).collect()
    }

    /// The last JSON document that it wrote: how a run ended, or what it waits for.
    #[track_caller]
    pub fn last(&self) -> Value {
        self.documents()
            .pop()
            .unwrap_or_else(|| panic!("it wrote nothing: {self}"))
    }

    /// The run that it started.
    #[track_caller]
    pub fn run(&self) -> String {
        let started = self
            .documents()
            .into_iter()
            .find(|told| told["event"] == "started");
        let started = started.unwrap_or_else(|| panic!("it started no run: {self}"));
        started["run"].as_str().unwrap().to_owned()
    }

    /// The code and the sentence of the error that a run ended with, or that the command itself ended with.
    #[track_caller]
    pub fn error(&self) -> (String, String) {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let told = self.out.lines().chain(self.err.lines()).rev();
        let mut values = told.filter_map(|line| serde_json::from_str::<Value>(line).ok());
        let error = values.find_map(|value| value.get("error").cloned());
        let error = error.unwrap_or_else(|| panic!("it told no error: {self}"));
        (text(&error["code"]), text(&error["message"]))
    }
}

impl std::fmt::Display for Done {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(f, "{} ended with {}", self.line, self.status)?;
        writeln!(f, "--- it wrote\n{}", shortened(&self.out))?;
        writeln!(f, "--- it complained\n{}", shortened(&self.err))
    }
}

/// The end of a long text.
fn shortened(text: &str) -> &str {
    let start = text.len().saturating_sub(6000);
    let start = (start..=text.len())
        .find(|at| text.is_char_boundary(*at))
        .unwrap_or(0);
    &text[start..]
}

/// A program that still runs; it is killed if its test ends before it does.
pub struct Running {
    child: Child,
    line: String,
    out: Option<std::thread::JoinHandle<String>>,
    err: Option<std::thread::JoinHandle<String>>,
}

impl Running {
    /// Starts it.
    pub fn start(command: &mut Command) -> Self {
        let line = line(command);
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let (out, err) = (child.stdout.take(), child.stderr.take());
        Self {
            line,
            out: out.map(|from| std::thread::spawn(move || text(from))),
            err: err.map(|from| std::thread::spawn(move || text(from))),
            child,
        }
    }

    /// Its process.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Kills it as a power cut would.
    pub fn kill(mut self) -> Done {
        self.child.kill().unwrap();
        self.wait()
    }

    /// Whether it still runs.
    pub fn runs(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    /// Waits for its end.
    pub fn wait(mut self) -> Done {
        let status = self.child.wait().unwrap();
        Done {
            line: self.line.clone(),
            status,
            out: self.out.take().unwrap().join().unwrap(),
            err: self.err.take().unwrap().join().unwrap(),
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It has ended, or its test has failed.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn text(mut from: impl Read) -> String {
    let mut text = String::new();
    from.read_to_string(&mut text).unwrap();
    text
}

fn line(command: &Command) -> String {
    let words: Vec<_> = command.get_args().map(|word| word.to_string_lossy()).collect();
    let mut line = format!("procedo {}", words.join(" "));
    line.truncate(line.char_indices().nth(400).map_or(line.len(), |(at, _)| at));
    line
}
