//! The four answers, once, for every operation that alters files.
//!
//! Each of them comes down to: put this tree at that path. An [`Alteration`] says which; the rest is the same for all.

use crate::path::RelPath;
use crate::root::Root;
use crate::roots::Roots;
use crate::state::State;
use crate::tree::Tree;
use crate::view::{Layer, View};
use procedo_core::capability::{Context, Operation};
use procedo_core::change::{Assumed, Call, Change, Planned, Probe, Undo};
use procedo_core::effect::{Effect, OperationName, ResourceName};
use procedo_core::message::Message;
use procedo_core::value::Value;
use procedo_core::{Error, Kind, Result};
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::sync::Arc;

/// What a change of files did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Changed {
    /// Whether anything differs from before.
    pub changed: bool,
    /// How many files were written or removed.
    pub files: u64,
    /// How many bytes they hold.
    pub bytes: u64,
}

/// What a call would do.
pub(crate) struct Intention {
    /// Where, without links.
    pub(crate) path: RelPath,
    /// What shall be there.
    pub(crate) after: Tree,
    /// The change's target, as people read it.
    pub(crate) target: String,
    /// One sentence; `root`, `files` and `bytes` are added to it. Where what is lost is too large to be kept for an undo,
    /// the sentence of the same name with `-for-good` is told instead.
    pub(crate) summary: Message,
    /// A unified diff, where it is about text.
    pub(crate) diff: Option<String>,
    /// How many files are written or removed, and how many bytes they hold.
    pub(crate) weight: (u64, u64),
}

/// An operation that puts something at a path.
pub(crate) trait Alteration: Send + Sync + 'static {
    /// The arguments.
    type Args: DeserializeOwned + JsonSchema;

    /// The root it is about.
    fn root(args: &Self::Args) -> &str;

    /// How much it alters at most.
    fn effect(args: &Self::Args) -> Effect;

    /// What the call would do, seen in this view; none if it is done already.
    fn intend(view: &View<'_>, args: &Self::Args) -> Result<Option<Intention>>;
}

/// An alteration as an operation.
pub(crate) struct Altering<A> {
    roots: Arc<Roots>,
    alteration: std::marker::PhantomData<fn() -> A>,
}

impl<A: Alteration> Altering<A> {
    /// The operation on these roots.
    pub(crate) fn new(roots: &Arc<Roots>) -> Self {
        Self {
            roots: Arc::clone(roots),
            alteration: std::marker::PhantomData,
        }
    }
}

/// A recorded side of a change: `before` or `after`.
#[derive(Serialize, Deserialize)]
struct Side {
    /// The path without links.
    path: String,
    /// What was there.
    state: State,
    /// What the call replies; only in `after`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reply: Option<Changed>,
}

impl Side {
    fn read(root: &str, value: &Value) -> Result<(RelPath, Self)> {
        let side = Self::deserialize(value).map_err(|_| crate::state::made_up(root, &RelPath::default()))?;
        Ok((RelPath::parse(root, &side.path)?, side))
    }

    fn write(path: &RelPath, state: State, reply: Option<Changed>) -> Value {
        json!(Self {
            path: path.as_str().to_owned(),
            state,
            reply
        })
    }
}

impl<A: Alteration> Operation for Altering<A> {
    type Args = A::Args;
    type Reply = Changed;

    fn resource(&self, args: &A::Args) -> ResourceName {
        A::root(args).to_owned()
    }

    fn effect(&self, args: &A::Args) -> Effect {
        A::effect(args)
    }

    fn identity(&self, args: &A::Args) -> Option<String> {
        self.roots.identity(A::root(args))
    }

    fn plan(&self, context: &mut Context<'_>, args: &A::Args) -> Result<Planned<Changed>> {
        let root = self.roots.open_writable(A::root(args))?;
        plan::<A>(&root, context, args).map_err(|error| root.told(error))
    }

