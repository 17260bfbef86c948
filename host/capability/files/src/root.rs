//! A root that is open, wherever its folder is: what can be done below it.
//!
//! A [`Folder`] only looks and reads, a [`Place`] only puts and removes; all else (links that are followed, what a plan has
//! changed so far, states, digests, text) is the same for all roots.

use crate::fault::at;
use crate::path::RelPath;
use crate::settings::Settings;
use crate::tree::Tree;
use procedo_core::capability::{Blobs, Stop};
use procedo_core::message::Message;
use procedo_core::{Error, Kind, Result};
use std::fmt;
use std::path::PathBuf;

/// How many entries a listing or a tree may have; as the WIT promises for a listing.
pub(crate) const MOST_ENTRIES: usize = 100_000;
/// How much is read, hashed, copied or kept as one blob at a time, in bytes.
pub(crate) const CHUNK: usize = 4 << 20;

/// Permission bits and owner of a file or folder; what is absent is as the system gives it to a new one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Meta {
    /// Permission bits; of a file without those that lend rights to who runs it, since its content changes.
    pub(crate) mode: Option<u32>,
    /// User and group.
    pub(crate) owner: Option<(u32, u32)>,
}

/// What the file system has at a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Seen {
    /// Nothing.
    Absent,
    /// A regular file of a size in bytes.
    File(u64, Meta),
    /// A folder.
    Folder(Meta),
    /// A symbolic link; where it leads is read when it matters.
    Link,
    /// A device, socket or pipe.
    Special,
}

/// A root that is open.
#[derive(Debug)]
pub(crate) struct Root {
    /// Its name in the site.
    pub(crate) name: String,
    /// Its settings.
    pub(crate) settings: Settings,
    /// Its folder.
    pub(crate) folder: Box<dyn Folder>,
}

/// A root's folder, and looking below it without ever leaving it. No path that it is given is followed through a link:
/// that is done by [`crate::view::View::resolve`], which turns a path into one without links first.
pub(crate) trait Folder: fmt::Debug + Send + Sync {
    /// A path that names something below it once and for all, for comparing with what lies below other roots.
    fn absolute(&self, path: &RelPath) -> PathBuf;

    /// What is at a path.
    ///
    /// # Errors
    /// `P0335` a link is on the way to it.
    fn see(&self, path: &RelPath) -> Result<Seen>;

    /// Where a link leads, as it is written.
    fn link_target(&self, path: &RelPath) -> Result<String>;

    /// What a folder holds, in no order.
    fn list(&self, path: &RelPath) -> Result<Vec<(String, Seen)>>;

    /// Says that everything below a folder will be asked for, so that it can be fetched at once.
    fn foresee(&self, _path: &RelPath) -> Result<()> {
        Ok(())
    }

    /// Hands on the bytes of a regular file that has had `size` of them, at most [`CHUNK`] at a time. Anything else is left
    /// closed: to open a device can have effects, and to open a pipe can wait forever.
    fn read(
        &self,
        path: &RelPath,
        size: u64,
        stop: &Stop,
        take: &mut dyn FnMut(&[u8]) -> Result<()>,
    ) -> Result<()>;

    /// The folder and name that a path stands for, for the call of a key.
    fn place<'a>(&'a self, path: &'a RelPath, key: &str) -> Result<Box<dyn Place + 'a>>;
}

/// Where a tree is put, whole or not at all.
pub(crate) trait Place {
    /// Whether an earlier attempt of the same call left something.
    fn has_leftover(&self) -> Result<bool>;

    /// Whether an earlier attempt stopped while it exchanged two things, and left neither of them at the path.
    fn is_swapping(&self) -> Result<bool> {
        Ok(false)
    }

    /// Removes what an earlier attempt of the same call left; what it has moved away without anything in its place, it puts
    /// back.
    fn clear(&self) -> Result<()>;

    /// Puts a tree in place of what is there; the empty tree removes it. The caller has made sure what is there, and
    /// `expects_nothing` says whether that was nothing.
    fn put(&self, tree: &Tree, expects_nothing: bool, blobs: &dyn Blobs, stop: &Stop) -> Result<()>;
}

impl Root {
    /// The root as people read it: with its machine, if it has one.
    pub(crate) fn label(&self) -> String {
        self.settings.label(&self.name)
    }

    /// An error as it is told: whatever names the root names its machine, too.
    pub(crate) fn told(&self, mut error: Error) -> Error {
        error.message = self.tells(error.message);
        error
    }

    /// A message that names the root's machine where it names the root.
    pub(crate) fn tells(&self, mut message: Message) -> Message {
        if let Some(root) = message.args.get_mut("root").filter(|root| **root == self.name) {
            *root = self.label();
        }
        message
    }
}

/// The temporary name under which a call builds what it puts at a path. Its form is a promise between versions: a newer
/// host must recognise what an older left.
pub(crate) fn temporary_name(key: &str, path: &RelPath) -> String {
    let digest = blake3::hash(format!("{key}\0{path}").as_bytes()).to_hex();
    format!(".procedo-{}.tmp", &digest[..16])
}

/// An error about something that should have been a regular file.
pub(crate) fn not_a_file(root: &str, path: &RelPath, found: &Seen) -> Error {
    match found {
        Seen::Absent => at(Kind::NotFound, "P0301", root, path),
        Seen::Special => at(Kind::Invalid, "P0310", root, path),
        Seen::Link => at(Kind::Conflict, "P0335", root, path),
        Seen::File(..) | Seen::Folder(_) => at(Kind::Conflict, "P0309", root, path)
            .with("expected", "regular")
            .with("found", "folder"),
    }
}
