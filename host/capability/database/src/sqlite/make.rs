//! Making a backup: reading, hashing and writing with two threads, then reading it again before it counts.

use crate::catalogue::damaged;
use crate::driver::BackupPlan;
use crate::sqlite::catalogue::{Catalogue, Entry, Held, io_at, remove};
use crate::sqlite::changes::{ChangesReader, ChangesWriter};
use crate::sqlite::flow::{each, panicked};
use crate::sqlite::open::{ANY_TIME, Place};
use crate::sqlite::pages::{Broken, Extent, Group, ListReader, ListWriter};
use crate::sqlite::snapshot::Snapshot;
use procedo_core::capability::{Context, Stop};
use procedo_core::message::Message;
use procedo_core::{Error, Kind, Result};
use rusqlite::Connection;
use rustix::fs::{Advice, fadvise};
use std::fs::File;
use std::io::{BufReader, BufWriter};
use std::num::NonZeroU64;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, sync_channel};

/// After how many bytes the disk is told to write, so that it works while we read. About three times as many wait for it.
const FLUSH: u64 = 32 << 20;

/// Files that are removed unless the work came to its end.
#[derive(Default)]
struct Parts(Vec<PathBuf>);

impl Drop for Parts {
    fn drop(&mut self) {
        for path in &self.0 {
            // What cannot be removed now is swept before the next work.
            let _ = remove(path);
        }
    }
}

/// Tells how much of the pages is done.
pub(crate) fn progress(context: &Context<'_>, id: &str, done: u64, total: u64) {
    let message = Message::new(id)
        .with("percent", done.saturating_mul(100) / total.max(1))
        .with("bytes", done);
    (context.progress)(done, Some(total), &message);
}

/// The time as the catalogue keeps it.
fn now() -> String {
    jiff::Timestamp::now()
        .strftime("%Y-%m-%dT%H:%M:%S%.3fZ")
        .to_string()
}

/// Makes the backup that was planned. A backup of this key that is there already is the answer.
pub(crate) fn make(
    place: &Place,
    catalogue: &Catalogue,
    _held: &Held,
    context: &Context<'_>,
    plan: &BackupPlan,
    key: &str,
) -> Result<Entry> {
    let changed = || {
        place
            .error(Kind::Conflict, "P1225")
            .with("backup", &plan.id)
            .with("base", plan.base.as_deref().unwrap_or("–"))
    };
    let found = catalogue.look()?;
    if let Some(entry) = found.entries.iter().find(|entry| entry.id == plan.id) {
        return if entry.key == key {
            Ok(entry.clone())
        } else {
            Err(changed())
        };
    }
    let destination = catalogue.destination(plan.destination.as_deref())?;
    let base = match (&plan.base, &plan.base_digest) {
        (Some(base), Some(digest)) => {
            let chain = found.chain(&place.name, base)?;
            let base = chain
                .last()
                .filter(|base| base.digest == *digest)
                .ok_or_else(changed)?;
            Some(base.clone())
        }
        _ => None,
    };
    let started = now();
    let snapshot = Snapshot::take(place)?;
    let extent = snapshot.extent;
    if let Some(base) = &base
        && base.page as usize != extent.page
    {
        return Err(place
            .error(Kind::Conflict, "P1223")
            .with("backup", &base.id)
            .with("theirs", base.page)
            .with("ours", extent.page));
    }
    let ending = Entry::ending(plan.level);
    let pages_part = catalogue.part(destination, &plan.id, ending);
    let digests_part = catalogue.part(destination, &plan.id, "digests");
    let mut parts = Parts(vec![
        pages_part.clone(),
        digests_part.clone(),
        catalogue.part(destination, &plan.id, "json"),
    ]);
    let work = Work {
        place,
        context,
        snapshot,
        pages: &pages_part,
        digests: &digests_part,
    };
    let digest = match &base {
        None => work.full()?,
        Some(base) => work.changes(catalogue, base)?,
    };
    let bytes = std::fs::metadata(&pages_part)
        .map_err(|error| io_at(&pages_part, &error))?
        .len();
    let entry = Entry {
        format: 1,
        id: plan.id.clone(),
        key: key.to_owned(),
        level: plan.level,
        base: base.as_ref().map(|base| base.id.clone()),
        base_digest: base.map(|base| base.digest),
        destination: destination.to_owned(),
        page: extent.page as u32,
        pages: extent.pages,
        bytes,
        digest: digest.to_string(),
        started,
        ended: now(),
    };
    let named = [
        (pages_part, catalogue.pages_of(&entry)),
        (digests_part, catalogue.digests_of(&entry)),
    ];
    // From here on the names are those of the backup, and go if it does not come to be.
    parts.0.extend(named.iter().map(|(_, path)| path.clone()));
    catalogue.conclude(&entry, &named)?;
    parts.0.clear();
    Ok(entry)
}

