//! What cannot be passed on to any machine.

use crate::api::Program;
use procedo_core::{Error, Kind, Result};

/// The longest program with arguments and variables. Systems take at least 128 KiB for one argument.
const LONGEST_PROGRAM: usize = 96 << 10;

/// Refuses a program that could not be started as it stands.
pub(crate) fn check(machine: &str, program: &Program) -> Result<()> {
    let refuse = |what: &str| {
        Err(Error::new(Kind::Invalid, "P1027")
            .with("machine", machine)
            .with("path", program.path.escape_debug())
            .with("what", what))
    };
    let words = std::iter::once(&program.path)
        .chain(&program.args)
        .chain(program.env.iter().map(|(_, value)| value))
        .chain(&program.folder);
    let mut length = 0;
    for word in words {
        if word.contains('\0') {
            return refuse("nul");
        }
        length += word.len();
    }
    let is_name = |name: &str| {
        let mut bytes = name.bytes();
        bytes.next().is_some_and(|b| b.is_ascii_alphabetic() || b == b'_')
            && bytes.all(|b| b.is_ascii_alphanumeric() || b == b'_')
    };
    if program.path.is_empty() || program.path.starts_with('-') {
        return refuse("path");
    }
    if !program.env.iter().all(|(name, _)| is_name(name)) {
        return refuse("variable");
    }
    if length > LONGEST_PROGRAM {
        return refuse("long");
    }
    Ok(())
}
