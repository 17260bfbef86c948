//! Errors that procedures and people see: a kind, a stable code, and a message in the reader's language.

use crate::message::Message;
use serde::{Deserialize, Serialize};
use std::fmt;

/// The result of anything that can fail with an [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What kind of failure it is; the same words as `error-kind` in the WIT.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// The procedure's manifest or the site's grants do not allow it.
    Denied,
    /// Input breaks a rule.
    Invalid,
    /// The thing named does not exist.
    NotFound,
    /// The thing is not in the state that was expected.
    Conflict,
    /// A limit of size, count or memory was reached.
    TooLarge,
    /// The peer cannot be reached or does not serve now.
    Unavailable,
    /// A time limit passed.
    TimedOut,
    /// It was tried and failed for another reason.
    Failed,
    /// This host or driver does not offer it.
    NotSupported,
    /// A person or a policy ended the work.
    Cancelled,
}

impl Kind {
    /// The word of the WIT.
    pub fn name(self) -> &'static str {
        match self {
            Self::Denied => "denied",
            Self::Invalid => "invalid",
            Self::NotFound => "not-found",
            Self::Conflict => "conflict",
            Self::TooLarge => "too-large",
            Self::Unavailable => "unavailable",
            Self::TimedOut => "timed-out",
            Self::Failed => "failed",
            Self::NotSupported => "not-supported",
            Self::Cancelled => "cancelled",
        }
    }
}

/// The code of [`Error::in_doubt`].
const IN_DOUBT: &str = "P0149";

/// A failure. Its code is also the identifier of its Fluent message, so that it can be told in any language at any time.
///
/// ```
/// use procedo_core::{Error, Kind};
/// let error = Error::new(Kind::NotFound, "P0301").with("root", "web").with("path", "html/x.htm");
/// assert_eq!(error.code, "P0301");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Error {
    /// What kind of failure it is.
    pub kind: Kind,
    /// The stable code: the host's own are `P` and four digits.
    pub code: String,
    /// The values for the message of that code; a guest's own error has its finished sentence here as `message`.
    pub message: Message,
}

impl Error {
    /// A failure of the host, told by the Fluent message named like its code.
    pub fn new(kind: Kind, code: &str) -> Self {
        Self {
            kind,
            code: code.to_owned(),
            message: Message::new(code),
        }
    }

    /// A failure that a guest reports in its own words.
    pub fn of_guest(kind: Kind, code: impl Into<String>, sentence: impl Into<String>) -> Self {
        Self {
            kind,
            code: code.into(),
            message: Message::literal(sentence),
        }
    }

    /// What a handler's `perform` answers where it lost sight of work that may go on without it: the machine that does the
    /// work is out of reach. The sentence says why. The gate leaves the call in doubt: it is probed when the run goes on.
    #[must_use]
    pub fn in_doubt(mut self) -> Self {
        self.code = IN_DOUBT.to_owned();
        self
    }

    /// Whether it says that what became of the work is not known.
    pub fn is_in_doubt(&self) -> bool {
        self.code == IN_DOUBT
    }

    /// Adds a value for the message.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl fmt::Display) -> Self {
        self.message = self.message.with(name, value);
        self
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.message)
    }
}

impl std::error::Error for Error {}
