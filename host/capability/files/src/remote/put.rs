//! Putting a tree at a path of a machine, whole or not at all.
//!
//! What is to be done is sent as commands of `script/put.sh` with the contents between them, in as few exchanges as fit into
//! memory; the last of them ends with the one rename. A connection that is cut before that leaves only the temporary folder.

use crate::fault::at;
use crate::path::RelPath;
use crate::remote::Remote;
use crate::remote::fault::refused;
use crate::remote::records::escaped;
use crate::root::{CHUNK, Folder, Meta, Place, Seen, temporary_name};
use crate::tree::{FileItem, Item, Tree};
use procedo_core::capability::{Blobs, Stop};
use procedo_core::{Kind, Result};
use std::cell::Cell;

/// The folder and name that a path without links stands for.
pub(crate) struct RemotePlace<'a> {
    root: &'a Remote,
    path: &'a RelPath,
    folder: RelPath,
    name: &'a str,
    temporary: String,
    /// Whether it is known that no earlier attempt left anything.
    is_clear: Cell<bool>,
}

impl<'a> RemotePlace<'a> {
    /// Looks at the folder that holds `path`, for the call of a key.
    pub(crate) fn open(root: &'a Remote, path: &'a RelPath, key: &str) -> Result<Self> {
        let (folder, name) = path
            .split()
            .ok_or_else(|| at(Kind::Invalid, "P0336", &root.name, path))?;
        let temporary = temporary_name(key, path);
        // Asked for together, since both will be wanted.
        root.look(&[path, &folder.join(&temporary)])?;
        match root.see(&folder)? {
            Seen::Folder(_) => {}
            Seen::Absent => return Err(at(Kind::NotFound, "P0301", &root.name, &folder)),
            _ => return Err(root.changed(&folder)),
        }
        Ok(Self {
            root,
            path,
            folder,
            name,
            temporary,
            is_clear: Cell::new(false),
        })
    }

    fn run(&self, commands: &[u8], stop: &Stop) -> Result<()> {
        let mut input = format!("{}\n", self.folder.as_str()).into_bytes();
        input.extend_from_slice(commands);
        // Nothing that was seen before can be relied on afterwards, also where it fails.
        self.root.forget();
        let output = self.root.run(
            include_str!("script/put.sh"),
            &[&self.temporary],
            input,
            64 << 10,
            stop,
        )?;
        if output.code == 0 {
            Ok(())
        } else {
            Err(refused(&self.root.name, self.path, &self.temporary, &output))
        }
    }

    fn sweep(&self) -> Result<()> {
        self.run(
            format!("clear\n{}\ncomplete\n", self.name).as_bytes(),
            &Stop::default(),
        )?;
        self.is_clear.set(true);
        Ok(())
    }

    /// Sends everything; the last exchange puts it into its place.
    fn send(&self, tree: &Tree, stamp: &str, blobs: &dyn Blobs, stop: &Stop) -> Result<()> {
        let mut upload = Upload {
            place: self,
            stop,
            commands: b"begin\n".to_vec(),
        };
        for (inner, item) in tree {
            let named = line(inner);
            match item {
                Item::Folder(_) => upload.add(&format!("folder\n{named}\n"), &[])?,
                Item::Link(target) => upload.add(&format!("link\n{named}\n{}\n", escaped(target)), &[])?,
                Item::File(file) => upload.file(file, &named, &self.path.below(inner), blobs)?,
            }
        }
        // Rights of folders come last, so that one which may not be written can be filled; and from below, so that it can
        // be reached.
        for (inner, item) in tree.iter().rev() {
            if let Item::Folder(meta) = item {
                upload.add(&rights(*meta, &line(inner)), &[])?;
            }
        }
        upload.add(&format!("place {stamp}\n{}\ncomplete\n", self.name), &[])?;
        self.run(&upload.commands, stop)
    }
}

