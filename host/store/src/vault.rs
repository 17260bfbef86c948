//! The site's secrets: one encrypted file, replaced as a whole.
//!
//! A number, once given to a version, is never given again, not even after the secret was removed and set anew: a journal
//! that names `NAME@3` must not come to mean another value.

use crate::crypt::Keys;
use crate::failure::{failed, of_file};
use crate::lease::Gate;
use procedo_core::{Error, Kind, Result};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs::{File, Metadata, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// What the file begins with; also bound to the encryption.
const LABEL: &[u8] = b"procedo secrets 1\n";

/// All versions of one secret.
#[derive(Clone, Default, Serialize, Deserialize)]
struct Versions {
    /// The highest number ever given.
    last: u32,
    values: BTreeMap<u32, String>,
}

type Secrets = BTreeMap<String, Versions>;

/// Tells one state of the file from the next: each is another file, written after the one before was on disk.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Stamp {
    inode: u64,
    size: u64,
    modified: (i64, i64),
}

impl Stamp {
    fn of(file: &Metadata) -> Self {
        Self {
            inode: file.ino(),
            size: file.size(),
            modified: (file.mtime(), file.mtime_nsec()),
        }
    }
}

/// The secrets of a site.
pub(crate) struct Vault {
    dir: PathBuf,
    keys: Arc<Keys>,
    read: Mutex<Option<(Stamp, Arc<Secrets>)>>,
}

impl Vault {
    pub(crate) fn new(dir: &Path, keys: Arc<Keys>) -> Self {
        Self {
            dir: dir.to_owned(),
            keys,
            read: Mutex::default(),
        }
    }

    pub(crate) fn get(&self, name: &str, version: u32) -> Result<Option<String>> {
        Ok(self
            .secrets()?
            .get(name)
            .and_then(|versions| versions.values.get(&version))
            .cloned())
    }

    pub(crate) fn newest(&self, name: &str) -> Result<Option<u32>> {
        let secrets = self.secrets()?;
        Ok(secrets
            .get(name)
            .and_then(|versions| versions.values.last_key_value())
            .map(|(version, _)| *version))
    }

    pub(crate) fn all(&self) -> Result<Vec<(String, u32, String)>> {
        let secrets = self.secrets()?;
        let versions = |(name, versions): (&String, &Versions)| {
            let name = name.clone();
            let each = versions.values.clone().into_iter();
            each.map(move |(version, value)| (name.clone(), version, value))
                .collect::<Vec<_>>()
        };
        Ok(secrets.iter().flat_map(versions).collect())
    }

    pub(crate) fn set(&self, name: &str, value: &str) -> Result<u32> {
        self.alter(|secrets| {
            let versions = secrets.entry(name.to_owned()).or_default();
            versions.last += 1;
            versions.values.insert(versions.last, value.to_owned());
            versions.last
        })
    }

    pub(crate) fn remove(&self, name: &str) -> Result<bool> {
        if self.newest(name)?.is_none() {
            return Ok(false);
        }
        self.alter(|secrets| {
            secrets
                .get_mut(name)
                .is_some_and(|versions| !std::mem::take(&mut versions.values).is_empty())
        })
    }

    fn path(&self) -> PathBuf {
        self.dir.join("secrets")
    }

    /// What the file says now.
    fn secrets(&self) -> Result<Arc<Secrets>> {
        let path = self.path();
        let fail = |error: std::io::Error| of_file(&error, &path);
        let file = match File::open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Arc::default()),
            Err(error) => return Err(fail(error)),
        };
        let stamp = Stamp::of(&file.metadata().map_err(fail)?);
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, secrets)) = read.as_ref().filter(|(known, _)| *known == stamp) {
            return Ok(Arc::clone(secrets));
        }
        let secrets = Arc::new(self.open(file, &path)?);
        *read = Some((stamp, Arc::clone(&secrets)));
        Ok(secrets)
    }

    fn open(&self, mut file: File, path: &Path) -> Result<Secrets> {
        let mut bytes = Vec::new();
        std::io::Read::read_to_end(&mut file, &mut bytes).map_err(|error| of_file(&error, path))?;
        bytes
            .strip_prefix(LABEL)
            .and_then(|sealed| self.keys.open_secrets(sealed, LABEL))
            .and_then(|plain| serde_json::from_slice(&plain).ok())
            .ok_or_else(|| Error::new(Kind::Failed, "P0215").with("path", path.display()))
    }

    /// Replaces the file by an altered one, so that a crash leaves the one or the other.
    fn alter<T>(&self, alter: impl FnOnce(&mut Secrets) -> T) -> Result<T> {
        let path = self.path();
        let gate = self.dir.join("secrets.lock");
        let gate = Gate::open(&gate).map_err(|error| of_file(&error, &gate))?;
        let turn = gate.enter().map_err(|error| of_file(&error, &path))?;
        let mut secrets = Secrets::clone(&*self.secrets()?);
        let result = alter(&mut secrets);
        let sealed = self
            .keys
            .seal_secrets(&serde_json::to_vec(&secrets).map_err(failed)?, LABEL)?;
        let beside = self.dir.join("secrets.new");
        let write = || -> std::io::Result<()> {
            let mut file = OpenOptions::new()
                .create(true)
                .truncate(true)
                .write(true)
                .mode(0o600)
                .open(&beside)?;
            file.write_all(LABEL)?;
            file.write_all(&sealed)?;
            file.sync_all()?;
            std::fs::rename(&beside, &path)?;
            File::open(&self.dir)?.sync_all()
        };
        write().map_err(|error| {
            let _ = std::fs::remove_file(&beside);
            of_file(&error, &path)
        })?;
        drop(turn);
        Ok(result)
    }
}
