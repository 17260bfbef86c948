//! `explain`: what an error code means and what to do.

use crate::exit::Exit;
use crate::output::{Output, err};
use procedo_core::Result;
use serde_json::json;

// The pages of docs/errors: `PAGES: &[(code, text)]`, sorted by code.
include!(concat!(env!("OUT_DIR"), "/pages.rs"));

/// Writes the page of a code.
pub fn explain(code: &str, output: &Output) -> Result<Exit> {
    let wanted = normalised(code);
    let unknown = || err!(NotFound, "P0022", code = code);
    let index = PAGES
        .binary_search_by(|(code, _)| (*code).cmp(&wanted))
        .map_err(|_| unknown())?;
    let (code, text) = PAGES[index];
    if output.json {
        output.document(&json!({"code": code, "text": text}));
    } else {
        output.line(text.trim_end());
    }
    Ok(Exit::Done)
}

/// `p101` and `101` stand for `P0101`.
fn normalised(code: &str) -> String {
    let digits = code.trim().trim_start_matches(['P', 'p']);
    format!("P{digits:0>4}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_may_be_shortened() {
        assert_eq!(
            ["P0101", "p101", "101"].map(normalised),
            ["P0101", "P0101", "P0101"].map(str::to_owned)
        );
    }
}
