//! Making a backup: reading, hashing and writing at the same time, then reading it again before it counts.

use crate::driver::BackupPlan;
use crate::sqlite::catalogue::{Catalogue, Entry, Held, damaged, io_at, remove};
use crate::sqlite::changes::{ChangesReader, ChangesWriter};
use crate::sqlite::open::{ANY_TIME, Place, open_still};
use crate::sqlite::pages::{Broken, Extent, Group, ListReader, ListWriter};
use crate::sqlite::snapshot::Snapshot;
use procedo_core::capability::{Context, Stop};
use procedo_core::message::Message;
use procedo_core::{Error, Kind, Result};
use std::fs::File;
use std::io::{BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, Sender, channel, sync_channel};

/// How many pieces may wait between the reader and the one who hashes. With those in hand, about 8 MiB.
const WAITING: usize = 4;
/// After how many bytes the disk is told to write, so that it works while we read.
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

/// Pieces on their way to the one who hashes, and empty buffers on their way back.
struct Pieces {
    incoming: Receiver<Vec<u8>>,
    empty: Sender<Vec<u8>>,
}

impl Pieces {
    fn each(self, extent: Extent, mut group: impl FnMut(&[u8]) -> Result<()>) -> Result<()> {
        for bytes in &self.incoming {
            bytes.chunks(extent.group()).try_for_each(&mut group)?;
            // Nobody needs it any more at the end.
            let _ = self.empty.send(bytes);
        }
        Ok(())
    }
}

/// How errors name a backup that has no name yet: by its file.
fn self_id(path: &Path) -> &str {
    path.file_name().and_then(|name| name.to_str()).unwrap_or("–")
}

fn panicked() -> Error {
    Error::new(Kind::Failed, "P0070")
}

impl Work<'_, '_> {
    fn create(&self, path: &Path) -> Result<BufWriter<File>> {
        let file = File::create(path).map_err(|error| io_at(path, &error))?;
        Ok(BufWriter::with_capacity(256 << 10, file))
    }

    /// Reads the snapshot here, while a second thread hashes what was read.
    fn read<R: Send>(
        &self,
        hash: impl FnOnce(Pieces) -> Result<R> + Send,
        mut write: impl FnMut(&[u8]) -> Result<()>,
    ) -> Result<R> {
        let total = self.snapshot.extent.bytes();
        std::thread::scope(|scope| {
            let (outgoing, incoming) = sync_channel::<Vec<u8>>(WAITING);
            let (empty, emptied) = channel();
            let hashing = scope.spawn(move || hash(Pieces { incoming, empty }));
            let mut done = 0;
            let read = self.snapshot.read(
                self.context.stop,
                || emptied.try_recv().unwrap_or_default(),
                |bytes| {
                    write(&bytes)?;
                    done += bytes.len() as u64;
                    progress(self.context, "database-progress-copy", done, total);
                    // If nobody takes it, the other thread has failed; its error counts.
                    outgoing.send(bytes).map_err(|_| panicked())
                },
            );
            drop(outgoing);
            let hashed = hashing.join().map_err(|_| panicked())?;
            match hashed {
                Ok(result) => read.map(|()| result),
                Err(error) => Err(error),
            }
        })
    }

    /// Level 0: all pages, which are a database.
    fn full(&self) -> Result<blake3::Hash> {
        let extent = self.snapshot.extent;
        let at_pages = |error: std::io::Error| io_at(self.pages, &error);
        let at_digests = |error: std::io::Error| io_at(self.digests, &error);
        let mut list = ListWriter::new(self.create(self.digests)?, extent).map_err(at_digests)?;
        let mut file = File::create(self.pages).map_err(at_pages)?;
        let flushed = file.try_clone().map_err(at_pages)?;
        let digest = std::thread::scope(|scope| {
            let (flush, asked) = sync_channel::<()>(1);
            let flushing = scope.spawn(move || asked.iter().try_for_each(|()| flushed.sync_data()));
            let mut unflushed = 0;
            let digest = self.read(
                |pieces| {
                    pieces.each(extent, |bytes| {
                        list.group(&Group::of(bytes, extent.page)).map_err(at_digests)
                    })?;
                    finish(list.finish().map_err(at_digests)?, self.digests)
                },
                |bytes| {
                    file.write_all(bytes).map_err(at_pages)?;
                    unflushed += bytes.len() as u64;
                    if unflushed >= FLUSH && flush.try_send(()).is_ok() {
                        unflushed = 0;
                    }
                    Ok(())
                },
            );
            drop(flush);
            flushing.join().map_err(|_| panicked())?.map_err(at_pages)?;
            digest
        })?;
        self.check_full(&file)?;
        Ok(digest)
    }

