//! The backups of a database in their folder: what is there, what builds upon what, and what a crash left.
//!
//! A backup `NAME-0007-L1` is three files: its pages (`.db` for level 0, a database that any SQLite opens, `.changes` for
//! the levels above), the digests of the state it holds (`.digests`), and its entry (`.json`). The entry is written last, so
//! that without it there is no backup. What is being written has a hidden name that ends in `.part`. A backup in which a
//! verification found damage has a mark (`.damaged`) until one finds it well again.

use crate::catalogue;
use crate::driver::BackupRecord;
use crate::sqlite::pages::Extent;
use procedo_core::{Error, Kind, Result};
use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;
use serde::{Deserialize, Serialize};
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

const FORMAT: u32 = 1;
/// The ending of the mark of a damaged backup.
const MARK: &str = "damaged";

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
    pub(crate) page: u32,
    pub(crate) pages: u64,
    /// The size of the file with its pages.
    pub(crate) bytes: u64,
    /// The digest of the state it holds: that of its list of digests.
    pub(crate) digest: String,
    pub(crate) started: String,
    pub(crate) ended: String,
}

impl Entry {
    pub(crate) fn record(&self, verified: bool) -> BackupRecord {
        BackupRecord {
            id: self.id.clone(),
            level: self.level,
            base: self.base.clone(),
            destination: self.destination.clone(),
            size: self.bytes,
            digest: Some(self.digest.clone()),
            started: self.started.clone(),
            ended: Some(self.ended.clone()),
            verified,
        }
    }

    pub(crate) fn extent(&self) -> Option<Extent> {
        Extent::check(self.page, self.pages).ok()
    }

    /// The ending of the file with its pages.
    pub(crate) fn ending(level: u8) -> &'static str {
        if level == 0 { "db" } else { "changes" }
    }

    /// Reads an entry of this format.
    fn read(text: &str) -> Option<Self> {
        catalogue::read(text).filter(|entry: &Self| entry.format == FORMAT)
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
        base.level < self.level && base.page == self.page
    }
}

/// What a failed system call on a backup's file means for the caller.
pub(crate) fn io_at(path: &Path, error: &io::Error) -> Error {
    match Errno::from_io_error(error) {
        Some(Errno::NOSPC | Errno::DQUOT) => {
            Error::new(Kind::Unavailable, "P1218").with("path", path.display())
        }
        _ => Error::new(Kind::Failed, "P1217")
            .with("path", path.display())
            .with("reason", error),
    }
}

/// The folder with the backups of a database.
#[derive(Clone, Debug)]
pub(crate) struct Catalogue {
    pub(crate) database: String,
    pub(crate) folder: PathBuf,
}

/// Backups as they were found.
pub(crate) type Found = catalogue::Found<Entry>;

/// Held while backups are altered or read at length. The kernel releases it, also after a crash.
#[derive(Debug)]
pub(crate) struct Held(File);

impl Drop for Held {
    fn drop(&mut self) {
        // Closing would not do: a child that another thread is just starting has the same open file for a moment. If this
        // fails, it is released with the last of them.
        let _ = flock(&self.0, FlockOperation::Unlock);
    }
}

impl Catalogue {
    fn error(&self, kind: Kind, code: &str) -> Error {
        Error::new(kind, code).with("database", &self.database)
    }

    /// The folder of a destination.
    pub(crate) fn place(&self, destination: &str) -> PathBuf {
        if destination.is_empty() {
            self.folder.clone()
        } else {
            self.folder.join(destination)
        }
    }

