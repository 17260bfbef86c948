//! What a procedure would do: its changes in order, and the digest that an approval agrees to.

use procedo_core::change::Change;
use procedo_core::effect::{Effect, OperationName};
use procedo_core::error::Error;
use procedo_core::message::Message;
use procedo_core::value::{Digest, Value};
use serde::{Deserialize, Serialize};

/// What a procedure would do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// The procedure.
    pub procedure: String,
    /// Its parameters, with defaults filled in.
    pub params: Value,
    /// What an approval agrees to: procedure, parameters, pins and the bound parts of all changes.
    pub digest: Digest,
    /// The changes, in order.
    pub changes: Vec<PlannedChange>,
    /// Steps in the order in which they were begun; verifications among them are listed and skipped.
    pub steps: Vec<PlannedStep>,
    /// How the plan ended.
    pub ended: PlanEnd,
}

/// A change that would be made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PlannedChange {
    /// Its place in the plan, from 1.
    pub seq: u64,
    /// The operation.
    pub call: OperationName,
    /// The resource.
    pub resource: String,
    /// How much it alters.
    pub effect: Effect,
    /// The child procedure that makes it, if it is not the planned one itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub child: Option<String>,
    /// The innermost step around it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<String>,
    /// What changes.
    pub change: Change,
}

impl PlannedChange {
    /// What an approval of this change agrees to.
    pub fn bound_digest(&self) -> Digest {
        self.change.bound_digest(&self.call.to_string(), &self.resource)
    }
}

/// A step of a plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlannedStep {
    /// Its name.
    pub name: String,
    /// Whether it is a verification, which a plan skips.
    pub verification: bool,
}

/// How a plan ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PlanEnd {
    /// Everything was foreseen.
    Complete {
        /// The result that the procedure would give.
        result: Value,
    },
    /// Up to here; what follows depends on something that cannot be known before.
    Partial {
        /// What cannot be known.
        why: Message,
    },
    /// The procedure would fail here.
    Fails {
        /// Why.
        error: Error,
    },
}

impl Plan {
    /// The digest over all that an approval binds.
    pub(crate) fn digest_of(
        procedure: &str,
        params: &Value,
        pins: &[(String, Digest)],
        changes: &[PlannedChange],
        ended: &PlanEnd,
    ) -> Digest {
        let bound: Vec<_> = changes
            .iter()
            .map(|change| change.bound_digest().to_string())
            .collect();
        let end = match ended {
            PlanEnd::Complete { .. } => "complete",
            PlanEnd::Partial { .. } => "partial",
            PlanEnd::Fails { .. } => "fails",
        };
        Digest::of_value(&serde_json::json!([procedure, params, pins, bound, end]))
    }
}
