//! A machine with a POSIX shell: the same scripts, whichever way leads to the shell.

use crate::api::{FileKind, FileStatus, Input, Job, Limits, Machine, Output, Program, Space, System};
use crate::exchange::{Brought, Exchange, Waited, random_name};
use crate::job::PosixJob;
use crate::program;
use crate::sh::{Script, escape, file_name, quote};
use procedo_core::capability::Stop;
use procedo_core::{Error, Kind, Result};
use std::fmt::Write;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

/// What Procedo's own scripts may take.
const OWN: Limits = Limits {
    time: Duration::from_secs(60),
    bytes: 1 << 20,
};
/// How long a program that is ended may take to end by itself, in seconds.
const GRACE: u64 = 2;
/// The largest input of a job, which its keeper's shell holds in memory.
const LARGEST_JOB_INPUT: usize = 32 << 10;

/// The way to a shell.
pub(crate) trait Shell: Send + Sync {
    /// The machine's name in the site.
    fn name(&self) -> &str;
    /// What the name stands for.
    fn identity(&self) -> Result<String>;
    /// A command that starts a shell with [`BOOT`](crate::sh::BOOT) on the machine and gives it its input.
    fn command(&self) -> Result<Command>;
    /// For how long it is tried again where it went out of reach.
    fn patience(&self) -> Duration;
    /// Why a shell ended without the mark of its script, by what came as errors.
    fn cut(&self, errors: &str) -> Error;
}

/// What a script left.
pub(crate) struct Answer {
    pub(crate) out: Brought,
    pub(crate) err: Brought,
    /// The word it ended with.
    pub(crate) word: String,
}

impl Answer {
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.out.bytes).trim().to_owned()
    }
}

/// A shell to which scripts are given.
#[derive(Clone)]
pub(crate) struct Scripts {
    pub(crate) shell: Arc<dyn Shell>,
    /// The folder of the jobs: absolute, or below the account's home folder.
    pub(crate) jobs: Arc<str>,
}

impl Scripts {
    pub(crate) fn error(&self, kind: Kind, code: &str) -> Error {
        Error::new(kind, code).with("machine", self.shell.name())
    }

    /// Runs one of Procedo's own scripts.
    pub(crate) fn own(&self, script: Script, input: &[u8], extra: Duration) -> Result<Answer> {
        let mark = random_name()?;
        let limits = Limits {
            time: OWN.time + extra,
            ..OWN
        };
        self.ask(&mark, &script, input, &limits, None)
    }

    /// The beginning of every script about jobs.
    pub(crate) fn jobs(&self, key: &str) -> Script {
        Script::default()
            .set("jobs", &self.jobs)
            .then("case $jobs in /*) ;; *) jobs=$PWD/$jobs ;; esac")
            .set("key", &file_name(key))
    }

    /// Runs a script whose program bears this mark.
    fn ask(
        &self,
        mark: &str,
        script: &Script,
        input: &[u8],
        limits: &Limits,
        stop: Option<&Stop>,
    ) -> Result<Answer> {
        let whole = Script::default()
            .set("mark", mark)
            .then(include_str!("script/ended.sh"))
            .and(script);
        let mut fed = whole.line().into_bytes();
        fed.push(b'\n');
        fed.extend_from_slice(input);
        let command = self.shell.command()?;
        let mut exchange = Exchange::begin(command, mark, fed, limits.bytes).map_err(|error| {
            self.error(Kind::Unavailable, "P1004")
                .with("address", "")
                .with("reason", error)
        })?;
        let waited = exchange.wait(limits.time, stop);
        if waited != Waited::Finished {
            let gone = stop.is_none() || self.end_marked(mark);
            if let Some(stop) = stop.filter(|_| waited == Waited::Stopped && gone) {
                stop.check()?;
            }
            let code = if gone { "P1009" } else { "P1010" };
            return Err(self
                .error(Kind::TimedOut, code)
                .with("seconds", limits.time.as_secs()));
        }
        let (out, err) = exchange.brought();
        match (&out.word, &err.word) {
            (Some(word), Some(_)) => Ok(Answer {
                word: word.clone(),
                out,
                err,
            }),
            _ => Err(self.shell.cut(String::from_utf8_lossy(&err.bytes).trim())),
        }
    }

    /// Ends a program with its children; tells whether they are really gone.
    fn end_marked(&self, mark: &str) -> bool {
        let script = Script::default()
            .set("name", mark)
            .then(include_str!("script/family.sh"))
            .then(&format!("end_family \"$name\" '' {GRACE}; ended 0"));
        self.own(script, &[], Duration::from_secs(GRACE + 20))
            .is_ok_and(|answer| answer.word == "0" && answer.text().is_empty())
    }

    /// What a word other than the expected ones means for a program.
    fn refused(&self, answer: &Answer, program: &Program) -> Error {
        match answer.word.as_str() {
            "missing" => self.error(Kind::NotFound, "P1008").with("path", &program.path),
            "folder" => self
                .error(Kind::NotFound, "P1008")
                .with("path", program.folder.as_deref().unwrap_or_default()),
            word => self
                .error(Kind::Failed, "P1015")
                .with("reason", format!("{word} {}", self.said(answer))),
        }
    }

