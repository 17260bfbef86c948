//! Failures of the disk and of SQLite, told as errors that people understand.

use crate::flaw::Flaw;
use procedo_core::run::RunId;
use procedo_core::{Error, Kind};
use std::io;
use std::path::Path;

/// The store failed for a reason of its own.
pub(crate) fn failed(reason: impl std::fmt::Display) -> Error {
    Error::new(Kind::Failed, "P0203").with("reason", reason)
}

/// There is no room left where the store lies.
pub(crate) fn disk_full(dir: &Path) -> Error {
    Error::new(Kind::Unavailable, "P0204").with("path", dir.display())
}

/// The journal's file is not what SQLite or Procedo wrote.
pub(crate) fn damaged(reason: impl std::fmt::Display) -> Error {
    Error::new(Kind::Failed, "P0212").with("reason", reason)
}

/// A run's journal does not hold together at an entry.
pub(crate) fn broken(run: &RunId, seq: u64, flaw: &Flaw) -> Error {
    let mut error = Error::new(Kind::Failed, "P0207")
        .with("run", run)
        .with("seq", seq);
    error.message = flaw.told_by(error.message);
    error
}

/// A file or folder of the store could not be used.
pub(crate) fn of_file(error: &io::Error, path: &Path) -> Error {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => disk_full(path.parent().unwrap_or(path)),
        _ => Error::new(Kind::Failed, "P0218")
            .with("path", path.display())
            .with("reason", error),
    }
}

/// SQLite refused something. `dir` is where the journal lies.
pub(crate) fn of_sqlite(error: &rusqlite::Error, dir: &Path) -> Error {
    use rusqlite::ErrorCode as Code;
    match error {
        rusqlite::Error::InvalidColumnType(..)
        | rusqlite::Error::FromSqlConversionFailure(..)
        | rusqlite::Error::IntegralValueOutOfRange(..)
        | rusqlite::Error::QueryReturnedNoRows => damaged(error),
        _ => match error.sqlite_error_code() {
            Some(Code::DiskFull) => disk_full(dir),
            // Growing the shared memory beside the journal fails as an I/O error, also where the reason is a full disk.
            Some(Code::SystemIoFailure | Code::CannotOpen) if has_no_room(dir) => disk_full(dir),
            Some(Code::DatabaseCorrupt | Code::NotADatabase | Code::TypeMismatch) => damaged(error),
            _ => failed(error),
        },
    }
}

fn has_no_room(dir: &Path) -> bool {
    rustix::fs::statvfs(dir).is_ok_and(|room| room.f_bavail == 0 || (room.f_files > 0 && room.f_favail == 0))
}
