//! A stand-in for Windows: a program that an SSH server starts instead of what it is asked for.
//!
//! It accepts the scripts of the golden files, to the letter, and answers as Windows should by what Microsoft documents. It
//! knows nothing of the driver but these files, and runs none of them: what PowerShell makes of them is not proved here.

use crate::bench::until;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::fs;
use std::io::{BufRead, Read, Write};
use std::path::{Path, PathBuf};

/// The folder that stands for the disks; the variable tells a stand-in where it is.
pub const DISKS: &str = "WINDOWS_PEER";

macro_rules! golden {
    ($($name:literal)*) => {
        &[$(($name, include_str!(concat!("windows/", $name, ".ps1")))),*]
    };
}

/// The scripts as they shall be, by purpose.
const SCRIPTS: &[(&str, &str)] = golden!(
    "run" "stop" "read" "write" "stat" "space" "environment" "clock" "resolve" "reach" "facts"
    "start" "find" "state" "output" "send" "was-sent" "end" "forget"
);

/// The line that starts a stand-in, for the server's `ForceCommand`.
pub fn command(disks: &Path) -> String {
    let program = std::env::current_exe().unwrap();
    format!(
        "/usr/bin/env {DISKS}={} {} --exact windows_peer::stands_in --ignored --nocapture",
        disks.display(),
        program.display()
    )
}

#[test]
#[ignore = "the stand-in itself, which the servers of other tests start"]
fn stands_in() {
    let (Some(disks), Ok(asked)) = (std::env::var_os(DISKS), std::env::var("SSH_ORIGINAL_COMMAND")) else {
        return;
    };
    // What a person has put into a profile of the shell would be here.
    println!("Willkommen auf OSCC01!\r\nnoise:json {{}}\r");
    let code = Peer { disks: disks.into() }.answer(&asked);
    std::process::exit(code);
}

struct Peer {
    disks: PathBuf,
}

/// A script with its values, and where its answer goes.
struct Asked {
    values: HashMap<String, Vec<Vec<u8>>>,
    mark: String,
    /// The command line by which a process list shows it.
    line: String,
}

impl Asked {
    fn bytes(&self, name: &str) -> &[u8] {
        &self.values[name][0]
    }
    fn one(&self, name: &str) -> String {
        String::from_utf8(self.bytes(name).to_vec()).unwrap()
    }
    fn all(&self, name: &str) -> Vec<String> {
        let all = self.values.get(name).into_iter().flatten();
        all.map(|bytes| String::from_utf8(bytes.clone()).unwrap())
            .collect()
    }
    fn say(&self, kind: &str, text: &str) {
        print!("\n{}:{kind} {text}\nVERBOSE: noise in between\r\n", self.mark);
    }
    fn bulk(&self, kind: &str, bytes: impl AsRef<[u8]>) {
        self.say(kind, &STANDARD.encode(bytes));
    }
    fn tell(&self, told: &Value) {
        self.say("json", &told.to_string());
    }
    fn ended(&self, word: &str) -> i32 {
        println!("\n{} {word}\r", self.mark);
        eprintln!("\n{} {word}\r", self.mark);
        std::io::stdout().flush().unwrap();
        0
    }
    fn failed(&self, said: &str) -> i32 {
        self.tell(&json!({"said": said}));
        self.ended("failed")
    }
}

/// The script in a command line that starts PowerShell without anything that would need quoting.
fn script_of(line: &str) -> Option<String> {
    let encoded = line.strip_prefix("powershell -NoLogo -NoProfile -NonInteractive -EncodedCommand ")?;
    let wide = STANDARD.decode(encoded).ok()?;
    let wide: Vec<u16> = wide
        .chunks(2)
        .map(|two| u16::from_le_bytes([two[0], two[1]]))
        .collect();
    String::from_utf16(&wide).ok()
}

/// Whether a text is the golden one with some mark of 32 digits in it.
fn mark_in(text: &str, golden: &str) -> Option<String> {
    let (before, after) = golden.split_once("MARK")?;
    let mark = text.strip_prefix(before)?.strip_suffix(after)?;
    (mark.len() == 32 && mark.bytes().all(|b| b.is_ascii_hexdigit())).then(|| mark.to_owned())
}

