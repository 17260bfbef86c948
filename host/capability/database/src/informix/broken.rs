//! How an attempt to restore ends without having restored: for good, or so that it can go on. Pure.

use procedo_core::{Error, Kind};

/// Why an attempt to restore did not get to its end.
pub(crate) enum Broken {
    /// It came to nothing: the tool failed, or was ended.
    Failed(Error),
    /// The call has to be left as it is, and goes on from there when it is taken up again.
    Left(Error),
}

impl Broken {
    /// What the call answers. One that has begun and can go on is in doubt; a stop or an open question leaves it so anyway.
    pub(crate) fn answer(self) -> Error {
        match self {
            Self::Failed(error) => error,
            Self::Left(error) if error.kind == Kind::Cancelled => error,
            Self::Left(error) => error.in_doubt(),
        }
    }
}

impl From<Error> for Broken {
    fn from(error: Error) -> Self {
        Self::Left(error)
    }
}

/// Whether an error says nothing about the work: it goes on, or can go on, when the call is taken up again.
pub(crate) fn leaves(error: &Error) -> bool {
    let machine_away = ["P1004", "P1005", "P1006", "P1007", "P1009", "P1010"];
    error.kind == Kind::Cancelled || machine_away.contains(&error.code.as_str())
}

/// An error in short, to stand in the sentence of another one.
pub(crate) fn short(error: &Error) -> String {
    let args = &error.message.args;
    let told = ["said", "prompt", "found", "words", "reason", "label", "path"];
    let told = told.iter().find_map(|name| args.get(*name));
    match told {
        Some(told) => format!(
            "{}: {}",
            error.code,
            told.trim().lines().last().unwrap_or_default()
        ),
        None => error.code.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_can_go_on_is_in_doubt_and_a_stop_stays_a_stop() {
        let error = |kind, code| Error::new(kind, code).with("said", "x");
        let failed = Broken::Failed(error(Kind::Failed, "P1237")).answer();
        assert_eq!(failed.code, "P1237");
        for code in ["P1009", "P1010", "P1230", "P1004"] {
            let left = Broken::from(error(Kind::TimedOut, code)).answer();
            assert!(left.is_in_doubt(), "{code}");
        }
        let stopped = Broken::Left(error(Kind::Cancelled, "P0113")).answer();
        assert_eq!(stopped.code, "P0113");
    }
}
