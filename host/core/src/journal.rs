//! The entries of a run's journal. The format is versioned; its golden files are those of the store.

use crate::change::Change;
use crate::effect::{Effect, OperationName};
use crate::error::Error;
use crate::message::{Language, Message};
use crate::run::{Actor, RunId, State};
use crate::value::{Digest, Value};
use serde::{Deserialize, Serialize};

mod read;

/// The version of the format, in every `started` entry.
pub const FORMAT: u32 = 1;

/// One entry. `seq` counts from 0 within the run, without gaps.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Entry {
    /// Its place in the run's journal.
    pub seq: u64,
    /// When it was made, in milliseconds since 1970 (UTC).
    pub at: i64,
    /// What it says.
    #[serde(flatten)]
    pub body: Body,
}

/// What an entry says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Body {
    /// The run began. Always the first entry.
    Started(Box<Started>),
    /// A call is about to be made.
    Intent(Box<Intent>),
    /// Something that a call's probe will want to know.
    Note {
        /// The number of the call.
        call: u64,
        /// What was noted.
        note: Value,
    },
    /// A call ended.
    Outcome {
        /// The number of the call.
        call: u64,
        /// Its reply or error.
        #[serde(flatten)]
        ended: CallEnd,
        /// How long it took, in microseconds.
        micros: u64,
    },
    /// A call in doubt was looked at.
    Probe {
        /// The number of the call.
        call: u64,
        /// What was found: `applied`, `running`, `partial`, `not-applied` or `unknown`.
        found: String,
        /// More about it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        detail: Option<Message>,
    },
    /// A step began or ended.
    Step {
        /// The number of the call that said so.
        call: u64,
        /// What happened.
        mark: StepMark,
        /// The step's name.
        name: String,
    },
    /// The run waits.
    Waiting {
        /// The number of the call that waits; absent if the run waits before its first call.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        call: Option<u64>,
        /// For what.
        wait: Box<Wait>,
    },
    /// Somebody decided something.
    Decided {
        /// The number of the call it is about, if any.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        call: Option<u64>,
        /// Who.
        by: Actor,
        /// What.
        decision: Decision,
    },
    /// A process took the run up again.
    Resumed {
        /// Who had it resumed.
        by: Actor,
    },
    /// The run ended. Always the last entry.
    Finished {
        /// How.
        #[serde(flatten)]
        ended: RunEnd,
    },
}

impl Body {
    /// The word for this kind of entry.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Started(_) => "started",
            Self::Intent(_) => "intent",
            Self::Note { .. } => "note",
            Self::Outcome { .. } => "outcome",
            Self::Probe { .. } => "probe",
            Self::Step { .. } => "step",
            Self::Waiting { .. } => "waiting",
            Self::Decided { .. } => "decided",
            Self::Resumed { .. } => "resumed",
            Self::Finished { .. } => "finished",
        }
    }
}

/// How a run began.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Started {
    /// The version of the format: [`FORMAT`].
    pub format: u32,
    /// The run's identifier, so that a journal cannot be passed off as another run's.
    pub run: RunId,
    /// The procedure.
    pub procedure: String,
    /// Its parameters, with defaults filled in and secrets as references.
    pub params: Value,
    /// Who started it.
    pub by: Actor,
    /// The language of the run.
    pub language: Language,
    /// Digests of all that replay depends on, by name.
    pub pins: Vec<(String, Digest)>,
    /// The digest of the site's declarations.
    pub site: Digest,
    /// The seed of all randomness, in hexadecimal.
    pub seed: String,
    /// The run that started it, for a child.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<RunId>,
    /// The run it undoes, for an undo.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undoes: Option<RunId>,
    /// Answers given in advance, by key.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub answers: Value,
    /// Why windows are overridden, if they are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub override_reason: Option<String>,
}

/// A call that is about to be made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Intent {
    /// The number of the call, from 1.
    pub call: u64,
    /// The operation.
    pub operation: OperationName,
    /// Its arguments in canonical form, secrets as references.
    pub args: Value,
    /// The resource it is about.
    pub resource: String,
    /// How much it alters at most.
    pub effect: Effect,
    /// What it changes; absent for a read, a denial, or a write that has nothing to do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change: Option<Change>,
    /// What the resource's name stood for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity: Option<String>,
}