    /// A destination is the name of a folder below the backups.
    pub(crate) fn destination<'a>(&self, given: Option<&'a str>) -> Result<&'a str> {
        let usable = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
        match given {
            None => Ok(""),
            Some(name) if !name.is_empty() && !name.starts_with('.') && name.chars().all(usable) => Ok(name),
            Some(name) => Err(self.error(Kind::Invalid, "P1220").with("destination", name)),
        }
    }

    /// A file of a backup.
    pub(crate) fn file(&self, destination: &str, id: &str, ending: &str) -> PathBuf {
        self.place(destination).join(format!("{id}.{ending}"))
    }

    /// The file with a backup's pages.
    pub(crate) fn pages_of(&self, entry: &Entry) -> PathBuf {
        self.file(&entry.destination, &entry.id, Entry::ending(entry.level))
    }

    /// The file with a backup's digests.
    pub(crate) fn digests_of(&self, entry: &Entry) -> PathBuf {
        self.file(&entry.destination, &entry.id, "digests")
    }

    /// The name of a file while it is written.
    pub(crate) fn part(&self, destination: &str, id: &str, ending: &str) -> PathBuf {
        self.place(destination).join(format!(".{id}.{ending}.part"))
    }

    /// The name of the backup of this number and level.
    pub(crate) fn id(&self, number: u64, level: u8) -> String {
        format!("{}-{number:04}-L{level}", self.database)
    }

    /// The number of a backup of this database by its name.
    pub(crate) fn number(&self, id: &str) -> Option<u64> {
        let (number, level) = id
            .strip_prefix(&self.database)?
            .strip_prefix('-')?
            .split_once("-L")?;
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        (digits(number) && digits(level) && level.len() == 1)
            .then(|| number.parse().ok())
            .flatten()
    }

    fn folders(&self) -> Result<Vec<String>> {
        let mut folders = vec![String::new()];
        for found in list(&self.folder)? {
            if found.file_type().is_ok_and(|kind| kind.is_dir())
                && let Some(name) = found.file_name().to_str()
                && !name.starts_with('.')
            {
                folders.push(name.to_owned());
            }
        }
        Ok(folders)
    }

    /// What is there.
    pub(crate) fn look(&self) -> Result<Found> {
        let mut found = Found::default();
        for destination in self.folders()? {
            for file in list(&self.place(&destination))? {
                let name = file.file_name();
                let Some((id, ending)) = name.to_str().and_then(|name| name.split_once('.')) else {
                    continue;
                };
                let Some(number) = self.number(id) else {
                    continue;
                };
                found.highest = found.highest.max(number);
                if ending == MARK {
                    found.marked.insert(id.to_owned());
                }
                if ending != "json" {
                    continue;
                }
                let path = file.path();
                let text = fs::read(&path).map_err(|error| io_at(&path, &error))?;
                let entry = std::str::from_utf8(&text).ok().and_then(Entry::read);
                match entry {
                    Some(entry) if entry.id == id && entry.destination == destination => {
                        found.entries.push(entry)
                    }
                    _ => found.damaged.push((id.to_owned(), path.display().to_string())),
                }
            }
        }
        found.entries.sort_by_key(|entry| self.number(&entry.id));
        Ok(found)
    }

    /// The space that is left for whoever Procedo runs as, in bytes.
    pub(crate) fn space(folder: &Path) -> Result<u64> {
        // The folder may not be there yet.
        let there = folder
            .ancestors()
            .find(|folder| folder.exists())
            .unwrap_or(Path::new("/"));
        let found = rustix::fs::statvfs(there).map_err(|errno| io_at(there, &errno.into()))?;
        Ok(found.f_bavail * found.f_frsize)
    }

    /// An error if there is less space than needed.
    pub(crate) fn expect_space(folder: &Path, needed: u64) -> Result<()> {
        let available = Self::space(folder)?;
        if available >= needed {
            return Ok(());
        }
        Err(Error::new(Kind::Unavailable, "P1216")
            .with("folder", folder.display())
            .with("needed", needed)
            .with("available", available))
    }

    /// Keeps others from altering the backups, makes the folder if need be, and removes what a crash left.
    pub(crate) fn hold(&self, destination: &str) -> Result<Held> {
        let place = self.place(destination);
        fs::create_dir_all(&place).map_err(|error| io_at(&place, &error))?;
        let path = self.folder.join(format!(".{}.lock", self.database));
        let file = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .map_err(|error| io_at(&path, &error))?;
        match flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => {}
            Err(Errno::WOULDBLOCK) => return Err(self.error(Kind::Conflict, "P1215")),
            Err(errno) => return Err(io_at(&path, &errno.into())),
        }
        let held = Held(file);
        self.sweep()?;
        Ok(held)
    }

    /// Removes what was being written when a process ended. Called with the lock held: nobody writes any more.
    fn sweep(&self) -> Result<()> {
        for destination in self.folders()? {
            for file in list(&self.place(&destination))? {
                let name = file.file_name();
                let part = name
                    .to_str()
                    .and_then(|name| name.strip_prefix('.')?.strip_suffix(".part"))
                    .and_then(|name| name.split_once('.'));
                if part.is_some_and(|(id, _)| self.number(id).is_some()) {
                    remove(&file.path())?;
                }
            }
        }
        Ok(())
    }

    /// Makes a backup of its written parts: gives them their names, and writes the entry last.
    pub(crate) fn conclude(&self, entry: &Entry, parts: &[(PathBuf, PathBuf)]) -> Result<()> {
        for (part, path) in parts {
            fs::rename(part, path).map_err(|error| io_at(path, &error))?;
        }
        let path = self.file(&entry.destination, &entry.id, "json");
        let part = self.part(&entry.destination, &entry.id, "json");
        let text = catalogue::write(entry)?;
        let place = self.place(&entry.destination);
        let written = || {
            // The names of the other two are durable before the entry that says they are there.
            File::open(&place)?.sync_all()?;
            let mut file = File::create(&part)?;
            file.write_all(text.as_bytes())?;
            file.sync_all()?;
            fs::rename(&part, &path)?;
            File::open(&place)?.sync_all()
        };
        written().map_err(|error| io_at(&path, &error))
    }

    /// Removes a backup: its entry first, so that what is left after a crash is none.
    pub(crate) fn remove(&self, entry: &Entry) -> Result<()> {
        let place = self.place(&entry.destination);
        remove(&self.file(&entry.destination, &entry.id, "json"))?;
        File::open(&place)
            .and_then(|folder| folder.sync_all())
            .map_err(|error| io_at(&place, &error))?;
        remove(&self.pages_of(entry))?;
        remove(&self.digests_of(entry))?;
        remove(&self.file(&entry.destination, &entry.id, MARK))
    }

    /// Keeps what a verification of a chain found: a mark on the backup that an error names, none where there is none.
    pub(crate) fn keep_verdict(&self, chain: &[Entry], found: Option<&Error>) -> Result<()> {
        let named = found.and_then(|error| error.message.args.get("backup"));
        for entry in chain {
            let path = self.file(&entry.destination, &entry.id, MARK);
            match found {
                None => remove(&path)?,
                Some(error) if named == Some(&entry.id) => {
                    let text = format!("{}\n", error.code);
                    fs::write(&path, text).map_err(|error| io_at(&path, &error))?;
                }
                Some(_) => {}
            }
        }
        Ok(())
    }
}

