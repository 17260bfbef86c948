//! The plugins that were installed into a site: which files, and that they are still the same.

use crate::edit::write_atomically;
use crate::library::Folder;
use crate::output::err;
use procedo_core::Result;
use procedo_core::caller::Guest;
use procedo_core::value::Digest;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The list of what was installed, beside the files.
const LIST: &str = "installed.json";

/// A plugin that was installed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Installed {
    /// The digest of its file.
    pub digest: Digest,
    /// Who installed it.
    pub by: String,
    /// When, in milliseconds since 1970.
    pub at: i64,
    /// The procedures it brought.
    #[serde(default)]
    pub procedures: Vec<String>,
}

/// The folder of a site's plugins.
pub fn folder(site: &Path) -> PathBuf {
    site.join("plugins")
}

/// What was installed, by the name of the file without `.wasm`.
pub fn list(folder: &Path) -> Result<BTreeMap<String, Installed>> {
    let path = folder.join(LIST);
    let unreadable = |reason: String| err!(Failed, "P0003", path = path.display(), reason = reason);
    match std::fs::read(&path) {
        Ok(bytes) => serde_json::from_slice(&bytes).map_err(|error| unreadable(error.to_string())),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(BTreeMap::new()),
        Err(error) => Err(unreadable(error.to_string())),
    }
}

/// Writes the list of what was installed.
pub fn write_list(folder: &Path, installed: &BTreeMap<String, Installed>) -> Result<()> {
    let text = serde_json::to_string_pretty(installed)
        .map_err(|error| err!(Failed, "P0004", path = LIST, reason = error))?;
    write_atomically(&folder.join(LIST), text.as_bytes())
}

/// The plugin files of a folder, sorted.
pub fn files(folder: &Folder) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(&folder.dir) else {
        return Vec::new();
    };
    let mut files: Vec<_> = entries
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "wasm"))
        .collect();
    files.sort();
    files
}

/// The name of a plugin's file.
pub fn name_of(file: &Path) -> String {
    file.file_stem()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

/// The files of installed plugins that brought a procedure, there or not.
pub fn files_with(folder: &Path, id: &str) -> Result<Vec<PathBuf>> {
    let brought = |installed: &Installed| installed.procedures.iter().any(|procedure| procedure == id);
    let installed = list(folder)?
        .into_iter()
        .filter(|(_, installed)| brought(installed));
    Ok(installed
        .map(|(name, _)| folder.join(format!("{name}.wasm")))
        .collect())
}

/// Refuses a file of a site that nobody installed (`P0028`), or that is another one than was installed (`P0029`).
pub fn must_be_installed(folder: &Path, file: &Path, guests: &[Arc<dyn Guest>]) -> Result<()> {
    let name = name_of(file);
    let Some(installed) = list(folder)?.remove(&name) else {
        return Err(err!(Denied, "P0028", file = file.display()));
    };
    let pinned = |guest: &Arc<dyn Guest>| guest.pins().contains(&("plugin".to_owned(), installed.digest));
    if guests.iter().all(pinned) {
        return Ok(());
    }
    Err(err!(
        Denied,
        "P0029",
        file = file.display(),
        digest = installed.digest.short()
    ))
}
