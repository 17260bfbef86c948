//! Failures of the file system as errors that name the root, the path and what to do.

use crate::path::{RelPath, shown};
use procedo_core::{Error, Kind, Result};
use rustix::io::Errno;

/// An error about a path below a root.
pub(crate) fn at(kind: Kind, code: &str, root: &str, path: &RelPath) -> Error {
    Error::new(kind, code).with("root", root).with("path", path)
}

/// What a failed system call means for the caller.
pub(crate) fn of_errno(root: &str, path: &RelPath, errno: Errno) -> Error {
    match errno {
        Errno::NOENT => at(Kind::NotFound, "P0301", root, path),
        Errno::NOTDIR => at(Kind::Conflict, "P0309", root, path)
            .with("expected", "folder")
            .with("found", "regular"),
        Errno::LOOP | Errno::XDEV | Errno::AGAIN => at(Kind::Conflict, "P0335", root, path),
        Errno::NOSPC | Errno::DQUOT => at(Kind::Unavailable, "P0326", root, path),
        Errno::ACCESS | Errno::PERM | Errno::ROFS => {
            at(Kind::Denied, "P0327", root, path).with("reason", reason(errno))
        }
        Errno::NOSYS => Error::new(Kind::NotSupported, "P0308").with("root", root),
        _ => at(Kind::Failed, "P0328", root, path).with("reason", reason(errno)),
    }
}

/// What a failed read or write means for the caller.
pub(crate) fn of_io(root: &str, path: &RelPath, error: &std::io::Error) -> Error {
    match Errno::from_io_error(error) {
        Some(errno) => of_errno(root, path, errno),
        None => at(Kind::Failed, "P0328", root, path).with("reason", shown(&error.to_string())),
    }
}

/// Turns failures of system calls into errors about a path.
pub(crate) trait About<T> {
    /// The same result, as an error about this path.
    fn about(self, root: &str, path: &RelPath) -> Result<T>;
}

impl<T> About<T> for Result<T, Errno> {
    fn about(self, root: &str, path: &RelPath) -> Result<T> {
        self.map_err(|errno| of_errno(root, path, errno))
    }
}

impl<T> About<T> for std::io::Result<T> {
    fn about(self, root: &str, path: &RelPath) -> Result<T> {
        self.map_err(|error| of_io(root, path, &error))
    }
}

fn reason(errno: Errno) -> String {
    std::io::Error::from(errno).to_string()
}