impl Found {
    /// The newest backup of a lower level of which nothing wrong is known: what an increment builds upon.
    pub(crate) fn base_for(&self, database: &str, level: u8) -> Option<&Entry> {
        let lower = || self.entries.iter().rev().filter(|entry| entry.level < level);
        let marked = |entry: &&Entry| {
            let chain = self.chain(database, &entry.id).unwrap_or_default();
            chain.iter().any(|entry| self.marked.contains(&entry.id))
        };
        // One whose base is missing is not passed over: nobody has said yet that it is to go.
        lower().find(|entry| !marked(entry))
    }
}

fn list(folder: &Path) -> Result<Vec<fs::DirEntry>> {
    match fs::read_dir(folder) {
        Ok(found) => found
            .collect::<io::Result<_>>()
            .map_err(|error| io_at(folder, &error)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(io_at(folder, &error)),
    }
}

/// Removes a file; none there is not an error.
pub(crate) fn remove(path: &Path) -> Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(io_at(path, &error)),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry() -> Entry {
        Entry {
            format: FORMAT,
            id: "main-0001-L0".to_owned(),
            key: "run/1".to_owned(),
            level: 0,
            base: None,
            base_digest: None,
            destination: String::new(),
            page: 4096,
            pages: 1,
            bytes: 4096,
            digest: "d".to_owned(),
            started: "s".to_owned(),
            ended: "e".to_owned(),
        }
    }

    #[test]
    fn an_entry_with_an_altered_byte_is_not_read() {
        let text = catalogue::write(&entry()).expect("valid");
        assert_eq!(Entry::read(&text), Some(entry()));
        for at in 0..text.len() {
            let mut altered = text.clone().into_bytes();
            altered[at] ^= 1;
            let read = std::str::from_utf8(&altered).ok().and_then(Entry::read);
            // Space between the values may differ; the values may not.
            assert!(read.is_none() || read == Some(entry()), "byte {at}");
        }
    }

    #[test]
    fn backups_of_another_database_in_the_same_folder_are_not_ours() {
        let catalogue = Catalogue {
            database: "main".to_owned(),
            folder: PathBuf::new(),
        };
        assert_eq!(catalogue.number("main-0012-L1"), Some(12));
        assert_eq!(catalogue.number(&catalogue.id(12_345, 2)), Some(12_345));
        assert_eq!(catalogue.number("main-2-0012-L1"), None);
        assert_eq!(catalogue.number("mainz-0012-L1"), None);
        assert_eq!(catalogue.number("main-0012-L"), None);
    }
}