struct Work<'a, 'c> {
    place: &'a Place,
    context: &'a Context<'c>,
    snapshot: Snapshot<'a>,
    pages: &'a Path,
    digests: &'a Path,
}

/// How errors name a backup that has no name yet: by its file.
fn self_id(path: &Path) -> &str {
    path.file_name().and_then(|name| name.to_str()).unwrap_or("–")
}

impl Work<'_, '_> {
    fn create(&self, path: &Path) -> Result<BufWriter<File>> {
        let file = File::create(path).map_err(|error| io_at(path, &error))?;
        Ok(BufWriter::with_capacity(256 << 10, file))
    }

    /// Tells how far it is, by the bytes of another piece.
    fn advance(&self, done: &mut u64, bytes: &[u8]) {
        *done += bytes.len() as u64;
        let total = self.snapshot.extent.bytes();
        progress(self.context, "database-progress-copy", *done, total);
    }

    /// Level 0: all pages, which are a database.
    fn full(&self) -> Result<blake3::Hash> {
        let extent = self.snapshot.extent;
        let at_pages = |error: std::io::Error| io_at(self.pages, &error);
        let at_digests = |error: std::io::Error| io_at(self.digests, &error);
        let mut list = ListWriter::new(self.create(self.digests)?, extent).map_err(at_digests)?;
        let file = File::options()
            .read(true)
            .write(true)
            .create(true)
            .truncate(true)
            .open(self.pages)
            .map_err(at_pages)?;
        std::thread::scope(|scope| {
            let (written, checked) = sync_channel::<Vec<Group>>(1);
            let checking =
                scope.spawn(|| check_written(&self.place.name, self.pages, &file, extent, checked));
            let (mut done, mut unchecked) = (0, Vec::new());
            let read = each(
                &self.snapshot,
                self.context.stop,
                |_| Ok(()),
                |at, bytes, ()| {
                    file.write_all_at(bytes, at).map_err(at_pages)?;
                    Ok(Group::all_of(bytes, extent))
                },
                |bytes, groups| {
                    self.advance(&mut done, bytes);
                    for group in &groups {
                        list.group(group).map_err(at_digests)?;
                    }
                    unchecked.extend(groups);
                    if (unchecked.len() * extent.group()) as u64 >= FLUSH {
                        // If nobody takes them, checking has failed; its error counts.
                        let groups = std::mem::take(&mut unchecked);
                        written.send(groups).map_err(|_| panicked())?;
                    }
                    Ok(())
                },
            );
            let read = read.and_then(|()| written.send(unchecked).map_err(|_| panicked()));
            drop(written);
            checking.join().map_err(|_| panicked())??;
            read
        })?;
        file.sync_all().map_err(at_pages)?;
        let digest = self.finish(list.finish().map_err(at_digests)?)?;
        match self.snapshot.check_structure(self.context.stop)? {
            None => Ok(digest),
            Some(reason) => Err(self
                .place
                .error(Kind::Failed, "P1210")
                .with("file", self.place.file.display())
                .with("reason", reason)),
        }
    }

    /// Syncs the list of digests, and reads it again.
    fn finish(&self, (file, digest): (BufWriter<File>, blake3::Hash)) -> Result<blake3::Hash> {
        sync(file).map_err(|error| io_at(self.digests, &error))?;
        let (name, id) = (&self.place.name, self_id(self.digests));
        let again = ListReader::new(reader(self.digests)?)
            .and_then(ListReader::finish)
            .map_err(|error| of_broken(name, id, self.digests, error))?;
        if again == digest {
            return Ok(digest);
        }
        Err(damaged(name, id, self.digests, "content"))
    }