/// The words of a command line as “Parsing C command-line arguments” tells.
fn words(line: &str) -> Vec<String> {
    let text: Vec<char> = line.chars().collect();
    let (mut words, mut word, mut within, mut quoted) = (Vec::new(), String::new(), false, false);
    let mut at = 0;
    while at < text.len() {
        let slashes = text[at..].iter().take_while(|c| **c == '\\').count();
        at += slashes;
        let quote = text.get(at) == Some(&'"');
        word.extend(std::iter::repeat_n(
            '\\',
            if quote { slashes / 2 } else { slashes },
        ));
        within |= slashes > 0;
        match text.get(at) {
            Some('"') if slashes % 2 == 1 => word.push('"'),
            Some('"') => (quoted, within) = (!quoted, true),
            Some(' ' | '\t') if !quoted => {
                if within {
                    words.push(std::mem::take(&mut word));
                }
                within = false;
            }
            Some(c) => {
                word.push(*c);
                within = true;
            }
            None => {}
        }
        at += 1;
    }
    if within {
        words.push(word);
    }
    words
}

impl Peer {
    fn answer(&self, line: &str) -> i32 {
        let Some(script) = script_of(line) else {
            eprintln!("not PowerShell as agreed: {line}");
            return 1;
        };
        if let Some(mark) = mark_in(&script, include_str!("windows/greet.ps1")) {
            println!("{mark}\r");
            std::io::stdout().flush().unwrap();
            std::io::stdin().read_to_end(&mut Vec::new()).unwrap();
            return 0;
        }
        let Some(mark) = mark_in(&script, include_str!("windows/boot.ps1")) else {
            eprintln!("an unknown beginning: {script}");
            return 1;
        };
        let mut lines = std::io::stdin().lock().lines().map(Result::unwrap);
        let script = String::from_utf8(STANDARD.decode(lines.next().unwrap()).unwrap()).unwrap();
        let mut values: HashMap<String, Vec<Vec<u8>>> = HashMap::new();
        for line in lines {
            let (name, value) = line.split_once(' ').unwrap();
            let value = STANDARD.decode(value).unwrap();
            values.entry(name.to_owned()).or_default().push(value);
        }
        let Some((purpose, _)) = SCRIPTS.iter().find(|(_, golden)| *golden == script) else {
            eprintln!("a script that no golden file has: {script}");
            return 1;
        };
        let asked = Asked {
            values,
            mark: mark.clone(),
            line: line.to_owned(),
        };
        assert_eq!(asked.one("mark"), mark);
        match *purpose {
            "run" => self.run(&asked),
            "stop" => self.stop(&asked),
            "read" | "write" | "stat" | "space" => self.file(purpose, &asked),
            "start" | "find" => self.jobs(purpose, &asked),
            "state" | "output" | "send" | "was-sent" | "end" | "forget" => self.job(purpose, &asked),
            _ => look(purpose, &asked),
        }
    }

    /// Where a path of Windows is kept here.
    fn kept(&self, path: &str) -> PathBuf {
        self.disks.join(
            path.replace(':', "")
                .replace(['\\', '/'], "/")
                .trim_start_matches('/'),
        )
    }

