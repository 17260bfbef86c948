//! A root's folder on this machine, and looking below it without ever leaving it.
//!
//! Every path is opened by `openat2` (Linux 5.6; openat2(2)) from a descriptor of the root's folder with `RESOLVE_BENEATH`,
//! `RESOLVE_NO_MAGICLINKS` and `RESOLVE_NO_SYMLINKS`: the kernel itself refuses `..`, absolute paths and links, also those
//! that somebody puts there while it looks. Links are followed by [`crate::view::View::resolve`], which turns a path into
//! one without links first. There is no other way to look for kernels without `openat2`: they are refused.

use crate::fault::{About, at, of_errno};
use crate::path::{RelPath, is_refused, shown};
use crate::place::LocalPlace;
use crate::root::{CHUNK, Folder, MOST_ENTRIES, Meta, Place, Seen, not_a_file};
use crate::settings::Settings;
use procedo_core::capability::Stop;
use procedo_core::{Error, Kind, Result};
use rustix::fs::{AtFlags, Dir, FileType, Mode, OFlags, ResolveFlags, Stat};
use rustix::io::Errno;
use std::fs::File;
use std::io::Read;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

const CONFINED: ResolveFlags = ResolveFlags::BENEATH
    .union(ResolveFlags::NO_MAGICLINKS)
    .union(ResolveFlags::NO_SYMLINKS);

/// A root's folder, held open.
#[derive(Debug)]
pub(crate) struct RootFolder {
    /// The root's name in the site.
    pub(crate) name: String,
    /// Where it really is: absolute and without links.
    real: PathBuf,
    folder: OwnedFd,
}

impl RootFolder {
    /// Opens a root's folder.
    pub(crate) fn open(name: &str, settings: &Settings) -> Result<Self> {
        let refuse = |reason: String| {
            Error::new(Kind::Unavailable, "P0303")
                .with("root", name)
                .with("folder", settings.path.display())
                .with("reason", reason)
        };
        let real = std::fs::canonicalize(&settings.path).map_err(|error| refuse(error.to_string()))?;
        settings.keep_apart(name, &real)?;
        let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let folder = rustix::fs::open(&real, flags, Mode::empty())
            .map_err(|errno| refuse(std::io::Error::from(errno).to_string()))?;
        let root = Self {
            name: name.to_owned(),
            real,
            folder,
        };
        match root.open_beneath(&RelPath::default(), OFlags::PATH | OFlags::DIRECTORY) {
            Ok(_) => Ok(root),
            // Container sandboxes that know no openat2 answer EPERM.
            Err(Errno::NOSYS | Errno::PERM) => {
                Err(Error::new(Kind::NotSupported, "P0308").with("root", name))
            }
            Err(errno) => Err(of_errno(name, &RelPath::default(), errno)),
        }
    }

    /// What the root's name stands for: the folder's path, file system and inode. The number of the device would not do:
    /// many file systems get another one whenever the machine starts.
    pub(crate) fn identity(settings: &Settings) -> String {
        let path = std::fs::canonicalize(&settings.path).unwrap_or_else(|_| settings.path.clone());
        match (std::fs::metadata(&path), rustix::fs::statvfs(&path)) {
            (Ok(data), Ok(system)) => {
                let (system, inode) = (system.f_fsid, data.ino());
                format!("{} (file system {system:x}, inode {inode})", path.display())
            }
            _ => path.display().to_string(),
        }
    }

    /// Opens a path that has no links in it.
    pub(crate) fn open_beneath(&self, path: &RelPath, flags: OFlags) -> rustix::io::Result<OwnedFd> {
        open_confined(&self.folder, path.for_kernel(), flags, Mode::empty())
    }

    /// What is at a path that has no links in it, except perhaps at its end.
    fn look(&self, path: &RelPath) -> rustix::io::Result<Seen> {
        match self.open_beneath(path, OFlags::PATH | OFlags::NOFOLLOW) {
            Ok(found) => Ok(seen(&rustix::fs::fstat(found)?)),
            Err(Errno::NOENT | Errno::NOTDIR) => Ok(Seen::Absent),
            Err(errno) => Err(errno),
        }
    }

    /// Opens a regular file for reading. Anything else is left closed: to open a device can have effects, and to open a
    /// pipe can wait forever.
    fn open_file(&self, path: &RelPath) -> Result<File> {
        match self.see(path)? {
            Seen::File(..) => {}
            other => return Err(not_a_file(&self.name, path, &other)),
        }
        // What the path names may have changed since: a pipe then does not make us wait, and is closed again.
        let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::NOFOLLOW;
        let file = self.open_beneath(path, flags).about(&self.name, path)?;
        match seen(&rustix::fs::fstat(&file).about(&self.name, path)?) {
            Seen::File(..) => Ok(File::from(file)),
            other => Err(not_a_file(&self.name, path, &other)),
        }
    }
}