    /// The levels above: the pages whose digests are not those of the base.
    fn changes(&self, catalogue: &Catalogue, base: &Entry) -> Result<blake3::Hash> {
        let extent = self.snapshot.extent;
        let at_pages = |error: std::io::Error| io_at(self.pages, &error);
        let at_digests = |error: std::io::Error| io_at(self.digests, &error);
        let path = catalogue.digests_of(base);
        let broken = |error: Broken| of_broken(&self.place.name, &base.id, &path, error);
        let mut former = ListReader::new(reader(&path)?).map_err(broken)?;
        let mut list = ListWriter::new(self.create(self.digests)?, extent).map_err(at_digests)?;
        let base_digest = blake3::Hash::from_hex(&base.digest)
            .map_err(|error| damaged(&self.place.name, &base.id, &path, &error.to_string()))?;
        let mut changes =
            ChangesWriter::new(self.create(self.pages)?, extent, &base_digest).map_err(at_pages)?;
        let (mut done, mut first) = (0, 1);
        each(
            &self.snapshot,
            self.context.stop,
            |bytes| {
                let next = |_| former.group().map_err(broken).map(Option::unwrap_or_default);
                (0..bytes.div_ceil(extent.group())).map(next).collect()
            },
            |_, bytes, former: Vec<Group>| {
                let pairs = former.into_iter().zip(bytes.chunks(extent.group()));
                let followed = pairs.map(|(was, bytes)| was.follow(bytes, extent.page));
                Ok(followed.collect::<Vec<_>>())
            },
            |bytes, followed| {
                self.advance(&mut done, bytes);
                for ((group, changed), bytes) in followed.iter().zip(bytes.chunks(extent.group())) {
                    for page in changed {
                        let at = page * extent.page;
                        changes
                            .page(first + *page as u32, &bytes[at..at + extent.page])
                            .map_err(at_pages)?;
                    }
                    first += (bytes.len() / extent.page) as u32;
                    list.group(group).map_err(at_digests)?;
                }
                Ok(())
            },
        )?;
        // A damaged list of the base would have named the wrong pages.
        if former.finish().map_err(broken)? != base_digest {
            return Err(damaged(&self.place.name, &base.id, &path, "foreign"));
        }
        let changes = changes.finish().map_err(at_pages)?;
        let list = list.finish().map_err(at_digests)?;
        std::thread::scope(|scope| {
            let (name, pages) = (&self.place.name, self.pages);
            let checking = scope.spawn(move || check_changes(name, pages, changes));
            let digest = self.finish(list);
            checking.join().map_err(|_| panicked())??;
            digest
        })
    }
}

/// Syncs the groups of pages that come as written, and reads each of them again.
fn check_written(
    database: &str,
    path: &Path,
    file: &File,
    extent: Extent,
    written: Receiver<Vec<Group>>,
) -> Result<()> {
    let at_pages = |error: std::io::Error| io_at(path, &error);
    let (mut at, mut bytes) = (0, vec![0; extent.group()]);
    for groups in written {
        file.sync_data().map_err(at_pages)?;
        let from = at;
        for group in groups {
            let size = (extent.bytes() - at).min(bytes.len() as u64);
            let bytes = &mut bytes[..size as usize];
            file.read_exact_at(bytes, at).map_err(at_pages)?;
            if !group.is_of(bytes) {
                return Err(damaged(database, self_id(path), path, "content"));
            }
            at += size;
        }
        // The system can take the same memory for what follows, and keeps what others have in its cache. It is advice only.
        let _ = fadvise(file, from, NonZeroU64::new(at - from), Advice::DontNeed);
    }
    Ok(())
}

fn sync(file: BufWriter<File>) -> std::io::Result<()> {
    let file = file.into_inner().map_err(std::io::IntoInnerError::into_error)?;
    file.sync_all()
}

/// Syncs the changed pages, and reads them again.
fn check_changes(database: &str, path: &Path, file: BufWriter<File>) -> Result<()> {
    sync(file).map_err(|error| io_at(path, &error))?;
    ChangesReader::new(reader(path)?)
        .and_then(ChangesReader::check)
        .map_err(|error| of_broken(database, self_id(path), path, error))
}

/// Opens a file of a backup.
pub(crate) fn reader(path: &Path) -> Result<BufReader<File>> {
    let file = File::open(path).map_err(|error| io_at(path, &error))?;
    Ok(BufReader::with_capacity(1 << 20, file))
}

/// What was wrong with a backup's file, as an error.
pub(crate) fn of_broken(database: &str, id: &str, path: &Path, broken: Broken) -> Error {
    match broken {
        Broken::Wrong(reason) => damaged(database, id, path, &reason),
        Broken::Io(error) => io_at(path, &error),
    }
}

/// Checks the structure of a database with `quick_check` or `integrity_check`; what is wrong with it, if anything.
pub(crate) fn check_structure(
    place: &Place,
    connection: &Connection,
    pragma: &str,
    stop: &Stop,
) -> Result<Option<String>> {
    let said = place.interruptible(connection, stop, ANY_TIME, || {
        connection.query_row(&format!("PRAGMA {pragma}(1)"), [], |row| row.get::<_, String>(0))
    });
    match said {
        Ok(said) if said == "ok" => Ok(None),
        Ok(said) => Ok(Some(said)),
        // Damage can be such that SQLite cannot even say where.
        Err(error) if error.code == "P1210" => Ok(error.message.args.get("reason").cloned()),
        Err(error) => Err(error),
    }
}
