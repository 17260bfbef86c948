//! What a run is: its identifier, who started it, its state.

use serde::{Deserialize, Serialize};
use std::fmt;

/// The identifier of a run: `20261122-103455-k3f9`; of a child: `20261122-103455-k3f9/12/0` (parent/call/index).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RunId(String);

impl RunId {
    /// Reads an identifier: letters, digits, `-`, and `/` between the parts of a child's.
    pub fn parse(text: &str) -> Option<Self> {
        let part = |p: &str| !p.is_empty() && p.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        (text.len() <= 200 && text.split('/').all(part)).then(|| Self(text.to_owned()))
    }

    /// A new identifier from a moment and 4 random characters.
    pub fn fresh(now: jiff::Timestamp, random: [u8; 4]) -> Self {
        const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
        let tail: String = random
            .iter()
            .map(|byte| LETTERS[usize::from(byte % 32)] as char)
            .collect();
        Self(format!("{}-{tail}", now.strftime("%Y%m%d-%H%M%S")))
    }

    /// The child number `index` that call `call` of this run starts.
    #[must_use]
    pub fn child(&self, call: u64, index: usize) -> Self {
        Self(format!("{}/{call}/{index}", self.0))
    }

    /// The run that a person, rule or schedule started, of which this is a descendant or which it is.
    #[must_use]
    pub fn root(&self) -> Self {
        Self(self.0.split('/').next().unwrap_or_default().to_owned())
    }

    /// The text of the identifier.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Who is behind a run or a decision.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Actor {
    /// A person, by the name in `procedo.toml` or of the OS account.
    Person(String),
    /// A rule that matched an event.
    Rule(String),
    /// A schedule.
    Schedule(String),
    /// A hook of the site.
    Hook(String),
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Person(name) => f.write_str(name),
            Self::Rule(name) => write!(f, "rule {name}"),
            Self::Schedule(name) => write!(f, "schedule {name}"),
            Self::Hook(name) => write!(f, "hook {name}"),
        }
    }
}

/// Where a run is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// A process works on it.
    Running,
    /// It waits for a person, a moment, a window or a lock.
    Waiting,
    /// No process works on it, and it neither waits nor has finished: its process ended in the middle.
    Interrupted,
    /// A call's effect is not known and nobody has said yet.
    InDoubt,
    /// Its calls were not those of its journal.
    Diverged,
    /// It ended as it should.
    Succeeded,
    /// It ended with an error.
    Failed,
    /// A person ended it.
    Cancelled,
}

impl State {
    /// The word used everywhere.
    pub fn name(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Waiting => "waiting",
            Self::Interrupted => "interrupted",
            Self::InDoubt => "in-doubt",
            Self::Diverged => "diverged",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }

    /// Whether nothing more will happen to the run.
    pub fn is_final(self) -> bool {
        matches!(self, Self::Succeeded | Self::Failed | Self::Cancelled)
    }
}
