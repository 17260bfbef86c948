//! Putting back what an earlier change recorded: `restore`.

use crate::alter::{Alteration, Intention};
use crate::path::RelPath;
use crate::state::{State, made_up};
use crate::tree::weigh;
use crate::view::{Last, View};
use procedo_core::effect::Effect;
use procedo_core::message::Message;
use procedo_core::{Kind, Result};
use schemars::JsonSchema;
use serde::Deserialize;

/// The arguments of `restore`.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct RestoreArgs {
    root: String,
    path: String,
    /// A recorded state as JSON. It names the contents it holds by blobs, whose names nobody can make up.
    state: String,
}

/// Puts a recorded state back.
pub(crate) struct Restore;

impl RestoreArgs {
    fn state(&self) -> Option<State> {
        serde_json::from_str(&self.state).ok()
    }
}

impl Alteration for Restore {
    type Args = RestoreArgs;

    fn root(args: &RestoreArgs) -> &str {
        &args.root
    }

    fn effect(args: &RestoreArgs) -> Effect {
        match args.state() {
            Some(State::Absent) => Effect::Destructive,
            _ => Effect::Write,
        }
    }

    fn intend(view: &View<'_>, args: &RestoreArgs) -> Result<Option<Intention>> {
        let path = RelPath::parse(&args.root, &args.path)?;
        if view.resolve(&path, Last::Keep)? != path {
            // Recorded paths have no links in them: one was put there since.
            return Err(view.error(Kind::Conflict, "P0335", &path));
        }
        let state = args.state().ok_or_else(|| made_up(&args.root, &path))?;
        if state == State::Absent {
            let weight = weigh(&view.tree(&path)?);
            let summary = Message::new("files-change-remove").with("path", &path);
            let target = path.as_str().to_owned();
            return Ok(Some(Intention {
                path,
                after: Vec::new(),
                target,
                summary,
                diff: None,
                weight,
            }));
        }
        let after = state.load(&args.root, &path, view.blobs)?;
        view.expect_parent(&path)?;
        Ok(Some(Intention {
            target: path.as_str().to_owned(),
            summary: Message::new("files-change-restore").with("path", &path),
            diff: None,
            weight: weigh(&after),
            after,
            path,
        }))
    }
}