    fn perform(&self, context: &mut Context<'_>, args: &A::Args, change: &Change) -> Result<Changed> {
        let root = self.roots.open_writable(A::root(args))?;
        let cut = match perform::<A>(&root, context, args, change) {
            // A connection that was cut may have carried the last word all the same.
            Err(error) if is_cut(&error) => error,
            ended => return ended.map_err(|error| root.told(error)),
        };
        let root = self.roots.open(A::root(args)).map_err(|_| cut.clone())?;
        match settle(&root, context, change) {
            Ok(Probe::Applied(reply)) => Ok(reply),
            _ => Err(cut),
        }
    }

    fn probe(&self, context: &mut Context<'_>, args: &A::Args, change: &Change) -> Result<Probe<Changed>> {
        let root = self.roots.open(A::root(args))?;
        probe(&root, context, change).map_err(|error| root.told(error))
    }

    fn undo(
        &self,
        context: &mut Context<'_>,
        args: &A::Args,
        change: &Change,
        reply: &Changed,
    ) -> Result<Undo> {
        if !reply.changed {
            return Ok(Undo::Nothing);
        }
        let root = self.roots.open(A::root(args))?;
        undo(&root, context, change).map_err(|error| root.told(error))
    }
}

/// Whether an error leaves open what became of the call: the machine answered no more.
fn is_cut(error: &Error) -> bool {
    matches!(error.code.as_str(), "P1004" | "P1007" | "P1009" | "P1010")
}

/// Has what was left of a call that was cut off removed, so that nothing of it can take effect any more, and tells what
/// became of it.
fn settle(root: &Arc<Root>, context: &mut Context<'_>, change: &Change) -> Result<Probe<Changed>> {
    let (path, _) = Side::read(&root.name, &change.before)?;
    root.folder.place(&path, &context.key())?.clear()?;
    probe(root, context, change)
}

fn plan<A: Alteration>(
    root: &Arc<Root>,
    context: &mut Context<'_>,
    args: &A::Args,
) -> Result<Planned<Changed>> {
    let mut view = View::planned(root, context.overlay.part::<Layer>(), context.blobs, context.stop);
    let done = |view: &View<'_>, reply| {
        if view.is_overlaid() {
            Assumed::Overlaid(reply)
        } else {
            Assumed::Real(reply)
        }
    };
    let Some(mut intention) = A::intend(&view, args)? else {
        return Ok(Planned::unchanged(done(&view, Changed::default())));
    };
    let path = intention.path.clone();
    let after = State::record(
        &mut intention.after,
        &root.name,
        &path,
        context.blobs,
        false,
        context.stop,
    )?;
    // Contents are compared only where the kind does not tell already.
    if view.at(&path)?.kind() == after.kind() && view.state(&path)?.same(&after) {
        return Ok(Planned::unchanged(done(&view, Changed::default())));
    }
    let before = view.record(&path)?;
    let (files, bytes) = intention.weight;
    let reply = Changed {
        changed: true,
        files,
        bytes,
    };
    let summary = Message {
        // What cannot be undone is told by a sentence of its own.
        id: if before.is_kept() {
            intention.summary.id
        } else {
            format!("{}-for-good", intention.summary.id)
        },
        args: intention.summary.args,
    };
    let change = Change {
        target: intention.target,
        summary: summary
            .with("root", root.label())
            .with("files", files)
            .with("bytes", bytes),
        bound: json!({
            "path": path.as_str(),
            "before": {"kind": before.kind(), "digest": before.digest()},
            "after": {"kind": after.kind(), "digest": after.digest()},
        }),
        before: Side::write(&path, before, None),
        after: Side::write(&path, after, Some(reply)),
        diff: intention.diff,
    };
    view.put(&path, &intention.after);
    Ok(Planned {
        reply: done(&view, reply),
        change: Some(change),
    })
}

