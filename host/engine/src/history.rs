//! A run's journal as replay needs it: what is known of each call.

use procedo_core::effect::OperationName;
use procedo_core::journal::{Body, CallEnd, Decision, Entry, Intent, RunEnd, Started, StepMark, Wait};
use procedo_core::run::Actor;
use procedo_core::value::{Digest, Value};
use std::collections::HashMap;

/// What the journal says of one call.
#[derive(Clone, Debug, Default)]
pub(crate) struct Record {
    pub intent: Option<Box<Intent>>,
    pub notes: Vec<Value>,
    pub step: Option<(StepMark, String)>,
    pub end: Option<CallEnd>,
    pub decided: Vec<(Actor, Decision)>,
    pub wait: Option<Wait>,
}

/// A run's journal, taken apart.
#[derive(Clone, Debug)]
pub(crate) struct History {
    pub started: Started,
    pub calls: HashMap<u64, Record>,
    /// Decisions before the first call or about the whole run.
    pub decided: Vec<(Actor, Decision)>,
    /// The plan that was last put up for approval before the first call.
    pub proposed: Option<(Digest, Value)>,
    /// What the run waits for, if its last entry says so.
    pub waiting: Option<(Option<u64>, Wait)>,
    pub finished: Option<RunEnd>,
    pub last_moment: i64,
    /// The steps that are open, outermost first.
    pub open: Vec<String>,
    /// The number of the last call the journal knows.
    pub last_call: u64,
}

impl History {
    /// Takes a journal apart. None if it does not begin with `started`.
    pub fn of(entries: Vec<Entry>) -> Option<Self> {
        let mut entries = entries.into_iter();
        let first = entries.next()?;
        let Body::Started(started) = first.body else {
            return None;
        };
        let mut history = Self::begun(*started, first.at);
        history.calls.reserve(entries.len() / 2);
        for entry in entries {
            history.last_moment = entry.at;
            history.add(entry.body);
        }
        history.last_call = history.calls.keys().copied().max().unwrap_or_default();
        Some(history)
    }

    /// The journal of a run that has just begun.
    pub fn begun(started: Started, moment: i64) -> Self {
        Self {
            started,
            calls: HashMap::new(),
            decided: Vec::new(),
            proposed: None,
            waiting: None,
            finished: None,
            last_moment: moment,
            open: Vec::new(),
            last_call: 0,
        }
    }

    fn add(&mut self, body: Body) {
        self.waiting = None;
        match body {
            Body::Intent(intent) => {
                let call = intent.call;
                self.calls.entry(call).or_default().intent = Some(intent);
            }
            Body::Note { call, note } => self.calls.entry(call).or_default().notes.push(note),
            Body::Outcome { call, ended, .. } => self.calls.entry(call).or_default().end = Some(ended),
            Body::Step { call, mark, name } => {
                match mark {
                    StepMark::Begin | StepMark::Verify => self.open.push(name.clone()),
                    StepMark::End | StepMark::Closed => drop(self.open.pop()),
                }
                // The host closes steps with call number 0: no guest said so.
                if call != 0 {
                    self.calls.entry(call).or_default().step = Some((mark, name));
                }
            }
            Body::Decided {
                call: Some(call),
                by,
                decision,
            } => {
                self.calls.entry(call).or_default().decided.push((by, decision));
            }
            Body::Decided {
                call: None,
                by,
                decision,
            } => self.decided.push((by, decision)),
            Body::Waiting { call, wait } => {
                if let (None, Wait::Approval { digest, plan, .. }) = (call, &*wait) {
                    self.proposed = Some((*digest, plan.clone()));
                }
                if let Some(call) = call {
                    self.calls.entry(call).or_default().wait = Some((*wait).clone());
                }
                self.waiting = Some((call, *wait));
            }
            Body::Finished { ended } => self.finished = Some(ended),
            Body::Started(_) | Body::Probe { .. } | Body::Resumed { .. } => {}
        }
    }

    /// Whether some effect was made or is in doubt.
    pub fn has_effects(&self) -> bool {
        self.calls.values().any(|record| {
            record
                .intent
                .as_ref()
                .is_some_and(|intent| intent.change.is_some() || starts_children(&intent.operation))
        })
    }

    /// The write calls that took effect or are in doubt, newest first.
    pub fn effects(&self) -> Vec<(&Intent, &Record)> {
        let mut effects: Vec<_> = self
            .calls
            .values()
            .filter_map(|record| Some((&**record.intent.as_ref()?, record)))
            .filter(|(intent, _)| intent.change.is_some() || starts_children(&intent.operation))
            .collect();
        effects.sort_by_key(|(intent, _)| std::cmp::Reverse(intent.call));
        effects
    }

    /// Why the run was cancelled, if the decision is in the journal and its end is not yet.
    pub fn cancelled(&self) -> Option<&str> {
        self.decided.iter().find_map(|(_, decision)| match decision {
            Decision::Cancel { reason } => Some(reason.as_str()),
            _ => None,
        })
    }
}

/// Whether the operation's effects are those of child runs.
pub(crate) fn starts_children(operation: &OperationName) -> bool {
    operation.capability == crate::operations::RUN
        && matches!(
            operation.function.as_str(),
            "run-child" | "run-children" | "step-begin" | "step-end"
        )
}
