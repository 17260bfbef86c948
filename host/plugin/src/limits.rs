//! What a guest may use, each limit with the reason for its value.

use procedo_core::value::Digest;
use std::time::Duration;

/// What one run of a guest may use. The limits are pinned by a run: it goes on only under the same ones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// How long a guest may compute between two calls, in processor time of its thread: neither a busy machine nor a slow
    /// call counts against it. Ten seconds parse the largest file that `files.read` gives many times over, in the slowest
    /// guest language (an interpreter inside the component).
    pub compute: Duration,
    /// The memory of an instance in bytes, all its linear memories together. An interpreter takes 30 to 100 MiB before it
    /// has read anything; 256 MiB leave room for the largest file, decoded and copied a few times.
    pub memory: usize,
    /// How many calls a run may make. The longest procedure known makes some ten thousand; a run of a million would take
    /// most of an hour of journal syncs and is a loop that has lost its end.
    pub calls: u64,
    /// How many bytes one call, or the result, may carry out of the guest. Twice the 16 MiB that the largest file may
    /// have, since the parts of a value are counted with the space they take in the host.
    pub bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            compute: Duration::from_secs(10),
            memory: 256 << 20,
            calls: 1_000_000,
            bytes: 32 << 20,
        }
    }
}

impl Limits {
    pub(crate) fn digest(&self) -> Digest {
        Digest::of_value(&serde_json::json!({
            "compute-ms": u64::try_from(self.compute.as_millis()).unwrap_or(u64::MAX),
            "memory": self.memory,
            "calls": self.calls,
            "bytes": self.bytes,
            "stack": STACK,
            "table": TABLE_ELEMENTS,
        }))
    }
}

/// The stack of a guest in bytes. Recursive parsers in interpreters stay below; it leaves three quarters of the 2 MiB that a
/// thread has by default to the host's side of a call.
pub(crate) const STACK: usize = 512 << 10;

/// The largest table in elements: an interpreter compiled to WebAssembly has some ten thousand functions; a table element
/// takes 8 bytes of the host's memory, which the memory limit does not see.
pub(crate) const TABLE_ELEMENTS: usize = 100_000;

/// How many instances, memories and tables one component may be made of. Ours have three, one and two; Python's, linked from
/// its shared libraries, about thirty.
pub(crate) const PARTS: usize = 200;

/// How many memories are kept ready. More guests than that at once get memory made for them, which takes 10 µs more.
/// Each reserves 4 GiB of addresses (not of memory), so that no access needs a bounds check.
pub(crate) const POOL: u32 = 64;

/// How many guests may be alive at once in a process; another waits. The kernel allows a process some 65,000 mappings by
/// default and an instance takes about six.
pub(crate) const ALIVE: usize = 2_000;

/// How often guests are looked at: a cancelled or endless one goes on for at most twice this long.
pub(crate) const TICK: Duration = Duration::from_millis(5);

/// The largest plugin file in bytes. The largest known, a Python interpreter with its library, has 19 MiB.
pub(crate) const FILE: u64 = 256 << 20;
