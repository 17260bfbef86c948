//! Sites in temporary folders, and `procedo` as a process.

use serde_json::Value;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// A script that writes a page, with two steps and a lock.
pub const WRITE: &str = r#"//! id = "web/write"
//! section = "4.4.2"
//! steps = ["write", "look"]
//! locks = ["web"]
//! [[needs]]
//! capability = "files"
//! resource = "web"
//! effect = "write"
//! [parameters]
//! required = ["text"]
//! properties.text = { type = "string" }
//! properties.page = { type = "string", default = "a.htm", minLength = 1, maxLength = 40 }
//! properties.times = { type = "integer", default = 1, minimum = 1, maximum = 20 }
//! properties.mode = { type = "string", enum = ["replace", "add"], default = "replace" }
//! [texts.en]
//! title = "Write a page"
//! summary = "Writes a page of the web components."
//! param-page = "The page"
//! param-text = "What it says"
//! step-write = "Write { $page }"
//! step-look = "The page is as it was written"
//! [texts.es]
//! title = "Escribir una página"
//! summary = "Escribe una página de los componentes web."
//! param-page = "La página"
//! param-text = "Lo que dice"
//! step-write = "Escribir { $page }"
//! step-look = "La página está como se escribió"
//! [texts.de]
//! title = "Eine Seite schreiben"
//! summary = "Schreibt eine Seite der Webkomponenten."
//! param-page = "Die Seite"
//! param-text = "Was sie sagt"
//! step-write = "{ $page } schreiben"
//! step-look = "Die Seite ist, wie sie geschrieben wurde"
let written = step("write", || files::write("web", params.page, params.text));
verify("look", || {
    if files::read("web", params.page).text != params.text { fail("conflict", "W0001", "Somebody changed the page."); }
});
#{ changed: written.changed }
"#;

