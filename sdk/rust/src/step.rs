//! Steps and verifications: named groups of calls.

use crate::Failure;
use crate::run::{step_begin, step_end, verify_begin};

/// Does a named step, one of the manifest's. Steps may nest. A site's hooks run before and after it.
pub fn step<T>(name: &str, work: impl FnOnce() -> Result<T, Failure>) -> Result<T, Failure> {
    step_begin(name)?;
    end(name, work())
}

/// Does a named verification, which a plan lists and skips: none if it was skipped.
pub fn verify<T>(name: &str, check: impl FnOnce() -> Result<T, Failure>) -> Result<Option<T>, Failure> {
    let outcome = if verify_begin(name)? {
        check().map(Some)
    } else {
        Ok(None)
    };
    end(name, outcome)
}

/// Ends a step however its work ended; the work's own failure is the one that is told.
fn end<T>(name: &str, outcome: Result<T, Failure>) -> Result<T, Failure> {
    let ended = step_end(name);
    let value = outcome?;
    ended?;
    Ok(value)
}
