//! Reading without altering: `read`, `stat`, `list-folder`.

use crate::path::RelPath;
use crate::roots::Roots;
use crate::text::{self, LineEnd, TextError};
use crate::view::{Found, Last, Layer, View};
use procedo_core::capability::{Context, Reading};
use procedo_core::change::Assumed;
use procedo_core::effect::ResourceName;
use procedo_core::value::Digest;
use procedo_core::{Error, Kind, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// What a path names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum FileKind {
    /// A regular file.
    Regular,
    /// A folder.
    Folder,
    /// A symbolic link.
    Link,
    /// A device, socket or pipe.
    Special,
}

/// A text file's content.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct TextFile {
    /// The decoded text, without byte order mark.
    pub text: String,
    /// The encoding it was decoded from, by its WHATWG name.
    pub encoding: String,
    /// Whether the file starts with a byte order mark.
    pub bom: bool,
    /// How its lines end.
    pub line_end: LineEnd,
    /// BLAKE3 digest of the file's bytes, in hexadecimal.
    pub digest: String,
    /// Size in bytes.
    pub size: u64,
}

/// What is known about a path.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FileStatus {
    /// What it is; absent if there is nothing.
    pub kind: Option<FileKind>,
    /// Size in bytes; 0 for a folder.
    pub size: u64,
    /// BLAKE3 digest of a regular file's bytes, in hexadecimal.
    pub digest: Option<String>,
}

/// One entry of a listing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Entry {
    /// The path below the root.
    pub path: String,
    /// What it is.
    pub kind: FileKind,
    /// Size in bytes; 0 for a folder.
    pub size: u64,
}

/// The arguments of `read`.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct ReadArgs {
    root: String,
    path: String,
    encoding: Option<String>,
}

/// The arguments of `stat`.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct StatArgs {
    root: String,
    path: String,
}

/// The arguments of `list-folder`.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct ListArgs {
    root: String,
    path: String,
    recursive: bool,
}

/// Reads a text file.
pub(crate) struct Read(pub(crate) Arc<Roots>);

/// Tells what is at a path.
pub(crate) struct Stat(pub(crate) Arc<Roots>);

/// Lists a folder.
pub(crate) struct ListFolder(pub(crate) Arc<Roots>);

/// Looks through a view, and marks the answer as overlaid where a plan has changed something so far.
pub(crate) fn look<R>(
    roots: &Roots,
    root: &str,
    context: &mut Context<'_>,
    ask: impl FnOnce(&View<'_>) -> Result<R>,
) -> Result<Assumed<R>> {
    let root = roots.open(root)?;
    let view = View::planned(
        &root,
        context.overlay.part::<Layer>(),
        context.blobs,
        context.stop,
    );
    let reply = ask(&view).map_err(|error| root.told(error))?;
    Ok(if view.is_overlaid() {
        Assumed::Overlaid(reply)
    } else {
        Assumed::Real(reply)
    })
}

impl Reading for Read {
    type Args = ReadArgs;
    type Reply = TextFile;

    fn resource(&self, args: &ReadArgs) -> ResourceName {
        args.root.clone()
    }

    fn read(&self, context: &mut Context<'_>, args: &ReadArgs) -> Result<Assumed<TextFile>> {
        look(&self.0, &args.root, context, |view| {
            let path = view.resolve(&RelPath::parse(&args.root, &args.path)?, Last::Follow)?;
            let limit = view.root.settings.max_file_bytes;
            let bytes = view
                .file(&path)?
                .bytes(&args.root, &path, view.blobs, view.stop, limit)?;
            text_file(view, &path, &bytes, args.encoding.as_deref())
        })
    }
}

/// The text of some bytes, with how it was stored.
pub(crate) fn text_file(
    view: &View<'_>,
    path: &RelPath,
    bytes: &[u8],
    encoding: Option<&str>,
) -> Result<TextFile> {
    let told = |error| text_error(view, path, error);
    let said = encoding.map(text::encoding).transpose().map_err(told)?;
    let form = text::form_of(bytes, said);
    let text = text::decode(bytes, form).map_err(told)?;
    Ok(TextFile {
        encoding: form.encoding.name().to_owned(),
        bom: form.bom,
        line_end: text::line_end_of(&text),
        digest: Digest::of(bytes).to_string(),
        size: bytes.len() as u64,
        text,
    })
}

/// What is wrong with a text, as an error about its file.
pub(crate) fn text_error(view: &View<'_>, path: &RelPath, error: TextError) -> Error {
    let invalid = |code| view.error(Kind::Invalid, code, path);
    match error {
        TextError::UnknownEncoding(label) => invalid("P0318").with("encoding", label),
        TextError::NotValid(encoding) => invalid("P0319").with("encoding", encoding.name()),
        TextError::NoSuchCharacter(encoding, character, line) => invalid("P0320")
            .with("encoding", encoding.name())
            .with("character", crate::path::shown(&character.to_string()))
            .with("code-point", crate::path::named(character))
            .with("line", line),
        TextError::NoMark(encoding) => invalid("P0321").with("encoding", encoding.name()),
    }
}

impl Reading for Stat {
    type Args = StatArgs;
    type Reply = FileStatus;

    fn resource(&self, args: &StatArgs) -> ResourceName {
        args.root.clone()
    }

    fn read(&self, context: &mut Context<'_>, args: &StatArgs) -> Result<Assumed<FileStatus>> {
        look(&self.0, &args.root, context, |view| {
            let path = view.resolve(&RelPath::parse_or_root(&args.root, &args.path)?, Last::Keep)?;
            let found = view.at(&path)?;
            let Some((kind, size)) = kind_and_size(&found) else {
                return Ok(FileStatus {
                    kind: None,
                    size: 0,
                    digest: None,
                });
            };
            let Found::File(file) = found else {
                return Ok(FileStatus {
                    kind: Some(kind),
                    size,
                    digest: None,
                });
            };
            let (digest, size) = file.stream(&args.root, &path, view.blobs, view.stop, |_| Ok(()))?;
            Ok(FileStatus {
                kind: Some(kind),
                size,
                digest: Some(digest.to_string()),
            })
        })
    }
}

fn kind_and_size(found: &Found) -> Option<(FileKind, u64)> {
    match found {
        Found::Absent => None,
        Found::File(file) => Some((FileKind::Regular, file.size)),
        Found::Folder(_) => Some((FileKind::Folder, 0)),
        Found::Link => Some((FileKind::Link, 0)),
        Found::Special => Some((FileKind::Special, 0)),
    }
}

impl Reading for ListFolder {
    type Args = ListArgs;
    type Reply = Vec<Entry>;

    fn resource(&self, args: &ListArgs) -> ResourceName {
        args.root.clone()
    }

    fn read(&self, context: &mut Context<'_>, args: &ListArgs) -> Result<Assumed<Vec<Entry>>> {
        look(&self.0, &args.root, context, |view| {
            // Entries are named by the path that the caller gave, not by where its links lead.
            let given = RelPath::parse_or_root(&args.root, &args.path)?;
            let folder = view.resolve(&given, Last::Follow)?;
            let found = if args.recursive {
                view.walk(&folder)?
            } else {
                view.list(&folder)?
            };
            let entry = |(inner, found): (&String, &Found)| {
                let (kind, size) = kind_and_size(found)?;
                Some(Entry {
                    path: given.below(inner).as_str().to_owned(),
                    kind,
                    size,
                })
            };
            Ok(found.iter().filter_map(entry).collect())
        })
    }
}
