//! The table of operations behind the gate.

use crate::builtin;
use procedo_core::capability::{Capability, Handler};
use procedo_core::effect::OperationName;
use procedo_core::value::Value;
use procedo_core::{Error, Kind, Result};
use std::collections::HashMap;

/// The capability whose operations the engine itself performs.
pub const RUN: &str = "run";

/// A function as its handler understands it, to be compared with the WIT.
#[derive(Clone, Debug)]
pub struct Signature {
    /// The capability.
    pub capability: String,
    /// The function.
    pub function: String,
    /// The JSON schema of its arguments.
    pub args_schema: Value,
    /// The JSON schema of its reply.
    pub reply_schema: Value,
}

/// All operations, by name.
#[derive(Default)]
pub struct Operations {
    handlers: HashMap<OperationName, Box<dyn Handler>>,
}

impl Operations {
    /// The operations of some capabilities.
    pub fn new(capabilities: &[&dyn Capability]) -> Self {
        let mut handlers = HashMap::new();
        for capability in capabilities {
            for bound in capability.operations() {
                handlers.insert(
                    OperationName::new(capability.name(), bound.function),
                    bound.handler,
                );
            }
        }
        Self { handlers }
    }

    /// The handler of an operation.
    pub fn get(&self, operation: &OperationName) -> Result<&dyn Handler> {
        self.handlers
            .get(operation)
            .map(|handler| &**handler)
            .ok_or_else(|| Error::new(Kind::NotSupported, "P0107").with("operation", operation))
    }

    /// The signatures of all operations, with those of the engine's own capability `run`.
    pub fn signatures(&self) -> Vec<Signature> {
        let own = self.handlers.iter().map(|(name, handler)| Signature {
            capability: name.capability.clone(),
            function: name.function.clone(),
            args_schema: handler.args_schema(),
            reply_schema: handler.reply_schema(),
        });
        own.chain(builtin::signatures()).collect()
    }
}
