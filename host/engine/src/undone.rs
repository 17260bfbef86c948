//! Which runs are undone, and what an undo left as it was.

use crate::drive::Shared;
use crate::history::History;
use procedo_core::journal::RunEnd;
use procedo_core::run::{RunId, State};
use procedo_core::{Error, Kind, Result};
use procedo_store::Row;
use std::collections::HashSet;

/// The calls of a run that are still to be undone; none stands for all. An undo may have kept some of them.
///
/// # Errors
/// `P0138` it is undone; `P0150` it is part of another run, which is undone as a whole: what both undid would be undone
/// twice.
pub(crate) fn left(shared: &Shared, run: &RunId) -> Result<Option<HashSet<(RunId, u64)>>> {
    let root = run.root();
    if root != *run {
        return Err(Error::new(Kind::Conflict, "P0150")
            .with("run", run)
            .with("parent", root));
    }
    let rows = shared.store.rows(usize::MAX, false)?;
    let Some(undo) = in_force(&rows, run) else {
        return Ok(None);
    };
    let kept = kept(shared, &undo.run)?;
    if kept.is_empty() {
        return Err(Error::new(Kind::Conflict, "P0138")
            .with("run", run)
            .with("undo", &undo.run));
    }
    Ok(Some(kept))
}

/// The newest undo of a run that succeeded and is not itself undone. The newest rows come first.
fn in_force<'r>(rows: &'r [Row], run: &RunId) -> Option<&'r Row> {
    rows.iter().find(|row| {
        row.undoes.as_ref() == Some(run)
            && row.state == State::Succeeded
            && in_force(rows, &row.run).is_none()
    })
}

/// The calls that an undo left as they were because a person said so.
fn kept(shared: &Shared, undo: &RunId) -> Result<HashSet<(RunId, u64)>> {
    let history = History::of(shared.store.entries(undo, 0)?);
    let Some(Some(RunEnd::Succeeded(result))) = history.map(|history| history.finished) else {
        return Ok(HashSet::new());
    };
    let items = result.get("kept").and_then(|kept| kept.as_array());
    let call = |item: &serde_json::Value| {
        let run = RunId::parse(item.get("run")?.as_str()?)?;
        Some((run, item.get("call")?.as_u64()?))
    };
    Ok(items.into_iter().flatten().filter_map(call).collect())
}
