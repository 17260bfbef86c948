//! Entries of archives: `list-archive`, `read-archive`, `write-archive`.

use crate::alter::{Alteration, Intention};
use crate::archive::{Archive, ArchiveError};
use crate::diff;
use crate::operation::look::{TextFile, look, text_file};
use crate::operation::write::{WriteOptions, compose};
use crate::path::{RelPath, shown};
use crate::root::MOST_ENTRIES;
use crate::roots::Roots;
use crate::tree::{FileItem, Item, too_large};
use crate::view::{Last, View};
use procedo_core::capability::{Context, Reading};
use procedo_core::change::Assumed;
use procedo_core::effect::{Effect, ResourceName};
use procedo_core::message::Message;
use procedo_core::{Error, Kind, Result};
use schemars::JsonSchema;
use serde::Deserialize;
use std::sync::Arc;

/// The largest archive, in bytes: it is held in memory while an entry of it is read or replaced.
const LARGEST_ARCHIVE: u64 = 256 << 20;

/// The arguments of `list-archive`.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct ListArchiveArgs {
    root: String,
    path: String,
}

/// The arguments of `read-archive`.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct ReadArchiveArgs {
    root: String,
    path: String,
    entry: String,
    encoding: Option<String>,
}

/// The arguments of `write-archive`.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct WriteArchiveArgs {
    root: String,
    path: String,
    entry: String,
    text: String,
    options: Option<WriteOptions>,
}

/// Lists an archive's entries.
pub(crate) struct ListArchive(pub(crate) Arc<Roots>);

/// Reads an entry of an archive.
pub(crate) struct ReadArchive(pub(crate) Arc<Roots>);

/// Replaces an entry of an archive.
pub(crate) struct WriteArchive;

fn archive_file(view: &View<'_>, given: &str) -> Result<(RelPath, FileItem, Arc<[u8]>)> {
    let root = &view.root.name;
    let path = view.resolve(&RelPath::parse(root, given)?, Last::Follow)?;
    let file = view.file(&path)?;
    let bytes = file.bytes(root, &path, view.blobs, view.stop, LARGEST_ARCHIVE)?;
    Ok((path, file, bytes))
}

/// What is wrong with an archive, as an error about its file and entry.
fn told<'a>(view: &'a View<'_>, path: &'a RelPath, entry: &'a str) -> impl Fn(ArchiveError) -> Error + 'a {
    move |error| {
        let about = |kind, code| view.error(kind, code, path);
        match error {
            ArchiveError::Damaged(reason) => about(Kind::Invalid, "P0329").with("reason", reason),
            ArchiveError::Name { rule, entry } => about(Kind::Invalid, "P0330")
                .with("rule", rule)
                .with("entry", entry),
            ArchiveError::Encrypted => about(Kind::NotSupported, "P0330")
                .with("rule", "encrypted")
                .with("entry", shown(entry)),
            ArchiveError::NoEntry => about(Kind::NotFound, "P0331").with("entry", shown(entry)),
            ArchiveError::Unsupported(what) => about(Kind::NotSupported, "P0338").with("feature", what),
            ArchiveError::TooLarge(size) => {
                let limit = view.root.settings.max_file_bytes;
                about(Kind::TooLarge, "P0339")
                    .with("entry", shown(entry))
                    .with("size", size)
                    .with("limit", limit)
            }
        }
    }
}

impl Reading for ListArchive {
    type Args = ListArchiveArgs;
    type Reply = Vec<String>;

    fn resource(&self, args: &ListArchiveArgs) -> ResourceName {
        args.root.clone()
    }

    fn read(&self, context: &mut Context<'_>, args: &ListArchiveArgs) -> Result<Assumed<Vec<String>>> {
        look(&self.0, &args.root, context, |view| {
            let (path, _, bytes) = archive_file(view, &args.path)?;
            let archive = Archive::open(&bytes).map_err(told(view, &path, ""))?;
            if archive.names().len() > MOST_ENTRIES {
                return Err(view
                    .error(Kind::TooLarge, "P0312", &path)
                    .with("limit", MOST_ENTRIES));
            }
            Ok(archive.names().to_vec())
        })
    }
}

impl Reading for ReadArchive {
    type Args = ReadArchiveArgs;
    type Reply = TextFile;

    fn resource(&self, args: &ReadArchiveArgs) -> ResourceName {
        args.root.clone()
    }

    fn read(&self, context: &mut Context<'_>, args: &ReadArchiveArgs) -> Result<Assumed<TextFile>> {
        look(&self.0, &args.root, context, |view| {
            let (path, _, bytes) = archive_file(view, &args.path)?;
            let content = Archive::open(&bytes)
                .and_then(|mut archive| archive.read(&args.entry, view.root.settings.max_file_bytes))
                .map_err(told(view, &path, &args.entry))?;
            text_file(view, &path, &content, args.encoding.as_deref())
        })
    }
}

impl Alteration for WriteArchive {
    type Args = WriteArchiveArgs;

    fn root(args: &WriteArchiveArgs) -> &str {
        &args.root
    }

    fn effect(_args: &WriteArchiveArgs) -> Effect {
        Effect::Write
    }

    fn intend(view: &View<'_>, args: &WriteArchiveArgs) -> Result<Option<Intention>> {
        let (path, file, bytes) = archive_file(view, &args.path)?;
        let told = told(view, &path, &args.entry);
        let mut archive = Archive::open(&bytes).map_err(&told)?;
        let old = archive
            .read(&args.entry, view.root.settings.max_file_bytes)
            .map_err(&told)?;
        let options = args.options.clone().unwrap_or_default();
        let (new, text) = compose(view, &path, Some(&old), &args.text, &options)?;
        if new == old {
            return Ok(None);
        }
        let bytes = archive.replace(&args.entry, &new).map_err(&told)?;
        if bytes.len() as u64 > LARGEST_ARCHIVE {
            return Err(too_large(&args.root, &path, bytes.len() as u64, LARGEST_ARCHIVE));
        }
        let target = format!("{}!/{}", args.path, args.entry);
        Ok(Some(Intention {
            summary: Message::new("files-change-archive")
                .with("path", &args.path)
                .with("entry", &args.entry),
            diff: diff::unified(&RelPath::default().join(&target), Some(&old), &text),
            target,
            weight: (1, new.len() as u64),
            after: vec![(String::new(), Item::File(FileItem::of(bytes, file.meta)))],
            path: path.clone(),
        }))
    }
}
