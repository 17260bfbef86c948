//! What other capabilities use a machine for: programs, jobs that outlive Procedo, files.
//!
//! ```no_run
//! # fn demo(machines: &procedo_machine::Machines, stop: &procedo_core::capability::Stop) -> procedo_core::Result<()> {
//! use procedo_machine::{Limits, Program};
//! let machine = machines.get("main")?;
//! let output = machine.run(&Program::new("onstat").arg("-"), &Limits::default(), stop)?;
//! assert_eq!(output.code, 5);
//! # Ok(()) }
//! ```

use procedo_core::capability::Stop;
use procedo_core::{Error, Result};
use std::fmt;
use std::time::Duration;

/// What kind of operating system a machine has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum System {
    /// Linux, or another with a POSIX shell.
    Unix,
    /// Windows with PowerShell.
    Windows,
}

/// What a program finds on its standard input.
#[derive(Clone, Default, PartialEq, Eq)]
pub enum Input {
    /// Nothing: its end at once.
    #[default]
    Nothing,
    /// These bytes, then the end. At most 32 KiB for a job.
    Bytes(Vec<u8>),
    /// What [`Job::send`] sends, without end. Only for a job.
    Open,
}

/// A program to start. No shell interprets any of it: arguments arrive as they are.
///
/// Arguments can be seen by everybody on the machine; secrets belong into `env` or `input`, which are passed through an
/// encrypted or private pipe and are never written to a file.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Program {
    /// Its path, or a name that the machine's `PATH` finds.
    pub path: String,
    /// Its arguments.
    pub args: Vec<String>,
    /// Variables to add to the environment that the machine gives.
    pub env: Vec<(String, String)>,
    /// The folder to start in; else the account's own.
    pub folder: Option<String>,
    /// Its standard input.
    pub input: Input,
}

impl Program {
    /// The program at this path, without arguments.
    pub fn new(path: impl Into<String>) -> Self {
        Self {
            path: path.into(),
            ..Self::default()
        }
    }

    /// Adds an argument.
    #[must_use]
    pub fn arg(mut self, arg: impl Into<String>) -> Self {
        self.args.push(arg.into());
        self
    }

    /// Adds arguments.
    #[must_use]
    pub fn args<S: Into<String>>(mut self, args: impl IntoIterator<Item = S>) -> Self {
        self.args.extend(args.into_iter().map(Into::into));
        self
    }

    /// Adds an environment variable.
    #[must_use]
    pub fn env(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.env.push((name.into(), value.into()));
        self
    }

    /// Starts it in this folder.
    #[must_use]
    pub fn folder(mut self, folder: impl Into<String>) -> Self {
        self.folder = Some(folder.into());
        self
    }

    /// Gives it this standard input.
    #[must_use]
    pub fn input(mut self, input: Input) -> Self {
        self.input = input;
        self
    }
}

impl fmt::Debug for Program {
    /// Leaves out the values of variables and the input: they may be secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Program")
            .field("path", &self.path)
            .field("args", &self.args)
            .field("env", &self.env.iter().map(|(name, _)| name).collect::<Vec<_>>())
            .field("folder", &self.folder)
            .finish_non_exhaustive()
    }
}

/// How long a program may take and how much of what it prints is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// How long it may take; then it is ended with its children.
    pub time: Duration,
    /// How many bytes of each of its two outputs are kept: the first ones.
    pub bytes: usize,
}

impl Default for Limits {
    /// A minute, and 1 MiB of each output.
    fn default() -> Self {
        Self {
            time: Duration::from_secs(60),
            bytes: 1 << 20,
        }
    }
}

impl Limits {
    /// So many seconds, and 1 MiB of each output.
    pub fn seconds(seconds: u64) -> Self {
        Self {
            time: Duration::from_secs(seconds),
            ..Self::default()
        }
    }
}

/// What a program left when it ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Output {
    /// Its exit code; 128 + N where the signal N ended it.
    pub code: i32,
    /// What it printed.
    pub stdout: Vec<u8>,
    /// What it printed as errors.
    pub stderr: Vec<u8>,
    /// Whether either of them was longer than what is kept of it.
    pub truncated: bool,
}

impl Output {
    /// What it printed, as text; what is not UTF-8 is replaced.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.stdout).into_owned()
    }

    /// What it printed as errors, as text.
    pub fn errors(&self) -> String {
        String::from_utf8_lossy(&self.stderr).into_owned()
    }
}

/// What is known about a path of a machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileStatus {
    /// What it is, links followed.
    pub kind: FileKind,
    /// Its size in bytes.
    pub size: u64,
    /// When it was last modified, in seconds since 1970.
    pub modified: i64,
    /// Its permissions; 0 on Windows.
    pub mode: u32,
}

/// What a path names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    /// A regular file.
    Regular,
    /// A folder.
    Folder,
    /// A device, socket or pipe.
    Special,
}

/// How much space a file system has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Space {
    /// All of it, in bytes.
    pub total: u64,
    /// What the account that Procedo uses may still fill, in bytes.
    pub available: u64,
}

/// Whether an error says that a machine could not be asked, so that what became of the work there is not known.
pub fn unheard(error: &Error) -> bool {
    matches!(error.code.as_str(), "P1004" | "P1005" | "P1006" | "P1007")
}

