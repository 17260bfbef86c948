//! Connections to an SQLite database: opened for one purpose, interruptible, with errors that people understand.

use procedo_core::capability::Stop;
use procedo_core::{Error, Kind, Result};
use rusqlite::{Connection, ErrorCode, OpenFlags};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::{Duration, Instant};

/// How long to wait for others who have the database locked.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);
/// How long one statement of a procedure may take.
pub(crate) const STATEMENT_TIME: Duration = Duration::from_secs(600);
/// How long checks and copies of a whole database may take: no limit but the person who stops the run.
pub(crate) const ANY_TIME: Duration = Duration::from_secs(u32::MAX as u64);

/// A database's name in the site and its file.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    pub(crate) name: String,
    pub(crate) file: PathBuf,
}

impl Place {
    /// An error about this database.
    pub(crate) fn error(&self, kind: Kind, code: &str) -> Error {
        Error::new(kind, code).with("database", &self.name)
    }

    fn open(&self, flags: OpenFlags) -> Result<Connection> {
        match std::fs::metadata(&self.file) {
            Ok(found) if found.is_file() => {}
            _ => {
                return Err(self
                    .error(Kind::Unavailable, "P1204")
                    .with("file", self.file.display()));
            }
        }
        let connection = Connection::open_with_flags(&self.file, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)
            .and_then(|connection| {
                connection.busy_timeout(PATIENCE)?;
                Ok(connection)
            })
            .map_err(|error| self.of_sqlite(&error))?;
        Ok(connection)
    }

    /// A connection that cannot alter anything. What a crash left unfinished is first rolled back, which it could not.
    pub(crate) fn open_to_read(&self) -> Result<Connection> {
        let begin = |connection: &Connection| {
            connection.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))
        };
        let connection = self.open(OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        match begin(&connection) {
            Ok(()) => Ok(connection),
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::ReadOnly) => {
                drop(connection);
                begin(&self.open_to_write()?).map_err(|error| self.of_sqlite(&error))?;
                self.open(OpenFlags::SQLITE_OPEN_READ_ONLY)
            }
            Err(error) => Err(self.of_sqlite(&error)),
        }
    }

    /// A connection that can alter the database. It never creates one.
    pub(crate) fn open_to_write(&self) -> Result<Connection> {
        self.open(OpenFlags::SQLITE_OPEN_READ_WRITE)
    }

    /// What an error of SQLite means for the caller.
    pub(crate) fn of_sqlite(&self, error: &rusqlite::Error) -> Error {
        let reason = reason_of(error);
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
                self.error(Kind::Unavailable, "P1209")
            }
            Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => self
                .error(Kind::Failed, "P1210")
                .with("file", self.file.display())
                .with("reason", reason),
            Some(ErrorCode::DiskFull) => {
                Error::new(Kind::Unavailable, "P1218").with("path", self.file.display())
            }
            Some(
                ErrorCode::CannotOpen
                | ErrorCode::SystemIoFailure
                | ErrorCode::PermissionDenied
                | ErrorCode::ReadOnly
                | ErrorCode::FileLockingProtocolFailed,
            ) => Error::new(Kind::Failed, "P1217")
                .with("path", self.file.display())
                .with("reason", reason),
            Some(ErrorCode::AuthorizationForStatementDenied) => self.refused("not-here"),
            _ if matches!(error, rusqlite::Error::MultipleStatement) => self.refused("several"),
            _ => self.error(Kind::Invalid, "P1205").with("reason", reason),
        }
    }

    /// The error for a statement that may not be made in this way.
    pub(crate) fn refused(&self, rule: &str) -> Error {
        self.error(Kind::Invalid, "P1206").with("rule", rule)
    }

    /// Lets SQLite work, and interrupts it when the run shall end or the time is up.
    pub(crate) fn interruptible<T>(
        &self,
        connection: &Connection,
        stop: &Stop,
        at_most: Duration,
        work: impl FnOnce() -> rusqlite::Result<T>,
    ) -> Result<T> {
        let handle = connection.get_interrupt_handle();
        let until = Instant::now() + at_most;
        let result = std::thread::scope(|scope| {
            let (done, waiting) = channel::<()>();
            scope.spawn(move || {
                while waiting.recv_timeout(Duration::from_millis(50)) == Err(RecvTimeoutError::Timeout) {
                    if stop.is_set() || Instant::now() > until {
                        handle.interrupt();
                    }
                }
            });
            let result = work();
            drop(done);
            result
        });
        result.map_err(|error| match error.sqlite_error_code() {
            Some(ErrorCode::OperationInterrupted) => match stop.check() {
                Err(stopped) => stopped,
                Ok(()) => self
                    .error(Kind::TimedOut, "P1224")
                    .with("seconds", at_most.as_secs()),
            },
            _ => self.of_sqlite(&error),
        })
    }
}

/// What SQLite says, without the statement that it repeats.
fn reason_of(error: &rusqlite::Error) -> String {
    match error {
        rusqlite::Error::SqliteFailure(_, Some(said)) => said.clone(),
        rusqlite::Error::SqlInputError { msg, .. } => msg.clone(),
        other => other.to_string(),
    }
}

/// Opens a file that nobody else alters, such as a backup; leaves nothing beside it.
pub(crate) fn open_still(path: &Path) -> rusqlite::Result<Connection> {
    // In a URI, these three characters have a meaning of their own.
    let escaped = path
        .to_string_lossy()
        .replace('%', "%25")
        .replace('?', "%3f")
        .replace('#', "%23");
    Connection::open_with_flags(
        format!("file:{escaped}?immutable=1"),
        OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )
}