/// A path of the tree as the script wants it: from what it builds.
fn line(inner: &str) -> String {
    if inner.is_empty() {
        String::new()
    } else {
        format!("/{inner}")
    }
}

fn rights(meta: Meta, named: &str) -> String {
    let mode = meta
        .mode
        .map_or_else(|| "-".to_owned(), |mode| format!("{mode:o}"));
    let owner = meta
        .owner
        .map_or_else(|| "-".to_owned(), |(user, group)| format!("{user}:{group}"));
    format!("rights {mode} {owner}\n{named}\n")
}

/// Commands that were not sent yet.
struct Upload<'a> {
    place: &'a RemotePlace<'a>,
    stop: &'a Stop,
    commands: Vec<u8>,
}

impl Upload<'_> {
    /// Adds a command and what comes after it; sends what has gathered before, if it is a chunk.
    fn add(&mut self, command: &str, bytes: &[u8]) -> Result<()> {
        if self.commands.len() + bytes.len() > CHUNK {
            let commands = std::mem::replace(&mut self.commands, b"again\n".to_vec());
            self.place.run(&commands, self.stop)?;
        }
        self.commands.extend_from_slice(command.as_bytes());
        self.commands.extend_from_slice(bytes);
        Ok(())
    }

    fn file(&mut self, file: &FileItem, named: &str, path: &RelPath, blobs: &dyn Blobs) -> Result<()> {
        let rule = if file.meta.mode.is_some() {
            "closed"
        } else {
            "usual"
        };
        let mut is_there = false;
        let mut piece = |upload: &mut Self, bytes: &[u8]| {
            let command = if is_there {
                format!("more {}\n{named}\n", bytes.len())
            } else {
                format!("file {} {rule}\n{named}\n", bytes.len())
            };
            is_there = true;
            upload.add(&command, bytes)?;
            upload.commands.extend_from_slice(b"complete\n");
            Ok(())
        };
        let (root, stop) = (self.place.root.name.clone(), self.stop);
        let (_, size) = file.stream(&root, path, blobs, stop, |bytes| piece(self, bytes))?;
        if size == 0 {
            piece(self, &[])?;
        }
        self.add(&rights(file.meta, named), &[])
    }
}

impl Place for RemotePlace<'_> {
    fn has_leftover(&self) -> Result<bool> {
        if self.is_clear.get() {
            return Ok(false);
        }
        let found = self.root.see(&self.folder.join(&self.temporary))?;
        self.is_clear.set(found == Seen::Absent);
        Ok(found != Seen::Absent)
    }

    fn is_swapping(&self) -> Result<bool> {
        let swap = self.folder.join(&self.temporary).join("swap");
        Ok(self.root.see(self.path)? == Seen::Absent && matches!(self.root.see(&swap)?, Seen::Folder(_)))
    }

    fn clear(&self) -> Result<()> {
        if self.has_leftover()? {
            self.sweep()
        } else {
            Ok(())
        }
    }

    fn put(&self, tree: &Tree, expects_nothing: bool, blobs: &dyn Blobs, stop: &Stop) -> Result<()> {
        self.clear()?;
        let found = self.root.record(self.path)?;
        let stamp = match &found {
            _ if expects_nothing => "-",
            Some(record) => &record.stamp,
            None => "-",
        };
        let name = self.name;
        let put = match found.as_ref().map(|record| &record.seen) {
            _ if !tree.is_empty() => self.send(tree, stamp, blobs, stop),
            None => return Ok(()),
            Some(Seen::Folder(_)) => {
                let commands = format!("begin\nremove {stamp}\n{name}\ncomplete\n");
                self.run(commands.as_bytes(), stop)
            }
            Some(_) => self.run(format!("unlink {stamp}\n{name}\ncomplete\n").as_bytes(), stop),
        };
        if put.is_err() {
            // The first failure is the one to tell. What cannot be removed now is removed by the next attempt.
            self.is_clear.set(false);
            let _ = self.clear();
        }
        put
    }
}
