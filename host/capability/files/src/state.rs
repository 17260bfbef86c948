//! Recorded states: what a journal says was at a path, with all that is needed to put it back.
//!
//! A state names the content it keeps by blobs. A blob's name is a keyed digest, so that a state cannot be made up by who
//! does not hold the site's key: [`State::load`] accepts nothing whose blobs the store does not have.

use crate::path::RelPath;
use crate::root::Meta;
use crate::tree::{Content, FileItem, Item, Tree};
use procedo_core::capability::{Blobs, Stop};
use procedo_core::change::BlobId;
use procedo_core::value::Digest;
use procedo_core::{Error, Kind, Result};
use serde::{Deserialize, Serialize};

/// What was at a path.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub(crate) enum State {
    /// Nothing.
    Absent,
    /// A regular file.
    Regular(Regular),
    /// A symbolic link.
    Link(Link),
    /// A folder with all that was in it.
    Folder {
        /// The digest of all paths in it with their contents.
        digest: Digest,
        /// How many regular files it had.
        files: u64,
        /// How many bytes they held.
        bytes: u64,
        /// What was in it, as a list; absent if the contents were not kept.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        listing: Option<BlobId>,
    },
}

/// A regular file of a recorded state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Regular {
    digest: Digest,
    size: u64,
    #[serde(flatten)]
    rights: Rights,
    /// The content in pieces; empty if it was not kept (an empty file keeps one empty piece).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    blobs: Vec<BlobId>,
}

/// A symbolic link of a recorded state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Link {
    target: String,
    /// The target once more, which shows that the state was recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    blob: Option<BlobId>,
}

/// Permissions and owner.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Rights {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    mode: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    owner: Option<(u32, u32)>,
}

/// One path of a recorded folder.
#[derive(Debug, Serialize, Deserialize)]
struct Listed {
    path: String,
    #[serde(flatten)]
    what: ListedItem,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
enum ListedItem {
    Regular(Regular),
    Link(Link),
    Folder(Rights),
}

impl State {
    /// Records a tree. With `keep`, its contents go into the store, so that the state can be put back. Digests that were
    /// not known are noted in the tree. `path` is the tree's, for errors.
    pub(crate) fn record(
        tree: &mut Tree,
        root: &str,
        path: &RelPath,
        blobs: &dyn Blobs,
        keep: bool,
        stop: &Stop,
    ) -> Result<Self> {
        let mut listed = Vec::with_capacity(tree.len());
        for (inner, item) in tree.iter_mut() {
            let what = match item {
                Item::File(file) => {
                    ListedItem::Regular(record_file(file, root, &path.below(inner), blobs, keep, stop)?)
                }
                Item::Link(target) => {
                    let blob = if keep {
                        Some(blobs.put(target.as_bytes())?)
                    } else {
                        None
                    };
                    ListedItem::Link(Link {
                        target: target.clone(),
                        blob,
                    })
                }
                Item::Folder(meta) => ListedItem::Folder(Rights::of(*meta)),
            };
            listed.push(Listed {
                path: inner.clone(),
                what,
            });
        }
        if !listed
            .first()
            .is_some_and(|first| matches!(first.what, ListedItem::Folder(_)))
        {
            return Ok(match listed.pop().map(|only| only.what) {
                Some(ListedItem::Regular(file)) => Self::Regular(file),
                Some(ListedItem::Link(link)) => Self::Link(link),
                _ => Self::Absent,
            });
        }
        let (files, bytes) = crate::tree::weigh(tree);
        let digest = digest_of(&listed);
        let listing = if keep {
            Some(blobs.put(&to_json(root, path, &listed)?)?)
        } else {
            None
        };
        Ok(Self::Folder {
            digest,
            files,
            bytes,
            listing,
        })
    }