/// How a call ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CallEnd {
    /// With a reply, secrets as references.
    Reply(Value),
    /// With an error.
    Error(Error),
}

/// What happened to a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StepMark {
    /// It began.
    Begin,
    /// It is a verification, and began.
    Verify,
    /// It ended.
    End,
    /// The host closed it because the run ended inside it.
    Closed,
}

/// What a run waits for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "for", rename_all = "kebab-case")]
pub enum Wait {
    /// Approvals of a plan, or of one change that was not in the approved plan.
    Approval {
        /// The digest that is to be approved.
        digest: Digest,
        /// How many people must approve it.
        needed: u32,
        /// Whether the person who started the run may be one of them.
        second_person: bool,
        /// The plan or change in question, as shown.
        plan: Value,
    },
    /// A person's answer.
    Answer {
        /// The question's key.
        key: String,
        /// The question.
        question: Question,
    },
    /// A moment, in milliseconds since 1970.
    Moment {
        /// The moment.
        until: i64,
    },
    /// A maintenance window.
    Window {
        /// Its name.
        window: String,
        /// When it opens next, in milliseconds since 1970.
        opens: i64,
    },
    /// A lock that another run holds.
    Lock {
        /// Its name.
        lock: String,
        /// Who holds it.
        holder: RunId,
    },
    /// A verdict on a call in doubt.
    Verdict {
        /// The operation in doubt.
        operation: OperationName,
        /// What the probe found.
        found: Message,
    },
    /// A child run that itself waits.
    Child {
        /// The child.
        run: RunId,
    },
    /// Somebody to put back what the run was started with, or to cancel it: its calls are not those of its journal.
    Diverged {
        /// What the journal says, or the pin's former digest.
        expected: Value,
        /// What the procedure did instead, or the pin's present digest.
        found: Value,
    },
}

impl Wait {
    /// The state of a run that waits for this.
    pub fn state(&self) -> State {
        match self {
            Self::Verdict { .. } => State::InDoubt,
            Self::Diverged { .. } => State::Diverged,
            _ => State::Waiting,
        }
    }
}

/// A question to a person.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "form", rename_all = "kebab-case")]
pub enum Question {
    /// Yes or no.
    Confirm {
        /// What is asked.
        prompt: Message,
    },
    /// A form.
    Ask {
        /// What is asked.
        prompt: Message,
        /// Its fields.
        fields: Vec<Field>,
    },
    /// One of several.
    Choose {
        /// What is asked.
        prompt: Message,
        /// What there is to choose from: identifier and label.
        choices: Vec<(String, Message)>,
    },
}

/// A field of a form.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Field {
    /// The key of the answer.
    pub name: String,
    /// What the person reads.
    pub label: Message,
    /// `line`, `number`, `flag`, `choice` or `secret`.
    pub kind: String,
    /// The choices, of a field of kind `choice`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub choices: Vec<(String, Message)>,
    /// Whether it must be filled.
    pub required: bool,
}

/// What somebody decided.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "decision", rename_all = "kebab-case")]
pub enum Decision {
    /// Agreed to a plan or change.
    Approve {
        /// The digest of what was agreed to.
        digest: Digest,
    },
    /// Refused a plan or change.
    Reject {
        /// The digest of what was refused.
        digest: Digest,
        /// Why.
        reason: String,
    },
    /// Answered a question.
    Answer {
        /// The question's key.
        key: String,
        /// The answer.
        answer: Value,
    },
    /// Said that a call in doubt took effect.
    Applied {
        /// What it would have replied.
        reply: Value,
    },
    /// Said that a call in doubt took no effect.
    NotApplied,
    /// Ended the run.
    Cancel {
        /// Why.
        reason: String,
    },
    /// Overrode a maintenance window.
    Override {
        /// Why.
        reason: String,
    },
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RunEnd {
    /// As it should, with this result.
    Succeeded(Value),
    /// With an error.
    Failed(Error),
    /// By a person.
    Cancelled(String),
}
