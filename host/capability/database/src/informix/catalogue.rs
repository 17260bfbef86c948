//! The backups of a server as Procedo keeps them in a folder of the machine.
//!
//! A backup `NAME-0007-L1` has an entry, `NAME-0007-L1.json`, in the folder of the backups or in one below it. Where `ontape`
//! wrote to a folder or a plain file, the archive lies beside it as `NAME-0007-L1.archive`: it was moved there as soon as it
//! was complete, so that no later archive can overwrite it. What is on a tape, or in a storage manager, has only an entry.

use crate::catalogue::{self, damaged};
use crate::driver::BackupRecord;
use crate::informix::onstat::Archived;
use crate::informix::server::Server;
use procedo_core::capability::Stop;
use procedo_core::{Error, Kind, Result};
use serde::{Deserialize, Serialize};

const FORMAT: u32 = 1;
/// The longest entry, in bytes; chunk files make it long.
const LONGEST_ENTRY: usize = 1 << 20;

/// What the entry of a backup says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Entry {
    pub(crate) format: u32,
    pub(crate) id: String,
    /// The key of the call that made it.
    pub(crate) key: String,
    pub(crate) level: u8,
    pub(crate) base: Option<String>,
    pub(crate) base_digest: Option<String>,
    /// The folder below the backups, empty for themselves.
    pub(crate) destination: String,
    /// `directory`, `file`, `tape` or `onbar`.
    pub(crate) method: String,
    /// What `ontape` wrote to: where a restore has to find the archive.
    pub(crate) device: String,
    /// The size of the archive; for a tape or a storage manager how much the server held at most.
    pub(crate) bytes: u64,
    /// SHA-256 of the archive; for a tape or a storage manager of what the server remembers of it.
    pub(crate) digest: String,
    pub(crate) started: String,
    pub(crate) ended: String,
    /// What stands on the labels of its tapes.
    pub(crate) labels: Vec<String>,
    /// Product and version of the server.
    pub(crate) version: String,
    /// What the server remembers of it, for each space.
    pub(crate) archived: Vec<Archived>,
    /// The files of the server's chunks.
    pub(crate) chunks: Vec<String>,
}

impl Entry {
    pub(crate) fn record(&self) -> BackupRecord {
        BackupRecord {
            id: self.id.clone(),
            level: self.level,
            base: self.base.clone(),
            destination: self.destination.clone(),
            size: self.bytes,
            digest: Some(self.digest.clone()),
            started: self.started.clone(),
            ended: Some(self.ended.clone()),
            // A tape and a storage manager were not read again.
            verified: self.is_file(),
        }
    }

    /// Whether its archive is a file that Procedo keeps.
    pub(crate) fn is_file(&self) -> bool {
        matches!(self.method.as_str(), "directory" | "file")
    }

    /// Reads an entry of this format.
    fn read(text: &str) -> Option<Self> {
        catalogue::read(text).filter(|entry: &Self| entry.format == FORMAT)
    }

    /// The format that is written.
    pub(crate) fn format() -> u32 {
        FORMAT
    }
}

impl catalogue::Entry for Entry {
    fn id(&self) -> &str {
        &self.id
    }

    fn base(&self) -> Option<(&str, Option<&str>)> {
        Some((self.base.as_deref()?, self.base_digest.as_deref()))
    }

    fn digest(&self) -> &str {
        &self.digest
    }

    fn fits(&self, base: &Self) -> bool {
        base.level < self.level && base.method == self.method
    }
}

/// The backups of a server.
#[derive(Clone)]
pub(crate) struct Catalogue<'a> {
    pub(crate) server: &'a Server,
}

/// Backups as they were found.
pub(crate) type Found = catalogue::Found<Entry>;

