//! Putting a tree at a path of this machine, whole or not at all.
//!
//! The new content is built under a temporary name in the same folder, made durable, and put in place by one rename;
//! what it replaces is removed afterwards. The temporary name comes from the call's key, so that a repetition of the call
//! after a crash recognises what was left and starts over, and a probe can tell a rename that happened from one that did
//! not.

use crate::beneath::{RootFolder, open_confined, seen};
use crate::fault::{About, at, of_errno};
use crate::path::RelPath;
use crate::root::{Meta, Place, Seen, temporary_name};
use crate::tree::{FileItem, Item, Tree};
use procedo_core::capability::{Blobs, Stop};
use procedo_core::{Error, Kind, Result};
use rustix::fs::{AtFlags, Gid, Mode, OFlags, RenameFlags, Uid};
use rustix::io::Errno;
use std::fs::File;
use std::io::Write;
use std::os::fd::{AsFd, OwnedFd};

/// The folder and name that a path without links stands for, held open.
pub(crate) struct LocalPlace<'a> {
    root: &'a RootFolder,
    path: &'a RelPath,
    folder: OwnedFd,
    name: &'a str,
    temporary: String,
}

impl<'a> LocalPlace<'a> {
    /// Opens the folder that holds `path`, for the call of a key.
    pub(crate) fn open(root: &'a RootFolder, path: &'a RelPath, key: &str) -> Result<Self> {
        let (parent, name) = path
            .split()
            .ok_or_else(|| at(Kind::Invalid, "P0336", &root.name, path))?;
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW;
        let folder = root.open_beneath(&parent, flags).about(&root.name, &parent)?;
        let temporary = temporary_name(key, path);
        Ok(Self {
            root,
            path,
            folder,
            name,
            temporary,
        })
    }

    fn remove(&self) -> Result<()> {
        match self.see(self.name)? {
            Seen::Absent => return Ok(()),
            Seen::Folder(_) => {
                rustix::fs::renameat_with(
                    &self.folder,
                    self.name,
                    &self.folder,
                    self.temporary.as_str(),
                    RenameFlags::NOREPLACE,
                )
                .about(&self.root.name, self.path)?;
                // Durable before anything in it goes: a crash leaves the folder whole or gone.
                self.sync()?;
                self.clear()?;
            }
            Seen::File(..) | Seen::Link | Seen::Special => {
                rustix::fs::unlinkat(&self.folder, self.name, AtFlags::empty())
                    .about(&self.root.name, self.path)?;
            }
        }
        self.sync()
    }

    fn rename_into_place(&self, expects_nothing: bool) -> Result<()> {
        let rename = |flags| {
            rustix::fs::renameat_with(
                &self.folder,
                self.temporary.as_str(),
                &self.folder,
                self.name,
                flags,
            )
        };
        let result = if expects_nothing {
            match rename(RenameFlags::NOREPLACE) {
                // A file system that cannot promise it (NFS); the caller has just looked.
                Err(Errno::INVAL) => rename(RenameFlags::empty()),
                result => result,
            }
        } else {
            match (self.see(&self.temporary)?, self.see(self.name)?) {
                (Seen::Folder(_), _) | (_, Seen::Folder(_)) => rename(RenameFlags::EXCHANGE),
                _ => rename(RenameFlags::empty()),
            }
        };
        match result {
            Err(Errno::EXIST) => Err(at(Kind::Conflict, "P0335", &self.root.name, self.path)),
            result => result.about(&self.root.name, self.path),
        }
    }

    fn build(&self, tree: &Tree, blobs: &dyn Blobs, stop: &Stop) -> Result<()> {
        for (inner, item) in tree {
            let (folder, name) = self.temporary_place(inner)?;
            let path = self.path.below(inner);
            match item {
                Item::Folder(_) => rustix::fs::mkdirat(&folder, name, Mode::from_raw_mode(0o777))
                    .about(&self.root.name, &path)?,
                Item::Link(target) => {
                    rustix::fs::symlinkat(target.as_str(), &folder, name).about(&self.root.name, &path)?
                }
                Item::File(file) => self.write(&folder, name, file, &path, blobs, stop)?,
            }
        }
        // Rights come last, so that a folder which may not be written can be filled; and from below, so that it can be
        // reached.
        for (inner, item) in tree.iter().rev() {
            if let Item::Folder(meta) = item {
                let (folder, name) = self.temporary_place(inner)?;
                let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW;
                let path = self.path.below(inner);
                let made =
                    open_confined(&folder, name, flags, Mode::empty()).about(&self.root.name, &path)?;
                self.set_rights(&made, *meta, &path)?;
                rustix::fs::fsync(&made).about(&self.root.name, &path)?;
            }
        }
        Ok(())
    }

    fn write(
        &self,
        folder: &OwnedFd,
        name: &str,
        file: &FileItem,
        path: &RelPath,
        blobs: &dyn Blobs,
        stop: &Stop,
    ) -> Result<()> {
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW;
        // Nobody else reads it before it has the rights it shall have.
        let mode = if file.meta.mode.is_some() { 0o600 } else { 0o666 };
        let made =
            open_confined(folder, name, flags, Mode::from_raw_mode(mode)).about(&self.root.name, path)?;
        let mut out = File::from(made);
        file.stream(&self.root.name, path, blobs, stop, |piece| {
            out.write_all(piece).about(&self.root.name, path)
        })?;
        self.set_rights(&out, file.meta, path)?;
        out.sync_all().about(&self.root.name, path)
    }

