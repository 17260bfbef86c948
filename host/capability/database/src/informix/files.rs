//! Files of the machine: what the driver moves, links, removes and adds up there. Each step can be repeated.

use crate::informix::server::Server;
use procedo_core::capability::Stop;
use procedo_core::{Error, Kind, Result};
use procedo_machine::{FileKind, FileStatus, Limits, Output, Program};
use std::time::Duration;

/// How long moving to another file system, or reading an archive, may take.
const LONG: Duration = Duration::from_secs(24 * 3600);

impl Server {
    /// Runs one of the machine's own programs; tells its output if it says that it went well.
    fn run(&self, program: Program, path: &str, stop: &Stop) -> Result<Output> {
        let limits = Limits {
            time: LONG,
            bytes: 16 << 20,
        };
        let output = self.machine.run(&program, &limits, stop)?;
        if output.code == 0 {
            return Ok(output);
        }
        let said = output.errors();
        Err(if said.contains("No space left") {
            Error::new(Kind::Unavailable, "P1218").with("path", path)
        } else {
            unusable(path, said.trim())
        })
    }

    /// Moves a file; nothing of the target's name may be lost by it.
    pub(crate) fn rename(&self, from: &str, to: &str, stop: &Stop) -> Result<()> {
        self.run(Program::new("mv").args(["-T", "--", from, to]), to, stop)
            .map(drop)
    }

    /// Removes a file; none there is not an error.
    pub(crate) fn remove(&self, path: &str) -> Result<()> {
        let program = Program::new("rm").args(["-f", "--", path]);
        self.run(program, path, &Stop::default()).map(drop)
    }

    /// Makes a folder with those above it.
    pub(crate) fn make_folder(&self, path: &str) -> Result<()> {
        let program = Program::new("mkdir").args(["-p", "--", path]);
        self.run(program, path, &Stop::default()).map(drop)
    }

    /// Makes a name lead to another file, whatever it led to before.
    pub(crate) fn link(&self, target: &str, path: &str) -> Result<()> {
        let program = Program::new("ln").args(["-sfT", "--", target, path]);
        self.run(program, path, &Stop::default()).map(drop)
    }

    /// Whether the name leads to another file.
    pub(crate) fn is_link(&self, path: &str) -> Result<bool> {
        let program = Program::new("test").args(["-L", path]);
        let output = self.machine.run(&program, &Limits::default(), &Stop::default())?;
        Ok(output.code == 0)
    }

    /// Makes an empty file with owner, group and permissions of another one, unless a file is there.
    pub(crate) fn make_like(&self, path: &str, model: &str) -> Result<()> {
        if self.machine.stat(path)?.is_some() {
            return Ok(());
        }
        let stop = Stop::default();
        let new = format!("{path}.procedo-new");
        self.run(Program::new("touch").args(["--", &new]), &new, &stop)?;
        for tool in ["chown", "chmod"] {
            let reference = format!("--reference={model}");
            self.run(
                Program::new(tool).args([reference.as_str(), "--", &new]),
                &new,
                &stop,
            )?;
        }
        self.rename(&new, path, &stop)
    }

    /// Empties a file, which keeps its owner and permissions.
    pub(crate) fn empty(&self, path: &str) -> Result<()> {
        let program = Program::new("truncate").args(["-s", "0", "--", path]);
        self.run(program, path, &Stop::default()).map(drop)
    }

    /// What was added to a file after so many bytes.
    pub(crate) fn added_to(&self, path: &str, after: u64, stop: &Stop) -> Result<String> {
        let from = format!("+{}", after.saturating_add(1));
        let program = Program::new("tail").args(["-c", from.as_str(), "--", path]);
        Ok(self.run(program, path, stop)?.text())
    }

    /// Gets what was written to a disk.
    pub(crate) fn sync(&self, path: &str) -> Result<()> {
        self.run(Program::new("sync").args(["--", path]), path, &Stop::default())
            .map(drop)
    }

