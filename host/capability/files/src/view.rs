//! The one way to look at files: the file system, with what a plan has changed so far laid over it.

use crate::fault::at;
use crate::path::RelPath;
use crate::root::{MOST_ENTRIES, Meta, Root, Seen};
use crate::state::State;
use crate::tree::{Content, FileItem, Item, Tree, weigh};
use procedo_core::capability::{Blobs, Stop};
use procedo_core::{Error, Kind, Result};
use std::collections::{BTreeMap, VecDeque};
use std::ops::Bound;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// How many links one path may lead through; as many as Linux follows (path_resolution(7)).
const MOST_LINKS: usize = 40;

/// What a plan has changed so far, by absolute path, so that roots which overlap see each other's changes. A folder here
/// was made by the plan: nothing in the file system shows through it.
#[derive(Debug, Default)]
pub(crate) struct Layer {
    nodes: BTreeMap<PathBuf, Node>,
}

#[derive(Clone, Debug)]
enum Node {
    Gone,
    Item(Item),
}

/// What the layer says about a path.
enum Shadow<'a> {
    /// The plan did not touch it.
    Silent,
    /// The plan left nothing there.
    Nothing,
    /// The plan put this there.
    Item(&'a Item),
}

impl Layer {
    /// Whether the plan has changed nothing so far.
    pub(crate) fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    fn says(&self, path: &Path) -> Shadow<'_> {
        match self.nodes.get(path) {
            Some(Node::Item(item)) => Shadow::Item(item),
            Some(Node::Gone) => Shadow::Nothing,
            None if path
                .ancestors()
                .skip(1)
                .any(|above| self.nodes.contains_key(above)) =>
            {
                Shadow::Nothing
            }
            None => Shadow::Silent,
        }
    }

    fn below<'a>(&'a self, path: &'a Path) -> impl Iterator<Item = (&'a PathBuf, &'a Node)> {
        self.nodes
            .range::<Path, _>((Bound::Excluded(path), Bound::Unbounded))
            .take_while(move |(found, _)| found.starts_with(path))
    }

    fn put(&mut self, path: PathBuf, tree: &Tree) {
        let hidden: Vec<PathBuf> = self.below(&path).map(|(found, _)| found.clone()).collect();
        for each in hidden {
            self.nodes.remove(&each);
        }
        for (inner, item) in tree {
            let at = if inner.is_empty() {
                path.clone()
            } else {
                path.join(inner)
            };
            self.nodes.insert(at, Node::Item(item.clone()));
        }
        if tree.is_empty() {
            self.nodes.insert(path, Node::Gone);
        }
    }
}

/// What is at a path.
#[derive(Clone, Debug)]
pub(crate) enum Found {
    /// Nothing.
    Absent,
    /// A regular file.
    File(FileItem),
    /// A folder.
    Folder(Meta),
    /// A symbolic link.
    Link,
    /// A device, socket or pipe.
    Special,
}

impl Found {
    /// The word for it, as in the WIT; `absent` for nothing.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Absent => "absent",
            Self::File(_) => "regular",
            Self::Folder(_) => "folder",
            Self::Link => "link",
            Self::Special => "special",
        }
    }
}

/// Whether a link at the very end of a path is followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Last {
    /// To what it leads to.
    Follow,
    /// No: the link itself is meant.
    Keep,
}

/// Files below a root as a call sees them.
pub(crate) struct View<'a> {
    /// The root.
    pub(crate) root: &'a Arc<Root>,
    /// The store's blobs, for contents that a plan would take from there.
    pub(crate) blobs: &'a dyn Blobs,
    /// Set when the work shall end.
    pub(crate) stop: &'a Stop,
    layer: Option<&'a mut Layer>,
}

impl<'a> View<'a> {
    /// The file system alone.
    pub(crate) fn real(root: &'a Arc<Root>, blobs: &'a dyn Blobs, stop: &'a Stop) -> Self {
        Self {
            root,
            blobs,
            stop,
            layer: None,
        }
    }

    /// The file system under what a plan has changed so far.
    pub(crate) fn planned(
        root: &'a Arc<Root>,
        layer: &'a mut Layer,
        blobs: &'a dyn Blobs,
        stop: &'a Stop,
    ) -> Self {
        Self {
            root,
            blobs,
            stop,
            layer: Some(layer),
        }
    }

    /// Whether a plan has changed something so far.
    pub(crate) fn is_overlaid(&self) -> bool {
        self.layer.as_ref().is_some_and(|layer| !layer.is_empty())
    }