    fn set_rights(&self, made: impl AsFd, meta: Meta, path: &RelPath) -> Result<()> {
        let made = made.as_fd();
        if let Some((user, group)) = meta.owner {
            let stat = rustix::fs::fstat(made).about(&self.root.name, path)?;
            if (stat.st_uid, stat.st_gid) != (user, group) {
                match rustix::fs::fchown(made, Some(Uid::from_raw(user)), Some(Gid::from_raw(group))) {
                    Err(Errno::PERM) => {
                        return Err(at(Kind::Denied, "P0333", &self.root.name, path)
                            .with("user", user)
                            .with("group", group));
                    }
                    result => result.about(&self.root.name, path)?,
                }
            }
        }
        match meta.mode {
            Some(mode) => rustix::fs::fchmod(made, Mode::from_raw_mode(mode)).about(&self.root.name, path),
            None => Ok(()),
        }
    }

    /// The folder and name, under the temporary name, of a path of the tree that is built.
    fn temporary_place<'b>(&'b self, inner: &'b str) -> Result<(OwnedFd, &'b str)> {
        let again = |path: &str| {
            let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::NOFOLLOW;
            open_confined(&self.folder, path, flags, Mode::empty()).about(&self.root.name, self.path)
        };
        match inner.rsplit_once('/') {
            _ if inner.is_empty() => Ok((again(".")?, &self.temporary)),
            None => Ok((again(&self.temporary)?, inner)),
            Some((folder, name)) => Ok((again(&format!("{}/{folder}", self.temporary))?, name)),
        }
    }

    fn delete_temporary(&self, found: &Seen) -> Result<()> {
        if !matches!(found, Seen::Folder(_)) {
            return rustix::fs::unlinkat(&self.folder, self.temporary.as_str(), AtFlags::empty())
                .map_err(|errno| self.left(errno));
        }
        // By path and not by recursion, so that no depth of folders can exhaust descriptors or stack.
        let mut folders = vec![String::new()];
        let mut next = 0;
        while next < folders.len() {
            let inner = folders[next].clone();
            next += 1;
            let path = if inner.is_empty() {
                self.temporary.clone()
            } else {
                format!("{}/{inner}", self.temporary)
            };
            let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW;
            let folder =
                open_confined(&self.folder, &path, flags, Mode::empty()).map_err(|errno| self.left(errno))?;
            for entry in rustix::fs::Dir::read_from(&folder).map_err(|errno| self.left(errno))? {
                let entry = entry.map_err(|errno| self.left(errno))?;
                let name = entry.file_name();
                if matches!(name.to_bytes(), b"." | b"..") {
                    continue;
                }
                let is_folder = match rustix::fs::statat(&folder, name, AtFlags::SYMLINK_NOFOLLOW) {
                    Ok(stat) => matches!(seen(&stat), Seen::Folder(_)),
                    Err(Errno::NOENT) => continue,
                    Err(errno) => return Err(self.left(errno)),
                };
                if is_folder {
                    let name = name.to_str().map_err(|_| self.left(Errno::ILSEQ))?;
                    folders.push(if inner.is_empty() {
                        name.to_owned()
                    } else {
                        format!("{inner}/{name}")
                    });
                } else {
                    rustix::fs::unlinkat(&folder, name, AtFlags::empty())
                        .map_err(|errno| self.left(errno))?;
                }
            }
        }
        for inner in folders.iter().rev() {
            let (folder, name) = self.temporary_place(inner)?;
            rustix::fs::unlinkat(&folder, name, AtFlags::REMOVEDIR).map_err(|errno| self.left(errno))?;
        }
        Ok(())
    }

    fn left(&self, errno: Errno) -> Error {
        let reason = std::io::Error::from(errno);
        at(Kind::Failed, "P0337", &self.root.name, self.path)
            .with("left", &self.temporary)
            .with("reason", reason)
    }

    fn see(&self, name: &str) -> Result<Seen> {
        match rustix::fs::statat(&self.folder, name, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(stat) => Ok(seen(&stat)),
            Err(Errno::NOENT) => Ok(Seen::Absent),
            Err(errno) => Err(of_errno(&self.root.name, self.path, errno)),
        }
    }

    fn sync(&self) -> Result<()> {
        rustix::fs::fsync(&self.folder).about(&self.root.name, self.path)
    }
}

impl Place for LocalPlace<'_> {
    fn has_leftover(&self) -> Result<bool> {
        Ok(self.see(&self.temporary)? != Seen::Absent)
    }

    fn clear(&self) -> Result<()> {
        match self.see(&self.temporary)? {
            Seen::Absent => Ok(()),
            found => {
                self.delete_temporary(&found)?;
                self.sync()
            }
        }
    }

    fn put(&self, tree: &Tree, expects_nothing: bool, blobs: &dyn Blobs, stop: &Stop) -> Result<()> {
        self.clear()?;
        if tree.is_empty() {
            return self.remove();
        }
        let built = self
            .build(tree, blobs, stop)
            .and_then(|()| self.rename_into_place(expects_nothing));
        if let Err(error) = built {
            // The first failure is the one to tell. What cannot be removed now is removed by the next attempt.
            let _ = self.clear();
            return Err(error);
        }
        self.sync()?;
        // An exchange left the old content under the temporary name.
        self.clear()
    }
}
