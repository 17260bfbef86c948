//! Approvals: of a plan before the first effect, and of a change that was not in the approved plan.

use crate::gate::{Gate, lock};
use crate::history::Record;
use crate::live::Live;
use crate::masking::reveal;
use crate::plan::Plan;
use crate::undo;
use procedo_core::caller::Fault;
use procedo_core::change::Change;
use procedo_core::effect::OperationName;
use procedo_core::journal::{Body, Decision, Intent, Wait};
use procedo_core::run::Actor;
use procedo_core::site::Policy;
use procedo_core::value::Digest;
use procedo_core::{Error, Kind};
use procedo_store::Letter;
use std::collections::{BTreeSet, HashMap};

/// The changes of a plan by digest, and how often each stands in it. Children's changes are approved with theirs.
pub(crate) fn agreed(plan: &Plan) -> HashMap<Digest, u32> {
    let mut agreed = HashMap::new();
    for change in plan.changes.iter().filter(|change| change.child.is_none()) {
        *agreed.entry(change.bound_digest()).or_default() += 1;
    }
    agreed
}

/// Takes one change off the agreed ones, where some have to be; the digest of a change that is not among them is the error.
pub(crate) fn consume(
    mode: &Live,
    operation: &OperationName,
    resource: &str,
    change: &Change,
) -> Result<(), Digest> {
    let mut approved = lock(&mode.approved);
    let Some(agreed) = &mut *approved else {
        return Ok(());
    };
    let digest = change.bound_digest(&operation.to_string(), resource);
    match agreed.get_mut(&digest) {
        Some(left) if *left > 0 => {
            *left -= 1;
            Ok(())
        }
        _ => Err(digest),
    }
}

/// How the approvals of a digest stand.
#[derive(Debug, PartialEq)]
pub(crate) enum Standing {
    Enough,
    Missing,
    Rejected { by: Actor, reason: String },
}

/// Counts the people who approved a digest. Where a second person is asked for, the one who started does not count.
pub(crate) fn standing(
    decided: &[(Actor, Decision)],
    digest: Digest,
    needed: u32,
    second_person: bool,
    starter: &Actor,
) -> Standing {
    let mut approved = BTreeSet::new();
    for (by, decision) in decided {
        match decision {
            Decision::Reject {
                digest: rejected,
                reason,
            } if *rejected == digest => {
                return Standing::Rejected {
                    by: by.clone(),
                    reason: reason.clone(),
                };
            }
            Decision::Approve { digest: agreed }
                if *agreed == digest && !(second_person && by == starter) =>
            {
                approved.insert(by.to_string());
            }
            _ => {}
        }
    }
    if approved.len() >= usize::try_from(needed).unwrap_or(usize::MAX) {
        Standing::Enough
    } else {
        Standing::Missing
    }
}

fn is_about(letter: &Letter, call: Option<u64>) -> bool {
    letter.call == call
        && matches!(
            letter.decision,
            Decision::Approve { .. } | Decision::Reject { .. }
        )
}

/// What an approval is about, and by whose rules.
pub(crate) struct Matter<'a> {
    pub call: Option<u64>,
    pub digest: Digest,
    pub shown: serde_json::Value,
    pub policy: &'a Policy,
}

/// Settles a matter: counts decisions of the journal and the inbox and a `--yes`, or makes the run wait.
pub(crate) fn settle(
    gate: &Gate,
    mode: &Live,
    matter: Matter<'_>,
    known: &[(Actor, Decision)],
) -> Result<(), Fault> {
    let Matter {
        call,
        digest,
        shown,
        policy,
    } = matter;
    let starter = &gate.durable(gate.shared.starter(&gate.facts.run))?;
    let mut decided = known.to_vec();
    let letters = gate.durable(gate.shared.store.inbox(&gate.facts.run))?;
    let about: Vec<Letter> = letters
        .into_iter()
        .filter(|letter| is_about(letter, call))
        .collect();
    let mut bodies: Vec<Body> = Vec::new();
    for letter in &about {
        decided.push((letter.by.clone(), letter.decision.clone()));
        bodies.push(Body::Decided {
            call,
            by: letter.by.clone(),
            decision: letter.decision.clone(),
        });
    }
    let wait = Wait::Approval {
        digest,
        needed: policy.approvals,
        second_person: policy.second_person,
        plan: shown,
    };
    let before = standing(&decided, digest, policy.approvals, policy.second_person, starter);
    if let (Standing::Missing, Some(approver)) = (&before, &mode.approver)
        && !(policy.second_person && approver == starter)
    {
        let decision = Decision::Approve { digest };
        decided.push((approver.clone(), decision.clone()));
        // The journal keeps what was agreed to, also where nobody had to wait for it.
        bodies.push(Body::Waiting {
            call,
            wait: Box::new(wait.clone()),
        });
        bodies.push(Body::Decided {
            call,
            by: approver.clone(),
            decision,
        });
    }
    if !bodies.is_empty() {
        gate.durable(gate.shared.store.receive(&*mode.lease, &about, bodies))?;
    }
    match standing(&decided, digest, policy.approvals, policy.second_person, starter) {
        Standing::Enough => Ok(()),
        Standing::Missing => Err(gate.wait(mode, call, wait)),
        Standing::Rejected { by, reason } => {
            let error = Error::new(Kind::Cancelled, "P0124")
                .with("by", by)
                .with("reason", reason);
            Err(gate.end(crate::gate::Ending::Failed(error)))
        }
    }
}

/// Before a live change: it is in the approved plan, or it is approved by itself. Whoever agreed to a change agreed that the
/// run takes it back, where something fails: that cannot wait for a person while services stand still.
pub(crate) fn of_change(
    gate: &Gate,
    mode: &Live,
    record: &Record,
    intent: &Intent,
    change: &Change,
) -> Result<(), Fault> {
    let Err(digest) = consume(mode, &intent.operation, &intent.resource, change) else {
        return Ok(());
    };
    // What the run did so far is read from its journal.
    gate.durable(gate.shared.store.flush(&*mode.lease))?;
    let revealed = gate.durable(reveal(&intent.args, gate))?;
    if gate.durable(undo::takes_back(gate, intent, &revealed))? {
        return Ok(());
    }
    let policy = gate.shared.site.policy_for(&lock(&gate.authority).manifest);
    let shown = serde_json::json!({
        "call": intent.operation,
        "resource": intent.resource,
        "effect": intent.effect,
        "change": change,
    });
    settle(
        gate,
        mode,
        Matter {
            call: Some(intent.call),
            digest,
            shown,
            policy: &policy,
        },
        &record.decided,
    )
}

/// Waits of a whole plan are durable before the first call.
pub(crate) fn of_plan(gate: &Gate, mode: &Live, plan: &Plan, policy: &Policy) -> Result<(), Fault> {
    let shown = serde_json::to_value(plan).unwrap_or_default();
    settle(
        gate,
        mode,
        Matter {
            call: None,
            digest: plan.digest,
            shown,
            policy,
        },
        &mode.history.decided,
    )
}