    fn said(&self, answer: &Answer) -> String {
        format!(
            "{} {}",
            answer.text(),
            String::from_utf8_lossy(&answer.err.bytes).trim()
        )
        .trim()
        .to_owned()
    }

    pub(crate) fn unreadable(&self, answer: &Answer) -> Error {
        self.error(Kind::Failed, "P1025")
            .with("answer", format!("{} {}", answer.word, self.said(answer)))
    }
}

/// Commands that see whether the program and its folder are there; and those that become the program.
fn check_and_exec(program: &Program) -> (String, String) {
    let path = quote(&program.path);
    let mut check = String::new();
    let mut exec = String::new();
    if let Some(folder) = &program.folder {
        // A folder whose name begins with `-` is no option.
        let folder = quote(&match folder.strip_prefix('-') {
            Some(_) => format!("./{folder}"),
            None => folder.clone(),
        });
        let _ = writeln!(check, "( cd {folder} ) 2>/dev/null || ended folder");
        let _ = writeln!(
            check,
            "( cd {folder} && command -v {path} ) >/dev/null 2>&1 || ended missing"
        );
        let _ = writeln!(exec, "cd {folder} || exit 126");
    } else {
        let _ = writeln!(check, "command -v {path} >/dev/null 2>&1 || ended missing");
    }
    for (name, value) in &program.env {
        let _ = writeln!(exec, "{name}={}\nexport {name}", quote(value));
    }
    let _ = write!(exec, "exec {path}");
    for arg in &program.args {
        let _ = write!(exec, " {}", quote(arg));
    }
    exec.push('\n');
    (check, exec)
}

/// A machine with a POSIX shell.
pub(crate) struct Posix(Scripts);

impl Posix {
    pub(crate) fn new(shell: Arc<dyn Shell>, jobs: &str) -> Self {
        Self(Scripts {
            shell,
            jobs: jobs.into(),
        })
    }

    fn about(&self, path: &str, answer: &Answer) -> Error {
        self.0
            .error(Kind::Failed, "P1011")
            .with("path", path.escape_debug())
            .with("reason", self.0.said(answer))
    }

    fn job(&self, key: &str, name: String) -> Box<dyn Job> {
        Box::new(PosixJob::new(self.0.clone(), key, name))
    }

    /// A script about a path, which is refused if no file can have it.
    fn with_path(&self, path: &str) -> Result<Script> {
        if path.is_empty() || path.contains('\0') {
            return Err(self
                .0
                .error(Kind::Invalid, "P1011")
                .with("path", path.escape_debug())
                .with("reason", "this is not a path"));
        }
        let path = if path.starts_with('/') {
            path.to_owned()
        } else {
            format!("./{path}")
        };
        Ok(Script::default().set("path", &path))
    }
}

impl Machine for Posix {
    fn name(&self) -> &str {
        self.0.shell.name()
    }

    fn identity(&self) -> Result<String> {
        self.0.shell.identity()
    }

    fn patience(&self) -> Duration {
        self.0.shell.patience()
    }

    fn system(&self) -> System {
        System::Unix
    }

    fn run(&self, program: &Program, limits: &Limits, stop: &Stop) -> Result<Output> {
        stop.check()?;
        program::check(self.name(), program)?;
        let (check, exec) = check_and_exec(program);
        let (input, from): (&[u8], _) = match &program.input {
            Input::Nothing => (&[], "</dev/null"),
            Input::Bytes(bytes) => (bytes, ""),
            Input::Open => {
                return Err(self
                    .0
                    .error(Kind::Invalid, "P1027")
                    .with("path", &program.path)
                    .with("what", "open"));
            }
        };
        let script = Script::default()
            .then(&check)
            .then(&format!(
                "(\nPROCEDO_JOB=$mark\nexport PROCEDO_JOB\n{exec}) {from}"
            ))
            .then("ended \"$?\"");
        let mark = random_name()?;
        let answer = self.0.ask(&mark, &script, input, limits, Some(stop))?;
        let Ok(code) = answer.word.parse() else {
            return Err(self.0.refused(&answer, program));
        };
        Ok(Output {
            code,
            truncated: answer.out.more || answer.err.more,
            stdout: answer.out.bytes,
            stderr: answer.err.bytes,
        })
    }

