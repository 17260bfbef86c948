//! A call in a plan: authorised, planned, and listed; nothing is altered.

use crate::builtin;
use crate::gate::{Ending, Gate, lock};
use crate::live::{self, masked};
use crate::operations::RUN;
use crate::plan::{PlannedChange, PlannedStep};
use procedo_core::Result;
use procedo_core::caller::Fault;
use procedo_core::capability::Blobs;
use procedo_core::capability::Overlay;
use procedo_core::change::Assumed;
use procedo_core::change::BlobId;
use procedo_core::effect::{Effect, OperationName};
use procedo_core::journal::StepMark;
use procedo_core::value::{Digest, Value};
use procedo_store::Store;
use std::collections::HashMap;
use std::sync::atomic::AtomicI64;
use std::sync::{Arc, Mutex};

/// What only a plan has. Children share it: they see what was planned before them.
#[derive(Clone)]
pub(crate) struct Planning {
    pub overlay: Arc<Mutex<Overlay>>,
    pub changes: Arc<Mutex<Vec<PlannedChange>>>,
    pub steps: Arc<Mutex<Vec<PlannedStep>>>,
    /// The virtual clock, in milliseconds since 1970. Sleeps advance it.
    pub clock: Arc<AtomicI64>,
    /// The child procedure that is being planned.
    pub child: Option<String>,
    pub blobs: Arc<PlanBlobs>,
}

/// Blobs of a plan: what it keeps stays in memory, for a plan writes nothing.
pub(crate) struct PlanBlobs {
    store: Arc<dyn Store>,
    kept: Mutex<HashMap<BlobId, Vec<u8>>>,
}

impl Blobs for PlanBlobs {
    fn put(&self, bytes: &[u8]) -> Result<BlobId> {
        let id = BlobId(format!("plan-{}", Digest::of(bytes)));
        lock(&self.kept)
            .entry(id.clone())
            .or_insert_with(|| bytes.to_vec());
        Ok(id)
    }

    fn get(&self, id: &BlobId) -> Result<Vec<u8>> {
        match lock(&self.kept).get(id) {
            Some(bytes) => Ok(bytes.clone()),
            None => self.store.get(id),
        }
    }
}

impl Planning {
    pub fn new(store: &Arc<dyn Store>, now: jiff::Timestamp) -> Self {
        Self {
            blobs: Arc::new(PlanBlobs {
                store: Arc::clone(store),
                kept: Mutex::default(),
            }),
            overlay: Arc::new(Mutex::new(Overlay::of_plan())),
            changes: Arc::default(),
            steps: Arc::default(),
            clock: Arc::new(AtomicI64::new(now.as_millisecond())),
            child: None,
        }
    }

    /// The same plan, seen from a child.
    pub fn of_child(&self, procedure: &str) -> Self {
        Self {
            child: Some(procedure.to_owned()),
            ..self.clone()
        }
    }

    /// Lists a step.
    pub fn step(&self, mark: StepMark, name: &str) {
        if matches!(mark, StepMark::Begin | StepMark::Verify) && self.child.is_none() {
            lock(&self.steps).push(PlannedStep {
                name: name.to_owned(),
                verification: mark == StepMark::Verify,
            });
        }
    }
}

/// A guest's call in a plan.
pub(crate) fn call(
    gate: &Gate,
    mode: &Planning,
    number: u64,
    operation: &OperationName,
    args: Value,
) -> Result<Value, Fault> {
    if operation.capability == RUN {
        return builtin::plan(gate, mode, number, operation, &args);
    }
    let mut intent = live::intent(number, operation, args, "", Effect::Read);
    let (handler, revealed) =
        live::prepare(gate, operation, &mut intent).map_err(|error| masked(gate, error))?;
    let planned = {
        let mut overlay = lock(&mode.overlay);
        gate.looking(number, &mut overlay, &[], |context| {
            handler.plan(context, &revealed)
        })
    };
    let mut planned = planned.map_err(|error| masked(gate, error))?;
    gate.mask_planned(operation, &mut planned);
    if let Some(change) = planned.change {
        let step = lock(&gate.steps).last().cloned();
        let mut changes = lock(&mode.changes);
        let seq = changes.len() as u64 + 1;
        changes.push(PlannedChange {
            seq,
            call: operation.clone(),
            resource: intent.resource,
            effect: intent.effect,
            child: mode.child.clone(),
            step,
            change,
        });
    }
    match planned.reply {
        Assumed::Real(reply) | Assumed::Overlaid(reply) => Ok(reply),
        Assumed::Unforeseeable(why) => Err(gate.end(Ending::Partial(why))),
    }
}