impl Folder for RootFolder {
    fn absolute(&self, path: &RelPath) -> PathBuf {
        if path.is_root() {
            self.real.clone()
        } else {
            self.real.join(Path::new(path.as_str()))
        }
    }

    fn see(&self, path: &RelPath) -> Result<Seen> {
        self.look(path).about(&self.name, path)
    }

    fn link_target(&self, path: &RelPath) -> Result<String> {
        let link = self
            .open_beneath(path, OFlags::PATH | OFlags::NOFOLLOW)
            .about(&self.name, path)?;
        let target = rustix::fs::readlinkat(link, "", Vec::new()).about(&self.name, path)?;
        target.into_string().map_err(|raw| {
            let raw = raw.into_cstring();
            at(Kind::Invalid, "P0313", &self.name, path).with("name", shown(&raw.to_string_lossy()))
        })
    }

    fn list(&self, path: &RelPath) -> Result<Vec<(String, Seen)>> {
        let folder = self
            .open_beneath(path, OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW)
            .about(&self.name, path)?;
        let mut found = Vec::new();
        for entry in Dir::read_from(&folder).about(&self.name, path)? {
            let entry = entry.about(&self.name, path)?;
            let name = match entry.file_name().to_str() {
                Ok("." | "..") => continue,
                Ok(name) if !name.chars().any(is_refused) => name,
                _ => {
                    let name = entry.file_name().to_string_lossy();
                    return Err(at(Kind::Invalid, "P0313", &self.name, path).with("name", shown(&name)));
                }
            };
            if found.len() == MOST_ENTRIES {
                return Err(at(Kind::TooLarge, "P0312", &self.name, path).with("limit", MOST_ENTRIES));
            }
            match rustix::fs::statat(&folder, name, AtFlags::SYMLINK_NOFOLLOW) {
                Ok(stat) => found.push((name.to_owned(), seen(&stat))),
                // Removed since the folder was read.
                Err(Errno::NOENT) => {}
                Err(errno) => return Err(of_errno(&self.name, &path.join(name), errno)),
            }
        }
        Ok(found)
    }

    fn read(
        &self,
        path: &RelPath,
        size: u64,
        _stop: &Stop,
        take: &mut dyn FnMut(&[u8]) -> Result<()>,
    ) -> Result<()> {
        let mut file = self.open_file(path)?;
        let room = usize::try_from(size).unwrap_or(usize::MAX).saturating_add(1);
        let mut buffer = vec![0; room.clamp(8 << 10, CHUNK)];
        loop {
            let filled = fill(&mut file, &mut buffer).about(&self.name, path)?;
            if filled == 0 {
                return Ok(());
            }
            take(&buffer[..filled])?;
        }
    }

    fn place<'a>(&'a self, path: &'a RelPath, key: &str) -> Result<Box<dyn Place + 'a>> {
        Ok(Box::new(LocalPlace::open(self, path, key)?))
    }
}

/// Reads until the buffer is full or the file ends.
fn fill(file: &mut impl Read, buffer: &mut [u8]) -> std::io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match file.read(&mut buffer[filled..]) {
            Ok(0) => break,
            Ok(more) => filled += more,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

/// Opens a path below a folder without following any link.
pub(crate) fn open_confined(
    folder: impl AsFd,
    path: &str,
    flags: OFlags,
    mode: Mode,
) -> rustix::io::Result<OwnedFd> {
    loop {
        match rustix::fs::openat2(folder.as_fd(), path, flags | OFlags::CLOEXEC, mode, CONFINED) {
            Err(Errno::INTR) => {}
            result => return result,
        }
    }
}

/// What a status says.
pub(crate) fn seen(stat: &Stat) -> Seen {
    let meta = |mask: u32| Meta {
        mode: Some(stat.st_mode & mask),
        owner: Some((stat.st_uid, stat.st_gid)),
    };
    match FileType::from_raw_mode(stat.st_mode) {
        FileType::RegularFile => Seen::File(u64::try_from(stat.st_size).unwrap_or_default(), meta(0o777)),
        FileType::Directory => Seen::Folder(meta(0o7777)),
        FileType::Symlink => Seen::Link,
        _ => Seen::Special,
    }
}
