//! Checking a backup with all it builds upon: as a whole, before anything relies on it.

use crate::catalogue::damaged;
use crate::driver::is_damage;
use crate::sqlite::catalogue::{Catalogue, Entry, Held, io_at, remove};
use crate::sqlite::changes::ChangesReader;
use crate::sqlite::make::{check_structure, of_broken, progress, reader};
use crate::sqlite::open::{Place, open_still};
use crate::sqlite::pages::ListReader;
use procedo_core::capability::{Context, Stop};
use procedo_core::{Error, Kind, Result};
use std::fs::File;
use std::io::{self, Read, Write};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

/// The database that a chain of backups makes: level 0 itself, or a copy with the changes in it, removed in the end.
pub(crate) struct Assembled {
    pub(crate) path: PathBuf,
    copy: bool,
}

impl Drop for Assembled {
    fn drop(&mut self) {
        if self.copy {
            // What cannot be removed now is swept before the next work.
            let _ = remove(&self.path);
        }
    }
}

/// Puts a chain together and checks everything, and keeps what was found.
pub(crate) fn assemble(
    place: &Place,
    catalogue: &Catalogue,
    held: &Held,
    context: &Context<'_>,
    chain: &[Entry],
) -> Result<Assembled> {
    let made = assemble_checked(place, catalogue, held, context, chain);
    match &made {
        Ok(_) => catalogue.keep_verdict(chain, None)?,
        // That the mark cannot be written is less than what is wrong.
        Err(error) if is_damage(error) => drop(catalogue.keep_verdict(chain, Some(error))),
        Err(_) => {}
    }
    made
}

/// Whether a chain can be relied on, as far as it can be told without putting it together.
pub(crate) fn check_files(place: &Place, catalogue: &Catalogue, chain: &[Entry], stop: &Stop) -> Result<()> {
    for entry in chain {
        check_sizes(place, catalogue, entry)?;
        let pages = catalogue.pages_of(entry);
        if entry.level == 0 {
            check_state(place, catalogue, stop, entry, &pages)?;
        } else {
            ChangesReader::new(reader(&pages)?)
                .and_then(ChangesReader::check)
                .map_err(|error| of_broken(&place.name, &entry.id, &pages, error))?;
        }
    }
    Ok(())
}

/// Puts a chain together and checks everything: every file against its digest, every backup against its base, the result
/// against the digests of the state that was backed up, and its structure by `integrity_check`.
fn assemble_checked(
    place: &Place,
    catalogue: &Catalogue,
    _held: &Held,
    context: &Context<'_>,
    chain: &[Entry],
) -> Result<Assembled> {
    let (Some(zero), Some(last)) = (chain.first(), chain.last()) else {
        return Err(place
            .error(Kind::NotFound, "P1211")
            .with("backup", "–")
            .with("known", ""));
    };
    for entry in chain {
        check_sizes(place, catalogue, entry)?;
    }
    check_state(place, catalogue, context.stop, zero, &catalogue.pages_of(zero))?;
    let mut made = Assembled {
        path: catalogue.pages_of(zero),
        copy: false,
    };
    if chain.len() > 1 {
        made = Assembled {
            path: catalogue.part(&last.destination, &last.id, "assembled"),
            copy: true,
        };
        Catalogue::expect_space(&catalogue.place(&last.destination), size_of(chain))?;
        copy(context, &catalogue.pages_of(zero), &made.path)?;
        for entry in &chain[1..] {
            apply(place, catalogue, context, entry, &made.path)?;
        }
        check_state(place, catalogue, context.stop, last, &made.path)?;
    }
    let made_one = open_still(&made.path).map_err(|error| place.of_sqlite(&error))?;
    match check_structure(place, &made_one, "integrity_check", context.stop)? {
        None => Ok(made),
        Some(reason) => Err(place
            .error(Kind::Failed, "P1222")
            .with("backup", &last.id)
            .with("reason", reason)),
    }
}

/// How many bytes the database of a chain has.
pub(crate) fn size_of(chain: &[Entry]) -> u64 {
    chain
        .iter()
        .map(|entry| entry.pages * u64::from(entry.page))
        .max()
        .unwrap_or(0)
}

