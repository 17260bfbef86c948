//! Compiled components and manifests on disk, which only their owner can alter unnoticed.
//!
//! wasmtime runs whatever machine code a compiled component holds, and accepts most files with a flipped bit. So a file is
//! used only if a digest of it, keyed by a secret that stands beside it and that only the owner can read, is right; else it
//! counts as missing and is made again. Without a folder that is safe there is no cache, only more waiting.

use std::fs::{self, DirBuilder, Permissions};
use std::io::{self, Write};
use std::ops::Deref;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

const KEY_FILE: &str = "key";
const DIGEST: usize = 32;

/// What was kept, and its digest was right.
pub struct Kept(Vec<u8>);

impl Deref for Kept {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0[DIGEST..]
    }
}

pub struct Cache {
    folder: PathBuf,
    key: OnceLock<Option<[u8; DIGEST]>>,
}

impl Cache {
    /// A cache in a folder, which is made on first use.
    pub fn new(folder: PathBuf) -> Self {
        Self {
            folder,
            key: OnceLock::new(),
        }
    }

    /// What is kept under a name, if it is as it was put there.
    pub fn get(&self, name: &str) -> Option<Kept> {
        let key = self.key()?;
        let file = fs::read(self.folder.join(name)).ok()?;
        let digest: [u8; DIGEST] = file.get(..DIGEST)?.try_into().ok()?;
        // `Hash` compares in constant time.
        if seal(key, name, &file[DIGEST..]) != blake3::Hash::from_bytes(digest) {
            tracing::warn!(name, "a file of the plugin cache was altered; it is made again");
            return None;
        }
        Some(Kept(file))
    }

    /// Keeps something under a name. That it cannot be kept is no error: it will be made again.
    pub fn put(&self, name: &str, bytes: &[u8]) {
        let Some(key) = self.key() else { return };
        let write = || -> io::Result<()> {
            // Made with mode 0600 under another name: nobody sees half a file.
            let mut file = tempfile::NamedTempFile::new_in(&self.folder)?;
            file.write_all(seal(key, name, bytes).as_bytes())?;
            file.write_all(bytes)?;
            file.persist(self.folder.join(name))
                .map_err(|error| error.error)?;
            Ok(())
        };
        if let Err(error) = write() {
            tracing::warn!(name, %error, "the plugin cache cannot be written");
        }
    }

    /// Forgets what is kept under other names that start and end so: the code of earlier versions of the host.
    pub fn forget_others(&self, start: &str, end: &str, name: &str) {
        for entry in fs::read_dir(&self.folder).into_iter().flatten().flatten() {
            let found = entry.file_name();
            let found = found.to_string_lossy();
            if found != name && found.starts_with(start) && found.ends_with(end) {
                // Another process may have been first; and what stays does no harm.
                let _ = fs::remove_file(entry.path());
            }
        }
    }

    fn key(&self) -> Option<&[u8; DIGEST]> {
        let key = self.key.get_or_init(|| match prepare(&self.folder) {
            Ok(key) => Some(key),
            Err(error) => {
                tracing::warn!(folder = %self.folder.display(), %error, "no plugin cache: plugins are compiled each time");
                None
            }
        });
        key.as_ref()
    }
}

/// The digest that makes a file trusted: of its name, too, so that files cannot be exchanged.
fn seal(key: &[u8; DIGEST], name: &str, bytes: &[u8]) -> blake3::Hash {
    blake3::Hasher::new_keyed(key)
        .update(name.as_bytes())
        .update(&[0])
        .update(bytes)
        .finalize()
}

