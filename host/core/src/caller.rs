//! How a guest reaches the gate, and how the gate runs a guest.

use crate::effect::OperationName;
use crate::error::Error;
use crate::manifest::Manifest;
use crate::message::{Language, Message};
use crate::value::{Digest, Value};
use std::sync::Arc;

/// Why a call gives no reply.
#[derive(Clone, Debug, PartialEq)]
pub enum Fault {
    /// An ordinary error that the procedure sees and may handle.
    Error(Error),
    /// The run is suspended, cancelled or diverged: the guest must unwind, and whatever it does or returns afterwards is
    /// ignored.
    Stop,
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        Self::Error(error)
    }
}

/// The gate as a guest sees it.
pub trait Caller: Send + Sync {
    /// Makes a call. `args` is an object named as in the WIT.
    fn call(&self, operation: &OperationName, args: Value) -> Result<Value, Fault>;

    /// Whether the guest must unwind. Sticky: once true, always true, and every call answers [`Fault::Stop`].
    fn stopped(&self) -> bool;

    /// The language of the run.
    fn language(&self) -> Language;

    /// A message in the language of the run, from the host's and the procedure's catalogues.
    fn tell(&self, message: &Message) -> String;

    /// The moment of the last entry of the journal, in milliseconds since 1970: the clock that a guest's own runtime may
    /// see.
    fn last_moment(&self) -> i64;

    /// The seed of the run, for a random stream that a guest's own runtime may see.
    fn seed(&self) -> [u8; 32];
}

/// How a guest ended without a result.
#[derive(Clone, Debug, PartialEq)]
pub enum Ended {
    /// The procedure failed, or the host ended it for breaking a limit.
    Failed(Error),
    /// It unwound because the gate said so.
    Stopped,
}

/// A procedure, loaded and ready to run any number of times, also at once.
pub trait Guest: Send + Sync {
    /// What it needs.
    fn manifest(&self) -> &Manifest;

    /// What a run of it pins: names and digests of the script with its imports, of the plugin, of the interface version
    /// and the limits. A run goes on only under equal pins.
    fn pins(&self) -> Vec<(String, Digest)>;

    /// Runs it to its end.
    fn run(&self, caller: Arc<dyn Caller>, params: &Value) -> Result<Value, Ended>;
}
