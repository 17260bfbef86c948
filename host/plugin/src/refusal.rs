//! Why a plugin cannot be loaded, and why a guest ended: each its own error.

use crate::limits::{FILE, Limits};
use procedo_core::caller::Ended;
use procedo_core::{Error, Kind};
use procedo_interface::component::{Mismatch, Stopped, Unfit};
use std::io;
use wasmtime::{Trap, WasmBacktrace};

/// The file cannot be read.
pub fn unreadable(path: &str, error: &io::Error) -> Error {
    let kind = if error.kind() == io::ErrorKind::NotFound {
        Kind::NotFound
    } else {
        Kind::Failed
    };
    Error::new(kind, "P0701").with("path", path).with("reason", error)
}

/// The file is larger than any plugin.
pub fn oversized(path: &str) -> Error {
    Error::new(Kind::TooLarge, "P0702")
        .with("path", path)
        .with("mib", FILE >> 20)
}

/// What the first bytes of a file say: a component, or what else.
pub fn recognise(path: &str, bytes: &[u8]) -> Result<(), Error> {
    match bytes {
        // Magic, version 13, layer 1: <https://github.com/WebAssembly/component-model>, Binary.md.
        [0, b'a', b's', b'm', 0x0d, 0, 1, 0, ..] => Ok(()),
        [0, b'a', b's', b'm', 1, 0, 0, 0, ..] => Err(Error::new(Kind::Invalid, "P0704").with("path", path)),
        _ => Err(Error::new(Kind::Invalid, "P0703").with("path", path)),
    }
}

/// It is a component by its first bytes, and wasmtime does not take it.
pub fn damaged(path: &str, error: &wasmtime::Error) -> Error {
    Error::new(Kind::Invalid, "P0705")
        .with("path", path)
        .with("reason", chain(error))
}

/// It was built against other interfaces than this host's.
pub fn mismatch(path: &str, mismatch: Mismatch) -> Error {
    let refuse = |code| Error::new(Kind::NotSupported, code).with("path", path);
    match mismatch {
        Mismatch::Unknown { import } => refuse("P0706").with("import", import),
        Mismatch::Newer { import, version } => {
            refuse("P0707").with("import", import).with("version", version)
        }
        Mismatch::Older { import, version } => {
            refuse("P0708").with("import", import).with("version", version)
        }
        Mismatch::Shape {
            function,
            expected,
            found,
        } => refuse("P0709")
            .with("function", function)
            .with("expected", expected)
            .with("found", found),
    }
}

/// It does not export what a plugin must.
pub fn not_exported(path: &str, export: &str, error: &wasmtime::Error) -> Error {
    Error::new(Kind::NotSupported, "P0710")
        .with("path", path)
        .with("export", export)
        .with("reason", chain(error))
}

/// What it says about its procedures breaks a rule.
pub fn bad_manifest(path: &str, procedure: &str, reason: &str) -> Error {
    Error::new(Kind::Invalid, "P0711")
        .with("path", path)
        .with("procedure", procedure)
        .with("reason", reason)
}

/// The file is no longer the one that was loaded.
pub fn replaced(path: &str) -> Error {
    Error::new(Kind::Conflict, "P0712").with("path", path)
}

/// wasmtime does not do what it should.
pub fn broken(error: &wasmtime::Error) -> Error {
    Error::new(Kind::Failed, "P0713").with("reason", chain(error))
}

/// Why the host ended a guest on purpose.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Breach {
    /// It computed too long between two calls.
    #[error("it computed too long without a call")]
    Compute,
    /// It made too many calls.
    #[error("it made too many calls")]
    Calls,
    /// It called the host where no call may be made.
    #[error("it called {0} before it was asked to run")]
    Early(String),
    /// It ended itself by `wasi:cli/exit`.
    #[error("it ended itself")]
    Exit,
    /// It called a function of WASI that is not offered.
    #[error("it called {0}, which is not offered")]
    Wasi(String),
}

/// What is known about a guest when it ends by an error of wasmtime.
pub struct Circumstances<'a> {
    /// The plugin's file.
    pub path: &'a str,
    /// What it might use.
    pub limits: &'a Limits,
    /// Whether it was refused more memory.
    pub starved: bool,
    /// Whether its instance was made: a failure before that may be the host's own.
    pub made: bool,
}

/// Why a guest ended.
pub fn ended(error: &wasmtime::Error, at: &Circumstances<'_>) -> Ended {
    if error.is::<Stopped>() {
        return Ended::Stopped;
    }
    let fail = |kind, code| Error::new(kind, code).with("path", at.path);
    let limits = at.limits;
    Ended::Failed(if let Some(breach) = error.downcast_ref::<Breach>() {
        match breach {
            Breach::Compute => fail(Kind::TimedOut, "P0720").with("seconds", limits.compute.as_secs_f64()),
            Breach::Calls => fail(Kind::TooLarge, "P0721").with("limit", limits.calls),
            Breach::Early(function) => fail(Kind::Denied, "P0729").with("function", function),
            Breach::Exit => fail(Kind::Failed, "P0730"),
            Breach::Wasi(function) => fail(Kind::NotSupported, "P0731").with("function", function),
        }
    } else if let Some(unfit) = error.downcast_ref::<Unfit>() {
        fail(Kind::Failed, "P0728").with("reason", unfit)
    } else if is_too_much_data(error) {
        // Arguments are taken while the guest's frames are on the stack, results afterwards.
        let code = if error.is::<WasmBacktrace>() {
            "P0725"
        } else {
            "P0726"
        };
        fail(Kind::TooLarge, code).with("mib", limits.bytes >> 20)
    } else {
        match error.downcast_ref::<Trap>() {
            Some(Trap::StackOverflow) => {
                fail(Kind::TooLarge, "P0723").with("kib", crate::limits::STACK >> 10)
            }
            Some(_) if at.starved => fail(Kind::TooLarge, "P0722").with("mib", limits.memory >> 20),
            Some(trap) => fail(Kind::Failed, "P0724").with("reason", trap),
            None if at.starved => fail(Kind::TooLarge, "P0722").with("mib", limits.memory >> 20),
            // What the guest handed over is not what its type says: no UTF-8, or outside its memory.
            None if at.made => fail(Kind::Failed, "P0724").with("reason", chain(error)),
            None => broken(error),
        }
    })
}

/// wasmtime does not make the type of this error public; its text is checked by a test of ours.
fn is_too_much_data(error: &wasmtime::Error) -> bool {
    error.chain().any(|cause| {
        cause
            .to_string()
            .contains("fuel allocated for hostcalls has been exhausted")
    })
}

/// An error with its causes in one line, without the guest's stack.
fn chain(error: &wasmtime::Error) -> String {
    let causes: Vec<_> = error
        .chain()
        .map(|cause| cause.to_string())
        .filter(|cause| !cause.starts_with("error while executing at wasm backtrace"))
        .map(|cause| cause.lines().map(str::trim).collect::<Vec<_>>().join(" "))
        .collect();
    causes.join(": ")
}