    /// The SHA-256 of a file, which is read whole.
    pub(crate) fn digest(&self, path: &str, stop: &Stop) -> Result<String> {
        let output = self.run(Program::new("sha256sum").args(["-b", "--", path]), path, stop)?;
        let text = output.text();
        // A name with a line break or a backslash in it has a backslash in front.
        let digest = text.trim_start_matches('\\').get(..64).unwrap_or_default();
        if digest.len() == 64 && digest.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            Ok(digest.to_owned())
        } else {
            Err(unusable(path, text.trim()))
        }
    }

    /// Whether the account may write to a file.
    pub(crate) fn is_writable(&self, path: &str) -> Result<bool> {
        let program = Program::new("test").args(["-w", path]);
        let output = self.machine.run(&program, &Limits::default(), &Stop::default())?;
        Ok(output.code == 0)
    }

    /// The files below a folder whose names match, one or two deep, from that folder; none if it is not there.
    pub(crate) fn list(&self, folder: &str, pattern: &str) -> Result<Vec<String>> {
        if self.machine.stat(folder)?.is_none() {
            return Ok(Vec::new());
        }
        let program = Program::new("find").args([
            folder,
            "-mindepth",
            "1",
            "-maxdepth",
            "2",
            "-type",
            "f",
            "-name",
            pattern,
            "-printf",
            "%P\\n",
        ]);
        let output = self.run(program, folder, &Stop::default())?;
        Ok(output.text().lines().map(str::to_owned).collect())
    }

    /// A regular file that must be there.
    pub(crate) fn regular(&self, path: &str) -> Result<Option<FileStatus>> {
        let found = self.machine.stat(path)?;
        Ok(found.filter(|found| found.kind == FileKind::Regular))
    }

    /// An error if a file system has less space than needed.
    pub(crate) fn expect_space(&self, folder: &str, needed: u64) -> Result<()> {
        let available = self.machine.free_space(folder)?.available;
        if available >= needed {
            return Ok(());
        }
        Err(Error::new(Kind::Unavailable, "P1216")
            .with("folder", folder)
            .with("needed", needed)
            .with("available", available))
    }

    /// Claims the server's archives for a call, before anything is altered; a call that has them already keeps them. The
    /// claim outlives a crash, as the call does.
    ///
    /// # Errors
    /// `P1232` another call has them.
    pub(crate) fn claim(&self, key: &str) -> Result<()> {
        self.make_folder(&self.settings.backups)?;
        let path = self.claim_path();
        // A link appears whole and once, with its text.
        let program = Program::new("ln").args(["-sT", "--", key, &path]);
        let made = self.machine.run(&program, &Limits::default(), &Stop::default())?;
        if made.code == 0 {
            return Ok(());
        }
        match self.holder()? {
            Some(holder) if holder == key => Ok(()),
            Some(holder) => Err(self.claimed(&holder)),
            None => Err(unusable(&path, made.errors().trim())),
        }
    }

    fn claimed(&self, holder: &str) -> Error {
        self.error(Kind::Unavailable, "P1232")
            .with("holder", holder)
            .with("path", self.claim_path())
    }

    /// The call that has claimed the server's archives.
    fn holder(&self) -> Result<Option<String>> {
        let program = Program::new("readlink").args(["--", &self.claim_path()]);
        let output = self.machine.run(&program, &Limits::default(), &Stop::default())?;
        let holder = output.text().trim().to_owned();
        Ok((!holder.is_empty()).then_some(holder))
    }

    /// Whether the call has claimed the server's archives.
    pub(crate) fn holds(&self, key: &str) -> Result<bool> {
        Ok(self.holder()?.as_deref() == Some(key))
    }

    /// An error if any call has claimed the server's archives.
    pub(crate) fn expect_unclaimed(&self) -> Result<()> {
        self.holder()?.map_or(Ok(()), |holder| Err(self.claimed(&holder)))
    }

    /// Gives the claim back, if it is this call's.
    pub(crate) fn release(&self, key: &str) -> Result<()> {
        if self.holds(key)? {
            self.remove(&self.claim_path())?;
        }
        Ok(())
    }

    fn claim_path(&self) -> String {
        format!("{}/.{}.claim", self.settings.backups, self.name)
    }
}

/// A file that cannot be worked with.
pub(crate) fn unusable(path: &str, reason: &str) -> Error {
    Error::new(Kind::Failed, "P1217")
        .with("path", path)
        .with("reason", reason)
}
