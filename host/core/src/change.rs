//! What a call alters: the state before and after, bound and shown parts.

use crate::message::Message;
use crate::value::{Digest, Value};
use serde::{Deserialize, Serialize};
use std::fmt;

/// The name of a blob in the store. It is a keyed digest of the content, so it tells nothing to who lacks the site's key.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct BlobId(pub String);

impl fmt::Display for BlobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a call alters, or would alter.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Change {
    /// What is altered within the resource: a path, a table, a service.
    pub target: String,
    /// One sentence that says what happens.
    pub summary: Message,
    /// The state before, with all that undo needs. Only its operation understands it.
    pub before: Value,
    /// The state afterwards, as far as it is known.
    pub after: Value,
    /// The part that an approval binds, besides operation, resource and target: content digests where content is the point.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub bound: Value,
    /// A unified diff, where the change is one of text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub diff: Option<String>,
}

impl Change {
    /// The digest of the bound part: what an approval of this change agrees to.
    pub fn bound_digest(&self, operation: &str, resource: &str) -> Digest {
        Digest::of_value(&serde_json::json!([operation, resource, self.target, self.bound]))
    }
}

/// The reply that a plan assumes.
#[derive(Clone, Debug, PartialEq)]
pub enum Assumed<R> {
    /// It is what the world says now.
    Real(R),
    /// It counts in what this plan has changed so far.
    Overlaid(R),
    /// It cannot be known before the call is made; the message says why.
    Unforeseeable(Message),
}

impl<R> Assumed<R> {
    /// Turns the reply into another form.
    pub fn try_map<S, E>(self, turn: impl FnOnce(R) -> Result<S, E>) -> Result<Assumed<S>, E> {
        Ok(match self {
            Self::Real(reply) => Assumed::Real(turn(reply)?),
            Self::Overlaid(reply) => Assumed::Overlaid(turn(reply)?),
            Self::Unforeseeable(why) => Assumed::Unforeseeable(why),
        })
    }
}

/// The answer to “plan”.
#[derive(Clone, Debug, PartialEq)]
pub struct Planned<R> {
    /// The reply to go on with.
    pub reply: Assumed<R>,
    /// What would change. None: the call alters nothing, for a write that is done already as for a read; it is then not
    /// performed, and `reply` is its reply.
    pub change: Option<Change>,
}

impl<R> Planned<R> {
    /// Nothing changes and this is the reply.
    pub fn unchanged(reply: Assumed<R>) -> Self {
        Self { reply, change: None }
    }
}

/// The answer to “probe”: what became of a call whose outcome was not recorded.
#[derive(Clone, Debug, PartialEq)]
pub enum Probe<R> {
    /// It took full effect; this is what it would have replied.
    Applied(R),
    /// It is still going on; performing again, with the call's notes, attaches to it.
    Running,
    /// It took effect in part; performing again completes it.
    Partial,
    /// It took no effect.
    NotApplied,
    /// It cannot be told; a person decides. The message says what was found.
    Unknown(Message),
}

/// A call of an operation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Call {
    /// The operation.
    pub operation: crate::effect::OperationName,
    /// Its arguments: an object named as in the WIT.
    pub args: Value,
}

/// The answer to “undo”.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "undo", rename_all = "kebab-case")]
pub enum Undo {
    /// These calls, in this order, reverse it.
    Calls {
        /// The calls.
        calls: Vec<Call>,
    },
    /// There is nothing to reverse.
    Nothing,
    /// It cannot be reversed.
    Irreversible {
        /// Why.
        reason: Message,
    },
    /// The present state is not the one this call left: somebody changed it since.
    Conflict {
        /// What was expected and what was found.
        reason: Message,
        /// The calls that would reverse it all the same, if a person insists.
        calls: Vec<Call>,
    },
}
