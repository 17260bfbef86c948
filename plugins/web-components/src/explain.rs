//! `web/explain-callback-error`: a code of a web callback in words (guide, section 4.6).

use crate::callback::{CODES, Explanation, explain};
use crate::told::failure;
use procedo_sdk::prelude::*;

/// Which code is explained.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Params {
    /// The code that the web callback returned, such as 17031.
    pub code: u32,
}

/// The procedure with its manifest.
pub fn procedure() -> Procedure {
    Procedure::new("web/explain-callback-error", run)
        .section("4.6")
        .text("en", include_str!("../messages/explain.en.ftl"))
        .text("es", include_str!("../messages/explain.es.ftl"))
        .text("de", include_str!("../messages/explain.de.ftl"))
}

fn run(params: Params) -> Result<Explanation, Failure> {
    explained(params.code, &run::language()?)
}

/// The explanation of a code, or a failure that lists the codes there are.
pub fn explained(code: u32, language: &str) -> Result<Explanation, Failure> {
    explain(code, language).ok_or_else(|| {
        let known = CODES.map(|code| code.to_string()).join(", ");
        failure(Kind::NotFound, "W0301", |t| {
            t.with("code", code).with("known", known)
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_code_is_told_with_those_there_are() {
        let failure = explained(1001, "es").expect_err("unknown");
        assert_eq!((failure.kind, failure.code.as_str()), (Kind::NotFound, "W0301"));
        assert!(failure.message.args[1].1.starts_with("1000, 1002, 1003"));
        assert_eq!(explained(1000, "es").map(|e| e.code), Ok(1000));
    }
}
