//! A folder, byte for byte.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// What is at a path.
#[derive(Clone, PartialEq, Eq)]
pub enum Node {
    /// A file with its permissions and content.
    File(u32, Vec<u8>),
    /// A folder with its permissions.
    Folder(u32),
    /// A link and where it leads.
    Link(PathBuf),
}

/// A folder with everything in it. What a program works with beside the content, such as its temporary files, is part of it.
#[derive(Clone, PartialEq, Eq)]
pub struct Tree(pub BTreeMap<String, Node>);

impl Tree {
    /// A folder as it is now.
    pub fn of(folder: &Path) -> Self {
        let mut nodes = BTreeMap::new();
        walk(folder, "", &mut nodes);
        Self(nodes)
    }

    /// Puts a folder into this state. The folder itself stays the same one.
    pub fn put_to(&self, folder: &Path) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let entry = entry.unwrap();
            if entry.file_type().unwrap().is_dir() {
                std::fs::remove_dir_all(entry.path()).unwrap();
            } else {
                std::fs::remove_file(entry.path()).unwrap();
            }
        }
        for (path, node) in &self.0 {
            let path = folder.join(path);
            match node {
                Node::Folder(mode) => {
                    std::fs::create_dir(&path).unwrap();
                    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(*mode)).unwrap();
                }
                Node::File(mode, bytes) => {
                    std::fs::write(&path, bytes).unwrap();
                    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(*mode)).unwrap();
                }
                Node::Link(to) => std::os::unix::fs::symlink(to, &path).unwrap(),
            }
        }
    }

    /// What differs from another folder, in words; nothing if they are the same.
    pub fn differences(&self, other: &Self) -> Vec<String> {
        let mut told = Vec::new();
        for (path, node) in &self.0 {
            match other.0.get(path) {
                None => told.push(format!("{path} is not there")),
                Some(found) if found != node => told.push(format!("{path} is {found:?} and not {node:?}")),
                Some(_) => {}
            }
        }
        let more = other.0.keys().filter(|path| !self.0.contains_key(*path));
        told.extend(more.map(|path| format!("{path} is there, too")));
        told
    }

    /// The files below a path.
    pub fn files_below(&self, path: &str) -> Vec<&str> {
        let files = self.0.iter().filter(|(_, node)| matches!(node, Node::File(..)));
        files
            .map(|(path, _)| path.as_str())
            .filter(|found| found.starts_with(path))
            .collect()
    }
}

impl std::fmt::Debug for Node {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::File(mode, bytes) => {
                let start = String::from_utf8_lossy(&bytes[..bytes.len().min(80)]);
                write!(f, "a file of {} bytes ({mode:o}) {start:?}", bytes.len())
            }
            Self::Folder(mode) => write!(f, "a folder ({mode:o})"),
            Self::Link(to) => write!(f, "a link to {}", to.display()),
        }
    }
}

fn walk(folder: &Path, below: &str, nodes: &mut BTreeMap<String, Node>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let name = format!("{below}{}", entry.file_name().to_string_lossy());
        let about = entry.path().symlink_metadata().unwrap();
        let mode = about.permissions().mode() & 0o7777;
        let node = if about.is_symlink() {
            Node::Link(std::fs::read_link(entry.path()).unwrap())
        } else if about.is_dir() {
            walk(&entry.path(), &format!("{name}/"), nodes);
            Node::Folder(mode)
        } else {
            Node::File(mode, std::fs::read(entry.path()).unwrap())
        };
        nodes.insert(name, node);
    }
}
