//! A simulated Informix in a temporary folder: its tools are the lab's, called as a person at a console calls them.

use crate::program::Program;
use crate::site::{Site, temporary};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use tempfile::TempDir;

/// The server's name, and that of its database.
const SERVER: &str = "ol_lab";
const DATABASE: &str = "contact_center";

/// A server that is on-line.
pub struct Informix {
    folder: TempDir,
    method: &'static str,
}

impl Informix {
    /// A server that is backed up by this method: `directory`, `file`, `tape` or `onbar`. Tapes have so many KiB; 0 is without
    /// end.
    pub fn up(method: &'static str, tape_kib: u32) -> Self {
        let folder = temporary();
        let server = Self { folder, method };
        for below in ["ifx/bin", "ifx/etc", "chunks"] {
            std::fs::create_dir_all(server.path(below)).unwrap();
        }
        let programs = Program::Procedo.path();
        for tool in ["ontape", "onbar", "onstat", "onmode", "oninit", "dbaccess"] {
            let program = programs.with_file_name(tool);
            assert!(
                program.is_file(),
                "{tool} is not built; “cargo xtask test” builds it before the tests"
            );
            std::os::unix::fs::symlink(program, server.path("ifx/bin").join(tool)).unwrap();
        }
        match method {
            "directory" => std::fs::create_dir(server.device()).unwrap(),
            "onbar" => {}
            _ => std::fs::write(server.device(), "").unwrap(),
        }
        let at = |below: &str| server.path(below).display().to_string();
        let onconfig = format!(
            "ROOTPATH {}\nDATASPACE {DATABASE}\nDATAPATH {}\nTAPEDEV {}\nTAPEBLK 32\nTAPESIZE {tape_kib}\nSERVERNUM 7\n\
             BAR_ACT_LOG {}\n",
            at("chunks/root"),
            at("chunks/data"),
            server.device().display(),
            at("bar.log"),
        );
        std::fs::write(server.path("ifx/etc/onconfig"), onconfig).unwrap();
        server.tool("oninit", &["-iy"], "");
        server
    }

    fn path(&self, below: &str) -> PathBuf {
        self.folder.path().join(below)
    }

    /// What archives are written to.
    pub fn device(&self) -> PathBuf {
        self.path(if self.method == "directory" {
            "archives"
        } else {
            "drive"
        })
    }

    /// Calls a tool with these lines typed ahead; tells what it printed.
    #[track_caller]
    fn tool(&self, name: &str, args: &[&str], lines: &str) -> String {
        use std::io::Write;
        let mut child = Command::new(self.path("ifx/bin").join(name))
            .args(args)
            .env("INFORMIXDIR", self.path("ifx"))
            .env("INFORMIXSERVER", SERVER)
            .env("DBACCNOIGN", "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(lines.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        let complained = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{name} {args:?}: {complained}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// Executes statements in its database; tells the rows that they select.
    #[track_caller]
    pub fn execute(&self, sql: &str) -> String {
        self.tool("dbaccess", &[DATABASE, "-"], sql)
    }

    /// What the server remembers of itself.
    pub fn state(&self) -> Value {
        let path = self.path("ifx/lab").join(SERVER).join("state.json");
        serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
    }

    /// From now on its tools wait in the middle of their work.
    pub fn hold(&self) {
        std::fs::write(
            self.path("ifx/lab").join(SERVER).join("faults.json"),
            r#"{"hold-at": 50}"#,
        )
        .unwrap();
    }

    /// Lets them go on.
    pub fn go_on(&self) {
        std::fs::write(self.gate(), "").unwrap();
    }

    fn gate(&self) -> PathBuf {
        self.path("ifx/lab").join(SERVER).join("go-on")
    }

    /// Puts the tape with this label into the drive; one that nobody has written on is blank.
    pub fn put_in(&self, label: &str) {
        let (drive, note) = (self.device(), self.path("in-the-drive"));
        let tape = |label: &str| self.path(&format!("tape {label}"));
        if let Ok(former) = std::fs::read_to_string(&note) {
            std::fs::rename(&drive, tape(&former)).unwrap();
        }
        if std::fs::rename(tape(label), &drive).is_err() {
            std::fs::write(&drive, "").unwrap();
        }
        std::fs::write(note, label).unwrap();
    }

    /// The names of the backups, oldest first.
    pub fn backups(&self) -> Vec<String> {
        let found = std::fs::read_dir(self.path("backups")).into_iter().flatten();
        let names = found.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<_> = names
            .filter_map(|name| Some(name.strip_suffix(".json")?.to_owned()))
            .collect();
        names.sort();
        names
    }

    /// Declares it as the database `ifx` of a site, with a machine and a root for the results of backups of the same name.
    pub fn declare(&self, site: &Site) {
        let at = |path: &Path| path.display().to_string();
        site.declare(&format!(
            "[resource.machine.ifx]\ndriver = \"local\"\n\n[resource.machine.ifx.command.local-time]\nprogram = \"echo\"\n\
             args = [\"23:30\"]\neffect = \"read\"\n\n[resource.files.ifx]\npath = \"ifx\"\n\n[resource.database.ifx]\n\
             driver = \"informix\"\nmachine = \"ifx\"\nfolder = \"{}\"\nserver = \"{SERVER}\"\ndbname = \"{DATABASE}\"\n\
             method = \"{}\"\nbackups = \"{}\"\nprompt-seconds = 1\n",
            at(&self.path("ifx")),
            self.method,
            at(&self.path("backups")),
        ));
        std::fs::create_dir(site.path("ifx")).unwrap();
    }
}

impl Drop for Informix {
    fn drop(&mut self) {
        // A tool that is held would wait for ever.
        let _ = std::fs::write(self.gate(), "");
    }
}