    /// Has the plan put a tree at a path, in place of what is there.
    pub(crate) fn put(&mut self, path: &RelPath, tree: &Tree) {
        let absolute = self.root.folder.absolute(path);
        if let Some(layer) = &mut self.layer {
            layer.put(absolute, tree);
        }
    }

    /// An error about a path of this root.
    pub(crate) fn error(&self, kind: Kind, code: &str, path: &RelPath) -> Error {
        at(kind, code, &self.root.name, path)
    }

    /// The path without links that a path leads to. It need not exist. Links are followed only below the root.
    pub(crate) fn resolve(&self, path: &RelPath, last: Last) -> Result<RelPath> {
        if !self.is_overlaid() {
            match self.root.folder.see(path) {
                Ok(Seen::Link) if last == Last::Follow => {}
                // A link on the way: follow it below.
                Err(error) if error.code == "P0335" => {}
                Ok(_) => return Ok(path.clone()),
                Err(error) => return Err(error),
            }
        }
        let mut done = RelPath::default();
        let mut to_do: VecDeque<String> = path.parts().map(str::to_owned).collect();
        let mut links = 0;
        let mut link = RelPath::default();
        while let Some(part) = to_do.pop_front() {
            if part == ".." {
                done = done.split().ok_or_else(|| self.leaves(path, &link))?.0;
                continue;
            }
            let next = done.join(&part);
            if (last == Last::Keep && to_do.is_empty()) || !matches!(self.at(&next)?, Found::Link) {
                done = next;
                continue;
            }
            let target = self.link_target(&next)?;
            links += 1;
            link = next;
            if links > MOST_LINKS {
                return Err(self.error(Kind::Invalid, "P0334", path).with("limit", MOST_LINKS));
            }
            if target.starts_with('/') {
                return Err(self.leaves(path, &link));
            }
            for part in target.split('/').rev().filter(|part| !matches!(*part, "" | ".")) {
                to_do.push_front(part.to_owned());
            }
        }
        Ok(done)
    }

    fn leaves(&self, path: &RelPath, link: &RelPath) -> Error {
        self.error(Kind::Denied, "P0307", path).with("link", link)
    }

    /// What is at a path without links in it, except perhaps at its end.
    pub(crate) fn at(&self, path: &RelPath) -> Result<Found> {
        if let Some(layer) = &self.layer {
            match layer.says(&self.root.folder.absolute(path)) {
                Shadow::Nothing => return Ok(Found::Absent),
                Shadow::Item(Item::File(file)) => return Ok(Found::File(file.clone())),
                Shadow::Item(Item::Folder(meta)) => return Ok(Found::Folder(*meta)),
                Shadow::Item(Item::Link(_)) => return Ok(Found::Link),
                Shadow::Silent => {}
            }
        }
        let seen = self.root.folder.see(path)?;
        Ok(self.found(path, &seen))
    }

    fn found(&self, path: &RelPath, seen: &Seen) -> Found {
        match seen {
            Seen::Absent => Found::Absent,
            Seen::File(size, meta) => Found::File(FileItem {
                content: Content::Disk(Arc::clone(self.root), path.clone()),
                size: *size,
                digest: None,
                meta: *meta,
            }),
            Seen::Folder(meta) => Found::Folder(*meta),
            Seen::Link => Found::Link,
            Seen::Special => Found::Special,
        }
    }

    /// Where a link leads, as it is written.
    pub(crate) fn link_target(&self, path: &RelPath) -> Result<String> {
        if let Some(layer) = &self.layer
            && let Shadow::Item(Item::Link(target)) = layer.says(&self.root.folder.absolute(path))
        {
            return Ok(target.clone());
        }
        self.root.folder.link_target(path)
    }

    /// The regular file at a path without links.
    pub(crate) fn file(&self, path: &RelPath) -> Result<FileItem> {
        match self.at(path)? {
            Found::File(file) => Ok(file),
            other => Err(self.wrong_kind(path, "regular", &other)),
        }
    }

    /// An error unless there is a folder at a path without links.
    pub(crate) fn expect_folder(&self, path: &RelPath) -> Result<()> {
        match self.at(path)? {
            Found::Folder(_) => Ok(()),
            other => Err(self.wrong_kind(path, "folder", &other)),
        }
    }

    /// An error unless the folder that holds a path is there.
    pub(crate) fn expect_parent(&self, path: &RelPath) -> Result<()> {
        let Some((parent, _)) = path.split() else {
            return Err(self.wrong_kind(path, "regular", &Found::Folder(Meta::default())));
        };
        match self.at(&parent)? {
            Found::Absent => Err(self.error(Kind::NotFound, "P0317", path).with("folder", &parent)),
            _ => self.expect_folder(&parent),
        }
    }