    /// The program that is asked for, if this machine has it; else the word that says what is missing.
    fn program(&self, asked: &Asked) -> Result<String, &'static str> {
        let folder = asked.one("folder");
        if !folder.is_empty() && !self.kept(&folder).is_dir() {
            return Err("folder");
        }
        let path = asked.one("path");
        let name = path.strip_prefix("C:\\Program Files\\Tools\\").unwrap_or(&path);
        let name = name.strip_suffix(".exe").unwrap_or(name);
        let has = ["show", "echo", "fail", "late", "hang", "ask", "stubborn", "lost"].contains(&name);
        has.then(|| name.to_owned()).ok_or("missing")
    }

    fn run(&self, asked: &Asked) -> i32 {
        let name = match self.program(asked) {
            Ok(name) => name,
            Err(word) => return asked.ended(word),
        };
        let (mut out, mut err, mut code) = (Vec::new(), Vec::new(), 0);
        match name.as_str() {
            "show" => {
                let variables: HashMap<_, _> = asked
                    .all("variable")
                    .into_iter()
                    .zip(asked.all("value"))
                    .collect();
                let shown = json!({"args": words(&asked.one("arguments")), "env": variables, "folder": asked.one("folder")});
                out = shown.to_string().into_bytes();
            }
            "echo" => out = asked.bytes("input").to_vec(),
            "fail" => {
                err = "Zugriff verweigert\r\n".into();
                code = -1_073_741_510;
            }
            "late" => {
                let left: &[u32] = if asked.one("arguments") == "immortal" {
                    &[4711]
                } else {
                    &[]
                };
                asked.tell(&json!({"left": left}));
                return asked.ended("late");
            }
            _ => {
                fs::write(self.disks.join("hanging"), &asked.line).unwrap();
                until("it is ended", || self.disks.join("ended").exists());
                return 1;
            }
        }
        let limit: usize = asked.one("limit").parse().unwrap();
        let truncated = out.len() > limit;
        out.truncate(limit);
        asked.bulk("out", out);
        asked.bulk("err", err);
        asked.tell(&json!({"code": code, "truncated": truncated}));
        asked.ended("0")
    }

    fn stop(&self, asked: &Asked) -> i32 {
        let hanging = fs::read_to_string(self.disks.join("hanging")).unwrap_or_default();
        if !hanging.contains(&asked.one("command")) {
            return asked.ended("none");
        }
        fs::write(self.disks.join("ended"), "").unwrap();
        asked.tell(&json!({"left": []}));
        asked.ended("0")
    }

    fn file(&self, purpose: &str, asked: &Asked) -> i32 {
        let path = asked.one("path");
        let kept = self.kept(&path);
        match purpose {
            "read" => match fs::read(&kept) {
                Err(_) => asked.failed(&format!("Could not find file '{path}'.")),
                Ok(bytes) if bytes.len() > asked.one("limit").parse().unwrap() => asked.ended("long"),
                Ok(bytes) => {
                    asked.bulk("out", bytes);
                    asked.ended("0")
                }
            },
            "write" if kept.is_dir() => asked.ended("folder"),
            "write" => match fs::write(&kept, asked.bytes("content")) {
                Ok(()) => asked.ended("0"),
                Err(_) => asked.failed(&format!("Could not find a part of the path '{path}'.")),
            },
            _ if kept.is_symlink() => asked.ended("link"),
            _ if !kept.exists() => asked.ended("none"),
            "stat" => {
                let status = fs::metadata(&kept).unwrap();
                let size = if status.is_dir() { 0 } else { status.len() };
                asked.tell(&json!({"folder": status.is_dir(), "size": size, "modified": 1_763_800_000}));
                asked.ended("0")
            }
            _ => {
                asked.tell(&json!({"total": 500_000_000_000_u64, "available": 123_456_789_012_u64}));
                asked.ended("0")
            }
        }
    }

    /// The folder of the jobs, and the file that says which one owns the key.
    fn owner(&self, asked: &Asked) -> (PathBuf, PathBuf) {
        let jobs = self.kept(&format!("C:\\Users\\oscc\\{}", asked.one("jobs")));
        let owner = jobs.join(asked.one("key"));
        (jobs, owner)
    }

    fn jobs(&self, purpose: &str, asked: &Asked) -> i32 {
        let (jobs, owner) = self.owner(asked);
        if purpose == "find" {
            let Ok(name) = fs::read_to_string(owner) else {
                return asked.ended("none");
            };
            asked.tell(&json!({"name": name}));
            return asked.ended("0");
        }
        assert_eq!(asked.one("keeper"), include_str!("windows/keeper.ps1"));
        let program = match self.program(asked) {
            Ok(name) => name,
            Err(word) => return asked.ended(word),
        };
        if owner.exists() {
            return asked.ended("exists");
        }
        let name = asked.one("name");
        let folder = jobs.join(format!("{}.{name}", asked.one("key")));
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("program"), &program).unwrap();
        fs::write(folder.join("out"), if program == "ask" { "Name? " } else { "" }).unwrap();
        if asked.one("open") == "yes" {
            fs::write(folder.join("open"), "").unwrap();
        }
        if program == "echo" {
            fs::write(folder.join("out"), asked.bytes("input")).unwrap();
            fs::write(folder.join("code"), "0").unwrap();
        }
        fs::write(owner, name).unwrap();
        asked.ended("0")
    }

    fn job(&self, purpose: &str, asked: &Asked) -> i32 {
        let (jobs, owner) = self.owner(asked);
        let folder = jobs.join(format!("{}.{}", asked.one("key"), asked.one("name")));
        let program = fs::read_to_string(folder.join("program")).unwrap_or_default();
        let code = fs::read_to_string(folder.join("code")).ok();
        let tag = |asked: &Asked| folder.join(format!("sent.{}", asked.one("tag")));
        let running = folder.exists() && code.is_none() && program != "lost";
        match purpose {
            "state" => {
                let (is, number) = match &code {
                    _ if !folder.exists() => ("forgotten", 0),
                    Some(code) => ("ended", code.parse().unwrap()),
                    None if program == "lost" => ("lost", 0),
                    None => ("running", 4711),
                };
                asked.tell(&json!({"is": is, "number": number}));
            }
            "output" => {
                let out = fs::read(folder.join("out")).unwrap();
                let offset: usize = asked.one("offset").parse().unwrap();
                asked.bulk("out", out.get(offset..).unwrap_or_default());
            }
            "send" if !running => return asked.ended("gone"),
            "send" if !folder.join("open").exists() => return asked.ended("closed"),
            "send" if !asked.one("tag").is_empty() && tag(asked).exists() => return asked.ended("sent"),
            "send" => {
                if !asked.one("tag").is_empty() {
                    fs::write(tag(asked), "").unwrap();
                }
                let mut out = fs::OpenOptions::new()
                    .append(true)
                    .open(folder.join("out"))
                    .unwrap();
                write!(out, "hello {}\r\n", asked.one("input").trim()).unwrap();
                if asked.one("input") != "again\n" {
                    fs::write(folder.join("code"), "7").unwrap();
                }
            }
            "was-sent" => return asked.ended(if tag(asked).exists() { "yes" } else { "no" }),
            "end" => {
                let left: &[u32] = if running && program == "stubborn" {
                    &[4711, 4712]
                } else {
                    &[]
                };
                if running && left.is_empty() {
                    fs::write(folder.join("code"), "1").unwrap();
                }
                asked.tell(&json!({"left": left}));
            }
            _ if running => return asked.ended("running"),
            _ => {
                let _ = fs::remove_file(owner);
                let _ = fs::remove_dir_all(folder);
            }
        }
        asked.ended("0")
    }
}