/// What a call's work comes to, once it has begun on a machine: where that could not be asked any more, the call is in doubt,
/// for the work may have been done, or go on there.
pub fn heard<T>(result: Result<T>) -> Result<T> {
    result.map_err(|error| if unheard(&error) { error.in_doubt() } else { error })
}

/// A server of the site. Connects when it is first needed, and again after a connection was lost.
///
/// # Errors
/// Beside those named, every method fails with `P1004` (cannot be reached), `P1005` (host key), `P1006` (login refused),
/// `P1007` (connection cut; what became of it is not known), `P1013` (not supported by the driver).
pub trait Machine: Send + Sync {
    /// Its name in the site.
    fn name(&self) -> &str;

    /// What the name stands for: the machine's identifier and name, or its pinned host key and address. Does not connect.
    fn identity(&self) -> Result<String>;

    /// For how long it is worth trying again where it went out of reach while something works there.
    fn patience(&self) -> Duration {
        Duration::ZERO
    }

    /// Its kind of operating system.
    fn system(&self) -> System;

    /// Runs a program and waits for its end, whatever its exit code. What it leaves running in the background (a daemon
    /// that it started) is not waited for, even if it holds the outputs open.
    ///
    /// # Errors
    /// `P1008` no such program or folder; `P1009` the time was up and it was ended with its children; `P1010` the same,
    /// but it may still run; `P0113` the run shall stop (it was ended).
    fn run(&self, program: &Program, limits: &Limits, stop: &Stop) -> Result<Output>;

    /// Starts a program that outlives Procedo. `key` is [`Context::key`](procedo_core::capability::Context::key), with
    /// something appended where a call has several jobs.
    ///
    /// # Errors
    /// `P1014` there is a job of this key already: it is never started twice. `P1008`, `P1015` it could not be started.
    fn start_job(&self, key: &str, program: &Program) -> Result<Box<dyn Job>>;

    /// The job of this key, if it was started and not forgotten; none means that it never ran and never will, even if a
    /// start was cut off half-way.
    fn find_job(&self, key: &str) -> Result<Option<Box<dyn Job>>>;

    /// Reads a file.
    ///
    /// # Errors
    /// `P1011` it is not there or cannot be read; `P1012` it is longer than `limit` bytes.
    fn read_file(&self, path: &str, limit: usize) -> Result<Vec<u8>>;

    /// Writes a file whole: beside it, synced, then renamed over it. A file that is there keeps its owner, and its
    /// permissions too unless `mode` is given; a new one gets 0600 or `mode`. The folder must exist.
    ///
    /// # Errors
    /// `P1011` it cannot be written.
    fn write_file(&self, path: &str, bytes: &[u8], mode: Option<u32>) -> Result<()>;

    /// What is at a path, links followed; none if nothing is.
    fn stat(&self, path: &str) -> Result<Option<FileStatus>>;

    /// The space of the file system that holds a path, which must exist.
    fn free_space(&self, path: &str) -> Result<Space>;
}

/// What became of a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JobState {
    /// Its program runs, as this process.
    Running {
        /// The number of the process on its machine.
        pid: u32,
    },
    /// Its program ended.
    Ended {
        /// Its exit code; 128 + N where the signal N ended it.
        code: i32,
    },
    /// Its program runs no longer, and nobody saw how it ended: the machine was restarted, or the keeper was killed.
    Lost,
}

/// A program that outlives a crash of Procedo. It lives in a folder of its own on its machine.
pub trait Job: Send {
    /// The key it was started with.
    fn key(&self) -> &str;

    /// What it has printed so far (errors among the rest, in the order written) from an offset in bytes, and the offset
    /// to go on from. At most 256 KiB at a time; nothing new is not an error.
    fn output_from(&self, offset: u64) -> Result<(Vec<u8>, u64)>;

    /// Sends at most 4096 bytes to its standard input.
    ///
    /// # Errors
    /// `P1016` it does not run, or was not started with [`Input::Open`]; `P1026` too long.
    fn send(&self, bytes: &[u8]) -> Result<()>;

    /// The same, but at most once for each tag, also across crashes; tells whether it was sent now. A tag consists of
    /// letters, digits and `-`.
    fn send_once(&self, tag: &str, bytes: &[u8]) -> Result<bool>;

    /// Whether something was sent with this tag.
    fn was_sent(&self, tag: &str) -> Result<bool>;

    /// What became of it.
    fn state(&self) -> Result<JobState>;

    /// Ends it with all its children, asking politely first and insisting after `grace`; returns when they are really
    /// gone. A program that has ended by itself leaves its daemons alone.
    ///
    /// # Errors
    /// `P1017` some of its processes still run, named.
    fn end(&self, grace: Duration) -> Result<()>;

    /// Removes its folder. The key is then free again.
    ///
    /// # Errors
    /// `P1014` it still runs.
    fn forget(&self) -> Result<()>;
}

/// Where passwords and passphrases of machines come from.
pub trait Secrets: Send + Sync {
    /// The present value of the secret of this name (`secret:NAME` in the settings).
    fn value(&self, name: &str) -> Result<String>;
}

/// A site without secrets.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoSecrets;

impl Secrets for NoSecrets {
    fn value(&self, name: &str) -> Result<String> {
        Err(procedo_core::Error::new(procedo_core::Kind::NotFound, "P1024").with("name", name))
    }
}