    fn wrong_kind(&self, path: &RelPath, expected: &str, found: &Found) -> Error {
        match found {
            Found::Absent => self.error(Kind::NotFound, "P0301", path),
            Found::Special => self.error(Kind::Invalid, "P0310", path),
            _ => self
                .error(Kind::Conflict, "P0309", path)
                .with("expected", expected)
                .with("found", found.kind()),
        }
    }

    /// Whether what the file system has at a path is what is seen there.
    fn shows_through(&self, absolute: &Path) -> bool {
        self.layer
            .as_ref()
            .is_none_or(|layer| matches!(layer.says(absolute), Shadow::Silent))
    }

    /// What is in a folder, sorted by name.
    pub(crate) fn list(&self, folder: &RelPath) -> Result<BTreeMap<String, Found>> {
        self.expect_folder(folder)?;
        let absolute = self.root.folder.absolute(folder);
        let mut all = BTreeMap::new();
        if self.shows_through(&absolute) {
            for (name, seen) in self.root.folder.list(folder)? {
                let found = self.found(&folder.join(&name), &seen);
                all.insert(name, found);
            }
        }
        let Some(layer) = &self.layer else { return Ok(all) };
        for (path, node) in layer
            .below(&absolute)
            .filter(|(path, _)| path.parent() == Some(&absolute))
        {
            // Every path in the layer was made from checked UTF-8 parts, below a root or as the root itself.
            let Some(name) = path.file_name().and_then(|name| name.to_str()) else {
                continue;
            };
            match node {
                Node::Gone => drop(all.remove(name)),
                Node::Item(Item::File(file)) => drop(all.insert(name.to_owned(), Found::File(file.clone()))),
                Node::Item(Item::Folder(meta)) => drop(all.insert(name.to_owned(), Found::Folder(*meta))),
                Node::Item(Item::Link(_)) => drop(all.insert(name.to_owned(), Found::Link)),
            }
        }
        Ok(all)
    }

    /// What is in a folder and in all folders below it, sorted by path, by the path from the folder.
    pub(crate) fn walk(&self, folder: &RelPath) -> Result<BTreeMap<String, Found>> {
        if self.shows_through(&self.root.folder.absolute(folder)) {
            self.root.folder.foresee(folder)?;
        }
        let mut all = BTreeMap::new();
        let mut to_do = vec![String::new()];
        while let Some(inner) = to_do.pop() {
            self.stop.check()?;
            for (name, found) in self.list(&folder.below(&inner))? {
                let path = if inner.is_empty() {
                    name
                } else {
                    format!("{inner}/{name}")
                };
                if matches!(found, Found::Folder(_)) {
                    to_do.push(path.clone());
                }
                if all.len() == MOST_ENTRIES {
                    return Err(self
                        .error(Kind::TooLarge, "P0312", folder)
                        .with("limit", MOST_ENTRIES));
                }
                all.insert(path, found);
            }
        }
        Ok(all)
    }

    /// What is at a path without links, with all that is below it. Digests are not computed yet.
    pub(crate) fn tree(&self, path: &RelPath) -> Result<Tree> {
        let item = |inner: String, found: Found| -> Result<Option<(String, Item)>> {
            let at = path.below(&inner);
            Ok(Some(match found {
                Found::Absent => return Ok(None),
                Found::File(file) => (inner, Item::File(file)),
                Found::Folder(meta) => (inner, Item::Folder(meta)),
                Found::Link => (inner, Item::Link(self.link_target(&at)?)),
                Found::Special => return Err(self.error(Kind::Invalid, "P0310", &at)),
            }))
        };
        let top = self.at(path)?;
        let below = if matches!(top, Found::Folder(_)) {
            self.walk(path)?
        } else {
            BTreeMap::new()
        };
        std::iter::once((String::new(), top))
            .chain(below)
            .filter_map(|(inner, found)| item(inner, found).transpose())
            .collect()
    }

    /// The state of a path without links, for comparing: nothing is kept.
    pub(crate) fn state(&self, path: &RelPath) -> Result<State> {
        State::record(
            &mut self.tree(path)?,
            &self.root.name,
            path,
            self.blobs,
            false,
            self.stop,
        )
    }

    /// The state of a path without links, kept for an undo unless it is larger than the root's limit.
    pub(crate) fn record(&self, path: &RelPath) -> Result<State> {
        let mut tree = self.tree(path)?;
        let keep = weigh(&tree).1 <= self.root.settings.max_undo_bytes;
        State::record(&mut tree, &self.root.name, path, self.blobs, keep, self.stop)
    }
}