fn look(purpose: &str, asked: &Asked) -> i32 {
    match purpose {
        "environment" if asked.one("name") == "INFORMIXDIR" => asked.bulk("out", r"C:\Größe\ifx"),
        "environment" => return asked.ended("none"),
        "clock" => {
            // Two minutes ahead.
            let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
            asked.tell(&json!({"ticks": (since.as_nanos() / 100 + 1_200_000_000).to_string()}));
        }
        // PowerShell makes a list of one into the one.
        "resolve" if asked.one("host") == "main" => {
            asked.tell(&json!({"found": {"address": "192.0.2.7", "names": "main.example"}}));
        }
        "resolve" => asked.tell(&json!({"found": []})),
        "reach" => {
            let (reached, detail) = match asked.one("port").as_str() {
                "443" => (true, ""),
                "0" => (false, "TimedOut"),
                _ => (false, "timeout"),
            };
            asked.tell(&json!({"reached": reached, "detail": detail}));
        }
        _ => asked.tell(&json!({
            "hostname": "OSCC01", "kernel": "10.0.20348", "architecture": "AMD64",
            "distribution": "Microsoft Windows Server 2022 Standard", "uptime": 86_400, "boot": "2026-11-21T10:00:00Z",
        })),
    }
    asked.ended("0")
}
