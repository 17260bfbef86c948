//! What a running lab leaves in the site's folder, and how it is told from other processes.
//!
//! `.procedo-lab/lock` is locked by the kernel as long as the web server lives: that, and not a process number, says
//! whether it runs. `.procedo-lab/state.json` says where. A process number alone means nothing, since numbers are given
//! out again; together with the moment when the process started it is that process.

use crate::on_path;
use crate::site::replace;
use procedo_core::{Error, Kind, Result};
use serde::{Deserialize, Serialize};
use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};

/// Where a running lab is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    /// The number of its process.
    pub pid: i32,
    /// When the process started, in clock ticks since the machine did (proc(5), field 22 of `stat`).
    pub started: u64,
    /// The port.
    pub port: u16,
    /// The address for a browser.
    pub url: String,
    /// What whoever stops it must show. Only this folder's owner can read it.
    pub token: String,
}

/// Whether a lab runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Status {
    /// It does not.
    Down,
    /// It does.
    Up(State),
}

/// The folder of what a running lab leaves.
fn folder(dir: &Path) -> PathBuf {
    dir.join(".procedo-lab")
}

fn state_file(dir: &Path) -> PathBuf {
    folder(dir).join("state.json")
}

/// The file that takes what a started server says.
pub(crate) fn log_file(dir: &Path) -> PathBuf {
    folder(dir).join("log")
}

fn open(dir: &Path, name: &str) -> Result<(PathBuf, File)> {
    use std::os::unix::fs::DirBuilderExt;
    let folder = folder(dir);
    // For its owner only: the token is in it.
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(&folder)
        .map_err(on_path(&folder))?;
    let path = folder.join(name);
    let file = OpenOptions::new()
        .create(true)
        .append(true)
        .open(&path)
        .map_err(on_path(&path))?;
    Ok((path, file))
}

/// The right to be the lab's web server; none if a process has it. It ends with the process.
pub(crate) fn serving(dir: &Path) -> Result<Option<File>> {
    let (path, file) = open(dir, "lock")?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(on_path(&path)(error)),
    }
}

/// The right to start or stop the lab: waits until nobody else does.
pub(crate) fn changing(dir: &Path) -> Result<File> {
    let (path, file) = open(dir, "change.lock")?;
    file.lock().map_err(on_path(&path))?;
    Ok(file)
}

/// What the running lab left.
pub(crate) fn read(dir: &Path) -> Result<State> {
    let path = state_file(dir);
    let bytes = std::fs::read(&path).map_err(on_path(&path))?;
    serde_json::from_slice(&bytes).map_err(|error| {
        Error::new(Kind::Failed, "P0907")
            .with("path", path.display())
            .with("reason", error)
    })
}

/// Leaves it.
pub(crate) fn write(dir: &Path, state: &State) -> Result<()> {
    // A struct of numbers and texts always has a JSON form.
    replace(
        &state_file(dir),
        serde_json::to_string(state).unwrap_or_default().as_bytes(),
    )
}

/// Takes it away.
pub(crate) fn remove(dir: &Path) -> Result<()> {
    let path = state_file(dir);
    match std::fs::remove_file(&path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(on_path(&path)(error)),
        _ => Ok(()),
    }
}

/// When a process started, in clock ticks since the machine did; none if there is no such process.
pub(crate) fn started(pid: i32) -> Option<u64> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name, in parentheses, may hold blanks and parentheses; the third field follows the last one.
    stat.rsplit_once(')')?.1.split_whitespace().nth(19)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_started_at_one_moment_and_nobody_runs_under_number_zero() {
        let own = i32::try_from(std::process::id()).unwrap();
        assert!(started(own).is_some());
        assert_eq!(started(own), started(own));
        assert_eq!(started(0), None);
    }

    #[test]
    fn only_one_can_serve() {
        let dir = tempfile::tempdir().unwrap();
        let first = serving(dir.path()).unwrap();
        assert!(first.is_some());
        assert!(serving(dir.path()).unwrap().is_none());
        drop(first);
        assert!(serving(dir.path()).unwrap().is_some());
    }
}
