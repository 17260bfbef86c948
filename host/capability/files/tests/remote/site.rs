//! Where the roots of these tests are: on a machine that is reached by SSH.

use crate::server::Server;
use procedo_machine::Machines;
use std::sync::OnceLock;

/// The machine that has the roots.
pub const MACHINE: Option<&str> = Some("remote");
/// How often a race is run.
pub const ROUNDS: usize = 40;
/// How many sequences of calls are tried.
pub const CASES: u32 = 2;

/// The machines of the site: one, which all tests of this process share.
pub fn machines() -> Machines {
    static SHARED: OnceLock<(Server, Machines)> = OnceLock::new();
    let (_, machines) = SHARED.get_or_init(|| {
        let server = Server::start();
        let machines = server.machines();
        (server, machines)
    });
    machines.clone()
}
