//! The command `procedo`, as a library: the program itself and its twin for the crash tests only call [`main`].

use std::process::ExitCode;

/// Runs the command line of this process and returns its exit code.
pub fn main() -> ExitCode {
    eprintln!("procedo: this build has no command yet");
    ExitCode::from(2)
}
