//! The identifier of a new run: one that no run has.

use crate::drive::random_bytes;
use jiff::Timestamp;
use procedo_core::Result;
use procedo_core::run::RunId;
use procedo_store::Store;

/// How often an identifier is drawn again. Of thousands that begin in one second, two may draw the same characters.
const MOST_DRAWS: u32 = 16;

/// An identifier for a run that begins now: no run has it, and it is not `claimed` for one that has still to begin.
pub(crate) fn fresh_run(
    store: &dyn Store,
    now: Timestamp,
    claimed: impl Fn(&RunId) -> bool,
) -> Result<RunId> {
    drawn(
        || Ok(RunId::fresh(now, random_bytes()?)),
        |run| Ok(claimed(run) || store.row(run)?.is_some()),
    )
}

/// The first that is not taken. After many draws the last one all the same: the store begins no run twice.
fn drawn(mut draw: impl FnMut() -> Result<RunId>, taken: impl Fn(&RunId) -> Result<bool>) -> Result<RunId> {
    let mut run = draw()?;
    for _ in 0..MOST_DRAWS {
        if !taken(&run)? {
            break;
        }
        run = draw()?;
    }
    Ok(run)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identifier_that_is_taken_is_drawn_again() {
        let run = |text: &str| RunId::parse(text).expect("valid");
        let mut draws = ["r1", "r2", "r3", "r4"].into_iter();
        let draw = || Ok(run(draws.next().expect("it ends in time")));
        let taken = |drawn: &RunId| Ok(["r1", "r2"].contains(&drawn.as_str()));
        assert_eq!(drawn(draw, taken).expect("drawn"), run("r3"));
    }
}
