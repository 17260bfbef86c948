//! What whoever follows a run gets to see while it happens.

use procedo_core::effect::{Effect, OperationName};
use procedo_core::error::Error;
use procedo_core::journal::StepMark;
use procedo_core::message::Message;
use procedo_core::run::RunId;

/// Something that happened in a run. What replay repeats is not told again.
#[derive(Clone, Debug)]
pub enum Event<'a> {
    /// A step began or ended.
    Step {
        /// What happened.
        mark: StepMark,
        /// The step's name.
        name: &'a str,
        /// How many steps are open around it.
        depth: usize,
    },
    /// The procedure told something.
    Log {
        /// `debug`, `info` or `warning`.
        level: &'a str,
        /// The text, in the language of the run.
        text: &'a str,
    },
    /// How far the present work is.
    Progress {
        /// Units done.
        done: u64,
        /// Units in all, if known.
        total: Option<u64>,
        /// Of what, in the language of the run.
        text: &'a str,
    },
    /// A change is about to be made.
    Changing {
        /// The operation.
        operation: &'a OperationName,
        /// The resource.
        resource: &'a str,
        /// How much it alters.
        effect: Effect,
        /// What it does.
        summary: &'a Message,
    },
    /// A call failed. The procedure may handle it.
    CallFailed {
        /// The operation.
        operation: &'a OperationName,
        /// Why.
        error: &'a Error,
    },
    /// A call in doubt was probed.
    Probed {
        /// The operation.
        operation: &'a OperationName,
        /// What was found.
        found: &'a str,
    },
    /// A child run began.
    Child {
        /// The child.
        run: &'a RunId,
        /// Its procedure.
        procedure: &'a str,
    },
    /// A child run failed or was cancelled. Its parent may go on.
    ChildFailed {
        /// The child.
        run: &'a RunId,
        /// Its procedure.
        procedure: &'a str,
        /// Why.
        error: &'a Error,
    },
}

/// Somebody who follows a run. Called on the run's thread: it must return at once.
pub trait Watch: Send + Sync {
    /// Something happened.
    fn event(&self, run: &RunId, event: &Event<'_>);
}

/// Nobody follows.
pub struct Nobody;

impl Watch for Nobody {
    fn event(&self, _run: &RunId, _event: &Event<'_>) {}
}