fn perform<A: Alteration>(
    root: &Arc<Root>,
    context: &mut Context<'_>,
    args: &A::Args,
    change: &Change,
) -> Result<Changed> {
    let (path, before) = Side::read(&root.name, &change.before)?;
    let (_, after) = Side::read(&root.name, &change.after)?;
    let reply = after.reply.unwrap_or_default();
    let view = View::real(root, context.blobs, context.stop);
    let place = root.folder.place(&path, &context.key())?;
    let mut found = view.state(&path)?;
    if place.has_leftover()? {
        // It may be in the way of looking, or be what has to be put back first.
        place.clear()?;
        if found.same(&after.state) {
            // An earlier attempt came as far as the rename.
            return Ok(reply);
        }
        found = view.state(&path)?;
    }
    if !found.same(&before.state) {
        return Err(differs(root, &path, &before.state, &found));
    }
    let mut intention = A::intend(&view, args)?.ok_or_else(|| differs(root, &path, &before.state, &found))?;
    let planned = State::record(
        &mut intention.after,
        &root.name,
        &path,
        context.blobs,
        false,
        context.stop,
    )?;
    if intention.path != path || !planned.same(&after.state) {
        return Err(differs(root, &path, &after.state, &planned));
    }
    place.put(
        &intention.after,
        before.state == State::Absent,
        context.blobs,
        context.stop,
    )?;
    Ok(reply)
}

fn probe(root: &Arc<Root>, context: &mut Context<'_>, change: &Change) -> Result<Probe<Changed>> {
    let (path, before) = Side::read(&root.name, &change.before)?;
    let (_, after) = Side::read(&root.name, &change.after)?;
    let view = View::real(root, context.blobs, context.stop);
    let found = view.state(&path)?;
    if found.same(&after.state) {
        // What the rename replaced may still wait to be removed: performing again does that.
        let whole = match root.folder.place(&path, &context.key()) {
            Ok(place) => !place.has_leftover()?,
            // The folder itself is gone, and with it whatever was removed from it.
            Err(error) if error.kind == Kind::NotFound => true,
            Err(error) => return Err(error),
        };
        return Ok(if whole {
            Probe::Applied(after.reply.unwrap_or_default())
        } else {
            Probe::Partial
        });
    }
    if found.same(&before.state) {
        return Ok(Probe::NotApplied);
    }
    if found.kind() == "absent" && root.folder.place(&path, &context.key())?.is_swapping()? {
        return Ok(Probe::Partial);
    }
    Ok(Probe::Unknown(described(
        Message::new("files-found-neither"),
        root,
        &path,
        &after.state,
        &found,
    )))
}

fn undo(root: &Arc<Root>, context: &mut Context<'_>, change: &Change) -> Result<Undo> {
    let (path, before) = Side::read(&root.name, &change.before)?;
    let (_, after) = Side::read(&root.name, &change.after)?;
    let view = View::planned(root, context.overlay.part::<Layer>(), context.blobs, context.stop);
    let found = view.state(&path)?;
    if found.same(&before.state) {
        return Ok(Undo::Nothing);
    }
    if !before.state.is_kept() {
        let reason = Message::new("files-not-kept")
            .with("root", root.label())
            .with("path", &path)
            .with("limit", root.settings.max_undo_bytes);
        return Ok(Undo::Irreversible { reason });
    }
    let calls = vec![back(root, &path, &before.state)];
    if found.same(&after.state) {
        return Ok(Undo::Calls { calls });
    }
    let reason = described(
        Message::new("files-changed-since"),
        root,
        &path,
        &after.state,
        &found,
    );
    Ok(Undo::Conflict { reason, calls })
}

/// The call that puts a recorded state back.
fn back(root: &Root, path: &RelPath, state: &State) -> Call {
    let (function, args) = match state {
        State::Absent => ("remove", json!({"root": root.name, "path": path.as_str()})),
        kept => (
            "restore",
            json!({"root": root.name, "path": path.as_str(), "state": json!(kept).to_string()}),
        ),
    };
    Call {
        operation: OperationName::new("files", function),
        args,
    }
}

fn differs(root: &Root, path: &RelPath, expected: &State, found: &State) -> Error {
    let mut error = Error::new(Kind::Conflict, "P0315");
    error.message = described(error.message, root, path, expected, found);
    error
}

fn described(message: Message, root: &Root, path: &RelPath, expected: &State, found: &State) -> Message {
    message
        .with("root", root.label())
        .with("path", path)
        .with("expected", expected.kind())
        .with("expected-digest", expected.short())
        .with("found", found.kind())
        .with("found-digest", found.short())
}
