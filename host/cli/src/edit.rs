//! Changes to a site's `procedo.toml` that keep its comments and order.

use crate::output::err;
use crate::site::Place;
use procedo_core::Result;
use procedo_core::site::Site;
use rustix::fs::{FlockOperation, Mode, OFlags, flock, open};
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use toml_edit::{ArrayOfTables, DocumentMut, Item, Table};

/// Changes the declarations. What comes out is read again before it is written: a change cannot leave a site that does not
/// open. Two commands at once come one after the other.
pub fn declarations<T>(place: &Place, change: impl FnOnce(&mut DocumentMut) -> Result<T>) -> Result<T> {
    let file = place.file();
    let unreadable = |reason: String| err!(Invalid, "P0003", path = file.display(), reason = reason);
    // The folder is locked, not the file: the file is replaced.
    let turn = open(
        &place.dir,
        OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC,
        Mode::empty(),
    )
    .map_err(|error| unreadable(error.to_string()))?;
    flock(&turn, FlockOperation::LockExclusive).map_err(|error| unreadable(error.to_string()))?;
    let text = std::fs::read_to_string(&file).map_err(|error| unreadable(error.to_string()))?;
    let mut document: DocumentMut = text
        .parse()
        .map_err(|error: toml_edit::TomlError| unreadable(error.to_string()))?;
    let result = change(&mut document)?;
    let changed = document.to_string();
    Site::parse(&changed).map_err(|error| {
        err!(
            Invalid,
            "P0002",
            path = file.display(),
            excerpt = format!("\n{}", error.0.trim_end())
        )
    })?;
    write_atomically(&file, changed.as_bytes())?;
    Ok(result)
}

/// Replaces a file as a whole, keeping its mode.
pub fn write_atomically(file: &Path, bytes: &[u8]) -> Result<()> {
    let dir = file.parent().unwrap_or(Path::new("."));
    let write = || -> std::io::Result<()> {
        let mode = match std::fs::metadata(file) {
            Ok(present) => present.permissions().mode() & 0o7777,
            Err(_) => 0o644,
        };
        let mut new = tempfile::Builder::new().prefix(".procedo-").tempfile_in(dir)?;
        new.write_all(bytes)?;
        new.as_file()
            .set_permissions(std::fs::Permissions::from_mode(mode))?;
        new.as_file().sync_all()?;
        new.persist(file).map_err(|error| error.error)?;
        std::fs::File::open(dir)?.sync_all()
    };
    write().map_err(|error| err!(Failed, "P0004", path = file.display(), reason = error))
}

/// The tables `[[NAME]]`, made if there are none.
pub fn tables<'d>(document: &'d mut DocumentMut, name: &str) -> Result<&'d mut ArrayOfTables> {
    document
        .entry(name)
        .or_insert_with(|| Item::ArrayOfTables(ArrayOfTables::new()))
        .as_array_of_tables_mut()
        .ok_or_else(|| err!(Invalid, "P0025", name = name))
}

/// The table `[NAME]` that holds only tables of its own, made if there is none.
pub fn parent_table<'d>(document: &'d mut DocumentMut, name: &str) -> Result<&'d mut Table> {
    let made = || {
        let mut table = Table::new();
        table.set_implicit(true);
        Item::Table(table)
    };
    document
        .entry(name)
        .or_insert_with(made)
        .as_table_mut()
        .ok_or_else(|| err!(Invalid, "P0025", name = name))
}