/// Whether the files of a backup are there, with the size they had.
pub(crate) fn check_sizes(place: &Place, catalogue: &Catalogue, entry: &Entry) -> Result<()> {
    let digests = catalogue.digests_of(entry);
    let pages = catalogue.pages_of(entry);
    for path in [&pages, &digests] {
        let found = std::fs::metadata(path).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => damaged(&place.name, &entry.id, path, "missing"),
            _ => io_at(path, &error),
        })?;
        if path == &pages && found.len() != entry.bytes {
            return Err(damaged(&place.name, &entry.id, path, "length"));
        }
    }
    Ok(())
}

/// Whether these pages are the state that the backup holds.
fn check_state(place: &Place, catalogue: &Catalogue, stop: &Stop, entry: &Entry, pages: &Path) -> Result<()> {
    let digests = catalogue.digests_of(entry);
    let found = compare(&place.name, &entry.id, pages, &digests, stop)?;
    if found.to_string() == entry.digest {
        return Ok(());
    }
    Err(damaged(&place.name, &entry.id, &digests, "foreign"))
}

/// Compares pages with a list of digests, and tells the digest of the list.
fn compare(database: &str, id: &str, pages: &Path, digests: &Path, stop: &Stop) -> Result<blake3::Hash> {
    let wrong = |reason: &str| damaged(database, id, pages, reason);
    let in_pages = |error| of_broken(database, id, pages, error);
    let in_digests = |error| of_broken(database, id, digests, error);
    let mut list = ListReader::new(reader(digests)?).map_err(in_digests)?;
    let extent = list.extent;
    let mut file = File::open(pages).map_err(|error| io_at(pages, &error))?;
    let mut bytes = vec![0; extent.group()];
    let mut left = extent.bytes();
    while let Some(group) = list.group().map_err(in_digests)? {
        stop.check()?;
        let size = left.min(bytes.len() as u64) as usize;
        file.read_exact(&mut bytes[..size])
            .map_err(|error| in_pages(error.into()))?;
        if !group.is_of(&bytes[..size]) {
            return Err(wrong("content"));
        }
        left -= size as u64;
    }
    if file.read(&mut [0]).map_err(|error| io_at(pages, &error))? != 0 {
        return Err(wrong("longer"));
    }
    list.finish().map_err(in_digests)
}

fn copy(context: &Context<'_>, from: &Path, to: &Path) -> Result<()> {
    let total = std::fs::metadata(from)
        .map_err(|error| io_at(from, &error))?
        .len();
    let mut source = reader(from)?;
    let mut target = File::create(to).map_err(|error| io_at(to, &error))?;
    let (mut bytes, mut done) = (vec![0; 1 << 20], 0);
    loop {
        context.stop.check()?;
        let read = source.read(&mut bytes).map_err(|error| io_at(from, &error))?;
        if read == 0 {
            return Ok(());
        }
        target
            .write_all(&bytes[..read])
            .map_err(|error| io_at(to, &error))?;
        done += read as u64;
        progress(context, "database-progress-assemble", done, total);
    }
}

/// Puts the pages of an increment into a copy of what it builds upon.
fn apply(
    place: &Place,
    catalogue: &Catalogue,
    context: &Context<'_>,
    entry: &Entry,
    copy: &Path,
) -> Result<()> {
    let path = catalogue.pages_of(entry);
    let broken = |error| of_broken(&place.name, &entry.id, &path, error);
    let other = || -> Error { damaged(&place.name, &entry.id, &path, "foreign") };
    let mut changes = ChangesReader::new(reader(&path)?).map_err(broken)?;
    let extent = changes.extent;
    if entry.base_digest.as_deref() != Some(changes.base.to_string().as_str())
        || entry.extent() != Some(extent)
    {
        return Err(other());
    }
    let at_copy = |error: io::Error| io_at(copy, &error);
    let file = File::options().write(true).open(copy).map_err(at_copy)?;
    file.set_len(extent.bytes()).map_err(at_copy)?;
    let mut page = vec![0; extent.page];
    while let Some(number) = changes.next(&mut page).map_err(broken)? {
        context.stop.check()?;
        let at = (u64::from(number) - 1) * extent.page as u64;
        file.write_all_at(&page, at).map_err(at_copy)?;
    }
    Ok(())
}
