//! What the catalogues of backups have in common, wherever a driver keeps its files: sealed entries, and what builds upon what.

use crate::driver::BackupRecord;
use procedo_core::value::{Digest, Value};
use procedo_core::{Error, Kind, Result};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::BTreeSet;
use std::path::Path;

/// What the entry of a backup says, as far as all drivers need it.
pub(crate) trait Entry: Clone {
    /// Its name.
    fn id(&self) -> &str;
    /// The name of the backup that it builds upon, and the digest that one had.
    fn base(&self) -> Option<(&str, Option<&str>)>;
    /// Its digest.
    fn digest(&self) -> &str;
    /// Whether it can build upon that one, whose digest is right.
    fn fits(&self, base: &Self) -> bool;
}

/// Reads what [`write`] wrote; nothing if a byte that matters is another.
pub(crate) fn read<E: DeserializeOwned>(text: &str) -> Option<E> {
    let mut value: Value = serde_json::from_str(text).ok()?;
    let seal = value.as_object_mut()?.remove("seal")?;
    if seal != sealed(&value) {
        return None;
    }
    serde_json::from_value(value).ok()
}

/// An entry with its seal, as text.
pub(crate) fn write<E: Serialize>(entry: &E) -> Result<String> {
    let mut value = serde_json::to_value(entry)
        .map_err(|error| Error::new(Kind::Failed, "P0115").with("reason", error))?;
    let seal = sealed(&value);
    if let Some(members) = value.as_object_mut() {
        members.insert("seal".to_owned(), seal.into());
    }
    Ok(format!("{value:#}\n"))
}

fn sealed(value: &Value) -> String {
    Digest::of_value(value).to_string()
}

/// Backups as they were found: the good ones by their order, and those whose entry cannot be read.
#[derive(Debug)]
pub(crate) struct Found<E> {
    pub(crate) entries: Vec<E>,
    /// Name of the backup and path of the entry.
    pub(crate) damaged: Vec<(String, String)>,
    /// The names of those in which a verification found damage.
    pub(crate) marked: BTreeSet<String>,
    pub(crate) highest: u64,
}

impl<E> Default for Found<E> {
    fn default() -> Self {
        Self {
            entries: Vec::new(),
            damaged: Vec::new(),
            marked: BTreeSet::new(),
            highest: 0,
        }
    }
}

impl<E: Entry> Found<E> {
    /// The number that the next backup gets.
    pub(crate) fn next(&self) -> u64 {
        self.highest + 1
    }

    /// A backup by its name.
    pub(crate) fn get(&self, database: &str, id: &str) -> Result<&E> {
        if let Some(entry) = self.entries.iter().find(|entry| entry.id() == id) {
            return Ok(entry);
        }
        if let Some((_, path)) = self.damaged.iter().find(|(damaged, _)| damaged == id) {
            return Err(damaged(database, id, path, "entry"));
        }
        let known: Vec<_> = self.entries.iter().map(Entry::id).collect();
        Err(Error::new(Kind::NotFound, "P1211")
            .with("database", database)
            .with("backup", id)
            .with("known", known.join(", ")))
    }

    /// All backups by their numbers. Of those whose entry is damaged only the name is known; one of them takes nothing away
    /// from the others.
    pub(crate) fn records(&self, record: impl Fn(&E) -> BackupRecord) -> Vec<BackupRecord> {
        let mut records: Vec<_> = self.entries.iter().map(record).collect();
        records.extend(self.damaged.iter().map(|(id, _)| unreadable(id)));
        records.sort_by_key(|record| numbers(&record.id).map(|(number, _)| number));
        records
    }

    /// Backups that build upon this one.
    pub(crate) fn upon(&self, id: &str) -> Vec<&str> {
        let upon = |entry: &&E| entry.base().is_some_and(|(base, _)| base == id);
        self.entries.iter().filter(upon).map(Entry::id).collect()
    }

    /// Whether nothing wrong is known of a backup and of what it builds upon.
    pub(crate) fn is_well(&self, database: &str, id: &str) -> bool {
        let well = |chain: Vec<E>| !chain.iter().any(|entry| self.marked.contains(entry.id()));
        self.chain(database, id).is_ok_and(well)
    }

    /// A backup with all it builds upon, level 0 first.
    pub(crate) fn chain(&self, database: &str, id: &str) -> Result<Vec<E>> {
        let mut chain = vec![self.get(database, id)?.clone()];
        while let Some(last) = chain.last()
            && let Some((base, digest)) = last.base()
        {
            let broken = |reason: &str| {
                Error::new(Kind::Failed, "P1214")
                    .with("database", database)
                    .with("backup", last.id())
                    .with("base", base)
                    .with("reason", reason)
            };
            let entry = self.get(database, base).map_err(|error| match error.kind {
                Kind::NotFound => broken("missing"),
                _ => error,
            })?;
            if digest != Some(entry.digest()) || !last.fits(entry) {
                return Err(broken("other"));
            }
            chain.push(entry.clone());
        }
        chain.reverse();
        Ok(chain)
    }
}

/// The number and the level in a backup's name, `NAME-0007-L1`.
fn numbers(id: &str) -> Option<(u64, u8)> {
    let (rest, level) = id.rsplit_once("-L")?;
    let (_, number) = rest.rsplit_once('-')?;
    Some((number.parse().ok()?, level.parse().ok()?))
}

/// What is told of a backup whose entry cannot be read.
fn unreadable(id: &str) -> BackupRecord {
    BackupRecord {
        id: id.to_owned(),
        level: numbers(id).map_or(0, |(_, level)| level),
        base: None,
        destination: String::new(),
        size: 0,
        digest: None,
        started: String::new(),
        ended: None,
        verified: false,
    }
}

/// The error for a backup that is no longer what it was. The reason is one that the message has words for (`missing`,
/// `entry`, `content`, `length`, `longer`, `foreign`, `version`), or what a system said.
pub(crate) fn damaged(database: &str, id: &str, path: impl AsRef<Path>, reason: &str) -> Error {
    Error::new(Kind::Failed, "P1213")
        .with("database", database)
        .with("backup", id)
        .with("path", path.as_ref().display())
        .with("reason", reason)
}
