//! What is, or shall be, at a path: nothing, a file, a link, or a folder with all that is in it.

use crate::fault::at;
use crate::path::RelPath;
use crate::root::{CHUNK, Meta, Root};
use procedo_core::capability::{Blobs, Stop};
use procedo_core::change::BlobId;
use procedo_core::value::Digest;
use procedo_core::{Error, Kind, Result};
use std::sync::Arc;

/// Where a file's bytes are.
#[derive(Clone, Debug)]
pub(crate) enum Content {
    /// In memory.
    Bytes(Arc<[u8]>),
    /// In the file system.
    Disk(Arc<Root>, RelPath),
    /// In the store, in pieces.
    Kept(Vec<BlobId>),
}

/// A regular file.
#[derive(Clone, Debug)]
pub(crate) struct FileItem {
    /// Its bytes.
    pub(crate) content: Content,
    /// How many they are.
    pub(crate) size: u64,
    /// Their digest, where it is known already.
    pub(crate) digest: Option<Digest>,
    /// Its permissions and owner.
    pub(crate) meta: Meta,
}

/// Something at a path.
#[derive(Clone, Debug)]
pub(crate) enum Item {
    /// A regular file.
    File(FileItem),
    /// A folder; what is in it has entries of its own.
    Folder(Meta),
    /// A symbolic link and where it leads.
    Link(String),
}

/// What is at a path and below it: each path from there (the first is empty) with what it names, folders before what is
/// in them. Empty: there is nothing.
pub(crate) type Tree = Vec<(String, Item)>;

impl FileItem {
    /// A file of these bytes.
    pub(crate) fn of(bytes: Vec<u8>, meta: Meta) -> Self {
        let digest = Some(Digest::of(&bytes));
        Self {
            size: bytes.len() as u64,
            digest,
            content: Content::Bytes(bytes.into()),
            meta,
        }
    }

    /// Hands the bytes on, piece by piece; tells their digest and number. `path` is the file's, for errors.
    pub(crate) fn stream(
        &self,
        root: &str,
        path: &RelPath,
        blobs: &dyn Blobs,
        stop: &Stop,
        mut take: impl FnMut(&[u8]) -> Result<()>,
    ) -> Result<(Digest, u64)> {
        let mut hasher = blake3::Hasher::new();
        let mut size = 0;
        let mut pass = |piece: &[u8]| {
            stop.check()?;
            hasher.update(piece);
            size += piece.len() as u64;
            take(piece)
        };
        match &self.content {
            Content::Bytes(bytes) => bytes.chunks(CHUNK).try_for_each(&mut pass)?,
            Content::Kept(ids) => ids.iter().try_for_each(|id| pass(&blobs.get(id)?))?,
            Content::Disk(root, source) => root.folder.read(source, self.size, stop, &mut pass)?,
        }
        let digest = Digest(*hasher.finalize().as_bytes());
        match (&self.content, self.digest) {
            (_, None) => Ok((digest, size)),
            (_, Some(expected)) if expected == digest => Ok((digest, size)),
            // A recorded state was put together from parts of others.
            (Content::Kept(_), _) => Err(crate::state::made_up(root, path)),
            _ => Err(at(Kind::Conflict, "P0335", root, path)),
        }
    }

    /// All the bytes, if they are no more than `limit`.
    pub(crate) fn bytes(
        &self,
        root: &str,
        path: &RelPath,
        blobs: &dyn Blobs,
        stop: &Stop,
        limit: u64,
    ) -> Result<Arc<[u8]>> {
        let check = |size| {
            if size > limit {
                Err(too_large(root, path, size, limit))
            } else {
                Ok(())
            }
        };
        check(self.size)?;
        if let Content::Bytes(bytes) = &self.content {
            return Ok(bytes.clone());
        }
        let mut all = Vec::new();
        self.stream(root, path, blobs, stop, |piece| {
            all.extend_from_slice(piece);
            check(all.len() as u64)
        })?;
        Ok(all.into())
    }
}

/// A file of `size` bytes where at most `limit` are taken.
pub(crate) fn too_large(root: &str, path: &RelPath, size: u64, limit: u64) -> Error {
    at(Kind::TooLarge, "P0311", root, path)
        .with("size", size)
        .with("limit", limit)
}

/// How many regular files a tree has and how many bytes they hold.
pub(crate) fn weigh(tree: &Tree) -> (u64, u64) {
    tree.iter().fold((0, 0), |(files, bytes), (_, item)| match item {
        Item::File(file) => (files + 1, bytes + file.size),
        Item::Folder(_) | Item::Link(_) => (files, bytes),
    })
}