    /// Reads level 0 again: its bytes against their digests, and its structure; while the disk takes the rest.
    fn check_full(&self, file: &File) -> Result<()> {
        let stop = self.context.stop;
        std::thread::scope(|scope| {
            let syncing = scope.spawn(|| file.sync_all());
            let name = &self.place.name;
            let (pages, digests) = (self.pages, self.digests);
            let comparing = scope.spawn(move || compare(name, self_id(pages), pages, digests, stop));
            let structure = check_structure(self.place, self.pages, "quick_check", stop);
            syncing
                .join()
                .map_err(|_| panicked())?
                .map_err(|error| io_at(self.pages, &error))?;
            comparing.join().map_err(|_| panicked())??;
            match structure? {
                None => Ok(()),
                Some(reason) => Err(self
                    .place
                    .error(Kind::Failed, "P1210")
                    .with("file", self.place.file.display())
                    .with("reason", reason)),
            }
        })
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
        let digest = self.read(
            |pieces| {
                let mut first = 1;
                pieces.each(extent, |bytes| {
                    let was = former.group().map_err(broken)?.unwrap_or_default();
                    let (group, changed) = was.follow(bytes, extent.page);
                    for page in changed {
                        let at = page * extent.page;
                        changes
                            .page(first + page as u32, &bytes[at..at + extent.page])
                            .map_err(at_pages)?;
                    }
                    first += (bytes.len() / extent.page) as u32;
                    list.group(&group).map_err(at_digests)
                })?;
                // A damaged list of the base would have named the wrong pages.
                let found = former.finish().map_err(broken)?;
                if found != base_digest {
                    return Err(damaged(&self.place.name, &base.id, &path, "it is another list"));
                }
                let file = changes.finish().map_err(at_pages)?;
                let file = file.into_inner().map_err(|error| at_pages(error.into_error()))?;
                file.sync_all().map_err(at_pages)?;
                finish(list.finish().map_err(at_digests)?, self.digests)
            },
            |_| Ok(()),
        )?;
        let wrong = |path: &Path, error| of_broken(&self.place.name, self_id(path), path, error);
        ChangesReader::new(reader(self.pages)?)
            .and_then(ChangesReader::check)
            .map_err(|error| wrong(self.pages, error))?;
        let again = ListReader::new(reader(self.digests)?)
            .and_then(ListReader::finish)
            .map_err(|error| wrong(self.digests, error))?;
        if again != digest {
            return Err(damaged(
                &self.place.name,
                self_id(self.digests),
                self.digests,
                "it was read otherwise than written",
            ));
        }
        Ok(digest)
    }
}

fn finish((file, digest): (BufWriter<File>, blake3::Hash), path: &Path) -> Result<blake3::Hash> {
    let synced = file
        .into_inner()
        .map_err(std::io::IntoInnerError::into_error)
        .and_then(|file| file.sync_all());
    synced.map_err(|error| io_at(path, &error))?;
    Ok(digest)
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

/// Compares pages with a list of digests, and tells the digest of the list.
pub(crate) fn compare(
    database: &str,
    id: &str,
    pages: &Path,
    digests: &Path,
    stop: &Stop,
) -> Result<blake3::Hash> {
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
            let first = (extent.bytes() - left) / extent.page as u64 + 1;
            let last = first + (size / extent.page) as u64 - 1;
            return Err(wrong(&format!("pages {first}–{last} do not match their digest")));
        }
        left -= size as u64;
    }
    if file.read(&mut [0]).map_err(|error| io_at(pages, &error))? != 0 {
        return Err(wrong("something follows its end"));
    }
    list.finish().map_err(in_digests)
}

/// Checks the structure of a still database with `quick_check` or `integrity_check`; what is wrong with it, if anything.
pub(crate) fn check_structure(
    place: &Place,
    path: &Path,
    pragma: &str,
    stop: &Stop,
) -> Result<Option<String>> {
    let connection = open_still(path).map_err(|error| place.of_sqlite(&error))?;
    let said = place.interruptible(&connection, stop, ANY_TIME, || {
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