    fn start_job(&self, key: &str, program: &Program) -> Result<Box<dyn Job>> {
        program::check(self.name(), program)?;
        let (check, exec) = check_and_exec(program);
        let from = match &program.input {
            Input::Nothing => "exec </dev/null\n".to_owned(),
            Input::Open => "exec <&3 3<&-\n".to_owned(),
            Input::Bytes(bytes) if bytes.len() > LARGEST_JOB_INPUT => {
                return Err(self
                    .0
                    .error(Kind::TooLarge, "P1026")
                    .with("bytes", bytes.len())
                    .with("limit", LARGEST_JOB_INPUT));
            }
            // A pipe of its own, fed by the shell: nothing of it gets to a disk or into a process list.
            Input::Bytes(bytes) => format!(
                "mkfifo \"$folder/feed\" || exit 126\nprintf %b {} >\"$folder/feed\" &\nexec <\"$folder/feed\"\n",
                quote(&escape(bytes))
            ),
        };
        let name = random_name()?;
        let open = if program.input == Input::Open { "yes" } else { "" };
        let script = self
            .0
            .jobs(key)
            .set("name", &name)
            .set("open", open)
            .set("keeper", include_str!("script/keeper.sh"))
            .then(&check)
            .then(include_str!("script/start.sh"));
        let program_line = escape(format!("{from}{exec}").as_bytes()) + "\n";
        let answer = self.0.own(script, program_line.as_bytes(), Duration::ZERO)?;
        match answer.word.as_str() {
            "0" => Ok(self.job(key, name)),
            "exists" => Err(self.0.error(Kind::Conflict, "P1014").with("job", key)),
            "unfit" => Err(self
                .0
                .error(Kind::NotSupported, "P1013")
                .with("what", "jobs (setsid, mkfifo, /proc)")),
            _ => Err(self.0.refused(&answer, program)),
        }
    }

    fn find_job(&self, key: &str) -> Result<Option<Box<dyn Job>>> {
        let script = self.0.jobs(key).then(include_str!("script/find.sh"));
        let answer = self.0.own(script, &[], Duration::ZERO)?;
        match answer.word.as_str() {
            "none" => Ok(None),
            "0" => Ok(Some(self.job(key, answer.text()))),
            _ => Err(self.0.unreadable(&answer)),
        }
    }

    fn read_file(&self, path: &str, limit: usize) -> Result<Vec<u8>> {
        let script = self
            .with_path(path)?
            .then("[ -f \"$path\" ] || { [ -e \"$path\" ] && echo 'it is not a file' >&2; }")
            .then("cat \"$path\"")
            .then("ended \"$?\"");
        let mark = random_name()?;
        let limits = Limits {
            time: Duration::from_secs(600),
            bytes: limit,
        };
        let answer = self.0.ask(&mark, &script, &[], &limits, None)?;
        if answer.word != "0" {
            return Err(self.about(path, &answer));
        }
        if answer.out.more {
            return Err(self
                .0
                .error(Kind::TooLarge, "P1012")
                .with("path", path.escape_debug())
                .with("limit", limit));
        }
        Ok(answer.out.bytes)
    }

    fn write_file(&self, path: &str, bytes: &[u8], mode: Option<u32>) -> Result<()> {
        let script = self
            .with_path(path)?
            .set("size", &bytes.len().to_string())
            .set("mode", &mode.map(|mode| format!("{mode:o}")).unwrap_or_default())
            .then(include_str!("script/write.sh"));
        let answer = self.0.own(script, bytes, Duration::from_secs(600))?;
        if answer.word == "0" {
            Ok(())
        } else {
            Err(self.about(path, &answer))
        }
    }

    fn stat(&self, path: &str) -> Result<Option<FileStatus>> {
        let script = self
            .with_path(path)?
            .then("[ -e \"$path\" ] || ended none")
            .then("stat -L -c '%f %s %Y' \"$path\"")
            .then("ended \"$?\"");
        let answer = self.0.own(script, &[], Duration::ZERO)?;
        match answer.word.as_str() {
            "none" => return Ok(None),
            "0" => {}
            _ => return Err(self.about(path, &answer)),
        }
        let text = answer.text();
        let mut words = text.split_whitespace();
        let mode = words.next().and_then(|word| u32::from_str_radix(word, 16).ok());
        let size = words.next().and_then(|word| word.parse().ok());
        let modified = words.next().and_then(|word| word.parse().ok());
        let (Some(mode), Some(size), Some(modified)) = (mode, size, modified) else {
            return Err(self.0.unreadable(&answer));
        };
        // The kinds are those of stat(2), st_mode.
        let kind = match mode & 0o170_000 {
            0o100_000 => FileKind::Regular,
            0o040_000 => FileKind::Folder,
            _ => FileKind::Special,
        };
        Ok(Some(FileStatus {
            kind,
            size,
            modified,
            mode: mode & 0o7777,
        }))
    }

    fn free_space(&self, path: &str) -> Result<Space> {
        // The columns of `df -P` are those of POSIX: file system, blocks, used, available, capacity, where. Only numbers
        // are looked for, since the first may hold spaces.
        let script = self
            .with_path(path)?
            .then("df -Pk \"$path\" | sed -n '2s/.* \\([0-9][0-9]*\\)  *[0-9][0-9]*  *\\([0-9][0-9]*\\)  *[0-9-]*%*  *\\/.*/\\1 \\2/p'")
            .then("ended 0");
        let answer = self.0.own(script, &[], Duration::ZERO)?;
        let text = answer.text();
        let kibibytes: Vec<u64> = text.split(' ').filter_map(|word| word.parse().ok()).collect();
        match kibibytes[..] {
            [total, available] => Ok(Space {
                total: total * 1024,
                available: available * 1024,
            }),
            _ => Err(self.about(path, &answer)),
        }
    }
}