/// A script that asks before it writes.
pub const ASK: &str = r#"//! id = "web/ask"
//! steps = ["ask"]
//! locks = ["web"]
//! [[needs]]
//! capability = "files"
//! resource = "web"
//! effect = "write"
//! [texts.en]
//! title = "Ask"
//! summary = "Asks, then writes."
//! go = "Shall it begin?"
//! who = "Who are you?"
//! [texts.de]
//! title = "Fragen"
//! summary = "Fragt, dann schreibt es."
//! go = "Soll es beginnen?"
files::write("web", "begun.txt", "begun\n");
step("ask", || {
    if !run::confirm("go", text("go")) { fail("cancelled", "A0001", "No was the answer."); }
    let who = run::ask("who", text("who"), [
        #{name: "name", label: "Name", kind: "line", choices: [], required: true},
        #{name: "age", label: "Age", kind: "number", choices: [], required: false}
    ]);
    let way = run::choose("way", "Which way?", [#{id: "left", label: "Left"}, #{id: "right", label: "Right"}]);
    files::write("web", "answer.txt", who.name + " " + way + "\n");
});
"#;

/// A script that holds the lock for a while.
pub const HOLD: &str = r#"//! id = "web/hold"
//! locks = ["web"]
//! steps = ["hold"]
//! [[needs]]
//! capability = "files"
//! resource = "web"
//! effect = "write"
//! [parameters]
//! properties.milliseconds = { type = "integer", default = 30000 }
//! [texts.en]
//! title = "Hold the lock"
//! summary = "Holds the lock."
files::write("web", "held.txt", "held\n");
step("hold", || run::sleep(params.milliseconds));
"#;

/// A supervised script.
pub const SUPERVISED: &str = r#"//! id = "web/supervised"
//! supervised = true
//! [[needs]]
//! capability = "files"
//! resource = "web"
//! effect = "write"
//! [texts.en]
//! title = "Be supervised"
//! summary = "A second person approves."
files::write("web", "supervised.txt", "done\n");
"#;

/// A script that needs what nobody grants.
pub const DENIED: &str = r#"//! id = "other/denied"
//! [[needs]]
//! capability = "files"
//! resource = "web"
//! effect = "write"
//! [texts.en]
//! title = "Be denied"
//! summary = "Needs a grant."
files::write("web", "denied.txt", "x");
"#;

const DECLARATIONS: &str = r#"# The site of a test.
name = "test"
language = "en"

[resource.files.web]
path = "web"

# All of the web may write.
[[grant]]
procedure = "web/*"
capability = "files"
resource = "web"
effect = "write"
"#;

/// A site with the scripts above.
pub struct Site {
    pub dir: tempfile::TempDir,
}

/// What a command said.
#[derive(Debug)]
pub struct Said {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Said {
    /// The only document on standard output.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The documents on standard output, one a line.
    pub fn documents(&self) -> Vec<Value> {
        self.out
            .lines()
            .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}")))
            .collect()
    }

    /// The last document.
    pub fn last(&self) -> Value {
        self.documents()
            .pop()
            .unwrap_or_else(|| panic!("no document: {self:?}"))
    }

    /// The code of the error on standard error.
    pub fn error(&self) -> &str {
        self.err.get(..5).unwrap_or_default()
    }

    /// The run that the output names first.
    pub fn run(&self) -> String {
        let is_run = |word: &&str| {
            let parts: Vec<_> = word.split('-').collect();
            parts.len() == 3 && parts[0].len() == 8 && parts[1].len() == 6 && parts[2].len() == 4
        };
        let mut words = self.out.split(|c: char| !c.is_ascii_alphanumeric() && c != '-');
        words
            .find(is_run)
            .unwrap_or_else(|| panic!("no run: {self:?}"))
            .to_owned()
    }

    /// Checks the exit code.
    #[track_caller]
    pub fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{self:?}");
        self
    }
}

impl Site {
    /// A site that lists nobody.
    pub fn new() -> Self {
        let site = Self {
            dir: tempfile::tempdir().unwrap(),
        };
        site.write("procedo.toml", DECLARATIONS);
        std::fs::create_dir(site.path("web")).unwrap();
        std::fs::create_dir(site.path("share")).unwrap();
        for (name, text) in [
            ("write", WRITE),
            ("ask", ASK),
            ("hold", HOLD),
            ("supervised", SUPERVISED),
        ] {
            site.write(&format!("scripts/web/{name}.rhai"), text);
        }
        site.write("scripts/other/denied.rhai", DENIED);
        site
    }

    /// A site that lists Ana (admin), Ben (operator), Cleo and Dora (approvers) and Eva (viewer); their tokens are
    /// `token-NAME`.
    pub fn with_people() -> Self {
        let site = Self::new();
        let people = [
            ("ana", "admin"),
            ("ben", "operator"),
            ("cleo", "approver"),
            ("dora", "approver"),
            ("eva", "viewer"),
        ];
        let mut text = site.read("procedo.toml");
        for (name, role) in people {
            let digest = procedo_core::value::Digest::of(format!("token-{name}").as_bytes());
            text.push_str(&format!(
                "\n[user.{name}]\nrole = \"{role}\"\ntoken = \"{digest}\"\n"
            ));
        }
        site.write("procedo.toml", &text);
        site
    }

    /// Adds to the declarations.
    pub fn declare(&self, text: &str) {
        let declarations = self.read("procedo.toml") + text;
        self.write("procedo.toml", &declarations);
    }

    pub fn path(&self, path: &str) -> PathBuf {
        self.dir.path().join(path)
    }

    pub fn read(&self, path: &str) -> String {
        std::fs::read_to_string(self.path(path)).unwrap()
    }

    pub fn write(&self, path: &str, text: &str) {
        let path = self.path(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    /// `procedo` in the site, in English, with nothing of the tester's environment.
    pub fn command(&self, args: &[&str]) -> Command {
        command(self.dir.path(), args)
    }

    /// Runs a command to its end.
    pub fn run(&self, args: &[&str]) -> Said {
        said(self.command(args))
    }

    /// Runs a command as somebody who shows their token.
    pub fn run_as(&self, name: &str, args: &[&str]) -> Said {
        let mut command = self.command(args);
        command.env("PROCEDO_TOKEN", format!("token-{name}"));
        said(command)
    }

    /// Starts a command.
    pub fn start(&self, args: &[&str]) -> Child {
        let mut command = self.command(args);
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command.spawn().unwrap()
    }
}

/// `procedo` in a folder, in English, with nothing of the tester's environment.
pub fn command(dir: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_procedo"));
    let share = dir.join("share");
    command
        .args(args)
        .current_dir(dir)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("LC_ALL", "C.UTF-8")
        .env("TZ", "UTC")
        .env("TERM", "xterm-256color")
        // Nothing that comes with Procedo, so that a list is the same whatever was built.
        .env(
            "PROCEDO_SHARE",
            if share.is_dir() { share } else { PathBuf::new() },
        );
    command
}

/// Runs a command to its end, without anybody to ask.
pub fn said(mut command: Command) -> Said {
    let output = command.stdin(Stdio::null()).output().unwrap();
    Said {
        code: output.status.code().unwrap_or(-1),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

/// Runs a command to its end with something on its standard input.
pub fn said_with(mut command: Command, input: &str) -> Said {
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    ended(child)
}

/// Waits for a process and tells what it said.
pub fn ended(child: Child) -> Said {
    let output = child.wait_with_output().unwrap();
    Said {
        code: output.status.code().unwrap_or(-1),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}
