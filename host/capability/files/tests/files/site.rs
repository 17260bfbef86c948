//! Where the roots of these tests are: on this machine.

use procedo_machine::{Machines, NoSecrets, Secrets};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

/// The machine that has the roots; none: this one.
pub const MACHINE: Option<&str> = None;
/// How often a race is run.
pub const ROUNDS: usize = 3000;
/// How many sequences of calls are tried.
pub const CASES: u32 = 160;

/// The machines of the site.
pub fn machines() -> Machines {
    let secrets: Arc<dyn Secrets> = Arc::new(NoSecrets);
    Machines::open(&BTreeMap::new(), Path::new("/nowhere/site"), &secrets).expect("no machine is declared")
}