/// Makes the folder and its key, or checks that nobody else can reach them.
fn prepare(folder: &Path) -> io::Result<[u8; DIGEST]> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    let found = fs::metadata(folder)?;
    if found.uid() != rustix::process::geteuid().as_raw() {
        return Err(io::Error::other("the folder belongs to another account"));
    }
    if found.mode() & 0o077 != 0 {
        fs::set_permissions(folder, Permissions::from_mode(0o700))?;
    }
    let path = folder.join(KEY_FILE);
    if !path.exists() {
        let mut key = [0; DIGEST];
        getrandom::fill(&mut key).map_err(io::Error::other)?;
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        file.write_all(&key)?;
        match file.persist_noclobber(&path) {
            // Another process was first: its key counts.
            Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => {}
            outcome => drop(outcome.map_err(|error| error.error)?),
        }
    }
    let found = fs::symlink_metadata(&path)?;
    if !found.is_file() || found.mode() & 0o077 != 0 || found.uid() != rustix::process::geteuid().as_raw() {
        return Err(io::Error::other("the key can be read by others"));
    }
    fs::read(&path)?
        .try_into()
        .map_err(|_| io::Error::other("the key does not have 32 bytes"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).expect("it exists").mode() & 0o777
    }

    #[test]
    fn what_was_put_is_found_by_a_later_process_and_readable_by_its_owner_only() {
        let folder = tempfile::tempdir().expect("a folder").path().join("a/b");
        Cache::new(folder.clone()).put("x.cwasm", b"code");
        assert_eq!(
            Cache::new(folder.clone()).get("x.cwasm").as_deref(),
            Some(&b"code"[..])
        );
        assert_eq!(
            (
                mode(&folder),
                mode(&folder.join("x.cwasm")),
                mode(&folder.join(KEY_FILE))
            ),
            (0o700, 0o600, 0o600)
        );
        assert!(Cache::new(folder).get("y.cwasm").is_none());
    }

    #[test]
    fn what_earlier_versions_kept_is_forgotten_and_nothing_else() {
        let folder = tempfile::tempdir().expect("a folder");
        let cache = Cache::new(folder.path().to_owned());
        for name in ["a-1.code", "a-2.code", "a-1.text", "b-1.code"] {
            cache.put(name, b"kept");
        }
        cache.forget_others("a-", ".code", "a-2.code");
        let kept = |name: &&str| cache.get(name).is_some();
        assert_eq!(
            ["a-1.code", "a-2.code", "a-1.text", "b-1.code"]
                .iter()
                .filter(|n| !kept(n))
                .collect::<Vec<_>>(),
            [&"a-1.code"]
        );
    }

    #[test]
    fn every_flipped_bit_every_cut_and_every_exchange_is_seen() {
        let folder = tempfile::tempdir().expect("a folder");
        let cache = Cache::new(folder.path().to_owned());
        cache.put("x", b"code");
        cache.put("y", b"edoc");
        let path = folder.path().join("x");
        let good = fs::read(&path).expect("kept");
        for bit in 0..good.len() * 8 {
            let mut bad = good.clone();
            bad[bit / 8] ^= 1 << (bit % 8);
            fs::write(&path, bad).expect("written");
            assert!(cache.get("x").is_none(), "bit {bit}");
        }
        for length in 0..good.len() {
            fs::write(&path, &good[..length]).expect("written");
            assert!(cache.get("x").is_none(), "length {length}");
        }
        fs::rename(folder.path().join("y"), &path).expect("renamed");
        assert!(cache.get("x").is_none());
        fs::write(&path, good).expect("written");
        assert_eq!(cache.get("x").as_deref(), Some(&b"code"[..]));
    }

    #[test]
    fn a_folder_that_others_could_enter_is_closed_and_a_key_that_others_could_read_is_not_used() {
        let folder = tempfile::tempdir().expect("a folder");
        fs::set_permissions(folder.path(), Permissions::from_mode(0o777)).expect("set");
        let cache = Cache::new(folder.path().to_owned());
        cache.put("x", b"code");
        assert_eq!(mode(folder.path()), 0o700);
        fs::set_permissions(folder.path().join(KEY_FILE), Permissions::from_mode(0o644)).expect("set");
        let later = Cache::new(folder.path().to_owned());
        later.put("y", b"more");
        assert_eq!(
            (later.get("x").is_none(), folder.path().join("y").exists()),
            (true, false)
        );
    }

    #[test]
    fn a_folder_that_cannot_be_made_means_no_cache() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        let cache = Cache::new(file.path().join("below"));
        cache.put("x", b"code");
        assert!(cache.get("x").is_none());
    }
}