    /// The word for what it is, as in the WIT; `absent` for nothing.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Absent => "absent",
            Self::Regular(_) => "regular",
            Self::Link(_) => "link",
            Self::Folder { .. } => "folder",
        }
    }

    /// The digest of its content: of a file's bytes, a link's target, a folder's list.
    pub(crate) fn digest(&self) -> Option<Digest> {
        match self {
            Self::Absent => None,
            Self::Regular(file) => Some(file.digest),
            Self::Link(link) => Some(Digest::of(link.target.as_bytes())),
            Self::Folder { digest, .. } => Some(*digest),
        }
    }

    /// The beginning of the digest, for people; empty for nothing.
    pub(crate) fn short(&self) -> String {
        self.digest().map_or_else(String::new, |digest| digest.short())
    }

    /// Whether both are the same kind of thing with the same content. Permissions and owners do not count.
    pub(crate) fn same(&self, other: &Self) -> bool {
        self.kind() == other.kind() && self.digest() == other.digest()
    }

    /// Whether the content was kept, so that the state can be put back.
    pub(crate) fn is_kept(&self) -> bool {
        match self {
            Self::Absent => true,
            Self::Regular(file) => !file.blobs.is_empty(),
            Self::Link(link) => link.blob.is_some(),
            Self::Folder { listing, .. } => listing.is_some(),
        }
    }

    /// The tree that was recorded. A state that this site's store did not keep is refused.
    pub(crate) fn load(self, root: &str, path: &RelPath, blobs: &dyn Blobs) -> Result<Tree> {
        let listed = match self {
            Self::Absent => return Ok(Tree::new()),
            Self::Regular(file) => vec![Listed {
                path: String::new(),
                what: ListedItem::Regular(file),
            }],
            Self::Link(link) => vec![Listed {
                path: String::new(),
                what: ListedItem::Link(link),
            }],
            Self::Folder { digest, listing, .. } => {
                let listing = listing.ok_or_else(|| made_up(root, path))?;
                let bytes = blobs.get(&listing)?;
                let listed: Vec<Listed> = serde_json::from_slice(&bytes).map_err(|_| made_up(root, path))?;
                if digest_of(&listed) != digest {
                    return Err(made_up(root, path));
                }
                listed
            }
        };
        listed
            .into_iter()
            .map(|Listed { path: inner, what }| {
                let item = match what {
                    ListedItem::Regular(file) if !file.blobs.is_empty() => Item::File(FileItem {
                        content: Content::Kept(file.blobs),
                        size: file.size,
                        digest: Some(file.digest),
                        meta: Meta {
                            mode: file.rights.mode.map(|mode| mode & 0o777),
                            owner: file.rights.owner,
                        },
                    }),
                    ListedItem::Link(Link {
                        target,
                        blob: Some(blob),
                    }) if blobs.get(&blob)? == target.as_bytes() => Item::Link(target),
                    ListedItem::Folder(rights) => Item::Folder(Meta {
                        mode: rights.mode,
                        owner: rights.owner,
                    }),
                    ListedItem::Regular(_) | ListedItem::Link(_) => return Err(made_up(root, path)),
                };
                Ok((inner, item))
            })
            .collect()
    }
}

impl Rights {
    fn of(meta: Meta) -> Self {
        Self {
            mode: meta.mode,
            owner: meta.owner,
        }
    }
}

/// A state that no change of this site recorded.
pub(crate) fn made_up(root: &str, path: &RelPath) -> Error {
    crate::fault::at(Kind::Invalid, "P0332", root, path)
}

fn record_file(
    file: &mut FileItem,
    root: &str,
    path: &RelPath,
    blobs: &dyn Blobs,
    keep: bool,
    stop: &Stop,
) -> Result<Regular> {
    let mut kept = match &file.content {
        Content::Kept(ids) if keep => ids.clone(),
        Content::Kept(_) | Content::Bytes(_) | Content::Disk(..) => Vec::new(),
    };
    let keeps_now = keep && kept.is_empty();
    let (digest, size) = match file.digest {
        Some(digest) if !keeps_now => (digest, file.size),
        _ => file.stream(root, path, blobs, stop, |piece| {
            if keeps_now {
                kept.push(blobs.put(piece)?);
            }
            Ok(())
        })?,
    };
    if keeps_now && kept.is_empty() {
        kept.push(blobs.put(b"")?);
    }
    (file.digest, file.size) = (Some(digest), size);
    Ok(Regular {
        digest,
        size,
        rights: Rights::of(file.meta),
        blobs: kept,
    })
}

fn digest_of(listed: &[Listed]) -> Digest {
    let mut hasher = blake3::Hasher::new();
    for Listed { path, what } in listed {
        let (kind, content) = match what {
            ListedItem::Regular(file) => ("regular", file.digest.to_string()),
            ListedItem::Link(link) => ("link", link.target.clone()),
            ListedItem::Folder(_) => ("folder", String::new()),
        };
        // No path or target holds a NUL, so that no two lists are written the same.
        hasher.update(format!("{path}\0{kind}\0{content}\0").as_bytes());
    }
    Digest(*hasher.finalize().as_bytes())
}

fn to_json(root: &str, path: &RelPath, listed: &[Listed]) -> Result<Vec<u8>> {
    serde_json::to_vec(listed)
        .map_err(|error| crate::fault::at(Kind::Failed, "P0328", root, path).with("reason", error))
}
