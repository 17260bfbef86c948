//! Files and folders as wholes: `copy`, `remove`, `make-folder`.

use crate::alter::{Alteration, Intention};
use crate::path::RelPath;
use crate::root::Meta;
use crate::state::State;
use crate::tree::{Item, weigh};
use crate::view::{Found, Last, View};
use procedo_core::effect::Effect;
use procedo_core::message::Message;
use procedo_core::{Kind, Result};
use schemars::JsonSchema;
use serde::Deserialize;

/// The arguments of `copy`.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct CopyArgs {
    root: String,
    source: String,
    target: String,
}

/// The arguments of `remove`.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct RemoveArgs {
    root: String,
    path: String,
}

/// The arguments of `make-folder`.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct MakeFolderArgs {
    root: String,
    path: String,
}

/// Copies a file or folder.
pub(crate) struct Copy;

/// Removes a file or folder.
pub(crate) struct Remove;

/// Makes a folder and those above it.
pub(crate) struct MakeFolder;

impl Alteration for Copy {
    type Args = CopyArgs;

    fn root(args: &CopyArgs) -> &str {
        &args.root
    }

    fn effect(_args: &CopyArgs) -> Effect {
        Effect::Write
    }

    fn intend(view: &View<'_>, args: &CopyArgs) -> Result<Option<Intention>> {
        let given = RelPath::parse(&args.root, &args.source)?;
        let source = view.resolve(&given, Last::Follow)?;
        let given_target = RelPath::parse(&args.root, &args.target)?;
        let target = view.resolve(&given_target, Last::Keep)?;
        let mut tree = view.tree(&source)?;
        if tree.is_empty() {
            return Err(view.error(Kind::NotFound, "P0301", &given));
        }
        if source == target {
            return Ok(None);
        }
        if target.is_within(&source) {
            return Err(view
                .error(Kind::Invalid, "P0336", &given)
                .with("target", &given_target));
        }
        view.expect_parent(&target)?;
        for (_, item) in &mut tree {
            match item {
                // A copy belongs to who made it.
                Item::File(file) => file.meta.owner = None,
                Item::Folder(meta) => {
                    *meta = Meta {
                        mode: meta.mode.map(|mode| mode & 0o777),
                        owner: None,
                    }
                }
                Item::Link(_) => {}
            }
        }
        if !matches!(view.at(&target)?, Found::Absent) {
            let wanted = State::record(&mut tree, &args.root, &source, view.blobs, false, view.stop)?;
            if view.state(&target)?.same(&wanted) {
                return Ok(None);
            }
            return Err(view
                .error(Kind::Conflict, "P0316", &given_target)
                .with("source", &given));
        }
        Ok(Some(Intention {
            target: given_target.as_str().to_owned(),
            summary: Message::new("files-change-copy")
                .with("source", &given)
                .with("path", &given_target),
            diff: None,
            weight: weigh(&tree),
            after: tree,
            path: target,
        }))
    }
}

impl Alteration for Remove {
    type Args = RemoveArgs;

    fn root(args: &RemoveArgs) -> &str {
        &args.root
    }

    fn effect(_args: &RemoveArgs) -> Effect {
        Effect::Destructive
    }

    fn intend(view: &View<'_>, args: &RemoveArgs) -> Result<Option<Intention>> {
        let given = RelPath::parse(&args.root, &args.path)?;
        let path = view.resolve(&given, Last::Keep)?;
        let tree = view.tree(&path)?;
        let Some((_, top)) = tree.first() else {
            return Ok(None);
        };
        let summary = if matches!(top, Item::Folder(_)) {
            "files-change-remove-folder"
        } else {
            "files-change-remove"
        };
        Ok(Some(Intention {
            target: given.as_str().to_owned(),
            summary: Message::new(summary).with("path", &given),
            diff: None,
            weight: weigh(&tree),
            after: Vec::new(),
            path,
        }))
    }
}

impl Alteration for MakeFolder {
    type Args = MakeFolderArgs;

    fn root(args: &MakeFolderArgs) -> &str {
        &args.root
    }

    fn effect(_args: &MakeFolderArgs) -> Effect {
        Effect::Write
    }

    fn intend(view: &View<'_>, args: &MakeFolderArgs) -> Result<Option<Intention>> {
        let given = RelPath::parse(&args.root, &args.path)?;
        let whole = view.resolve(&given, Last::Follow)?;
        let mut top = RelPath::default();
        let mut missing = whole.parts();
        loop {
            let Some(part) = missing.next() else {
                return Ok(None);
            };
            top = top.join(part);
            match view.at(&top)? {
                Found::Absent => break,
                _ => view.expect_folder(&top)?,
            }
        }
        let mut after = vec![(String::new(), Item::Folder(Meta::default()))];
        let mut inner = RelPath::default();
        for part in missing {
            inner = inner.join(part);
            after.push((inner.as_str().to_owned(), Item::Folder(Meta::default())));
        }
        Ok(Some(Intention {
            target: given.as_str().to_owned(),
            summary: Message::new("files-change-make-folder").with("path", &given),
            diff: None,
            weight: (0, 0),
            after,
            path: top,
        }))
    }
}