impl Catalogue<'_> {
    /// The folder of a destination.
    pub(crate) fn folder(&self, destination: &str) -> String {
        let backups = &self.server.settings.backups;
        if destination.is_empty() {
            backups.clone()
        } else {
            format!("{backups}/{destination}")
        }
    }

    /// A destination is the name of a folder below the backups.
    pub(crate) fn destination<'d>(&self, given: Option<&'d str>) -> Result<&'d str> {
        let usable = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
        match given {
            None => Ok(""),
            Some(name) if !name.is_empty() && !name.starts_with(['.', '-']) && name.chars().all(usable) => {
                Ok(name)
            }
            Some(name) => Err(self
                .server
                .error(Kind::Invalid, "P1220")
                .with("destination", name)),
        }
    }

    fn path(&self, destination: &str, id: &str, ending: &str) -> String {
        format!("{}/{id}.{ending}", self.folder(destination))
    }

    /// The archive of a backup, where it is a file.
    pub(crate) fn archive(&self, destination: &str, id: &str) -> String {
        self.path(destination, id, "archive")
    }

    /// The archive of a backup, where it is a file.
    pub(crate) fn archive_of(&self, entry: &Entry) -> String {
        self.archive(&entry.destination, &entry.id)
    }

    /// The name of the backup of this number and level.
    pub(crate) fn id(&self, number: u64, level: u8) -> String {
        format!("{}-{number:04}-L{level}", self.server.name)
    }

    fn number(&self, id: &str) -> Option<u64> {
        number(&self.server.name, id)
    }

    /// What is there.
    pub(crate) fn look(&self) -> Result<Found> {
        let backups = &self.server.settings.backups;
        let mut found = Found::default();
        // Archives, too: one that was moved before its entry was written has its number taken.
        for path in self.server.list(backups, &format!("{}-*", self.server.name))? {
            let (destination, file) = path.rsplit_once('/').unwrap_or(("", &path));
            let Some((id, ending)) = file.split_once('.') else {
                continue;
            };
            let Some(number) = self.number(id) else { continue };
            found.highest = found.highest.max(number);
            if ending != "json" {
                continue;
            }
            let whole = format!("{backups}/{path}");
            let bytes = self.server.machine.read_file(&whole, LONGEST_ENTRY)?;
            let entry = std::str::from_utf8(&bytes).ok().and_then(Entry::read);
            match entry {
                Some(entry) if entry.id == id && entry.destination == destination => {
                    found.entries.push(entry)
                }
                _ => found.damaged.push((id.to_owned(), whole)),
            }
        }
        found.entries.sort_by_key(|entry| self.number(&entry.id));
        Ok(found)
    }

    /// Writes the entry of a backup whose archive is where it belongs: from now on it is one.
    pub(crate) fn conclude(&self, entry: &Entry) -> Result<()> {
        let text = catalogue::write(entry)?;
        let path = self.path(&entry.destination, &entry.id, "json");
        self.server.machine.write_file(&path, text.as_bytes(), None)
    }

    /// Removes a backup: its entry first, so that what is left after a crash is none.
    pub(crate) fn remove(&self, entry: &Entry) -> Result<()> {
        self.server
            .remove(&self.path(&entry.destination, &entry.id, "json"))?;
        if entry.is_file() {
            self.server.remove(&self.archive_of(entry))?;
        }
        Ok(())
    }

    /// Checks the archive of a backup without reading it: is it there, and as long as it was?
    pub(crate) fn check_size(&self, entry: &Entry) -> Result<()> {
        if !entry.is_file() {
            return Ok(());
        }
        let path = self.archive_of(entry);
        match self.server.regular(&path)? {
            Some(found) if found.size == entry.bytes => Ok(()),
            Some(found) => Err(self.damaged(entry, &path, &format!("{} B ≠ {} B", found.size, entry.bytes))),
            None => Err(self.damaged(entry, &path, "missing")),
        }
    }

    /// Reads the archive of a backup and compares its digest.
    pub(crate) fn check(&self, entry: &Entry, stop: &Stop) -> Result<()> {
        self.check_size(entry)?;
        if !entry.is_file() {
            return Ok(());
        }
        let path = self.archive_of(entry);
        let digest = self.server.digest(&path, stop)?;
        if digest == entry.digest {
            Ok(())
        } else {
            Err(self.damaged(entry, &path, &format!("SHA-256 {digest} ≠ {}", entry.digest)))
        }
    }

    fn damaged(&self, entry: &Entry, path: &str, reason: &str) -> Error {
        damaged(&self.server.name, &entry.id, path, reason)
    }
}

/// The number of a backup of this database by its name.
fn number(database: &str, id: &str) -> Option<u64> {
    let (number, level) = id.strip_prefix(database)?.strip_prefix('-')?.split_once("-L")?;
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    (digits(number) && matches!(level, "0" | "1" | "2"))
        .then(|| number.parse().ok())
        .flatten()
}

impl Found {
    /// The backup that the server remembers as this archive.
    pub(crate) fn of_archive(&self, archived: &Archived) -> Option<&Entry> {
        let holds = |entry: &&Entry| entry.archived.contains(archived);
        self.entries.iter().rev().find(holds)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(id: &str, level: u8, base: Option<&str>) -> Entry {
        Entry {
            format: FORMAT,
            id: id.to_owned(),
            key: "run/1".to_owned(),
            level,
            base: base.map(str::to_owned),
            base_digest: base.map(|base| format!("digest of {base}")),
            destination: String::new(),
            method: "file".to_owned(),
            device: "/b/Backup.001".to_owned(),
            bytes: 4096,
            digest: format!("digest of {id}"),
            started: "s".to_owned(),
            ended: "e".to_owned(),
            labels: Vec::new(),
            version: "v".to_owned(),
            archived: Vec::new(),
            chunks: vec!["/db/rootdbs".to_owned()],
        }
    }

    #[test]
    fn an_entry_with_an_altered_byte_is_not_read() {
        let whole = entry("main-0001-L0", 0, None);
        let text = catalogue::write(&whole).expect("valid");
        assert_eq!(Entry::read(&text), Some(whole.clone()));
        for at in 0..text.len() {
            let mut altered = text.clone().into_bytes();
            altered[at] ^= 1;
            let read = std::str::from_utf8(&altered).ok().and_then(Entry::read);
            // Space between the values may differ; the values may not.
            assert!(read.is_none() || read == Some(whole.clone()), "byte {at}");
        }
    }

    #[test]
    fn a_chain_with_another_base_is_refused() {
        let mut found = Found {
            entries: vec![
                entry("m-0001-L0", 0, None),
                entry("m-0002-L1", 1, Some("m-0001-L0")),
            ],
            ..Found::default()
        };
        let chain = found.chain("m", "m-0002-L1").expect("whole");
        assert_eq!(chain.len(), 2);
        found.entries[0].digest = "another".to_owned();
        let error = found.chain("m", "m-0002-L1").expect_err("another base");
        assert_eq!(
            (error.code.as_str(), error.message.args["reason"].as_str()),
            ("P1214", "other")
        );
        found.entries.remove(0);
        let error = found.chain("m", "m-0002-L1").expect_err("no base");
        assert_eq!(error.message.args["reason"], "missing");
    }

    #[test]
    fn backups_of_another_database_in_the_same_folder_are_not_ours() {
        assert_eq!(number("main", "main-0012-L1"), Some(12));
        assert_eq!(number("main", "main-2-0012-L1"), None);
        assert_eq!(number("main", "mainz-0012-L1"), None);
        assert_eq!(number("main", "main-0012-L3"), None);
    }
}
