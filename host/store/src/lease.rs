//! Leases and other locks that the kernel keeps on files: they end with the process that holds them, however that ends.
//!
//! A lease is an exclusive `flock` on a file of the run in `leases/`. The file is removed when the lease ends, so a taker
//! checks after locking that the path still leads to the file it locked.

use procedo_core::run::RunId;
use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;
use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// A lease's file while it is locked.
#[derive(Debug)]
pub struct Hold {
    path: PathBuf,
    _file: File,
}

impl Drop for Hold {
    fn drop(&mut self) {
        // Removed while still locked, so that nobody locks a file that is about to go without noticing. Where it cannot be
        // removed it stays, and serves the next taker.
        let _ = std::fs::remove_file(&self.path);
    }
}

/// The file of a run's lease. Identifiers are letters, digits, `-` and `/`, so `_` stands for `/` alone.
fn path_of(dir: &Path, run: &RunId) -> PathBuf {
    dir.join(run.as_str().replace('/', "_"))
}

/// The file that is locked while somebody attends a run. No identifier has a dot.
fn attended_path(dir: &Path, run: &RunId) -> PathBuf {
    dir.join(format!("{}.attended", run.as_str().replace('/', "_")))
}

/// Tries to lock; tells whether it worked.
fn try_lock(file: &File, operation: FlockOperation) -> io::Result<bool> {
    match rustix::io::retry_on_intr(|| flock(file, operation)) {
        Ok(()) => Ok(true),
        Err(Errno::WOULDBLOCK) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// Takes a run's lease, unless another process, or this one, holds it.
pub(crate) fn take(dir: &Path, run: &RunId) -> io::Result<Option<Hold>> {
    take_file(path_of(dir, run))
}

/// Says that somebody attends a run and goes on with it themselves, until the hold ends. None: another process does.
pub(crate) fn attend(dir: &Path, run: &RunId) -> io::Result<Option<Hold>> {
    take_file(attended_path(dir, run))
}

fn take_file(path: PathBuf) -> io::Result<Option<Hold>> {
    loop {
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .mode(0o600)
            .open(&path)?;
        if !try_lock(&file, FlockOperation::NonBlockingLockExclusive)? {
            // Whoever merely asks (`is_held`) locks for a moment and shared: that is no holder, and we try again.
            if !try_lock(&file, FlockOperation::NonBlockingLockShared)? {
                return Ok(None);
            }
            drop(file);
            std::thread::yield_now();
            continue;
        }
        let ours = file.metadata()?;
        match std::fs::metadata(&path) {
            Ok(there) if (there.dev(), there.ino()) == (ours.dev(), ours.ino()) => {
                return Ok(Some(Hold { path, _file: file }));
            }
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
}

/// Whether a process holds a run's lease.
pub(crate) fn is_held(dir: &Path, run: &RunId) -> io::Result<bool> {
    is_locked(&path_of(dir, run))
}

/// Whether somebody attends a run.
pub(crate) fn is_attended(dir: &Path, run: &RunId) -> io::Result<bool> {
    is_locked(&attended_path(dir, run))
}

fn is_locked(path: &Path) -> io::Result<bool> {
    match File::open(path) {
        Ok(file) => Ok(!try_lock(&file, FlockOperation::NonBlockingLockShared)?),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// A file that processes lock in turn.
#[derive(Debug)]
pub(crate) struct Gate(File);

/// One's turn at a [`Gate`].
pub(crate) struct Turn<'a>(&'a File);

impl Gate {
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .mode(0o600)
            .open(path)
            .map(Self)
    }

    /// Waits for one's turn.
    pub(crate) fn enter(&self) -> io::Result<Turn<'_>> {
        rustix::io::retry_on_intr(|| flock(&self.0, FlockOperation::LockExclusive))?;
        Ok(Turn(&self.0))
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        // Unlocking a lock that is held does not fail; if it did, it would end with the file.
        let _ = flock(self.0, FlockOperation::Unlock);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(text: &str) -> RunId {
        RunId::parse(text).expect("valid")
    }

    #[test]
    fn a_lease_is_exclusive_and_ends_when_dropped() {
        let dir = tempfile::tempdir().expect("a folder");
        let (a, child) = (run("a"), run("a/1/0"));
        let hold = take(dir.path(), &a).expect("works").expect("free");
        assert!(take(dir.path(), &a).expect("works").is_none());
        assert!(is_held(dir.path(), &a).expect("works"));
        assert!(!is_held(dir.path(), &child).expect("works"));
        let second = take(dir.path(), &child)
            .expect("works")
            .expect("a child's lease is its own");
        drop(hold);
        assert!(!is_held(dir.path(), &a).expect("works"));
        assert!(take(dir.path(), &a).expect("works").is_some());
        drop(second);
        assert_eq!(
            std::fs::read_dir(dir.path()).expect("a folder").count(),
            0,
            "no file of an ended lease stays"
        );
    }

    #[test]
    fn asking_whether_a_lease_is_held_never_keeps_it_from_a_taker() {
        let dir = tempfile::tempdir().expect("a folder");
        let a = run("a");
        let done = std::sync::atomic::AtomicBool::new(false);
        std::thread::scope(|scope| {
            for _ in 0..3 {
                scope.spawn(|| {
                    while !done.load(std::sync::atomic::Ordering::Relaxed) {
                        is_held(dir.path(), &a).expect("works");
                    }
                });
            }
            for turn in 0..2000 {
                assert!(take(dir.path(), &a).expect("works").is_some(), "turn {turn}");
            }
            done.store(true, std::sync::atomic::Ordering::Relaxed);
        });
    }

    #[test]
    fn one_of_many_takers_gets_the_lease_at_a_time() {
        let dir = tempfile::tempdir().expect("a folder");
        let a = run("a");
        let holders = std::sync::atomic::AtomicU32::new(0);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..500 {
                        if let Some(hold) = take(dir.path(), &a).expect("works") {
                            assert_eq!(holders.fetch_add(1, std::sync::atomic::Ordering::SeqCst), 0);
                            holders.fetch_sub(1, std::sync::atomic::Ordering::SeqCst);
                            drop(hold);
                        }
                    }
                });
            }
        });
    }
}
